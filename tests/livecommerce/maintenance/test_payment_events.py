"""What payment providers said of something that never became known here."""

from datetime import timedelta

from livecommerce.maintenance.job import Done, run
from livecommerce.maintenance.table import job_named
from shop.payments import inbox
from shop.payments.provider import Event
from tests.livecommerce.maintenance.conftest import DAY, LIMITS, Evening

STRANGERS = (
    Event("of another shop", "captured", "test.captured", reference="test_of_another_shop"),
    Event("refund", "refund_succeeded", "test.refund", reference="test_of_another_shop"),
)


async def state_of(evening: Evening, event_id: str) -> tuple[str, str | None]:
    row = await evening.sql.fetchrow(
        "select state, note from private.payment_events where event_id = $1", event_id
    )
    assert row is not None, "nothing that a provider said is deleted unseen"
    return row["state"], row["note"]


async def after(evening: Evening, wait: timedelta) -> tuple[Done, ...]:
    done = await run(job_named("expire"), evening.db, evening.now + wait, LIMITS)
    return tuple(each for each in done if each.words.many == "payment events" and each.count)


async def test_b21_an_event_that_waited_in_vain_is_shown_to_people(evening: Evening) -> None:
    await inbox.receive(evening.db, "test", "webhook", STRANGERS)
    assert await after(evening, 6 * DAY) == ()
    assert await state_of(evening, "of another shop") == ("waiting", None)
    [done] = await after(evening, 8 * DAY)
    assert (done.words.past, done.count) == ("gave up on", 2)
    assert await after(evening, 365 * DAY) == ()
    assert await state_of(evening, "of another shop") == (
        "unknown",
        "It is about no payment of this shop.",
    )
    assert await state_of(evening, "refund") == (
        "unknown",
        "A refund of money that never came here.",
    )
