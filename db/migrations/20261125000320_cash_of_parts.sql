-- What a wholesaler's part of an order says of its cash: who has it, and whether they may book that they
-- took it at the door themselves.

-- NULL when it is not cash on delivery. The amount and the payment of an order with lines of others are
-- none of this wholesaler's business; a courier brings its cash to the platform.
create function private.cash_of_part_v1(o public.orders, p_wholesaler_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_payment private.payments;
  v_is_whole boolean := not exists (
    select from public.order_items i
    where i.order_id = o.id and i.wholesaler_id is distinct from p_wholesaler_id);
begin
  if o.payment_method is distinct from 'cod' then
    return null;
  end if;
  select p.* into v_payment from private.payments p
  where p.order_id = o.id and p.provider = 'cod' and not p.is_excess
  order by p.created_at desc limit 1;
  if not found then
    return null;
  end if;
  return jsonb_build_object(
    'status', v_payment.status,
    'payment_id', case when v_is_whole then v_payment.id end,
    'amount_minor', case when v_is_whole then v_payment.amount_minor end,
    'is_with_wholesaler', exists (
      select from private.ledger_events e
      join private.ledger_entries n on n.event_id = e.id and n.leg = 'clearing'
      join private.ledger_accounts a on a.id = n.account_id
      where e.source_type = 'payment' and e.source_id = v_payment.id and e.event = 'collected'
        and a.name = 'cod_in_transit' and a.owner_id = p_wholesaler_id));
end $$;
revoke execute on function private.cash_of_part_v1(public.orders, uuid)
  from public, anon, authenticated;
grant execute on function private.cash_of_part_v1(public.orders, uuid) to service_role;

-- A part-order: an order as the wholesaler whose id this is sees it, its own lines only; NULL for whom it
-- is none of their business. Admins see every part.
create or replace function private.part_order_for_v1(p_order_id uuid, p_wholesaler_id uuid) returns jsonb
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
    'cash', private.cash_of_part_v1(o, p_wholesaler_id),
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
