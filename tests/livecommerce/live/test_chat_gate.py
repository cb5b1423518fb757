from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from livecommerce.live import chat_gate, chat_message
from livecommerce.live.chat_gate import Speaker
from livecommerce.live.chat_pace import Pace
from livecommerce.live.chat_state import OPEN, ChatRoom
from livecommerce.live.word_filter import WordFilter
from signaling import chat_payloads as wire
from signaling.caller import Identity

LIVE, HOST, ASHA, RAVI = (UUID(int=number) for number in range(1, 5))
VIEWER = Speaker(ASHA, False, False, is_follower=False, is_buyer=False, wait_s=0.0)
MODERATOR = replace(VIEWER, moderates=True)
INFLUENCER = replace(VIEWER, is_host=True, moderates=True)


def chat(**settings: Any) -> ChatRoom:
    return ChatRoom(settings=OPEN.model_copy(update=settings), words=WordFilter(("fake",)))


def code(room: ChatRoom, speaker: Speaker, text: str = "Hello", now_ms: int = 1000) -> str | None:
    refused = chat_gate.refusal(room, speaker, text, now_ms)
    return None if refused is None else refused.code


@pytest.mark.parametrize(
    ("settings", "speaker", "text", "refused"),
    [
        ({}, VIEWER, "see shop.com", None),
        ({"is_enabled": False}, VIEWER, "Hello", "chat.off"),
        ({"is_enabled": False}, MODERATOR, "Hello", None),
        ({"audience": "followers"}, VIEWER, "Hello", "chat.followers_only"),
        ({"audience": "followers"}, replace(VIEWER, is_follower=True), "Hello", None),
        ({"audience": "followers"}, replace(VIEWER, is_buyer=True), "Hi", "chat.followers_only"),
        ({"audience": "buyers"}, replace(VIEWER, is_follower=True), "Hi", "chat.buyers_only"),
        ({"audience": "buyers"}, replace(VIEWER, is_buyer=True), "Hello", None),
        ({"audience": "buyers"}, MODERATOR, "Hello", None),
        ({"slow_mode_s": 5}, replace(VIEWER, wait_s=2.5), "Hello", "chat.slow_mode"),
        ({"slow_mode_s": 5}, replace(MODERATOR, wait_s=2.5), "Hello", None),
        ({"links": "moderators"}, VIEWER, "see shop.com", "chat.links"),
        ({"links": "moderators"}, MODERATOR, "see shop.com", None),
        ({"links": "none"}, MODERATOR, "see shop.com", "chat.links"),
        ({"links": "none"}, INFLUENCER, "see shop.com", "chat.links"),
        ({"filter": "refuse"}, VIEWER, "it is f4ke", "chat.words"),
        ({"filter": "refuse"}, MODERATOR, "it is f4ke", None),
        ({"filter": "hold"}, VIEWER, "it is f4ke", None),
    ],
)
def test_who_may_say_what(
    settings: dict[str, Any], speaker: Speaker, text: str, refused: str | None
) -> None:
    assert code(chat(**settings), speaker, text) == refused


LINKED, RUDE = (replace(VIEWER, name=name) for name in ("Asha shop.com", "F4KE Asha"))


@pytest.mark.parametrize(
    ("settings", "speaker", "refused"),
    [
        ({}, LINKED, None),
        ({"links": "moderators"}, LINKED, "chat.name"),
        ({"links": "none"}, LINKED, "chat.name"),
        ({"links": "none"}, replace(VIEWER, name="Kapil.Dev"), None),
        ({"links": "moderators"}, replace(MODERATOR, name=LINKED.name), None),
        ({"links": "none"}, replace(INFLUENCER, name=LINKED.name), None),
        ({"filter": "refuse"}, RUDE, "chat.name"),
        ({"filter": "hold"}, RUDE, None),
        ({"filter": "off"}, RUDE, None),
        ({"filter": "refuse", "links": "none"}, replace(VIEWER, name="Asha"), None),
    ],
)
def test_name_is_looked_through_as_the_message_is(
    settings: dict[str, Any], speaker: Speaker, refused: str | None
) -> None:
    assert code(chat(**settings), speaker) == refused


def test_message_under_a_name_with_an_unwanted_word_waits_for_review() -> None:
    assert chat_gate.matched_term(chat(filter="hold"), RUDE, "Hello") == "fake"


@pytest.mark.parametrize(
    ("filter", "speaker", "matched"),
    [("hold", VIEWER, "fake"), ("off", VIEWER, None), ("hold", MODERATOR, None)],
)
def test_unwanted_word_has_a_message_wait_where_it_is_asked_for(
    filter: str, speaker: Speaker, matched: str | None
) -> None:
    assert chat_gate.matched_term(chat(filter=filter), speaker, "FAKE!") == matched


def test_muted_person_is_told_when_it_is_over_also_as_a_moderator() -> None:
    muted = wire.Member(
        user_id=ASHA, name="Asha", muted_until_ms=61_000, is_banned=False, is_hidden=False,
        everywhere=False,
    )  # fmt: skip
    room = replace(chat(), members={ASHA: muted})
    for speaker in (VIEWER, MODERATOR):
        refused = chat_gate.refusal(room, speaker, "Hello", 1000)
        assert refused is not None
        assert (refused.code, refused.retry_after_s) == ("chat.muted", 60)
    assert code(room, VIEWER, now_ms=61_000) is None


def test_slow_mode_lets_the_next_message_pass_when_the_time_is_over() -> None:
    pace, one, two = Pace(), UUID(int=100), UUID(int=101)
    assert pace.wait_s(ASHA, one, 10, 50_000) == 0
    pace.note(ASHA, one, 50_000)
    assert pace.wait_s(ASHA, two, 10, 53_000) == 7
    assert pace.wait_s(ASHA, one, 10, 53_000) == 0, "the same message again"
    assert pace.wait_s(RAVI, two, 10, 53_000) == 0
    assert pace.wait_s(ASHA, two, 10, 60_000) == 0
    pace.note(ASHA, two, 40_000)  # an older one, heard late
    assert pace.wait_s(ASHA, two, 10, 53_000) == 7
    pace.forget(ASHA, one)
    assert pace.wait_s(ASHA, two, 10, 53_000) == 0


def said(author_id: UUID, name: str, *marks: wire.Mark, id: int = 500) -> wire.ChatMessage:
    return wire.ChatMessage(
        id=UUID(int=id), text="Hi", name=name, role="customer", is_host=False, sent_at_ms=1,
        author_id=author_id, marks=marks,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Ravi look", [RAVI]),
        ("thanks @ravi!", [RAVI]),
        ("@Ravi Kumar and @Asha", [HOST, ASHA]),
        ("@Ravindra", []),
        ("mail ravi", []),
        ("@Hidden", []),
        ("@आशा ji", [LIVE]),
        ("@Asha @Asha", [ASHA]),
    ],
)
def test_people_of_the_chat_are_named_by_the_longest_name_that_fits(
    text: str, named: list[UUID]
) -> None:
    room = ChatRoom(
        messages=(
            said(RAVI, "Ravi"),
            said(HOST, "Ravi Kumar"),
            said(ASHA, "Asha"),
            said(LIVE, "आशा"),
            said(UUID(int=9), "Hidden", "hidden"),
        )
    )
    assert list(chat_message.mentions(room, text)) == named


def test_message_carries_whom_it_answers_and_what_is_special_about_its_author() -> None:
    room = ChatRoom(messages=(said(RAVI, "Ravi", id=7), said(HOST, "Sita", "hidden", id=8)))
    identity = Identity(ASHA, "customer", "Asha", 0.0)
    speaker = replace(VIEWER, moderates=True, is_buyer=True)
    made = {}
    for answered in (7, 8, 9, None):
        asked = wire.ChatSend(
            live_session_id=LIVE,
            id=UUID(int=20),
            text="",
            reply_to=None if answered is None else UUID(int=answered),
        )
        message = chat_message.composed(room, speaker, identity, asked, "In red?", 5)
        made[answered] = message.reply_to and message.reply_to.author_id
        assert message.marks == ("moderator", "buyer", "question")
    assert made == {7: RAVI, 8: None, 9: None, None: None}
