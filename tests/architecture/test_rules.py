"""Rules about the tree that no type checker knows. `make check` runs the linters themselves."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", re.MULTILINE)
FOR_PYTHON = re.compile(r"; (python_full_version [^\\]+?) \\$", re.MULTILINE)
LINT_IMPORTS = "import importlinter.cli as c, sys; sys.exit(c.lint_imports(no_cache=True))"


def test_imports_go_one_way_and_engines_have_one_door() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LINT_IMPORTS], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout


def test_only_the_clock_reads_the_clock() -> None:
    packages = ["livecommerce", "signaling", "media", "shop", "db"]
    ran = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID251", *packages],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_a_hash_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert not re.search(r"://|--(extra-)?index-url|--find-links|\bfile:", text)
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    for entry in entries:
        assert PINNED.match(entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_locks_agree_with_each_other() -> None:
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        for line in lock.read_text().splitlines():
            if found := PINNED.match(line):
                python = FOR_PYTHON.search(line)
                key = f"{found[1]} {python[1] if python else ''}"
                versions.setdefault(key, set()).add(found[2])
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_exact_pins_of_the_package_are_the_locked_versions() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = dict(PINNED.findall((ROOT / "requirements" / "run.txt").read_text()))
    wanted = [line.split("==") for line in project["dependencies"] if "==" in line]
    assert len(wanted) >= 6
    for name, version in wanted:
        assert locked[name] == version


def test_every_dependency_of_the_package_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = {name for lock in LOCKS for name, _ in PINNED.findall(lock.read_text().lower())}
    wanted = list(project["dependencies"])
    wanted += [line for extra in project["optional-dependencies"].values() for line in extra]
    for line in wanted:
        assert re.split(r"[<>=;\[ ]", line)[0].lower() in locked


def test_the_npm_lock_has_hashes_and_no_address() -> None:
    lock = json.loads((ROOT / "livecommerce" / "web" / "package-lock.json").read_text())
    packages = {path: entry for path, entry in lock["packages"].items() if path}
    assert packages
    for path, entry in packages.items():
        assert "resolved" not in entry, path
        assert entry["integrity"].startswith("sha512-"), path


def test_npm_packages_run_no_install_scripts() -> None:
    lock = json.loads((ROOT / "livecommerce" / "web" / "package-lock.json").read_text())
    assert [path for path, entry in lock["packages"].items() if entry.get("hasInstallScript")] == []


def test_tests_mirror_the_tree_without_packages() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []
