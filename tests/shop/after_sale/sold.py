"""Orders that were placed by the checkout and paid as the payments desk takes it, and who works on
them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from shop import fulfilment, order_details, returns
from shop.checkout import ShopTerms
from shop.desks import Person, Units
from shop.fulfilment import Tracking
from shop.returns import Arrived, ReturnRequest
from tests.shop.shop_under_test import HOME, Product, ShopUnderTest, a_request, place_order

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GSTIN = "29ABCDE1234F1Z5"
NO_FEES = ShopTerms()


def opened(_: UUID, sealed: str | None) -> str | None:
    """What looks sealed here is in clear: opening it is the business of the server."""
    return sealed.rpartition(":")[2] if sealed else None


@dataclass(frozen=True)
class Seller:
    id: UUID
    person: Person


@dataclass
class Order:
    """item_ids: in the order of the lines."""

    id: UUID
    customer: Person
    item_ids: list[UUID]


class Sold:
    def __init__(self, shop: ShopUnderTest) -> None:
        self.shop = shop
        self.db = shop.db
        self.sql = shop.sql

    # ---- people and goods

    async def seller(self, name: str = "Jaipur Cottons", gstin: str | None = None) -> Seller:
        user_id = await self.shop.user("wholesaler")
        id_ = await self.sql.fetchval(
            "update wholesalers set business_name = $2, gst_number = $3, state = 'Karnataka',"
            " city = 'Mysuru', business_address_line_1 = '4, Silk Street', postal_code = '570001'"
            " where user_id = $1 returning id",
            user_id,
            name,
            gstin and f"sealed:v1:0123456789abcdef:{gstin}",
        )
        return Seller(id_, Person("wholesaler", user_id))

    async def product(
        self, seller: Seller, price: str = "1180", stock: int = 10, tax_rate: str = "18"
    ) -> Product:
        product = await self.shop.product(
            price=price, mrp="99999", stock=stock, wholesaler_id=seller.id
        )
        await self.sql.execute(
            "update products set tax_rate = $2, hsn_code = '6105' where id = $1",
            product.id,
            Decimal(tax_rate),
        )
        return product

    async def admin(self) -> Person:
        return Person("admin", await self.shop.user("admin"))

    async def customer(self) -> Person:
        return Person("customer", await self.shop.customer())

    # ---- orders

    async def order(
        self,
        *lines: tuple[Product, int],
        customer: Person | None = None,
        method: str = "test",
        is_paid: bool = True,
        coupon: str | None = None,
        terms: ShopTerms = NO_FEES,
        **request: Any,
    ) -> Order:
        """Placed at the price that is asked, and paid unless it is paid at the door."""
        customer = customer or await self.customer()
        asked = a_request(
            shown=request.pop("shown", await self._price(lines, method, terms)),
            lines=[(product.variant_id, quantity) for product, quantity in lines],
            payment_method=method,
            address=request.pop("address", HOME),
            **request,
        )
        asked = replace(asked, coupon_code=coupon)
        placed = await place_order(self.db, customer.user_id, asked, terms)
        if is_paid and method != "cod":
            await self.pay(placed.id)
        ids = {item.variant_id: item.order_item_id for item in placed.items}
        return Order(placed.id, customer, [ids[product.variant_id] for product, _ in lines])

    async def pay(self, order_id: UUID) -> None:
        async with self.sql.transaction():
            await self.sql.execute("select 1 from orders where id = $1 for update", order_id)
            await self.sql.execute(
                "select private.capture_payment_v1(id, null) from private.payments"
                " where order_id = $1",
                order_id,
            )

    async def _price(
        self, lines: Sequence[tuple[Product, int]], method: str, terms: ShopTerms
    ) -> int:
        total = terms.shipping_minor + (terms.cod_fee_minor if method == "cod" else 0)
        for product, quantity in lines:
            price = await self.sql.fetchval(
                "select sale_price_minor from products where id = $1", product.id
            )
            total += price * quantity
        return total

    # ---- what people do

    async def cancel(
        self,
        person: Person,
        order: Order,
        *units: tuple[int, int],
        reason: str = "changed_mind",
        id_: UUID | None = None,
    ) -> None:
        """units: (line, quantity); none for all."""
        await fulfilment.cancel(
            self.db, person, id_ or uuid.uuid4(), order.id, _units(order, units), reason
        )

    async def pack(
        self, seller: Seller, order: Order, *units: tuple[int, int], id_: UUID | None = None
    ) -> UUID:
        id_ = id_ or uuid.uuid4()
        await fulfilment.pack(self.db, seller.person, id_, order.id, _units(order, units))
        return id_

    async def ship(
        self, seller: Seller, order: Order, *units: tuple[int, int], id_: UUID | None = None
    ) -> UUID:
        id_ = id_ or uuid.uuid4()
        await fulfilment.pack_and_ship(
            self.db,
            seller.person,
            id_,
            order.id,
            _units(order, units),
            Tracking("Blue Dart", "BD-1"),
            opened,
            NOW,
        )
        return id_

    async def deliver(self, seller: Seller, shipment_id: UUID) -> None:
        await fulfilment.deliver(self.db, seller.person, shipment_id)

    async def delivered(self, seller: Seller, order: Order) -> UUID:
        shipment_id = await self.ship(seller, order)
        await self.deliver(seller, shipment_id)
        return shipment_id

    async def bring_back(self, seller: Seller, shipment_id: UUID, to_shelf: bool = True) -> None:
        await fulfilment.bring_back(self.db, seller.person, shipment_id, to_shelf, NOW)

    async def ask_return(
        self,
        order: Order,
        *units: tuple[int, int],
        now: datetime | None = None,
        upi_id: str | None = None,
        id_: UUID | None = None,
    ) -> list[UUID]:
        """The ids of the returns that it became."""
        now = now or await self.sql.fetchval("select now()")
        request_id = id_ or uuid.uuid4()
        request = ReturnRequest(
            request_id, order.id, "does_not_fit", None, tuple(_units(order, units) or ()), upi_id
        )
        await returns.ask(self.db, order.customer, request, now)
        rows = await self.sql.fetch(
            "select return_id from private.return_details where request_id = $1", request_id
        )
        return [row["return_id"] for row in rows]

    async def receive(
        self, seller: Seller, order: Order, return_id: UUID, *arrived: tuple[int, int, bool]
    ) -> None:
        """Accepted, and arrived: (line, quantity, to the shelf); none for all."""
        await returns.decide(self.db, seller.person, return_id, "approved")
        lines = [Arrived(order.item_ids[line], n, shelf) for line, n, shelf in arrived]
        await returns.receive(self.db, seller.person, return_id, lines or None, NOW)

    # ---- what is true then

    async def status(self, order: Order) -> tuple[str, str]:
        row = await self.shop.row(
            "select status, payment_status from orders where id = $1", order.id
        )
        return row["status"], row["payment_status"]

    async def refunds(self, order: Order) -> list[int]:
        rows = await self.sql.fetch(
            "select amount_minor from refunds where order_id = $1 order by created_at", order.id
        )
        return [row["amount_minor"] for row in rows]

    async def succeed(self, order: Order) -> None:
        """The payments desk has given back what waits."""
        await self.sql.execute(
            "update refunds set status = 'succeeded' where order_id = $1 and status = 'pending'",
            order.id,
        )

    async def detail(self, order: Order, now: datetime | None = None) -> dict[str, Any]:
        now = now or await self.sql.fetchval("select now()")
        return await order_details.order(self.db, order.customer, order.id, now)

    async def documents(self, order: Order) -> list[dict[str, Any]]:
        rows = await self.sql.fetch(
            "select number, document_type, total_minor, document::text from private.invoices"
            " where order_id = $1 order by number",
            order.id,
        )
        return [dict(row) for row in rows]


def _units(order: Order, units: tuple[tuple[int, int], ...]) -> list[Units] | None:
    return [Units(order.item_ids[line], quantity) for line, quantity in units] or None
