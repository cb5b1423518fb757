-- What becomes of an order when its payment moves. The row of the order is locked first, always.

-- Nobody pays for it any more, or not in time. The trigger of the order does the rest: its pieces, its
-- coupon and its part of a deal go back.
create function private.call_off_order_v1(p_order_id uuid, p_reason text) returns void
language sql volatile set search_path = '' as $$
  update public.orders set status = 'cancelled', cancelled_at = now(), cancel_reason = p_reason
  where id = p_order_id
$$;

-- The connections of the customer hear that the order changed.
create function private.tell_order_v1(p_order_id uuid) returns void
language sql volatile set search_path = '' as $$
  insert into private.outbox (topic, live_session_id, payload)
  select 'order.updated', null, jsonb_build_object('order_id', o.id, 'user_id', c.user_id)
  from public.orders o join public.customers c on c.id = o.customer_id
  where o.id = p_order_id and c.user_id is not null
$$;

-- The payment that somebody speaks of, by the provider's name for it or by ours, with its order and the
-- other payments of the order locked; no row when there is none.
create function private.look_at_payment_v1(p_provider text, p_reference text, p_payment_id uuid)
returns table (payment_id uuid, order_id uuid, status text, amount_minor bigint, currency text,
               capture_reference text, is_paid_otherwise boolean)
language plpgsql volatile set search_path = '' as $$
#variable_conflict use_column
declare
  v_id uuid;
  v_order_id uuid;
begin
  select p.id, p.order_id into v_id, v_order_id from private.payments p
  where p.provider = p_provider and p.provider_reference = p_reference;
  if not found then
    select p.id, p.order_id into v_id, v_order_id from private.payments p
    where p.id = p_payment_id and p.provider = p_provider;
    if not found then
      return;
    end if;
  end if;
  perform 1 from public.orders o where o.id = v_order_id for no key update;
  perform 1 from private.payments p where p.order_id = v_order_id order by p.id for no key update;
  -- It was spoken of before we had noted how the provider calls it.
  update private.payments p set provider_reference = p_reference
  where p.id = v_id and p.provider_reference is null and p_reference is not null;
  return query
  select p.id, p.order_id, p.status, p.amount_minor, p.currency, p.capture_reference,
         exists (select from private.payments q
                 where q.order_id = p.order_id and q.id <> p.id and not q.is_excess
                   and q.status in ('captured', 'collected', 'remitted'))
  from private.payments p where p.id = v_id;
end $$;

-- What the order says of its payment while nobody has paid it: 'failed' when the newest attempt did.
create function private.note_unpaid_v1(p_order_id uuid) returns void
language sql volatile set search_path = '' as $$
  update public.orders o
  set payment_status = n.payment_status
  from (select case p.status when 'failed' then 'failed' else 'pending' end as payment_status
        from private.payments p
        where p.order_id = p_order_id and (p.status <> 'cancelled' or not exists (
          select from private.payments q where q.order_id = p_order_id and q.status <> 'cancelled'))
        order by p.created_at desc, p.id desc limit 1) n
  where o.id = p_order_id and o.payment_status in ('pending', 'failed')
    and o.payment_status <> n.payment_status
$$;

-- A payment that did not bring money yet: the new state, and why for people.
create function private.move_payment_v1(p_payment_id uuid, p_status text, p_note text) returns void
language plpgsql volatile set search_path = '' as $$
declare
  v_order_id uuid;
begin
  update private.payments
  set status = p_status, note = coalesce(p_note, note),
      due_at = case when p_status = 'cancelled' and status = 'created' then null else due_at end
  where id = p_payment_id
  returning order_id into v_order_id;
  perform private.note_unpaid_v1(v_order_id);
  perform private.tell_order_v1(v_order_id);
end $$;

-- The provider does not take the payment at all: there is nothing to ask about later.
create function private.fail_payment_v1(p_payment_id uuid) returns void
language plpgsql volatile set search_path = '' as $$
declare
  v_order_id uuid;
begin
  select order_id into v_order_id from private.payments where id = p_payment_id;
  perform 1 from public.orders o where o.id = v_order_id for no key update;
  update private.payments
  set status = case when status = 'created' then 'failed' else status end, due_at = null,
      note = 'The payment could not be started.'
  where id = p_payment_id and provider_reference is null;
  perform private.note_unpaid_v1(v_order_id);
  perform private.tell_order_v1(v_order_id);
end $$;

-- Cancels all attempts to pay an order that have not brought money, but one. The provider hears of it
-- later; what is paid there in the meantime is found out, and given back.
create function private.cancel_payments_v1(p_order_id uuid, p_but uuid) returns void
language sql volatile set search_path = '' as $$
  update private.payments
  set status = 'cancelled',
      due_at = case when provider = 'cod' or (status = 'created' and attempts = 0) then null
                    else now() end
  where order_id = p_order_id and id is distinct from p_but and status in ('created', 'pending', 'failed')
$$;

-- A captured payment. Whether the order takes the money is decided here, under its lock: an order that
-- is paid already does not (the payment goes back), one that was cancelled takes it and refunds it, and
-- one whose pieces went to somebody else meanwhile is cancelled and refunded.
create function private.capture_payment_v1(p_payment_id uuid, p_capture_reference text) returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_payment private.payments;
  v_order public.orders;
begin
  select * into v_payment from private.payments where id = p_payment_id;
  select * into v_order from public.orders where id = v_payment.order_id;
  if v_payment.status = 'captured' then
    return 'known';
  end if;
  update private.payments
  set status = 'captured', captured_at = now(), due_at = null, note = null,
      capture_reference = coalesce(p_capture_reference, capture_reference),
      is_excess = v_order.payment_status not in ('pending', 'failed')
  where id = p_payment_id;
  if v_order.payment_status not in ('pending', 'failed') then
    insert into private.payment_reversals (payment_id, amount_minor)
    values (p_payment_id, v_payment.amount_minor) on conflict (payment_id) do nothing;
    perform private.tell_order_v1(v_order.id);
    return 'reversed';
  end if;
  update public.orders
  set payment_status = 'paid',
      status = case when status = 'pending' then 'confirmed' else status end,
      payment_method = v_payment.provider, payment_gateway = v_payment.provider,
      payment_reference = coalesce(p_capture_reference, v_payment.provider_reference)
  where id = v_order.id;
  perform private.cancel_payments_v1(v_order.id, p_payment_id);
  perform private.ledger_captured_v1(p_payment_id);
  if v_order.status = 'cancelled' then
    perform private.refund_order_v1(v_order.id, 'paid after it was cancelled');
  elsif v_order.allocation = 'on_payment' and not private.take_stock_of_order_v1(v_order.id) then
    perform private.call_off_order_v1(v_order.id, 'sold_out');
    perform private.refund_order_v1(v_order.id, 'sold out before it was paid');
  else
    -- An order in cash may have lost some of its pieces before an older attempt was paid after all.
    perform private.refund_cancelled_v1(v_order.id, 'cancelled before it was paid');
  end if;
  perform private.tell_order_v1(v_order.id);
  return 'taken';
end $$;

-- ---------------------------------------------------------------------------------------------
-- Making, asking, cancelling

-- Payments that somebody has to call a provider for, claimed until p_until: whoever calls has that long.
create function private.claim_payments_v1(p_now timestamptz, p_until timestamptz, p_providers text[], p_limit integer)
returns table (id uuid, order_id uuid, order_number text, provider text, status text, amount_minor bigint,
               currency text, provider_reference text, capture_reference text, attempts integer,
               phone text, placed_at timestamptz, pay_until timestamptz, is_wanted boolean)
language sql volatile set search_path = '' as $$
  with due as (
    select p.id from private.payments p
    where p.due_at <= p_now and p.provider <> 'cod' and p.provider = any (p_providers)
    order by p.due_at limit p_limit for no key update skip locked),
  claimed as (
    update private.payments p set due_at = p_until, attempts = p.attempts + 1
    from due where p.id = due.id
    returning p.*)
  select c.id, c.order_id, o.order_number::text, c.provider, c.status, c.amount_minor, c.currency,
         c.provider_reference, c.capture_reference, c.attempts,
         o.shipping_address ->> 'phone', c.created_at, o.pay_until,
         o.status <> 'cancelled' and o.payment_status in ('pending', 'failed')
  from claimed c join public.orders o on o.id = c.order_id
$$;

-- The provider knows the payment now. One that was cancelled meanwhile has to be cancelled there, too.
create function private.payment_made_v1(p_payment_id uuid, p_reference text, p_client jsonb, p_due_at timestamptz)
returns void
language plpgsql volatile set search_path = '' as $$
declare
  v_order_id uuid;
begin
  update private.payments
  set provider_reference = p_reference, client = p_client,
      status = case when status = 'created' then 'pending' else status end,
      due_at = case when status = 'cancelled' then now() when status = 'captured' then null
                    else p_due_at end
  where id = p_payment_id
  returning order_id into v_order_id;
  perform private.tell_order_v1(v_order_id);
end $$;

-- When to look at it next. One that was touched since it was claimed keeps its own time.
create function private.look_again_v1(p_payment_id uuid, p_claimed_until timestamptz, p_due_at timestamptz, p_note text)
returns void
language sql volatile set search_path = '' as $$
  update private.payments set due_at = p_due_at, note = coalesce(p_note, note)
  where id = p_payment_id and due_at = p_claimed_until
$$;

-- Another attempt to pay an order, in the same way or another; cancels the one before. A word when it
-- cannot be: not_found, not_payable. An order in cash has no time to be paid in and stays one: what is
-- collected for it may have shrunk, and unpaid it would keep its pieces for ever. One that becomes an
-- order in cash takes its pieces now, since no payment does it later.
create function private.pay_again_v1(p_user_id uuid, p_order_id uuid, p_payment_id uuid, p_provider text, p_now timestamptz)
returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_order public.orders;
begin
  select o.* into v_order from public.orders o
  join public.customers c on c.id = o.customer_id and c.user_id = p_user_id
  where o.id = p_order_id for no key update of o;
  if not found then
    return 'not_found';
  elsif v_order.status <> 'pending' or v_order.payment_status not in ('pending', 'failed')
     or v_order.pay_until is null or v_order.pay_until <= p_now then
    return 'not_payable';
  elsif p_provider = 'cod' and not private.take_stock_of_order_v1(p_order_id) then
    return 'not_payable';
  end if;
  perform 1 from private.payments p where p.order_id = p_order_id order by p.id for no key update;
  perform private.cancel_payments_v1(p_order_id, null);
  insert into private.payments (id, order_id, provider, amount_minor, expires_at)
  values (p_payment_id, p_order_id, p_provider, v_order.total_minor, v_order.pay_until);
  update public.orders set payment_method = p_provider,
    pay_until = case when p_provider = 'cod' then null else pay_until end
  where id = p_order_id;
  perform private.note_unpaid_v1(p_order_id);
  perform private.tell_order_v1(p_order_id);
  return 'done';
end $$;

-- ---------------------------------------------------------------------------------------------
-- Orders that nobody paid

-- Orders that are past their time and unpaid. p_grace: how long after the time, so that what was paid in
-- the last moment has arrived; p_upi: how much longer one is kept whose customer says that it is paid, for
-- an operator to look.
create function private.unpaid_orders_v1(p_now timestamptz, p_grace interval, p_upi interval, p_limit integer)
returns setof uuid
language sql stable set search_path = '' as $$
  select o.id from public.orders o
  where o.pay_until < p_now - p_grace and o.status = 'pending' and o.payment_status in ('pending', 'failed')
    and not exists (select from private.payments p
                    where p.order_id = o.id and p.customer_reference is not null
                      and p.status in ('pending', 'failed') and o.pay_until > p_now - p_upi)
  order by o.pay_until limit p_limit
$$;

-- Cancels one of them and gives its pieces back; false when it was paid meanwhile. A transaction for each,
-- since each locks the stock of its own lines.
create function private.expire_order_v1(p_order_id uuid) returns boolean
language plpgsql volatile set search_path = '' as $$
begin
  perform 1 from public.orders o
  where o.id = p_order_id and o.status = 'pending' and o.payment_status in ('pending', 'failed')
    and o.pay_until is not null for no key update;
  if not found then
    return false;
  end if;
  perform 1 from private.payments p where p.order_id = p_order_id order by p.id for no key update;
  perform private.cancel_payments_v1(p_order_id, null);
  perform private.call_off_order_v1(p_order_id, 'unpaid');
  perform private.tell_order_v1(p_order_id);
  return true;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Refunds on their way

create function private.claim_refunds_v1(p_now timestamptz, p_until timestamptz, p_limit integer)
returns table (id uuid, is_reversal boolean, order_number text, provider text, provider_reference text,
               capture_reference text, payment_id uuid, amount_minor bigint, currency text, method text,
               attempts integer, refund_reference text, phone text, round integer)
language sql volatile set search_path = '' as $$
  with due as (
    select w.refund_id from private.refund_work w
    where w.due_at <= p_now order by w.due_at limit p_limit for no key update skip locked),
  claimed as (
    update private.refund_work w set due_at = p_until, attempts = w.attempts + 1
    from due where w.refund_id = due.refund_id returning w.refund_id, w.attempts, w.round),
  due_reversals as (
    select v.id from private.payment_reversals v
    where v.due_at <= p_now order by v.due_at limit p_limit for no key update skip locked),
  claimed_reversals as (
    update private.payment_reversals v set due_at = p_until, attempts = v.attempts + 1
    from due_reversals d where v.id = d.id returning v.*)
  select r.id, false, o.order_number::text, p.provider, p.provider_reference, p.capture_reference, p.id,
         r.amount_minor, coalesce(p.currency, 'INR'), r.method::text, c.attempts, r.provider_reference::text,
         o.shipping_address ->> 'phone', c.round
  from claimed c
  join public.refunds r on r.id = c.refund_id and r.status = 'pending'
  join public.orders o on o.id = r.order_id
  left join lateral (
    select * from private.payments q
    where q.order_id = r.order_id and not q.is_excess and q.status in ('captured', 'collected', 'remitted')
    order by q.captured_at limit 1) p on true
  union all
  select v.id, true, o.order_number::text, p.provider, p.provider_reference, p.capture_reference, p.id,
         v.amount_minor, p.currency, 'original', v.attempts, v.provider_reference,
         o.shipping_address ->> 'phone', v.round
  from claimed_reversals v
  join private.payments p on p.id = v.payment_id
  join public.orders o on o.id = p.order_id
  where v.status = 'pending'
$$;

-- What the provider says of a refund, or of a payment that goes back; by our id or by its own. Answers
-- with: done, known, unknown, or late (it succeeded, and now it is said to have failed).
create function private.move_refund_v1(p_id uuid, p_provider text, p_reference text, p_status text, p_note text)
returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_refund public.refunds;
  v_reversal private.payment_reversals;
begin
  select * into v_refund from public.refunds r
  where r.id = p_id or (p_id is null and r.provider_reference = p_reference) limit 1;
  if not found then
    select * into v_reversal from private.payment_reversals v
    where v.id = p_id or (p_id is null and v.provider_reference = p_reference)
    limit 1 for no key update;
    if not found then
      return 'unknown';
    elsif v_reversal.status = 'succeeded' or p_status = v_reversal.status and p_status <> 'pending' then
      return case when p_status = 'failed' and v_reversal.status = 'succeeded' then 'late' else 'known' end;
    end if;
    update private.payment_reversals v
    set status = p_status, provider_reference = coalesce(p_reference, v.provider_reference), note = p_note,
        due_at = case when p_status = 'pending' then v.due_at end
    where v.id = v_reversal.id;
    return 'done';
  end if;
  perform 1 from public.orders o where o.id = v_refund.order_id for no key update;
  select * into v_refund from public.refunds r where r.id = v_refund.id for no key update;
  if v_refund.status = 'succeeded' then
    return case when p_status = 'failed' then 'late' else 'known' end;
  elsif p_status = 'failed' and v_refund.status = 'failed' then
    return 'known';
  end if;
  -- A refund that had failed and succeeds after all goes the way that the states know.
  if v_refund.status = 'failed' and p_status = 'succeeded' then
    update public.refunds set status = 'pending' where id = v_refund.id;
  end if;
  update public.refunds r
  set status = case when r.status = 'failed' then r.status else p_status end,
      provider_reference = coalesce(p_reference, r.provider_reference)
  where r.id = v_refund.id;
  update private.refund_work w
  set note = p_note, due_at = case when p_status = 'pending' then w.due_at end
  where w.refund_id = v_refund.id;
  if p_status <> 'pending' then
    perform private.tell_order_v1(v_refund.order_id);
  end if;
  return 'done';
end $$;

create function private.refund_again_v1(p_refund_id uuid, p_is_reversal boolean, p_claimed_until timestamptz,
                                        p_due_at timestamptz, p_note text)
returns void
language sql volatile set search_path = '' as $$
  update private.refund_work set due_at = p_due_at, note = p_note
  where not p_is_reversal and refund_id = p_refund_id and due_at = p_claimed_until;
  update private.payment_reversals set due_at = p_due_at, note = p_note
  where p_is_reversal and id = p_refund_id and due_at = p_claimed_until
$$;

-- A refund that was made at the provider and not here. All that is left of the order: booked as such,
-- and the order is called off if nothing of it has left (what has is on its way, and not on the shelf).
-- A part: somebody has to say for what (mismatch).
create function private.refund_made_elsewhere_v1(p_payment_id uuid, p_amount_minor bigint, p_reference text)
returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_order public.orders;
  v_refund_id uuid;
  v_left bigint;
begin
  select o.* into v_order from public.orders o join private.payments p on p.order_id = o.id
  where p.id = p_payment_id;
  select v_order.total_minor - coalesce(sum(r.amount_minor), 0) into v_left from public.refunds r
  where r.order_id = v_order.id and r.status in ('pending', 'succeeded');
  if p_amount_minor is distinct from v_left or v_left = 0
     or v_order.payment_status not in ('paid', 'partially_refunded') then
    return 'mismatch';
  end if;
  if v_order.status in ('pending', 'confirmed', 'processing') and not exists (
    select from public.order_items i where i.order_id = v_order.id and i.quantity_shipped > 0) then
    perform private.call_off_order_v1(v_order.id, 'refunded_by_provider');
  end if;
  v_refund_id := private.refund_order_v1(v_order.id, 'made at the payment provider');
  perform private.move_refund_v1(v_refund_id, null, p_reference, 'succeeded', null);
  return 'done';
end $$;

-- ---------------------------------------------------------------------------------------------
-- Cash on delivery: the courier has it, then we have it. A parcel that came back is a shipment's matter.

-- p_holder_id: the wholesaler who took the cash himself, NULL for a courier.
create function private.cod_collected_v1(p_order_id uuid, p_holder_id uuid) returns boolean
language plpgsql volatile set search_path = '' as $$
declare
  v_payment_id uuid;
begin
  perform 1 from public.orders o where o.id = p_order_id for no key update;
  update private.payments set status = 'collected', captured_at = now(), due_at = null
  where order_id = p_order_id and provider = 'cod' and status = 'created'
  returning id into v_payment_id;
  if not found then
    return false;
  end if;
  update public.orders set payment_status = 'paid'
  where id = p_order_id and payment_status in ('pending', 'failed');
  perform private.ledger_cod_collected_v1(v_payment_id, p_holder_id);
  perform private.tell_order_v1(p_order_id);
  return true;
end $$;

-- All of them or none: what a courier transfers is one sum. Answers with those that cannot be.
create function private.cod_remitted_v1(p_payment_ids uuid[], p_reference text) returns uuid[]
language plpgsql volatile set search_path = '' as $$
declare
  v_wrong uuid[];
  v_id uuid;
begin
  perform 1 from public.orders o
  where o.id in (select p.order_id from private.payments p where p.id = any (p_payment_ids))
  order by o.id for no key update;
  select array_agg(w.id order by w.id) into v_wrong
  from unnest(p_payment_ids) w (id)
  left join private.payments p on p.id = w.id and p.provider = 'cod' and p.status in ('collected', 'remitted')
  where p.id is null;
  if v_wrong is not null then
    return v_wrong;
  end if;
  for v_id in
    update private.payments set status = 'remitted', provider_reference = p_reference || '/' || id
    where id = any (p_payment_ids) and status = 'collected' returning id
  loop
    perform private.ledger_cod_remitted_v1(v_id);
  end loop;
  return '{}'::uuid[];
end $$;

revoke execute on function
  private.call_off_order_v1(uuid, text),
  private.tell_order_v1(uuid),
  private.look_at_payment_v1(text, text, uuid),
  private.note_unpaid_v1(uuid),
  private.move_payment_v1(uuid, text, text),
  private.fail_payment_v1(uuid),
  private.cancel_payments_v1(uuid, uuid),
  private.capture_payment_v1(uuid, text),
  private.claim_payments_v1(timestamptz, timestamptz, text[], integer),
  private.payment_made_v1(uuid, text, jsonb, timestamptz),
  private.look_again_v1(uuid, timestamptz, timestamptz, text),
  private.pay_again_v1(uuid, uuid, uuid, text, timestamptz),
  private.unpaid_orders_v1(timestamptz, interval, interval, integer), private.expire_order_v1(uuid),
  private.claim_refunds_v1(timestamptz, timestamptz, integer),
  private.move_refund_v1(uuid, text, text, text, text),
  private.refund_again_v1(uuid, boolean, timestamptz, timestamptz, text),
  private.refund_made_elsewhere_v1(uuid, bigint, text),
  private.cod_collected_v1(uuid, uuid),
  private.cod_remitted_v1(uuid[], text)
  from public, anon, authenticated;
grant execute on function
  private.call_off_order_v1(uuid, text),
  private.tell_order_v1(uuid),
  private.look_at_payment_v1(text, text, uuid),
  private.note_unpaid_v1(uuid),
  private.move_payment_v1(uuid, text, text),
  private.fail_payment_v1(uuid),
  private.cancel_payments_v1(uuid, uuid),
  private.capture_payment_v1(uuid, text),
  private.claim_payments_v1(timestamptz, timestamptz, text[], integer),
  private.payment_made_v1(uuid, text, jsonb, timestamptz),
  private.look_again_v1(uuid, timestamptz, timestamptz, text),
  private.pay_again_v1(uuid, uuid, uuid, text, timestamptz),
  private.unpaid_orders_v1(timestamptz, interval, interval, integer), private.expire_order_v1(uuid),
  private.claim_refunds_v1(timestamptz, timestamptz, integer),
  private.move_refund_v1(uuid, text, text, text, text),
  private.refund_again_v1(uuid, boolean, timestamptz, timestamptz, text),
  private.refund_made_elsewhere_v1(uuid, bigint, text),
  private.cod_collected_v1(uuid, uuid),
  private.cod_remitted_v1(uuid[], text)
  to service_role;
