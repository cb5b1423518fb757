"""What an event means for a payment. Pure: values in, values out.

Providers repeat events, send them late and in any order, and may say "failed" of what succeeds
after all (UPI). So a payment's state never follows the newest event but the one that says most:
states have a rank, a payment only rises, and money that was captured outranks everything. Whatever
the order in which the same events come, and however often, the payment ends in the same state.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

Status = Literal[
    "created", "pending", "captured", "failed", "cancelled", "collected", "remitted", "returned"
]
EventKind = Literal[
    "pending",
    "authorized",
    "failed",
    "cancelled",
    "captured",
    "refund_pending",
    "refund_succeeded",
    "refund_failed",
    "unknown",
]

_RANK: Final[dict[Status, int]] = {
    "created": 0,
    "pending": 1,
    "failed": 2,
    "cancelled": 3,
    "captured": 4,
    # Cash on delivery: no provider speaks of it, so no event moves it.
    "returned": 5,
    "collected": 5,
    "remitted": 5,
}
_MEANT: Final[dict[EventKind, Status]] = {
    "pending": "pending",
    "authorized": "pending",
    "failed": "failed",
    "cancelled": "cancelled",
}


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment as it stands. capture_reference: of the capture that made it captured."""

    status: Status
    amount_minor: int
    currency: str
    capture_reference: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """An event about a payment, as far as it matters here."""

    kind: EventKind
    amount_minor: int | None = None
    currency: str | None = None
    capture_reference: str | None = None


class Step(Enum):
    """What is to be done in answer to an event."""

    NOTHING = "nothing"
    MOVE = "move"
    """To the state of the decision."""
    CAPTURE = "capture"
    """The money is ours: the order takes it, or it goes back."""
    FETCH = "fetch"
    """It is promised to us; the provider has to be asked to hand it over."""
    SHOW = "show"
    """Not to be decided by a program: somebody has to look."""


@dataclass(frozen=True, slots=True)
class Decision:
    step: Step
    status: Status
    reason: str = ""


def decide(payment: Paid, event: Said) -> Decision:
    """What to do about an event of a payment. Refunds are told apart in inbox.py."""
    if event.kind == "captured":
        return _captured(payment, event)
    meant = _MEANT.get(event.kind)
    if meant is None or _RANK[meant] <= _RANK[payment.status]:
        if event.kind == "authorized" and payment.status in ("created", "pending", "failed"):
            return Decision(Step.FETCH, payment.status)
        return Decision(Step.NOTHING, payment.status)
    if event.kind == "authorized":
        return Decision(Step.FETCH, meant)
    return Decision(Step.MOVE, meant)


def _captured(payment: Paid, event: Said) -> Decision:
    # Before anything is delivered for it: is it what was asked for? A page or a merchant account
    # that was tampered with can produce a perfectly signed event over one rupee.
    if (event.amount_minor, event.currency) != (payment.amount_minor, payment.currency):
        return Decision(
            Step.SHOW,
            payment.status,
            f"{event.amount_minor} {event.currency} instead of "
            f"{payment.amount_minor} {payment.currency}",
        )
    if payment.status == "captured":
        is_another = (
            event.capture_reference is not None
            and payment.capture_reference is not None
            and event.capture_reference != payment.capture_reference
        )
        if is_another:
            return Decision(Step.SHOW, "captured", "captured twice at the provider")
        return Decision(Step.NOTHING, "captured")
    if _RANK[payment.status] > _RANK["captured"]:
        return Decision(Step.SHOW, payment.status, "not a payment of this provider")
    return Decision(Step.CAPTURE, "captured")
