-- Marketplace money: what is free for payout, payouts and what becomes of them, statements.

-- name: release_matured
-- Maintenance: lines whose hold is over, from pending to available.
select done, walked_to
from private.release_matured_v1($1::timestamptz, $2::text, $3::integer, $4::integer)

-- name: make_payouts
-- Maintenance: payouts of the scheduled batch, when it is time for one.
select done, walked_to
from private.make_payouts_v1($1::timestamptz, $2::text, $3::integer, $4::bigint, $5::integer)

-- name: make_batch
-- A batch by hand; false when nobody is to be paid.
select private.make_payout_batch_v1($1::uuid, $2::uuid, $3::bigint, $4::timestamptz) as is_made

-- name: move
-- Says of a payout that it was paid, came back or is called off: done, not_found or wrong_state.
select private.move_payout_v1($1::uuid, $2::text, $3::text, $4::uuid, $5::timestamptz) as outcome

-- name: adjust
-- Gives a payee something or takes it: done, not_found or key_reused.
select private.adjust_payee_v1(
  $1::uuid, $2::text, $3::uuid, $4::bigint, $5::text, $6::uuid, $7::timestamptz) as outcome

-- name: note_export
-- Puts into the audit log that bank details of a batch were taken out.
select private.note_payout_export_v1($1::uuid, $2::uuid)

-- name: details
-- The payouts of a batch with bank details, sealed; no row when there is no such batch.
select id, payee_kind, payee_id, payee_name, amount_minor, currency, status, bank_name, details
from private.payout_details_v1($1::uuid)

-- name: payouts
-- Newest first, for admins: one ($2), those of a batch ($3), of a status or `all`.
select id, batch_id, payee_kind, payee_id, payee_name, amount_minor, currency, status, reference,
       reason, entries, created_at, paid_at, ended_at
from app.payouts_v1($1::text, $2::uuid, $3::uuid, $4::text, $5::timestamptz, $6::uuid, $7::integer)

-- name: batches
-- Newest first, for admins: all of them, or one ($2).
select id, created_at, is_scheduled, payouts, amount_minor, pending, paid, returned
from app.payout_batches_v1($1::text, $2::uuid, $3::timestamptz, $4::uuid, $5::integer)

-- name: payees
-- Whoever has something on an account, by id, for admins; or the one of this kind and id.
select kind, id, name, pending_minor, available_minor, problem
from app.payees_v1($1::text, $2::text, $3::uuid, $4::uuid, $5::integer, $6::bigint)

-- name: ledger
-- The sums of the accounts, for admins.
select name, provider, owner_kind, accounts, balance_minor from app.ledger_v1($1::text)

-- name: statement
-- Entries of the caller's accounts, newest first; of somebody's ($3) for admins.
select id, at, account, kind, part, amount_minor, balance_minor, order_id, order_number, order_item_id,
       product_name, quantity, note, available_from, payout_id, breakdown
from app.statement_v1($1::text, $2::text, $3::uuid, $4::text, $5::timestamptz, $6::timestamptz,
                      $7::bigint, $8::integer, $9::integer)

-- name: balances
-- The caller's accounts in sum, or somebody's ($3) for admins; no row when there is no such payee.
select pending_minor, available_minor, on_its_way_minor, paid_out_minor
from app.payee_balances_v1($1::text, $2::text, $3::uuid)
