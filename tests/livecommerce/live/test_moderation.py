"""Who looks after a chat and what they do about people, as its people see it."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from signaling.contract import chat as contract
from signaling.rooms import Kind, Room
from tests.livecommerce.live.chat_under_test import chat_of
from tests.livecommerce.live.hub_process import hub_process, new_id, person, token
from tests.shop.shop_under_test import ShopUnderTest

# ---- moderators


async def test_moderator_may_do_what_the_influencer_allowed_and_no_more(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        asha = await chat.person("Asha")
        ravi = await chat.moderator("Ravi", "moderate_chat")
        said = await chat.say(asha.client)
        await chat.act("chat.delete", ravi.client, message_id=said["message"]["id"])
        await asha.client.hears("chat.deleted")
        product = await shop.product()
        for event, payload in (
            ("product.pin", {"product_id": product.id}),
            ("moderator.appoint", {"user_id": asha.user_id, "permissions": ["moderate_chat"]}),
            ("session.end", {}),
        ):
            refused = await ravi.client.refusal(event, live_session_id=chat.live, **payload)
            assert refused.code == "auth.forbidden", event
        snapshot = await chat.snapshot(ravi.client)
        assert snapshot["chat_state"]["you"]["permissions"] == ["moderate_chat"]
        assert snapshot["sales"] is None


async def test_rights_are_separate_bits(shop: ShopUnderTest, redis_url: str) -> None:
    influencer = await shop.influencer()
    product = await shop.product()
    live = await shop.live_session(influencer, product)
    ravi_id = await shop.customer()
    async with (
        hub_process(shop.db, redis_url) as hub,
        person(hub, token(influencer.user_id, "influencer", "Meera")) as host,
        person(hub, token(ravi_id, "customer", "Ravi")) as ravi,
        person(hub) as viewer,
    ):
        for each in (host, ravi, viewer):
            await each.call("session.join", live_session_id=live)

        async def gives(*permissions: str) -> None:
            await host.call(
                "moderator.appoint",
                live_session_id=live,
                user_id=ravi_id,
                permissions=list(permissions),
            )
            await ravi.hears("standing.changed", len(given))

        given: list[str] = ["see_orders"]
        await gives("see_orders")
        assert (await ravi.call("session.join", live_session_id=live))["sales"] is not None
        await ravi.hears("sales.counted")
        refused = await ravi.refusal("chat.clear", live_session_id=live)
        assert refused.code == "auth.forbidden"
        given.append("pin_products")
        await gives("pin_products")
        await ravi.call("product.pin", live_session_id=live, product_id=product.id)
        assert (await viewer.hears("product.pinned"))["product_id"] == str(product.id)
        await ravi.call("product.unpin", live_session_id=live, product_id=product.id)
        assert (await ravi.call("session.join", live_session_id=live))["sales"] is None
        assert hub.gateway.size(Room(Kind.HOST, live)) == 1
        assert hub.gateway.size(Room(Kind.MODERATORS, live)) == 1


async def test_dismissed_moderator_is_one_no_more_at_once(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        ravi = await chat.moderator()
        await chat.act("moderator.dismiss", user_id=ravi.user_id)
        told = await ravi.client.hears("standing.changed", 2)
        assert told["you"]["permissions"] == []
        refused = await ravi.client.refusal("chat.clear", live_session_id=chat.live)
        assert refused.code == "auth.forbidden"
        assert chat.two.gateway.size(Room(Kind.MODERATORS, chat.live)) == 0
        refused = await chat.host.refusal(
            "moderator.dismiss", live_session_id=chat.live, user_id=ravi.user_id
        )
        assert refused.code == "member.not_found"


async def test_moderator_of_all_live_sessions_is_one_in_the_next(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        ravi = await chat.moderator("Ravi", everywhere=True)
        only_here = await chat.moderator("Sita")
        later = await shop.live_session(chat.influencer, status="scheduled")
        for who, permissions in ((ravi, ["moderate_chat"]), (only_here, [])):
            snapshot = await who.client.call("session.join", live_session_id=later)
            assert snapshot["chat_state"]["you"]["permissions"] == permissions


async def test_rights_that_were_taken_back_are_refused_by_the_database_too(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        ravi = await chat.moderator()
        # The hub has not heard of it.
        await shop.sql.execute("delete from private.live_moderators")
        refused = await ravi.client.refusal("chat.clear", live_session_id=chat.live)
        assert refused.code == "auth.forbidden"


# ---- mute, ban, hide


async def test_muted_person_reads_only_until_the_time_is_over_or_it_is_taken_back(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        asha = await chat.person("Asha")
        answer = await chat.act("chat.mute", user_id=asha.user_id, duration_s=600)
        until_ms = answer["member"]["muted_until_ms"]
        assert (await asha.client.hears("standing.changed"))["you"]["muted_until_ms"] == until_ms
        refused = await chat.refused(asha.client)
        assert refused.code == "chat.muted"
        assert 590 < (refused.retry_after_s or 0) <= 600
        await chat.act("chat.unmute", user_id=asha.user_id)
        await asha.client.hears("standing.changed", 2)
        await chat.say(asha.client)


async def test_ban_puts_a_person_out_on_every_process_and_takes_their_words_away(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        asha = await chat.person("Asha")
        also_asha = await chat.connect(token(asha.user_id, "customer", "Asha"), chat.one)
        ravi = await chat.person("Ravi", on=chat.one)
        await chat.say(asha.client, "Spam")
        await chat.say(ravi.client, "Hello")
        await ravi.client.hears("chat.posted")
        await chat.act("chat.ban", user_id=asha.user_id, reason="spam")
        purged = await ravi.client.hears("chat.purged")
        assert purged["user_id"] == str(asha.user_id)
        for client, hub in ((asha.client, chat.two), (also_asha, chat.one)):
            assert (await client.hears("person.banned"))["live_session_id"] == str(chat.live)
            members = hub.gateway.members(Room(Kind.LIVE_SESSION, chat.live))
            persons = hub.gateway.members(Room(Kind.PERSON, asha.user_id))
            assert persons and not members & persons
            for event, more in (
                ("session.join", {}),
                ("session.recover", {"position": {"epoch": "e", "offset": 0}}),
                ("chat.send", {"id": new_id(), "text": "Let me in"}),
                ("reaction.send", {"count": 1}),
                ("product.click", {"id": new_id(), "product_id": new_id()}),
                ("webrtc.watch", {}),
            ):
                refused = await client.refusal(event, live_session_id=chat.live, **more)
                assert refused.code == "session.banned", event
        assert await chat.shown_to_a_newcomer() == ["Hello"]


async def test_banned_person_does_not_come_back_by_signing_in_later(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        asha = await chat.person("Asha")
        await chat.act("chat.ban", user_id=asha.user_id)
        await asha.client.hears("person.banned")
        unknown = await chat.connect(None, chat.two)
        await unknown.call("auth.renew", token=token(asha.user_id, "customer", "Asha"))
        assert chat.two.gateway.size(Room(Kind.LIVE_SESSION, chat.live)) == 0
        refused = await unknown.refusal("session.join", live_session_id=chat.live)
        assert refused.code == "session.banned"


async def test_ban_that_was_lifted_lets_a_person_in_again_without_what_they_wrote(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        asha = await chat.person("Asha")
        await chat.say(asha.client, "Spam")
        await chat.act("chat.ban", user_id=asha.user_id)
        await asha.client.hears("person.banned")
        await chat.act("chat.unban", user_id=asha.user_id)
        ravi = await chat.person("Ravi")
        back = await chat.connect(token(asha.user_id, "customer", "Asha"), chat.two)
        await chat.say(back, "Sorry")
        await ravi.client.hears("chat.posted")
        assert await chat.shown_to_a_newcomer() == ["Sorry"]


async def test_ban_everywhere_holds_in_every_live_session_of_the_influencer(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        later = await shop.live_session(chat.influencer, status="scheduled")
        elsewhere = await shop.live_session(await shop.influencer())
        asha, ravi = await chat.person("Asha"), await chat.moderator("Ravi")
        for live in (later, elsewhere):
            await asha.client.call("session.join", live_session_id=live)
        banning = {"live_session_id": chat.live, "user_id": asha.user_id, "everywhere": True}
        assert (await ravi.client.refusal("chat.ban", **banning)).code == "auth.forbidden"
        await chat.host.call("chat.ban", **banning)
        await asha.client.hears("person.banned", 2)
        for live in (chat.live, later):
            refused = await asha.client.refusal("session.join", live_session_id=live)
            assert refused.code == "session.banned"
        await asha.client.call("session.join", live_session_id=elsewhere)
        # Whoever may not ban so may not lift it either.
        lifting = {"live_session_id": chat.live, "user_id": asha.user_id}
        assert (await ravi.client.refusal("chat.unban", **lifting)).code == "auth.forbidden"
        await chat.host.call("chat.unban", **lifting)
        assert (await chat.act("people.list"))["members"] == []


async def test_ban_holds_for_a_process_that_starts_later(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        asha = await chat.person("Asha")
        await chat.say(asha.client, "Spam")
        await chat.act("chat.ban", user_id=asha.user_id)
        await asha.client.hears("person.banned")
        async with (
            hub_process(shop.db, redis_url) as three,
            person(three, token(asha.user_id, "customer", "Asha")) as again,
            person(three) as newcomer,
        ):
            refused = await again.refusal("session.join", live_session_id=chat.live)
            assert refused.code == "session.banned"
            assert (await chat.snapshot(newcomer))["chat"] == []


async def test_what_a_hidden_person_writes_is_for_themselves_and_moderators(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        asha = await chat.person("Asha")
        also_asha = await chat.connect(token(asha.user_id, "customer", "Asha"), chat.one)
        ravi = await chat.person("Ravi")
        await chat.act("chat.hide", user_id=asha.user_id)
        await chat.host.hears("member.changed")
        sent = await chat.say(asha.client, "Psst")
        assert sent["message"]["marks"] == []
        await chat.say(ravi.client, "Hello")
        for_moderators = (await chat.host.hears("chat.posted"))["messages"]
        assert (for_moderators[0]["text"], for_moderators[0]["marks"]) == ("Psst", ["hidden"])
        await also_asha.hears("chat.posted", 2)
        on_the_other_phone = [
            (message["text"], message["marks"])
            for name, payload in also_asha.heard
            if name == "chat.posted"
            for message in payload["messages"]
        ]
        assert sorted(on_the_other_phone) == [("Hello", []), ("Psst", [])]
        heard = (await ravi.client.hears("chat.posted"))["messages"]
        assert [message["text"] for message in heard] == ["Hello"]
        assert await chat.shown_to_a_newcomer() == ["Hello"]
        seen = {
            who: [(m["text"], m["marks"]) for m in (await chat.snapshot(client))["chat"]]
            for who, client in (("asha", asha.client), ("host", chat.host), ("ravi", ravi.client))
        }
        assert seen == {
            "asha": [("Psst", []), ("Hello", [])],
            "host": [("Psst", ["hidden"]), ("Hello", [])],
            "ravi": [("Hello", [])],
        }
        # Not even that something changed.
        assert not [name for name, _ in asha.client.heard if name == "standing.changed"]
        refused = await ravi.client.refusal(
            "chat.send", live_session_id=chat.live, id=new_id(), text=""
        )
        assert refused.code == "chat.empty"
        answer = await chat.say(ravi.client, "What?", reply_to=sent["message"]["id"])
        assert answer["message"]["reply_to"] is None


@pytest.mark.parametrize("act", ["chat.ban", "chat.hide", "chat.mute"])
async def test_nobody_acts_against_the_influencer_or_a_fellow_moderator(
    shop: ShopUnderTest, redis_url: str, act: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        ravi, sita = await chat.moderator("Ravi"), await chat.moderator("Sita")
        more: dict[str, Any] = {"duration_s": 60} if act == "chat.mute" else {}
        for user_id in (chat.influencer.user_id, sita.user_id, ravi.user_id):
            refused = await ravi.client.refusal(
                act, live_session_id=chat.live, user_id=user_id, **more
            )
            assert refused.code == "member.protected"
        refused = await ravi.client.refusal(
            act, live_session_id=chat.live, user_id=new_id(), **more
        )
        assert refused.code == "member.not_found"
        await chat.act(act, user_id=sita.user_id, **more)


async def test_banned_moderator_has_no_rights_and_nobody_banned_is_appointed(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        ravi = await chat.moderator("Ravi")
        await chat.act("chat.ban", user_id=ravi.user_id)
        await ravi.client.hears("person.banned")
        assert chat.two.gateway.size(Room(Kind.MODERATORS, chat.live)) == 0
        refused = await chat.host.refusal(
            "moderator.appoint",
            live_session_id=chat.live,
            user_id=ravi.user_id,
            permissions=["moderate_chat"],
        )
        assert refused.code == "member.banned"


# ---- what is known afterwards


async def test_every_act_is_on_record_with_who_did_it(shop: ShopUnderTest, redis_url: str) -> None:
    async with chat_of(shop, redis_url) as chat:
        asha, ravi = await chat.person("Asha"), await chat.moderator("Ravi")
        await chat.act("chat.mute", ravi.client, user_id=asha.user_id, duration_s=60, reason="caps")
        await chat.act("chat.ban", user_id=asha.user_id)
        await chat.act("chat.configure", slow_mode_s=5)
        found = await chat.act("moderation.list", ravi.client)
        assert [(act["act"], act["by_id"], act["about_id"]) for act in found["acts"]] == [
            ("configure", str(chat.influencer.user_id), None),
            ("ban", str(chat.influencer.user_id), str(asha.user_id)),
            ("mute", str(ravi.user_id), str(asha.user_id)),
            ("appoint", str(chat.influencer.user_id), str(ravi.user_id)),
        ]
        assert found["acts"][2]["detail"].endswith("caps")
        older = await chat.act("moderation.list", before_id=found["acts"][2]["id"])
        assert [act["act"] for act in older["acts"]] == ["appoint"]
        refused = await asha.client.refusal("moderation.list", live_session_id=chat.live)
        assert refused.code == "session.banned"
        people = await chat.act("people.list")
        assert [each["user_id"] for each in people["moderators"]] == [str(ravi.user_id)]
        (member,) = people["members"]
        assert (member["user_id"], member["is_banned"]) == (str(asha.user_id), True)


async def test_chat_that_is_switched_off_at_the_live_session_is_off_at_once(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        asha = await chat.person("Asha")
        await shop.sql.execute("update live_sessions set is_chat_enabled = false")
        settings = (await asha.client.hears("chat.configured"))["settings"]
        assert not settings["is_enabled"]
        assert (await chat.refused(asha.client)).code == "chat.off"


async def test_moderators_with_a_look_at_the_orders_are_viewers(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        await chat.moderator("Ravi", "see_orders")
        while (await chat.snapshot(chat.host))["viewers"] != 1:
            await asyncio.sleep(0.05)


# ---- every event, everybody


MEMBER = {"user_id": str(UUID(int=1))}
MESSAGE = {"message_id": str(UUID(int=2))}
PAYLOADS: dict[str, dict[str, Any]] = {
    "chat.delete": MESSAGE,
    "chat.clear": {},
    "chat.pin": MESSAGE,
    "chat.unpin": {},
    "chat.announce": {"id": str(UUID(int=3)), "text": "Hello"},
    "chat.review": MESSAGE | {"is_approved": True},
    "chat.configure": {"slow_mode_s": 5},
    "chat.mute": MEMBER | {"duration_s": 60},
    "chat.unmute": MEMBER,
    "chat.ban": MEMBER,
    "chat.unban": MEMBER,
    "chat.hide": MEMBER,
    "chat.unhide": MEMBER,
    "filter.change": {"add": ["fake"]},
    "moderator.appoint": MEMBER | {"permissions": ["see_orders"]},
    "moderator.dismiss": MEMBER,
    "people.list": {},
    "moderation.list": {},
}
FOR_ALL_WHO_ARE_SIGNED_IN = {"chat.send", "influencer.follow", "influencer.unfollow"}


def test_every_event_of_the_chat_is_tried_with_everybody() -> None:
    assert {event.name for event in contract.INWARD} == {*PAYLOADS, *FOR_ALL_WHO_ARE_SIGNED_IN}


async def test_nobody_without_the_right_does_what_moderators_do(
    shop: ShopUnderTest, redis_url: str
) -> None:
    async with chat_of(shop, redis_url) as chat:
        admin, wholesaler = [
            (await chat.person(role, role=role)).client for role in ("admin", "wholesaler")
        ]
        other = await shop.influencer()
        stranger = await chat.connect(token(other.user_id, "influencer", "Sita"), chat.one)
        pins_and_sees = (await chat.moderator("Ravi", "pin_products", "see_orders")).client
        viewer = (await chat.person("Asha")).client
        nobody = await chat.connect(None, chat.two)
        for event, payload in PAYLOADS.items():
            refused = await nobody.refusal(event, live_session_id=chat.live, **payload)
            assert refused.code == "auth.required", event
            for who in (admin, wholesaler, stranger, pins_and_sees, viewer):
                refused = await who.refusal(event, live_session_id=chat.live, **payload)
                assert refused.code == "auth.forbidden", event
            refused = await viewer.refusal(event, live_session_id=new_id(), **payload)
            assert refused.code in ("session.not_found", "auth.forbidden"), event
        acts = await shop.sql.fetch("select act from private.moderation_acts")
        assert [row["act"] for row in acts] == ["appoint"]
