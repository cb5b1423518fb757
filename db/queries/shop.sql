-- name: place_orders
-- Places orders of several customers in one transaction: a row per line of an order, one per refusal, in
-- any order (see private.place_orders_v4).
select place, outcome, answer, order_id, order_number, placed_at, pay_until, subtotal_minor,
       discount_minor, shipping_minor, cod_fee_minor, line, order_item_id, product_id, variant_id, name,
       label, image_url, quantity, unit_price_minor, line_discount_minor, tax_rate, deal_id
from private.place_orders_v4($1::jsonb, $2::jsonb)

-- name: order_by_id
-- One order of the customer; null when it is not theirs.
select app.order_v1($1::text, $2::uuid) as order_json

-- name: orders_of_user
-- The newest orders of the customer.
select order_json from app.orders_of_v1($1::text, $2::integer) order_json

-- name: last_address_of_user
-- Where the newest order of the customer went; null before the first order.
select app.last_address_v1($1::text) as shipping_address

-- name: products_of_live_session
-- What a live session shows, at the prices of this moment, in its display order; a product that is
-- not for sale any more is left out. The price of a product is that of its cheapest variant;
-- translations is {language: {name, short_description}}, see private.product_texts_v1.
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
  v.variants,
  private.product_texts_v1(p.id) as translations
from public.live_session_products s
join public.live_sessions l on l.id = s.live_session_id
join public.products p on p.id = s.product_id
join public.public_profiles w on w.id = p.wholesaler_id
join lateral (
  select min(price.minor)::bigint as price_minor,
         coalesce(sum(k.on_hand), 0)::integer as stock,
         jsonb_agg(jsonb_build_object(
           'id', v.id, 'label', v.label, 'color', v.color, 'size', v.size,
           'price_minor', price.minor, 'stock', coalesce(k.on_hand, 0))
           order by v.position, v.id) as variants
  from public.product_variants v
  left join public.product_stock k on k.variant_id = v.id
  cross join lateral (select private.unit_price_minor_v1(
    coalesce(p.sale_price_minor, p.retail_price_minor), v.price_minor, s.special_price_minor,
    l.status in ('live', 'paused')) as minor) price
  where v.product_id = p.id) v on v.variants is not null
where s.live_session_id = $1
  and p.is_active and p.status in ('active', 'out_of_stock')
order by s.display_order, s.created_at, p.id

-- name: eligible_products
-- Products that a live session may show; $2 is part of a name, a category or a brand, '' for all.
select id, name, short_description, category, wholesaler_name, image_url, price_minor,
       compare_at_minor, stock, translations
from app.eligible_products_v1($1::text, $2::text, $3::integer)

-- name: sales_of_live_session
-- What a live session has sold, from the orders themselves. revenue_minor: what customers pay for its
-- pieces, after coupons and without what was cancelled, whether it is paid yet or not. paid_minor: what
-- of it the ledger has, less what was given back; cash counts once it is collected. Always one row.
with sold as (
  select i.order_id, i.product_id,
         private.units_minor_v1(i, 0, i.quantity - i.quantity_cancelled) as revenue_minor,
         case when l.payment_id is null then 0
              else (private.paid_share_v1(l, s, i.quantity)).paid_minor - l.refunded_minor end as paid_minor
  from public.order_items i
  join public.orders o on o.id = i.order_id and o.status <> 'cancelled'
  left join private.order_item_splits s on s.order_item_id = i.id
  left join private.ledger_lines l on l.order_item_id = s.order_item_id
  where i.live_session_id = $1 and i.quantity_cancelled < i.quantity)
select
  count(distinct order_id)::integer as orders,
  coalesce(sum(revenue_minor), 0)::bigint as revenue_minor,
  coalesce(sum(paid_minor), 0)::bigint as paid_minor,
  coalesce((
    select jsonb_agg(jsonb_build_object('product_id', b.product_id, 'orders', b.orders,
                                        'revenue_minor', b.revenue_minor) order by b.product_id)
    from (select product_id, count(distinct order_id) as orders,
                 sum(revenue_minor)::bigint as revenue_minor
          from sold group by product_id) b), '[]') as products
from sold
