"""The chat of one live session as its processes hold it: what was said, by which rules, and who may
what. Pure.

Part of the room's state (room.py). Facts carry what is now, so that one that the state already
contains changes nothing; the exception are messages, which are told apart by their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from livecommerce.facts import Fact
from livecommerce.live.permissions import EVERYTHING, NOTHING, Permission, names_of, of_names
from livecommerce.live.word_filter import WordFilter
from signaling import chat_payloads as wire
from signaling.values import Recoverable, Wire

MESSAGES_KEPT: Final = 500
# Of so many people it is known until when what they said is gone.
PURGED_KEPT: Final = 500
NEVER: Final = -1
# A phone shows six lines; fifty are as far back as anyone scrolls on arrival.
MESSAGES_SHOWN: Final = 50
# Facts that only those hear who may moderate.
FOR_MODERATORS: Final = frozenset(
    ("chat.held", "chat.reviewed", "filter.changed", "member.changed", "moderator.changed")
)
OPEN: Final = wire.ChatSettings(
    is_enabled=True, slow_mode_s=0, audience="everyone", links="allow", filter="hold"
)


@dataclass(frozen=True, slots=True)
class ChatRoom:
    """messages: oldest first, those of hidden people marked. deleted: ids that must not come back.
    members: people about whom something is decided, by account. moderators: by account. held: what
    waits for review, oldest first. cleared_until_ms, purged_until_ms: what was said until then is
    gone, of everybody or by account, though the word of it may come late.
    """

    messages: tuple[wire.ChatMessage, ...] = ()
    deleted: tuple[UUID, ...] = ()
    settings: wire.ChatSettings = OPEN
    pinned: wire.ChatMessage | None = None
    members: Mapping[UUID, wire.Member] = field(default_factory=dict)
    moderators: Mapping[UUID, wire.Moderator] = field(default_factory=dict)
    held: tuple[wire.HeldMessage, ...] = ()
    words: WordFilter = field(default_factory=WordFilter)
    cleared_until_ms: int = NEVER
    purged_until_ms: Mapping[UUID, int] = field(default_factory=dict)


def permissions_of(chat: ChatRoom, user_id: UUID, host_user_id: UUID) -> Permission:
    if user_id == host_user_id:
        return EVERYTHING
    moderator = chat.moderators.get(user_id)
    if moderator is None or is_banned(chat, user_id):
        return NOTHING
    return of_names(moderator.permissions)


def is_banned(chat: ChatRoom, user_id: UUID) -> bool:
    member = chat.members.get(user_id)
    return member is not None and member.is_banned


def is_hidden(chat: ChatRoom, user_id: UUID) -> bool:
    member = chat.members.get(user_id)
    return member is not None and member.is_hidden


def muted_until_ms(chat: ChatRoom, user_id: UUID) -> int | None:
    member = chat.members.get(user_id)
    return None if member is None else member.muted_until_ms


def standing(
    chat: ChatRoom, user_id: UUID | None, host_user_id: UUID, is_following: bool | None = None
) -> wire.ChatStanding:
    """What somebody may do here; user_id None for who is not signed in."""
    if user_id is None:
        return NOBODY
    return wire.ChatStanding(
        permissions=names_of(permissions_of(chat, user_id, host_user_id)),
        muted_until_ms=muted_until_ms(chat, user_id),
        is_following=is_following,
    )


NOBODY: Final = wire.ChatStanding(permissions=(), muted_until_ms=None, is_following=None)
"""Of somebody who is not signed in."""


def shown(chat: ChatRoom, you: wire.ChatStanding) -> wire.ChatState:
    """The chat beside its messages, as `you` may see it."""
    return wire.ChatState(
        settings=chat.settings,
        pinned=chat.pinned,
        you=you,
        held=chat.held if "moderate_chat" in you.permissions else (),
    )


def shown_messages(
    chat: ChatRoom, user_id: UUID | None, you: wire.ChatStanding
) -> tuple[wire.ChatMessage, ...]:
    """The newest, as somebody may see them: those of hidden people are for themselves, who are not
    told, and for moderators."""
    if "moderate_chat" in you.permissions:
        return chat.messages[-MESSAGES_SHOWN:]
    seen: list[wire.ChatMessage] = []
    for message in reversed(chat.messages):
        if "hidden" not in message.marks:
            seen.append(message)
        elif message.author_id == user_id:
            seen.append(unmarked(message))
        if len(seen) == MESSAGES_SHOWN:
            break
    return tuple(reversed(seen))


def unmarked(message: wire.ChatMessage) -> wire.ChatMessage:
    """A message as its author sees it, who is not told of being hidden."""
    if "hidden" not in message.marks:
        return message
    marks = tuple(mark for mark in message.marks if mark != "hidden")
    return message.model_copy(update={"marks": marks})


def subject(fact: Fact) -> str | None:
    """What a versioned fact is about; None when it is not of this part or its order is all the
    same."""
    if fact.name == "member.changed":
        return f"member:{fact.data['member']['user_id']}"
    if fact.name == "moderator.changed":
        return f"moderator:{fact.data['moderator']['user_id']}"
    return _SUBJECTS.get(fact.name)


_SUBJECTS: Final[Mapping[str, str]] = {
    "chat.configured": "chat.settings",
    "chat.pinned": "chat.pin",
    "chat.unpinned": "chat.pin",
    "filter.changed": "filter",
}


def without_banned(chat: ChatRoom) -> ChatRoom:
    """For one that was put together from what was said and what is decided: what came in late from
    somebody who was banned is gone, too."""
    kept = tuple(each for each in chat.messages if not is_banned(chat, each.author_id))
    return replace(chat, messages=kept)


def after(chat: ChatRoom, facts: Iterable[Fact]) -> ChatRoom:
    """The chat after these facts in order; those of other parts change nothing."""
    for fact in facts:
        if fact.name in APPLY:
            chat, _ = APPLY[fact.name](chat, fact.data)
    return chat


def takes_back(fact: Fact, chat: ChatRoom) -> Callable[[wire.ChatMessage], bool] | None:
    """Of which earlier messages nobody shall hear any more after this fact. chat: after it."""
    if fact.name == "chat.deleted":
        message_id = UUID(fact.data["message_id"])
        return lambda message: message.id == message_id
    if fact.name == "chat.purged":
        user_id = UUID(fact.data["user_id"])
        until_ms = chat.purged_until_ms.get(user_id, NEVER)
        return lambda message: message.author_id == user_id and message.sent_at_ms <= until_ms
    if fact.name == "chat.cleared":
        until_ms = chat.cleared_until_ms
        return lambda message: message.sent_at_ms <= until_ms
    return None


Applied = tuple[ChatRoom, dict[str, Any] | None]


def _posted(chat: ChatRoom, data: dict[str, Any]) -> Applied:
    message = wire.ChatMessage.model_validate(data)
    changed = _with_message(chat, message)
    return changed, None if changed is chat else {"message": message}


def _announced(chat: ChatRoom, data: dict[str, Any]) -> Applied:
    message = wire.ChatMessage.model_validate(data["message"])
    changed = _with_message(chat, message)
    return changed, None if changed is chat else {"message": message}


def _with_message(chat: ChatRoom, message: wire.ChatMessage) -> ChatRoom:
    """The same chat when the message is there already, was taken away, or came in after its author
    was banned."""
    if _is_gone(chat, message) or is_banned(chat, message.author_id):
        return chat
    if any(message.id == other.id for other in chat.messages):
        return chat
    return replace(chat, messages=(*chat.messages[-(MESSAGES_KEPT - 1) :], message))


def _is_gone(chat: ChatRoom, message: wire.ChatMessage) -> bool:
    purged_until_ms = chat.purged_until_ms.get(message.author_id, NEVER)
    until_ms = max(chat.cleared_until_ms, purged_until_ms)
    return message.id in chat.deleted or message.sent_at_ms <= until_ms


def _until_ms(data: dict[str, Any], there: Iterable[wire.ChatMessage]) -> int:
    """By this, and not by the order of the words, it is judged what was said before. there: what is
    known, all of which goes when an older version of this program, which named no time, says so."""
    until_ms: int | None = data.get("until_ms")
    return _newest_ms(there) if until_ms is None else until_ms


def _newest_ms(messages: Iterable[wire.ChatMessage]) -> int:
    return max((each.sent_at_ms for each in messages), default=NEVER)


def _deleted(chat: ChatRoom, data: dict[str, Any]) -> Applied:
    message_id = UUID(data["message_id"])
    kept = tuple(each for each in chat.messages if each.id != message_id)
    deleted = chat.deleted
    if message_id not in deleted:
        deleted = (*deleted[-(MESSAGES_KEPT - 1) :], message_id)
    pinned = None if chat.pinned is not None and chat.pinned.id == message_id else chat.pinned
    changed = replace(chat, messages=kept, deleted=deleted, pinned=pinned)
    return changed, {"message_id": message_id}


def _purged(chat: ChatRoom, data: dict[str, Any]) -> Applied:
    """Of who is banned everything goes that is known: it was said before the ban held here, though
    the ban was written down earlier or another process has a clock that is ahead."""
    user_id = UUID(data["user_id"])
    there = [each for each in _known(chat) if each.author_id == user_id]
    until_ms = _until_ms(data, there)
    if is_banned(chat, user_id):
        until_ms = max(until_ms, _newest_ms(there))
    purged = dict(chat.purged_until_ms)
    until_ms = max(until_ms, purged.pop(user_id, NEVER))
    purged[user_id] = until_ms
    if len(purged) > PURGED_KEPT:
        del purged[next(iter(purged))]
    chat = _without_gone(replace(chat, purged_until_ms=purged))
    held = tuple(
        each
        for each in chat.held
        if each.message.author_id != user_id or each.message.sent_at_ms > until_ms
    )
    return replace(chat, held=held), {"user_id": user_id, "until_ms": until_ms}


def _known(chat: ChatRoom) -> list[wire.ChatMessage]:
    on_top = () if chat.pinned is None else (chat.pinned,)
    return [*chat.messages, *on_top, *(each.message for each in chat.held)]


def _cleared(chat: ChatRoom, data: dict[str, Any]) -> Applied:
    on_top = () if chat.pinned is None else (chat.pinned,)
    until_ms = _until_ms(data, (*chat.messages, *on_top))
    chat = replace(chat, cleared_until_ms=max(until_ms, chat.cleared_until_ms))
    return _without_gone(chat), {"until_ms": until_ms}


def _without_gone(chat: ChatRoom) -> ChatRoom:
    kept = tuple(each for each in chat.messages if not _is_gone(chat, each))
    is_pinned = chat.pinned is not None and not _is_gone(chat, chat.pinned)
    return replace(chat, messages=kept, pinned=chat.pinned if is_pinned else None)


def _pinned(chat: ChatRoom, data: dict[str, Any]) -> Applied:
    message = wire.ChatMessage.model_validate(data["message"])
    if not _may_be_on_top(chat, message):
        return chat, None
    return replace(chat, pinned=message), {"message": message}


def _may_be_on_top(chat: ChatRoom, message: wire.ChatMessage) -> bool:
    """Not what was taken away, nor what only few may see: the word of a pin may come late."""
    return not (
        _is_gone(chat, message) or is_banned(chat, message.author_id) or "hidden" in message.marks
    )


def _unpinned(chat: ChatRoom, data: dict[str, Any]) -> Applied:
    return replace(chat, pinned=None), {}


def _configured(chat: ChatRoom, data: dict[str, Any]) -> Applied:
    settings = wire.ChatSettings.model_validate(data["settings"])
    return replace(chat, settings=settings), {"settings": settings}


def _filter_changed(chat: ChatRoom, data: dict[str, Any]) -> Applied:
    words = WordFilter(tuple(data["terms"]))
    return replace(chat, words=words), {"terms": words.terms}


def _held(chat: ChatRoom, data: dict[str, Any]) -> Applied:
    held = wire.HeldMessage.model_validate(data["held"])
    if any(each.message.id == held.message.id for each in chat.held):
        return chat, None
    return replace(chat, held=(*chat.held, held)), {"held": held}


def _reviewed(chat: ChatRoom, data: dict[str, Any]) -> Applied:
    message_id = UUID(data["message_id"])
    held = tuple(each for each in chat.held if each.message.id != message_id)
    return replace(chat, held=held), {"message_id": message_id, "is_approved": data["is_approved"]}


def _member_changed(chat: ChatRoom, data: dict[str, Any]) -> Applied:
    member = wire.Member.model_validate(data["member"])
    members = dict(chat.members)
    if member.muted_until_ms is None and not member.is_banned and not member.is_hidden:
        members.pop(member.user_id, None)
    else:
        members[member.user_id] = member
    return replace(chat, members=members), {"member": member}


def _moderator_changed(chat: ChatRoom, data: dict[str, Any]) -> Applied:
    moderator = wire.Moderator.model_validate(data["moderator"])
    moderators = dict(chat.moderators)
    if moderator.permissions:
        moderators[moderator.user_id] = moderator
    else:
        moderators.pop(moderator.user_id, None)
    return replace(chat, moderators=moderators), {"moderator": moderator}


APPLY: Final[Mapping[str, Callable[[ChatRoom, dict[str, Any]], Applied]]] = {
    "chat.posted": _posted,
    "chat.announced": _announced,
    "chat.deleted": _deleted,
    "chat.purged": _purged,
    "chat.cleared": _cleared,
    "chat.pinned": _pinned,
    "chat.unpinned": _unpinned,
    "chat.configured": _configured,
    "filter.changed": _filter_changed,
    "chat.held": _held,
    "chat.reviewed": _reviewed,
    "member.changed": _member_changed,
    "moderator.changed": _moderator_changed,
}
"""By fact: the chat after it, and what the announcement says beside its place; None when nobody
hears of it."""


def announced(name: str, news: dict[str, Any], place: dict[str, Any]) -> Recoverable:
    """The payload for an announcement. place: the fields of every recoverable event."""
    if name == "chat.posted":
        message: wire.ChatMessage = news["message"]
        posted = wire.PostedMessage(**dict(message), offset=place["offset"])
        return wire.ChatPosted(messages=(posted,), **place)
    return _PAYLOADS[name](**news, **place)


def is_for_moderators(name: str, payload: Wire) -> bool:
    """Whether only those hear of it who may moderate."""
    if isinstance(payload, wire.ChatPosted):
        return any("hidden" in message.marks for message in payload.messages)
    return name in FOR_MODERATORS


_PAYLOADS: Final[Mapping[str, type[Recoverable]]] = {
    "chat.announced": wire.ChatAnnounced,
    "chat.deleted": wire.ChatDeleted,
    "chat.purged": wire.ChatPurged,
    "chat.cleared": wire.ChatCleared,
    "chat.pinned": wire.ChatPinned,
    "chat.unpinned": wire.ChatUnpinned,
    "chat.configured": wire.ChatConfigured,
    "chat.held": wire.ChatHeld,
    "chat.reviewed": wire.ChatReviewed,
    "filter.changed": wire.FilterChanged,
    "member.changed": wire.MemberChanged,
    "moderator.changed": wire.ModeratorChanged,
}
