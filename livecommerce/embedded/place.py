"""Where the embedded servers keep their data, their sockets and, if need be, their binaries.

Three things can be wrong with the obvious place, `<data dir>/`, and each has its own answer:

- Started by root in a directory that others cannot enter (a clone in /root, mode 0700), the
  servers' account cannot reach its own data. We never open such a directory to others; the data
  goes to /var/lib/livecommerce/<hash of the data dir> instead, and a note says so.
- The same holds for binaries inside a virtual environment there: they are copied beside the data.
- A unix socket path has at most 107 bytes. Sockets of a deep directory go to a private directory
  under the system's temporary directory, named by the same hash.

Two checkouts never meet: every path is inside one of them or carries the hash of it.
"""

import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from livecommerce.embedded.account import Account

SOCKET_PATH_BYTES = 107
"""sun_path holds 108 bytes on Linux, with the closing zero."""

LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"
"""The longest file that a server makes in the socket directory."""

SYSTEM_DATA = Path("/var/lib/livecommerce")


class PlaceRefused(Exception):
    """A directory that we need cannot be had; the text says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """Directories that exist and that the account can use.

    home: data of the servers, one directory each below it. sockets: mode 0700, owned by the
    account. logs: what the servers print. note: a sentence for the person when home is not
    inside the data directory, else None.
    """

    home: Path
    sockets: Path
    logs: Path
    account: Account
    note: str | None


def choose_place(data_dir: Path, account: Account) -> Place:
    """Find and make the directories for servers of `account` that belong to `data_dir`.

    Raises PlaceRefused.
    """
    data_dir = data_dir.resolve()
    _make(data_dir, 0o711 if not account.is_ours else 0o700)
    _make(data_dir / "logs", 0o700)
    key = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    home, note = data_dir, None
    if not _can_enter(data_dir, account):
        home = SYSTEM_DATA / key
        _make(SYSTEM_DATA, 0o711)
        _make(home, 0o711)
        note = f"User {account.name} cannot enter {data_dir}, so the databases live in {home}."
    return Place(home, _sockets(home, key, account), data_dir / "logs", account, note)


def own_directory(path: Path, account: Account) -> Path:
    """Make `path` a directory of mode 0700 that belongs to the account, and return it."""
    _make(path, 0o700)
    _give(path, account)
    return path


def reachable_binaries(bin_dir: Path, programs: tuple[str, ...], place: Place) -> Path:
    """A directory with the programs of `bin_dir` that the account can run.

    That is `bin_dir` itself, or a copy beside the data when the account cannot reach it. Programs
    find their libraries and data files by the way to them from their own place, so all that
    belongs to the package is copied as it stands. programs: all are tried, with --version; the
    first names the copy. Raises PlaceRefused.
    """
    if _can_run(bin_dir, programs, place.account):
        return bin_dir
    copy = place.home / f"{programs[0]}-{_fingerprint(bin_dir / programs[0])}"
    base, parts = _whole_package(bin_dir)
    copied = copy / bin_dir.relative_to(base)
    if not _can_run(copied, programs, place.account):
        for old in place.home.glob(f"{programs[0]}-*"):
            shutil.rmtree(old)
        half = copy.with_name(f"{copy.name}.half")  # matched by the pattern above, too
        for part in parts:
            shutil.copytree(base / part, half / part, ignore=shutil.ignore_patterns("include"))
        for path in (half, *half.rglob("*")):
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if executable else 0o644)
        half.rename(copy)
    if not _can_run(copied, programs, place.account):
        raise PlaceRefused(
            f"User {place.account.name} can run {programs[0]} neither from {bin_dir} nor from "
            f"{copied}: check that the file system allows programs (noexec), or name another user "
            "(LIVECOMMERCE_EMBEDDED_USER)."
        )
    return copied


def _whole_package(bin_dir: Path) -> tuple[Path, tuple[str, ...]]:
    """A directory and the entries of it that belong together with `bin_dir`.

    In an environment that is the package and, where the wheel was repaired to carry libraries, its
    neighbour `<package>.libs`; elsewhere the tree above `bin`.
    """
    for parent in bin_dir.parents:
        if parent.name in ("site-packages", "dist-packages"):
            package = bin_dir.relative_to(parent).parts[0]
            both = (package, f"{package}.libs")
            return parent, tuple(name for name in both if (parent / name).is_dir())
    return bin_dir.parent.parent, (bin_dir.parent.name,)


def can_traverse(path: Path, uid: int, gids: frozenset[int]) -> bool:
    """Whether the permission bits let a user enter every directory on the way to `path`."""
    for directory in (path, *path.parents):
        found = directory.stat()
        if found.st_uid == uid:
            bit = stat.S_IXUSR
        elif found.st_gid in gids:
            bit = stat.S_IXGRP
        else:
            bit = stat.S_IXOTH
        if not found.st_mode & bit:
            return False
    return True


def _can_enter(path: Path, account: Account) -> bool:
    return account.is_ours or can_traverse(path, account.uid, frozenset({account.gid}))


def _sockets(home: Path, key: str, account: Account) -> Path:
    inside = home / "run"
    if len(os.fsencode(inside / LONGEST_SOCKET_NAME)) <= SOCKET_PATH_BYTES:
        return own_directory(inside, account)
    temporary = Path(tempfile.gettempdir())
    if len(os.fsencode(temporary)) > SOCKET_PATH_BYTES // 2 or not _can_enter(temporary, account):
        temporary = Path("/tmp")  # noqa: S108 - the directory below it is private and checked
    sockets = temporary / f"livecommerce-{key}"
    own_directory(sockets, account)
    found = sockets.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
        raise PlaceRefused(f"{sockets} belongs to somebody else; remove it or move the data dir.")
    return sockets


def _make(path: Path, mode: int) -> None:
    try:
        path.mkdir(mode=mode, exist_ok=True, parents=True)
        if path.stat().st_uid == os.geteuid():
            path.chmod(mode)
    except OSError as error:
        raise PlaceRefused(f"Cannot use the directory {path}: {error.strerror}.") from error


def _give(path: Path, account: Account) -> None:
    if account.is_ours or path.lstat().st_uid == account.uid:
        return
    os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _fingerprint(program: Path) -> str:
    """Changes whenever the installed program does; a stat is enough to tell."""
    found = program.stat()
    text = f"{program}:{found.st_size}:{found.st_mtime_ns}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _can_run(bin_dir: Path, programs: tuple[str, ...], account: Account) -> bool:
    """Try them: permission bits say nothing of ACLs, noexec mounts and missing libraries."""
    return all(_runs(bin_dir / program, account) for program in programs)


def _runs(program: Path, account: Account) -> bool:
    try:
        tried = subprocess.run(  # noqa: S603 - a program that we found ourselves
            [program, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd="/",
            timeout=20,
            check=False,
            user=account.user,
            group=account.group,
            extra_groups=account.extra_groups,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return tried.returncode == 0
