"""Every job: does it, says it, does it once, changes nothing in a dry run, goes on after a kill."""

import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from db import DatabaseUnavailable
from livecommerce.maintenance.command import maintain
from livecommerce.maintenance.job import Done, Job, Words, run, sentence
from livecommerce.maintenance.table import JOBS, job_named
from tests.livecommerce.maintenance.conftest import DAY, EARNED, LIMITS, PRICE, Evening


@dataclass(frozen=True)
class Case:
    """arrange: makes work for the job; answers how much later the job runs. did: what it says."""

    arrange: Callable[[Evening], Awaitable[timedelta]]
    did: str
    would: str


async def _wrong_figures(evening: Evening) -> timedelta:
    async with evening.behind_its_back() as sql:
        await sql.execute("update customers set total_orders = 9, customer_tier = 'platinum'")
    return timedelta()


async def _half_a_year_later(_: Evening) -> timedelta:
    return 181 * DAY


async def _full_carts(evening: Evening) -> timedelta:
    for customer, product in (
        (evening.customers[0], evening.product),
        (evening.customers[0], evening.other),
        (evening.customers[1], evening.product),
    ):
        await evening.sql.execute(
            "insert into cart (customer_id, product_id) select id, $2 from customers"
            " where user_id = $1",
            customer,
            product.id,
        )
    return 31 * DAY


async def _little_left(evening: Evening) -> timedelta:
    await evening.sql.execute("update product_stock set on_hand = 3")
    await evening.carry()
    return timedelta()


async def _a_query(evening: Evening) -> timedelta:
    await evening.sql.execute(
        "insert into queries (customer_id, subject, message, category)"
        " select id, 'Where is it?', 'Please tell me', 'order' from customers where user_id = $1",
        evening.customers[1],
    )
    return timedelta()


async def _two_queries_near_their_deadline(evening: Evening) -> timedelta:
    for _ in range(2):
        await _a_query(evening)
    return 25 * DAY


async def _old_rows(evening: Evening) -> timedelta:
    user = evening.customers[0]
    for _ in range(2):
        await evening.sql.execute(
            "insert into private.stock_holds (id, variant_id, customer_id, quantity, expires_at)"
            " select $1, $2, id, 1, now() from customers where user_id = $3",
            uuid4(),
            uuid4(),
            user,
        )
        await evening.sql.execute(
            "insert into private.metric_batches (id, flushed_at) values ($1, now())", uuid4()
        )
        await evening.sql.execute(
            "insert into private.refresh_tokens (id, family, user_id, token_hash, expires_at)"
            " values ($1, $1, $2, uuid_send($1), now())",
            uuid4(),
            user,
        )
        await evening.sql.execute(
            "insert into private.ended_logins (user_id, ended_at) values ($1, now())", user
        )
        await evening.sql.execute(
            "insert into private.login_links (token_hash, user_id, expires_at)"
            " values (uuid_send($1), $2, now())",
            uuid4(),
            user,
        )
    await evening.sql.execute(
        "delete from private.outbox"
        " where id not in (select id from private.outbox order by id limit 3)"
    )
    await evening.sql.execute("update private.outbox set published_at = now()")
    return 8 * DAY


async def _people_who_wait(evening: Evening) -> timedelta:
    for user in evening.customers[:2]:
        await evening.sql.execute(
            "insert into private.waitlist (variant_id, product_id, customer_id, quantity)"
            " select $1, $2, id, 1 from customers where user_id = $3",
            evening.product.variant_id,
            evening.product.id,
            user,
        )
    return 31 * DAY


async def _what_a_chat_left_behind(evening: Evening) -> timedelta:
    """Of a live session that is over, and the same of one that goes on, which stays."""
    on_air = await evening.shop.live_session(evening.influencer, evening.product, status="live")
    for live in (evening.live_session_id, on_air):
        for user in evening.customers:
            await evening.sql.execute(
                "insert into private.held_messages (live_session_id, id, user_id, message,"
                " held_for) values ($1, $2, $3, '{}', 'words')",
                live,
                uuid4(),
                user,
            )
            await evening.sql.execute(
                "insert into private.chat_tombstones (live_session_id, message_id) values ($1, $2)",
                live,
                uuid4(),
            )
        await evening.sql.execute(
            "with q as (insert into private.questions (id, live_session_id, author_id, name, role,"
            " text, status, closed_at) values ($1, $2, $1, 'Asha', 'customer', 'Hm?', 'answered',"
            " now()) returning id) insert into private.question_upvotes (question_id, user_id)"
            " select q.id, u.id from q, unnest($3::uuid[]) u (id)",
            uuid4(),
            live,
            evening.customers,
        )
        await evening.sql.execute(
            "with p as (insert into private.polls (id, live_session_id, opened_by, question,"
            " options, counts, closed_at) values ($1, $2, $1, 'Which?', '{Red,Blue}',"
            " '{2,0}', now()) returning id) insert into private.poll_votes (poll_id, user_id,"
            " option) select p.id, u.id, 0 from p, unnest($3::uuid[]) u (id)",
            uuid4(),
            live,
            evening.customers,
        )
    for age in (366, 364):
        await evening.sql.execute(
            "insert into private.moderation_acts (influencer_id, live_session_id, act, by_user_id,"
            " acted_at) values ($1, $2, 'clear', $3,"
            " now() + '31 days' - make_interval(days => $4))",
            evening.influencer.id,
            on_air,
            evening.influencer.user_id,
            age,
        )
    return 31 * DAY


async def _next_month(evening: Evening) -> timedelta:
    for table in ("live_session_viewers", "live_session_chat"):
        await evening.sql.execute(
            "select private.make_month_partition_v1($1, (now() - interval '20 months')::date)",
            table,
        )
    first = (evening.now.replace(day=1) + 32 * DAY).replace(day=1, hour=12)
    return first - evening.now


async def _as_it_is(_: Evening) -> timedelta:
    return timedelta()


async def _plans(evening: Evening) -> timedelta:
    today = "(now() at time zone 'Asia/Kolkata')::date"
    await evening.sql.execute(
        "insert into live_session_schedules (influencer_id, title, first_date, start_time,"
        " end_time, is_recurring, recurrence_pattern, product_ids)"
        f" values ($1, 'Evening sale', {today} + 1,"
        " '20:00', '21:30', true, 'daily', $2)",
        evening.influencer.id,
        [evening.other.id, evening.product.id],
    )
    await evening.sql.execute(
        "insert into live_session_schedules (influencer_id, title, first_date, start_time,"
        f" end_time) values ($1, 'Premiere', {today} + 3, '23:00', '01:00')",
        evening.influencer.id,
    )
    return timedelta()


async def _orders_that_nobody_counted(evening: Evening) -> timedelta:
    earlier = await evening.shop.live_session(evening.influencer, evening.product, status="live")
    order = await evening.place(evening.customers[0], evening.product, 1, earlier)
    await evening.sql.execute(
        "update live_sessions set status = 'ended', end_time = now() - interval '9 days'"
        " where id = $1",
        earlier,
    )
    await evening.move(order, "cancelled")
    on_air = await evening.shop.live_session(evening.influencer, evening.product, status="live")
    await evening.place(evening.customers[1], evening.product, 2, on_air)
    return timedelta()


async def _sales_whose_hold_is_over(evening: Evening) -> timedelta:
    """The one of the evening, which is free already, and one that is about to be."""
    for table in ("wholesalers", "influencers"):
        await evening.sql.execute(
            f"update {table} set verification_status = 'verified',"
            " bank_account_number = 'sealed:v1:x:y', ifsc_code = 'sealed:v1:x:y'"
        )
    await evening.sql.execute("select private.release_matured_v1(now() + '8 days', null, 9, 7)")
    later = await evening.place(evening.customers[0], evening.product, 1, evening.live_session_id)
    await evening.move(later, "processing", "shipped", "delivered")
    await evening.remit(later)
    return 8 * DAY


CASES = {
    "partitions": Case(
        _next_month,
        "made 2 partitions; dropped 2 partitions",
        "would make 2 partitions; would drop 2 partitions",
    ),
    "customer-tiers": Case(_wrong_figures, "corrected 2 customers", "would correct 2 customers"),
    "archive": Case(
        _half_a_year_later,
        "archived 2 orders, 1 live session",
        "would archive 2 orders, 1 live session",
    ),
    "abandoned-carts": Case(
        _full_carts, "cleared 3 abandoned cart lines", "would clear 3 abandoned cart lines"
    ),
    "low-stock": Case(_little_left, "gave 2 low-stock notices", "would give 2 low-stock notices"),
    "reports": Case(
        _a_query,
        "wrote 1 day of sales, 1 wholesaler's month, 1 influencer's month, 1 live session,"
        " 1 month of support",
        "would write 1 day of sales, 1 wholesaler's month, 1 influencer's month, 1 live session,"
        " 1 month of support",
    ),
    "expire": Case(
        _old_rows,
        "deleted 2 holds, 3 idempotency keys, 3 outbox rows, 2 metric batches, 2 refresh tokens,"
        " 2 ended log-ins, 2 log-in links",
        "would delete 2 holds, 3 idempotency keys, 3 outbox rows, 2 metric batches,"
        " 2 refresh tokens, 2 ended log-ins, 2 log-in links",
    ),
    "chat-records": Case(
        _what_a_chat_left_behind,
        "deleted 2 held messages, 2 tombstones, 2 upvotes, 2 votes, 1 act of a moderator",
        "would delete 2 held messages, 2 tombstones, 2 upvotes, 2 votes, 1 act of a moderator",
    ),
    "waitlists": Case(
        _people_who_wait,
        "settled 2 places on a waitlist",
        "would settle 2 places on a waitlist",
    ),
    "goals-and-achievements": Case(
        _as_it_is, "advanced 3 goals, 3 achievements", "would advance 3 goals, 3 achievements"
    ),
    "schedules": Case(_plans, "planned 15 live sessions", "would plan 15 live sessions"),
    "live-session-totals": Case(
        _orders_that_nobody_counted,
        "corrected 1 live session, 1 earlier live session",
        "would correct 1 live session, 1 earlier live session",
    ),
    "influencer-analytics": Case(_as_it_is, "wrote 3 periods", "would write 3 periods"),
    "support-escalation": Case(
        _two_queries_near_their_deadline, "escalated 2 queries", "would escalate 2 queries"
    ),
    "payouts": Case(
        _sales_whose_hold_is_over,
        "freed 1 item; made 2 payouts",
        "would free 1 item; would make 2 payouts",
    ),
}


def test_every_job_of_the_table_has_a_case() -> None:
    assert list(CASES) == [job.name for job in JOBS]


@pytest.fixture(params=CASES)
def job(request: pytest.FixtureRequest) -> Job:
    return job_named(request.param)


async def test_a_job_does_what_is_due_and_the_second_time_nothing(
    job: Job, evening: Evening
) -> None:
    now = evening.now + await CASES[job.name].arrange(evening)
    assert sentence(await _run(job, evening, now)) == CASES[job.name].did
    after = await evening.contents()
    assert sentence(await _run(job, evening, now)) == "nothing to do"
    assert await evening.contents() == after


async def test_a_dry_run_says_the_same_and_changes_nothing(job: Job, evening: Evening) -> None:
    now = evening.now + await CASES[job.name].arrange(evening)
    before = await evening.contents()
    done = await run(job, evening.db, now, LIMITS, dry_run=True, batch=1)
    assert sentence(done, dry_run=True) == CASES[job.name].would
    assert await evening.contents() == before


class Killed(BaseException):
    """The process ends here."""


async def test_a_job_that_is_killed_between_batches_goes_on_where_it_was(
    job: Job, evening: Evening
) -> None:
    now = evening.now + await CASES[job.name].arrange(evening)
    batches = 0

    def kill_after_two(_: Done) -> None:
        nonlocal batches
        batches += 1
        if batches == 2:
            raise Killed

    cut_off = run(job, evening.db, now, LIMITS, batch=1, progress=kill_after_two)
    with pytest.raises(Killed):
        await cut_off
    await _run(job, evening, now)
    assert sentence(await _run(job, evening, now)) == "nothing to do"
    assert await _goal(job, evening)


async def _goal(job: Job, evening: Evening) -> bool:
    """Whether what the job is for has come about, once and not twice."""
    question = {
        "partitions": "select count(*) = 8 from pg_inherits where inhparent in"
        " ('live_session_viewers'::regclass, 'live_session_chat'::regclass)",
        "customer-tiers": "select bool_and(total_orders < 3) from customers",
        "archive": "select count(*) = 2 from orders where archived_at is not null",
        "abandoned-carts": "select carts = 2 and lines = 3 from report_abandoned_carts_daily",
        "low-stock": "select count(*) = 2 from notifications",
        "reports": "select count(*) = 1 and sum(orders) = 3 from report_sales_daily",
        "chat-records": "select (select count(*) = 2 from private.poll_votes)"
        " and (select bool_and(counts = '{2,0}') from private.polls)"
        " and (select count(*) = 1 from private.moderation_acts)",
        "waitlists": "select bool_and(status = 'lapsed') from private.waitlist",
        "expire": "select count(*) = 0 from private.idempotency",
        "goals-and-achievements": "select count(*) = 3 from influencer_goals"
        " where current_value > 0",
        "schedules": "select count(*) = 15 from live_sessions where schedule_id is not null",
        "live-session-totals": "select count(*) = 0 from private.live_session_changes",
        "influencer-analytics": "select count(*) = 3 from influencer_analytics",
        "support-escalation": "select count(*) = 2 from queries where status = 'escalated'",
        "payouts": "select array_agg(amount_minor order by amount_minor) = '{52609, 282922}'"
        " from private.payouts",
    }[job.name]
    return bool(await evening.sql.fetchval(question))


async def _run(job: Job, evening: Evening, now: datetime) -> tuple[Done, ...]:
    return await run(job, evening.db, now, LIMITS, batch=1)


# ------------------------------------------------------------------------- what the figures are


async def test_archived_rows_can_still_be_read_by_their_people(evening: Evening) -> None:
    await _run(job_named("archive"), evening, evening.now + 200 * DAY)
    await evening.sql.execute("begin")
    await evening.sql.execute(
        "select set_config('request.jwt.claims', json_build_object('sub', $1::text, 'role',"
        " 'authenticated')::text, true), set_config('role', 'authenticated', true)",
        str(evening.customers[0]),
    )
    rows = await evening.sql.fetch("select archived_at from orders")
    await evening.sql.execute("rollback")
    assert [row["archived_at"] is not None for row in rows] == [True]


async def test_a_wholesaler_is_told_once_until_there_was_stock_again(evening: Evening) -> None:
    low_stock = job_named("low-stock")
    await evening.sql.execute("update product_stock set on_hand = 3")
    await evening.carry()
    await _run(low_stock, evening, evening.now)
    await evening.sql.execute("update notifications set is_deleted = true, deleted_at = now()")
    assert sentence(await _run(low_stock, evening, evening.now)) == "nothing to do"
    await evening.sql.execute("update product_stock set on_hand = 30")
    await evening.carry()
    assert sentence(await _run(low_stock, evening, evening.now)) == "withdrew 2 low-stock notices"
    await evening.sql.execute("update product_stock set on_hand = 0")
    await evening.carry()
    assert sentence(await _run(low_stock, evening, evening.now)) == "gave 2 low-stock notices"
    told = await evening.shop.row(
        "select title, message, priority from notifications order by title"
    )
    assert told["title"] == "Sold out: Linen shirt"
    assert told["message"] == "Linen shirt has nothing left; you want at least 10."
    assert told["priority"] == "high"


async def test_reports_tell_gross_from_net(evening: Evening) -> None:
    await evening.move(evening.pending, "cancelled")
    await evening.sql.execute(
        "update orders set payment_status = 'paid' where id = $1", evening.delivered
    )
    await evening.sql.execute(
        "insert into refunds (order_id, amount, status) values ($1, 299, 'succeeded')",
        evening.delivered,
    )
    item = await evening.sql.fetchval(
        "select id from order_items where order_id = $1", evening.delivered
    )
    back = await evening.sql.fetchval(
        "insert into returns (return_number, order_id, customer_id, reason)"
        " select '', $1, id, 'damaged' from customers where user_id = $2 returning id",
        evening.delivered,
        evening.customers[0],
    )
    await evening.sql.execute(
        "insert into return_items (return_id, order_item_id, quantity, quantity_received)"
        " values ($1, $2, 1, 1)",
        back,
        item,
    )
    for state in ("approved", "received"):
        await evening.sql.execute("update returns set status = $1", state)
    await _run(job_named("reports"), evening, evening.now)
    sales = await evening.shop.row("select * from report_sales_daily")
    assert (sales["orders"], sales["cancelled_orders"], sales["customers"]) == (3, 1, 2)
    assert sales["gross_amount"] == 4 * PRICE
    assert sales["live_amount"] == 3 * PRICE
    assert sales["net_amount"] == 3 * PRICE - 299
    wholesaler = await evening.shop.row("select * from report_wholesaler_monthly")
    assert (wholesaler["gross_amount"], wholesaler["cancelled_amount"]) == (4 * PRICE, PRICE)
    # One of the two pieces came back; the money given back for it is another matter.
    assert (wholesaler["refunded_amount"], wholesaler["net_amount"]) == (PRICE, 2 * PRICE)
    assert wholesaler["commission_amount"] == Decimal("259.80")
    influencer = await evening.shop.row("select * from report_influencer_monthly")
    assert (influencer["live_sessions"], influencer["live_minutes"]) == (1, 42)
    assert (influencer["new_followers"], influencer["viewers"]) == (1, 7)
    assert influencer["earned_amount"] == EARNED - Decimal("40.37")  # 299 of 2598 went back
    live = await evening.shop.row("select * from report_live_sessions")
    assert (live["orders"], live["gross_amount"], live["net_amount"]) == (2, 3 * PRICE, PRICE)


async def test_response_times_of_support_are_in_the_report(evening: Evening) -> None:
    await _a_query(evening)
    async with evening.behind_its_back() as sql:
        await sql.execute(
            "update queries set first_response_at = created_at + interval '90 minutes',"
            " acknowledged_at = created_at + interval '49 hours',"
            " resolved_at = created_at + interval '3 days'"
        )
    await _run(job_named("reports"), evening, evening.now)
    row = await evening.shop.row("select * from report_support_monthly")
    assert (row["category"], row["opened"], row["acknowledged"]) == ("order", 1, 1)
    assert (row["acknowledged_in_time"], row["resolved_in_time"]) == (0, 1)
    assert row["first_response_hours_median"] == Decimal("1.5")
    assert row["resolution_hours_p90"] == Decimal("72.0")


async def test_a_refund_changes_the_report_of_its_day_until_that_is_final(evening: Evening) -> None:
    reports = job_named("reports")
    await _run(reports, evening, evening.now)
    await evening.move(evening.pending, "cancelled")
    later = await run(reports, evening.db, evening.now + 100 * DAY, LIMITS)
    assert sentence(later).startswith("wrote 1 day of sales")
    await evening.move(evening.delivered, "refunded")
    much_later = await run(reports, evening.db, evening.now + 300 * DAY, LIMITS)
    assert "sales" not in sentence(much_later)


async def test_reports_of_a_day_are_those_of_india(evening: Evening) -> None:
    async with evening.behind_its_back() as sql:
        # 00:10 in India, still the day before in UTC.
        await sql.execute("update orders set created_at = '2026-03-31 18:40+00'")
    await _run(job_named("reports"), evening, evening.now)
    days = await evening.sql.fetch("select day::text from report_sales_daily")
    assert [row["day"] for row in days] == ["2026-04-01"]


async def test_planned_sessions_have_their_products_and_times(evening: Evening) -> None:
    await _plans(evening)
    await _run(job_named("schedules"), evening, evening.now)
    first = await evening.shop.row(
        "select l.id, (l.scheduled_start_time at time zone 'Asia/Kolkata')::time::text as begins,"
        " (l.scheduled_end_time - l.scheduled_start_time)::text as takes, l.status"
        " from live_sessions l where title = 'Evening sale' order by scheduled_start_time"
    )
    assert (first["begins"], first["takes"], first["status"]) == (
        "20:00:00",
        "01:30:00",
        "scheduled",
    )
    shown = await evening.sql.fetch(
        "select product_id from live_session_products where live_session_id = $1"
        " order by display_order",
        first["id"],
    )
    assert [row["product_id"] for row in shown] == [evening.other.id, evening.product.id]
    premiere = await evening.shop.row(
        "select (scheduled_end_time - scheduled_start_time)::text as takes from live_sessions"
        " where title = 'Premiere'"
    )
    assert premiere["takes"] == "02:00:00"


async def test_a_day_later_one_more_day_is_planned_and_a_past_plan_ends(evening: Evening) -> None:
    await _plans(evening)
    schedules = job_named("schedules")
    await _run(schedules, evening, evening.now)
    one_more = await _run(schedules, evening, evening.now + DAY)
    assert sentence(one_more) == "planned 1 live session"
    await _run(schedules, evening, evening.now + 5 * DAY)
    status = await evening.shop.row(
        "select status from live_session_schedules where title = 'Premiere'"
    )
    assert status["status"] == "completed"


async def test_what_an_influencer_reached_is_told_and_stays(evening: Evening) -> None:
    await evening.sql.execute("update influencer_goals set target_value = 1")
    await evening.sql.execute("update influencer_achievements set target_value = 1")
    await _run(job_named("goals-and-achievements"), evening, evening.now)
    goals = await evening.sql.fetch("select status, completion_percentage from influencer_goals")
    assert {(row["status"], row["completion_percentage"]) for row in goals} == {
        ("completed", Decimal(100))
    }
    told = await evening.sql.fetch("select title from notifications where type = 'achievement'")
    assert len(told) == 3
    assert sentence(await _run(job_named("goals-and-achievements"), evening, evening.now)) == (
        "nothing to do"
    )


async def test_a_goal_whose_time_is_over_has_failed(evening: Evening) -> None:
    await _run(job_named("goals-and-achievements"), evening, evening.now + 40 * DAY)
    states = await evening.sql.fetch("select distinct status from influencer_goals")
    assert [row["status"] for row in states] == ["failed"]


async def test_figures_of_an_influencer_by_day_week_and_month(evening: Evening) -> None:
    await _run(job_named("influencer-analytics"), evening, evening.now)
    rows = await evening.sql.fetch("select * from influencer_analytics order by period_type")
    assert [row["period_type"] for row in rows] == ["daily", "monthly", "weekly"]
    for row in rows:
        assert (row["total_live_sessions"], row["total_viewers"]) == (1, 7)
        assert (row["total_orders"], row["total_sales"]) == (2, 3 * PRICE)
        assert row["total_earnings"] == EARNED
        assert row["new_followers"] == row["total_followers_end"] == 1


async def test_a_hold_that_has_not_expired_stays(evening: Evening) -> None:
    await _old_rows(evening)
    await run(job_named("expire"), evening.db, evening.now - DAY, LIMITS)
    assert await evening.shop.count("private.stock_holds") == 2
    assert await evening.shop.count("private.idempotency") == 3


async def test_what_was_never_published_is_never_deleted(evening: Evening) -> None:
    before = await evening.shop.count("private.outbox")
    await run(job_named("expire"), evening.db, evening.now + 365 * DAY, LIMITS)
    assert await evening.shop.count("private.outbox") == before > 0


async def test_rows_that_somebody_else_is_at_are_left_to_them(evening: Evening) -> None:
    await _old_rows(evening)
    async with evening.sql.transaction():
        await evening.sql.execute("select 1 from private.login_links for update")
        await run(job_named("expire"), evening.db, evening.now + DAY, LIMITS)
    assert await evening.shop.count("private.login_links") == 2


# ---------------------------------------------------------------------------------- the command


async def test_the_command_says_what_each_job_did(evening: Evening) -> None:
    out = io.StringIO()
    code = await maintain(JOBS, evening.db, evening.now + 181 * DAY, LIMITS, out)
    lines = dict(line.split(": ", 1) for line in out.getvalue().splitlines())
    assert code == 0
    assert list(lines) == [job.name for job in JOBS]
    assert lines["archive"].startswith("archived 2 orders, 1 live session (")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


async def test_on_a_terminal_the_line_of_a_job_shows_how_far_it_is(evening: Evening) -> None:
    out = Terminal()
    await maintain([job_named("archive")], evening.db, evening.now + 181 * DAY, LIMITS, out)
    assert "archive: 2 orders ..." in out.getvalue().split("\r")[0]
    assert out.getvalue().splitlines()[-1].startswith("archive: archived 2 orders")


async def test_when_a_job_fails_the_others_still_run(evening: Evening) -> None:
    await evening.sql.execute("drop function private.archive_orders_v1")
    out = io.StringIO()
    code = await maintain(
        [job_named("archive"), job_named("low-stock")], evening.db, evening.now, LIMITS, out
    )
    assert code == 1
    failed, fine = out.getvalue().splitlines()
    assert failed.startswith("archive: FAILED: ")
    assert fine.startswith("low-stock: nothing to do (")


async def test_a_job_without_its_database_says_so(evening: Evening) -> None:
    await evening.db.close()
    with pytest.raises(DatabaseUnavailable):
        await run(job_named("archive"), evening.db, evening.now, LIMITS)


def test_amounts_are_told_as_a_person_would() -> None:
    orders = Words("archive", "archived", "order", "orders")
    sessions = Words("archive", "archived", "live session", "live sessions")
    done = (Done(orders, 1204), Done(sessions, 1))
    assert sentence(done) == "archived 1,204 orders, 1 live session"
    assert sentence(done, dry_run=True) == "would archive 1,204 orders, 1 live session"
    assert sentence((Done(orders, 0), Done(sessions, 0))) == "nothing to do"
