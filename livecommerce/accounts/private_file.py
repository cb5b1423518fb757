"""Files with keys: for the user of this server alone, and never seen half written.

Several processes may start at the same moment in a fresh directory. Each writes a whole file of its
own and then links it to the final name; a link fails when the name exists, so one file wins and all
the others read that one.
"""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from livecommerce import clock


def mode(path: Path) -> int:
    """The permission bits. Raises FileNotFoundError, and OSError when it cannot be looked at."""
    return path.stat().st_mode & 0o777


def create(path: Path, content: bytes) -> None:
    """Write the file unless there is one; of processes that do so together one is first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _draft(path, content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its file is the one
    finally:
        draft.unlink()


def change(path: Path, change_of: Callable[[bytes], bytes]) -> None:
    """Replace the content by what `change_of` makes of it, one process after the other.

    The file keeps its owner: an operator who is root would otherwise lock the server out.
    """
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        owner = path.stat()
        draft = _draft(path, change_of(path.read_bytes()))
        try:
            if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
                os.chown(draft, owner.st_uid, owner.st_gid)
            draft.replace(path)
            os.fsync(folder)
        finally:
            draft.unlink(missing_ok=True)
    finally:
        os.close(folder)


def _draft(path: Path, content: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{clock.secret(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft
