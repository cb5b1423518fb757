"""A chat message as it is told, made of what somebody wrote and of the chat it is written in. Pure.

Whom it answers and names is decided here and not by the sender: a page that highlights what is said
to its person can rely on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from livecommerce.live import chat_state
from livecommerce.live.chat_gate import Speaker
from livecommerce.live.chat_state import ChatRoom
from signaling import chat_payloads as wire
from signaling.caller import Identity

_QUESTION_MARKS: Final = frozenset("?\uff1f\u061f\u037e")


def composed(
    chat: ChatRoom,
    speaker: Speaker,
    identity: Identity,
    payload: wire.ChatSend,
    text: str,
    now_ms: int,
) -> wire.ChatMessage:
    """text: cleaned."""
    return wire.ChatMessage(
        id=payload.id,
        text=text,
        name=identity.display_name,
        role=identity.role,
        is_host=speaker.is_host,
        sent_at_ms=now_ms,
        author_id=identity.user_id,
        reply_to=_reply_to(chat, payload.reply_to),
        mentions=mentions(chat, text),
        marks=_marks(chat, speaker, text),
    )


def announcement(
    chat: ChatRoom, identity: Identity, message_id: UUID, text: str, now_ms: int, *, is_host: bool
) -> wire.ChatMessage:
    marks: tuple[wire.Mark, ...] = ("announcement",) if is_host else ("moderator", "announcement")
    return wire.ChatMessage(
        id=message_id,
        text=text,
        name=identity.display_name,
        role=identity.role,
        is_host=is_host,
        sent_at_ms=now_ms,
        author_id=identity.user_id,
        mentions=mentions(chat, text),
        marks=marks,
    )


def _reply_to(chat: ChatRoom, message_id: UUID | None) -> wire.ReplyTo | None:
    """None for a message that is gone: what answers it is said all the same."""
    if message_id is None:
        return None
    for message in reversed(chat.messages):
        # To answer what only few can see would tell that it is there.
        if message.id == message_id and "hidden" not in message.marks:
            return wire.ReplyTo(
                message_id=message.id, author_id=message.author_id, name=message.name
            )
    return None


def _marks(chat: ChatRoom, speaker: Speaker, text: str) -> tuple[wire.Mark, ...]:
    marks: list[wire.Mark] = []
    if speaker.moderates and not speaker.is_host:
        marks.append("moderator")
    if speaker.is_buyer:
        marks.append("buyer")
    if any(mark in text for mark in _QUESTION_MARKS):
        marks.append("question")
    if chat_state.is_hidden(chat, speaker.user_id):
        marks.append("hidden")
    return tuple(marks)


# Each is held against every name of the chat.
_LOOKED_AT_MAX: Final = 10


def mentions(chat: ChatRoom, text: str) -> tuple[UUID, ...]:
    """Who of this chat is named with @, the longest name that fits; at most MENTIONS_MAX."""
    if "@" not in text:
        return ()
    people = sorted(_people(chat), key=lambda person: -len(person[0]))
    found: dict[UUID, None] = {}
    for after in text.casefold().split("@")[1 : _LOOKED_AT_MAX + 1]:
        for name, user_id in people:
            if after.startswith(name) and not after[len(name) : len(name) + 1].isalnum():
                found[user_id] = None
                break
        if len(found) == wire.MENTIONS_MAX:
            break
    return tuple(found)


def _people(chat: ChatRoom) -> Iterable[tuple[str, UUID]]:
    """Of two with the same name the one who wrote last."""
    names = {each.name.casefold(): user_id for user_id, each in chat.moderators.items()}
    for message in chat.messages:
        if "hidden" not in message.marks:
            names[message.name.casefold()] = message.author_id
    names.pop("", None)
    return names.items()
