"""Between a hub and its Redis: passes bytes on until it is told to be deaf, dumb, or gone."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(eq=False)
class _Link:
    """One connection through it."""

    listens: bool = False
    is_silent: bool = False


class Proxy:
    """drops_replies: answers vanish, what was asked is done."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.drops_replies = False
        self._links: set[_Link] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, path: Path) -> str:
        """Listen there; the URL for the hub."""
        self._server = await asyncio.start_unix_server(self._take, str(path))
        return f"unix://{path}?db=0"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def silence_listeners(self) -> None:
        """Whoever has subscribed hears nothing any more, though its connection stands; a new one
        would hear."""
        for link in self._links:
            link.is_silent = link.listens

    def cut(self) -> None:
        """End every connection."""
        for writer in self._writers:
            writer.transport.abort()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(self.target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        link = _Link()
        self._links.add(link)
        work = (
            self._pass_on(reader, far_writer, link, inward=True),
            self._pass_on(far_reader, writer, link, inward=False),
        )
        for each in work:
            task = asyncio.create_task(each)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        link: _Link,
        *,
        inward: bool,
    ) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            while data := await reader.read(65_536):
                if inward and b"SUBSCRIBE" in data:
                    link.listens = True
                if not inward and self._swallows(link):
                    continue
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
        self._writers.discard(writer)
        self._links.discard(link)

    def _swallows(self, link: _Link) -> bool:
        return link.is_silent if link.listens else self.drops_replies
