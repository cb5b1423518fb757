-- Payouts, statements and the cash that is due, read by those indexes that a shop of years needs: a statement for each list,
-- so that each has the plan of its own index, and of each account no more entries than a page shows.

-- How what was paid for an item, or given back of it (then each is below zero), was shared out: as it was
-- posted with this entry, so that the parts come to the amounts of the statement.
create function private.breakdown_of(
  p_event_id bigint, p_order_item_id uuid, s private.order_item_splits) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v record;
  v_paid bigint;
  v_before bigint;
  v_tax bigint;
  v_discount bigint;
begin
  select coalesce(sum(n.amount_minor) filter (where n.leg = 'wholesaler'), 0)::bigint as wholesaler,
         coalesce(sum(n.amount_minor) filter (where n.leg = 'commission'), 0)::bigint as commission,
         coalesce(sum(n.amount_minor) filter (where n.leg = 'cut'), 0)::bigint as cut,
         coalesce(sum(n.amount_minor) filter (where n.leg = 'fee'), 0)::bigint as fee,
         coalesce(sum(n.amount_minor) filter (where n.leg = 'fee_gst'), 0)::bigint as fee_gst,
         coalesce(sum(n.amount_minor) filter (where n.leg = 'tcs'), 0)::bigint as tcs,
         coalesce(sum(n.amount_minor) filter (where n.leg = 'tds'), 0)::bigint as tds,
         coalesce(sum(n.amount_minor) filter (where n.leg = 'discount'), 0)::bigint as discount
  into v
  from private.ledger_entries n where n.event_id = p_event_id and n.order_item_id = p_order_item_id;
  v_paid := v.wholesaler + v.commission + v.cut + v.fee + v.fee_gst + v.tcs + v.tds;
  -- What is not posted is rounded on what the item had come to before and after, so that it, too, comes to
  -- nothing when all was given back in parts.
  select coalesce(sum(n.amount_minor), 0)::bigint into v_before
  from private.ledger_entries n join private.ledger_events e on e.id = n.event_id
  where n.order_item_id = p_order_item_id and n.event_id < p_event_id
    and e.source_type in ('payment', 'refund')
    and n.leg in ('wholesaler', 'commission', 'cut', 'fee', 'fee_gst', 'tcs', 'tds');
  v_tax := case when s.paid_minor = 0 then 0
                else private.half_up(s.tax_minor, v_before + v_paid, s.paid_minor)
                     - private.half_up(s.tax_minor, v_before, s.paid_minor) end;
  v_discount := case when s.paid_minor = 0 then 0
                     else private.half_up(s.discount_minor, v_before + v_paid, s.paid_minor)
                          - private.half_up(s.discount_minor, v_before, s.paid_minor) end;
  return jsonb_build_object(
    'paid_minor', v_paid, 'base_minor', v_paid - v_tax, 'tax_minor', v_tax, 'fee_bp', s.fee_bp,
    'fee_minor', v.fee, 'fee_gst_bp', s.fee_gst_bp, 'fee_gst_minor', v.fee_gst,
    'commission_bp', s.commission_bp, 'commission_minor', v.commission + v.cut, 'cut_bp', s.cut_bp,
    'cut_minor', v.cut, 'tcs_bp', s.tcs_bp, 'tcs_minor', v.tcs, 'tds_bp', s.tds_bp, 'tds_minor', v.tds,
    'discount_minor', case when s.funded_by = 'wholesaler' and s.paid_minor > 0 then v_discount
                           else v.discount end,
    'funded_by', s.funded_by, 'wholesaler_minor', v.wholesaler);
end $$;
revoke execute on function private.breakdown_of(bigint, uuid, private.order_item_splits)
  from public, anon, authenticated;

-- quantity: of the pieces that were paid for, or given back.
create or replace function private.statement_of(
  p_kind text, p_payee_id uuid, p_account text, p_from timestamptz, p_until timestamptz, p_after bigint,
  p_limit integer, p_hold_days integer) returns setof private.statement_line
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
  select n.id, n.event_at, split_part(a.name, '_', 2),
         case n.source_type || ' ' || n.event
           when 'payment captured' then 'sale'
           when 'payment collected' then 'cod_sale'
           when 'payment remitted' then 'cod_netted'
           when 'refund refunded' then 'refund'
           when 'order_item released' then 'released'
           when 'payout claimed' then 'payout'
           when 'payout returned' then 'payout_returned'
           when 'payout cancelled' then 'payout_cancelled'
           else 'adjustment' end,
         regexp_replace(n.leg, '_pending$', ''), n.amount_minor, n.balance_minor, n.order_id,
         o.order_number::text, n.order_item_id, i.product_name::text,
         case n.source_type
           when 'refund' then (select nullif(sum(g.quantity), 0)::integer from private.refund_lines g
                               where g.refund_id = n.source_id and g.order_item_id = n.order_item_id)
           else coalesce(nullif(l.quantity, 0), i.quantity) end, n.note,
         case when a.name like '%pending' and n.source_type = 'payment' and l.released_at is null
              then l.earned_at + make_interval(days => p_hold_days) end,
         case n.source_type when 'payout' then n.source_id end,
         case when n.source_type in ('payment', 'refund') and s.order_item_id is not null
              then private.breakdown_of(n.event_id, n.order_item_id, s) end
  from private.ledger_accounts a
  cross join lateral (
    select m.id, m.event_id, m.leg, m.order_item_id, m.amount_minor, m.balance_minor,
           e.source_type, e.source_id, e.event, e.event_at, e.order_id, e.note
    from private.ledger_entries m join private.ledger_events e on e.id = m.event_id
    where m.account_id = a.id and m.id < coalesce(p_after, 9223372036854775807)
      and (p_from is null or e.event_at >= p_from) and (p_until is null or e.event_at < p_until)
    order by m.id desc limit p_limit) n
  left join public.orders o on o.id = n.order_id
  left join public.order_items i on i.id = n.order_item_id
  left join private.ledger_lines l on l.order_item_id = n.order_item_id
  left join private.order_item_splits s on s.order_item_id = n.order_item_id
  where a.owner_id = p_payee_id
    and a.name in (p_kind || '_pending', p_kind || '_available')
    and (p_account = 'all' or a.name = p_kind || '_' || p_account)
  order by n.id desc limit p_limit;
end $$;

-- p_status: `all` or one of them.
create or replace function private.payouts_for_admin(
  p_id uuid, p_batch_id uuid, p_status text, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns setof private.payout_row
language plpgsql stable security definer set search_path = '' as $$
declare
  v_after_at constant timestamptz := coalesce(p_after_at, 'infinity');
  v_after_id constant uuid := coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
  v_ids uuid[];
begin
  if not private.is_admin() then
    return;
  end if;
  if p_id is not null then
    v_ids := array[p_id];
  elsif p_batch_id is not null then
    v_ids := array(
      select x.id from private.payouts x
      where x.batch_id = p_batch_id and (p_status = 'all' or x.status = p_status)
        and (x.created_at, x.id) < (v_after_at, v_after_id)
      order by x.created_at desc, x.id desc limit p_limit);
  elsif p_status <> 'all' then
    v_ids := array(
      select x.id from private.payouts x
      where x.status = p_status and (x.created_at, x.id) < (v_after_at, v_after_id)
      order by x.created_at desc, x.id desc limit p_limit);
  else
    v_ids := array(
      select x.id from private.payouts x
      where (x.created_at, x.id) < (v_after_at, v_after_id)
      order by x.created_at desc, x.id desc limit p_limit);
  end if;
  return query
  select x.id, x.batch_id, x.payee_kind, x.payee_id, p.name, x.amount_minor, x.currency, x.status,
         x.reference, x.reason, x.last_version - x.first_version + 1, x.created_at, x.paid_at, x.ended_at
  from private.payouts x cross join lateral private.payee_of(x.payee_kind, x.payee_id) p
  where x.id = any (v_ids)
  order by x.created_at desc, x.id desc;
end $$;

-- p_shelf: `upi` for what an operator has to look for, oldest first; `cod_due` for cash that is not
-- collected though the parcel left; else all of the provider and state, newest first. p_payment_id: one.
-- Ids of payments begin with their time, so they are the order of the lists.
create or replace function private.payment_list_v1(
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
    -- What is delivered and not paid is told by the ledger, which has few such lines.
    v_ids := array(
      with due as materialized (
        select p.id
        from (select o.id from public.orders o where o.status = 'shipped'
              union
              select l.order_id from private.ledger_lines l
              join public.orders o on o.id = l.order_id and o.status in ('shipped', 'delivered')
              where l.payment_id is null and l.delivered_at is not null) d
        cross join lateral (select y.id from private.payments y
                            where y.order_id = d.id and y.provider = 'cod' and y.status = 'created'
                            offset 0) p)
      select p.id from due p
      where p.id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
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
