"""The libraries of providers block; nothing else waits for them."""

import asyncio
import threading

import pytest

from shop.payments.threads import Threads

# Nobody waits so long unless the loop stands still: then the test says so, and does not hang.
STUCK_S = 5


async def test_the_loop_goes_on_while_a_library_blocks() -> None:
    threads = Threads("blocking")
    is_inside, loop_went_on = threading.Event(), threading.Event()

    def blocking_library() -> bool:
        is_inside.set()
        return loop_went_on.wait(STUCK_S)

    async def everybody_else() -> None:
        while not is_inside.is_set():
            await asyncio.sleep(0)
        loop_went_on.set()

    was_released, _ = await asyncio.gather(threads.call(blocking_library), everybody_else())
    threads.close()
    assert was_released


async def test_what_the_library_raises_is_raised_to_the_caller() -> None:
    threads = Threads("failing")

    def failing_library() -> None:
        raise ConnectionResetError("no answer")

    with pytest.raises(ConnectionResetError, match="no answer"):
        await threads.call(failing_library)
    threads.close()


async def test_a_library_that_blocks_holds_up_no_closing() -> None:
    threads = Threads("closing")
    is_inside, may_end = threading.Event(), threading.Event()

    def blocking_library() -> bool:
        is_inside.set()
        return may_end.wait(STUCK_S)

    call = asyncio.ensure_future(threads.call(blocking_library))
    while not is_inside.is_set():
        await asyncio.sleep(0)
    threads.close()
    assert not call.done()
    may_end.set()
    assert await call
