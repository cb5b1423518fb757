"""Node's socket.io from npm, as a server to compare with: its packages and its command."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import hatch_build
from loadtests.fan_out_servers import EVENT, PINNED

FOLDER = Path(__file__).parent / "node"
# Install scripts of npm packages never run.
INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")


class NoPeer(Exception):
    """Node or its packages cannot be had; the text says why."""


def command() -> list[str]:
    """What starts the server; the packages of the lock file are installed first."""
    try:
        node, npm = hatch_build.find_npm()
    except hatch_build.BuildFailed as failed:
        raise NoPeer(str(failed)) from None
    _install(node, npm)
    payload = PINNED.model_dump_json()
    return [str(node), str(FOLDER / "server.mjs"), EVENT, payload]


def _install(node: Path, npm: Path) -> None:
    lock = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    stamp = FOLDER / "node_modules" / ".livecommerce-lock"
    if stamp.is_file() and stamp.read_text() == lock:
        return
    ran = subprocess.run(
        [node, npm, *INSTALL],
        cwd=FOLDER,
        env=os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        raise NoPeer(
            f"`npm ci` failed; it needs the npm registry or a mirror once.\n{ran.stderr[-2000:]}"
        )
    stamp.write_text(lock)
