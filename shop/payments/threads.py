"""The official libraries of providers block; they run here, beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")

# Calls at once of one provider; more would only wait there instead of here.
_AT_ONCE: Final = 8


class Threads:
    """A few threads for one provider."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=name)

    async def call(self, work: Callable[[], T]) -> T:
        """What work returns or raises. A cancelled call goes on in its thread to its own limit."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Wait for no call that is under way."""
        self._pool.shutdown(wait=False, cancel_futures=True)
