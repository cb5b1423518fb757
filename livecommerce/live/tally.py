"""What is counted of a live session, by the minute in which it happened, and records. Pure.

A process writes it down as a batch; whoever reads batches adds them up again. Every number is one
that can be added (or of which the greatest counts), so it does not matter how they were cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson

# Taps whose ids go along, so that one which is repeated to another process is found out: of so many
# a batch. In a second of more, the others are known to this process alone.
TAPS_MAX: Final = 1_000
# Twelve hours without Redis or a flush; what happens after them is counted in the last of these.
MINUTES_MAX: Final = 720


CLICKED: Final = "clicked"
ADDED_TO_CART: Final = "added_to_cart"


@dataclass(slots=True)
class OfProduct:
    """shown: visits that had it pinned before them."""

    shown: int = 0
    clicked: int = 0
    added_to_cart: int = 0


@dataclass(slots=True)
class Minute:
    """peak: the most viewers of all processes at once; viewers_sum and samples: for their average.
    watch_ms: how long this process's viewers watched, all together. kinds: of the reactions."""

    joins: int = 0
    leaves: int = 0
    messages: int = 0
    reactions: int = 0
    watch_ms: int = 0
    peak: int = 0
    viewers_sum: int = 0
    samples: int = 0
    products: dict[UUID, OfProduct] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)

    def react(self, kind: str, count: int) -> None:
        self.reactions += count
        self.kinds[kind] = self.kinds.get(kind, 0) + count

    def product(self, product_id: UUID) -> OfProduct:
        found = self.products.get(product_id)
        if found is None:
            found = self.products[product_id] = OfProduct()
        return found

    @property
    def clicked(self) -> int:
        return sum(product.clicked for product in self.products.values())

    def written(self) -> dict[str, Any]:
        # Not dataclasses.asdict, which copies in depth: a whole minute is written down each second.
        return {
            "joins": self.joins,
            "leaves": self.leaves,
            "messages": self.messages,
            "reactions": self.reactions,
            "watch_ms": self.watch_ms,
            "peak": self.peak,
            "viewers_sum": self.viewers_sum,
            "samples": self.samples,
            "products": {
                str(id_): (product.shown, product.clicked, product.added_to_cart)
                for id_, product in self.products.items()
            },
            "kinds": self.kinds,
        }

    def absorb(self, written: Mapping[str, Any]) -> None:
        self.joins += written["joins"]
        self.leaves += written["leaves"]
        self.messages += written["messages"]
        self.reactions += written["reactions"]
        self.watch_ms += written["watch_ms"]
        self.peak = max(self.peak, written["peak"])
        self.viewers_sum += written["viewers_sum"]
        self.samples += written["samples"]
        for id_, (shown, clicked, added_to_cart) in written["products"].items():
            product = self.product(UUID(id_))
            product.shown += shown
            product.clicked += clicked
            product.added_to_cart += added_to_cart
        # Processes of an earlier release write none.
        for kind, count in written.get("kinds", {}).items():
            self.kinds[kind] = self.kinds.get(kind, 0) + count


@dataclass(frozen=True, slots=True)
class Cut:
    """taps: the ids of those in the body, 16 bytes each, in its order."""

    body: bytes
    records: int
    taps: bytes


class Tally:
    """minutes: by the number of minutes since 1970. records: by kind and id; a later record of the
    same id takes the place of the earlier."""

    def __init__(self) -> None:
        self.minutes: dict[int, Minute] = {}
        self.records: dict[str, dict[str, Mapping[str, Any]]] = {}
        self._taps: dict[tuple[int, UUID, str], list[bytes]] = {}
        self._taps_count = 0

    def minute(self, number: int) -> Minute:
        found = self.minutes.get(number)
        if found is None:
            if len(self.minutes) >= MINUTES_MAX:
                return self.minutes[max(self.minutes)]
            found = self.minutes[number] = Minute()
        return found

    def tap(self, number: int, product_id: UUID, what: str, tap_id: UUID) -> None:
        """Count a tap in the minute of this number; what: CLICKED or ADDED_TO_CART."""
        minute = self.minute(number)
        _add(minute.product(product_id), what, 1)
        # What was put into another minute is not looked for again.
        if self._taps_count < TAPS_MAX and number in self.minutes:
            self._taps_count += 1
            self._taps.setdefault((number, product_id, what), []).append(tap_id.bytes)

    def keep(self, kind: str, record: Mapping[str, Any]) -> bool:
        """Whether it is one more record, and not a later one of an id that is here already."""
        records = self.records.setdefault(kind, {})
        is_more = record["id"] not in records
        records[record["id"]] = record
        return is_more

    def __bool__(self) -> bool:
        return bool(self.minutes or self.records)

    def cut(self, most_records: int) -> Cut:
        """Take everything out and write it down, but only so many of the records, the oldest of
        each kind first."""
        taken: dict[str, list[Mapping[str, Any]]] = {}
        count = 0
        for kind in list(self.records):
            records = self.records[kind]
            ids = list(records)[: most_records - count]
            taken[kind] = [records.pop(id_) for id_ in ids]
            count += len(ids)
            if not records:
                del self.records[kind]
            if count == most_records:
                break
        written = {
            "minutes": {str(number): minute.written() for number, minute in self.minutes.items()},
            "records": taken,
            "taps": [
                (number, str(product_id), what, len(ids))
                for (number, product_id, what), ids in self._taps.items()
            ],
        }
        taps = b"".join(id_ for ids in self._taps.values() for id_ in ids)
        self.minutes, self._taps, self._taps_count = {}, {}, 0
        return Cut(orjson.dumps(written), count, taps)

    def absorb(self, body: bytes, repeated: Iterable[int] = ()) -> int:
        """Add what another one wrote down; how many records that were. repeated: which of its taps
        had been counted before."""
        written = orjson.loads(body)
        for number, counts in written["minutes"].items():
            self.minute(int(number)).absorb(counts)
        for kind, records in written["records"].items():
            for record in records:
                self.keep(kind, record)
        groups = [group for *group, count in written["taps"] for _ in range(count)]
        for place in repeated:
            number, product_id, what = groups[place]
            _add(self.minute(number).product(UUID(product_id)), what, -1)
        return sum(map(len, written["records"].values()))


def _add(product: OfProduct, what: str, count: int) -> None:
    if what == CLICKED:
        product.clicked += count
    else:
        product.added_to_cart += count
