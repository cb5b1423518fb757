"""The providers' own calls, and what admins do about those that fit nothing."""

from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from shop.payments.scripted import signature
from tests.livecommerce.http.payments.payment_office import (
    ADMIN_ID,
    PRICE,
    SECRET,
    Office,
    answered,
    code_of,
)


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
