"""The commands of operators: what the worker does by the clock, now, and its results."""

import argparse
import contextlib
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from livecommerce.cli.running import AddCommand, refuse, with_database
from livecommerce.settings import Settings

if TYPE_CHECKING:
    from db import Database


def add_to(add: AddCommand) -> None:
    maintain = add(
        "maintain",
        _maintain,
        "do now what the worker does by the clock",
        add_help=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    maintain.add_argument("-h", "--help", action=_HelpWithJobs)
    maintain.add_argument("job", metavar="JOB", help="one of the list below, or `all`")
    maintain.add_argument(
        "--dry-run", action="store_true", help="say what would be done; change nothing"
    )
    _add_report(add)
    check = add("check", _check, "ask the live database whether stock, money and counters hold")
    check.epilog = (
        "Exit codes: 0 all hold; 1 some are broken, with the ids of the rows; 2 it could not ask."
    )
    check.add_argument("--json", action="store_true", help="for programs")


def _add_report(add: AddCommand) -> None:
    report = add("report", _report, "print a report as CSV, as `maintain reports` left it")
    report.add_argument(
        "report",
        metavar="REPORT",
        help="sales, wholesalers, influencers, live-sessions, support or abandoned-carts",
    )
    report.add_argument(
        "--from", type=_day, dest="first", metavar="DAY", help="YYYY-MM-DD (default: the first)"
    )
    report.add_argument(
        "--to", type=_day, dest="last", metavar="DAY", help="YYYY-MM-DD (default: today)"
    )
    report.add_argument("--output", type=Path, help="the file to write (default: print it)")


class _HelpWithJobs(argparse.Action):
    """The list of jobs is read when somebody asks for it: `livecommerce --help` stays quick."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="show this help message and exit")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from livecommerce.maintenance.table import JOBS

        lines = [f"  {job.name:<23} {job.schedule!s:<16} {job.text}" for job in JOBS]
        parser.epilog = "\n".join(["jobs, and when the worker runs them (India):", *lines])
        parser.print_help()
        parser.exit()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-04-01") from None


def _maintain(options: argparse.Namespace) -> int:
    from livecommerce import clock
    from livecommerce.app import parts
    from livecommerce.maintenance.command import maintain
    from livecommerce.maintenance.table import ALL, JOBS

    jobs = [job for job in JOBS if options.job in (job.name, ALL)]
    if not jobs:
        names = ", ".join(job.name for job in JOBS)
        return refuse(f"{options.job} is not a job; there are {names}, and all.")

    async def act(database: "Database", settings: Settings) -> int:
        return await maintain(
            jobs,
            database,
            clock.now(),
            parts.limits(settings),
            sys.stdout,
            dry_run=options.dry_run,
        )

    return with_database("maintain", act)


def _report(options: argparse.Namespace) -> int:
    from livecommerce import clock
    from livecommerce.maintenance.reports import BEGINNING, REPORTS, write_report

    if options.report not in REPORTS:
        return refuse(f"{options.report} is not a report; there are {', '.join(REPORTS)}.")

    async def act(database: "Database", _: Settings) -> int:
        first, last = options.first or BEGINNING, options.last or clock.now().date()
        with contextlib.ExitStack() as stack:
            to = sys.stdout
            if options.output:
                # The rows end their lines themselves.
                to = stack.enter_context(options.output.open("w", encoding="utf-8", newline=""))
            rows = await write_report(options.report, database, first, last, to)
        if options.output:
            print(f"wrote {rows:,} {'row' if rows == 1 else 'rows'} to {options.output}")
        return 0

    return with_database("report", act)


def _check(options: argparse.Namespace) -> int:
    from livecommerce.maintenance.checks import check, tell

    async def act(database: "Database", _: Settings) -> int:
        return tell(await check(database), sys.stdout, as_json=options.json)

    return with_database("check", act, could_not=2)
