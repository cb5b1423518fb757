"""A Razorpay on this machine: the part of its documented API that we use, kept in memory."""

import base64
import hashlib
import hmac
import itertools
from typing import Any

import orjson
from aiohttp import web

KEY_ID, KEY_SECRET, WEBHOOK_SECRET = "rzp_test_not_a_key", "not a secret", "webhook's, neither"


class RazorpayStub:
    """fail_next: answers the next call with this status and error code, after doing what was asked
    when `after` is set: the answer is lost on the way."""

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.payments: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.refund_status = "processed"
        self.calls: list[str] = []
        self.fail_next: tuple[int, str] | None = None
        self._by_key: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(1)

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._around])
        app.router.add_post("/v1/orders", self._create_order)
        app.router.add_get("/v1/orders", self._list_orders)
        app.router.add_get("/v1/orders/{id}/payments", self._payments_of)
        app.router.add_post("/v1/payments/{id}/capture", self._capture)
        app.router.add_post("/v1/payments/{id}/refund", self._refund)
        app.router.add_get("/v1/payments/{id}/refunds", self._refunds_of)
        return app

    # ---- what customers do

    def pay(self, order_id: str, status: str = "captured", **more: Any) -> dict[str, Any]:
        order = self.orders[order_id]
        payment = {
            "id": f"pay_{next(self._numbers)}",
            "entity": "payment",
            "amount": order["amount"],
            "currency": order["currency"],
            "status": status,
            "order_id": order_id,
            "captured": status == "captured",
            "notes": order["notes"],
            "error_description": "The bank declined it." if status == "failed" else None,
        } | more
        self.payments[payment["id"]] = payment
        return payment

    def webhook(self, event: str, **entities: dict[str, Any]) -> tuple[dict[str, str], bytes]:
        """Headers, in lower case, and body of a call to our webhook."""
        number = next(self._numbers)
        body = {
            "entity": "event",
            "account_id": "acc_1",
            "event": event,
            "contains": list(entities),
            "payload": {name: {"entity": entity} for name, entity in entities.items()},
            "created_at": 1_790_000_000 + number,
        }
        raw = orjson.dumps(body)
        signature = hmac.new(WEBHOOK_SECRET.encode(), raw, hashlib.sha256).hexdigest()
        return {"x-razorpay-signature": signature, "x-razorpay-event-id": f"evt_{number}"}, raw

    def browser_return(self, payment: dict[str, Any]) -> dict[str, str]:
        message = f"{payment['order_id']}|{payment['id']}".encode()
        return {
            "razorpay_order_id": payment["order_id"],
            "razorpay_payment_id": payment["id"],
            "razorpay_signature": hmac.new(
                KEY_SECRET.encode(), message, hashlib.sha256
            ).hexdigest(),
        }

    # ---- the API

    @web.middleware
    async def _around(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.calls.append(f"{request.method} {request.path}")
        wanted = base64.b64encode(f"{KEY_ID}:{KEY_SECRET}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {wanted}":
            return _error(401, "BAD_REQUEST_ERROR", "Authentication failed")
        response: web.StreamResponse = await handler(request)
        if self.fail_next is not None:
            status, code = self.fail_next
            self.fail_next = None
            return _error(status, code, "Something went wrong")
        return response

    async def _create_order(self, request: web.Request) -> web.Response:
        given = await request.json()
        order = given | {
            "id": f"order_{next(self._numbers)}",
            "entity": "order",
            "status": "created",
        }
        self.orders[order["id"]] = order
        return web.json_response(order)

    async def _list_orders(self, request: web.Request) -> web.Response:
        receipt = request.query["receipt"]
        return _collection([o for o in self.orders.values() if o["receipt"] == receipt])

    async def _payments_of(self, request: web.Request) -> web.Response:
        id_ = request.match_info["id"]
        if id_ not in self.orders:
            return _error(400, "BAD_REQUEST_ERROR", "The id provided does not exist")
        return _collection([p for p in self.payments.values() if p["order_id"] == id_])

    async def _capture(self, request: web.Request) -> web.Response:
        given, payment = await request.json(), self.payments[request.match_info["id"]]
        if payment["status"] != "authorized" or given["amount"] != payment["amount"]:
            return _error(400, "BAD_REQUEST_ERROR", "This payment has already been captured")
        payment |= {"status": "captured", "captured": True}
        return web.json_response(payment)

    async def _refund(self, request: web.Request) -> web.Response:
        given, payment = await request.json(), self.payments[request.match_info["id"]]
        key = request.headers["X-Refund-Idempotency"]
        if key not in self._by_key:
            there = sum(r["amount"] for r in self.refunds.values() if r["status"] != "failed")
            if payment["status"] != "captured" or there + given["amount"] > payment["amount"]:
                return _error(400, "BAD_REQUEST_ERROR", "The total refund amount is greater")
            refund = {
                "id": f"rfnd_{next(self._numbers)}",
                "entity": "refund",
                "amount": given["amount"],
                "currency": payment["currency"],
                "payment_id": payment["id"],
                "notes": given["notes"],
                "status": self.refund_status,
            }
            self.refunds[refund["id"]] = self._by_key[key] = refund
        return web.json_response(self._by_key[key])

    async def _refunds_of(self, request: web.Request) -> web.Response:
        id_ = request.match_info["id"]
        return _collection([r for r in self.refunds.values() if r["payment_id"] == id_])


def _collection(items: list[dict[str, Any]]) -> web.Response:
    return web.json_response({"entity": "collection", "count": len(items), "items": items})


def _error(status: int, code: str, description: str) -> web.Response:
    return web.json_response({"error": {"code": code, "description": description}}, status=status)
