from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from livecommerce.app.garbage import (
    FEW,
    TOO_MANY,
    WORTH_A_FULL_LOOK,
    WORTH_A_LOOK,
    GarbageCollection,
    generation_due,
)


class Knot:
    """What only a collection can free."""

    def __init__(self) -> None:
        self.itself = self


def knots(count: int) -> weakref.ref[Knot]:
    """So many of them, of which nobody knows any more but by this."""
    made = [Knot() for _ in range(count)]
    return weakref.ref(made[0])


@pytest.fixture(autouse=True)
def by_hand() -> object:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_little_that_is_new_is_not_looked_at() -> None:
    assert generation_due(WORTH_A_LOOK - 1, waiting=0, aged=10**9, old=0) is None


def test_nobody_waits_longer_for_a_look_than_for_the_answer() -> None:
    assert generation_due(WORTH_A_LOOK, waiting=FEW + 1, aged=0, old=0) is None
    assert generation_due(WORTH_A_LOOK, waiting=FEW, aged=0, old=0) == 1


def test_too_much_is_looked_at_whoever_waits() -> None:
    assert generation_due(TOO_MANY, waiting=3_000, aged=0, old=10**9) == 1


def test_everything_is_looked_at_when_a_quarter_of_it_is_new() -> None:
    old = 8 * WORTH_A_FULL_LOOK
    assert generation_due(WORTH_A_LOOK, waiting=0, aged=old // 4 - WORTH_A_LOOK, old=old) == 1
    assert generation_due(WORTH_A_LOOK, waiting=0, aged=old // 4, old=old) == 2


def test_what_nobody_knows_any_more_is_freed_when_hardly_anybody_waits() -> None:
    waiting = FEW + 1
    collection = GarbageCollection(lambda: waiting)
    knot = knots(WORTH_A_LOOK)
    collection.look()
    assert knot() is not None
    waiting = 0
    collection.look()
    assert knot() is None


def test_what_has_become_old_is_freed_by_a_later_look_at_everything() -> None:
    collection = GarbageCollection(lambda: 0)
    made = [Knot() for _ in range(WORTH_A_LOOK)]
    known = weakref.ref(made[0])
    collection.look()
    del made
    new = [Knot() for _ in range(WORTH_A_FULL_LOOK)]
    collection.look()
    assert known() is None
    assert len(new) == WORTH_A_FULL_LOOK


async def test_automatic_collection_rests_while_this_one_runs() -> None:
    gc.enable()
    running = asyncio.create_task(GarbageCollection(lambda: 0).run())
    await asyncio.sleep(0)
    assert not gc.isenabled()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert gc.isenabled()
