"""A live session as one person's page follows it: what the room announces, what only this person is
told, what gets lost on the way and is asked for. Pure; for test_state_property.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

from livecommerce.facts import Fact, Position
from livecommerce.live import chat_state, room
from livecommerce.live.engagement_state import NOBODY
from livecommerce.live.recovery import Recovery, past_of
from signaling import chat_payloads as chat
from signaling import payloads as wire
from tests.livecommerce.live.chat_history import RAVI
from tests.livecommerce.live.page_replay import Case, Event, event
from tests.livecommerce.live.test_room import LIVE, MEERA, PRODUCTS, VARIANTS, empty_room

ME: Final = RAVI
"""Whose page it is; somebody who writes, and about whom moderators decide."""
VIEWER: Final = chat.ChatStanding(permissions=(), muted_until_ms=None, is_following=False)
MODERATOR: Final = VIEWER.model_copy(update={"permissions": ("moderate_chat", "see_orders")})
_TERMS: Final = wire.Terms(
    chat_max_chars=200,
    shipping_minor=0,
    cod_fee_minor=0,
    hold_policy="hold",
    hold_ttl_s=600,
    claim_keyword="SOLD",
)
_FEW: Final = wire.Sales(
    joins=1, viewers=1, peak_viewers=1, orders=0, revenue_minor=0, paid_minor=0, products=()
)


def hold(at: int, quantity: int) -> wire.Hold:
    return wire.Hold(
        variant_id=VARIANTS[PRODUCTS[0]][at],
        product_id=PRODUCTS[0],
        quantity=quantity,
        expires_at_ms=600_000,
        source="hold",
        waiting=0,
        is_turn=False,
    )


@dataclass
class WatchedRoom:
    """standing: the person's at this moment. knows: the rights that the page has been told of."""

    standing: chat.ChatStanding
    state: room.RoomState = field(default_factory=empty_room)
    past: Recovery = field(default_factory=lambda: Recovery(Position("e", 0)))
    viewers: int = 1
    sales: wire.Sales = _FEW
    holds: dict[str, wire.Hold] = field(default_factory=dict)
    hold_version: int = 0
    is_banned: bool = False
    knows: frozenset[str] = frozenset()

    @property
    def moderates(self) -> bool:
        return "moderate_chat" in self.standing.permissions

    def told(self, name: str, data: dict[str, Any]) -> list[Event]:
        """What this person's page is sent when it happens."""
        if self.is_banned:
            return []
        if name in _PERSONAL:
            payload = _PERSONAL[name](self, data)
            return [] if payload is None else [event(name, payload)]
        return self._fact(name, data)

    def _fact(self, name: str, data: dict[str, Any]) -> list[Event]:
        place = self.state.position
        fact = Fact(name, data, Position(place.epoch, place.offset + 1))
        self.state, told = room.apply(self.state, fact)
        self.past.add(past_of(self.state.position, told, 0))
        is_gone = chat_state.takes_back(fact, self.state.chat)
        if is_gone is not None:
            self.past.take_back(is_gone)
        if told is None:
            return []
        if not told.is_for_moderators or self.moderates:
            return [event(told.name, told.payload)]
        if isinstance(told.payload, chat.ChatPosted) and told.payload.messages[0].author_id == ME:
            seen = chat_state.unmarked(told.payload.messages[0])
            return [event(told.name, told.payload.model_copy(update={"messages": (seen,)}))]
        return []

    def answered(self, told: str) -> list[Event]:
        """What the page asks for when it was told of rights that it did not have."""
        if told not in ("standing.changed", "recovered"):
            return []
        rights = frozenset(self.standing.permissions)
        is_news = not rights <= self.knows
        self.knows = rights
        return [self.entered()] if is_news else []

    def entered(self) -> Event:
        """The answer to session.join."""
        if self.is_banned:
            return {"name": "banned"}
        self.knows = frozenset(self.standing.permissions)
        taken = room.snapshot(
            self.state,
            viewers=self.viewers,
            you=self._you,
            now_ms=0,
            terms=_TERMS,
            sales=self._sales,
            holds=tuple(self.holds.values()),
            standing=self.standing,
        )
        return event("snapshot", taken) | {"people": self._people() if self.moderates else None}

    def recovered(self, start: Position) -> Event:
        """The answer to session.recover."""
        page = self.past.since(start, for_moderator=self.moderates, user_id=ME)
        assert page is not None and page.is_complete, "so much fits into one page"
        answer = wire.Recovered(
            events=json.loads(page.events),
            position=_wire(page.position),
            is_complete=True,
            snapshot=None,
            viewers=self.viewers,
            you=self._you,
            holds=tuple(self.holds.values()),
            sales=self._sales,
            standing=self.standing,
            mine=NOBODY,
            server_time_ms=0,
        )
        start_data = _wire(start).model_dump(mode="json")
        return {"name": "recovered", "from": start_data, "answer": answer.model_dump(mode="json")}

    def _people(self) -> dict[str, Any]:
        """The answer to people.list, which a page asks for after it has entered."""
        said = self.state.chat
        listed = chat.PeopleOk(
            moderators=tuple(said.moderators.values()),
            members=tuple(said.members.values()),
            terms=said.words.terms,
        )
        return listed.model_dump(mode="json")

    @property
    def _you(self) -> wire.You:
        return wire.You(role="customer", display_name="Ravi", user_id=ME, is_host=False)

    @property
    def _sales(self) -> wire.Sales | None:
        return self.sales if "see_orders" in self.standing.permissions else None


def _wire(position: Position) -> wire.Position:
    return wire.Position(epoch=position.epoch, offset=position.offset)


# ---- what only this person is told, and what has no place on the bus


def _viewers_counted(watched: WatchedRoom, data: dict[str, Any]) -> wire.Wire:
    watched.viewers = data["viewers"]
    return wire.ViewersCounted(live_session_id=LIVE, viewers=watched.viewers)


def _sales_counted(watched: WatchedRoom, data: dict[str, Any]) -> wire.Wire | None:
    watched.sales = _FEW.model_copy(update=data)
    if "see_orders" not in watched.standing.permissions:
        return None
    return wire.SalesCounted(live_session_id=LIVE, sales=watched.sales)


def _hold_changed(watched: WatchedRoom, data: dict[str, Any]) -> wire.Wire:
    changed = hold(**data)
    watched.hold_version += 1
    watched.holds.pop(str(changed.variant_id), None)
    if changed.quantity:
        watched.holds[str(changed.variant_id)] = changed
    return wire.HoldChanged(live_session_id=LIVE, hold=changed, version=watched.hold_version)


def _standing_changed(watched: WatchedRoom, data: dict[str, Any]) -> wire.Wire:
    watched.standing = watched.standing.model_copy(update=data)
    # Whoever tells of the rights does not know who follows whom.
    you = watched.standing.model_copy(update={"is_following": None})
    return chat.StandingChanged(live_session_id=LIVE, you=you)


def _follow_changed(watched: WatchedRoom, data: dict[str, Any]) -> wire.Wire:
    watched.standing = watched.standing.model_copy(update=data)
    return chat.FollowChanged(influencer_id=MEERA, **data)


def _person_banned(watched: WatchedRoom, _data: dict[str, Any]) -> wire.Wire:
    watched.is_banned = True
    return chat.PersonBanned(live_session_id=LIVE)


def _sync_moved(watched: WatchedRoom, data: dict[str, Any]) -> wire.Wire:
    position = Position(data["epoch"], 0)
    watched.state = replace(watched.state, position=position)
    moved = wire.SyncMoved(live_session_id=LIVE, position=_wire(position), is_degraded=True)
    watched.past.add(past_of(position, room.Announcement("sync.moved", moved), 0))
    return moved


_PERSONAL: Final[dict[str, Callable[[WatchedRoom, dict[str, Any]], wire.Wire | None]]] = {
    "viewers.counted": _viewers_counted,
    "sales.counted": _sales_counted,
    "hold.changed": _hold_changed,
    "standing.changed": _standing_changed,
    "follow.changed": _follow_changed,
    "person.banned": _person_banned,
    "sync.moved": _sync_moved,
}


def personal_history() -> list[tuple[str, dict[str, Any]]]:
    return [
        ("viewers.counted", {"viewers": 7}),
        ("viewers.counted", {"viewers": 0}),
        ("sales.counted", {"orders": 2, "revenue_minor": 900}),
        ("hold.changed", {"at": 0, "quantity": 2}),
        ("hold.changed", {"at": 1, "quantity": 1}),
        ("hold.changed", {"at": 0, "quantity": 0}),
        ("standing.changed", {"permissions": ("moderate_chat",)}),
        ("standing.changed", {"permissions": ("see_orders",)}),
        ("standing.changed", {"permissions": ()}),
        ("standing.changed", {"muted_until_ms": 99}),
        ("follow.changed", {"is_following": True}),
        ("follow.changed", {"is_following": False}),
        ("sync.moved", {"epoch": "f"}),
    ]


# ---- pages


def followed(
    name: str, happenings: list[tuple[str, dict[str, Any]]], at: int, watched: WatchedRoom
) -> Case:
    """A page that comes after `at` of what happens, and hears the rest."""
    for each in happenings[:at]:
        watched.told(*each)
    heard = [watched.entered()]
    for each in happenings[at:]:
        heard += [*watched.told(*each), *watched.answered(each[0])]
    return _case(name, watched, heard)


def lagging(
    name: str,
    happenings: list[tuple[str, dict[str, Any]]],
    at: int,
    watched: WatchedRoom,
    chance: Random,
) -> Case:
    """The same, and a part of what came is skipped, told to be missing, and recovered."""
    for each in happenings[:at]:
        watched.told(*each)
    heard = [watched.entered()]
    start = watched.state.position
    for each in happenings[at:]:
        told = watched.told(*each)
        # What says that the place is another one is never skipped.
        if each[0] == "sync.moved" or chance.random() < 0.5:
            heard += [*told, *watched.answered(each[0])]
    place = _wire(start)
    gap = wire.SyncGap(live_session_id=LIVE, position=place)
    heard += [event("sync.gap", gap), watched.recovered(start), *watched.answered("recovered")]
    return _case(name, watched, heard)


def _case(name: str, watched: WatchedRoom, heard: list[Event]) -> Case:
    """Its place is that of the last thing it was told; nobody is told of the other facts."""
    fresh = watched.entered()
    if fresh["name"] == "snapshot":
        fresh["payload"]["position"] = _place_of(heard)
    return Case(name, heard, [fresh])


def _place_of(heard: list[Event]) -> Any:
    place: Any = None
    for each in heard:
        if each["name"] == "recovered":
            place = each["answer"]["position"]
        elif each["name"] in ("snapshot", "sync.moved"):
            place = each["payload"]["position"]
        elif "offset" in each.get("payload", {}):
            place = {"epoch": each["payload"]["epoch"], "offset": each["payload"]["offset"]}
    return place
