"""Cancellations, parcels and returns."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import (
    precondition,
    rule,
)

from shop import fulfilment, returns
from shop.fulfilment import Tracking
from shop.returns import Arrived, ReturnRequest
from tests.shop.state_machine.orders import Order, Parcel, Return
from tests.shop.state_machine.steps import (
    Steps,
    mostly,
    one_of,
    parcels_of,
    quantities,
    returns_of,
    some_of,
    units_of,
)


class ParcelRules(Steps):
    # ---- parcels and cancellations

    @precondition(lambda self: any(map(_can_lose, self.model.orders)))
    @rule(data=st.data(), is_whole=st.booleans())
    def cancel(self, data: st.DataObject, is_whole: bool) -> None:
        order = mostly(data, self.model.orders, _can_lose)
        seller = data.draw(st.sampled_from([None, None, *order.sellers]))
        units = order.waiting_units(seller)
        if not is_whole and units:
            units = some_of(data, units)
        self.take_out(order, units, seller, is_whole=is_whole)

    def take_out(
        self, order: Order, units: dict[int, int], seller: int | None = None, *, is_whole: bool
    ) -> None:
        """By a seller, else by the customer; is_whole: all that can be, whatever it is."""
        customer = self.people.customers[order.customer]
        person = customer if seller is None else self.people.sellers[seller]
        code = None
        if not units:
            code = "order.nothing_to_cancel"
        elif order.method != "cod" and order.is_unpaid and sum(units.values()) < order.open_units:
            code = "order.unpaid_whole_only"
        id_, asked = uuid.uuid4(), None if is_whole else units_of(order, units)
        for _ in range(2):
            work = fulfilment.cancel(self.db, person, id_, order.id, asked, "changed_mind")
            self.answers(work, code)
        if code is None:
            self.model.void(order, units)

    @precondition(lambda self: any(map(_may_be_sent, self.model.orders)))
    @rule(data=st.data(), is_whole=st.booleans())
    def pack(self, data: st.DataObject, is_whole: bool) -> None:
        order = mostly(data, self.model.orders, _may_be_sent)
        seller = one_of(data, order.sellers)
        units = order.waiting_units(seller)
        if not is_whole and units:
            units = some_of(data, units)
        self._pack(order, seller, units, is_whole=is_whole)

    def _pack(
        self, order: Order, seller: int, units: dict[int, int], *, is_whole: bool
    ) -> Parcel | None:
        code = None
        if order.status not in ("pending", "confirmed", "processing", "shipped"):
            code = "order.nothing_to_ship"
        elif order.allocation == "on_payment" or (
            order.method != "cod" and order.payment_status not in ("paid", "partially_refunded")
        ):
            code = "order.not_paid"
        elif not units:
            code = "order.nothing_to_ship"
        id_, asked = uuid.uuid4(), None if is_whole else units_of(order, units)
        for _ in range(2):
            work = fulfilment.pack(self.db, self.people.sellers[seller], id_, order.id, asked)
            self.answers(work, code)
        if code is not None:
            return None
        parcel = Parcel(id_, order, seller, units)
        self.model.pack(parcel)
        return parcel

    @precondition(lambda self: any(map(_is_packed, parcels_of(self.model.orders))))
    @rule(data=st.data())
    def unpack(self, data: st.DataObject) -> None:
        parcel = mostly(data, parcels_of(self.model.orders), _is_packed)
        code = None if parcel.status == "packed" else "shipment.wrong_state"
        person = self.people.sellers[parcel.seller]
        self.answers(fulfilment.unpack(self.db, person, parcel.id), code)
        if code is None:
            self.model.unpack(parcel)

    @precondition(lambda self: any(map(_is_packed, parcels_of(self.model.orders))))
    @rule(data=st.data())
    def ship(self, data: st.DataObject) -> None:
        self._ship(mostly(data, parcels_of(self.model.orders), _is_packed))

    def _ship(self, parcel: Parcel) -> None:
        code = "shipment.wrong_state" if parcel.status == "returned" else None
        for _ in range(2):
            work = fulfilment.ship(
                self.db, self.people.sellers[parcel.seller], parcel.id, Tracking("Blue Dart"),
                lambda _, sealed: sealed, self.place.now(),
            )  # fmt: skip
            self.answers(work, code)
        if parcel.status == "packed":
            self.model.ship(parcel)

    @precondition(lambda self: any(map(_is_shipped, parcels_of(self.model.orders))))
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        self._deliver(mostly(data, parcels_of(self.model.orders), _is_shipped))

    def _deliver(self, parcel: Parcel) -> None:
        code = None if parcel.status in ("shipped", "delivered") else "shipment.wrong_state"
        for _ in range(2):
            person = self.people.sellers[parcel.seller]
            self.answers(fulfilment.deliver(self.db, person, parcel.id), code)
        if parcel.status == "shipped":
            self.model.deliver(parcel)

    def send(self, order: Order, *, is_received: bool) -> None:
        """Everything of an order that can be sent."""
        for seller in order.sellers:
            parcel = self._pack(order, seller, order.waiting_units(seller), is_whole=True)
            if parcel is not None:
                self._ship(parcel)
                if is_received:
                    self._deliver(parcel)

    @precondition(lambda self: any(map(_is_shipped, parcels_of(self.model.orders))))
    @rule(data=st.data(), to_shelf=st.booleans())
    def bring_back(self, data: st.DataObject, to_shelf: bool) -> None:
        parcel = mostly(data, parcels_of(self.model.orders), _is_shipped)
        code = None if parcel.status in ("shipped", "returned") else "shipment.wrong_state"
        for _ in range(2):
            work = fulfilment.bring_back(
                self.db, self.people.sellers[parcel.seller], parcel.id, to_shelf, self.place.now()
            )
            self.answers(work, code)
        if parcel.status == "shipped":
            self.model.bring_back(parcel, to_shelf=to_shelf)

    # ---- returns

    @precondition(lambda self: any(map(_can_come_back, self.model.orders)))
    @rule(data=st.data(), is_accepted=st.sampled_from([True, True, False]))
    def ask_return(self, data: st.DataObject, is_accepted: bool) -> None:
        order = mostly(data, self.model.orders, _can_come_back)
        there = {place: n for place in range(len(order.lines)) if (n := order.returnable(place))}
        if there and data.draw(st.integers(0, 4)) < 4:
            places = some_of(data, there)
        else:
            some = st.integers(0, len(order.lines) - 1)
            places = data.draw(st.dictionaries(some, quantities, min_size=1))
        self._ask(order, places, is_accepted=is_accepted)

    def _ask(self, order: Order, places: dict[int, int], *, is_accepted: bool) -> list[Return]:
        code = None
        if order.status in ("cancelled", "refunded") or not any(
            order.lines[place].delivered for place in places
        ):
            code = "return.not_delivered"
        elif any(n > order.returnable(place) for place, n in places.items()):
            code = "return.too_many"
        request_id = uuid.uuid4()
        units = tuple(units_of(order, places))
        request = ReturnRequest(
            request_id, order.id, "does_not_fit", None, units, "asha@examplebank"
        )
        for _ in range(2):
            customer = self.people.customers[order.customer]
            self.answers(returns.ask(self.db, customer, request, self.place.now()), code)
        made = self._note_returns(order, request_id, places)
        for one in made:
            if is_accepted:
                self._decide(one, "approved")
        return made

    def _note_returns(self, order: Order, request_id: UUID, asked: dict[int, int]) -> list[Return]:
        rows = self.run(
            self.place.sql.fetch(
                "select return_id, wholesaler_id from private.return_details where request_id = $1",
                request_id,
            )
        )
        sellers = self.people.payee_ids["wholesaler"]
        found = {sellers.index(row["wholesaler_id"]): row["return_id"] for row in rows}
        made = [
            Return(
                id_,
                order,
                seller,
                {p: n for p, n in asked.items() if order.lines[p].seller == seller},
            )
            for seller, id_ in sorted(found.items())
        ]
        order.returns += made
        return made

    @precondition(lambda self: any(map(_is_asked, returns_of(self.model.orders))))
    @rule(data=st.data(), to=st.sampled_from(["approved", "approved", "rejected", "cancelled"]))
    def decide_return(self, data: st.DataObject, to: Any) -> None:
        self._decide(mostly(data, returns_of(self.model.orders), _is_asked), to)

    def _decide(self, one: Return, to: Any) -> None:
        may_be = one.status in ("requested", to) or (one.status, to) == ("approved", "cancelled")
        person = self.people.sellers[one.seller]
        if to == "cancelled":
            person = self.people.customers[one.order.customer]
        work = returns.decide(self.db, person, one.id, to)
        self.answers(work, None if may_be else "return.wrong_state")
        if may_be:
            one.status = to

    @precondition(lambda self: any(map(_is_approved, returns_of(self.model.orders))))
    @rule(data=st.data(), is_whole=st.booleans(), to_shelf=st.booleans())
    def receive_return(self, data: st.DataObject, is_whole: bool, to_shelf: bool) -> None:
        one = mostly(data, returns_of(self.model.orders), _is_approved)
        arrived = None
        if not is_whole:
            arrived = {p: data.draw(st.integers(0, n)) for p, n in one.units.items()}
        self._receive(one, arrived, to_shelf=to_shelf or is_whole)

    def _receive(self, one: Return, arrived: dict[int, int] | None, *, to_shelf: bool) -> None:
        """arrived: None for all of it, fit to be sold."""
        lines = None
        if arrived is not None:
            ids = [one.order.lines[place].item_id for place in arrived]
            pieces = zip(ids, arrived.values(), strict=True)
            lines = [Arrived(id_, n, to_shelf) for id_, n in pieces]
        code = None
        if one.status not in ("received", "refunded", "approved"):
            code = "return.wrong_state"
        elif one.status == "approved" and one.order.is_unpaid:
            code = "return.not_paid"
        work = returns.receive(
            self.db, self.people.sellers[one.seller], one.id, lines, self.place.now()
        )
        self.answers(work, code)
        if code is None and one.status == "approved":
            self.model.receive(one, one.units if arrived is None else arrived, to_shelf)

    def come_back(self, order: Order) -> None:
        """Everything of an order that may be sent back is received."""
        there = {place: n for place in range(len(order.lines)) if (n := order.returnable(place))}
        if there:
            for one in self._ask(order, there, is_accepted=True):
                self._receive(one, None, to_shelf=True)


def _can_lose(order: Order) -> bool:
    return bool(order.waiting_units(None))


def _may_be_sent(order: Order) -> bool:
    return order.may_be_sent


def _can_come_back(order: Order) -> bool:
    return any(order.returnable(place) > 0 for place in range(len(order.lines)))


def _is_packed(parcel: Parcel) -> bool:
    return parcel.status == "packed"


def _is_shipped(parcel: Parcel) -> bool:
    return parcel.status == "shipped"


def _is_asked(one: Return) -> bool:
    return one.status in ("requested", "approved")


def _is_approved(one: Return) -> bool:
    return one.status == "approved"
