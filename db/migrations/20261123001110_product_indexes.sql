-- no-transaction
-- Pages and search of the catalogue. Built beside the running shop. None holds a column that the
-- worker keeps carrying over (stock_quantity, total_sales): those updates stay cheap.

create index concurrently if not exists idx_products_words on public.products using gin (
  private.product_words(name, category, subcategory, brand) extensions.gin_trgm_ops)
  where is_active and status in ('active', 'out_of_stock');
-- What is shorter than a trigram is looked for at the beginning of the name.
create index concurrently if not exists idx_products_name
  on public.products (lower(name::text) text_pattern_ops)
  where is_active and status in ('active', 'out_of_stock');
create index concurrently if not exists idx_product_translations_name
  on public.product_translations using gin (lower(normalize(name::text)) extensions.gin_trgm_ops);
create index concurrently if not exists idx_products_category_page
  on public.products (category, created_at, id)
  where is_active and status in ('active', 'out_of_stock');
create index concurrently if not exists idx_products_page on public.products (created_at, id)
  where is_active and status in ('active', 'out_of_stock');
create index concurrently if not exists idx_products_wholesaler_page
  on public.products (wholesaler_id, created_at, id);
create index concurrently if not exists idx_products_eligible on public.products (category, name, id)
  where is_active and is_live_stream_eligible and status in ('active', 'out_of_stock');

create index concurrently if not exists idx_products_category_id on public.products (category_id);
-- What a live session shows, in its order: the pinned product first.
create index concurrently if not exists idx_live_session_products_shown
  on public.live_session_products
    (live_session_id, is_featured desc, display_order, created_at, product_id);

drop index concurrently if exists public.idx_products_wholesaler_id;
