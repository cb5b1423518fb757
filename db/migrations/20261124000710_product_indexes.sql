-- no-transaction
-- Search, sorting and filters of the shop. Built beside the running shop; none holds a column that the
-- worker keeps carrying over.

create index concurrently if not exists idx_products_document on public.products using gin (
  private.product_document(name, short_description, description, category, subcategory, brand, tags,
                           keywords))
  where is_active and status in ('active', 'out_of_stock');
create index concurrently if not exists idx_products_price_page
  on public.products (coalesce(sale_price_minor, retail_price_minor), id)
  where is_active and status in ('active', 'out_of_stock');
create index concurrently if not exists idx_products_category_price_page
  on public.products (category, coalesce(sale_price_minor, retail_price_minor), id)
  where is_active and status in ('active', 'out_of_stock');
create index concurrently if not exists idx_products_rating_page
  on public.products (coalesce(average_rating, 0), id)
  where is_active and status in ('active', 'out_of_stock');
create index concurrently if not exists idx_products_category_rating_page
  on public.products (category, coalesce(average_rating, 0), id)
  where is_active and status in ('active', 'out_of_stock');
create index concurrently if not exists idx_products_brand_page
  on public.products (brand, created_at, id)
  where is_active and status in ('active', 'out_of_stock');

-- The desk of who moderates: all reviews, newest first, and those that are hidden.
create index concurrently if not exists idx_reviews_page on public.reviews (created_at, id);
create index concurrently if not exists idx_reviews_hidden_page on public.reviews (created_at, id)
  where status = 'hidden';

-- The moves of a variant, newest first; in place of the index that had no order.
create index concurrently if not exists stock_moves_of_variant on private.stock_moves (variant_id, id);
drop index concurrently if exists private.stock_moves_variant_id;
