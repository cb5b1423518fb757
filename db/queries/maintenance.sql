-- What maintenance does, a batch at a time. Each takes the time ($1), where the batch before stopped ($2,
-- NULL at the beginning) and how much a batch is ($3), and answers how many it changed and where it
-- stopped (NULL: nothing is left to look at). See db/migrations/20261123000800_maintenance.sql.

-- name: refresh_customers
select done, walked_to from private.refresh_customers_v1($1::timestamptz, $2::text, $3::integer);

-- name: archive_orders
-- $4: days since the last change.
select done, walked_to
from private.archive_orders_v1($1::timestamptz, $2::text, $3::integer, $4::integer);

-- name: archive_live_sessions
-- $4: days since the end.
select done, walked_to
from private.archive_live_sessions_v1($1::timestamptz, $2::text, $3::integer, $4::integer);

-- name: clear_abandoned_carts
-- $4: days since a line was touched.
select done, walked_to
from private.clear_abandoned_carts_v1($1::timestamptz, $2::text, $3::integer, $4::integer);

-- name: withdraw_low_stock
select done, walked_to from private.withdraw_low_stock_v1($1::timestamptz, $2::text, $3::integer);

-- name: tell_low_stock
select done, walked_to from private.tell_low_stock_v1($1::timestamptz, $2::text, $3::integer);

-- name: report_sales
-- $4, as of the other reports: months after which figures stay as they are.
select done, walked_to
from private.report_sales_v1($1::timestamptz, $2::text, $3::integer, $4::integer);

-- name: report_wholesalers
select done, walked_to
from private.report_wholesalers_v1($1::timestamptz, $2::text, $3::integer, $4::integer);

-- name: report_influencers
select done, walked_to
from private.report_influencers_v1($1::timestamptz, $2::text, $3::integer, $4::integer);

-- name: report_live_sessions
select done, walked_to from private.report_live_sessions_v1($1::timestamptz, $2::text, $3::integer);

-- name: report_support
select done, walked_to
from private.report_support_v1($1::timestamptz, $2::text, $3::integer, $4::integer);

-- name: advance_goals
select done, walked_to from private.advance_goals_v1($1::timestamptz, $2::text, $3::integer);

-- name: advance_achievements
select done, walked_to from private.advance_achievements_v1($1::timestamptz, $2::text, $3::integer);

-- name: make_planned_sessions
-- $4: days ahead.
select done, walked_to
from private.make_planned_sessions_v1($1::timestamptz, $2::text, $3::integer, $4::integer);

-- name: refresh_recent_sessions
select done, walked_to from private.refresh_recent_sessions_v1($1::timestamptz, $2::text, $3::integer);

-- name: refresh_changed_sessions
select done, walked_to from private.refresh_changed_sessions_v1($1::timestamptz, $2::text, $3::integer);

-- name: analyse_influencers
select done, walked_to from private.analyse_influencers_v1($1::timestamptz, $2::text, $3::integer);

-- name: make_partitions
select done, walked_to from private.make_partitions_ahead_v1($1::timestamptz, $2::text, $3::integer);

-- name: drop_partitions
-- $4: months that are kept besides the one that runs; $5: only look.
select done, walked_to
from private.drop_old_partitions_v1($1::timestamptz, $2::text, $3::integer, $4::integer, $5::boolean);

-- name: expire_holds
with due as (
  select id from private.stock_holds
  where expires_at < $1::timestamptz
    and id > coalesce($2::text::uuid, '00000000-0000-0000-0000-000000000000')
  order by id limit $3::integer for update skip locked),
gone as (delete from private.stock_holds h using due where h.id = due.id returning 1)
select (select count(*) from gone)::integer as done,
       (select id::text from due order by id desc limit 1) as walked_to;

-- name: expire_idempotency
-- $4: seconds that an answer is kept.
with due as (
  select customer_id, key from private.idempotency
  where created_at < $1::timestamptz - make_interval(secs => $4::integer)
    and ($2::text is null
         or (customer_id, key) > (split_part($2::text, ' ', 1)::uuid, split_part($2::text, ' ', 2)::uuid))
  order by customer_id, key limit $3::integer for update skip locked),
gone as (
  delete from private.idempotency i using due
  where i.customer_id = due.customer_id and i.key = due.key returning 1)
select (select count(*) from gone)::integer as done,
       (select customer_id || ' ' || key from due order by customer_id desc, key desc limit 1) as walked_to;

-- name: expire_outbox
-- $4, as of the next: seconds that a row is kept after its time.
with due as (
  select id from private.outbox
  where published_at < $1::timestamptz - make_interval(secs => $4::integer)
    and id > coalesce($2::text::bigint, 0)
  order by id limit $3::integer for update skip locked),
gone as (delete from private.outbox o using due where o.id = due.id returning 1)
select (select count(*) from gone)::integer as done,
       (select id::text from due order by id desc limit 1) as walked_to;

-- name: expire_payment_events
-- What was said of payments and is dealt with; what waits for somebody stays.
with due as (
  select id from private.payment_events
  where received_at < $1::timestamptz - make_interval(days => $4::integer)
    and state in ('applied', 'ignored')
    and id > coalesce($2::text::bigint, 0)
  order by id limit $3::integer for update skip locked),
gone as (delete from private.payment_events e using due where e.id = due.id returning 1)
select (select count(*) from gone)::integer as done,
       (select id::text from due order by id desc limit 1) as walked_to;

-- name: give_up_payment_events
-- What waited for a payment that never came becomes something for people to look at.
with due as (
  select id from private.payment_events
  where received_at < $1::timestamptz - make_interval(days => $4::integer)
    and state = 'waiting'
    and id > coalesce($2::text::bigint, 0)
  order by id limit $3::integer for update skip locked),
moved as (
  update private.payment_events e
  set state = 'unknown',
      note = concat_ws(' ', e.note, case when e.kind like 'refund%'
        then 'A refund of money that never came here.' else 'It is about no payment of this shop.' end)
  from due where e.id = due.id returning 1)
select (select count(*) from moved)::integer as done,
       (select id::text from due order by id desc limit 1) as walked_to;

-- name: expire_held_messages
-- $4, as of the next three: days since the live session ended. What was approved is among what was said.
with due as (
  select m.live_session_id, m.id from private.held_messages m
  join public.live_sessions l on l.id = m.live_session_id and l.status in ('ended', 'cancelled', 'error')
   and coalesce(l.end_time, l.created_at) < $1::timestamptz - make_interval(days => $4::integer)
  where $2::text is null
     or (m.live_session_id, m.id) > (split_part($2::text, ' ', 1)::uuid, split_part($2::text, ' ', 2)::uuid)
  order by m.live_session_id, m.id limit $3::integer for update of m skip locked),
gone as (
  delete from private.held_messages m using due
  where m.live_session_id = due.live_session_id and m.id = due.id returning 1)
select (select count(*) from gone)::integer as done,
       (select live_session_id || ' ' || id from due order by due.live_session_id desc, due.id desc limit 1)
         as walked_to;

-- name: expire_chat_tombstones
-- Nothing that was said comes in any more. Those of a live session that is gone go, too.
with due as (
  select t.id from private.chat_tombstones t
  left join public.live_sessions l on l.id = t.live_session_id
  where (l.id is null
         or (l.status in ('ended', 'cancelled', 'error')
             and coalesce(l.end_time, l.created_at) < $1::timestamptz - make_interval(days => $4::integer)))
    and t.id > coalesce($2::text::bigint, 0)
  order by t.id limit $3::integer for update of t skip locked),
gone as (delete from private.chat_tombstones t using due where t.id = due.id returning 1)
select (select count(*) from gone)::integer as done,
       (select id::text from due order by id desc limit 1) as walked_to;

-- name: expire_question_upvotes
-- Who wanted to know it; how many did stays with the question.
with due as (
  select u.question_id, u.user_id from private.question_upvotes u
  join private.questions q on q.id = u.question_id and q.closed_at is not null
  join public.live_sessions l on l.id = q.live_session_id and l.status in ('ended', 'cancelled', 'error')
   and coalesce(l.end_time, l.created_at) < $1::timestamptz - make_interval(days => $4::integer)
  where $2::text is null
     or (u.question_id, u.user_id) > (split_part($2::text, ' ', 1)::uuid, split_part($2::text, ' ', 2)::uuid)
  order by u.question_id, u.user_id limit $3::integer for update of u skip locked),
gone as (
  delete from private.question_upvotes u using due
  where u.question_id = due.question_id and u.user_id = due.user_id returning 1)
select (select count(*) from gone)::integer as done,
       (select question_id || ' ' || user_id from due order by due.question_id desc, due.user_id desc limit 1)
         as walked_to;

-- name: expire_poll_votes
-- Who voted for what; the result stays with the poll.
with due as (
  select v.poll_id, v.user_id from private.poll_votes v
  join private.polls p on p.id = v.poll_id and p.closed_at is not null
  join public.live_sessions l on l.id = p.live_session_id and l.status in ('ended', 'cancelled', 'error')
   and coalesce(l.end_time, l.created_at) < $1::timestamptz - make_interval(days => $4::integer)
  where $2::text is null
     or (v.poll_id, v.user_id) > (split_part($2::text, ' ', 1)::uuid, split_part($2::text, ' ', 2)::uuid)
  order by v.poll_id, v.user_id limit $3::integer for update of v skip locked),
gone as (
  delete from private.poll_votes v using due
  where v.poll_id = due.poll_id and v.user_id = due.user_id returning 1)
select (select count(*) from gone)::integer as done,
       (select poll_id || ' ' || user_id from due order by due.poll_id desc, due.user_id desc limit 1)
         as walked_to;

-- name: expire_moderation_acts
-- $4: days since the act.
select done, walked_to
from private.expire_moderation_acts_v1($1::timestamptz, $2::text, $3::integer, $4::integer);

-- name: expire_metric_batches
with due as (
  select id from private.metric_batches
  where flushed_at < $1::timestamptz - make_interval(secs => $4::integer)
    and id > coalesce($2::text::uuid, '00000000-0000-0000-0000-000000000000')
  order by id limit $3::integer for update skip locked),
gone as (delete from private.metric_batches b using due where b.id = due.id returning 1)
select (select count(*) from gone)::integer as done,
       (select id::text from due order by id desc limit 1) as walked_to;

-- name: expire_refresh_tokens
with due as (
  select id from private.refresh_tokens
  where expires_at < $1::timestamptz
    and id > coalesce($2::text::uuid, '00000000-0000-0000-0000-000000000000')
  order by id limit $3::integer for update skip locked),
gone as (delete from private.refresh_tokens t using due where t.id = due.id returning 1)
select (select count(*) from gone)::integer as done,
       (select id::text from due order by id desc limit 1) as walked_to;

-- name: expire_ended_logins
-- Two days after the end: no access token lives longer than one.
with due as (
  select id from private.ended_logins
  where ended_at < $1::timestamptz - interval '2 days' and id > coalesce($2::text::bigint, 0)
  order by id limit $3::integer for update skip locked),
gone as (delete from private.ended_logins e using due where e.id = due.id returning 1)
select (select count(*) from gone)::integer as done,
       (select id::text from due order by id desc limit 1) as walked_to;

-- name: expire_login_links
with due as (
  select token_hash from private.login_links
  where expires_at < $1::timestamptz and token_hash > decode(coalesce($2::text, ''), 'hex')
  order by token_hash limit $3::integer for update skip locked),
gone as (delete from private.login_links l using due where l.token_hash = due.token_hash returning 1)
select (select count(*) from gone)::integer as done,
       (select encode(token_hash, 'hex') from due order by token_hash desc limit 1) as walked_to;

-- name: carry_product_facts
-- Brings what checkouts and deliveries moved to public.products; how many products.
select private.carry_product_facts_v1($1::integer);

-- name: seal_audit_log
-- Links what was logged into the chain; how many rows.
select private.seal_audit_log_v1($1::integer);

-- name: sales
-- The reports as they are read: rows from one day to another, both included.
select day, orders, cancelled_orders, customers, pieces, gross_amount, live_amount, shipping_amount,
       cancelled_amount, refunded_amount, net_amount, computed_at
from public.report_sales_daily where day between $1::date and $2::date order by day;

-- name: wholesalers
select r.month, r.wholesaler_id, w.business_name as wholesaler, r.orders, r.pieces, r.gross_amount,
       r.cancelled_amount, r.refunded_amount, r.net_amount, r.commission_amount, r.computed_at
from public.report_wholesaler_monthly r join public.wholesalers w on w.id = r.wholesaler_id
where r.month between date_trunc('month', $1::date) and $2::date
order by r.month, w.business_name, r.wholesaler_id;

-- name: influencers
select r.month, r.influencer_id, coalesce(i.display_name, i.first_name) as influencer, r.live_sessions,
       r.live_minutes, r.viewers, r.new_followers, r.orders, r.gross_amount, r.cancelled_amount,
       r.refunded_amount, r.net_amount, r.earned_amount, r.computed_at
from public.report_influencer_monthly r join public.influencers i on i.id = r.influencer_id
where r.month between date_trunc('month', $1::date) and $2::date
order by r.month, i.display_name, r.influencer_id;

-- name: live_sessions
select r.day, r.live_session_id, r.influencer_id, coalesce(i.display_name, i.first_name) as influencer,
       r.title, r.minutes, r.joins, r.peak_viewers, r.unique_viewers, r.messages, r.reactions, r.clicks,
       r.orders, r.gross_amount, r.cancelled_amount, r.refunded_amount, r.net_amount, r.computed_at
from public.report_live_sessions r join public.influencers i on i.id = r.influencer_id
where r.day between $1::date and $2::date order by r.day, r.live_session_id;

-- name: support
select month, category, opened, acknowledged, acknowledged_in_time, escalated, resolved,
       resolved_in_time, first_response_hours_median, first_response_hours_p90,
       resolution_hours_median, resolution_hours_p90, computed_at
from public.report_support_monthly
where month between date_trunc('month', $1::date) and $2::date order by month, category;

-- name: abandoned_carts
select day, carts, lines, amount, computed_at
from public.report_abandoned_carts_daily where day between $1::date and $2::date order by day;
