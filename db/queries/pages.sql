-- Pages of long lists, the newest first. $2 and $3 (of some $3 and $4) are the time and the id of the last
-- row of the page before, null for the first page; then comes the number of rows. See the entry functions.

-- name: catalogue
-- What is for sale; $2 is a category, or null for all.
select id, name, short_description, category, wholesaler_id, wholesaler_name, image_url, price_minor,
       compare_at_minor, stock, average_rating, total_reviews, created_at
from app.catalogue_v1($1::text, $2::text, $3::timestamptz, $4::uuid, $5::integer);

-- name: search_products
-- What is for sale and has every word of $2; no pages.
select id, name, short_description, category, wholesaler_id, wholesaler_name, image_url, price_minor,
       compare_at_minor, stock, average_rating, total_reviews, created_at
from app.search_products_v1($1::text, $2::text, $3::integer);

-- name: reviews_of_product
select id, rating, title, body, author_name, is_verified_purchase, reply, created_at
from app.reviews_of_product_v1($1::text, $2::uuid, $3::timestamptz, $4::uuid, $5::integer);

-- name: wishlist
select id, product, only_variant_id, added_at
from app.wishlist_v2($1::text, $2::timestamptz, $3::uuid, $4::integer);

-- name: notifications
select id, type, title, message, priority, action_url, is_read, created_at
from app.notifications_v1($1::text, $2::timestamptz, $3::uuid, $4::integer);

-- name: wholesaler_orders
select id, order_number, status, payment_status, payment_method, shipping_address, tracking_number,
       items, total_minor, placed_at
from app.wholesaler_orders_v1($1::text, $2::timestamptz, $3::uuid, $4::integer);

-- name: wholesaler_products
select id, name, sku, category, image_url, status, is_active, wholesale_price_minor, price_minor,
       stock, total_sales, created_at
from app.wholesaler_products_v1($1::text, $2::timestamptz, $3::uuid, $4::integer);

-- name: wholesaler_sales
-- By day, from $2 to $3, at most 31 days; days without a sale are left out.
select day, orders, pieces, total_minor from app.wholesaler_sales_v1($1::text, $2::date, $3::date);

-- name: influencer_orders
select id, order_number, status, items, total_minor, commission_minor, placed_at
from app.influencer_orders_v1($1::text, $2::timestamptz, $3::uuid, $4::integer);

-- name: influencer_earnings
select id, earning_type, amount_minor, status, order_id, live_session_id, description, earned_at
from app.influencer_earnings_v1($1::text, $2::timestamptz, $3::uuid, $4::integer);

-- name: orders_for_admin
-- $2 is a status, or null for all; no row for whoever is no admin.
select id, order_number, status, payment_status, payment_method, total_minor, customer_id,
       customer_name, customer_email, placed_at
from app.orders_for_admin_v1($1::text, $2::text, $3::timestamptz, $4::uuid, $5::integer);
