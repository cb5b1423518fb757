"""The shop of the state machine in a real database, and its facts in the words of the model."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from db import Database, logins_of
from livecommerce.maintenance.checks import check
from shop.checkout import Checkout, ShopTerms
from shop.combiner import CombinerConfig
from shop.desks import Person
from shop.payments.desk import PaymentDesk
from shop.payments.scripted import TestProvider
from tests.shop.shop_under_test import ShopUnderTest, connection_to
from tests.shop.state_machine.model import COD_FEE, COUPONS, SESSIONS, SHIPPING, VARIANTS
from tests.shop.state_machine.reset import keep, restore

TERMS = ShopTerms(shipping_minor=SHIPPING, cod_fee_minor=COD_FEE)
SECRET = "the webhook's secret"
SILENT_PHONE = "+919810000001"
CUSTOMERS = 3


@dataclass
class People:
    """Who is in the shop and what it sells; in the order of the model."""

    admin: Person
    customers: list[Person] = field(default_factory=list)
    customer_ids: list[UUID] = field(default_factory=list)
    sellers: list[Person] = field(default_factory=list)
    payee_ids: dict[str, list[UUID]] = field(default_factory=dict)
    sessions: list[UUID] = field(default_factory=list)
    variants: list[UUID] = field(default_factory=list)


async def open_shop(url: str) -> People:
    """Everybody and everything that every example begins with."""
    db = await Database.connect(service=logins_of(url).service, pool_size=1)
    sql = await connection_to(url)
    shop = ShopUnderTest(db, sql)
    people = People(Person("admin", await shop.user("admin")))
    for _ in range(CUSTOMERS):
        user_id = await shop.customer()
        people.customers.append(Person("customer", user_id))
        customer_id = await sql.fetchval("select id from customers where user_id = $1", user_id)
        people.customer_ids.append(customer_id)
    sellers = [await shop.wholesaler() for _ in range(2)]
    rows = await sql.fetch("select id, user_id from wholesalers")
    user_ids = {row["id"]: row["user_id"] for row in rows}
    people.sellers = [Person("wholesaler", user_ids[id_]) for id_ in sellers]
    products = [
        await shop.product(
            price=str(Decimal(variant.price_minor) / 100),
            stock=variant.stock,
            wholesaler_id=sellers[variant.seller],
        )
        for variant in VARIANTS
    ]
    people.variants = [product.variant_id for product in products]
    influencers = [await shop.influencer() for _ in SESSIONS]
    people.payee_ids = {"wholesaler": sellers, "influencer": [one.id for one in influencers]}
    for session, influencer in zip(SESSIONS, influencers, strict=True):
        shown = [products[variant] for variant in session.shown]
        id_ = await shop.live_session(influencer, *shown)
        people.sessions.append(id_)
        await sql.execute(
            "update live_sessions set hold_policy = $2 where id = $1", id_, session.policy
        )
        for variant, special in session.shown.items():
            await sql.execute(
                "update live_session_products set special_price = $3"
                " where live_session_id = $1 and product_id = $2",
                id_,
                products[variant].id,
                None if special is None else Decimal(special) / 100,
            )
    await _make_payable(sql)
    await _make_coupons(sql, people)
    await keep(sql)
    await sql.close()
    await db.close()
    return people


async def _make_payable(sql: asyncpg.Connection) -> None:
    await sql.execute("update products set tax_rate = 18, hsn_code = '6105'")
    await sql.execute(
        "update wholesalers set state = 'Karnataka', city = 'Mysuru', postal_code = '570001',"
        " business_address_line_1 = '4, Silk Street'"
    )
    for table in ("wholesalers", "influencers"):
        await sql.execute(
            f"update {table} set verification_status = 'verified',"
            " bank_account_number = 'sealed:v1:x:y', ifsc_code = 'sealed:v1:x:y'"
        )
    await sql.execute(
        "insert into private.test_payment_scripts (phone, steps) values ($1, '[]')", SILENT_PHONE
    )


async def _make_coupons(sql: asyncpg.Connection, people: People) -> None:
    for coupon in COUPONS.values():
        await sql.execute(
            "insert into private.coupons (code, title, kind, percent_bp, max_discount_minor,"
            " amount_minor, min_spend_minor, quota, wholesaler_id, live_session_id, funded_by)"
            " values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            coupon.code,
            "fixed" if coupon.percent_bp is None else "percent",
            coupon.percent_bp,
            coupon.most_minor,
            coupon.amount_minor,
            coupon.min_spend_minor,
            coupon.quota,
            None if coupon.seller is None else people.payee_ids["wholesaler"][coupon.seller],
            None if coupon.session is None else people.sessions[coupon.session],
            coupon.funded_by,
        )


class Place:
    """The shop in its database. run: waits for a coroutine."""

    def __init__(
        self, people: People, run: Callable[[Coroutine[Any, Any, Any]], Any], url: str
    ) -> None:
        self.people = people
        self.run = run
        self._late = timedelta()
        run(self._open(url))

    async def _open(self, url: str) -> None:
        logins = logins_of(url)
        self.db = await Database.connect(api=logins.api, service=logins.service, pool_size=4)
        self.sql = await connection_to(url)
        self.provider = TestProvider(self.db, SECRET)
        self.desk = PaymentDesk(self.db, {"test": self.provider}, self.now)
        # One call at a time, so that who asks first is served first.
        self.checkout = Checkout(self.db, TERMS, CombinerConfig(calls=1))

    async def reset(self) -> None:
        """As it was opened."""
        await restore(self.sql)

    async def close(self) -> None:
        await self.checkout.close()
        await self.sql.close()
        await self.db.close()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._late

    async def sweep(self, *, is_late: bool) -> None:
        """One look of the desk. is_late: an hour from now, when the time to pay is over."""
        self._late = timedelta(hours=1) if is_late else timedelta()
        await self.desk.sweep()
        self._late = timedelta()

    async def broken(self) -> list[str]:
        """What `livecommerce check` finds."""
        return [
            f"{verdict.invariant}: {offence.id} {offence.detail}"
            for verdict in await check(self.db)
            for offence in verdict.offences
        ]

    async def id_of(self, statement: str, *args: object) -> UUID:
        id_ = await self.sql.fetchval(statement, *args)
        assert isinstance(id_, UUID)
        return id_
