"""Wire values: what events carry, acknowledge and announce.

They are values of the wire only: ids, numbers, text. Handlers turn them into domain values. All are
frozen, refuse unknown fields and do not coerce (`"1"` is no integer, `1` is no boolean), so that a
number which JSON cannot carry exactly arrives as a float and is refused. Structural limits live
here; limits that an operator may set (the length of a chat message) live with the rule itself.

Times `*_at_ms` are milliseconds since 1970 UTC, money is integer minor units (`*_minor`) of
`currency`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, Strict, StringConstraints

from signaling.chat_payloads import ChatDelete as ChatDelete
from signaling.chat_payloads import ChatDeleted as ChatDeleted
from signaling.chat_payloads import ChatMessage as ChatMessage
from signaling.chat_payloads import ChatPosted as ChatPosted
from signaling.chat_payloads import ChatSend as ChatSend
from signaling.chat_payloads import ChatStanding as ChatStanding
from signaling.chat_payloads import ChatState as ChatState
from signaling.chat_payloads import PostedMessage as PostedMessage
from signaling.engagement_payloads import Engagement, MyEngagement, ReactionKind
from signaling.values import AmountMinor as AmountMinor
from signaling.values import Empty as Empty
from signaling.values import Id as Id
from signaling.values import InLiveSession as InLiveSession
from signaling.values import Line as Line
from signaling.values import OfLiveSession as OfLiveSession
from signaling.values import Recoverable as Recoverable
from signaling.values import Role as Role
from signaling.values import Text as Text
from signaling.values import Wire as Wire

# Offers and answers of browsers are 3 to 8 KB; beyond 32 KB it is no browser (reliability, F13).
Sdp = Annotated[str, StringConstraints(min_length=1, max_length=32_768)]
PeerId = Annotated[str, StringConstraints(min_length=1, max_length=64)]

PaymentMethod = Literal["cod", "test", "upi", "stripe", "razorpay"]
# "error": broken off for good.
Status = Literal["scheduled", "live", "paused", "ended", "cancelled", "error"]


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
    """`translations`: by language ("hi"), where there are any. `claim_code`: with which the chat
    claims it, e.g. "A1"; '' when it cannot. `stock`, here and of variants: what a newcomer can
    have, which is without what is promised to others."""

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
    claim_code: str


class Deal(Wire):
    """A price from `starts_at_ms` to `ends_at_ms` by the server's clock, while there is any left of
    `total_limit`. `variant_id` null: every variant of the product. `customer_limit`: pieces of one
    customer."""

    id: Id
    product_id: Id
    variant_id: Id | None
    price_minor: int
    starts_at_ms: int
    ends_at_ms: int
    total_limit: int | None
    customer_limit: int | None
    sold: int


class Hold(Wire):
    """What is promised to you of a variant. `quantity` 0: nothing, or no more. `waiting`: pieces
    you wait for. `is_turn`: the waitlist has just come to you."""

    variant_id: Id
    product_id: Id
    quantity: int
    expires_at_ms: int | None
    source: str | None
    waiting: int
    is_turn: bool


class Position(Wire):
    """A place on the session bus. A different epoch means: take a fresh snapshot."""

    epoch: Line
    offset: Annotated[int, Field(ge=0, le=2**53)]


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
    """What holds for everybody here. shipping_minor, cod_fee_minor: what one order pays for
    delivery, and for cash on delivery.
    hold_policy: whether stock is held for hold_ttl_s, or goes to whoever pays first.
    claim_keyword: what begins a claim in the chat; '' when nothing does."""

    chat_max_chars: int
    shipping_minor: int
    cod_fee_minor: int
    hold_policy: Literal["hold", "first_paid"]
    hold_ttl_s: int
    claim_keyword: str


class ProductSales(Wire):
    product_id: Id
    clicks: int
    orders: int
    revenue_minor: int


class Sales(Wire):
    """revenue_minor: of what was ordered, after coupons and without what was cancelled; paid_minor:
    what of it is paid, less what was given back."""

    joins: int
    viewers: int
    peak_viewers: int
    orders: int
    revenue_minor: int
    paid_minor: int
    products: Annotated[tuple[ProductSales, ...], Strict(False)]


class PastEvent(Wire):
    """An outward event as it was told."""

    name: Line
    payload: dict[str, Any]


class Snapshot(Wire):
    live_session: LiveSession
    position: Position
    media: Media
    pinned: Id | None
    products: Annotated[tuple[Product, ...], Strict(False)]
    deals: Annotated[tuple[Deal, ...], Strict(False)]
    holds: Annotated[tuple[Hold, ...], Strict(False)]
    chat: Annotated[tuple[ChatMessage, ...], Strict(False)]
    chat_state: ChatState
    viewers: int
    you: You
    server_time_ms: int
    terms: Terms
    sales: Sales | None
    engagement: Engagement


class Recovered(Wire):
    """What was missed, in order; events after `position` complete it. Not `is_complete`: ask again
    from `position` for the rest, before anything else is told. With a `snapshot` what was missed
    is no longer known: forget the past and take that. What is yours alone is as it is now."""

    events: Annotated[tuple[PastEvent, ...], Strict(False)]
    position: Position
    is_complete: bool
    snapshot: Snapshot | None
    viewers: int
    you: You
    holds: Annotated[tuple[Hold, ...], Strict(False)]
    sales: Sales | None
    standing: ChatStanding
    mine: MyEngagement
    server_time_ms: int


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
    """`discount_minor`: its share of the coupon. `tax_rate`: GST in percent, contained in the
    price."""

    order_item_id: Id
    product_id: Id | None
    variant_id: Id | None
    name: str
    label: str
    image_url: str | None
    quantity: int
    unit_price_minor: int
    total_minor: int
    discount_minor: int
    tax_rate: float
    deal_id: Id | None
    quantity_cancelled: int
    quantity_shipped: int
    quantity_delivered: int
    quantity_returned: int


class OrderPayment(Wire):
    provider: str
    status: str


class Order(Wire):
    """`pay_until_ms`: an order to be paid in advance is cancelled when it is not paid by then."""

    id: Id
    order_number: str
    status: str
    payment_status: str
    payment_method: str
    subtotal_minor: int
    discount_minor: int
    shipping_minor: int
    cod_fee_minor: int
    total_minor: int
    coupon_code: str | None
    currency: str
    placed_at_ms: int
    pay_until_ms: int | None
    payment: OrderPayment | None
    address: Address
    items: Annotated[tuple[OrderItem, ...], Strict(False)]


# ---- inward payloads


class SessionJoin(InLiveSession):
    """`client_id`: what a browser calls itself, to count it once."""

    client_id: Id | None = None


class SessionRecover(SessionJoin):
    """`position`: up to where this client has heard the live session."""

    position: Position


class ReactionSend(InLiveSession):
    count: Annotated[int, Field(ge=1, le=20)]
    kind: ReactionKind = "heart"


class ProductChoice(InLiveSession):
    product_id: Id


class ProductClick(ProductChoice):
    """`id` is made by the client, once per tap, so that a retry is not counted again."""

    id: Id


class DealStart(InLiveSession):
    """`id` is the deal's: the same id begins it once. `starts_in_s`: announced that long before.
    `is_set_aside`: what is left of total_limit is kept from those who buy elsewhere; for one
    variant only."""

    id: Id
    product_id: Id
    variant_id: Id | None = None
    price_minor: Annotated[int, Field(ge=1, le=1_000_000_000)]
    starts_in_s: Annotated[int, Field(ge=0, le=300)] = 0
    duration_s: Annotated[int, Field(ge=10, le=21_600)]
    total_limit: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    customer_limit: Annotated[int, Field(ge=1, le=1_000)] | None = None
    is_set_aside: bool = False


class DealChoice(InLiveSession):
    deal_id: Id


class VariantChoice(InLiveSession):
    variant_id: Id


class VariantWish(VariantChoice):
    """`quantity`: of all, not in addition to what is promised already."""

    quantity: Annotated[int, Field(ge=1, le=1000)]


class OrderLine(Wire):
    """`live_session_id`: where it was chosen, when not where the order is placed. `deal_id`: the
    deal that was shown."""

    variant_id: Id
    quantity: Annotated[int, Field(ge=1, le=1000)]
    live_session_id: Id | None = None
    deal_id: Id | None = None


class OrderPlace(Wire):
    """`id` is the order's idempotency key: the same id gives the same order. `from_cart`: what is
    ordered leaves the cart."""

    id: Id
    live_session_id: Id | None = None
    items: Annotated[tuple[OrderLine, ...], Strict(False), Field(min_length=1, max_length=50)]
    address: Address
    payment_method: PaymentMethod
    shown_total_minor: AmountMinor
    coupon_code: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    from_cart: bool = False
    buyer_gstin: Line | None = None


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


class ClaimAnswer(Wire):
    """What became of a claim in the chat. `held`: `hold` says how many, and how many are waited
    for; `waiting`: all of them; `first_paid`: nothing is held here; `unclear`: say which of
    `choices`; `unknown`: there is no such code; `invalid`: not that many."""

    outcome: Literal[
        "held", "waiting", "first_paid", "unclear", "unknown", "unavailable", "invalid"
    ]
    code: str
    product_name: str
    label: str
    wished: int
    hold: Hold | None
    choices: Annotated[tuple[str, ...], Strict(False)]


class ChatSent(Wire):
    """`is_held`: only you see it until a moderator has looked at it. `claim`: the answer to the
    sender, when the message asked for a product."""

    message: ChatMessage
    is_held: bool
    claim: ClaimAnswer | None


class DealOk(Wire):
    deal: Deal


class HoldOk(Wire):
    """`missing`: pieces that nobody could promise."""

    hold: Hold
    missing: int


class HoldReleased(Wire):
    """`released`: pieces given back; 0 when there was nothing any more."""

    released: int


class WaitlistOk(Wire):
    """`ahead`: how many wait before you."""

    hold: Hold
    ahead: int


class OrderOk(Wire):
    order: Order


class OrderPlaced(OrderOk):
    """`outcome`: `duplicate` when an earlier attempt with the same id has placed it; the order is
    then as it was answered first."""

    outcome: Literal["placed", "duplicate"]


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


class SessionChanged(Recoverable):
    live_session: LiveSession


class MediaChanged(Recoverable):
    source: str | None
    available: bool


class ProductPinned(Recoverable):
    product_id: Id


class StockChanged(Recoverable):
    """`stock` is what a newcomer can have of the variant after the change, not a difference."""

    product_id: Id
    variant_id: Id
    stock: int


class PriceChanged(Recoverable):
    """The price beside deals. `compare_at_minor`: of the product, null where it is not higher."""

    product_id: Id
    variant_id: Id | None
    price_minor: int
    compare_at_minor: int | None


class DealStarted(Recoverable):
    deal: Deal


class DealCounted(Recoverable):
    """`sold`: pieces up to now, not a difference."""

    deal_id: Id
    sold: int


class DealEnded(Recoverable):
    """From here on the product costs what it costs beside the deal."""

    deal_id: Id
    product_id: Id
    variant_id: Id | None
    reason: Literal["time", "sold_out", "stopped", "session_ended"]
    ended_at_ms: int


class HoldChanged(OfLiveSession):
    """Of two about the same variant the one with the greater `version` holds, whichever comes
    last."""

    hold: Hold
    version: int


class ViewersCounted(OfLiveSession):
    viewers: int


class ReactionsCounted(OfLiveSession):
    """`count` is how many reactions came since the last such event, `kinds` how many of each kind
    that came."""

    count: int
    kinds: dict[ReactionKind, int]

    def plus(self, later: ReactionsCounted) -> ReactionsCounted:
        kinds = dict(self.kinds)
        for kind, count in later.kinds.items():
            kinds[kind] = kinds.get(kind, 0) + count
        return later.model_copy(update={"count": self.count + later.count, "kinds": kinds})


class SalesCounted(OfLiveSession):
    sales: Sales


class OrderUpdated(Wire):
    live_session_id: Id | None
    order: Order


class SyncMoved(OfLiveSession):
    """What follows counts from `position`. `is_degraded`: the bus is away, so only viewers of the
    same server process hear each other."""

    position: Position
    is_degraded: bool


class SyncGap(OfLiveSession):
    """Something is missing here: ask for what came after `position`, or join again where it is
    null."""

    position: Position | None = None
