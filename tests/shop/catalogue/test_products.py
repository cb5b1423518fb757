"""Products in the database: rivals between two statements, stock on record, the audit log."""

import asyncio
import uuid
from typing import Any
from uuid import UUID

import pytest

from shop.products import StockChange, adjust_stock, change, create, product_of, stock_moves
from shop.products_by_file import import_products
from shop.refusal import ShopRefused
from tests.shop.shop_under_test import ShopUnderTest

LAMP: dict[str, Any] = {
    "name": "Brass lamp",
    "sku": "LAMP",
    "mrp_minor": 200_000,
    "price_minor": 150_000,
    "variants": [{"stock": 5, "sku": "LAMP-1"}],
}


@pytest.fixture
async def owner(shop: ShopUnderTest) -> UUID:
    return await shop.user("wholesaler")


@pytest.fixture
async def lamp(shop: ShopUnderTest, owner: UUID) -> dict[str, Any]:
    return await create(shop.db, owner, uuid.uuid4(), LAMP)


async def test_two_changes_that_are_right_alone_never_add_up_to_a_price_above_the_mrp(
    shop: ShopUnderTest, owner: UUID, lamp: dict[str, Any]
) -> None:
    for _ in range(5):
        id_ = UUID(lamp["id"])
        await change(shop.db, owner, id_, {"mrp_minor": 200_000, "price_minor": 100_000})
        await asyncio.gather(
            change(
                shop.db, owner, id_, {"variants": [{**lamp["variants"][0], "price_minor": 190_000}]}
            ),
            change(shop.db, owner, id_, {"mrp_minor": 150_000}),
            return_exceptions=True,
        )
        now = await product_of(shop.db, owner, id_)
        assert (now["variants"][0]["price_minor"] or 0) <= now["mrp_minor"]
        await change(shop.db, owner, id_, {"variants": [{**lamp["variants"][0]}]})


async def test_what_the_database_judges_last_is_refused_with_the_field(
    shop: ShopUnderTest, owner: UUID, lamp: dict[str, Any]
) -> None:
    rival = asyncio.Event()

    class Between:
        """A rival who lowers the MRP after this change has looked at it."""

        def __init__(self, db: Any) -> None:
            self._db = db

        def acting_as(self, actor: Any) -> Any:
            if actor.kind == "service" and not rival.is_set():
                rival.set()
                return _Late(self._db, actor, lamp, shop)
            return self._db.acting_as(actor)

    with pytest.raises(ShopRefused) as refused:
        await change(Between(shop.db), owner, UUID(lamp["id"]), {"price_minor": 190_000})  # type: ignore[arg-type]
    assert refused.value.details["reasons"] == {"price_minor": "above_mrp"}


class _Late:
    """The transaction of a change that begins after the rival has committed."""

    def __init__(self, db: Any, actor: Any, lamp: dict[str, Any], shop: ShopUnderTest) -> None:
        self._acting = db.acting_as(actor)
        self._lamp, self._shop = lamp, shop

    async def __aenter__(self) -> Any:
        await self._shop.sql.execute(
            "update products set retail_price = 1600 where id = $1", UUID(self._lamp["id"])
        )
        return await self._acting.__aenter__()

    async def __aexit__(self, *error: Any) -> Any:
        return await self._acting.__aexit__(*error)


async def test_rivals_never_take_more_pieces_than_there_are(
    shop: ShopUnderTest, owner: UUID, lamp: dict[str, Any]
) -> None:
    variant_id = UUID(lamp["variants"][0]["id"])
    answers = await asyncio.gather(
        *(
            adjust_stock(
                shop.db, owner, UUID(lamp["id"]), uuid.uuid4(), "lost", None,
                [StockChange(variant_id, delta=-2)],
            )
            for _ in range(6)
        ),
        return_exceptions=True,
    )  # fmt: skip
    assert sum(not isinstance(answer, Exception) for answer in answers) == 2
    assert await shop.stock(variant_id) == 1


async def test_the_moves_of_a_variant_add_up_to_what_is_on_hand(
    shop: ShopUnderTest, owner: UUID, lamp: dict[str, Any]
) -> None:
    product_id, variant_id = UUID(lamp["id"]), UUID(lamp["variants"][0]["id"])
    for reason, one in (
        ("received", StockChange(variant_id, delta=20)),
        ("counted", StockChange(variant_id, counted=24)),
        ("damaged", StockChange(variant_id, delta=-3)),
        ("counted", StockChange(variant_id, counted=21)),
    ):
        await adjust_stock(shop.db, owner, product_id, uuid.uuid4(), reason, None, [one])  # type: ignore[arg-type]
    moves = await stock_moves(shop.db, owner, product_id, None)
    assert [move.delta for move in moves] == [-3, -1, 20, 5]
    assert sum(move.delta for move in moves) == await shop.stock(variant_id) == 21
    assert await stock_moves(shop.db, await shop.user("wholesaler"), product_id, None) == ()


async def test_nobody_rewrites_how_stock_moved(
    shop: ShopUnderTest, owner: UUID, lamp: dict[str, Any]
) -> None:
    row = await shop.row(
        "select has_table_privilege('service_role', 'private.stock_moves', 'update')"
        " or has_table_privilege('service_role', 'private.stock_moves', 'delete') as may"
    )
    assert row["may"] is False


async def test_a_change_of_price_is_in_the_audit_log_with_who_made_it(
    shop: ShopUnderTest, owner: UUID, lamp: dict[str, Any]
) -> None:
    await change(shop.db, owner, UUID(lamp["id"]), {"price_minor": 140_000})
    row = await shop.row(
        "select actor_user_id, after from audit_log where table_name = 'products'"
        " and row_id = $1 order by id desc limit 1",
        UUID(lamp["id"]),
    )
    assert row["actor_user_id"] == owner and "sale_price" in str(row["after"])


async def test_numbers_change_hands_within_a_product(shop: ShopUnderTest, owner: UUID) -> None:
    product = await create(
        shop.db, owner, uuid.uuid4(),
        {**LAMP, "variants": [{"size": "S", "sku": "A"}, {"size": "M", "sku": "B"}]},
    )  # fmt: skip
    small, medium = product["variants"]
    changed = await change(
        shop.db, owner, UUID(product["id"]),
        {"variants": [{**small, "sku": "B"}, {**medium, "sku": "A"}]},
    )  # fmt: skip
    assert [variant["sku"] for variant in changed["variants"]] == ["B", "A"]


async def test_a_line_whose_number_was_taken_meanwhile_is_refused_and_its_neighbours_are_not(
    shop: ShopUnderTest, owner: UUID, lamp: dict[str, Any]
) -> None:
    other = await shop.user("wholesaler")
    file = b"product_sku,name,mrp\nLAMP,Mine,10\nBOWL,Bowl,10\n"
    report = await import_products(shop.db, other, file, "apply", uuid.uuid4, is_stock_set=False)
    assert [(line.sku, line.outcome) for line in report.lines] == [
        ("LAMP", "refused"),
        ("BOWL", "create"),
    ]
    assert report.lines[0].faults[0].code == "product.sku_taken"


async def test_an_import_books_stock_under_its_own_name(
    shop: ShopUnderTest, owner: UUID, lamp: dict[str, Any]
) -> None:
    file = b"product_sku,name,mrp,variant_sku,stock\nLAMP,,,LAMP-1,8\nBOWL,Bowl,10,,4\n"
    await import_products(shop.db, owner, file, "apply", uuid.uuid4, is_stock_set=True)
    rows = await shop.sql.fetch(
        "select delta, reason from private.stock_moves where reason = 'import' order by delta"
    )
    assert [(row["delta"], row["reason"]) for row in rows] == [(3, "import"), (4, "import")]


async def test_what_goes_back_to_sale_without_stock_is_sold_out(
    shop: ShopUnderTest, owner: UUID
) -> None:
    product = await create(shop.db, owner, uuid.uuid4(), {**LAMP, "variants": [{"stock": 0}]})
    await shop.product_stocks()
    row = await shop.row("select status from products where id = $1", UUID(product["id"]))
    assert row["status"] == "out_of_stock"
    assert (await product_of(shop.db, owner, UUID(product["id"])))["status"] == "active"


async def test_a_change_of_some_variants_leaves_the_others_where_and_as_they_are(
    shop: ShopUnderTest, owner: UUID
) -> None:
    sizes = [{"size": size} for size in ("S", "M", "L")]
    product = await create(shop.db, owner, uuid.uuid4(), {**LAMP, "variants": sizes})
    last = product["variants"][2]
    changed = await change(
        shop.db,
        owner,
        UUID(product["id"]),
        {"variants": [{"id": last["id"], "price_minor": 100}, {"size": "XL"}]},
    )
    assert [(one["size"], one["price_minor"]) for one in changed["variants"]] == [
        ("S", None),
        ("M", None),
        ("L", 100),
        ("XL", None),
    ]


async def test_the_discount_is_that_of_the_prices_as_they_are(
    shop: ShopUnderTest, owner: UUID, lamp: dict[str, Any]
) -> None:
    statement = "select discount_percentage::text as n from products where id = $1"
    assert (await shop.row(statement, UUID(lamp["id"])))["n"] == "25.00"
    await change(shop.db, owner, UUID(lamp["id"]), {"mrp_minor": 300_000})
    assert (await shop.row(statement, UUID(lamp["id"])))["n"] == "50.00"
    await change(shop.db, owner, UUID(lamp["id"]), {"price_minor": None})
    assert (await shop.row(statement, UUID(lamp["id"])))["n"] == "0.00"
