"""Words that are exchanged, what they move, and who is told."""

import uuid

import asyncpg
import pytest

from shop import support
from tests.shop.support.support_desk import Desk, now, refused


async def test_the_first_answer_acknowledges_and_begins_the_work(desk: Desk) -> None:
    query_id = await desk.query()
    await desk.answers(query_id, "We look into it.")
    first = await desk.row(query_id)
    assert first["status"] == "in_progress" and first["response"] == "We look into it."
    assert first["acknowledged_at"] and first["first_response_at"]
    await desk.answers(query_id, "A new one is on its way.")
    second = await desk.row(query_id)
    assert second["response"] == "A new one is on its way."
    assert second["first_response_at"] == first["first_response_at"]


async def test_an_answer_leaves_an_escalated_query_escalated(desk: Desk) -> None:
    query_id = await desk.query("escalated")
    await desk.answers(query_id)
    row = await desk.row(query_id)
    assert row["status"] == "escalated" and row["first_response_at"]


async def test_a_customers_word_takes_a_resolution_back_and_keeps_the_deadline(desk: Desk) -> None:
    query_id = await desk.query()
    await desk.moves(query_id, "resolved")
    before = await desk.row(query_id)
    await desk.says(query_id, "It is torn again.")
    row = await desk.row(query_id)
    assert row["status"] == "in_progress"
    assert row["resolved_at"] is None and row["resolution_time_hours"] is None
    assert row["redress_due_at"] == before["redress_due_at"]
    assert row["acknowledged_at"] == before["acknowledged_at"]


@pytest.mark.parametrize("status", ["open", "in_progress", "escalated"])
async def test_a_customers_word_leaves_a_waiting_query_as_it_is(desk: Desk, status: str) -> None:
    query_id = await desk.query(status)
    await desk.says(query_id)
    row = await desk.row(query_id)
    assert row["status"] == status and row["first_response_at"] is None


async def test_a_closed_query_takes_no_word_but_a_note(desk: Desk) -> None:
    query_id = await desk.query("closed")
    assert await refused(desk.says(query_id)) == "query.closed"
    assert await refused(desk.answers(query_id)) == "query.closed"
    with pytest.raises(asyncpg.CheckViolationError, match="please open a new one"):
        await desk.shop.sql.execute(
            "insert into query_messages (query_id, author_kind, body) values ($1, 'customer', 'x')",
            query_id,
        )
    await support.note(desk.shop.db, desk.admin, query_id, uuid.uuid4(), "Called twice.")


async def test_a_message_sent_twice_is_written_once(desk: Desk) -> None:
    query_id, customer_says, support_says = await desk.query(), uuid.uuid4(), uuid.uuid4()
    for _ in range(2):
        await support.reply(desk.shop.db, desk.customer, query_id, customer_says, "Any news?")
        await support.answer(desk.shop.db, desk.admin, query_id, support_says, "Tomorrow.")
    thread = await support.query_of(desk.shop.db, desk.customer, query_id, now())
    assert thread.messages is not None
    assert [(one["author"], one["body"]) for one in thread.messages] == [
        ("customer", "Any news?"),
        ("support", "Tomorrow."),
    ]


async def test_the_id_of_another_message_is_refused(desk: Desk) -> None:
    query_id, message_id = await desk.query(), uuid.uuid4()
    await support.answer(desk.shop.db, desk.admin, query_id, message_id, "Tomorrow.")
    reply = support.reply(desk.shop.db, desk.customer, query_id, message_id, "Any news?")
    assert await refused(reply) == "query.key_reused"


async def test_the_21st_message_of_an_hour_is_refused(desk: Desk) -> None:
    query_id = await desk.query()
    for _ in range(20):
        await desk.says(query_id)
    assert await refused(desk.says(query_id)) == "query.too_many"
    await desk.answers(query_id)


async def test_the_customer_is_told_of_an_answer_once_per_query_and_anew(desk: Desk) -> None:
    query_id = await desk.query()
    await desk.answers(query_id)
    await desk.shop.sql.execute("update notifications set is_read = true, read_at = now()")
    await support.resolve(desk.shop.db, desk.admin, query_id, uuid.uuid4(), "Done.")
    (told,) = await desk.shop.sql.fetch("select * from notifications")
    assert told["user_id"] == desk.customer and told["type"] == "support_reply"
    assert told["title"] == "Your query is resolved" and told["related_id"] == query_id
    assert told["action_url"] == f"/help?query={query_id}"
    assert not told["is_read"] and told["read_at"] is None


async def test_a_customers_own_word_tells_nobody(desk: Desk) -> None:
    await desk.says(await desk.query())
    assert await desk.shop.sql.fetchval("select count(*) from notifications") == 0
