-- Payouts: what is free is claimed, paid by a bank, and sometimes comes back; and the statements that
-- explain every paisa of it.

create table private.payout_batches (
  id uuid primary key default gen_random_uuid(),
  is_scheduled boolean not null default false,
  created_by uuid,
  minimum_minor bigint not null check (minimum_minor >= 1),
  created_at timestamptz not null default now(),
  -- A batch is made in steps; one that was cut off is gone on with.
  closed_at timestamptz
);
create index payout_batches_created_at on private.payout_batches (created_at, id);
create unique index payout_batches_one_open on private.payout_batches (is_scheduled)
  where is_scheduled and closed_at is null;
comment on table private.payout_batches is 'payouts that were made together';

-- A payout claims the entries of an account from first_version to last_version: all that came after the
-- payout before. So an entry is in at most one payout, and its amount is their sum.
create table private.payouts (
  id uuid primary key default gen_random_uuid(),
  batch_id uuid not null references private.payout_batches,
  account_id bigint not null references private.ledger_accounts,
  payee_kind text not null check (payee_kind in ('wholesaler', 'influencer')),
  payee_id uuid not null,
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  first_version bigint not null,
  last_version bigint not null,
  status text not null default 'pending' check (status in ('pending', 'paid', 'returned', 'cancelled')),
  reference text check (length(reference) between 1 and 100),
  reason text check (length(reason) between 1 and 500),
  created_at timestamptz not null default now(),
  paid_at timestamptz,
  ended_at timestamptz,
  constraint payouts_one_per_payee unique (batch_id, account_id),
  constraint payouts_claim check (first_version <= last_version),
  constraint payouts_paid check (status <> 'paid' or (paid_at is not null and reference is not null)),
  constraint payouts_ended check ((status in ('returned', 'cancelled')) = (ended_at is not null))
) with (fillfactor = 80);
create index payouts_account_id on private.payouts (account_id, last_version);
create index payouts_payee_id on private.payouts (payee_id);
create index payouts_created_at on private.payouts (created_at, id);
create index payouts_open on private.payouts (created_at, id) where status = 'pending';
comment on table private.payouts is 'what one payee is paid in a batch; `returned` may follow `paid`';

-- ---------------------------------------------------------------------------------------------
-- Who is paid

create type private.payee as (
  kind text,
  id uuid,
  name text,
  is_active boolean,
  is_verified boolean,
  has_account boolean
);

create function private.payee_of(p_kind text, p_id uuid) returns setof private.payee
language sql stable set search_path = '' as $$
  select 'wholesaler', w.id, w.business_name::text, w.is_active, w.verification_status = 'verified',
         w.bank_account_number is not null and w.ifsc_code is not null
  from public.wholesalers w where p_kind = 'wholesaler' and w.id = p_id
  union all
  select 'influencer', i.id,
         coalesce(nullif(i.display_name, ''), concat_ws(' ', i.first_name, i.last_name))::text, i.is_active,
         i.verification_status = 'verified',
         (i.bank_account_number is not null and i.ifsc_code is not null) or i.upi_id is not null
  from public.influencers i where p_kind = 'influencer' and i.id = p_id
$$;

-- Why a payee is not paid now; NULL when he is.
create function private.payout_problem(p_payee private.payee, p_available_minor bigint, p_minimum_minor bigint)
returns text
language sql immutable set search_path = '' as $$
  select case when p_available_minor < 0 then 'negative'
              when p_available_minor < p_minimum_minor then 'below_minimum'
              when not p_payee.is_active then 'inactive'
              when not p_payee.is_verified then 'not_verified'
              when not p_payee.has_account then 'no_bank_details' end
$$;

-- ---------------------------------------------------------------------------------------------
-- Batches

-- Pays the next p_limit payees of a batch, by account; where it stopped, NULL at the end. Whoever has less
-- than the minimum, or cannot be paid, keeps it for a later batch.
create function private.claim_payouts(p_batch_id uuid, p_after bigint, p_limit integer, p_now timestamptz)
returns table (done integer, walked_to bigint)
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_minimum bigint := (select b.minimum_minor from private.payout_batches b where b.id = p_batch_id);
  v_ids bigint[];
  v_account record;
  v_payout_id uuid;
  v_legs private.ledger_leg[] := '{}'::private.ledger_leg[];
begin
  select array_agg(a.id order by a.id) into v_ids
  from (select a.id from private.ledger_accounts a
        where a.name in ('wholesaler_available', 'influencer_available')
          and a.balance_minor >= v_minimum and a.id > coalesce(p_after, 0)
        order by a.id limit p_limit) a;
  done := 0;
  if v_ids is null then
    return next;
    return;
  end if;
  insert into private.ledger_accounts (name) select 'payout_clearing'
  where not exists (select from private.ledger_accounts where name = 'payout_clearing')
  on conflict do nothing;
  walked_to := case when cardinality(v_ids) = p_limit then v_ids[p_limit] end;
  perform 1 from private.ledger_accounts a
  where a.id = any (v_ids) or a.name = 'payout_clearing' order by a.id for no key update;
  for v_account in
    select a.*, split_part(a.name, '_', 1) as kind
    from private.ledger_accounts a
    cross join lateral private.payee_of(split_part(a.name, '_', 1), a.owner_id) p
    where a.id = any (v_ids) and private.payout_problem(p, a.balance_minor, v_minimum) is null
      and not exists (select from private.payouts x where x.batch_id = p_batch_id and x.account_id = a.id)
    order by a.id
  loop
    insert into private.payouts (
      batch_id, account_id, payee_kind, payee_id, currency, amount_minor, first_version, last_version,
      created_at)
    values (p_batch_id, v_account.id, v_account.kind, v_account.owner_id, v_account.currency,
            v_account.balance_minor, v_account.paid_version + 1, v_account.version, p_now)
    returning id into v_payout_id;
    v_legs := v_legs
      || row('payout', v_payout_id, 'claimed', null, 'payout', null, v_account.name, v_account.owner_id, '',
             -v_account.balance_minor)::private.ledger_leg
      || row('payout', v_payout_id, 'claimed', null, 'clearing', null, 'payout_clearing', null, '',
             v_account.balance_minor)::private.ledger_leg;
    done := done + 1;
  end loop;
  perform private.post_legs(v_legs, p_now);
  -- The posting of a payout is itself an entry, and claimed with it.
  update private.ledger_accounts a set paid_version = x.last_version + 1
  from private.payouts x
  where x.batch_id = p_batch_id and x.account_id = a.id and a.id = any (v_ids)
    and a.paid_version = x.first_version - 1;
  return next;
end $$;

-- Maintenance: a step of the scheduled batch; done = how many payouts it made. A new batch begins
-- p_interval_days after the last scheduled one that had a payout.
create function private.make_payouts_v1(
  p_now timestamptz, p_after text, p_batch integer, p_minimum_minor bigint, p_interval_days integer)
returns table (done integer, walked_to text)
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_batch_id uuid := split_part(p_after, ':', 1)::uuid;
  v_step record;
begin
  perform pg_advisory_xact_lock(hashtextextended('livecommerce.payouts', 0));
  if p_after is null then
    select b.id into v_batch_id from private.payout_batches b where b.is_scheduled and b.closed_at is null;
    if not found and exists (
      -- A few hours less than the interval: the job's own time of day wanders.
      select from private.payout_batches b
      where b.is_scheduled
        and b.created_at > p_now - make_interval(days => p_interval_days) + interval '6 hours') then
      return query select 0, null::text;
      return;
    elsif not found then
      insert into private.payout_batches (is_scheduled, minimum_minor, created_at)
      values (true, p_minimum_minor, p_now) returning id into v_batch_id;
    end if;
  else
    -- In a dry run the batch of the step before was undone.
    insert into private.payout_batches (id, is_scheduled, minimum_minor, created_at)
    values (v_batch_id, true, p_minimum_minor, p_now) on conflict (id) do nothing;
  end if;
  select * into v_step
  from private.claim_payouts(v_batch_id, nullif(split_part(p_after, ':', 2), '')::bigint, p_batch, p_now);
  if v_step.walked_to is null then
    update private.payout_batches set closed_at = p_now where id = v_batch_id;
    delete from private.payout_batches b
    where b.id = v_batch_id and not exists (select from private.payouts x where x.batch_id = b.id);
  end if;
  return query select v_step.done, v_batch_id || ':' || v_step.walked_to;
end $$;

-- A batch by hand, all payees at once; p_batch_id is made by the caller, and the same twice is made once.
-- FALSE: nobody is to be paid.
create function private.make_payout_batch_v1(
  p_batch_id uuid, p_user_id uuid, p_minimum_minor bigint, p_now timestamptz) returns boolean
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_after bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('livecommerce.payouts', 0));
  insert into private.payout_batches (id, created_by, minimum_minor, created_at, closed_at)
  values (p_batch_id, p_user_id, p_minimum_minor, p_now, p_now) on conflict do nothing;
  if found then
    loop
      select c.walked_to into v_after from private.claim_payouts(p_batch_id, v_after, 1000, p_now) c;
      exit when v_after is null;
    end loop;
    delete from private.payout_batches b
    where b.id = p_batch_id and not exists (select from private.payouts x where x.batch_id = b.id);
  end if;
  return exists (select from private.payout_batches b where b.id = p_batch_id);
end $$;

-- ---------------------------------------------------------------------------------------------
-- What becomes of a payout

insert into private.state_moves (machine, from_state, to_state) values
  ('payout', 'pending', 'paid'),
  ('payout', 'pending', 'returned'),
  ('payout', 'pending', 'cancelled'),
  ('payout', 'paid', 'returned');

-- The earnings that a payout is for: what influencers read as paid, and as not paid after all.
create function private.mark_earnings(p_payout private.payouts, p_from text, p_to text, p_on date) returns void
language sql volatile security definer set search_path = '' as $$
  update public.influencer_earnings e
  set status = p_to, payment_date = case p_to when 'paid' then p_on end
  where p_payout.payee_kind = 'influencer' and e.influencer_id = p_payout.payee_id and e.status = p_from
    and (p_from <> 'paid' or e.payment_date = p_on)
    and (e.order_item_id in (
           select n.order_item_id from private.ledger_entries n
           where n.account_id = p_payout.account_id and n.order_item_id is not null
             and n.account_version between p_payout.first_version and p_payout.last_version)
         or e.id in (
           select v.source_id from private.ledger_entries n join private.ledger_events v on v.id = n.event_id
           where n.account_id = p_payout.account_id and v.source_type = 'adjustment'
             and n.account_version between p_payout.first_version and p_payout.last_version))
$$;

-- p_to: paid (p_text is the bank's reference), returned or cancelled (p_text says why). Said twice it is
-- done once. Answers done, not_found or wrong_state.
create function private.move_payout_v1(p_payout_id uuid, p_to text, p_text text, p_user_id uuid, p_now timestamptz)
returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_payout private.payouts;
  v_from text;
begin
  select * into v_payout from private.payouts where id = p_payout_id for no key update;
  if not found then
    return 'not_found';
  elsif v_payout.status = p_to then
    return 'done';
  elsif not exists (select from private.state_moves
                    where machine = 'payout' and from_state = v_payout.status and to_state = p_to) then
    return 'wrong_state';
  end if;
  v_from := case v_payout.status when 'paid' then 'gateway_clearing' else 'payout_clearing' end;
  perform private.post_legs(array[
    row('payout', p_payout_id, p_to, null, 'clearing', null, v_from, null,
        case v_from when 'gateway_clearing' then 'bank' else '' end, -v_payout.amount_minor),
    row('payout', p_payout_id, p_to, null, 'payout', null,
        case p_to when 'paid' then 'gateway_clearing' else v_payout.payee_kind || '_available' end,
        case when p_to <> 'paid' then v_payout.payee_id end,
        case p_to when 'paid' then 'bank' else '' end, v_payout.amount_minor)
  ]::private.ledger_leg[], p_now, p_text, p_user_id);
  update private.payouts
  set status = p_to,
      reference = case p_to when 'paid' then p_text else reference end,
      paid_at = case p_to when 'paid' then p_now else paid_at end,
      reason = case when p_to <> 'paid' then p_text end,
      ended_at = case when p_to <> 'paid' then p_now end
  where id = p_payout_id;
  if p_to = 'paid' then
    perform private.mark_earnings(v_payout, 'processed', 'paid', (p_now at time zone 'Asia/Kolkata')::date);
  elsif v_payout.status = 'paid' then
    perform private.mark_earnings(v_payout, 'paid', 'processed',
                                  (v_payout.paid_at at time zone 'Asia/Kolkata')::date);
  end if;
  return 'done';
end $$;

-- Give a payee something (p_amount_minor > 0: a bonus, a correction, a debt that is written off) or take
-- it. p_id is made by the caller; the same twice is done once. Answers done, not_found or key_reused.
create function private.adjust_payee_v1(
  p_id uuid, p_kind text, p_payee_id uuid, p_amount_minor bigint, p_reason text, p_user_id uuid,
  p_now timestamptz) returns text
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_before record;
begin
  if not exists (select from private.payee_of(p_kind, p_payee_id)) then
    return 'not_found';
  end if;
  if private.post_legs(array[
    row('adjustment', p_id, 'adjusted', null, 'adjustment', null, p_kind || '_available', p_payee_id, '',
        p_amount_minor),
    row('adjustment', p_id, 'adjusted', null, 'platform', null, 'adjustments', null, '', -p_amount_minor)
  ]::private.ledger_leg[], p_now, p_reason, p_user_id) = 0 then
    select a.owner_id, n.amount_minor into v_before
    from private.ledger_events e join private.ledger_entries n on n.event_id = e.id and n.leg = 'adjustment'
    join private.ledger_accounts a on a.id = n.account_id
    where e.source_type = 'adjustment' and e.source_id = p_id and e.event = 'adjusted';
    return case when (v_before.owner_id, v_before.amount_minor) = (p_payee_id, p_amount_minor)
                then 'done' else 'key_reused' end;
  end if;
  if p_kind = 'influencer' then
    insert into public.influencer_earnings (
      id, influencer_id, earning_type, amount, description, status, earned_at)
    values (p_id, p_payee_id, case when p_amount_minor > 0 then 'bonus' else 'clawback' end,
            p_amount_minor / 100.0, p_reason, 'processed', p_now);
  end if;
  return 'done';
end $$;

-- Bank details leave the house with a batch: who took them, in the audit log.
create function private.note_payout_export_v1(p_batch_id uuid, p_user_id uuid) returns void
language sql volatile security definer set search_path = '' as $$
  insert into public.audit_log (actor_user_id, actor_role, action, table_name, row_id)
  values (p_user_id, 'admin', 'export', 'payout_batches', p_batch_id)
$$;

-- ---------------------------------------------------------------------------------------------
-- Statements

create type private.statement_line as (
  id bigint,
  at timestamptz,
  account text,
  kind text,
  part text,
  amount_minor bigint,
  balance_minor bigint,
  order_id uuid,
  order_number text,
  order_item_id uuid,
  product_name text,
  quantity integer,
  note text,
  available_from timestamptz,
  payout_id uuid,
  breakdown jsonb
);

-- The entries of a payee's two accounts, newest first: of one of them or (`all`) of both, before p_after,
-- in a window of time. breakdown: the whole item's split, with what was sold.
create function private.statement_of(
  p_kind text, p_payee_id uuid, p_account text, p_from timestamptz, p_until timestamptz, p_after bigint,
  p_limit integer, p_hold_days integer) returns setof private.statement_line
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
  select n.id, e.event_at, split_part(a.name, '_', 2),
         case e.source_type || ' ' || e.event
           when 'payment captured' then 'sale'
           when 'payment collected' then 'cod_sale'
           when 'payment remitted' then 'cod_netted'
           when 'refund refunded' then 'refund'
           when 'order_item released' then 'released'
           when 'payout claimed' then 'payout'
           when 'payout returned' then 'payout_returned'
           when 'payout cancelled' then 'payout_cancelled'
           else 'adjustment' end,
         regexp_replace(n.leg, '_pending$', ''), n.amount_minor, n.balance_minor, e.order_id,
         o.order_number::text, n.order_item_id, i.product_name::text, i.quantity, e.note,
         case when a.name like '%pending' and e.source_type = 'payment' and l.released_at is null
              then l.earned_at + make_interval(days => p_hold_days) end,
         case e.source_type when 'payout' then e.source_id end,
         case when e.source_type = 'payment' and s.order_item_id is not null then jsonb_build_object(
           'paid_minor', s.paid_minor, 'base_minor', s.base_minor, 'tax_minor', s.tax_minor,
           'fee_bp', s.fee_bp, 'fee_minor', s.fee_minor, 'fee_gst_bp', s.fee_gst_bp,
           'fee_gst_minor', s.fee_gst_minor, 'commission_bp', s.commission_bp,
           'commission_minor', s.commission_minor, 'cut_bp', s.cut_bp, 'cut_minor', s.cut_minor,
           'tcs_bp', s.tcs_bp, 'tcs_minor', s.tcs_minor, 'tds_bp', s.tds_bp, 'tds_minor', s.tds_minor,
           'discount_minor', s.discount_minor, 'funded_by', s.funded_by,
           'wholesaler_minor', s.wholesaler_minor) end
  from private.ledger_accounts a
  join private.ledger_entries n on n.account_id = a.id
  join private.ledger_events e on e.id = n.event_id
  left join public.orders o on o.id = e.order_id
  left join public.order_items i on i.id = n.order_item_id
  left join private.ledger_lines l on l.order_item_id = n.order_item_id
  left join private.order_item_splits s on s.order_item_id = n.order_item_id
  where a.owner_id = p_payee_id
    and a.name in (p_kind || '_pending', p_kind || '_available')
    and (p_account = 'all' or a.name = p_kind || '_' || p_account)
    and (p_after is null or n.id < p_after)
    and (p_from is null or e.event_at >= p_from) and (p_until is null or e.event_at < p_until)
  order by n.id desc limit p_limit;
end $$;

create function private.balances_of(p_kind text, p_payee_id uuid)
returns table (pending_minor bigint, available_minor bigint, on_its_way_minor bigint, paid_out_minor bigint)
language sql stable security definer set search_path = '' as $$
  select coalesce(sum(a.balance_minor) filter (where a.name like '%pending'), 0)::bigint,
         coalesce(sum(a.balance_minor) filter (where a.name like '%available'), 0)::bigint,
         (select coalesce(sum(x.amount_minor) filter (where x.status = 'pending'), 0)::bigint
          from private.payouts x where x.payee_kind = p_kind and x.payee_id = p_payee_id),
         (select coalesce(sum(x.amount_minor) filter (where x.status = 'paid'), 0)::bigint
          from private.payouts x where x.payee_kind = p_kind and x.payee_id = p_payee_id)
  from private.ledger_accounts a
  where a.owner_id = p_payee_id and a.name in (p_kind || '_pending', p_kind || '_available')
$$;

-- A person's own, and that of anybody for an admin (who names him by p_payee_id). NULL: no such payee.
create function private.whose_statement(p_kind text, p_payee_id uuid) returns uuid
language plpgsql stable security definer set search_path = '' as $$
begin
  if p_payee_id is not null then
    return (select p.id from private.payee_of(p_kind, p_payee_id) p where (select private.is_admin()));
  end if;
  return case p_kind when 'wholesaler' then private.my_wholesaler_id()
                     when 'influencer' then private.my_influencer_id() end;
end $$;

create function private.statement_for(
  p_kind text, p_payee_id uuid, p_account text, p_from timestamptz, p_until timestamptz, p_after bigint,
  p_limit integer, p_hold_days integer) returns setof private.statement_line
language plpgsql stable security definer set search_path = '' as $$
declare
  v_payee_id uuid := private.whose_statement(p_kind, p_payee_id);
begin
  return query select * from private.statement_of(
    p_kind, v_payee_id, p_account, p_from, p_until, p_after, p_limit, p_hold_days);
end $$;

create function private.balances_for(p_kind text, p_payee_id uuid)
returns table (pending_minor bigint, available_minor bigint, on_its_way_minor bigint, paid_out_minor bigint)
language plpgsql stable security definer set search_path = '' as $$
declare
  v_payee_id uuid := private.whose_statement(p_kind, p_payee_id);
begin
  if v_payee_id is not null then
    return query select * from private.balances_of(p_kind, v_payee_id);
  end if;
end $$;

create function app.statement_v1(
  claims text, p_kind text, p_payee_id uuid, p_account text, p_from timestamptz, p_until timestamptz,
  p_after bigint, p_limit integer, p_hold_days integer) returns setof private.statement_line
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return query select * from private.statement_for(
    p_kind, p_payee_id, p_account, p_from, p_until, p_after, p_limit, p_hold_days);
end $$;

-- No row when there is no such payee, or the caller may not know.
create function app.payee_balances_v1(claims text, p_kind text, p_payee_id uuid)
returns table (pending_minor bigint, available_minor bigint, on_its_way_minor bigint, paid_out_minor bigint)
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return query select * from private.balances_for(p_kind, p_payee_id);
end $$;

-- ---------------------------------------------------------------------------------------------
-- What admins see

create type private.payout_row as (
  id uuid,
  batch_id uuid,
  payee_kind text,
  payee_id uuid,
  payee_name text,
  amount_minor bigint,
  currency text,
  status text,
  reference text,
  reason text,
  entries bigint,
  created_at timestamptz,
  paid_at timestamptz,
  ended_at timestamptz
);

-- p_status: `all` or one of them.
create function private.payouts_for_admin(
  p_id uuid, p_batch_id uuid, p_status text, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns setof private.payout_row
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
  select x.id, x.batch_id, x.payee_kind, x.payee_id, p.name, x.amount_minor, x.currency, x.status,
         x.reference, x.reason, x.last_version - x.first_version + 1, x.created_at, x.paid_at, x.ended_at
  from private.payouts x cross join lateral private.payee_of(x.payee_kind, x.payee_id) p
  where (select private.is_admin())
    and (p_id is null or x.id = p_id) and (p_batch_id is null or x.batch_id = p_batch_id)
    and (p_status = 'all' or x.status = p_status)
    and (x.created_at, x.id) < (coalesce(p_after_at, 'infinity'),
                                coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
  order by x.created_at desc, x.id desc limit p_limit;
end $$;

create function app.payouts_v1(
  claims text, p_id uuid, p_batch_id uuid, p_status text, p_after_at timestamptz, p_after_id uuid,
  p_limit integer) returns setof private.payout_row
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return query select * from private.payouts_for_admin(
    p_id, p_batch_id, p_status, p_after_at, p_after_id, p_limit);
end $$;

create type private.payout_batch_row as (
  id uuid,
  created_at timestamptz,
  is_scheduled boolean,
  payouts integer,
  amount_minor bigint,
  pending integer,
  paid integer,
  returned integer
);

create function private.payout_batches_for_admin(
  p_id uuid, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns setof private.payout_batch_row
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
  select b.id, b.created_at, b.is_scheduled, count(x.id)::integer,
         coalesce(sum(x.amount_minor), 0)::bigint,
         (count(*) filter (where x.status = 'pending'))::integer,
         (count(*) filter (where x.status = 'paid'))::integer,
         (count(*) filter (where x.status in ('returned', 'cancelled')))::integer
  from (select * from private.payout_batches c
        where (select private.is_admin()) and (p_id is null or c.id = p_id)
          and (c.created_at, c.id) < (coalesce(p_after_at, 'infinity'),
                                      coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
        order by c.created_at desc, c.id desc limit p_limit) b
  left join private.payouts x on x.batch_id = b.id
  group by b.id, b.created_at, b.is_scheduled
  order by b.created_at desc, b.id desc;
end $$;

create function app.payout_batches_v1(
  claims text, p_id uuid, p_after_at timestamptz, p_after_id uuid, p_limit integer)
returns setof private.payout_batch_row
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return query select * from private.payout_batches_for_admin(p_id, p_after_at, p_after_id, p_limit);
end $$;

create type private.payee_row as (
  kind text,
  id uuid,
  name text,
  pending_minor bigint,
  available_minor bigint,
  problem text
);

-- Everybody with something on an account, by id, or the one of this kind and id.
create function private.payees_for_admin(
  p_kind text, p_id uuid, p_after_id uuid, p_limit integer, p_minimum_minor bigint)
returns setof private.payee_row
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
  select p.kind, p.id, p.name, b.pending_minor, b.available_minor,
         private.payout_problem(p, b.available_minor, p_minimum_minor)
  from (
    select a.owner_id, split_part(a.name, '_', 1) as kind,
           coalesce(sum(a.balance_minor) filter (where a.name like '%pending'), 0)::bigint as pending_minor,
           coalesce(sum(a.balance_minor) filter (where a.name like '%available'), 0)::bigint as available_minor
    from private.ledger_accounts a
    where (select private.is_admin())
      and a.name in ('wholesaler_pending', 'wholesaler_available', 'influencer_pending', 'influencer_available')
      and (p_id is null or a.owner_id = p_id) and (p_kind is null or a.name like p_kind || '%')
      and (p_after_id is null or a.owner_id > p_after_id)
    group by 1, 2) b
  cross join lateral private.payee_of(b.kind, b.owner_id) p
  where p_id is not null or b.pending_minor <> 0 or b.available_minor <> 0
  order by b.owner_id limit p_limit;
end $$;

create function app.payees_v1(
  claims text, p_kind text, p_id uuid, p_after_id uuid, p_limit integer, p_minimum_minor bigint)
returns setof private.payee_row
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return query select * from private.payees_for_admin(p_kind, p_id, p_after_id, p_limit, p_minimum_minor);
end $$;

create function private.ledger_for_admin()
returns table (name text, provider text, owner_kind text, accounts integer, balance_minor bigint)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
  select a.name, a.provider,
         case when a.owner_id is null then null when a.name like 'influencer%' then 'influencer'
              when a.name = 'store_credit' then 'customer' else 'wholesaler' end,
         count(*)::integer, sum(a.balance_minor)::bigint
  from private.ledger_accounts a
  where (select private.is_admin())
  group by 1, 2, 3 order by 1, 2, 3;
end $$;

create function app.ledger_v1(claims text)
returns table (name text, provider text, owner_kind text, accounts integer, balance_minor bigint)
language plpgsql stable set search_path = '' as $$
begin
  perform app.act_as_v1(claims);
  return query select * from private.ledger_for_admin();
end $$;

-- The payouts of a batch with what the bank needs, still sealed; for the service, which opens it.
create function private.payout_details_v1(p_batch_id uuid)
returns table (id uuid, payee_kind text, payee_id uuid, payee_name text, amount_minor bigint, currency text,
               status text, bank_name text, details jsonb)
language sql stable security definer set search_path = '' as $$
  select x.id, x.payee_kind, x.payee_id, p.name, x.amount_minor, x.currency, x.status,
         coalesce(w.bank_name, i.bank_name)::text,
         jsonb_strip_nulls(jsonb_build_object(
           'bank_account_number', coalesce(w.bank_account_number, i.bank_account_number),
           'ifsc_code', coalesce(w.ifsc_code, i.ifsc_code), 'upi_id', i.upi_id))
  from private.payouts x
  cross join lateral private.payee_of(x.payee_kind, x.payee_id) p
  left join public.wholesalers w on x.payee_kind = 'wholesaler' and w.id = x.payee_id
  left join public.influencers i on x.payee_kind = 'influencer' and i.id = x.payee_id
  where x.batch_id = p_batch_id
  order by x.created_at, x.id
$$;

-- ---------------------------------------------------------------------------------------------

do $$
declare
  t text;
  f regprocedure;
begin
  foreach t in array array['payout_batches', 'payouts'] loop
    execute format('alter table private.%I enable row level security', t);
    execute format('revoke all on private.%I from public, anon, authenticated, service_role', t);
    execute format('grant select on private.%I to service_role', t);
    execute format('create policy service on private.%I for select to service_role using (true)', t);
  end loop;
  for f in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where p.pronamespace = 'private'::regnamespace and p.proname = any (array[
      'adjust_payee_v1', 'balances_for', 'balances_of', 'claim_payouts', 'ledger_for_admin',
      'make_payout_batch_v1', 'make_payouts_v1', 'mark_earnings', 'move_payout_v1', 'note_payout_export_v1',
      'payee_of', 'payees_for_admin', 'payout_batches_for_admin', 'payout_details_v1', 'payout_problem',
      'payouts_for_admin', 'statement_for', 'statement_of', 'whose_statement'])
  loop
    execute format('revoke execute on function %s from public, anon, authenticated', f);
    execute format('grant execute on function %s to service_role', f);
  end loop;
end $$;
-- Each of these asks itself who calls.
grant execute on function
  private.statement_for(text, uuid, text, timestamptz, timestamptz, bigint, integer, integer),
  private.balances_for(text, uuid),
  private.payouts_for_admin(uuid, uuid, text, timestamptz, uuid, integer),
  private.payout_batches_for_admin(uuid, timestamptz, uuid, integer),
  private.payees_for_admin(text, uuid, uuid, integer, bigint),
  private.ledger_for_admin()
  to authenticated;
revoke execute on function
  app.statement_v1(text, text, uuid, text, timestamptz, timestamptz, bigint, integer, integer),
  app.payee_balances_v1(text, text, uuid),
  app.payouts_v1(text, uuid, uuid, text, timestamptz, uuid, integer),
  app.payout_batches_v1(text, uuid, timestamptz, uuid, integer),
  app.payees_v1(text, text, uuid, uuid, integer, bigint),
  app.ledger_v1(text)
  from public, anon, authenticated, service_role;
grant execute on function
  app.statement_v1(text, text, uuid, text, timestamptz, timestamptz, bigint, integer, integer),
  app.payee_balances_v1(text, text, uuid),
  app.payouts_v1(text, uuid, uuid, text, timestamptz, uuid, integer),
  app.payout_batches_v1(text, uuid, timestamptz, uuid, integer),
  app.payees_v1(text, text, uuid, uuid, integer, bigint),
  app.ledger_v1(text)
  to livecommerce_api;
