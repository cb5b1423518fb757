-- Questions, polls and giveaways together: what a room reads, what is told of counts, what ends by
-- time, and what the replay shows.

-- What a room begins with; see Engagement in signaling/engagement_payloads.py.
create function private.engagement_v1(p_live_session_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'questions', coalesce((
      select jsonb_agg(private.question_json_of(q) order by q.asked_at, q.id)
      from private.questions q
      where q.live_session_id = p_live_session_id and q.closed_at is null), '[]'),
    'poll', (select private.poll_json_of(p) from private.polls p
             where p.live_session_id = p_live_session_id order by p.opened_at desc, p.id desc limit 1),
    'giveaway', (select private.giveaway_json_v1(g.id) from private.giveaways g
                 where g.live_session_id = p_live_session_id
                 order by g.opened_at desc, g.id desc limit 1))
$$;

-- A person's own part in it.
create function private.my_engagement_v1(p_live_session_id uuid, p_user_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'upvoted', coalesce((
      select jsonb_agg(u.question_id order by u.question_id)
      from private.questions q
      join private.question_upvotes u on u.question_id = q.id and u.user_id = p_user_id
      where q.live_session_id = p_live_session_id and q.closed_at is null), '[]'),
    'poll_option', (
      select v.option
      from (select id from private.polls where live_session_id = p_live_session_id
            order by opened_at desc, id desc limit 1) p
      join private.poll_votes v on v.poll_id = p.id and v.user_id = p_user_id),
    'entry_id', (
      select e.entry_id
      from (select id from private.giveaways where live_session_id = p_live_session_id
            order by opened_at desc, id desc limit 1) g
      join private.giveaway_entries e on e.giveaway_id = g.id and e.user_id = p_user_id))
$$;

-- How long to be silent about counts that were told: half a second, and more and more where they are
-- counted for minutes. Each word takes the place of a chat message in what the bus keeps for newcomers.
create function private.rest_after_v1(p_since timestamptz) returns interval
language sql stable set search_path = '' as $$
  select least(greatest((clock_timestamp() - p_since) / 60, interval '450 milliseconds'),
               interval '3 seconds')
$$;

-- Tells what was counted since it was told last: of a poll and of a giveaway at most twice a second, of
-- the questions of a live session every two seconds, by however many processes this is called. How much
-- was told.
create function private.tell_engagement_v1(p_limit integer) returns integer
language plpgsql volatile set search_path = '' as $$
declare
  v_told integer;
  v_all integer := 0;
begin
  with behind as (
    select p.id from private.polls p
    where p.closed_at is null and p.told_revision < p.revision
      and p.told_at <= clock_timestamp() - private.rest_after_v1(p.opened_at)
    order by p.id limit p_limit for no key update skip locked),
  told as (
    update private.polls p set told_revision = p.revision, told_at = clock_timestamp()
    from behind b where p.id = b.id
    returning p.live_session_id, private.poll_json_of(p) as poll)
  insert into private.outbox (topic, live_session_id, payload)
  select 'poll.counted', live_session_id, jsonb_build_object('poll', poll) from told;
  get diagnostics v_told = row_count;
  v_all := v_all + v_told;
  with behind as (
    select c.giveaway_id, g.live_session_id
    from private.giveaway_counts c join private.giveaways g on g.id = c.giveaway_id
    where not c.is_drawn and c.told < c.entries
      and c.told_at <= clock_timestamp() - private.rest_after_v1(g.opened_at)
    order by c.giveaway_id limit p_limit for no key update of c skip locked),
  told as (
    update private.giveaway_counts c set told = c.entries, told_at = clock_timestamp()
    from behind b where c.giveaway_id = b.giveaway_id
    returning b.live_session_id, c.giveaway_id)
  insert into private.outbox (topic, live_session_id, payload)
  select 'giveaway.counted', live_session_id,
         jsonb_build_object('giveaway', private.giveaway_json_v1(giveaway_id)) from told;
  get diagnostics v_told = row_count;
  v_all := v_all + v_told;
  -- One word for all questions of a live session.
  with behind as (
    select q.id from private.questions q
    where q.closed_at is null and q.told_revision < q.revision
      and not exists (
        select from private.questions o
        where o.live_session_id = q.live_session_id and o.closed_at is null
          and o.told_at > clock_timestamp() - interval '1950 milliseconds')
    order by q.id limit p_limit for no key update skip locked),
  told as (
    update private.questions q set told_revision = q.revision, told_at = clock_timestamp()
    from behind b where q.id = b.id
    returning q.live_session_id, private.question_json_of(q) as question)
  insert into private.outbox (topic, live_session_id, payload)
  select 'questions.changed', live_session_id,
         jsonb_build_object('questions', jsonb_agg(question)) from told group by live_session_id;
  get diagnostics v_told = row_count;
  return v_all + v_told;
end $$;

-- What the worker does twice a second: closes polls whose time is over, tells what nobody has told.
create function private.tick_engagement_v1(p_limit integer) returns integer
language plpgsql volatile set search_path = '' as $$
declare
  v_poll record;
  v_ended integer := 0;
begin
  for v_poll in
    select p.id, p.closes_at from private.polls p
    where p.closed_at is null and p.closes_at <= now()
    order by p.id limit p_limit for no key update skip locked
  loop
    perform private.end_poll(v_poll.id, v_poll.closes_at);
    v_ended := v_ended + 1;
  end loop;
  return v_ended + private.tell_engagement_v1(p_limit);
end $$;

create function private.offset_ms(p_start timestamptz, p_at timestamptz) returns bigint
language sql immutable set search_path = '' as $$
  select greatest((extract(epoch from p_at - p_start) * 1000)::bigint, 0)
$$;

-- What the replay shows beside the chat: questions when they were answered, polls and giveaways with
-- what came of them. offset_ms: since the broadcast began; what was before it is at 0. NULL where there
-- is no such live session, or it is private.
create function private.engagement_replay_v1(p_live_session_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'questions', coalesce((
      select jsonb_agg(private.question_json_of(q) || jsonb_build_object(
               'offset_ms', private.offset_ms(l.actual_start_time, coalesce(q.picked_at, q.closed_at)))
               order by coalesce(q.picked_at, q.closed_at), q.id)
      from private.questions q where q.live_session_id = l.id and q.status = 'answered'), '[]'),
    'polls', coalesce((
      select jsonb_agg(private.poll_json_of(p) || jsonb_build_object(
               'offset_ms', private.offset_ms(l.actual_start_time, p.opened_at))
               order by p.opened_at, p.id)
      from private.polls p where p.live_session_id = l.id and p.closed_at is not null), '[]'),
    'giveaways', coalesce((
      select jsonb_agg(private.giveaway_json_v1(g.id) || jsonb_build_object(
               'offset_ms', private.offset_ms(l.actual_start_time, g.opened_at))
               order by g.opened_at, g.id)
      from private.giveaways g join private.giveaway_draws d on d.giveaway_id = g.id
      where g.live_session_id = l.id), '[]'))
  from public.live_sessions l
  where l.id = p_live_session_id and l.visibility <> 'private'
$$;

-- A draw with all that it takes to check it; before the draw without seed and entries. NULL where there
-- is no such giveaway, or its live session is private.
create function private.giveaway_record_v1(p_giveaway_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select private.giveaway_json_v1(g.id) || jsonb_build_object(
    'live_session_id', g.live_session_id,
    'entry_ids', case when d.giveaway_id is not null then coalesce((
      select jsonb_agg(e.entry_id order by e.entry_id) from private.giveaway_entries e
      where e.giveaway_id = g.id), '[]') end)
  from private.giveaways g
  join public.live_sessions l on l.id = g.live_session_id
  left join private.giveaway_draws d on d.giveaway_id = g.id
  where g.id = p_giveaway_id and l.visibility <> 'private'
$$;

revoke execute on function
  private.rest_after_v1(timestamptz), private.engagement_v1(uuid), private.my_engagement_v1(uuid, uuid), private.tell_engagement_v1(integer),
  private.tick_engagement_v1(integer), private.engagement_replay_v1(uuid),
  private.offset_ms(timestamptz, timestamptz), private.giveaway_record_v1(uuid)
  from public, anon, authenticated;
grant execute on function
  private.rest_after_v1(timestamptz), private.engagement_v1(uuid), private.my_engagement_v1(uuid, uuid), private.tell_engagement_v1(integer),
  private.tick_engagement_v1(integer), private.engagement_replay_v1(uuid),
  private.offset_ms(timestamptz, timestamptz), private.giveaway_record_v1(uuid)
  to service_role;
