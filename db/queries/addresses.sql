-- name: book
-- The saved addresses of customer $1, the default first, then by their last use.
select a.id, a.label, a.address, a.state_code, a.is_default
from private.addresses a join public.customers c on c.id = a.customer_id
where c.user_id = $1::uuid and c.is_active
order by a.is_default desc, a.used_at desc, a.id

-- name: payment_method
-- With what customer $1 chose to pay; no row when there is no such customer, null when never.
select c.payment_method_choice::text as payment_method
from public.customers c where c.user_id = $1::uuid and c.is_active

-- name: choose_payment_method
-- Keeps with what customer $1 pays; no row when there is no such customer.
update public.customers c set payment_method_choice = $2::text
where c.user_id = $1::uuid and c.is_active returning c.id

-- name: keep
-- Writes an address; 'done' or why not (see private.keep_address_v1).
select private.keep_address_v1($1::uuid, $2::uuid, $3::boolean, $4::text, $5::jsonb, $6::text,
                               $7::boolean, $8::integer) as outcome

-- name: choose
-- Makes an address the default; 'done' or why not.
select private.choose_address_v1($1::uuid, $2::uuid) as outcome

-- name: remove
-- Takes an address out of the book; 'done' or why not.
select private.remove_address_v1($1::uuid, $2::uuid) as outcome
