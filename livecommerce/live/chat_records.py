"""What Postgres keeps of chats: rules, people, what waits for review, who did what.

Every act is one call, which judges the rights of whoever acts once more and writes the act, its
record and what the hubs are told in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NoReturn
from uuid import UUID

from db import SERVICE, Database, Query, Transaction
from livecommerce.live.chat_state import ChatRoom, without_banned
from livecommerce.live.permissions import Permission
from livecommerce.live.word_filter import WordFilter
from signaling import chat_payloads as wire
from signaling.refusals import Refused

ACTS_PER_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class _ActRow:
    id: int
    act: str
    by_user_id: UUID
    by_name: str
    about_user_id: UUID | None
    about_name: str
    message_id: UUID | None
    detail: str
    acted_at: datetime


_OF_LIVE_SESSION: Final = Query("chat.of_live_session", dict)
_GONE: Final = Query("chat.gone", UUID)
_HOLD: Final = Query("chat.hold", dict)
_DECIDE: Final = Query("moderation.decide_about_member", dict)
_APPOINT: Final = Query("moderation.appoint", dict)
_CONFIGURE: Final = Query("moderation.configure", dict)
_CHANGE_TERMS: Final = Query("moderation.change_terms", dict)
_DELETE: Final = Query("moderation.delete_message", dict)
_CLEAR: Final = Query("moderation.clear", dict)
_PIN: Final = Query("moderation.pin", dict)
_ANNOUNCE: Final = Query("moderation.announce", dict)
_REVIEW: Final = Query("moderation.review", dict)
_RIGHTS: Final = Query("moderation.rights", int)
_ACTS: Final = Query("moderation.acts", _ActRow)

_REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    "no_session": ("session.not_found", "This live session does not exist."),
    "forbidden": ("auth.forbidden", "This is not yours to do in this live session."),
    "not_found": ("member.not_found", "There is no such person here."),
    "protected": ("member.protected", "This person is protected: only the influencer can do that."),
    "too_many": ("member.too_many", "There are too many already. Take some back first."),
    "banned": ("member.banned", "This person is banned. Lift the ban first."),
    "full": (
        "chat.review_full",
        "Your message has to be looked at first, and too many wait already.",
    ),
}
_OF_MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    **_REFUSALS,
    "not_found": ("chat.not_found", "There is no such message."),
    "decided": ("chat.already_reviewed", "Somebody has decided about this message already."),
}
_OF_TERMS: Final[Mapping[str, tuple[str, str]]] = {
    **_REFUSALS,
    "too_many": ("filter.too_many", "At most 200 words. Remove some first."),
}


async def read_chat(tx: Transaction, live_session_id: UUID, said: ChatRoom) -> ChatRoom:
    """The chat as it stands. said: what the bus knows of it."""
    found = await tx.one(_OF_LIVE_SESSION, live_session_id)
    if not found:
        return said
    gone = await _gone(tx, live_session_id, said)
    members = tuple(map(wire.Member.model_validate, found["members"]))
    moderators = tuple(map(wire.Moderator.model_validate, found["moderators"]))
    pinned = found["pinned"]
    chat = replace(
        said,
        messages=tuple(each for each in said.messages if each.id not in gone),
        settings=wire.ChatSettings.model_validate(found["settings"]),
        pinned=None if pinned is None else wire.ChatMessage.model_validate(pinned),
        members={member.user_id: member for member in members},
        moderators={moderator.user_id: moderator for moderator in moderators},
        held=tuple(map(wire.HeldMessage.model_validate, found["held"])),
        words=WordFilter(tuple(found["terms"])),
    )
    return without_banned(chat)


async def _gone(tx: Transaction, live_session_id: UUID, said: ChatRoom) -> frozenset[UUID]:
    """What was taken away and is still among what was said: the word of it may be lost."""
    if not said.messages:
        return frozenset()
    found = await tx.all(
        _GONE,
        live_session_id,
        [each.id for each in said.messages],
        [each.author_id for each in said.messages],
        [each.sent_at_ms for each in said.messages],
    )
    return frozenset(found)


async def hold(
    db: Database, live_session_id: UUID, message: wire.ChatMessage, matched: str
) -> None:
    """Have a message wait for review. Raises Refused when too many wait."""
    await _done(
        db, _HOLD, _REFUSALS, live_session_id, message.model_dump(mode="json"), "words", matched
    )


async def decide_about_member(
    db: Database,
    live_session_id: UUID,
    by: UUID,
    about: UUID,
    act: wire.Act,
    *,
    everywhere: bool = False,
    until: datetime | None = None,
    reason: str = "",
) -> wire.Member:
    answer = await _done(
        db, _DECIDE, _REFUSALS, live_session_id, by, about, act, everywhere, until, reason
    )
    return wire.Member.model_validate(answer["member"])


async def appoint(
    db: Database,
    live_session_id: UUID,
    by: UUID,
    about: UUID,
    permissions: Permission,
    *,
    everywhere: bool,
) -> wire.Moderator:
    """Without permissions: dismiss."""
    answer = await _done(
        db, _APPOINT, _REFUSALS, live_session_id, by, about, permissions.value, everywhere
    )
    return wire.Moderator.model_validate(answer["moderator"])


async def configure(
    db: Database, live_session_id: UUID, by: UUID, changes: dict[str, Any]
) -> wire.ChatSettings:
    answer = await _done(db, _CONFIGURE, _REFUSALS, live_session_id, by, changes)
    return wire.ChatSettings.model_validate(answer["settings"])


async def change_terms(
    db: Database, live_session_id: UUID, by: UUID, add: tuple[str, ...], remove: tuple[str, ...]
) -> tuple[str, ...]:
    answer = await _done(db, _CHANGE_TERMS, _OF_TERMS, live_session_id, by, list(add), list(remove))
    return tuple(answer["terms"])


async def delete_message(db: Database, live_session_id: UUID, by: UUID, message_id: UUID) -> None:
    await _done(db, _DELETE, _OF_MESSAGES, live_session_id, by, message_id)


async def clear(db: Database, live_session_id: UUID, by: UUID) -> None:
    await _done(db, _CLEAR, _OF_MESSAGES, live_session_id, by)


async def pin(
    db: Database, live_session_id: UUID, by: UUID, message: wire.ChatMessage | None
) -> None:
    """None: nothing is pinned any more."""
    pinned = None if message is None else message.model_dump(mode="json")
    await _done(db, _PIN, _OF_MESSAGES, live_session_id, by, pinned)


async def announce(
    db: Database,
    live_session_id: UUID,
    by: UUID,
    message: wire.ChatMessage,
    record: dict[str, Any],
    *,
    is_pinned: bool,
) -> None:
    """record: the message as it is kept for the replay."""
    said = message.model_dump(mode="json")
    await _done(db, _ANNOUNCE, _OF_MESSAGES, live_session_id, by, said, record, is_pinned)


async def review(
    db: Database, live_session_id: UUID, by: UUID, message_id: UUID, *, is_approved: bool
) -> None:
    await _done(db, _REVIEW, _OF_MESSAGES, live_session_id, by, message_id, is_approved)


async def acts(db: Database, live_session_id: UUID, before_id: int | None) -> wire.ModerationOk:
    """What was done, newest first."""
    rows = await db.acting_as(SERVICE).all(_ACTS, live_session_id, before_id, ACTS_PER_PAGE + 1)
    shown = tuple(
        wire.ModerationAct(
            id=row.id,
            act=row.act,  # type: ignore[arg-type]  # the column's check has the same words
            by_id=row.by_user_id if row.by_name else None,
            by_name=row.by_name,
            about_id=row.about_user_id if row.about_name else None,
            about_name=row.about_name,
            message_id=row.message_id,
            detail=row.detail,
            at_ms=round(row.acted_at.timestamp() * 1000),
        )
        for row in rows[:ACTS_PER_PAGE]
    )
    return wire.ModerationOk(acts=shown, has_more=len(rows) > ACTS_PER_PAGE)


async def require_right(
    tx: Transaction, live_session_id: UUID, user_id: UUID, right: Permission
) -> None:
    """Raises Refused for who may not do so in the live session, as Postgres knows it."""
    rights = await tx.one(_RIGHTS, live_session_id, user_id)
    if rights is None:
        _refuse("no_session", _REFUSALS)
    if right not in Permission(rights):
        _refuse("forbidden", _REFUSALS)


async def _done(
    db: Database,
    query: Query[dict[str, Any]],
    sentences: Mapping[str, tuple[str, str]],
    *arguments: Any,
) -> dict[str, Any]:
    answer = await db.acting_as(SERVICE).one(query, *arguments)
    assert answer is not None, "the function always answers"
    if answer["outcome"] != "ok":
        _refuse(answer["outcome"], sentences)
    return answer


def _refuse(outcome: str, sentences: Mapping[str, tuple[str, str]]) -> NoReturn:
    code, sentence = sentences[outcome]
    raise Refused(code, sentence)
