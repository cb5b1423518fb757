-- What the replay shows beside the chat, a page at a time: a live session may go on for a day.

-- Answered questions at the time they were picked, polls and giveaways when they were opened, in the order
-- of (offset_ms, id), behind a place in it (NULL: from the first). offset_ms: since the broadcast began;
-- what was before it is at 0. kind: question | poll | giveaway.
create function private.engagement_replay_v2(
  p_live_session_id uuid, p_from_ms bigint, p_after_id uuid, p_limit integer)
returns table (kind text, id uuid, offset_ms bigint, body jsonb)
language sql stable set search_path = '' as $$
  with entries as (
    select 'question' as kind, q.id,
           private.offset_ms(l.actual_start_time, coalesce(q.picked_at, q.closed_at)) as offset_ms
    from public.live_sessions l
    join private.questions q on q.live_session_id = l.id and q.status = 'answered'
    where l.id = p_live_session_id
    union all
    select 'poll', p.id, private.offset_ms(l.actual_start_time, p.opened_at)
    from public.live_sessions l
    join private.polls p on p.live_session_id = l.id and p.closed_at is not null
    where l.id = p_live_session_id
    union all
    select 'giveaway', g.id, private.offset_ms(l.actual_start_time, g.opened_at)
    from public.live_sessions l
    join private.giveaways g on g.live_session_id = l.id
    join private.giveaway_draws d on d.giveaway_id = g.id
    where l.id = p_live_session_id),
  page as (
    select e.kind, e.id, e.offset_ms from entries e
    where p_from_ms is null
       or (e.offset_ms, e.id) > (p_from_ms, coalesce(p_after_id, '00000000-0000-0000-0000-000000000000'))
    order by e.offset_ms, e.id limit p_limit)
  select p.kind, p.id, p.offset_ms, case p.kind
    when 'question' then (select private.question_json_of(q) from private.questions q where q.id = p.id)
    when 'poll' then (select private.poll_json_of(o) from private.polls o where o.id = p.id)
    else private.giveaway_json_v1(p.id) end
  from page p order by p.offset_ms, p.id
$$;

revoke execute on function private.engagement_replay_v2(uuid, bigint, uuid, integer)
  from public, anon, authenticated;
grant execute on function private.engagement_replay_v2(uuid, bigint, uuid, integer) to service_role;
