-- Checkout in one call: prices, allocation, order, items, outbox and the answer to give again.

-- Time-ordered id (RFC 9562, version 7): neighbours in time are neighbours in the index.
create function private.uuid7() returns uuid
language sql volatile set search_path = '' as $$
  select encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid())
              placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
              from 1 for 6),
      52, 1), 53, 1), 'hex')::uuid
$$;

-- What one piece costs now. The special price of a live session stands in for the price of the
-- product while the live session is on air and only where it is lower; a variant with a price of its
-- own keeps it.
create function private.unit_price_minor_v1(
  product_price_minor bigint, variant_price_minor bigint, special_price_minor bigint, on_air boolean)
returns bigint
language sql immutable set search_path = '' as $$
  select coalesce(variant_price_minor,
                  least(product_price_minor, case when on_air then special_price_minor end))
$$;

-- An order as its customer sees it: the answer to order.place, order.get and the order list.
create function private.order_json_v1(p_order_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', o.id,
    'order_number', o.order_number,
    'status', o.status,
    'payment_status', o.payment_status,
    'payment_method', o.payment_method,
    'subtotal_minor', o.subtotal_minor,
    'shipping_minor', o.shipping_minor,
    'total_minor', o.total_minor,
    'currency', 'INR',
    'placed_at_ms', (extract(epoch from o.created_at) * 1000)::bigint,
    'address', o.shipping_address,
    'items', (
      select jsonb_agg(jsonb_build_object(
               'product_id', i.product_id,
               'variant_id', i.variant_id,
               'name', i.product_name,
               'label', i.variant_label,
               'quantity', i.quantity,
               'unit_price_minor', i.unit_price_minor,
               'total_minor', i.total_price_minor) order by i.position)
      from public.order_items i where i.order_id = o.id))
  from public.orders o where o.id = p_order_id
$$;

-- The answer that a key got before: {outcome: placed, order} with other content {outcome: key_reused},
-- NULL when the key is new.
create function private.order_replay_v1(p_customer_id uuid, p_key uuid, p_request_hash bytea)
returns jsonb
language sql volatile set search_path = '' as $$
  select case when request_hash = p_request_hash
              then jsonb_build_object('outcome', 'placed', 'order', response)
              else jsonb_build_object('outcome', 'key_reused') end
  from private.idempotency where customer_id = p_customer_id and key = p_key
$$;

-- Places one order, or says why not; one call is one transaction.
--
-- p_variant_ids, p_quantities: the lines, in the order of the cart; equal variants are summed.
-- p_shown_total_minor: what the customer was shown, shipping included; another total is refused.
-- p_payment: {method, status, gateway, reference}, decided before the call.
-- Returns {outcome, ...}: placed {order} | key_reused | not_customer | session_not_found |
--   product_unavailable, sold_out, price_changed {lines, total_minor}
--
-- The order of the steps is the design:
--   * A known key is answered before anything is judged, and once more before any refusal: the first
--     attempt may have committed in between, and have taken the last unit itself.
--   * Refusals cost two reads and no write.
--   * Stock is taken by the last statement, so that its row is locked for one commit only. Whoever
--     finds too little there undoes its order (the inner block) and is quoted again.
--   * Variants are locked in id order and their products after them in id order: no deadlock.
create function private.place_order_v1(
  p_user_id uuid,
  p_key uuid,
  p_request_hash bytea,
  p_live_session_id uuid,
  p_variant_ids uuid[],
  p_quantities integer[],
  p_address jsonb,
  p_payment jsonb,
  p_shown_total_minor bigint,
  p_shipping_minor bigint)
returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_customer_id uuid;
  v_influencer_id uuid;
  v_influencer_rate numeric := 0;
  v_on_air boolean := false;
  v_earns boolean := false;
  v_lines jsonb;
  v_unavailable boolean;
  v_sold_out boolean;
  v_attributed boolean;
  v_subtotal_minor bigint;
  v_total_minor bigint;
  v_order_id uuid;
  v_order jsonb;
  v_answer jsonb;
  v_line_count integer;
  v_taken integer;
begin
  perform set_config('request.jwt.claims',
                     jsonb_build_object('sub', p_user_id, 'role', 'authenticated')::text, true);

  select id into v_customer_id from public.customers where user_id = p_user_id and is_active;
  if not found then
    return jsonb_build_object('outcome', 'not_customer');
  end if;

  v_answer := private.order_replay_v1(v_customer_id, p_key, p_request_hash);
  if v_answer is not null then
    return v_answer;
  end if;

  if p_live_session_id is not null then
    -- Who earns: the influencer of the live session, on air or up to a day after it; never on a
    -- purchase of one's own.
    select s.influencer_id, coalesce(i.commission_rate, 0), s.status in ('live', 'paused'),
           (s.status in ('live', 'paused')
            or (s.status = 'ended' and s.end_time > now() - interval '24 hours'))
           and i.user_id <> p_user_id
    into v_influencer_id, v_influencer_rate, v_on_air, v_earns
    from public.live_sessions s join public.influencers i on i.id = s.influencer_id
    where s.id = p_live_session_id;
    if not found then
      return jsonb_build_object('outcome', 'session_not_found');
    end if;
  end if;

  -- A second and third round only when another buyer took the stock between the quote and the lock.
  for round in 1..3 loop
    select jsonb_agg(jsonb_build_object(
             'place', l.place,
             'variant_id', l.variant_id,
             'product_id', p.id,
             'wholesaler_id', p.wholesaler_id,
             'name', p.name,
             'label', v.label,
             'sku', coalesce(v.sku, p.sku),
             'color', v.color,
             'size', v.size,
             'image_url', p.images ->> 0,
             'mrp_minor', p.retail_price_minor,
             'quantity', l.quantity,
             'unit_price_minor', price.minor,
             'stock', coalesce(v.stock_quantity, 0),
             'sellable', sellable.yes,
             'earns', v_earns and s.product_id is not null,
             'wholesaler_rate', coalesce(w.commission_rate, 0)) order by l.place),
           bool_or(not sellable.yes),
           bool_or(coalesce(v.stock_quantity, 0) < l.quantity),
           bool_or(v_earns and s.product_id is not null),
           sum(price.minor * l.quantity),
           count(*)
    into v_lines, v_unavailable, v_sold_out, v_attributed, v_subtotal_minor, v_line_count
    from (select t.variant_id, sum(t.quantity)::integer as quantity, min(t.place) as place
          from unnest(p_variant_ids, p_quantities) with ordinality t (variant_id, quantity, place)
          group by t.variant_id) l
    left join public.product_variants v on v.id = l.variant_id
    left join public.products p on p.id = v.product_id
    left join public.wholesalers w on w.id = p.wholesaler_id
    left join public.live_session_products s
      on s.live_session_id = p_live_session_id and s.product_id = v.product_id
    cross join lateral (select private.unit_price_minor_v1(
      coalesce(p.sale_price_minor, p.retail_price_minor), v.price_minor, s.special_price_minor,
      v_on_air) as minor) price
    cross join lateral (select coalesce(
      p.is_active and p.status = 'active' and w.is_active, false) as yes) sellable;

    v_total_minor := v_subtotal_minor + p_shipping_minor;
    v_answer := jsonb_build_object(
      'outcome', case when v_unavailable then 'product_unavailable'
                      when v_sold_out then 'sold_out'
                      when v_total_minor <> p_shown_total_minor then 'price_changed' end,
      'lines', v_lines, 'total_minor', v_total_minor);
    if v_answer ->> 'outcome' is not null then
      return coalesce(private.order_replay_v1(v_customer_id, p_key, p_request_hash), v_answer);
    end if;

    begin
      v_order_id := private.uuid7();
      insert into public.orders (
        id, customer_id, influencer_id, live_session_id, order_number, subtotal, shipping_cost,
        total_amount, status, payment_status, payment_method, payment_gateway, payment_reference,
        shipping_address, influencer_commission)
      select v_order_id, v_customer_id,
             case when v_attributed then v_influencer_id end,
             case when v_attributed then p_live_session_id end,
             '',  -- given by the trigger
             v_subtotal_minor / 100.0, p_shipping_minor / 100.0, v_total_minor / 100.0,
             case when p_payment ->> 'status' = 'paid' then 'confirmed' else 'pending' end,
             p_payment ->> 'status', p_payment ->> 'method', p_payment ->> 'gateway',
             p_payment ->> 'reference', p_address,
             (select coalesce(sum(round(l.unit_price_minor * l.quantity * v_influencer_rate / 10000, 2))
                              filter (where l.earns), 0)
              from jsonb_to_recordset(v_lines) l (unit_price_minor bigint, quantity integer,
                                                  earns boolean));

      insert into public.order_items (
        id, order_id, position, product_id, variant_id, wholesaler_id, influencer_id, live_session_id,
        product_name, product_sku, selected_color, selected_size, variant_label, product_snapshot,
        quantity, unit_price, wholesaler_commission, influencer_commission)
      select private.uuid7(),
             v_order_id, l.place, l.product_id, l.variant_id, l.wholesaler_id,
             case when l.earns then v_influencer_id end,
             case when l.earns then p_live_session_id end,
             l.name, l.sku, l.color, l.size, l.label,
             jsonb_build_object('name', l.name, 'label', l.label, 'sku', l.sku, 'color', l.color,
                                'size', l.size, 'image_url', l.image_url, 'mrp_minor', l.mrp_minor),
             l.quantity, l.unit_price_minor / 100.0,
             round(l.unit_price_minor * l.quantity * l.wholesaler_rate / 10000, 2),
             case when l.earns
                  then round(l.unit_price_minor * l.quantity * v_influencer_rate / 10000, 2)
                  else 0 end
      from jsonb_to_recordset(v_lines) l (
        place integer, product_id uuid, variant_id uuid, wholesaler_id uuid, name text, sku text, color text,
        size text, label text, image_url text, mrp_minor bigint, quantity integer,
        unit_price_minor bigint, earns boolean, wholesaler_rate numeric);

      v_order := private.order_json_v1(v_order_id);
      -- A second tap waits here for the first, then finds its key taken.
      insert into private.idempotency (customer_id, key, request_hash, response)
      values (v_customer_id, p_key, p_request_hash, v_order)
      on conflict do nothing;
      if not found then
        raise exception using errcode = 'LC002', message = 'the key has been used';
      end if;

      insert into private.outbox (topic, live_session_id, payload)
      values ('order.placed', case when v_attributed then p_live_session_id end,
              jsonb_build_object('order_id', v_order_id));

      if v_line_count > 1 then
        perform 1 from public.product_variants where id = any (p_variant_ids)
        order by id for no key update;
      end if;
      with taken as (
        update public.product_variants v set stock_quantity = v.stock_quantity - l.quantity
        from jsonb_to_recordset(v_lines) l (variant_id uuid, quantity integer)
        where v.id = l.variant_id and v.stock_quantity >= l.quantity
        returning v.id, v.product_id, v.stock_quantity),
      told as (
        insert into private.outbox (topic, live_session_id, payload)
        select 'stock.changed', s.id,
               jsonb_build_object('product_id', t.product_id, 'variant_id', t.id,
                                  'stock', t.stock_quantity)
        from taken t
        join public.live_session_products p on p.product_id = t.product_id
        join public.live_sessions s on s.id = p.live_session_id
        where s.status in ('live', 'paused') or s.id = p_live_session_id)
      select count(*) into v_taken from taken;
      if v_taken < v_line_count then
        raise exception using errcode = 'LC001', message = 'too little is left';
      end if;
      return jsonb_build_object('outcome', 'placed', 'order', v_order);
    exception
      when sqlstate 'LC001' then
        null;
      when sqlstate 'LC002' then
        return private.order_replay_v1(v_customer_id, p_key, p_request_hash);
    end;
  end loop;
  return v_answer || jsonb_build_object('outcome', 'sold_out');
end $$;

revoke execute on all functions in schema private from public, anon, authenticated;
