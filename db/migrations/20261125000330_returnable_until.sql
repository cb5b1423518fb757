-- A customer is told until when each line may be sent back.

-- An order with all that its customer is told; NULL for whom it is none of their business.
create or replace function private.order_detail_for_v1(p_order_id uuid, p_now timestamptz, p_window interval)
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
                 'returnable', r.units,
                 'returnable_until_ms', case when r.units > 0
                   then private.ms_of(private.line_delivered_at(i.id, o) + p_window) end)
                 order by i.position, i.id) as items
        from public.order_items i
        cross join lateral (select private.returnable_units_v1(i, o, p_now, p_window) as units) r
        where i.order_id = o.id group by i.wholesaler_id) w;
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
