-- What Redis counted, added up in Postgres exactly once per batch.

-- name: claim_batch
-- Takes the batch for this transaction; no row when it was counted before.
insert into private.metric_batches (id, live_session_id) values ($1::uuid, $2::uuid)
on conflict (id) do nothing
returning id;

-- name: add_to_live_session
-- Adds joins, messages and reactions, and raises the peak when it is higher.
update public.live_sessions
set total_joins = total_joins + $2::integer, peak_viewers = greatest(peak_viewers, $3::integer),
    total_messages = total_messages + $4::integer, total_reactions = total_reactions + $5::integer
where id = $1::uuid;

-- name: add_to_periods
-- The same to the minute, hour and day (of India) that it is. $3 is a count of viewers, null without.
insert into public.live_session_analytics as a (
  live_session_id, period_type, period_start, period_end, viewers_joined, viewers_left,
  peak_concurrent_viewers, average_concurrent_viewers, samples, messages_sent, reactions_sent,
  products_clicked)
select l.id, t.period, date_trunc(t.period, $8::timestamptz, 'Asia/Kolkata'),
       date_trunc(t.period, $8::timestamptz, 'Asia/Kolkata') + ('1 ' || t.period)::interval,
       $2::integer, $4::integer, coalesce($3::integer, 0), coalesce($3::integer, 0),
       ($3::integer is not null)::integer, $5::integer, $6::integer, $7::integer
from unnest(array['minute', 'hour', 'day']) t (period)
join public.live_sessions l on l.id = $1::uuid
on conflict (live_session_id, period_type, period_start) do update
set viewers_joined = a.viewers_joined + excluded.viewers_joined,
    viewers_left = a.viewers_left + excluded.viewers_left,
    peak_concurrent_viewers = greatest(a.peak_concurrent_viewers, excluded.peak_concurrent_viewers),
    average_concurrent_viewers = case when excluded.samples = 0 then a.average_concurrent_viewers
      else round((a.average_concurrent_viewers * a.samples + excluded.average_concurrent_viewers)
                 / (a.samples + 1), 2) end,
    samples = a.samples + excluded.samples,
    messages_sent = a.messages_sent + excluded.messages_sent,
    reactions_sent = a.reactions_sent + excluded.reactions_sent,
    products_clicked = a.products_clicked + excluded.products_clicked;

-- name: add_visits
-- Visits that are over.
insert into public.live_session_viewers (
  id, live_session_id, user_id, viewer_type, is_returning, joined_at, left_at, watch_duration_minutes,
  messages_sent, reactions_sent, products_clicked, orders_placed)
select v.id, $1::uuid, v.user_id, v.viewer_type, v.is_returning, v.joined_at, v.left_at,
       round(extract(epoch from v.left_at - v.joined_at) / 60),
       v.messages_sent, v.reactions_sent, v.products_clicked, v.orders_placed
from jsonb_to_recordset($2::jsonb) v (
  id uuid, user_id uuid, viewer_type text, is_returning boolean, joined_at timestamptz,
  left_at timestamptz, messages_sent integer, reactions_sent integer, products_clicked integer,
  orders_placed integer)
on conflict do nothing;

-- name: add_chat
-- What was said. A message that was sent again after its answer was lost is one message.
insert into public.live_session_chat (
  id, live_session_id, user_id, username, message, is_influencer, sent_at)
select c.id, $1::uuid, c.user_id, c.username, c.message, c.is_influencer, c.sent_at
from jsonb_to_recordset($2::jsonb) c (
  id uuid, user_id uuid, username text, message text, is_influencer boolean, sent_at timestamptz)
where not exists (
  select from public.live_session_chat h where h.id = c.id and h.live_session_id = $1::uuid);

-- name: delete_chat
update public.live_session_chat h
set is_deleted = true, deleted_by = d.deleted_by, deleted_at = d.deleted_at
from jsonb_to_recordset($2::jsonb) d (id uuid, deleted_by uuid, deleted_at timestamptz)
where h.id = d.id and h.live_session_id = $1::uuid and not h.is_deleted;

-- name: add_clicks
-- Adds clicks to products of the live session; a product that was taken out of it is left out.
update public.live_session_products s set clicks = s.clicks + c.clicks
from unnest($2::uuid[], $3::integer[]) c (product_id, clicks)
where s.live_session_id = $1::uuid and s.product_id = c.product_id;
