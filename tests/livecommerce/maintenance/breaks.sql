-- What breaks exactly one invariant of db/queries/checks.sql and no other, in the same order. Run with
-- every trigger and foreign key asleep.

-- name: stock_is_the_sum_of_its_moves
insert into private.stock_moves (variant_id, product_id, delta)
select variant_id, product_id, 1 from product_stock limit 1;

-- name: stock_is_never_negative
alter table product_stock drop constraint product_stock_never_negative;
alter table products drop constraint products_stock_quantity_check;
insert into private.stock_moves (variant_id, product_id, delta)
select variant_id, product_id, -on_hand - 1 from product_stock;
update product_stock set on_hand = -1;
update products set stock_quantity = -1;

-- name: holds_are_within_stock
insert into private.stock_holds (id, variant_id, customer_id, quantity, expires_at)
select gen_random_uuid(), s.variant_id, c.id, s.on_hand + 1, now() + interval '1 hour'
from product_stock s, customers c limit 1;

-- name: shown_stock_is_the_stock
update products set stock_quantity = stock_quantity + 1;

-- name: products_have_a_variant
insert into products (id, wholesaler_id, name, wholesale_price, retail_price, stock_quantity)
select gen_random_uuid(), id, 'Bare', 1, 2, 0 from wholesalers;
update wholesalers set total_products = total_products + 1;

-- name: order_totals_add_up
alter table orders drop constraint orders_total_adds_up;
update orders set total_amount = total_amount + 1 where status = 'pending';

-- name: subtotals_are_the_sum_of_items
update orders set subtotal = subtotal - 1, shipping_cost = shipping_cost + 1;

-- name: refunds_are_within_orders
-- Of an order that is older than payments.
delete from private.payments
where order_id in (select id from orders where status = 'delivered' and influencer_id is null);
insert into refunds (order_id, amount, status)
select id, total_amount + 1, 'pending' from orders where status = 'delivered' and influencer_id is null;

-- name: returns_are_within_orders
insert into returns (id, return_number, order_id, customer_id, reason)
select gen_random_uuid(), 'RET-1', id, customer_id, 'other' from orders limit 1;
insert into return_items (return_id, order_item_id, quantity)
select r.id, i.id, i.quantity + 1 from returns r join order_items i on i.order_id = r.order_id;

-- name: commissions_are_within_prices
update order_items set wholesaler_commission = total_price + 1;

-- name: order_commissions_are_the_sum_of_items
update orders set influencer_commission = 1 where status = 'pending';

-- name: delivered_commissions_are_earned
-- Of an order that is older than splits.
delete from private.order_item_splits
where order_id in (select id from orders where status = 'delivered' and influencer_id is null);
update order_items i set influencer_id = (select id from influencers), influencer_commission = 10,
  attribution_kind = 'affiliate_link'
from orders o where o.id = i.order_id and o.status = 'delivered' and o.influencer_id is null;
update orders set influencer_commission = 10 where status = 'delivered' and influencer_id is null;

-- name: clawbacks_are_within_commissions
-- Of an order that is older than splits.
delete from private.order_item_splits
where order_id in (select id from orders where status = 'delivered' and influencer_id is null);
insert into influencer_earnings (influencer_id, order_item_id, order_id, earning_type, amount)
select f.id, i.id, o.id, 'clawback', -1
from influencers f, order_items i join orders o on o.id = i.order_id
where o.status = 'delivered' and o.influencer_id is null;
update influencers set total_earnings = total_earnings - 1;

-- name: earnings_are_the_sum_of_their_rows
update influencers set total_earnings = total_earnings + 1;

-- name: customer_figures_are_the_facts
update customers set total_spent = total_spent + 1;

-- name: wholesaler_figures_are_the_facts
update wholesalers set total_sales = total_sales + 1;

-- name: product_sales_are_the_facts
update products set total_sales = total_sales + 1;

-- name: product_ratings_are_the_facts
update products set average_rating = 5, total_reviews = 1;

-- name: live_session_totals_are_the_facts
update live_sessions set end_time = now() - interval '2 days', total_orders = total_orders + 1;

-- name: orders_have_items
insert into orders (id, order_number, subtotal, total_amount, shipping_address)
values (gen_random_uuid(), 'ORD-1', 0, 0, '{}');

-- name: items_name_their_wholesaler
-- Of an order that is older than splits.
delete from private.order_item_splits where order_id in (select id from orders where status = 'pending');
update order_items set wholesaler_id = null
where order_id in (select id from orders where status = 'pending');

-- name: attributed_items_are_of_the_live_sessions_influencer
update order_items set influencer_id = gen_random_uuid() where live_session_id is not null;

-- name: answers_are_of_orders_that_exist
update private.idempotency set order_id = gen_random_uuid();

-- name: stock_moves_are_of_orders_that_exist
insert into private.stock_moves (variant_id, product_id, delta, order_id)
select s.variant_id, s.product_id, d, o.id
from (select * from product_stock limit 1) s, (select gen_random_uuid() as id) o, unnest(array[1, -1]) d;

-- name: public_profiles_are_those_who_are_active
delete from public_profiles where kind = 'influencer';

-- name: queries_are_about_their_customers_orders
insert into queries (customer_id, order_id, subject, message, ticket_number, ack_due_at, redress_due_at)
select c.id, o.id, 'x', 'x', 'TKT-1', now(), now()
from customers c, orders o where o.customer_id <> c.id limit 1;

-- name: staff_notes_are_about_something
insert into staff_notes (about, about_id, body) values ('order', gen_random_uuid(), 'x');

-- name: audit_log_is_unbroken
update audit_log set action = 'nothing';

-- name: tables_have_row_security
alter table wishlist disable row level security;

-- name: partitions_are_there_for_this_month
do $$ begin
  execute format('drop table private.live_session_chat_%s', to_char(now(), 'YYYYMM'));
end $$;

-- name: splits_are_of_their_items
update private.order_item_splits
set paid_minor = paid_minor - 1, base_minor = base_minor - 1, wholesaler_minor = wholesaler_minor - 1
where order_id in (select id from orders where status = 'pending');

-- name: refunds_are_within_captures
insert into private.payments (id, order_id, provider, amount_minor)
select gen_random_uuid(), id, 'cod', total_minor from orders where status = 'pending';
insert into refunds (order_id, amount, status) select id, 1, 'failed' from orders where status = 'pending';
update refunds set status = 'pending';

-- name: ledger_events_balance
insert into private.ledger_accounts (id, name, owner_id, balance_minor, version, paid_version)
overriding system value
values (901, 'rounding', null, 5, 1, 0);
insert into private.ledger_events (id, source_type, source_id, event) overriding system value
values (901, 'adjustment', gen_random_uuid(), 'adjusted');
insert into private.ledger_entries (
  event_id, account_id, leg, amount_minor, previous_minor, balance_minor, account_version)
values (901, 901, 'a', 5, 0, 5, 1);

-- name: ledger_balances_are_the_sum_of_entries
insert into private.ledger_accounts (name, balance_minor) values ('rounding', 5);

-- name: ledger_entries_follow_each_other
insert into private.ledger_accounts (id, name, owner_id, balance_minor, version, paid_version)
overriding system value
values (901, 'rounding', null, 0, 2, 0);
insert into private.ledger_events (id, source_type, source_id, event) overriding system value
values (901, 'adjustment', gen_random_uuid(), 'adjusted');
insert into private.ledger_entries (
  event_id, account_id, leg, amount_minor, previous_minor, balance_minor, account_version)
values (901, 901, 'a', 5, 0, 5, 1), (901, 901, 'b', -5, 10, 5, 2);

-- name: ledger_pending_is_the_sum_of_lines
insert into private.ledger_accounts (id, name, owner_id, balance_minor, version, paid_version)
overriding system value
values (901, 'wholesaler_pending', gen_random_uuid(), 5, 1, 0),
  (902, 'rounding', null, -5, 1, 0);
insert into private.ledger_events (id, source_type, source_id, event) overriding system value
values (901, 'adjustment', gen_random_uuid(), 'adjusted');
insert into private.ledger_entries (
  event_id, account_id, leg, amount_minor, previous_minor, balance_minor, account_version)
values (901, 901, 'a', 5, 0, 5, 1), (901, 902, 'b', -5, 0, -5, 1);

-- name: ledger_has_every_payment
update private.payments set status = 'collected'
where order_id in (select id from orders where status = 'pending');

-- name: ledger_has_every_refund
update private.payments set status = 'collected'
where order_id in (select id from orders where status = 'pending');
insert into private.ledger_events (source_type, source_id, event, order_id)
select 'payment', p.id, 'collected', p.order_id from private.payments p where p.status = 'collected';
insert into refunds (order_id, amount, status) select id, 1, 'succeeded' from orders where status = 'pending';

-- name: delivered_lines_are_on_hold
update private.ledger_lines set delivered_at = null where payment_id is null;

-- name: earnings_are_those_of_the_ledger
update influencer_earnings set amount = amount + 1;
update influencers set total_earnings = total_earnings + 1;

-- name: payouts_are_the_sum_of_their_entries
insert into private.ledger_accounts (id, name, owner_id, balance_minor, version, paid_version)
overriding system value
values (901, 'wholesaler_available', gen_random_uuid(), 0, 2, 2);
insert into private.ledger_events (id, source_type, source_id, event) overriding system value
values (901, 'adjustment', gen_random_uuid(), 'adjusted');
insert into private.ledger_entries (
  event_id, account_id, leg, amount_minor, previous_minor, balance_minor, account_version)
values (901, 901, 'a', 10, 0, 10, 1), (901, 901, 'b', -10, 10, 0, 2);
insert into private.payout_batches (id, minimum_minor) values (gen_random_uuid(), 1);
insert into private.payouts (
  batch_id, account_id, payee_kind, payee_id, currency, amount_minor, first_version, last_version, status,
  reference, paid_at)
select b.id, 901, 'wholesaler', gen_random_uuid(), 'INR', 9, 1, 1, 'paid', 'x', now()
from private.payout_batches b;

-- name: payouts_claim_each_entry_once
insert into private.ledger_accounts (id, name, owner_id, balance_minor, version, paid_version)
overriding system value
values (901, 'wholesaler_available', gen_random_uuid(), 0, 2, 2);
insert into private.ledger_events (id, source_type, source_id, event) overriding system value
values (901, 'adjustment', gen_random_uuid(), 'adjusted');
insert into private.ledger_entries (
  event_id, account_id, leg, amount_minor, previous_minor, balance_minor, account_version)
values (901, 901, 'a', 10, 0, 10, 1), (901, 901, 'b', -10, 10, 0, 2);
insert into private.payout_batches (id, minimum_minor)
select gen_random_uuid(), 1 from generate_series(1, 2);
insert into private.payouts (
  batch_id, account_id, payee_kind, payee_id, currency, amount_minor, first_version, last_version, status,
  reference, paid_at)
select b.id, 901, 'wholesaler', gen_random_uuid(), 'INR', 10, 1, 1, 'paid', 'x', now()
from private.payout_batches b;

-- name: payouts_on_their_way_are_cleared
insert into private.ledger_accounts (id, name, owner_id, balance_minor, version, paid_version)
overriding system value
values (901, 'payout_clearing', null, 5, 1, 0),
  (902, 'rounding', null, -5, 1, 0);
insert into private.ledger_events (id, source_type, source_id, event) overriding system value
values (901, 'adjustment', gen_random_uuid(), 'adjusted');
insert into private.ledger_entries (
  event_id, account_id, leg, amount_minor, previous_minor, balance_minor, account_version)
values (901, 901, 'a', 5, 0, 5, 1), (901, 902, 'b', -5, 0, -5, 1);

-- name: parcels_are_the_quantities
insert into private.shipments (id, order_id, wholesaler_id, status, shipped_at)
select gen_random_uuid(), o.id, w.id, 'shipped', now()
from orders o, wholesalers w where o.status = 'pending' limit 1;
insert into private.shipment_items (shipment_id, order_item_id, quantity)
select s.id, i.id, 1 from private.shipments s join order_items i on i.order_id = s.order_id;

-- name: refund_lines_add_up
insert into refunds (order_id, amount, status) select id, 1, 'failed' from orders where status = 'pending';
insert into private.refund_lines (refund_id, part, quantity, amount_minor)
select id, 'shipping', 0, 99 from refunds where status = 'failed';

-- name: documents_are_numbered_without_a_gap
insert into private.invoice_counters (series_id, financial_year, document_type, last_serial)
values (1, 2026, 'invoice', 1);

-- name: coupons_are_used_as_often_as_they_count
insert into private.coupons (code, title, kind, amount_minor, quota, funded_by)
values ('DIWALI', 'x', 'fixed', 100, 1, 'platform');
insert into private.coupon_counts (coupon_id, used) select id, 1 from private.coupons;

-- name: coupons_are_used_by_orders_that_have_their_discount
insert into private.coupons (code, title, kind, amount_minor, funded_by)
values ('DIWALI', 'x', 'fixed', 100, 'platform');
insert into private.coupon_counts (coupon_id, used) select id, 1 from private.coupons;
insert into private.coupon_redemptions (coupon_id, customer_id, order_id, discount_minor)
select c.id, o.customer_id, o.id, 1 from private.coupons c, orders o where o.status = 'pending';

-- name: deals_are_bought_as_often_as_they_count
insert into private.deals (live_session_id, product_id, price, starts_at, ends_at)
select live_session_id, product_id, 1, now() - interval '1 hour', now() from live_session_products;
insert into private.deal_counts (deal_id, sold) select id, 1 from private.deals;

-- name: open_orders_are_paid_or_will_be
update private.payments set status = 'cancelled'
where order_id in (select id from orders where status = 'pending');

-- name: orders_took_their_stock_once
update private.stock_moves set delta = delta - 1
where order_id in (select id from orders where status = 'pending');
update private.stock_moves m set delta = delta + 1
where m.order_id is null and m.delta > 0
  and m.variant_id = (select i.variant_id from order_items i join orders o on o.id = i.order_id
                      where o.status = 'pending');
