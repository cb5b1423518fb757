"""The queue of support: what is due first, pages, filters."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shop import support
from shop.support import Cursor, Filters
from tests.shop.support.support_desk import Desk, now


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
