-- Payments at their providers: what is to be done with each attempt and when, the inbox of what
-- providers say, and money that goes back.
--
-- Nothing here calls a provider. Whoever does claims a row first (due_at moves on and is committed), so
-- that two processes never do the same, and what one of them left undone comes up again.

-- The table is new in this release and empty.
-- squawk-ignore-file require-concurrent-index-creation, disallowed-unique-constraint

alter table private.payments
  add column due_at timestamptz default now(),
  add column attempts integer not null default 0,
  add column client jsonb,
  add column capture_reference text,
  add column captured_at timestamptz,
  add column is_excess boolean not null default false,
  add column customer_reference text,
  add column note text;
comment on column private.payments.due_at is
  'when the provider is called next: to make it, to ask about it, to cancel it; NULL when nothing is left to do';
comment on column private.payments.client is 'what the page of the customer needs to pay; no secret of ours';
comment on column private.payments.capture_reference is
  'the provider''s name for the capture, where it is not provider_reference';
comment on column private.payments.is_excess is
  'captured when the order was paid already: no sale, it goes back by private.payment_reversals';
comment on column private.payments.customer_reference is 'UPI: the number that the customer says the transfer has';
comment on column private.payments.note is 'why it failed, for people';

create index payments_due on private.payments (due_at) where due_at is not null and provider <> 'cod';
-- Without what was only just placed: a checkout does not pay for the lists of the desk.
create index payments_by_status on private.payments (provider, status, id)
  where status <> 'created';
-- Whoever asks for another way to pay has the one before cancelled first.
create unique index payments_one_open on private.payments (order_id)
  where status in ('created', 'pending') and provider <> 'cod';

-- ---------------------------------------------------------------------------------------------
-- The inbox. What a provider says is stored before it is answered, once per event, and applied then.

create table private.payment_events (
  id bigint generated always as identity primary key,
  provider text not null,
  event_id text not null check (length(event_id) between 1 and 200),
  source text not null check (source in ('webhook', 'return', 'fetch', 'operator')),
  kind text not null check (kind in (
    'pending', 'authorized', 'failed', 'cancelled', 'captured',
    'refund_pending', 'refund_succeeded', 'refund_failed', 'unknown')),
  provider_kind text not null,
  reference text,
  payment_id uuid,
  capture_reference text,
  refund_id uuid,
  refund_reference text,
  amount_minor bigint,
  currency text,
  occurred_at timestamptz,
  note text,
  body jsonb not null default '{}',
  -- new: not looked at. waiting: about something that we do not know yet. applied, ignored: done, with
  -- or without an effect. unknown: of a kind that we do not understand. mismatch: somebody has to look.
  -- failed: could not be applied, again and again.
  state text not null default 'new'
    check (state in ('new', 'waiting', 'applied', 'ignored', 'unknown', 'mismatch', 'failed')),
  attempts integer not null default 0,
  due_at timestamptz not null default now(),
  received_at timestamptz not null default now(),
  applied_at timestamptz,
  constraint payment_events_once unique (provider, event_id)
);
create index payment_events_open on private.payment_events (id) where state in ('new', 'waiting');
create index payment_events_by_state on private.payment_events (state, id);
create index payment_events_reference on private.payment_events (provider, reference);
create index payment_events_payment_id on private.payment_events (payment_id);
create index payment_events_received_at on private.payment_events (received_at);
comment on table private.payment_events is
  'inbox of what payment providers say: each event once, however often and in whatever order it comes';
comment on column private.payment_events.body is 'the event as the provider sent it';

-- ---------------------------------------------------------------------------------------------
-- Money that goes back

create table private.refund_work (
  refund_id uuid primary key references public.refunds on delete cascade,
  due_at timestamptz default now(),
  attempts integer not null default 0,
  round integer not null default 0,
  note text
);
create index refund_work_due on private.refund_work (due_at) where due_at is not null;
comment on table private.refund_work is 'refunds on their way to the provider, and why one did not get there';

create table private.payment_reversals (
  id uuid primary key default gen_random_uuid(),
  payment_id uuid not null unique references private.payments on delete restrict,
  amount_minor bigint not null check (amount_minor > 0),
  status text not null default 'pending' check (status in ('pending', 'succeeded', 'failed')),
  provider_reference text,
  due_at timestamptz default now(),
  attempts integer not null default 0,
  round integer not null default 0,
  note text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index payment_reversals_by_status on private.payment_reversals (status, created_at, id);
create index payment_reversals_due on private.payment_reversals (due_at) where due_at is not null;
comment on table private.payment_reversals is
  'payments given back whole because their order was paid twice; no refund of a sale';

-- ---------------------------------------------------------------------------------------------
-- The built-in provider plays what stands here for whoever orders with the number; nobody else's
-- payments wait or fail.

create table private.test_payment_scripts (
  phone text primary key,
  steps jsonb not null check (jsonb_typeof(steps) = 'array')
);
comment on table private.test_payment_scripts is
  'what the test provider does, by telephone number: [{kind, after_s, times, note}] in the order of delivery';
insert into private.test_payment_scripts (phone, steps) values
  ('+919000000013', '[{"kind": "failed", "note": "The bank declined the payment."}]');

do $$
declare
  t text;
begin
  foreach t in array array['payment_events', 'refund_work', 'payment_reversals', 'test_payment_scripts'] loop
    execute format('alter table private.%I enable row level security', t);
    execute format('revoke all on private.%I from public, anon, authenticated, service_role', t);
    execute format('grant select, insert, update, delete on private.%I to service_role', t);
    execute format('create policy service on private.%I for all to service_role '
                   'using (true) with check (true)', t);
  end loop;
end $$;
revoke all on sequence private.payment_events_id_seq from public, anon, authenticated;
grant usage on sequence private.payment_events_id_seq to service_role;
create trigger updated_at before update on private.payment_reversals
  for each row execute function public.handle_updated_at();

create function private.queue_refund() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.refund_work as w (refund_id) values (new.id)
  on conflict (refund_id) do update set due_at = now(), attempts = 0, round = w.round + 1;
  return null;
end $$;
create trigger queued after insert on public.refunds
  for each row when (new.status = 'pending') execute function private.queue_refund();
create trigger queued_again after update of status on public.refunds
  for each row when (old.status = 'failed' and new.status = 'pending')
  execute function private.queue_refund();
revoke execute on function private.queue_refund() from public, anon, authenticated;
