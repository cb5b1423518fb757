"""The desk of the admins: cash, refunds by hand, and its lists."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from livecommerce.http import payment_desk_routes, payment_event_routes, payment_routes
from tests.livecommerce.http.payments.payment_office import PRICE, UTR, Office, answered, code_of


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
