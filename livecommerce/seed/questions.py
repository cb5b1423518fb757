"""What the demo's customer has asked support: one query waits, one is in work, one is resolved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from db import Database
from shop import support
from shop.refusal import ShopRefused
from shop.support import Category, NewQuery


@dataclass(frozen=True, slots=True)
class Question:
    """answer: of support, if any. is_resolved: with that answer."""

    slug: str
    category: Category
    subject: str
    message: str
    answer: str = ""
    is_resolved: bool = False


QUESTIONS: Final = (
    Question(
        "size",
        "product",
        "Which kurta size fits 172 cm?",
        "I am between M and L. The video did not show the length.",
        "Take L: it is 112 cm long, M is 108 cm. You can return it unworn.",
        is_resolved=True,
    ),
    Question(
        "cod",
        "payment",
        "डिलीवरी पर UPI से भुगतान",
        "क्या सामान आने पर UPI से भुगतान कर सकते हैं, या सिर्फ़ नक़द?",
        "जी हाँ, ज़्यादातर पिन कोड पर। अपना पिन कोड बताइए, हम देख लेते हैं।",
    ),
    Question(
        "gift",
        "order",
        "Can an order be wrapped as a gift?",
        "It is for my sister, and it should arrive without a price on it.",
    ),
)


async def ask_support(
    db: Database, namespace: UUID, customer: UUID, admin: UUID, now: datetime
) -> None:
    """Ask what has not been asked yet, as customer and admin would."""
    for question in QUESTIONS:
        query_id = uuid5(namespace, f"query/{question.slug}")
        if not await _is_asked(db, customer, query_id, now):
            await _ask(db, question, query_id, customer, admin, now)


async def _is_asked(db: Database, customer: UUID, query_id: UUID, now: datetime) -> bool:
    try:
        await support.query_of(db, customer, query_id, now)
    except ShopRefused:
        return False
    return True


async def _ask(
    db: Database, question: Question, query_id: UUID, customer: UUID, admin: UUID, now: datetime
) -> None:
    new = NewQuery(query_id, question.category, question.subject, question.message)
    await support.open_query(db, customer, new, now)
    message_id = uuid5(query_id, "answer")
    if question.is_resolved:
        await support.resolve(db, admin, query_id, message_id, question.answer)
    elif question.answer:
        await support.answer(db, admin, query_id, message_id, question.answer)
