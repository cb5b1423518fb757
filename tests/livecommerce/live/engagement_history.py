"""Facts about questions, polls and giveaways of one live session, as they would follow each
other."""

from __future__ import annotations

from typing import Any
from uuid import UUID

ASHA = UUID(int=7)


def question(n: int, revision: int = 1, status: str = "open", upvotes: int = 0) -> dict[str, Any]:
    return {
        "id": str(UUID(int=1000 + n)),
        "text": "Does it shrink?",
        "name": "Asha",
        "role": "customer",
        "author_id": str(ASHA),
        "upvotes": upvotes,
        "status": status,
        "asked_at_ms": n,
        "revision": revision,
    }


def poll(n: int, revision: int = 1, votes: int = 0, closed: bool = False) -> dict[str, Any]:
    return {
        "id": str(UUID(int=2000 + n)),
        "question": "Which colour?",
        "options": [{"text": "Red", "votes": votes}, {"text": "Blue", "votes": 0}],
        "voters": votes,
        "opened_at_ms": n,
        "closes_at_ms": None,
        "closed_at_ms": 99 if closed else None,
        "revision": revision,
    }


def giveaway(n: int, entries: int = 0, drawn: bool = False) -> dict[str, Any]:
    return {
        "id": str(UUID(int=3000 + n)),
        "prize": "A shirt",
        "winners_max": 1,
        "needs": "nothing",
        "seed_hash": "ab",
        "opened_at_ms": n,
        "closes_at_ms": 99,
        "entries": entries,
        "seed": "cd" if drawn else None,
        "entries_hash": "ef" if drawn else None,
        "drawn_at_ms": 99 if drawn else None,
        "winners": [],
    }


def asked(*questions: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "questions.changed", {"questions": list(questions)}


def engagement_history() -> list[tuple[str, dict[str, Any]]]:
    return [
        asked(question(1)),
        asked(question(2), question(1, 2, upvotes=1)),
        ("poll.opened", {"poll": poll(1)}),
        asked(question(1, 3, "picked", 1)),
        ("poll.counted", {"poll": poll(1, 4, votes=3)}),
        ("giveaway.opened", {"giveaway": giveaway(1)}),
        asked(question(1, 4, "answered", 1), question(2, 2, "picked")),
        ("poll.closed", {"poll": poll(1, 5, votes=3, closed=True)}),
        ("poll.opened", {"poll": poll(2)}),
        ("giveaway.counted", {"giveaway": giveaway(1, 4)}),
        asked(question(3)),
        ("giveaway.drawn", {"giveaway": giveaway(1, 5, drawn=True)}),
        ("poll.counted", {"poll": poll(2, 2, votes=1)}),
    ]
