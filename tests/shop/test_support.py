"""Support queries: their moves, their clocks, and who may do what with them."""

import asyncio
import itertools
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import asyncpg
import pytest

from db import Actor
from shop import support
from shop.refusal import ShopRefused
from shop.support import Cursor, Filters, NewQuery, Status
from tests.shop.shop_under_test import ShopUnderTest

MOVES = {
    ("open", "in_progress"),
    ("open", "escalated"),
    ("open", "resolved"),
    ("open", "closed"),
    ("in_progress", "escalated"),
    ("in_progress", "resolved"),
    ("in_progress", "closed"),
    ("escalated", "in_progress"),
    ("escalated", "resolved"),
    ("escalated", "closed"),
    ("resolved", "in_progress"),
    ("resolved", "closed"),
}
STATES = get_args(Status)
LONG_AGO = datetime(2024, 1, 31, 6, 30, tzinfo=UTC)


@dataclass
class Desk:
    """A customer with a query, and an admin who answers it."""

    shop: ShopUnderTest
    customer: UUID
    admin: UUID

    async def query(self, status: str = "open", created_at: datetime | None = None) -> UUID:
        """A query in this state, made as the database's owner."""
        query_id: UUID = await self.shop.sql.fetchval(
            "insert into queries (customer_id, subject, message, status, created_at)"
            " select id, 'Torn sleeve', 'It came torn.', $2, coalesce($3, now()) from customers"
            " where user_id = $1 returning id",
            self.customer,
            status,
            created_at,
        )
        return query_id

    async def row(self, query_id: UUID) -> asyncpg.Record:
        found = await self.shop.sql.fetchrow("select * from queries where id = $1", query_id)
        assert found is not None
        return found

    async def says(self, query_id: UUID, body: str = "Any news?") -> None:
        await support.reply(self.shop.db, self.customer, query_id, uuid.uuid4(), body)

    async def answers(self, query_id: UUID, body: str = "A new one is on its way.") -> None:
        await support.answer(self.shop.db, self.admin, query_id, uuid.uuid4(), body)

    async def moves(self, query_id: UUID, to: Status) -> None:
        await support.move(self.shop.db, self.admin, query_id, to)

    async def order(self, customer: UUID | None = None) -> UUID:
        order_id: UUID = await self.shop.sql.fetchval(
            "insert into orders (customer_id, subtotal, total_amount, shipping_address,"
            " billing_address) select id, 100, 100, '{}', '{}' from customers where user_id = $1"
            " returning id",
            customer or self.customer,
        )
        return order_id


def new(**changed: Any) -> NewQuery:
    values = {"category": "order", "subject": "Torn sleeve", "message": "It came torn."}
    return NewQuery(**{"id": uuid.uuid4(), **values, **changed})


async def refused(work: Any) -> str:
    with pytest.raises(ShopRefused) as refusal:
        await work
    return refusal.value.code


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def desk(shop: ShopUnderTest) -> Desk:
    return Desk(shop, await shop.customer(), await shop.user("admin"))


# ---- opening


async def test_a_query_is_numbered_by_the_day_in_india_and_has_both_deadlines(desk: Desk) -> None:
    # 06:30 UTC is noon in India; the month of redress ends on the last day of February.
    row = await desk.row(await desk.query(created_at=LONG_AGO))
    assert row["ack_due_at"] == LONG_AGO + timedelta(hours=48)
    assert row["redress_due_at"] == datetime(2024, 2, 29, 6, 30, tzinfo=UTC)
    opened = await support.open_query(desk.shop.db, desk.customer, new(), now())
    india = (opened.created_at + timedelta(hours=5, minutes=30)).strftime("%Y%m%d")
    assert opened.ticket_number.startswith(f"TKT-{india}-")
    assert len(opened.ticket_number.rsplit("-", 1)[1]) == 6
    assert opened.status == "open" and opened.messages == []


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/Los_Angeles"])
async def test_the_month_of_redress_is_indias_whatever_the_connections_zone(
    desk: Desk, zone: str
) -> None:
    # 01:30 on 31 March in India, still 30 March in UTC.
    at = datetime(2026, 3, 30, 20, 0, tzinfo=UTC)
    async with desk.shop.sql.transaction():
        await desk.shop.sql.execute(f"set local timezone = '{zone}'")
        row = await desk.row(await desk.query(created_at=at))
    assert row["redress_due_at"] == datetime(2026, 4, 29, 20, 0, tzinfo=UTC)


async def test_contact_is_that_of_the_customer_when_none_is_given(desk: Desk) -> None:
    await desk.shop.sql.execute("update customers set phone = '9876543210'")
    row = await desk.row(await desk.query())
    assert row["customer_email"] == f"{desk.customer}@example.in"
    assert row["customer_phone"] == "9876543210"


async def test_the_same_query_sent_twice_is_opened_once(desk: Desk) -> None:
    query = new()
    first = await support.open_query(desk.shop.db, desk.customer, query, now())
    again = await support.open_query(desk.shop.db, desk.customer, query, now())
    assert again.ticket_number == first.ticket_number
    assert await desk.shop.sql.fetchval("select count(*) from queries") == 1


async def test_an_id_that_is_somebody_elses_opens_nothing(desk: Desk) -> None:
    query = new()
    await support.open_query(desk.shop.db, await desk.shop.customer(), query, now())
    opening = support.open_query(desk.shop.db, desk.customer, query, now())
    assert await refused(opening) == "query.key_reused"


async def test_a_query_can_be_about_an_order_of_ones_own_only(desk: Desk) -> None:
    own, other = await desk.order(), await desk.order(await desk.shop.customer())
    query = new(order_id=own)
    opened = await support.open_query(desk.shop.db, desk.customer, query, now())
    assert opened.order_id == own and opened.order_number
    for order_id in (other, uuid.uuid4()):
        opening = support.open_query(desk.shop.db, desk.customer, new(order_id=order_id), now())
        assert await refused(opening) == "query.order_unknown"


async def test_the_sixth_query_of_an_hour_waits_for_the_first_to_be_an_hour_old(
    desk: Desk,
) -> None:
    opened = [await support.open_query(desk.shop.db, desk.customer, new(), now()) for _ in range(5)]
    with pytest.raises(ShopRefused) as refusal:
        await support.open_query(desk.shop.db, desk.customer, new(), now())
    assert refusal.value.code == "query.too_many"
    assert refusal.value.retry_after_s and 3500 < refusal.value.retry_after_s <= 3600
    await support.open_query(desk.shop.db, await desk.shop.customer(), new(), now())
    await desk.shop.sql.execute(
        "update queries set created_at = now() - interval '61 minutes' where id = $1", opened[0].id
    )
    await support.open_query(desk.shop.db, desk.customer, new(), now())


async def test_queries_sent_at_the_same_time_are_counted_one_after_the_other(desk: Desk) -> None:
    async def open_one() -> str:
        try:
            await support.open_query(desk.shop.db, desk.customer, new(), now())
        except ShopRefused as refusal:
            return refusal.code
        return "opened"

    answers = await asyncio.gather(*(open_one() for _ in range(12)))
    assert Counter(answers) == {"opened": 5, "query.too_many": 7}


async def test_the_same_query_sent_twice_at_the_same_time_is_opened_once(desk: Desk) -> None:
    query = new()
    opening = (support.open_query(desk.shop.db, desk.customer, query, now()) for _ in range(8))
    assert len({opened.ticket_number for opened in await asyncio.gather(*opening)}) == 1


async def test_an_account_without_a_customer_profile_opens_nothing(desk: Desk) -> None:
    wholesaler = await desk.shop.user("wholesaler")
    opening = support.open_query(desk.shop.db, wholesaler, new(), now())
    assert await refused(opening) == "query.not_customer"


# ---- states and clocks


@pytest.mark.parametrize(
    ("before", "after"), [pair for pair in itertools.product(STATES, STATES) if len({*pair}) == 2]
)
async def test_a_query_moves_along_its_table_only(desk: Desk, before: str, after: Status) -> None:
    query_id = await desk.query(before)
    if (before, after) in MOVES:
        await desk.moves(query_id, after)
    else:
        expected = "query.closed" if before == "closed" else "query.wrong_state"
        assert await refused(desk.moves(query_id, after)) == expected
        with pytest.raises(asyncpg.CheckViolationError, match="cannot become"):
            await desk.shop.sql.execute(
                "update queries set status = $2 where id = $1", query_id, after
            )
    assert (await desk.row(query_id))["status"] == (after if (before, after) in MOVES else before)


@pytest.mark.parametrize(
    ("status", "clocks"),
    [
        ("open", set()),
        ("in_progress", {"acknowledged_at"}),
        ("escalated", {"acknowledged_at", "escalated_at"}),
        ("resolved", {"acknowledged_at", "resolved_at", "resolution_time_hours"}),
        # Nobody of support has taken it up.
        ("closed", {"resolved_at", "closed_at", "resolution_time_hours"}),
    ],
)
@pytest.mark.parametrize("how", ["moved", "inserted"])
async def test_each_state_stamps_its_clocks(
    desk: Desk, status: Status, clocks: set[str], how: str
) -> None:
    query_id = await desk.query(status if how == "inserted" else "open")
    if how == "moved" and status != "open":
        await desk.moves(query_id, status)
    row = await desk.row(query_id)
    every = ("acknowledged_at", "escalated_at", "resolved_at", "closed_at", "resolution_time_hours")
    assert {name for name in every if row[name] is not None} == clocks


async def test_resolution_time_counts_from_the_opening(desk: Desk) -> None:
    query_id = await desk.query(created_at=now() - timedelta(hours=50, minutes=40))
    await desk.moves(query_id, "resolved")
    assert (await desk.row(query_id))["resolution_time_hours"] == 51


async def test_closing_a_resolved_query_keeps_when_it_was_resolved(desk: Desk) -> None:
    query_id = await desk.query()
    await desk.moves(query_id, "resolved")
    resolved_at = (await desk.row(query_id))["resolved_at"]
    await desk.moves(query_id, "closed")
    row = await desk.row(query_id)
    assert row["resolved_at"] == resolved_at and row["closed_at"] > resolved_at


async def test_moving_where_it_is_already_changes_nothing(desk: Desk) -> None:
    query_id = await desk.query("escalated")
    before = await desk.row(query_id)
    await desk.moves(query_id, "escalated")
    assert await desk.row(query_id) == before


# ---- words


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


# ---- the people of support


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


# ---- the customer is told


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


# ---- the queue


async def test_the_queue_has_what_is_due_first_on_top_and_pages_through_all(desk: Desk) -> None:
    at = now() - timedelta(days=3)
    made = [await desk.query(created_at=at + timedelta(minutes=n)) for n in (4, 0, 3, 1, 2)]
    await desk.query("resolved")
    due_first = [made[n] for n in (1, 3, 4, 2, 0)]
    seen: list[UUID] = []
    after: Cursor | None = None
    for _ in range(3):
        page = await support.queue(desk.shop.db, desk.admin, Filters(), now(), after, 2)
        seen += [query.id for query in page.queries]
        after = Cursor.parse(str(page.next)) if page.next else None
    assert seen == due_first and after is None


async def test_what_is_done_is_listed_newest_first_and_paged(desk: Desk) -> None:
    at = now() - timedelta(days=3)
    made = [await desk.query("resolved", at + timedelta(minutes=n)) for n in range(3)]
    filters = Filters("resolved")
    first = await support.queue(desk.shop.db, desk.admin, filters, now(), None, 2)
    assert first.next is not None
    second = await support.queue(desk.shop.db, desk.admin, filters, now(), first.next, 2)
    assert [query.id for query in first.queries + second.queries] == made[::-1]
    assert second.next is None


async def test_filters_of_the_queue(desk: Desk) -> None:
    fresh = await desk.query()
    late = await desk.query(created_at=now() - timedelta(hours=49))
    taken = await desk.query(created_at=now() - timedelta(hours=49))
    await support.assign(desk.shop.db, desk.admin, taken, desk.admin)
    overdue = await desk.query("escalated", now() - timedelta(days=40))

    async def found(**filters: Any) -> set[UUID]:
        page = await support.queue(desk.shop.db, desk.admin, Filters(**filters), now(), None, 10)
        return {query.id for query in page.queries}

    assert await found() == {fresh, late, taken, overdue}
    assert await found(shelf="open") == {fresh, late}
    assert await found(shelf="escalated") == {overdue}
    assert await found(is_overdue=True) == {late, overdue}
    assert await found(is_mine=True) == {taken}
    assert await found(shelf="closed") == set()
    counts = await support.counts(desk.shop.db, desk.admin, now())
    assert counts == support.Counts(
        waiting=4, opened=2, in_progress=1, escalated=1, overdue=2, mine=1
    )


async def test_deadlines_are_marked_from_the_clocks(desk: Desk) -> None:
    at = now() - timedelta(days=20)
    query_id = await desk.query(created_at=at)
    row = await desk.row(query_id)

    async def marks(at: datetime) -> tuple[bool, bool, bool]:
        seen = await support.query_for_staff(desk.shop.db, desk.admin, query_id, at)
        return seen.is_ack_overdue, seen.is_redress_near, seen.is_redress_overdue

    second = timedelta(seconds=1)
    assert await marks(row["ack_due_at"]) == (False, False, False)
    assert await marks(row["ack_due_at"] + second) == (True, False, False)
    assert await marks(row["redress_due_at"] - timedelta(days=7) + second) == (True, True, False)
    assert await marks(row["redress_due_at"] + second) == (True, False, True)
    await desk.answers(query_id)
    assert await marks(row["redress_due_at"] + second) == (False, False, True)
    await desk.moves(query_id, "resolved")
    assert await marks(row["redress_due_at"] + second) == (False, False, False)


async def test_a_ticket_is_found_by_its_number_whatever_its_state(desk: Desk) -> None:
    query_id = await desk.query("closed")
    ticket = (await desk.row(query_id))["ticket_number"]
    digits = ticket.rsplit("-", 1)[1]
    for text in (ticket, ticket.lower(), ticket[4:], f"  {digits} ", digits.lstrip("0")):
        page = await support.queue(
            desk.shop.db, desk.admin, Filters(search=text, is_overdue=True), now(), None, 10
        )
        assert [query.id for query in page.queries] == [query_id], text
    for text in ("999999", "TKT-", f"TKT-20010101-{digits}", "kurta", "'; --", "%"):
        page = await support.queue(desk.shop.db, desk.admin, Filters(search=text), now(), None, 10)
        assert page.queries == (), text


async def test_maintenance_escalates_what_is_due_within_a_week_and_not_done(desk: Desk) -> None:
    near = {status: await desk.query(status, now() - timedelta(days=25)) for status in STATES}
    far = await desk.query()
    sql = "select done from private.escalate_queries_v1(now(), null, 100)"
    assert [await desk.shop.sql.fetchval(sql) for _ in range(2)] == [2, 0]
    after = {status: (await desk.row(query_id))["status"] for status, query_id in near.items()}
    assert after == {
        "open": "escalated",
        "in_progress": "escalated",
        "escalated": "escalated",
        "resolved": "resolved",
        "closed": "closed",
    }
    assert (await desk.row(far))["status"] == "open"


# ---- clients of Supabase, past our server


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
