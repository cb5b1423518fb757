-- Checkout: a batch of orders in one call, each placed once, at the price that was shown, or refused.
--
-- Every hub collects what it is asked within a few milliseconds and calls private.place_orders_v3 once.
-- One call is one transaction, so lock, round trip and fsync are paid once for the batch. Inside it the
-- requests are judged one after the other, in the order of arrival, against what the ones before have
-- left: whoever asks for too much is refused and takes nothing from those behind.
--
-- * The first round looks without locking, writes everything, and takes the stock last, under the
--   condition that its look was right: the hot row is locked for one commit only. When somebody else was
--   quicker (too little is left, a limit is reached, stock was promised meanwhile), all is undone (LC001)
--   and the second round locks first and then looks, so it cannot lose.
-- * Locks are taken in one order: what a customer bought of a deal, counts of deals, uses of coupons and
--   their counts, holds, stock by id.
-- * A known key is answered before anything is judged, and once more before a refusal.
--
-- The steps hand each other columns: arrays of one element per request, line, variant, deal or coupon.
-- Sets are read and written by one statement each; only the judgement walks, in arrays, because what is
-- left for the next depends on what the one before got.

-- ---------------------------------------------------------------------------------------------
-- What the steps hand each other

-- Columns of the requests, by place. customers: NULL for who is none; in_session: the live session may be
-- bought in; is_first_paid: takes its stock when it is paid.
create type private.checkout_requests as (
  users uuid[], customers uuid[], keys uuid[], hashes bytea[], phones text[], live_sessions uuid[],
  in_session boolean[], is_prepaid boolean[], is_first_paid boolean[], shown_minor bigint[],
  coupon_codes text[], from_cart boolean[], is_priced_only boolean[]
);

-- The lines, and what there is. item, deal: of each line, its index in the columns of variants and deals;
-- deal 0 = none. others: what others hold; set_aside: what is kept for deals; coupon: of each request, its
-- index, 0 = no such code.
create type private.checkout_stand as (
  lines private.checkout_line[], item integer[], deal integer[],
  items uuid[], on_hand integer[], others integer[], set_aside integer[], promises bigint[],
  deals uuid[], deal_limit integer[], deal_left integer[],
  coupons private.coupons[], coupon_left integer[], coupon integer[], is_coupon_used boolean[]
);

-- outcome, detail, subtotal, discount, total: of each request (outcome NULL = nothing speaks against it);
-- is_open: it is to be written. price, line_discount, available, uses_deal: of each line. taken, others,
-- set_aside: of each variant, after it; deal_sold, coupon_used: how many more.
create type private.checkout_judgement as (
  outcome text[], detail jsonb[], subtotal bigint[], discount bigint[], cod_fee bigint[], total bigint[],
  is_open boolean[],
  price bigint[], line_discount bigint[], available integer[], uses_deal boolean[],
  taken integer[], others integer[], set_aside integer[], deal_sold integer[], coupon_used integer[]
);

-- How what is paid for a line is shared, in paise; each amount rounded half up, and the wholesaler has the
-- rest. The tax is twice the half, so that CGST and SGST are equal and IGST is their sum.
create function private.split_of_line_v1(
  p_paid_minor bigint, p_tax_rate numeric, p_fee_bp integer, p_commission_bp integer, p_fee_gst_bp integer,
  p_cut_bp integer, p_tcs_bp integer, p_tds_bp integer,
  out base_minor bigint, out tax_minor bigint, out fee_minor bigint, out fee_gst_minor bigint,
  out commission_minor bigint, out cut_minor bigint, out tcs_minor bigint, out tds_minor bigint,
  out wholesaler_minor bigint)
language plpgsql immutable set search_path = '' as $$
declare
  v_rate bigint := (p_tax_rate * 1000)::bigint;  -- thousandths of a percent
begin
  tax_minor := 2 * ((p_paid_minor * v_rate + 100000 + v_rate) / (2 * (100000 + v_rate)));
  base_minor := p_paid_minor - tax_minor;
  fee_minor := (base_minor * p_fee_bp + 5000) / 10000;
  fee_gst_minor := (fee_minor * p_fee_gst_bp + 5000) / 10000;
  commission_minor := (base_minor * p_commission_bp + 5000) / 10000;
  cut_minor := (commission_minor * p_cut_bp + 5000) / 10000;
  tcs_minor := (base_minor * p_tcs_bp + 5000) / 10000;
  tds_minor := (base_minor * p_tds_bp + 5000) / 10000;
  wholesaler_minor := p_paid_minor - fee_minor - fee_gst_minor - commission_minor - tcs_minor - tds_minor;
end $$;

-- The answer to a key that is known.
create function private.replay_v3(p_is_same boolean, p_order jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return case when p_is_same then jsonb_build_object('outcome', 'duplicate', 'order', p_order)
              else jsonb_build_object('outcome', 'key_reused') end;
end $$;

-- A count exists with what it counts, so that there is a row to lock.
create function private.begin_count() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_table_name = 'deals' then
    insert into private.deal_counts (deal_id) values (new.id);
  else
    insert into private.coupon_counts (coupon_id) values (new.id);
  end if;
  return null;
end $$;
create trigger a_counted after insert on private.deals
  for each row execute function private.begin_count();
create trigger a_counted after insert on private.coupons
  for each row execute function private.begin_count();

-- ---------------------------------------------------------------------------------------------
-- Looking

create function private.checkout_requests_v3(p_requests jsonb) returns private.checkout_requests
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  r private.checkout_requests;
begin
  select
    array_agg(q.user_id order by q.n), array_agg(c.id order by q.n), array_agg(q.key order by q.n),
    array_agg(decode(q.hash, 'hex') order by q.n), array_agg(q.address ->> 'phone' order by q.n),
    array_agg(q.live_session_id order by q.n),
    array_agg(q.live_session_id is null or s.id is not null order by q.n),
    array_agg(coalesce(q.is_prepaid, false) order by q.n),
    array_agg(coalesce(q.is_prepaid, false)
              and coalesce(c.hold_policy, s.hold_policy, 'hold') = 'first_paid' order by q.n),
    array_agg(q.shown_total_minor order by q.n), array_agg(q.coupon order by q.n),
    array_agg(coalesce(q.from_cart, false) order by q.n),
    array_agg(coalesce(q.is_priced_only, false) order by q.n)
  into r
  from rows from (jsonb_to_recordset(p_requests) as (
      user_id uuid, key uuid, hash text, live_session_id uuid, address jsonb, is_prepaid boolean,
      shown_total_minor bigint, coupon text, from_cart boolean, is_priced_only boolean))
    with ordinality q (user_id, key, hash, live_session_id, address, is_prepaid, shown_total_minor, coupon,
                       from_cart, is_priced_only, n)
  left join public.customers c on c.user_id = q.user_id and c.is_active
  left join public.live_sessions s on s.id = q.live_session_id and s.visibility <> 'private';
  if (select count(distinct u) from unnest(r.users) u) < cardinality(r.users) then
    raise exception using errcode = '22023', message = 'a batch has one request of each customer at most';
  end if;
  return r;
end $$;

-- Answers that need no judgement, by place: known keys, and what cannot be asked at all.
create function private.checkout_answered_v3(p_of private.checkout_requests) returns jsonb[]
language plpgsql volatile set search_path = ''
set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  return (
    select array_agg(
             case when q.customer_id is null then jsonb_build_object('outcome', 'not_customer')
                  when q.is_priced_only then null
                  when k.key is not null then private.replay_v3(k.request_hash = q.hash, k.response)
                  when not q.in_session then jsonb_build_object('outcome', 'session_not_found')
             end order by q.n)
    from unnest(p_of.customers, p_of.keys, p_of.hashes, p_of.in_session, p_of.is_priced_only)
      with ordinality q (customer_id, key, hash, in_session, is_priced_only, n)
    left join lateral (select * from private.idempotency i
                       where i.customer_id = q.customer_id and i.key = q.key limit 1) k on true);
end $$;

-- What a second round locks before it looks.
create function private.lock_for_checkout_v3(p_requests jsonb) returns void
language plpgsql volatile set search_path = '' as $$
begin
  perform 1 from private.deal_purchases b
  where (b.deal_id, b.customer_id) in (
    select d.id, c.id
    from jsonb_to_recordset(p_requests) as r (user_id uuid, live_session_id uuid, lines jsonb)
    join public.customers c on c.user_id = r.user_id
    cross join jsonb_to_recordset(r.lines) as l (live_session_id uuid)
    join private.deals d
      on d.live_session_id = coalesce(l.live_session_id, r.live_session_id) and d.ended_at is null)
  order by b.deal_id, b.customer_id for no key update;
  perform 1 from private.deal_counts k
  where k.deal_id in (
    select d.id from private.deals d
    where d.ended_at is null and d.live_session_id in (
      select coalesce(l.live_session_id, r.live_session_id)
      from jsonb_to_recordset(p_requests) as r (live_session_id uuid, lines jsonb),
           jsonb_to_recordset(r.lines) as l (live_session_id uuid)))
  order by k.deal_id for no key update;
  perform 1 from private.coupon_redemptions u
  where u.returned_at is null and (u.coupon_id, u.customer_id) in (
    select k.id, c.id
    from jsonb_to_recordset(p_requests) as r (user_id uuid, coupon text)
    join private.coupons k on k.code = r.coupon
    join public.customers c on c.user_id = r.user_id)
  order by u.coupon_id, u.customer_id for no key update;
  perform 1 from private.coupon_counts k join private.coupons c on c.id = k.coupon_id
  where c.code in (select r.coupon from jsonb_to_recordset(p_requests) as r (coupon text))
  order by c.id for no key update of k;
  perform 1 from private.stock_holds h
  where (h.customer_id, h.variant_id) in (
    select c.id, l.variant_id
    from jsonb_to_recordset(p_requests) as r (user_id uuid, lines jsonb)
    join public.customers c on c.user_id = r.user_id
    cross join jsonb_to_recordset(r.lines) as l (variant_id uuid))
  order by h.customer_id, h.variant_id for update;
  perform 1 from public.product_stock k
  where k.variant_id in (
    select l.variant_id
    from jsonb_to_recordset(p_requests) as r (lines jsonb),
         jsonb_to_recordset(r.lines) as l (variant_id uuid))
  order by k.variant_id for no key update;
end $$;

-- The lines of the requests without an answer, as they stand.
create function private.checkout_lines_v3(
  p_requests jsonb, p_of private.checkout_requests, p_answers jsonb[], p_terms jsonb)
returns private.checkout_line[]
language plpgsql volatile set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  v_users constant uuid[] := p_of.users;
  v_customers constant uuid[] := p_of.customers;
  v_phones constant text[] := p_of.phones;
  v_from_cart constant boolean[] := p_of.from_cart;
  v_live_sessions constant uuid[] := p_of.live_sessions;
  v_before constant jsonb[] := p_answers;
begin
  return (
    with wished as (
      select w.n::integer as place, l.line::integer as line, l.variant_id, l.quantity,
             coalesce(l.live_session_id, v_live_sessions[w.n]) as live_session_id, l.deal_id
      from jsonb_array_elements(p_requests) with ordinality w (request, n),
           rows from (jsonb_to_recordset(w.request -> 'lines') as (
             variant_id uuid, quantity integer, live_session_id uuid, deal_id uuid))
           with ordinality l (variant_id, quantity, live_session_id, deal_id, line)
      where v_before[w.n] is null)
    select array_agg(x order by x.place, x.line)
    from (select array_agg(place) as place, array_agg(line) as line,
                 array_agg(v_users[place]) as users, array_agg(v_customers[place]) as customers,
                 array_agg(v_phones[place]) as phones, array_agg(variant_id) as variants,
                 array_agg(quantity) as quantities, array_agg(live_session_id) as sessions,
                 array_agg(deal_id) as deals, array_agg(v_from_cart[place]) as from_cart
          from wished) w
    cross join lateral private.priced_lines_v1(
      w.place, w.line, w.users, w.customers, w.phones, w.variants, w.quantities, w.sessions, w.deals,
      w.from_cart, p_terms) x);
end $$;

-- What there is of what they ask for.
create function private.checkout_stand_v3(
  p_of private.checkout_requests, p_lines private.checkout_line[])
returns private.checkout_stand
language plpgsql volatile set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  s private.checkout_stand;
  v_codes text[];
begin
  s.lines := p_lines;
  select array_agg(l.item order by l.i), array_agg(case when l.has_deal then l.deal else 0 end order by l.i)
  into s.item, s.deal
  from (select x.ordinality as i, x.deal_id is not null as has_deal,
               dense_rank() over (order by x.variant_id) as item,
               dense_rank() over (order by x.deal_id nulls last) as deal
        from unnest(p_lines) with ordinality x) l;

  select array_agg(v.id order by v.id), array_agg(coalesce(k.on_hand, 0) order by v.id),
         array_agg(coalesce(o.quantity, 0)::integer order by v.id),
         array_agg(coalesce(a.quantity, 0)::integer order by v.id),
         array_agg(coalesce(k.promises, 0) order by v.id)
  into s.items, s.on_hand, s.others, s.set_aside, s.promises
  from (select distinct l.variant_id as id from unnest(p_lines) l) v
  left join public.product_stock k on k.variant_id = v.id
  left join lateral (select sum(h.quantity) as quantity from private.stock_holds h
                     where h.variant_id = v.id and h.expires_at > now()) o on true
  left join lateral (
    select sum(greatest(0, g.total_limit - coalesce(c.sold, 0))) as quantity
    from private.deals g left join private.deal_counts c on c.deal_id = g.id
    where g.variant_id = v.id and g.is_set_aside and g.ended_at is null and now() < g.ends_at) a on true;

  select array_agg(d.id order by d.id), array_agg(d.total_limit order by d.id),
         array_agg(coalesce(d.total_limit - coalesce(c.sold, 0), 2147483647) order by d.id)
  into s.deals, s.deal_limit, s.deal_left
  from private.deals d left join private.deal_counts c on c.deal_id = d.id
  where d.id in (select l.deal_id from unnest(p_lines) l where l.deal_id is not null);

  if exists (select from unnest(p_of.coupon_codes) c where c is not null) then
    select array_agg(c order by c.id), array_agg(c.code order by c.id),
           array_agg(coalesce(c.quota - coalesce(k.used, 0), 2147483647) order by c.id)
    into s.coupons, v_codes, s.coupon_left
    from private.coupons c left join private.coupon_counts k on k.coupon_id = c.id
    where c.code = any (p_of.coupon_codes);
    select array_agg(coalesce(array_position(v_codes, q.code), 0) order by q.n),
           array_agg(r.id is not null order by q.n)
    into s.coupon, s.is_coupon_used
    from unnest(p_of.coupon_codes, p_of.customers) with ordinality q (code, customer_id, n)
    left join private.coupon_redemptions r
      on r.coupon_id = (s.coupons[array_position(v_codes, q.code)]).id
     and r.customer_id = q.customer_id and r.returned_at is null;
  end if;
  return s;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Judging: nothing is read here, what can be given is given in the order of arrival

-- What speaks against a coupon, NULL when nothing does. p_eligible: what its lines come to.
create function private.coupon_fault_v3(
  p_coupon private.coupons, p_left integer, p_is_used boolean, p_eligible bigint)
returns text
language plpgsql stable set search_path = '' as $$
begin
  return case
    when p_coupon.id is null or now() < p_coupon.starts_at then 'coupon_unknown'
    when not p_coupon.is_active or now() >= p_coupon.ends_at then 'coupon_ended'
    when p_is_used then 'coupon_used'
    when p_left < 1 then 'coupon_quota'
    when p_eligible = 0 then 'coupon_not_here'
    when p_eligible < p_coupon.min_spend_minor then 'coupon_min_spend' end;
end $$;

create function private.coupon_discount_v3(p_coupon private.coupons, p_eligible bigint) returns bigint
language plpgsql immutable set search_path = '' as $$
begin
  return least(p_eligible, case p_coupon.kind
    when 'percent' then least(p_coupon.max_discount_minor, (p_eligible * p_coupon.percent_bp + 5000) / 10000)
    else p_coupon.amount_minor end);
end $$;

-- Whether a coupon holds for a line.
create function private.coupon_covers_v3(p_coupon private.coupons, p_line private.checkout_line)
returns boolean
language plpgsql immutable set search_path = '' as $$
begin
  return (p_coupon.wholesaler_id is null or p_coupon.wholesaler_id = p_line.wholesaler_id)
     and (p_coupon.live_session_id is null or p_coupon.live_session_id = p_line.live_session_id)
     and (not p_coupon.is_live_only or p_line.is_on_air);
end $$;

create function private.judge_checkout_v3(
  p_of private.checkout_requests, p_stand private.checkout_stand, p_answers jsonb[], p_shipping bigint,
  p_cod_fee bigint)
returns private.checkout_judgement
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  j private.checkout_judgement;
  v_count constant integer := cardinality(p_of.users);
  v_lines constant integer := coalesce(cardinality(p_stand.lines), 0);
  -- Variables of their own: an element of one is changed in place, in a field the whole array is copied.
  v_line_place integer[]; v_quantity integer[]; v_held integer[]; v_plain bigint[]; v_sellable boolean[];
  v_shown text[]; v_deal_bought integer[]; v_customer_limit integer[]; v_is_set_aside boolean[];
  v_ended_at timestamptz[];
  v_item integer[] := p_stand.item; v_deal integer[] := p_stand.deal;
  v_left integer[] := p_stand.on_hand; v_others integer[] := p_stand.others;
  v_set_aside integer[] := p_stand.set_aside; v_deal_left integer[] := p_stand.deal_left;
  v_deal_limit integer[] := p_stand.deal_limit; v_coupon_left integer[] := p_stand.coupon_left;
  v_answered boolean[]; v_first_paid boolean[] := p_of.is_first_paid; v_asked bigint[] := p_of.shown_minor;
  v_prepaid boolean[] := p_of.is_prepaid; v_only_priced boolean[] := p_of.is_priced_only; v_codes text[] := p_of.coupon_codes;
  v_price bigint[]; v_available integer[] := array_fill(0, array[v_lines]);
  v_uses_deal boolean[] := array_fill(false, array[v_lines]);
  v_line_discount bigint[] := array_fill(0::bigint, array[v_lines]);
  v_taken integer[] := array_fill(0, array[coalesce(cardinality(p_stand.items), 0)]);
  v_deal_sold integer[] := array_fill(0, array[coalesce(cardinality(p_stand.deals), 0)]);
  v_coupon_used integer[] := array_fill(0, array[coalesce(cardinality(p_stand.coupons), 0)]);
  v_outcome text[] := array_fill(null::text, array[v_count]);
  v_detail jsonb[] := array_fill(null::jsonb, array[v_count]);
  v_subtotal bigint[] := array_fill(0::bigint, array[v_count]);
  v_discount bigint[] := array_fill(0::bigint, array[v_count]);
  v_fee bigint[] := array_fill(0::bigint, array[v_count]);
  v_total bigint[] := array_fill(0::bigint, array[v_count]);
  v_open boolean[] := array_fill(false, array[v_count]);
  v_first integer; v_bought integer; v_can integer; v_of integer; v_by integer; i integer := 1;
  v_amounts bigint[]; v_eligible bigint; v_coupon private.coupons;
begin
  select array_agg(a is not null order by n) into v_answered from unnest(p_answers) with ordinality x (a, n);
  select array_agg(l.place order by n), array_agg(l.quantity order by n), array_agg(l.held order by n),
         array_agg(l.plain_minor order by n), array_agg(l.price_minor order by n),
         array_agg(l.is_sellable order by n), array_agg(l.deal_state order by n),
         array_agg(l.deal_bought order by n), array_agg(l.deal_customer_limit order by n),
         array_agg(l.deal_is_set_aside order by n), array_agg(l.deal_ended_at order by n)
  into v_line_place, v_quantity, v_held, v_plain, v_price, v_sellable, v_shown, v_deal_bought,
       v_customer_limit, v_is_set_aside, v_ended_at
  from (select x.*, x.ordinality as n from unnest(p_stand.lines) with ordinality x) l;

  for n in 1..v_count loop
    continue when v_answered[n];
    v_first := i;
    while i <= v_lines and v_line_place[i] = n loop
      if not v_sellable[i] then
        v_outcome[n] := 'product_unavailable';
      end if;
      v_of := v_item[i];
      v_by := v_deal[i];
      if v_by > 0 then
        -- Pieces of the same deal in the lines before count, too.
        v_bought := v_deal_bought[i];
        for k in v_first..i - 1 loop
          if v_deal[k] = v_by and v_uses_deal[k] then
            v_bought := v_bought + v_quantity[k];
          end if;
        end loop;
        if v_quantity[i] <= v_deal_left[v_by]
           and (v_customer_limit[i] is null or v_bought + v_quantity[i] <= v_customer_limit[i]) then
          v_uses_deal[i] := true;
          v_deal_left[v_by] := v_deal_left[v_by] - v_quantity[i];
          v_deal_sold[v_by] := v_deal_sold[v_by] + v_quantity[i];
          if v_is_set_aside[i] then
            v_set_aside[v_of] := v_set_aside[v_of] - v_quantity[i];
          end if;
        else
          v_price[i] := v_plain[i];
          -- Who was shown the deal is told; who was not buys at the price beside it.
          if v_shown[i] is not null and v_outcome[n] is null then
            if v_deal_left[v_by] = 0 then
              v_outcome[n] := 'deal_ended';
              v_detail[n] := jsonb_build_object('reason', 'sold_out', 'ended_at', now());
            else
              v_outcome[n] := 'limit_reached';
              v_detail[n] := jsonb_build_object(
                'limit', coalesce(v_customer_limit[i], v_deal_limit[v_by]), 'bought', v_bought,
                'left', least(v_deal_left[v_by],
                              greatest(0, coalesce(v_customer_limit[i] - v_bought, 2147483647))));
            end if;
          end if;
        end if;
      end if;
      -- On hand, less what others hold, less what is set aside for deals other than this line's.
      v_can := v_left[v_of] - (v_others[v_of] - v_held[i]) - v_set_aside[v_of];
      if v_uses_deal[i] and v_is_set_aside[i] then
        v_can := least(v_can + v_deal_left[v_by], v_deal_left[v_by] + v_quantity[i]);
      end if;
      v_available[i] := greatest(0, v_can);
      if v_can < v_quantity[i] and v_outcome[n] is null then
        v_outcome[n] := 'sold_out';
      end if;
      -- Taken in any case, and given back below when the order is refused.
      if not v_first_paid[n] then
        v_left[v_of] := v_left[v_of] - v_quantity[i];
        v_taken[v_of] := v_taken[v_of] + v_quantity[i];
        v_others[v_of] := v_others[v_of] - least(v_held[i], v_quantity[i]);
      end if;
      v_subtotal[n] := v_subtotal[n] + v_price[i] * v_quantity[i];
      i := i + 1;
    end loop;

    if v_codes[n] is not null and v_outcome[n] is null then
      v_coupon := p_stand.coupons[nullif(p_stand.coupon[n], 0)];
      select array_agg(case when private.coupon_covers_v3(v_coupon, p_stand.lines[x])
                            then v_price[x] * v_quantity[x] else 0 end order by x)
      into v_amounts from generate_series(v_first, i - 1) x;
      select sum(a) into v_eligible from unnest(v_amounts) a;
      v_outcome[n] := private.coupon_fault_v3(
        v_coupon, v_coupon_left[nullif(p_stand.coupon[n], 0)], p_stand.is_coupon_used[n], v_eligible);
      v_detail[n] := jsonb_build_object('coupon', v_codes[n], 'min_spend_minor', v_coupon.min_spend_minor);
      if v_outcome[n] is null then
        v_discount[n] := private.coupon_discount_v3(v_coupon, v_eligible);
        v_amounts := private.apportion(v_discount[n], v_amounts);
        for k in v_first..i - 1 loop
          v_line_discount[k] := v_amounts[k - v_first + 1];
        end loop;
      end if;
    end if;

    if not v_prepaid[n] then
      v_fee[n] := p_cod_fee;
    end if;
    v_total[n] := v_subtotal[n] - v_discount[n] + p_shipping + v_fee[n];
    if v_outcome[n] is null and not v_only_priced[n] and v_total[n] is distinct from v_asked[n] then
      v_outcome[n] := 'price_changed';
      for k in v_first..i - 1 loop
        if v_shown[k] <> 'running' then
          v_outcome[n] := 'deal_ended';
          v_detail[n] := jsonb_build_object('reason', v_shown[k], 'ended_at', v_ended_at[k]);
        end if;
      end loop;
    end if;

    if v_outcome[n] is null and not v_only_priced[n] then
      v_open[n] := true;
      if v_discount[n] > 0 then
        v_coupon_left[p_stand.coupon[n]] := v_coupon_left[p_stand.coupon[n]] - 1;
        v_coupon_used[p_stand.coupon[n]] := v_coupon_used[p_stand.coupon[n]] + 1;
      end if;
      continue;
    end if;
    for k in v_first..i - 1 loop
      if v_uses_deal[k] then
        v_deal_left[v_deal[k]] := v_deal_left[v_deal[k]] + v_quantity[k];
        v_deal_sold[v_deal[k]] := v_deal_sold[v_deal[k]] - v_quantity[k];
        if v_is_set_aside[k] then
          v_set_aside[v_item[k]] := v_set_aside[v_item[k]] + v_quantity[k];
        end if;
      end if;
      if not v_first_paid[n] then
        v_left[v_item[k]] := v_left[v_item[k]] + v_quantity[k];
        v_taken[v_item[k]] := v_taken[v_item[k]] - v_quantity[k];
        v_others[v_item[k]] := v_others[v_item[k]] + least(v_held[k], v_quantity[k]);
      end if;
    end loop;
  end loop;
  j := row(v_outcome, v_detail, v_subtotal, v_discount, v_fee, v_total, v_open, v_price, v_line_discount,
           v_available, v_uses_deal, v_taken, v_others, v_set_aside, v_deal_sold, v_coupon_used);
  return j;
end $$;

-- The answers, with a quote for each request that is refused or only priced; NULL where an order is to be
-- written.
create function private.checkout_quotes_v3(
  p_of private.checkout_requests, p_stand private.checkout_stand, p_by private.checkout_judgement,
  p_answers jsonb[], p_shipping bigint)
returns jsonb[]
language plpgsql volatile set search_path = ''
set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  v_open constant boolean[] := p_by.is_open;
begin
  return (
    with said as (
      select l.place as n, jsonb_agg(jsonb_build_object(
               'variant_id', l.variant_id, 'product_id', l.product_id, 'name', l.name, 'label', l.label,
               'image_url', l.image_url, 'quantity', l.quantity, 'unit_price_minor', x.price,
               'mrp_minor', l.mrp_minor, 'discount_minor', x.discount, 'stock', x.available,
               'deal_id', case when x.uses_deal then l.deal_id end, 'sellable', l.is_sellable)
               order by l.line) as lines
      from unnest(p_stand.lines) with ordinality l
      join unnest(p_by.price, p_by.line_discount, p_by.available, p_by.uses_deal) with ordinality
        x (price, discount, available, uses_deal, i) on x.i = l.ordinality
      where not v_open[l.place]
      group by l.place)
    select array_agg(coalesce(q.answer, case when not q.is_open then coalesce(
             -- The first attempt may have committed since its key was looked for, with the last piece.
             case when k.key is not null and not q.is_priced_only
                  then private.replay_v3(k.request_hash = q.hash, k.response) end,
             coalesce(q.detail, '{}') || jsonb_build_object(
               'outcome', coalesce(q.outcome, 'priced'), 'lines', said.lines,
               'subtotal_minor', q.subtotal, 'discount_minor', q.discount, 'shipping_minor', p_shipping,
               'cod_fee_minor', q.cod_fee, 'total_minor', q.total)) end) order by q.n)
    from unnest(p_answers, p_by.is_open, p_by.outcome, p_by.detail, p_by.subtotal, p_by.discount, p_by.cod_fee,
                p_by.total, p_of.customers, p_of.keys, p_of.hashes, p_of.is_priced_only) with ordinality
      q (answer, is_open, outcome, detail, subtotal, discount, cod_fee, total, customer_id, key, hash,
         is_priced_only, n)
    left join said on said.n = q.n
    left join lateral (select * from private.idempotency i
                       where not q.is_open and i.customer_id = q.customer_id and i.key = q.key
                       limit 1) k on true);
end $$;

-- ---------------------------------------------------------------------------------------------
-- Writing

-- What an order ends besides: its lines leave the cart, its holds are used up, its waiting is over.
create function private.use_up_promises_v3(p_lines private.checkout_line[], p_from_cart boolean[])
returns void
language plpgsql volatile set search_path = '' as $$
begin
  if true = any (p_from_cart) then
    delete from public.cart c using unnest(p_lines) l
    where p_from_cart[l.place] and c.customer_id = l.customer_id and c.variant_id = l.variant_id;
  end if;
  if exists (select from unnest(p_lines) l where l.held > 0) then
    update private.stock_holds h set quantity = h.quantity - l.quantity from unnest(p_lines) l
    where h.customer_id = l.customer_id and h.variant_id = l.variant_id and h.quantity > l.quantity;
    delete from private.stock_holds h using unnest(p_lines) l
    where h.customer_id = l.customer_id and h.variant_id = l.variant_id and l.held <= l.quantity;
    update private.waitlist w set status = 'bought' from unnest(p_lines) l
    where w.customer_id = l.customer_id and w.variant_id = l.variant_id and w.status = 'promoted';
  end if;
end $$;

-- The rates of the platform at this moment, in basis points.
create function private.platform_rates_v1(
  out fee_gst integer, out influencer_cut integer, out tcs integer, out tds integer)
language plpgsql stable set search_path = '' as $$
begin
  select max(rate_bp) filter (where kind = 'fee_gst'), max(rate_bp) filter (where kind = 'influencer_cut'),
         max(rate_bp) filter (where kind = 'tcs'), max(rate_bp) filter (where kind = 'tds')
  into fee_gst, influencer_cut, tcs, tds
  from (select distinct on (kind) kind, rate_bp from private.platform_rates
        where valid_from <= now() order by kind, valid_from desc) newest;
end $$;

-- Orders, items, splits, payments, keys: all that is open, by one statement, so that the foreign keys are
-- looked at once at its end. Returns the answers; raises LC001 when a key was taken meanwhile.
create function private.write_orders_v3(
  p_requests jsonb, p_of private.checkout_requests, p_stand private.checkout_stand,
  p_by private.checkout_judgement, p_answers jsonb[], p_orders uuid[], p_shipping bigint,
  p_pay_within interval)
returns jsonb[]
language plpgsql volatile set search_path = ''
set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  v_open constant boolean[] := p_by.is_open;
  v_customers constant uuid[] := p_of.customers;
  v_subtotal constant bigint[] := p_by.subtotal;
  v_fee constant bigint[] := p_by.cod_fee;
  v_discount constant bigint[] := p_by.discount;
  v_total constant bigint[] := p_by.total;
  v_prepaid constant boolean[] := p_of.is_prepaid;
  v_codes constant text[] := p_of.coupon_codes;
  v_first_paid constant boolean[] := p_of.is_first_paid;
  v_keys constant uuid[] := p_of.keys;
  v_hashes constant bytea[] := p_of.hashes;
  v_before constant jsonb[] := p_answers;
  v_orders constant uuid[] := p_orders;
  v_id_prefix constant text := private.uuid7_prefix();
  v_rates record := private.platform_rates_v1();
  v_answers jsonb[];
  v_written integer;
begin
    with asked as materialized (
      select r.*, v_orders[r.n] as id
      from rows from (jsonb_to_recordset(p_requests) as (
          address jsonb, place_of_supply text, provider text, buyer_gstin text))
        with ordinality r (address, place_of_supply, provider, buyer_gstin, n)
      where v_open[r.n]),
    line as materialized (
      select l.*, x.price, x.discount, x.uses_deal, x.i as at, s.*,
             (v_id_prefix || substr(gen_random_uuid()::text, 16))::uuid as id
      from unnest(p_stand.lines) with ordinality l
      join unnest(p_by.price, p_by.line_discount, p_by.uses_deal) with ordinality
        x (price, discount, uses_deal, i) on x.i = l.ordinality
      cross join lateral private.split_of_line_v1(
        x.price * l.quantity - x.discount, l.tax_rate, l.fee_bp, l.commission_bp,
        v_rates.fee_gst, v_rates.influencer_cut, v_rates.tcs, v_rates.tds) s
      where v_open[l.place]),
    earned as (
      select place, sum(commission_minor) as commission_minor,
             (array_agg(influencer_id order by line) filter (where influencer_id is not null))[1]
               as influencer_id,
             (array_agg(live_session_id order by line) filter (where influencer_id is not null))[1]
               as live_session_id
      from line group by place),
    new_orders as (
      insert into public.orders (
        id, customer_id, influencer_id, live_session_id, order_number, subtotal, shipping_cost, cod_fee,
        discount_amount, total_amount, status, payment_status, payment_method, payment_gateway,
        shipping_address, influencer_commission, coupon_code, buyer_gstin, place_of_supply, allocation,
        pay_until)
      select a.id, v_customers[a.n], e.influencer_id, e.live_session_id, '',
             v_subtotal[a.n] / 100.0, p_shipping / 100.0, v_fee[a.n] / 100.0, v_discount[a.n] / 100.0,
             v_total[a.n] / 100.0, 'pending', 'pending', a.provider,
             case when v_prepaid[a.n] then a.provider end, a.address, e.commission_minor / 100.0,
             case when v_discount[a.n] > 0 then v_codes[a.n] end, a.buyer_gstin,
             a.place_of_supply, case when v_first_paid[a.n] then 'on_payment' else 'taken' end,
             case when v_prepaid[a.n] then now() + p_pay_within end
      from asked a join earned e on e.place = a.n
      order by a.n
      returning id, order_number, created_at, pay_until, influencer_id),
    new_items as (
      insert into public.order_items (
        id, order_id, position, product_id, variant_id, wholesaler_id, influencer_id, live_session_id,
        product_name, product_sku, selected_color, selected_size, variant_label, product_snapshot,
        quantity, unit_price, discount, hsn_code, tax_rate, taxable_minor, tax_minor, deal_id,
        attribution_kind, attribution_reason, attributed_at, attribution_rule,
        wholesaler_commission, influencer_commission)
      select l.id, v_orders[l.place], l.line, l.product_id, l.variant_id, l.wholesaler_id, l.influencer_id,
             l.live_session_id, l.name, l.sku, l.color, l.size, l.label,
             jsonb_build_object('name', l.name, 'label', l.label, 'sku', l.sku, 'color', l.color,
                                'size', l.size, 'image_url', l.image_url, 'mrp_minor', l.mrp_minor),
             l.quantity, l.price / 100.0, l.discount / 100.0, l.hsn_code, l.tax_rate, l.base_minor,
             l.tax_minor, case when l.uses_deal then l.deal_id end, l.attribution_kind,
             l.attribution_reason, l.attributed_at, 1, l.fee_minor / 100.0, l.commission_minor / 100.0
      from line l order by l.at),
    new_splits as (
      insert into private.order_item_splits (
        order_item_id, order_id, wholesaler_id, influencer_id, paid_minor, discount_minor, funded_by,
        base_minor, tax_minor, fee_bp, fee_minor, fee_gst_bp, fee_gst_minor, commission_bp,
        commission_minor, cut_bp, cut_minor, tcs_bp, tcs_minor, tds_bp, tds_minor, wholesaler_minor, rule_id)
      select l.id, v_orders[l.place], l.wholesaler_id, l.influencer_id,
             l.price * l.quantity - l.discount, l.discount,
             case when l.discount > 0 then (p_stand.coupons[p_stand.coupon[l.place]]).funded_by end,
             l.base_minor, l.tax_minor, l.fee_bp, l.fee_minor, v_rates.fee_gst, l.fee_gst_minor,
             l.commission_bp, l.commission_minor, v_rates.influencer_cut, l.cut_minor, v_rates.tcs, l.tcs_minor,
             v_rates.tds, l.tds_minor, l.wholesaler_minor, l.rule_id
      from line l order by l.at),
    new_payments as (
      insert into private.payments (id, order_id, provider, amount_minor, expires_at)
      select (v_id_prefix || substr(gen_random_uuid()::text, 16))::uuid, a.id, a.provider, v_total[a.n],
             case when v_prepaid[a.n] then now() + p_pay_within end
      from asked a order by a.n),
    lines_json as (
      select l.place, jsonb_agg(jsonb_build_object(
               'order_item_id', l.id, 'product_id', l.product_id, 'variant_id', l.variant_id,
               'name', l.name, 'label', l.label, 'image_url', l.image_url, 'quantity', l.quantity,
               'unit_price_minor', l.price, 'total_minor', l.price * l.quantity,
               'discount_minor', l.discount, 'tax_rate', l.tax_rate,
               'deal_id', case when l.uses_deal then l.deal_id end,
               'quantity_cancelled', 0, 'quantity_shipped', 0, 'quantity_delivered', 0,
               'quantity_returned', 0) order by l.line) as items
      from line l group by l.place),
    said as materialized (
      select a.n, jsonb_build_object(
               'id', o.id, 'order_number', o.order_number, 'status', 'pending',
               'payment_status', 'pending', 'payment_method', a.provider,
               'subtotal_minor', v_subtotal[a.n], 'discount_minor', v_discount[a.n],
               'shipping_minor', p_shipping, 'cod_fee_minor', v_fee[a.n], 'total_minor', v_total[a.n],
               'coupon_code', case when v_discount[a.n] > 0 then v_codes[a.n] end,
               'currency', 'INR',
               'placed_at_ms', (extract(epoch from o.created_at) * 1000)::bigint,
               'pay_until_ms', (extract(epoch from o.pay_until) * 1000)::bigint,
               'payment', jsonb_build_object('provider', a.provider, 'status', 'created'),
               'address', a.address, 'items', j.items) as body
      from new_orders o join asked a on a.id = o.id join lines_json j on j.place = a.n),
    remembered as (
      insert into private.idempotency (customer_id, key, request_hash, response)
      select v_customers[s.n], v_keys[s.n], v_hashes[s.n], s.body from said s
      order by v_customers[s.n], v_keys[s.n]
      on conflict do nothing returning 1)
    select (select count(*) from remembered),
           (select array_agg(coalesce(v_before[q.n],
                                      jsonb_build_object('outcome', 'placed', 'order', s.body)) order by q.n)
            from generate_series(1, cardinality(p_of.users)) q (n) left join said s on s.n = q.n)
    into v_written, v_answers;
  if v_written < (select count(*) from unnest(p_by.is_open) o where o) then
    raise exception using errcode = 'LC001', message = 'another attempt with the same key was quicker';
  end if;
  return v_answers;
end $$;

-- The time of this moment as uuids of version 7 begin with it: with the rest of a random one it is one.
create function private.uuid7_prefix() returns text
language plpgsql volatile set search_path = '' as $$
declare
  v_ms constant text := lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0');
begin
  return substr(v_ms, 1, 8) || '-' || substr(v_ms, 9, 4) || '-7';
end $$;

-- Uses of coupons and pieces of deals; raises LC001 when a limit was reached meanwhile.
create function private.count_limits_v3(
  p_of private.checkout_requests, p_stand private.checkout_stand, p_by private.checkout_judgement,
  p_orders uuid[])
returns void
language plpgsql volatile set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  v_orders constant uuid[] := p_orders;
  v_short boolean;
begin
  if p_stand.coupons is not null then
    with used as (
      select (p_stand.coupons[p_stand.coupon[q.n]]).id as coupon_id, q.customer_id, v_orders[q.n] as order_id,
             q.discount
      from unnest(p_by.is_open, p_by.discount, p_of.customers) with ordinality
        q (is_open, discount, customer_id, n)
      where q.is_open and q.discount > 0),
    written as (
      insert into private.coupon_redemptions (coupon_id, customer_id, order_id, discount_minor)
      select coupon_id, customer_id, order_id, discount from used order by coupon_id, customer_id
      on conflict (coupon_id, customer_id) where returned_at is null do nothing returning 1)
    select (select count(*) from written) < (select count(*) from used) into v_short;
    if v_short then
      raise exception using errcode = 'LC001', message = 'a coupon was used meanwhile';
    end if;
  end if;
  if p_stand.deals is not null then
    perform private.count_deals_v3(p_stand, p_by);
  end if;
  if p_stand.coupons is not null then
    perform 1 from private.coupon_counts c
    where c.coupon_id in (select k.id from unnest(p_stand.coupons) k) order by c.coupon_id for no key update;
    with used as (
      select (p_stand.coupons[u.i]).id as id, u.used
      from unnest(p_by.coupon_used) with ordinality u (used, i) where u.used > 0),
    counted as (
      update private.coupon_counts c set used = c.used + u.used from used u
      where c.coupon_id = u.id and c.used + u.used <= coalesce(
        (select k.quota from private.coupons k where k.id = c.coupon_id), 2147483647)
      returning 1)
    select (select count(*) from counted) < (select count(*) from used) into v_short;
    if v_short then
      raise exception using errcode = 'LC001', message = 'a coupon ran out meanwhile';
    end if;
  end if;
end $$;

create function private.count_deals_v3(p_stand private.checkout_stand, p_by private.checkout_judgement)
returns void
language plpgsql volatile set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  v_open constant boolean[] := p_by.is_open;
  v_uses_deal constant boolean[] := p_by.uses_deal;
  v_short boolean;
begin
  with bought as (
    select l.deal_id, l.customer_id, sum(l.quantity)::integer as quantity
    from unnest(p_stand.lines) with ordinality l
    where v_open[l.place] and v_uses_deal[l.ordinality]
    group by l.deal_id, l.customer_id),
  written as (
    insert into private.deal_purchases as b (deal_id, customer_id, quantity)
    select deal_id, customer_id, quantity from bought order by deal_id, customer_id
    on conflict (deal_id, customer_id) do update set quantity = b.quantity + excluded.quantity
    where b.quantity + excluded.quantity <= coalesce(
      (select d.customer_limit from private.deals d where d.id = b.deal_id), 2147483647)
    returning 1)
  select (select count(*) from written) < (select count(*) from bought) into v_short;
  if v_short then
    raise exception using errcode = 'LC001', message = 'the limit of a deal was reached meanwhile';
  end if;
  perform 1 from private.deal_counts c where c.deal_id = any (p_stand.deals)
  order by c.deal_id for no key update;
  with sold as (
    select t.id, t.sold from unnest(p_stand.deals, p_by.deal_sold) t (id, sold) where t.sold > 0),
  counted as (
    update private.deal_counts c set sold = c.sold + s.sold from sold s
    where c.deal_id = s.id and c.sold + s.sold <= coalesce(
      (select d.total_limit from private.deals d where d.id = c.deal_id), 2147483647)
    returning c.deal_id, c.sold),
  -- A trigger tells the room.
  ended as (
    update private.deals d set ended_at = clock_timestamp(), ended_reason = 'sold_out'
    from counted c where d.id = c.deal_id and c.sold = d.total_limit and d.ended_at is null)
  select (select count(*) from counted) < (select count(*) from sold) into v_short;
  if v_short then
    raise exception using errcode = 'LC001', message = 'a deal sold out meanwhile';
  end if;
end $$;

-- The last step: stock, under the condition that what was seen of it still holds; else LC001.
create function private.take_stock_v3(
  p_of private.checkout_requests, p_stand private.checkout_stand, p_by private.checkout_judgement,
  p_orders uuid[])
returns void
language plpgsql volatile set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  v_open constant boolean[] := p_by.is_open;
  v_first_paid constant boolean[] := p_of.is_first_paid;
  v_orders constant uuid[] := p_orders;
  v_kinds constant integer := (select count(*) from unnest(p_by.taken) t where t > 0);
  v_written integer;
begin
  if v_kinds = 0 then
    return;
  end if;
  -- The moves are written here, for several orders at once; the trigger is told so.
  insert into private.stock_moves (variant_id, product_id, delta, order_id)
  select l.variant_id, l.product_id, -sum(l.quantity)::integer, v_orders[l.place]
  from unnest(p_stand.lines) l
  where v_open[l.place] and not v_first_paid[l.place]
  group by l.place, l.variant_id, l.product_id order by l.place;
  if v_kinds > 1 then
    perform 1 from public.product_stock k
    where k.variant_id in (select t.id from unnest(p_stand.items, p_by.taken) t (id, taken) where t.taken > 0)
    order by k.variant_id for no key update;
  end if;
  perform set_config('livecommerce.order_id', 'noted', true);
  with taken as (
    update public.product_stock k set on_hand = k.on_hand - t.taken
    from unnest(p_stand.items, p_by.taken, p_by.others, p_by.set_aside, p_stand.promises)
      t (id, taken, others, set_aside, promises)
    where k.variant_id = t.id and t.taken > 0 and k.promises = t.promises
      and k.on_hand >= t.taken + greatest(0, t.others) + greatest(0, t.set_aside)
    returning k.variant_id, k.product_id, k.on_hand, t.others, t.set_aside),
  told as (
    insert into private.outbox (topic, live_session_id, payload)
    select 'stock.changed', s.id,
           jsonb_build_object('product_id', t.product_id, 'variant_id', t.variant_id,
                              'stock', greatest(0, t.on_hand - t.others - t.set_aside + o.set_aside))
    from taken t
    join public.live_session_products p on p.product_id = t.product_id
    join public.live_sessions s on s.id = p.live_session_id and s.status in ('live', 'paused')
    -- What is set aside for deals of this live session is there for who watches it.
    cross join lateral (
      select coalesce(sum(greatest(0, g.total_limit - c.sold)), 0) as set_aside
      from private.deals g join private.deal_counts c on c.deal_id = g.id
      where t.set_aside > 0 and g.variant_id = t.variant_id and g.live_session_id = s.id
        and g.is_set_aside and g.ended_at is null and now() < g.ends_at) o)
  select count(*) into v_written from taken;
  perform set_config('livecommerce.order_id', '', true);
  if v_written < v_kinds then
    raise exception using errcode = 'LC001', message = 'too little is left';
  end if;
end $$;

-- ---------------------------------------------------------------------------------------------
-- All of it

-- p_requests: [{user_id, key, hash, live_session_id, lines: [{variant_id, quantity, live_session_id,
--   deal_id}], address, place_of_supply, provider, is_prepaid, shown_total_minor, coupon, from_cart,
--   buyer_gstin, is_priced_only}], in the order of arrival; a customer at most once.
-- p_terms: {shipping_minor, cod_fee_minor, pay_within_s, carryover_s, replay_s, link_s}.
-- Returns one answer per request, by its place: {outcome, ...}
--   placed, duplicate {order} | priced {quote} | key_reused | not_customer | session_not_found |
--   product_unavailable, sold_out, price_changed, deal_ended, limit_reached, coupon_* {lines, …}
create function private.place_orders_v3(p_requests jsonb, p_terms jsonb)
returns table (place integer, answer jsonb)
language plpgsql volatile set search_path = '' as $$
declare
  v_shipping constant bigint := (p_terms ->> 'shipping_minor')::bigint;
  v_of constant private.checkout_requests := private.checkout_requests_v3(p_requests);
  v_stand private.checkout_stand;
  v_by private.checkout_judgement;
  v_answers jsonb[];
begin
  for round in 1..3 loop
    if round > 1 then
      -- Somebody was quicker: lock first, then look.
      perform private.lock_for_checkout_v3(p_requests);
    end if;
    v_answers := private.checkout_answered_v3(v_of);
    v_stand := private.checkout_stand_v3(v_of, private.checkout_lines_v3(p_requests, v_of, v_answers, p_terms));
    v_by := private.judge_checkout_v3(v_of, v_stand, v_answers, v_shipping,
                                      (p_terms ->> 'cod_fee_minor')::bigint);
    if false = any (v_by.is_open) then
      v_answers := private.checkout_quotes_v3(v_of, v_stand, v_by, v_answers, v_shipping);
    end if;
    begin
      if true = any (v_by.is_open) then
        v_answers := private.place_judged_v3(p_requests, v_of, v_stand, v_by, v_answers, v_shipping,
                                             make_interval(secs => (p_terms ->> 'pay_within_s')::integer));
      end if;
      return query select a.n::integer, a.answer from unnest(v_answers) with ordinality a (answer, n);
      return;
    exception
      when sqlstate 'LC001' then
        null;
    end;
  end loop;
  raise exception using errcode = '40001', message = 'others were quicker each time';
end $$;

-- Writes what is open, and takes limits and stock for it, in this order.
create function private.place_judged_v3(
  p_requests jsonb, p_of private.checkout_requests, p_stand private.checkout_stand,
  p_by private.checkout_judgement, p_answers jsonb[], p_shipping bigint, p_pay_within interval)
returns jsonb[]
language plpgsql volatile set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  v_open constant boolean[] := p_by.is_open;
  v_id_prefix constant text := private.uuid7_prefix();
  v_orders uuid[];
  v_answers jsonb[];
begin
  select array_agg(case when o then (v_id_prefix || substr(gen_random_uuid()::text, 16))::uuid end order by n)
  into v_orders from unnest(p_by.is_open) with ordinality q (o, n);
  v_answers := private.write_orders_v3(p_requests, p_of, p_stand, p_by, p_answers, v_orders, p_shipping,
                                       p_pay_within);

  -- Instead of a foreign key in every row, see 20261124000020.
  perform 1 from public.live_sessions s
  where s.id in (select l.live_session_id from unnest(p_stand.lines) l where v_open[l.place])
  order by s.id for key share;
  perform 1 from public.influencers i
  where i.id in (select l.influencer_id from unnest(p_stand.lines) l where v_open[l.place])
  order by i.id for key share;

  -- One row per live session and batch, with the orders that have something from there.
  insert into private.outbox (topic, live_session_id, payload)
  select 'orders.placed', o.live_session_id, jsonb_build_object('order_ids', jsonb_agg(o.order_id))
  from (select distinct l.live_session_id, v_orders[l.place] as order_id
        from unnest(p_stand.lines) l
        where v_open[l.place] and l.live_session_id is not null) o
  group by o.live_session_id order by o.live_session_id;

  perform private.use_up_promises_v3(
    array(select l::private.checkout_line from unnest(p_stand.lines) l where v_open[l.place]),
    p_of.from_cart);
  perform private.count_limits_v3(p_of, p_stand, p_by, v_orders);
  perform private.take_stock_v3(p_of, p_stand, p_by, v_orders);
  return v_answers;
end $$;

-- Takes the pieces of an order that was placed under `first_paid` and is paid now; false when they are
-- gone, and then nothing was taken.
create function private.take_stock_of_order_v1(p_order_id uuid) returns boolean
language plpgsql volatile set search_path = '' as $$
declare
  v_allocation text;
  v_short boolean;
begin
  select allocation into v_allocation from public.orders where id = p_order_id for no key update;
  if v_allocation <> 'on_payment' then
    return v_allocation = 'taken';
  end if;
  perform 1 from public.product_stock k
  where k.variant_id in (select i.variant_id from public.order_items i where i.order_id = p_order_id)
  order by k.variant_id for no key update;
  -- Holds of others are promises, too; so is what is set aside. What this order has of a deal was counted
  -- when it was placed, and is no longer set aside.
  select bool_or(coalesce(k.on_hand, 0) - coalesce(h.others, 0) - coalesce(a.set_aside, 0) < n.quantity)
  into v_short
  from (select i.variant_id, sum(i.quantity - i.quantity_cancelled) as quantity
        from public.order_items i where i.order_id = p_order_id group by i.variant_id) n
  left join public.product_stock k on k.variant_id = n.variant_id
  left join lateral (
    select sum(s.quantity) as others from private.stock_holds s
    where s.variant_id = n.variant_id and s.expires_at > now()
      and s.customer_id <> (select o.customer_id from public.orders o where o.id = p_order_id)) h on true
  left join lateral (
    select sum(greatest(0, g.total_limit - coalesce(c.sold, 0))) as set_aside
    from private.deals g left join private.deal_counts c on c.deal_id = g.id
    where g.variant_id = n.variant_id and g.is_set_aside and g.ended_at is null and now() < g.ends_at) a on true;
  if v_short then
    return false;
  end if;
  update public.orders set allocation = 'taken' where id = p_order_id;
  perform set_config('livecommerce.order_id', p_order_id::text, true);
  update public.product_stock k set on_hand = k.on_hand - n.quantity
  from (select i.variant_id, sum(i.quantity - i.quantity_cancelled)::integer as quantity
        from public.order_items i where i.order_id = p_order_id group by i.variant_id) n
  where k.variant_id = n.variant_id and n.quantity > 0;
  perform set_config('livecommerce.order_id', '', true);
  return true;
end $$;

-- An order as its customer sees it. What place_orders_v3 answers has the same shape; a test compares.

-- The newest attempt to pay; a definer, because people reach no payments. It is asked only for orders
-- that row security has shown already.
create function private.payment_of_order(p_order_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select jsonb_build_object('provider', p.provider, 'status', p.status)
          from private.payments p where p.order_id = p_order_id
          order by p.created_at desc, p.id desc limit 1);
end $$;
revoke execute on function private.payment_of_order(uuid) from public, anon;
grant execute on function private.payment_of_order(uuid) to authenticated, service_role;

create or replace function private.order_item_json_of(i public.order_items) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_build_object(
    'order_item_id', i.id,
    'product_id', i.product_id,
    'variant_id', i.variant_id,
    'name', i.product_name,
    'label', i.variant_label,
    'image_url', i.product_snapshot ->> 'image_url',
    'quantity', i.quantity,
    'unit_price_minor', i.unit_price_minor,
    'total_minor', i.total_price_minor,
    'discount_minor', (i.discount * 100)::bigint,
    'tax_rate', i.tax_rate,
    'deal_id', i.deal_id,
    'quantity_cancelled', i.quantity_cancelled,
    'quantity_shipped', i.quantity_shipped,
    'quantity_delivered', i.quantity_delivered,
    'quantity_returned', i.quantity_returned);
end $$;

create or replace function private.order_json_of(o public.orders, items jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return jsonb_build_object(
    'id', o.id,
    'order_number', o.order_number,
    'status', o.status,
    'payment_status', o.payment_status,
    'payment_method', o.payment_method,
    'subtotal_minor', o.subtotal_minor,
    'discount_minor', (coalesce(o.discount_amount, 0) * 100)::bigint,
    'shipping_minor', o.shipping_minor,
    'cod_fee_minor', (o.cod_fee * 100)::bigint,
    'total_minor', o.total_minor,
    'coupon_code', o.coupon_code,
    'currency', 'INR',
    'placed_at_ms', (extract(epoch from o.created_at) * 1000)::bigint,
    'pay_until_ms', (extract(epoch from o.pay_until) * 1000)::bigint,
    'payment', private.payment_of_order(o.id),
    'address', o.shipping_address,
    'items', items);
end $$;
