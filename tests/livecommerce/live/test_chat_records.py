"""What Postgres keeps of a chat, whatever comes first and whoever acts at the same time."""

from __future__ import annotations

import asyncio
import uuid
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import orjson
import pytest

from db import SERVICE, Query
from livecommerce.live import chat_records
from livecommerce.live.chat import record_of
from livecommerce.live.chat_state import ChatRoom
from livecommerce.live.permissions import Permission
from signaling import chat_payloads as wire
from signaling.refusals import Refused
from tests.shop.shop_under_test import Influencer, ShopUnderTest, connection_to

KEEP = Query("chat.keep")
HOST = UUID(int=77)


def said(author_id: UUID, text: str = "Hello", *marks: wire.Mark, at: datetime) -> wire.ChatMessage:
    return wire.ChatMessage(
        id=uuid.uuid4(), text=text, name="Asha", role="customer", is_host=False,
        sent_at_ms=round(at.timestamp() * 1000), author_id=author_id, marks=marks,
    )  # fmt: skip


async def keep(shop: ShopUnderTest, live: UUID, *messages: wire.ChatMessage) -> None:
    await shop.db.acting_as(SERVICE).run(KEEP, live, [record_of(each) for each in messages])


async def kept(shop: ShopUnderTest, live: UUID) -> list[str]:
    rows = await shop.sql.fetch(
        "select message from live_session_chat where live_session_id = $1 and not is_deleted"
        " order by sent_at, id",
        live,
    )
    return [row["message"] for row in rows]


@pytest.fixture
async def now(shop: ShopUnderTest) -> datetime:
    found: datetime = await shop.sql.fetchval("select now()")
    return found


@pytest.fixture
async def influencer(shop: ShopUnderTest) -> Influencer:
    return await shop.influencer()


@pytest.fixture
async def live(shop: ShopUnderTest, influencer: Influencer) -> UUID:
    return await shop.live_session(influencer)


async def test_message_that_comes_in_after_it_was_deleted_is_not_shown(
    shop: ShopUnderTest, influencer: Influencer, live: UUID, now: datetime
) -> None:
    late, early = said(await shop.customer(), "late", at=now), said(HOST, "early", at=now)
    await keep(shop, live, early)
    for each in (early, late):
        await chat_records.delete_message(shop.db, live, influencer.user_id, each.id)
    await keep(shop, live, late, said(HOST, "other", at=now))
    await keep(shop, live, late)
    assert await kept(shop, live) == ["other"]
    assert await shop.sql.fetchval("select count(*) from live_session_chat") == 3


async def test_clearing_takes_what_was_said_before_and_nothing_after(
    shop: ShopUnderTest, influencer: Influencer, live: UUID, now: datetime
) -> None:
    asha = await shop.customer()
    await keep(shop, live, said(asha, "before", at=now - timedelta(seconds=5)))
    await chat_records.clear(shop.db, live, influencer.user_id)
    await keep(
        shop,
        live,
        said(asha, "before, came late", at=now - timedelta(seconds=3)),
        said(asha, "after", at=now + timedelta(seconds=60)),
    )
    assert await kept(shop, live) == ["after"]


async def test_ban_takes_what_a_person_said_and_what_comes_in_until_it_is_lifted(
    shop: ShopUnderTest, influencer: Influencer, live: UUID, now: datetime
) -> None:
    asha, ravi = await shop.customer(), await shop.customer()
    later = now + timedelta(seconds=60)
    await keep(shop, live, said(asha, "spam", at=now), said(ravi, "hello", at=now))
    await chat_records.decide_about_member(shop.db, live, influencer.user_id, asha, "ban")
    await keep(shop, live, said(asha, "late", at=now), said(asha, "on the way out", at=later))
    await chat_records.decide_about_member(shop.db, live, influencer.user_id, asha, "unban")
    await keep(shop, live, said(asha, "later still", at=now), said(asha, "sorry", at=later))
    assert await kept(shop, live) == ["hello", "sorry"]


async def test_what_hidden_people_say_is_kept_and_not_shown(
    shop: ShopUnderTest, live: UUID, now: datetime
) -> None:
    await keep(shop, live, said(HOST, "psst", "hidden", at=now))
    assert await kept(shop, live) == []
    assert await shop.sql.fetchval("select deletion_reason from live_session_chat") == "hidden"


async def test_message_that_is_being_kept_while_its_author_is_banned_is_not_shown(
    shop: ShopUnderTest, influencer: Influencer, live: UUID, now: datetime, database_url: str
) -> None:
    """The writer has looked for tombstones, and has not committed yet."""
    asha = await shop.customer()
    message = said(asha, "spam", at=now)
    writer = await connection_to(database_url)
    keeping = writer.transaction()
    await keeping.start()
    await writer.execute(
        "select private.keep_chat_v1($1, $2::jsonb)",
        live,
        orjson.dumps([record_of(message)]).decode(),
    )
    banning = asyncio.create_task(
        chat_records.decide_about_member(shop.db, live, influencer.user_id, asha, "ban")
    )
    await shop.until_waiting(1)
    await keeping.commit()
    await banning
    await writer.close()
    assert await kept(shop, live) == []


async def test_of_two_moderators_who_decide_about_a_message_one_does(
    shop: ShopUnderTest, influencer: Influencer, live: UUID, now: datetime
) -> None:
    message = said(await shop.customer(), "You fool", at=now)
    await chat_records.hold(shop.db, live, message, "fool")

    async def review(is_approved: bool) -> str:
        try:
            await chat_records.review(
                shop.db, live, influencer.user_id, message.id, is_approved=is_approved
            )
        except Refused as refused:
            return refused.code
        return "ok"

    answers = await asyncio.gather(*(review(is_approved) for is_approved in (True, False) * 4))
    assert sorted(answers) == ["chat.already_reviewed"] * 7 + ["ok"]
    told = await shop.sql.fetchval(
        "select count(*) from private.outbox where topic = 'chat.reviewed'"
    )
    assert told == 1
    assert len(await kept(shop, live)) == (1 if answers.index("ok") % 2 == 0 else 0)


async def test_records_of_acts_cannot_be_changed(shop: ShopUnderTest, live: UUID) -> None:
    for statement in (
        "update private.moderation_acts set detail = ''",
        "delete from private.moderation_acts",
    ):
        await shop.sql.execute("set role service_role")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await shop.sql.execute(statement)
        await shop.sql.execute("reset role")


async def test_everything_that_a_process_must_know_is_read_as_it_was_told(
    shop: ShopUnderTest, influencer: Influencer, live: UUID, now: datetime
) -> None:
    asha, ravi, by = await shop.customer(), await shop.customer(), influencer.user_id
    settings = await chat_records.configure(shop.db, live, by, {"slow_mode_s": 7, "links": "none"})
    terms = await chat_records.change_terms(shop.db, live, by, ("fake", "scam"), ())
    terms = await chat_records.change_terms(shop.db, live, by, ("copy",), ("fake",))
    hidden = await chat_records.decide_about_member(
        shop.db, live, by, asha, "hide", everywhere=True
    )
    muted = await chat_records.decide_about_member(
        shop.db, live, by, asha, "mute", until=now + timedelta(hours=1), reason="caps"
    )
    assert (muted.is_hidden, muted.everywhere, hidden.muted_until_ms) == (True, True, None)
    moderator = await chat_records.appoint(
        shop.db, live, by, ravi, Permission.SEE_ORDERS, everywhere=True
    )
    pinned, held = said(ravi, "Sizes", at=now), said(ravi, "What a copy", at=now)
    await chat_records.pin(shop.db, live, by, pinned)
    await chat_records.hold(shop.db, live, held, "copy")
    async with shop.db.acting_as(SERVICE) as tx:
        chat = await chat_records.read_chat(tx, live, ChatRoom(messages=(said(asha, at=now),)))
    assert chat.settings == settings
    assert chat.words.terms == terms == ("copy", "scam")
    assert chat.members == {asha: muted}
    assert chat.moderators == {ravi: moderator}
    assert chat.pinned == pinned
    assert [each.message for each in chat.held] == [held]
    assert len(chat.messages) == 1


async def test_what_was_taken_away_meanwhile_is_not_pinned(
    shop: ShopUnderTest, influencer: Influencer, live: UUID, now: datetime
) -> None:
    """The process that pins has not heard of it yet."""
    asha, ravi, by = await shop.customer(), await shop.customer(), influencer.user_id
    long_ago, later = now - timedelta(seconds=9), now + timedelta(seconds=60)
    deleted, cleared = said(HOST, "deleted", at=long_ago), said(ravi, "cleared", at=long_ago)
    spam, hidden = said(asha, "spam", at=now), said(HOST, "psst", "hidden", at=now)
    await keep(shop, live, deleted, hidden)
    await chat_records.delete_message(shop.db, live, by, deleted.id)
    await chat_records.clear(shop.db, live, by)
    await chat_records.decide_about_member(shop.db, live, by, asha, "ban")
    await chat_records.decide_about_member(shop.db, live, by, asha, "unban")
    for gone in (deleted, cleared, spam, hidden):
        with pytest.raises(Refused) as refused:
            await chat_records.pin(shop.db, live, by, gone)
        assert refused.value.code == "chat.not_found"
    for after in (said(HOST, "after", at=later), said(asha, "sorry", at=later)):
        await chat_records.pin(shop.db, live, by, after)
    await chat_records.pin(shop.db, live, by, None)


async def test_word_of_what_was_taken_away_may_be_lost(
    shop: ShopUnderTest, influencer: Influencer, live: UUID, now: datetime
) -> None:
    """Redis forgot it; the process that reads the room anew still knows the messages."""
    asha, by = await shop.customer(), influencer.user_id
    cleared, deleted = said(asha, "cleared", at=now - timedelta(seconds=9)), said(HOST, at=now)
    late, hidden = said(HOST, "late", at=now), said(HOST, "psst", "hidden", at=now)
    spam, after = said(asha, "spam", at=now), said(HOST, at=now + timedelta(seconds=60))
    await keep(shop, live, cleared, deleted, hidden)
    await chat_records.delete_message(shop.db, live, by, deleted.id)
    await chat_records.delete_message(shop.db, live, by, late.id)
    await chat_records.decide_about_member(shop.db, live, by, asha, "ban")
    await chat_records.decide_about_member(shop.db, live, by, asha, "unban")
    known = ChatRoom(messages=(cleared, deleted, late, spam, hidden, after))
    async with shop.db.acting_as(SERVICE) as tx:
        chat = await chat_records.read_chat(tx, live, known)
    assert chat.messages == (hidden, after)


async def test_mute_that_is_over_is_forgotten_and_limits_are_refused(
    shop: ShopUnderTest, influencer: Influencer, live: UUID, now: datetime
) -> None:
    asha, by = await shop.customer(), influencer.user_id
    past = now - timedelta(seconds=1)
    member = await chat_records.decide_about_member(shop.db, live, by, asha, "mute", until=past)
    assert member.muted_until_ms is None
    assert await shop.count("private.chat_members") == 0
    many = tuple(f"word{number}" for number in range(201))
    with pytest.raises(Refused) as refused:
        await chat_records.change_terms(shop.db, live, by, many, ())
    assert refused.value.code == "filter.too_many"
    await chat_records.change_terms(shop.db, live, by, many[:200], ())
    await chat_records.change_terms(shop.db, live, by, many[200:], many[:1])


async def test_default_filter_follows_how_the_influencer_wants_chats_moderated(
    shop: ShopUnderTest, influencer: Influencer, live: UUID
) -> None:
    found = {}
    for level in ("none", "low", "medium", "high"):
        await shop.sql.execute("update influencer_settings set chat_moderation_level = $1", level)
        async with shop.db.acting_as(SERVICE) as tx:
            found[level] = (await chat_records.read_chat(tx, live, ChatRoom())).settings.filter
    assert found == {"none": "off", "low": "hold", "medium": "hold", "high": "refuse"}
