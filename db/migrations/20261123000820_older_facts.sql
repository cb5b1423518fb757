-- Totals of what was delivered and shown before the database kept them by itself. In a file of its own,
-- because it looks at all orders; it locks only the rows that it corrects, and those last.
--
-- Each statement reads facts and totals in one snapshot and adds the difference: what is delivered while
-- it runs adds its own. Customers are brought up to date by the job that looks after their tiers.

-- By the queue, in which the newest deliveries may still stand.
insert into private.product_changes (product_id, sold)
select p.id, coalesce(f.pieces, 0) - coalesce(p.total_sales, 0) - coalesce(q.pieces, 0)
from public.products p
left join (
  select i.product_id, sum(i.quantity)::integer as pieces
  from public.order_items i join public.orders o on o.id = i.order_id
  where o.status = 'delivered' group by i.product_id) f on f.product_id = p.id
left join (
  select c.product_id, sum(c.sold)::integer as pieces from private.product_changes c
  group by c.product_id) q on q.product_id = p.id
where coalesce(f.pieces, 0) - coalesce(p.total_sales, 0) - coalesce(q.pieces, 0) <> 0;

insert into private.live_session_changes (live_session_id)
select distinct i.live_session_id
from public.order_items i join public.live_sessions l on l.id = i.live_session_id
where l.status = 'ended';

insert into public.influencer_earnings (
  influencer_id, live_session_id, order_id, order_item_id, product_id, earning_type, amount, gross_sales,
  commission_rate, earned_at)
select i.influencer_id, i.live_session_id, i.order_id, i.id, i.product_id, 'commission',
       i.influencer_commission, i.total_price,
       round(i.influencer_commission * 100 / nullif(i.total_price, 0), 2),
       coalesce(o.actual_delivery_date::timestamp at time zone 'Asia/Kolkata', o.updated_at)
from public.order_items i join public.orders o on o.id = i.order_id
where o.status = 'delivered' and i.influencer_id is not null and i.influencer_commission > 0
order by i.influencer_id
on conflict do nothing;

update public.wholesalers w set total_sales = coalesce(w.total_sales, 0) + d.difference
from (
  select v.id, coalesce(f.amount, 0) - coalesce(v.total_sales, 0) as difference
  from public.wholesalers v
  left join (
    select i.wholesaler_id, sum(i.total_price) as amount
    from public.order_items i join public.orders o on o.id = i.order_id
    where o.status = 'delivered' group by i.wholesaler_id) f on f.wholesaler_id = v.id) d
where w.id = d.id and d.difference <> 0;
