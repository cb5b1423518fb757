"""The schema keeps the rules of Supabase's linter and ours, and each rule can fail."""

import re
from pathlib import Path

import asyncpg
import pytest

from tests.db.security.acting import Connections
from tests.db.security.linter_rules import RULES, Rule

in_one_loop = pytest.mark.asyncio(loop_scope="session")
QUERIES = Path("db/queries")
each_rule = pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in RULES])


async def findings(sql: asyncpg.Connection, rule: Rule) -> list[str]:
    return [row[0] for row in await sql.fetch(rule.finds)]


@each_rule
@in_one_loop
async def test_the_schema_keeps_rule(connections: Connections, rule: Rule) -> None:
    async with connections.owning() as sql:
        assert await findings(sql, rule) == []


@each_rule
@in_one_loop
async def test_what_breaks_it_is_found_by_rule(connections: Connections, rule: Rule) -> None:
    async with connections.owning() as sql:
        before = await findings(sql, rule)
        await sql.execute(rule.broken_by)
        after = await findings(sql, rule)
    assert len(after) > len(before)


def test_every_function_that_a_query_calls_is_versioned() -> None:
    """A release and the one after it run side by side, each with the function that it knows."""
    calls = {
        call
        for path in QUERIES.glob("*.sql")
        for call in re.findall(r"\b(?:private|app)\.(\w+)\s*\(", without_comments(path.read_text()))
    }
    assert calls, "no query calls a function"
    inserted = {"outbox", "metric_batches", "refresh_tokens", "login_links", "idempotency"}
    inserted |= {"payment_events", "ended_logins"}
    assert {call for call in calls - inserted if not re.search(r"_v\d+$", call)} == set()


def without_comments(text: str) -> str:
    return re.sub(r"--.*", "", text)
