"""`maintain`, `report` and `check` as a person runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from livecommerce import cli
from livecommerce.maintenance.table import JOBS


def run(*arguments: str, cwd: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_URL")}
    return subprocess.run(
        [sys.executable, "-m", "livecommerce", *arguments],
        cwd=cwd,
        env={**environment, "PYTHONPATH": os.getcwd(), **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_help_lists_every_job_and_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["maintain", "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    for job in JOBS:
        assert job.name in said
        assert str(job.schedule) in said


def test_a_job_that_is_none_is_refused_with_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["maintain", "sweep"]) == 78
    assert "sweep is not a job; there are partitions, customer-tiers" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["maintain", "all"], ["check"], ["report", "sales"]])
def test_without_a_database_it_says_which_setting_names_it(
    arguments: list[str], tmp_path: Path
) -> None:
    ran = run(*arguments, cwd=tmp_path)
    assert ran.returncode == 78
    assert "DATABASE_URL is not set" in ran.stderr


def test_all_jobs_run_and_each_says_what_it_did(database_url: str, tmp_path: Path) -> None:
    dry = run("maintain", "all", "--dry-run", cwd=tmp_path, DATABASE_URL=database_url)
    ran = run("maintain", "all", cwd=tmp_path, DATABASE_URL=database_url)
    assert (dry.returncode, ran.returncode) == (0, 0), dry.stderr + ran.stderr
    for said in (dry.stdout, ran.stdout):
        assert [line.partition(":")[0] for line in said.splitlines()] == [job.name for job in JOBS]


def test_a_report_goes_into_a_file(database_url: str, tmp_path: Path) -> None:
    ran = run(
        *("report", "sales", "--from", "2026-01-01", "--output", "sales.csv"),
        cwd=tmp_path,
        DATABASE_URL=database_url,
    )
    assert (ran.returncode, ran.stdout) == (0, "wrote 0 rows to sales.csv\n"), ran.stderr
    assert (tmp_path / "sales.csv").read_text().startswith("day,orders,cancelled_orders,")


async def test_a_check_fails_with_the_ids_of_what_is_broken(
    database_url: str, tmp_path: Path
) -> None:
    fine = run("check", cwd=tmp_path, DATABASE_URL=database_url)
    assert (fine.returncode, "FAILED" in fine.stdout) == (0, False), fine.stdout + fine.stderr
    sql = await asyncpg.connect(database_url)
    note = await sql.fetchval(
        "insert into staff_notes (about, about_id, body) values ('order', gen_random_uuid(), 'x')"
        " returning id"
    )
    await sql.close()
    ran = run("check", cwd=tmp_path, DATABASE_URL=database_url)
    assert ran.returncode == 1
    assert f"FAILED  staff notes are about something: 1\n        {note}  " in ran.stdout
    as_json = run("check", "--json", cwd=tmp_path, DATABASE_URL=database_url)
    assert as_json.returncode == 1
    (broken,) = [each for each in json.loads(as_json.stdout) if not each["holds"]]
    assert broken["offences"][0]["id"] == str(note)


def test_a_check_that_cannot_ask_is_not_a_broken_fact(tmp_path: Path) -> None:
    ran = run(
        "check",
        cwd=tmp_path,
        DATABASE_URL="postgresql://x@127.0.0.1:1/x",
        LIVECOMMERCE_LOG_FORMAT="human",
    )
    assert ran.returncode == 2
    assert "no connection to Postgres at 127.0.0.1:1/x: Connection refused" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
