"""How scenarios are run: on the loop that the program itself runs on, each within its time."""

from __future__ import annotations

import asyncio
import contextlib
import io
import tempfile
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import uvloop

from tests.hub_stress.checks import Broken
from tests.hub_stress.pair import Pair

# Nearly all take less than two seconds.
SCENARIO_S: Final = 90.0


def uvloop_runner() -> asyncio.Runner:
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


async def within_its_time(work: Awaitable[None], seconds: float = SCENARIO_S) -> None:
    """Raises Broken, with what every task waits for, when it takes longer."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        stack = io.StringIO()
        task.print_stack(file=stack)
        task.cancel()
        await asyncio.wait({task}, timeout=5)
        raise Broken(f"not done after {seconds:g} s; it waits here:\n{stack.getvalue()}")
    task.result()


@asynccontextmanager
async def running_pair(database_url: str) -> AsyncIterator[Pair]:
    """Two hubs with a Redis of their own on a migrated database."""
    with tempfile.TemporaryDirectory(prefix="lc-stress-", ignore_cleanup_errors=True) as directory:
        pair = Pair(database_url, Path(directory))
        try:
            await pair.open()
            yield pair
        finally:
            with contextlib.suppress(Exception):
                await pair.close()
