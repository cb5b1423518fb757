"""Wire values of the chat and of those who look after it; the rules are those of
signaling.payloads.

`user_id` names the account of a person, as `author_id` of a message does. Times until which
something holds are null when it does not hold.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict, StringConstraints

from signaling.values import Id, InLiveSession, Line, OfLiveSession, Recoverable, Role, Text, Wire

Permission = Literal["moderate_chat", "pin_products", "see_orders"]
Permissions = Annotated[tuple[Permission, ...], Strict(False), Field(max_length=3)]
# "buyer": has ordered from this influencer's live sessions. "hidden": shown to its author and to
# moderators only, and marked for the latter.
Mark = Literal["moderator", "buyer", "question", "announcement", "hidden"]
SlowModeS = Annotated[int, Field(ge=0, le=300)]
Audience = Literal["everyone", "followers", "buyers"]
Links = Literal["allow", "moderators", "none"]
FilterMode = Literal["off", "hold", "refuse"]
HeldFor = Literal["words"]
Term = Annotated[Line, StringConstraints(strip_whitespace=True, min_length=2, max_length=60)]
Act = Literal[
    "appoint",
    "dismiss",
    "mute",
    "unmute",
    "ban",
    "unban",
    "hide",
    "unhide",
    "delete",
    "clear",
    "pin",
    "unpin",
    "announce",
    "configure",
    "filter",
    "approve",
    "refuse",
]

MENTIONS_MAX = 5


class ReplyTo(Wire):
    """Which message is answered. Its text is not repeated: it may be taken away meanwhile."""

    message_id: Id
    author_id: Id
    name: str


class ChatMessage(Wire):
    """`mentions`: people of this chat whom the text names with @. `marks`: what is special about
    it or its author."""

    id: Id
    text: str
    name: str
    role: Role
    is_host: bool
    sent_at_ms: int
    author_id: Id
    reply_to: ReplyTo | None = None
    mentions: Annotated[tuple[Id, ...], Strict(False)] = ()
    marks: Annotated[tuple[Mark, ...], Strict(False)] = ()


class PostedMessage(ChatMessage):
    """A chat message with its place on the session bus."""

    offset: int


class HeldMessage(Wire):
    """A message that waits until a moderator has looked at it. `matched`: the word."""

    message: ChatMessage
    held_for: HeldFor
    matched: str


class ChatSettings(Wire):
    """`slow_mode_s`: between two messages of one person; 0 for no limit. `audience`: who may
    write; the influencer and moderators always may. `links`: who may post links ("allow":
    everyone). `filter`: what becomes of a message with a word that is not wanted."""

    is_enabled: bool
    slow_mode_s: int
    audience: Audience
    links: Links
    filter: FilterMode


class ChatStanding(Wire):
    """You in this chat. `permissions`: what you may do here; the influencer may do everything.
    `is_following`: null where nobody knows, as for who is not signed in."""

    permissions: Permissions
    muted_until_ms: int | None
    is_following: bool | None


class Member(Wire):
    """What moderators have decided about a person. `everywhere`: the ban or hiding holds in all
    live sessions of the influencer."""

    user_id: Id
    name: str
    muted_until_ms: int | None
    is_banned: bool
    is_hidden: bool
    everywhere: bool


class Moderator(Wire):
    """`everywhere`: in all live sessions of the influencer."""

    user_id: Id
    name: str
    permissions: Permissions
    everywhere: bool


class ModerationAct(Wire):
    """`by`: who did it, `about`: to whom; null where the account is gone or nobody is meant.
    `detail`: until when, why, which words."""

    id: int
    act: Act
    by_id: Id | None
    by_name: str
    about_id: Id | None
    about_name: str
    message_id: Id | None
    detail: str
    at_ms: int


class ChatState(Wire):
    """The chat beside its messages. `held`: for those who may moderate; empty for others."""

    settings: ChatSettings
    pinned: ChatMessage | None
    you: ChatStanding
    held: Annotated[tuple[HeldMessage, ...], Strict(False)]


# ---- inward payloads


class ChatSend(InLiveSession):
    """`reply_to`: the message that is answered."""

    id: Id
    text: Text
    reply_to: Id | None = None


class MessageChoice(InLiveSession):
    message_id: Id


class ChatDelete(MessageChoice):
    pass


class ChatReview(MessageChoice):
    is_approved: bool


class ChatAnnounce(InLiveSession):
    """`id` is the message's: the same id is announced once. `is_pinned`: it stays on top."""

    id: Id
    text: Text
    is_pinned: bool = False


class ChatConfigure(InLiveSession):
    """What is left out stays."""

    is_enabled: bool | None = None
    slow_mode_s: SlowModeS | None = None
    audience: Audience | None = None
    links: Links | None = None
    filter: FilterMode | None = None


class MemberChoice(InLiveSession):
    user_id: Id


class ChatMute(MemberChoice):
    duration_s: Annotated[int, Field(ge=10, le=604_800)]
    reason: Annotated[Line, Field(max_length=200)] = ""


class ChatBan(MemberChoice):
    """`everywhere`: from all live sessions of the influencer, now and later."""

    everywhere: bool = False
    reason: Annotated[Line, Field(max_length=200)] = ""


class ModeratorAppoint(MemberChoice):
    """What the person may do from now on, in place of before. `everywhere`: in all live sessions of
    the influencer."""

    permissions: Annotated[tuple[Permission, ...], Strict(False), Field(min_length=1, max_length=3)]
    everywhere: bool = False


class FilterChange(InLiveSession):
    """Words or phrases that are not wanted in any live session of the influencer. One that ends
    with * stands for everything that begins so."""

    add: Annotated[tuple[Term, ...], Strict(False), Field(max_length=50)] = ()
    remove: Annotated[tuple[Term, ...], Strict(False), Field(max_length=50)] = ()


class ModerationAsk(InLiveSession):
    """`before_id`: acts before this one."""

    before_id: int | None = None


class InfluencerChoice(Wire):
    influencer_id: Id


# ---- acknowledgements


class SettingsOk(Wire):
    settings: ChatSettings


class MemberOk(Wire):
    member: Member


class ModeratorOk(Wire):
    moderator: Moderator


class FilterOk(Wire):
    terms: Annotated[tuple[str, ...], Strict(False)]


class PeopleOk(Wire):
    """Who looks after the chat, and about whom something is decided. `terms`: the words of
    filter.change."""

    moderators: Annotated[tuple[Moderator, ...], Strict(False)]
    members: Annotated[tuple[Member, ...], Strict(False)]
    terms: Annotated[tuple[str, ...], Strict(False)]


class ModerationOk(Wire):
    """The newest first. `has_more`: ask again with the last id."""

    acts: Annotated[tuple[ModerationAct, ...], Strict(False)]
    has_more: bool


class FollowOk(Wire):
    """`followers`: null where the influencer does not want it shown."""

    is_following: bool
    followers: int | None


# ---- outward payloads


class ChatPosted(Recoverable):
    """`offset` is that of the last message. `left_out`: messages that nobody could have read beside
    these."""

    messages: Annotated[tuple[PostedMessage, ...], Strict(False)]
    left_out: int = 0


class ChatDeleted(Recoverable):
    """It is gone, also from the top."""

    message_id: Id


class ChatPurged(Recoverable):
    """Everything that this person wrote until then is gone, also from the top and from what waits
    for review. A message of before (`sent_at_ms`) may come later; it is gone, too."""

    user_id: Id
    until_ms: int


class ChatCleared(Recoverable):
    """Everything that was written until then is gone, also from the top. A message of before
    (`sent_at_ms`) may come later; it is gone, too."""

    until_ms: int


class ChatAnnounced(Recoverable):
    message: ChatMessage


class ChatPinned(Recoverable):
    message: ChatMessage


class ChatUnpinned(Recoverable):
    pass


class ChatConfigured(Recoverable):
    settings: ChatSettings


class ChatHeld(Recoverable):
    held: HeldMessage


class ChatReviewed(Recoverable):
    """It waits no more. An approved one comes as any other, by chat.posted."""

    message_id: Id
    is_approved: bool


class ChatDecided(OfLiveSession):
    """A message of yours that was held: approved, or never shown."""

    message_id: Id
    is_approved: bool


class MemberChanged(Recoverable):
    member: Member


class FilterChanged(Recoverable):
    """All of them as they are now."""

    terms: Annotated[tuple[str, ...], Strict(False)]


class ModeratorChanged(Recoverable):
    """Without permissions: the person moderates no more."""

    moderator: Moderator


class StandingChanged(OfLiveSession):
    you: ChatStanding


class PersonBanned(OfLiveSession):
    """You hear no more of this live session and may not enter it."""


class FollowChanged(Wire):
    influencer_id: Id
    is_following: bool
