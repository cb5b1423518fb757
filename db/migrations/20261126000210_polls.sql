-- Polls: one at a time per live session, one vote per person, changeable until it is closed.
--
-- The votes are rows here, keyed by the poll and the person, so that one person is one vote whatever
-- process, phone or retry it comes from. Thousands come within seconds: a hub sends what arrived in a
-- few milliseconds as one call, which locks the poll, writes the votes and moves the running counts by
-- the difference. The result that is kept is counted anew from the rows when the poll closes.

-- squawk-ignore-file adding-foreign-key-constraint

create table private.polls (
  id uuid primary key,
  live_session_id uuid not null references public.live_sessions on delete cascade,
  question text not null,
  options text[] not null check (cardinality(options) between 2 and 4),
  counts integer[] not null,
  revision integer not null default 1,
  told_revision integer not null default 1,
  told_at timestamptz not null default now(),
  opened_by uuid not null,
  opened_at timestamptz not null default now(),
  closes_at timestamptz,
  closed_at timestamptz,
  constraint polls_counts check (cardinality(counts) = cardinality(options))
) with (fillfactor = 50);
create index polls_live_session_id on private.polls (live_session_id, opened_at);
create unique index polls_open on private.polls (live_session_id) where closed_at is null;
comment on table private.polls is 'what the viewers of a live session were asked, and the result';
comment on column private.polls.counts is 'votes by option; of a closed poll counted from poll_votes';

create table private.poll_votes (
  poll_id uuid not null references private.polls on delete cascade,
  user_id uuid not null,
  option smallint not null check (option between 0 and 3),
  voted_at timestamptz not null default now(),
  primary key (poll_id, user_id)
);
comment on table private.poll_votes is 'one vote per person; no foreign key to the account, which may go';

-- A poll as everybody in the live session sees it.
create function private.poll_json_of(p private.polls) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', p.id, 'question', p.question,
    'options', (select jsonb_agg(jsonb_build_object('text', o.text, 'votes', p.counts[o.n]) order by o.n)
                from unnest(p.options) with ordinality o (text, n)),
    'voters', (select coalesce(sum(c), 0) from unnest(p.counts) c),
    'opened_at_ms', (extract(epoch from p.opened_at) * 1000)::bigint,
    'closes_at_ms', (extract(epoch from p.closes_at) * 1000)::bigint,
    'closed_at_ms', (extract(epoch from p.closed_at) * 1000)::bigint,
    'revision', p.revision)
$$;

create function private.tell_poll(p_topic text, p private.polls) returns void
language sql volatile set search_path = '' as $$
  insert into private.outbox (topic, live_session_id, payload)
  values (p_topic, p.live_session_id, jsonb_build_object('poll', private.poll_json_of(p)))
$$;

-- Ends an open poll for good and tells the result; NULL when it is closed already.
create function private.end_poll(p_poll_id uuid, p_at timestamptz) returns private.polls
language plpgsql volatile set search_path = '' as $$
declare
  v_poll private.polls;
begin
  -- Whoever is writing votes has this lock; the next statement sees what they wrote.
  perform from private.polls where id = p_poll_id and closed_at is null for no key update;
  update private.polls p
  set counts = (select array_agg(coalesce(v.n, 0) order by o.n)
                from unnest(p.options) with ordinality o (text, n)
                left join (select option, count(*)::integer as n from private.poll_votes
                           where poll_id = p_poll_id group by option) v on v.option = o.n - 1),
      closed_at = greatest(p_at, p.opened_at), revision = p.revision + 1,
      told_revision = p.revision + 1, told_at = now()
  where p.id = p_poll_id and p.closed_at is null
  returning * into v_poll;
  if found then
    perform private.tell_poll('poll.closed', v_poll);
    return v_poll;
  end if;
  return null;
end $$;

-- Opens a poll; whoever calls has seen to it that p_user_id may. The same p_id again is the same poll.
-- Returns {outcome, ...}: opened {poll} | session_not_found | wrong_state {status} | running {poll} |
--   key_reused
create function private.open_poll_v1(
  p_user_id uuid, p_id uuid, p_live_session_id uuid, p_question text, p_options text[],
  p_duration_s integer)
returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_status text;
  v_poll private.polls;
begin
  -- Locked, so that the end of the live session either finds the poll or is found here.
  select status into v_status from public.live_sessions
  where id = p_live_session_id for no key update;
  if not found then
    return jsonb_build_object('outcome', 'session_not_found');
  end if;
  select * into v_poll from private.polls where id = p_id;
  if found then
    return case when v_poll.live_session_id = p_live_session_id and v_poll.question = p_question
                     and v_poll.options = p_options
                then jsonb_build_object('outcome', 'opened', 'poll', private.poll_json_of(v_poll))
                else jsonb_build_object('outcome', 'key_reused') end;
  elsif v_status not in ('live', 'paused') then
    return jsonb_build_object('outcome', 'wrong_state', 'status', v_status);
  end if;
  select * into v_poll from private.polls
  where live_session_id = p_live_session_id and closed_at is null;
  if found then
    if v_poll.closes_at is null or v_poll.closes_at > now() then
      return jsonb_build_object('outcome', 'running', 'poll', private.poll_json_of(v_poll));
    end if;
    -- Over by the clock; the worker has not come by yet.
    perform private.end_poll(v_poll.id, v_poll.closes_at);
  end if;
  insert into private.polls (
    id, live_session_id, question, options, counts, opened_by, closes_at)
  values (
    p_id, p_live_session_id, p_question, p_options,
    array_fill(0, array[cardinality(p_options)]), p_user_id,
    now() + make_interval(secs => p_duration_s))
  returning * into v_poll;
  perform private.tell_poll('poll.opened', v_poll);
  return jsonb_build_object('outcome', 'opened', 'poll', private.poll_json_of(v_poll));
end $$;

-- Closes a poll; one that is closed stays as it closed.
-- Returns {outcome, ...}: closed {poll} | not_found
create function private.close_poll_v1(p_live_session_id uuid, p_poll_id uuid) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_poll private.polls;
begin
  perform private.end_poll(p.id, least(now(), p.closes_at))
  from private.polls p
  where p.id = p_poll_id and p.live_session_id = p_live_session_id and p.closed_at is null;
  select * into v_poll from private.polls
  where id = p_poll_id and live_session_id = p_live_session_id;
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  end if;
  return jsonb_build_object('outcome', 'closed', 'poll', private.poll_json_of(v_poll));
end $$;

-- Votes of many people in one transaction. p_votes: [{poll_id, live_session_id, user_id, option}], no
-- person twice. What came of it is told by tell_engagement_v1, at most twice a second.
-- Returns, in their order: ["voted" | "not_found" | "closed" | "invalid"]
create function private.cast_votes_v1(p_votes jsonb) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_answers jsonb;
begin
  -- Taken first: the statement below then sees every vote that is counted already.
  perform from private.polls p
  where p.id in (select (v.value ->> 'poll_id')::uuid from jsonb_array_elements(p_votes) v)
  order by p.id for no key update;
  with judged as materialized (
    select v.n, p.id as poll_id, (v.value ->> 'user_id')::uuid as user_id,
           (v.value ->> 'option')::smallint as option,
           case when p.id is null then 'not_found'
                when p.closed_at is not null or p.closes_at <= now() then 'closed'
                when (v.value ->> 'option')::integer >= cardinality(p.options) then 'invalid'
                else 'voted' end as outcome
    from jsonb_array_elements(p_votes) with ordinality v (value, n)
    left join private.polls p
      on p.id = (v.value ->> 'poll_id')::uuid
     and p.live_session_id = (v.value ->> 'live_session_id')::uuid),
  former as materialized (
    select h.poll_id, h.user_id, h.option
    from private.poll_votes h join judged j on j.poll_id = h.poll_id and j.user_id = h.user_id
    where j.outcome = 'voted'),
  written as (
    insert into private.poll_votes as h (poll_id, user_id, option)
    select poll_id, user_id, option from judged where outcome = 'voted'
    on conflict (poll_id, user_id) do update set option = excluded.option, voted_at = now()
    where h.option <> excluded.option
    returning h.poll_id, h.user_id, h.option),
  moved as (
    select w.poll_id,
           array[count(*) filter (where w.option = 0) - count(*) filter (where f.option = 0),
                 count(*) filter (where w.option = 1) - count(*) filter (where f.option = 1),
                 count(*) filter (where w.option = 2) - count(*) filter (where f.option = 2),
                 count(*) filter (where w.option = 3) - count(*) filter (where f.option = 3)] as by
    from written w left join former f on f.poll_id = w.poll_id and f.user_id = w.user_id
    group by w.poll_id),
  counted as (
    update private.polls p
    set counts = (select array_agg(c.votes + m.by[c.n]::integer order by c.n)
                  from unnest(p.counts) with ordinality c (votes, n)),
        revision = p.revision + 1
    from moved m where p.id = m.poll_id)
  select jsonb_agg(outcome order by n) into v_answers from judged;
  return v_answers;
end $$;

create function private.end_polls_of_session() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.end_poll(p.id, least(now(), p.closes_at))
  from private.polls p where p.live_session_id = new.id and p.closed_at is null;
  return null;
end $$;
create trigger polls_over after update of status on public.live_sessions
  for each row when (old.status is distinct from new.status
                     and new.status in ('ended', 'cancelled', 'error'))
  execute function private.end_polls_of_session();

do $$
declare
  t text;
begin
  foreach t in array array['polls', 'poll_votes'] loop
    execute format('alter table private.%I enable row level security', t);
    execute format('revoke all on private.%I from public, anon, authenticated, service_role', t);
    execute format('grant select, insert, update, delete on private.%I to service_role', t);
    execute format('create policy service on private.%I for all to service_role '
                   'using (true) with check (true)', t);
  end loop;
end $$;

revoke execute on function
  private.poll_json_of(private.polls), private.tell_poll(text, private.polls),
  private.end_poll(uuid, timestamptz),
  private.open_poll_v1(uuid, uuid, uuid, text, text[], integer), private.close_poll_v1(uuid, uuid),
  private.cast_votes_v1(jsonb), private.end_polls_of_session()
  from public, anon, authenticated;
grant execute on function
  private.poll_json_of(private.polls), private.tell_poll(text, private.polls),
  private.end_poll(uuid, timestamptz),
  private.open_poll_v1(uuid, uuid, uuid, text, text[], integer), private.close_poll_v1(uuid, uuid),
  private.cast_votes_v1(jsonb), private.end_polls_of_session()
  to service_role;
