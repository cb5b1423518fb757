"""Wire values of carts, coupons and the address book; the rules are those of signaling.payloads.

The REST interface answers the same shapes, because a page outside of live sessions has no
connection.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from signaling.payloads import Address, AmountMinor, Id, Line, ProductText, Wire

Change = Literal["price_changed", "deal_over", "over_limit", "few_left", "sold_out", "not_for_sale"]
PaymentChoice = Literal["cod", "test", "upi", "stripe", "razorpay"]
_Quantity = Annotated[int, Field(ge=1, le=1000)]
# A cart holds 100 lines.
_MOST_LINES = 100


class CartDeal(Wire):
    """The deal whose price the line has now. `customer_limit`: pieces of one customer."""

    id: Id
    ends_at_ms: int
    customer_limit: int | None


class CartLine(Wire):
    """A line as it stands now. `can_order`: so many of its pieces can be ordered; `total_minor` is
    theirs. `was_minor`: what one cost when it was put in. `mrp_minor`: where it is above the price.
    `available`: pieces that this customer can have. `hold_until_ms`: until then they are promised.
    `changes`: why it is not what it was."""

    variant_id: Id
    product_id: Id
    name: str
    label: str
    color: str | None
    size: str | None
    image_url: str
    translations: dict[str, ProductText]
    wholesaler_id: Id
    wholesaler_name: str
    quantity: int
    can_order: int
    unit_price_minor: int
    was_minor: int
    mrp_minor: int | None
    total_minor: int
    available: int
    live_session_id: Id | None
    live_session_title: str | None
    deal: CartDeal | None
    hold_until_ms: int | None
    changes: Annotated[tuple[Change, ...], Strict(False)]
    added_at_ms: int


class Cart(Wire):
    """The sums count what can be ordered now, `pieces` what is in it. `cod_fee_minor`: on top of
    the total for cash on delivery. `max_quantity`: pieces of one variant."""

    lines: Annotated[tuple[CartLine, ...], Strict(False)]
    pieces: int
    subtotal_minor: int
    shipping_minor: int
    cod_fee_minor: int
    total_minor: int
    currency: str
    max_quantity: int


class CartOk(Wire):
    cart: Cart


class CartAdd(Wire):
    """On top of what is there. `id` is made by the client; the same id adds once."""

    id: Id
    variant_id: Id
    quantity: _Quantity
    live_session_id: Id | None = None


class CartUpdate(Wire):
    """So many from now on; 0 takes the line away."""

    variant_id: Id
    quantity: Annotated[int, Field(ge=0, le=1000)]


class CartRemove(Wire):
    variant_ids: Annotated[
        tuple[Id, ...], Strict(False), Field(min_length=1, max_length=_MOST_LINES)
    ]


class CartMergeLine(Wire):
    """`touched_at_ms`: when it was put into the cart of the browser."""

    variant_id: Id
    quantity: _Quantity
    live_session_id: Id | None = None
    touched_at_ms: Annotated[int, Field(ge=0, le=4_102_444_800_000)] | None = None


class CartMerge(Wire):
    """The cart of before the log-in, on top of what is there. The same `id` merges once; what
    cannot be bought is left out."""

    id: Id
    lines: Annotated[
        tuple[CartMergeLine, ...], Strict(False), Field(min_length=1, max_length=_MOST_LINES)
    ]


class CouponLine(Wire):
    variant_id: Id
    quantity: _Quantity
    live_session_id: Id | None = None
    deal_id: Id | None = None


class CouponCheck(Wire):
    code: Annotated[Line, Field(min_length=1, max_length=40)]
    lines: Annotated[tuple[CouponLine, ...], Strict(False), Field(min_length=1, max_length=50)]


class CouponTitle(Wire):
    code: str
    title: str


class CouponOk(Wire):
    """`eligible_minor`: of the lines that the coupon holds for."""

    coupon: CouponTitle
    eligible_minor: AmountMinor
    discount_minor: AmountMinor


class SavedAddress(Wire):
    """`id` null: where the newest order went, while nothing has been saved. `state_code`: of
    GST."""

    id: Id | None
    label: str | None
    address: Address
    state_code: str
    is_default: bool


class AddressBook(Wire):
    """The default first, then by their last use. `payment_method`: the customer's choice."""

    addresses: Annotated[tuple[SavedAddress, ...], Strict(False)]
    payment_method: PaymentChoice | None
