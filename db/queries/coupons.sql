-- name: for_check
-- A coupon by its code ($2) and the lines that customer $1 wants, priced now; no row without the coupon.
select c.code, c.title, c.kind, c.percent_bp, c.max_discount_minor, c.amount_minor, c.min_spend_minor,
       c.wholesaler_id, c.live_session_id, c.is_live_only,
       c.starts_at <= now() as is_known,
       c.is_active and (c.ends_at is null or c.ends_at > now()) as is_running,
       exists (select from private.coupon_redemptions r
               where r.coupon_id = c.id and r.customer_id = b.id and r.returned_at is null) as is_used,
       coalesce((select k.used from private.coupon_counts k where k.coupon_id = c.id), 0)
         >= coalesce(c.quota, 2147483647) as is_used_up,
       coalesce((
         select jsonb_agg(jsonb_build_object(
                  'amount_minor', coalesce(l.price_minor, 0) * l.quantity,
                  'wholesaler_id', l.wholesaler_id, 'live_session_id', l.live_session_id,
                  'is_on_air', l.is_on_air) order by l.line)
         from private.priced_lines_v1(
           array_fill(1, array[cardinality($3::uuid[])]),
           array(select generate_series(1, cardinality($3::uuid[]))),
           array_fill($1::uuid, array[cardinality($3::uuid[])]),
           array_fill(b.id, array[cardinality($3::uuid[])]),
           array_fill(b.phone::text, array[cardinality($3::uuid[])]),
           $3::uuid[], $4::integer[], $5::uuid[], $6::uuid[],
           array_fill(false, array[cardinality($3::uuid[])]),
           '{"carryover_s": 86400, "replay_s": 604800, "link_s": 2592000}') l), '[]') as lines
from private.coupons c
left join public.customers b on b.user_id = $1::uuid and b.is_active
where c.code = $2::text

-- name: listed
-- Coupons that $1, who is an admin, influencer or wholesaler ($2), may see, newest first; or the one with
-- this id ($3). $4: the last one of the page before.
select c.id, c.code, c.title, c.kind, c.percent_bp, c.amount_minor, c.max_discount_minor,
       c.min_spend_minor, c.quota, coalesce(k.used, 0) as used,
       c.live_session_id, s.title::text as live_session_title,
       c.wholesaler_id, w.business_name::text as wholesaler_name, c.is_live_only, c.funded_by,
       c.starts_at, c.ends_at, c.is_active,
       case when not c.is_active then 'stopped'
            when c.ends_at <= now() then 'ended'
            when coalesce(k.used, 0) >= c.quota then 'used_up'
            when c.starts_at > now() then 'coming'
            else 'running' end as state,
       c.created_at
from private.coupons c
left join private.coupon_counts k on k.coupon_id = c.id
left join public.live_sessions s on s.id = c.live_session_id
left join public.influencers i on i.id = s.influencer_id
left join public.wholesalers w on w.id = c.wholesaler_id
where ($2::text = 'admin'
       or ($2 = 'influencer' and i.user_id = $1::uuid)
       or ($2 = 'wholesaler' and w.user_id = $1))
  and ($3::uuid is null or c.id = $3)
  and ($4::uuid is null
       or (c.created_at, c.id) < (select p.created_at, p.id from private.coupons p where p.id = $4))
order by c.created_at desc, c.id desc
limit $5::integer

-- name: create
-- Makes a coupon; no row when the live session or the products are not $2's to give. The same id ($1)
-- makes one.
insert into private.coupons as c (
  id, code, title, kind, percent_bp, amount_minor, max_discount_minor, min_spend_minor, quota,
  live_session_id, wholesaler_id, is_live_only, funded_by, starts_at, ends_at, created_by)
select $1::uuid, $4::text, $5::text, $6::text, $7::integer, $8::bigint, $9::bigint, $10::bigint,
       $11::integer, s.id,
       case when $3::text = 'wholesaler' then o.id else w.id end,
       $14::boolean, $15::text, coalesce($16::timestamptz, now()), $17::timestamptz, $2::uuid
from (select 1) as one
left join public.live_sessions s on s.id = $12::uuid
left join public.influencers i on i.id = s.influencer_id
left join public.wholesalers w on w.id = $13::uuid
left join public.wholesalers o on o.user_id = $2
where (s.id is not null or $12 is null) and (w.id is not null or $13 is null)
  and case $3 when 'admin' then true
              when 'influencer' then i.user_id = $2 and $13 is null
              when 'wholesaler' then o.id is not null and o.id = coalesce(w.id, o.id)
              else false end
on conflict (id) do update set title = excluded.title where c.created_by = excluded.created_by
returning c.id

-- name: stop
-- Ends a coupon for good; no row when there is none.
update private.coupons set is_active = false where id = $1::uuid returning id
