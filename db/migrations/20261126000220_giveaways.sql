-- Giveaways with a draw that anybody can check (docs/giveaways.md).
--
-- When it opens, the program makes a secret seed and publishes its hash; when it is drawn, the seed is
-- published, and the winners are a function of the seed and of all entries (livecommerce.live.drawing).
-- Nobody can change what took part or what came out: these tables are append-only. Only the number of
-- entries, which is told while they come, is counted in a row of its own, and that row is the lock that
-- entries and the draw take.

-- squawk-ignore-file adding-foreign-key-constraint

create table private.giveaways (
  id uuid primary key,
  live_session_id uuid not null references public.live_sessions on delete restrict,
  prize text not null,
  winners_max integer not null check (winners_max between 1 and 20),
  needs text not null check (needs in ('nothing', 'follow', 'order')),
  seed_hash text not null check (seed_hash ~ '^[0-9a-f]{64}$'),
  -- Told to nobody before the draw.
  seed text not null check (seed ~ '^[0-9a-f]{64}$'),
  opened_by uuid not null,
  opened_at timestamptz not null default now(),
  closes_at timestamptz not null,
  constraint giveaways_promise check (seed_hash = encode(sha256(decode(seed, 'hex')), 'hex'))
);
create index giveaways_live_session_id on private.giveaways (live_session_id, opened_at);
comment on table private.giveaways is 'prizes that are drawn among the customers of a live session; append-only';
comment on column private.giveaways.seed_hash is 'what is promised at the opening: SHA-256 of the seed';

create table private.giveaway_counts (
  giveaway_id uuid primary key references private.giveaways on delete restrict,
  entries integer not null default 0,
  told integer not null default 0,
  told_at timestamptz not null default now(),
  is_drawn boolean not null default false
) with (fillfactor = 50);
create index giveaway_counts_open on private.giveaway_counts (giveaway_id) where not is_drawn;
comment on table private.giveaway_counts is 'how many take part, as told; the row is the lock of a giveaway';

create table private.giveaway_entries (
  giveaway_id uuid not null references private.giveaways on delete restrict,
  entry_id uuid not null,
  user_id uuid not null,
  name text not null,
  entered_at timestamptz not null default now(),
  primary key (giveaway_id, entry_id),
  constraint giveaway_entries_once unique (giveaway_id, user_id)
);
comment on table private.giveaway_entries is
  'who takes part, once each; entry_id is what the world sees of it. Append-only';

create table private.giveaway_draws (
  giveaway_id uuid primary key references private.giveaways on delete restrict,
  entries integer not null,
  entries_hash text not null check (entries_hash ~ '^[0-9a-f]{64}$'),
  drawn_by uuid,
  drawn_at timestamptz not null default now()
);
comment on table private.giveaway_draws is 'one draw per giveaway, for good; append-only';
comment on column private.giveaway_draws.drawn_by is 'NULL: by the time';

create table private.giveaway_winners (
  giveaway_id uuid not null references private.giveaway_draws on delete restrict,
  place integer not null check (place >= 1),
  entry_id uuid not null,
  primary key (giveaway_id, place),
  constraint giveaway_winners_entry foreign key (giveaway_id, entry_id)
    references private.giveaway_entries (giveaway_id, entry_id) on delete restrict
);
create unique index giveaway_winners_entry_id on private.giveaway_winners (giveaway_id, entry_id);
comment on table private.giveaway_winners is 'who won, in the order of the draw; append-only';

create function private.keep_giveaway() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = '42501',
    message = format('%s is append-only: a draw is for good', tg_table_name);
end $$;

-- A giveaway as everybody in the live session sees it.
create function private.giveaway_json_v1(p_giveaway_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', g.id, 'prize', g.prize, 'winners_max', g.winners_max, 'needs', g.needs,
    'seed_hash', g.seed_hash,
    'opened_at_ms', (extract(epoch from g.opened_at) * 1000)::bigint,
    'closes_at_ms', (extract(epoch from g.closes_at) * 1000)::bigint,
    'entries', coalesce(d.entries, c.entries),
    'seed', case when d.giveaway_id is not null then g.seed end,
    'entries_hash', d.entries_hash,
    'drawn_at_ms', (extract(epoch from d.drawn_at) * 1000)::bigint,
    'winners', coalesce((
      select jsonb_agg(jsonb_build_object('place', w.place, 'entry_id', w.entry_id, 'name', e.name)
                       order by w.place)
      from private.giveaway_winners w
      join private.giveaway_entries e on e.giveaway_id = w.giveaway_id and e.entry_id = w.entry_id
      where w.giveaway_id = g.id), '[]'))
  from private.giveaways g
  join private.giveaway_counts c on c.giveaway_id = g.id
  left join private.giveaway_draws d on d.giveaway_id = g.id
  where g.id = p_giveaway_id
$$;

create function private.tell_giveaway(p_topic text, p_live_session_id uuid, p_giveaway_id uuid)
returns void
language sql volatile set search_path = '' as $$
  insert into private.outbox (topic, live_session_id, payload)
  values (p_topic, p_live_session_id,
          jsonb_build_object('giveaway', private.giveaway_json_v1(p_giveaway_id)))
$$;

-- Opens a giveaway of one's own live session; the same p_id again is the same giveaway, with the seed
-- of the first time. One at a time: the one before must be drawn.
-- Returns {outcome, ...}: opened {giveaway} | session_not_found | not_yours | wrong_state {status} |
--   running {giveaway} | key_reused
create function private.open_giveaway_v1(
  p_user_id uuid, p_id uuid, p_live_session_id uuid, p_prize text, p_winners_max integer, p_needs text,
  p_duration_s integer, p_seed text)
returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_answer jsonb := private.lock_own_session_v1(p_user_id, p_live_session_id);
  v_other uuid;
begin
  if v_answer ->> 'outcome' <> 'yours' then
    return v_answer;
  end if;
  select id into v_other from private.giveaways where id = p_id;
  if found then
    return case when exists (select from private.giveaways
                             where id = p_id and live_session_id = p_live_session_id
                               and prize = p_prize and winners_max = p_winners_max and needs = p_needs)
                then jsonb_build_object('outcome', 'opened',
                                        'giveaway', private.giveaway_json_v1(p_id))
                else jsonb_build_object('outcome', 'key_reused') end;
  elsif v_answer ->> 'status' not in ('live', 'paused') then
    return v_answer || '{"outcome": "wrong_state"}';
  end if;
  select g.id into v_other from private.giveaways g
  where g.live_session_id = p_live_session_id
    and not exists (select from private.giveaway_draws d where d.giveaway_id = g.id)
  limit 1;
  if found then
    return jsonb_build_object('outcome', 'running', 'giveaway', private.giveaway_json_v1(v_other));
  end if;
  insert into private.giveaways (
    id, live_session_id, prize, winners_max, needs, seed_hash, seed, opened_by, closes_at)
  values (
    p_id, p_live_session_id, p_prize, p_winners_max, p_needs,
    encode(sha256(decode(p_seed, 'hex')), 'hex'), p_seed, p_user_id,
    now() + make_interval(secs => p_duration_s));
  insert into private.giveaway_counts (giveaway_id) values (p_id);
  perform private.tell_giveaway('giveaway.opened', p_live_session_id, p_id);
  return jsonb_build_object('outcome', 'opened', 'giveaway', private.giveaway_json_v1(p_id));
end $$;

-- Whether a customer has done what a giveaway needs.
create function private.may_enter(p_needs text, p_live_session_id uuid, p_user_id uuid) returns boolean
language sql stable set search_path = '' as $$
  select case p_needs
    when 'follow' then exists (
      select from public.follows f join public.live_sessions l on l.influencer_id = f.influencer_id
      where l.id = p_live_session_id and f.user_id = p_user_id)
    when 'order' then exists (
      select from public.orders o
      join public.customers c on c.id = o.customer_id
      join public.order_items i on i.order_id = o.id and i.live_session_id = p_live_session_id
      where c.user_id = p_user_id and o.status not in ('cancelled', 'refunded')
        and i.quantity > i.quantity_cancelled
        and (o.payment_method = 'cod' or o.payment_status <> 'pending'))
    else true end
$$;

-- Entries of many customers in one transaction. p_entries: [{giveaway_id, live_session_id, user_id,
-- entry_id, name}], no person twice. Who has entered already keeps the first entry.
-- Returns, in their order: [{outcome, ...}]: entered {entry_id} | not_found | closed |
--   not_eligible {needs} | key_reused
create function private.enter_giveaways_v1(p_entries jsonb) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  v_judged jsonb;
begin
  -- The draw takes the same row: what is judged below is in before the draw, or not at all.
  perform from private.giveaway_counts c
  where c.giveaway_id in (select (e.value ->> 'giveaway_id')::uuid
                          from jsonb_array_elements(p_entries) e)
  order by c.giveaway_id for no key update;
  select jsonb_agg(e.value || jsonb_build_object('needs', g.needs, 'outcome', case
           when g.id is null then 'not_found'
           when g.closes_at <= now() or l.status not in ('live', 'paused')
             or exists (select from private.giveaway_draws d where d.giveaway_id = g.id) then 'closed'
           when not private.may_enter(g.needs, g.live_session_id, (e.value ->> 'user_id')::uuid)
             then 'not_eligible'
           else 'entered' end) order by e.n)
  into v_judged
  from jsonb_array_elements(p_entries) with ordinality e (value, n)
  left join private.giveaways g on g.id = (e.value ->> 'giveaway_id')::uuid
                               and g.live_session_id = (e.value ->> 'live_session_id')::uuid
  left join public.live_sessions l on l.id = g.live_session_id;
  with added as (
    insert into private.giveaway_entries (giveaway_id, entry_id, user_id, name)
    select j.giveaway_id, j.entry_id, j.user_id, j.name
    from jsonb_to_recordset(v_judged) j (
      giveaway_id uuid, entry_id uuid, user_id uuid, name text, outcome text)
    where j.outcome = 'entered'
    on conflict do nothing
    returning giveaway_id)
  update private.giveaway_counts c set entries = c.entries + a.n
  from (select giveaway_id, count(*)::integer as n from added group by giveaway_id) a
  where c.giveaway_id = a.giveaway_id;
  return (
    select jsonb_agg(
      case
        -- Who is in is in, though a retry of the answer comes when it is over.
        when i.entry_id is not null then
          jsonb_build_object('outcome', 'entered', 'entry_id', i.entry_id)
        when j.value ->> 'outcome' = 'entered' then jsonb_build_object('outcome', 'key_reused')
        else jsonb_build_object('outcome', j.value ->> 'outcome', 'needs', j.value ->> 'needs')
      end order by j.n)
    from jsonb_array_elements(v_judged) with ordinality j (value, n)
    left join private.giveaway_entries i
      on i.giveaway_id = (j.value ->> 'giveaway_id')::uuid
     and i.user_id = (j.value ->> 'user_id')::uuid);
end $$;

-- What a draw is made of; nobody can enter any more until the transaction ends. NULL without a
-- giveaway of that id.
-- Returns {is_drawn, live_session_id, winners_max, seed, entries: [entry ids]}
create function private.lock_giveaway_v1(p_giveaway_id uuid) returns jsonb
language plpgsql volatile set search_path = '' as $$
begin
  perform from private.giveaway_counts where giveaway_id = p_giveaway_id for update;
  return (
    select jsonb_build_object(
      'is_drawn', exists (select from private.giveaway_draws d where d.giveaway_id = g.id),
      'live_session_id', g.live_session_id, 'winners_max', g.winners_max, 'seed', g.seed,
      'entries', coalesce((select jsonb_agg(e.entry_id) from private.giveaway_entries e
                           where e.giveaway_id = g.id), '[]'))
    from private.giveaways g where g.id = p_giveaway_id);
end $$;

-- Keeps the draw that was made of what lock_giveaway_v1 said in this transaction, and tells it:
-- everybody the winners, each winner that it is them.
create function private.keep_draw_v1(
  p_giveaway_id uuid, p_drawn_by uuid, p_entries_hash text, p_winners uuid[])
returns void
language plpgsql volatile set search_path = '' as $$
declare
  v_giveaway private.giveaways;
begin
  select * into strict v_giveaway from private.giveaways where id = p_giveaway_id;
  insert into private.giveaway_draws (giveaway_id, entries, entries_hash, drawn_by)
  select p_giveaway_id, count(*), p_entries_hash, p_drawn_by
  from private.giveaway_entries where giveaway_id = p_giveaway_id;
  update private.giveaway_counts set told = entries, told_at = now(), is_drawn = true
  where giveaway_id = p_giveaway_id;
  insert into private.giveaway_winners (giveaway_id, place, entry_id)
  select p_giveaway_id, w.place, w.entry_id
  from unnest(p_winners) with ordinality w (entry_id, place);
  perform private.tell_giveaway('giveaway.drawn', v_giveaway.live_session_id, p_giveaway_id);
  insert into private.outbox (topic, live_session_id, payload)
  select 'giveaway.won', null, jsonb_build_object(
           'user_id', e.user_id, 'live_session_id', v_giveaway.live_session_id,
           'giveaway_id', p_giveaway_id, 'entry_id', w.entry_id, 'prize', v_giveaway.prize,
           'place', w.place)
  from private.giveaway_winners w
  join private.giveaway_entries e on e.giveaway_id = w.giveaway_id and e.entry_id = w.entry_id
  where w.giveaway_id = p_giveaway_id
  order by w.place;
  -- For those who have left meanwhile, as long as they have an account.
  insert into public.notifications (
    user_id, type, title, message, priority, live_session_id, related_type, related_id)
  select e.user_id, 'system', 'You have won', v_giveaway.prize, 'high', v_giveaway.live_session_id,
         'giveaway', p_giveaway_id
  from private.giveaway_winners w
  join private.giveaway_entries e on e.giveaway_id = w.giveaway_id and e.entry_id = w.entry_id
  where w.giveaway_id = p_giveaway_id and exists (select from auth.users u where u.id = e.user_id)
  on conflict do nothing;
end $$;

-- Giveaways to be drawn now: their time is over, or their live session is.
create function private.due_giveaways_v1(p_limit integer) returns setof uuid
language sql stable set search_path = '' as $$
  select g.id
  from private.giveaway_counts c
  join private.giveaways g on g.id = c.giveaway_id
  join public.live_sessions l on l.id = g.live_session_id
  where not c.is_drawn
    and (g.closes_at <= now() or l.status in ('ended', 'cancelled', 'error'))
  order by g.closes_at, g.id limit p_limit
$$;

do $$
declare
  t text;
begin
  foreach t in array array['giveaways', 'giveaway_counts', 'giveaway_entries', 'giveaway_draws',
                           'giveaway_winners'] loop
    execute format('alter table private.%I enable row level security', t);
    execute format('revoke all on private.%I from public, anon, authenticated, service_role', t);
    execute format('grant select, insert on private.%I to service_role', t);
    execute format('create policy service on private.%I for all to service_role '
                   'using (true) with check (true)', t);
  end loop;
  grant update, delete on private.giveaway_counts to service_role;
  foreach t in array array['giveaways', 'giveaway_entries', 'giveaway_draws', 'giveaway_winners'] loop
    execute format('create trigger append_only before update or delete or truncate on private.%I '
                   'for each statement execute function private.keep_giveaway()', t);
  end loop;
end $$;

revoke execute on function
  private.keep_giveaway(), private.giveaway_json_v1(uuid), private.tell_giveaway(text, uuid, uuid),
  private.open_giveaway_v1(uuid, uuid, uuid, text, integer, text, integer, text),
  private.may_enter(text, uuid, uuid), private.enter_giveaways_v1(jsonb),
  private.lock_giveaway_v1(uuid), private.keep_draw_v1(uuid, uuid, text, uuid[]),
  private.due_giveaways_v1(integer)
  from public, anon, authenticated;
grant execute on function
  private.keep_giveaway(), private.giveaway_json_v1(uuid), private.tell_giveaway(text, uuid, uuid),
  private.open_giveaway_v1(uuid, uuid, uuid, text, integer, text, integer, text),
  private.may_enter(text, uuid, uuid), private.enter_giveaways_v1(jsonb),
  private.lock_giveaway_v1(uuid), private.keep_draw_v1(uuid, uuid, text, uuid[]),
  private.due_giveaways_v1(integer)
  to service_role;
