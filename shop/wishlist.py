"""Products that a customer keeps in mind. Either wish twice is as once."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from db import Actor, Database, Query
from shop.refusal import RefusalCode, ShopRefused

MOST: Final = 500

_REFUSALS: Final[dict[str, tuple[RefusalCode, str]]] = {
    "not_customer": ("wishlist.not_customer", "This account has no active customer profile."),
    "not_found": ("product.not_found", "There is no such product for sale."),
    "full": ("wishlist.full", f"A wishlist holds {MOST} products. Take one off first."),
}

_WISH: Final = Query("products.wish", str)


async def set_wish(db: Database, user_id: UUID, product_id: UUID, is_wished: bool) -> None:
    """Raises ShopRefused."""
    word = await db.acting_as(Actor("customer", user_id)).one(_WISH, product_id, is_wished, MOST)
    assert word is not None, "the function always answers"
    if word != "done":
        code, sentence = _REFUSALS[word]
        raise ShopRefused(code, sentence)
