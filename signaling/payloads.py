"""Wire values: what events carry, acknowledge and announce.

They are values of the wire only: ids, numbers, text. Handlers turn them into domain values. All are
frozen, refuse unknown fields and do not coerce (`"1"` is no integer, `1` is no boolean), so that a
number which JSON cannot carry exactly arrives as a float and is refused. Structural limits live
here; limits that an operator may set (the length of a chat message) live with the rule itself.

Times `*_at_ms` are milliseconds since 1970 UTC, money is integer minor units (`*_minor`) of
`currency`.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, Strict, StringConstraints

# Python-input strictness would refuse the ISO text of an id and a JSON list for a tuple.
Id = Annotated[UUID, Strict(False)]
Text = Annotated[str, StringConstraints(max_length=4000)]
# Postgres text holds no NUL; nothing a person types has one.
Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
# Offers and answers of browsers are 3 to 8 KB; beyond 32 KB it is no browser (reliability, F13).
Sdp = Annotated[str, StringConstraints(min_length=1, max_length=32_768)]
PeerId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
# A sum of an order in minor units: ten billion rupees is beyond any basket and within 2^53.
AmountMinor = Annotated[int, Field(ge=0, le=1_000_000_000_000)]

Role = Literal["customer", "influencer", "wholesaler", "admin"]
# "error": broken off for good.
Status = Literal["scheduled", "live", "paused", "ended", "cancelled", "error"]


class Wire(BaseModel):
    """A frozen, strict value of the wire."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Empty(Wire):
    """No fields."""


# ---- things


class Influencer(Wire):
    id: Id
    display_name: str


class LiveSession(Wire):
    id: Id
    title: str
    description: str
    status: Status
    influencer: Influencer
    scheduled_start_at_ms: int | None
    started_at_ms: int | None
    ended_at_ms: int | None


class Variant(Wire):
    id: Id
    label: str
    color: str | None
    size: str | None
    price_minor: int
    stock: int


class ProductText(Wire):
    """A product in another language; without a short_description the product's own holds."""

    name: str
    short_description: str | None


class Product(Wire):
    """`translations`: by language ("hi"), where there are any."""

    id: Id
    name: str
    short_description: str
    image_url: str
    price_minor: int
    compare_at_minor: int | None
    currency: str
    display_order: int
    stock: int
    variants: Annotated[tuple[Variant, ...], Strict(False)]
    translations: dict[str, ProductText]


class ChatMessage(Wire):
    id: Id
    text: str
    name: str
    role: Role
    is_host: bool
    sent_at_ms: int
    author_id: Id


class PostedMessage(ChatMessage):
    """A chat message with its place on the session bus."""

    offset: int


class Position(Wire):
    """A place on the session bus. A different epoch means: take a fresh snapshot."""

    epoch: Line
    offset: int


class Media(Wire):
    """`source` names the incarnation of the media process that carries the live session."""

    source: str | None
    available: bool


class You(Wire):
    role: Role | Literal["anonymous"]
    display_name: str | None
    user_id: Id | None
    is_host: bool


class Terms(Wire):
    """What holds for everybody here. shipping_minor: what one order pays for delivery."""

    chat_max_chars: int
    shipping_minor: int


class ProductSales(Wire):
    product_id: Id
    clicks: int
    orders: int
    revenue_minor: int


class Sales(Wire):
    joins: int
    viewers: int
    peak_viewers: int
    orders: int
    revenue_minor: int
    products: Annotated[tuple[ProductSales, ...], Strict(False)]


class Snapshot(Wire):
    live_session: LiveSession
    position: Position
    media: Media
    pinned: Id | None
    products: Annotated[tuple[Product, ...], Strict(False)]
    chat: Annotated[tuple[ChatMessage, ...], Strict(False)]
    viewers: int
    you: You
    server_time_ms: int
    terms: Terms
    sales: Sales | None


class Address(Wire):
    name: Line
    phone: Line
    line1: Line
    line2: Line | None = None
    landmark: Line | None = None
    city: Line
    state: Line
    postal_code: Line
    country: Literal["IN"]


class OrderItem(Wire):
    product_id: Id | None
    variant_id: Id | None
    name: str
    label: str
    quantity: int
    unit_price_minor: int
    total_minor: int


class Order(Wire):
    id: Id
    order_number: str
    status: str
    payment_status: str
    payment_method: str
    subtotal_minor: int
    shipping_minor: int
    total_minor: int
    currency: str
    placed_at_ms: int
    address: Address
    items: Annotated[tuple[OrderItem, ...], Strict(False)]


# ---- inward payloads


class InLiveSession(Wire):
    live_session_id: Id


class SessionJoin(InLiveSession):
    """`position`, sent by a client that was here before, says that this is no new visit."""

    position: Position | None = None


class ChatSend(InLiveSession):
    id: Id
    text: Text


class ChatDelete(InLiveSession):
    message_id: Id


class ReactionSend(InLiveSession):
    count: Annotated[int, Field(ge=1, le=20)]


class ProductChoice(InLiveSession):
    product_id: Id


class ProductClick(ProductChoice):
    """`id` is made by the client, once per tap, so that a retry is not counted again."""

    id: Id


class OrderLine(Wire):
    variant_id: Id
    quantity: Annotated[int, Field(ge=1, le=1000)]


class OrderPlace(InLiveSession):
    """`id` is the order's idempotency key: the same id gives the same order."""

    id: Id
    items: Annotated[tuple[OrderLine, ...], Strict(False), Field(min_length=1, max_length=20)]
    address: Address
    payment_method: Literal["cod", "test"]
    shown_total_minor: AmountMinor


class OrderGet(Wire):
    order_id: Id


class WebrtcPublish(InLiveSession):
    """`continues`: the peer id of the sender's last broadcast, when this one goes on from it after
    a loss; refused when another one has taken over meanwhile. Without it, this one takes over."""

    sdp: Sdp
    continues: PeerId | None = None


class WebrtcAnswer(Wire):
    peer_id: PeerId
    sdp: Sdp


class PeerChoice(Wire):
    peer_id: PeerId


class AuthRenew(Wire):
    token: Annotated[str, StringConstraints(min_length=1, max_length=8192)]


# ---- acknowledgements


class LiveSessionOk(Wire):
    live_session: LiveSession


class ChatSent(Wire):
    message: ChatMessage


class OrderOk(Wire):
    order: Order


class PublishOk(Wire):
    peer_id: str
    sdp: str


class WatchOk(Wire):
    peer_id: str
    source: str
    sdp: str


class RestartOk(Wire):
    sdp: str


class RenewOk(Wire):
    you: You


# ---- outward payloads


class OfLiveSession(Wire):
    live_session_id: Id


class Recoverable(OfLiveSession):
    """Has its place on the session bus: a reconnecting client can tell whether it missed any."""

    epoch: str
    offset: int


class SessionChanged(Recoverable):
    live_session: LiveSession


class MediaChanged(Recoverable):
    source: str | None
    available: bool


class ProductPinned(Recoverable):
    product_id: Id


class StockChanged(Recoverable):
    """`stock` is the variant's stock after the change, not a difference."""

    product_id: Id
    variant_id: Id
    stock: int


class PriceChanged(Recoverable):
    product_id: Id
    variant_id: Id | None
    price_minor: int


class ChatDeleted(Recoverable):
    message_id: Id


class ChatPosted(Recoverable):
    """`offset` is that of the last message."""

    messages: Annotated[tuple[PostedMessage, ...], Strict(False)]


class ViewersCounted(OfLiveSession):
    viewers: int


class ReactionsCounted(OfLiveSession):
    """`count` is how many reactions came since the last such event."""

    count: int


class SalesCounted(OfLiveSession):
    sales: Sales


class OrderUpdated(Wire):
    live_session_id: Id | None
    order: Order


class SyncGap(OfLiveSession):
    """Something was skipped for this connection: join again and take the fresh snapshot."""
