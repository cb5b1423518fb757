-- Products as their wholesalers write them. What changes something answers with a word: 'done' or why not.

-- name: save
-- $2 the product, $3 whether it is new, $4 columns, $5 variants or null, $6 variants to remove,
-- $7 texts by language or null, $8 the reason that opening stock is booked under.
select private.save_product_v1($1::uuid, $2::uuid, $3::boolean, $4::jsonb, $5::jsonb, $6::uuid[],
                               $7::jsonb, $8::text) as outcome

-- name: adjust_stock
-- {outcome, variants}
select private.adjust_stock_v1($1::uuid, $2::uuid, $3::uuid, $4::text, $5::text, $6::uuid[],
                               $7::integer[], $8::integer[]) as outcome

-- name: stock_moves
-- Newest first; $3 is the id of the last one of the page before, or null. No row for who does not own it.
select id, variant_id, label, delta, reason, note, moved_by, order_number, moved_at
from private.stock_moves_of_v1($1::uuid, $2::uuid, $3::bigint, $4::integer)

-- name: note_image
select private.note_image_v1($1::uuid, $2::text, $3::integer, $4::integer, $5::integer, $6::integer,
                             $7::integer) as outcome

-- name: own_products
-- A page of the wholesaler's products, newest first.
select id, name, sku, category, image_url, status, price_minor, mrp_minor, stock, min_stock_level,
       is_low, variants, total_sales, created_at, updated_at
from app.own_products_v1($1::text, $2::text, $3::text, $4::timestamptz, $5::uuid, $6::integer)

-- name: own_product_counts
-- How many of each state; one row.
select app.own_product_counts_v1($1::text) as counts

-- name: own_product
-- A product as it is edited; null when it is not the wholesaler's.
select app.own_product_v1($1::text, $2::uuid) as product

-- name: own_products_by_sku
select product from app.own_products_by_sku_v1($1::text, $2::text[]) product

-- name: own_products_in_full
select id, product, created_at
from app.own_products_in_full_v1($1::text, $2::timestamptz, $3::uuid, $4::integer)

-- name: shop_products
-- A page of the shop; $2 is the filter as JSON text. One row.
select app.shop_products_v1($1::text, $2::text::jsonb, $3::integer) as page

-- name: filters
-- One row.
select app.product_filters_v1($1::text, $2::text) as filters

-- name: shop_product
-- Null when it is not for sale.
select app.shop_product_v1($1::text, $2::uuid) as product

-- name: related
select app.related_products_v1($1::text, $2::uuid, $3::integer) as products

-- name: write_review
-- {outcome, review}
select app.write_review_v1($1::text, $2::uuid, $3::integer, $4::text, $5::text) as outcome

-- name: remove_review
select app.remove_review_v1($1::text, $2::uuid) as outcome

-- name: reviews
select id, review, created_at
from app.reviews_of_v1($1::text, $2::uuid, $3::timestamptz, $4::uuid, $5::integer)

-- name: reviews_due
select product_id, name, image_url, order_id, delivered_at
from app.reviews_due_v1($1::text, $2::integer)

-- name: reviews_for_admin
-- No row for whoever is no admin.
select id, review, product_name, created_at
from app.reviews_for_admin_v1($1::text, $2::text, $3::timestamptz, $4::uuid, $5::integer)

-- name: reply_to_review
-- {outcome, review}
select private.reply_to_review_v1($1::uuid, $2::uuid, $3::text) as outcome

-- name: hide_review
-- {outcome, review}
select private.hide_review_v1($1::uuid, $2::text) as outcome

-- name: wish
select app.wish_v1($1::text, $2::uuid, $3::boolean, $4::integer) as outcome
