"""Pages of lists: where they end and begin, who sees what, and what a search finds."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from db import ANONYMOUS, Actor, Database, logins_of
from livecommerce.embedded import Postgres
from loadtests.large_shop import Size, fill_first, fill_rest, id_of
from shop import pages

SIZE = Size(orders=400, products=120, customers=20, live_sessions=200, wholesalers=4, influencers=4)

SPECIAL = {"Banarasi silk saree": 3, "100% linen_shirt": 4, "Back\\slash bag": 5, "बनारसी साड़ी": 6}
"""Products with names of their own, by number."""


@pytest.fixture(scope="module")
def filled(background: Any, postgres_server: Postgres, migrated_template: str) -> Iterator[str]:
    """The name of a database with a small shop in it, and nobody connected."""
    name, template = "filled_shop", migrated_template
    background.run(_execute(postgres_server, f'create database {name} template "{template}"'))
    background.run(_fill(postgres_server.url_of(name)))
    yield name
    background.run(_execute(postgres_server, f"drop database {name} with (force)"))


@pytest.fixture(scope="module")
def shared_url(background: Any, postgres_server: Postgres, filled: str) -> Iterator[str]:
    """The URL of a shop for all tests that only read."""
    name = "shared_shop"
    background.run(_execute(postgres_server, f"create database {name} template {filled}"))
    yield postgres_server.url_of(name)
    background.run(_execute(postgres_server, f"drop database {name} with (force)"))


@pytest.fixture
def own_url(background: Any, postgres_server: Postgres, filled: str) -> Iterator[str]:
    """The URL of a shop that is this test's own."""
    name = "own_shop"
    background.run(_execute(postgres_server, f"create database {name} template {filled}"))
    yield postgres_server.url_of(name)
    background.run(_execute(postgres_server, f"drop database {name} with (force)"))


async def _execute(postgres: Postgres, statement: str) -> None:
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(statement)
    await connection.close()


async def _fill(url: str) -> None:
    connection = await asyncpg.connect(url)
    await fill_first(connection, SIZE, lambda line: None)
    await fill_rest(connection, SIZE, lambda line: None)
    for name, number in SPECIAL.items():
        await connection.execute(
            "update public.products set name = $2 where id = $1", id_of("product", number), name
        )
    await connection.close()


@pytest.fixture
async def sql(shared_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(shared_url)
    yield connection
    await connection.close()


@pytest.fixture
async def db(shared_url: str) -> AsyncIterator[Database]:
    logins = logins_of(shared_url)
    database = await Database.connect(api=logins.api, service=logins.service, pool_size=2)
    yield database
    await database.close()


@pytest.fixture
async def own_sql(own_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(own_url)
    yield connection
    await connection.close()


@pytest.fixture
async def own_db(own_url: str) -> AsyncIterator[Database]:
    logins = logins_of(own_url)
    database = await Database.connect(api=logins.api, service=logins.service, pool_size=2)
    yield database
    await database.close()


def person(kind: str, number: int = 1) -> Actor:
    return Actor(kind, id_of(f"{kind} user", number))  # type: ignore[arg-type]


async def ids(sql: asyncpg.Connection, statement: str, *args: object) -> list[UUID]:
    return [row[0] for row in await sql.fetch(statement, *args)]


async def test_pages_follow_each_other_without_gap_or_repeat(
    db: Database, sql: asyncpg.Connection
) -> None:
    found: list[UUID] = []
    after = None
    while True:
        page = await pages.catalogue(db, ANONYMOUS, after=after, limit=7)
        found += [product.id for product in page.rows]
        after = page.next_place
        if after is None:
            break
        assert len(page.rows) == 7
    expected = await ids(
        sql,
        "select id from public.products where is_active and status in ('active', 'out_of_stock')"
        " order by created_at desc, id desc",
    )
    assert found == expected


async def test_rows_of_the_same_moment_are_told_apart_by_their_ids(
    own_db: Database, own_sql: asyncpg.Connection
) -> None:
    await own_sql.execute("update public.products set created_at = now()")
    first = await pages.catalogue(own_db, ANONYMOUS, limit=60)
    second = await pages.catalogue(own_db, ANONYMOUS, after=first.next_place, limit=100)
    seen = [product.id for product in (*first.rows, *second.rows)]
    assert second.next_place is None
    assert len(seen) == len(set(seen)) == 114  # every twentieth is not for sale


async def test_the_catalogue_is_narrowed_to_a_category(db: Database) -> None:
    page = await pages.catalogue(db, ANONYMOUS, category="Sarees")
    assert page.rows
    assert {product.category for product in page.rows} == {"Sarees"}


async def test_a_page_is_never_longer_than_the_longest(db: Database) -> None:
    page = await pages.catalogue(db, ANONYMOUS, limit=1_000_000)
    assert len(page.rows) == pages.LONGEST_PAGE
    assert page.next_place is not None


@pytest.mark.parametrize(
    ("name", "search"),
    [
        ("Banarasi silk saree", "SAREE banarasi"),
        ("Banarasi silk saree", "naras"),
        ("Banarasi silk saree", "  silk   saree banarasi "),
        ("100% linen_shirt", "10"),
        ("100% linen_shirt", "100%"),
        ("100% linen_shirt", "linen_shirt"),
        ("Back\\slash bag", "back\\slash"),
        ("बनारसी साड़ी", "साड़ी"),
    ],
)
async def test_a_search_finds_every_word_anywhere(db: Database, name: str, search: str) -> None:
    found = await pages.search_products(db, ANONYMOUS, search)
    assert [product.name for product in found] == [name]


@pytest.mark.parametrize("search", ["linenXshirt", "ba%", "%", "_", "linen wool", "' or true --"])
async def test_a_search_takes_no_sign_for_more_than_itself(db: Database, search: str) -> None:
    assert await pages.search_products(db, ANONYMOUS, search) == ()


@pytest.mark.parametrize("search", ["", "   ", "\t"])
async def test_a_search_for_nothing_finds_nothing(db: Database, search: str) -> None:
    assert await pages.search_products(db, ANONYMOUS, search) == ()


async def test_a_search_finds_nothing_that_is_not_for_sale(
    own_db: Database, own_sql: asyncpg.Connection
) -> None:
    product_id = id_of("product", 3)
    owner = await own_sql.fetchval(
        "select w.user_id from public.products p join public.wholesalers w"
        " on w.id = p.wholesaler_id where p.id = $1",
        product_id,
    )
    await own_sql.execute("update public.products set is_active = false where id = $1", product_id)
    # Not even for those whose it is: they have their own list.
    for actor in (ANONYMOUS, Actor("wholesaler", owner)):
        assert await pages.search_products(own_db, actor, "banarasi") == ()


async def test_a_search_finds_nothing_of_a_wholesaler_who_was_switched_off(
    own_db: Database, own_sql: asyncpg.Connection
) -> None:
    product_id = id_of("product", 3)
    await own_sql.execute(
        "update public.wholesalers set is_active = false"
        " where id = (select wholesaler_id from public.products where id = $1)",
        product_id,
    )
    assert await pages.search_products(own_db, ANONYMOUS, "banarasi") == ()


async def test_a_wholesaler_sees_orders_with_items_of_theirs_and_these_items_only(
    own_db: Database, own_sql: asyncpg.Connection
) -> None:
    wholesaler_id = id_of("wholesaler", 2)
    # An order of two wholesalers.
    order_id = await own_sql.fetchval(
        "select order_id from public.order_items group by order_id having count(*) = 2 limit 1"
    )
    await own_sql.execute(
        "update public.order_items set wholesaler_id ="
        " case position when 0 then $2::uuid else $3::uuid end where order_id = $1",
        order_id,
        wholesaler_id,
        id_of("wholesaler", 3),
    )
    found: list[pages.WholesalerOrder] = []
    after = None
    while True:
        page = await pages.wholesaler_orders(own_db, person("wholesaler", 2), after, 9)
        found += page.rows
        after = page.next_place
        if after is None:
            break
    assert [order.id for order in found] == await ids(
        own_sql,
        "select order_id from public.order_items where wholesaler_id = $1"
        " group by order_id, created_at order by created_at desc, order_id desc",
        wholesaler_id,
    )
    shared = next(order for order in found if order.id == order_id)
    assert [item["id"] for item in shared.items] == [
        str(row)
        for row in await ids(
            own_sql,
            "select id from public.order_items where order_id = $1 and wholesaler_id = $2",
            order_id,
            wholesaler_id,
        )
    ]
    assert shared.total_minor == sum(item["total_minor"] for item in shared.items)


async def test_an_influencer_sees_the_orders_earned_on(
    db: Database, sql: asyncpg.Connection
) -> None:
    page = await pages.influencer_orders(db, person("influencer", 2), limit=100)
    assert {order.id for order in page.rows} == set(
        await ids(
            sql,
            "select order_id from public.order_items where influencer_id = $1",
            id_of("influencer", 2),
        )
    )
    assert page.rows[0].commission_minor > 0
    assert (await pages.earnings(db, person("influencer", 2))).rows


@pytest.mark.parametrize("kind", ["customer", "influencer", "wholesaler"])
async def test_who_is_no_admin_has_no_list_of_all_orders(db: Database, kind: str) -> None:
    assert (await pages.admin_orders(db, person(kind))).rows == ()


async def test_an_admin_lists_orders_by_status(db: Database, sql: asyncpg.Connection) -> None:
    page = await pages.admin_orders(db, person("admin"), status="pending", limit=100)
    assert [order.id for order in page.rows] == await ids(
        sql,
        "select id from public.orders where status = 'pending' order by created_at desc, id desc"
        " limit 100",
    )
    assert page.rows[0].customer_email.startswith("customer")


async def test_a_customers_lists_are_their_own(db: Database, sql: asyncpg.Connection) -> None:
    found = await pages.wishlist(db, person("customer"), limit=100)
    assert [item.id for item in found.rows] == await ids(
        sql,
        "select w.id from public.wishlist w join public.products p on p.id = w.product_id"
        " where customer_id = $1 and p.is_active order by added_at desc, w.id desc",
        id_of("customer", 1),
    )
    assert (await pages.notifications(db, person("customer"))).rows
    assert (await pages.wishlist(db, person("influencer"))).rows == ()
    assert (await pages.notifications(db, person("influencer"))).rows == ()


async def test_reviews_are_those_of_the_product(
    own_db: Database, own_sql: asyncpg.Connection
) -> None:
    product_id = await own_sql.fetchval("select product_id from public.reviews limit 1")
    await own_sql.execute(
        "update public.reviews set status = 'hidden' where product_id = $1", product_id
    )
    assert (await pages.reviews(own_db, ANONYMOUS, product_id)).rows == ()
    await own_sql.execute(
        "update public.reviews set status = 'published' where product_id = $1", product_id
    )
    page = await pages.reviews(own_db, ANONYMOUS, product_id, limit=100)
    assert [review.id for review in page.rows] == await ids(
        own_sql,
        "select id from public.reviews where product_id = $1 order by created_at desc, id desc",
        product_id,
    )


async def test_a_wholesaler_sees_also_what_is_not_for_sale(
    db: Database, sql: asyncpg.Connection
) -> None:
    page = await pages.wholesaler_products(db, person("wholesaler"), limit=100)
    assert [product.id for product in page.rows] == await ids(
        sql,
        "select id from public.products where wholesaler_id = $1 order by created_at desc, id desc",
        id_of("wholesaler", 1),
    )
    assert any(not product.is_active for product in page.rows)


async def test_a_wholesalers_sales_are_by_day_and_at_most_31_of_them(
    db: Database, sql: asyncpg.Connection
) -> None:
    today = datetime.now(UTC).date() + timedelta(days=1)
    first = date(today.year - 3, 1, 1)
    assert await pages.wholesaler_sales(db, person("wholesaler"), first, today) == ()
    days = await pages.wholesaler_sales(db, person("wholesaler"), today - timedelta(days=30), today)
    expected = await sql.fetch(
        "select (i.created_at at time zone 'Asia/Kolkata')::date as day,"
        " sum(i.total_price_minor)::bigint as total_minor"
        " from public.order_items i join public.orders o on o.id = i.order_id"
        " where i.wholesaler_id = $1 and o.status <> 'cancelled'"
        " and (i.created_at at time zone 'Asia/Kolkata')::date >= $2::date"
        " group by 1 order by 1",
        id_of("wholesaler", 1),
        today - timedelta(days=30),
    )
    assert [(one.day, one.total_minor) for one in days] == [tuple(row.values()) for row in expected]
    assert days
