-- no-transaction
-- The lists of payouts, and what was delivered and is not paid.
create index concurrently if not exists payouts_status on private.payouts (status, created_at, id);
create index concurrently if not exists payouts_batch_id on private.payouts (batch_id, created_at, id);
create index concurrently if not exists ledger_lines_unpaid on private.ledger_lines (order_id)
  where payment_id is null;
drop index concurrently if exists private.payouts_open;
