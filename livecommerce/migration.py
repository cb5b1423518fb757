"""Bringing a database up to date: our own migrations, then the tables of the job library."""

from collections.abc import Callable, Collection

import db
from db.logins import LOGINS
from livecommerce import jobs


def _to_nobody(_: str) -> None:
    """Who does not listen is told nothing."""


async def bring_up_to_date(
    owner: str,
    *,
    tell: Callable[[str], None] = _to_nobody,
    passwords_of: Collection[str] = LOGINS,
) -> list[str]:
    """Apply what is missing, as the owner of the schema; what was applied.

    Raises as `db.migrate` does.
    """
    applied = await db.migrate(owner, tell=tell, passwords_of=passwords_of)
    installed = await jobs.install(owner)
    for what in installed:
        tell(f"applied {what}")
    return applied + installed
