-- Holds and the waitlist: promises of stock that end by themselves.
--
-- A hold counts from its insert to expires_at, whether the worker is late or not. Releasing is deleting
-- the row, so it happens once, whoever comes first: the customer, the sweep or the order that buys it.
--
-- Locks: the right to make a hold of this customer and variant (private.may_make_hold_v1), the hold, then
-- product_stock by variant_id, as in a checkout, which makes no holds. Each new promise moves
-- product_stock.promises under that last lock, which is how a checkout that has looked already notices.

-- Of which variants another number of pieces is free now, and to whom something was promised or is no
-- longer; read by private.tell_availability_v1.
create table private.availability_changes (
  id bigint generated always as identity primary key,
  variant_id uuid not null,
  customer_id uuid,
  live_session_id uuid
);
comment on table private.availability_changes is 'queue of private.tell_availability_v1';
comment on column private.availability_changes.customer_id is
  'whose hold or place on the waitlist changed; NULL when the stock itself did';
alter table private.availability_changes enable row level security;
revoke all on private.availability_changes from public, anon, authenticated, service_role;
grant select, insert, update, delete on private.availability_changes to service_role;
grant usage on all sequences in schema private to service_role;
create policy service on private.availability_changes for all to service_role
  using (true) with check (true);

create function private.note_hold_changes() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'DELETE' then
    insert into private.availability_changes (variant_id, customer_id, live_session_id)
    select variant_id, customer_id, live_session_id from old_rows;
  else
    insert into private.availability_changes (variant_id, customer_id, live_session_id)
    select variant_id, customer_id, live_session_id from new_rows;
  end if;
  return null;
end $$;
create trigger hold_inserted after insert on private.stock_holds referencing new table as new_rows
  for each statement execute function private.note_hold_changes();
create trigger hold_updated after update on private.stock_holds referencing new table as new_rows
  for each statement execute function private.note_hold_changes();
create trigger hold_deleted after delete on private.stock_holds referencing old table as old_rows
  for each statement execute function private.note_hold_changes();

-- A checkout tells itself what it leaves. What comes back, and what is counted anew, is told from here.
create function private.note_stock_news() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.availability_changes (variant_id)
  select distinct variant_id from new_rows where delta > 0 or order_id is null;
  return null;
end $$;
create trigger told after insert on private.stock_moves referencing new table as new_rows
  for each statement execute function private.note_stock_news();

-- {policy, ttl_s} of a customer in a live session; p_live_session_id NULL: outside of one.
create function private.hold_terms_v1(p_customer_id uuid, p_live_session_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'policy', coalesce(c.hold_policy, l.hold_policy, 'hold'), 'ttl_s', coalesce(l.hold_ttl_s, 600))
  from public.customers c left join public.live_sessions l on l.id = p_live_session_id
  where c.id = p_customer_id
$$;

-- What a customer has of a variant: {variant_id, product_id, quantity, expires_at_ms, source, waiting,
-- is_turn}. quantity 0: no hold. waiting: pieces waited for. is_turn: the waitlist came to them lately.
create function private.hold_json_v1(p_customer_id uuid, p_variant_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'variant_id', v.id, 'product_id', v.product_id, 'quantity', coalesce(h.quantity, 0),
    'expires_at_ms', (extract(epoch from h.expires_at) * 1000)::bigint, 'source', h.source,
    'waiting', coalesce((select w.quantity from private.waitlist w
                         where w.variant_id = v.id and w.customer_id = p_customer_id
                           and w.status = 'waiting'), 0),
    'is_turn', exists (select from private.waitlist w
                       where w.variant_id = v.id and w.customer_id = p_customer_id
                         and w.promoted_at > now() - interval '10 minutes'
                         and w.status in ('waiting', 'promoted')))
  from public.product_variants v
  left join private.stock_holds h
    on h.variant_id = v.id and h.customer_id = p_customer_id and h.expires_at > now()
  where v.id = p_variant_id
$$;

-- One maker of a hold at a time: where there is no row yet, there is none to lock. With p_waits it answers
-- when it is true; without it, false means that somebody else is about it just now.
create function private.may_make_hold_v1(p_customer_id uuid, p_variant_id uuid, p_waits boolean)
returns boolean
language plpgsql volatile set search_path = '' as $$
declare
  v_lock bigint := hashtextextended(p_customer_id::text || p_variant_id::text, 520);
begin
  if p_waits then
    perform pg_advisory_xact_lock(v_lock);
    perform 1 from private.stock_holds
    where customer_id = p_customer_id and variant_id = p_variant_id for update;
    return true;
  elsif not pg_try_advisory_xact_lock(v_lock) then
    return false;
  end if;
  perform 1 from private.stock_holds
  where customer_id = p_customer_id and variant_id = p_variant_id for update skip locked;
  return found or not exists (select from private.stock_holds
                              where customer_id = p_customer_id and variant_id = p_variant_id);
end $$;

-- Promises up to p_quantity pieces of a variant in all (not: more) to a customer. A hold that is asked
-- for again goes on from now, to three times its time at most: then somebody else may have a turn.
-- p_source: cart | comment | waitlist | staff; what staff holds needs no policy.
-- Returns {outcome, ...}: held {hold, missing} | sold_out {available} | first_paid {available} |
--   unavailable | not_customer. missing: pieces wished that nobody could promise.
create function private.hold_v1(
  p_customer_id uuid, p_variant_id uuid, p_quantity integer, p_live_session_id uuid, p_source text)
returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_terms jsonb := private.hold_terms_v1(p_customer_id, p_live_session_id);
  v_product_id uuid;
  v_available integer;
  v_own integer;
  v_wished integer;
  v_held integer;
begin
  if v_terms is null then
    return '{"outcome": "not_customer"}'::jsonb;
  end if;
  select product_id into v_product_id from public.product_variants where id = p_variant_id;
  if not found or not private.is_for_sale(v_product_id) then
    return '{"outcome": "unavailable"}'::jsonb;
  end if;
  if v_terms ->> 'policy' = 'first_paid' and p_source <> 'staff' then
    return jsonb_build_object('outcome', 'first_paid', 'available',
                              private.available_v1(p_variant_id, p_customer_id, p_live_session_id));
  end if;
  perform private.may_make_hold_v1(p_customer_id, p_variant_id, true);
  perform 1 from public.product_stock where variant_id = p_variant_id for no key update;
  v_own := coalesce((select quantity from private.stock_holds
                     where customer_id = p_customer_id and variant_id = p_variant_id
                       and expires_at > now()), 0);
  -- What is promised stays promised, also when a deal has set stock aside since.
  v_available := greatest(
    v_own, private.available_v1(p_variant_id, p_customer_id, p_live_session_id));
  -- Who says it again in the chat wants no less.
  v_wished := case when p_source = 'comment' then greatest(p_quantity, v_own) else p_quantity end;
  v_held := least(v_wished, v_available);
  if v_held < 1 then
    return jsonb_build_object('outcome', 'sold_out', 'available', v_available);
  end if;
  perform private.write_hold_v1(p_customer_id, p_variant_id, v_held, p_live_session_id, p_source,
                                (v_terms ->> 'ttl_s')::integer);
  if v_held > v_own then
    update public.product_stock set promises = promises + 1 where variant_id = p_variant_id;
  elsif v_held < v_own then
    perform private.promote_waitlist_v1(p_variant_id, 100);
  end if;
  return jsonb_build_object('outcome', 'held', 'missing', v_wished - v_held,
                            'hold', private.hold_json_v1(p_customer_id, p_variant_id));
end $$;

-- The row itself; under the lock of its product_stock. An expired one begins anew.
create function private.write_hold_v1(
  p_customer_id uuid, p_variant_id uuid, p_quantity integer, p_live_session_id uuid, p_source text,
  p_ttl_s integer)
returns void
language sql volatile set search_path = '' as $$
  insert into private.stock_holds as h (
    id, variant_id, customer_id, quantity, expires_at, created_at, live_session_id, source)
  values (private.uuid7(), p_variant_id, p_customer_id, p_quantity,
          now() + make_interval(secs => p_ttl_s), now(), p_live_session_id, p_source)
  on conflict (customer_id, variant_id) do update
  set quantity = excluded.quantity,
      source = case when h.expires_at > now() then h.source else excluded.source end,
      live_session_id = coalesce(excluded.live_session_id, h.live_session_id),
      created_at = case when h.expires_at > now() then h.created_at else now() end,
      expires_at = case when h.expires_at > now()
                        then greatest(h.expires_at, least(
                               excluded.expires_at, h.created_at + make_interval(secs => 3 * p_ttl_s)))
                        else excluded.expires_at end
$$;

-- Gives back what a customer holds of a variant; how many pieces, 0 when there was nothing (any more).
create function private.release_hold_v1(p_customer_id uuid, p_variant_id uuid) returns integer
language plpgsql volatile set search_path = '' as $$
declare
  v_released integer;
begin
  delete from private.stock_holds where customer_id = p_customer_id and variant_id = p_variant_id
  returning case when expires_at > now() then quantity else 0 end into v_released;
  if not found then
    return 0;
  end if;
  -- Within this transaction, so that nobody is served between a release and who waits for it.
  perform private.promote_waitlist_v1(p_variant_id, 100);
  return v_released;
end $$;

-- ---------------------------------------------------------------------------------------------
-- The waitlist

-- Returns {outcome, ...}: waiting {hold, ahead} | available {available} | unavailable | not_customer |
--   too_many {most}. ahead: how many wait before.
create function private.join_waitlist_v1(
  p_customer_id uuid, p_variant_id uuid, p_quantity integer, p_live_session_id uuid)
returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  c_most constant integer := 50;
  v_product_id uuid;
  v_available integer;
  v_own integer;
begin
  if not exists (select from public.customers where id = p_customer_id) then
    return '{"outcome": "not_customer"}'::jsonb;
  end if;
  select product_id into v_product_id from public.product_variants where id = p_variant_id;
  if not found or not private.is_for_sale(v_product_id) then
    return '{"outcome": "unavailable"}'::jsonb;
  end if;
  v_own := coalesce((select quantity from private.stock_holds
                     where customer_id = p_customer_id and variant_id = p_variant_id
                       and expires_at > now()), 0);
  v_available := private.available_v1(p_variant_id, p_customer_id, p_live_session_id) - v_own;
  if v_available >= p_quantity then
    return jsonb_build_object('outcome', 'available', 'available', v_available);
  end if;
  if (select count(*) >= c_most from private.waitlist
      where customer_id = p_customer_id and status = 'waiting' and variant_id <> p_variant_id) then
    return jsonb_build_object('outcome', 'too_many', 'most', c_most);
  end if;
  insert into private.waitlist (variant_id, product_id, customer_id, live_session_id, quantity)
  values (p_variant_id, v_product_id, p_customer_id, p_live_session_id, p_quantity)
  on conflict (variant_id, customer_id) where status = 'waiting'
  do update set quantity = excluded.quantity;
  insert into private.availability_changes (variant_id, customer_id, live_session_id)
  values (p_variant_id, p_customer_id, p_live_session_id);
  return jsonb_build_object(
    'outcome', 'waiting', 'hold', private.hold_json_v1(p_customer_id, p_variant_id),
    'ahead', (select count(*) from private.waitlist w, private.waitlist me
              where me.variant_id = p_variant_id and me.customer_id = p_customer_id
                and me.status = 'waiting' and w.variant_id = p_variant_id and w.status = 'waiting'
                and (w.created_at, w.id) < (me.created_at, me.id)));
end $$;

-- Whether the customer waited.
create function private.leave_waitlist_v1(p_customer_id uuid, p_variant_id uuid) returns boolean
language plpgsql volatile set search_path = '' as $$
declare
  v_live_session_id uuid;
begin
  update private.waitlist set status = 'left'
  where customer_id = p_customer_id and variant_id = p_variant_id and status = 'waiting'
  returning live_session_id into v_live_session_id;
  if not found then
    return false;
  end if;
  insert into private.availability_changes (variant_id, customer_id, live_session_id)
  values (p_variant_id, p_customer_id, v_live_session_id);
  return true;
end $$;

-- Gives what is free of a variant to those who wait, first come first served, each as much as is there;
-- how many got some. Where holds are not made (first paid, first served) it tells them, and no more.
create function private.promote_waitlist_v1(p_variant_id uuid, p_limit integer) returns integer
language plpgsql volatile set search_path = '' as $$
declare
  v_next private.waitlist;
  v_candidates private.waitlist[];
  v_most integer;
  v_terms jsonb;
  v_own integer;
  v_free integer;
  v_share integer;
  v_told integer := 0;
  v_promoted integer := 0;
begin
  if not exists (select from private.waitlist where variant_id = p_variant_id and status = 'waiting') then
    return 0;
  end if;
  -- Nobody gets less than one; so many can have a turn.
  v_most := least(p_limit,
    (select on_hand from public.product_stock where variant_id = p_variant_id)
    - coalesce((select sum(quantity) from private.stock_holds
                where variant_id = p_variant_id and expires_at > now()), 0));
  for v_next in
    select * from private.waitlist where variant_id = p_variant_id and status = 'waiting'
    order by created_at, id limit greatest(0, v_most) for update skip locked
  loop
    -- Whoever cannot be served at this moment is not passed over: the worker comes again.
    exit when not private.may_make_hold_v1(v_next.customer_id, p_variant_id, false);
    v_candidates := v_candidates || v_next;
  end loop;
  if v_candidates is null then
    return 0;
  end if;
  perform 1 from public.product_stock where variant_id = p_variant_id for no key update;
  foreach v_next in array v_candidates loop
    v_own := coalesce((select quantity from private.stock_holds
                       where customer_id = v_next.customer_id and variant_id = p_variant_id
                         and expires_at > now()), 0);
    v_free := private.available_v1(p_variant_id, v_next.customer_id, v_next.live_session_id)
              - v_own - v_told;
    exit when v_free < 1;
    v_share := least(v_free, v_next.quantity);
    v_terms := private.hold_terms_v1(v_next.customer_id, v_next.live_session_id);
    if v_terms ->> 'policy' = 'first_paid' then
      v_told := v_told + v_share;
      insert into private.availability_changes (variant_id, customer_id, live_session_id)
      values (p_variant_id, v_next.customer_id, v_next.live_session_id);
    else
      perform private.write_hold_v1(v_next.customer_id, p_variant_id, v_own + v_share,
                                    v_next.live_session_id, 'waitlist',
                                    (v_terms ->> 'ttl_s')::integer);
    end if;
    update private.waitlist
    set status = case when v_share = quantity then 'promoted' else 'waiting' end,
        quantity = case when v_share = quantity then quantity else quantity - v_share end,
        promoted_at = now()
    where id = v_next.id;
    perform private.notify_of_turn_v1(v_next, v_share, v_terms);
    v_promoted := v_promoted + 1;
  end loop;
  if v_promoted > 0 then
    update public.product_stock set promises = promises + 1 where variant_id = p_variant_id;
  end if;
  return v_promoted;
end $$;

create function private.notify_of_turn_v1(p_waiting private.waitlist, p_share integer, p_terms jsonb)
returns void
language sql volatile security definer set search_path = '' as $$
  insert into public.notifications (
    user_id, type, title, message, live_session_id, related_type, related_id, action_url)
  select c.user_id, 'special_offer', 'It is your turn',
         case when p_terms ->> 'policy' = 'first_paid'
              then format('"%s" is back: whoever pays first has it.', p.name)
              else format('%s of "%s" held for you for %s minutes.', p_share, p.name,
                          ((p_terms ->> 'ttl_s')::integer + 59) / 60) end,
         p_waiting.live_session_id, 'waitlist', p_waiting.id,
         case when p_waiting.live_session_id is null then '/products/' || p.id
              else '/live/' || p_waiting.live_session_id end
  from public.customers c, public.products p
  where c.id = p_waiting.customer_id and p.id = p_waiting.product_id
  on conflict (user_id, type, related_id) where related_id is not null and not is_deleted
  do update set title = excluded.title, message = excluded.message, is_read = false, read_at = null,
                created_at = now()
$$;

-- ---------------------------------------------------------------------------------------------
-- What the worker does twice a second

-- Deletes the holds that are over and serves who waits for what is free, by whatever way it became free.
-- How much it did.
create function private.sweep_holds_v1(p_limit integer) returns integer
language plpgsql volatile set search_path = '' as $$
declare
  v_variant_id uuid;
  v_done integer;
begin
  with over as (
    select id from private.stock_holds where expires_at <= now()
    order by expires_at, id limit p_limit for update skip locked)
  delete from private.stock_holds h using over where h.id = over.id;
  get diagnostics v_done = row_count;
  for v_variant_id in
    select w.variant_id from (
      select distinct variant_id from private.waitlist where status = 'waiting') w
    join public.product_stock k on k.variant_id = w.variant_id
    where k.on_hand > (select coalesce(sum(h.quantity), 0) from private.stock_holds h
                       where h.variant_id = w.variant_id and h.expires_at > now())
    order by w.variant_id limit p_limit
  loop
    v_done := v_done + private.promote_waitlist_v1(v_variant_id, p_limit);
  end loop;
  return v_done;
end $$;

-- Tells the rooms how many pieces of a variant are free, and each customer what is promised to them; how
-- many changes were told. One teller at a time, and under the lock under which a checkout tells the same:
-- of two numbers the one that is told last is the later one.
create function private.tell_availability_v1(p_limit integer) returns integer
language plpgsql volatile set search_path = '' as $$
declare
  v_variant_ids uuid[];
  v_told integer;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('livecommerce.tell_availability', 0)) then
    return 0;
  end if;
  with taken as (
    delete from private.availability_changes
    where id in (select id from private.availability_changes order by id limit p_limit)
    returning variant_id, customer_id, live_session_id),
  promised as (
    insert into private.outbox (topic, live_session_id, payload)
    select 'hold.changed', t.live_session_id,
           jsonb_build_object('user_id', c.user_id,
                              'hold', private.hold_json_v1(t.customer_id, t.variant_id))
    from (select distinct variant_id, customer_id, live_session_id from taken
          where live_session_id is not null) t
    join public.customers c on c.id = t.customer_id)
  select array_agg(distinct variant_id), count(*) into v_variant_ids, v_told from taken;
  if v_told = 0 then
    return 0;
  end if;
  select array_agg(distinct s.variant_id) into v_variant_ids
  from public.product_stock s
  join public.live_session_products p on p.product_id = s.product_id
  join public.live_sessions l on l.id = p.live_session_id and l.status in ('live', 'paused')
  where s.variant_id = any (v_variant_ids);
  perform 1 from public.product_stock where variant_id = any (v_variant_ids)
  order by variant_id for no key update;
  insert into private.outbox (topic, live_session_id, payload)
  select 'stock.changed', l.id, jsonb_build_object(
           'product_id', k.product_id, 'variant_id', k.variant_id,
           'stock', private.available_v1(k.variant_id, null, l.id))
  from public.product_stock k
  join public.live_session_products p on p.product_id = k.product_id
  join public.live_sessions l on l.id = p.live_session_id and l.status in ('live', 'paused')
  where k.variant_id = any (v_variant_ids)
  order by l.id, k.variant_id;
  return v_told;
end $$;

-- What became of those whose turn it was, and of those who wait for longer than anybody remembers.
-- A batch of maintenance, see 20261123000800_maintenance.sql.
create function private.settle_waitlist_v1(p_now timestamptz, p_after text, p_limit integer)
returns table (done integer, walked_to text)
language sql volatile set search_path = '' as $$
  with due as (
    select w.id, w.customer_id, w.variant_id, w.status, w.promoted_at
    from private.waitlist w
    where w.id > coalesce(p_after::uuid, '00000000-0000-0000-0000-000000000000')
      and (w.status = 'waiting' and w.created_at < p_now - interval '30 days'
           or w.status = 'promoted' and w.promoted_at < p_now - interval '10 minutes'
              and not exists (select from private.stock_holds h
                              where h.customer_id = w.customer_id and h.variant_id = w.variant_id
                                and h.expires_at > p_now))
    order by w.id limit p_limit for update skip locked),
  settled as (
    update private.waitlist w
    set status = case when d.status = 'promoted' and exists (
                        select from public.orders o join public.order_items i on i.order_id = o.id
                        where o.customer_id = d.customer_id and o.created_at >= d.promoted_at
                          and i.variant_id = d.variant_id)
                      then 'bought' else 'lapsed' end
    from due d where w.id = d.id
    returning 1)
  select (select count(*) from settled)::integer, (select max(id::text) from due)
$$;

revoke execute on function
  private.note_hold_changes(), private.note_stock_news(), private.hold_terms_v1(uuid, uuid),
  private.hold_json_v1(uuid, uuid), private.may_make_hold_v1(uuid, uuid, boolean),
  private.hold_v1(uuid, uuid, integer, uuid, text),
  private.write_hold_v1(uuid, uuid, integer, uuid, text, integer), private.release_hold_v1(uuid, uuid),
  private.join_waitlist_v1(uuid, uuid, integer, uuid), private.leave_waitlist_v1(uuid, uuid),
  private.promote_waitlist_v1(uuid, integer),
  private.notify_of_turn_v1(private.waitlist, integer, jsonb), private.sweep_holds_v1(integer),
  private.tell_availability_v1(integer), private.settle_waitlist_v1(timestamptz, text, integer)
  from public, anon, authenticated;
grant execute on function
  private.note_hold_changes(), private.note_stock_news(), private.hold_terms_v1(uuid, uuid),
  private.hold_json_v1(uuid, uuid), private.may_make_hold_v1(uuid, uuid, boolean),
  private.hold_v1(uuid, uuid, integer, uuid, text),
  private.write_hold_v1(uuid, uuid, integer, uuid, text, integer), private.release_hold_v1(uuid, uuid),
  private.join_waitlist_v1(uuid, uuid, integer, uuid), private.leave_waitlist_v1(uuid, uuid),
  private.promote_waitlist_v1(uuid, integer),
  private.notify_of_turn_v1(private.waitlist, integer, jsonb), private.sweep_holds_v1(integer),
  private.tell_availability_v1(integer), private.settle_waitlist_v1(timestamptz, text, integer)
  to service_role;
