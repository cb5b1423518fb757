-- name: links_of
-- The links of influencer $1 (a user id), newest first, or the one with this code ($2). customers: who
-- came by it and is remembered.
select l.code, l.product_id, p.name::text as product_name, l.live_session_id,
       s.title::text as live_session_title, l.clicks,
       (select count(distinct t.customer_id) from private.touches t
        where t.link_code = l.code) as customers,
       l.created_at
from private.affiliate_links l
join public.influencers i on i.id = l.influencer_id
left join public.products p on p.id = l.product_id
left join public.live_sessions s on s.id = l.live_session_id
where i.user_id = $1::uuid and ($2::text is null or l.code = $2)
order by l.created_at desc, l.code
limit 200

-- name: sales
-- What customers bought by the links of influencer $1 (a user id) from $2 on, and what of it is in the
-- ledger as theirs: paid for, not sent back. Always one row.
with bought as (
  select oi.id, oi.order_id, oi.quantity - oi.quantity_cancelled - oi.quantity_returned as pieces
  from public.order_items oi
  where oi.influencer_id = (select i.id from public.influencers i where i.user_id = $1::uuid)
    and oi.created_at >= $2::timestamptz and oi.attribution_kind = 'affiliate_link'
)
select count(distinct b.order_id) filter (where b.pieces > 0) as orders,
       coalesce(sum(b.pieces), 0)::bigint as pieces,
       coalesce(sum((select sum(e.amount_minor)
                     from private.ledger_entries e
                     join private.ledger_accounts a on a.id = e.account_id
                     where e.order_item_id = b.id
                       and a.name in ('influencer_pending', 'influencer_available'))), 0)::bigint
         as earned_minor
from bought b

-- name: make
-- The link of influencer $1 to a product, one of their live sessions or the shop, made when it is not
-- there; no row when the target is not theirs to show or the code ($4) is taken by another.
insert into private.affiliate_links as l (code, influencer_id, product_id, live_session_id)
select $4::text, i.id, p.id, s.id
from public.influencers i
left join public.products p on p.id = $2::uuid and p.is_active
left join public.live_sessions s
  on s.id = $3::uuid and s.influencer_id = i.id and s.visibility <> 'private'
where i.user_id = $1::uuid and i.is_active
  and (p.id is not null or $2 is null) and (s.id is not null or $3 is null)
on conflict (influencer_id, product_id, live_session_id) do update set clicks = l.clicks
returning l.code

-- name: follow
-- Counts a click; where the link leads to, no row when there is none.
update private.affiliate_links l set clicks = l.clicks + 1 where l.code = $1::text
returning l.code, l.product_id, l.live_session_id

-- name: note_touch
-- Customer $1 opened product $3 and had come by the link $2 at $4; a row when it was kept. A link to a
-- product is for that one, the others are for every product. Influencers earn nothing from themselves.
insert into private.touches as t (
  customer_id, product_id, kind, influencer_id, live_session_id, touched_at, link_code)
select c.id, p.id, 'link', l.influencer_id, null, least($4::timestamptz, now()), l.code
from public.customers c
join private.affiliate_links l on l.code = $2::text
join public.influencers i on i.id = l.influencer_id and i.is_active and i.user_id <> c.user_id
join public.products p on p.id = $3::uuid and (l.product_id is null or l.product_id = p.id)
where c.user_id = $1::uuid and c.is_active and $4 > now() - interval '30 days'
on conflict (customer_id, product_id, kind) do update
set influencer_id = excluded.influencer_id, live_session_id = excluded.live_session_id,
    touched_at = excluded.touched_at, link_code = excluded.link_code
where t.touched_at < excluded.touched_at
returning t.product_id
