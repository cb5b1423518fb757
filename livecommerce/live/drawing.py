"""The draw of a giveaway, which anybody can repeat. Pure.

Published at the opening: SHA-256 of a secret seed. Published with the draw: the seed, and the ids
of all entries. The winners are a function of the two, so nobody could choose them: the seed was
fixed before anybody had entered, and every entry's id, made by the entrant's own browser, moves
the outcome. docs/giveaways.md says the same to people, with a program of their own to check it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

SEED_BYTES: Final = 32


def hash_of_seed(seed: str) -> str:
    """What is promised at the opening. seed: hex."""
    return hashlib.sha256(bytes.fromhex(seed)).hexdigest()


def hash_of_entries(entries: Collection[UUID]) -> str:
    """SHA-256 of the ids in ascending order, a line each."""
    return hashlib.sha256("\n".join(sorted(map(str, entries))).encode()).hexdigest()


def winners(
    seed: str, giveaway_id: UUID, entries: Collection[UUID], winners_max: int
) -> tuple[UUID, ...]:
    """The entries that win, the first place first; all of them when there are not more.

    For each place an HMAC of the giveaway, the entries and the place, with the seed as its key, is
    taken as a number, and its rest by the number of entries that are left says which of them, in
    ascending order, it is. The rest of 256 bits favours nobody that could be measured.
    """
    left = sorted(map(str, entries))
    about = f"{giveaway_id}:{hash_of_entries(entries)}"
    drawn = []
    for place in range(1, min(winners_max, len(left)) + 1):
        digest = hmac.new(bytes.fromhex(seed), f"{about}:{place}".encode(), hashlib.sha256)
        drawn.append(UUID(left.pop(int(digest.hexdigest(), 16) % len(left))))
    return tuple(drawn)


def faults(record: Mapping[str, Any]) -> Sequence[str]:
    """What is wrong with the published record of a draw (GET /api/v1/giveaways/{id}), in
    sentences; nothing when it is as it must be."""
    if record["seed"] is None or record["entry_ids"] is None:
        return ("The giveaway is not drawn yet.",)
    entries = [UUID(entry) for entry in record["entry_ids"]]
    found = [UUID(winner["entry_id"]) for winner in record["winners"]]
    due = winners(record["seed"], UUID(record["id"]), entries, record["winners_max"])
    checks = (
        (
            hash_of_seed(record["seed"]) == record["seed_hash"],
            "The seed is not the one that was promised.",
        ),
        (
            len(set(entries)) == len(entries) == record["entries"],
            "The entries are not as many as were told.",
        ),
        (
            hash_of_entries(entries) == record["entries_hash"],
            "The entries are not those of the draw.",
        ),
        (tuple(found) == due, "The winners are not those of the seed and the entries."),
    )
    return tuple(sentence for is_right, sentence in checks if not is_right)
