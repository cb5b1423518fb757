-- What the processes counted, added up in Postgres: each batch of each source once.

-- name: take_sources
-- The newest number of each source that is in the tables; nobody else adds batches of these sources
-- until the transaction ends.
insert into private.metric_batches (id, live_session_id)
select s.id, $1::uuid from unnest($2::uuid[]) s (id) order by s.id
on conflict (id) do update set flushed_at = now()
returning id, last_number;

-- name: advance_sources
update private.metric_batches b set last_number = n.number
from unnest($1::uuid[], $2::bigint[]) n (id, number)
where b.id = n.id and b.last_number < n.number;

-- name: add_to_live_session
-- Adds joins, messages and reactions; raises the peak and the estimate of unique viewers when they are
-- higher.
update public.live_sessions
set total_joins = total_joins + $2::integer, peak_viewers = greatest(peak_viewers, $3::integer),
    total_messages = total_messages + $4::integer, total_reactions = total_reactions + $5::integer,
    total_unique_viewers = greatest(total_unique_viewers, $6::integer)
where id = $1::uuid;

-- name: add_to_periods
-- The same to the minute, hour and day (of India) in which it happened.
insert into public.live_session_analytics as a (
  live_session_id, period_type, period_start, period_end, viewers_joined, viewers_left,
  messages_sent, reactions_sent, products_clicked, watch_time_ms, peak_concurrent_viewers,
  average_concurrent_viewers, samples)
select l.id, t.period, date_trunc(t.period, c.minute, 'Asia/Kolkata'),
       date_trunc(t.period, c.minute, 'Asia/Kolkata') + ('1 ' || t.period)::interval,
       sum(c.joins), sum(c.leaves), sum(c.messages), sum(c.reactions), sum(c.clicked),
       sum(c.watch_ms), max(c.peak),
       coalesce(round(sum(c.viewers_sum) / nullif(sum(c.samples), 0), 2), 0), sum(c.samples)
from jsonb_to_recordset($2::jsonb) c (
  minute timestamptz, joins integer, leaves integer, messages integer, reactions integer,
  clicked integer, watch_ms bigint, peak integer, viewers_sum bigint, samples integer)
cross join unnest(array['minute', 'hour', 'day']) t (period)
join public.live_sessions l on l.id = $1::uuid
group by l.id, t.period, date_trunc(t.period, c.minute, 'Asia/Kolkata')
order by t.period, date_trunc(t.period, c.minute, 'Asia/Kolkata')
on conflict (live_session_id, period_type, period_start) do update
set viewers_joined = a.viewers_joined + excluded.viewers_joined,
    viewers_left = a.viewers_left + excluded.viewers_left,
    messages_sent = a.messages_sent + excluded.messages_sent,
    reactions_sent = a.reactions_sent + excluded.reactions_sent,
    products_clicked = a.products_clicked + excluded.products_clicked,
    watch_time_ms = a.watch_time_ms + excluded.watch_time_ms,
    peak_concurrent_viewers = greatest(a.peak_concurrent_viewers, excluded.peak_concurrent_viewers),
    average_concurrent_viewers = case when excluded.samples = 0 then a.average_concurrent_viewers
      else round((a.average_concurrent_viewers * a.samples
                  + excluded.average_concurrent_viewers * excluded.samples)
                 / (a.samples + excluded.samples), 2) end,
    samples = a.samples + excluded.samples;

-- name: add_reactions
-- Adds taps by their kind.
insert into private.live_session_reactions as r (live_session_id, kind, total)
select l.id, k.kind, k.total
from unnest($2::text[], $3::bigint[]) k (kind, total) join public.live_sessions l on l.id = $1::uuid
order by k.kind
on conflict (live_session_id, kind) do update set total = r.total + excluded.total;

-- name: add_product_minutes
-- What became of products in the minutes in which it happened; a product that was taken out of the live
-- session is left out.
insert into private.product_minutes as m (
  live_session_id, product_id, minute, shown, clicked, added_to_cart)
select s.live_session_id, s.product_id, c.minute, c.shown, c.clicked, c.added_to_cart
from jsonb_to_recordset($2::jsonb) c (
  product_id uuid, minute timestamptz, shown integer, clicked integer, added_to_cart integer)
join public.live_session_products s
  on s.live_session_id = $1::uuid and s.product_id = c.product_id
order by s.product_id, c.minute
on conflict (live_session_id, product_id, minute) do update
set shown = m.shown + excluded.shown, clicked = m.clicked + excluded.clicked,
    added_to_cart = m.added_to_cart + excluded.added_to_cart;

-- name: add_visits
-- Visits that have begun, and the same again when they are over.
insert into public.live_session_viewers as w (
  id, live_session_id, user_id, viewer_type, is_returning, joined_at, left_at, watch_duration_minutes,
  messages_sent, reactions_sent, products_clicked, orders_placed)
select v.id, $1::uuid, v.user_id, v.viewer_type, v.is_returning, v.joined_at, v.left_at,
       coalesce(round(extract(epoch from v.left_at - v.joined_at) / 60), 0),
       v.messages_sent, v.reactions_sent, v.products_clicked, v.orders_placed
from jsonb_to_recordset($2::jsonb) v (
  id uuid, user_id uuid, viewer_type text, is_returning boolean, joined_at timestamptz,
  left_at timestamptz, messages_sent integer, reactions_sent integer, products_clicked integer,
  orders_placed integer)
on conflict (id, joined_at) do update
set user_id = excluded.user_id, viewer_type = excluded.viewer_type, left_at = excluded.left_at,
    watch_duration_minutes = excluded.watch_duration_minutes,
    messages_sent = excluded.messages_sent, reactions_sent = excluded.reactions_sent,
    products_clicked = excluded.products_clicked, orders_placed = excluded.orders_placed
where w.left_at is null;

-- name: add_clicks
-- Adds clicks to products of the live session; a product that was taken out of it is left out.
update public.live_session_products s set clicks = s.clicks + c.clicks
from unnest($2::uuid[], $3::integer[]) c (product_id, clicks)
where s.live_session_id = $1::uuid and s.product_id = c.product_id;
