-- The ledger: double entry, append-only, in the transaction of what it tells of.
--
-- Amounts are in paise. A credit (what is owed or earned) is more than nothing, a debit (what is held or
-- outstanding) is less, so the entries of an event sum up to 0, and so do the balances of all accounts.
-- An event happens once: whoever posts it again posts nothing.

-- What changes of influencer_earnings only lets more in than before.
-- squawk-ignore-file constraint-missing-not-valid, ban-drop-constraint

create table private.ledger_accounts (
  id bigint generated always as identity primary key,
  name text not null check (name in (
    'customer_receivable', 'gateway_clearing', 'cod_in_transit', 'wholesaler_pending',
    'wholesaler_available', 'influencer_pending', 'influencer_available', 'platform_fee_income',
    'platform_influencer_cut', 'gst_on_fees', 'tcs_payable', 'tds_payable', 'shipping_income',
    'cod_fee_income', 'discount_funding', 'refunds_payable', 'store_credit', 'payout_clearing',
    'adjustments', 'rounding')),
  -- The wholesaler, influencer or customer whose it is; of cod_in_transit the wholesaler who holds the
  -- cash, NULL for the courier.
  owner_id uuid,
  -- Of gateway_clearing: who holds the money.
  provider text not null default '',
  currency text not null default 'INR',
  balance_minor bigint not null default 0,
  -- How many entries it has. Payouts claim entries by these numbers, up to paid_version.
  version bigint not null default 0,
  paid_version bigint not null default 0 check (paid_version between 0 and version),
  created_at timestamptz not null default now(),
  constraint ledger_accounts_once unique nulls not distinct (name, owner_id, provider, currency),
  constraint ledger_accounts_of_payees check (
    name not in ('wholesaler_pending', 'wholesaler_available', 'influencer_pending',
                 'influencer_available', 'store_credit') or owner_id is not null)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01);
create index ledger_accounts_owner_id on private.ledger_accounts (owner_id) where owner_id is not null;
comment on table private.ledger_accounts is 'balances of the ledger; credit is more than nothing';

create table private.ledger_events (
  id bigint generated always as identity primary key,
  source_type text not null check (source_type in ('payment', 'order_item', 'refund', 'payout', 'adjustment')),
  source_id uuid not null,
  event text not null,
  order_id uuid,
  note text,
  actor_user_id uuid,
  event_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  constraint ledger_events_once unique (source_type, source_id, event)
);
create index ledger_events_order_id on private.ledger_events (order_id) where order_id is not null;
create index ledger_events_event_at on private.ledger_events (event_at);
comment on table private.ledger_events is 'what was posted; each once';

create table private.ledger_entries (
  id bigint generated always as identity primary key,
  event_id bigint not null references private.ledger_events,
  account_id bigint not null references private.ledger_accounts,
  leg text not null,
  order_item_id uuid,
  amount_minor bigint not null check (amount_minor <> 0),
  previous_minor bigint not null,
  balance_minor bigint not null,
  account_version bigint not null,
  constraint ledger_entries_once unique nulls not distinct (event_id, leg, order_item_id),
  constraint ledger_entries_in_turn unique (account_id, account_version),
  constraint ledger_entries_add_up check (previous_minor + amount_minor = balance_minor)
);
create index ledger_entries_order_item_id on private.ledger_entries (order_item_id)
  where order_item_id is not null;
create index ledger_entries_account_id on private.ledger_entries (account_id, id);
comment on table private.ledger_entries is 'the legs of events; append-only';

create function private.refuse_ledger_change() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = '42501',
    message = 'the ledger is append-only: post an event that reverses what is wrong';
end $$;
create trigger append_only before update or delete or truncate on private.ledger_entries
  for each statement execute function private.refuse_ledger_change();
create trigger append_only before update or delete or truncate on private.ledger_events
  for each statement execute function private.refuse_ledger_change();

-- How far the money of an order item is. Its amounts follow from its split, the quantity that was paid
-- for and what was given back of it, so they are not written down a second time.
create table private.ledger_lines (
  order_item_id uuid primary key,
  order_id uuid not null,
  wholesaler_id uuid not null,
  influencer_id uuid,
  -- With payment_id its money is in the ledger, for this quantity.
  payment_id uuid,
  quantity integer not null default 0 check (quantity >= 0),
  money_at timestamptz,
  delivered_at timestamptz,
  -- The later of the two: the hold runs from here on.
  earned_at timestamptz,
  released_at timestamptz,
  refunded_quantity integer not null default 0,
  refunded_minor bigint not null default 0 check (refunded_minor >= 0),
  constraint ledger_lines_refunded check (refunded_quantity between 0 and quantity),
  constraint ledger_lines_earned check (
    earned_at is null or (money_at is not null and delivered_at is not null)),
  constraint ledger_lines_released check (released_at is null or earned_at is not null)
) with (fillfactor = 80);
create index ledger_lines_order_id on private.ledger_lines (order_id);
create index ledger_lines_payment_id on private.ledger_lines (payment_id);
create index ledger_lines_wholesaler_id on private.ledger_lines (wholesaler_id);
create index ledger_lines_influencer_id on private.ledger_lines (influencer_id);
create index ledger_lines_on_hold on private.ledger_lines (order_item_id)
  where earned_at is not null and released_at is null;
comment on table private.ledger_lines is
  'when the money of an order item came in, was earned and is free for payout, and what was given back';

-- ---------------------------------------------------------------------------------------------
-- Amounts. The same rules stand in shop/money.py, where they are tested on everything.

create function private.half_up(p_amount bigint, p_part bigint, p_whole bigint) returns bigint
language sql immutable set search_path = '' as $$
  select div(2 * p_amount::numeric * p_part + p_whole, 2 * p_whole::numeric)::bigint
$$;

-- p_total in shares like these weights, by largest remainder; of equal remainders the first.
create function private.apportion(p_total bigint, p_weights bigint[]) returns bigint[]
language sql immutable set search_path = '' as $$
  with weighed as (
    select place, div(p_total::numeric * weight, whole)::bigint as floor_minor,
           mod(p_total::numeric * weight, whole) as remainder
    from unnest(p_weights) with ordinality w (weight, place),
         (select nullif(sum(w), 0) as whole from unnest(p_weights) w) s),
  ranked as (
    select place, floor_minor, row_number() over (order by remainder desc, place) as rank,
           p_total - sum(floor_minor) over () as missing
    from weighed)
  select coalesce(
    array_agg(coalesce(floor_minor, 0) + case when rank <= missing then 1 else 0 end order by place), '{}')
  from ranked
$$;

-- What an order item, or a part of it, comes to for each. influencer_minor: without what the platform
-- keeps of the commission. discount_minor: the coupon's share when somebody else makes it up to the
-- wholesaler, which stands beside paid_minor.
create type private.ledger_share as (
  paid_minor bigint,
  wholesaler_minor bigint,
  influencer_minor bigint,
  cut_minor bigint,
  fee_minor bigint,
  fee_gst_minor bigint,
  tcs_minor bigint,
  tds_minor bigint,
  discount_minor bigint
);

create function private.share_of_split(s private.order_item_splits) returns private.ledger_share
language sql immutable set search_path = '' as $$
  select row(s.paid_minor, s.wholesaler_minor, s.commission_minor - s.cut_minor, s.cut_minor,
             s.fee_minor, s.fee_gst_minor, s.tcs_minor, s.tds_minor,
             case when s.funded_by in ('platform', 'influencer') then s.discount_minor else 0 end
            )::private.ledger_share
$$;

-- p_part of p_whole of a share. Each leg is rounded half up; the wholesaler's is what is left, so that
-- the legs come to what was paid. The whole is exactly the share.
create function private.part_of_share(s private.ledger_share, p_part bigint, p_whole bigint)
returns private.ledger_share
language plpgsql immutable set search_path = '' as $$
declare
  r private.ledger_share;
begin
  if p_part = p_whole then
    return s;
  end if;
  r.paid_minor := private.half_up(s.paid_minor, p_part, p_whole);
  r.influencer_minor := private.half_up(s.influencer_minor, p_part, p_whole);
  r.cut_minor := private.half_up(s.cut_minor, p_part, p_whole);
  r.fee_minor := private.half_up(s.fee_minor, p_part, p_whole);
  r.fee_gst_minor := private.half_up(s.fee_gst_minor, p_part, p_whole);
  r.tcs_minor := private.half_up(s.tcs_minor, p_part, p_whole);
  r.tds_minor := private.half_up(s.tds_minor, p_part, p_whole);
  r.discount_minor := private.half_up(s.discount_minor, p_part, p_whole);
  r.wholesaler_minor := r.paid_minor - r.influencer_minor - r.cut_minor - r.fee_minor - r.fee_gst_minor
                        - r.tcs_minor - r.tds_minor;
  return r;
end $$;

-- What was given back of a share, in sum: by pieces when the amount is that of the pieces, else by amount.
create function private.given_back(
  s private.ledger_share, p_quantity integer, p_refunded_quantity integer, p_refunded_minor bigint)
returns private.ledger_share
language plpgsql immutable set search_path = '' as $$
begin
  if p_refunded_minor >= s.paid_minor and s.paid_minor > 0 then
    return s;
  elsif p_quantity = 0 then
    return private.part_of_share(s, 0, 1);
  elsif s.paid_minor = 0
        or p_refunded_minor = private.half_up(s.paid_minor, p_refunded_quantity, p_quantity) then
    return private.part_of_share(s, p_refunded_quantity, p_quantity);
  end if;
  return private.part_of_share(s, p_refunded_minor, s.paid_minor);
end $$;

create function private.less_v1(a private.ledger_share, b private.ledger_share)
returns private.ledger_share
language sql immutable set search_path = '' as $$
  select row(a.paid_minor - b.paid_minor, a.wholesaler_minor - b.wholesaler_minor,
             a.influencer_minor - b.influencer_minor, a.cut_minor - b.cut_minor,
             a.fee_minor - b.fee_minor, a.fee_gst_minor - b.fee_gst_minor, a.tcs_minor - b.tcs_minor,
             a.tds_minor - b.tds_minor, a.discount_minor - b.discount_minor)::private.ledger_share
$$;

-- The share of a line that was paid for, and what was given back of it.
create function private.paid_share_v1(l private.ledger_lines, s private.order_item_splits, p_sold integer)
returns private.ledger_share
language sql immutable set search_path = '' as $$
  select private.part_of_share(private.share_of_split(s), l.quantity, p_sold)
$$;

create function private.returned_share_v1(l private.ledger_lines, s private.order_item_splits, p_sold integer)
returns private.ledger_share
language sql immutable set search_path = '' as $$
  select private.given_back(private.paid_share_v1(l, s, p_sold), l.quantity, l.refunded_quantity,
                            l.refunded_minor)
$$;

-- ---------------------------------------------------------------------------------------------
-- Posting

create type private.ledger_leg as (
  source_type text,
  source_id uuid,
  event text,
  order_id uuid,
  leg text,
  order_item_id uuid,
  account text,
  owner_id uuid,
  provider text,
  amount_minor bigint
);

-- Post events by their legs; how many of them are new. Legs of 0 make no entry, but do make the event.
-- Events first and then accounts, both in order: who posts the same event waits before it holds anything.
create function private.post_legs(
  p_legs private.ledger_leg[], p_event_at timestamptz default now(), p_note text default null,
  p_actor_user_id uuid default null) returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_event_ids bigint[];
  v_off record;
begin
  with made as (
    insert into private.ledger_events (
      source_type, source_id, event, order_id, note, actor_user_id, event_at)
    select distinct l.source_type, l.source_id, l.event, l.order_id, p_note, p_actor_user_id, p_event_at
    from unnest(p_legs) l order by l.source_type, l.source_id, l.event
    on conflict do nothing
    returning id)
  select array_agg(id) into v_event_ids from made;
  if v_event_ids is null then
    return 0;
  end if;

  insert into private.ledger_accounts (name, owner_id, provider)
  select distinct l.account, l.owner_id, coalesce(l.provider, '') from unnest(p_legs) l
  where l.amount_minor <> 0 and not exists (
    select from private.ledger_accounts a
    where a.name = l.account and a.owner_id is not distinct from l.owner_id
      and a.provider = coalesce(l.provider, '') and a.currency = 'INR')
  order by 1, 2, 3
  on conflict do nothing;
  perform 1 from private.ledger_accounts a
  where a.id in (
    select b.id from private.ledger_accounts b join unnest(p_legs) l
      on b.name = l.account and b.owner_id is not distinct from l.owner_id
     and b.provider = coalesce(l.provider, '') and b.currency = 'INR'
    where l.amount_minor <> 0)
  order by a.id for no key update;

  with entered as (
    insert into private.ledger_entries (
      event_id, account_id, leg, order_item_id, amount_minor, previous_minor, balance_minor, account_version)
    select e.id, a.id, l.leg, l.order_item_id, l.amount_minor,
           a.balance_minor + sum(l.amount_minor) over in_turn - l.amount_minor,
           a.balance_minor + sum(l.amount_minor) over in_turn,
           a.version + row_number() over in_turn
    from unnest(p_legs) l
    join private.ledger_events e
      on e.source_type = l.source_type and e.source_id = l.source_id and e.event = l.event
     and e.id = any (v_event_ids)
    join private.ledger_accounts a
      on a.name = l.account and a.owner_id is not distinct from l.owner_id
     and a.provider = coalesce(l.provider, '') and a.currency = 'INR'
    where l.amount_minor <> 0
    window in_turn as (partition by a.id order by e.id, l.order_item_id nulls first, l.leg
                       rows between unbounded preceding and current row)
    order by e.id, l.order_item_id nulls first, l.leg
    returning account_id, amount_minor)
  update private.ledger_accounts a
  set balance_minor = a.balance_minor + s.amount, version = a.version + s.entries
  from (select account_id, sum(amount_minor) as amount, count(*) as entries from entered
        group by account_id) s
  where a.id = s.account_id;

  select l.source_type, l.source_id, l.event, sum(l.amount_minor) as off_by into v_off
  from unnest(p_legs) l group by 1, 2, 3 having sum(l.amount_minor) <> 0 limit 1;
  if found then
    raise exception 'the legs of % % % are off by % paise',
      v_off.source_type, v_off.source_id, v_off.event, v_off.off_by;
  end if;
  return cardinality(v_event_ids);
end $$;

-- Whether the influencer who earns by a line makes up its discount. When nobody earns by it, the platform does.
create function private.is_own_coupon(p_funded_by text, p_influencer_id uuid) returns boolean
language sql immutable set search_path = '' as $$
  select p_funded_by = 'influencer' and p_influencer_id is not null
$$;

-- The legs of an order item in an event. p_sign: 1 when money comes in, -1 when it goes back; the sum is
-- p_sign times paid_minor. p_shelf: `pending`, or `available` once the hold is over.
create function private.legs_of_line(
  p_source_type text, p_source_id uuid, p_event text, p_line private.ledger_lines, p_funded_by text,
  p_share private.ledger_share, p_sign integer, p_shelf text) returns private.ledger_leg[]
language sql immutable set search_path = '' as $$
  select array_agg(row(p_source_type, p_source_id, p_event, p_line.order_id, x.leg, p_line.order_item_id,
                       x.account, x.owner_id, '', p_sign * x.amount)::private.ledger_leg)
  from (values
    ('wholesaler', 'wholesaler_' || p_shelf, p_line.wholesaler_id, p_share.wholesaler_minor),
    ('commission', 'influencer_' || p_shelf, p_line.influencer_id, p_share.influencer_minor),
    ('cut', 'platform_influencer_cut', null, p_share.cut_minor),
    ('fee', 'platform_fee_income', null, p_share.fee_minor),
    ('fee_gst', 'gst_on_fees', null, p_share.fee_gst_minor),
    ('tcs', 'tcs_payable', null, p_share.tcs_minor),
    ('tds', 'tds_payable', null, p_share.tds_minor),
    ('discount', 'wholesaler_' || p_shelf, p_line.wholesaler_id, p_share.discount_minor),
    ('discount_funding',
     case when private.is_own_coupon(p_funded_by, p_line.influencer_id) then 'influencer_' || p_shelf
          else 'discount_funding' end,
     case when private.is_own_coupon(p_funded_by, p_line.influencer_id) then p_line.influencer_id end,
     -p_share.discount_minor)
  ) x (leg, account, owner_id, amount)
  where x.amount <> 0
$$;

-- ---------------------------------------------------------------------------------------------
-- Money comes in

-- What the open pieces of an order come to, with shipping and the fee for cash on delivery: what a courier
-- has to collect.
create function private.order_due_v1(p_order_id uuid) returns bigint
language sql stable set search_path = '' as $$
  select coalesce(sum(private.half_up(s.paid_minor, i.quantity - i.quantity_cancelled, i.quantity)), 0)::bigint
         + case when bool_or(i.quantity > i.quantity_cancelled)
                then max(o.shipping_minor + (o.cod_fee * 100)::bigint) else 0 end
  from public.orders o
  join public.order_items i on i.order_id = o.id
  join private.order_item_splits s on s.order_item_id = i.id
  where o.id = p_order_id
$$;

-- The first payment of an order is its sale; what comes in for a cancelled order, or a second time, is
-- owed to the customer. Cash is for the pieces that were not cancelled, other payments for all of them.
create function private.ledger_paid(
  p_payment_ids uuid[], p_event text, p_account text, p_holder_id uuid, p_has_money boolean)
returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_payment record;
  v_line record;
  v_legs private.ledger_leg[] := '{}'::private.ledger_leg[];
  v_lines uuid[] := '{}'::uuid[];
  v_sold uuid[] := '{}'::uuid[];
  v_is_sale boolean;
  v_rest bigint;
  v_made integer;
begin
  perform 1 from public.orders
  where id in (select p.order_id from private.payments p where p.id = any (p_payment_ids))
  order by id for no key update;
  for v_payment in
    select p.id, p.order_id, p.provider, p.amount_minor, o.status as order_status, o.shipping_minor,
           (o.cod_fee * 100)::bigint as cod_fee_minor
    from private.payments p join public.orders o on o.id = p.order_id
    where p.id = any (p_payment_ids) and not exists (
      select from private.ledger_events e
      where e.source_type = 'payment' and e.source_id = p.id and e.event = p_event)
    order by p.id
  loop
    v_is_sale := p_event <> 'excess' and v_payment.order_status <> 'cancelled'
      and not v_payment.order_id = any (v_sold)
      and not exists (select from private.ledger_lines l
                      where l.order_id = v_payment.order_id and l.payment_id is not null);
    v_rest := v_payment.amount_minor;
    v_legs := v_legs || row('payment', v_payment.id, p_event, v_payment.order_id, 'clearing', null, p_account,
      p_holder_id, case p_account when 'gateway_clearing' then v_payment.provider else '' end,
      -v_payment.amount_minor)::private.ledger_leg;
    if v_is_sale then
      v_sold := v_sold || v_payment.order_id;
      for v_line in
        insert into private.ledger_lines as l (
          order_item_id, order_id, wholesaler_id, influencer_id, payment_id, quantity, money_at)
        select i.id, i.order_id, s.wholesaler_id, s.influencer_id, v_payment.id,
               i.quantity - case when v_payment.provider = 'cod' then i.quantity_cancelled else 0 end,
               case when p_has_money then now() end
        from public.order_items i join private.order_item_splits s on s.order_item_id = i.id
        where i.order_id = v_payment.order_id
        order by i.id
        on conflict (order_item_id) do update
        set payment_id = excluded.payment_id, quantity = excluded.quantity, money_at = excluded.money_at
        returning l.order_item_id
      loop
        v_lines := v_lines || v_line.order_item_id;
      end loop;
      for v_line in
        select l as line, s.funded_by, private.paid_share_v1(l, s, i.quantity) as share
        from private.ledger_lines l
        join private.order_item_splits s on s.order_item_id = l.order_item_id
        join public.order_items i on i.id = l.order_item_id
        where l.order_id = v_payment.order_id
      loop
        v_rest := v_rest - (v_line.share).paid_minor;
        v_legs := v_legs || private.legs_of_line('payment', v_payment.id, p_event, v_line.line,
                                                 v_line.funded_by, v_line.share, 1, 'pending');
      end loop;
      v_rest := v_rest - v_payment.shipping_minor - v_payment.cod_fee_minor;
      v_legs := v_legs
        || row('payment', v_payment.id, p_event, v_payment.order_id, 'shipping', null, 'shipping_income',
               null, '', v_payment.shipping_minor)::private.ledger_leg
        || row('payment', v_payment.id, p_event, v_payment.order_id, 'cod_fee', null, 'cod_fee_income',
               null, '', v_payment.cod_fee_minor)::private.ledger_leg;
    end if;
    v_legs := v_legs || row('payment', v_payment.id, p_event, v_payment.order_id, 'rest', null,
      case when v_rest > 0 then 'refunds_payable' else 'customer_receivable' end, null, '',
      v_rest)::private.ledger_leg;
  end loop;
  v_made := private.post_legs(v_legs);
  perform private.note_earned(v_lines);
  return v_made;
end $$;

-- The money of these payments is here. Payments that are posted already are left out.
create function private.ledger_captures_v1(p_payment_ids uuid[]) returns integer
language sql volatile security definer set search_path = '' as $$
  select private.ledger_paid(p_payment_ids, 'captured', 'gateway_clearing', null, true)
$$;

create function private.ledger_captured_v1(p_payment_id uuid) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  perform private.ledger_captures_v1(array[p_payment_id]);
end $$;

-- Cash was taken at the door. p_holder_id: the wholesaler who took it, NULL for a courier. It is on its
-- way: nobody earns by it yet.
create function private.ledger_cod_collected_v1(p_payment_id uuid, p_holder_id uuid default null)
returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  perform private.ledger_paid(array[p_payment_id], 'collected', 'cod_in_transit', p_holder_id, false);
end $$;

-- The cash is here, or (p_is_netted) the wholesaler who holds it keeps it as a payment on account.
create function private.ledger_cod_remitted_v1(p_payment_id uuid, p_is_netted boolean default false)
returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_cash record;
begin
  perform private.ledger_cod_collected_v1(p_payment_id);
  -- An order that a coupon made free has no entry of cash.
  select e.order_id, a.owner_id, coalesce(-n.amount_minor, 0) as amount into v_cash
  from private.ledger_events e
  left join private.ledger_entries n on n.event_id = e.id and n.leg = 'clearing'
  left join private.ledger_accounts a on a.id = n.account_id
  where e.source_type = 'payment' and e.source_id = p_payment_id and e.event = 'collected';
  if not found then
    return;
  elsif p_is_netted and v_cash.owner_id is null then
    raise exception using errcode = '22023', message = 'a courier has no account to net cash with';
  end if;
  perform private.post_legs(array[
    row('payment', p_payment_id, 'remitted', v_cash.order_id, 'in_transit', null, 'cod_in_transit',
        v_cash.owner_id, '', v_cash.amount),
    row('payment', p_payment_id, 'remitted', v_cash.order_id, 'cash', null,
        case when p_is_netted then 'wholesaler_available' else 'gateway_clearing' end,
        case when p_is_netted then v_cash.owner_id end,
        case when p_is_netted then '' else 'bank' end, -v_cash.amount)
  ]::private.ledger_leg[]);
  update private.ledger_lines set money_at = now() where payment_id = p_payment_id and money_at is null;
  perform private.note_earned(array(
    select l.order_item_id from private.ledger_lines l where l.payment_id = p_payment_id));
end $$;

-- ---------------------------------------------------------------------------------------------
-- Delivered, and what influencers read of it

-- Lines whose money is here and which are delivered are earned: the hold begins.
create function private.note_earned(p_order_item_ids uuid[]) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_earned uuid[];
begin
  with earned as (
    update private.ledger_lines l set earned_at = greatest(l.money_at, l.delivered_at)
    where l.order_item_id = any (p_order_item_ids) and l.earned_at is null and l.quantity > 0
      and l.money_at is not null and l.delivered_at is not null
    returning l.order_item_id)
  select array_agg(order_item_id) into v_earned from earned;
  if v_earned is null then
    return;
  end if;
  insert into public.influencer_earnings (
    influencer_id, live_session_id, order_id, order_item_id, product_id, earning_type, amount,
    gross_sales, commission_rate, description)
  select l.influencer_id, i.live_session_id, l.order_id, i.id, i.product_id, x.earning_type,
         x.amount / 100.0, i.total_price, s.commission_bp / 100.0, x.description
  from private.ledger_lines l
  join private.order_item_splits s on s.order_item_id = l.order_item_id
  join public.order_items i on i.id = l.order_item_id
  cross join lateral private.paid_share_v1(l, s, i.quantity) p
  cross join lateral private.returned_share_v1(l, s, i.quantity) b
  cross join lateral (values
    ('commission', p.influencer_minor, null),
    ('clawback', -b.influencer_minor, 'refunded before it was earned'),
    ('coupon', b.discount_minor - p.discount_minor, 'the influencer''s coupon')
  ) x (earning_type, amount, description)
  where l.order_item_id = any (v_earned) and l.influencer_id is not null and x.amount <> 0
    and (x.earning_type <> 'coupon' or private.is_own_coupon(s.funded_by, l.influencer_id))
  order by l.influencer_id, i.id
  on conflict do nothing;
end $$;

-- The hold of these lines begins, whatever their quantities say; for orders that are delivered as a whole.
create function private.start_holds(p_order_item_ids uuid[]) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  insert into private.ledger_lines as l (
    order_item_id, order_id, wholesaler_id, influencer_id, delivered_at)
  select s.order_item_id, s.order_id, s.wholesaler_id, s.influencer_id, now()
  from private.order_item_splits s where s.order_item_id = any (p_order_item_ids)
  order by s.order_item_id
  on conflict (order_item_id) do update set delivered_at = now() where l.delivered_at is null;
  perform private.note_earned(p_order_item_ids);
end $$;

-- Of these lines those begin their hold of which every piece was delivered or cancelled. Call it after
-- the quantities of order_items are written; again when the last open piece of a line is cancelled.
create function private.ledger_delivered_v1(p_order_item_ids uuid[]) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  perform 1 from public.orders
  where id in (select i.order_id from public.order_items i where i.id = any (p_order_item_ids))
  order by id for no key update;
  perform private.start_holds(array(
    select i.id from public.order_items i
    where i.id = any (p_order_item_ids) and i.quantity_delivered > 0
      and i.quantity_delivered >= i.quantity - i.quantity_cancelled));
end $$;

alter table public.influencer_earnings
  drop constraint influencer_earnings_earning_type_check,
  drop constraint influencer_earnings_check,
  add constraint influencer_earnings_earning_type_check check (
    earning_type in ('commission', 'bonus', 'tip', 'sponsorship', 'clawback', 'coupon')) not valid,
  add constraint influencer_earnings_sign check (
    case earning_type when 'clawback' then amount < 0 when 'coupon' then true else amount >= 0 end) not valid;

-- The total of an influencer is that of the rows, and never below zero, which their sum may be: a coupon
-- may cost more than its line earns. From zero on it is added up anew, since what is below is not known.
create or replace function private.add_up_earnings() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_one record;
  v_differences jsonb;
begin
  if tg_op = 'INSERT' then
    select jsonb_object_agg(d.influencer_id, d.amount) into v_differences
    from (select influencer_id, sum(amount) as amount from new_rows group by influencer_id) d;
  elsif tg_op = 'DELETE' then
    select jsonb_object_agg(d.influencer_id, -d.amount) into v_differences
    from (select influencer_id, sum(amount) as amount from old_rows group by influencer_id) d;
  else
    select jsonb_object_agg(d.influencer_id, d.amount) into v_differences
    from (select influencer_id, sum(amount) as amount
          from (select influencer_id, amount from new_rows
                union all
                select influencer_id, -amount from old_rows) both_sides
          group by influencer_id having sum(amount) <> 0) d;
  end if;
  for v_one in select key::uuid as influencer_id, value::numeric as amount
               from jsonb_each_text(v_differences) order by 1
  loop
    -- Locked before the rows are read: two who earn at once are counted one after the other.
    perform 1 from public.influencers where id = v_one.influencer_id for no key update;
    update public.influencers i
    set total_earnings = case
      when i.total_earnings > 0 and i.total_earnings + v_one.amount > 0 then i.total_earnings + v_one.amount
      else greatest(0, coalesce((select sum(e.amount) from public.influencer_earnings e
                                 where e.influencer_id = i.id), 0)) end
    where i.id = v_one.influencer_id;
  end loop;
  return null;
end $$;

-- What delivered orders earn. Lines with a split earn by the ledger; older lines, which have none, as
-- they always did. p_sign: as in apply_deliveries; what a refund takes back of a line with a split is
-- the refund's to say.
create function private.earn_by_delivery(p_order_ids uuid[], p_sign integer) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  if p_sign > 0 then
    perform private.start_holds(array(
      select i.id from public.order_items i
      where i.order_id = any (p_order_ids) and i.quantity > i.quantity_cancelled));
    insert into public.influencer_earnings (
      influencer_id, live_session_id, order_id, order_item_id, product_id, earning_type, amount,
      gross_sales, commission_rate)
    select i.influencer_id, i.live_session_id, i.order_id, i.id, i.product_id, 'commission',
           i.influencer_commission, i.total_price,
           round(i.influencer_commission * 100 / nullif(i.total_price, 0), 2)
    from public.order_items i
    where i.order_id = any (p_order_ids) and i.influencer_id is not null and i.influencer_commission > 0
      and not exists (select from private.order_item_splits s where s.order_item_id = i.id)
    on conflict do nothing;
    return;
  end if;
  -- What is left of each commission: nothing is taken back twice.
  insert into public.influencer_earnings (
    influencer_id, live_session_id, order_id, order_item_id, product_id, earning_type, amount,
    gross_sales, commission_rate, description)
  select e.influencer_id, e.live_session_id, e.order_id, e.order_item_id, e.product_id, 'clawback',
         -l.amount, -e.gross_sales, e.commission_rate, 'order refunded'
  from public.influencer_earnings e
  join (select c.order_item_id, sum(c.amount) as amount from public.influencer_earnings c
        where c.order_id = any (p_order_ids) and c.earning_type in ('commission', 'clawback')
        group by c.order_item_id) l on l.order_item_id = e.order_item_id and l.amount > 0
  where e.order_id = any (p_order_ids) and e.earning_type = 'commission'
    and not exists (select from private.order_item_splits s where s.order_item_id = e.order_item_id);
end $$;

create or replace function private.apply_deliveries(p_order_ids uuid[], p_sign integer) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_customer_id uuid;
begin
  insert into private.product_changes (product_id, sold)
  select i.product_id, p_sign * sum(i.quantity)::integer
  from public.order_items i where i.order_id = any (p_order_ids) and i.product_id is not null
  group by i.product_id;

  perform 1 from public.wholesalers
  where id in (select i.wholesaler_id from public.order_items i where i.order_id = any (p_order_ids))
  order by id for no key update;
  update public.wholesalers w set total_sales = greatest(0, coalesce(w.total_sales, 0) + p_sign * s.amount)
  from (select i.wholesaler_id, sum(i.total_price) as amount from public.order_items i
        where i.order_id = any (p_order_ids) group by i.wholesaler_id) s
  where w.id = s.wholesaler_id;

  perform private.earn_by_delivery(p_order_ids, p_sign);

  for v_customer_id in
    select distinct o.customer_id from public.orders o
    where o.id = any (p_order_ids) and o.customer_id is not null order by 1
  loop
    perform private.refresh_customer(v_customer_id);
  end loop;
end $$;

-- ---------------------------------------------------------------------------------------------
-- Money goes back

-- What is on an account for an order: of shipping_income what the customer paid for it and was not given
-- back yet. A payment that came in twice goes back by itself and is no part of it.
create function private.order_balance(p_order_id uuid, p_account text) returns bigint
language sql stable set search_path = '' as $$
  select coalesce(sum(n.amount_minor), 0)::bigint
  from private.ledger_events e
  join private.ledger_entries n on n.event_id = e.id
  join private.ledger_accounts a on a.id = n.account_id and a.name = p_account
  where e.order_id = p_order_id and e.event not in ('excess', 'reversed')
$$;

-- Which pieces a refund is for. In plpgsql and by name, because refund lines are a later migration's.
create function private.pieces_of_refund(p_refund_id uuid)
returns table (order_item_id uuid, quantity integer, amount_minor bigint)
language plpgsql stable set search_path = '' as $$
begin
  if to_regclass('private.refund_lines') is not null then
    return query execute
      'select l.order_item_id, sum(l.quantity)::integer, sum(l.amount_minor)::bigint
       from private.refund_lines l where l.refund_id = $1 and l.order_item_id is not null
       group by l.order_item_id' using p_refund_id;
  end if;
end $$;

-- Adds what a refund gives back to its lines; what of it no line takes. A refund that names no lines is
-- first what the customer was owed anyhow, then a share of everything that is left of the order.
create function private.spread_refund(p_refund_id uuid, p_order_id uuid, p_amount_minor bigint)
returns bigint
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_rest bigint := p_amount_minor;
  v_whole record;
  v_left bigint;
  v_shares bigint[];
begin
  if exists (select from private.pieces_of_refund(p_refund_id)) then
    with taken as (
      update private.ledger_lines l
      set refunded_quantity = least(l.quantity, l.refunded_quantity + r.quantity),
          refunded_minor = least(r.paid_minor, l.refunded_minor + r.amount_minor)
      from (
        select d.order_item_id, d.refunded_minor as before_minor, x.quantity, x.amount_minor,
               (private.paid_share_v1(d, s, i.quantity)).paid_minor
        from private.pieces_of_refund(p_refund_id) x
        join private.ledger_lines d on d.order_item_id = x.order_item_id and d.order_id = p_order_id
        join private.order_item_splits s on s.order_item_id = d.order_item_id
        join public.order_items i on i.id = d.order_item_id) r
      where l.order_item_id = r.order_item_id
      returning l.refunded_minor - r.before_minor as amount)
    select v_rest - coalesce(sum(amount), 0) into v_rest from taken;
    return v_rest;
  end if;

  v_rest := greatest(0, v_rest - greatest(0, private.order_balance(p_order_id, 'refunds_payable')));
  select array_agg(l.order_item_id order by l.order_item_id) as ids,
         array_agg((private.paid_share_v1(l, s, i.quantity)).paid_minor - l.refunded_minor
                   order by l.order_item_id) as left_minor
  into v_whole
  from private.ledger_lines l
  join private.order_item_splits s on s.order_item_id = l.order_item_id
  join public.order_items i on i.id = l.order_item_id
  where l.order_id = p_order_id and l.payment_id is not null;
  if v_whole.ids is null then
    return p_amount_minor;
  end if;
  -- The last two are shipping and the fee for cash.
  v_whole.left_minor := v_whole.left_minor
    || greatest(0, private.order_balance(p_order_id, 'shipping_income'))
    || greatest(0, private.order_balance(p_order_id, 'cod_fee_income'));
  v_left := (select sum(m) from unnest(v_whole.left_minor) m);
  v_shares := private.apportion(least(v_rest, v_left), v_whole.left_minor);
  update private.ledger_lines l
  set refunded_minor = l.refunded_minor + x.amount,
      -- A line that a coupon made free goes back with the last of the others.
      refunded_quantity = case when v_rest >= v_left or (x.amount = x.left_minor and x.amount > 0)
                               then l.quantity else l.refunded_quantity end
  from unnest(v_whole.ids, v_shares[:cardinality(v_whole.ids)],
              v_whole.left_minor[:cardinality(v_whole.ids)]) x (order_item_id, amount, left_minor)
  where l.order_item_id = x.order_item_id;
  return p_amount_minor - coalesce((
    select sum(m) from unnest(v_shares[:cardinality(v_whole.ids)]) m), 0);
end $$;

-- Post a refund that has succeeded; before that, and a second time, it does nothing. Orders whose money
-- never came into the ledger, because they are older than it, are left alone.
create function private.ledger_refunded_v1(p_refund_id uuid) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_refund record;
  v_before private.ledger_lines[];
  v_line record;
  v_legs private.ledger_leg[] := '{}'::private.ledger_leg[];
  v_rest bigint;
  v_part bigint;
  v_account text;
begin
  perform 1 from public.orders
  where id = (select r.order_id from public.refunds r where r.id = p_refund_id) for no key update;
  select r.id, r.order_id, r.amount_minor, r.method, o.customer_id into v_refund
  from public.refunds r join public.orders o on o.id = r.order_id
  where r.id = p_refund_id and r.status = 'succeeded'
    and not exists (select from private.ledger_events e
                    where e.source_type = 'refund' and e.source_id = r.id and e.event = 'refunded')
    and exists (select from private.ledger_events e where e.source_type = 'payment' and e.order_id = r.order_id);
  if not found then
    return;
  end if;
  perform 1 from private.ledger_lines where order_id = v_refund.order_id order by order_item_id for update;
  v_before := array(select l from private.ledger_lines l where l.order_id = v_refund.order_id);
  v_rest := private.spread_refund(v_refund.id, v_refund.order_id, v_refund.amount_minor);

  for v_line in
    select l as line, s.funded_by,
           private.less_v1(private.returned_share_v1(l, s, i.quantity),
                        private.returned_share_v1(b, s, i.quantity)) as share,
           i.live_session_id, i.product_id, s.commission_bp, i.total_price
    from unnest(v_before) b
    join private.ledger_lines l on l.order_item_id = b.order_item_id
    join private.order_item_splits s on s.order_item_id = l.order_item_id
    join public.order_items i on i.id = l.order_item_id
    where (l.refunded_minor, l.refunded_quantity) <> (b.refunded_minor, b.refunded_quantity)
    order by l.order_item_id
  loop
    v_legs := v_legs || private.legs_of_line(
      'refund', v_refund.id, 'refunded', v_line.line, v_line.funded_by, v_line.share, -1,
      case when (v_line.line).released_at is null then 'pending' else 'available' end);
  end loop;
  -- What no line takes: what was owed to the customer anyhow, shipping, the fee for cash; beyond that it
  -- is the platform that gives.
  foreach v_account in array array['refunds_payable', 'shipping_income', 'cod_fee_income', 'adjustments'] loop
    v_part := case v_account when 'adjustments' then v_rest
              else least(v_rest, greatest(0, private.order_balance(v_refund.order_id, v_account))) end;
    v_rest := v_rest - v_part;
    v_legs := v_legs || row('refund', v_refund.id, 'refunded', v_refund.order_id, v_account, null, v_account,
                            null, '', -v_part)::private.ledger_leg;
  end loop;
  v_legs := v_legs || row('refund', v_refund.id, 'refunded', v_refund.order_id, 'clearing', null,
    case v_refund.method when 'store_credit' then 'store_credit' else 'gateway_clearing' end,
    case v_refund.method when 'store_credit' then v_refund.customer_id end,
    case v_refund.method when 'store_credit' then ''
                         else private.refunded_through(v_refund.id, v_refund.order_id, v_refund.method) end,
    v_refund.amount_minor)::private.ledger_leg;
  perform private.post_legs(v_legs);
  perform private.claw_back(v_before);
end $$;

-- By whom the money goes back: the provider that took it, which need not be the one in use today; cash,
-- and what goes to an account of the customer, by bank.
create function private.refunded_through(p_refund_id uuid, p_order_id uuid, p_method text) returns text
language plpgsql stable set search_path = '' as $$
declare
  v_named uuid := (select (to_jsonb(r) ->> 'payment_id')::uuid from public.refunds r where r.id = p_refund_id);
  v_provider text;
begin
  if p_method = 'original' then
    select p.provider into v_provider
    from private.payments p
    join private.ledger_events e on e.source_type = 'payment' and e.source_id = p.id and e.event = 'captured'
    where p.order_id = p_order_id and (v_named is null or p.id = v_named)
    order by e.id limit 1;
  end if;
  return coalesce(v_provider, 'bank');
end $$;

-- Takes back of earnings what a refund took of lines that were earned. p_before: the lines before it.
create function private.claw_back(p_before private.ledger_lines[]) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  insert into public.influencer_earnings (
    influencer_id, live_session_id, order_id, order_item_id, product_id, earning_type, amount,
    gross_sales, commission_rate, description, status)
  select l.influencer_id, i.live_session_id, l.order_id, i.id, i.product_id, x.earning_type,
         x.amount / 100.0, -d.paid_minor / 100.0, s.commission_bp / 100.0, 'refunded',
         case when l.released_at is null then 'pending' else 'processed' end
  from unnest(p_before) b
  join private.ledger_lines l on l.order_item_id = b.order_item_id
  join private.order_item_splits s on s.order_item_id = l.order_item_id
  join public.order_items i on i.id = l.order_item_id
  cross join lateral private.less_v1(private.returned_share_v1(l, s, i.quantity),
                                  private.returned_share_v1(b, s, i.quantity)) d
  cross join lateral (values
    ('clawback', -d.influencer_minor),
    ('coupon', case when private.is_own_coupon(s.funded_by, l.influencer_id) then d.discount_minor else 0 end)
  ) x (earning_type, amount)
  where l.earned_at is not null and l.influencer_id is not null and x.amount <> 0
  order by l.influencer_id, i.id;
end $$;

create function private.post_refund() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.ledger_refunded_v1(new.id);
  return null;
end $$;
-- By its name before `z_refunded`, which locks the customer: earnings and influencers come first.
create trigger ledger_refunded after update of status on public.refunds
  for each row when (old.status is distinct from new.status and new.status = 'succeeded')
  execute function private.post_refund();
-- At the end of the transaction, in which the lines of the refund are written after it.
create constraint trigger ledger_refunded_at_once after insert on public.refunds
  deferrable initially deferred
  for each row when (new.status = 'succeeded') execute function private.post_refund();

-- An order that was paid twice: the second payment is the customer's, until it is back with him.
create function private.post_reversal() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    perform private.ledger_paid(array[new.payment_id], 'excess', 'gateway_clearing', null, true);
  end if;
  if new.status = 'succeeded' then
    perform private.post_legs(array_agg(
      row('payment', p.id, 'reversed', p.order_id, x.leg, null, x.account, null, x.provider,
          x.amount)::private.ledger_leg))
    from private.payments p
    cross join lateral (values ('owed', 'refunds_payable', '', -new.amount_minor),
                               ('clearing', 'gateway_clearing', p.provider, new.amount_minor)
    ) x (leg, account, provider, amount)
    where p.id = new.payment_id;
  end if;
  return null;
end $$;
create trigger ledger_excess after insert on private.payment_reversals
  for each row execute function private.post_reversal();
create trigger ledger_reversed after update of status on private.payment_reversals
  for each row when (old.status is distinct from new.status and new.status = 'succeeded')
  execute function private.post_reversal();

-- ---------------------------------------------------------------------------------------------
-- The hold is over

-- One batch of lines whose hold of p_hold_days is over: from pending to available. What is about to be
-- given back waits.
create function private.release_matured_v1(
  p_now timestamptz, p_after text, p_batch integer, p_hold_days integer)
returns table (done integer, walked_to text)
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_due uuid[];
  v_order_ids uuid[];
  v_line record;
  v_legs private.ledger_leg[] := '{}'::private.ledger_leg[];
  v_leg private.ledger_leg;
begin
  select array_agg(d.order_item_id order by d.order_item_id) into v_due
  from (select l.order_item_id from private.ledger_lines l
        where l.earned_at is not null and l.released_at is null
          and l.earned_at <= p_now - make_interval(days => p_hold_days)
          and (p_after is null or l.order_item_id > p_after::uuid)
        order by l.order_item_id limit p_batch) d;
  done := 0;
  walked_to := case when cardinality(v_due) = p_batch then v_due[p_batch]::text end;
  -- Orders that somebody works on right now are left for the next run.
  select array_agg(o.id) into v_order_ids
  from (select o.id from public.orders o
        where o.id in (select l.order_id from private.ledger_lines l where l.order_item_id = any (v_due))
        order by o.id for no key update skip locked) o;
  for v_line in
    select l as line, s.funded_by,
           private.less_v1(private.paid_share_v1(l, s, i.quantity),
                        private.returned_share_v1(l, s, i.quantity)) as share
    from private.ledger_lines l
    join private.order_item_splits s on s.order_item_id = l.order_item_id
    join public.order_items i on i.id = l.order_item_id
    where l.order_item_id = any (v_due) and l.order_id = any (v_order_ids) and l.released_at is null
      and not exists (select from public.refunds f where f.order_id = l.order_id and f.status = 'pending')
      and not exists (
        select from public.return_items t join public.returns r on r.id = t.return_id
        where t.order_item_id = l.order_item_id and r.status in ('requested', 'approved', 'received'))
    order by l.order_item_id
  loop
    foreach v_leg in array private.legs_of_line(
      'order_item', (v_line.line).order_item_id, 'released', v_line.line, v_line.funded_by, v_line.share,
      1, 'available') || array[]::private.ledger_leg[]
    loop
      if v_leg.account in ('wholesaler_available', 'influencer_available') then
        v_legs := v_legs || v_leg;
        v_leg.account := replace(v_leg.account, '_available', '_pending');
        v_leg.leg := v_leg.leg || '_pending';
        v_leg.amount_minor := -v_leg.amount_minor;
        v_legs := v_legs || v_leg;
      end if;
    end loop;
    update private.ledger_lines set released_at = p_now
    where order_item_id = (v_line.line).order_item_id;
    done := done + 1;
  end loop;
  perform private.post_legs(v_legs, p_now);
  -- 'pending' until here, 'processed' from here on.
  update public.influencer_earnings set status = 'processed'
  where order_item_id in (select l.order_item_id from unnest(v_legs) l) and status = 'pending';
  return next;
end $$;

do $$
declare
  t text;
begin
  foreach t in array array['ledger_accounts', 'ledger_events', 'ledger_entries', 'ledger_lines'] loop
    execute format('alter table private.%I enable row level security', t);
    execute format('revoke all on private.%I from public, anon, authenticated, service_role', t);
    -- Read only: postings are made by the functions above.
    execute format('grant select on private.%I to service_role', t);
    execute format('create policy service on private.%I for select to service_role using (true)', t);
  end loop;
end $$;

-- The server's alone.
do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where p.pronamespace = 'private'::regnamespace and p.proname = any (array[
      'apportion', 'claw_back', 'earn_by_delivery', 'given_back', 'half_up', 'is_own_coupon',
      'ledger_captured_v1', 'ledger_captures_v1', 'ledger_cod_collected_v1', 'ledger_cod_remitted_v1',
      'ledger_delivered_v1', 'ledger_paid', 'ledger_refunded_v1', 'legs_of_line', 'less',
      'note_earned', 'order_balance', 'order_due_v1', 'paid_share', 'part_of_share',
      'pieces_of_refund', 'post_legs', 'post_refund', 'post_reversal', 'refunded_through',
      'refuse_ledger_change', 'release_matured_v1', 'returned_share', 'share_of_split',
      'spread_refund', 'start_holds'])
  loop
    execute format('revoke execute on function %s from public, anon, authenticated', f);
    execute format('grant execute on function %s to service_role', f);
  end loop;
end $$;
