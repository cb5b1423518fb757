from __future__ import annotations

import asyncio
from functools import partial
from itertools import pairwise

from signaling.turns import Rounds, Turns


async def in_a_round(turns: Turns, names: range, done: list[int]) -> list[asyncio.Task[None]]:
    """Tasks that take a turn, all begun in the same round of the loop."""

    async def one(name: int) -> None:
        await turns.take()
        done.append(name)

    tasks = [asyncio.create_task(one(name)) for name in names]
    await asyncio.sleep(0)
    return tasks


async def test_all_of_a_quiet_round_pass_at_once() -> None:
    done: list[int] = []
    await in_a_round(Turns(3), range(3), done)
    assert done == [0, 1, 2]


async def test_those_that_are_too_many_take_turns_in_the_order_in_which_they_came() -> None:
    done: list[int] = []
    tasks = await in_a_round(Turns(3), range(10), done)
    assert done == [0, 1, 2]
    seen = []
    while len(done) < 10:
        await asyncio.sleep(0)
        seen.append(len(done))
    assert done == list(range(10))
    assert max(later - earlier for earlier, later in pairwise(seen)) <= 3
    await asyncio.gather(*tasks)


async def test_newcomer_does_not_overtake_those_who_wait() -> None:
    done: list[int] = []
    turns = Turns(2)
    tasks = await in_a_round(turns, range(6), done)
    tasks += await in_a_round(turns, range(6, 8), done)
    await asyncio.gather(*tasks)
    assert done == list(range(8))


async def test_who_was_cancelled_while_waiting_takes_nobodys_place() -> None:
    done: list[int] = []
    tasks = await in_a_round(Turns(1), range(4), done)
    tasks[1].cancel()
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert done == [0, 3]


async def test_turns_that_have_rested_begin_anew() -> None:
    done: list[int] = []
    turns = Turns(2)
    await asyncio.gather(*await in_a_round(turns, range(5), done))
    await asyncio.sleep(0)
    await in_a_round(turns, range(5, 7), done)
    assert done == list(range(7))


async def test_calls_that_nobody_waits_for_are_made_some_in_each_round() -> None:
    rounds, made = Rounds(3), list[int]()
    for number in range(8):
        rounds.add(partial(made.append, number))
    seen = []
    while len(made) < 8:
        await asyncio.sleep(0)
        seen.append(len(made))
    assert made == list(range(8))
    assert max(later - earlier for earlier, later in pairwise([0, *seen])) <= 3


async def test_call_that_fails_keeps_no_other_from_its_turn() -> None:
    rounds, made, told = Rounds(3), list[int](), list[dict[str, object]]()
    asyncio.get_running_loop().set_exception_handler(lambda _loop, told_of: told.append(told_of))
    rounds.add(lambda: made.remove(1))  # it is not there
    rounds.add(partial(made.append, 2))
    while made != [2]:
        await asyncio.sleep(0)
    assert len(told) == 1
