"""Two hub processes, one bus, one database: started once, shared by many scenarios.

The first hub reaches its Redis through a proxy that can be told to misbehave.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from db import Database, logins_of
from livecommerce.embedded.process import dying_with_parent
from tests.hub_stress.checks import Broken
from tests.hub_stress.proxy import Proxy
from tests.hub_stress.raw_client import DEADLINE_S
from tests.hub_stress.redis_server import RedisServer
from tests.hub_stress.viewers import Place, Speaker, Viewer
from tests.livecommerce.live.hub_process import token
from tests.shop.shop_under_test import ShopUnderTest, connection_to

ROOT = Path(__file__).resolve().parents[2]


class Nursery:
    """A process that has loaded the program and becomes a hub when it is asked to."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.hub_stress.hub_child",
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                preexec_fn=dying_with_parent(signal.SIGKILL),
            )

    async def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            await self._process.wait()

    async def hub(self, *arguments: str) -> dict[str, Any]:
        """Bring up one; what it says of itself."""
        assert self._process is not None, "started first"
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(" ".join(arguments).encode() + b"\n")
        line = b""
        with contextlib.suppress(TimeoutError):
            # The first one waits for the program to be loaded.
            line = await asyncio.wait_for(self._process.stdout.readline(), 120)
        if not line:
            raise Broken(f"a hub did not start: {self._log.read_text()[-3000:]}")
        told: dict[str, Any] = json.loads(line)
        return told


class Child:
    """One hub process. url: of the hub, the same after a restart."""

    def __init__(self, nursery: Nursery, database_url: str, redis_url: str, log: Path) -> None:
        self.url = ""
        self._pid = 0
        self._page = ""
        self._nursery = nursery
        self._arguments = (database_url, redis_url)
        self._log = log
        self._read = 0

    async def start(self) -> None:
        port = self.url.rpartition(":")[2] or "0"
        self._log.touch()
        told = await self._nursery.hub(*self._arguments, port, str(self._log))
        self._pid, self.url, self._page = told["pid"], told["url"], told["page"]

    async def end(self, number: signal.Signals) -> None:
        """Send it the signal and wait for its end."""
        async with asyncio.timeout(DEADLINE_S):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, number)
                while True:
                    await asyncio.sleep(0.005)
                    os.kill(self._pid, 0)

    def complaints(self) -> list[str]:
        """What it has logged as an error since the last time it was asked."""
        with self._log.open("rb") as log:
            log.seek(self._read)
            text = log.read()
        self._read += len(text)
        lines = text.decode(errors="replace").splitlines()
        return [line[:2000] for line in lines if '"level":"error"' in line.replace(": ", ":")]

    async def tells(self) -> dict[str, Any]:
        """What it still holds."""
        timeout = aiohttp.ClientTimeout(DEADLINE_S)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(self._page) as response,
        ):
            answer: dict[str, Any] = await response.json()
            return answer


class Pair:
    """hubs: two, which serve the same live sessions. `open` and `close` once, `scene` for each
    scenario."""

    def __init__(self, database_url: str, directory: Path) -> None:
        self._database_url = database_url
        self.redis = RedisServer(directory)
        self.proxy = Proxy(self.redis.socket)
        self._nursery = Nursery(directory / "nursery.log")
        self._directory = directory
        self.hubs: list[Child] = []

    async def open(self) -> None:
        await self.redis.start()
        proxied = await self.proxy.start(self._directory / "proxy.sock")
        await self._nursery.start()
        for number, url in enumerate((proxied, self.redis.url)):
            log = self._directory / f"hub{number}.log"
            self.hubs.append(Child(self._nursery, self._database_url, url, log))
            await self.hubs[-1].start()
        logins = logins_of(self._database_url)
        self._db = await Database.connect(api=logins.api, service=logins.service, pool_size=2)
        self.shop = ShopUnderTest(self._db, await connection_to(self._database_url))
        self.product = await self.shop.product(stock=100_000)

    async def close(self) -> None:
        await self._nursery.stop()
        await self.proxy.stop()
        await self.shop.sql.close()
        await self._db.close()
        self.redis.kill()

    @asynccontextmanager
    async def scene(self, *, is_alone: bool = True) -> AsyncIterator[Scene]:
        """A live session of its own; after it, when it is alone, nobody is connected and nothing is
        left over."""
        influencer = await self.shop.influencer()
        live_session_id = await self.shop.live_session(influencer, self.product)
        before = await asyncio.gather(*(hub.tells() for hub in self.hubs))
        scene = Scene(self, str(live_session_id), token(influencer.user_id, "influencer", "Meera"))
        try:
            yield scene
        finally:
            await scene.close()
        if not is_alone:
            return
        for hub, former in zip(self.hubs, before, strict=True):
            await self._nothing_left(hub, former["tasks"])
        complaints = [line for hub in self.hubs for line in hub.complaints()]
        if complaints:
            raise Broken(f"a hub complained {len(complaints)} times, first: {complaints[0]}")

    async def _nothing_left(self, hub: Child, tasks: int) -> None:
        told: dict[str, Any] = {}
        try:
            async with asyncio.timeout(DEADLINE_S):
                while True:
                    told = await hub.tells()
                    # Its pools may have grown to their ends: Redis 2 x 16, Postgres 8, and itself.
                    is_bounded = told["files"] < 80 and told["tasks"] <= tasks + 2
                    if is_bounded and not any(told["left"].values()):
                        return
                    await asyncio.sleep(0.02)
        except TimeoutError:
            complaints = [each for hub in self.hubs for each in hub.complaints()]
            raise Broken(
                f"a hub keeps {told}, with {tasks} tasks before, and complained: {complaints[:2]}"
            ) from None


class Scene:
    """One live session, its viewers, and those who speak in it."""

    def __init__(self, pair: Pair, live_session_id: str, host_token: str) -> None:
        self.pair = pair
        self.live_session_id = live_session_id
        self.host_token = host_token
        self.viewers: list[Viewer] = []
        self.speakers: list[Speaker] = []

    def place(self, hub: int) -> Place:
        return Place(self.pair.hubs[hub].url, self.live_session_id)

    async def watch(self, count: int, hub: int | None = None) -> list[Viewer]:
        """So many more viewers; on both hubs in turn when none is named."""
        more = [
            Viewer(f"viewer {len(self.viewers) + n}", self.place(n % 2 if hub is None else hub))
            for n in range(count)
        ]
        self.viewers += more
        await asyncio.gather(*(viewer.come() for viewer in more))
        return more

    async def speaker(self, hub: int, name: str = "") -> Speaker:
        """A connection of the influencer, whose messages are always shown."""
        speaker = Speaker(name or f"speaker {len(self.speakers)}", self.place(hub))
        self.speakers.append(speaker)
        await speaker.come(self.host_token)
        return speaker

    async def all_know(self, ids: set[str]) -> None:
        """Wait until every viewer has heard all of them."""
        for viewer in self.viewers:
            await viewer.until(
                lambda v=viewer: ids <= v.known and not v.is_catching_up,  # type: ignore[misc]
                lambda v=viewer: f"{len(ids - v.known)} of {len(ids)} messages",  # type: ignore[misc]
            )

    async def close(self) -> None:
        for viewer in self.viewers:
            await viewer.leave()
        for speaker in self.speakers:
            await speaker.leave()
