-- Payments: the desk that calls providers, and the inbox of what they say.

-- name: test_script
-- What the test provider does for a telephone number; no row for whoever just pays.
select steps from private.test_payment_scripts where phone = $1::text

-- name: store_event
-- No row when the event was stored before.
insert into private.payment_events (
  provider, event_id, source, kind, provider_kind, reference, payment_id, capture_reference, refund_id,
  refund_reference, amount_minor, currency, occurred_at, note, body)
values ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::uuid, $8::text, $9::uuid,
        $10::text, $11::bigint, $12::text, $13::timestamptz, $14::text, $15::jsonb)
on conflict (provider, event_id) do nothing
returning id

-- name: open_events
-- Events that can be applied: new ones, and those whose payment (for a refund: its money) has come.
select e.id from private.payment_events e
where e.state in ('new', 'waiting') and e.due_at <= $1::timestamptz
  and (e.state = 'new'
       or exists (select from private.payments p
                  where p.provider = e.provider and p.provider_reference = e.reference
                    and (e.kind not like 'refund%' or p.status = 'captured'))
       or exists (select from private.payments p
                  where p.provider = e.provider and p.id = e.payment_id
                    and (e.kind not like 'refund%' or p.status = 'captured'))
       or exists (select from private.payments p
                  where p.provider = e.provider and p.capture_reference = e.reference)
       or exists (select from public.refunds r where r.provider_reference = e.refund_reference))
order by e.id limit $2::integer

-- name: lock_event
-- No row when it is applied, or when somebody else is applying it.
select provider, kind, reference, payment_id, capture_reference, refund_id, refund_reference,
       amount_minor, currency, note, attempts
from private.payment_events
where id = $1::bigint and state in ('new', 'waiting')
for no key update skip locked

-- name: close_event
update private.payment_events
set state = $2::text, note = coalesce($3::text, note), payment_id = coalesce($4::uuid, payment_id),
    applied_at = case when $2::text in ('new', 'waiting') then null else now() end
where id = $1::bigint;

-- name: note_event_failure
-- Tried again after a while that doubles; after ten times, some minutes, it is left for people.
update private.payment_events
set attempts = attempts + 1, note = $2::text, due_at = now() + interval '1 s' * 2 ^ attempts,
    state = case when attempts >= 9 then 'failed' else state end
where id = $1::bigint;

-- name: look
-- The payment of an event, with its order locked; no row when we do not know it.
select payment_id, order_id, status, amount_minor, currency, capture_reference, is_paid_otherwise
from private.look_at_payment_v1($1::text, $2::text, $3::uuid)

-- name: move
select private.move_payment_v1($1::uuid, $2::text, $3::text)

-- name: capture
select private.capture_payment_v1($1::uuid, $2::text) as word

-- name: fetch_soon
update private.payments set due_at = now() where id = $1::uuid;

-- name: claim
-- Payments that a provider has to be called for, claimed until $2.
select id, order_id, order_number, provider, status, amount_minor, currency, provider_reference,
       capture_reference, attempts, phone, placed_at, pay_until, is_wanted
from private.claim_payments_v1($1::timestamptz, $2::timestamptz, $3::text[], $4::integer)

-- name: made
select private.payment_made_v1($1::uuid, $2::text, $3::jsonb, $4::timestamptz)

-- name: look_again
select private.look_again_v1($1::uuid, $2::timestamptz, $3::timestamptz, $4::text)

-- name: fail
-- The provider does not take a payment at all.
select private.fail_payment_v1($1::uuid)

-- name: unpaid_orders
-- Orders that are past their time and unpaid, after ($4, $5). $2: how long after the time, so that what was
-- paid in the last moment has arrived; $3: how much longer one is kept whose customer says that it is paid.
select o.id as order_id, o.pay_until from public.orders o
where o.pay_until < $1::timestamptz - $2::interval and (o.pay_until, o.id) > ($4::timestamptz, $5::uuid)
  and o.status = 'pending' and o.payment_status in ('pending', 'failed')
  and not exists (select from private.payments p
                  where p.order_id = o.id and p.customer_reference is not null
                    and p.status in ('pending', 'failed') and o.pay_until > $1::timestamptz - $3::interval)
order by o.pay_until, o.id limit $6::integer

-- name: expire_order
-- False when it was paid meanwhile.
select private.expire_order_v1($1::uuid) as is_expired

-- name: claim_refunds
select id, is_reversal, order_number, provider, provider_reference, capture_reference, payment_id,
       amount_minor, currency, method, attempts, refund_reference, phone, round
from private.claim_refunds_v1($1::timestamptz, $2::timestamptz, $3::integer)

-- name: move_refund
-- done | known | late | unknown
select private.move_refund_v1($1::uuid, $2::text, $3::text, $4::text, $5::text) as word

-- name: refund_again
select private.refund_again_v1($1::uuid, $2::boolean, $3::timestamptz, $4::timestamptz, $5::text)

-- name: refund_made_elsewhere
-- done | mismatch
select private.refund_made_elsewhere_v1($1::uuid, $2::bigint, $3::text) as word

-- name: of_order
-- The payment of an order of the caller; no row when it is not theirs.
select order_id, order_number, order_status, payment_status, payment_id, provider, status, amount_minor,
       currency, pay_until, note, client, customer_reference, refunds
from app.payment_of_order_v1($1::text, $2::uuid)

-- name: came_back
-- The payment that a browser says it comes from, by our name for it or by the provider's. The provider is
-- asked about it now, though not as often as somebody likes to come back.
with found as (
  select id, order_id from private.payments
  where provider = $1::text and (id = $2::uuid or provider_reference = $3::text)),
asked as (
  update private.payments p set due_at = now() from found
  -- What failed may have been paid since, with another card on the same page.
  where p.id = found.id and p.status in ('pending', 'failed') and p.due_at > now() and p.attempts < 12)
select order_id, id as payment_id from found

-- name: pay_again
-- done | not_found | not_payable
select private.pay_again_v1($1::uuid, $2::uuid, $3::uuid, $4::text, $5::timestamptz) as word

-- name: note_upi_reference
-- done | not_found | not_payable
select private.note_upi_reference_v1($1::uuid, $2::uuid, $3::text) as word

-- name: list
-- Payments as an admin sees them.
select payment_id, order_id, order_number, customer_name, provider, status, amount_minor, currency,
       reference, customer_reference, created_at, updated_at, order_status, note, upi_reference
from app.payments_v1($1::text, $2::uuid, $3::text, $4::text, $5::text, $6::uuid, $7::integer)

-- name: event_list
select inbox_id, event_id, provider, source, kind, provider_kind, state, reference, order_number,
       amount_minor, received_at, note
from app.payment_events_v1($1::text, $2::text, $3::bigint, $4::integer)

-- name: event_counts
select app.payment_event_counts_v1($1::text) as counts

-- name: handle_event
-- Somebody looked at an event that waited for that: done, or to be applied once more. No row when there is no
-- such event: done | wrong_state
with found as (
  select id, state, handled_at from private.payment_events where id = $1::bigint for no key update),
handled as (
  update private.payment_events e
  set state = case $3::text when 'retry' then 'new' else 'ignored' end,
      note = concat_ws(' – ', e.note, $4::text), attempts = 0, due_at = now(),
      applied_at = case $3::text when 'retry' then null else now() end,
      handled_by = $2::uuid, handled_at = now()
  from found
  where e.id = found.id
    and (found.state = 'failed' or $3::text = 'done' and found.state in ('unknown', 'mismatch'))
  returning e.id)
select case when exists (select from handled) then 'done'
            when $3::text = 'done' and found.state = 'ignored' and found.handled_at is not null then 'done'
            else 'wrong_state' end as word
from found

-- name: refund_list
select refund_id, order_id, order_number, amount_minor, method, status, provider, reference, reason, note,
       is_reversal, created_at
from app.refunds_v1($1::text, $2::uuid, $3::text, $4::timestamptz, $5::uuid, $6::integer)

-- name: retry_refund
-- done | wrong_state | not_found
select private.retry_refund_v1($1::uuid) as word

-- name: collect_cash
-- done | wrong_state | not_found
select private.collect_cash_v1($1::uuid, $2::uuid) as word

-- name: remit_cash
-- Those of the payments that cannot be; empty when all were.
select unnest(private.cod_remitted_v1($1::uuid[], $2::text)) as payment_id

-- name: heard
-- By provider: how many events it told of by itself, and how many payments were found by asking.
select provider, count(*) filter (where source = 'webhook')::integer as told,
       count(*) filter (where source = 'fetch' and kind = 'captured')::integer as found
from private.payment_events
where provider in ('stripe', 'razorpay') and received_at > $1::timestamptz
group by provider

-- name: event_by_name
-- Which payment an event of this name was for.
select payment_id from private.payment_events where provider = $1::text and event_id = $2::text
