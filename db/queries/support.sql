-- name: open
-- Opens a query of the customer; always one row, outcome 'done' or why not.
select outcome, retry_after_s
from app.open_query_v1($1::text, $2::uuid, $3::uuid, $4::text, $5::text, $6::text)

-- name: queries_of
-- A customer's queries, or with its thread the one with this id ($3); no row when it is not theirs.
select id, ticket_number, subject, message, category, status, order_id, order_number, created_at,
       updated_at, ack_due_at, acknowledged_at, redress_due_at, resolved_at, closed_at, is_overdue,
       messages
from app.queries_of_v1($1::text, $2::timestamptz, $3::uuid, $4::timestamptz, $5::uuid, $6::integer)

-- name: reply
-- Writes a customer's message; always one row, outcome 'done' or why not.
select outcome, retry_after_s from app.reply_to_query_v1($1::text, $2::uuid, $3::uuid, $4::text)

-- name: close_own
-- Closes a query of the customer $1; 'done' or why not.
select private.close_query_of_v1($1::uuid, $2::uuid) as outcome

-- name: queue
-- A page of the queries that admins see.
select id, ticket_number, subject, category, status, priority, customer_name, order_number,
       assigned_to, created_at, updated_at, ack_due_at, acknowledged_at, redress_due_at, resolved_at,
       is_ack_overdue, is_redress_overdue, is_redress_near
from app.support_queries_v1($1::text, $2::timestamptz, $3::text, $4::boolean, $5::boolean, $6::text,
                            $7::timestamptz, $8::uuid, $9::integer)

-- name: counts
-- How many queries wait, and why; always one row.
select waiting, opened, in_progress, escalated, overdue, mine
from app.support_counts_v1($1::text, $2::timestamptz)

-- name: one
-- One query with thread, contact and notes, for an admin; no row when there is none.
select id, ticket_number, subject, message, category, status, priority, assigned_to, created_at,
       updated_at, ack_due_at, acknowledged_at, first_response_at, escalated_at, redress_due_at,
       resolved_at, closed_at, resolution_time_hours, is_ack_overdue, is_redress_overdue,
       is_redress_near, customer_name, customer_email, customer_phone, order_id, order_number,
       order_status, messages, notes
from app.support_query_v1($1::text, $2::timestamptz, $3::uuid)

-- name: assign
-- 'done' or why not.
select private.assign_query_v1($1::uuid, $2::uuid) as outcome

-- name: answer
-- 'done' or why not.
select private.answer_query_v1($1::uuid, $2::uuid, $3::text) as outcome

-- name: move
-- 'done' or why not.
select private.move_query_v1($1::uuid, $2::text) as outcome

-- name: rate
-- 'done' or why not.
select private.rate_query_v1($1::uuid, $2::text) as outcome

-- name: note
-- 'done' or why not.
select private.note_on_query_v1($1::uuid, $2::uuid, $3::text) as outcome

-- name: escalate_near
-- A batch of maintenance (see maintenance.sql): what waits and is due within a week.
select done, walked_to from private.escalate_queries_v1($1::timestamptz, $2::text, $3::integer)
