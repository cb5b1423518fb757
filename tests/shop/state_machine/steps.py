"""What all rules of the state machine stand on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
)

from shop.checkout import OrderRequest
from shop.desks import Units
from shop.refusal import ShopRefused
from tests.shop.state_machine.books import Books
from tests.shop.state_machine.facts import facts_in, facts_of
from tests.shop.state_machine.model import COUPONS, SESSIONS, VARIANTS, Model, Refused, Wish
from tests.shop.state_machine.orders import Line, Order, Parcel, Payment, Refund, Return
from tests.shop.state_machine.place import (
    CUSTOMERS,
    Place,
)

T = TypeVar("T")

variants = st.integers(0, len(VARIANTS) - 1)
customers = st.integers(0, CUSTOMERS - 1)
sessions = st.sampled_from([0, None, *range(len(SESSIONS))])
quantities = st.integers(1, 3)
coupons = st.sampled_from([None, None, None, *COUPONS, *COUPONS, "NONE"])
methods = st.sampled_from(["test", "cod"])
baskets = st.dictionaries(variants, quantities, min_size=1, max_size=2)
wishes = st.builds(
    lambda basket, **of: Wish(lines=tuple(basket.items()), **of),
    baskets, customer=customers, session=sessions, method=methods, coupon=coupons,
    from_cart=st.booleans(), is_silent=st.booleans(),
)  # fmt: skip
said = st.sampled_from(["captured", "captured", "captured", "failed", "pending", "cancelled"])


class Steps(RuleBasedStateMachine):
    """Each rule does one thing to the shop and to the model, and both have to answer alike."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place, self.people = place, place.people
        self.db, self.run = place.db, place.run
        self.model, self.books = Model(), Books()
        self.requests: dict[UUID, OrderRequest] = {}
        self.told: list[tuple[Order, Payment, dict[str, Any]]] = []

    def teardown(self) -> None:
        self.run(self.place.reset())

    @invariant()
    def the_database_is_what_the_model_is(self) -> None:
        found, due = self.run(facts_in(self.place)), facts_of(self.model, self.books)
        for name in due:
            same(found[name], due[name])

    @invariant()
    def customers_have_paid_for_what_they_keep(self) -> None:
        for order in self.model.orders:
            if not order.is_unpaid:
                given_back = sum(one.amount_minor for one in order.refunds)
                same(order.captured_minor - given_back, order.kept_minor)

    @invariant()
    def livecommerce_check_finds_nothing(self) -> None:
        same(self.run(self.place.broken()), [])

    def answers(self, work: Awaitable[T], code: str | None = None) -> T | None:
        """What the shop answers; with a code it has to refuse with that one."""
        try:
            answer: T = self.run(_as_coroutine(work))
        except ShopRefused as refusal:
            same(refusal.code, code)
            return None
        assert code is None, f"done, where {code} was due"
        return answer

    def session(self, session: int | None) -> UUID | None:
        return None if session is None else self.people.sessions[session]


def same(found: object, due: object) -> None:
    assert found == due, f"{found!r}\nwhere this was due:\n{due!r}"


def one_of(data: st.DataObject, things: list[T]) -> T:
    return data.draw(st.sampled_from(things))


def mostly(data: st.DataObject, things: list[T], fits: Callable[[T], bool]) -> T:
    """One that a step fits, and one time in five any: what does not fit has to be refused."""
    if data.draw(st.integers(0, 4)) < 4:
        return one_of(data, [one for one in things if fits(one)])
    return one_of(data, things)


def some_of(data: st.DataObject, units: dict[int, int]) -> dict[int, int]:
    places = data.draw(st.lists(st.sampled_from(sorted(units)), min_size=1, unique=True))
    return {place: data.draw(st.integers(1, units[place])) for place in places}


def units_of(order: Order, units: dict[int, int]) -> list[Units]:
    return [Units(order.lines[place].item_id, n) for place, n in units.items()]


def by_model(work: Callable[[], T]) -> tuple[T | None, str | None]:
    try:
        return work(), None
    except Refused as refused:
        return None, refused.code


async def _as_coroutine(work: Awaitable[T]) -> T:
    return await work


def kept_quiet(wish: Wish) -> Wish:
    """Of several that pay first in one round of the desk, nobody says which is first."""
    return replace(wish, is_silent=wish.is_silent or is_first_paid(wish))


def is_first_paid(wish: Wish) -> bool:
    return wish.session is not None and SESSIONS[wish.session].policy == "first_paid"


def paid_online(orders: list[Order]) -> list[tuple[Order, Payment]]:
    return [(order, one) for order in orders for one in order.payments if one.provider == "test"]


def in_cash(orders: list[Order]) -> list[tuple[Order, Payment]]:
    return [(order, one) for order in orders for one in order.payments if one.provider == "cod"]


def parcels_of(orders: list[Order]) -> list[Parcel]:
    return [one for order in orders for one in order.parcels]


def returns_of(orders: list[Order]) -> list[Return]:
    return [one for order in orders for one in order.returns]


def refunds_of(orders: list[Order]) -> list[tuple[Order, Refund]]:
    return [(order, one) for order in orders for one in order.refunds]


def lines_of(orders: list[Order]) -> list[Line]:
    return [one for order in orders for one in order.lines]
