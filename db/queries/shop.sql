-- name: place_order
-- Places one order in one transaction; always one row, {outcome, ...} (see private.place_order_v1).
select private.place_order_v1(
  $1::uuid, $2::uuid, $3::bytea, $4::uuid, $5::uuid[], $6::integer[], $7::jsonb, $8::jsonb,
  $9::bigint, $10::bigint) as answer

-- name: order_by_id
-- One order of the customer with this user id; no row when it is not theirs.
select private.order_json_v1(o.id) as order_json
from public.orders o join public.customers c on c.id = o.customer_id
where o.id = $1 and c.user_id = $2

-- name: orders_of_user
-- The newest orders of the customer with this user id.
select private.order_json_v1(o.id) as order_json
from public.orders o join public.customers c on c.id = o.customer_id
where c.user_id = $1
order by o.created_at desc, o.id desc
limit $2

-- name: last_address_of_user
-- Where the newest order of this customer went; no row before the first order.
select o.shipping_address
from public.orders o join public.customers c on c.id = o.customer_id
where c.user_id = $1
order by o.created_at desc, o.id desc
limit 1

-- name: products_of_live_session
-- What a live session shows, at the prices of this moment, in its display order; a product that is
-- not for sale any more is left out. The price of a product is that of its cheapest variant.
select
  p.id,
  p.name,
  coalesce(p.short_description, '') as short_description,
  p.images ->> 0 as image_url,
  v.price_minor,
  case when p.retail_price_minor > v.price_minor then p.retail_price_minor end as compare_at_minor,
  s.display_order,
  v.stock,
  s.is_featured as is_pinned,
  v.variants
from public.live_session_products s
join public.live_sessions l on l.id = s.live_session_id
join public.products p on p.id = s.product_id
join public.wholesalers w on w.id = p.wholesaler_id
join lateral (
  select min(price.minor)::bigint as price_minor,
         sum(v.stock_quantity)::integer as stock,
         jsonb_agg(jsonb_build_object(
           'id', v.id, 'label', v.label, 'color', v.color, 'size', v.size,
           'price_minor', price.minor, 'stock', v.stock_quantity)
           order by v.position, v.id) as variants
  from public.product_variants v
  cross join lateral (select private.unit_price_minor_v1(
    coalesce(p.sale_price_minor, p.retail_price_minor), v.price_minor, s.special_price_minor,
    l.status in ('live', 'paused')) as minor) price
  where v.product_id = p.id) v on v.variants is not null
where s.live_session_id = $1
  and p.is_active and p.status = 'active' and w.is_active
order by s.display_order, s.created_at, p.id

-- name: eligible_products
-- Products that a live session may show, for the picker of the studio; $1 is part of a name, a
-- category or a brand, '' for all.
select
  p.id,
  p.name,
  coalesce(p.short_description, '') as short_description,
  coalesce(p.category, '') as category,
  w.business_name as wholesaler_name,
  p.images ->> 0 as image_url,
  coalesce(p.sale_price_minor, p.retail_price_minor) as price_minor,
  case when p.retail_price_minor > p.sale_price_minor then p.retail_price_minor end
    as compare_at_minor,
  p.stock_quantity as stock
from public.products p join public.wholesalers w on w.id = p.wholesaler_id
where p.is_active and p.status = 'active' and p.is_live_stream_eligible and w.is_active
  and strpos(lower(concat_ws(' ', p.name, p.category, p.subcategory, p.brand)), lower($1::text)) > 0
order by p.category, p.name, p.id
limit $2

-- name: sales_of_live_session
-- What a live session has sold, from the orders themselves; cancelled orders do not count. Always
-- one row.
select
  count(distinct i.order_id)::integer as orders,
  coalesce(sum(i.total_price_minor), 0)::bigint as revenue_minor,
  coalesce((
    select jsonb_agg(jsonb_build_object('product_id', b.product_id, 'orders', b.orders,
                                        'revenue_minor', b.revenue_minor) order by b.product_id)
    from (select i.product_id, count(distinct i.order_id) as orders,
                 sum(i.total_price_minor)::bigint as revenue_minor
          from public.order_items i join public.orders o on o.id = i.order_id
          where i.live_session_id = $1 and o.status <> 'cancelled'
          group by i.product_id) b), '[]') as products
from public.order_items i join public.orders o on o.id = i.order_id
where i.live_session_id = $1 and o.status <> 'cancelled'
