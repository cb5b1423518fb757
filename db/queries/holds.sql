-- Holds and the waitlist; see db/migrations/20261124000520_holds.sql.

-- name: place
-- Promises pieces to the customer with this account; always one row, {outcome, ...} (private.hold_v1).
select private.hold_v1(
  (select id from public.customers where user_id = $1::uuid and is_active), $2::uuid, $3::integer,
  $4::uuid, $5::text) as answer;

-- name: release
-- How many pieces were given back; 0 when there was no hold (any more).
select private.release_hold_v1(
  (select id from public.customers where user_id = $1::uuid), $2::uuid) as released;

-- name: join_waitlist
-- Always one row, {outcome, ...} (see private.join_waitlist_v1).
select private.join_waitlist_v1(
  (select id from public.customers where user_id = $1::uuid and is_active), $2::uuid, $3::integer,
  $4::uuid) as answer;

-- name: leave_waitlist
-- Whether the customer waited.
select private.leave_waitlist_v1(
  (select id from public.customers where user_id = $1::uuid), $2::uuid) as waited;

-- name: of_customer
-- What is promised to a customer of the products of a live session, and what he waits for there.
select private.hold_json_v1(c.id, mine.variant_id) as hold
from public.customers c
cross join lateral (
  select h.variant_id from private.stock_holds h
  where h.customer_id = c.id and h.expires_at > now()
  union
  select w.variant_id from private.waitlist w where w.customer_id = c.id and w.status = 'waiting') mine
join public.product_variants v on v.id = mine.variant_id
join public.live_session_products s on s.live_session_id = $2::uuid and s.product_id = v.product_id
where c.user_id = $1::uuid
order by mine.variant_id
limit 100;

-- name: selling_of_live_session
-- How many pieces of each variant a newcomer can have in a live session, and what to say in its chat.
select s.product_id, coalesce(s.claim_code, '')::text as claim_code,
       coalesce((select jsonb_object_agg(v.id, private.available_v1(v.id, null, s.live_session_id))
                 from public.product_variants v where v.product_id = s.product_id), '{}') as available
from public.live_session_products s
where s.live_session_id = $1::uuid;

-- name: claimed_product
-- The variants behind a claim code of a live session that is on air, in their order.
select v.id, v.product_id, p.name::text as product_name, v.label::text as label,
       coalesce(v.color, '')::text as color, coalesce(v.size, '')::text as size,
       coalesce(v.options, '{}') as options
from public.live_session_products s
join public.live_sessions l on l.id = s.live_session_id and l.status in ('live', 'paused')
join public.products p on p.id = s.product_id
join public.product_variants v on v.product_id = p.id
where s.live_session_id = $1::uuid and s.claim_code = $2::text
order by v.position, v.id;

-- name: sweep
-- Ends holds and serves who waits, at most $1 of each; how much that was.
select private.sweep_holds_v1($1::integer) as done;

-- name: tell
-- Tells at most $1 changes of what is free and what is promised; how many those were.
select private.tell_availability_v1($1::integer) as done;

-- name: settle_waitlist
-- A batch of maintenance: what became of those whose turn it was.
select done, walked_to from private.settle_waitlist_v1($1::timestamptz, $2::text, $3::integer);
