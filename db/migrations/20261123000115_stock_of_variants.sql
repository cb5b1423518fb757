-- That each stock is that of a variant, looked at beside the checkouts.

alter table public.product_stock validate constraint product_stock_variant;
