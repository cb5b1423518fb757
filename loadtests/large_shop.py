"""Fills a database with a shop of years: a million orders of a hundred thousand products.

For benches and for tests of plans. It writes as the owner with triggers off, in statements over
whole sets, so that it takes a minute or two and not hours; what the triggers would have filled in
is written here. `fill_first` writes what the schema of the first release has (and later ones still
have), `fill_rest` the tables that came later, so that migrations can be measured in between.

Names are numbers, so that whoever measures can compute an id: see the functions below.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from loadtests.large_ledger import LEDGER

Tell = Callable[[str], None]
Connection: TypeAlias = "asyncpg.Connection[Any]"


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything. An order has 1.3 items, a product two variants."""

    orders: int = 1_000_000
    products: int = 100_000
    customers: int = 100_000
    live_sessions: int = 5_000
    wholesalers: int = 200
    influencers: int = 200

    def settings(self) -> dict[str, str]:
        return {f"large_shop.{name}": str(count) for name, count in asdict(self).items()}


def id_of(kind: str, number: int) -> UUID:
    """The id of a row, from 1: of a customer, wholesaler, influencer, product, variant, live
    session (`live_session`), or of the account of one of them (`customer user` and so on)."""
    return UUID(hashlib.md5(f"{kind} {number}".encode(), usedforsecurity=False).hexdigest())


CATEGORIES = ("Sarees", "Kurtas", "Jewellery", "Beauty", "Kitchen", "Footwear", "Toys", "Decor")
MATERIALS = ("Cotton", "Silk", "Linen", "Steel", "Brass", "Leather", "Clay", "Wooden", "Woollen")
THINGS = ("Kurta", "Saree", "Scarf", "Necklace", "Lamp", "Bowl", "Sandals", "Bag", "Cushion", "Toy")
COLOURS = ("Indigo", "Red", "Green", "Ivory", "Black", "Yellow", "White")
BRANDS = ("Nilgiri", "Kaveri", "Malabar", "Sahyadri", "Chambal", "Godavari", "Aravalli")


def _words(words: tuple[str, ...]) -> str:
    return "array[" + ", ".join(f"'{word}'" for word in words) + "]"


def _one_of(words: tuple[str, ...], number: str) -> str:
    """SQL of the word that falls to a number; neighbours get different ones."""
    return f"({_words(words)})[1 + abs(hashint4({number})) % {len(words)}]"


# Computed, never looked up: a million look-ups would be most of the time. Orders have ids in the
# order of time, as the program makes them.
_PREPARE = """
create function pg_temp.setting(name text) returns integer language sql stable as
  $$ select current_setting('large_shop.' || name)::integer $$;
create function pg_temp.id_of(kind text, number integer) returns uuid language sql immutable as
  $$ select md5(kind || ' ' || number::text)::uuid $$;
create function pg_temp.ordered_id(at timestamptz, number integer) returns uuid
  language sql immutable as
  $$ select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7'
             || substr(md5(number::text), 1, 3) || '8'
             || substr(md5(number::text), 4, 15))::uuid $$;
create function pg_temp.among(number integer, salt integer, count integer) returns integer
  language sql immutable as $$ select 1 + abs(hashint8(number::bigint * 1000 + salt) % count) $$;
-- Two years of orders, evenly; the last one a minute ago.
create function pg_temp.order_time(number integer) returns timestamptz language sql stable as
  $$ select date_trunc('day', now()) + interval '6 hours'
            - interval '730 days' * ((pg_temp.setting('orders') - number)::float8
                                     / pg_temp.setting('orders')) $$;
-- Six orders of ten come from a live session, which took place at about that time.
create function pg_temp.live_session_of(number integer) returns integer language sql stable as
  $$ select case when number % 10 < 6 then
       greatest(1, (number::bigint * pg_temp.setting('live_sessions')
                    / pg_temp.setting('orders'))::integer)
     end $$;
create function pg_temp.influencer_of(live_session integer) returns integer language sql stable as
  $$ select 1 + live_session % pg_temp.setting('influencers') $$;
-- The first customer is the one whose list is long.
create function pg_temp.customer_of(number integer) returns integer language sql stable as
  $$ select case when number % 1000 = 7 then 1
                 else pg_temp.among(number, 1, pg_temp.setting('customers')) end $$;
"""

_FIRST: dict[str, str] = {
    "accounts": """
insert into auth.users (id, aud, role, email, raw_app_meta_data, raw_user_meta_data)
select pg_temp.id_of(k.kind || ' user', n), 'authenticated', 'authenticated',
       replace(k.kind, ' ', '') || n || '@shop.test', jsonb_build_object('role', k.kind), '{}'
from (values ('customer', pg_temp.setting('customers')),
             ('wholesaler', pg_temp.setting('wholesalers')),
             ('influencer', pg_temp.setting('influencers')), ('admin', 1)) k (kind, count)
cross join lateral generate_series(1, k.count) n
""",
    "customers": """
insert into public.customers (id, user_id, first_name, last_name, email, phone, city, state)
select pg_temp.id_of('customer', n), pg_temp.id_of('customer user', n), 'Customer', n::text,
       'customer' || n || '@shop.test', '+9190' || lpad(n::text, 8, '0'), 'Pune', 'Maharashtra'
from generate_series(1, pg_temp.setting('customers')) n
""",
    "wholesalers": """
insert into public.wholesalers (id, user_id, business_name, email, city, state, is_verified,
                                verification_status)
select pg_temp.id_of('wholesaler', n), pg_temp.id_of('wholesaler user', n), 'Wholesaler ' || n,
       'wholesaler' || n || '@shop.test', 'Surat', 'Gujarat', true, 'verified'
from generate_series(1, pg_temp.setting('wholesalers')) n
""",
    "influencers": """
insert into public.influencers (id, user_id, display_name, email, is_verified, verification_status)
select pg_temp.id_of('influencer', n), pg_temp.id_of('influencer user', n), 'Influencer ' || n,
       'influencer' || n || '@shop.test', true, 'verified'
from generate_series(1, pg_temp.setting('influencers')) n
""",
    "products": f"""
insert into public.products (
  id, wholesaler_id, name, short_description, description, sku, category, brand, wholesale_price,
  retail_price, sale_price, stock_quantity, images, is_active, status, created_at)
select pg_temp.id_of('product', n),
       pg_temp.id_of('wholesaler', pg_temp.among(n, 3, pg_temp.setting('wholesalers'))),
       concat_ws(' ', {_one_of(COLOURS, "n")}, {_one_of(MATERIALS, "n / 2")},
                 {_one_of(THINGS, "n / 3")}, n),
       'Made by hand', repeat('Made by hand, one at a time. ', 10), 'SKU-' || n,
       {_one_of(CATEGORIES, "n / 5")}, {_one_of(BRANDS, "n / 7")},
       300 + n % 400, 900 + n % 700, case when n % 2 = 0 then 700 + n % 200 end, 200,
       jsonb_build_array('/media/' || n || '.webp'), n % 20 <> 0,
       case when n % 50 = 1 then 'out_of_stock' else 'active' end,
       now() - interval '900 days' * ((pg_temp.setting('products') - n)::float8
                                      / pg_temp.setting('products'))
from generate_series(1, pg_temp.setting('products')) n
""",
    "variants": """
insert into public.product_variants (id, product_id, label, size, position)
select pg_temp.id_of('variant', 2 * n - v), pg_temp.id_of('product', n), (array['M', 'L'])[v + 1],
       (array['M', 'L'])[v + 1], v
from generate_series(1, pg_temp.setting('products')) n cross join generate_series(0, 1) v
""",
    "live sessions": """
insert into public.live_sessions (
  id, influencer_id, title, status, scheduled_start_time, actual_start_time, end_time,
  duration_minutes, created_at)
select pg_temp.id_of('live_session', n), pg_temp.id_of('influencer', pg_temp.influencer_of(n)),
       'Live session ' || n, s.status,
       case s.status when 'scheduled' then now() + n % 90 * interval '8 hours' else t.began end,
       case s.status when 'scheduled' then null else t.began end,
       case s.status when 'ended' then t.began + interval '1 hour' end,
       case s.status when 'ended' then 60 end, t.began - interval '3 days'
from generate_series(1, pg_temp.setting('live_sessions')) n
cross join lateral (select pg_temp.order_time(
  (n::bigint * pg_temp.setting('orders') / pg_temp.setting('live_sessions'))::integer) as began) t
cross join lateral (select case
  when n > pg_temp.setting('live_sessions') - least(30, pg_temp.setting('influencers')) then 'live'
  when n > pg_temp.setting('live_sessions') - 150 then 'scheduled'
  else 'ended' end as status) s
""",
    "products of live sessions": """
insert into public.live_session_products (live_session_id, product_id, display_order, special_price)
select distinct on (n, p) pg_temp.id_of('live_session', n), pg_temp.id_of('product', p), k, 499
from generate_series(1, pg_temp.setting('live_sessions')) n cross join generate_series(1, 20) k
cross join lateral (select pg_temp.among(n, 100 + k, pg_temp.setting('products')) as p) c
""",
    "a plan of the orders": """
create temp table seeded on commit drop as
select n, pg_temp.ordered_id(placed, n) as id, placed, live_session,
       pg_temp.id_of('live_session', live_session) as live_session_id,
       pg_temp.id_of('influencer', pg_temp.influencer_of(live_session)) as influencer_id,
       n % 10 in (0, 4, 8) as has_two_items
from (select n, pg_temp.order_time(n) as placed, pg_temp.live_session_of(n) as live_session
      from generate_series(1, pg_temp.setting('orders')) n offset 0) s
""",
    "orders": """
insert into public.orders (
  id, customer_id, influencer_id, live_session_id, order_number, subtotal, shipping_cost,
  total_amount, status, payment_status, payment_method, shipping_address, influencer_commission,
  created_at, updated_at)
select id, pg_temp.id_of('customer', pg_temp.customer_of(n)), influencer_id, live_session_id,
       'ORD-' || to_char(placed, 'YYYYMMDD') || '-' || lpad(n::text, 7, '0'),
       700 + n % 200 + case when has_two_items then 700 else 0 end, 49,
       749 + n % 200 + case when has_two_items then 700 else 0 end, status,
       case when status in ('pending', 'cancelled') then 'pending'
            when status = 'refunded' then 'refunded' else 'paid' end, 'cod',
       jsonb_build_object('name', 'Customer', 'phone', '+919000000000', 'line1', n || ' Main Road',
                          'line2', '', 'city', 'Pune', 'state', 'Maharashtra', 'pincode', '411001'),
       case when live_session is null then 0 else 60 end, placed, placed
from (select s.*, (array['pending', 'confirmed', 'processing', 'shipped', 'cancelled', 'refunded',
                         'delivered'])[least(7, pg_temp.among(n, 2, 18))] as status
      from seeded s offset 0) s
""",
    "order items": """
insert into public.order_items (
  id, order_id, position, product_id, variant_id, wholesaler_id, influencer_id, live_session_id,
  product_name, variant_label, product_snapshot, quantity, unit_price, wholesaler_commission,
  influencer_commission, created_at)
select pg_temp.ordered_id(placed, 2 * n + k), id, k, pg_temp.id_of('product', product),
       pg_temp.id_of('variant', 2 * product - 1),
       pg_temp.id_of('wholesaler', pg_temp.among(product, 3, pg_temp.setting('wholesalers'))),
       influencer_id, live_session_id, 'Product ' || product, 'M',
       jsonb_build_object('name', 'Product ' || product), 1,
       700 + case k when 0 then n % 200 else 0 end, 70,
       case when live_session is null then 0 else 60 end, placed
from (select s.*, k, pg_temp.among(n, 10 + k, pg_temp.setting('products')) as product
      from seeded s cross join lateral generate_series(0, has_two_items::integer) k offset 0) s
""",
}

# What waits for support was asked lately: of a hundred questions two.
_QUERY_COLUMNS = """
       pg_temp.id_of('query', n), pg_temp.id_of('customer', t.customer), 'Question ' || n,
       'Where is my order?', (array['order', 'payment', 'shipping', 'general'])[1 + n % 4],
       (array['low', 'medium', 'high', 'urgent'])[1 + n % 4],
       case when n < t.count * 0.98 then 'resolved' when n % 3 = 0 then 'open'
            when n % 3 = 1 then 'in_progress' else 'escalated' end, t.asked
from generate_series(1, pg_temp.setting('customers')) n
cross join lateral (select
  pg_temp.among(n, 4, pg_temp.setting('customers')) as customer,
  pg_temp.setting('customers') as count,
  pg_temp.order_time((n::bigint * pg_temp.setting('orders')
                      / pg_temp.setting('customers'))::integer) as asked) t
"""
_FIRST_QUERIES = f"""
insert into public.queries (id, customer_id, subject, message, category, priority, status,
                            created_at)
select {_QUERY_COLUMNS}
"""

_REST: dict[str, str] = {
    "queries": f"""
insert into public.queries (ticket_number, ack_due_at, redress_due_at, id, customer_id, subject,
                            message, category, priority, status, created_at)
select 'TKT-20260101-' || lpad(n::text, 6, '0'), t.asked + interval '48 hours',
       t.asked + interval '1 month', {_QUERY_COLUMNS}
on conflict (id) do nothing
""",
    "messages of queries": """
insert into public.query_messages (query_id, author_kind, body, created_at)
select q.id, a.kind, 'As you see', q.created_at + interval '1 hour' * a.hours
from public.queries q cross join (values ('support', 1), ('customer', 2)) a (kind, hours)
where q.status <> 'open'
""",
    "notes": """
insert into public.staff_notes (about, about_id, body)
select 'query', id, 'Called back' from public.queries where hashtext(id::text) % 2 = 0
""",
    "stock": """
insert into public.product_stock (variant_id, product_id, on_hand)
select id, product_id, 100 from public.product_variants
on conflict (variant_id) do update set on_hand = excluded.on_hand
""",
    "texts in Hindi": """
insert into public.product_translations (product_id, locale, name, short_description)
select id, 'hi', 'उत्पाद ' || right(name, 6), 'हाथ से बना' from public.products
on conflict do nothing
""",
    "public profiles": """
insert into public.public_profiles (id, kind, name, is_verified)
select id, 'wholesaler', business_name, true from public.wholesalers
union all
select id, 'influencer', display_name, true from public.influencers
on conflict (id) do nothing
""",
    "reviews": """
insert into public.reviews (product_id, customer_id, rating, title, body, author_name, created_at)
select distinct on (p, c) pg_temp.id_of('product', p), pg_temp.id_of('customer', c), 1 + n % 5,
       'As expected', 'It came in time.', 'Customer', pg_temp.order_time(n)
from generate_series(1, pg_temp.setting('orders') / 10) n
-- The first product is the one that everybody has an opinion of.
cross join lateral (select case when n % 100 = 0 then 1
                                else pg_temp.among(n, 5, pg_temp.setting('products')) end as p,
                           pg_temp.among(n, 6, pg_temp.setting('customers')) as c) r
""",
    "wishlist": """
insert into public.wishlist (customer_id, product_id, added_at)
select distinct on (c, p) pg_temp.id_of('customer', c), pg_temp.id_of('product', p),
       pg_temp.order_time(n)
from generate_series(1, pg_temp.setting('orders') / 5) n
cross join lateral (select pg_temp.among(n, 7, pg_temp.setting('products')) as p,
                           pg_temp.customer_of(n) as c) w
""",
    "notifications": """
insert into public.notifications (user_id, type, title, message, created_at)
select pg_temp.id_of('customer user', pg_temp.customer_of(n)), 'order_update', 'Your order',
       'It is on its way', pg_temp.order_time(n)
from generate_series(1, pg_temp.setting('orders') / 5) n
""",
    "earnings": """
insert into public.influencer_earnings (
  influencer_id, live_session_id, order_id, order_item_id, product_id, earning_type, amount,
  gross_sales, earned_at)
select i.influencer_id, i.live_session_id, i.order_id, i.id, i.product_id, 'commission',
       i.influencer_commission, i.total_price, i.created_at
from public.order_items i
where i.influencer_id is not null and hashtext(i.id::text) % 4 = 0
on conflict do nothing
""",
    "returns": """
insert into public.returns (id, return_number, order_id, customer_id, reason, status, created_at)
select o.id, 'RET-' || o.order_number, o.id, o.customer_id, 'does_not_fit',
       case when hashtext(o.id::text) % 100 = 0 then 'requested' else 'refunded' end, o.created_at
from public.orders o where o.status = 'delivered' and hashtext(o.id::text) % 10 = 0
""",
    "items of returns": """
insert into public.return_items (return_id, order_item_id, quantity)
select r.id, i.id, 1 from public.returns r join public.order_items i on i.order_id = r.order_id
""",
    "who takes returns back": """
insert into private.return_details (return_id, wholesaler_id, request_id)
select distinct on (t.return_id) t.return_id, i.wholesaler_id, t.return_id
from public.return_items t join public.order_items i on i.id = t.order_item_id
order by t.return_id, i.id
""",
    "refunds": """
insert into public.refunds (order_id, return_id, amount, status, created_at)
select order_id, id, 1, 'succeeded', created_at from public.returns where status = 'refunded'
""",
}


async def fill_first(connection: Connection, size: Size, tell: Tell) -> None:
    """What the first release's schema has; the database is migrated and empty."""
    await _fill(connection, size, _FIRST, tell)


async def fill_first_queries(connection: Connection, size: Size, tell: Tell) -> None:
    """Support queries as the first release had them, before their deadlines."""
    await _fill(connection, size, {"queries": _FIRST_QUERIES}, tell)


async def fill_rest(connection: Connection, size: Size, tell: Tell) -> None:
    """What came with later releases, for all that `fill_first` wrote; then ANALYZE."""
    await _fill(connection, size, _REST | LEDGER, tell)
    # VACUUM, too: a shop of years has it behind itself, and index-only scans need it.
    await connection.execute("vacuum (analyze)", timeout=600)
    tell("vacuum analyze")


async def _fill(connection: Connection, size: Size, statements: dict[str, str], tell: Tell) -> None:
    async with connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        for name, value in size.settings().items():
            await connection.execute("select set_config($1, $2, true)", name, value)
        if not await connection.fetchval("select to_regproc('pg_temp.id_of') is not null"):
            await connection.execute(_PREPARE)
        for title, statement in statements.items():
            status = await connection.execute(statement, timeout=600)
            tell(f"{title}: {status.rpartition(' ')[2]}")
