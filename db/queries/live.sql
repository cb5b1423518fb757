-- Live sessions on air: reading one, moving it through its states, pinning.

-- name: live_session
-- One live session with its influencer; no row when there is none.
select l.id, l.title::text as title, coalesce(l.description, '') as description,
       l.status::text as status,
       l.scheduled_start_time, l.actual_start_time, l.end_time,
       i.id as influencer_id, i.user_id as influencer_user_id,
       coalesce(p.name, 'Influencer')::text as influencer_name, l.visibility::text as visibility,
       l.hold_policy::text as hold_policy, l.hold_ttl_s, l.takes_claims
from public.live_sessions l
join public.influencers i on i.id = l.influencer_id
left join public.public_profiles p on p.id = l.influencer_id
where l.id = $1::uuid;

-- name: lock_live_session
-- The same row, which nobody else changes until the transaction ends. Facts about a live session that
-- are written under this lock reach the outbox in the order in which they became true.
select l.id, l.title::text as title, coalesce(l.description, '') as description,
       l.status::text as status,
       l.scheduled_start_time, l.actual_start_time, l.end_time,
       i.id as influencer_id, i.user_id as influencer_user_id,
       coalesce(p.name, 'Influencer')::text as influencer_name, l.visibility::text as visibility,
       l.hold_policy::text as hold_policy, l.hold_ttl_s, l.takes_claims
from public.live_sessions l
join public.influencers i on i.id = l.influencer_id
left join public.public_profiles p on p.id = l.influencer_id
where l.id = $1::uuid
for no key update of l;

-- name: live_session_on_air
-- The live session that an influencer has on air; no row when there is none.
select id from public.live_sessions
where influencer_id = $1::uuid and status in ('live', 'paused');

-- name: on_air_of_closed_accounts
-- What is on air though the account of its influencer is closed, which is what
-- accounts.person_by_id says of it too; at most so many.
select l.id as live_session_id, i.user_id
from public.live_sessions l
join public.influencers i on i.id = l.influencer_id
join auth.users u on u.id = i.user_id
left join public.wholesalers w on w.user_id = u.id
left join public.customers c on c.user_id = u.id
where l.status in ('live', 'paused')
  and (u.deleted_at is not null or u.banned_until > $1::timestamptz or not i.is_active
       or not w.is_active or not c.is_active)
limit $2::integer;

-- name: start_live_session
-- Violates live_sessions_one_on_air when the influencer is on air already.
update public.live_sessions
set status = 'live', actual_start_time = coalesce(actual_start_time, $2::timestamptz)
where id = $1::uuid;

-- name: pause_live_session
update public.live_sessions set status = 'paused' where id = $1::uuid;

-- name: resume_live_session
update public.live_sessions set status = 'live' where id = $1::uuid;

-- name: end_live_session
update public.live_sessions
set status = 'ended', end_time = $2::timestamptz,
    duration_minutes = greatest(0, extract(epoch from $2::timestamptz - actual_start_time) / 60)::integer
where id = $1::uuid;

-- name: pinned_product
-- What is pinned; no row when nothing is.
select product_id from public.live_session_products
where live_session_id = $1::uuid and is_featured;

-- name: unpin_all
-- Takes whatever is pinned off the video.
update public.live_session_products set is_featured = false, pinned_at = null
where live_session_id = $1::uuid and is_featured;

-- name: pin_product
-- Nothing is updated when the product is not part of the live session.
update public.live_session_products set is_featured = true, pinned_at = $3::timestamptz
where live_session_id = $1::uuid and product_id = $2::uuid;

-- name: session_figures
-- What has been counted so far; no row when there is no such live session.
select l.total_joins as joins, l.peak_viewers,
       coalesce((select jsonb_object_agg(s.product_id, s.clicks)
                 from public.live_session_products s where s.live_session_id = l.id),
                '{}'::jsonb) as clicks
from public.live_sessions l where l.id = $1::uuid;
