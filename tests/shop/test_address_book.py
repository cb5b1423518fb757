"""The address book: one default, a bound, nobody else's, and a first suggestion."""

import asyncio
import json
import uuid
from dataclasses import replace
from uuid import UUID

import pytest

from shop import address_book
from shop.address_book import MAX_ADDRESSES, SavedAddress
from shop.refusal import ShopRefused
from tests.shop.shop_under_test import HOME, ShopUnderTest


async def saved(
    shop: ShopUnderTest,
    user_id: UUID,
    label: str | None = None,
    *,
    is_default: bool = False,
    address_id: UUID | None = None,
    line1: str = HOME.line1,
) -> SavedAddress:
    return await address_book.save(
        shop.db,
        user_id,
        address_id or uuid.uuid4(),
        label,
        replace(HOME, line1=line1),
        is_default=is_default,
        is_new=True,
    )


async def labels(shop: ShopUnderTest, user_id: UUID) -> list[tuple[str | None, bool]]:
    book = await address_book.book_of(shop.db, user_id)
    return [(one.label, one.is_default) for one in book.addresses]


async def test_the_first_address_is_the_default_until_another_is_chosen(
    shop: ShopUnderTest,
) -> None:
    customer = await shop.customer()
    home = await saved(shop, customer, "Home")
    assert home.is_default and home.state_code == "29"
    assert home.address.phone == "+919876543210"
    office = await saved(shop, customer, "Office")
    assert await labels(shop, customer) == [("Home", True), ("Office", False)]
    assert office.id is not None and home.id is not None
    await address_book.choose(shop.db, customer, office.id)
    assert await labels(shop, customer) == [("Office", True), ("Home", False)]
    await address_book.remove(shop.db, customer, office.id)
    assert await labels(shop, customer) == [("Home", True)]


async def test_an_address_that_is_sent_twice_is_saved_once(shop: ShopUnderTest) -> None:
    customer, address_id = await shop.customer(), uuid.uuid4()
    await asyncio.gather(
        *(saved(shop, customer, address_id=address_id, is_default=True) for _ in range(4))
    )
    assert await labels(shop, customer) == [(None, True)]


async def test_of_many_devices_at_once_one_address_is_the_default(shop: ShopUnderTest) -> None:
    customer = await shop.customer()
    await asyncio.gather(*(saved(shop, customer, f"No {i}", is_default=True) for i in range(6)))
    assert [is_default for _, is_default in await labels(shop, customer)] == [True, *[False] * 5]


async def test_a_book_has_an_end_and_what_is_there_may_still_be_changed(
    shop: ShopUnderTest,
) -> None:
    customer = await shop.customer()
    home = await saved(shop, customer, "Home")
    for _ in range(MAX_ADDRESSES - 1):
        await saved(shop, customer)
    with pytest.raises(ShopRefused) as refused:
        await saved(shop, customer)
    assert refused.value.code == "address.too_many"
    assert home.id is not None
    changed = await address_book.save(
        shop.db, customer, home.id, "Mother", replace(HOME, line1="7, Church Street"),
        is_default=False, is_new=False,
    )  # fmt: skip
    assert (changed.label, changed.address.line1, changed.is_default) == (
        "Mother",
        "7, Church Street",
        True,
    )


async def test_what_is_somebody_elses_is_not_there(shop: ShopUnderTest) -> None:
    customer, other = await shop.customer(), await shop.customer()
    home = await saved(shop, customer, "Home")
    assert home.id is not None
    for doing in (
        address_book.choose(shop.db, other, home.id),
        address_book.remove(shop.db, other, home.id),
        saved(shop, other, "Mine", address_id=home.id),
    ):
        with pytest.raises(ShopRefused) as refused:
            await doing
        assert refused.value.code == "address.not_found"
    assert await labels(shop, customer) == [("Home", True)]


async def test_a_wrong_address_is_refused_with_its_fields(shop: ShopUnderTest) -> None:
    with pytest.raises(ShopRefused) as refused:
        await saved(shop, await shop.customer(), line1="x")
    assert refused.value.code == "order.address_invalid"
    assert list(refused.value.details["fields"]) == ["line1"]


async def test_before_the_first_address_the_one_of_the_newest_order_is_offered(
    shop: ShopUnderTest,
) -> None:
    customer = await shop.customer()
    assert await labels(shop, customer) == []
    await shop.sql.execute(
        "insert into orders (customer_id, order_number, subtotal, total_amount, shipping_address)"
        " select id, '', 100, 100, $2 from customers where user_id = $1",
        customer,
        json.dumps(HOME.as_json()),
    )
    (offered,) = (await address_book.book_of(shop.db, customer)).addresses
    assert (offered.id, offered.address, offered.state_code) == (None, HOME, "29")


async def test_the_way_of_paying_is_remembered(shop: ShopUnderTest) -> None:
    customer = await shop.customer()
    assert (await address_book.book_of(shop.db, customer)).payment_method is None
    book = await address_book.choose_payment_method(shop.db, customer, "upi")
    assert book.payment_method == "upi"
    with pytest.raises(ShopRefused):
        await address_book.choose_payment_method(shop.db, await shop.user("admin"), "upi")
