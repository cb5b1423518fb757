-- Parcels and their documents: what a wholesaler does with its part of an order.
--
-- Functions that change something answer with a word, 'done' or why not, and what the person needs to
-- mend it. Locks: as in the file before this one; the counters of documents come last of all.

-- May be sent: it is paid, or is paid at the door. A part-order looks at the payment of the whole order.
create function private.may_be_sent(o public.orders) returns boolean
language sql immutable set search_path = '' as $$
  select o.status in ('pending', 'confirmed', 'processing', 'shipped') and o.allocation <> 'on_payment'
         and (o.payment_method = 'cod' or o.payment_status in ('paid', 'partially_refunded'))
$$;

-- A parcel that this person may act on, its order and lines locked; NULL when there is none.
create function private.locked_shipment_v1(p_user_id uuid, p_actor text, p_shipment_id uuid)
returns private.shipments
language plpgsql volatile set search_path = '' as $$
declare
  v_shipment private.shipments;
  v_order public.orders;
begin
  select s.* into v_shipment from private.shipments s
  join public.wholesalers w on w.id = s.wholesaler_id
  where s.id = p_shipment_id
    and (p_actor = 'admin' or (p_actor = 'wholesaler' and w.user_id = p_user_id and w.is_active));
  if not found then
    return null;
  end if;
  v_order := private.locked_order_v1(p_user_id, p_actor, v_shipment.order_id);
  -- As it is now that nobody else can change it; it may have been unpacked.
  select s.* into v_shipment from private.shipments s where s.id = p_shipment_id for no key update;
  return v_shipment;
end $$;

create function private.name_of_wholesaler(p_wholesaler_id uuid) returns text
language sql stable set search_path = '' as $$
  select coalesce((select w.business_name::text from public.wholesalers w where w.id = p_wholesaler_id), '')
$$;

-- Puts units into a new parcel; p_id is the caller's: the same parcel is packed once.
create function private.pack_v1(
  p_user_id uuid, p_actor text, p_id uuid, p_order_id uuid, p_item_ids uuid[], p_quantities integer[])
returns table (outcome text, detail jsonb)
language plpgsql volatile set search_path = '' as $$
#variable_conflict use_column
declare
  v_order public.orders;
  v_wholesaler_id uuid;
  v_is_within boolean;
  v_lines jsonb;
begin
  v_order := private.locked_order_v1(p_user_id, p_actor, p_order_id);
  if v_order.id is null or not private.may_v1('pack', p_actor) then
    return query select 'not_found', null::jsonb;
    return;
  end if;
  select w.id into v_wholesaler_id from public.wholesalers w where w.user_id = p_user_id;
  if exists (select from private.shipments s where s.id = p_id) then
    return query select case when exists (
      select from private.shipments s
      where s.id = p_id and s.order_id = p_order_id and s.wholesaler_id = v_wholesaler_id)
      then 'done' else 'key_reused' end, null::jsonb;
    return;
  elsif not private.may_be_sent(v_order) then
    return query select case when v_order.status in ('pending', 'confirmed', 'processing', 'shipped')
                             then 'not_paid' else 'nothing_to_ship' end, '{"items": []}'::jsonb;
    return;
  end if;
  select coalesce(bool_and(a.asked between 1 and a.open), false),
         coalesce(jsonb_agg(jsonb_build_object('order_item_id', a.order_item_id, 'open', a.open,
                                               'quantity', a.asked)), '[]')
  into v_is_within, v_lines
  from private.asked_units_v1(p_order_id, p_user_id, p_actor, p_item_ids, p_quantities) a;
  if not v_is_within then
    return query select 'nothing_to_ship', jsonb_build_object('items', v_lines);
    return;
  end if;
  insert into private.shipments (id, order_id, wholesaler_id) values (p_id, p_order_id, v_wholesaler_id);
  insert into private.shipment_items (shipment_id, order_item_id, quantity)
  select p_id, l.order_item_id, l.quantity
  from jsonb_to_recordset(v_lines) l (order_item_id uuid, quantity integer);
  perform private.note_order_event_v1(p_order_id, 'packed', jsonb_build_object(
    'shipment_id', p_id, 'wholesaler_name', private.name_of_wholesaler(v_wholesaler_id)));
  perform private.settle_order_v1(p_order_id);
  perform private.tell_order_v1(p_order_id);
  return query select 'done', null::jsonb;
end $$;

create function private.unpack_v1(p_user_id uuid, p_actor text, p_shipment_id uuid) returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_shipment private.shipments;
begin
  v_shipment := private.locked_shipment_v1(p_user_id, p_actor, p_shipment_id);
  if v_shipment.id is null or not private.may_v1('unpack', p_actor) then
    return 'not_found';
  elsif v_shipment.status <> 'packed' then
    return 'wrong_state';
  end if;
  delete from private.shipments where id = p_shipment_id;
  perform private.note_order_event_v1(v_shipment.order_id, 'unpacked', jsonb_build_object(
    'shipment_id', p_shipment_id, 'wholesaler_name', private.name_of_wholesaler(v_shipment.wholesaler_id)));
  perform private.tell_order_v1(v_shipment.order_id);
  return 'done';
end $$;

-- A packed parcel leaves. 'done', or 'again' when it had left before (then it has its document).
create function private.ship_v1(
  p_user_id uuid, p_actor text, p_shipment_id uuid, p_carrier text, p_tracking_number text,
  p_tracking_url text)
returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_shipment private.shipments;
begin
  v_shipment := private.locked_shipment_v1(p_user_id, p_actor, p_shipment_id);
  if v_shipment.id is null or not private.may_v1('ship', p_actor) then
    return 'not_found';
  elsif v_shipment.status in ('shipped', 'delivered') then
    return 'again';
  elsif v_shipment.status <> 'packed' then
    return 'wrong_state';
  end if;
  update private.shipments
  set status = 'shipped', shipped_at = now(), carrier = p_carrier, tracking_number = p_tracking_number,
      tracking_url = p_tracking_url
  where id = p_shipment_id;
  update public.order_items i set quantity_shipped = i.quantity_shipped + t.quantity
  from private.shipment_items t where t.shipment_id = p_shipment_id and i.id = t.order_item_id;
  update public.orders set tracking_number = coalesce(tracking_number, p_tracking_number),
                           shipping_method = coalesce(shipping_method, left(p_carrier, 50))
  where id = v_shipment.order_id and (p_tracking_number is not null or p_carrier is not null);
  perform private.note_order_event_v1(v_shipment.order_id, 'shipped', jsonb_build_object(
    'shipment_id', p_shipment_id, 'wholesaler_name', private.name_of_wholesaler(v_shipment.wholesaler_id),
    'carrier', p_carrier, 'tracking_number', p_tracking_number,
    'quantity', (select sum(quantity) from private.shipment_items where shipment_id = p_shipment_id)));
  perform private.settle_order_v1(v_shipment.order_id);
  perform private.notify_of_order(v_shipment.order_id, 'A parcel is on its way',
                                  coalesce(p_carrier || ' ', '') || coalesce(p_tracking_number, ''));
  perform private.tell_order_v1(v_shipment.order_id);
  return 'done';
end $$;

create function private.track_v1(
  p_user_id uuid, p_actor text, p_shipment_id uuid, p_carrier text, p_tracking_number text,
  p_tracking_url text)
returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_shipment private.shipments;
begin
  v_shipment := private.locked_shipment_v1(p_user_id, p_actor, p_shipment_id);
  if v_shipment.id is null or not private.may_v1('track', p_actor) then
    return 'not_found';
  elsif v_shipment.status <> 'shipped' then
    return 'wrong_state';
  end if;
  update private.shipments
  set carrier = p_carrier, tracking_number = p_tracking_number, tracking_url = p_tracking_url
  where id = p_shipment_id;
  update public.orders set tracking_number = p_tracking_number
  where id = v_shipment.order_id and tracking_number is not distinct from v_shipment.tracking_number;
  perform private.note_order_event_v1(v_shipment.order_id, 'tracking', jsonb_build_object(
    'shipment_id', p_shipment_id, 'carrier', p_carrier, 'tracking_number', p_tracking_number));
  perform private.tell_order_v1(v_shipment.order_id);
  return 'done';
end $$;

create function private.deliver_v1(p_user_id uuid, p_actor text, p_shipment_id uuid) returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_shipment private.shipments;
begin
  v_shipment := private.locked_shipment_v1(p_user_id, p_actor, p_shipment_id);
  if v_shipment.id is null or not private.may_v1('deliver', p_actor) then
    return 'not_found';
  elsif v_shipment.status = 'delivered' then
    return 'done';
  elsif v_shipment.status <> 'shipped' then
    return 'wrong_state';
  end if;
  update private.shipments set status = 'delivered', delivered_at = now() where id = p_shipment_id;
  update public.order_items i set quantity_delivered = i.quantity_delivered + t.quantity
  from private.shipment_items t where t.shipment_id = p_shipment_id and i.id = t.order_item_id;
  perform private.note_order_event_v1(v_shipment.order_id, 'parcel_delivered', jsonb_build_object(
    'shipment_id', p_shipment_id, 'wholesaler_name', private.name_of_wholesaler(v_shipment.wholesaler_id)));
  perform private.settle_order_v1(v_shipment.order_id);
  perform private.notify_of_order(v_shipment.order_id, 'A parcel was delivered',
                                  'tell us if something is not right with it');
  perform private.tell_order_v1(v_shipment.order_id);
  return 'done';
end $$;

-- A parcel that was refused, or whose customer was never met, is back where it came from. Its units count
-- as cancelled: what was paid for them goes back, what was not is not collected.
create function private.bring_back_v1(
  p_user_id uuid, p_actor text, p_shipment_id uuid, p_to_shelf boolean)
returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_shipment private.shipments;
  v_order public.orders;
  v_ids uuid[];
  v_quantities integer[];
begin
  v_shipment := private.locked_shipment_v1(p_user_id, p_actor, p_shipment_id);
  if v_shipment.id is null or not private.may_v1('bring_back', p_actor) then
    return 'not_found';
  elsif v_shipment.status = 'returned' then
    return 'again';
  elsif v_shipment.status <> 'shipped' then
    return 'wrong_state';
  end if;
  select * into v_order from public.orders where id = v_shipment.order_id;
  update private.shipments set status = 'returned', returned_at = now() where id = p_shipment_id;
  perform private.note_order_event_v1(v_order.id, 'parcel_returned', jsonb_build_object(
    'shipment_id', p_shipment_id, 'wholesaler_name', private.name_of_wholesaler(v_shipment.wholesaler_id)));
  select array_agg(t.order_item_id order by t.order_item_id), array_agg(t.quantity order by t.order_item_id)
  into v_ids, v_quantities from private.shipment_items t where t.shipment_id = p_shipment_id;
  perform private.void_units(v_order, v_ids, v_quantities, true, p_to_shelf, 'came back undelivered');
  perform private.notify_of_order(v_order.id, 'A parcel could not be delivered', 'it went back to its sender');
  perform private.tell_order_v1(v_order.id);
  return 'done';
end $$;

-- ---------------------------------------------------------------------------------------------
-- Documents

-- What the invoice of a parcel is made of; the sealed GSTIN is opened by whoever has the keys. A parcel's
-- units of a line follow those of the parcels that left before it.
create function private.facts_of_invoice_v1(p_shipment_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'order_id', o.id, 'order_number', o.order_number,
    'ordered_at_ms', (extract(epoch from o.created_at) * 1000)::bigint,
    'wholesaler_id', w.id,
    'supplier', jsonb_build_object(
      'name', w.business_name, 'line1', coalesce(w.business_address_line_1, ''),
      'line2', coalesce(w.business_address_line_2, ''), 'city', coalesce(w.city, ''),
      'state', coalesce(w.state, ''), 'postal_code', coalesce(w.postal_code, ''),
      'sealed_gstin', w.gst_number),
    'buyer', o.shipping_address || jsonb_build_object('gstin', o.buyer_gstin),
    'place_of_supply', o.place_of_supply,
    'lines', (
      select jsonb_agg(jsonb_build_object(
               'order_item_id', i.id, 'name', i.product_name, 'label', coalesce(i.variant_label, ''),
               'hsn_code', i.hsn_code, 'quantity', t.quantity, 'unit_price_minor', i.unit_price_minor,
               'tax_rate', i.tax_rate::text,
               'amount_minor', private.units_minor_v1(i, i.quantity_shipped - t.quantity, i.quantity_shipped))
             order by i.position, i.id)
      from private.shipment_items t join public.order_items i on i.id = t.order_item_id
      where t.shipment_id = p_shipment_id))
  from private.shipments s join public.orders o on o.id = s.order_id
  join public.wholesalers w on w.id = s.wholesaler_id
  where s.id = p_shipment_id
$$;

create function private.financial_year_of(p_at timestamptz) returns smallint
language sql immutable set search_path = '' as $$
  select extract(year from (p_at at time zone 'Asia/Kolkata') - interval '3 months')::smallint
$$;

create function private.base36(p_number integer) returns text
language plpgsql immutable set search_path = '' as $$
declare
  v_left integer := p_number;
  v_text text := '';
begin
  loop
    v_text := substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', v_left % 36 + 1, 1) || v_text;
    v_left := v_left / 36;
    exit when v_left = 0;
  end loop;
  return v_text;
end $$;

-- Issues a document under the next number of its series: W7/2627/00123 is the 123rd invoice of supplier 7
-- in the year that began in April 2026; B a bill of supply, C a credit note. p_document lacks the number.
create function private.issue_document_v1(
  p_document_type text, p_order_id uuid, p_wholesaler_id uuid, p_shipment_id uuid, p_return_id uuid,
  p_gstin text, p_issued_at timestamptz, p_taxable_minor bigint, p_cgst_minor bigint, p_sgst_minor bigint,
  p_igst_minor bigint, p_total_minor bigint, p_document jsonb)
returns uuid
language plpgsql volatile set search_path = '' as $$
declare
  v_series_id integer;
  v_year smallint := private.financial_year_of(p_issued_at);
  v_serial integer;
  v_number text;
  v_id uuid;
begin
  insert into private.invoice_series (wholesaler_id, gstin) values (p_wholesaler_id, coalesce(p_gstin, ''))
  on conflict (wholesaler_id, gstin) do nothing;
  select id into v_series_id from private.invoice_series
  where wholesaler_id = p_wholesaler_id and gstin = coalesce(p_gstin, '');
  insert into private.invoice_counters as c (series_id, financial_year, document_type, last_serial)
  values (v_series_id, v_year, p_document_type, 1)
  on conflict (series_id, financial_year, document_type) do update set last_serial = c.last_serial + 1
  returning last_serial into v_serial;
  v_number := case p_document_type when 'credit_note' then 'C' when 'bill_of_supply' then 'B' else 'W' end
    || private.base36(v_series_id) || '/' || to_char(v_year % 100, 'FM00') || to_char((v_year + 1) % 100, 'FM00')
    || '/' || lpad(v_serial::text, greatest(5, length(v_serial::text)), '0');
  insert into private.invoices (
    number, series_id, financial_year, document_type, serial, order_id, wholesaler_id, shipment_id, return_id,
    issued_at, taxable_minor, cgst_minor, sgst_minor, igst_minor, total_minor, document)
  values (
    v_number, v_series_id, v_year, p_document_type, v_serial, p_order_id, p_wholesaler_id, p_shipment_id,
    p_return_id, p_issued_at, p_taxable_minor, p_cgst_minor, p_sgst_minor, p_igst_minor, p_total_minor,
    p_document || jsonb_build_object('number', v_number))
  returning id into v_id;
  perform private.note_order_event_v1(p_order_id, 'invoice', jsonb_build_object(
    'invoice_id', v_id, 'number', v_number, 'document_type', p_document_type));
  return v_id;
end $$;

-- The documents that a credit note takes back: of a parcel, or those of the lines of a return, in the order
-- of issue, each with the lines that were credited before. No row: nothing was issued.
create function private.invoices_to_credit_v1(p_shipment_id uuid, p_return_id uuid)
returns table (id uuid, number text, issued_at timestamptz, document jsonb)
language sql stable set search_path = '' as $$
  select v.id, v.number, v.issued_at, v.document from private.invoices v
  where v.document_type <> 'credit_note'
    and case when p_shipment_id is not null then v.shipment_id = p_shipment_id
             else v.shipment_id in (
               select t.shipment_id from private.shipment_items t
               join public.return_items b on b.order_item_id = t.order_item_id
               join private.shipments s on s.id = t.shipment_id and s.status = 'delivered'
               where b.return_id = p_return_id) end
  order by v.issued_at, v.id
$$;

-- A document for whom it concerns: the customer of its order, its wholesaler, an admin; else NULL.
create function private.document_for_v1(p_order_id uuid, p_invoice_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select v.document from private.invoices v
  where v.id = p_invoice_id and v.order_id = p_order_id
    and ((select private.is_admin()) or v.wholesaler_id = (select private.my_wholesaler_id())
         or exists (select from public.orders o
                    where o.id = v.order_id and o.customer_id = (select private.my_customer_id())))
$$;

create function app.document_v1(claims text, p_order_id uuid, p_invoice_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return private.document_for_v1(p_order_id, p_invoice_id);
end $$;

do $$
declare
  f regprocedure;
begin
  foreach f in array array[
    'private.may_be_sent(public.orders)', 'private.locked_shipment_v1(uuid, text, uuid)',
    'private.name_of_wholesaler(uuid)', 'private.pack_v1(uuid, text, uuid, uuid, uuid[], integer[])',
    'private.unpack_v1(uuid, text, uuid)', 'private.ship_v1(uuid, text, uuid, text, text, text)',
    'private.track_v1(uuid, text, uuid, text, text, text)', 'private.deliver_v1(uuid, text, uuid)',
    'private.bring_back_v1(uuid, text, uuid, boolean)', 'private.facts_of_invoice_v1(uuid)',
    'private.financial_year_of(timestamptz)', 'private.base36(integer)',
    'private.issue_document_v1(text, uuid, uuid, uuid, uuid, text, timestamptz, bigint, bigint, bigint, bigint, bigint, jsonb)',
    'private.invoices_to_credit_v1(uuid, uuid)', 'private.document_for_v1(uuid, uuid)']::regprocedure[]
  loop
    execute format('revoke execute on function %s from public, anon, authenticated', f);
    execute format('grant execute on function %s to service_role', f);
  end loop;
end $$;
grant execute on function private.document_for_v1(uuid, uuid) to authenticated;
revoke execute on function app.document_v1(text, uuid, uuid) from public, anon, authenticated;
grant execute on function app.document_v1(text, uuid, uuid) to livecommerce_api;
