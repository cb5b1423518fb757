-- name: cart
-- The lines of a customer's cart at the prices of this moment; null when there is no such customer.
select private.cart_v1($1::uuid) as lines

-- name: change
-- 'done' or why not (see private.change_cart_v1).
select private.change_cart_v1($1::uuid, $2::uuid, $3::boolean, $4::boolean, $5::uuid[], $6::integer[],
                              $7::uuid[], $8::timestamptz[], $9::integer) as outcome

-- name: remove
-- Takes variants out of a customer's cart; a row per line that was there.
delete from public.cart k using public.customers c
where c.user_id = $1::uuid and k.customer_id = c.id and k.variant_id = any ($2::uuid[])
returning k.variant_id

-- name: hold
-- Promises what a line of the cart asks for, where that is the policy, or gives it back.
select private.hold_cart_line_v1($1::uuid, $2::uuid)

-- name: note_touches
-- Keeps the last clicks of customers on products; how many were kept.
select private.note_touches_v1($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[]) as kept
