-- Live sessions as the home page lists them and as their influencer prepares them.

-- name: listed_live_sessions
-- What the home page shows, by shelf: `live` (on air or paused), `upcoming` (not begun; those that
-- were meant to begin half a day ago are left out) and `ended`. $1 is the time, $2 the number of rows
-- per shelf. poster is the pinned product, else the first that is for sale; null without one.
with shown as not materialized (
  select l.* from public.live_sessions l
  join public.influencers i on i.id = l.influencer_id and i.is_active
), listed as (
  (select 'live' as shelf, l.* from shown l
   where l.status in ('live', 'paused')
   order by l.actual_start_time desc nulls last, l.id limit $2::integer)
  union all
  (select 'upcoming', l.* from shown l
   where l.status = 'scheduled'
     and coalesce(l.scheduled_start_time, l.created_at) > $1::timestamptz - interval '12 hours'
   order by l.scheduled_start_time nulls last, l.id limit $2::integer)
  union all
  (select 'ended', l.* from shown l
   where l.status = 'ended'
   order by l.end_time desc nulls last, l.id limit $2::integer)
)
select l.shelf,
       l.id, l.title::text as title, coalesce(l.description, '') as description,
       l.status::text as status,
       l.scheduled_start_time, l.actual_start_time, l.end_time,
       i.id as influencer_id,
       coalesce(nullif(i.display_name, ''), nullif(concat_ws(' ', i.first_name, i.last_name), ''),
                'Influencer')::text as influencer_name,
       poster.value as poster
from listed l
join public.influencers i on i.id = l.influencer_id
left join lateral (
  select jsonb_build_object(
           'product_id', p.id, 'name', p.name, 'image_url', coalesce(p.images ->> 0, ''),
           'price_minor', price.minor,
           'compare_at_minor',
           case when p.retail_price_minor > price.minor then p.retail_price_minor end) as value
  from public.live_session_products s
  join public.products p on p.id = s.product_id and p.is_active and p.status = 'active'
  join public.wholesalers w on w.id = p.wholesaler_id and w.is_active
  cross join lateral (
    select min(private.unit_price_minor_v1(
             coalesce(p.sale_price_minor, p.retail_price_minor), v.price_minor,
             s.special_price_minor, l.status in ('live', 'paused'))) as minor
    from public.product_variants v where v.product_id = p.id) price
  where s.live_session_id = l.id and price.minor is not null
  order by s.is_featured desc, s.display_order, s.created_at, p.id
  limit 1) poster on true
order by l.shelf,
         case when l.shelf = 'upcoming' then l.scheduled_start_time end nulls last,
         coalesce(l.end_time, l.actual_start_time, l.created_at) desc, l.id;

-- name: influencer_of_user
-- The influencer that this account is; no row when it is none, or one that was switched off.
select id from public.influencers where user_id = $1::uuid and is_active;

-- name: live_sessions_of_user
-- An influencer's own live sessions with the ids of their products in display order, newest first.
select l.id, l.title::text as title, coalesce(l.description, '') as description,
       l.status::text as status,
       l.scheduled_start_time, l.actual_start_time, l.end_time,
       i.id as influencer_id,
       coalesce(nullif(i.display_name, ''), nullif(concat_ws(' ', i.first_name, i.last_name), ''),
                'Influencer')::text as influencer_name,
       array(select s.product_id from public.live_session_products s
             where s.live_session_id = l.id
             order by s.display_order, s.created_at, s.product_id) as product_ids
from public.live_sessions l
join public.influencers i on i.id = l.influencer_id
where i.user_id = $1::uuid and ($2::uuid is null or l.id = $2::uuid)
order by l.created_at desc, l.id desc
limit $3::integer;

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
  where p.id = chosen.id and p.is_active and p.status = 'active'
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
