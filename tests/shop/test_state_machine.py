"""The shop against a plain model of it: carts, holds, checkouts, payments, parcels, cancellations,
returns, refunds and payouts in any order, on a real database.

After every step what the database says is what the model says, and `livecommerce check` finds
nothing. A failure prints the steps that lead to it, as few as Hypothesis can find.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.conftest import Background
from tests.shop.state_machine.cart_rules import CartRules
from tests.shop.state_machine.model import Wish
from tests.shop.state_machine.orders import Order
from tests.shop.state_machine.parcel_rules import ParcelRules
from tests.shop.state_machine.payment_rules import PaymentRules
from tests.shop.state_machine.place import (
    Place,
    open_shop,
)
from tests.shop.state_machine.steps import one_of, wishes

NIGHTLY = os.environ.get("LIVECOMMERCE_NIGHTLY") == "1"
STAGES = ("paid", "sent", "received", "settled", "sent back")


class ShopMachine(CartRules, PaymentRules, ParcelRules):
    @initialize(first=st.lists(wishes, min_size=1, max_size=3))
    def open(self, first: list[Wish]) -> None:
        for wish in first:
            self.place_order(wish)

    @precondition(lambda self: any(map(_is_under_way, self.model.orders)))
    @rule(data=st.data(), stage=st.sampled_from(STAGES))
    def goes_its_way(self, data: st.DataObject, stage: str) -> None:
        """An order is paid, sent, received, and its money comes in; at the end it may come back
        as a whole."""
        order = one_of(data, [one for one in self.model.orders if _is_under_way(one)])
        if order.method == "test" and order.is_unpaid:
            self.desk_works(is_late=False)
            if order.is_unpaid:
                self.tell(order, order.payments[-1], "captured")
        if stage == "paid":
            return
        self.send(order, is_received=stage != "sent")
        if stage not in ("settled", "sent back"):
            return
        for payment in order.payments:
            if payment.status == "collected":
                self.remit(order, payment)
        if stage == "sent back":
            self.come_back(order)


def _is_under_way(order: Order) -> bool:
    return order.status in ("pending", "confirmed", "processing")


@pytest.fixture
def place(background: Background, database_url: str) -> Iterator[Place]:
    place = Place(background.run(open_shop(database_url)), background.run, database_url)
    yield place
    background.run(place.close())


@pytest.mark.timeout(24 * 3600 if NIGHTLY else 900)
def test_the_shop_is_its_plain_model_whatever_happens(place: Place) -> None:
    class Machine(ShopMachine):
        def __init__(self) -> None:
            super().__init__(place)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=2000 if NIGHTLY else 40,
            stateful_step_count=50 if NIGHTLY else 40,
            derandomize=not NIGHTLY,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


# ---- found by the machine


@pytest.fixture
def shop(place: Place) -> ShopMachine:
    return ShopMachine(place)


def test_an_older_attempt_that_is_paid_after_all_pays_for_no_piece_that_was_cancelled(
    shop: ShopMachine,
) -> None:
    shop.place_order(Wish(0, ((0, 2),), 0, "test", None, from_cart=False, is_silent=True))
    [order] = shop.model.orders
    shop.desk_works(is_late=False)
    shop.pay(order, "cod")
    shop.take_out(order, {0: 1}, is_whole=False)
    shop.tell(order, order.payments[0], "captured")
    shop.the_database_is_what_the_model_is()
    shop.customers_have_paid_for_what_they_keep()


def test_a_coupon_that_costs_more_than_its_line_earns_stays_in_the_influencers_total(
    shop: ShopMachine,
) -> None:
    for variant, coupon in ((1, "LIVE"), (0, None)):
        shop.place_order(Wish(0, ((variant, 1),), 0, "test", coupon, False, False))
        shop.desk_works(is_late=False)
        shop.send(shop.model.orders[-1], is_received=True)
    shop.livecommerce_check_finds_nothing()
