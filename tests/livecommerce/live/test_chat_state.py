"""The chat of a room: whoever takes a snapshot and hears the events after it sees what a newcomer
sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecommerce.facts import Fact, Position
from livecommerce.live import chat_state, room
from livecommerce.live.chat_state import ChatRoom
from livecommerce.live.permissions import EVERYTHING, NOTHING, Permission, names_of, of_names
from livecommerce.live.word_filter import WordFilter
from signaling import chat_payloads as wire
from signaling import payloads
from signaling.contract import OUTWARD_BY_NAME
from signaling.values import Wire

LIVE, HOST, ASHA, RAVI, SITA = (UUID(int=number) for number in range(1, 6))
PEOPLE = (ASHA, RAVI, SITA)
MESSAGES = tuple(UUID(int=1000 + number) for number in range(6))


def message(id: UUID, author_id: UUID = ASHA, *marks: wire.Mark) -> wire.ChatMessage:
    return wire.ChatMessage(
        id=id, text="Hi", name="Asha", role="customer", is_host=False, sent_at_ms=5,
        author_id=author_id, marks=marks,
    )  # fmt: skip


def member(user_id: UUID, **decided: Any) -> wire.Member:
    nothing = {"muted_until_ms": None, "is_banned": False, "is_hidden": False, "everywhere": False}
    return wire.Member(user_id=user_id, name="Asha", **nothing | decided)


def moderator(user_id: UUID, *permissions: wire.Permission) -> wire.Moderator:
    return wire.Moderator(user_id=user_id, name="Ravi", permissions=permissions, everywhere=False)


def room_with(chat: ChatRoom) -> room.RoomState:
    return room.RoomState(
        live_session=payloads.LiveSession(
            id=LIVE, title="Sale", description="", status="live",
            influencer=payloads.Influencer(id=HOST, display_name="Meera"),
            scheduled_start_at_ms=None, started_at_ms=1, ended_at_ms=None,
        ),
        host_user_id=HOST,
        position=Position("e", 0),
        media=payloads.Media(source=None, available=False),
        pinned=None,
        products=(),
        chat=chat,
    )  # fmt: skip


def of(value: Wire) -> dict[str, Any]:
    fields: dict[str, Any] = value.model_dump(mode="json")
    return fields


people, ids = st.sampled_from(PEOPLE), st.sampled_from(MESSAGES)
times = st.integers(0, 9)


def at(made: wire.ChatMessage, sent_at_ms: int) -> wire.ChatMessage:
    return made.model_copy(update={"sent_at_ms": sent_at_ms})


said = st.builds(at, st.builds(message, ids, people, st.sampled_from(["buyer", "hidden"])), times)
settings = st.builds(
    wire.ChatSettings,
    is_enabled=st.booleans(),
    slow_mode_s=st.integers(0, 300),
    audience=st.just("followers"),
    links=st.just("none"),
    filter=st.just("hold"),
)
happenings: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.one_of(
    said.map(lambda m: ("chat.posted", of(m))),
    said.map(lambda m: ("chat.posted", of(m))),
    st.builds(message, ids, people).map(lambda m: ("chat.announced", {"message": of(m)})),
    ids.map(lambda id: ("chat.deleted", {"message_id": str(id)})),
    st.tuples(people, times).map(
        lambda x: ("chat.purged", {"user_id": str(x[0]), "until_ms": x[1]})
    ),
    times.map(lambda until_ms: ("chat.cleared", {"until_ms": until_ms})),
    st.builds(message, ids, people).map(lambda m: ("chat.pinned", {"message": of(m)})),
    st.just(("chat.unpinned", {})),
    settings.map(lambda s: ("chat.configured", {"settings": of(s)})),
    st.just(("filter.changed", {"terms": ["bad"]})),
    st.builds(message, ids, people).map(
        lambda m: ("chat.held", {"held": {"message": of(m), "held_for": "words", "matched": "x"}})
    ),
    st.tuples(ids, st.booleans()).map(
        lambda x: ("chat.reviewed", {"message_id": str(x[0]), "is_approved": x[1]})
    ),
    st.builds(member, people, is_banned=st.booleans(), is_hidden=st.booleans()).map(
        lambda m: ("member.changed", {"member": of(m)})
    ),
    st.builds(moderator, people).map(lambda m: ("moderator.changed", {"moderator": of(m)})),
)
histories = st.lists(happenings, max_size=40).map(
    lambda made: [
        Fact(name, data, Position("e", offset)) for offset, (name, data) in enumerate(made, 1)
    ]
)


def purged(payload: wire.ChatPurged) -> Callable[[wire.ChatMessage], bool]:
    user_id, until_ms = payload.user_id, payload.until_ms
    return lambda each: each.author_id == user_id and each.sent_at_ms <= until_ms


class Page:
    """A page of the browser: what it was shown, and what it makes of the events after it."""

    def __init__(self, state: room.RoomState, *, is_moderator: bool) -> None:
        self.is_moderator = is_moderator
        permissions: wire.Permissions = ("moderate_chat",) if is_moderator else ()
        you = wire.ChatStanding(permissions=permissions, muted_until_ms=None, is_following=None)
        shown = chat_state.shown(state.chat, you)
        self.messages = list(chat_state.shown_messages(state.chat, None, you))
        self.settings, self.pinned, self.held = shown.settings, shown.pinned, list(shown.held)

    def seen(self) -> tuple[Any, ...]:
        return self.messages, self.settings, self.pinned, self.held

    def hear(self, announcement: room.Announcement) -> None:
        if announcement.is_for_moderators and not self.is_moderator:
            return
        payload: Any = announcement.payload
        match announcement.name:
            case "chat.posted":
                self.messages += [
                    wire.ChatMessage(**each.model_dump(exclude={"offset"}))
                    for each in payload.messages
                ]
            case "chat.announced":
                self.messages.append(payload.message)
            case "chat.deleted":
                self._drop(lambda each: each.id == payload.message_id)
            case "chat.purged":
                is_gone = purged(payload)
                self._drop(is_gone)
                self.held = [each for each in self.held if not is_gone(each.message)]
            case "chat.cleared":
                self._drop(lambda each: each.sent_at_ms <= payload.until_ms)
            case "chat.pinned":
                self.pinned = payload.message
            case "chat.unpinned":
                self.pinned = None
            case "chat.configured":
                self.settings = payload.settings
            case "chat.held":
                self.held.append(payload.held)
            case "chat.reviewed":
                self.held = [each for each in self.held if each.message.id != payload.message_id]
            case _:
                pass

    def _drop(self, is_gone: Any) -> None:
        self.messages = [each for each in self.messages if not is_gone(each)]
        if self.pinned is not None and is_gone(self.pinned):
            self.pinned = None


@given(histories, st.integers(0, 40), st.booleans())
def test_snapshot_and_the_events_after_it_show_what_a_newcomer_is_shown(
    facts: list[Fact], at: int, is_moderator: bool
) -> None:
    state = room_with(ChatRoom())
    for fact in facts[:at]:
        state, _ = room.apply(state, fact)
    page = Page(state, is_moderator=is_moderator)
    for fact in facts[at:]:
        state, announcement = room.apply(state, fact)
        if announcement is not None:
            assert type(announcement.payload) is OUTWARD_BY_NAME[announcement.name].payload
            page.hear(announcement)
    assert page.seen() == Page(state, is_moderator=is_moderator).seen()


@given(histories)
def test_nothing_of_a_banned_person_and_nothing_deleted_is_shown(facts: list[Fact]) -> None:
    chat, gone = ChatRoom(), set()
    for fact in facts:
        chat = chat_state.after(chat, [fact])
        if fact.name == "chat.deleted":
            gone.add(UUID(fact.data["message_id"]))
    assert not gone & {each.id for each in chat.messages}
    cleaned = chat_state.without_banned(chat)
    banned = {user_id for user_id, each in chat.members.items() if each.is_banned}
    assert not banned & {each.author_id for each in cleaned.messages}


def test_message_that_comes_in_after_its_author_was_banned_is_told_to_nobody() -> None:
    state = room_with(ChatRoom(members={ASHA: member(ASHA, is_banned=True)}))
    fact = Fact("chat.posted", of(message(MESSAGES[0], ASHA)), Position("e", 1))
    state, told = room.apply(state, fact)
    assert (state.chat.messages, told) == ((), None)


def test_later_decision_about_a_person_holds_whatever_order_the_words_come_in() -> None:
    state = room_with(ChatRoom())
    for offset, (is_banned, version) in enumerate([(False, 12), (True, 11)], 1):
        data = {"member": of(member(ASHA, is_banned=is_banned))}
        state, _ = room.apply(state, Fact("member.changed", data, Position("e", offset), version))
    assert not chat_state.is_banned(state.chat, ASHA)


def test_rights_of_the_influencer_of_moderators_and_of_others() -> None:
    chat = ChatRoom(
        moderators={
            RAVI: moderator(RAVI, "pin_products", "see_orders"),
            SITA: moderator(SITA, "moderate_chat"),
        },
        members={SITA: member(SITA, is_banned=True)},
    )
    rights = {each: chat_state.permissions_of(chat, each, HOST) for each in (HOST, *PEOPLE)}
    assert rights == {
        HOST: EVERYTHING,
        ASHA: NOTHING,
        RAVI: Permission.PIN_PRODUCTS | Permission.SEE_ORDERS,
        SITA: NOTHING,
    }


@pytest.mark.parametrize("bits", range(8))
def test_names_of_rights_are_those_of_their_bits(bits: int) -> None:
    assert of_names(names_of(Permission(bits))) == Permission(bits)


def test_held_messages_are_shown_to_who_may_moderate_only() -> None:
    held = wire.HeldMessage(message=message(MESSAGES[0]), held_for="words", matched="bad")
    chat = ChatRoom(held=(held,), moderators={RAVI: moderator(RAVI, "see_orders")})
    shown = {
        user_id: chat_state.shown(chat, chat_state.standing(chat, user_id, HOST)).held
        for user_id in (HOST, RAVI, ASHA, None)
    }
    assert shown == {HOST: (held,), RAVI: (), ASHA: (), None: ()}


def test_state_of_two_processes_is_equal_when_their_words_are() -> None:
    chat = ChatRoom(words=WordFilter(("bad",)))
    assert chat == replace(chat, words=WordFilter(("bad",)))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("chat.deleted", {"message_id": str(MESSAGES[0])}),
        ("chat.purged", {"user_id": str(ASHA), "until_ms": 5}),
        ("chat.cleared", {"until_ms": 5}),
    ],
)
def test_message_on_top_goes_with_what_is_taken_away(name: str, data: dict[str, Any]) -> None:
    top, other = message(MESSAGES[0], ASHA), message(MESSAGES[1], RAVI)
    fact = Fact(name, data, None)
    assert chat_state.after(ChatRoom(pinned=top), [fact]).pinned is None
    kept = chat_state.after(ChatRoom(pinned=other), [fact]).pinned
    assert kept == (None if name == "chat.cleared" else other)


TAKEN_AWAY = ChatRoom(
    deleted=(MESSAGES[0],),
    members={RAVI: member(RAVI, is_banned=True)},
    purged_until_ms={SITA: 5},
)


@pytest.mark.parametrize(
    "late",
    [
        message(MESSAGES[0]),
        message(MESSAGES[1], RAVI),
        message(MESSAGES[1], SITA),
        message(MESSAGES[1], ASHA, "hidden"),
    ],
    ids=["deleted", "of somebody banned", "purged", "of somebody hidden"],
)
def test_message_that_must_not_be_seen_is_not_put_on_top_by_a_word_that_comes_late(
    late: wire.ChatMessage,
) -> None:
    for before in (TAKEN_AWAY, replace(TAKEN_AWAY, pinned=message(MESSAGES[2]))):
        said = {"message": late.model_dump(mode="json")}
        assert chat_state.APPLY["chat.pinned"](before, said) == (before, None)


@given(
    st.permutations(
        [
            ("chat.posted", of(at(message(MESSAGES[0], ASHA), 1))),
            ("chat.posted", of(at(message(MESSAGES[1], RAVI), 2))),
            ("chat.cleared", {"until_ms": 2}),
            ("chat.posted", of(at(message(MESSAGES[2], ASHA), 3))),
            ("chat.purged", {"user_id": str(ASHA), "until_ms": 4}),
            ("chat.posted", of(at(message(MESSAGES[3], ASHA), 5))),
            ("chat.pinned", {"message": of(at(message(MESSAGES[2], ASHA), 3))}),
        ]
    )
)
def test_what_was_taken_away_is_so_in_whatever_order_the_words_come(
    happened: list[tuple[str, dict[str, Any]]],
) -> None:
    """Told here while Redis was away, and once more when it is back, behind what came later."""
    facts = [Fact(name, data, Position("e", n)) for n, (name, data) in enumerate(happened, 1)]
    chat = chat_state.after(ChatRoom(), [*facts, *facts])
    assert [each.id for each in chat.messages] == [MESSAGES[3]]
    assert chat.pinned is None


def test_message_from_before_the_clearing_is_told_to_nobody_when_it_comes_late() -> None:
    state = room_with(ChatRoom())
    cleared = Fact("chat.cleared", {"until_ms": 5}, Position("e", 1))
    state, told = room.apply(state, cleared)
    assert told is not None
    assert told.payload.until_ms == 5  # type: ignore[attr-defined]  # that of chat.cleared
    state, told = room.apply(state, Fact("chat.posted", of(message(MESSAGES[0])), Position("e", 2)))
    assert told is None


def test_so_many_people_are_known_whose_words_are_gone() -> None:
    people = [UUID(int=9_000 + n) for n in range(chat_state.PURGED_KEPT + 1)]
    facts = [
        Fact("chat.purged", {"user_id": str(each), "until_ms": 5}, Position("e", n))
        for n, each in enumerate(people, 1)
    ]
    chat = chat_state.after(ChatRoom(), facts)
    assert list(chat.purged_until_ms) == people[1:]


LATER = Fact("chat.posted", of(at(message(MESSAGES[0]), 9)), Position("e", 1))
PURGED = Fact("chat.purged", {"user_id": str(ASHA), "until_ms": 5}, Position("e", 3))


def decided(*, is_banned: bool) -> Fact:
    about = {"member": of(member(ASHA, is_banned=is_banned))}
    return Fact("member.changed", about, Position("e", 2))


def test_ban_takes_away_what_was_said_by_a_clock_ahead_or_while_it_was_written() -> None:
    state, told = room_with(ChatRoom()), None
    for fact in (LATER, decided(is_banned=True), PURGED):
        state, told = room.apply(state, fact)
    assert told is not None and state.chat.messages == ()
    assert told.payload.until_ms == 9  # type: ignore[attr-defined]  # that of chat.purged
    is_gone = chat_state.takes_back(PURGED, state.chat)
    assert is_gone is not None and is_gone(at(message(MESSAGES[0]), 9))


def test_word_of_a_ban_that_comes_when_it_is_undone_leaves_what_was_said_since() -> None:
    state = room_with(ChatRoom())
    for fact in (LATER, decided(is_banned=False), PURGED):
        state, _ = room.apply(state, fact)
    assert [each.id for each in state.chat.messages] == [MESSAGES[0]]


@pytest.mark.parametrize("name", ["chat.purged", "chat.cleared"])
def test_word_of_an_older_version_that_names_no_time_takes_away_all_so_far(name: str) -> None:
    data = {"user_id": str(ASHA)} if name == "chat.purged" else {}
    state, told = room_with(ChatRoom(pinned=at(message(MESSAGES[1]), 7))), None
    without_time = Fact(name, data, Position("e", 2))
    for fact in (LATER, without_time):
        state, told = room.apply(state, fact)
    assert told is not None and (state.chat.messages, state.chat.pinned) == ((), None)
    assert told.payload.until_ms == 9  # type: ignore[attr-defined]  # as above
    assert chat_state.takes_back(without_time, state.chat) is not None
