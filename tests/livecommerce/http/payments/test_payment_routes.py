"""The customer's page: what is offered, a UPI transfer, another way to pay."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson

from tests.livecommerce.http.payments.payment_office import (
    ADMIN_ID,
    PRICE,
    UTR,
    Office,
    answered,
    code_of,
)
from tests.shop.payments.razorpay_stub import RazorpayStub


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
