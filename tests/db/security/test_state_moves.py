"""Every pair of states of every machine: the moves in private.state_moves pass, no other does."""

from __future__ import annotations

import itertools
import uuid

import asyncpg
import pytest

from tests.db.security.acting import as_identity, attempt
from tests.db.security.world import named

pytestmark = pytest.mark.asyncio(loop_scope="session")

# machine: (table, column, states, a row of the world)
MACHINES = {
    "order": (
        "orders",
        "status",
        "pending confirmed processing shipped delivered cancelled refunded",
        "mixed",
    ),
    "payment": (
        "orders",
        "payment_status",
        "pending paid failed refunded partially_refunded",
        "mixed",
    ),
    "live_session": (
        "live_sessions",
        "status",
        "scheduled live paused ended cancelled error",
        "evening",
    ),
    "return": (
        "returns",
        "status",
        "requested approved rejected received refunded cancelled",
        "return mixed",
    ),
    "refund": ("refunds", "status", "pending succeeded failed", "refund mixed"),
    "query": (
        "queries",
        "status",
        "open in_progress resolved closed escalated",
        "query customer_a",
    ),
}
# What may happen, in words that do not come from the table under test.
MOVES = {
    "order": """
        pending: confirmed processing cancelled
        confirmed: processing shipped cancelled
        processing: shipped cancelled
        shipped: delivered cancelled
        delivered: refunded
        cancelled:
        refunded:""",
    "payment": """
        pending: paid failed
        failed: pending paid
        paid: partially_refunded refunded
        partially_refunded: refunded
        refunded:""",
    "live_session": """
        scheduled: live cancelled
        live: paused ended error
        paused: live ended error
        error: live ended
        ended:
        cancelled:""",
    "return": """
        requested: approved rejected cancelled
        approved: received cancelled
        received: refunded rejected
        rejected:
        refunded:
        cancelled:""",
    "refund": """
        pending: succeeded failed
        failed: pending
        succeeded:""",
    "query": """
        open: in_progress escalated resolved closed
        in_progress: escalated resolved closed
        escalated: in_progress resolved closed
        resolved: in_progress closed
        closed:""",
}
PAIRS = [
    pytest.param(machine, before, after, id=f"{machine}: {before} to {after}")
    for machine, (_, _, states, _) in MACHINES.items()
    for before, after in itertools.permutations(states.split(), 2)
]


def may_move(machine: str, before: str, after: str) -> bool:
    lines = dict(line.strip().split(":") for line in MOVES[machine].strip().splitlines())
    return after in lines[before].split()


async def put(owner: asyncpg.Connection, machine: str, state: str) -> None:
    """Bring the row of the world into a state, past every trigger."""
    table, column, _, row = MACHINES[machine]
    await owner.execute("set local session_replication_role = replica")
    await owner.execute(
        f"update {table} set {column} = $2 where id = $1", uuid.UUID(named(row)), state
    )
    await owner.execute("set local session_replication_role = origin")


async def move(owner: asyncpg.Connection, machine: str, state: str) -> object:
    table, column, _, row = MACHINES[machine]
    return await attempt(
        owner, f"update {table} set {column} = $2 where id = $1", uuid.UUID(named(row)), state
    )


@pytest.mark.parametrize(("machine", "before", "after"), PAIRS)
async def test_a_move_passes_or_is_refused_with_a_sentence(
    owner: asyncpg.Connection, machine: str, before: str, after: str
) -> None:
    await put(owner, machine, before)
    answer = await move(owner, machine, after)
    if may_move(machine, before, after):
        assert answer == []
        return
    assert isinstance(answer, asyncpg.CheckViolationError)
    words = (f"{before} cannot become {after}").replace("_", " ")
    assert words in str(answer)
    assert answer.constraint_name == f"{MACHINES[machine][0]}_{MACHINES[machine][1]}_moves"


@pytest.mark.parametrize("machine", MACHINES)
async def test_the_service_moves_by_the_same_table(owner: asyncpg.Connection, machine: str) -> None:
    """What a table of states refuses a person it refuses the service."""
    _, _, states, _ = MACHINES[machine]
    first, *others = states.split()
    allowed = next(state for state in others if may_move(machine, first, state))
    async with as_identity(owner, "service"):
        assert await move(owner, machine, "nonsense") != []
    await put(owner, machine, first)
    async with as_identity(owner, "service"):
        assert await move(owner, machine, allowed) == []


async def test_every_machine_is_tried(owner: asyncpg.Connection) -> None:
    there = await owner.fetch("select distinct machine from private.state_moves")
    # Payouts are moved by one function only, which asks: tests/shop/ledger/test_payouts.py.
    assert {row["machine"] for row in there} == {*MACHINES, "payout"}
    for machine, (table, column, states, _) in MACHINES.items():
        check = await owner.fetchval(
            "select pg_get_constraintdef(oid) from pg_constraint"
            " where conrelid = to_regclass($1) and conname = $2",
            table,
            f"{table}_{column}_check",
        )
        assert all(f"'{state}'" in check for state in states.split()), machine
        assert check.count("'") == 2 * len(states.split()), machine
