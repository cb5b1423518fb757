"""The draw of a giveaway: what it is made of, and that a record that was touched is found out."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livecommerce.live import drawing

ROOT = Path(__file__).parents[3]
SEED = "5e" * 32
GIVEAWAY = UUID("018f0000-0000-7000-8000-000000000001")
ENTRIES = [UUID(int=n) for n in range(1, 101)]

entries = st.lists(st.uuids(), unique=True, max_size=30)


def record(**changes: Any) -> dict[str, Any]:
    won = drawing.winners(SEED, GIVEAWAY, ENTRIES, 3)
    return {
        "id": str(GIVEAWAY),
        "winners_max": 3,
        "seed": SEED,
        "seed_hash": drawing.hash_of_seed(SEED),
        "entries": len(ENTRIES),
        "entry_ids": [str(entry) for entry in ENTRIES],
        "entries_hash": drawing.hash_of_entries(ENTRIES),
        "winners": [
            {"place": place, "entry_id": str(entry), "name": "Asha"}
            for place, entry in enumerate(won, 1)
        ],
    } | changes


def test_a_draw_is_this_one_whoever_repeats_it() -> None:
    assert drawing.winners(SEED, GIVEAWAY, ENTRIES, 3) == (UUID(int=26), UUID(int=66), UUID(int=65))
    assert drawing.hash_of_seed(SEED) == hashlib.sha256(b"\x5e" * 32).hexdigest()


@settings(deadline=None)
@given(entries, st.integers(1, 20), st.randoms())
def test_the_order_in_which_people_came_changes_nothing(
    entries: list[UUID], winners_max: int, random: Any
) -> None:
    mixed = list(entries)
    random.shuffle(mixed)
    assert drawing.winners(SEED, GIVEAWAY, mixed, winners_max) == drawing.winners(
        SEED, GIVEAWAY, entries, winners_max
    )


@settings(deadline=None)
@given(entries, st.integers(1, 20))
def test_each_place_goes_to_another_entry_until_there_are_none_left(
    entries: list[UUID], winners_max: int
) -> None:
    won = drawing.winners(SEED, GIVEAWAY, entries, winners_max)
    assert len(won) == len(set(won)) == min(winners_max, len(entries))
    assert set(won) <= set(entries)


def test_no_entry_is_favoured() -> None:
    ten = ENTRIES[:10]
    times = dict.fromkeys(ten, 0)
    for n in range(2000):
        (winner,) = drawing.winners(f"{n:064x}", GIVEAWAY, ten, 1)
        times[winner] += 1
    # 200 expected; six standard deviations are 80.
    assert all(120 < count < 280 for count in times.values())


def test_a_record_that_is_as_it_must_be_has_no_faults() -> None:
    assert drawing.faults(record()) == ()


def _other_winner() -> list[dict[str, Any]]:
    return [{"place": 1, "entry_id": str(UUID(int=1)), "name": "A friend"}]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"seed": "5f" * 32}, "The seed is not the one that was promised."),
        ({"entries": 101}, "The entries are not as many as were told."),
        (
            {"entry_ids": [str(entry) for entry in ENTRIES[:-1]], "entries": 99},
            "The entries are not those of the draw.",
        ),
        ({"winners": _other_winner()}, "The winners are not those of the seed and the entries."),
    ],
)
def test_a_record_that_was_touched_is_found_out(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in drawing.faults(record(**changes))


def test_before_the_draw_there_is_nothing_to_check() -> None:
    assert drawing.faults(record(seed=None, entry_ids=None)) == ("The giveaway is not drawn yet.",)


def test_the_program_of_the_documentation_comes_to_the_same_winners(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "giveaways.md").read_text()
    program = text.split("```python\n")[1].split("```")[0]
    (tmp_path / "record.json").write_bytes(orjson.dumps(record()))
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "record.json")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "This draw is as it must be."
