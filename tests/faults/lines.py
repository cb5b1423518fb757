"""The lines of the checkout in the database, at each of which a test can make it wait."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg

First = TypeVar("First")
Rival = TypeVar("Rival")

STEPS = (
    "place_orders_v4",
    "checkout_requests_v3",
    "settle_checkout_v1",
    "wait_for_turns_v1",
    "lock_for_checkout_v3",
    "checkout_answered_v3",
    "checkout_lines_v3",
    "checkout_stand_v3",
    "checkout_quotes_v3",
    "place_judged_v4",
    "checkout_names_v1",
    "write_orders_v4",
    "use_up_promises_v4",
    "use_up_holds_v1",
    "count_limits_v3",
    "count_deals_v3",
    "take_stock_v3",
)
"""The functions of a checkout that read or write; what only judges sees nothing of a rival."""

_LOCKS = 4711
_STATEMENT = re.compile(r"\s*(perform|select|with|insert|update|delete|return)\b")
_ENDS_BEFORE = re.compile(r"(;|\bbegin|\bthen|\belse|\bloop)$")
_PAUSE = """
create function private.pause_at(p_line integer) returns void
language plpgsql volatile set search_path = '' as $$
begin
  if current_setting('application_name') = 'first' then
    perform pg_advisory_lock_shared(4711, p_line);
    perform pg_advisory_unlock_shared(4711, p_line);
  end if;
end $$;
grant execute on function private.pause_at(integer) to public;
"""


@dataclass(frozen=True)
class Line:
    """A statement of a step; text: its first line."""

    number: int
    step: str
    text: str

    def __str__(self) -> str:
        return f"{self.step}, before `{self.text}`"


async def with_pauses(sql: asyncpg.Connection) -> list[Line]:
    """Put a pause before each statement of the steps; the statements, in the order of the source.

    Whoever calls himself `first` (application_name) waits there while somebody has the line locked.
    """
    await sql.execute(_PAUSE)
    lines: list[Line] = []
    for step in STEPS:
        source = await sql.fetchval(
            "select pg_get_functiondef(oid) from pg_proc where proname = $1", step
        )
        head, opening, body = source.partition("$function$")
        paused: list[str] = []
        before = ""
        for text in body.splitlines():
            if _STATEMENT.match(text) and _ENDS_BEFORE.search(before):
                line = Line(len(lines) + 1, step, text.strip())
                lines.append(line)
                paused.append(f"perform private.pause_at({line.number});")
            paused.append(text)
            before = text.partition("--")[0].rstrip() or before
        await sql.execute(head + opening + "\n".join(paused))
    return lines


@dataclass(frozen=True)
class Unsettled:
    """What makes the first look again: done while it waits at a line."""

    line: Line
    by: Callable[[], Awaitable[object]]


class Gate:
    """Holds the first up at a line, lets a rival act, and lets the first go on."""

    def __init__(self, sql: asyncpg.Connection) -> None:
        self._sql = sql

    async def meet(
        self,
        line: Line,
        first: Awaitable[First],
        rival: Callable[[], Awaitable[Rival]],
        unsettled: Unsettled | None = None,
    ) -> tuple[First, Rival, bool]:
        """What both got, and whether the first came to the line at all.

        unsettled: they meet in the round that comes after it.
        """
        if unsettled is None:
            await self._close(line)
            going = asyncio.ensure_future(first)
        else:
            await self._close(unsettled.line)
            going = asyncio.ensure_future(first)
            assert await self._arrived(unsettled.line, going), going
            await self._close(line)
            await unsettled.by()
            await self._open(unsettled.line)
        is_reached = await self._arrived(line, going)
        acting = asyncio.ensure_future(rival())
        if is_reached:
            await self._acted(acting)
        await self._open(line)
        return await going, await acting, is_reached

    async def _close(self, line: Line) -> None:
        await self._sql.execute("select pg_advisory_lock($1, $2)", _LOCKS, line.number)

    async def _open(self, line: Line) -> None:
        await self._sql.execute("select pg_advisory_unlock($1, $2)", _LOCKS, line.number)

    async def _arrived(self, line: Line, going: asyncio.Future[Any]) -> bool:
        while not going.done():
            if await self._sql.fetchval(
                "select exists (select from pg_locks where locktype = 'advisory' and not granted"
                " and classid = $1 and objid = $2 and database ="
                " (select oid from pg_database where datname = current_database()))",
                _LOCKS,
                line.number,
            ):
                return True
            await asyncio.sleep(0)
        return False

    async def _acted(self, acting: asyncio.Future[Any]) -> None:
        """Until the rival is through, or waits for the first."""
        while not acting.done():
            if await self._sql.fetchval(
                "select exists (select from pg_stat_activity where application_name = 'rival'"
                " and datname = current_database() and wait_event_type = 'Lock')"
            ):
                return
            await asyncio.sleep(0)
