"""Who works on an order after the sale, and what the words mean that the database answers with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from db import Actor
from shop.refusal import RefusalCode, ShopRefused

ActorKind = Literal["customer", "wholesaler", "admin"]
About = Literal["order", "shipment", "return"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does something with an order; what they may do is in private.order_rights."""

    kind: ActorKind
    user_id: UUID

    @property
    def actor(self) -> Actor:
        """For reading."""
        return Actor(self.kind, self.user_id)

    @property
    def service(self) -> Actor:
        """For writing: the service does it, and the audit log notes for whom."""
        return Actor("service", self.user_id)


@dataclass(frozen=True, slots=True)
class Units:
    """Pieces of one line of an order."""

    order_item_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a function of the database answers: a word, and what mends it."""

    outcome: str
    detail: dict[str, Any] | None


def columns_of(units: Sequence[Units] | None) -> tuple[list[UUID] | None, list[int] | None]:
    """The units as the two lists that the functions take; both None for all that is possible."""
    if units is None:
        return None, None
    return [unit.order_item_id for unit in units], [unit.quantity for unit in units]


REFUSALS: Final[dict[str, tuple[RefusalCode, str]]] = {
    "order.not_found": ("order.not_found", "There is no such order."),
    "order.key_reused": ("order.key_reused", "This id was used for something else."),
    "order.not_paid": ("order.not_paid", "This order is not paid yet."),
    "order.nothing_to_ship": ("order.nothing_to_ship", "That many do not wait to be sent."),
    "order.nothing_to_cancel": (
        "order.nothing_to_cancel",
        "That many cannot be cancelled any more. What is packed can be sent back once it arrives.",
    ),
    "order.unpaid_whole_only": (
        "order.unpaid_whole_only",
        "Before it is paid, an order can only be cancelled as a whole.",
    ),
    "shipment.not_found": ("shipment.not_found", "There is no such parcel."),
    "shipment.wrong_state": (
        "shipment.wrong_state",
        "That is not possible in the state of this parcel.",
    ),
    "return.not_found": ("return.not_found", "There is no such return."),
    "return.wrong_state": (
        "return.wrong_state",
        "That is not possible in the state of this return.",
    ),
    "return.not_delivered": ("return.not_delivered", "Only what was delivered can be sent back."),
    "return.too_late": ("return.too_late", "The time for sending this back is over."),
    "return.too_many": ("return.too_many", "That many cannot be sent back."),
    "return.upi_needed": (
        "return.upi_needed",
        "Please say to which UPI address the money should go, since you paid in cash.",
    ),
    "return.not_paid": (
        "return.not_paid",
        "The payment for this order has not been confirmed yet. Please try again later.",
    ),
    "return.key_reused": ("return.key_reused", "This id was used for something else."),
}


def require_done(about: About, answer: Outcome | str | None) -> None:
    """Raises ShopRefused for a word that is not 'done'."""
    assert answer is not None, "these functions always answer"
    word = answer if isinstance(answer, str) else answer.outcome
    if word == "done":
        return
    code, sentence = REFUSALS[f"{about}.{word}"]
    raise ShopRefused(code, sentence, None if isinstance(answer, str) else answer.detail)
