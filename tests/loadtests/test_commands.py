from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from loadtests import bench_hub
from loadtests.bench_hub import FIGURES, judged
from loadtests.swarm import __main__ as swarm

ROOT = Path(__file__).resolve().parents[2]


def test_the_swarm_explains_its_modes() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "loadtests.swarm", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for mode in ("lurkers", "chatters", "slow", "storm", "flap", "flood"):
        assert f"--{mode}" in ran.stdout and f"    {mode} " in ran.stdout


@pytest.mark.parametrize("words", [("--lurkers", "-1"), ("--lurkers", "many"), ("--nonsense",)])
def test_a_wrong_option_of_the_swarm_is_said(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        swarm.main(words)
    assert "error:" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["127.0.0.1:9", "http://", "https://127.0.0.1", "http://a:b"])
def test_what_is_no_url_of_a_server_is_said(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        swarm.main([url, "--lurkers", "1"])
    assert "http://HOST:PORT" in capsys.readouterr().err


def test_a_server_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert swarm.main(["http://127.0.0.1:9", "--lurkers", "1"]) == 1
    assert capsys.readouterr().err.startswith("swarm: ")


def test_an_unknown_part_of_the_bench_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        bench_hub.main(["--only", "nonsense"])
    assert "there is no part nonsense" in capsys.readouterr().err


def test_every_budget_of_the_hub_is_one_of_a_figure() -> None:
    budgets = tomllib.loads((ROOT / "loadtests/budgets.toml").read_text())
    assert {*budgets["hub"], *budgets["hub_floor"]} == {*FIGURES}


def test_a_figure_that_is_not_there_or_beyond_its_budget_makes_the_bench_fail(
    capsys: pytest.CaptureFixture[str],
) -> None:
    good = {name: 0.0 for name in FIGURES} | {"clicks_per_s": 1e9}
    assert judged(good, FIGURES) == 0
    assert judged(good | {"lost": 1}, FIGURES) == 1
    assert judged(good | {"clicks_per_s": 10}, FIGURES) == 1
    del good["pin_last_ms"]
    assert judged(good, FIGURES) == 1
    assert "pin_last_ms was not measured" in capsys.readouterr().out


def test_a_small_swarm_of_the_whole_program_misses_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    groups = [f"--{name}" for name in ("lurkers", "chatters", "slow", "storm", "flap", "flood")]
    crowd = [word for group in groups for word in (group, "4")]
    asked = [*crowd, "--messages-per-s", "2", "--every", "1", "--seconds", "8"]
    code = swarm.main(asked)
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (code, figures["lost"], figures["viewers"]) == (0, 0, 24), figures
    assert figures["said"] == 16
    flap = figures["flap"]
    assert (flap["missed"], flap["duplicates"], flap["disorder"]) == (0, 0, 0), flap
    assert flap["recovered"] > 0
    assert figures["flood"]["put_out"] == 4
    assert figures["storm"]["not_back"] == 0
