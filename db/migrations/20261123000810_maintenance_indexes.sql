-- no-transaction
-- What maintenance looks for in tables that are large and in use: built beside the requests.

create index concurrently if not exists idx_orders_to_archive on public.orders (id)
  where archived_at is null and status in ('delivered', 'cancelled', 'refunded');
create index concurrently if not exists idx_idempotency_created_at on private.idempotency (created_at);
