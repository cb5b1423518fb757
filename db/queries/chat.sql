-- The chat of live sessions: what is kept of it, what waits, and who may write.

-- name: of_live_session
-- The rules, the people and what waits (see private.chat_of_live_session_v1); null when there is no such
-- live session.
select private.chat_of_live_session_v1($1::uuid) as chat;

-- name: gone
-- Of these messages of a live session (ids, authors, when they were said in milliseconds) those that
-- were taken away.
select m.id
from unnest($2::uuid[], $3::uuid[], $4::bigint[]) m (id, user_id, sent_at_ms)
where exists (
    select from private.chat_tombstones t
    where t.live_session_id = $1::uuid
      and (t.message_id = m.id
           or (t.message_id is null and (t.user_id is null or t.user_id = m.user_id)
               and m.sent_at_ms <= extract(epoch from t.buried_at) * 1000)))
   or exists (
    select from public.live_session_chat h
    where h.id = m.id and h.live_session_id = $1::uuid and h.is_deleted
      and h.deletion_reason is distinct from 'hidden');

-- name: keep
-- What was said. A message that was sent again after its answer was lost is one message.
select private.keep_chat_v1($1::uuid, $2::jsonb);

-- name: hold
-- Has a message wait for review; always one row, {outcome} (see private.hold_chat_message_v1).
select private.hold_chat_message_v1($1::uuid, $2::jsonb, $3::text, $4::text) as answer;

-- name: standings
-- Of these accounts: who follows the influencer, and who has bought in her live sessions.
select user_id, is_follower, is_buyer from private.chat_standings_v1($1::uuid, $2::uuid[]);

-- name: replay
-- Messages of a live session that began, in the order in which they were said, from a place on:
-- $2 milliseconds after the beginning (less than 0: before it; null: from the first), behind the message
-- $3 (null for all of that moment).
select c.id, (extract(epoch from c.sent_at - l.actual_start_time) * 1000)::bigint as offset_ms,
       c.message as text, coalesce(c.username, '')::text as name, c.is_influencer as is_host,
       c.is_moderator, c.message_type = 'system' as is_announcement, c.parent_message_id as reply_to_id
from public.live_sessions l
join public.live_session_chat c on c.live_session_id = l.id
where l.id = $1::uuid and l.actual_start_time is not null and not c.is_deleted
  and (c.sent_at, c.id) > (
    coalesce(l.actual_start_time + $2::bigint * interval '1 millisecond', '-infinity'),
    coalesce($3::uuid, '00000000-0000-0000-0000-000000000000'))
order by c.sent_at, c.id
limit $4::integer;

-- name: has_replay
-- Whether somebody ($2) may see what was said in a live session; no row when there is no such.
select (l.visibility <> 'private' or i.user_id = $2::uuid) as may_see
from public.live_sessions l join public.influencers i on i.id = l.influencer_id
where l.id = $1::uuid;

-- name: follow
-- Follows an influencer, or no more; always one row (see app.follow_v1).
select app.follow_v1($1::text, $2::uuid, $3::boolean) as answer;

-- name: following
-- Whether one follows an influencer; null when there is none.
select app.following_v1($1::text, $2::uuid) as answer;
