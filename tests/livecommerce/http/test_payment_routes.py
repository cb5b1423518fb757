"""Payments over HTTP: the customer's page, the desk of the admins, and the providers' own calls."""

import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest

from livecommerce.http import payment_desk_routes, payment_event_routes, payment_routes
from shop.payments.desk import PaymentDesk
from shop.payments.paying import Payments
from shop.payments.razorpay import RazorpayConfig, RazorpayProvider
from shop.payments.scripted import TestProvider, signature
from shop.payments.upi import UpiConfig, UpiProvider
from tests.shop.payments.razorpay_stub import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, RazorpayStub

ADMIN_ID = UUID(int=77)
PRICE = 99900
SECRET = "the webhook's secret"
UTR = "412345678901"


@dataclasses.dataclass
class Office:
    """A shop with its desk, and a way to order in it."""

    sql: "asyncpg.Connection[asyncpg.Record]"
    desk: PaymentDesk
    client: Any
    customer_id: UUID
    as_customer: dict[str, str]
    as_admin: dict[str, str]
    now: Any

    async def order(self, method: str, wholesaler_id: UUID | None = None) -> tuple[UUID, UUID]:
        """An order of one piece, and its payment, as a checkout writes them."""
        order_id, payment_id = uuid4(), uuid4()
        product = await self.sql.fetchrow("select id, wholesaler_id from products limit 1")
        assert product is not None
        await self.sql.execute(
            "insert into orders (id, customer_id, order_number, subtotal, total_amount,"
            " shipping_address, payment_method, pay_until)"
            " select $1, id, '', 999, 999, $2, $3, $4 from customers where user_id = $5",
            order_id,
            orjson.dumps({"name": "Asha Rao", "phone": "+919876543210"}).decode(),
            method,
            None if method == "cod" else self.now.at + timedelta(minutes=15),
            self.customer_id,
        )
        item_id = await self.sql.fetchval(
            "insert into order_items (order_id, product_id, wholesaler_id, product_name, quantity,"
            " unit_price) values ($1, $2, $3, 'Shirt', 1, 999) returning id",
            order_id,
            product["id"],
            wholesaler_id or product["wholesaler_id"],
        )
        await self.sql.execute(
            "insert into private.order_item_splits (order_item_id, order_id, wholesaler_id,"
            " paid_minor, discount_minor, base_minor, tax_minor, fee_bp, fee_minor, fee_gst_bp,"
            " fee_gst_minor, commission_bp, commission_minor, cut_bp, cut_minor, tcs_bp, tcs_minor,"
            " tds_bp, tds_minor, wholesaler_minor)"
            " values ($1, $2, $3, 99900, 0, 99900, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 99900)",
            item_id,
            order_id,
            wholesaler_id or product["wholesaler_id"],
        )
        await self.sql.execute(
            "insert into private.payments (id, order_id, provider, amount_minor, due_at)"
            " values ($1, $2, $3, 99900, $4)",
            payment_id,
            order_id,
            method,
            self.now.at,
        )
        return order_id, payment_id

    async def move(self, order_id: UUID, *states: str) -> None:
        for state in states:
            await self.sql.execute("update orders set status = $2 where id = $1", order_id, state)

    async def work(self) -> None:
        # What the database dated by its own clock is not in the future.
        self.now.at = max(self.now.at, await self.sql.fetchval("select clock_timestamp()"))
        while await self.desk.sweep():
            pass
        await self.desk.sweep()

    async def payment(self, order_id: UUID) -> Any:
        path = f"/api/v1/orders/{order_id}/payment"
        return await answered(await self.client.get(path, headers=self.as_customer), "payment")

    async def admin(self, method: str, path: str, **body: Any) -> Any:
        path = f"/api/v1/admin/{path}"
        if method == "GET":
            return await self.client.get(path, headers=self.as_admin)
        return await self.client.post(path, json=body, headers=self.as_admin)


async def answered(response: Any, name: str | None = None, status: int = 200) -> Any:
    assert response.status == status, await response.text()
    body = await response.json()
    return body if name is None else body[name]


async def code_of(response: Any) -> str:
    return str((await response.json())["refused"]["code"])


@pytest.fixture
async def office(
    database: Any, database_url: str, serve: Any, world: Any, bearer: Any, now: Any
) -> AsyncIterator[Office]:
    sql = await asyncpg.connect(database_url)
    # The clock of the tests stands still where the database's does not.
    now.at = (await sql.fetchval("select now()")) + timedelta(seconds=1)
    customer_id = await world.user("customer", "Asha")
    await world.product()
    await sql.execute(
        "insert into auth.users (id, email, raw_app_meta_data)"
        " values ($1, 'desk@example.com', '{\"role\": \"admin\"}')",
        ADMIN_ID,
    )
    config = RazorpayConfig(KEY_ID, KEY_SECRET, WEBHOOK_SECRET, "Jaipur Cottons", "https://x/back")
    providers: dict[str, Any] = {
        "test": TestProvider(database, SECRET),
        "upi": UpiProvider(UpiConfig("shop@examplebank", "Jaipur Cottons")),
        "razorpay": (razorpay := RazorpayProvider(config)),
    }
    desk = PaymentDesk(database, providers, lambda: now.at)
    offered = Payments(("cod", "test", "upi"), providers, desk.kick)
    client = await serve(payments=offered)
    yield Office(
        sql,
        desk,
        client,
        customer_id,
        bearer("customer", customer_id),
        bearer("admin", ADMIN_ID),
        now,
    )
    razorpay.close()
    await sql.close()


async def test_what_is_offered_is_told_to_anybody(office: Office) -> None:
    body = await answered(await office.client.get("/api/v1/payment-methods"))
    assert body == {"methods": ["cod", "test", "upi"]}


async def test_a_upi_payment_from_the_qr_to_the_confirmation(office: Office) -> None:
    order_id, payment_id = await office.order("upi")
    assert (await office.payment(order_id))["upi"] is None  # not made yet
    await office.work()
    shown = await office.payment(order_id)
    assert (shown["status"], shown["is_payable"]) == ("pending", True)
    assert shown["methods"] == ["cod", "test", "upi"]
    link = shown["upi"]["link"]
    assert link.startswith("upi://pay?pa=shop@examplebank&pn=Jaipur%20Cottons&am=999.00&cu=INR&")
    assert f"tr={payment_id.hex}" in link and shown["upi"]["qr_svg"].startswith("<svg")

    reference = f"/api/v1/orders/{order_id}/payment/reference"
    told = await office.client.post(reference, json={"reference": UTR}, headers=office.as_customer)
    assert (await answered(told, "payment"))["upi"]["customer_reference"] == UTR
    [listed] = await answered(await office.admin("GET", "upi-payments"), "payments")
    assert (listed["payment_id"], listed["customer_reference"]) == (str(payment_id), UTR)
    assert listed["customer_name"] == "Asha Rao" and listed["upi_reference"] == payment_id.hex

    path = f"upi-payments/{payment_id}/confirm"
    for _ in range(2):
        confirmed = await office.admin("POST", path, reference=UTR, amount_minor=PRICE)
        assert (await answered(confirmed, "payment"))["status"] == "captured"
    shown = await office.payment(order_id)
    assert (shown["payment_status"], shown["order_status"]) == ("paid", "confirmed")
    assert shown["is_payable"] is False and shown["upi"] is None and shown["methods"] == []
    actor = await office.sql.fetchval(
        "select actor_user_id from audit_log where row_id = $1 order by id desc limit 1", order_id
    )
    assert actor == ADMIN_ID


async def test_b22_one_transfer_pays_one_order(office: Office) -> None:
    (_, first), (second_order, second) = await office.order("upi"), await office.order("upi")
    await office.work()
    body = {"reference": UTR, "amount_minor": PRICE}
    await answered(await office.admin("POST", f"upi-payments/{first}/confirm", **body))
    again = await office.admin("POST", f"upi-payments/{second}/confirm", **body)
    assert (again.status, await code_of(again)) == (409, "payment.reference_used")
    assert (await office.payment(second_order))["payment_status"] == "pending"


async def test_b23_a_rejected_upi_payment_can_still_be_confirmed(office: Office) -> None:
    order_id, payment_id = await office.order("upi")
    await office.work()
    path = f"upi-payments/{payment_id}"
    await answered(await office.admin("POST", f"{path}/reject", reason="Nothing came."))
    shown = await office.payment(order_id)
    assert (shown["status"], shown["failure"]) == ("failed", "Nothing came.")
    await answered(await office.admin("POST", f"{path}/confirm", reference=UTR, amount_minor=PRICE))
    assert (await office.payment(order_id))["payment_status"] == "paid"


async def test_b20_a_transfer_of_another_amount_confirms_nothing(office: Office) -> None:
    order_id, payment_id = await office.order("upi")
    await office.work()
    path = f"upi-payments/{payment_id}/confirm"
    less = await office.admin("POST", path, reference=UTR, amount_minor=PRICE - 1)
    assert (less.status, await code_of(less)) == (409, "payment.amount_differs")
    assert (await office.payment(order_id))["payment_status"] == "pending"


async def test_an_unpaid_order_is_paid_in_another_way(office: Office) -> None:
    order_id, payment_id = await office.order("upi")
    await office.work()
    pay = f"/api/v1/orders/{order_id}/pay"
    for method, status, code in (
        ("stripe", 422, "payment.method_unavailable"),
        ("barter", 400, "payload.invalid"),
    ):
        refused = await office.client.post(pay, json={"method": method}, headers=office.as_customer)
        assert (refused.status, await code_of(refused)) == (status, code)
    answer = await office.client.post(pay, json={"method": "test"}, headers=office.as_customer)
    shown = await answered(answer, "payment")
    assert (shown["provider"], shown["status"]) == ("test", "created")
    await office.work()
    assert (await office.payment(order_id))["payment_status"] == "paid"
    first = await office.sql.fetchval(
        "select status from private.payments where id = $1", payment_id
    )
    assert first == "cancelled"
    late = await office.client.post(pay, json={"method": "test"}, headers=office.as_customer)
    assert (late.status, await code_of(late)) == (409, "payment.not_payable")


async def test_nobody_sees_or_pays_the_order_of_another(
    office: Office, bearer: Any, world: Any
) -> None:
    order_id, _ = await office.order("test")
    other = bearer("customer", await world.user("customer", "Ravi"))
    path = f"/api/v1/orders/{order_id}"
    for response in (
        await office.client.get(f"{path}/payment", headers=other),
        await office.client.post(f"{path}/pay", json={"method": "upi"}, headers=other),
        await office.client.post(
            f"{path}/payment/reference", json={"reference": UTR}, headers=other
        ),
        await office.client.get("/api/v1/orders/nonsense/payment", headers=other),
    ):
        assert (response.status, await code_of(response)) == (404, "order.not_found")


# ---- cash


async def test_cash_from_the_door_to_the_bank(office: Office) -> None:
    order_id, payment_id = await office.order("cod")
    collected = f"cod/{payment_id}/collected"
    early = await office.admin("POST", collected)
    assert (early.status, await code_of(early)) == (409, "payment.wrong_state")
    await office.move(order_id, "processing", "shipped")
    [due] = await answered(await office.admin("GET", "cod"), "payments")
    assert due["payment_id"] == str(payment_id)
    for _ in range(2):
        await answered(await office.admin("POST", collected))
    assert (await office.payment(order_id))["payment_status"] == "paid"
    unknown = uuid4()
    wrong = await office.admin(
        "POST", "cod/remitted", payment_ids=[str(payment_id), str(unknown)], reference="NEFT 77"
    )
    assert (wrong.status, await code_of(wrong)) == (409, "payment.wrong_state")
    assert (await wrong.json())["refused"]["details"]["payment_ids"] == [str(unknown)]
    remitted = await office.admin(
        "POST", "cod/remitted", payment_ids=[str(payment_id)], reference="NEFT 77"
    )
    assert (await answered(remitted))["remitted"] == 1
    [listed] = await answered(await office.admin("GET", "cod?status=remitted"), "payments")
    assert listed["reference"].startswith("NEFT 77")


async def test_b31_cash_that_the_wholesaler_took_himself(
    office: Office, bearer: Any, world: Any
) -> None:
    mine = await world.user("wholesaler", "Weavers")
    wholesaler_id = await office.sql.fetchval("select id from wholesalers where user_id = $1", mine)
    (own_order, own), (_, others) = (
        await office.order("cod", wholesaler_id),
        await office.order("cod"),
    )
    await office.move(own_order, "processing", "shipped")
    headers = bearer("wholesaler", mine)
    path = "/api/v1/wholesaler/cod/{}/collected"
    done = await office.client.post(path.format(own), headers=headers)
    assert await answered(done) == {"collected": True}
    stranger = await office.client.post(path.format(others), headers=headers)
    assert (stranger.status, await code_of(stranger)) == (404, "payment.not_found")
    holder = await office.sql.fetchval(
        "select owner_id from private.ledger_accounts where name = 'cod_in_transit'"
    )
    assert holder == wholesaler_id


# ---- refunds by hand


async def test_a_refund_that_a_person_makes(office: Office) -> None:
    order_id, payment_id = await office.order("upi")
    await office.work()
    path = f"upi-payments/{payment_id}/confirm"
    await answered(await office.admin("POST", path, reference=UTR, amount_minor=PRICE))
    refund_id = await office.sql.fetchval(
        "insert into refunds (order_id, amount) values ($1, 999) returning id", order_id
    )
    office.now.pass_(minutes=5)
    await office.work()
    [listed] = await answered(await office.admin("GET", "refunds"), "refunds")
    assert (listed["refund_id"], listed["is_manual"]) == (str(refund_id), True)
    for _ in range(2):
        done = await office.admin("POST", f"refunds/{refund_id}/done", reference="UPI 998877")
        assert (await answered(done, "refund"))["status"] == "succeeded"
    shown = await office.payment(order_id)
    assert shown["payment_status"] == "refunded"
    assert [refund["status"] for refund in shown["refunds"]] == ["succeeded"]
    other = await office.admin("POST", f"refunds/{refund_id}/done", reference="UPI 1")
    assert (other.status, await code_of(other)) == (409, "refund.wrong_state")
    retry = await office.admin("POST", f"refunds/{refund_id}/retry")
    assert (retry.status, await code_of(retry)) == (409, "refund.wrong_state")


async def test_a_refund_that_failed_is_tried_again(office: Office) -> None:
    await office.sql.execute(
        "insert into private.test_payment_scripts (phone, steps) values"
        ' (\'+919876543210\', \'[{"kind": "captured"}, {"kind": "refund_failed"}]\')'
    )
    order_id, _ = await office.order("test")
    await office.work()
    refund_id = await office.sql.fetchval(
        "insert into refunds (order_id, amount) values ($1, 999) returning id", order_id
    )
    office.now.pass_(minutes=5)
    await office.work()
    [listed] = await answered(await office.admin("GET", "refunds?status=failed"), "refunds")
    assert listed["refund_id"] == str(refund_id) and listed["is_manual"] is False
    await office.sql.execute("delete from private.test_payment_scripts")
    again = await office.admin("POST", f"refunds/{refund_id}/retry")
    assert (await answered(again, "refund"))["status"] == "pending"
    office.now.pass_(minutes=5)
    await office.work()
    assert (await office.payment(order_id))["payment_status"] == "refunded"


@pytest.mark.parametrize("path", ["refunds/{}/done", "refunds/{}/retry"])
async def test_a_refund_that_is_none(office: Office, path: str) -> None:
    for id_ in (uuid4(), "nonsense"):
        response = await office.admin("POST", path.format(id_), reference="UPI 998877")
        assert (response.status, await code_of(response)) in (
            (404, "refund.not_found"),
            (400, "payload.invalid"),
        )


# ---- providers


def webhook(body: dict[str, Any], secret: str = SECRET) -> dict[str, Any]:
    raw = orjson.dumps(body)
    return {"data": raw, "headers": {"X-Test-Signature": signature(secret, raw)}}


async def test_a_webhook_is_stored_once_and_applied(office: Office) -> None:
    order_id, payment_id = await office.order("test")
    await office.sql.execute(
        "insert into private.test_payment_scripts (phone, steps)"
        " values ('+919876543210', '[{\"kind\": \"pending\"}]')"
    )
    await office.work()
    body = {
        "event_id": "evt_1",
        "kind": "captured",
        "reference": f"test_{payment_id.hex}",
        "amount_minor": PRICE,
        "currency": "INR",
        "odd": "a zero \0 character",
    }
    for _ in range(3):
        response = await office.client.post("/api/v1/webhooks/test", **webhook(body))
        assert await answered(response) == {"received": 1}
    assert (await office.payment(order_id))["payment_status"] == "paid"
    listed = await answered(await office.admin("GET", "payment-events?state=applied"))
    told = [event for event in listed["events"] if event["source"] == "webhook"]
    assert [(event["event_id"], event["order_number"]) for event in told] == [
        ("evt_1", (await office.payment(order_id))["order_number"])
    ]


@pytest.mark.parametrize("name", ["stripe", "nobody"])
async def test_a_webhook_of_a_provider_that_is_none(office: Office, name: str) -> None:
    response = await office.client.post(f"/api/v1/webhooks/{name}", data=b"{}")
    assert (response.status, await code_of(response)) == (404, "payment.provider_unknown")


async def test_a_webhook_that_nobody_signed_leaves_nothing(office: Office) -> None:
    body = {"event_id": "evt_1", "kind": "captured"}
    signed = webhook(body)
    for call in (
        {"data": signed["data"]},
        webhook(body, "another"),
        signed | {"data": signed["data"] + b" "},
        {"data": signed["data"], "headers": {"X-Test-Signature": "\u00e9"}},
    ):
        response = await office.client.post("/api/v1/webhooks/test", **call)
        assert (response.status, await code_of(response)) == (400, "payment.signature_invalid")
    assert await office.sql.fetchval("select count(*) from private.payment_events") == 0


async def test_a_signed_call_that_cannot_be_read_is_kept_and_shown(office: Office) -> None:
    raw = b"[1, 2"
    headers = {"X-Test-Signature": signature(SECRET, raw)}
    response = await office.client.post("/api/v1/webhooks/test", data=raw, headers=headers)
    assert response.status == 200
    listed = await answered(await office.admin("GET", "payment-events?state=unknown"))
    assert [event["provider_kind"] for event in listed["events"]] == ["unread"]
    assert listed["counts"] == {"unknown": 1}


async def stored_event(office: Office, state: str, payment_id: UUID | None = None) -> int:
    """An event of a captured payment, in this state."""
    return int(
        await office.sql.fetchval(
            "insert into private.payment_events (provider, event_id, source, kind, provider_kind,"
            " payment_id, amount_minor, currency, state, attempts, note) values"
            " ('test', $1, 'webhook', 'captured', 'test.captured', $2, 99900, 'INR', $3, 10, 'why')"
            " returning id",
            str(uuid4()),
            payment_id,
            state,
        )
    )


@pytest.mark.parametrize("state", ["unknown", "mismatch", "failed"])
async def test_an_event_that_somebody_looked_at_waits_no_more(office: Office, state: str) -> None:
    inbox_id = await stored_event(office, state)
    path = f"payment-events/{inbox_id}"
    for _ in range(2):
        done = await office.admin("POST", f"{path}/done", note="It is of our other shop.")
        event = await answered(done, "event")
        assert (event["state"], event["note"]) == ("ignored", "why – It is of our other shop.")
    assert (await answered(await office.admin("GET", "payment-events")))["counts"] == {}
    handled_by = "select handled_by from private.payment_events where id = $1"
    assert await office.sql.fetchval(handled_by, inbox_id) == ADMIN_ID


async def test_an_event_that_could_not_be_applied_is_tried_again(office: Office) -> None:
    order_id, payment_id = await office.order("test")
    inbox_id = await stored_event(office, "failed", payment_id)
    again = await office.admin("POST", f"payment-events/{inbox_id}/retry")
    assert (await answered(again, "event"))["state"] == "new"
    await office.work()
    assert (await office.payment(order_id))["payment_status"] == "paid"
    listed = await answered(await office.admin("GET", "payment-events?state=applied"))
    assert inbox_id in {event["inbox_id"] for event in listed["events"]}


async def test_events_that_wait_for_nobody_are_left_alone(office: Office) -> None:
    for state in ("new", "waiting", "applied", "ignored"):
        path = f"payment-events/{await stored_event(office, state)}"
        for call in (
            await office.admin("POST", f"{path}/done", note="No."),
            await office.admin("POST", f"{path}/retry"),
        ):
            assert (call.status, await code_of(call)) == (409, "payment.wrong_state")
    unknown = f"payment-events/{await stored_event(office, 'unknown')}/retry"
    assert (await office.admin("POST", unknown)).status == 409
    for nothing in ("999999", "nonsense", "\u0661", "1" * 19):
        call = await office.admin("POST", f"payment-events/{nothing}/done", note="No.")
        assert (call.status, await code_of(call)) == (404, "payment.not_found")


async def test_b18_a_browser_that_comes_back_is_led_to_its_order(office: Office) -> None:
    order_id, payment_id = await office.order("razorpay")
    await office.sql.execute(
        "update private.payments set provider_reference = 'order_1', status = 'pending',"
        " due_at = null where id = $1",
        payment_id,
    )
    fields = RazorpayStub().browser_return({"id": "pay_1", "order_id": "order_1"})
    path = "/api/v1/payments/return/razorpay"
    back = await office.client.post(path, data=fields, allow_redirects=False)
    assert (back.status, back.headers["Location"]) == (
        303,
        f"/orders/{order_id}?do=pay&back={payment_id}",
    )
    # Nothing is believed of it: the provider is asked.
    due_at = await office.sql.fetchval(
        "select due_at from private.payments where id = $1", payment_id
    )
    assert due_at is not None
    assert (await office.payment(order_id))["payment_status"] == "pending"
    for spoilt in (fields | {"razorpay_payment_id": "pay_2"}, {"error[code]": "CANCELLED"}):
        back = await office.client.post(path, data=spoilt, allow_redirects=False)
        assert (back.status, back.headers["Location"]) == (303, "/orders")


async def test_a_page_of_the_provider_is_shown_and_left_again(office: Office) -> None:
    order_id, payment_id = await office.order("razorpay")
    page = {"action": "https://pay.example/", "fields": {"order_id": "order_1"}}
    much_later = office.now.at + timedelta(hours=1)
    await office.sql.execute(
        "update private.payments set provider_reference = 'order_1', status = 'pending',"
        " due_at = $2, client = $3 where id = $1",
        payment_id,
        much_later,
        orjson.dumps(page).decode(),
    )
    assert (await office.payment(order_id))["razorpay"] == page

    async def back(query: str) -> str:
        path = f"/api/v1/payments/return/razorpay?{query}"
        response = await office.client.get(path, allow_redirects=False)
        assert response.status == 303
        return str(response.headers["Location"])

    # Of nothing, of nobody's, and of what another provider was to bring.
    _, test_payment = await office.order("test")
    for query in ("", "payment=nonsense", f"payment={uuid4()}", f"payment={test_payment}"):
        assert await back(query) == "/orders"
    due_at = "select due_at from private.payments where id = $1"
    assert await office.sql.fetchval(due_at, payment_id) == much_later
    shown = f"/orders/{order_id}?do=pay"
    turned_back = await back(f"payment={payment_id}&turned_back=1")
    assert turned_back == f"{shown}&turned_back={payment_id}"
    # The provider is asked at once, and what the browser says is believed of nobody.
    assert await back(f"payment={payment_id}") == f"{shown}&back={payment_id}"
    assert await office.sql.fetchval(due_at, payment_id) < much_later
    assert (await office.payment(order_id))["payment_status"] == "pending"
    # Not as often as somebody likes.
    await office.sql.execute(
        "update private.payments set attempts = 12, due_at = $2 where id = $1",
        payment_id,
        much_later,
    )
    await back(f"payment={payment_id}")
    assert await office.sql.fetchval(due_at, payment_id) == much_later


async def test_a_card_is_paid_on_the_page_of_stripe(office: Office) -> None:
    order_id, payment_id = await office.order("stripe")
    await office.sql.execute(
        "update private.payments set provider_reference = 'cs_1', status = 'pending',"
        ' client = \'{"redirect_url": "https://checkout.example/cs_1"}\' where id = $1',
        payment_id,
    )
    shown = await office.payment(order_id)
    assert shown["stripe"] == {"redirect_url": "https://checkout.example/cs_1"}
    await office.move(order_id, "cancelled")
    assert (await office.payment(order_id))["stripe"] is None


# ---- who may


@pytest.mark.parametrize(
    "route",
    [*payment_routes.ROUTES, *payment_desk_routes.ROUTES, *payment_event_routes.ROUTES],
    ids=lambda route: f"{route.method} {route.path}",
)
async def test_only_those_it_is_for(client: Any, bearer: Any, route: Any) -> None:
    ids = dict.fromkeys(("order_id", "payment_id", "refund_id"), UUID(int=9))
    path = route.path.format(**ids, inbox_id=9)
    if route.who == "anyone":
        assert (await client.get(path)).status == 200
        return
    assert (await client.request(route.method, path)).status == 401
    for role in {"customer", "influencer", "wholesaler", "admin"} - route.who:
        response = await client.request(route.method, path, headers=bearer(role))
        assert (response.status, await code_of(response)) == (403, "auth.forbidden")


@pytest.mark.parametrize(
    "path",
    [
        "payments?after=nonsense",
        "payments?status=paid",
        "payment-events?after=-1",
        "refunds?after=x",
        "cod?status=lost",
    ],
)
async def test_a_list_that_is_asked_for_wrongly(office: Office, path: str) -> None:
    response = await office.admin("GET", path)
    assert (response.status, await code_of(response)) == (400, "payload.invalid")


async def test_the_pages_of_a_list_follow_each_other(office: Office) -> None:
    for _ in range(53):
        await office.order("upi")
    await office.work()
    for _ in range(3):
        await office.work()
    first = await answered(await office.admin("GET", "upi-payments"))
    assert len(first["payments"]) == 50
    second = await answered(await office.admin("GET", f"upi-payments?after={first['next']}"))
    ids = [payment["payment_id"] for payment in (*first["payments"], *second["payments"])]
    assert len(set(ids)) == 53 and second["next"] is None
