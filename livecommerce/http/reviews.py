"""A review on the wire; see review_routes.py for what is done with it."""

from typing import Literal

from signaling.payloads import Id, Wire


class ReviewWire(Wire):
    """hidden_reason: why an admin hid it; only its author and admins see it then. reply: of the
    wholesaler."""

    id: Id
    product_id: Id
    rating: int
    title: str
    body: str
    author_name: str
    is_verified_purchase: bool
    status: Literal["published", "hidden"]
    hidden_reason: str | None
    reply: str | None
    replied_at_ms: int | None
    created_at_ms: int
    updated_at_ms: int
