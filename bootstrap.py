#!/usr/bin/env python3
"""Everything that `make` does, from a bare `python3`: standard library only.

    python3 bootstrap.py demo       the whole thing on this machine
    python3 bootstrap.py test       all tests; a summary is the last line
    python3 bootstrap.py check      ruff, mypy, import-linter, tsc
    python3 bootstrap.py --help     the rest

It makes `.venv` beside this file, installs exactly the packages of requirements/*.txt (checked by
their hashes), builds the pages, and then becomes the command that was asked for. What is installed
already is recognised by a stamp and costs nothing. For `test` it also unpacks the distribution's
HAProxy and nginx there, where they are missing. It writes nothing outside this folder, but for
three things when it is run as root on a Debian-like system that lacks them: Python's venv module
for any command, Chromium for `test`, and for `test` the system's own Postgres with plpgsql_check
(all SQL runs on it as well); all by apt-get, and it says so.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "livecommerce-stamps.json"
LOG = VENV / "bootstrap.log"
OLDEST = (3, 11)

BASE = ("build", "run", "embedded")
LOCKS = {
    "demo": BASE,
    "setup": BASE,
    "doctor": BASE,
    "docs": BASE,
    "test": (*BASE, "payments", "load", "dev"),
    "nightly": (*BASE, "payments", "load", "dev"),
    "check": (*BASE, "payments", "load", "dev"),
    "bench": (*BASE, "payments", "load", "dev"),
    "load": (*BASE, "load"),
    "swarm": BASE,
}
"""The requirements/*.txt that each command needs, in the order of installation."""

HELP = {
    "setup": "install everything that the demo needs, start nothing",
    "demo": "databases, sample data, all processes and a live test card on this machine",
    "doctor": "check what could be wrong on this machine",
    "test": "all tests; as root installs Chromium and Postgres by apt-get when missing",
    "nightly": "2,000 random histories of the shop against a plain model of it; takes hours",
    "check": "ruff, mypy --strict, import-linter, tsc, squawk and rules for SQL",
    "bench": "the figures of the README; `bench media`, `database`, `checkout` or `hub` only those",
    "load": "locust users against a server of their own, or one named by --host",
    "swarm": "thousands of viewers' sockets against a server of their own, or one named by URL",
    "docs": "write what is made from code: docs/reference, schema and types of the database",
    "clean": "remove what was installed and built; your data stays",
}


class Stop(Exception):
    """We cannot go on; the text is one sentence for a person."""


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help") or arguments[0] not in HELP:
        print(__doc__)
        print("\n".join("  {:8} {}".format(*row) for row in HELP.items()))
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    command, rest = arguments[0], arguments[1:]
    try:
        if sys.version_info < OLDEST:
            raise Stop(
                "Python {}.{} or newer is needed, this is {}.{}: run it with a newer one, e.g. "
                "`make PYTHON=python3.11 {}`.".format(*OLDEST, *sys.version_info[:2], command)
            )
        if command == "clean":
            return clean()
        install(command)
        return RUN[command](rest)
    except Stop as stop:
        print(f"bootstrap.py: {stop}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


# ------------------------------------------------------------------------------------ installing


def install(command: str) -> None:
    """Make the environment what this command needs; nothing to do costs milliseconds."""
    make_venv()
    stamps = read_stamps()
    for name in LOCKS[command]:
        lock = ROOT / "requirements" / (name + ".txt")
        wanted = sha256(lock)
        if stamps.get(name) != wanted:
            count = sum(1 for line in lock.read_text().splitlines() if "==" in line)
            arguments = ["--require-hashes", "--no-deps", "-r", str(lock)]
            step(f"{count} packages ({lock.name})", [*pip(), "install", *arguments])
            stamps = write_stamp(name, wanted)
    build_pages()
    wanted = sha256(ROOT / "pyproject.toml", ROOT / "hatch_build.py")
    if stamps.get("project") != wanted:
        arguments = ["--no-deps", "--no-build-isolation", "-e", str(ROOT)]
        step("livecommerce itself", [*pip(), "install", *arguments])
        write_stamp("project", wanted)


def build_pages() -> None:
    """Build the pages if their sources changed. A failure is told, and the server runs without."""
    built = subprocess.run([str(PYTHON), str(ROOT / "hatch_build.py")], check=False)
    if built.returncode != 0:
        print("The pages are not built; the server will say so on its first page.")


def make_venv() -> None:
    """A virtual environment with a Python that works, made in the first way that is possible."""
    new_enough = "import sys; sys.exit(sys.version_info < (3, 11))"
    stays = read_stamps().get("root", str(ROOT)) == str(ROOT)  # else the folder was moved or copied
    if stays and works([str(PYTHON), "-c", new_enough]):
        return
    if VENV.exists():
        shutil.rmtree(VENV)
    began = time.monotonic()
    for way in (venv_with_pip, venv_and_system_pip, venv_by_uv, venv_after_apt):
        if way():
            write_stamp("root", str(ROOT))
            say(began, "virtual environment in .venv")
            return
        shutil.rmtree(VENV, ignore_errors=True)
    version = "{}.{}".format(*sys.version_info[:2])
    raise Stop(
        f"this Python {version} cannot make virtual environments: `apt-get install "
        f"python{version}-venv` as root mends it, and so does having `uv`."
    )


def venv_with_pip() -> bool:
    return works([sys.executable, "-m", "venv", str(VENV)]) and works(
        [str(PYTHON), "-m", "pip", "-V"]
    )


def venv_and_system_pip() -> bool:
    """Debian without python3-venv: `venv` is there, `ensurepip` is not; pip may be."""
    return works([sys.executable, "-m", "venv", "--without-pip", "--clear", str(VENV)]) and (
        works([sys.executable, "-m", "pip", "--python", str(PYTHON), "list"])
    )


def venv_by_uv() -> bool:
    uv = shutil.which("uv")
    return uv is not None and works([uv, "venv", "--seed", "--python", sys.executable, str(VENV)])


def venv_after_apt() -> bool:
    """As root on Debian or Ubuntu the missing module is one package away."""
    package = "python{}.{}-venv".format(*sys.version_info[:2])
    return apt_install([package], why="this Python lacks its venv module") and venv_with_pip()


def pip() -> list[str]:
    """The command of a pip that installs into the environment."""
    if works([str(PYTHON), "-m", "pip", "-V"]):
        return [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    return [sys.executable, "-m", "pip", "--python", str(PYTHON), "--no-input"]


def apt_install(packages: list[str], why: str) -> bool:
    """Install Debian packages if we may; False when we may not or it fails."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print(
        "{}, so apt-get installs {}.".format(why[0].upper() + why[1:], " ".join(packages)),
        flush=True,
    )
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    LOG.parent.mkdir(exist_ok=True)
    try:
        step("apt-get update", ["apt-get", "update", "-q"], environment)
        options = ["install", "-q", "-y", "--no-install-recommends"]
        step("apt-get install", ["apt-get", *options, *packages], environment)
    except Stop as stop:
        print(stop)
        return False
    return True


# --------------------------------------------------------------------------------- what commands do


def run_demo(rest: list[str]) -> int:
    become([str(PYTHON), "-m", "livecommerce", "demo", *rest])
    return 1


def run_doctor(rest: list[str]) -> int:
    become([str(PYTHON), "-m", "livecommerce", "doctor", *rest])
    return 1


def run_setup(_: list[str]) -> int:
    print("Everything is installed. `make demo` starts it.")
    return 0


def run_test(rest: list[str]) -> int:
    find_chromium()
    find_system_postgres()
    find_proxies()
    # One process more than cores, for many tests wait; each with servers of its own. A file stays
    # in one of them, and the files come in the order of tests/conftest.py.
    processes = min(4, (os.cpu_count() or 1) + 1)
    spread = [f"--numprocesses={processes}", "--dist=loadfile", "--no-loadscope-reorder"]
    spread += ["--durations=30", "--durations-min=10"]
    become([str(PYTHON), "-m", "pytest", *spread, *rest])
    return 1


def run_nightly(rest: list[str]) -> int:
    os.environ["LIVECOMMERCE_NIGHTLY"] = "1"
    become([str(PYTHON), "-m", "pytest", "tests/shop/test_state_machine.py", *rest])
    return 1


def run_check(_: list[str]) -> int:
    typed = ["livecommerce", "signaling", "media", "shop", "db", "tests", "loadtests"]
    typed += ["docs/screenshots.py", "bootstrap.py", "hatch_build.py"]
    python = [str(PYTHON), "-m"]
    checks = {
        "ruff check": [*python, "ruff", "check", "."],
        "ruff format": [*python, "ruff", "format", "--check", "."],
        "mypy --strict": [*python, "mypy", *typed],
        "import-linter": [str(VENV / "bin" / "lint-imports")],
        "migrations: squawk and pglast": [*python, "tests.db.sql_rules"],
        "pages: words and types": [str(PYTHON), str(ROOT / "hatch_build.py"), "--check"],
    }
    failed = []
    for name, command in checks.items():
        began = time.monotonic()
        if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
            failed.append(name)
        say(began, f"{name} FAILED" if name in failed else name)
    print(f"check: failed: {', '.join(failed)}" if failed else f"check: all {len(checks)} passed")
    return 1 if failed else 0


def run_bench(rest: list[str]) -> int:
    if rest[:1] == ["media"]:
        become([str(PYTHON), "-m", "loadtests.bench_forward", *rest[1:]])
    if rest[:1] == ["database"]:
        become([str(PYTHON), "-m", "loadtests.bench_database", *rest[1:]])
    if rest[:1] == ["hub"]:
        become([str(PYTHON), "-m", "loadtests.bench_hub", *rest[1:]])
    if rest[:1] == ["checkout"]:
        become([str(PYTHON), "-m", "loadtests.bench_checkout", *rest[1:]])
    find_chromium()
    become([str(PYTHON), "-m", "loadtests.bench", *rest])
    return 1


def run_load(rest: list[str]) -> int:
    become([str(PYTHON), "-m", "loadtests.load", *rest])
    return 1


def run_swarm(rest: list[str]) -> int:
    become([str(PYTHON), "-m", "loadtests.swarm", *rest])
    return 1


def run_docs(_: list[str]) -> int:
    """The pages that are made from code, and the schema and types of the database."""
    folder = ROOT / "docs" / "reference"
    folder.mkdir(parents=True, exist_ok=True)
    pages = {
        folder / "settings.md": ["settings"],
        folder / "asyncapi.json": ["contract"],
        ROOT / "db" / "schema.sql": ["schema"],
        ROOT / "docs" / "schema.md": ["schema", "--page"],
    }
    for path, command in pages.items():
        ran = subprocess.run(
            [str(PYTHON), "-m", "livecommerce", *command],
            cwd=ROOT,
            check=False,
            stdout=subprocess.PIPE,
            text=True,
        )
        if ran.returncode != 0:
            raise Stop("`livecommerce {}` failed.".format(" ".join(command)))
        path.write_text(ran.stdout)
        print(f"wrote {path.relative_to(ROOT)}")
    readme = ROOT / "README.md"
    before, mark, others = readme.read_text().partition("<!-- settings -->\n")
    after = others.partition("<!-- /settings -->\n")[2]
    table = (folder / "settings.md").read_text()
    readme.write_text(f"{before}{mark}{table}<!-- /settings -->\n{after}")
    print("wrote the table of settings in README.md")
    types = [str(PYTHON), "-m", "livecommerce", "types"]
    if subprocess.run(types, cwd=ROOT, check=False).returncode != 0:
        raise Stop("`livecommerce types` failed.")
    return 0


RUN = {
    "setup": run_setup,
    "demo": run_demo,
    "doctor": run_doctor,
    "test": run_test,
    "nightly": run_nightly,
    "check": run_check,
    "bench": run_bench,
    "load": run_load,
    "swarm": run_swarm,
    "docs": run_docs,
}


def clean() -> int:
    """Remove everything that can be made again."""
    web = ROOT / "livecommerce" / "web"
    folders = [VENV, web / "node_modules", web / "dist", ROOT / "build", ROOT / "dist"]
    folders += [
        ROOT / name for name in (".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis")
    ]
    folders += [ROOT / ".import_linter_cache", ROOT / "loadtests" / "node" / "node_modules"]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    for cache in ROOT.rglob("__pycache__"):
        shutil.rmtree(cache, ignore_errors=True)
    print("Removed .venv, the built pages and caches. The data in .livecommerce stays.")
    return 0


def find_chromium() -> str:
    """A Chromium for the journeys; installs one where it can."""
    for _ in range(2):
        for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
            found = shutil.which(name)
            if found is not None and works([found, "--version"]):
                return found
        if not apt_install(["chromium"], why="a real browser is needed"):
            break
    raise Stop(
        "this drives a real Chromium and there is none: `apt-get install chromium` as root, or "
        "put a chromium or google-chrome on the PATH."
    )


def find_system_postgres() -> None:
    """The distribution's Postgres and its plpgsql_check, installed where we may.

    All SQL runs on the embedded Postgres and, for older versions, on this one. Where it cannot be
    had the test run leaves that part out and says so.
    """
    majors = system_postgres_majors()
    if majors and has_plpgsql_check(majors[0]):
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    majors = majors or postgres_majors_of_apt()
    if majors:
        packages = [name.format(majors[0]) for name in (SERVER_PACKAGE, CHECK_PACKAGE)]
        apt_install(packages, why="all SQL is tested on the system's Postgres, too")


def find_proxies() -> None:
    """HAProxy and nginx, which the examples of docs/deploy are tested with.

    Unpacked into a folder of ours where the system lacks them: installed they would start, and take
    ports of this machine. Where they cannot be had the test run leaves that part out and says so.
    """
    unpacked = VENV / "proxies"
    folders = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", f"{unpacked}/usr/sbin"])
    lacking = [name for name in PROXIES if shutil.which(name, path=folders) is None]
    if not lacking or shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        return
    unpacked.mkdir(parents=True, exist_ok=True)
    shown = " and ".join(lacking)
    print(f"{shown}: needed by tests, so apt-get downloads them into {unpacked}.", flush=True)
    try:
        if os.geteuid() == 0:
            step("apt-get update", ["apt-get", "update", "-q"])
        names = " ".join(packages_of_apt(lacking))
        unpack = "for package in *.deb; do dpkg -x $package . && rm $package; done"
        command = f"cd '{unpacked}' && apt-get download -q {names} && {unpack}"
        step(shown, ["sh", "-e", "-c", command])
    except Stop as stop:
        print(stop)


def packages_of_apt(wanted: list[str]) -> list[str]:
    """The packages that apt-get would install for these, themselves included."""
    options = ["--simulate", "--no-install-recommends", "install"]
    said = subprocess.run(
        ["apt-get", *options, *wanted], stdout=subprocess.PIPE, text=True, check=False
    ).stdout
    return [line.split()[1] for line in said.splitlines() if line.startswith("Inst ")] or wanted


PROXIES = ("haproxy", "nginx")
SERVER_PACKAGE, CHECK_PACKAGE = "postgresql-{}", "postgresql-{}-plpgsql-check"
OLDEST_POSTGRES = 15


def system_postgres_majors() -> list[int]:
    """Versions of the system's Postgres that we run on, the oldest first."""
    folders = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    majors = [int(path.parts[-3]) for path in folders if path.parts[-3].isdigit()]
    return sorted(major for major in majors if major >= OLDEST_POSTGRES)


def has_plpgsql_check(major: int) -> bool:
    return Path(f"/usr/share/postgresql/{major}/extension/plpgsql_check.control").exists()


def postgres_majors_of_apt() -> list[int]:
    """Versions of Postgres that this release of Debian or Ubuntu has, the oldest first."""
    try:
        step("apt-get update", ["apt-get", "update", "-q"])
    except Stop as stop:
        print(stop)
        return []
    pattern = CHECK_PACKAGE.format("[0-9]+")
    found = subprocess.run(
        ["apt-cache", "search", "--names-only", f"^{pattern}$"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    ).stdout
    majors = [int(line.split("-")[1]) for line in found.splitlines()]
    return sorted(major for major in majors if major >= OLDEST_POSTGRES)


def become(command: list[str]) -> None:
    """Turn into the command, so that no process of ours stands between it and the terminal."""
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 - our own interpreter


# ------------------------------------------------------------------------------------------ common


def step(name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run a command, its output in the log, a sign of life on the terminal. Raises Stop."""
    began = time.monotonic()
    with LOG.open("ab") as log:
        log.write("\n$ {}\n".format(" ".join(command)).encode())
        log.flush()
        offset = log.tell()
        process = subprocess.Popen(
            command,
            cwd=str(ROOT),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            wait(process, name, began)
        except BaseException:
            process.kill()
            process.wait()
            raise
    if process.returncode != 0:
        lines = LOG.read_bytes()[offset:].decode(errors="replace").strip().splitlines()
        raise Stop("{} failed; {} ends with:\n{}".format(name, LOG, "\n".join(lines[-15:])))
    say(began, name)


def wait(process: subprocess.Popen[bytes], name: str, began: float) -> None:
    """Wait for it, counting the seconds: each one on a terminal, every ten elsewhere."""
    terminal = sys.stdout.isatty()
    while True:
        try:
            process.wait(timeout=1 if terminal else 10)
            return
        except subprocess.TimeoutExpired:
            print(
                f"{time.monotonic() - began:5.0f} s  {name} ...",
                end="\r" if terminal else "\n",
                flush=True,
            )


def say(began: float, name: str) -> None:
    rest_of_line = "\033[K" if sys.stdout.isatty() else ""  # a longer "..." line may stand there
    print(f"{time.monotonic() - began:5.1f} s  {name}{rest_of_line}", flush=True)


def works(command: list[str]) -> bool:
    """Whether a command ends well; its output goes nowhere."""
    try:
        ran = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except OSError:
        return False
    return ran.returncode == 0


def read_stamps() -> dict[str, str]:
    try:
        stamps: dict[str, str] = json.loads(STAMPS.read_text())
    except (OSError, ValueError):
        return {}
    return stamps


def write_stamp(name: str, value: str) -> dict[str, str]:
    stamps = {**read_stamps(), name: value}
    STAMPS.write_text(json.dumps(stamps, indent=1))
    return stamps


def sha256(*paths: Path) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
