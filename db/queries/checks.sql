-- The invariants: each block finds rows that break one, and answers with at most 20 of them: which (id),
-- how (detail), and how many there are in all (total). No row: it holds. `livecommerce check` runs all in
-- one snapshot of the live database; none takes a lock.

-- name: stock_is_the_sum_of_its_moves
select s.id::text as id, format('%s on hand, its moves sum up to %s', s.on_hand, s.moved) as detail,
       count(*) over ()::integer as total
from (select coalesce(k.variant_id, m.variant_id) as id, coalesce(k.on_hand, 0) as on_hand,
             coalesce(m.moved, 0) as moved
      from public.product_stock k
      full join (select variant_id, sum(delta) as moved from private.stock_moves group by variant_id) m
        on m.variant_id = k.variant_id) s
where s.on_hand <> s.moved
order by 1 limit 20;

-- name: stock_is_never_negative
select variant_id::text as id, format('%s on hand', on_hand) as detail,
       count(*) over ()::integer as total
from public.product_stock where on_hand < 0
order by 1 limit 20;

-- name: holds_are_within_stock
select h.variant_id::text as id, format('%s held, %s on hand', h.held, coalesce(k.on_hand, 0)) as detail,
       count(*) over ()::integer as total
from (select variant_id, sum(quantity) as held from private.stock_holds
      where expires_at > now() group by variant_id) h
left join public.product_stock k on k.variant_id = h.variant_id
where h.held > coalesce(k.on_hand, 0)
order by 1 limit 20;

-- name: shown_stock_is_the_stock
-- Products whose changes still wait to be carried over are left out.
select p.id::text as id, format('%s shown, %s on hand', p.stock_quantity, coalesce(k.on_hand, 0)) as detail,
       count(*) over ()::integer as total
from public.products p
left join (select product_id, sum(on_hand) as on_hand from public.product_stock group by product_id) k
  on k.product_id = p.id
where coalesce(p.stock_quantity, 0) <> coalesce(k.on_hand, 0)
  and not exists (select from private.product_changes c where c.product_id = p.id)
order by 1 limit 20;

-- name: products_have_a_variant
select p.id::text as id, 'no variant' as detail, count(*) over ()::integer as total
from public.products p
where not exists (select from public.product_variants v where v.product_id = p.id)
order by 1 limit 20;

-- name: order_totals_add_up
select id::text as id,
       format('total %s, its parts come to %s', total_amount,
              subtotal + coalesce(tax_amount, 0) + coalesce(shipping_cost, 0) + cod_fee
              - coalesce(discount_amount, 0)) as detail,
       count(*) over ()::integer as total
from public.orders
where total_amount <> subtotal + coalesce(tax_amount, 0) + coalesce(shipping_cost, 0) + cod_fee
                      - coalesce(discount_amount, 0)
order by 1 limit 20;

-- name: subtotals_are_the_sum_of_items
select o.id::text as id, format('subtotal %s, items come to %s', o.subtotal, i.amount) as detail,
       count(*) over ()::integer as total
from public.orders o
join (select order_id, sum(total_price) as amount from public.order_items group by order_id) i
  on i.order_id = o.id
where o.subtotal <> i.amount
order by 1 limit 20;

-- name: refunds_are_within_orders
select o.id::text as id, format('%s refunded of %s', r.amount, o.total_amount) as detail,
       count(*) over ()::integer as total
from public.orders o
join (select order_id, sum(amount) as amount from public.refunds
      where status in ('pending', 'succeeded') group by order_id) r on r.order_id = o.id
where r.amount > o.total_amount
order by 1 limit 20;

-- name: returns_are_within_orders
-- What was announced and did not arrive may be announced again.
select i.id::text as id, format('%s come back of %s sold', t.pieces, i.quantity) as detail,
       count(*) over ()::integer as total
from public.order_items i
join (select x.order_item_id,
             sum(case when r.status in ('received', 'refunded') then x.quantity_received
                      else x.quantity end) as pieces
      from public.return_items x join public.returns r on r.id = x.return_id
      where r.status not in ('rejected', 'cancelled') group by x.order_item_id) t
  on t.order_item_id = i.id
where t.pieces > i.quantity
order by 1 limit 20;

-- name: commissions_are_within_prices
-- Rates are at most 100 %; who has no influencer earns for none.
select id::text as id,
       format('%s of the platform and %s of the influencer on %s', wholesaler_commission,
              influencer_commission, total_price) as detail,
       count(*) over ()::integer as total
from public.order_items
where coalesce(wholesaler_commission, 0) > total_price
   or coalesce(influencer_commission, 0) > total_price
   or (influencer_id is null and coalesce(influencer_commission, 0) <> 0)
order by 1 limit 20;

-- name: order_commissions_are_the_sum_of_items
select o.id::text as id,
       format('commission %s, items come to %s', o.influencer_commission, i.amount) as detail,
       count(*) over ()::integer as total
from public.orders o
join (select order_id, sum(coalesce(influencer_commission, 0)) as amount
      from public.order_items group by order_id) i on i.order_id = o.id
where coalesce(o.influencer_commission, 0) <> i.amount
order by 1 limit 20;

-- name: delivered_commissions_are_earned
-- Each line that was delivered with a commission has its earning, of the same amount. Lines with a split
-- earn by the ledger (earnings_are_those_of_the_ledger).
select i.id::text as id,
       format('commission %s, earned %s', i.influencer_commission, coalesce(e.amount::text, 'nothing'))
         as detail,
       count(*) over ()::integer as total
from public.order_items i
join public.orders o on o.id = i.order_id and o.status = 'delivered'
left join public.influencer_earnings e on e.order_item_id = i.id and e.earning_type = 'commission'
where i.influencer_id is not null and i.influencer_commission > 0
  and e.amount is distinct from i.influencer_commission
  and not exists (select from private.order_item_splits x where x.order_item_id = i.id)
order by 1 limit 20;

-- name: clawbacks_are_within_commissions
select e.order_item_id::text as id,
       format('%s taken back of %s', e.taken, e.earned) as detail,
       count(*) over ()::integer as total
from (select order_item_id,
             coalesce(-sum(amount) filter (where earning_type = 'clawback'), 0) as taken,
             coalesce(sum(amount) filter (where earning_type = 'commission'), 0) as earned
      from public.influencer_earnings
      where order_item_id is not null and earning_type in ('commission', 'clawback')
      group by order_item_id) e
where e.taken > e.earned
order by 1 limit 20;

-- name: earnings_are_the_sum_of_their_rows
select i.id::text as id,
       format('total %s, rows come to %s', i.total_earnings, coalesce(e.amount, 0)) as detail,
       count(*) over ()::integer as total
from public.influencers i
left join (select influencer_id, sum(amount) as amount from public.influencer_earnings
           group by influencer_id) e on e.influencer_id = i.id
where coalesce(i.total_earnings, 0) <> greatest(0, coalesce(e.amount, 0))
order by 1 limit 20;

-- name: customer_figures_are_the_facts
select c.id::text as id,
       format('%s orders, %s, %s; the facts are %s, %s, %s', c.total_orders, c.total_spent,
              c.customer_tier, f.orders, f.spent, private.customer_tier_of_v1(f.spent)) as detail,
       count(*) over ()::integer as total
from public.customers c
left join (
  -- In cash, what was asked for at the door.
  select o.customer_id, count(*)::integer as orders,
         sum(coalesce(p.amount_minor / 100.0, o.total_amount) - coalesce(r.amount, 0))::numeric(12, 2) as spent
  from public.orders o
  left join private.payments p on p.order_id = o.id and p.provider = 'cod'
    and p.status in ('created', 'collected', 'remitted')
  left join (select order_id, sum(amount) as amount from public.refunds where status = 'succeeded'
             group by order_id) r on r.order_id = o.id
  where o.status = 'delivered' group by o.customer_id) d on d.customer_id = c.id
cross join lateral (select coalesce(d.orders, 0) as orders, coalesce(d.spent, 0) as spent) f
where (c.total_orders, c.total_spent, c.customer_tier::text)
      is distinct from (f.orders, f.spent, private.customer_tier_of_v1(f.spent))
order by 1 limit 20;

-- name: wholesaler_figures_are_the_facts
select w.id::text as id,
       format('%s products, sales %s; the facts are %s, %s', w.total_products, w.total_sales,
              coalesce(p.products, 0), coalesce(s.amount, 0)) as detail,
       count(*) over ()::integer as total
from public.wholesalers w
left join (select wholesaler_id, count(*) as products from public.products group by wholesaler_id) p
  on p.wholesaler_id = w.id
left join (select i.wholesaler_id, sum((i.quantity - i.quantity_cancelled) * i.unit_price) as amount
           from public.order_items i join public.orders o on o.id = i.order_id and o.status = 'delivered'
           group by i.wholesaler_id) s on s.wholesaler_id = w.id
where coalesce(w.total_products, 0) <> coalesce(p.products, 0)
   or coalesce(w.total_sales, 0) <> coalesce(s.amount, 0)
order by 1 limit 20;

-- name: product_sales_are_the_facts
-- Products whose changes still wait to be carried over are left out.
select p.id::text as id,
       format('%s sold; the facts are %s', p.total_sales, coalesce(s.pieces, 0)) as detail,
       count(*) over ()::integer as total
from public.products p
left join (select i.product_id, sum(i.quantity - i.quantity_cancelled) as pieces
           from public.order_items i join public.orders o on o.id = i.order_id and o.status = 'delivered'
           group by i.product_id) s on s.product_id = p.id
where coalesce(p.total_sales, 0) <> coalesce(s.pieces, 0)
  and not exists (select from private.product_changes c where c.product_id = p.id)
order by 1 limit 20;

-- name: product_ratings_are_the_facts
select p.id::text as id,
       format('%s of %s reviews; the facts are %s of %s', p.average_rating, p.total_reviews,
              coalesce(r.rating, 0), coalesce(r.reviews, 0)) as detail,
       count(*) over ()::integer as total
from public.products p
left join (select product_id, round(avg(rating), 2) as rating, count(*) as reviews
           from public.reviews where status = 'published' group by product_id) r on r.product_id = p.id
where coalesce(p.average_rating, 0) <> coalesce(r.rating, 0)
   or coalesce(p.total_reviews, 0) <> coalesce(r.reviews, 0)
order by 1 limit 20;

-- name: live_session_totals_are_the_facts
-- Of live sessions that ended more than a day ago, when no order counts for them any more, and none of
-- whose orders has changed sides since maintenance last looked.
select l.id::text as id,
       format('%s orders, %s; the facts are %s, %s', l.total_orders, l.total_sales_generated,
              coalesce(f.orders, 0), coalesce(f.amount, 0)) as detail,
       count(*) over ()::integer as total
from public.live_sessions l
left join (select i.live_session_id, count(distinct i.order_id) as orders, sum(i.total_price) as amount
           from public.order_items i join public.orders o on o.id = i.order_id and o.status <> 'cancelled'
           where i.live_session_id is not null group by i.live_session_id) f on f.live_session_id = l.id
where l.status = 'ended' and l.end_time < now() - interval '26 hours'
  and not exists (select from private.live_session_changes c where c.live_session_id = l.id)
  and (l.total_orders <> coalesce(f.orders, 0)
       or coalesce(l.total_sales_generated, 0) <> coalesce(f.amount, 0))
order by 1 limit 20;

-- name: orders_have_items
select o.id::text as id, o.order_number || ' has no item' as detail, count(*) over ()::integer as total
from public.orders o
where not exists (select from public.order_items i where i.order_id = o.id)
order by 1 limit 20;

-- name: items_name_their_wholesaler
-- Who sold it then: the products of today may belong to somebody else, but some wholesaler there was.
select i.id::text as id, 'sold by nobody' as detail, count(*) over ()::integer as total
from public.order_items i where i.wholesaler_id is null
order by 1 limit 20;

-- name: attributed_items_are_of_the_live_sessions_influencer
-- Who came by a link of the influencer bought outside of live sessions.
select i.id::text as id, format('%s earns, %s broadcast', i.influencer_id, l.influencer_id) as detail,
       count(*) over ()::integer as total
from public.order_items i left join public.live_sessions l on l.id = i.live_session_id
where (i.live_session_id is null and i.attribution_kind is distinct from 'affiliate_link')
        <> (i.influencer_id is null)
   or i.influencer_id <> l.influencer_id
order by 1 limit 20;

-- name: answers_are_of_orders_that_exist
select i.key::text as id, format('order %s is not there', i.response ->> 'id') as detail,
       count(*) over ()::integer as total
from private.idempotency i
where not exists (select from public.orders o
                  where o.id = coalesce(i.order_id, (i.response ->> 'id')::uuid)
                    and o.customer_id = i.customer_id)
order by 1 limit 20;

-- name: stock_moves_are_of_orders_that_exist
select m.id::text as id, format('order %s is not there', m.order_id) as detail,
       count(*) over ()::integer as total
from private.stock_moves m
where m.order_id is not null and not exists (select from public.orders o where o.id = m.order_id)
order by 1 limit 20;

-- name: public_profiles_are_those_who_are_active
select coalesce(p.id, a.id)::text as id,
       case when p.id is null then 'is active and has no public profile'
            when a.id is null then 'has a public profile and is not active'
            else 'has the public profile of a ' || p.kind end as detail,
       count(*) over ()::integer as total
from public.public_profiles p
full join (select id, 'influencer' as kind from public.influencers where is_active
           union all
           select id, 'wholesaler' from public.wholesalers where is_active) a on a.id = p.id
where p.id is null or a.id is null or p.kind <> a.kind
order by 1 limit 20;

-- name: queries_are_about_their_customers_orders
select q.id::text as id, format('%s is about another customer''s order', q.ticket_number) as detail,
       count(*) over ()::integer as total
from public.queries q join public.orders o on o.id = q.order_id
where q.customer_id is distinct from o.customer_id
order by 1 limit 20;

-- name: staff_notes_are_about_something
select n.id::text as id, format('the %s %s is not there', n.about, n.about_id) as detail,
       count(*) over ()::integer as total
from public.staff_notes n
where case n.about when 'order' then not exists (select from public.orders o where o.id = n.about_id)
                   else not exists (select from public.queries q where q.id = n.about_id) end
order by 1 limit 20;

-- name: audit_log_is_unbroken
select link_position::text as id, reason as detail, 1 as total from private.broken_audit_link_v1();

-- name: tables_have_row_security
select format('%I.%I', n.nspname, c.relname) as id, 'row security is off' as detail,
       count(*) over ()::integer as total
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('public', 'private', 'jobs') and c.relkind in ('r', 'p') and not c.relrowsecurity
order by 1 limit 20;

-- name: partitions_are_there_for_this_month
-- Without its partition what is said and seen this month has nowhere to go.
select t.name || '_' || to_char(now(), 'YYYYMM') as id, 'the partition is missing' as detail,
       count(*) over ()::integer as total
from unnest(array['live_session_viewers', 'live_session_chat']) t (name)
where to_regclass(format('private.%I', t.name || '_' || to_char(now(), 'YYYYMM'))) is null
order by 1 limit 20;

-- name: splits_are_of_their_items
select s.order_item_id::text as id,
       format('%s paise are shared, the item comes to %s', s.paid_minor,
              coalesce((i.total_price_minor - i.discount * 100)::bigint::text, 'nothing: it is not there'))
         as detail,
       count(*) over ()::integer as total
from private.order_item_splits s left join public.order_items i on i.id = s.order_item_id
where i.id is null or s.paid_minor <> (i.total_price_minor - i.discount * 100)::bigint
   or s.order_id <> i.order_id or s.wholesaler_id is distinct from i.wholesaler_id
order by 1 limit 20;

-- name: refunds_are_within_captures
-- What waits to be given back, too. Orders that are older than payments are left out.
select o.order_id::text as id, format('%s paise refunded of %s', r.amount, o.amount) as detail,
       count(*) over ()::integer as total
from (select order_id, coalesce(sum(amount_minor) filter (
               where status in ('captured', 'collected', 'remitted')), 0) as amount
      from private.payments group by order_id) o
join (select order_id, sum(amount_minor) as amount from public.refunds
      where status in ('pending', 'succeeded') group by order_id) r on r.order_id = o.order_id
where r.amount > o.amount
order by 1 limit 20;

-- name: ledger_events_balance
select e.id::text as id,
       format('%s %s %s is off by %s paise', v.source_type, v.source_id, v.event, e.amount) as detail,
       count(*) over ()::integer as total
from (select n.event_id as id, a.currency, sum(n.amount_minor) as amount
      from private.ledger_entries n join private.ledger_accounts a on a.id = n.account_id
      group by n.event_id, a.currency) e
join private.ledger_events v on v.id = e.id
where e.amount <> 0
order by 1 limit 20;

-- name: ledger_balances_are_the_sum_of_entries
select a.id::text as id,
       format('%s has %s paise in %s entries, they are %s in %s', a.name, a.balance_minor, a.version,
              coalesce(n.amount, 0), coalesce(n.entries, 0)) as detail,
       count(*) over ()::integer as total
from private.ledger_accounts a
left join (select account_id, sum(amount_minor) as amount, count(*) as entries
           from private.ledger_entries group by account_id) n on n.account_id = a.id
where a.balance_minor <> coalesce(n.amount, 0) or a.version <> coalesce(n.entries, 0)
order by 1 limit 20;

-- name: ledger_entries_follow_each_other
select n.id::text as id,
       format('begins with %s paise, the entry before ended with %s', n.previous_minor, n.before_minor)
         as detail,
       count(*) over ()::integer as total
from (select id, previous_minor, account_version,
             lag(balance_minor, 1, 0::bigint) over in_turn as before_minor,
             lag(account_version, 1, 0::bigint) over in_turn as before_version
      from private.ledger_entries
      window in_turn as (partition by account_id order by account_version)) n
where n.previous_minor <> n.before_minor or n.account_version <> n.before_version + 1
order by 1 limit 20;

-- name: ledger_pending_is_the_sum_of_lines
-- Of each payee: what was paid for lines whose hold goes on, less what was given back of them.
select coalesce(a.owner_id, l.payee_id)::text as id,
       format('%s paise pending, its lines come to %s', coalesce(a.balance_minor, 0), coalesce(l.amount, 0))
         as detail,
       count(*) over ()::integer as total
from (select * from private.ledger_accounts where name in ('wholesaler_pending', 'influencer_pending')) a
full join (
  select x.payee_id, x.name, sum(x.amount) as amount
  from private.ledger_lines l
  join private.order_item_splits s on s.order_item_id = l.order_item_id
  join public.order_items i on i.id = l.order_item_id
  cross join lateral private.less_v1(private.paid_share_v1(l, s, i.quantity),
                                  private.returned_share_v1(l, s, i.quantity)) d
  cross join lateral (values
    (l.wholesaler_id, 'wholesaler_pending', d.wholesaler_minor + d.discount_minor),
    (l.influencer_id, 'influencer_pending',
     d.influencer_minor - case when s.funded_by = 'influencer' then d.discount_minor else 0 end)
  ) x (payee_id, name, amount)
  where l.payment_id is not null and l.released_at is null and x.payee_id is not null
  group by x.payee_id, x.name) l on l.payee_id = a.owner_id and l.name = a.name
where coalesce(a.balance_minor, 0) <> coalesce(l.amount, 0)
order by 1 limit 20;

-- name: ledger_has_every_payment
select p.id::text as id, format('%s of %s paise is not posted', p.status, p.amount_minor) as detail,
       count(*) over ()::integer as total
from private.payments p
cross join lateral unnest(case p.status when 'captured' then array['captured']
                                        when 'collected' then array['collected']
                                        when 'remitted' then array['collected', 'remitted']
                                        else '{}' end) x (event)
where exists (select from private.order_item_splits s where s.order_id = p.order_id)
  and not exists (
    select from private.ledger_events e
    where e.source_type = 'payment' and e.source_id = p.id
      and (e.event = x.event or (x.event = 'captured' and e.event = 'excess')))
order by 1 limit 20;

-- name: ledger_has_every_refund
select r.id::text as id, format('%s is not posted', r.amount) as detail, count(*) over ()::integer as total
from public.refunds r
where r.status = 'succeeded'
  and exists (select from private.ledger_events e where e.source_type = 'payment' and e.order_id = r.order_id)
  and not exists (select from private.ledger_events e where e.source_type = 'refund' and e.source_id = r.id)
order by 1 limit 20;

-- name: delivered_lines_are_on_hold
-- The hold of a line begins when it is delivered; without it nobody is ever paid for it.
select i.id::text as id, 'delivered, and its hold has not begun' as detail,
       count(*) over ()::integer as total
from public.order_items i
join public.orders o on o.id = i.order_id and o.status = 'delivered'
join private.order_item_splits s on s.order_item_id = i.id
left join private.ledger_lines l on l.order_item_id = i.id
where i.quantity > i.quantity_cancelled and l.delivered_at is null
order by 1 limit 20;

-- name: earnings_are_those_of_the_ledger
-- What influencers read of a line with a split: its share once it is earned, less what was given back.
select s.order_item_id::text as id,
       format('%s paise earned, by the ledger %s', coalesce(e.amount, 0), f.amount) as detail,
       count(*) over ()::integer as total
from private.order_item_splits s
join public.order_items i on i.id = s.order_item_id
left join private.ledger_lines l on l.order_item_id = s.order_item_id
left join (select order_item_id, sum(amount_minor) as amount from public.influencer_earnings
           where order_item_id is not null group by order_item_id) e on e.order_item_id = s.order_item_id
cross join lateral (
  select case when l.earned_at is null or l.influencer_id is null then 0
              else d.influencer_minor
                   - case when s.funded_by = 'influencer' then d.discount_minor else 0 end end as amount
  from private.less_v1(private.paid_share_v1(l, s, i.quantity), private.returned_share_v1(l, s, i.quantity)) d) f
where coalesce(e.amount, 0) <> f.amount
order by 1 limit 20;

-- name: payouts_are_the_sum_of_their_entries
select x.id::text as id,
       format('%s paise, its entries come to %s and its posting to %s', x.amount_minor,
              coalesce(n.amount, 0), coalesce(own.amount_minor, 0)) as detail,
       count(*) over ()::integer as total
from private.payouts x
left join lateral (
  select sum(e.amount_minor) as amount from private.ledger_entries e
  where e.account_id = x.account_id and e.account_version between x.first_version and x.last_version) n on true
left join private.ledger_entries own
  on own.account_id = x.account_id and own.account_version = x.last_version + 1
where x.amount_minor <> coalesce(n.amount, 0) or x.amount_minor <> -coalesce(own.amount_minor, 0)
order by 1 limit 20;

-- name: payouts_claim_each_entry_once
select x.id::text as id,
       format('claims from entry %s on, the payout before ended with %s', x.first_version, x.before)
         as detail,
       count(*) over ()::integer as total
from (select p.id, p.first_version,
             -- The posting of the payout before stands between the two.
             lag(p.last_version + 1, 1, 0::bigint) over in_turn as before,
             lead(p.last_version) over in_turn is null and a.paid_version <> p.last_version + 1 as is_behind
      from private.payouts p join private.ledger_accounts a on a.id = p.account_id
      window in_turn as (partition by p.account_id order by p.last_version, p.first_version, p.id)) x
where x.first_version <> x.before + 1 or x.is_behind
order by 1 limit 20;

-- name: payouts_on_their_way_are_cleared
select c.id::text as id,
       format('%s paise in clearing, %s on their way', coalesce(c.balance_minor, 0), p.amount) as detail,
       1 as total
from (select coalesce(sum(amount_minor), 0) as amount from private.payouts where status = 'pending') p
left join private.ledger_accounts c on c.name = 'payout_clearing'
where coalesce(c.balance_minor, 0) <> p.amount;

-- name: parcels_are_the_quantities
-- Of lines that were sent in parcels: what left and what arrived is in the parcels that did.
select i.id::text as id,
       format('%s sent and %s delivered, its parcels say %s and %s', i.quantity_shipped,
              i.quantity_delivered, t.shipped, t.delivered) as detail,
       count(*) over ()::integer as total
from public.order_items i
join (select x.order_item_id,
             coalesce(sum(x.quantity) filter (where s.status in ('shipped', 'delivered')), 0) as shipped,
             coalesce(sum(x.quantity) filter (where s.status = 'delivered'), 0) as delivered
      from private.shipment_items x join private.shipments s on s.id = x.shipment_id
      where s.status <> 'packed' group by x.order_item_id) t on t.order_item_id = i.id
join public.orders o on o.id = i.order_id and o.status <> 'cancelled'
where (i.quantity_shipped, i.quantity_delivered) is distinct from (t.shipped, t.delivered)
order by 1 limit 20;

-- name: refund_lines_add_up
-- Of refunds that say for what they are.
select r.id::text as id, format('%s paise, its lines come to %s', r.amount_minor, l.amount) as detail,
       count(*) over ()::integer as total
from public.refunds r
join (select refund_id, sum(amount_minor) as amount from private.refund_lines group by refund_id) l
  on l.refund_id = r.id
where l.amount <> r.amount_minor
order by 1 limit 20;

-- name: documents_are_numbered_without_a_gap
select format('%s/%s/%s', c.series_id, c.financial_year, c.document_type) as id,
       format('%s documents up to number %s, the last given is %s', coalesce(v.documents, 0),
              coalesce(v.last, 0), c.last_serial) as detail,
       count(*) over ()::integer as total
from private.invoice_counters c
left join (select series_id, financial_year, document_type, count(*) as documents, max(serial) as last
           from private.invoices group by series_id, financial_year, document_type) v
  using (series_id, financial_year, document_type)
where (coalesce(v.documents, 0), coalesce(v.last, 0)) is distinct from (c.last_serial::bigint, c.last_serial)
order by 1 limit 20;

-- name: coupons_are_used_as_often_as_they_count
-- A use is an order that was not cancelled.
select c.id::text as id,
       format('%s counts %s uses of %s, orders have %s', c.code, coalesce(k.used, 0),
              coalesce(c.quota::text, 'any number'), coalesce(u.uses, 0)) as detail,
       count(*) over ()::integer as total
from private.coupons c
left join private.coupon_counts k on k.coupon_id = c.id
left join (select r.coupon_id, count(*) as uses
           from private.coupon_redemptions r
           join public.orders o on o.id = r.order_id and o.status <> 'cancelled'
           where r.returned_at is null group by r.coupon_id) u on u.coupon_id = c.id
where coalesce(k.used, 0) <> coalesce(u.uses, 0) or coalesce(k.used, 0) > c.quota
order by 1 limit 20;

-- name: coupons_are_used_by_orders_that_have_their_discount
select r.order_id::text as id,
       format('%s paise off by a coupon, the order says %s', r.discount_minor,
              coalesce((o.discount_amount * 100)::bigint::text, 'nothing: it is not there')) as detail,
       count(*) over ()::integer as total
from private.coupon_redemptions r left join public.orders o on o.id = r.order_id
where r.discount_minor is distinct from (o.discount_amount * 100)::bigint
order by 1 limit 20;

-- name: deals_are_bought_as_often_as_they_count
-- By the counts, by what each customer bought, and by the lines of the orders.
select d.id::text as id,
       format('%s counted of %s, %s bought by its customers, %s in orders', coalesce(c.sold, 0),
              coalesce(d.total_limit::text, 'any number'), coalesce(b.pieces, 0), coalesce(i.pieces, 0))
         as detail,
       count(*) over ()::integer as total
from private.deals d
left join private.deal_counts c on c.deal_id = d.id
left join (select deal_id, sum(quantity) as pieces, max(quantity) as most
           from private.deal_purchases group by deal_id) b on b.deal_id = d.id
left join (select deal_id, sum(quantity - quantity_cancelled) as pieces
           from public.order_items where deal_id is not null group by deal_id) i on i.deal_id = d.id
where coalesce(c.sold, 0) <> coalesce(b.pieces, 0) or coalesce(c.sold, 0) <> coalesce(i.pieces, 0)
   or coalesce(c.sold, 0) > d.total_limit or coalesce(b.most, 0) > d.customer_limit
order by 1 limit 20;

-- name: open_orders_are_paid_or_will_be
-- In cash, by money that is here, or until a time at which they are cancelled. Orders that are older
-- than payments are left out.
select o.id::text as id,
       format('%s is %s and has %s', o.order_number, o.status, coalesce(p.payments, 'no payment')) as detail,
       count(*) over ()::integer as total
from public.orders o
left join lateral (
  select string_agg(format('a %s payment by %s', y.status, y.provider), ', ' order by y.id) as payments,
         bool_or(y.status in ('captured', 'collected', 'remitted')
                 or y.provider = 'cod' and y.status = 'created'
                 or o.status = 'pending' and o.pay_until is not null) as is_live
  from private.payments y where y.order_id = o.id) p on true
where o.status in ('pending', 'confirmed', 'processing', 'shipped')
  and exists (select from private.order_item_splits s where s.order_id = o.id)
  and p.is_live is not true
order by 1 limit 20;

-- name: orders_took_their_stock_once
-- Those of which the stock is taken; who pays first gets it, so that before there is nothing of it.
select o.id::text as id,
       format('%s pieces, %s taken from stock, allocation %s', i.pieces, coalesce(m.taken, 0), o.allocation)
         as detail,
       count(*) over ()::integer as total
from public.orders o
join (select order_id, sum(quantity) as pieces from public.order_items group by order_id) i
  on i.order_id = o.id
left join (select order_id, -sum(delta) as taken from private.stock_moves
           where order_id is not null and delta < 0 group by order_id) m on m.order_id = o.id
where exists (select from private.order_item_splits s where s.order_id = o.id)
  and (o.allocation = 'taken' and coalesce(m.taken, 0) <> i.pieces
       or o.allocation = 'on_payment' and m.taken is not null)
order by 1 limit 20;
