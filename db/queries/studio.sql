-- Live sessions as the home page lists them and as their influencer prepares them.

-- name: listed_live_sessions
-- The home page by shelf at the time $2, at most $3 rows a shelf; see app.listed_live_sessions_v1.
select shelf, id, title, description, status, scheduled_start_time, actual_start_time, end_time,
       influencer_id, influencer_name, poster
from app.listed_live_sessions_v1($1::text, $2::timestamptz, $3::integer);

-- name: influencer_of_user
-- The influencer that this account is; no row when it is none, or one that was switched off.
select id from public.influencers where user_id = $1::uuid and is_active;

-- name: live_sessions_of_user
-- An influencer's own live sessions, newest first; $2 is the id of one, or null for all.
select id, title, description, status, scheduled_start_time, actual_start_time, end_time, influencer_id,
       influencer_name, product_ids, visibility, hold_policy, hold_ttl_s, takes_claims
from app.live_sessions_of_v3($1::text, $2::uuid, $3::integer);

-- name: lock_live_session_of_user
-- The status of one's own live session, which nobody else changes until the transaction ends; no row
-- for a live session that does not exist or is somebody else's.
select l.status::text as status
from public.live_sessions l join public.influencers i on i.id = l.influencer_id
where l.id = $1::uuid and i.user_id = $2::uuid
for no key update of l;

-- name: count_open_live_sessions
-- How many live sessions an influencer has that have not begun.
select count(*)::integer from public.live_sessions
where influencer_id = $1::uuid and status = 'scheduled';

-- name: add_live_session
insert into public.live_sessions (id, influencer_id, title, description, scheduled_start_time, status)
values ($1::uuid, $2::uuid, $3::text, $4::text, $5::timestamptz, 'scheduled');

-- name: change_live_session
-- Sets what is not null, and the start when $4 is true.
update public.live_sessions
set title = coalesce($2::text, title), description = coalesce($3::text, description),
    scheduled_start_time = case when $4::boolean then $5::timestamptz else scheduled_start_time end
where id = $1::uuid;

-- name: ineligible_products
-- Which of these products a live session may not show: unknown, switched off, or not for live sale.
select chosen.id
from unnest($1::uuid[]) with ordinality chosen (id, place)
where not exists (
  select from public.products p join public.wholesalers w on w.id = p.wholesaler_id
  where p.id = chosen.id and p.is_active and p.status in ('active', 'out_of_stock')
    and p.is_live_stream_eligible and w.is_active)
order by chosen.place;

-- name: drop_other_products
-- Takes every product out of the live session that is not in the list.
delete from public.live_session_products
where live_session_id = $1::uuid and product_id <> all ($2::uuid[]);

-- name: put_products
-- Puts the products into the live session in the order of the list; the price and the counts of one
-- that is in it already stay.
insert into public.live_session_products (live_session_id, product_id, display_order)
select $1::uuid, chosen.id, chosen.place
from unnest($2::uuid[]) with ordinality chosen (id, place)
on conflict (live_session_id, product_id) do update set display_order = excluded.display_order;

-- name: hold_stock
-- Whether stock is held in the live session, and for how long; what is null stays.
update public.live_sessions
set hold_policy = coalesce($2::text, hold_policy), hold_ttl_s = coalesce($3::integer, hold_ttl_s)
where id = $1::uuid;

-- name: take_claims
-- Whether messages in the chat of the live session claim products.
update public.live_sessions set takes_claims = $2::boolean where id = $1::uuid;

-- name: show_to
-- Who may find the live session: everybody, whoever has the link, or its influencer.
update public.live_sessions set visibility = $2::text where id = $1::uuid;
