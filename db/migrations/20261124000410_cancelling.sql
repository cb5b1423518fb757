-- What is cancelled goes back to where it came from: money to the customer, pieces to the shelf, the
-- coupon and the part of a deal to whoever is next. And what an order says of itself follows from the
-- quantities of its lines.
--
-- Every function here that writes has the row of the order locked, then those of its lines by id, then
-- payments, refunds, coupons, deals, and the stock last.

lock table public.orders in share row exclusive mode;

-- ---------------------------------------------------------------------------------------------
-- The timeline, and who hears of it

create function private.note_order_event_v1(p_order_id uuid, p_kind text, p_data jsonb) returns void
language sql volatile set search_path = '' as $$
  insert into private.order_events (order_id, kind, data) values (p_order_id, p_kind, p_data)
$$;

create function private.note_order_states() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if old.payment_status is distinct from new.payment_status then
    perform private.note_order_event_v1(
      new.id, 'payment', jsonb_build_object('status', new.payment_status));
  end if;
  if old.status is distinct from new.status then
    perform private.note_order_event_v1(new.id, 'status', jsonb_build_object('status', new.status));
  end if;
  return null;
end $$;
create trigger noted after update of status, payment_status on public.orders
  for each row when ((old.status, old.payment_status) is distinct from (new.status, new.payment_status))
  execute function private.note_order_states();

create function private.note_refund_states() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.note_order_event_v1(new.order_id, 'refund', jsonb_build_object(
    'refund_id', new.id, 'amount_minor', new.amount_minor, 'status', new.status));
  return null;
end $$;
create trigger noted after insert on public.refunds
  for each row execute function private.note_refund_states();
create trigger noted_again after update of status on public.refunds
  for each row when (old.status is distinct from new.status)
  execute function private.note_refund_states();

-- One notification per order: the newest replaces the one before and is unread again.
create function private.notify_of_order(p_order_id uuid, p_title text, p_message text) returns void
language sql volatile set search_path = '' as $$
  insert into public.notifications (user_id, type, title, message, related_type, related_id, action_url)
  select c.user_id, 'order_update', p_title, o.order_number || ': ' || p_message, 'order', o.id,
         '/orders?order=' || o.id
  from public.orders o join public.customers c on c.id = o.customer_id
  where o.id = p_order_id and c.user_id is not null
  on conflict (user_id, type, related_id) where related_id is not null and not is_deleted
  do update set title = excluded.title, message = excluded.message, is_read = false, read_at = null,
                created_at = now()
$$;

-- ---------------------------------------------------------------------------------------------
-- What units of a line come to. Shares of a line are told apart by where they are taken: parcels and
-- returns from the front, cancellations from the back. So whatever is cancelled, sent and returned, in
-- whatever portions, comes to exactly what the line cost.

create function private.line_paid_minor(i public.order_items) returns bigint
language sql immutable set search_path = '' as $$
  select (i.quantity * i.unit_price * 100)::bigint - (i.discount * 100)::bigint
$$;

-- What units p_from + 1 to p_to of a line come to.
create function private.units_minor_v1(i public.order_items, p_from integer, p_to integer) returns bigint
language sql immutable set search_path = '' as $$
  select private.half_up(private.line_paid_minor(i), p_to, i.quantity)
         - private.half_up(private.line_paid_minor(i), p_from, i.quantity)
$$;

-- Units of a line that are in parcels which have not left yet.
create function private.packed_units_v1(p_order_item_id uuid) returns integer
language sql stable set search_path = '' as $$
  select coalesce(sum(t.quantity), 0)::integer
  from private.shipment_items t join private.shipments s on s.id = t.shipment_id
  where t.order_item_id = p_order_item_id and s.status = 'packed'
$$;

-- Units of a line that wait to be packed. Of an order that has left nothing waits, also when it left
-- before parcels were kept.
create function private.open_units_v1(i public.order_items, p_status text) returns integer
language sql stable set search_path = '' as $$
  select case when p_status in ('pending', 'confirmed', 'processing')
              then i.quantity - i.quantity_cancelled - i.quantity_shipped - private.packed_units_v1(i.id)
              else 0 end
$$;

-- Units of a line that its customer has. Orders that were delivered before parcels were kept say it by
-- their state alone.
create function private.delivered_units_v1(i public.order_items, p_status text) returns integer
language sql immutable set search_path = '' as $$
  select case when p_status in ('delivered', 'refunded') then i.quantity - i.quantity_cancelled
              else i.quantity_delivered end
$$;

-- What was paid for an order, and has not gone back for having been paid twice; without a record of
-- payments, as of older orders, its total.
create function private.captured_minor_v1(p_order_id uuid) returns bigint
language sql stable set search_path = '' as $$
  select coalesce(
    (select sum(p.amount_minor)::bigint from private.payments p
     where p.order_id = p_order_id and p.status in ('captured', 'collected', 'remitted')
       and not p.is_excess),
    (select o.total_minor from public.orders o where o.id = p_order_id))
$$;

-- ---------------------------------------------------------------------------------------------
-- Coupons, deals and stock

-- Pieces of deals can be bought by others again; the arrays are columns of one list.
create function private.give_back_deals(p_order_item_ids uuid[], p_quantities integer[]) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  if not exists (select from public.order_items i
                 where i.id = any (p_order_item_ids) and i.deal_id is not null) then
    return;
  end if;
  perform 1 from private.deal_purchases p
  where exists (select from public.order_items i join public.orders o on o.id = i.order_id
                where i.id = any (p_order_item_ids) and i.deal_id = p.deal_id
                  and o.customer_id = p.customer_id)
  order by p.deal_id, p.customer_id for no key update;
  update private.deal_purchases p set quantity = greatest(0, p.quantity - b.quantity)
  from (select i.deal_id, o.customer_id, sum(g.quantity)::integer as quantity
        from unnest(p_order_item_ids, p_quantities) g (order_item_id, quantity)
        join public.order_items i on i.id = g.order_item_id and i.deal_id is not null
        join public.orders o on o.id = i.order_id
        group by i.deal_id, o.customer_id) b
  where p.deal_id = b.deal_id and p.customer_id = b.customer_id;
  perform 1 from private.deal_counts c
  where c.deal_id in (select i.deal_id from public.order_items i where i.id = any (p_order_item_ids))
  order by c.deal_id for no key update;
  update private.deal_counts c set sold = greatest(0, c.sold - b.quantity)
  from (select i.deal_id, sum(g.quantity)::integer as quantity
        from unnest(p_order_item_ids, p_quantities) g (order_item_id, quantity)
        join public.order_items i on i.id = g.order_item_id and i.deal_id is not null
        group by i.deal_id) b
  where c.deal_id = b.deal_id;
end $$;

-- The coupons of these orders can be used again.
create function private.give_back_coupons(p_order_ids uuid[]) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_coupons uuid[];
begin
  with returned as (
    update private.coupon_redemptions set returned_at = now()
    where order_id = any (p_order_ids) and returned_at is null returning coupon_id)
  select array_agg(coupon_id) into v_coupons from returned;
  if v_coupons is null then
    return;
  end if;
  perform 1 from private.coupon_counts c where c.coupon_id = any (v_coupons)
  order by c.coupon_id for no key update;
  update private.coupon_counts c set used = c.used - r.uses
  from (select u.id, count(*)::integer as uses from unnest(v_coupons) u (id) group by u.id) r
  where c.coupon_id = r.id;
end $$;

-- Orders that were cancelled as a whole, by whoever moved their state: what was still open of their
-- lines. What had left the shelf with an order that was under way is somewhere else.
create function private.give_back_orders(p_order_ids uuid[], p_on_shelf uuid[]) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_orders uuid[];
  v_items uuid[];
  v_quantities integer[];
begin
  perform 1 from public.order_items i where i.order_id = any (p_order_ids) order by i.id for no key update;
  with open as materialized (
    select i.id, i.order_id, i.quantity - i.quantity_cancelled - i.quantity_delivered as quantity
    from public.order_items i
    where i.order_id = any (p_order_ids)
      and i.quantity > i.quantity_cancelled + i.quantity_delivered),
  written as (
    update public.order_items i
    set quantity_cancelled = i.quantity_cancelled + o.quantity, quantity_shipped = i.quantity_delivered
    from open o where i.id = o.id)
  select array_agg(o.order_id), array_agg(o.id), array_agg(o.quantity)
  into v_orders, v_items, v_quantities from open o;
  delete from private.shipments where order_id = any (p_order_ids) and status = 'packed';
  update private.payments set status = 'cancelled', due_at = null
  where order_id = any (p_order_ids) and provider = 'cod' and status = 'created';
  perform private.give_back_deals(v_items, v_quantities);
  perform private.give_back_coupons(p_order_ids);
  perform private.put_back_v1(array_agg(g.order_id), array_agg(i.variant_id), array_agg(g.quantity))
  from unnest(v_orders, v_items, v_quantities) g (order_id, order_item_id, quantity)
  join public.order_items i on i.id = g.order_item_id
  where g.order_id = any (p_on_shelf);
end $$;

create function private.stamp_cancellation() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.cancelled_at := coalesce(new.cancelled_at, now());
  new.allocation := 'released';
  return new;
end $$;
create trigger cancelled_at before update of status on public.orders
  for each row when (old.status is distinct from new.status and new.status = 'cancelled')
  execute function private.stamp_cancellation();

-- Once for a statement, not for each row: a hundred thousand orders may be delivered in one, and the row
-- of their wholesaler is then written once. What is cancelled before it was shipped never left the shelf,
-- unless it was never taken from there. Whoever moves the state of a whole order moves its lines along.
create or replace function private.note_order_moves() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_shipped uuid[];
  v_delivered uuid[];
  v_undone uuid[];
  v_cancelled uuid[];
  v_on_shelf uuid[];
begin
  select array_agg(n.id order by n.id) filter (where n.status = 'shipped'),
         array_agg(n.id order by n.id) filter (where n.status = 'delivered'),
         array_agg(n.id order by n.id) filter (where o.status = 'delivered'),
         array_agg(n.id order by n.id) filter (where n.status = 'cancelled'),
         array_agg(n.id order by n.id)
           filter (where n.status = 'cancelled' and o.status <> 'shipped' and o.allocation = 'taken')
  into v_shipped, v_delivered, v_undone, v_cancelled, v_on_shelf
  from new_rows n join old_rows o on o.id = n.id
  where n.status <> o.status and (n.status in ('shipped', 'delivered', 'cancelled') or o.status = 'delivered');
  if v_cancelled is not null then
    perform private.give_back_orders(v_cancelled, v_on_shelf);
  end if;
  if v_shipped is not null then
    update public.order_items i set quantity_shipped = i.quantity - i.quantity_cancelled
    where i.order_id = any (v_shipped) and i.quantity_shipped < i.quantity - i.quantity_cancelled;
  end if;
  if v_delivered is not null then
    update public.order_items i
    set quantity_shipped = i.quantity - i.quantity_cancelled,
        quantity_delivered = i.quantity - i.quantity_cancelled
    where i.order_id = any (v_delivered) and i.quantity_delivered < i.quantity - i.quantity_cancelled;
    perform private.apply_deliveries(v_delivered, 1);
  end if;
  if v_undone is not null then
    perform private.apply_deliveries(v_undone, -1);
  end if;
  return null;
end $$;

-- ---------------------------------------------------------------------------------------------
-- The state of an order, from its lines

-- The order goes to p_to, over the states between; each is a move of its own.
create function private.move_order_to(p_order_id uuid, p_to text) returns void
language plpgsql volatile set search_path = '' as $$
declare
  v_path constant text[] := array['pending', 'confirmed', 'processing', 'shipped', 'delivered'];
  v_from text;
  v_next text;
begin
  loop
    select status into v_from from public.orders where id = p_order_id;
    exit when v_from = p_to or p_to <> 'cancelled'
              and array_position(v_path, v_from) >= array_position(v_path, p_to)
              or v_from in ('cancelled', 'refunded');
    v_next := case when p_to = 'cancelled' then p_to
                   when v_from = 'pending' then 'processing'
                   when v_from in ('confirmed', 'processing')
                        and array_position(v_path, p_to) >= array_position(v_path, 'shipped') then 'shipped'
                   else p_to end;
    update public.orders set status = v_next where id = p_order_id;
  end loop;
end $$;

-- Whatever moved quantities of lines calls this at its end. An order in cash that is delivered was paid
-- at the door.
create function private.settle_order_v1(p_order_id uuid) returns void
language plpgsql volatile set search_path = '' as $$
declare
  v_open integer;
  v_shipped integer;
  v_delivered integer;
  v_packed integer;
  v_items uuid[];
begin
  select sum(i.quantity - i.quantity_cancelled), sum(i.quantity_shipped), sum(i.quantity_delivered),
         sum(private.packed_units_v1(i.id)),
         array_agg(i.id order by i.id) filter (
           where i.quantity_delivered > 0 and i.quantity_delivered = i.quantity - i.quantity_cancelled)
  into v_open, v_shipped, v_delivered, v_packed, v_items
  from public.order_items i where i.order_id = p_order_id;
  if v_delivered = v_open and v_open > 0 then
    perform private.move_order_to(p_order_id, 'delivered');
    perform private.cod_collected_v1(p_order_id, null);
  elsif v_shipped = v_open then
    perform private.move_order_to(p_order_id, 'shipped');
  elsif v_shipped + v_packed > 0 then
    perform private.move_order_to(p_order_id, 'processing');
  end if;
  if v_items is not null then
    perform private.ledger_delivered_v1(v_items);
  end if;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Refunds

-- A pending refund of these parts: {part, order_item_id, quantity, amount_minor}. NULL when they come to
-- nothing. Money that was paid in cash goes to a UPI address.
create function private.refund_parts(
  p_order_id uuid, p_parts jsonb, p_reason text, p_return_id uuid, p_method text)
returns uuid
language plpgsql volatile set search_path = '' as $$
declare
  v_id uuid;
  v_amount bigint;
begin
  select sum((p ->> 'amount_minor')::bigint) into v_amount from jsonb_array_elements(p_parts) p;
  if coalesce(v_amount, 0) = 0 then
    return null;
  end if;
  insert into public.refunds (order_id, return_id, amount, status, method, reason)
  values (p_order_id, p_return_id, v_amount / 100.0, 'pending', p_method, p_reason)
  returning id into v_id;
  insert into private.refund_lines (refund_id, part, order_item_id, quantity, amount_minor)
  select v_id, p.part, p.order_item_id, p.quantity, p.amount_minor
  from jsonb_to_recordset(p_parts) p (part text, order_item_id uuid, quantity integer, amount_minor bigint)
  where p.amount_minor > 0 or p.quantity > 0;
  return v_id;
end $$;

-- What the order cost beside its lines and has not been given back.
create function private.other_parts(p_order public.orders) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('part', c.part, 'order_item_id', null, 'quantity', 0,
                                               'amount_minor', c.amount_minor - coalesce(b.amount_minor, 0))
                            order by c.part), '[]')
  from (values ('shipping', coalesce(p_order.shipping_minor, 0)),
               ('cod_fee', (p_order.cod_fee * 100)::bigint)) c (part, amount_minor)
  left join (select l.part, sum(l.amount_minor)::bigint as amount_minor
             from private.refund_lines l join public.refunds r on r.id = l.refund_id
             where r.order_id = p_order.id and r.status <> 'failed' and l.part <> 'item'
             group by l.part) b on b.part = c.part
  where c.amount_minor > coalesce(b.amount_minor, 0)
$$;

-- A pending refund of all that was paid and is not given back yet, for what is left of each line and the
-- order's own parts; NULL when there is none. Whoever calls has locked the order.
create function private.refund_order_v1(p_order_id uuid, p_reason text)
returns uuid
language plpgsql volatile set search_path = '' as $$
declare
  v_order public.orders;
  v_left bigint;
  v_parts jsonb;
begin
  select * into v_order from public.orders where id = p_order_id for no key update;
  perform 1 from public.order_items where order_id = p_order_id order by id for no key update;
  select private.captured_minor_v1(p_order_id) - coalesce(sum(r.amount_minor), 0) into v_left
  from public.refunds r where r.order_id = p_order_id and r.status in ('pending', 'succeeded');
  if v_left <= 0 then
    return null;
  end if;
  select jsonb_agg(jsonb_build_object('part', 'item', 'order_item_id', i.id,
                                      'quantity', i.quantity - coalesce(b.quantity, 0),
                                      'amount_minor', private.line_paid_minor(i) - coalesce(b.amount_minor, 0))
                   order by i.id)
  into v_parts
  from public.order_items i
  left join (select l.order_item_id, sum(l.quantity)::integer as quantity,
                    sum(l.amount_minor)::bigint as amount_minor
             from private.refund_lines l join public.refunds r on r.id = l.refund_id
             where r.order_id = p_order_id and r.status <> 'failed' group by l.order_item_id) b
    on b.order_item_id = i.id
  where i.order_id = p_order_id and private.line_paid_minor(i) > coalesce(b.amount_minor, 0);
  v_parts := coalesce(v_parts, '[]') || private.other_parts(v_order);
  -- What was collected in cash is less than the lines once some of them were cancelled before.
  if (select sum((p ->> 'amount_minor')::bigint) from jsonb_array_elements(v_parts) p) > v_left then
    v_parts := private.parts_within(v_parts, v_left);
  end if;
  return private.refund_parts(p_order_id, v_parts, p_reason, null,
                              case when v_order.payment_method = 'cod' then 'upi' else 'original' end);
end $$;

-- A pending refund of the pieces of an order that were cancelled before it was paid as a whole; NULL when
-- there are none. Whoever calls has locked the order.
create function private.refund_cancelled_v1(p_order_id uuid, p_reason text) returns uuid
language plpgsql volatile set search_path = '' as $$
declare
  v_parts jsonb;
begin
  perform 1 from public.order_items where order_id = p_order_id order by id for no key update;
  select jsonb_agg(jsonb_build_object(
           'part', 'item', 'order_item_id', i.id, 'quantity', i.quantity_cancelled,
           'amount_minor', private.units_minor_v1(i, i.quantity - i.quantity_cancelled, i.quantity))
                   order by i.id)
  into v_parts
  from public.order_items i where i.order_id = p_order_id and i.quantity_cancelled > 0;
  return private.refund_parts(p_order_id, v_parts, p_reason, null, 'original');
end $$;

-- The first of these parts that fit into an amount; the last of them in part.
create function private.parts_within(p_parts jsonb, p_amount bigint) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_agg(p.part || jsonb_build_object('amount_minor', least(p.amount, p_amount - p.before)) order by p.n)
  from (select e.part, e.n, (e.part ->> 'amount_minor')::bigint as amount,
               sum((e.part ->> 'amount_minor')::bigint) over (order by e.n)
               - (e.part ->> 'amount_minor')::bigint as before
        from jsonb_array_elements(p_parts) with ordinality e (part, n)) p
  where p.before < p_amount
$$;

-- Never more than was paid, pending refunds included.
create or replace function private.check_refund() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_captured numeric;
  v_payment_status text;
  v_refunded numeric;
begin
  -- Locked before the sum is read: two refunds at the same time are counted one after the other.
  select payment_status into v_payment_status
  from public.orders where id = new.order_id for no key update;
  if new.status <> 'failed' and v_payment_status in ('pending', 'failed') then
    raise exception using errcode = '23514', constraint = 'refunds_of_what_was_paid',
      message = 'nothing was paid for this order yet';
  end if;
  v_captured := private.captured_minor_v1(new.order_id) / 100.0;
  select coalesce(sum(amount), 0) into v_refunded from public.refunds
  where order_id = new.order_id and status in ('pending', 'succeeded') and id <> new.id;
  if new.status <> 'failed' and v_refunded + new.amount > v_captured then
    raise exception using errcode = '23514', constraint = 'refunds_within_order',
      message = format('at most ₹%s can still be refunded of this order',
                       (v_captured - v_refunded)::numeric(14, 2));
  end if;
  return new;
end $$;

create or replace function private.note_refund() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_order public.orders;
  v_is_all boolean;
begin
  select * into v_order from public.orders where id = new.order_id for no key update;
  select coalesce(sum(amount_minor), 0) >= private.captured_minor_v1(new.order_id) into v_is_all
  from public.refunds where order_id = new.order_id and status = 'succeeded';
  if v_order.payment_status in ('paid', 'partially_refunded') then
    update public.orders
    set payment_status = case when v_is_all then 'refunded' else 'partially_refunded' end,
        status = case when v_is_all and status = 'delivered' then 'refunded' else status end
    where id = new.order_id;
  end if;
  if new.return_id is not null then
    update public.returns set status = 'refunded' where id = new.return_id and status = 'received';
    perform private.note_return(new.return_id, 'return_refunded');
  end if;
  if v_order.customer_id is not null then
    perform private.refresh_customer(v_order.customer_id);
    perform private.notify_of_order(new.order_id, 'Your refund is done', format('₹%s', new.amount));
  end if;
  return null;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Cancelling units of lines

-- Takes units out of an order whose row and lines are locked, and that may be taken out: the money goes
-- back if it was paid, and is not collected if it was not. p_is_under_way: they had left in a parcel that
-- came back. Nothing is kept of the order: its shipping and fee go back, too. Answers with the refund.
create function private.void_units(
  p_order public.orders, p_item_ids uuid[], p_quantities integer[], p_is_under_way boolean,
  p_to_shelf boolean, p_reason text)
returns uuid
language plpgsql volatile set search_path = '' as $$
declare
  v_parts jsonb;
  v_is_all boolean;
  v_refund_id uuid;
begin
  select jsonb_agg(jsonb_build_object(
           'part', 'item', 'order_item_id', i.id, 'quantity', g.quantity,
           'amount_minor', private.units_minor_v1(i, i.quantity - i.quantity_cancelled - g.quantity,
                                                  i.quantity - i.quantity_cancelled)) order by i.id)
  into v_parts
  from unnest(p_item_ids, p_quantities) g (id, quantity) join public.order_items i on i.id = g.id;
  update public.order_items i
  set quantity_cancelled = i.quantity_cancelled + g.quantity,
      quantity_shipped = i.quantity_shipped - case when p_is_under_way then g.quantity else 0 end
  from unnest(p_item_ids, p_quantities) g (id, quantity) where i.id = g.id;
  select sum(quantity - quantity_cancelled) = 0 into v_is_all
  from public.order_items where order_id = p_order.id;
  if v_is_all then
    v_parts := v_parts || private.other_parts(p_order);
  end if;
  if p_order.payment_status in ('paid', 'partially_refunded') then
    v_refund_id := private.refund_parts(p_order.id, v_parts, p_reason, null,
      case when p_order.payment_method = 'cod' then 'upi' else 'original' end);
  else
    perform private.collect_less(p_order.id, v_parts, v_is_all, p_is_under_way);
  end if;
  if not v_is_all then
    perform private.settle_order_v1(p_order.id);
  end if;
  perform private.give_back_deals(p_item_ids, p_quantities);
  if v_is_all then
    update public.orders set cancel_reason = p_reason where id = p_order.id;
    perform private.move_order_to(p_order.id, 'cancelled');
  end if;
  if p_to_shelf and p_order.allocation = 'taken' then
    perform private.put_back_v1(array_agg(i.order_id), array_agg(i.variant_id), array_agg(g.quantity))
    from unnest(p_item_ids, p_quantities) g (id, quantity) join public.order_items i on i.id = g.id;
  end if;
  return v_refund_id;
end $$;

-- What is still to be paid of an order shrinks by these parts.
create function private.collect_less(
  p_order_id uuid, p_parts jsonb, p_is_all boolean, p_is_under_way boolean)
returns void
language plpgsql volatile set search_path = '' as $$
begin
  if p_is_all then
    perform private.cancel_payments_v1(p_order_id, null);
  end if;
  update private.payments p
  set amount_minor = case when p_is_all then p.amount_minor
                          else p.amount_minor - (select sum((e ->> 'amount_minor')::bigint)
                                                 from jsonb_array_elements(p_parts) e) end,
      status = case when not p_is_all then p.status when p_is_under_way then 'returned' else 'cancelled' end,
      due_at = case when p_is_all then null else p.due_at end
  where p.order_id = p_order_id and p.provider = 'cod' and p.status in ('created', 'cancelled');
end $$;

-- An order that this person may act on, its row locked; NULL when there is none. Of wholesalers, one
-- that has lines of theirs.
create function private.locked_order_v1(p_user_id uuid, p_actor text, p_order_id uuid)
returns public.orders
language plpgsql volatile set search_path = '' as $$
declare
  v_order public.orders;
begin
  select o.* into v_order from public.orders o
  where o.id = p_order_id
    and case p_actor
        when 'customer' then o.customer_id = (
          select c.id from public.customers c where c.user_id = p_user_id and c.is_active)
        when 'wholesaler' then exists (
          select from public.order_items i join public.wholesalers w on w.id = i.wholesaler_id
          where i.order_id = o.id and w.user_id = p_user_id and w.is_active)
        else p_actor = 'admin' end
  for no key update of o;
  if not found then
    return null;
  end if;
  perform 1 from public.order_items i where i.order_id = p_order_id order by i.id for no key update;
  return v_order;
end $$;

create function private.may_v1(p_action text, p_actor text) returns boolean
language sql stable set search_path = '' as $$
  select exists (select from private.order_rights where action = p_action and actor = p_actor)
$$;

-- Lines of an order that this person may act on, with how many were asked for: all that is open when
-- p_item_ids is NULL. A line that is asked for and not theirs has open 0.
create function private.asked_units_v1(
  p_order_id uuid, p_user_id uuid, p_actor text, p_item_ids uuid[], p_quantities integer[])
returns table (order_item_id uuid, wholesaler_id uuid, name text, label text, open integer, asked integer)
language sql stable set search_path = '' as $$
  with own as (
    select i.id, i.wholesaler_id, i.product_name, i.variant_label, private.open_units_v1(i, r.status) as open
    from public.order_items i join public.orders r on r.id = i.order_id
    where i.order_id = p_order_id
      and (p_actor <> 'wholesaler' or i.wholesaler_id = (
        select w.id from public.wholesalers w where w.user_id = p_user_id))),
  given as (
    select g.id, sum(g.quantity)::integer as quantity
    from unnest(p_item_ids, p_quantities) g (id, quantity) group by g.id)
  select o.id, o.wholesaler_id, o.product_name::text, coalesce(o.variant_label, '')::text, o.open, o.open
  from own o where p_item_ids is null and o.open > 0
  union all
  select g.id, o.wholesaler_id, o.product_name::text, coalesce(o.variant_label, '')::text,
         coalesce(o.open, 0), g.quantity
  from given g left join own o on o.id = g.id
  where p_item_ids is not null
$$;

-- p_id is the caller's: the same cancellation sent twice happens once. An order that is unpaid is
-- cancelled whole or not at all: its payment is under way, of the whole amount. Of wholesalers, own lines.
create function private.cancel_units_v1(
  p_user_id uuid, p_actor text, p_id uuid, p_order_id uuid, p_item_ids uuid[], p_quantities integer[],
  p_reason text)
returns table (outcome text, detail jsonb)
language plpgsql volatile set search_path = '' as $$
#variable_conflict use_column
declare
  v_order public.orders;
  v_lines jsonb;
  v_ids uuid[];
  v_quantities integer[];
  v_is_within boolean;
  v_open integer;
begin
  v_order := private.locked_order_v1(p_user_id, p_actor, p_order_id);
  if v_order.id is null or not private.may_v1('cancel', p_actor) then
    return query select 'not_found', null::jsonb;
    return;
  elsif exists (select from private.cancellations c where c.id = p_id) then
    return query select case when exists (
      select from private.cancellations c
      where c.id = p_id and c.order_id = p_order_id and c.user_id = p_user_id)
      then 'done' else 'key_reused' end, null::jsonb;
    return;
  end if;
  select array_agg(a.order_item_id order by a.order_item_id), array_agg(a.asked order by a.order_item_id),
         coalesce(bool_and(a.asked between 1 and a.open), false),
         jsonb_agg(jsonb_build_object('order_item_id', a.order_item_id, 'name', a.name, 'label', a.label,
                                      'quantity', a.asked, 'cancellable', a.open) order by a.order_item_id)
  into v_ids, v_quantities, v_is_within, v_lines
  from private.asked_units_v1(p_order_id, p_user_id, p_actor, p_item_ids, p_quantities) a;
  if not v_is_within then
    return query select 'nothing_to_cancel', jsonb_build_object('items', coalesce(v_lines, '[]'));
    return;
  end if;
  if v_order.payment_method is distinct from 'cod' and v_order.payment_status in ('pending', 'failed') then
    select sum(i.quantity - i.quantity_cancelled) into v_open
    from public.order_items i where i.order_id = p_order_id;
    if v_open <> (select sum(q) from unnest(v_quantities) q) then
      return query select 'unpaid_whole_only', null::jsonb;
      return;
    end if;
  end if;
  insert into private.cancellations (id, order_id, actor, user_id, reason, lines)
  values (p_id, p_order_id, p_actor, p_user_id, p_reason, v_lines);
  perform private.note_order_event_v1(p_order_id, 'cancelled', jsonb_build_object(
    'by', p_actor, 'reason', p_reason, 'lines', (
      select jsonb_agg(l - 'cancellable' - 'order_item_id') from jsonb_array_elements(v_lines) l)));
  perform private.void_units(v_order, v_ids, v_quantities, false, true, p_reason);
  if p_actor <> 'customer' then
    perform private.notify_of_order(p_order_id, 'Something of your order was cancelled', p_reason);
  end if;
  perform private.tell_order_v1(p_order_id);
  return query select 'done', null::jsonb;
end $$;

-- ---------------------------------------------------------------------------------------------

do $$
declare
  f regprocedure;
begin
  foreach f in array array[
    'private.note_order_event_v1(uuid, text, jsonb)', 'private.note_order_states()',
    'private.note_refund_states()', 'private.notify_of_order(uuid, text, text)',
    'private.line_paid_minor(public.order_items)',
    'private.units_minor_v1(public.order_items, integer, integer)', 'private.packed_units_v1(uuid)',
    'private.open_units_v1(public.order_items, text)', 'private.delivered_units_v1(public.order_items, text)',
    'private.captured_minor_v1(uuid)', 'private.give_back_deals(uuid[], integer[])',
    'private.give_back_coupons(uuid[])',
    'private.give_back_orders(uuid[], uuid[])', 'private.stamp_cancellation()',
    'private.move_order_to(uuid, text)', 'private.settle_order_v1(uuid)',
    'private.refund_parts(uuid, jsonb, text, uuid, text)', 'private.other_parts(public.orders)',
    'private.refund_order_v1(uuid, text)', 'private.refund_cancelled_v1(uuid, text)',
    'private.parts_within(jsonb, bigint)',
    'private.void_units(public.orders, uuid[], integer[], boolean, boolean, text)',
    'private.collect_less(uuid, jsonb, boolean, boolean)', 'private.locked_order_v1(uuid, text, uuid)',
    'private.may_v1(text, text)', 'private.asked_units_v1(uuid, uuid, text, uuid[], integer[])',
    'private.cancel_units_v1(uuid, text, uuid, uuid, uuid[], integer[], text)']::regprocedure[]
  loop
    execute format('revoke execute on function %s from public, anon, authenticated', f);
    execute format('grant execute on function %s to service_role', f);
  end loop;
end $$;
