-- From here on product_stock is the stock.
--
-- Checkouts wait while this runs: all that takes time was done before, and what follows is one look at the
-- stock of each variant, for what was sold since it was copied.

-- What is dropped had one caller, which moves on in the same release.
-- squawk-ignore-file ban-drop-function, ban-drop-column

lock table public.product_variants in access exclusive mode;
lock table public.products in share row exclusive mode;

create temporary table changed_since on commit drop as
select coalesce(v.id, s.variant_id) as variant_id, v.product_id, v.stock_quantity
from public.product_variants v full join public.product_stock s on s.variant_id = v.id
where v.stock_quantity is distinct from s.on_hand;
insert into public.product_stock (variant_id, product_id, on_hand)
select variant_id, product_id, stock_quantity from changed_since where product_id is not null
on conflict (variant_id) do update set on_hand = excluded.on_hand;
delete from public.product_stock
where variant_id in (select variant_id from changed_since where product_id is null);

alter table public.product_variants add constraint product_variants_of_product
  unique using index product_variants_of_product;
alter table public.product_stock add constraint product_stock_variant
  foreign key (variant_id, product_id) references public.product_variants (id, product_id)
  on delete cascade not valid;

drop trigger stock_inserted on public.product_variants;
drop trigger stock_updated on public.product_variants;
drop trigger stock_deleted on public.product_variants;
drop function private.carry_stock_to_products();
alter table public.product_variants drop column stock_quantity;

-- Stock that is promised for a while; an expired hold counts for nothing, whether swept or not.
create table private.stock_holds (
  id uuid primary key,
  variant_id uuid not null,
  customer_id uuid not null references public.customers on delete cascade,
  quantity integer not null check (quantity > 0),
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
create index stock_holds_variant_id on private.stock_holds (variant_id, expires_at);
create index stock_holds_customer_id on private.stock_holds (customer_id);
create index stock_holds_expires_at on private.stock_holds (expires_at);

-- ---------------------------------------------------------------------------------------------
-- What is written to products by those who know nothing of variants

-- A product written without variants, as clients of the documented schema do, has one made of its
-- own colour, size and stock when its transaction commits; with variants, theirs is the stock.
create or replace function private.give_product_a_variant() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_product public.products;
  v_variant_id uuid;
begin
  -- As it is now, at the commit: it may have been changed since it was inserted, or be gone.
  select * into v_product from public.products where id = new.id;
  if not found then
    return null;
  elsif exists (select from public.product_variants where product_id = new.id) then
    insert into private.product_changes (product_id) values (new.id);
  else
    -- A sku that some variant has already cannot be given twice; the product keeps it.
    insert into public.product_variants (product_id, sku, color, size, label)
    select new.id,
           case when not exists (select from public.product_variants v where v.sku = v_product.sku)
                then v_product.sku end,
           v_product.color, v_product.size,
           coalesce(nullif(concat_ws(' / ', v_product.color, v_product.size), ''), 'Standard')
    returning id into v_variant_id;
    insert into public.product_stock (variant_id, product_id, on_hand)
    values (v_variant_id, new.id, coalesce(v_product.stock_quantity, 0));
  end if;
  return null;
end $$;

-- Who sets products.stock_quantity, as the documentation has wholesalers do, means the stock of its
-- variant; with several variants nobody can know which.
create function private.spread_stock_to_variant() returns trigger
language plpgsql set search_path = '' as $$
declare
  v_variants integer;
begin
  if current_setting('livecommerce.is_carrying', true) = 'on' then
    return null;
  end if;
  select count(*) into v_variants from public.product_variants where product_id = new.id;
  if v_variants = 0 then
    return null;  -- just inserted: its variant is made of it at the commit
  elsif v_variants > 1 then
    raise exception using errcode = '22023',
      message = format('"%s" comes in %s variants: set the stock of each one', new.name, v_variants),
      hint = 'write product_stock.on_hand';
  end if;
  insert into public.product_stock (variant_id, product_id, on_hand)
  select id, product_id, coalesce(new.stock_quantity, 0)
  from public.product_variants where product_id = new.id
  on conflict (variant_id) do update set on_hand = excluded.on_hand;
  return null;
end $$;

create trigger stock_written after update of stock_quantity on public.products
  for each row when (old.stock_quantity is distinct from new.stock_quantity)
  execute function private.spread_stock_to_variant();


-- ---------------------------------------------------------------------------------------------
-- Checkout against it

drop function private.place_order_v1(uuid, uuid, bytea, uuid, uuid[], integer[], jsonb, jsonb, bigint, bigint);

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
--   * Rows of stock are locked in id order: no deadlock.
create function private.place_order_v2(
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
    where s.id = p_live_session_id and s.visibility <> 'private';
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
             'stock', coalesce(k.on_hand, 0),
             'sellable', sellable.yes,
             'earns', v_earns and s.product_id is not null,
             'wholesaler_rate', coalesce(w.commission_rate, 0)) order by l.place),
           bool_or(not sellable.yes),
           bool_or(coalesce(k.on_hand, 0) < l.quantity),
           bool_or(v_earns and s.product_id is not null),
           sum(price.minor * l.quantity),
           count(*)
    into v_lines, v_unavailable, v_sold_out, v_attributed, v_subtotal_minor, v_line_count
    from (select t.variant_id, sum(t.quantity)::integer as quantity, min(t.place) as place
          from unnest(p_variant_ids, p_quantities) with ordinality t (variant_id, quantity, place)
          group by t.variant_id) l
    left join public.product_variants v on v.id = l.variant_id
    left join public.product_stock k on k.variant_id = v.id
    left join public.products p on p.id = v.product_id
    left join public.wholesalers w on w.id = p.wholesaler_id
    left join public.live_session_products s
      on s.live_session_id = p_live_session_id and s.product_id = v.product_id
    cross join lateral (select private.unit_price_minor_v1(
      coalesce(p.sale_price_minor, p.retail_price_minor), v.price_minor, s.special_price_minor,
      v_on_air) as minor) price
    cross join lateral (select coalesce(
      p.is_active and p.status in ('active', 'out_of_stock') and w.is_active, false) as yes) sellable;

    v_total_minor := v_subtotal_minor + p_shipping_minor;
    v_answer := jsonb_build_object(
      'outcome', case when coalesce(v_unavailable, true) then 'product_unavailable'
                      when v_sold_out then 'sold_out'
                      when v_total_minor is distinct from p_shown_total_minor then 'price_changed' end,
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
        perform 1 from public.product_stock where variant_id = any (p_variant_ids)
        order by variant_id for no key update;
      end if;
      perform set_config('livecommerce.order_id', v_order_id::text, true);
      with taken as (
        update public.product_stock k set on_hand = k.on_hand - l.quantity
        from jsonb_to_recordset(v_lines) l (variant_id uuid, quantity integer)
        where k.variant_id = l.variant_id and k.on_hand >= l.quantity
        returning k.variant_id, k.product_id, k.on_hand),
      told as (
        insert into private.outbox (topic, live_session_id, payload)
        select 'stock.changed', s.id,
               jsonb_build_object('product_id', t.product_id, 'variant_id', t.variant_id,
                                  'stock', t.on_hand)
        from taken t
        join public.live_session_products p on p.product_id = t.product_id
        join public.live_sessions s on s.id = p.live_session_id
        where s.status in ('live', 'paused') or s.id = p_live_session_id)
      select count(*) into v_taken from taken;
      perform set_config('livecommerce.order_id', '', true);
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
