"""Orders after the sale over HTTP: the customer's side, the wholesaler's, the admin's."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from livecommerce.accounts.sealing import NONCE_BYTES, Place, seal
from shop.address import Address
from shop.checkout import Checkout, OrderRequest
from shop.pricing import OrderLine

ORDERS = "/api/v1/orders"
DESK = "/api/v1/wholesaler"
ADMIN = "/api/v1/admin"
NOTHING = UUID(int=1, version=4)
GSTIN = "29ABCDE1234F1Z5"
HOME = Address("Asha Rao", "9876543210", "12, MG Road", None, None, "Mysuru", "Karnataka", "570001")


async def code_of(response: Any) -> str:
    return str((await response.json())["refused"]["code"])


async def answer_of(response: Any, status: int = 200) -> Any:
    assert response.status == status, await response.text()
    return await response.json()


class Market:
    """One product of one wholesaler, and who buys it."""

    def __init__(self, world: Any, database: Any, client: Any, bearer: Any, sealing: Any) -> None:
        self.world, self.database, self.client = world, database, client
        self.bearer, self.sealing = bearer, sealing

    async def open(self) -> None:
        self.product_id = await self.world.product(retail_price=1180, stock_quantity=9)
        await self.world.ask("update products set tax_rate = 18 where id = $1", self.product_id)
        self.seller_id, self.wholesaler_id = await self._seller()
        self.customer_id = UUID(str(await self.world.user("customer", "Asha")))
        self.as_customer = self.bearer("customer", self.customer_id)
        self.as_seller = self.bearer("wholesaler", self.seller_id)
        admin_id = UUID(int=77)
        await self.world.ask(
            "insert into auth.users (id, email, raw_app_meta_data)"
            " values ($1, 'help@example.com', '{\"role\": \"admin\"}')",
            admin_id,
        )
        self.as_admin = self.bearer("admin", admin_id)

    async def _seller(self) -> tuple[UUID, UUID]:
        wholesaler_id = await self.world.ask(
            "select wholesaler_id from products where id = $1", self.product_id
        )
        sealed = seal(
            self.sealing.keyring(),
            Place("wholesalers.gst_number", UUID(str(wholesaler_id))),
            GSTIN,
            bytes(NONCE_BYTES),
        )
        user_id = await self.world.ask(
            "update wholesalers set gst_number = $2, state = 'Karnataka' where id = $1"
            " returning user_id",
            wholesaler_id,
            sealed,
        )
        return UUID(str(user_id)), UUID(str(wholesaler_id))

    async def order(self, quantity: int = 2, method: Any = "test") -> str:
        variant_id = await self.world.ask(
            "select id from product_variants where product_id = $1", self.product_id
        )
        request = OrderRequest(
            uuid4(),
            None,
            (OrderLine(UUID(str(variant_id)), quantity),),
            HOME,
            method,
            118000 * quantity,
        )
        order = (await Checkout(self.database).place(self.customer_id, request)).order
        if method != "cod":
            await self.world.ask(
                "select private.capture_payment_v1(id, null) from private.payments"
                " where order_id = $1",
                order.id,
            )
        return str(order.id)

    async def get(self, path: str, headers: Any, **params: str) -> Any:
        return await self.client.get(path, headers=headers, params=params)

    async def post(self, path: str, headers: Any, **body: Any) -> Any:
        return await self.client.post(path, json=body, headers=headers)


@pytest.fixture
async def market(world: Any, database: Any, client: Any, bearer: Any, sealing: Any) -> Market:
    market = Market(world, database, client, bearer, sealing)
    await market.open()
    return market


async def test_an_order_is_packed_sent_delivered_and_sent_back(market: Market) -> None:
    id_ = await market.order()
    listed = await answer_of(await market.get(f"{DESK}/orders", market.as_seller))
    assert [order["id"] for order in listed["orders"]] == [id_]
    assert listed["counts"] == {"to_pack": 1, "packed": 0, "on_the_way": 0, "returns": 0}
    item_id = listed["orders"][0]["items"][0]["order_item_id"]

    packed = await answer_of(await market.post(f"{DESK}/orders/{id_}/pack", market.as_seller))
    (parcel,) = packed["order"]["shipments"]
    path = f"/api/v1/shipments/{parcel['id']}"
    travel = {"carrier": "Blue Dart", "tracking_number": "BD-1"}
    sent = await answer_of(await market.post(f"{path}/ship", market.as_seller, **travel))
    assert sent["order"]["status"] == "shipped"
    (paper,) = sent["order"]["invoices"]
    await answer_of(await market.post(f"{path}/deliver", market.as_admin))

    mine = (await answer_of(await market.get(f"{ORDERS}/{id_}", market.as_customer)))["order"]
    assert (mine["status"], mine["can"]) == ("delivered", ["return"])
    assert mine["parts"][0]["shipments"][0]["tracking_number"] == "BD-1"
    assert mine["invoices"][0]["number"] == paper["number"]

    asked = await market.post(
        f"{ORDERS}/{id_}/returns",
        market.as_customer,
        reason="damaged",
        comment="A torn sleeve",
        lines=[{"order_item_id": item_id, "quantity": 1}],
    )
    (back,) = (await answer_of(asked, 201))["order"]["returns"]
    desk = await answer_of(await market.get(f"{DESK}/returns", market.as_seller))
    assert desk["returns"][0]["comment"] == "A torn sleeve"
    path = f"/api/v1/returns/{back['id']}"
    await answer_of(await market.post(f"{path}/approve", market.as_seller))
    arrived = [{"order_item_id": item_id, "quantity_received": 1, "is_restocked": True}]
    received = await market.post(f"{path}/receive", market.as_seller, lines=arrived)
    assert (await answer_of(received))["returned"]["status"] == "received"
    mine = (await answer_of(await market.get(f"{ORDERS}/{id_}", market.as_customer)))["order"]
    assert [refund["amount_minor"] for refund in mine["refunds"]] == [118000]
    assert [one["document_type"] for one in mine["invoices"]] == ["invoice", "credit_note"]


async def test_an_invoice_is_a_pdf_for_those_whom_it_concerns(market: Market) -> None:
    id_ = await market.order()
    sent = await answer_of(await market.post(f"{DESK}/orders/{id_}/ship", market.as_seller))
    paper = sent["order"]["invoices"][0]
    for path, headers in (
        (ORDERS, market.as_customer),
        (f"{DESK}/orders", market.as_seller),
        (f"{ADMIN}/orders", market.as_admin),
    ):
        response = await market.get(f"{path}/{id_}/invoices/{paper['id']}.pdf", headers)
        assert response.status == 200
        assert response.content_type == "application/pdf"
        assert response.headers["Cache-Control"] == "no-store"
        assert (await response.read()).startswith(b"%PDF")
    kept = await market.world.ask("select document -> 'supplier' ->> 'gstin' from private.invoices")
    assert kept == GSTIN
    stranger = market.bearer("customer", await market.world.user("customer"))
    response = await market.get(f"{ORDERS}/{id_}/invoices/{paper['id']}.pdf", stranger)
    assert (response.status, await code_of(response)) == (404, "invoice.not_found")
    papers = await answer_of(await market.get(f"{DESK}/invoices", market.as_seller))
    assert [one["number"] for one in papers["invoices"]] == [paper["number"]]


async def test_without_its_gstin_nothing_leaves(market: Market) -> None:
    id_ = await market.order()
    other = Place("wholesalers.pan_number", market.wholesaler_id)
    moved = seal(market.sealing.keyring(), other, GSTIN, bytes(NONCE_BYTES))
    await market.world.ask("update wholesalers set gst_number = $1", moved)
    response = await market.post(f"{DESK}/orders/{id_}/ship", market.as_seller)
    assert (response.status, await code_of(response)) == (409, "invoice.gstin_unreadable")
    assert await market.world.ask("select count(*) from private.shipments") == 0


async def test_the_customer_cancels_and_reads_what_happened(market: Market) -> None:
    id_ = await market.order()
    listed = await answer_of(await market.get(ORDERS, market.as_customer))
    (row,) = listed["orders"]
    assert (row["quantity"], row["item_count"], row["total_minor"]) == (2, 1, 236000)
    cancel = f"{ORDERS}/{id_}/cancel"
    mine = (await answer_of(await market.post(cancel, market.as_customer)))["order"]
    assert (mine["status"], mine["cancel_reason"]) == ("cancelled", "changed_mind")
    assert [event["kind"] for event in mine["timeline"]] == [
        "placed", "payment", "status", "cancelled", "refund", "status",
    ]  # fmt: skip
    again = await market.post(cancel, market.as_customer)
    assert (again.status, await code_of(again)) == (409, "order.nothing_to_cancel")


async def test_the_wholesaler_declines_and_unpacks(market: Market) -> None:
    id_ = await market.order()
    packed = await answer_of(await market.post(f"{DESK}/orders/{id_}/pack", market.as_seller))
    path = f"/api/v1/shipments/{packed['order']['shipments'][0]['id']}"
    unpacked = await answer_of(await market.post(f"{path}/unpack", market.as_seller))
    assert unpacked["order"]["shipments"] == [] and unpacked["order"]["items"][0]["open"] == 2
    reason = {"reason": "out_of_stock"}
    declined = await market.post(f"{DESK}/orders/{id_}/decline", market.as_seller, **reason)
    assert (await answer_of(declined))["order"]["status"] == "cancelled"


async def test_an_admin_finds_and_cancels_an_order(market: Market) -> None:
    id_ = await market.order()
    number = await market.world.ask("select order_number from orders")
    found = await answer_of(
        await market.get(f"{ADMIN}/orders", market.as_admin, search=number.lower())
    )
    assert [(order["id"], order["customer_name"]) for order in found["orders"]] == [(id_, "Asha")]
    none = await answer_of(await market.get(f"{ADMIN}/orders", market.as_admin, search="ORD-1"))
    assert none["orders"] == []
    listed = await answer_of(await market.get(f"{ADMIN}/orders", market.as_admin))
    assert [order["id"] for order in listed["orders"]] == [id_]
    sentence = {"reason": "The address does not exist."}
    path = f"{ADMIN}/orders/{id_}"
    shown = await answer_of(await market.post(f"{path}/cancel", market.as_admin, **sentence))
    assert shown["order"]["status"] == "cancelled"
    assert shown["order"]["customer_email"].endswith("@example.com")


async def test_only_an_admin_reads_to_whom_a_line_was_attributed_and_why(market: Market) -> None:
    id_ = await market.order()
    influencer_id = await market.world.ask(
        "select id from influencers where user_id = $1",
        await market.world.user("influencer", "Mira"),
    )
    await market.world.ask(
        "update order_items set influencer_id = $1, attribution_kind = 'affiliate_link',"
        " attribution_reason = 'last_click', attribution_rule = 1, attributed_at = to_timestamp(5)",
        influencer_id,
    )
    shown = await answer_of(await market.get(f"{ADMIN}/orders/{id_}", market.as_admin))
    (line,) = shown["order"]["attributions"]
    assert line["order_item_id"] == shown["order"]["parts"][0]["items"][0]["order_item_id"]
    decided = [line[name] for name in ("kind", "reason", "rule", "attributed_at_ms")]
    assert decided == ["affiliate_link", "last_click", 1, 5000]
    assert line["influencer_name"]
    for path, headers in ((ORDERS, market.as_customer), (f"{DESK}/orders", market.as_seller)):
        order = await answer_of(await market.get(f"{path}/{id_}", headers))
        assert "attribut" not in str(order)


async def test_a_parcel_that_was_refused_comes_back(market: Market) -> None:
    id_ = await market.order(method="cod")
    sent = await answer_of(await market.post(f"{DESK}/orders/{id_}/ship", market.as_seller))
    path = f"/api/v1/shipments/{sent['order']['shipments'][0]['id']}"
    travel = {"carrier": "Delhivery", "tracking_url": "https://example.in/1"}
    await answer_of(await market.post(f"{path}/tracking", market.as_seller, **travel))
    back = await market.post(f"{path}/return", market.as_seller, is_restocked=True)
    assert (await answer_of(back))["order"]["status"] == "cancelled"
    refused = await market.post(f"{path}/deliver", market.as_seller)
    assert (refused.status, await code_of(refused)) == (409, "shipment.wrong_state")


@pytest.mark.parametrize(
    ("path", "who", "code"),
    [
        (f"{ORDERS}/{NOTHING}/cancel", "customer", "order.not_found"),
        (f"{ORDERS}/nonsense/cancel", "customer", "order.not_found"),
        (f"{DESK}/orders/{NOTHING}/pack", "wholesaler", "order.not_found"),
        (f"/api/v1/shipments/{NOTHING}/deliver", "wholesaler", "shipment.not_found"),
        (f"/api/v1/shipments/{NOTHING}/unpack", "admin", "shipment.not_found"),
        (f"/api/v1/returns/{NOTHING}/cancel", "customer", "return.not_found"),
        (f"/api/v1/returns/{NOTHING}/approve", "admin", "return.not_found"),
        (f"{DESK}/orders/{NOTHING}/pack", "customer", "auth.forbidden"),
        (f"{ORDERS}/{NOTHING}/cancel", "wholesaler", "auth.forbidden"),
    ],
)
async def test_what_is_not_there_or_not_theirs_is_refused(
    market: Market, path: str, who: str, code: str
) -> None:
    headers = {
        "customer": market.as_customer,
        "wholesaler": market.as_seller,
        "admin": market.as_admin,
    }[who]
    assert await code_of(await market.post(path, headers)) == code


@pytest.mark.parametrize(
    "body",
    [
        {"lines": []},
        {"lines": [{"order_item_id": "x", "quantity": 1}]},
        {"lines": [{"order_item_id": str(uuid4()), "quantity": 0}]},
        {"reason": "because"},
        {"anything": 1},
    ],
)
async def test_a_wish_that_is_not_well_formed_is_refused(market: Market, body: Any) -> None:
    id_ = await market.order()
    response = await market.post(f"{ORDERS}/{id_}/cancel", market.as_customer, **body)
    assert (response.status, await code_of(response)) == (400, "payload.invalid")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://example.in", "https://a b"])
async def test_a_tracking_page_is_a_web_page(market: Market, url: str) -> None:
    id_ = await market.order()
    path = f"{DESK}/orders/{id_}/ship"
    response = await market.post(path, market.as_seller, tracking_url=url)
    assert await code_of(response) == "payload.invalid"


async def test_lists_go_on_where_the_page_before_ended(market: Market) -> None:
    await market.world.ask(
        "insert into orders (customer_id, subtotal, total_amount, shipping_address)"
        " select c.id, 1, 1, '{}' from customers c, generate_series(1, 21) where user_id = $1",
        market.customer_id,
    )
    first = await answer_of(await market.get(ORDERS, market.as_customer))
    rest = await answer_of(await market.get(ORDERS, market.as_customer, after=first["next"]))
    ids = {order["id"] for order in first["orders"] + rest["orders"]}
    assert (len(first["orders"]), len(rest["orders"]), len(ids)) == (20, 1, 21)
    assert rest["next"] is None
    broken = await market.get(ORDERS, market.as_customer, after="yesterday")
    assert await code_of(broken) == "payload.invalid"
