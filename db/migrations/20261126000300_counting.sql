-- Counting: each process's counts are taken once by their number, and kept by the minute in which
-- they happened; how long was watched; what became of each product.

-- live_session_analytics has a row per minute of a live session: a column with a constant is added in
-- milliseconds.
-- squawk-ignore-file adding-field-with-default

alter table private.metric_batches add column last_number bigint not null default 0;
comment on table private.metric_batches is
  'who counted what of a live session: a process''s batches are numbered, and each is added once';
comment on column private.metric_batches.last_number is
  'of the newest batch of this source that is in the tables';

alter table public.live_session_analytics add column watch_time_ms bigint not null default 0;
comment on column public.live_session_analytics.watch_time_ms is
  'how long all viewers together watched in this period';

create table private.product_minutes (
  live_session_id uuid not null references public.live_sessions on delete cascade,
  product_id uuid not null,
  minute timestamptz not null,
  shown integer not null default 0,
  clicked integer not null default 0,
  added_to_cart integer not null default 0,
  primary key (live_session_id, product_id, minute)
);
comment on table private.product_minutes is
  'the way to an order, by product and minute: pinned before eyes, tapped, put into a cart';
comment on column private.product_minutes.shown is
  'visits that had the product pinned before them: those there when it was pinned, and who came then';
alter table private.product_minutes enable row level security;
revoke all on private.product_minutes from public, anon, authenticated, service_role;
grant select, insert, update, delete on private.product_minutes to service_role;
create policy service on private.product_minutes for all to service_role
  using (true) with check (true);

-- Orders of a live session by minute, hour and day, its visits and how long was watched. What Redis
-- counts (viewers, messages, clicks, time) is added to the same rows as it is flushed. Visits that are
-- not over have no duration yet, so the time is that of the periods where it was counted; and where it
-- was, so were the people who are not signed in, by an estimate that knows who came twice.
create or replace function private.refresh_live_session_periods(p_live_session_id uuid) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  -- A period whose last order was cancelled has none.
  update public.live_session_analytics a set orders_placed = 0, revenue_generated = 0
  where a.live_session_id = p_live_session_id and a.orders_placed > 0
    and not exists (
      select from public.order_items i
      join public.orders o on o.id = i.order_id and o.status <> 'cancelled'
      where i.live_session_id = p_live_session_id
        and o.created_at >= a.period_start and o.created_at < a.period_end);
  insert into public.live_session_analytics as a (
    live_session_id, period_type, period_start, period_end, orders_placed, revenue_generated)
  select p_live_session_id, t.period, date_trunc(t.period, o.created_at, 'Asia/Kolkata'),
         date_trunc(t.period, o.created_at, 'Asia/Kolkata') + ('1 ' || t.period)::interval,
         count(distinct o.id), sum(i.total_price)
  from public.order_items i
  join public.orders o on o.id = i.order_id and o.status <> 'cancelled'
  cross join unnest(array['minute', 'hour', 'day']) t (period)
  where i.live_session_id = p_live_session_id
  group by t.period, date_trunc(t.period, o.created_at, 'Asia/Kolkata')
  on conflict (live_session_id, period_type, period_start) do update
  set orders_placed = excluded.orders_placed, revenue_generated = excluded.revenue_generated
  where (a.orders_placed, a.revenue_generated)
        is distinct from (excluded.orders_placed, excluded.revenue_generated);
  update public.live_sessions l
  set total_unique_viewers = f.people, total_watch_time_minutes = f.minutes,
      average_watch_time_minutes = f.average
  from (
    select greatest(
             s.total_unique_viewers, v.known,
             case when w.minutes is null then v.known + v.strangers end)::integer as people,
           coalesce(w.minutes, v.minutes)::integer as minutes,
           coalesce(round(coalesce(w.minutes, v.minutes) / nullif(v.visits, 0), 2), 0) as average
    from (select count(distinct v.user_id) as known,
                 count(*) filter (where v.user_id is null and not v.is_returning) as strangers,
                 count(*) as visits, coalesce(sum(v.watch_duration_minutes), 0)::numeric as minutes
          from public.live_session_viewers v where v.live_session_id = p_live_session_id) v,
         (select nullif(sum(a.watch_time_ms), 0)::numeric / 60000 as minutes
          from public.live_session_analytics a
          where a.live_session_id = p_live_session_id and a.period_type = 'day') w,
         (select l.total_unique_viewers from public.live_sessions l
          where l.id = p_live_session_id) s) f
  where l.id = p_live_session_id
    and (l.total_unique_viewers, l.total_watch_time_minutes, l.average_watch_time_minutes)
        is distinct from (f.people, f.minutes, f.average);
end $$;

-- ---------------------------------------------------------------------------------------------
-- What the influencer is shown

-- The figures of a live session, for its influencer and for admins; NULL for others.
create function private.live_session_figures_for_v1(p_live_session_id uuid, p_minutes integer)
returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_live public.live_sessions;
begin
  select l.* into v_live from public.live_sessions l
  where l.id = p_live_session_id
    and (l.influencer_id = (select private.my_influencer_id()) or (select private.is_admin()));
  if not found then
    return null;
  end if;
  return jsonb_build_object(
    'joins', v_live.total_joins,
    'peak_viewers', v_live.peak_viewers,
    'unique_viewers', v_live.total_unique_viewers,
    'unique_customers', (
      select count(distinct v.user_id) from public.live_session_viewers v
      where v.live_session_id = p_live_session_id and v.viewer_type = 'customer'),
    'watch_time_ms', (
      select coalesce(sum(a.watch_time_ms), 0)::bigint from public.live_session_analytics a
      where a.live_session_id = p_live_session_id and a.period_type = 'day'),
    'messages', v_live.total_messages,
    'reactions', v_live.total_reactions,
    'products', (
      select coalesce(jsonb_agg(jsonb_build_object(
               'product_id', s.product_id, 'name', p.name,
               'translations', private.product_texts_v1(s.product_id),
               'shown', coalesce(m.shown, 0), 'clicked', s.clicks,
               'added_to_cart', coalesce(m.added_to_cart, 0), 'ordered', coalesce(o.orders, 0))
               order by s.display_order, s.created_at, s.product_id), '[]')
      from public.live_session_products s
      join public.products p on p.id = s.product_id
      left join (
        select m.product_id, sum(m.shown)::integer as shown,
               sum(m.added_to_cart)::integer as added_to_cart
        from private.product_minutes m where m.live_session_id = p_live_session_id
        group by m.product_id) m on m.product_id = s.product_id
      left join (
        select i.product_id, count(distinct i.order_id)::integer as orders
        from public.order_items i join public.orders o on o.id = i.order_id
        where i.live_session_id = p_live_session_id and o.status <> 'cancelled'
        group by i.product_id) o on o.product_id = s.product_id
      where s.live_session_id = p_live_session_id),
    'minutes', (
      select coalesce(jsonb_agg(jsonb_build_object(
               'at_ms', (extract(epoch from a.period_start) * 1000)::bigint,
               'joins', a.viewers_joined, 'peak_viewers', a.peak_concurrent_viewers,
               'average_viewers', a.average_concurrent_viewers, 'watch_time_ms', a.watch_time_ms,
               'messages', a.messages_sent, 'reactions', a.reactions_sent,
               'clicks', a.products_clicked) order by a.period_start), '[]')
      from (
        select * from public.live_session_analytics a
        where a.live_session_id = p_live_session_id and a.period_type = 'minute'
        order by a.period_start desc limit p_minutes) a));
end $$;

-- The way to an order of one product, by the minute, oldest first; no row for whom it is not for.
create function private.product_minutes_for_v1(
  p_live_session_id uuid, p_product_id uuid, p_minutes integer)
returns table (at_ms bigint, shown integer, clicked integer, added_to_cart integer, ordered integer)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  if not exists (
    select from public.live_sessions l
    where l.id = p_live_session_id
      and (l.influencer_id = (select private.my_influencer_id()) or (select private.is_admin()))) then
    return;
  end if;
  return query
  select newest.* from (
    select (extract(epoch from f.minute) * 1000)::bigint as at, sum(f.shown)::integer,
           sum(f.clicked)::integer, sum(f.added_to_cart)::integer, sum(f.ordered)::integer
  from (
    select m.minute, m.shown, m.clicked, m.added_to_cart, 0 as ordered
    from private.product_minutes m
    where m.live_session_id = p_live_session_id and m.product_id = p_product_id
    union all
    select date_trunc('minute', o.created_at), 0, 0, 0, 1
    from public.order_items i join public.orders o on o.id = i.order_id
    where i.live_session_id = p_live_session_id and i.product_id = p_product_id
      and o.status <> 'cancelled'
    group by o.id) f
    group by f.minute order by f.minute desc limit p_minutes) newest
  order by newest.at;
end $$;

create function app.live_session_figures_v1(
  claims text, p_live_session_id uuid, p_minutes integer) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return private.live_session_figures_for_v1(p_live_session_id, p_minutes);
end $$;

create function app.product_minutes_v1(
  claims text, p_live_session_id uuid, p_product_id uuid, p_minutes integer)
returns table (at_ms bigint, shown integer, clicked integer, added_to_cart integer, ordered integer)
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return query
    select * from private.product_minutes_for_v1(p_live_session_id, p_product_id, p_minutes);
end $$;

-- Each of these asks itself who calls.
revoke execute on function
  private.live_session_figures_for_v1(uuid, integer),
  private.product_minutes_for_v1(uuid, uuid, integer)
  from public, anon, authenticated;
grant execute on function
  private.live_session_figures_for_v1(uuid, integer),
  private.product_minutes_for_v1(uuid, uuid, integer)
  to authenticated, service_role;
revoke execute on function
  app.live_session_figures_v1(text, uuid, integer),
  app.product_minutes_v1(text, uuid, uuid, integer)
  from public, anon, authenticated, service_role;
grant execute on function
  app.live_session_figures_v1(text, uuid, integer),
  app.product_minutes_v1(text, uuid, uuid, integer)
  to livecommerce_api;
