-- What customers and admins read of payments, and what an operator does with them. The tables are the
-- server's; who asks is asked here.

create trigger audited after update on private.payments for each row
  when (old.status is distinct from new.status and new.provider in ('cod', 'upi'))
  execute function private.audit_change('status', 'provider_reference');

-- ---------------------------------------------------------------------------------------------
-- The customer

-- The newest payment of an order of the caller, with what is given back; no row when it is not theirs.
create function private.payment_of_my_order_v1(p_order_id uuid)
returns table (order_id uuid, order_number text, order_status text, payment_status text, payment_id uuid,
               provider text, status text, amount_minor bigint, currency text, pay_until timestamptz,
               note text, client jsonb, customer_reference text, refunds jsonb)
language sql stable security definer set search_path = '' as $$
  select o.id, o.order_number::text, o.status::text, o.payment_status::text, p.id,
         coalesce(p.provider, o.payment_method::text), coalesce(p.status, 'created'),
         coalesce(p.amount_minor, o.total_minor), coalesce(p.currency, 'INR'), o.pay_until, p.note, p.client,
         p.customer_reference,
         coalesce((select jsonb_agg(jsonb_build_object(
                            'refund_id', r.id, 'amount_minor', r.amount_minor, 'status', r.status,
                            'method', r.method,
                            'at_ms', (extract(epoch from r.created_at) * 1000)::bigint)
                          order by r.created_at, r.id)
                   from public.refunds r where r.order_id = o.id), '[]')
  from public.orders o
  left join lateral (
    select * from private.payments q where q.order_id = o.id and not q.is_excess
    -- The one that brought the money, else the newest that may.
    order by q.status in ('captured', 'collected', 'remitted') desc, q.status <> 'cancelled' desc,
             q.created_at desc, q.id desc limit 1) p on true
  where o.id = p_order_id and o.customer_id = (select private.my_customer_id())
$$;

create function app.payment_of_order_v1(claims text, p_order_id uuid)
returns table (order_id uuid, order_number text, order_status text, payment_status text, payment_id uuid,
               provider text, status text, amount_minor bigint, currency text, pay_until timestamptz,
               note text, client jsonb, customer_reference text, refunds jsonb)
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return query select * from private.payment_of_my_order_v1(p_order_id);
end $$;

-- What the customer says the UPI transfer has for a number: it helps whoever looks for it.
create function private.note_upi_reference_v1(p_user_id uuid, p_order_id uuid, p_reference text) returns text
language plpgsql volatile set search_path = '' as $$
begin
  perform 1 from public.orders o join public.customers c on c.id = o.customer_id and c.user_id = p_user_id
  where o.id = p_order_id;
  if not found then
    return 'not_found';
  end if;
  update private.payments set customer_reference = p_reference
  where order_id = p_order_id and provider = 'upi' and status in ('pending', 'failed');
  return case when found then 'done' else 'not_payable' end;
end $$;

-- ---------------------------------------------------------------------------------------------
-- The admin

-- p_shelf: `upi` for what an operator has to look for, oldest first; `cod_due` for cash that is not
-- collected though the parcel left; else all of the provider and state, newest first. p_payment_id: one.
-- Ids of payments begin with their time, so they are the order of the lists.
create function private.payment_list_v1(
  p_payment_id uuid, p_shelf text, p_provider text, p_status text, p_after uuid, p_limit integer)
returns table (payment_id uuid, order_id uuid, order_number text, customer_name text, provider text,
               status text, amount_minor bigint, currency text, reference text, customer_reference text,
               created_at timestamptz, updated_at timestamptz, order_status text, note text,
               upi_reference text)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  v_ids uuid[];
begin
  if not private.is_admin() then
    return;
  end if;
  -- A statement per list, so that each has the plan of its own index.
  if p_payment_id is not null then
    v_ids := array[p_payment_id];
  elsif p_shelf = 'upi' then
    v_ids := array(
      select p.id from private.payments p
      where p.provider = 'upi' and p.status in ('pending', 'failed')
        and p.id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
      order by p.id limit p_limit);
  elsif p_shelf = 'cod_due' then
    v_ids := array(
      select p.id from public.orders o join private.payments p on p.order_id = o.id
      where o.status in ('shipped', 'delivered') and p.provider = 'cod' and p.status = 'created'
        and p.id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
      order by p.id limit p_limit);
  else
    v_ids := array(
      select p.id from private.payments p
      where (p_provider = '' or p.provider = p_provider) and (p_status = '' or p.status = p_status)
        and p.id < coalesce(p_after, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      order by p.id desc limit p_limit);
  end if;
  return query
  select p.id, p.order_id, o.order_number::text, coalesce(o.shipping_address ->> 'name', ''), p.provider,
         p.status, p.amount_minor, p.currency, coalesce(p.capture_reference, p.provider_reference),
         p.customer_reference, p.created_at, p.updated_at, o.status::text, p.note,
         case p.provider when 'upi' then p.provider_reference end
  from unnest(v_ids) with ordinality i (id, n)
  join private.payments p on p.id = i.id
  join public.orders o on o.id = p.order_id
  order by i.n;
end $$;

create function app.payments_v1(
  claims text, p_payment_id uuid, p_shelf text, p_provider text, p_status text, p_after uuid,
  p_limit integer)
returns table (payment_id uuid, order_id uuid, order_number text, customer_name text, provider text,
               status text, amount_minor bigint, currency text, reference text, customer_reference text,
               created_at timestamptz, updated_at timestamptz, order_status text, note text,
               upi_reference text)
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return query select * from private.payment_list_v1(
    p_payment_id, p_shelf, p_provider, p_status, p_after, p_limit);
end $$;

-- p_state: '' for all; newest first. p_before: the last one of the page before.
create function private.payment_event_list_v1(p_state text, p_before bigint, p_limit integer)
returns table (inbox_id bigint, event_id text, provider text, source text, kind text, provider_kind text,
               state text, reference text, order_number text, amount_minor bigint, received_at timestamptz,
               note text)
language sql stable security definer set search_path = '' as $$
  select e.id, e.event_id, e.provider, e.source, e.kind, e.provider_kind, e.state, e.reference,
         (select o.order_number::text from private.payments p join public.orders o on o.id = p.order_id
          where p.id = e.payment_id),
         e.amount_minor, e.received_at, e.note
  from private.payment_events e
  where (select private.is_admin()) and (p_state = '' or e.state = p_state)
    and e.id < coalesce(p_before, 9223372036854775807)
  order by e.id desc limit p_limit
$$;

create function app.payment_events_v1(claims text, p_state text, p_before bigint, p_limit integer)
returns table (inbox_id bigint, event_id text, provider text, source text, kind text, provider_kind text,
               state text, reference text, order_number text, amount_minor bigint, received_at timestamptz,
               note text)
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return query select * from private.payment_event_list_v1(p_state, p_before, p_limit);
end $$;

-- How many events wait for somebody, by state.
create function private.payment_event_counts_v1() returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_object_agg(c.state, c.events), '{}')
  from (select e.state, count(*) as events from private.payment_events e
        where (select private.is_admin()) and e.state in ('new', 'waiting', 'unknown', 'mismatch', 'failed')
        group by e.state) c
$$;

create function app.payment_event_counts_v1(claims text) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return private.payment_event_counts_v1();
end $$;

-- Refunds and the payments that go back whole, oldest first; p_refund_id: one.
create function private.refund_list_v1(p_refund_id uuid, p_status text, p_after timestamptz, p_after_id uuid, p_limit integer)
returns table (refund_id uuid, order_id uuid, order_number text, amount_minor bigint, method text,
               status text, provider text, reference text, reason text, note text, is_reversal boolean,
               created_at timestamptz)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  v_refund_ids uuid[] := array[p_refund_id];
  v_reversal_ids uuid[] := array[p_refund_id];
  v_after timestamptz := coalesce(p_after, '-infinity');
  v_after_id uuid := coalesce(p_after_id, '00000000-0000-0000-0000-000000000000');
begin
  if not private.is_admin() then
    return;
  end if;
  if p_refund_id is null then
    v_refund_ids := array(
      select r.id from public.refunds r
      where r.status = p_status and (r.created_at, r.id) > (v_after, v_after_id)
      order by r.created_at, r.id limit p_limit);
    v_reversal_ids := array(
      select v.id from private.payment_reversals v
      where v.status = p_status and (v.created_at, v.id) > (v_after, v_after_id)
      order by v.created_at, v.id limit p_limit);
  end if;
  return query
  select r.id, r.order_id, o.order_number::text, r.amount_minor, r.method::text, r.status::text,
         coalesce((select p.provider from private.payments p
                   where p.order_id = r.order_id and not p.is_excess
                     and p.status in ('captured', 'collected', 'remitted')
                   order by p.captured_at limit 1), o.payment_method::text, ''),
         r.provider_reference::text, r.reason, w.note, false, r.created_at
  from unnest(v_refund_ids) i (id)
  -- A page is looked up row by row, however few rows the table has.
  cross join lateral (select * from public.refunds f where f.id = i.id offset 0) r
  join public.orders o on o.id = r.order_id
  left join private.refund_work w on w.refund_id = r.id
  union all
  select v.id, p.order_id, o.order_number::text, v.amount_minor, 'original', v.status, p.provider,
         v.provider_reference, 'paid twice', v.note, true, v.created_at
  from unnest(v_reversal_ids) i (id)
  join private.payment_reversals v on v.id = i.id
  join private.payments p on p.id = v.payment_id
  join public.orders o on o.id = p.order_id
  order by 12, 1 limit p_limit;
end $$;

create function app.refunds_v1(claims text, p_refund_id uuid, p_status text, p_after timestamptz, p_after_id uuid, p_limit integer)
returns table (refund_id uuid, order_id uuid, order_number text, amount_minor bigint, method text,
               status text, provider text, reference text, reason text, note text, is_reversal boolean,
               created_at timestamptz)
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return query select * from private.refund_list_v1(p_refund_id, p_status, p_after, p_after_id, p_limit);
end $$;

-- A refund that failed is tried once more: done, wrong_state or not_found.
create function private.retry_refund_v1(p_refund_id uuid) returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_order_id uuid;
begin
  select order_id into v_order_id from public.refunds where id = p_refund_id;
  if not found then
    update private.payment_reversals set status = 'pending', due_at = now(), attempts = 0, round = round + 1
    where id = p_refund_id and status = 'failed';
    return case when found then 'done'
                when exists (select from private.payment_reversals where id = p_refund_id) then 'wrong_state'
                else 'not_found' end;
  end if;
  perform 1 from public.orders where id = v_order_id for no key update;
  update public.refunds set status = 'pending' where id = p_refund_id and status = 'failed';
  return case when found then 'done' else 'wrong_state' end;
end $$;

-- The cash of one order: done, wrong_state, not_found. p_wholesaler_user_id: the wholesaler who says so,
-- of whom every line of the order is and who has the cash; NULL for an admin, who speaks for a courier.
create function private.collect_cash_v1(p_payment_id uuid, p_wholesaler_user_id uuid) returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_order_id uuid;
  v_wholesaler_id uuid;
begin
  select p.order_id into v_order_id from private.payments p where p.id = p_payment_id and p.provider = 'cod';
  if not found then
    return 'not_found';
  end if;
  if p_wholesaler_user_id is not null then
    select w.id into v_wholesaler_id from public.wholesalers w
    where w.user_id = p_wholesaler_user_id and w.is_active;
    if v_wholesaler_id is null or exists (
      select from public.order_items i
      where i.order_id = v_order_id and i.wholesaler_id is distinct from v_wholesaler_id) then
      return 'not_found';
    end if;
  end if;
  perform 1 from public.orders o where o.id = v_order_id for no key update;
  if exists (select from private.payments p
             where p.id = p_payment_id and p.status in ('collected', 'remitted')) then
    return 'done';
  elsif not exists (select from public.orders o where o.id = v_order_id and o.status in ('shipped', 'delivered')) then
    return 'wrong_state';
  end if;
  return case when private.cod_collected_v1(v_order_id, v_wholesaler_id) then 'done' else 'wrong_state' end;
end $$;

revoke execute on function
  private.payment_of_my_order_v1(uuid),
  app.payment_of_order_v1(text, uuid),
  private.note_upi_reference_v1(uuid, uuid, text),
  private.payment_list_v1(uuid, text, text, text, uuid, integer),
  app.payments_v1(text, uuid, text, text, text, uuid, integer),
  private.payment_event_list_v1(text, bigint, integer),
  app.payment_events_v1(text, text, bigint, integer),
  private.payment_event_counts_v1(),
  app.payment_event_counts_v1(text),
  private.refund_list_v1(uuid, text, timestamptz, uuid, integer),
  app.refunds_v1(text, uuid, text, timestamptz, uuid, integer),
  private.retry_refund_v1(uuid),
  private.collect_cash_v1(uuid, uuid)
  from public, anon, authenticated;
grant execute on function
  app.payment_of_order_v1(text, uuid),
  app.payments_v1(text, uuid, text, text, text, uuid, integer),
  app.payment_events_v1(text, text, bigint, integer),
  app.payment_event_counts_v1(text),
  app.refunds_v1(text, uuid, text, timestamptz, uuid, integer)
  to livecommerce_api;
grant execute on function
  private.payment_of_my_order_v1(uuid),
  private.payment_list_v1(uuid, text, text, text, uuid, integer),
  private.payment_event_list_v1(text, bigint, integer),
  private.payment_event_counts_v1(),
  private.refund_list_v1(uuid, text, timestamptz, uuid, integer)
  to authenticated, service_role;
grant execute on function
  private.note_upi_reference_v1(uuid, uuid, text),
  private.retry_refund_v1(uuid),
  private.collect_cash_v1(uuid, uuid)
  to service_role;
