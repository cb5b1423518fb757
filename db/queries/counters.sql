-- What Redis counted, added up in Postgres exactly once per batch.

-- name: claim_batch
-- Takes the batch for this transaction; no row when it was counted before.
insert into private.metric_batches (id, live_session_id) values ($1::uuid, $2::uuid)
on conflict (id) do nothing
returning id;

-- name: add_to_live_session
-- Adds joins, and raises the peak when it is higher.
update public.live_sessions
set total_joins = total_joins + $2::integer, peak_viewers = greatest(peak_viewers, $3::integer)
where id = $1::uuid;

-- name: add_clicks
-- Adds clicks to products of the live session; a product that was taken out of it is left out.
update public.live_session_products s set clicks = s.clicks + c.clicks
from unnest($2::uuid[], $3::integer[]) c (product_id, clicks)
where s.live_session_id = $1::uuid and s.product_id = c.product_id;

-- name: prune_batches
delete from private.metric_batches where id in (
  select id from private.metric_batches where flushed_at < $1::timestamptz
  limit $2::integer for update skip locked);
