"""Who may do what with a support query, clients of Supabase past our server among them."""

import uuid

import asyncpg
import pytest

from db import Actor
from shop import support
from tests.shop.support.support_desk import Desk, now, refused


async def test_taking_a_query_up_acknowledges_it_and_begins_the_work(desk: Desk) -> None:
    query_id = await desk.query()
    await support.assign(desk.shop.db, desk.admin, query_id, desk.admin)
    row = await desk.row(query_id)
    assert row["assigned_to"] == desk.admin and row["status"] == "in_progress"
    assert row["acknowledged_at"]
    await support.assign(desk.shop.db, desk.admin, query_id, None)
    again = await desk.row(query_id)
    assert again["assigned_to"] is None and again["status"] == "in_progress"
    assert again["acknowledged_at"] == row["acknowledged_at"]


async def test_resolving_with_an_answer_does_both_or_neither(desk: Desk) -> None:
    query_id = await desk.query()
    await support.resolve(desk.shop.db, desk.admin, query_id, uuid.uuid4(), "Sent a new one.")
    row = await desk.row(query_id)
    assert row["status"] == "resolved" and row["response"] == "Sent a new one."
    closed = await desk.query("closed")
    resolving = support.resolve(desk.shop.db, desk.admin, closed, uuid.uuid4(), "Sent a new one.")
    assert await refused(resolving) == "query.closed"
    assert (await desk.row(closed))["response"] is None


async def test_what_an_admin_does_is_in_the_audit_log_under_their_name(desk: Desk) -> None:
    query_id = await desk.query()
    await support.assign(desk.shop.db, desk.admin, query_id, desk.admin)
    await support.rate(desk.shop.db, desk.admin, query_id, "urgent")
    await support.escalate(desk.shop.db, desk.admin, query_id, uuid.uuid4(), "Third time.")
    logged = await desk.shop.sql.fetch(
        "select actor_user_id, after from audit_log where row_id = $1 order by id", query_id
    )
    assert [record["actor_user_id"] for record in logged] == [desk.admin] * 3
    assert '"urgent"' in logged[1]["after"] and '"escalated"' in logged[2]["after"]


async def test_internal_notes_are_read_by_admins_and_never_by_the_customer(desk: Desk) -> None:
    query_id = await desk.query()
    await support.note(desk.shop.db, desk.admin, query_id, uuid.uuid4(), "Be generous.")
    await desk.shop.sql.execute(
        "update queries set internal_notes = 'As documented.' where id = $1", query_id
    )
    seen = await support.query_for_staff(desk.shop.db, desk.admin, query_id, now())
    assert [one["body"] for one in seen.notes] == ["Be generous.", "As documented."]
    assert seen.notes[0]["author_user_id"] == str(desk.admin)
    thread = await support.query_of(desk.shop.db, desk.customer, query_id, now())
    assert "Be generous." not in str(thread) and "As documented." not in str(thread)
    assert (await desk.row(query_id))["internal_notes"] is None


@pytest.mark.parametrize("role", ["customer", "wholesaler", "influencer"])
async def test_nobody_but_an_admin_reads_the_queue(desk: Desk, role: str) -> None:
    query_id, stranger = await desk.query(), await desk.shop.user(role)
    looking = Actor(role, stranger)  # type: ignore[arg-type]
    acting = desk.shop.db.acting_as(looking)
    filters = (now(), "waiting", False, False, None, None, None, 10)
    assert await acting.all(support._QUEUE, *filters) == []
    assert await desk.shop.db.acting_as(looking).one(support._ONE, now(), query_id) is None


async def test_another_customers_query_is_not_there(desk: Desk) -> None:
    query_id, other = await desk.query(), await desk.shop.customer()
    db = desk.shop.db
    assert await refused(support.query_of(db, other, query_id, now())) == "query.not_found"
    reply = support.reply(db, other, query_id, uuid.uuid4(), "Mine!")
    assert await refused(reply) == "query.not_found"
    assert await refused(support.close_own(db, other, query_id)) == "query.not_found"


@pytest.mark.parametrize("status", ["open", "in_progress", "escalated", "resolved", "closed"])
async def test_customers_close_their_query_in_any_state(desk: Desk, status: str) -> None:
    query_id = await desk.query(status)
    await support.close_own(desk.shop.db, desk.customer, query_id)
    assert (await desk.row(query_id))["status"] == "closed"


@pytest.mark.parametrize("column", ["status", "priority", "response", "assigned_to", "ack_due_at"])
async def test_a_client_cannot_write_what_support_decides(desk: Desk, column: str) -> None:
    may = await desk.shop.sql.fetchrow(
        "select has_column_privilege('authenticated', 'queries', $1, 'update') as change,"
        " has_column_privilege('authenticated', 'queries', $1, 'insert') as add",
        column,
    )
    assert may is not None and not may["change"] and not may["add"]


async def test_a_clients_sixth_query_of_an_hour_is_answered_429(desk: Desk) -> None:
    for _ in range(5):
        await desk.query()
    await desk.shop.sql.execute("begin")
    await desk.shop.sql.execute(
        "select set_config('request.jwt.claims', $1, true),"
        " set_config('role', 'authenticated', true)",
        Actor("customer", desk.customer).claims(),
    )
    with pytest.raises(asyncpg.PostgresError) as error:
        await desk.shop.sql.execute(
            "insert into queries (customer_id, subject, message)"
            " select id, 'Torn', 'Again' from customers"
        )
    await desk.shop.sql.execute("rollback")
    assert error.value.sqlstate == "PT429"
