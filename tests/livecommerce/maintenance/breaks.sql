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
insert into refunds (order_id, amount, status)
select id, total_amount + 1, 'succeeded' from orders where status = 'pending';

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
update influencer_earnings set order_item_id = null;

-- name: clawbacks_are_within_commissions
insert into influencer_earnings (influencer_id, order_item_id, order_id, earning_type, amount)
select influencer_id, order_item_id, order_id, 'clawback', -amount - 1 from influencer_earnings;
update influencers set total_earnings = 0;

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
update order_items set wholesaler_id = null
where order_id in (select id from orders where status = 'pending');

-- name: attributed_items_are_of_the_live_sessions_influencer
update order_items set influencer_id = gen_random_uuid() where live_session_id is not null;

-- name: answers_are_of_orders_that_exist
update private.idempotency set response = jsonb_set(response, '{id}', to_jsonb(gen_random_uuid()));

-- name: stock_moves_are_of_orders_that_exist
update private.stock_moves set order_id = gen_random_uuid() where order_id is not null;

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
