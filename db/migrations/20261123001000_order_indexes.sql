-- no-transaction
-- Pages of orders: the newest first, from where the last page ended. Built beside the running shop.
--
-- All lines of an order are written at one time, so (created_at, order_id) is the order of the pages
-- of wholesalers and influencers, and the lines of an order are neighbours in it. An index that is
-- only the beginning of a new one goes: each costs something at every checkout.

create index concurrently if not exists idx_order_items_wholesaler_page
  on public.order_items (wholesaler_id, created_at, order_id);
create index concurrently if not exists idx_order_items_influencer_page
  on public.order_items (influencer_id, created_at, order_id);
create index concurrently if not exists idx_orders_status_page
  on public.orders (status, created_at, id);
-- What a person reads out from a ticket; see private.queries_by_digits.
create index concurrently if not exists idx_queries_ticket_digits
  on public.queries (split_part(ticket_number, '-', 3));

drop index concurrently if exists public.idx_order_items_wholesaler_id;
drop index concurrently if exists public.idx_order_items_influencer_id;
drop index concurrently if exists public.idx_orders_status;
drop index concurrently if exists public.idx_queries_status;
