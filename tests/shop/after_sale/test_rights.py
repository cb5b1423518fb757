"""Who may do what: every action tried by everybody, against a table in words of its own."""

import itertools
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from shop import fulfilment, returns
from shop.desks import ActorKind, Person
from shop.fulfilment import Tracking
from shop.refusal import ShopRefused
from shop.returns import ReturnRequest
from tests.shop.after_sale.sold import NOW, Order, Seller, Sold, _units, opened

MAY = {
    "cancel": "customer wholesaler admin",
    "pack": "wholesaler",
    "ship": "wholesaler admin",
    "unpack": "wholesaler admin",
    "track": "wholesaler admin",
    "deliver": "wholesaler admin",
    "bring_back": "wholesaler admin",
    "ask_return": "customer",
    "cancel_return": "customer",
    "decide_return": "wholesaler admin",
    "receive_return": "wholesaler admin",
}
KINDS: tuple[ActorKind, ...] = ("customer", "wholesaler", "admin")


@dataclass
class Stage:
    sold: Sold
    seller: Seller
    order: Order

    async def packed(self) -> uuid.UUID:
        return await self.sold.pack(self.seller, self.order)

    async def shipped(self) -> uuid.UUID:
        return await self.sold.ship(self.seller, self.order)

    async def returned(self, is_approved: bool = False) -> uuid.UUID:
        await self.sold.delivered(self.seller, self.order)
        (id_,) = await self.sold.ask_return(self.order, (0, 1))
        if is_approved:
            await returns.decide(self.sold.db, self.seller.person, id_, "approved")
        return id_


async def _ask(stage: Stage, person: Person) -> None:
    await stage.sold.delivered(stage.seller, stage.order)
    now = await stage.sold.sql.fetchval("select now()")
    units = tuple(_units(stage.order, ((0, 1),)) or ())
    request = ReturnRequest(uuid.uuid4(), stage.order.id, "damaged", None, units)
    await returns.ask(stage.sold.db, person, request, now)


async def _ship(stage: Stage, person: Person) -> None:
    parcel = await stage.packed()
    await fulfilment.ship(stage.sold.db, person, parcel, Tracking(), opened, NOW)


async def _unpack(stage: Stage, person: Person) -> None:
    await fulfilment.unpack(stage.sold.db, person, await stage.packed())


async def _track(stage: Stage, person: Person) -> None:
    await fulfilment.track(stage.sold.db, person, await stage.shipped(), Tracking())


async def _deliver(stage: Stage, person: Person) -> None:
    await fulfilment.deliver(stage.sold.db, person, await stage.shipped())


async def _bring_back(stage: Stage, person: Person) -> None:
    await fulfilment.bring_back(stage.sold.db, person, await stage.shipped(), True, NOW)


async def _cancel_return(stage: Stage, person: Person) -> None:
    await returns.decide(stage.sold.db, person, await stage.returned(), "cancelled")


async def _decide(stage: Stage, person: Person) -> None:
    await returns.decide(stage.sold.db, person, await stage.returned(), "approved")


async def _receive(stage: Stage, person: Person) -> None:
    await returns.receive(stage.sold.db, person, await stage.returned(True), None, NOW)


TRIES: dict[str, Callable[[Stage, Person], Awaitable[None]]] = {
    "cancel": lambda stage, person: stage.sold.cancel(person, stage.order),
    "pack": lambda stage, person: fulfilment.pack(
        stage.sold.db, person, uuid.uuid4(), stage.order.id, None
    ),
    "ship": _ship,
    "unpack": _unpack,
    "track": _track,
    "deliver": _deliver,
    "bring_back": _bring_back,
    "ask_return": _ask,
    "cancel_return": _cancel_return,
    "decide_return": _decide,
    "receive_return": _receive,
}


@pytest.mark.parametrize(("action", "kind"), list(itertools.product(MAY, KINDS)))
async def test_everybody_does_what_they_may_and_nothing_else(
    sold: Sold, action: str, kind: ActorKind
) -> None:
    seller = await sold.seller()
    stage = Stage(sold, seller, await sold.order((await sold.product(seller), 2)))
    people = {
        "customer": stage.order.customer,
        "wholesaler": seller.person,
        "admin": await sold.admin(),
    }
    try:
        await TRIES[action](stage, people[kind])
    except ShopRefused as refused:
        assert refused.code.endswith(".not_found")
        assert kind not in MAY[action].split()
    else:
        assert kind in MAY[action].split()


async def test_the_table_of_rights_is_the_one_above(sold: Sold) -> None:
    rows = await sold.sql.fetch("select action, actor from private.order_rights")
    told = {(action, actor) for action, actors in MAY.items() for actor in actors.split()}
    assert {tuple(row) for row in rows} == told
