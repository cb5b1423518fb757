-- no-transaction
-- Orders whose time to pay runs out: few of many, and only while they are pending.
create index concurrently if not exists idx_orders_pay_until on public.orders (pay_until)
  where pay_until is not null and status = 'pending';
create index concurrently if not exists idx_refunds_status on public.refunds (status, created_at, id);
