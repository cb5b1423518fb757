"""`livecommerce check`: the facts that must hold, asked of a live database in one snapshot.

It reads only, takes no lock and sees one moment, so that what is under way meanwhile breaks
nothing. What is found broken is named; nothing is mended.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TextIO

from db import Database, Query
from db.query import blocks


@dataclass(frozen=True, slots=True)
class Offence:
    """A row that breaks an invariant, how, and how many there are of them in all."""

    id: str
    detail: str
    total: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """offences: none when the invariant holds, else the first of `total`."""

    invariant: str
    offences: tuple[Offence, ...]

    @property
    def total(self) -> int:
        return self.offences[0].total if self.offences else 0


INVARIANTS: Final = tuple(Query(f"checks.{name}", Offence) for name in blocks("checks"))


async def check(db: Database) -> tuple[Verdict, ...]:
    """Ask all. Raises DatabaseUnavailable."""
    async with db.snapshot() as snapshot:
        return tuple(
            [
                Verdict(query.name.partition(".")[2], tuple(await snapshot.all(query)))
                for query in INVARIANTS
            ]
        )


def tell(verdicts: Sequence[Verdict], to: TextIO, *, as_json: bool) -> int:
    """One line for each invariant, and for each offence found; 1 when one is broken."""
    broken = [verdict for verdict in verdicts if verdict.offences]
    if as_json:
        print(json.dumps([_document(verdict) for verdict in verdicts], indent=2), file=to)
        return 1 if broken else 0
    for verdict in verdicts:
        words = verdict.invariant.replace("_", " ")
        if not verdict.offences:
            print(f"ok      {words}", file=to)
            continue
        print(f"FAILED  {words}: {verdict.total:,}", file=to)
        for offence in verdict.offences:
            print(f"        {offence.id}  {offence.detail}", file=to)
        if verdict.total > len(verdict.offences):
            print(f"        and {verdict.total - len(verdict.offences):,} more", file=to)
    print(f"{len(verdicts) - len(broken)} hold, {len(broken)} broken", file=to)
    return 1 if broken else 0


def _document(verdict: Verdict) -> dict[str, object]:
    return {
        "invariant": verdict.invariant,
        "holds": not verdict.offences,
        "total": verdict.total,
        "offences": [{"id": offence.id, "detail": offence.detail} for offence in verdict.offences],
    }
