"""Reports as CSV."""

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from livecommerce import cli
from livecommerce.maintenance.job import run
from livecommerce.maintenance.reports import BEGINNING, REPORTS, cell, write_report
from livecommerce.maintenance.table import job_named
from tests.livecommerce.maintenance.conftest import LIMITS, Evening

EVER = date(2100, 1, 1)


@pytest.mark.parametrize("text", ["=1+1", "+91 98765", "-2", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_a_spreadsheet_would_calculate_is_only_shown(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["Meera = best", 5, Decimal("-5.00"), date(2026, 4, 1)])
def test_other_values_stay_as_they_are(value: object) -> None:
    assert cell(value) == value


def test_what_is_not_known_is_an_empty_cell() -> None:
    assert cell(None) == ""


@pytest.mark.parametrize("name", REPORTS)
async def test_every_report_is_written_with_its_columns(name: str, evening: Evening) -> None:
    await evening.sql.execute(
        "insert into queries (customer_id, subject, message) select id, 'x', 'x' from customers"
    )
    await evening.sql.execute(
        "insert into report_abandoned_carts_daily values (current_date, 1, 2, 3, now())"
    )
    await run(job_named("reports"), evening.db, evening.now, LIMITS)
    out = io.StringIO()
    assert await write_report(name, evening.db, BEGINNING, EVER, out) == 1
    header, row = csv.reader(io.StringIO(out.getvalue()))
    assert header[-1] == "computed_at"
    assert len(header) == len(row)
    assert row[0].startswith("20")


async def test_a_report_keeps_to_its_days(evening: Evening) -> None:
    await run(job_named("reports"), evening.db, evening.now, LIMITS)
    out = io.StringIO()
    assert await write_report("sales", evening.db, date(2020, 1, 1), date(2020, 12, 31), out) == 0


async def test_a_title_cannot_smuggle_in_a_formula(evening: Evening) -> None:
    await evening.sql.execute("update live_sessions set title = '=HYPERLINK(\"x\")'")
    await run(job_named("reports"), evening.db, evening.now, LIMITS)
    out = io.StringIO()
    await write_report("live-sessions", evening.db, BEGINNING, EVER, out)
    (row,) = csv.DictReader(io.StringIO(out.getvalue()))
    assert row["title"] == '\'=HYPERLINK("x")'


def test_a_report_that_is_none_is_refused_with_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["report", "profits"]) == 78
    assert "profits is not a report; there are sales, wholesalers" in capsys.readouterr().err


def test_a_day_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        cli.main(["report", "sales", "--from", "yesterday"])
    assert "'yesterday' is not a day such as 2026-04-01" in capsys.readouterr().err
