-- no-transaction
-- For the foreign key of product_stock, built beside the checkouts.

create unique index concurrently if not exists product_variants_of_product
  on public.product_variants (id, product_id);
