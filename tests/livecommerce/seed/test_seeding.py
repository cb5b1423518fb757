import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from PIL import Image

from db import Database, logins_of
from livecommerce.seed import seed
from livecommerce.seed.goods import GOODS, ON_AIR, PEOPLE, PLANNED
from livecommerce.seed.pictures import DRAWINGS, picture
from shop.catalogue import eligible_products, live_products

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TABLES = (
    "auth.users",
    "customers",
    "wholesalers",
    "influencers",
    "products",
    "product_variants",
    "live_sessions",
    "live_session_products",
    "queries",
    "query_messages",
)


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    logins = logins_of(database_url)
    database = await Database.connect(api=logins.api, service=logins.service)
    yield database
    await database.close()


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("images")


async def counts(sql: asyncpg.Connection) -> dict[str, int]:
    return {table: await sql.fetchval(f"select count(*) from {table}") for table in TABLES}


async def test_a_second_run_changes_nothing(
    db: Database, sql: asyncpg.Connection, images: Path
) -> None:
    first = await seed(db, images, NOW)
    written = await counts(sql)
    await sql.execute("update product_stock set on_hand = on_hand - 1")
    pictures = {path: path.stat().st_mtime_ns for path in images.rglob("*.webp")}
    assert await seed(db, images, NOW) == first
    assert await counts(sql) == written
    assert {path: path.stat().st_mtime_ns for path in images.rglob("*.webp")} == pictures
    left = await sql.fetchval("select sum(on_hand) from product_stock")
    offered = sum(choice.stock for goods in GOODS for choice in goods.choices)
    assert left == offered - written["product_variants"]


async def test_there_is_enough_to_show(db: Database, sql: asyncpg.Connection, images: Path) -> None:
    result = await seed(db, images, NOW)
    eligible = await eligible_products(db, result.influencer_user_id)
    assert len(eligible) == result.products >= 26
    assert await sql.fetchval("select count(distinct category) from products") == 4
    shown = await live_products(db, result.live_session_id)
    assert len(shown) == 8
    assert shown[0].id == result.first_product_id
    for product in shown:
        assert product.compare_at_minor and product.compare_at_minor > product.price_minor
        assert product.stock > 0
        assert product.image_url
        assert (images / product.image_url.removeprefix("/images/")).exists()
    await sql.execute("select private.carry_product_facts_v1(1000)")
    wrong = await sql.fetch(
        "select p.name from products p where p.stock_quantity <>"
        " (select sum(on_hand) from product_stock where product_id = p.id)"
    )
    assert wrong == []


async def test_nobody_has_a_password(db: Database, sql: asyncpg.Connection, images: Path) -> None:
    result = await seed(db, images, NOW)
    assert await sql.fetchval("select count(encrypted_password) from auth.users") == 0
    roles = {
        row["id"]: row["role"]
        for row in await sql.fetch(
            "select id, raw_app_meta_data ->> 'role' as role from auth.users"
        )
    }
    assert roles[result.admin_user_id] == "admin"
    assert roles[result.customer_user_id] == "customer"
    assert (
        roles[result.influencer_user_id] == roles[result.on_air_influencer_user_id] == "influencer"
    )
    assert result.influencer_user_id != result.on_air_influencer_user_id


async def test_a_live_session_that_was_ended_is_followed_by_a_new_one(
    db: Database, sql: asyncpg.Connection, images: Path
) -> None:
    first = (await seed(db, images, NOW)).live_session_id
    await sql.execute("update live_sessions set status = 'live' where id = $1", first)
    assert (await seed(db, images, NOW)).live_session_id == first
    await sql.execute("update live_sessions set status = 'ended' where id = $1", first)
    second = (await seed(db, images, NOW)).live_session_id
    assert second != first
    assert len(await live_products(db, second)) == 8
    assert (await seed(db, images, NOW)).live_session_id == second


async def test_planned_live_sessions_lie_ahead(
    db: Database, sql: asyncpg.Connection, images: Path
) -> None:
    for now in (NOW, NOW + timedelta(days=1), NOW + timedelta(days=30)):
        await seed(db, images, now)
        starts = await sql.fetch(
            "select scheduled_start_time from live_sessions where scheduled_start_time is not null"
        )
        assert len(starts) == len(PLANNED)
        assert all(now < row[0] < now + timedelta(days=4) for row in starts)


def test_the_goods_fit_together() -> None:
    wholesalers = {person.slug for person in PEOPLE if person.role == "wholesaler"}
    slugs = {goods.slug for goods in GOODS}
    assert len(slugs) == len(GOODS)
    for goods in GOODS:
        assert goods.wholesaler in wholesalers
        assert goods.mrp > goods.price
        assert 1 <= len(goods.choices) <= 5
        assert all(choice.price is None or choice.price <= goods.mrp for choice in goods.choices)
    for show in (ON_AIR, *PLANNED):
        assert set(show.special_prices) <= set(show.products) <= slugs


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_a_picture_is_small_and_not_empty(drawing: str) -> None:
    data = picture(drawing, "Home", ("#c2375c", "#7d1a3a", "#ec7b95"))
    assert len(data) < 40_000
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.size) == ("WEBP", (640, 640))
    colors = image.convert("RGB").resize((40, 40)).getcolors(1600)
    assert colors is not None and len(colors) > 200


async def test_support_has_a_query_in_each_state_of_its_work(
    db: Database, sql: asyncpg.Connection, images: Path
) -> None:
    seeded = await seed(db, images, NOW)
    rows = await sql.fetch(
        "select q.status, c.user_id from queries q join customers c on c.id = q.customer_id"
    )
    assert {row["status"] for row in rows} == {"open", "in_progress", "resolved"}
    assert {row["user_id"] for row in rows} == {seeded.customer_user_id}
