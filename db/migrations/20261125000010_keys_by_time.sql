-- no-transaction
-- Keys are found by their time when they are purged, once an hour: a summary of ranges does for that, and
-- costs an order nothing.
create index concurrently if not exists idx_idempotency_times on private.idempotency
  using brin (created_at) with (pages_per_range = 32, autosummarize = on);
drop index concurrently if exists private.idx_idempotency_created_at;
