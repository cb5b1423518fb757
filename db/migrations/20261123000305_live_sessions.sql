-- The live session itself. In a file of its own: whoever places an order opens this table, if only for its
-- foreign key, and waits as long as the file takes.

-- Live sessions are some ten thousand rows at most: each lock here lasts milliseconds.
-- squawk-ignore-file adding-foreign-key-constraint, require-concurrent-index-creation, adding-field-with-default, disallowed-unique-constraint, constraint-missing-not-valid, ban-drop-constraint

-- LIVE- and eight of 32 signs that cannot be mistaken for each other, for reading aloud.
create function private.new_session_code() returns text
language sql volatile set search_path = '' as $$
  select 'LIVE-' || string_agg(
    substr('ABCDEFGHJKLMNPQRSTUVWXYZ23456789', 1 + get_byte(d.bytes, i) % 32, 1), '' order by i)
  from (select sha256(uuid_send(gen_random_uuid())) as bytes) d, generate_series(0, 7) i
$$;

alter table public.live_sessions
  add column session_code varchar(20) not null default private.new_session_code() unique,
  add column visibility varchar(20) not null default 'public'
    check (visibility in ('public', 'unlisted', 'private')),
  add column thumbnail_url varchar(500),
  add column scheduled_end_time timestamptz,
  add column schedule_id uuid,
  add column max_viewers integer check (max_viewers > 0),
  add column is_recording_enabled boolean not null default true,
  add column is_chat_enabled boolean not null default true,
  add column is_products_showcase boolean not null default true,
  add column stream_quality varchar(20) not null default 'auto',
  add column hls_url varchar(500),
  add column total_watch_time_minutes integer not null default 0,
  add column average_watch_time_minutes numeric(10, 2) not null default 0,
  add column total_messages integer not null default 0,
  add column total_reactions integer not null default 0,
  add column total_shares integer not null default 0,
  add column total_clicks integer not null default 0,
  add column total_orders integer not null default 0,
  add column conversion_rate numeric(5, 2) not null default 0,
  add column archived_at timestamptz,
  add constraint live_sessions_counts check (
    least(total_watch_time_minutes, total_messages, total_reactions, total_shares, total_clicks,
          total_orders) >= 0 and conversion_rate between 0 and 100);
alter table public.live_sessions
  drop constraint live_sessions_status_check,
  add constraint live_sessions_status_check check (
    status in ('scheduled', 'live', 'paused', 'ended', 'cancelled', 'error'));
-- Now that there are codes to compare with: one in a million million is taken already.
create or replace function private.new_session_code() returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_code text;
begin
  loop
    select 'LIVE-' || string_agg(
      substr('ABCDEFGHJKLMNPQRSTUVWXYZ23456789', 1 + get_byte(d.bytes, i) % 32, 1), '' order by i)
    into v_code
    from (select sha256(uuid_send(gen_random_uuid())) as bytes) d, generate_series(0, 7) i;
    exit when not exists (select from public.live_sessions where session_code = v_code);
  end loop;
  return v_code;
end $$;
comment on column public.live_sessions.visibility is
  'unlisted: for whoever has the link; private: for its influencer only';
comment on column public.live_sessions.conversion_rate is 'orders per 100 clicks, at most 100';
comment on column public.live_sessions.archived_at is
  'set by maintenance: out of the everyday lists, still readable';
create index idx_live_sessions_ended on public.live_sessions (end_time desc, id)
  where status = 'ended';
create index idx_live_sessions_schedule_id on public.live_sessions (schedule_id);

alter table public.live_sessions add constraint live_sessions_schedule foreign key (schedule_id)
  references public.live_session_schedules on delete set null;
