"""Who may put which question into the queue."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from livecommerce.live import asking
from livecommerce.live.chat_state import OPEN, ChatRoom
from livecommerce.live.word_filter import WordFilter
from signaling import chat_payloads
from tests.livecommerce.live.test_room import HOST, empty_room

ASHA, RAVI = UUID(int=71), UUID(int=72)
NOW_MS = 1_000_000
UNTIL_MS = NOW_MS + 60_000


def member(user_id: UUID, muted_until_ms: int | None) -> chat_payloads.Member:
    return chat_payloads.Member(
        user_id=user_id,
        name="Asha",
        muted_until_ms=muted_until_ms,
        is_banned=False,
        is_hidden=False,
        everywhere=False,
    )


def refused(
    user_id: UUID, text: str = "Does it shrink?", name: str = "Asha", **chat: Any
) -> str | None:
    room = replace(empty_room(), chat=ChatRoom(**chat))
    refusal = asking.refusal(room, user_id, text, NOW_MS, name)
    return None if refusal is None else refusal.code


def test_whoever_is_not_muted_may_ask_though_the_chat_is_off() -> None:
    off = OPEN.model_copy(update={"is_enabled": False, "audience": "buyers"})
    assert refused(ASHA, settings=off) is None


@pytest.mark.parametrize(
    ("until_ms", "code"), [(UNTIL_MS, "chat.muted"), (NOW_MS, None), (None, None)]
)
def test_who_is_muted_may_not_ask_until_then(until_ms: int | None, code: str | None) -> None:
    assert refused(ASHA, members={ASHA: member(ASHA, until_ms)}) == code


@pytest.mark.parametrize(
    ("links", "code"), [("allow", None), ("moderators", "chat.links"), ("none", "chat.links")]
)
def test_links_follow_the_rules_of_the_chat(links: Any, code: str | None) -> None:
    settings = OPEN.model_copy(update={"links": links})
    assert refused(ASHA, "See www.example.com ?", settings=settings) == code


@pytest.mark.parametrize(
    ("mode", "code"), [("off", None), ("hold", "chat.words"), ("refuse", "chat.words")]
)
def test_words_that_the_chat_would_hold_are_refused(mode: Any, code: str | None) -> None:
    settings = OPEN.model_copy(update={"filter": mode})
    words = WordFilter(("rubbish",))
    assert refused(ASHA, "Why this RUBB1SH?", settings=settings, words=words) == code


def test_the_influencer_may_ask_anything() -> None:
    assert refused(HOST, "rubbish www.example.com", words=WordFilter(("rubbish",))) is None


@pytest.mark.parametrize(
    ("name", "rules", "code"),
    [
        ("Asha shop.com", {"links": "allow"}, None),
        ("Asha shop.com", {"links": "moderators"}, "chat.name"),
        ("Rubbish Asha", {"filter": "off"}, None),
        # A question does not wait for review.
        ("Rubbish Asha", {"filter": "hold"}, "chat.name"),
    ],
)
def test_everybody_reads_the_name_of_who_asks(
    name: str, rules: dict[str, Any], code: str | None
) -> None:
    settings = OPEN.model_copy(update=rules)
    assert refused(ASHA, name=name, settings=settings, words=WordFilter(("rubbish",))) == code


def test_where_nobody_posts_links_the_influencer_asks_with_none() -> None:
    settings = OPEN.model_copy(update={"links": "none"})
    assert refused(HOST, "See www.example.com ?", settings=settings) == "chat.links"
