-- What was counted of a live session, for its influencer.

-- name: of_live_session
-- What was counted of one's own live session, with its newest $3 minutes; null for others.
select app.live_session_figures_v2($1::text, $2::uuid, $3::integer) as figures;

-- name: product_minutes
-- The way to an order of one product of one's own live session, by the minute; at most $4 of them.
select at_ms, shown, clicked, added_to_cart, ordered
from app.product_minutes_v1($1::text, $2::uuid, $3::uuid, $4::integer);
