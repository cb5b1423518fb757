"""What admins do about events of payment providers that wait for a person."""

from typing import Annotated, Any, Final

from pydantic import StringConstraints

from livecommerce.http.api import Call, Reply, Route
from livecommerce.http.payment_desk_routes import ADMIN, PaymentEvent, listed_event
from livecommerce.http.refusals import ApiRefused
from shop.payments import back_office
from signaling.payloads import Empty, Wire

_Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class EventDone(Wire):
    """note: what was found, and done."""

    note: _Note


class PaymentEventOk(Wire):
    event: PaymentEvent


async def done(call: Call[EventDone]) -> Reply:
    found = await back_office.event_done(
        call.deps.db, call.caller.user_id, _inbox_id(call), call.body.note
    )
    return Reply(PaymentEventOk(event=listed_event(found)))


async def retry(call: Call[Empty]) -> Reply:
    found = await back_office.retry_event(call.deps.db, call.caller.user_id, _inbox_id(call))
    call.deps.payments.kick()
    return Reply(PaymentEventOk(event=listed_event(found)))


def _inbox_id(call: Call[Any]) -> int:
    """What is no number is the number of nothing."""
    text = call.request.match_info["inbox_id"]
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise ApiRefused("payment.not_found", "There is no such event.")
    return int(text)


_EVENT: Final = "/api/v1/admin/payment-events/{inbox_id}"

ROUTES: Final = (
    Route("POST", f"{_EVENT}/done", "Somebody looked at an event that waited for that.", ADMIN,
          done, PaymentEventOk, EventDone, errors=("payment.not_found", "payment.wrong_state")),
    Route("POST", f"{_EVENT}/retry", "Apply an event once more that could not be applied.", ADMIN,
          retry, PaymentEventOk, errors=("payment.not_found", "payment.wrong_state")),
)  # fmt: skip
