-- The cart: changed by one customer at a time, priced at every look, and what it says of lines that
-- are not what they were when they were put in.

alter table public.cart add column deal_id uuid;
comment on column public.cart.deal_id is 'the deal whose price unit_price is; gone when it is over';

-- What a client made may arrive twice: an id that stands here has been done.
create table private.cart_changes (
  customer_id uuid not null references public.customers on delete cascade,
  id uuid not null,
  created_at timestamptz not null default now(),
  primary key (customer_id, id)
);
comment on table private.cart_changes is 'additions to carts of the last day, by the id that the client made';
alter table private.cart_changes enable row level security;
revoke all on private.cart_changes from public, anon, authenticated, service_role;
grant select, insert, update, delete on private.cart_changes to service_role;
create policy service on private.cart_changes for all to service_role using (true) with check (true);

-- ---------------------------------------------------------------------------------------------
-- What a line costs when it is written: now with the deal of its live session, and with the touch

create or replace function private.price_cart_line() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_matches integer;
  v_line record;
  v_existing uuid;
begin
  -- Less of what is there, or the live session that is gone: nothing is asked that was not granted.
  -- Were it refused when the product is not for sale any more, a live session could not be deleted.
  if tg_op = 'UPDATE'
     and (new.customer_id, new.product_id, new.variant_id, new.selected_color, new.selected_size,
          new.unit_price)
         is not distinct from
         (old.customer_id, old.product_id, old.variant_id, old.selected_color, old.selected_size,
          old.unit_price)
     and new.quantity <= old.quantity
     and (new.live_session_id is null or new.live_session_id = old.live_session_id)
     and not private.is_for_sale(new.product_id) then
    return new;
  end if;
  -- Another product, colour or size without another variant means the one that fits them.
  if tg_op = 'UPDATE' and new.variant_id = old.variant_id
     and (new.product_id, new.selected_color, new.selected_size)
         is distinct from (old.product_id, old.selected_color, old.selected_size) then
    new.variant_id := null;
  end if;
  if new.variant_id is null then
    select count(*), (array_agg(v.id order by v.position, v.id))[1] into v_matches, new.variant_id
    from public.product_variants v
    where v.product_id = new.product_id
      and (new.selected_color is null or v.color is not distinct from new.selected_color)
      and (new.selected_size is null or v.size is not distinct from new.selected_size);
    if v_matches <> 1 then
      raise exception using errcode = '22023',
        message = case when v_matches = 0 then 'there is no such product, colour or size'
                       else 'this product comes in several variants: choose one' end;
    end if;
  end if;

  select p.name, p.retail_price, coalesce(p.sale_price, p.retail_price) as plain_price,
         v.product_id, v.color, v.size, v.price as variant_price, deal.id as deal_id,
         least(plain.minor, deal.price_minor) / 100.0 as price,
         p.is_active and p.status in ('active', 'out_of_stock') and w.is_active as is_sellable
  into v_line
  from public.product_variants v
  join public.products p on p.id = v.product_id
  join public.wholesalers w on w.id = p.wholesaler_id
  left join public.live_sessions l on l.id = new.live_session_id and l.visibility <> 'private'
  left join public.live_session_products s
    on s.live_session_id = new.live_session_id and s.product_id = v.product_id
  cross join lateral (select private.unit_price_minor_v1(
    coalesce(p.sale_price_minor, p.retail_price_minor), v.price_minor, s.special_price_minor,
    coalesce(l.status in ('live', 'paused'), false)) as minor) plain
  left join lateral (
    select g.id, g.price_minor from private.deals g
    left join private.deal_counts n on n.deal_id = g.id
    where l.status in ('live', 'paused') and g.live_session_id = l.id and g.product_id = p.id
      and (g.variant_id is null or g.variant_id = v.id) and g.ended_at is null
      and now() >= g.starts_at and now() < g.ends_at
      and (g.total_limit is null or coalesce(n.sold, 0) < g.total_limit)
      and g.price_minor <= plain.minor
    order by g.price_minor, g.id limit 1) deal on true
  where v.id = new.variant_id and v.product_id = coalesce(new.product_id, v.product_id);
  if not found or not v_line.is_sellable then
    raise exception using errcode = '22023', message = 'this product is not for sale';
  end if;

  -- What a client writes as the price is what it showed; it must be one that we ask, and what we
  -- ask now is what is kept.
  if not private.is_service_caller()
     and new.unit_price is not null
     and (tg_op = 'INSERT' or new.unit_price is distinct from old.unit_price)
     and new.unit_price not in (v_line.price, v_line.retail_price, v_line.plain_price)
     and new.unit_price is distinct from v_line.variant_price then
    raise exception using errcode = '22023',
      message = format('the price of "%s" is ₹%s, not ₹%s: prices are set by the server',
                       v_line.name, round(v_line.price, 2), new.unit_price),
      hint = 'leave unit_price out';
  end if;
  if new.quantity * v_line.price > 99999999.99 then
    raise exception using errcode = '22023', message = 'this is more than a cart can hold';
  end if;
  new.unit_price := v_line.price;
  new.deal_id := v_line.deal_id;
  new.product_id := v_line.product_id;
  new.selected_color := v_line.color;
  new.selected_size := v_line.size;
  if new.live_session_id is null then
    new.touched_at := null;
  elsif tg_op = 'INSERT' then
    new.touched_at := coalesce(new.touched_at, now());
  elsif new.live_session_id is distinct from old.live_session_id
        and new.touched_at is not distinct from old.touched_at then
    new.touched_at := now();
  end if;

  if tg_op = 'INSERT' then
    -- With the id of the line that is there already, an upsert by primary key, as supabase-js sends
    -- it without `onConflict`, changes that line.
    select id into v_existing from public.cart
    where customer_id = new.customer_id and variant_id = new.variant_id;
    if found then
      new.id := v_existing;
    elsif (select count(*) from public.cart where customer_id = new.customer_id) >= 100 then
      raise exception using errcode = '54000', message = 'a cart holds at most 100 lines';
    end if;
  end if;
  return new;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Touches

-- The last click of each customer on each product: in a live session on air, or in the replay of one
-- that is over. Who is no customer, and what the live session does not show, leaves nothing; an older
-- click never replaces a newer one.
create function private.note_touches_v1(
  p_user_ids uuid[], p_product_ids uuid[], p_live_session_ids uuid[], p_touched_ats timestamptz[])
returns integer
language sql volatile set search_path = '' as $$
  with written as (
    insert into private.touches as t (
      customer_id, product_id, kind, influencer_id, live_session_id, touched_at)
    select distinct on (c.id, s.product_id, kind.word)
           c.id, s.product_id, kind.word, l.influencer_id, l.id, least(w.touched_at, now())
    from unnest(p_user_ids, p_product_ids, p_live_session_ids, p_touched_ats)
      w (user_id, product_id, live_session_id, touched_at)
    join public.customers c on c.user_id = w.user_id
    join public.live_sessions l on l.id = w.live_session_id and l.visibility <> 'private'
    join public.live_session_products s on s.live_session_id = l.id and s.product_id = w.product_id
    cross join lateral (select case when l.status in ('live', 'paused') then 'live'
                                    when l.status = 'ended' then 'replay' end as word) kind
    where kind.word is not null
    order by c.id, s.product_id, kind.word, w.touched_at desc
    on conflict (customer_id, product_id, kind) do update
    set influencer_id = excluded.influencer_id, live_session_id = excluded.live_session_id,
        touched_at = excluded.touched_at
    where t.touched_at < excluded.touched_at
    returning 1)
  select count(*)::integer from written
$$;

-- ---------------------------------------------------------------------------------------------
-- The cart as its customer sees it

-- How far a line may be ordered now, and why it is not what it was. p_limit_left: what the deal still
-- leaves this customer; NULL without such a limit.
create function private.cart_line_changes_v1(
  p_is_sellable boolean, p_quantity integer, p_available integer, p_limit_left integer,
  p_was_minor bigint, p_now_minor bigint, p_deal_was uuid, p_deal_now uuid)
returns text[]
language sql immutable set search_path = '' as $$
  select case when not p_is_sellable then array['not_for_sale'] else array_remove(array[
    case when p_available <= 0 then 'sold_out' when p_available < p_quantity then 'few_left' end,
    case when p_limit_left < p_quantity then 'over_limit' end,
    case when p_now_minor > p_was_minor and p_deal_was is not null
              and p_deal_now is distinct from p_deal_was then 'deal_over'
         when p_now_minor <> p_was_minor then 'price_changed' end], null) end
$$;

-- NULL when there is no such customer.
create function private.cart_v1(p_user_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_customer record;
begin
  select c.id, c.phone into v_customer from public.customers c
  where c.user_id = p_user_id and c.is_active;
  if not found then
    return null;
  end if;
  return coalesce((
    with kept as materialized (
      select c.*, row_number() over (order by c.added_at, c.id)::integer as place
      from public.cart c where c.customer_id = v_customer.id),
    asked as (
      select array_agg(1 order by k.place) as places, array_agg(k.place order by k.place) as lines,
             array_agg(p_user_id) as user_ids, array_agg(v_customer.id) as customer_ids,
             array_agg(v_customer.phone::text) as phones,
             array_agg(k.variant_id order by k.place) as variant_ids,
             array_agg(k.quantity order by k.place) as quantities,
             array_agg(k.live_session_id order by k.place) as live_session_ids,
             array_agg(null::uuid) as deal_ids, array_agg(true) as from_cart
      from kept k having count(*) > 0),
    priced as (
      select l.*, a.available, d.ends_at,
             l.deal_customer_limit - l.deal_bought as limit_left
      from asked q
      cross join lateral private.priced_lines_v1(
        q.places, q.lines, q.user_ids, q.customer_ids, q.phones, q.variant_ids, q.quantities,
        q.live_session_ids, q.deal_ids, q.from_cart,
        '{"carryover_s": 86400, "replay_s": 604800, "link_s": 2592000}') l
      join kept k on k.place = l.line
      left join private.deals d on d.id = l.deal_id
      cross join lateral (select greatest(0, coalesce(private.available_v1(
        l.variant_id, v_customer.id, k.live_session_id), 0)) as available) a)
    select jsonb_agg(jsonb_build_object(
        'variant_id', k.variant_id, 'product_id', k.product_id,
        'name', l.name, 'label', l.label, 'color', l.color, 'size', l.size,
        'image_url', coalesce(l.image_url, ''),
        'translations', private.product_texts_v1(k.product_id),
        'wholesaler_id', l.wholesaler_id, 'wholesaler_name', w.business_name,
        'quantity', k.quantity,
        'can_order', case when l.is_sellable
          then greatest(0, least(k.quantity, l.available, l.limit_left)) else 0 end,
        'unit_price_minor', l.price_minor, 'was_minor', k.unit_price_minor,
        'mrp_minor', case when l.mrp_minor > l.price_minor then l.mrp_minor end,
        'available', l.available,
        'live_session_id', k.live_session_id, 'live_session_title', s.title,
        'deal', case when l.deal_id is not null then jsonb_build_object(
          'id', l.deal_id, 'customer_limit', l.deal_customer_limit,
          'ends_at_ms', (extract(epoch from l.ends_at) * 1000)::bigint) end,
        'hold_until_ms', (extract(epoch from h.expires_at) * 1000)::bigint,
        'changes', private.cart_line_changes_v1(
          l.is_sellable, k.quantity, l.available, l.limit_left, k.unit_price_minor, l.price_minor,
          k.deal_id, l.deal_id),
        'added_at_ms', (extract(epoch from k.added_at) * 1000)::bigint) order by k.place)
    from priced l
    join kept k on k.place = l.line
    left join public.wholesalers w on w.id = l.wholesaler_id
    left join public.live_sessions s on s.id = k.live_session_id
    left join private.stock_holds h
      on h.customer_id = v_customer.id and h.variant_id = k.variant_id and h.expires_at > now()), '[]');
end $$;

-- ---------------------------------------------------------------------------------------------
-- Changes. One customer's are done one after the other, however many devices send them.

-- 'done' or why not. p_id: of an addition that the client made; the same one is done once. p_adds: the
-- quantities come on top of what is there and are capped at p_most; else they replace it, and 0 takes
-- the line away. p_is_strict: what cannot be bought refuses the change; else it is left out.
create function private.change_cart_v1(
  p_user_id uuid, p_id uuid, p_adds boolean, p_is_strict boolean, p_variant_ids uuid[],
  p_quantities integer[], p_live_session_ids uuid[], p_touched_ats timestamptz[], p_most integer)
returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_customer_id uuid;
  v_line record;
  v_lines integer;
begin
  select c.id into v_customer_id from public.customers c
  where c.user_id = p_user_id and c.is_active for no key update;
  if not found then
    return 'not_customer';
  end if;
  if p_id is not null then
    delete from private.cart_changes
    where customer_id = v_customer_id and created_at < now() - interval '1 day';
    insert into private.cart_changes (customer_id, id) values (v_customer_id, p_id)
    on conflict do nothing;
    if not found then
      return 'done';
    end if;
  end if;
  if not p_adds then
    delete from public.cart c using unnest(p_variant_ids, p_quantities) w (variant_id, quantity)
    where c.customer_id = v_customer_id and c.variant_id = w.variant_id and w.quantity = 0;
  end if;
  v_lines := (select count(*) from public.cart c where c.customer_id = v_customer_id);
  for v_line in
    select w.variant_id, v.product_id, sum(w.quantity)::integer as quantity,
           (array_agg(s.live_session_id order by w.touched_at desc nulls last)
              filter (where s.id is not null))[1] as live_session_id,
           max(least(w.touched_at, now())) filter (where s.id is not null) as touched_at,
           min(w.place) as place, min(c.quantity) as had,
           coalesce(private.is_for_sale(v.product_id), false) as is_for_sale
    from unnest(p_variant_ids, p_quantities, p_live_session_ids, p_touched_ats)
      with ordinality w (variant_id, quantity, live_session_id, touched_at, place)
    left join public.product_variants v on v.id = w.variant_id
    left join public.cart c on c.customer_id = v_customer_id and c.variant_id = w.variant_id
    left join public.live_session_products s
      on s.live_session_id = w.live_session_id and s.product_id = v.product_id
    where w.quantity > 0
    group by w.variant_id, v.product_id
    order by min(w.place)
  loop
    if not v_line.is_for_sale and coalesce(p_adds or v_line.quantity > v_line.had, true) then
      if p_is_strict then
        return private.undo_cart_change_v1(v_customer_id, p_id, 'product_unavailable');
      end if;
      continue;
    elsif v_line.had is null and v_lines >= 100 then
      if p_is_strict then
        return private.undo_cart_change_v1(v_customer_id, p_id, 'full');
      end if;
      continue;
    elsif v_line.had is null then
      v_lines := v_lines + 1;
    end if;
    insert into public.cart as c (
      customer_id, product_id, variant_id, quantity, live_session_id, touched_at, added_at, unit_price)
    values (v_customer_id, v_line.product_id, v_line.variant_id, least(p_most, v_line.quantity),
            v_line.live_session_id, v_line.touched_at, clock_timestamp(), 0)
    on conflict (customer_id, variant_id) do update
    set quantity = least(p_most, excluded.quantity + case when p_adds then c.quantity else 0 end),
        live_session_id = coalesce(v_line.live_session_id, c.live_session_id),
        touched_at = case when v_line.live_session_id is null then c.touched_at
                          else coalesce(v_line.touched_at, now()) end;
  end loop;
  return 'done';
end $$;

-- A refused addition may be sent again under its id. The only line of a strict one is the refused one.
create function private.undo_cart_change_v1(p_customer_id uuid, p_id uuid, p_word text) returns text
language sql volatile set search_path = '' as $$
  delete from private.cart_changes where customer_id = p_customer_id and id = p_id;
  select p_word
$$;

-- What was put into the cart during a live session on air is promised for a time, as that session or the
-- customer has it; what was taken out is promised no more. Never a refusal: the cart says how much there
-- is for this customer.
create function private.hold_cart_line_v1(p_user_id uuid, p_variant_id uuid) returns void
language plpgsql volatile set search_path = '' as $$
declare
  v_customer_id uuid;
  v_line record;
begin
  select c.id into v_customer_id from public.customers c where c.user_id = p_user_id and c.is_active;
  select k.quantity, k.live_session_id, s.status in ('live', 'paused') as is_on_air,
         h.quantity as held
  into v_line
  from public.cart k
  left join public.live_sessions s on s.id = k.live_session_id
  left join private.stock_holds h on h.customer_id = k.customer_id and h.variant_id = k.variant_id
                                 and h.expires_at > now()
  where k.customer_id = v_customer_id and k.variant_id = p_variant_id;
  if not found then
    perform private.release_hold_v1(v_customer_id, p_variant_id);
  elsif v_line.is_on_air or v_line.held > v_line.quantity then
    perform private.hold_v1(v_customer_id, p_variant_id, v_line.quantity, v_line.live_session_id, 'cart');
  end if;
end $$;

revoke execute on function private.note_touches_v1(uuid[], uuid[], uuid[], timestamptz[]),
  private.cart_line_changes_v1(boolean, integer, integer, integer, bigint, bigint, uuid, uuid),
  private.cart_v1(uuid),
  private.change_cart_v1(uuid, uuid, boolean, boolean, uuid[], integer[], uuid[], timestamptz[], integer),
  private.undo_cart_change_v1(uuid, uuid, text), private.hold_cart_line_v1(uuid, uuid)
  from public, anon, authenticated;
