"""The cart outside of live sessions, and what a coupon takes off it."""

from typing import Any, Final

from livecommerce.http.api import Call, Reply, Route, Who
from livecommerce.live.shopping import asked_of, cart_ok, coupon_ok, wishes_of
from shop import cart, coupons
from shop.cart import Wish
from signaling.cart_payloads import (
    CartAdd,
    CartMerge,
    CartOk,
    CartRemove,
    CartUpdate,
    CouponCheck,
    CouponOk,
)

CUSTOMER: Final[Who] = frozenset(("customer",))


async def get_cart(call: Call[Any]) -> Reply:
    deps = call.deps
    return Reply(cart_ok(await cart.cart_of(deps.db, call.caller.user_id, deps.shop_terms)))


async def add_to_cart(call: Call[CartAdd]) -> Reply:
    deps, body = call.deps, call.body
    wish = Wish(body.variant_id, body.quantity, body.live_session_id)
    user_id = call.caller.user_id
    return Reply(cart_ok(await cart.add(deps.db, user_id, body.id, wish, deps.shop_terms)))


async def update_cart(call: Call[CartUpdate]) -> Reply:
    deps, body = call.deps, call.body
    user_id = call.caller.user_id
    changed = await cart.update(deps.db, user_id, body.variant_id, body.quantity, deps.shop_terms)
    return Reply(cart_ok(changed))


async def remove_from_cart(call: Call[CartRemove]) -> Reply:
    deps, user_id = call.deps, call.caller.user_id
    left = await cart.remove(deps.db, user_id, call.body.variant_ids, deps.shop_terms)
    return Reply(cart_ok(left))


async def merge_cart(call: Call[CartMerge]) -> Reply:
    deps, body = call.deps, call.body
    merged = await cart.merge(
        deps.db, call.caller.user_id, body.id, wishes_of(body), deps.shop_terms
    )
    return Reply(cart_ok(merged))


async def check_coupon(call: Call[CouponCheck]) -> Reply:
    found = await coupons.check(
        call.deps.db, call.caller.user_id, call.body.code, asked_of(call.body)
    )
    return Reply(coupon_ok(found))


_CART: Final = "/api/v1/cart"
_FOR_SALE: Final = (
    "cart.product_unavailable", "cart.full", "cart.quantity_invalid", "cart.not_customer",
)  # fmt: skip

ROUTES: Final = (
    Route("GET", _CART, "The bag as it stands now, and what has changed in it.", CUSTOMER, get_cart,
          CartOk, errors=("cart.not_customer",)),
    Route("POST", f"{_CART}/add", "Put pieces of a variant into the bag; the same id adds once.",
          CUSTOMER, add_to_cart, CartOk, CartAdd, errors=_FOR_SALE),
    Route("POST", f"{_CART}/update", "Say how many pieces of a variant the bag holds; 0 for none.",
          CUSTOMER, update_cart, CartOk, CartUpdate, errors=_FOR_SALE),
    Route("POST", f"{_CART}/remove", "Take variants out of the bag.", CUSTOMER, remove_from_cart,
          CartOk, CartRemove, errors=("cart.not_customer",)),
    Route("POST", f"{_CART}/merge",
          "Put the bag of before the log-in on top; the same id merges once.", CUSTOMER, merge_cart,
          CartOk, CartMerge, errors=("cart.not_customer",)),
    Route("POST", "/api/v1/coupons/check", "What a coupon takes off these lines.", CUSTOMER,
          check_coupon, CouponOk, CouponCheck,
          errors=("order.coupon_unknown", "order.coupon_ended", "order.coupon_used",
                  "order.coupon_quota", "order.coupon_not_here", "order.coupon_min_spend")),
)  # fmt: skip
