-- What was cancelled of an order that was delivered otherwise was never sold: totals leave it out, and
-- cash that was never asked for was never spent.

create or replace function private.apply_deliveries(p_order_ids uuid[], p_sign integer) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_customer_id uuid;
begin
  insert into private.product_changes (product_id, sold)
  select i.product_id, p_sign * sum(i.quantity - i.quantity_cancelled)::integer
  from public.order_items i where i.order_id = any (p_order_ids) and i.product_id is not null
  group by i.product_id having sum(i.quantity - i.quantity_cancelled) > 0;

  perform 1 from public.wholesalers
  where id in (select i.wholesaler_id from public.order_items i where i.order_id = any (p_order_ids))
  order by id for no key update;
  update public.wholesalers w set total_sales = greatest(0, coalesce(w.total_sales, 0) + p_sign * s.amount)
  from (select i.wholesaler_id, sum((i.quantity - i.quantity_cancelled) * i.unit_price) as amount
        from public.order_items i
        where i.order_id = any (p_order_ids) group by i.wholesaler_id) s
  where w.id = s.wholesaler_id and s.amount > 0;

  perform private.earn_by_delivery(p_order_ids, p_sign);

  for v_customer_id in
    select distinct o.customer_id from public.orders o
    where o.id = any (p_order_ids) and o.customer_id is not null order by 1
  loop
    perform private.refresh_customer(v_customer_id);
  end loop;
end $$;

-- What a customer's delivered orders come to, less what was given back of them. In cash, what was asked
-- for at the door.
create or replace function private.customer_figures(p_customer_id uuid)
returns table (orders integer, spent numeric)
language sql stable set search_path = '' as $$
  -- Materialized: found by the customer, never by the state, however few are said to be in it.
  with own as materialized (
    select id, total_amount, status from public.orders where customer_id = p_customer_id),
  delivered as (
    select g.id, coalesce((select p.amount_minor / 100.0 from private.payments p
                           where p.order_id = g.id and p.provider = 'cod'
                             and p.status in ('created', 'collected', 'remitted')), g.total_amount) as amount
    from own g where g.status = 'delivered')
  select count(*)::integer,
         coalesce(sum(d.amount), 0)::numeric(12, 2) - coalesce((
           select sum(r.amount) from public.refunds r join delivered g on g.id = r.order_id
           where r.status = 'succeeded'), 0)
  from delivered d
$$;
