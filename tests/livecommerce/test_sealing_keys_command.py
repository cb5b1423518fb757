"""`livecommerce sealing-keys` as an operator meets it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from livecommerce import settings as configuration
from livecommerce.accounts.sealing import key_of, key_text
from livecommerce.accounts.sealing_keys import open_keys


def run(*arguments: str, cwd: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_URL")}
    return subprocess.run(
        [sys.executable, "-m", "livecommerce", "sealing-keys", *arguments],
        cwd=cwd,
        env={**environment, "PYTHONPATH": os.getcwd(), **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_an_operator_rotates_and_forgets(tmp_path: Path, database_url: str) -> None:
    keys = open_keys(tmp_path / ".livecommerce" / "sealing-keys.json")
    old = keys.keyring().active
    rotated = run("rotate", cwd=tmp_path, DATABASE_URL=database_url)
    assert rotated.returncode == 0, rotated.stderr
    assert f"sealing-keys forget {old}" in rotated.stdout
    forgotten = run("forget", old, cwd=tmp_path, DATABASE_URL=database_url)
    assert (forgotten.returncode, forgotten.stdout) == (0, f"{old} is forgotten.\n")
    shown = run(cwd=tmp_path, DATABASE_URL=database_url)
    assert shown.returncode == 0
    assert f"{keys.keyring().active}  active  0 values" in shown.stdout
    assert key_text(keys.keyring().keys[keys.keyring().active]) not in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(("forget",), "Say which"), (("forget", "0" * 16), "no key of")],
)
def test_what_cannot_be_done_is_one_sentence(
    tmp_path: Path, database_url: str, arguments: tuple[str, ...], sentence: str
) -> None:
    open_keys(tmp_path / ".livecommerce" / "sealing-keys.json")
    ran = run(*arguments, cwd=tmp_path, DATABASE_URL=database_url)
    assert ran.returncode == 1
    assert sentence in ran.stderr
    assert "Traceback" not in ran.stderr


def test_without_a_database_it_says_what_is_missing(tmp_path: Path) -> None:
    ran = run("status", cwd=tmp_path)
    assert ran.returncode == 78
    assert "DATABASE_URL" in ran.stderr


def test_a_new_key_needs_nothing_and_is_taken_by_the_setting(tmp_path: Path) -> None:
    first, second = (run("new", cwd=tmp_path).stdout.strip() for _ in range(2))
    assert key_of(first) != key_of(second)
    variables = {"LIVECOMMERCE_SEALING_KEYS": f"{first}, {second}"}
    settings = configuration.load(variables, tmp_path / ".env")
    assert settings.sealing_keys == (first, second)
    assert first not in repr(settings)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [",", "hunter2", "a" * 43 + ",hunter2"])
def test_a_setting_that_holds_no_keys_is_refused_and_not_quoted(tmp_path: Path, value: str) -> None:
    with pytest.raises(configuration.SettingsRefused, match="32 bytes in base64url") as refused:
        configuration.load({"LIVECOMMERCE_SEALING_KEYS": value}, tmp_path / ".env")
    assert "hunter2" not in str(refused.value)


def test_an_empty_setting_means_the_file(tmp_path: Path) -> None:
    settings = configuration.load({"LIVECOMMERCE_SEALING_KEYS": ""}, tmp_path / ".env")
    assert settings.sealing_keys == ()
    assert settings.sealing_key_file == Path(".livecommerce/sealing-keys.json")
