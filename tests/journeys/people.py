"""People who use the REST interface and the socket beside the browser of a journey."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import socketio

from loadtests.stack import Stack

ADDRESS = {
    "name": "Asha Rao",
    "phone": "9876543210",
    "line1": "12, 4th Cross, Indiranagar",
    "city": "Bengaluru",
    "state": "Karnataka",
    "postal_code": "560038",
    "country": "IN",
}


@dataclass
class Person:
    """Somebody with an access token, who calls the REST interface."""

    url: str
    token: str = ""

    def call(self, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(f"{self.url}/api/v1{path}", data=data, headers=headers)) as answer:
            return json.load(answer)

    def order(self, variant_id: str, payment_method: str, quantity: int) -> str:
        """The id of a new order of that many pieces."""
        bag = {"variant_id": variant_id, "quantity": quantity}
        shown = self._total_minor(variant_id, quantity)
        with socketio.SimpleClient() as client:
            client.connect(self.url, transports=["websocket"], auth={"token": self.token})
            answer = client.call(
                "order.place",
                {
                    "id": str(uuid4()),
                    "items": [bag],
                    "address": ADDRESS,
                    "payment_method": payment_method,
                    "shown_total_minor": shown,
                },
            )
        assert "ok" in answer, answer
        placed: str = answer["ok"]["order"]["id"]
        return placed

    def _total_minor(self, variant_id: str, quantity: int) -> int:
        """With delivery, as a bag shows it."""
        bag = {"variant_id": variant_id, "quantity": quantity, "live_session_id": None}
        cart = self.call("/cart/add", {"id": str(uuid4()), **bag})["cart"]
        self.call("/cart/remove", {"variant_ids": [variant_id]})
        total: int = cart["total_minor"]
        return total


def by_link(stack: Stack, role: str) -> Person:
    """Whoever the one-time log-in link of the demo belongs to."""
    token = stack.link(role).split("#link=")[1]
    given = Person(stack.url).call("/auth/link", {"token": token})
    return Person(stack.url, given["access_token"])


def variant_for_sale(wholesaler: Person) -> str:
    """Of the wholesaler's first product, the variant with most pieces in stock."""
    own = wholesaler.call("/wholesaler/products?state=for_sale")["products"]
    product = wholesaler.call(f"/wholesaler/products/{own[0]['id']}")["product"]
    variant: str = max(product["variants"], key=lambda one: one["stock"])["id"]
    return variant
