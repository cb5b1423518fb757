"""A Valkey that scenarios may kill, freeze and empty. It keeps nothing on disk."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from pathlib import Path

from livecommerce.embedded import find_valkey
from livecommerce.embedded.process import dying_with_parent
from tests.hub_stress.raw_client import DEADLINE_S


class RedisServer:
    """socket: where it listens, the same after a restart."""

    def __init__(self, directory: Path) -> None:
        self.socket = str(directory / "redis.sock")
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    async def start(self) -> None:
        program = find_valkey()
        assert program is not None, "the fixtures of all tests need one, too"
        options = ("port", "0", "unixsocket", self.socket, "save", "", "appendonly", "no")
        flags = [f"--{each}" if n % 2 == 0 else each for n, each in enumerate(options)]
        with (self._directory / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(program), *flags],
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=dying_with_parent(signal.SIGKILL),
            )
        async with asyncio.timeout(DEADLINE_S):
            while not await self._answers():
                await asyncio.sleep(0.01)

    async def _answers(self) -> bool:
        try:
            return await self.command("PING") == b"+PONG\r\n"
        except OSError:
            return False

    async def command(self, *words: str) -> bytes:
        """The first line of the answer."""
        reader, writer = await asyncio.open_unix_connection(self.socket)
        writer.write(" ".join(words).encode() + b"\r\n")
        answer = await reader.readline()
        writer.close()
        return answer

    def freeze(self) -> None:
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        self._send(signal.SIGCONT)

    def kill(self) -> None:
        if self._process is not None:
            self._send(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _send(self, number: signal.Signals) -> None:
        assert self._process is not None, "started first"
        os.kill(self._process.pid, number)
