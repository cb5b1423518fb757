"""`livecommerce maintain`: one job, or all of them, now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TextIO

import structlog

from db import ConstraintViolated, Database, DatabaseUnavailable, TransactionConflict
from livecommerce import clock
from livecommerce.maintenance.job import Done, Job, Limits, amount, run, sentence

log = structlog.get_logger(__name__)


async def maintain(
    jobs: Sequence[Job],
    db: Database,
    now: datetime,
    limits: Limits,
    to: TextIO,
    *,
    dry_run: bool = False,
) -> int:
    """Run the jobs one after the other and say what each did; 1 when one failed."""
    failed = 0
    for job in jobs:
        line = _Line(job.name, to)
        try:
            done = await run(job, db, now, limits, dry_run=dry_run, progress=line.show)
        except (DatabaseUnavailable, TransactionConflict, ConstraintViolated) as error:
            line.end(f"FAILED: {error}")
            failed += 1
        except Exception as error:
            # A defect of one job is no reason to leave out the others.
            log.exception("job.failed", job=job.name)
            line.end(f"FAILED: {type(error).__name__}: {str(error).partition(chr(10))[0]}")
            failed += 1
        else:
            line.end(sentence(done, dry_run=dry_run))
    return 1 if failed else 0


class _Line:
    """The line of one job: rewritten after each batch where somebody watches, then final."""

    def __init__(self, job: str, to: TextIO) -> None:
        self._job = job
        self._to = to
        self._began_s = clock.monotonic_s()
        self._width = 0

    def show(self, done: Done) -> None:
        if self._to.isatty():
            self._write(f"{self._job}: {amount(done)} ...", "\r")

    def end(self, text: str) -> None:
        took_s = clock.monotonic_s() - self._began_s
        self._write(f"{self._job}: {text} ({took_s:.1f} s)", "\n")

    def _write(self, text: str, end: str) -> None:
        print(f"{text:<{self._width}}", end=end, file=self._to, flush=True)
        self._width = len(text)
