import asyncio
import uuid
from collections.abc import Sequence
from typing import Any, TypeAlias
from uuid import UUID

import pytest

from db import DatabaseUnavailable, TransactionConflict
from shop.combiner import Combiner, CombinerConfig, Request
from shop.refusal import ShopRefused

Answer: TypeAlias = dict[str, Any]


class Books:
    """Stands for the database: notes the batches, answers with what was asked."""

    def __init__(self) -> None:
        self.batches: list[list[object]] = []
        self.free = asyncio.Event()
        self.free.set()
        self.errors: list[Exception] = []

    async def write(self, requests: Sequence[Request]) -> list[Answer]:
        self.batches.append([request["n"] for request in requests])
        await self.free.wait()
        if self.errors:
            raise self.errors.pop(0)
        if len(requests) > 1 and any(request["n"] == "bad" for request in requests):
            raise ValueError("a value that the column does not take")
        if requests[0]["n"] == "bad":
            raise ValueError("a value that the column does not take")
        return [{"n": request["n"]} for request in requests]


def asked(combiner: Combiner[Answer], n: object, user: UUID | None = None) -> asyncio.Task[Answer]:
    return asyncio.ensure_future(combiner.place(user or uuid.uuid4(), {"n": n}))


async def test_what_comes_within_the_window_goes_as_one_batch_in_its_order() -> None:
    books = Books()
    combiner = Combiner(books.write, CombinerConfig(calls=1))
    answers = await asyncio.gather(*(asked(combiner, n) for n in range(5)))
    assert books.batches == [[0, 1, 2, 3, 4]]
    assert [answer["n"] for answer in answers] == [0, 1, 2, 3, 4]


async def test_while_a_batch_is_written_the_next_one_grows_up_to_its_size() -> None:
    books = Books()
    combiner = Combiner(books.write, CombinerConfig(window_s=0, calls=1, batch_size=3))
    books.free.clear()
    first = asked(combiner, "first")
    while not books.batches:
        await asyncio.sleep(0)
    rest = [asked(combiner, n) for n in range(4)]
    await asyncio.sleep(0)
    books.free.set()
    await asyncio.gather(first, *rest)
    assert books.batches == [["first"], [0, 1, 2], [3]]


async def test_two_orders_of_one_customer_never_share_a_batch() -> None:
    books, customer = Books(), uuid.uuid4()
    combiner = Combiner(books.write, CombinerConfig(calls=1))
    await asyncio.gather(
        asked(combiner, "mine", customer),
        asked(combiner, "mine again", customer),
        asked(combiner, "another's"),
    )
    assert books.batches == [["mine", "another's"], ["mine again"]]


async def test_one_order_that_the_database_refuses_does_not_fail_its_neighbours() -> None:
    books = Books()
    combiner = Combiner(books.write, CombinerConfig(calls=1))
    answers = await asyncio.gather(
        asked(combiner, 1), asked(combiner, "bad"), asked(combiner, 2), return_exceptions=True
    )
    assert answers[0] == {"n": 1}
    assert isinstance(answers[1], ValueError)
    assert answers[2] == {"n": 2}
    assert books.batches == [[1, "bad", 2], [1], ["bad"], [2]]


async def test_a_conflict_is_tried_again() -> None:
    books = Books()
    books.errors = [TransactionConflict("deadlock"), TransactionConflict("deadlock")]
    combiner = Combiner(books.write, CombinerConfig())
    assert await asked(combiner, 1) == {"n": 1}


async def test_when_the_database_is_away_everybody_in_the_batch_hears_it_once() -> None:
    books = Books()
    books.errors = [DatabaseUnavailable("away")]
    combiner = Combiner(books.write, CombinerConfig(calls=1))
    answers = await asyncio.gather(*(asked(combiner, n) for n in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [DatabaseUnavailable] * 3
    assert len(books.batches) == 1


async def test_who_goes_away_while_waiting_fails_nobody() -> None:
    books = Books()
    combiner = Combiner(books.write, CombinerConfig(calls=1))
    gone, stays = asked(combiner, "gone"), asked(combiner, "stays")
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == {"n": "stays"}


async def test_beyond_the_limit_an_order_is_refused_at_once() -> None:
    books = Books()
    combiner = Combiner(books.write, CombinerConfig(calls=1, waiting=2, window_s=10))
    waiting = [asked(combiner, n) for n in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(ShopRefused) as refusal:
        await combiner.place(uuid.uuid4(), {"n": "one more"})
    assert refusal.value.code == "order.busy"
    assert refusal.value.retry_after_s is not None
    await combiner.close()
    assert [task.result()["n"] for task in waiting] == [0, 1]


async def test_when_the_program_ends_nobody_waits_for_an_answer_that_cannot_come() -> None:
    """It ends while the orders of a batch that failed are written one by one."""
    alone = asyncio.Event()

    async def write(requests: Sequence[Request]) -> list[Answer]:
        if len(requests) > 1:
            raise ValueError("a value that the column does not take")
        alone.set()
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    combiner = Combiner(write, CombinerConfig(calls=1))
    answers = [asked(combiner, n) for n in range(3)]
    await alone.wait()
    for task in asyncio.all_tasks() - {asyncio.current_task(), *answers}:
        task.cancel()
    ends = await asyncio.gather(*answers, return_exceptions=True)
    assert [type(end) for end in ends] == [DatabaseUnavailable] * 3
