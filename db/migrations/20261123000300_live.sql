-- Live sessions in full: codes and switches, who watched, what was said, figures per period,
-- plans that recur, notifications, follows, and the influencer's own desk.
--
-- Tables that grow with every viewer (viewers, chat) have no foreign key to the row of the live
-- session, which is the hottest of the evening, and are partitioned by month: what is past its time
-- goes by dropping a partition. Partitions are in `private`, with row security of their own.

-- Live sessions are some ten thousand rows at most: each lock here lasts milliseconds.
-- squawk-ignore-file adding-foreign-key-constraint, require-concurrent-index-creation, adding-field-with-default, disallowed-unique-constraint, constraint-missing-not-valid, ban-drop-constraint

create table public.categories (
  id uuid primary key default gen_random_uuid(),
  slug varchar(100) not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  name varchar(100) not null,
  description text,
  parent_category_id uuid references public.categories on delete set null,
  image_url varchar(500),
  is_active boolean not null default true,
  display_order integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index idx_categories_parent_category_id on public.categories (parent_category_id);
comment on table public.categories is 'the shelves of the catalogue, nested';

-- ---------------------------------------------------------------------------------------------
-- Partitions by month

create table public.live_session_viewers (
  id uuid not null default gen_random_uuid(),
  live_session_id uuid not null,
  user_id uuid,
  viewer_type varchar(20) not null default 'anonymous'
    check (viewer_type in ('customer', 'influencer', 'wholesaler', 'admin', 'anonymous')),
  country varchar(100),
  city varchar(100),
  device_type varchar(50),
  browser varchar(50),
  is_returning boolean not null default false,
  joined_at timestamptz not null default now(),
  left_at timestamptz,
  watch_duration_minutes integer not null default 0 check (watch_duration_minutes >= 0),
  messages_sent integer not null default 0,
  reactions_sent integer not null default 0,
  products_clicked integer not null default 0,
  orders_placed integer not null default 0,
  connection_quality varchar(20),
  buffering_time_seconds integer not null default 0,
  disconnections_count integer not null default 0,
  primary key (id, joined_at)
) partition by range (joined_at);
create index idx_live_session_viewers_live_session_id
  on public.live_session_viewers (live_session_id, joined_at);
create index idx_live_session_viewers_user_id on public.live_session_viewers (user_id);
comment on table public.live_session_viewers is
  'one row per visit; no addresses of the network are kept. Partitioned by month';
comment on column public.live_session_viewers.is_returning is
  'came back after the connection was lost: the same person, not another';

create table public.live_session_chat (
  id uuid not null default gen_random_uuid(),
  live_session_id uuid not null,
  user_id uuid,
  username varchar(100),
  message text not null check (length(message) between 1 and 2000),
  message_type varchar(20) not null default 'chat'
    check (message_type in ('chat', 'reaction', 'system', 'product_highlight')),
  is_influencer boolean not null default false,
  is_moderator boolean not null default false,
  is_deleted boolean not null default false,
  is_flagged boolean not null default false,
  deleted_by uuid,
  deletion_reason text,
  reactions jsonb not null default '{}',
  parent_message_id uuid,
  sent_at timestamptz not null default now(),
  edited_at timestamptz,
  deleted_at timestamptz,
  primary key (id, sent_at)
) partition by range (sent_at);
create index idx_live_session_chat_live_session_id
  on public.live_session_chat (live_session_id, sent_at);
create index idx_live_session_chat_user_id on public.live_session_chat (user_id);
comment on table public.live_session_chat is 'what was said, kept for the replay. Partitioned by month';

-- Makes the partition of the month of `p_day` where it is missing, closed but for the service; its
-- name, NULL when it was there. A default partition does not exist on purpose: it would have to be
-- searched whenever another is made.
--
-- The months are those of UTC, whatever time zone the connection speaks: partitions whose bounds
-- followed it would overlap or leave hours between them where nothing could be written.
create function private.make_month_partition_v1(p_table text, p_day date) returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_month timestamp := date_trunc('month', p_day::timestamp);
  v_name text := p_table || '_' || to_char(v_month, 'YYYYMM');
begin
  if p_table not in ('live_session_viewers', 'live_session_chat') then
    raise exception using errcode = '22023', message = format('%s is not partitioned by month', p_table);
  end if;
  perform pg_advisory_xact_lock(hashtextextended('livecommerce.month_partitions', 0));
  if to_regclass(format('private.%I', v_name)) is not null then
    return null;
  end if;
  -- Attached when it is complete: that is in the way of nobody who reads or writes, as making it a
  -- partition at once would be.
  execute format('create table private.%I (like public.%I including defaults including constraints)',
                 v_name, p_table);
  execute format('alter table private.%I enable row level security', v_name);
  execute format('revoke all on private.%I from public, anon, authenticated', v_name);
  execute format('create policy service on private.%I for all to service_role '
                 'using (true) with check (true)', v_name);
  execute format('alter table public.%I attach partition private.%I for values from (%L) to (%L)',
                 p_table, v_name, to_char(v_month, 'YYYY-MM-DD') || ' 00:00+00',
                 to_char(v_month + interval '1 month', 'YYYY-MM-DD') || ' 00:00+00');
  return v_name;
end $$;

-- Drops the partitions of a table that end before `p_before`; their names. The month that runs stays,
-- whatever is asked.
create function private.drop_month_partitions_v1(p_table text, p_before date, p_is_dry_run boolean)
returns text[]
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_name text;
  v_dropped text[] := '{}'::text[];
  v_before timestamp := least(p_before::timestamp, date_trunc('month', now() at time zone 'UTC'));
begin
  if p_table not in ('live_session_viewers', 'live_session_chat') then
    raise exception using errcode = '22023', message = format('%s is not partitioned by month', p_table);
  end if;
  for v_name in
    select c.relname from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    where i.inhparent = format('public.%I', p_table)::regclass
      and c.relnamespace = 'private'::regnamespace
      and c.relname ~ ('^' || p_table || '_[0-9]{6}$')
      and p_before is not null
      and to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= v_before
    order by c.relname
  loop
    if not p_is_dry_run then
      execute format('drop table private.%I', v_name);
    end if;
    v_dropped := v_dropped || v_name;
  end loop;
  return v_dropped;
end $$;

do $$
declare
  t text;
  m integer;
begin
  foreach t in array array['live_session_viewers', 'live_session_chat'] loop
    for m in 0..2 loop
      perform private.make_month_partition_v1(
        t, (now() at time zone 'UTC' + make_interval(months => m))::date);
    end loop;
  end loop;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Figures per period

create table public.live_session_analytics (
  live_session_id uuid not null references public.live_sessions on delete cascade,
  period_type varchar(10) not null check (period_type in ('minute', 'hour', 'day')),
  period_start timestamptz not null,
  period_end timestamptz not null,
  viewers_joined integer not null default 0,
  viewers_left integer not null default 0,
  peak_concurrent_viewers integer not null default 0,
  average_concurrent_viewers numeric(10, 2) not null default 0,
  samples integer not null default 0,
  messages_sent integer not null default 0,
  reactions_sent integer not null default 0,
  shares_count integer not null default 0,
  products_clicked integer not null default 0,
  orders_placed integer not null default 0,
  revenue_generated numeric(12, 2) not null default 0,
  average_connection_quality numeric(3, 2),
  total_buffering_time_seconds integer not null default 0,
  total_disconnections integer not null default 0,
  top_countries jsonb,
  top_cities jsonb,
  device_breakdown jsonb,
  browser_breakdown jsonb,
  created_at timestamptz not null default now(),
  primary key (live_session_id, period_type, period_start),
  check (period_end > period_start)
);
comment on table public.live_session_analytics is 'a live session by minute, hour and day';
comment on column public.live_session_analytics.samples is
  'how many counts of viewers the average is of';

create table public.influencer_analytics (
  influencer_id uuid not null references public.influencers on delete cascade,
  period_type varchar(10) not null check (period_type in ('daily', 'weekly', 'monthly')),
  period_start date not null,
  period_end date not null,
  total_live_sessions integer not null default 0,
  total_live_hours numeric(10, 2) not null default 0,
  average_viewers numeric(10, 2) not null default 0,
  peak_concurrent_viewers integer not null default 0,
  total_viewers integer not null default 0,
  unique_viewers integer not null default 0,
  returning_viewers integer not null default 0,
  average_watch_time numeric(10, 2) not null default 0,
  total_sales numeric(12, 2) not null default 0,
  total_orders integer not null default 0,
  conversion_rate numeric(5, 2) not null default 0,
  average_order_value numeric(12, 2) not null default 0,
  new_followers integer not null default 0,
  total_followers_end integer not null default 0,
  follower_growth_rate numeric(7, 2) not null default 0,
  total_earnings numeric(12, 2) not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (influencer_id, period_type, period_start)
);
comment on table public.influencer_analytics is 'an influencer by day, week and month (India time)';

-- ---------------------------------------------------------------------------------------------
-- Plans

create table public.live_session_schedules (
  id uuid primary key default gen_random_uuid(),
  influencer_id uuid not null references public.influencers on delete cascade,
  title varchar(255) not null,
  description text,
  thumbnail_url varchar(500),
  first_date date not null,
  start_time time not null,
  end_time time not null,
  timezone varchar(50) not null default 'Asia/Kolkata',
  is_recurring boolean not null default false,
  recurrence_pattern varchar(10) check (recurrence_pattern in ('daily', 'weekly', 'monthly', 'custom')),
  recurrence_end_date date,
  days_of_week integer[] check (days_of_week <@ array[0, 1, 2, 3, 4, 5, 6]),
  product_ids uuid[] not null default '{}',
  category varchar(100),
  target_audience varchar(100),
  promotion_message text,
  is_promoted boolean not null default false,
  status varchar(20) not null default 'scheduled'
    check (status in ('scheduled', 'confirmed', 'cancelled', 'completed')),
  made_until date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (is_recurring = (recurrence_pattern is not null)),
  -- Without coalesce a plan without days would pass: NULL is no violation.
  check (recurrence_pattern is distinct from 'custom' or coalesce(cardinality(days_of_week), 0) > 0),
  check (recurrence_end_date >= first_date),
  check (cardinality(product_ids) <= 200)
);
create index idx_live_session_schedules_influencer_id on public.live_session_schedules (influencer_id);
comment on table public.live_session_schedules is
  'live sessions that are planned once or recur; maintenance makes the rows of live_sessions';
comment on column public.live_session_schedules.days_of_week is '0 is Sunday; of the pattern custom';
comment on column public.live_session_schedules.made_until is
  'live sessions up to this date have been made of it';

create function private.check_time_zone() returns trigger
language plpgsql set search_path = '' as $$
begin
  if not exists (select from pg_catalog.pg_timezone_names where name = new.timezone) then
    raise exception using errcode = '22023', message = format('%s is not a time zone', new.timezone);
  end if;
  return new;
end $$;
-- To look at the names of all time zones takes the server a while; its own it knows.
create trigger time_zone before insert or update of timezone on public.live_session_schedules
  for each row when (new.timezone <> 'Asia/Kolkata') execute function private.check_time_zone();

-- The days on which a plan takes place from `p_from` to `p_until`, both included.
create function private.schedule_days(
  p_first date, p_pattern text, p_days integer[], p_end date, p_from date, p_until date)
returns setof date
language sql immutable set search_path = '' as $$
  -- As timestamps: a series of dates would be one of moments, with days of 23 hours.
  select d::date
  from generate_series(greatest(p_first, p_from)::timestamp,
                       least(p_until, case when p_pattern is null then p_first else p_end end)::timestamp,
                       interval '1 day') d
  where case p_pattern
          when 'daily' then true
          when 'weekly' then extract(dow from d) = extract(dow from p_first)
          -- A plan for the 31st takes place on the last day of shorter months.
          when 'monthly' then extract(day from d) = least(
            extract(day from p_first),
            extract(day from date_trunc('month', d) + interval '1 month - 1 day'))
          when 'custom' then extract(dow from d)::integer = any (p_days)
          else d::date = p_first
        end
  order by d
$$;

-- ---------------------------------------------------------------------------------------------
-- Notifications and follows

create table public.notifications (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users on delete cascade,
  type varchar(50) not null check (type in (
    'live_session_starting', 'live_session_reminder', 'live_session_ended',
    'followed_influencer_live', 'product_featured', 'special_offer', 'order_update', 'low_stock',
    'support_reply', 'return_update', 'earning', 'achievement', 'system')),
  title varchar(255) not null,
  message text not null,
  priority varchar(10) not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  influencer_id uuid references public.influencers on delete cascade,
  live_session_id uuid references public.live_sessions on delete cascade,
  related_type varchar(50),
  related_id uuid,
  action_url varchar(500),
  action_text varchar(100),
  delivery_method varchar(10) not null default 'in_app'
    check (delivery_method in ('in_app', 'email', 'sms', 'push')),
  is_read boolean not null default false,
  is_sent boolean not null default false,
  is_deleted boolean not null default false,
  scheduled_for timestamptz,
  sent_at timestamptz,
  read_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz not null default now()
);
create index idx_notifications_user_id on public.notifications (user_id, created_at desc)
  where not is_deleted;
create index idx_notifications_user_id_all on public.notifications (user_id);
create index idx_notifications_influencer_id on public.notifications (influencer_id);
create index idx_notifications_live_session_id on public.notifications (live_session_id);
create unique index notifications_once on public.notifications (user_id, type, related_id)
  where related_id is not null and not is_deleted;
comment on table public.notifications is 'what a person is told; one per person, kind and thing';

create table public.follows (
  user_id uuid not null references auth.users on delete cascade,
  influencer_id uuid not null references public.influencers on delete cascade,
  is_notified boolean not null default true,
  followed_at timestamptz not null default now(),
  primary key (user_id, influencer_id)
);
create index idx_follows_influencer_id on public.follows (influencer_id, followed_at);
comment on table public.follows is 'who follows which influencer, and wants to be told of live sessions';

-- ---------------------------------------------------------------------------------------------
-- The influencer's desk

create table public.influencer_settings (
  influencer_id uuid primary key references public.influencers on delete cascade,
  email_notifications boolean not null default true,
  push_notifications boolean not null default true,
  sms_notifications boolean not null default false,
  notification_frequency varchar(10) not null default 'instant'
    check (notification_frequency in ('instant', 'daily', 'weekly')),
  auto_record boolean not null default true,
  stream_quality varchar(10) not null default 'high'
    check (stream_quality in ('low', 'medium', 'high', 'ultra')),
  chat_moderation_level varchar(10) not null default 'medium'
    check (chat_moderation_level in ('none', 'low', 'medium', 'high')),
  profile_visibility varchar(20) not null default 'public'
    check (profile_visibility in ('public', 'private', 'followers_only')),
  show_earnings boolean not null default false,
  show_follower_count boolean not null default true,
  goal_period varchar(10) not null default 'monthly'
    check (goal_period in ('weekly', 'monthly', 'quarterly', 'yearly')),
  goal_reminder boolean not null default true,
  dashboard_theme varchar(10) not null default 'auto' check (dashboard_theme in ('light', 'dark', 'auto')),
  preferred_currency varchar(3) not null default 'INR',
  timezone varchar(50) not null default 'Asia/Kolkata',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create trigger time_zone before insert or update of timezone on public.influencer_settings
  for each row when (new.timezone <> 'Asia/Kolkata') execute function private.check_time_zone();
comment on table public.influencer_settings is 'how an influencer wants the desk and the studio';

-- How many follow is shown only by who wants it shown.
create function private.hide_follower_count() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.influencer_settings s
             where s.influencer_id = new.id and not s.show_follower_count) then
    new.followers_count := null;
  end if;
  return new;
end $$;
create trigger without_follower_count before insert or update of followers_count
  on public.public_profiles for each row when (new.followers_count is not null)
  execute function private.hide_follower_count();

create function private.show_follower_count() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.public_profiles p set followers_count = i.followers_count
  from public.influencers i where i.id = new.influencer_id and p.id = i.id and p.kind = 'influencer';
  return null;
end $$;
create trigger shown after update of show_follower_count on public.influencer_settings
  for each row when (old.show_follower_count is distinct from new.show_follower_count)
  execute function private.show_follower_count();

create table public.influencer_goals (
  id uuid primary key default gen_random_uuid(),
  influencer_id uuid not null references public.influencers on delete cascade,
  goal_type varchar(20) not null check (goal_type in ('live_sessions', 'earnings', 'followers', 'sales')),
  title varchar(255) not null,
  period_type varchar(10) not null default 'monthly'
    check (period_type in ('weekly', 'monthly', 'quarterly', 'yearly')),
  start_date date not null,
  end_date date not null,
  target_value numeric(12, 2) not null check (target_value > 0),
  current_value numeric(12, 2) not null default 0,
  completion_percentage numeric(5, 2) generated always as
    (least(100, round(greatest(current_value, 0) * 100 / target_value, 2))) stored,
  unit varchar(20),
  status varchar(10) not null default 'active' check (status in ('active', 'completed', 'failed', 'paused')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (end_date >= start_date)
);
create index idx_influencer_goals_influencer_id on public.influencer_goals (influencer_id, status);
comment on table public.influencer_goals is 'what an influencer set out to reach; progress by maintenance';

create table public.influencer_achievements (
  id uuid primary key default gen_random_uuid(),
  influencer_id uuid not null references public.influencers on delete cascade,
  achievement_type varchar(50) not null,
  title varchar(100) not null,
  description text,
  criteria jsonb not null default '{}',
  progress_value numeric(12, 2) not null default 0,
  target_value numeric(12, 2) not null check (target_value > 0),
  is_completed boolean not null default false,
  completed_at timestamptz,
  icon_name varchar(50),
  badge_color varchar(20),
  points_awarded integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (influencer_id, achievement_type)
);
comment on table public.influencer_achievements is 'badges; progress by maintenance, never by the influencer';

create table public.influencer_earnings (
  id uuid primary key default gen_random_uuid(),
  influencer_id uuid not null references public.influencers on delete restrict,
  live_session_id uuid references public.live_sessions on delete restrict,
  order_item_id uuid,
  order_id uuid,
  product_id uuid references public.products on delete restrict,
  earning_type varchar(50) not null
    check (earning_type in ('commission', 'bonus', 'tip', 'sponsorship', 'clawback')),
  amount numeric(12, 2) not null,
  gross_sales numeric(12, 2),
  commission_rate numeric(5, 2),
  status varchar(20) not null default 'pending'
    check (status in ('pending', 'processed', 'paid', 'disputed')),
  payment_date date,
  description text,
  notes text,
  earned_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  amount_minor bigint generated always as ((amount * 100)::bigint) stored,
  check ((earning_type = 'clawback') = (amount < 0))
);
create index idx_influencer_earnings_influencer_id
  on public.influencer_earnings (influencer_id, earned_at desc);
create index idx_influencer_earnings_live_session_id on public.influencer_earnings (live_session_id);
create index idx_influencer_earnings_order_item_id on public.influencer_earnings (order_item_id);
create index idx_influencer_earnings_order_id on public.influencer_earnings (order_id);
create index idx_influencer_earnings_product_id on public.influencer_earnings (product_id);
create unique index influencer_earnings_commission_once on public.influencer_earnings (order_item_id)
  where earning_type = 'commission';
comment on table public.influencer_earnings is
  'what an influencer earned: the commission of an item once it is delivered, taken back by a negative row';

-- The desk of every influencer, new and old.
create function private.set_up_desk() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_month date := date_trunc('month', now() at time zone 'Asia/Kolkata')::date;
begin
  insert into public.influencer_settings (influencer_id) values (new.id) on conflict do nothing;
  insert into public.influencer_achievements (
    influencer_id, achievement_type, title, description, criteria, target_value, icon_name,
    badge_color, points_awarded)
  values
    (new.id, 'session_master', 'Session master', 'Go live ten times',
     '{"figure": "live_sessions"}', 10, 'video', 'purple', 100),
    (new.id, 'audience_builder', 'Audience builder', 'Reach a thousand followers',
     '{"figure": "followers"}', 1000, 'users', 'blue', 200),
    (new.id, 'revenue_generator', 'Revenue generator', 'Earn 5,000 rupees in a month',
     '{"figure": "earnings_in_a_month"}', 5000, 'trending-up', 'green', 300)
  on conflict do nothing;
  insert into public.influencer_goals (influencer_id, goal_type, title, start_date, end_date,
                                       target_value, unit)
  values
    (new.id, 'live_sessions', 'Live sessions this month', v_month,
     (v_month + interval '1 month - 1 day')::date, 20, 'live sessions'),
    (new.id, 'earnings', 'Earnings this month', v_month,
     (v_month + interval '1 month - 1 day')::date, 8000, 'INR'),
    (new.id, 'followers', 'New followers this month', v_month,
     (v_month + interval '1 month - 1 day')::date, 150, 'followers');
  return null;
end $$;
create trigger desk after insert on public.influencers
  for each row execute function private.set_up_desk();

-- Counting follows keeps the influencer's own row and its public face right.
create function private.count_followers() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- In id order: two accounts that go at the same time may have followed the same influencers.
  if tg_op = 'INSERT' then
    perform 1 from public.influencers where id in (select influencer_id from new_rows)
    order by id for no key update;
    update public.influencers i set followers_count = coalesce(i.followers_count, 0) + n.more
    from (select influencer_id, count(*)::integer as more from new_rows group by influencer_id) n
    where i.id = n.influencer_id;
  else
    perform 1 from public.influencers where id in (select influencer_id from old_rows)
    order by id for no key update;
    update public.influencers i set followers_count = greatest(0, coalesce(i.followers_count, 0) - n.less)
    from (select influencer_id, count(*)::integer as less from old_rows group by influencer_id) n
    where i.id = n.influencer_id;
  end if;
  return null;
end $$;
create trigger followed after insert on public.follows referencing new table as new_rows
  for each statement execute function private.count_followers();
create trigger unfollowed after delete on public.follows referencing old table as old_rows
  for each statement execute function private.count_followers();
