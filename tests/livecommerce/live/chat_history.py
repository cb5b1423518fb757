"""Facts about the chat of one live session beside its messages, as they would follow each other."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from signaling import chat_payloads as wire
from signaling.values import Wire

ASHA, RAVI = UUID(int=4), UUID(int=8)


def message(number: int, author: UUID = ASHA, *marks: wire.Mark) -> wire.ChatMessage:
    return wire.ChatMessage(
        id=UUID(int=4000 + number),
        text=f"message {number}",
        name="Asha",
        role="customer",
        is_host=False,
        sent_at_ms=number,
        author_id=author,
        marks=marks,
    )


def _fact(name: str, **parts: Any) -> tuple[str, dict[str, Any]]:
    plain = {
        key: value.model_dump(mode="json") if isinstance(value, Wire) else value
        for key, value in parts.items()
    }
    return name, plain


_OPEN = wire.ChatSettings(
    is_enabled=True, slow_mode_s=0, audience="everyone", links="allow", filter="hold"
)


def _settings(**changed: Any) -> wire.ChatSettings:
    return _OPEN.model_copy(update=changed)


def _held(number: int) -> wire.HeldMessage:
    return wire.HeldMessage(message=message(number, RAVI), held_for="words", matched="bad")


_UNDECIDED = wire.Member(
    user_id=RAVI,
    name="Ravi",
    muted_until_ms=None,
    is_banned=False,
    is_hidden=False,
    everywhere=False,
)


def _member(**changed: Any) -> wire.Member:
    return _UNDECIDED.model_copy(update=changed)


def _moderator(*permissions: wire.Permission) -> wire.Moderator:
    return wire.Moderator(user_id=ASHA, name="Asha", permissions=permissions, everywhere=False)


def chat_history() -> list[tuple[str, dict[str, Any]]]:
    first_held, second_held = _held(20), _held(21)
    return [
        ("chat.posted", message(10, RAVI).model_dump(mode="json")),
        ("chat.posted", message(11, RAVI, "hidden").model_dump(mode="json")),
        _fact("chat.announced", message=message(12)),
        _fact("chat.pinned", message=message(10, RAVI)),
        _fact("chat.pinned", message=message(12)),
        _fact("chat.unpinned"),
        _fact("chat.configured", settings=_settings(slow_mode_s=30)),
        _fact("chat.configured", settings=_settings(is_enabled=False, audience="buyers")),
        _fact("filter.changed", terms=["bad"]),
        _fact("chat.held", held=first_held),
        _fact("chat.held", held=second_held),
        _fact("chat.reviewed", message_id=str(first_held.message.id), is_approved=True),
        _fact("chat.purged", user_id=str(RAVI), until_ms=1_000),
        _fact("chat.cleared", until_ms=1_001),
        _fact("member.changed", member=_member(muted_until_ms=99)),
        _fact("member.changed", member=_member(is_hidden=True)),
        _fact("member.changed", member=_member()),
        _fact("moderator.changed", moderator=_moderator("moderate_chat")),
        _fact("moderator.changed", moderator=_moderator()),
    ]
