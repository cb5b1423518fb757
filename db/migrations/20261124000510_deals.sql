-- Deals: how one begins, how it ends, and how the hubs hear of it.
--
-- Whoever ends a deal (the time, the last piece, the influencer, the end of the live session) writes
-- ended_at and ended_reason once; a trigger tells. Between two ticks of the worker the window and the
-- count decide, so nothing is sold at the price of a deal that is over.

alter table private.deal_counts add column told integer not null default 0;
comment on column private.deal_counts.told is 'what the hubs were last told of sold';

-- A deal as everybody in the live session sees it.
create function private.deal_json_v1(p_deal_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', d.id, 'product_id', d.product_id, 'variant_id', d.variant_id, 'price_minor', d.price_minor,
    'starts_at_ms', (extract(epoch from d.starts_at) * 1000)::bigint,
    'ends_at_ms', (extract(epoch from d.ends_at) * 1000)::bigint,
    'total_limit', d.total_limit, 'customer_limit', d.customer_limit, 'sold', coalesce(c.sold, 0))
  from private.deals d left join private.deal_counts c on c.deal_id = d.id
  where d.id = p_deal_id
$$;

create function private.tell_of_deal() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.ended_at is null then
    insert into private.outbox (topic, live_session_id, payload)
    values ('deal.started', new.live_session_id,
            jsonb_build_object('deal', private.deal_json_v1(new.id)));
  else
    insert into private.outbox (topic, live_session_id, payload)
    values ('deal.ended', new.live_session_id, jsonb_build_object(
      'deal_id', new.id, 'product_id', new.product_id, 'variant_id', new.variant_id,
      'reason', new.ended_reason,
      'ended_at_ms', (extract(epoch from new.ended_at) * 1000)::bigint));
  end if;
  return null;
end $$;
create trigger told_start after insert on private.deals
  for each row execute function private.tell_of_deal();
create trigger told_end after update of ended_at on private.deals
  for each row when (old.ended_at is null and new.ended_at is not null)
  execute function private.tell_of_deal();

-- Begins a deal of one's own live session; the same p_id again is the same deal.
-- Returns {outcome, ...}: started {deal} | session_not_found | not_yours | wrong_state {status} |
--   not_in_session | variant_unknown | price_not_lower {price_minor} | overlaps {deal} | too_many {most} |
--   stock_short {available} | key_reused
create function private.start_deal_v1(
  p_user_id uuid,
  p_id uuid,
  p_live_session_id uuid,
  p_product_id uuid,
  p_variant_id uuid,
  p_price_minor bigint,
  p_starts_in_s integer,
  p_duration_s integer,
  p_total_limit integer,
  p_customer_limit integer,
  p_is_set_aside boolean)
returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  c_most constant integer := 20;
  v_answer jsonb;
  v_other uuid;
  v_lowest_minor bigint;
  v_available integer;
begin
  v_answer := private.deal_start_refusal_v1(p_user_id, p_live_session_id, p_product_id, p_variant_id);
  if v_answer is not null then
    return v_answer;
  end if;
  select id into v_other from private.deals where id = p_id;
  if found then
    return case when exists (select from private.deals
                             where id = p_id and live_session_id = p_live_session_id
                               and product_id = p_product_id and price_minor = p_price_minor)
                then jsonb_build_object('outcome', 'started', 'deal', private.deal_json_v1(p_id))
                else jsonb_build_object('outcome', 'key_reused') end;
  end if;
  -- One price at a time: two deals on a piece would leave open which count it belongs to.
  select id into v_other from private.deals
  where live_session_id = p_live_session_id and product_id = p_product_id
    and ended_at is null and ends_at > now()
    and (variant_id is null or p_variant_id is null or variant_id = p_variant_id)
  limit 1;
  if found then
    return jsonb_build_object('outcome', 'overlaps', 'deal', private.deal_json_v1(v_other));
  end if;
  if (select count(*) >= c_most from private.deals
      where live_session_id = p_live_session_id and ended_at is null and ends_at > now()) then
    return jsonb_build_object('outcome', 'too_many', 'most', c_most);
  end if;
  select min(private.unit_price_minor_v1(
           coalesce(p.sale_price_minor, p.retail_price_minor), v.price_minor, s.special_price_minor, true))
  into v_lowest_minor
  from public.live_session_products s
  join public.products p on p.id = s.product_id
  join public.product_variants v on v.product_id = p.id
  where s.live_session_id = p_live_session_id and s.product_id = p_product_id
    and (p_variant_id is null or v.id = p_variant_id);
  if p_price_minor >= v_lowest_minor then
    return jsonb_build_object('outcome', 'price_not_lower', 'price_minor', v_lowest_minor);
  end if;

  insert into private.deals (
    id, live_session_id, product_id, variant_id, price, starts_at, ends_at, total_limit, customer_limit,
    created_by)
  values (
    p_id, p_live_session_id, p_product_id, p_variant_id, p_price_minor / 100.0,
    now() + make_interval(secs => p_starts_in_s),
    now() + make_interval(secs => p_starts_in_s + p_duration_s), p_total_limit, p_customer_limit,
    p_user_id);
  if p_is_set_aside then
    -- Stock last. A checkout that has looked already looks again when promises has moved.
    update public.product_stock set promises = promises + 1 where variant_id = p_variant_id;
    v_available := private.available_v1(p_variant_id, null, p_live_session_id);
    if v_available < p_total_limit then
      raise exception using errcode = 'LC003', message = v_available::text;
    end if;
    update private.deals set is_set_aside = true where id = p_id;
  end if;
  return jsonb_build_object('outcome', 'started', 'deal', private.deal_json_v1(p_id));
exception
  when sqlstate 'LC003' then
    return jsonb_build_object('outcome', 'stock_short', 'available', v_available);
end $$;

-- Why a deal cannot begin there, NULL when it can; the live session stays locked, so that what is told
-- of it is told in the order in which it became true.
create function private.deal_start_refusal_v1(
  p_user_id uuid, p_live_session_id uuid, p_product_id uuid, p_variant_id uuid)
returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_answer jsonb := private.lock_own_session_v1(p_user_id, p_live_session_id);
begin
  if v_answer ->> 'outcome' <> 'yours' then
    return v_answer;
  elsif v_answer ->> 'status' not in ('live', 'paused') then
    return v_answer || '{"outcome": "wrong_state"}';
  elsif not exists (select from public.live_session_products
                    where live_session_id = p_live_session_id and product_id = p_product_id) then
    return '{"outcome": "not_in_session"}'::jsonb;
  elsif p_variant_id is not null
        and not exists (select from public.product_variants
                        where id = p_variant_id and product_id = p_product_id) then
    return '{"outcome": "variant_unknown"}'::jsonb;
  end if;
  return null;
end $$;

-- {outcome: yours {status} | session_not_found | not_yours}; the row is locked when it is theirs.
create function private.lock_own_session_v1(p_user_id uuid, p_live_session_id uuid) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_status text;
  v_owner uuid;
  v_visibility text;
begin
  select l.status, i.user_id, l.visibility into v_status, v_owner, v_visibility
  from public.live_sessions l join public.influencers i on i.id = l.influencer_id
  where l.id = p_live_session_id for no key update of l;
  if not found or (v_owner <> p_user_id and v_visibility = 'private') then
    return '{"outcome": "session_not_found"}'::jsonb;
  elsif v_owner <> p_user_id then
    return '{"outcome": "not_yours"}'::jsonb;
  end if;
  return jsonb_build_object('outcome', 'yours', 'status', v_status);
end $$;

-- Ends a deal before its time; one that has ended already stays as it ended.
-- Returns {outcome, ...}: stopped | session_not_found | not_yours | deal_not_found
create function private.stop_deal_v1(p_user_id uuid, p_live_session_id uuid, p_deal_id uuid)
returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_answer jsonb := private.lock_own_session_v1(p_user_id, p_live_session_id);
begin
  if v_answer ->> 'outcome' <> 'yours' then
    return v_answer;
  elsif not exists (select from private.deals
                    where id = p_deal_id and live_session_id = p_live_session_id) then
    return '{"outcome": "deal_not_found"}'::jsonb;
  end if;
  update private.deals set ended_at = least(now(), greatest(ends_at, starts_at)),
         ended_reason = case when now() >= ends_at then 'time' else 'stopped' end
  where id = p_deal_id and ended_at is null;
  return '{"outcome": "stopped"}'::jsonb;
end $$;

create function private.end_deals_of_session() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update private.deals set ended_at = least(now(), ends_at),
         ended_reason = case when now() >= ends_at then 'time' else 'session_ended' end
  where live_session_id = new.id and ended_at is null;
  return null;
end $$;
create trigger deals_over after update of status on public.live_sessions
  for each row when (old.status is distinct from new.status
                     and new.status in ('ended', 'cancelled', 'error'))
  execute function private.end_deals_of_session();

-- What the worker does twice a second: ends what is over by the clock, by its count, or because the last
-- piece went elsewhere, and tells how many of each deal are sold. How much it did.
create function private.tick_deals_v1(p_limit integer) returns integer
language plpgsql volatile set search_path = '' as $$
declare
  v_ended integer;
  v_told integer;
begin
  with over as (
    select d.id, d.ends_at <= now() as is_late
    from private.deals d left join private.deal_counts c on c.deal_id = d.id
    where d.ended_at is null
      and (d.ends_at <= now() or c.sold >= d.total_limit
           or (d.starts_at <= now() and not exists (
                 select from public.product_stock k
                 where k.product_id = d.product_id and k.on_hand > 0
                   and (d.variant_id is null or k.variant_id = d.variant_id))))
    order by d.ends_at, d.id limit p_limit for update of d skip locked)
  update private.deals d
  set ended_at = case when o.is_late then d.ends_at else now() end,
      ended_reason = case when o.is_late then 'time' else 'sold_out' end
  from over o where d.id = o.id;
  get diagnostics v_ended = row_count;
  with behind as (
    select c.deal_id, d.live_session_id
    from private.deals d join private.deal_counts c on c.deal_id = d.id
    where d.ended_at is null and c.sold <> c.told
    order by c.deal_id limit p_limit for update of c skip locked),
  told as (
    update private.deal_counts c set told = c.sold from behind b where c.deal_id = b.deal_id
    returning c.deal_id, c.sold, b.live_session_id)
  insert into private.outbox (topic, live_session_id, payload)
  select 'deal.counted', live_session_id, jsonb_build_object('deal_id', deal_id, 'sold', sold) from told;
  get diagnostics v_told = row_count;
  return v_ended + v_told;
end $$;

-- ---------------------------------------------------------------------------------------------
-- A price that is edited while it is on the screen

-- Tells the live sessions on air that show one of these products what its variants cost now, beside
-- deals. p_live_session_id: only that one; NULL for all.
create function private.tell_prices_v1(p_product_id uuid, p_live_session_id uuid) returns void
language sql volatile security definer set search_path = '' as $$
  insert into private.outbox (topic, live_session_id, payload)
  select 'price.changed', l.id, jsonb_build_object(
           'product_id', p.id, 'variant_id', v.id,
           'price_minor', private.unit_price_minor_v1(
             coalesce(p.sale_price_minor, p.retail_price_minor), v.price_minor, s.special_price_minor,
             true),
           'mrp_minor', p.retail_price_minor)
  from public.live_session_products s
  join public.live_sessions l on l.id = s.live_session_id and l.status in ('live', 'paused')
  join public.products p on p.id = s.product_id
  join public.product_variants v on v.product_id = p.id
  where s.product_id = p_product_id and (p_live_session_id is null or l.id = p_live_session_id)
  order by l.id, v.position, v.id
$$;

create function private.tell_of_price() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  -- Of three tables, which have different columns.
  v_new constant jsonb := to_jsonb(new);
begin
  perform private.tell_prices_v1(
    (case tg_table_name when 'products' then v_new ->> 'id' else v_new ->> 'product_id' end)::uuid,
    (v_new ->> 'live_session_id')::uuid);
  return null;
end $$;
create trigger price_told after update of retail_price, sale_price on public.products
  for each row when ((old.retail_price, old.sale_price) is distinct from (new.retail_price, new.sale_price))
  execute function private.tell_of_price();
create trigger price_told after update of price on public.product_variants
  for each row when (old.price is distinct from new.price) execute function private.tell_of_price();
create trigger price_told after update of special_price on public.live_session_products
  for each row when (old.special_price is distinct from new.special_price)
  execute function private.tell_of_price();

revoke execute on function
  private.deal_json_v1(uuid), private.tell_of_deal(),
  private.start_deal_v1(uuid, uuid, uuid, uuid, uuid, bigint, integer, integer, integer, integer, boolean),
  private.deal_start_refusal_v1(uuid, uuid, uuid, uuid), private.lock_own_session_v1(uuid, uuid),
  private.stop_deal_v1(uuid, uuid, uuid), private.end_deals_of_session(), private.tick_deals_v1(integer),
  private.tell_prices_v1(uuid, uuid), private.tell_of_price()
  from public, anon, authenticated;
grant execute on function
  private.deal_json_v1(uuid), private.tell_of_deal(),
  private.start_deal_v1(uuid, uuid, uuid, uuid, uuid, bigint, integer, integer, integer, integer, boolean),
  private.deal_start_refusal_v1(uuid, uuid, uuid, uuid), private.lock_own_session_v1(uuid, uuid),
  private.stop_deal_v1(uuid, uuid, uuid), private.end_deals_of_session(), private.tick_deals_v1(integer),
  private.tell_prices_v1(uuid, uuid), private.tell_of_price()
  to service_role;
