-- Deals of live sessions; see db/migrations/20261124000510_deals.sql.

-- name: start
-- Begins a deal; always one row, {outcome, ...} (see private.start_deal_v1).
select private.start_deal_v1(
  $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::bigint, $7::integer, $8::integer, $9::integer,
  $10::integer, $11::boolean) as answer;

-- name: stop
-- Ends a deal before its time; always one row, {outcome, ...} (see private.stop_deal_v1).
select private.stop_deal_v1($1::uuid, $2::uuid, $3::uuid) as answer;

-- name: of_live_session
-- The deals of a live session that are not over, those that end first at the head.
select private.deal_json_v1(d.id) as deal
from private.deals d
where d.live_session_id = $1::uuid and d.ended_at is null and d.ends_at > now()
order by d.ends_at, d.id;

-- name: tick
-- Ends what is over and tells what is sold, at most $1 of each; how much that was.
select private.tick_deals_v1($1::integer) as done;
