"""Locust users that speak the real wire: viewers who watch, click and sometimes buy, and chatters.

Run headless by `make load`, or by hand against any server:

    locust -f loadtests/locustfile.py --headless -u 100 -r 10 -t 1m -H http://localhost:8080

Every user joins the first live session that the server lists, or the one named by the environment
variable `LOAD_LIVE_SESSION_ID`. Response times: `WSC` rows are acknowledged events; `WSR` rows are
events that everybody hears, and their time is their age on arrival: the server's own time stamp in
the event against this machine's clock, which is set right by the time that the server says when a
user joins (as well as the way there and back are equally long). Events without a time stamp have no
row, because zeros would pull every percentile down. An expected refusal (sold out, rate limit) is a
success with its own row; any other refusal is a failure.

One process is one core, good for one to two thousand users; docs/load-testing.md has more of them.
"""

from __future__ import annotations

import os
import random
import time
import uuid
from ipaddress import IPv4Address
from typing import Any

import requests
from gevent.lock import BoundedSemaphore
from locust import between, task
from locust.contrib.socketio import SocketIOUser
from locust.exception import StopUser

from loadtests.swarm.stamps import told_at_ms

EXPECTED_REFUSALS = frozenset({"rate.limited", "order.sold_out", "order.price_changed"})
ADDRESS = {
    "name": "Load Test",
    "phone": "9876543210",
    "line1": "12 Test Street",
    "line2": None,
    "landmark": None,
    "city": "Bengaluru",
    "state": "Karnataka",
    "postal_code": "560001",
    "country": "IN",
}
CHAT_LINES = ("How much is it?", "Nice colour", "Size M please", "Wow", "Is COD ok?")
# Hashing a password costs the server a good part of a core: sign-ups queue here, as they do there.
SIGN_UPS = BoundedSemaphore(2)
CALL_TIMEOUT_S = 10


class Refused(Exception):
    """An acknowledgement that was a refusal; `code` is the contract's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class LivecommerceUser(SocketIOUser):
    """One browser: connects over WebSocket, joins the live session, hears what the room hears."""

    abstract = True
    options = {"reconnection": True, "reconnection_delay": 1}  # noqa: RUF012 (locust's own API)
    signs_up = False

    def on_start(self) -> None:
        """Sign up where this kind of user needs an account, connect, and join."""
        self.http = requests.Session()
        self.live_session_id = os.environ.get("LOAD_LIVE_SESSION_ID") or self._first_live_session()
        auth = {"token": self._sign_up()} if self.signs_up else {}
        self.ahead_ms = 0.0
        self.position: dict[str, Any] | None = None
        # In place of locust's own, which gives every event the response time 0.
        self.sio.on("*", self.on_message)
        self.sio.on("connect", self._on_connect)
        self.sio.connect(
            self.host, auth=auth, transports=["websocket"], wait_timeout=CALL_TIMEOUT_S
        )
        began_ms = time.time() * 1000
        self.snapshot = self.ask("session.join", live_session_id=self.live_session_id)
        self.ahead_ms = (began_ms + time.time() * 1000) / 2 - self.snapshot["server_time_ms"]
        self.position = self.snapshot["position"]

    def on_stop(self) -> None:
        """Leave as a browser does that closes its tab."""
        # Whoever is stopped in the middle of connecting has nothing to disconnect.
        if self.sio.connected:
            self.sio.disconnect()
        self.http.close()

    def ask(self, event: str, **payload: Any) -> dict[str, Any]:
        """Send one acknowledged event and return its `ok`; raise Refused on a refusal."""
        answer = self.sio.call(event, payload, timeout=CALL_TIMEOUT_S)
        if "ok" in answer:
            ok: dict[str, Any] = answer["ok"]
            return ok
        refused = Refused(answer["refused"]["code"], answer["refused"]["message"])
        self.environment.events.request.fire(
            request_type="REFUSED",
            name=f"{event} {refused.code}",
            response_time=0,
            response_length=0,
            exception=None if refused.code in EXPECTED_REFUSALS else refused,
            context={},
        )
        raise refused

    def _first_live_session(self) -> str:
        listing = self.http.get(f"{self.host}/api/v1/live-sessions", timeout=CALL_TIMEOUT_S).json()
        if not listing["live"]:
            raise StopUser("no live session is on; `make load` brings its own")
        found: str = listing["live"][0]["id"]
        return found

    def _sign_up(self) -> str:
        who = uuid.uuid4().hex
        body = {
            "email": f"load-{who}@example.test",
            "password": f"load-{who}",
            "display_name": f"Load {who[:6]}",
        }
        # An address of its own, as a crowd has; believed by a server that trusts us as its proxy.
        headers = {"X-Forwarded-For": str(IPv4Address(0x0A000000 + random.randrange(1 << 24)))}
        with SIGN_UPS:
            while True:
                answer = self.http.post(
                    f"{self.host}/api/v1/auth/sign-up",
                    json=body,
                    headers=headers,
                    timeout=3 * CALL_TIMEOUT_S,
                )
                if answer.status_code not in (429, 503):
                    break
                time.sleep(float(answer.headers.get("Retry-After", "1")))
        answer.raise_for_status()
        token: str = answer.json()["access_token"]
        return token

    def on_message(self, event: str, data: Any = None) -> None:
        """An event that the room hears: note its age, and up to where this user has heard."""
        now_ms = time.time() * 1000 - self.ahead_ms
        if not isinstance(data, dict):
            return
        if "epoch" in data and "offset" in data:
            self.position = {"epoch": data["epoch"], "offset": data["offset"]}
        for at_ms in told_at_ms(event, data):
            self.environment.events.request.fire(
                request_type="WSR",
                name=event,
                response_time=max(0.0, now_ms - at_ms),
                response_length=len(str(data)),
                exception=None,
                context={},
            )

    def _on_connect(self) -> None:
        """After a loss: hear all that was missed, as the page does."""
        while self.position is not None:
            recovered = self.ask(
                "session.recover", live_session_id=self.live_session_id, position=self.position
            )
            self.position = recovered["position"]
            if recovered["is_complete"] or recovered["snapshot"] is not None:
                return

    def try_to(self, event: str, **payload: Any) -> None:
        """Ask about the joined live session; swallow a refusal that load makes normal."""
        try:
            self.ask(event, live_session_id=self.live_session_id, **payload)
        except Refused as refused:
            if refused.code not in EXPECTED_REFUSALS:
                raise

    def _some_product(self) -> dict[str, Any]:
        product: dict[str, Any] = random.choice(self.snapshot["products"])
        return product


class Viewer(LivecommerceUser):
    """Watches the chat go by, clicks products, reacts, and once in a while signs up and buys."""

    weight = 8
    wait_time = between(2, 8)

    def on_start(self) -> None:
        """Join anonymously; the account comes when the first purchase does."""
        super().on_start()
        self.is_customer = False

    @task(6)
    def click(self) -> None:
        """Tap a product."""
        self.try_to("product.click", product_id=self._some_product()["id"], id=str(uuid.uuid4()))

    @task(3)
    def read(self) -> None:
        """Look, and do nothing: most viewers do this most of the time."""

    @task(1)
    def buy(self) -> None:
        """Buy one unit of something in stock, cash on delivery."""
        if not self.is_customer:
            self.ask("auth.renew", token=self._sign_up())
            self.is_customer = True
        product = self._some_product()
        variant = random.choice(product["variants"])
        self.try_to(
            "order.place",
            id=str(uuid.uuid4()),
            items=[{"variant_id": variant["id"], "quantity": 1}],
            address=ADDRESS,
            payment_method="cod",
            shown_total_minor=variant["price_minor"] + self.snapshot["terms"]["shipping_minor"],
        )


class Chatter(LivecommerceUser):
    """Signed in; says something every few seconds and sends hearts."""

    weight = 2
    wait_time = between(3, 9)
    signs_up = True

    @task(3)
    def chat(self) -> None:
        """Say a line."""
        self.try_to("chat.send", id=str(uuid.uuid4()), text=random.choice(CHAT_LINES))

    @task(1)
    def react(self) -> None:
        """Send a burst of hearts."""
        self.try_to("reaction.send", count=random.randint(1, 5))
