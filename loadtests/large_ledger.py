"""The money of a large shop: splits, payments, the ledger and two years of payouts.

Statements for `large_shop.fill_rest`, which has made pg_temp's functions and written the orders. Of
the orders that were delivered a quarter is in the ledger: enough that nothing but an index can find
a row of it. The first wholesaler and the first influencer are those whose statements are long.
"""

from __future__ import annotations

from typing import Final

LEDGER: Final[dict[str, str]] = {
    "splits": """
insert into private.order_item_splits (
  order_item_id, order_id, wholesaler_id, influencer_id, paid_minor, discount_minor, base_minor,
  tax_minor, fee_bp, fee_minor, fee_gst_bp, fee_gst_minor, commission_bp, commission_minor, cut_bp,
  cut_minor, tcs_bp, tcs_minor, tds_bp, tds_minor, wholesaler_minor)
select i.id, i.order_id, i.wholesaler_id, i.influencer_id, i.total_price_minor, 0,
       i.total_price_minor, 0, 1000, 7000, 0, 0, 0, c.commission, 1000, c.commission / 10, 0, 0, 0,
       0, i.total_price_minor - 7000 - c.commission
from public.order_items i
cross join lateral (select (i.influencer_commission * 100)::bigint as commission) c
""",
    "payments": """
insert into private.payments (id, order_id, provider, amount_minor, status, created_at, updated_at)
select o.id, o.id, 'cod', o.total_minor,
       case when o.status = 'cancelled' then 'cancelled'
            -- Of those that were delivered lately the cash of some is not here yet.
            when o.status in ('delivered', 'refunded')
                 and (o.created_at < now() - interval '30 days' or hashtext(o.id::text) % 8 <> 0)
            then 'remitted'
            when o.status = 'shipped' and o.created_at < now() - interval '30 days' then 'collected'
            else 'created' end, o.created_at, o.created_at
from public.orders o
""",
    "lines of the ledger": """
insert into private.ledger_lines (
  order_item_id, order_id, wholesaler_id, influencer_id, payment_id, quantity, money_at,
  delivered_at, earned_at, released_at)
select s.order_item_id, s.order_id, s.wholesaler_id, s.influencer_id, p.id,
       case when p.id is null then 0 else 1 end, p.at, t.at, p.at,
       case when p.at + interval '7 days' < now() then p.at + interval '7 days' end
from private.order_item_splits s
join public.orders o on o.id = s.order_id and o.status = 'delivered'
cross join lateral (select o.created_at + interval '3 days' as at) t
left join lateral (select y.id, t.at from private.payments y
                   where y.order_id = o.id and y.status = 'remitted') p on true
where hashtext(o.id::text) % 4 = 0 and t.at < now()
""",
    "a plan of the ledger": """
create temp table legs on commit drop as
select l.money_at as at, 'payment' as source_type, l.order_id as source_id, 'collected' as event,
       l.order_id, x.leg, x.account, x.owner_id, l.order_item_id, x.amount
from private.ledger_lines l
join private.order_item_splits s on s.order_item_id = l.order_item_id and l.payment_id is not null
cross join lateral (values
  ('clearing', 'gateway_clearing', null, -s.paid_minor),
  ('fee', 'platform_fee_income', null, s.fee_minor + s.cut_minor),
  ('wholesaler', 'wholesaler_pending', l.wholesaler_id, s.wholesaler_minor),
  ('influencer', 'influencer_pending', l.influencer_id, s.commission_minor - s.cut_minor)
) x (leg, account, owner_id, amount)
where x.amount <> 0
union all
select l.released_at, 'order_item', l.order_item_id, 'released', l.order_id, x.leg, x.account,
       x.owner_id, l.order_item_id, x.amount
from private.ledger_lines l join private.order_item_splits s on s.order_item_id = l.order_item_id
cross join lateral (values
  ('wholesaler_pending', 'wholesaler_pending', l.wholesaler_id, -s.wholesaler_minor),
  ('wholesaler', 'wholesaler_available', l.wholesaler_id, s.wholesaler_minor),
  ('influencer_pending', 'influencer_pending', l.influencer_id, s.cut_minor - s.commission_minor),
  ('influencer', 'influencer_available', l.influencer_id, s.commission_minor - s.cut_minor)
) x (leg, account, owner_id, amount)
where l.released_at is not null and x.amount <> 0
union all
select pg_temp.order_time(4 * n), 'adjustment', pg_temp.id_of(k.kind || ' adjustment', n),
       'adjusted', null, x.leg, x.account, x.owner_id, null, x.amount
from (values ('wholesaler'), ('influencer')) k (kind)
cross join generate_series(1, pg_temp.setting('orders') / 4) n
cross join lateral (values
  ('payee', k.kind || '_available', pg_temp.id_of(k.kind, 1), 100),
  ('platform', 'adjustments', null, -100)) x (leg, account, owner_id, amount)
""",
    "a plan of the payouts": """
create temp table paid_out on commit drop as
select (md5(b.month || account || owner_id))::uuid as id, b.month, account, owner_id,
       now() - interval '30 days' * b.month as at, sum(amount)::bigint as amount
from legs
cross join lateral (
  select floor(extract(epoch from now() - at) / 86400 / 30)::integer as month) b
where account in ('wholesaler_available', 'influencer_available')
group by b.month, account, owner_id
""",
    "legs of the payouts": """
insert into legs
select p.at + x.later, 'payout', p.id, x.event, null, x.leg, x.account, x.owner_id, null, x.amount
from paid_out p
cross join lateral (values
  ('claimed', 'payout', p.account, p.owner_id, -p.amount, interval '0'),
  ('claimed', 'clearing', 'payout_clearing', null, p.amount, interval '0'),
  ('paid', 'clearing', 'payout_clearing', null, -p.amount, interval '1 day'),
  ('paid', 'bank', 'gateway_clearing', null, p.amount, interval '1 day')
) x (event, leg, account, owner_id, amount, later)
where x.event = 'claimed' or p.month > 0
""",
    "events of the ledger": """
insert into private.ledger_events (
  id, source_type, source_id, event, order_id, event_at, created_at)
overriding system value
select row_number() over (order by at, source_type, source_id, event), source_type, source_id,
       event, order_id, at, at
from (select distinct source_type, source_id, event, order_id, at from legs) e
""",
    "accounts of the ledger": """
insert into private.ledger_accounts (name, owner_id) select distinct account, owner_id from legs
""",
    "entries of the ledger": """
insert into private.ledger_entries (
  event_id, account_id, leg, order_item_id, amount_minor, previous_minor, balance_minor,
  account_version)
select e.id, a.id, l.leg, l.order_item_id, l.amount, sum(l.amount) over in_turn - l.amount,
       sum(l.amount) over in_turn, row_number() over in_turn
from legs l
join private.ledger_events e
  on (e.source_type, e.source_id, e.event) = (l.source_type, l.source_id, l.event)
join private.ledger_accounts a on a.name = l.account and a.owner_id is not distinct from l.owner_id
window in_turn as (partition by a.id order by e.id, l.order_item_id, l.leg)
order by e.id, l.order_item_id, l.leg
""",
    "batches of payouts": """
insert into private.payout_batches (id, is_scheduled, minimum_minor, created_at, closed_at)
select distinct pg_temp.id_of('payout_batch', month + 1), true, 1, at, at from paid_out
""",
    "payouts": """
insert into private.payouts (
  id, batch_id, account_id, payee_kind, payee_id, currency, amount_minor, first_version,
  last_version, status, reference, created_at, paid_at)
select p.id, pg_temp.id_of('payout_batch', p.month + 1), n.account_id,
       split_part(p.account, '_', 1), p.owner_id, 'INR', p.amount,
       1 + lag(n.account_version, 1, 0::bigint)
           over (partition by n.account_id order by n.account_version),
       n.account_version - 1, case when p.month > 0 then 'paid' else 'pending' end,
       case when p.month > 0 then 'UTR' || p.month end, p.at,
       case when p.month > 0 then p.at + interval '1 day' end
from paid_out p
join private.ledger_events e
  on (e.source_type, e.source_id, e.event) = ('payout', p.id, 'claimed')
join private.ledger_entries n on n.event_id = e.id and n.leg = 'payout'
""",
    "balances of the ledger": """
update private.ledger_accounts a
set balance_minor = n.balance, version = n.entries, paid_version = coalesce(p.version, 0)
from (select account_id, sum(amount_minor) as balance, count(*) as entries
      from private.ledger_entries group by account_id) n
left join (select account_id, max(last_version) + 1 as version
           from private.payouts group by account_id) p using (account_id)
where a.id = n.account_id
""",
}
