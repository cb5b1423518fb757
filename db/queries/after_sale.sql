-- Orders after the sale: parcels, cancellations, returns, documents of tax. Functions that change
-- something answer with a word, 'done' or why not (see the migrations 20261124000410 to 0430).

-- name: cancel
-- Cancels units of an order; always one row.
select outcome, detail
from private.cancel_units_v1($1::uuid, $2::text, $3::uuid, $4::uuid, $5::uuid[], $6::integer[], $7::text)

-- name: pack
-- Puts units into a new parcel; always one row.
select outcome, detail
from private.pack_v1($1::uuid, $2::text, $3::uuid, $4::uuid, $5::uuid[], $6::integer[])

-- name: unpack
select private.unpack_v1($1::uuid, $2::text, $3::uuid) as outcome

-- name: ship
-- 'again': it had left before.
select private.ship_v1($1::uuid, $2::text, $3::uuid, $4::text, $5::text, $6::text) as outcome

-- name: track
select private.track_v1($1::uuid, $2::text, $3::uuid, $4::text, $5::text, $6::text) as outcome

-- name: deliver
select private.deliver_v1($1::uuid, $2::text, $3::uuid) as outcome

-- name: bring_back
-- 'again': it had come back before.
select private.bring_back_v1($1::uuid, $2::text, $3::uuid, $4::boolean) as outcome

-- name: place_of_shipment
-- The order and the wholesaler of a parcel; no row when there is none.
select order_id, wholesaler_id from private.shipments where id = $1::uuid

-- name: ask_return
-- Opens a return for each wholesaler; always one row.
select outcome, detail
from private.ask_return_v1($1::uuid, $2::text, $3::uuid, $4::uuid, $5::text, $6::text, $7::uuid[],
                           $8::integer[], $9::text, $10::timestamptz, $11::interval)

-- name: decide_return
select private.decide_return_v1($1::uuid, $2::text, $3::uuid, $4::text, $5::text) as outcome

-- name: receive_return
-- Always one row; detail of 'done' is what credit_return takes.
select outcome, detail
from private.receive_return_v1($1::uuid, $2::text, $3::uuid, $4::uuid[], $5::integer[], $6::boolean[])

-- name: facts_of_invoice
-- What the invoice of a parcel is made of; null when there is no such parcel.
select private.facts_of_invoice_v1($1::uuid) as facts

-- name: issue_document
-- Keeps a document under the next number; its id.
select private.issue_document_v1(
  $1::text, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::text, $7::timestamptz, $8::bigint, $9::bigint,
  $10::bigint, $11::bigint, $12::bigint, $13::jsonb) as id

-- name: invoices_to_credit
-- The documents of a parcel ($1) or of the lines of a return ($2), oldest first.
select id, number, issued_at, document from private.invoices_to_credit_v1($1::uuid, $2::uuid)

-- name: credited_before
-- What credit notes for returns took back of each line of an order: {order_item_id: amount_minor}.
select private.credited_before_v1($1::uuid) as amounts

-- name: document
-- A document, for whom it concerns; else null.
select app.document_v1($1::text, $2::uuid, $3::uuid) as document

-- name: order_detail
-- An order with its parts, timeline and papers; null for whom it does not concern.
select app.order_detail_v1($1::text, $2::uuid, $3::timestamptz, $4::interval) as order_json

-- name: my_orders
-- A page of the customer's orders.
select id, placed_at, order_json from app.my_orders_v1($1::text, $2::timestamptz, $3::uuid, $4::integer)

-- name: part_order
-- The wholesaler's part of an order ($2), or the part that a parcel ($3) belongs to; else null.
select app.part_order_v1($1::text, $2::uuid, $3::uuid) as order_json

-- name: part_orders
-- A page of a wholesaler's shelf.
select id, placed_at, order_json
from app.part_orders_v1($1::text, $2::text, $3::timestamptz, $4::timestamptz, $5::uuid, $6::integer)

-- name: part_order_counts
-- How much there is to do for a wholesaler; always one row.
select to_pack, packed, on_the_way, returns from app.part_order_counts_v1($1::text, $2::timestamptz)

-- name: desk_returns
-- A page of returns to take back.
select id, requested_at, return_json
from app.desk_returns_v1($1::text, $2::text, $3::timestamptz, $4::uuid, $5::integer)

-- name: desk_return
-- One of them; null for whom it does not concern.
select app.desk_return_v1($1::text, $2::uuid) as return_json

-- name: order_of_return
-- The order of one of the customer's own returns; null when it is not theirs.
select app.order_of_return_v1($1::text, $2::uuid) as order_id

-- name: documents
-- A page of a wholesaler's documents.
select id, issued_at, invoice_json
from app.documents_v1($1::text, $2::timestamptz, $3::uuid, $4::integer)

-- name: order_by_number
-- For admins; null when there is none.
select app.order_by_number_v1($1::text, $2::text) as id

-- name: attributions
-- To whom the lines of an order were attributed at checkout, and why.
select i.id as order_item_id, i.attribution_kind::text as kind, i.attribution_reason::text as reason,
       i.attribution_rule as rule, i.attributed_at,
       coalesce(nullif(f.display_name, ''), concat_ws(' ', f.first_name, f.last_name)) as influencer_name, i.live_session_id,
       s.title::text as live_session_title
from public.order_items i
left join public.influencers f on f.id = i.influencer_id
left join public.live_sessions s on s.id = i.live_session_id
where i.order_id = $1::uuid
order by i.position, i.id
