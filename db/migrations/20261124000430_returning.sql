-- Returns: asked for by the customer, decided and received by who sold it, and paid back by what arrived
-- and not by what was announced. A request for goods of several wholesalers is a return of each.

-- Units of a line that are in returns which still count.
create function private.claimed_units_v1(p_order_item_id uuid, p_but_id uuid) returns integer
language sql stable set search_path = '' as $$
  select coalesce(sum(case when r.status in ('received', 'refunded') then t.quantity_received
                           else t.quantity end), 0)::integer
  from public.return_items t join public.returns r on r.id = t.return_id
  where t.order_item_id = p_order_item_id and t.id is distinct from p_but_id
    and r.status not in ('rejected', 'cancelled')
$$;

-- When its customer got the last of a line; NULL while nothing was delivered.
create function private.line_delivered_at(p_order_item_id uuid, o public.orders) returns timestamptz
language sql stable set search_path = '' as $$
  select coalesce(
    (select max(s.delivered_at) from private.shipment_items t join private.shipments s on s.id = t.shipment_id
     where t.order_item_id = p_order_item_id and s.status = 'delivered'),
    case when o.status = 'delivered'
         then (o.actual_delivery_date + 1)::timestamp at time zone 'Asia/Kolkata' end)
$$;

create or replace function private.open_return() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_order public.orders;
begin
  -- Locked: no refund makes it a refunded order while this goes on.
  select * into v_order from public.orders where id = new.order_id for no key update;
  -- One sentence for what does not exist and what is somebody else's.
  if not found
     or coalesce(new.customer_id, v_order.customer_id) is distinct from v_order.customer_id
     or (not private.is_service_caller()
         and v_order.customer_id is distinct from (select private.my_customer_id())) then
    raise exception using errcode = '22023', message = 'this is not one of your orders';
  elsif v_order.status <> 'delivered' and (
    v_order.status in ('cancelled', 'refunded')
    or not exists (select from public.order_items i
                   where i.order_id = new.order_id and i.quantity_delivered > 0)) then
    raise exception using errcode = '22023', message = 'only what was delivered can be returned';
  end if;
  new.customer_id := v_order.customer_id;
  new.return_number := private.numbered('RET', nextval('public.return_sequence'));
  new.status := 'requested';
  return new;
end $$;

create or replace function private.check_return_item() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_item public.order_items;
  v_status text;
  v_left integer;
begin
  if not private.is_service_caller() and not exists (
    select from public.returns r
    where r.id = new.return_id and r.customer_id = (select private.my_customer_id())) then
    return new;  -- row security refuses it
  end if;
  -- The line is locked: two returns of the same line are counted one after the other.
  select i.* into v_item from public.order_items i
  join public.returns r on r.order_id = i.order_id and r.id = new.return_id
  where i.id = new.order_item_id for no key update of i;
  if not found then
    raise exception using errcode = '22023', message = 'this item is not part of the order';
  end if;
  select status into v_status from public.orders where id = v_item.order_id;
  v_left := private.delivered_units_v1(v_item, v_status)
            - private.claimed_units_v1(new.order_item_id, new.id);
  if new.quantity > v_left then
    raise exception using errcode = '23514', constraint = 'return_items_within_order',
      message = format('at most %s of this item can still be returned', v_left);
  end if;
  return new;
end $$;

-- Also of a return that a client of the documented schema makes by itself: who takes it back.
create function private.detail_return() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.return_details (return_id, wholesaler_id, request_id)
  select new.return_id, i.wholesaler_id, new.return_id
  from public.order_items i where i.id = new.order_item_id
  on conflict (return_id) do nothing;
  return null;
end $$;
create trigger detailed after insert on public.return_items
  for each row execute function private.detail_return();

-- What a customer has of an order and may send back; p_window after it was delivered, no longer.
create function private.returnable_units_v1(i public.order_items, o public.orders, p_now timestamptz, p_window interval)
returns integer
language sql stable set search_path = '' as $$
  select case when o.status in ('cancelled', 'refunded')
                   or p_now > private.line_delivered_at(i.id, o) + p_window then 0
              else greatest(0, private.delivered_units_v1(i, o.status)
                               - private.claimed_units_v1(i.id, null)) end
$$;

-- p_id is the caller's: the same request sent twice is opened once.
create function private.ask_return_v1(
  p_user_id uuid, p_actor text, p_id uuid, p_order_id uuid, p_reason text, p_comment text,
  p_item_ids uuid[], p_quantities integer[], p_upi_id text, p_now timestamptz, p_window interval)
returns table (outcome text, detail jsonb)
language plpgsql volatile set search_path = '' as $$
#variable_conflict use_column
declare
  v_order public.orders;
  v_lines jsonb;
  v_is_within boolean;
  v_is_delivered boolean;
  v_is_in_time boolean;
  v_wholesaler_id uuid;
  v_return_id uuid;
begin
  v_order := private.locked_order_v1(p_user_id, p_actor, p_order_id);
  if v_order.id is null or not private.may_v1('ask_return', p_actor) then
    return query select 'not_found', null::jsonb;
    return;
  elsif exists (select from private.return_details d where d.request_id = p_id) then
    return query select case when exists (
      select from private.return_details d join public.returns r on r.id = d.return_id
      where d.request_id = p_id and r.order_id = p_order_id) then 'done' else 'key_reused' end, null::jsonb;
    return;
  end if;
  select jsonb_agg(jsonb_build_object(
           'order_item_id', g.id, 'wholesaler_id', i.wholesaler_id, 'quantity', g.quantity,
           'returnable', coalesce(private.returnable_units_v1(i, v_order, p_now, p_window), 0)) order by g.id),
         coalesce(bool_and(g.quantity between 1 and private.returnable_units_v1(i, v_order, p_now, p_window)),
                  false),
         coalesce(bool_or(private.delivered_units_v1(i, v_order.status) > 0), false),
         coalesce(bool_and(p_now <= private.line_delivered_at(i.id, v_order) + p_window), true)
  into v_lines, v_is_within, v_is_delivered, v_is_in_time
  from (select u.id, sum(u.quantity)::integer as quantity
        from unnest(p_item_ids, p_quantities) u (id, quantity) group by u.id) g
  left join public.order_items i on i.id = g.id and i.order_id = p_order_id;
  if not v_is_delivered or v_order.status in ('cancelled', 'refunded') then
    return query select 'not_delivered', null::jsonb;
    return;
  elsif not v_is_in_time then
    return query select 'too_late', null::jsonb;
    return;
  elsif not v_is_within then
    return query select 'too_many', jsonb_build_object('items', (
      select jsonb_agg(l - 'wholesaler_id') from jsonb_array_elements(v_lines) l));
    return;
  elsif v_order.payment_method = 'cod' and p_upi_id is null then
    return query select 'upi_needed', null::jsonb;
    return;
  end if;
  for v_wholesaler_id in
    select distinct (l ->> 'wholesaler_id')::uuid from jsonb_array_elements(v_lines) l order by 1
  loop
    insert into public.returns (order_id, customer_id, reason, comment, return_number)
    values (p_order_id, v_order.customer_id, p_reason, p_comment, '') returning id into v_return_id;
    insert into private.return_details (return_id, wholesaler_id, request_id, upi_id)
    values (v_return_id, v_wholesaler_id, p_id, case when v_order.payment_method = 'cod' then p_upi_id end);
    insert into public.return_items (return_id, order_item_id, quantity)
    select v_return_id, l.order_item_id, l.quantity
    from jsonb_to_recordset(v_lines) l (order_item_id uuid, wholesaler_id uuid, quantity integer)
    where l.wholesaler_id is not distinct from v_wholesaler_id order by l.order_item_id;
    perform private.note_return(v_return_id, 'return_requested');
  end loop;
  perform private.tell_order_v1(p_order_id);
  return query select 'done', null::jsonb;
end $$;

create function private.note_return(p_return_id uuid, p_kind text) returns void
language sql volatile set search_path = '' as $$
  select private.note_order_event_v1(r.order_id, p_kind, jsonb_build_object(
    'return_id', r.id, 'return_number', r.return_number))
  from public.returns r where r.id = p_return_id
$$;

-- A return that this person may act on, with its order and lines locked; NULL when there is none. Of
-- wholesalers, one all of whose lines are theirs: what they received is theirs to say.
create function private.locked_return_v1(p_user_id uuid, p_actor text, p_return_id uuid)
returns public.returns
language plpgsql volatile set search_path = '' as $$
declare
  v_return public.returns;
  v_order public.orders;
begin
  select r.* into v_return from public.returns r where r.id = p_return_id;
  if not found then
    return null;
  end if;
  v_order := private.locked_order_v1(p_user_id, p_actor, v_return.order_id);
  if v_order.id is null or (p_actor = 'wholesaler' and exists (
    select from public.return_items t join public.order_items i on i.id = t.order_item_id
    where t.return_id = p_return_id and i.wholesaler_id is distinct from (
      select w.id from public.wholesalers w where w.user_id = p_user_id))) then
    return null;
  end if;
  select r.* into v_return from public.returns r where r.id = p_return_id for no key update;
  return v_return;
end $$;

-- p_to: 'approved', 'rejected' (of who sold it) or 'cancelled' (of the customer).
create function private.decide_return_v1(
  p_user_id uuid, p_actor text, p_return_id uuid, p_to text, p_note text)
returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_return public.returns;
begin
  v_return := private.locked_return_v1(p_user_id, p_actor, p_return_id);
  if v_return.id is null
     or not private.may_v1(case p_to when 'cancelled' then 'cancel_return' else 'decide_return' end, p_actor) then
    return 'not_found';
  elsif v_return.status = p_to then
    return 'done';
  elsif v_return.status <> 'requested' and not (v_return.status = 'approved' and p_to = 'cancelled') then
    return 'wrong_state';
  end if;
  update public.returns set status = p_to where id = p_return_id;
  if p_note is not null then
    insert into private.return_details as d (return_id, request_id, decision_note)
    values (p_return_id, p_return_id, p_note)
    on conflict (return_id) do update set decision_note = excluded.decision_note;
  end if;
  perform private.note_return(p_return_id, 'return_' || p_to);
  if p_to <> 'cancelled' then
    perform private.notify_of_order(v_return.order_id,
      case p_to when 'approved' then 'Your return is accepted' else 'Your return was not accepted' end,
      coalesce(p_note, v_return.return_number));
  end if;
  perform private.tell_order_v1(v_return.order_id);
  return 'done';
end $$;

-- What of a return has arrived, and whether it is fit for the shelf; all of it, fit, when p_item_ids is
-- NULL. The money for what arrived goes back; with the last of an order its shipping and fee do, too.
-- 'done' comes with {order_id, wholesaler_id, lines: [{order_item_id, quantity, amount_minor}]} for the
-- credit note.
create function private.receive_return_v1(
  p_user_id uuid, p_actor text, p_return_id uuid, p_item_ids uuid[], p_quantities integer[],
  p_to_shelf boolean[])
returns table (outcome text, detail jsonb)
language plpgsql volatile set search_path = '' as $$
#variable_conflict use_column
declare
  v_return public.returns;
  v_order public.orders;
  v_lines jsonb;
  v_parts jsonb;
  v_left bigint;
  v_received integer;
begin
  v_return := private.locked_return_v1(p_user_id, p_actor, p_return_id);
  if v_return.id is null or not private.may_v1('receive_return', p_actor) then
    return query select 'not_found', null::jsonb;
    return;
  elsif v_return.status in ('received', 'refunded') then
    return query select 'again', null::jsonb;
    return;
  elsif v_return.status <> 'approved' then
    return query select 'wrong_state', null::jsonb;
    return;
  end if;
  select * into v_order from public.orders where id = v_return.order_id;
  if v_order.payment_status in ('pending', 'failed') then
    return query select 'not_paid', null::jsonb;
    return;
  elsif exists (
    select from unnest(p_item_ids, p_quantities) g (id, quantity)
    left join public.return_items t on t.return_id = p_return_id and t.order_item_id = g.id
    where t.id is null or g.quantity not between 0 and t.quantity) then
    return query select 'too_many', null::jsonb;
    return;
  end if;
  update public.return_items t
  set quantity_received = coalesce(g.quantity, 0), is_restocked = coalesce(g.to_shelf, false)
  from public.return_items u
  left join unnest(p_item_ids, p_quantities, p_to_shelf) g (id, quantity, to_shelf)
    on g.id = u.order_item_id and p_item_ids is not null
  where u.return_id = p_return_id and t.id = u.id and p_item_ids is not null;
  update public.return_items t set quantity_received = t.quantity, is_restocked = true
  where t.return_id = p_return_id and p_item_ids is null;
  select coalesce(sum(t.quantity_received), 0)::integer,
         jsonb_agg(jsonb_build_object(
           'part', 'item', 'order_item_id', i.id, 'quantity', t.quantity_received,
           'amount_minor', private.units_minor_v1(i, i.quantity_returned,
                                                  i.quantity_returned + t.quantity_received)) order by i.id)
         filter (where t.quantity_received > 0)
  into v_received, v_lines
  from public.return_items t join public.order_items i on i.id = t.order_item_id
  where t.return_id = p_return_id;
  -- Of orders that were delivered before parcels were kept, this is the first that counts their units.
  update public.order_items i
  set quantity_shipped = private.delivered_units_v1(i, v_order.status),
      quantity_delivered = private.delivered_units_v1(i, v_order.status)
  where i.order_id = v_order.id and i.quantity_delivered < private.delivered_units_v1(i, v_order.status);
  update public.order_items i set quantity_returned = i.quantity_returned + t.quantity_received
  from public.return_items t where t.return_id = p_return_id and i.id = t.order_item_id;
  v_parts := v_lines;
  if not exists (select from public.order_items i where i.order_id = v_order.id
                   and i.quantity > i.quantity_cancelled + i.quantity_returned) then
    v_parts := v_parts || private.other_parts(v_order);
  end if;
  select private.captured_minor_v1(v_order.id) - coalesce(sum(r.amount_minor), 0) into v_left
  from public.refunds r where r.order_id = v_order.id and r.status in ('pending', 'succeeded');
  perform private.refund_parts(
    v_order.id, private.parts_within(v_parts, v_left), v_return.return_number, p_return_id,
    case when v_order.payment_method = 'cod' then 'upi' else 'original' end);
  perform private.note_return(p_return_id, 'return_received');
  perform private.notify_of_order(v_order.id, 'Your return has arrived', v_return.return_number);
  perform private.tell_order_v1(v_order.id);
  -- The trigger of this puts pieces on the shelf: it comes last.
  update public.returns set status = 'received' where id = p_return_id;
  if v_received = 0 then
    update public.returns set status = 'rejected' where id = p_return_id;
  end if;
  return query select 'done', jsonb_build_object(
    'order_id', v_order.id, 'return_number', v_return.return_number, 'lines', coalesce(v_lines, '[]'),
    'wholesaler_id', (select i.wholesaler_id from public.return_items t
                      join public.order_items i on i.id = t.order_item_id
                      where t.return_id = p_return_id limit 1));
end $$;

-- What credit notes for returns have taken back of each line so far: {order_item_id: amount_minor}.
create function private.credited_before_v1(p_order_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_object_agg(c.order_item_id, c.amount_minor), '{}')
  from (select l ->> 'order_item_id' as order_item_id, sum((l ->> 'amount_minor')::bigint)::bigint as amount_minor
        from private.invoices v cross join lateral jsonb_array_elements(v.document -> 'lines') l
        where v.order_id = p_order_id and v.document_type = 'credit_note' and v.return_id is not null
        group by 1) c
$$;

do $$
declare
  f regprocedure;
begin
  foreach f in array array[
    'private.claimed_units_v1(uuid, uuid)', 'private.line_delivered_at(uuid, public.orders)',
    'private.detail_return()',
    'private.returnable_units_v1(public.order_items, public.orders, timestamptz, interval)',
    'private.ask_return_v1(uuid, text, uuid, uuid, text, text, uuid[], integer[], text, timestamptz, interval)',
    'private.note_return(uuid, text)', 'private.locked_return_v1(uuid, text, uuid)',
    'private.decide_return_v1(uuid, text, uuid, text, text)',
    'private.receive_return_v1(uuid, text, uuid, uuid[], integer[], boolean[])',
    'private.credited_before_v1(uuid)']::regprocedure[]
  loop
    execute format('revoke execute on function %s from public, anon, authenticated', f);
    execute format('grant execute on function %s to service_role', f);
  end loop;
end $$;
