"""Each invariant: holds after an evening, and is the one that is named when its fact is broken."""

import io
import json
from pathlib import Path

import pytest

from db import Database, logins_of
from livecommerce.maintenance.checks import INVARIANTS, Offence, Verdict, check, tell
from tests.livecommerce.maintenance.conftest import Evening

_PARTS = (Path(__file__).parent / "breaks.sql").read_text().split("-- name: ")[1:]
BREAKS = dict(part.split("\n", 1) for part in _PARTS)


@pytest.fixture
async def sealed(evening: Evening) -> Evening:
    """The same evening, with its audit log in the chain."""
    assert await evening.sql.fetchval("select private.seal_audit_log_v1(1000)") > 0
    return evening


def test_every_invariant_has_its_break() -> None:
    assert list(BREAKS) == [query.name.removeprefix("checks.") for query in INVARIANTS]


async def test_after_an_evening_everything_holds(sealed: Evening) -> None:
    assert [verdict for verdict in await check(sealed.db) if verdict.offences] == []


@pytest.mark.parametrize("invariant", BREAKS)
async def test_a_broken_fact_is_named_and_no_other(invariant: str, sealed: Evening) -> None:
    async with sealed.behind_its_back() as sql:
        await sql.execute(BREAKS[invariant])
    broken = [verdict for verdict in await check(sealed.db) if verdict.offences]
    assert [verdict.invariant for verdict in broken] == [invariant], broken
    assert all(offence.id and offence.detail for offence in broken[0].offences)


async def test_what_still_waits_to_be_carried_over_is_not_broken(sealed: Evening) -> None:
    await sealed.sql.execute("update product_stock set on_hand = on_hand - 1")
    is_behind = await sealed.sql.fetchval(
        "select sum(stock_quantity) <> (select sum(on_hand) from product_stock) from products"
    )
    assert is_behind
    assert not any(verdict.offences for verdict in await check(sealed.db))


async def test_of_many_offences_twenty_are_named_and_all_are_counted(sealed: Evening) -> None:
    async with sealed.behind_its_back() as sql:
        await sql.execute(
            "insert into staff_notes (about, about_id, body)"
            " select 'query', gen_random_uuid(), 'x' from generate_series(1, 23)"
        )
    out = io.StringIO()
    verdicts = await check(sealed.db)
    assert tell(verdicts, out, as_json=False) == 1
    assert "FAILED  staff notes are about something: 23\n" in out.getvalue()
    assert "        and 3 more\n" in out.getvalue()
    assert out.getvalue().endswith("1 broken\n")


def test_the_verdicts_can_be_read_by_programs() -> None:
    out = io.StringIO()
    code = tell((Verdict("a", ()), Verdict("b", (Offence("1", "wrong", 7),))), out, as_json=True)
    assert code == 1
    assert json.loads(out.getvalue()) == [
        {"invariant": "a", "holds": True, "total": 0, "offences": []},
        {
            "invariant": "b",
            "holds": False,
            "total": 7,
            "offences": [{"id": "1", "detail": "wrong"}],
        },
    ]
    assert tell((Verdict("a", ()),), io.StringIO(), as_json=False) == 0


async def test_a_check_sees_one_moment_and_changes_nothing(sealed: Evening) -> None:
    async with sealed.db.snapshot() as snapshot:
        first = await snapshot.all(INVARIANTS[0])
        async with sealed.behind_its_back() as sql:
            await sql.execute(BREAKS["stock_is_the_sum_of_its_moves"])
        assert await snapshot.all(INVARIANTS[0]) == first == []
        mode = await sealed.sql.fetchval(
            "select count(*) from pg_stat_activity where backend_xid is not null"
            " and application_name = 'livecommerce'"
        )
        assert mode == 0


async def test_the_check_runs_as_the_service_login(
    sealed: Evening, database_url: str, tmp_path: Path
) -> None:
    database = await Database.connect(service=logins_of(database_url).service, pool_size=1)
    assert len(await check(database)) == len(INVARIANTS)
    await database.close()
