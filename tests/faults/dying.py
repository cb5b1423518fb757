"""A process that ends at the Nth await, without a word."""

from __future__ import annotations

import asyncio
from typing import Any

from db import Database, logins_of
from tests.faults.operations import OPERATIONS, Subject
from tests.faults.sweep import Injection, Sweep, swept


def die(operation: str, subject: Subject, injection: Injection) -> None:
    """Exits with EXIT_STATUS at the injection, and with 0 when it is not reached."""
    asyncio.run(_die(operation, subject, injection))


async def _die(operation: str, subject: Subject, injection: Injection) -> None:
    killer: Any = None  # Nobody's connection is reset here.
    sweep = Sweep(killer)
    logins = logins_of(subject.url)
    with swept(sweep):
        db = await Database.connect(api=logins.api, service=logins.service, pool_size=1)
    asker = asyncio.current_task()
    assert asker is not None
    work = OPERATIONS[operation].do(db, sweep, subject, 0)
    await sweep.spoil(injection, asker, work)
    await db.close()
