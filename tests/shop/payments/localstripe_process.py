"""The process of `localstripe_server`: localstripe, and the Checkout Sessions that it lacks.

Runs alone: prints its port, listens on loopback only and writes nothing to disk. A session has
a page with a button for paying and a link back, for tests with a browser.
"""

import html
import socket
from typing import Any

from aiohttp import web
from localstripe import resources, server  # type: ignore[import-untyped]

# localstripe asks for a key everywhere but under `/_config/`.
_PAGE = "/_config/pay/{id}"
_origin = ""


class Session(resources.StripeObject):  # type: ignore[misc]
    """A hosted page for one payment. Its PaymentIntent is made by the first try to pay."""

    object = "checkout.session"
    _id_prefix = "cs_"

    def __init__(
        self,
        mode: str,
        line_items: list[Any],
        success_url: str,
        cancel_url: str,
        client_reference_id: str,
        metadata: dict[str, str],
        payment_intent_data: dict[str, Any],
    ) -> None:
        [line] = line_items
        price = line["price_data"]
        if mode != "payment" or line["quantity"] != "1" or not price["product_data"]["name"]:
            raise resources.UserError(400, "Bad request")
        super().__init__()
        self.mode = mode
        self.amount_total = int(price["unit_amount"])
        self.currency = price["currency"]
        self.client_reference_id = client_reference_id
        self.metadata = metadata
        self.success_url = success_url
        self.cancel_url = cancel_url
        self.payment_intent: str | None = None
        self.payment_status = "unpaid"
        self.status = "open"
        self._of_intent = payment_intent_data

    @property
    def url(self) -> str | None:
        return f"{_origin}{_PAGE.format(id=self.id)}" if self.status == "open" else None

    @classmethod
    def _api_expire(cls, id: str) -> "Session":
        session: Session = cls._api_retrieve(id)
        if session.status != "open":
            raise resources.UserError(400, "This Session is not open")
        session.status = "expired"
        if session.payment_intent is not None:
            resources.PaymentIntent._api_cancel(session.payment_intent)
        return session

    @classmethod
    def _api_pay(cls, id: str, payment_method: str, capture_method: str | None = None) -> "Session":
        """What the page does with the card that a customer gives it."""
        session: Session = cls._api_retrieve(id)
        if session.status != "open":
            raise resources.UserError(400, "This Session is not open")
        if session.payment_intent is None:
            made = resources.PaymentIntent._api_create(
                amount=session.amount_total,
                currency=session.currency,
                capture_method=capture_method,
                metadata=session._of_intent["metadata"],
            )
            session.payment_intent = made.id
        intent = resources.PaymentIntent._api_retrieve(session.payment_intent)
        intent.payment_method = payment_method
        intent.latest_charge = None
        intent._confirm(on_failure_now=intent._report_failure)
        session.status = "complete"
        if intent.status == "succeeded":
            session.payment_status = "paid"
        event = resources.Event("checkout.session.completed", session)
        resources.schedule_webhook(event)
        return session


class WebhookEndpoint(resources.StripeObject):  # type: ignore[misc]
    """An address as the dashboard knows it; nothing is sent there."""

    object = "webhook_endpoint"
    _id_prefix = "we_"

    def __init__(self, url: str, enabled_events: list[str], api_version: str) -> None:
        super().__init__()
        self.api_version = api_version
        self.url = url
        self.enabled_events = enabled_events
        self.status = "enabled"

    @classmethod
    def _api_create(cls, **data: Any) -> Any:
        made = cls(**data)
        answer = made._export() | {"secret": f"whsec_of_{made.id}"}
        return type("Answer", (), {"_export": lambda self, expand=None: answer})()

    def _update(self, enabled_events: list[str], disabled: str) -> None:
        self.enabled_events = enabled_events
        self.status = "disabled" if disabled == "true" else "enabled"


async def _page(request: web.Request) -> web.Response:
    session = Session._api_retrieve(request.match_info["id"])
    body = (
        f"<!doctype html><title>Pay</title><form method=post><button>Pay</button></form>"
        f"<a href='{html.escape(session.cancel_url)}'>Back to the shop</a>"
    )
    return web.Response(text=body, content_type="text/html")


async def _paid(request: web.Request) -> web.Response:
    card = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2040", "cvc": "123"}
    method = resources.PaymentMethod._api_create(type="card", card=card)
    session = Session._api_pay(request.match_info["id"], method.id)
    return web.Response(status=303, headers={"Location": session.success_url})


def main() -> None:
    global _origin
    resources.Store.dump_to_disk = lambda self: None
    for path, work in (("expire", Session._api_expire), ("_pay", Session._api_pay)):
        url = f"/v1/checkout/sessions/{{id}}/{path}"
        server.app.router.add_post(url, server.api_extra(work, url))
    url = "/v1/checkout/sessions"
    server.app.router.add_post(url, server.api_create(Session, url))
    server.app.router.add_get(f"{url}/{{id}}", server.api_retrieve(Session, url))
    url = "/v1/webhook_endpoints"
    server.app.router.add_post(url, server.api_create(WebhookEndpoint, url))
    server.app.router.add_get(url, server.api_list_all(WebhookEndpoint, url))
    server.app.router.add_post(f"{url}/{{id}}", server.api_update(WebhookEndpoint, url))
    server.app.router.add_get(_PAGE, _page)
    server.app.router.add_post(_PAGE, _paid)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    # Whoever reads the port may call at once.
    listening.listen()
    port = listening.getsockname()[1]
    _origin = f"http://127.0.0.1:{port}"
    print(port, flush=True)
    web.run_app(server.app, sock=listening, print=None, handle_signals=False)


if __name__ == "__main__":
    main()
