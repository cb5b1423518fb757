-- Maintenance: what the worker does by the clock, and `livecommerce maintain` on demand.
--
-- Every function here does one batch in one transaction, in the same way:
--
--   (p_now, p_after, p_limit, ...) -> (done, walked_to)
--
-- p_after: where the batch before stopped, NULL at the beginning. done: how many it changed.
-- walked_to: where this one stopped, NULL when nothing is left to look at. Because the walk goes on by
-- key and not by what is still undone, a batch can be rolled back and the walk still comes to its end:
-- that is a dry run. Killed between two batches it loses nothing: the next run does what is left.
-- Several may run at once: rows that another one is at are passed over.
--
-- Days and months are the shop's: Asia/Kolkata.

-- ---------------------------------------------------------------------------------------------
-- Reports

create table public.report_sales_daily (
  day date primary key,
  orders integer not null,
  cancelled_orders integer not null,
  customers integer not null,
  pieces integer not null,
  gross_amount numeric(14, 2) not null,
  live_amount numeric(14, 2) not null,
  shipping_amount numeric(14, 2) not null,
  cancelled_amount numeric(14, 2) not null,
  refunded_amount numeric(14, 2) not null,
  net_amount numeric(14, 2) generated always as
    (gross_amount - cancelled_amount - refunded_amount) stored,
  computed_at timestamptz not null
);
comment on table public.report_sales_daily is
  'orders by the day they were placed on (India); what was cancelled or refunded later counts there too';
comment on column public.report_sales_daily.gross_amount is 'what the orders came to, shipping included';
comment on column public.report_sales_daily.live_amount is 'of the goods: sold in a live session';
comment on column public.report_sales_daily.refunded_amount is
  'money given back for orders that were not cancelled';

create table public.report_wholesaler_monthly (
  month date check (extract(day from month) = 1),
  wholesaler_id uuid not null references public.wholesalers on delete restrict,
  orders integer not null,
  pieces integer not null,
  gross_amount numeric(14, 2) not null,
  cancelled_amount numeric(14, 2) not null,
  refunded_amount numeric(14, 2) not null,
  net_amount numeric(14, 2) generated always as
    (gross_amount - cancelled_amount - refunded_amount) stored,
  commission_amount numeric(14, 2) not null,
  computed_at timestamptz not null,
  primary key (wholesaler_id, month)
);
create index idx_report_wholesaler_monthly_month on public.report_wholesaler_monthly (month);
comment on table public.report_wholesaler_monthly is
  'the lines of each wholesaler by the month they were sold in (India)';
comment on column public.report_wholesaler_monthly.refunded_amount is
  'lines of refunded orders, and pieces that came back; what was given back without a return is not the wholesaler''s';
comment on column public.report_wholesaler_monthly.commission_amount is
  'what the platform keeps of the net amount';

create table public.report_influencer_monthly (
  month date check (extract(day from month) = 1),
  influencer_id uuid not null references public.influencers on delete restrict,
  live_sessions integer not null,
  live_minutes integer not null,
  viewers integer not null,
  new_followers integer not null,
  orders integer not null,
  gross_amount numeric(14, 2) not null,
  cancelled_amount numeric(14, 2) not null,
  refunded_amount numeric(14, 2) not null,
  net_amount numeric(14, 2) generated always as
    (gross_amount - cancelled_amount - refunded_amount) stored,
  earned_amount numeric(14, 2) not null,
  computed_at timestamptz not null,
  primary key (influencer_id, month)
);
create index idx_report_influencer_monthly_month on public.report_influencer_monthly (month);
comment on table public.report_influencer_monthly is
  'live sessions, the sales they led to and what was earned, by month (India)';
comment on column public.report_influencer_monthly.viewers is 'joins, all live sessions together';
comment on column public.report_influencer_monthly.earned_amount is
  'of the rows of influencer_earnings of the month, clawbacks taken off';

create table public.report_live_sessions (
  live_session_id uuid primary key references public.live_sessions on delete cascade,
  influencer_id uuid not null references public.influencers on delete restrict,
  day date not null,
  title varchar(255) not null,
  minutes integer not null,
  joins integer not null,
  peak_viewers integer not null,
  unique_viewers integer not null,
  messages integer not null,
  reactions integer not null,
  clicks integer not null,
  orders integer not null,
  gross_amount numeric(14, 2) not null,
  cancelled_amount numeric(14, 2) not null,
  refunded_amount numeric(14, 2) not null,
  net_amount numeric(14, 2) generated always as
    (gross_amount - cancelled_amount - refunded_amount) stored,
  computed_at timestamptz not null
);
create index idx_report_live_sessions_influencer_id on public.report_live_sessions (influencer_id, day);
create index idx_report_live_sessions_day on public.report_live_sessions (day);
comment on table public.report_live_sessions is 'how each live session did that has ended, by its day (India)';

create table public.report_support_monthly (
  month date check (extract(day from month) = 1),
  category varchar(50) not null,
  opened integer not null,
  acknowledged integer not null,
  acknowledged_in_time integer not null,
  escalated integer not null,
  resolved integer not null,
  resolved_in_time integer not null,
  first_response_hours_median numeric(10, 1),
  first_response_hours_p90 numeric(10, 1),
  resolution_hours_median numeric(10, 1),
  resolution_hours_p90 numeric(10, 1),
  computed_at timestamptz not null,
  primary key (month, category)
);
comment on table public.report_support_monthly is
  'queries by the month they were opened in (India) and category, and how long answers took';

create table public.report_abandoned_carts_daily (
  day date primary key,
  carts integer not null,
  lines integer not null,
  amount numeric(14, 2) not null,
  computed_at timestamptz not null
);
comment on table public.report_abandoned_carts_daily is
  'cart lines that nobody touched for long, by the day they were cleared away on (India)';

do $$
declare
  t text;
  who text;
begin
  foreach t in array array['report_sales_daily', 'report_wholesaler_monthly', 'report_influencer_monthly',
                           'report_live_sessions', 'report_support_monthly',
                           'report_abandoned_carts_daily'] loop
    who := case t when 'report_wholesaler_monthly'
                  then ' or wholesaler_id = (select private.my_wholesaler_id())'
                  when 'report_influencer_monthly'
                  then ' or influencer_id = (select private.my_influencer_id())'
                  when 'report_live_sessions'
                  then ' or influencer_id = (select private.my_influencer_id())'
                  else '' end;
    execute format('alter table public.%I enable row level security', t);
    execute format('revoke all on public.%I from public, anon, authenticated', t);
    execute format('grant select on public.%I to authenticated', t);
    execute format('grant select, insert, update, delete on public.%I to service_role', t);
    execute format('create policy read on public.%I for select to authenticated '
                   'using ((select private.is_admin())%s)', t, who);
    execute format('create policy service on public.%I for all to service_role '
                   'using (true) with check (true)', t);
  end loop;
end $$;

-- The month that a report does next: after `p_after`; at the beginning the oldest that may still
-- change, or where an interrupted first run stopped. NULL when there is nothing to report.
-- p_first: the day of the first fact; p_last: the newest month that is reported.
create function private.report_month(
  p_now timestamptz, p_after text, p_final_months integer, p_first date, p_last date)
returns date
language sql immutable set search_path = '' as $$
  select date_trunc('month', case
    when p_after is not null then p_after::date + interval '1 month'
    else greatest(p_first, least(coalesce(p_last, p_first),
                                 (p_now at time zone 'Asia/Kolkata')::date
                                 - make_interval(months => p_final_months))) end)::date
$$;

create function private.india_midnight(p_day date) returns timestamptz
language sql immutable set search_path = '' as $$
  select p_day::timestamp at time zone 'Asia/Kolkata'
$$;

create function private.india_day(p_at timestamptz) returns date
language sql immutable set search_path = '' as $$
  select (p_at at time zone 'Asia/Kolkata')::date
$$;

-- Lines with what became of them: `cancelled` and `refunded` are parts of `gross`.
create function private.sold_lines(p_from timestamptz, p_to timestamptz)
returns table (
  order_id uuid, wholesaler_id uuid, influencer_id uuid, live_session_id uuid, pieces integer,
  gross numeric, cancelled numeric, refunded numeric, commission numeric)
language sql stable set search_path = '' as $$
  select i.order_id, i.wholesaler_id, i.influencer_id, i.live_session_id, i.quantity, i.total_price,
         case when o.status = 'cancelled' then i.total_price else 0 end,
         case when o.status = 'cancelled' then 0
              when o.status = 'refunded' then i.total_price
              else coalesce(b.pieces, 0) * i.unit_price end,
         coalesce(i.wholesaler_commission, 0)
           * case when o.status in ('cancelled', 'refunded') then 0
                  else 1 - coalesce(b.pieces, 0)::numeric / i.quantity end
  from public.orders o
  join public.order_items i on i.order_id = o.id
  left join (
    select t.order_item_id, sum(t.quantity_received)::integer as pieces
    from public.return_items t join public.returns r on r.id = t.return_id
    where r.status in ('received', 'refunded')
    group by t.order_item_id) b on b.order_item_id = i.id
  where o.created_at >= p_from and o.created_at < p_to
$$;

create function private.report_sales_v1(
  p_now timestamptz, p_after text, p_limit integer, p_final_months integer)
returns table (done integer, walked_to text)
language plpgsql volatile set search_path = '' as $$
declare
  v_month date := private.report_month(
    p_now, p_after, p_final_months,
    (select private.india_day(min(o.created_at)) from public.orders o),
    (select max(r.day) from public.report_sales_daily r));
  v_next date := (v_month + interval '1 month')::date;
begin
  if v_month is null or v_month > private.india_day(p_now) then
    return query select 0, null::text;
    return;
  end if;
  with placed as (
    select o.id, private.india_day(o.created_at) as day, o.customer_id, o.status, o.total_amount,
           coalesce(o.shipping_cost, 0) as shipping
    from public.orders o
    where o.created_at >= private.india_midnight(v_month)
      and o.created_at < private.india_midnight(v_next)),
  lines as (
    select i.order_id, sum(i.quantity) as pieces,
           sum(i.total_price) filter (where i.live_session_id is not null) as live
    from public.order_items i join placed p on p.id = i.order_id group by i.order_id),
  given_back as (
    select r.order_id, sum(r.amount) as amount
    from public.refunds r join placed p on p.id = r.order_id
    where r.status = 'succeeded' and p.status <> 'cancelled' group by r.order_id)
  insert into public.report_sales_daily as r (
    day, orders, cancelled_orders, customers, pieces, gross_amount, live_amount, shipping_amount,
    cancelled_amount, refunded_amount, computed_at)
  select p.day, count(*), count(*) filter (where p.status = 'cancelled'),
         count(distinct p.customer_id), coalesce(sum(l.pieces), 0), sum(p.total_amount),
         coalesce(sum(l.live), 0), sum(p.shipping),
         coalesce(sum(p.total_amount) filter (where p.status = 'cancelled'), 0),
         coalesce(sum(g.amount), 0), p_now
  from placed p
  left join lines l on l.order_id = p.id
  left join given_back g on g.order_id = p.id
  group by p.day
  on conflict (day) do update
  set orders = excluded.orders, cancelled_orders = excluded.cancelled_orders,
      customers = excluded.customers, pieces = excluded.pieces, gross_amount = excluded.gross_amount,
      live_amount = excluded.live_amount, shipping_amount = excluded.shipping_amount,
      cancelled_amount = excluded.cancelled_amount, refunded_amount = excluded.refunded_amount,
      computed_at = excluded.computed_at
  where (r.orders, r.cancelled_orders, r.customers, r.pieces, r.gross_amount, r.live_amount,
         r.shipping_amount, r.cancelled_amount, r.refunded_amount)
        is distinct from
        (excluded.orders, excluded.cancelled_orders, excluded.customers, excluded.pieces,
         excluded.gross_amount, excluded.live_amount, excluded.shipping_amount,
         excluded.cancelled_amount, excluded.refunded_amount);
  get diagnostics done = row_count;
  walked_to := v_month::text;
  return next;
end $$;

create function private.report_wholesalers_v1(
  p_now timestamptz, p_after text, p_limit integer, p_final_months integer)
returns table (done integer, walked_to text)
language plpgsql volatile set search_path = '' as $$
declare
  v_month date := private.report_month(
    p_now, p_after, p_final_months,
    (select private.india_day(min(o.created_at)) from public.orders o),
    (select max(r.month) from public.report_wholesaler_monthly r));
  v_next date := (v_month + interval '1 month')::date;
begin
  if v_month is null or v_month > private.india_day(p_now) then
    return query select 0, null::text;
    return;
  end if;
  insert into public.report_wholesaler_monthly as r (
    month, wholesaler_id, orders, pieces, gross_amount, cancelled_amount, refunded_amount,
    commission_amount, computed_at)
  select v_month, s.wholesaler_id, count(distinct s.order_id), sum(s.pieces), sum(s.gross),
         sum(s.cancelled), sum(s.refunded), round(sum(s.commission), 2), p_now
  from private.sold_lines(private.india_midnight(v_month), private.india_midnight(v_next)) s
  where s.wholesaler_id is not null
  group by s.wholesaler_id
  on conflict (wholesaler_id, month) do update
  set orders = excluded.orders, pieces = excluded.pieces, gross_amount = excluded.gross_amount,
      cancelled_amount = excluded.cancelled_amount, refunded_amount = excluded.refunded_amount,
      commission_amount = excluded.commission_amount, computed_at = excluded.computed_at
  where (r.orders, r.pieces, r.gross_amount, r.cancelled_amount, r.refunded_amount, r.commission_amount)
        is distinct from
        (excluded.orders, excluded.pieces, excluded.gross_amount, excluded.cancelled_amount,
         excluded.refunded_amount, excluded.commission_amount);
  get diagnostics done = row_count;
  walked_to := v_month::text;
  return next;
end $$;

create function private.report_influencers_v1(
  p_now timestamptz, p_after text, p_limit integer, p_final_months integer)
returns table (done integer, walked_to text)
language plpgsql volatile set search_path = '' as $$
declare
  v_month date := private.report_month(
    p_now, p_after, p_final_months,
    private.india_day(least((select min(l.actual_start_time) from public.live_sessions l),
                            (select min(o.created_at) from public.orders o))),
    (select max(r.month) from public.report_influencer_monthly r));
  v_begin timestamptz := private.india_midnight(v_month);
  v_end timestamptz := private.india_midnight((v_month + interval '1 month')::date);
begin
  if v_month is null or v_month > private.india_day(p_now) then
    return query select 0, null::text;
    return;
  end if;
  with facts as (
    select l.influencer_id, count(*) as sessions, sum(coalesce(l.duration_minutes, 0)) as minutes,
           sum(l.total_joins) as viewers, 0 as followers, null::uuid as order_id, 0.0 as gross,
           0.0 as cancelled, 0.0 as refunded, 0.0 as earned
    from public.live_sessions l
    where l.status = 'ended' and l.actual_start_time >= v_begin and l.actual_start_time < v_end
    group by l.influencer_id
    union all
    select f.influencer_id, 0, 0, 0, count(*), null, 0, 0, 0, 0
    from public.follows f where f.followed_at >= v_begin and f.followed_at < v_end
    group by f.influencer_id
    union all
    select s.influencer_id, 0, 0, 0, 0, s.order_id, s.gross, s.cancelled, s.refunded, 0
    from private.sold_lines(v_begin, v_end) s where s.influencer_id is not null
    union all
    select e.influencer_id, 0, 0, 0, 0, null, 0, 0, 0, sum(e.amount)
    from public.influencer_earnings e where e.earned_at >= v_begin and e.earned_at < v_end
    group by e.influencer_id)
  insert into public.report_influencer_monthly as r (
    month, influencer_id, live_sessions, live_minutes, viewers, new_followers, orders, gross_amount,
    cancelled_amount, refunded_amount, earned_amount, computed_at)
  select v_month, f.influencer_id, sum(f.sessions), sum(f.minutes), sum(f.viewers), sum(f.followers),
         count(distinct f.order_id), sum(f.gross), sum(f.cancelled), sum(f.refunded), sum(f.earned),
         p_now
  from facts f group by f.influencer_id
  on conflict (influencer_id, month) do update
  set live_sessions = excluded.live_sessions, live_minutes = excluded.live_minutes,
      viewers = excluded.viewers, new_followers = excluded.new_followers, orders = excluded.orders,
      gross_amount = excluded.gross_amount, cancelled_amount = excluded.cancelled_amount,
      refunded_amount = excluded.refunded_amount, earned_amount = excluded.earned_amount,
      computed_at = excluded.computed_at
  where (r.live_sessions, r.live_minutes, r.viewers, r.new_followers, r.orders, r.gross_amount,
         r.cancelled_amount, r.refunded_amount, r.earned_amount)
        is distinct from
        (excluded.live_sessions, excluded.live_minutes, excluded.viewers, excluded.new_followers,
         excluded.orders, excluded.gross_amount, excluded.cancelled_amount, excluded.refunded_amount,
         excluded.earned_amount);
  get diagnostics done = row_count;
  walked_to := v_month::text;
  return next;
end $$;

-- Live sessions that have ended, until they are archived; how one did then is final.
create function private.report_live_sessions_v1(p_now timestamptz, p_after text, p_limit integer)
returns table (done integer, walked_to text)
language plpgsql volatile set search_path = '' as $$
begin
  with ended as (
    select l.* from public.live_sessions l
    where l.status = 'ended' and l.id > coalesce(p_after::uuid, '00000000-0000-0000-0000-000000000000')
      and (l.archived_at is null
           or not exists (select from public.report_live_sessions r where r.live_session_id = l.id))
    order by l.id limit p_limit),
  written as (
    insert into public.report_live_sessions as r (
      live_session_id, influencer_id, day, title, minutes, joins, peak_viewers, unique_viewers, messages,
      reactions, clicks, orders, gross_amount, cancelled_amount, refunded_amount, computed_at)
    select e.id, e.influencer_id, private.india_day(coalesce(e.actual_start_time, e.created_at)), e.title,
           coalesce(e.duration_minutes, 0), e.total_joins, e.peak_viewers, e.total_unique_viewers,
           e.total_messages, e.total_reactions, e.total_clicks, s.orders, s.gross, s.cancelled,
           s.refunded, p_now
    from ended e
    cross join lateral (
      select count(distinct i.order_id)::integer as orders, coalesce(sum(i.total_price), 0) as gross,
             coalesce(sum(i.total_price) filter (where o.status = 'cancelled'), 0) as cancelled,
             coalesce(sum(case when o.status = 'refunded' then i.total_price
                               when o.status <> 'cancelled' then coalesce(b.pieces, 0) * i.unit_price
                          end), 0) as refunded
      from public.order_items i
      join public.orders o on o.id = i.order_id
      left join lateral (
        select sum(t.quantity_received)::integer as pieces
        from public.return_items t join public.returns r on r.id = t.return_id
        where t.order_item_id = i.id and r.status in ('received', 'refunded')) b on true
      where i.live_session_id = e.id) s
    on conflict (live_session_id) do update
    set title = excluded.title, minutes = excluded.minutes, joins = excluded.joins,
        peak_viewers = excluded.peak_viewers, unique_viewers = excluded.unique_viewers,
        messages = excluded.messages, reactions = excluded.reactions, clicks = excluded.clicks,
        orders = excluded.orders, gross_amount = excluded.gross_amount,
        cancelled_amount = excluded.cancelled_amount, refunded_amount = excluded.refunded_amount,
        computed_at = excluded.computed_at
    where (r.title, r.minutes, r.joins, r.peak_viewers, r.unique_viewers, r.messages, r.reactions,
           r.clicks, r.orders, r.gross_amount, r.cancelled_amount, r.refunded_amount)
          is distinct from
          (excluded.title, excluded.minutes, excluded.joins, excluded.peak_viewers,
           excluded.unique_viewers, excluded.messages, excluded.reactions, excluded.clicks,
           excluded.orders, excluded.gross_amount, excluded.cancelled_amount, excluded.refunded_amount)
    returning 1)
  select (select count(*) from written)::integer, (select e.id::text from ended e order by e.id desc limit 1)
  into done, walked_to;
  return next;
end $$;

create function private.report_support_v1(
  p_now timestamptz, p_after text, p_limit integer, p_final_months integer)
returns table (done integer, walked_to text)
language plpgsql volatile set search_path = '' as $$
declare
  v_month date := private.report_month(
    p_now, p_after, p_final_months,
    (select private.india_day(min(q.created_at)) from public.queries q),
    (select max(r.month) from public.report_support_monthly r));
  v_begin timestamptz := private.india_midnight(v_month);
  v_end timestamptz := private.india_midnight((v_month + interval '1 month')::date);
begin
  if v_month is null or v_month > private.india_day(p_now) then
    return query select 0, null::text;
    return;
  end if;
  with opened as (
    select q.*, extract(epoch from q.first_response_at - q.created_at) / 3600 as response_hours,
           extract(epoch from q.resolved_at - q.created_at) / 3600 as resolution_hours
    from public.queries q where q.created_at >= v_begin and q.created_at < v_end)
  insert into public.report_support_monthly as r (
    month, category, opened, acknowledged, acknowledged_in_time, escalated, resolved, resolved_in_time,
    first_response_hours_median, first_response_hours_p90, resolution_hours_median,
    resolution_hours_p90, computed_at)
  select v_month, o.category, count(*), count(o.acknowledged_at),
         count(*) filter (where o.acknowledged_at <= o.ack_due_at), count(o.escalated_at),
         count(o.resolved_at), count(*) filter (where o.resolved_at <= o.redress_due_at),
         percentile_cont(0.5) within group (order by o.response_hours)::numeric(10, 1),
         percentile_cont(0.9) within group (order by o.response_hours)::numeric(10, 1),
         percentile_cont(0.5) within group (order by o.resolution_hours)::numeric(10, 1),
         percentile_cont(0.9) within group (order by o.resolution_hours)::numeric(10, 1), p_now
  from opened o group by o.category
  on conflict (month, category) do update
  set opened = excluded.opened, acknowledged = excluded.acknowledged,
      acknowledged_in_time = excluded.acknowledged_in_time, escalated = excluded.escalated,
      resolved = excluded.resolved, resolved_in_time = excluded.resolved_in_time,
      first_response_hours_median = excluded.first_response_hours_median,
      first_response_hours_p90 = excluded.first_response_hours_p90,
      resolution_hours_median = excluded.resolution_hours_median,
      resolution_hours_p90 = excluded.resolution_hours_p90, computed_at = excluded.computed_at
  where (r.opened, r.acknowledged, r.acknowledged_in_time, r.escalated, r.resolved, r.resolved_in_time,
         r.first_response_hours_median, r.first_response_hours_p90, r.resolution_hours_median,
         r.resolution_hours_p90)
        is distinct from
        (excluded.opened, excluded.acknowledged, excluded.acknowledged_in_time, excluded.escalated,
         excluded.resolved, excluded.resolved_in_time, excluded.first_response_hours_median,
         excluded.first_response_hours_p90, excluded.resolution_hours_median,
         excluded.resolution_hours_p90);
  get diagnostics done = row_count;
  walked_to := v_month::text;
  return next;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Customers

create function private.refresh_customers_v1(p_now timestamptz, p_after text, p_limit integer)
returns table (done integer, walked_to text)
language plpgsql volatile set search_path = '' as $$
declare
  v_ids uuid[];
begin
  select array_agg(c.id order by c.id) into v_ids
  from (select id from public.customers
        where id > coalesce(p_after::uuid, '00000000-0000-0000-0000-000000000000')
        order by id limit p_limit) c;
  -- Only who differs is locked and written.
  select count(*)::integer into done
  from (select private.refresh_customer(c.id)
        from public.customers c
        cross join lateral private.customer_figures(c.id) f
        where c.id = any (v_ids)
          and (c.total_orders, c.total_spent, c.customer_tier::text)
              is distinct from (f.orders, f.spent, private.customer_tier_of_v1(f.spent))
        offset 0) refreshed;
  walked_to := v_ids[cardinality(v_ids)]::text;
  return next;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Archive: out of the everyday lists, still readable

create function private.archive_orders_v1(
  p_now timestamptz, p_after text, p_limit integer, p_days integer)
returns table (done integer, walked_to text)
language sql volatile set search_path = '' as $$
  with due as (
    select id from public.orders
    where archived_at is null and status in ('delivered', 'cancelled', 'refunded')
      and updated_at < p_now - make_interval(days => p_days)
      and id > coalesce(p_after::uuid, '00000000-0000-0000-0000-000000000000')
    order by id limit p_limit for no key update skip locked),
  archived as (
    update public.orders o set archived_at = p_now from due where o.id = due.id returning 1)
  select (select count(*) from archived)::integer, (select id::text from due order by id desc limit 1)
$$;

create function private.archive_live_sessions_v1(
  p_now timestamptz, p_after text, p_limit integer, p_days integer)
returns table (done integer, walked_to text)
language sql volatile set search_path = '' as $$
  with due as (
    select id from public.live_sessions
    where archived_at is null and status in ('ended', 'cancelled')
      and coalesce(end_time, scheduled_start_time, created_at) < p_now - make_interval(days => p_days)
      and id > coalesce(p_after::uuid, '00000000-0000-0000-0000-000000000000')
    order by id limit p_limit for no key update skip locked),
  archived as (
    update public.live_sessions l set archived_at = p_now from due where l.id = due.id returning 1)
  select (select count(*) from archived)::integer, (select id::text from due order by id desc limit 1)
$$;

-- ---------------------------------------------------------------------------------------------
-- Carts. A batch takes whole carts, so that each is counted once.

create function private.clear_abandoned_carts_v1(
  p_now timestamptz, p_after text, p_limit integer, p_days integer)
returns table (done integer, walked_to text)
language sql volatile set search_path = '' as $$
  with due as (
    select distinct customer_id from public.cart
    where updated_at < p_now - make_interval(days => p_days)
      and customer_id > coalesce(p_after::uuid, '00000000-0000-0000-0000-000000000000')
    order by customer_id limit p_limit),
  cleared as (
    delete from public.cart c using due
    where c.customer_id = due.customer_id and c.updated_at < p_now - make_interval(days => p_days)
    returning c.customer_id, c.total_price),
  counted as (
    insert into public.report_abandoned_carts_daily as r (day, carts, lines, amount, computed_at)
    select private.india_day(p_now), count(distinct customer_id), count(*), sum(total_price), p_now
    from cleared having count(*) > 0
    on conflict (day) do update
    set carts = r.carts + excluded.carts, lines = r.lines + excluded.lines,
        amount = r.amount + excluded.amount, computed_at = excluded.computed_at)
  select (select count(*) from cleared)::integer,
         (select customer_id::text from due order by customer_id desc limit 1)
$$;

-- ---------------------------------------------------------------------------------------------
-- Low stock. A wholesaler is told once; the notice goes when there is stock again, so that the next
-- time is told again. One that was deleted by its reader stays where it is and keeps the peace.

-- The table is new in this release.
-- squawk-ignore require-concurrent-index-creation
create index idx_notifications_low_stock on public.notifications (id) where type = 'low_stock';

create function private.is_low_on_stock(p public.products) returns boolean
language sql immutable set search_path = '' as $$
  select p.is_active and p.status in ('active', 'out_of_stock')
         and coalesce(p.stock_quantity, 0) < coalesce(p.min_stock_level, 0)
$$;

create function private.tell_low_stock_v1(p_now timestamptz, p_after text, p_limit integer)
returns table (done integer, walked_to text)
language sql volatile set search_path = '' as $$
  with low as (
    select p.id, p.name, coalesce(p.stock_quantity, 0) as pieces, p.min_stock_level, w.user_id
    from public.products p
    join public.wholesalers w on w.id = p.wholesaler_id and w.is_active
    where private.is_low_on_stock(p)
      and p.id > coalesce(p_after::uuid, '00000000-0000-0000-0000-000000000000')
      and not exists (select from public.notifications n
                      where n.user_id = w.user_id and n.type = 'low_stock' and n.related_id = p.id)
    order by p.id limit p_limit),
  told as (
    insert into public.notifications (user_id, type, title, message, priority, related_type, related_id)
    select user_id, 'low_stock',
           left(case when pieces = 0 then 'Sold out: ' else 'Low stock: ' end || name, 255),
           format('%s has %s left; you want at least %s.', name,
                  case pieces when 0 then 'nothing' when 1 then '1 piece' else pieces || ' pieces' end,
                  min_stock_level),
           case when pieces = 0 then 'high' else 'normal' end, 'product', id
    from low
    on conflict do nothing
    returning 1)
  select (select count(*) from told)::integer, (select id::text from low order by id desc limit 1)
$$;

create function private.withdraw_low_stock_v1(p_now timestamptz, p_after text, p_limit integer)
returns table (done integer, walked_to text)
language sql volatile set search_path = '' as $$
  with seen as (
    select n.id, n.related_id from public.notifications n
    where n.type = 'low_stock' and n.id > coalesce(p_after::uuid, '00000000-0000-0000-0000-000000000000')
    order by n.id limit p_limit),
  withdrawn as (
    delete from public.notifications n using seen
    where n.id = seen.id
      and not exists (select from public.products p
                      where p.id = seen.related_id and private.is_low_on_stock(p))
    returning 1)
  select (select count(*) from withdrawn)::integer, (select id::text from seen order by id desc limit 1)
$$;

-- ---------------------------------------------------------------------------------------------
-- Goals and achievements

create function private.advance_goals_v1(p_now timestamptz, p_after text, p_limit integer)
returns table (done integer, walked_to text)
language sql volatile set search_path = '' as $$
  with goals as (
    select g.id, g.influencer_id, g.goal_type, g.target_value, g.end_date,
           private.india_midnight(g.start_date) as from_time,
           private.india_midnight(g.end_date + 1) as to_time
    from public.influencer_goals g
    where g.status = 'active' and g.id > coalesce(p_after::uuid, '00000000-0000-0000-0000-000000000000')
    order by g.id limit p_limit for no key update skip locked),
  figures as (
    select g.id, g.target_value, g.end_date, case g.goal_type
             when 'live_sessions' then (
               select count(*) from public.live_sessions l
               where l.influencer_id = g.influencer_id and l.status = 'ended'
                 and l.actual_start_time >= g.from_time and l.actual_start_time < g.to_time)
             when 'followers' then (
               select count(*) from public.follows f
               where f.influencer_id = g.influencer_id
                 and f.followed_at >= g.from_time and f.followed_at < g.to_time)
             when 'earnings' then (
               select coalesce(sum(e.amount), 0) from public.influencer_earnings e
               where e.influencer_id = g.influencer_id
                 and e.earned_at >= g.from_time and e.earned_at < g.to_time)
             when 'sales' then (
               select coalesce(sum(i.total_price), 0)
               from public.order_items i join public.orders o on o.id = i.order_id
               where i.influencer_id = g.influencer_id and o.status not in ('cancelled', 'refunded')
                 and o.created_at >= g.from_time and o.created_at < g.to_time)
           end as reached
    from goals g),
  advanced as (
    update public.influencer_goals g
    set current_value = f.reached,
        status = case when f.reached >= f.target_value then 'completed'
                      when f.end_date < private.india_day(p_now) then 'failed'
                      else 'active' end
    from figures f
    where g.id = f.id
      and (g.current_value <> f.reached or f.reached >= f.target_value
           or f.end_date < private.india_day(p_now))
    returning 1)
  select (select count(*) from advanced)::integer, (select id::text from goals order by id desc limit 1)
$$;

-- What was reached stays reached.
create function private.advance_achievements_v1(p_now timestamptz, p_after text, p_limit integer)
returns table (done integer, walked_to text)
language sql volatile set search_path = '' as $$
  with open as (
    select a.id, a.influencer_id, a.title, a.target_value, a.criteria ->> 'figure' as figure
    from public.influencer_achievements a
    where not a.is_completed and a.id > coalesce(p_after::uuid, '00000000-0000-0000-0000-000000000000')
    order by a.id limit p_limit for no key update skip locked),
  figures as (
    select o.*, case o.figure
             when 'live_sessions' then (
               select count(*) from public.live_sessions l
               where l.influencer_id = o.influencer_id and l.status = 'ended')
             when 'followers' then (
               select coalesce(i.followers_count, 0) from public.influencers i
               where i.id = o.influencer_id)
             when 'earnings_in_a_month' then (
               select coalesce(max(m.amount), 0)
               from (select sum(e.amount) as amount from public.influencer_earnings e
                     where e.influencer_id = o.influencer_id
                     group by date_trunc('month', e.earned_at at time zone 'Asia/Kolkata')) m)
           end as reached
    from open o),
  advanced as (
    update public.influencer_achievements a
    set progress_value = f.reached, is_completed = f.reached >= f.target_value,
        completed_at = case when f.reached >= f.target_value then p_now end
    from figures f
    where a.id = f.id and (a.progress_value <> f.reached or f.reached >= f.target_value)
    returning a.id, a.influencer_id, a.title, a.is_completed),
  told as (
    insert into public.notifications (user_id, type, title, message, influencer_id, related_type,
                                      related_id)
    select i.user_id, 'achievement', left('Reached: ' || a.title, 255),
           format('You have reached "%s".', a.title), i.id, 'achievement', a.id
    from advanced a join public.influencers i on i.id = a.influencer_id
    where a.is_completed
    on conflict do nothing)
  select (select count(*) from advanced)::integer, (select id::text from open order by id desc limit 1)
$$;

-- ---------------------------------------------------------------------------------------------
-- Plans become live sessions, p_days ahead

create function private.make_planned_sessions_v1(
  p_now timestamptz, p_after text, p_limit integer, p_days integer)
returns table (done integer, walked_to text)
language plpgsql volatile set search_path = '' as $$
declare
  v_plan record;
  v_day date;
  v_today date;
  v_starts timestamptz;
  v_session_id uuid;
begin
  done := 0;
  for v_plan in
    select s.*, coalesce(d.auto_record, true) as auto_record
    from public.live_session_schedules s
    join public.influencers i on i.id = s.influencer_id and i.is_active
    left join public.influencer_settings d on d.influencer_id = s.influencer_id
    where s.status in ('scheduled', 'confirmed')
      and s.id > coalesce(p_after::uuid, '00000000-0000-0000-0000-000000000000')
    order by s.id limit p_limit for no key update of s skip locked
  loop
    walked_to := v_plan.id::text;
    v_today := (p_now at time zone v_plan.timezone)::date;
    for v_day in
      select d from private.schedule_days(
        v_plan.first_date, v_plan.recurrence_pattern, v_plan.days_of_week, v_plan.recurrence_end_date,
        greatest(coalesce(v_plan.made_until + 1, v_today), v_today), v_today + p_days) d
    loop
      v_starts := (v_day + v_plan.start_time) at time zone v_plan.timezone;
      continue when v_starts <= p_now or exists (
        select from public.live_sessions l
        where l.schedule_id = v_plan.id and l.scheduled_start_time = v_starts);
      insert into public.live_sessions (
        influencer_id, schedule_id, title, description, thumbnail_url, scheduled_start_time,
        scheduled_end_time, is_recording_enabled)
      values (
        v_plan.influencer_id, v_plan.id, v_plan.title, v_plan.description, v_plan.thumbnail_url, v_starts,
        -- Past midnight when it ends before it begins.
        (v_day + case when v_plan.end_time > v_plan.start_time then 0 else 1 end + v_plan.end_time)
          at time zone v_plan.timezone,
        v_plan.auto_record)
      returning id into v_session_id;
      insert into public.live_session_products (live_session_id, product_id, display_order)
      select v_session_id, p.id, (min(w.place) - 1)::integer
      from unnest(v_plan.product_ids) with ordinality w (product_id, place)
      join public.products p on p.id = w.product_id and p.is_active and p.is_live_stream_eligible
      group by p.id;
      done := done + 1;
    end loop;
    update public.live_session_schedules s
    set made_until = greatest(s.made_until, v_today + p_days),
        status = case when coalesce(s.recurrence_end_date,
                                    case when not s.is_recurring then s.first_date end) < v_today
                      then 'completed' else s.status end
    where s.id = v_plan.id
      and (s.made_until is distinct from greatest(s.made_until, v_today + p_days)
           or coalesce(s.recurrence_end_date,
                       case when not s.is_recurring then s.first_date end) < v_today);
  end loop;
  return next;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Totals of live sessions. While one is on air, and for a day after it, when its orders still count, it
-- is looked at again and again; later only when one of its orders changes sides.

create table private.live_session_changes (
  id bigint generated always as identity primary key,
  live_session_id uuid not null
);
alter table private.live_session_changes enable row level security;
revoke all on private.live_session_changes from public, anon, authenticated;
grant select, insert, update, delete on private.live_session_changes to service_role;
create policy service on private.live_session_changes for all to service_role
  using (true) with check (true);
comment on table private.live_session_changes is 'queue of private.refresh_changed_sessions_v1';

create function private.note_cancellation() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.live_session_changes (live_session_id)
  select distinct i.live_session_id from public.order_items i
  where i.order_id = new.id and i.live_session_id is not null;
  return null;
end $$;
create trigger z_cancelled after update of status on public.orders
  for each row when (old.status is distinct from new.status
                     and 'cancelled' in (old.status, new.status))
  execute function private.note_cancellation();

-- Brings one up to date; whether that changed anything.
create function private.refresh_session_totals(p_live_session_id uuid) returns boolean
language plpgsql volatile set search_path = '' as $$
declare
  v_before record;
  v_after record;
begin
  select total_orders, total_sales_generated, total_clicks, total_products_showcased,
         total_unique_viewers, total_watch_time_minutes into v_before
  from public.live_sessions where id = p_live_session_id;
  perform private.refresh_live_session_v1(p_live_session_id);
  select total_orders, total_sales_generated, total_clicks, total_products_showcased,
         total_unique_viewers, total_watch_time_minutes into v_after
  from public.live_sessions where id = p_live_session_id;
  return v_before is distinct from v_after;
end $$;

create function private.refresh_recent_sessions_v1(p_now timestamptz, p_after text, p_limit integer)
returns table (done integer, walked_to text)
language sql volatile set search_path = '' as $$
  with recent as (
    select id from public.live_sessions
    where (status in ('live', 'paused', 'error')
           or (status = 'ended' and end_time > p_now - interval '26 hours'))
      and id > coalesce(p_after::uuid, '00000000-0000-0000-0000-000000000000')
    order by id limit p_limit),
  refreshed as (select private.refresh_session_totals(id) as is_changed from recent)
  select (select count(*) from refreshed where is_changed)::integer,
         (select id::text from recent order by id desc limit 1)
$$;

create function private.refresh_changed_sessions_v1(p_now timestamptz, p_after text, p_limit integer)
returns table (done integer, walked_to text)
language plpgsql volatile set search_path = '' as $$
declare
  v_ids bigint[];
begin
  select array_agg(q.id order by q.id) into v_ids
  from (select id from private.live_session_changes where id > coalesce(p_after::bigint, 0)
        order by id limit p_limit for update skip locked) q;
  -- Two statements: the totals must see every order that was committed before the row was taken.
  select count(*) filter (where r.is_changed)::integer into done
  from (select private.refresh_session_totals(c.live_session_id) as is_changed
        from (select distinct live_session_id from private.live_session_changes
              where id = any (v_ids)) c) r;
  delete from private.live_session_changes where id = any (v_ids);
  walked_to := v_ids[cardinality(v_ids)]::text;
  return next;
end $$;

-- ---------------------------------------------------------------------------------------------
-- An influencer by day, week and month: this month and the one before; what is older is final

create function private.analyse_influencers_v1(p_now timestamptz, p_after text, p_limit integer)
returns table (done integer, walked_to text)
language plpgsql volatile set search_path = '' as $$
declare
  v_today date := private.india_day(p_now);
  v_first date := (date_trunc('month', v_today) - interval '1 month')::date;
  v_begin timestamptz := private.india_midnight(v_first);
  v_ids uuid[];
begin
  select array_agg(i.id order by i.id) into v_ids
  from (select id from public.influencers
        where id > coalesce(p_after::uuid, '00000000-0000-0000-0000-000000000000')
        order by id limit p_limit) i;
  with facts as (
    select l.influencer_id, private.india_day(l.actual_start_time) as day, 1 as sessions,
           coalesce(l.duration_minutes, 0) as minutes, l.total_joins as joins, l.peak_viewers as peak,
           l.total_clicks as clicks, null::uuid as viewer, null::numeric as watched,
           null::uuid as order_id, 0.0 as sales, 0 as followers, 0.0 as earned
    from public.live_sessions l
    where l.influencer_id = any (v_ids) and l.status = 'ended' and l.actual_start_time >= v_begin
    union all
    select l.influencer_id, private.india_day(v.joined_at), 0, 0, 0, 0, 0, coalesce(v.user_id, v.id),
           v.watch_duration_minutes, null, 0, 0, 0
    from public.live_session_viewers v join public.live_sessions l on l.id = v.live_session_id
    where l.influencer_id = any (v_ids) and v.joined_at >= v_begin
    union all
    select i.influencer_id, private.india_day(o.created_at), 0, 0, 0, 0, 0, null, null, o.id,
           i.total_price, 0, 0
    from public.order_items i join public.orders o on o.id = i.order_id
    where i.influencer_id = any (v_ids) and o.created_at >= v_begin and o.status <> 'cancelled'
    union all
    select f.influencer_id, private.india_day(f.followed_at), 0, 0, 0, 0, 0, null, null, null, 0, 1, 0
    from public.follows f where f.influencer_id = any (v_ids) and f.followed_at >= v_begin
    union all
    select e.influencer_id, private.india_day(e.earned_at), 0, 0, 0, 0, 0, null, null, null, 0, 0,
           e.amount
    from public.influencer_earnings e
    where e.influencer_id = any (v_ids) and e.earned_at >= v_begin),
  periods as (
    select f.*, p.period_type, p.period_start, p.period_end
    from facts f
    cross join lateral (values
      ('daily', f.day, f.day),
      ('weekly', date_trunc('week', f.day)::date, (date_trunc('week', f.day) + interval '6 days')::date),
      ('monthly', date_trunc('month', f.day)::date,
       (date_trunc('month', f.day) + interval '1 month - 1 day')::date))
      p (period_type, period_start, period_end)
    -- A week that began before the window would be half a week.
    where p.period_start >= v_first),
  sums as (
    select p.influencer_id, p.period_type, p.period_start, p.period_end, sum(p.sessions) as sessions,
           round(sum(p.minutes) / 60.0, 2) as hours, sum(p.joins) as joins, max(p.peak) as peak,
           sum(p.clicks) as clicks, count(distinct p.viewer) as viewers, avg(p.watched) as watched,
           count(distinct p.viewer) filter (where exists (
             select from public.live_session_viewers e join public.live_sessions l on l.id = e.live_session_id
             where e.user_id = p.viewer and l.influencer_id = p.influencer_id
               and e.joined_at < private.india_midnight(p.period_start))) as returning_viewers,
           count(distinct p.order_id) as orders, sum(p.sales) as sales, sum(p.followers) as followers,
           sum(p.earned) as earned,
           coalesce(max(i.followers_count), 0) - (
             select count(*) from public.follows f
             where f.influencer_id = p.influencer_id
               and f.followed_at >= private.india_midnight(p.period_end + 1)) as followers_end
    from periods p join public.influencers i on i.id = p.influencer_id
    group by p.influencer_id, p.period_type, p.period_start, p.period_end),
  written as (
    insert into public.influencer_analytics as a (
      influencer_id, period_type, period_start, period_end, total_live_sessions, total_live_hours,
      average_viewers, peak_concurrent_viewers, total_viewers, unique_viewers, returning_viewers,
      average_watch_time, total_sales, total_orders, conversion_rate, average_order_value, new_followers,
      total_followers_end, follower_growth_rate, total_earnings)
    select s.influencer_id, s.period_type, s.period_start, s.period_end, s.sessions, s.hours,
           coalesce(round(s.joins::numeric / nullif(s.sessions, 0), 2), 0), s.peak, s.joins, s.viewers,
           s.returning_viewers, coalesce(round(s.watched, 2), 0), s.sales, s.orders,
           coalesce(least(100, round(s.orders * 100.0 / nullif(s.clicks, 0), 2)), 0),
           coalesce(round(s.sales / nullif(s.orders, 0), 2), 0), s.followers,
           greatest(s.followers_end, 0),
           coalesce(round(least(99999, s.followers * 100.0
                                       / nullif(greatest(s.followers_end - s.followers, 0), 0)), 2), 0),
           s.earned
    from sums s
    on conflict (influencer_id, period_type, period_start) do update
    set total_live_sessions = excluded.total_live_sessions, total_live_hours = excluded.total_live_hours,
        average_viewers = excluded.average_viewers,
        peak_concurrent_viewers = excluded.peak_concurrent_viewers,
        total_viewers = excluded.total_viewers, unique_viewers = excluded.unique_viewers,
        returning_viewers = excluded.returning_viewers, average_watch_time = excluded.average_watch_time,
        total_sales = excluded.total_sales, total_orders = excluded.total_orders,
        conversion_rate = excluded.conversion_rate, average_order_value = excluded.average_order_value,
        new_followers = excluded.new_followers, total_followers_end = excluded.total_followers_end,
        follower_growth_rate = excluded.follower_growth_rate, total_earnings = excluded.total_earnings
    where (a.total_live_sessions, a.total_live_hours, a.average_viewers, a.peak_concurrent_viewers,
           a.total_viewers, a.unique_viewers, a.returning_viewers, a.average_watch_time, a.total_sales,
           a.total_orders, a.conversion_rate, a.average_order_value, a.new_followers,
           a.total_followers_end, a.follower_growth_rate, a.total_earnings)
          is distinct from
          (excluded.total_live_sessions, excluded.total_live_hours, excluded.average_viewers,
           excluded.peak_concurrent_viewers, excluded.total_viewers, excluded.unique_viewers,
           excluded.returning_viewers, excluded.average_watch_time, excluded.total_sales,
           excluded.total_orders, excluded.conversion_rate, excluded.average_order_value,
           excluded.new_followers, excluded.total_followers_end, excluded.follower_growth_rate,
           excluded.total_earnings)
    returning 1)
  select count(*)::integer into done from written;
  walked_to := v_ids[cardinality(v_ids)]::text;
  return next;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Partitions. Only the owner may make and drop them, so these run with the owner's rights.

create function private.make_partitions_ahead_v1(p_now timestamptz, p_after text, p_limit integer)
returns table (done integer, walked_to text)
language plpgsql volatile security definer set search_path = '' set lock_timeout = '500ms' as $$
begin
  select count(private.make_month_partition_v1(
           t.name, (date_trunc('month', p_now) + make_interval(months => m.ahead))::date))::integer
  into done
  from unnest(array['live_session_viewers', 'live_session_chat']) t (name),
       generate_series(0, 2) m (ahead);
  return next;
end $$;

-- To drop a partition takes a lock on the whole table: a short wait, else the next run does it. What a
-- dry run would drop is only looked at.
create function private.drop_old_partitions_v1(
  p_now timestamptz, p_after text, p_limit integer, p_months integer, p_is_dry_run boolean)
returns table (done integer, walked_to text)
language plpgsql volatile security definer set search_path = '' set lock_timeout = '500ms' as $$
begin
  select coalesce(sum(cardinality(private.drop_month_partitions_v1(
           t.name, (date_trunc('month', p_now) - make_interval(months => p_months))::date,
           p_is_dry_run))), 0)::integer
  into done
  from unnest(array['live_session_viewers', 'live_session_chat']) t (name);
  return next;
end $$;

-- ---------------------------------------------------------------------------------------------
-- The schema of the job library, whose tables and functions come from its package: closed to everybody
-- but the service. Run by the owner after each change of it; doing it again changes nothing.

create function private.close_jobs_schema_v1() returns void
language plpgsql volatile set search_path = '' as $$
declare
  x record;
begin
  execute 'revoke all on schema jobs from public, anon, authenticated';
  execute 'grant usage on schema jobs to service_role';
  for x in
    select c.oid::regclass as name, c.oid, c.relkind from pg_catalog.pg_class c
    where c.relnamespace = to_regnamespace('jobs') and c.relkind in ('r', 'p', 'S')
  loop
    execute format('revoke all on %s from public, anon, authenticated', x.name);
    if x.relkind = 'S' then
      execute format('grant usage, select on sequence %s to service_role', x.name);
      continue;
    end if;
    execute format('grant select, insert, update, delete on %s to service_role', x.name);
    execute format('alter table %s enable row level security', x.name);
    if not exists (select from pg_catalog.pg_policy p where p.polrelid = x.oid and p.polname = 'service') then
      execute format('create policy service on %s for all to service_role using (true) with check (true)',
                     x.name);
    end if;
  end loop;
  for x in
    select p.oid::regprocedure as name from pg_catalog.pg_proc p
    where p.pronamespace = to_regnamespace('jobs') and p.prokind = 'f'
  loop
    execute format('alter function %s set search_path = jobs, pg_temp', x.name);
    execute format('revoke execute on function %s from public, anon, authenticated', x.name);
    execute format('grant execute on function %s to service_role', x.name);
  end loop;
  for x in
    select t.oid::regtype as name from pg_catalog.pg_type t
    left join pg_catalog.pg_class c on c.oid = t.typrelid
    where t.typnamespace = to_regnamespace('jobs')
      and (t.typtype = 'e' or (t.typtype = 'c' and c.relkind = 'c'))
  loop
    execute format('revoke all on type %s from public, anon, authenticated', x.name);
    execute format('grant usage on type %s to service_role', x.name);
  end loop;
end $$;

do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where p.pronamespace = 'private'::regnamespace
      and p.proname in (
        'report_month', 'india_midnight', 'india_day', 'sold_lines', 'report_sales_v1',
        'report_wholesalers_v1', 'report_influencers_v1', 'report_live_sessions_v1', 'report_support_v1',
        'refresh_customers_v1', 'archive_orders_v1', 'archive_live_sessions_v1',
        'clear_abandoned_carts_v1', 'is_low_on_stock', 'tell_low_stock_v1', 'withdraw_low_stock_v1',
        'advance_goals_v1', 'advance_achievements_v1', 'make_planned_sessions_v1', 'note_cancellation',
        'refresh_session_totals', 'refresh_recent_sessions_v1', 'refresh_changed_sessions_v1',
        'analyse_influencers_v1', 'make_partitions_ahead_v1', 'drop_old_partitions_v1',
        'close_jobs_schema_v1')
  loop
    execute format('revoke execute on function %s from public, anon, authenticated', f);
    execute format('grant execute on function %s to service_role', f);
  end loop;
end $$;
revoke execute on function private.close_jobs_schema_v1() from service_role;
