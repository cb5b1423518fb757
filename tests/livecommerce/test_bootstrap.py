import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent.parent


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """bootstrap.py working in an empty folder."""
    module = load("bootstrap")
    venv = tmp_path / ".venv"
    for name, path in {
        "ROOT": tmp_path,
        "VENV": venv,
        "PYTHON": venv / "bin" / "python",
        "STAMPS": venv / "livecommerce-stamps.json",
        "LOG": venv / "bootstrap.log",
    }.items():
        monkeypatch.setattr(module, name, path)
    return module


def test_every_command_has_help_locks_and_a_function(bootstrap: ModuleType) -> None:
    commands = set(bootstrap.HELP) - {"clean"}
    assert commands == set(bootstrap.LOCKS) == set(bootstrap.RUN)
    for names in bootstrap.LOCKS.values():
        for name in names:
            assert (ROOT / "requirements" / f"{name}.txt").is_file()


def test_the_makefile_has_a_target_for_every_command(bootstrap: ModuleType) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for command in bootstrap.HELP:
        assert f" {command}" in makefile


def test_an_unknown_command_prints_the_help(
    bootstrap: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bootstrap.main(["dmeo"]) == 2
    assert "demo" in capsys.readouterr().out


def test_an_old_python_is_told_in_one_sentence(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2, "final", 0))
    assert bootstrap.main(["demo"]) == 1
    said = capsys.readouterr().err
    assert "Python 3.11 or newer is needed, this is 3.9" in said
    assert len(said.splitlines()) == 1


def test_a_python_without_any_way_to_a_venv_is_told_what_mends_it(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "works", lambda command: False)
    monkeypatch.setattr(bootstrap, "apt_install", lambda packages, why: False)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    assert bootstrap.main(["demo"]) == 1
    assert "apt-get install python3." in capsys.readouterr().err


def test_stamps_are_kept_and_a_broken_file_counts_as_none(bootstrap: ModuleType) -> None:
    bootstrap.VENV.mkdir()
    bootstrap.write_stamp("run", "a")
    bootstrap.write_stamp("dev", "b")
    assert bootstrap.read_stamps() == {"run": "a", "dev": "b"}
    bootstrap.STAMPS.write_text("{")
    assert bootstrap.read_stamps() == {}


def test_a_failing_step_shows_the_end_of_its_own_output(bootstrap: ModuleType) -> None:
    bootstrap.VENV.mkdir()
    bootstrap.step("first", [sys.executable, "-c", "print('of the first')"])
    with pytest.raises(bootstrap.Stop) as stopped:
        bootstrap.step("second", [sys.executable, "-c", "print('no network'); exit(1)"])
    assert "no network" in str(stopped.value)
    assert "of the first" not in str(stopped.value)


def test_it_needs_nothing_but_the_standard_library() -> None:
    ran = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "bootstrap.py"), "--help"],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr


# ------------------------------------------------------------------------------- the build hook


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A checkout with two sources and a bundle built from them."""
    web = tmp_path / "livecommerce" / "web"
    for path in ("src/a.ts", "package.json", "dist/live.html", "node_modules/x/index.js"):
        (web / path).parent.mkdir(parents=True, exist_ok=True)
        (web / path).write_text(path)
    hook = load("hatch_build")
    (web / "dist" / ".stamp").write_text(hook.fingerprint(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("change", "fresh"),
    [
        ("node_modules/x/index.js", True),
        ("dist/live.html", True),
        ("src/a.ts", False),
        ("src/b.ts", False),
        ("package-lock.json", False),
    ],
)
def test_a_bundle_is_built_again_when_a_source_changed(
    pages: Path, change: str, fresh: bool
) -> None:
    hook = load("hatch_build")
    assert hook.is_fresh(pages)
    (pages / "livecommerce" / "web" / change).write_text("changed")
    assert hook.is_fresh(pages) is fresh


def test_a_checkout_without_pages_says_so(tmp_path: Path) -> None:
    hook = load("hatch_build")
    with pytest.raises(hook.BuildFailed, match="the checkout is not whole"):
        hook.build(tmp_path)


APT = """#!/bin/sh
echo "apt-get $*" >> "$0.log"
case "$*" in
  *--simulate*) echo "Reading package lists..."
                echo "Inst liblua (5.3 Debian:12 [amd64])"
                echo "Inst otherproxy (1.22 Debian:12 [amd64])"
                echo "Conf otherproxy (1.22 Debian:12 [amd64])";;
  download*) touch otherproxy.deb liblua.deb;;
esac
"""
DPKG = """#!/bin/sh
mkdir -p "$3/usr/sbin" && : > "$3/usr/sbin/$(basename "$2" .deb)" && chmod +x "$3"/usr/sbin/*
"""


@pytest.fixture
def apt(bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an apt-get and a dpkg that note what they are asked, and of one of two
    proxies."""
    monkeypatch.setattr(bootstrap, "PROXIES", ("haproxy", "otherproxy"))
    folder = tmp_path / "programs"
    folder.mkdir()
    for name, text in {"apt-get": APT, "dpkg": DPKG, "haproxy": "#!/bin/sh\n"}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def test_a_proxy_that_is_missing_is_unpacked_with_what_it_needs(
    bootstrap: ModuleType, apt: Path
) -> None:
    bootstrap.find_proxies()
    asked = (apt / "apt-get.log").read_text()
    assert "install otherproxy\n" in asked
    assert "apt-get download -q liblua otherproxy\n" in asked
    assert (bootstrap.VENV / "proxies" / "usr" / "sbin" / "otherproxy").exists()
    (apt / "apt-get.log").unlink()
    bootstrap.find_proxies()
    assert not (apt / "apt-get.log").exists(), "the second time it is there"


def test_proxies_that_cannot_be_had_stop_nothing(
    bootstrap: ModuleType, apt: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (apt / "apt-get").write_text("#!/bin/sh\nexit 100\n")
    bootstrap.find_proxies()
    assert "failed" in capsys.readouterr().out
