-- Facts that Postgres owns, on their way to the session bus.

-- name: add
-- Written in the transaction that makes the fact true.
insert into private.outbox (topic, live_session_id, payload)
values ($1::text, $2::uuid, $3::jsonb);

-- name: claim
-- The oldest rows that nobody else is publishing, locked until the transaction ends.
select id, topic, live_session_id, payload,
       floor(extract(epoch from created_at) * 1000)::bigint as at_ms
from private.outbox
where published_at is null
order by id
limit $1::integer
for update skip locked;

-- name: mark_published
update private.outbox set published_at = now() where id = any ($1::bigint[]);

-- name: waiting
-- The newest rows that are not published, oldest first; for telling them while Redis is away.
select waiting.id, waiting.topic, waiting.live_session_id, waiting.payload,
       floor(extract(epoch from waiting.created_at) * 1000)::bigint as at_ms
from (
  select id, topic, live_session_id, payload, created_at
  from private.outbox
  where published_at is null
  order by id desc
  limit $1::integer
) as waiting
order by waiting.id;
