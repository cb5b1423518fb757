"""How this server says no: one shape for every refusal, one HTTP status for every code."""

import math
from collections.abc import Mapping
from typing import Final

import orjson
from aiohttp import web

from db import DatabaseUnavailable, TransactionConflict
from livecommerce.refusals import Refusal
from shop.refusal import ShopRefused


class ApiRefused(Refusal):
    """A refusal that a handler of this package decides."""


# Every code that the REST interface refuses with. One that is missing here is a defect, answered
# as 500 and caught by the test that walks the routes.
STATUS: Final[dict[str, int]] = {
    "payload.invalid": 400,
    "auth.required": 401,
    "auth.invalid": 401,
    "auth.wrong_credentials": 401,
    "auth.link_invalid": 401,
    "auth.forbidden": 403,
    "auth.account_closed": 403,
    "auth.origin_refused": 403,
    "query.not_customer": 403,
    "cart.not_customer": 403,
    "address.not_customer": 403,
    "coupon.not_yours": 403,
    "path.unknown": 404,
    "profile.not_found": 404,
    "query.not_found": 404,
    "session.not_found": 404,
    "giveaway.not_found": 404,
    "influencer.not_found": 404,
    "influencer.self": 409,
    "coupon.not_found": 404,
    "address.not_found": 404,
    "address.pin_unknown": 404,
    "link.target_unknown": 404,
    "method.not_allowed": 405,
    "request.timed_out": 408,
    "auth.email_taken": 409,
    "session.wrong_state": 409,
    "product.unavailable": 409,
    "query.closed": 409,
    "query.key_reused": 409,
    "query.wrong_state": 409,
    "cart.product_unavailable": 409,
    "cart.full": 409,
    "coupon.code_taken": 409,
    "address.too_many": 409,
    "order.coupon_ended": 409,
    "order.coupon_used": 409,
    "order.coupon_quota": 409,
    "payload.too_large": 413,
    "payload.not_json": 415,
    "auth.email_invalid": 422,
    "auth.display_name_invalid": 422,
    "auth.password_too_short": 422,
    "auth.password_too_long": 422,
    "auth.password_invalid": 422,
    "payment_details.invalid": 422,
    "query.order_unknown": 422,
    "cart.quantity_invalid": 422,
    "coupon.invalid": 422,
    "order.address_invalid": 422,
    "order.gstin_invalid": 422,
    "order.coupon_unknown": 422,
    "order.coupon_not_here": 422,
    "order.coupon_min_spend": 422,
    "query.too_many": 429,
    "rate.limited": 429,
    "product.not_wholesaler": 403,
    "review.not_bought": 403,
    "review.not_customer": 403,
    "wishlist.not_customer": 403,
    "product.not_found": 404,
    "review.not_found": 404,
    "product.sku_taken": 409,
    "product.in_deal": 409,
    "stock.too_little": 409,
    "stock.key_reused": 409,
    "wishlist.full": 409,
    "image.too_large": 413,
    "payload.wrong_type": 415,
    "product.invalid": 422,
    "image.unreadable": 422,
    "import.unreadable": 422,
    "image.too_many": 429,
    "order.not_found": 404,
    "shipment.not_found": 404,
    "return.not_found": 404,
    "invoice.not_found": 404,
    "order.not_paid": 409,
    "order.nothing_to_cancel": 409,
    "order.nothing_to_ship": 409,
    "order.unpaid_whole_only": 409,
    "order.key_reused": 409,
    "shipment.wrong_state": 409,
    "return.not_delivered": 409,
    "return.too_late": 409,
    "return.too_many": 409,
    "return.wrong_state": 409,
    "return.not_paid": 409,
    "return.key_reused": 409,
    "invoice.gstin_unreadable": 409,
    "return.upi_needed": 422,
    "payment.signature_invalid": 400,
    "payment.not_found": 404,
    "payment.provider_unknown": 404,
    "refund.not_found": 404,
    "payment.not_payable": 409,
    "payment.wrong_state": 409,
    "payment.reference_used": 409,
    "payment.amount_differs": 409,
    "refund.wrong_state": 409,
    "payment.method_unavailable": 422,
    "payment.reference_invalid": 422,
    "payout.not_found": 404,
    "payee.not_found": 404,
    "payout.wrong_state": 409,
    "payout.nothing_due": 409,
    "payout.key_reused": 409,
    "statement.too_long": 409,
    "server.failed": 500,
    "auth.busy": 503,
    "service.unavailable": 503,
}


# What the framework itself refuses, in our words.
_OF_FRAMEWORK: Final[dict[int, tuple[str, str]]] = {
    404: ("path.unknown", "There is nothing at this address."),
    405: ("method.not_allowed", "This address does not take that method."),
    408: ("request.timed_out", "The request did not arrive in time."),
    413: ("payload.too_large", "The request is larger than 64 KB."),
}
_NOT_WELL_FORMED: Final = ("payload.invalid", "The request is not well formed.")


def refused(
    code: str,
    message: str,
    request_id: str,
    retry_after_s: float | None = None,
    details: Mapping[str, object] | None = None,
) -> web.Response:
    """The answer; `Retry-After` carries whole seconds beside the exact ones in the body."""
    body: dict[str, object] = {"code": code, "message": message}
    if retry_after_s is not None:
        body["retry_after_s"] = round(retry_after_s, 1)
    if details:
        body["details"] = dict(details)
    body["request_id"] = request_id
    response = web.Response(
        status=STATUS[code],
        body=orjson.dumps({"refused": body}, default=str),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(max(1, math.ceil(retry_after_s)))
    if STATUS[code] == 401:
        # RFC 9110, 15.5.2: a 401 says which scheme would be taken.
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def refusal_of(error: Exception, request_id: str) -> tuple[str, web.Response] | None:
    """The code and the answer for an exception that is a refusal; None for a defect."""
    match error:
        case Refusal() | ShopRefused():
            code, message, wait_s = error.code, error.message, error.retry_after_s
            return code, refused(code, message, request_id, wait_s, error.details)
        case DatabaseUnavailable():
            return _unavailable(request_id, error.retry_after_s)
        case TransactionConflict():
            return _unavailable(request_id, 1.0)
        case web.HTTPException() if error.status >= 400:
            code, message = _OF_FRAMEWORK.get(error.status, _NOT_WELL_FORMED)
            response = refused(code, message, request_id)
            if "Allow" in error.headers:
                response.headers["Allow"] = error.headers["Allow"]
            return code, response
        case _:
            return None


def _unavailable(request_id: str, retry_after_s: float) -> tuple[str, web.Response]:
    code = "service.unavailable"
    message = "This is not available right now. Please try again in a moment."
    return code, refused(code, message, request_id, retry_after_s)
