-- An order as a program without a combiner writes it: one statement after the other, the stock locked
-- when it is looked at. Run by pgbench in loadtests/bench_checkout.py.
\set n random(1, 512)
begin;
select id as customer_id from public.customers where user_id = md5('flash customer ' || :n)::uuid \gset
select gen_random_uuid() as order_id, gen_random_uuid() as item_id, gen_random_uuid() as key \gset
select p.sale_price_minor as price, p.wholesaler_id as wholesaler_id, s.influencer_id as influencer_id
from public.products p, public.live_sessions s
where p.id = md5('flash product 1')::uuid and s.id = md5('flash session 1')::uuid \gset
select on_hand as on_hand from public.product_stock
where variant_id = md5('flash variant 1')::uuid for update \gset
insert into public.orders (
  id, customer_id, influencer_id, live_session_id, subtotal, total_amount, payment_method,
  shipping_address, influencer_commission, place_of_supply)
values (:order_id, :customer_id, :influencer_id, md5('flash session 1')::uuid, 1180, 1180, 'cod',
  '{"name": "Asha Rao", "phone": "+919876543210", "line1": "12, MG Road", "line2": null, "landmark": "Opposite the park", "city": "Bengaluru", "state": "Karnataka", "postal_code": "560001", "country": "IN"}',
  150, '29');
insert into public.order_items (
  id, order_id, position, product_id, variant_id, wholesaler_id, influencer_id, live_session_id,
  product_name, variant_label, product_snapshot, quantity, unit_price, hsn_code, tax_rate, taxable_minor,
  tax_minor, attribution_kind, attributed_at, attribution_rule, wholesaler_commission,
  influencer_commission)
values (:item_id, :order_id, 1, md5('flash product 1')::uuid, md5('flash variant 1')::uuid,
  :wholesaler_id, :influencer_id, md5('flash session 1')::uuid, 'Linen shirt 1', 'Standard',
  '{"name": "Linen shirt 1", "label": "Standard", "image_url": "/images/products/shirt.webp"}', 1, 1180,
  '6205', 18, 100000, 18000, 'in_session', now(), 1, 100, 150);
insert into private.order_item_splits (
  order_item_id, order_id, wholesaler_id, influencer_id, paid_minor, discount_minor, base_minor, tax_minor,
  fee_bp, fee_minor, fee_gst_bp, fee_gst_minor, commission_bp, commission_minor, cut_bp, cut_minor, tcs_bp,
  tcs_minor, tds_bp, tds_minor, wholesaler_minor)
values (:item_id, :order_id, :wholesaler_id, :influencer_id, 118000, 0, 100000, 18000, 1000, 10000,
  1800, 1800, 1500, 15000, 1000, 1500, 50, 500, 10, 100, 90600);
insert into private.payments (id, order_id, provider, amount_minor)
values (gen_random_uuid(), :order_id, 'cod', 118000);
insert into private.idempotency (customer_id, key, request_hash, response)
values (:customer_id, :key, '\x00', '{}');
insert into private.outbox (topic, live_session_id, payload)
values ('orders.placed', md5('flash session 1')::uuid, jsonb_build_object('order_ids', jsonb_build_array(:order_id::text)));
update public.product_stock set on_hand = on_hand - 1 where variant_id = md5('flash variant 1')::uuid;
commit;
