-- Orders, parcels and returns as they are read: by the customer, by each wholesaler its own part, by
-- admins. Tables in `private` are read by definer functions that ask themselves who asks.

create function private.ms_of(p_at timestamptz) returns bigint
language sql immutable set search_path = '' as $$
  select (extract(epoch from p_at) * 1000)::bigint
$$;

create function private.shipment_json(s private.shipments) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', s.id, 'status', s.status, 'carrier', s.carrier, 'tracking_number', s.tracking_number,
    'tracking_url', s.tracking_url, 'packed_at_ms', private.ms_of(s.packed_at),
    'shipped_at_ms', private.ms_of(s.shipped_at), 'delivered_at_ms', private.ms_of(s.delivered_at),
    'returned_at_ms', private.ms_of(s.returned_at),
    'lines', (select jsonb_agg(jsonb_build_object('order_item_id', t.order_item_id, 'quantity', t.quantity)
                               order by t.order_item_id)
              from private.shipment_items t where t.shipment_id = s.id),
    'invoice_id', (select v.id from private.invoices v
                   where v.shipment_id = s.id and v.document_type <> 'credit_note'))
$$;

create function private.shipments_json(p_order_id uuid, p_wholesaler_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(private.shipment_json(s) order by s.packed_at, s.id), '[]')
  from private.shipments s where s.order_id = p_order_id and s.wholesaler_id = p_wholesaler_id
$$;

create function private.return_json(r public.returns) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', r.id, 'return_number', r.return_number, 'status', r.status, 'reason', r.reason,
    'comment', r.comment,
    'decision_note', (select d.decision_note from private.return_details d where d.return_id = r.id),
    'requested_at_ms', private.ms_of(r.created_at), 'decided_at_ms', private.ms_of(r.decided_at),
    'received_at_ms', private.ms_of(r.received_at),
    'lines', (select jsonb_agg(jsonb_build_object(
                       'order_item_id', i.id, 'name', i.product_name, 'label', coalesce(i.variant_label, ''),
                       'unit_price_minor', i.unit_price_minor, 'quantity', t.quantity,
                       'quantity_received', t.quantity_received, 'is_restocked', t.is_restocked)
                     order by i.position, i.id)
              from public.return_items t join public.order_items i on i.id = t.order_item_id
              where t.return_id = r.id))
$$;

-- A return on the desk of who takes it back.
create function private.desk_return_json(r public.returns) returns jsonb
language sql stable set search_path = '' as $$
  select private.return_json(r) || jsonb_build_object(
    'order_id', r.order_id,
    'order_number', (select o.order_number from public.orders o where o.id = r.order_id),
    'wholesaler_name', coalesce((
      select private.name_of_wholesaler(i.wholesaler_id) from public.return_items t
      join public.order_items i on i.id = t.order_item_id where t.return_id = r.id limit 1), ''))
$$;

create function private.invoice_json(v private.invoices) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', v.id, 'number', v.number, 'document_type', v.document_type,
    'issued_at_ms', private.ms_of(v.issued_at), 'total_minor', v.total_minor,
    'wholesaler_name', private.name_of_wholesaler(v.wholesaler_id), 'shipment_id', v.shipment_id)
$$;

create function private.line_json(i public.order_items, o public.orders) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'order_item_id', i.id, 'product_id', i.product_id, 'variant_id', i.variant_id,
    'name', i.product_name, 'label', coalesce(i.variant_label, ''),
    'image_url', coalesce(i.product_snapshot ->> 'image_url',
                          (select p.images ->> 0 from public.products p where p.id = i.product_id)),
    'quantity', i.quantity, 'unit_price_minor', i.unit_price_minor,
    'discount_minor', (i.discount * 100)::bigint, 'total_minor', private.line_paid_minor(i),
    'tax_rate', i.tax_rate::float8,
    'quantity_cancelled', case when o.status = 'cancelled' then i.quantity else i.quantity_cancelled end,
    'quantity_packed', private.packed_units_v1(i.id),
    'quantity_shipped', greatest(i.quantity_shipped, case when o.status in ('shipped', 'delivered', 'refunded')
                                                          then i.quantity - i.quantity_cancelled else 0 end),
    'quantity_delivered', private.delivered_units_v1(i, o.status),
    'quantity_returned', i.quantity_returned)
$$;

-- How far one wholesaler's part of an order is, and how many of its units are where.
create function private.part_state(
  o public.orders, p_wholesaler_id uuid, out status text, out waiting integer, out packed integer,
  out under_way integer)
language sql stable set search_path = '' as $$
  select case when o.status = 'cancelled' or u.kept = 0 then 'cancelled'
              when u.delivered = u.kept then 'delivered'
              when u.shipped = u.kept then 'shipped'
              when u.shipped > 0 then 'partly_shipped'
              when u.packed = u.kept then 'packed'
              else 'to_pack' end,
         u.waiting, u.packed, u.shipped - u.delivered
  from (select sum(i.quantity - i.quantity_cancelled)::integer as kept,
               sum(private.delivered_units_v1(i, o.status))::integer as delivered,
               sum(case when o.status in ('shipped', 'delivered', 'refunded')
                        then i.quantity - i.quantity_cancelled else i.quantity_shipped end)::integer as shipped,
               sum(private.packed_units_v1(i.id))::integer as packed,
               sum(private.open_units_v1(i, o.status))::integer as waiting
        from public.order_items i
        where i.order_id = o.id and i.wholesaler_id is not distinct from p_wholesaler_id) u
$$;

-- What is still to be paid of an order that is paid at the door, or has yet to be paid.
create function private.due_minor(o public.orders) returns bigint
language sql stable set search_path = '' as $$
  select case when o.payment_status not in ('pending', 'failed') or o.status = 'cancelled' then 0
              else coalesce((select p.amount_minor from private.payments p
                             where p.order_id = o.id and p.provider = 'cod' and p.status = 'created'),
                            o.total_minor) end
$$;

create function private.timeline_json(o public.orders) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_array(jsonb_build_object(
           'at_ms', private.ms_of(o.created_at), 'kind', 'placed', 'data', '{}'::jsonb))
         || coalesce((select jsonb_agg(jsonb_build_object('at_ms', private.ms_of(e.at), 'kind', e.kind,
                                                          'data', e.data) order by e.id)
                      from (select * from private.order_events n where n.order_id = o.id
                            order by n.id desc limit 300) e), '[]')
$$;

-- An order with all that its customer is told; NULL for whom it is none of their business.
create function private.order_detail_for_v1(p_order_id uuid, p_now timestamptz, p_window interval)
returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  o public.orders;
  v_parts jsonb;
  v_is_payable boolean;
begin
  select * into o from public.orders
  where id = p_order_id
    and (customer_id = (select private.my_customer_id()) or (select private.is_admin()));
  if not found then
    return null;
  end if;
  select jsonb_agg(jsonb_build_object(
           'wholesaler_id', w.wholesaler_id,
           'wholesaler_name', private.name_of_wholesaler(w.wholesaler_id),
           'status', (private.part_state(o, w.wholesaler_id)).status,
           'items', w.items, 'shipments', private.shipments_json(o.id, w.wholesaler_id)) order by w.place)
  into v_parts
  from (select i.wholesaler_id, min(i.position) as place,
               jsonb_agg(private.line_json(i, o) || jsonb_build_object(
                 'cancellable', private.open_units_v1(i, o.status),
                 'returnable', private.returnable_units_v1(i, o, p_now, p_window))
                 order by i.position, i.id) as items
        from public.order_items i where i.order_id = o.id group by i.wholesaler_id) w;
  v_is_payable := o.payment_method is distinct from 'cod' and o.status = 'pending'
                  and o.payment_status in ('pending', 'failed') and o.pay_until > p_now;
  return jsonb_build_object(
    'id', o.id, 'order_number', o.order_number, 'status', o.status, 'payment_status', o.payment_status,
    'payment_method', o.payment_method, 'currency', 'INR', 'placed_at_ms', private.ms_of(o.created_at),
    'pay_until_ms', private.ms_of(o.pay_until), 'cancelled_at_ms', private.ms_of(o.cancelled_at),
    'cancel_reason', o.cancel_reason, 'subtotal_minor', o.subtotal_minor,
    'discount_minor', (coalesce(o.discount_amount, 0) * 100)::bigint,
    'shipping_minor', coalesce(o.shipping_minor, 0), 'cod_fee_minor', (o.cod_fee * 100)::bigint,
    'total_minor', o.total_minor, 'due_minor', private.due_minor(o),
    'coupon_code', o.coupon_code, 'buyer_gstin', o.buyer_gstin, 'address', o.shipping_address,
    'payment', (select jsonb_build_object('provider', p.provider, 'status', p.status)
                from private.payments p where p.order_id = o.id and not p.is_excess
                order by (p.status in ('captured', 'collected', 'remitted')) desc, p.created_at desc limit 1),
    'parts', coalesce(v_parts, '[]'))
  || jsonb_build_object(
    'returns', coalesce((select jsonb_agg(private.return_json(r) order by r.created_at, r.id)
                         from public.returns r where r.order_id = o.id), '[]'),
    'refunds', coalesce((select jsonb_agg(jsonb_build_object(
                           'id', r.id, 'return_id', r.return_id, 'amount_minor', r.amount_minor,
                           'status', r.status, 'method', r.method, 'reason', r.reason,
                           'created_at_ms', private.ms_of(r.created_at)) order by r.created_at, r.id)
                         from public.refunds r where r.order_id = o.id), '[]'),
    'refunded_minor', coalesce((select sum(r.amount_minor)::bigint from public.refunds r
                                where r.order_id = o.id and r.status = 'succeeded'), 0),
    'invoices', coalesce((select jsonb_agg(private.invoice_json(v)
                                            order by v.issued_at, v.document_type = 'credit_note', v.number)
                          from private.invoices v where v.order_id = o.id), '[]'),
    'timeline', private.timeline_json(o),
    'can', (select coalesce(jsonb_agg(c.word order by c.place), '[]')
            from (values
              (1, 'cancel', jsonb_path_exists(v_parts, '$[*].items[*] ? (@.cancellable > 0)')),
              (2, 'return', jsonb_path_exists(v_parts, '$[*].items[*] ? (@.returnable > 0)')),
              (3, 'pay', v_is_payable)) c (place, word, is_so) where c.is_so))
  || case when (select private.is_admin()) then (
       select jsonb_build_object('customer_name', concat_ws(' ', c.first_name, c.last_name),
                                 'customer_email', coalesce(c.email, ''), 'customer_phone', coalesce(c.phone, ''))
       from (select 1) one left join public.customers c on c.id = o.customer_id) else '{}' end;
end $$;

create function app.order_detail_v1(claims text, p_order_id uuid, p_now timestamptz, p_window interval)
returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return private.order_detail_for_v1(p_order_id, p_now, p_window);
end $$;

-- The customer's orders for a list, the newest first.
create function app.my_orders_v1(claims text, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, placed_at timestamptz, order_json jsonb)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_at timestamptz := coalesce(p_after_at, 'infinity');
  v_id uuid := coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  perform app.act_as_v1(claims);
  return query
  select o.id, o.created_at, jsonb_build_object(
           'id', o.id, 'order_number', o.order_number, 'status', o.status,
           'payment_status', o.payment_status, 'payment_method', o.payment_method, 'currency', 'INR',
           'total_minor', o.total_minor, 'refunded_minor', coalesce((
             select sum(r.amount_minor)::bigint from public.refunds r
             where r.order_id = o.id and r.status = 'succeeded'), 0),
           'placed_at_ms', (extract(epoch from o.created_at) * 1000)::bigint,
           'pay_until_ms', (extract(epoch from o.pay_until) * 1000)::bigint,
           'quantity', items.quantity, 'item_count', items.lines, 'items', items.first_lines)
  from public.orders o
  cross join lateral (
    select coalesce(sum(i.quantity), 0)::integer as quantity, count(*)::integer as lines,
           coalesce(jsonb_agg(jsonb_build_object(
             'name', i.product_name, 'label', coalesce(i.variant_label, ''), 'quantity', i.quantity,
             'image_url', i.product_snapshot ->> 'image_url') order by i.position, i.id)
             filter (where i.place <= 4), '[]') as first_lines
    from (select j.*, row_number() over (order by j.position, j.id) as place
          from public.order_items j where j.order_id = o.id) i) items
  where o.customer_id = (select private.my_customer_id()) and (o.created_at, o.id) < (v_at, v_id)
  order by o.created_at desc, o.id desc
  limit p_limit;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Wholesalers

-- A part-order: an order as the wholesaler whose id this is sees it, its own lines only; NULL for whom it
-- is none of their business. Admins see every part.
create function private.part_order_for_v1(p_order_id uuid, p_wholesaler_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  o public.orders;
  v_items jsonb;
  v_total bigint;
begin
  if p_wholesaler_id is distinct from (select private.my_wholesaler_id())
     and not (select private.is_admin()) then
    return null;
  end if;
  select * into o from public.orders where id = p_order_id;
  select jsonb_agg(private.line_json(i, o) || jsonb_build_object(
           'sku', coalesce(i.product_sku, ''), 'open', private.open_units_v1(i, o.status))
           order by i.position, i.id),
         sum(private.line_paid_minor(i))
  into v_items, v_total
  from public.order_items i where i.order_id = p_order_id and i.wholesaler_id = p_wholesaler_id;
  if v_items is null then
    return null;
  end if;
  return jsonb_build_object(
    'id', o.id, 'order_number', o.order_number, 'wholesaler_id', p_wholesaler_id,
    'wholesaler_name', private.name_of_wholesaler(p_wholesaler_id),
    'status', (private.part_state(o, p_wholesaler_id)).status, 'order_status', o.status,
    'payment_status', o.payment_status, 'payment_method', o.payment_method,
    'is_cash_on_delivery', o.payment_method = 'cod', 'is_ready', private.may_be_sent(o),
    'placed_at_ms', private.ms_of(o.created_at), 'address', o.shipping_address,
    'buyer_gstin', o.buyer_gstin, 'total_minor', v_total, 'items', v_items,
    'shipments', private.shipments_json(o.id, p_wholesaler_id),
    'invoices', coalesce((select jsonb_agg(private.invoice_json(v)
                                            order by v.issued_at, v.document_type = 'credit_note', v.number)
                          from private.invoices v
                          where v.order_id = o.id and v.wholesaler_id = p_wholesaler_id), '[]'),
    'returns', coalesce((
      select jsonb_agg(private.return_json(r) order by r.created_at, r.id) from public.returns r
      where r.order_id = o.id and exists (
        select from public.return_items t join public.order_items i on i.id = t.order_item_id
        where t.return_id = r.id and i.wholesaler_id = p_wholesaler_id)), '[]'));
end $$;

-- p_shipment_id: instead of the order, one of its parcels; of admins, whoever sent it.
create function app.part_order_v1(claims text, p_order_id uuid, p_shipment_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return private.part_order_of_v1(p_order_id, p_shipment_id);
end $$;

create function private.part_order_of_v1(p_order_id uuid, p_shipment_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_order_id uuid := p_order_id;
  v_wholesaler_id uuid := (select private.my_wholesaler_id());
begin
  if p_shipment_id is not null then
    select s.order_id, s.wholesaler_id into v_order_id, v_wholesaler_id
    from private.shipments s where s.id = p_shipment_id;
  end if;
  return private.part_order_for_v1(v_order_id, v_wholesaler_id);
end $$;

-- The wholesaler's part-orders on a shelf: to_pack (the oldest first), packed, on_the_way, done or all (the
-- newest first). What was ordered more than 120 days ago is on `all` alone. Those that wait for their
-- payment are on none.
create function private.part_orders_on_v1(
  p_shelf text, p_now timestamptz, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, placed_at timestamptz)
language plpgsql stable security definer rows 50 set search_path = '' as $$
#variable_conflict use_column
declare
  v_own uuid := (select private.my_wholesaler_id());
  v_since timestamptz := p_now - interval '120 days';
begin
  if p_shelf = 'to_pack' then
    return query
    select g.order_id, g.created_at
    from (select distinct i.created_at, i.order_id from public.order_items i
          where i.wholesaler_id = v_own and i.created_at > v_since
            and (i.created_at, i.order_id) > (coalesce(p_after_at, '-infinity'),
                  coalesce(p_after_id, '00000000-0000-0000-0000-000000000000'))
            and i.quantity > i.quantity_cancelled + i.quantity_shipped) g
    join public.orders o on o.id = g.order_id
    where private.may_be_sent(o) and (private.part_state(o, v_own)).waiting > 0
    order by g.created_at, g.order_id limit p_limit;
  else
    return query
    select g.order_id, g.created_at
    from (select distinct i.created_at, i.order_id from public.order_items i
          where i.wholesaler_id = v_own and (p_shelf = 'all' or i.created_at > v_since)
            and (i.created_at, i.order_id) < (coalesce(p_after_at, 'infinity'),
                  coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))) g
    join public.orders o on o.id = g.order_id
    cross join lateral private.part_state(o, v_own) s
    where case p_shelf
          when 'packed' then s.packed > 0
          when 'on_the_way' then s.under_way > 0
          when 'done' then s.status in ('delivered', 'cancelled')
          else o.payment_method = 'cod' or o.payment_status not in ('pending', 'failed')
               or o.status = 'cancelled' end
    order by g.created_at desc, g.order_id desc limit p_limit;
  end if;
end $$;

create function app.part_orders_v1(
  claims text, p_shelf text, p_now timestamptz, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, placed_at timestamptz, order_json jsonb)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  perform app.act_as_v1(claims);
  return query
  select p.id, p.placed_at, private.part_order_of_v1(p.id, null)
  from private.part_orders_on_v1(p_shelf, p_now, p_after_at, p_after_id, p_limit)
    with ordinality p (id, placed_at, place)
  order by p.place;
end $$;

-- How much there is to do; a shelf that is very full says 500.
create function app.part_order_counts_v1(claims text, p_now timestamptz)
returns table (to_pack integer, packed integer, on_the_way integer, returns integer)
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return query select
    (select count(*)::integer from private.part_orders_on_v1('to_pack', p_now, null, null, 500)),
    (select count(*)::integer from private.part_orders_on_v1('packed', p_now, null, null, 500)),
    (select count(*)::integer from private.part_orders_on_v1('on_the_way', p_now, null, null, 500)),
    (select count(*)::integer from private.returns_on_v1('open', null, null, 500));
end $$;

-- Returns that the caller takes back (of admins, all), the newest first: open (requested or approved), one
-- of these states, or done.
create function private.returns_on_v1(p_shelf text, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, requested_at timestamptz, return_json jsonb)
language plpgsql stable security definer rows 50 set search_path = '' as $$
#variable_conflict use_column
declare
  v_own uuid := (select private.my_wholesaler_id());
  v_is_admin boolean := (select private.is_admin());
  v_states text[] := case p_shelf when 'open' then array['requested', 'approved']
                                  when 'done' then array['received', 'refunded', 'rejected', 'cancelled']
                                  else array[p_shelf] end;
  v_at timestamptz := coalesce(p_after_at, 'infinity');
  v_id uuid := coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
begin
  if v_is_admin then
    -- Each state by its index, of which the newest are taken.
    return query
    select r.id, r.created_at, private.desk_return_json(r.of_state)
    from unnest(v_states) s (status)
    cross join lateral (
      select t.id, t.created_at, t as of_state from public.returns t
      where t.status = s.status and t.created_at <= v_at and (t.created_at, t.id) < (v_at, v_id)
      order by t.created_at desc, t.id desc limit p_limit) r
    order by r.created_at desc, r.id desc limit p_limit;
  else
    return query
    select r.id, r.created_at, private.desk_return_json(r)
    from private.return_details d join public.returns r on r.id = d.return_id
    where d.wholesaler_id = v_own and r.status = any (v_states) and (r.created_at, r.id) < (v_at, v_id)
    order by r.created_at desc, r.id desc limit p_limit;
  end if;
end $$;

create function app.desk_returns_v1(
  claims text, p_shelf text, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, requested_at timestamptz, return_json jsonb)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  perform app.act_as_v1(claims);
  return query select r.id, r.requested_at, r.return_json
  from private.returns_on_v1(p_shelf, p_after_at, p_after_id, p_limit) r;
end $$;

create function private.desk_return_for_v1(p_return_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select private.desk_return_json(r) from public.returns r
  where r.id = p_return_id and ((select private.is_admin()) or exists (
    select from public.return_items t join public.order_items i on i.id = t.order_item_id
    where t.return_id = r.id and i.wholesaler_id = (select private.my_wholesaler_id())))
$$;

create function app.desk_return_v1(claims text, p_return_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return private.desk_return_for_v1(p_return_id);
end $$;

-- The order that one of the customer's own returns belongs to; NULL when it is not theirs.
create function app.order_of_return_v1(claims text, p_return_id uuid) returns uuid
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return (select r.order_id from public.returns r
          where r.id = p_return_id and r.customer_id = (select private.my_customer_id()));
end $$;

create function private.documents_on_v1(p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, issued_at timestamptz, invoice_json jsonb)
language sql stable security definer rows 50 set search_path = '' as $$
  select v.id, v.issued_at, private.invoice_json(v) || jsonb_build_object(
           'order_id', v.order_id,
           'order_number', (select o.order_number from public.orders o where o.id = v.order_id))
  from private.invoices v
  where v.wholesaler_id = (select private.my_wholesaler_id())
    and (v.issued_at, v.id) < (coalesce(p_after_at, 'infinity'),
                               coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
  order by v.issued_at desc, v.id desc limit p_limit
$$;

create function app.documents_v1(claims text, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns table (id uuid, issued_at timestamptz, invoice_json jsonb)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  perform app.act_as_v1(claims);
  return query select d.id, d.issued_at, d.invoice_json
  from private.documents_on_v1(p_after_at, p_after_id, p_limit) d;
end $$;

-- The id of the order with this number, for admins.
create function app.order_by_number_v1(claims text, p_order_number text) returns uuid
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return (select o.id from public.orders o
          where o.order_number = p_order_number and (select private.is_admin()));
end $$;

do $$
declare
  f regprocedure;
begin
  foreach f in array array[
    'private.ms_of(timestamptz)', 'private.shipment_json(private.shipments)',
    'private.shipments_json(uuid, uuid)', 'private.return_json(public.returns)',
    'private.desk_return_json(public.returns)', 'private.invoice_json(private.invoices)',
    'private.line_json(public.order_items, public.orders)', 'private.part_state(public.orders, uuid)',
    'private.due_minor(public.orders)', 'private.timeline_json(public.orders)',
    'private.order_detail_for_v1(uuid, timestamptz, interval)', 'private.part_order_for_v1(uuid, uuid)',
    'private.part_order_of_v1(uuid, uuid)',
    'private.part_orders_on_v1(text, timestamptz, timestamptz, uuid, integer)',
    'private.returns_on_v1(text, timestamptz, uuid, integer)', 'private.desk_return_for_v1(uuid)',
    'private.documents_on_v1(timestamptz, uuid, integer)']::regprocedure[]
  loop
    execute format('revoke execute on function %s from public, anon, authenticated', f);
    execute format('grant execute on function %s to service_role', f);
  end loop;
  -- These ask themselves who asks.
  foreach f in array array[
    'private.order_detail_for_v1(uuid, timestamptz, interval)', 'private.part_order_of_v1(uuid, uuid)',
    'private.part_orders_on_v1(text, timestamptz, timestamptz, uuid, integer)',
    'private.returns_on_v1(text, timestamptz, uuid, integer)', 'private.desk_return_for_v1(uuid)',
    'private.documents_on_v1(timestamptz, uuid, integer)']::regprocedure[]
  loop
    execute format('grant execute on function %s to authenticated', f);
  end loop;
  foreach f in array array[
    'app.order_detail_v1(text, uuid, timestamptz, interval)',
    'app.my_orders_v1(text, timestamptz, uuid, integer)', 'app.part_order_v1(text, uuid, uuid)',
    'app.part_orders_v1(text, text, timestamptz, timestamptz, uuid, integer)',
    'app.part_order_counts_v1(text, timestamptz)',
    'app.desk_returns_v1(text, text, timestamptz, uuid, integer)', 'app.desk_return_v1(text, uuid)',
    'app.order_of_return_v1(text, uuid)', 'app.documents_v1(text, timestamptz, uuid, integer)',
    'app.order_by_number_v1(text, text)']::regprocedure[]
  loop
    execute format('revoke execute on function %s from public, anon, authenticated, service_role', f);
    execute format('grant execute on function %s to livecommerce_api', f);
  end loop;
end $$;
