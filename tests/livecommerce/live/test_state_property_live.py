"""Two hubs, one live session in which everything happens: whoever was there all the time knows what
a newcomer is told, be it the influencer, a moderator, a customer or a stranger."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from signaling.contract import OUTWARD
from tests.livecommerce.live.chat_under_test import Chat, Who, chat_of
from tests.livecommerce.live.hub_process import Person, new_id
from tests.livecommerce.live.ordering import buying
from tests.livecommerce.live.page_replay import Case, Event, differing
from tests.livecommerce.live.test_giveaways import a_giveaway
from tests.livecommerce.live.test_polls import a_poll
from tests.livecommerce.live.test_promises import a_deal, worker_ticks
from tests.livecommerce.live.test_questions import a_question
from tests.shop.shop_under_test import Product, ShopUnderTest

NOT_HERE: Final = {
    "sync.moved": "nobody takes Redis away; test_degraded.py does",
    "sync.gap": "nobody lags; tests/hub_stress does",
    "auth.expired": "nobody stays that long; tests/signaling/test_identities.py does",
    "message.refused": "nobody speaks another language; tests/signaling/test_gateway*.py do",
}
# Its place is that of the last event it heard, and not of every fact; and here nobody answers
# between two events, as the page does.
NOT_COMPARED: Final = ("position", "stale")
TRIES: Final = 20


@dataclass
class Page:
    """What one person's page hears; a snapshot stands where it came."""

    name: str
    person: Person
    chat: Chat

    async def enter(self) -> None:
        self.person.heard.append(("snapshot", await self.chat.snapshot(self.person)))

    async def case(self) -> Case:
        fresh = await self.chat.snapshot(self.person)
        followed: list[Event] = [
            {"name": name, "payload": payload} for name, payload in self.person.heard
        ]
        # As the page's own clock does when a deal begins.
        followed.append({"name": "clock", "at_ms": fresh["server_time_ms"]})
        return Case(self.name, followed, [{"name": "snapshot", "payload": fresh}])


@dataclass
class Stage:
    """Who is there: the pages that are compared, and one who speaks."""

    chat: Chat
    shirt: Product
    scarf: Product
    moderator: Who
    helper: Who
    asha: Who
    dev: Who
    pages: list[Page]

    async def act(self, name: str, **payload: Any) -> dict[str, Any]:
        return await self.chat.act(name, **payload)

    async def shop_ticks(self) -> None:
        await worker_ticks(self.chat.shop)
        self.chat.one.relay.kick()

    @property
    def heard(self) -> set[str]:
        people = [*(page.person for page in self.pages), self.dev.client]
        return {name for person in people for name, _ in person.heard}


async def staged(shop: ShopUnderTest, chat: Chat, shirt: Product, scarf: Product) -> Stage:
    moderator = await chat.moderator("Ravi", "moderate_chat", "see_orders")
    helper, asha, dev = [await chat.person(name) for name in ("Gita", "Asha", "Dev")]
    stranger = await chat.connect(None, chat.one)
    people = {
        "influencer": chat.host,
        "moderator": moderator.client,
        "helper": helper.client,
        "customer": asha.client,
        "stranger": stranger,
    }
    pages = [Page(name, person, chat) for name, person in people.items()]
    # All but the influencer; a count that comes later would belong to what was before.
    for page in pages:
        while [x["viewers"] for name, x in page.person.heard if name == "viewers.counted"][-1:] != [
            5
        ]:
            await asyncio.sleep(0.01)
        page.person.heard.clear()
        await page.enter()
    return Stage(chat, shirt, scarf, moderator, helper, asha, dev, pages)


async def the_broadcast(stage: Stage) -> None:
    for step in ("session.start", "session.pause", "session.resume"):
        await stage.act(step)
    here = {"source": "m1", "available": True}
    await stage.chat.one.bus.append(stage.chat.live, "media.changed", here, new_id())
    for product in (stage.shirt, stage.scarf):
        await stage.act("product.pin", product_id=product.id)
    await stage.act("product.unpin", product_id=stage.scarf.id)
    await stage.act("product.pin", product_id=stage.shirt.id)
    await stage.chat.act("reaction.send", stage.asha.client, count=3)


async def the_shop(stage: Stage) -> None:
    chat, shirt, asha = stage.chat, stage.shirt, stage.asha.client
    await chat.shop.sql.execute("update products set sale_price = 1099 where id = $1", shirt.id)
    deal = (await chat.host.call("deal.start", **a_deal(chat.live, shirt, total_limit=5)))["deal"]
    over = (await chat.host.call("deal.start", **a_deal(chat.live, stage.scarf)))["deal"]
    await asha.hears("deal.started", 2)
    placed = await asha.call("order.place", **buying(chat.live, shirt.variant_id, 99900))
    await chat.shop.sql.execute("select private.tell_order_v1($1)", UUID(placed["order"]["id"]))
    for variant_id in (shirt.variant_id, stage.scarf.variant_id):
        await stage.chat.act("hold.place", asha, variant_id=variant_id, quantity=1)
    await stage.chat.act("hold.release", asha, variant_id=shirt.variant_id)
    await stage.act("deal.stop", deal_id=over["id"])
    await stage.shop_ticks()
    await asha.hears("order.updated")
    counted = await asha.hears("deal.counted")
    assert counted["deal_id"] == deal["id"]


async def the_chat(stage: Stage) -> None:
    chat, dev = stage.chat, stage.dev
    said = [(await chat.say(dev.client, f"line {n}"))["message"]["id"] for n in range(3)]
    await stage.act("chat.delete", message_id=said[0])
    await stage.act("chat.pin", message_id=said[1])
    await stage.act("chat.unpin")
    await stage.act("chat.clear")
    await stage.act("chat.announce", id=new_id(), text="Ten minutes left", is_pinned=True)
    await stage.act("chat.configure", slow_mode_s=5)
    await stage.act("chat.configure", slow_mode_s=0, links="moderators")
    await stage.act("filter.change", add=["cheap copy"])
    await stage.moderator.client.hears("filter.changed")
    held = [(await chat.say(stage.asha.client, "A cheap copy?"))["message"]["id"]]
    held += [(await chat.say(chat.host, "No"))["message"]["id"]]
    await stage.act("chat.review", message_id=held[0], is_approved=True)
    await chat.say(stage.moderator.client, "Thank you")


async def people(stage: Stage) -> None:
    chat, helper = stage.chat, {"user_id": stage.helper.user_id}
    await stage.asha.client.call("influencer.follow", influencer_id=chat.influencer.id)
    await stage.act("chat.mute", user_id=stage.asha.user_id, duration_s=60)
    await stage.act("moderator.appoint", **helper, permissions=["moderate_chat", "see_orders"])
    await stage.helper.client.hears("standing.changed")
    await stage.pages[2].enter()
    await stage.act("chat.hide", user_id=stage.dev.user_id)
    await chat.host.hears("member.changed", 2)
    await chat.say(stage.dev.client, "nobody sees this")
    await chat.host.hears("chat.posted")
    await stage.act("moderator.dismiss", **helper)
    await stage.helper.client.hears("standing.changed", 2)


async def together(stage: Stage) -> None:
    chat, dev = stage.chat, stage.dev.client
    for _ in range(2):
        asked = (await dev.call("question.ask", **a_question(chat.live)))["question"]
        await stage.act("question.pick", question_id=asked["id"])
    poll = (await chat.host.call("poll.open", **a_poll(chat.live)))["poll"]
    await chat.act("poll.vote", dev, poll_id=poll["id"], option=1)
    await stage.asha.client.hears("poll.counted")
    await stage.act("poll.close", poll_id=poll["id"])
    giveaway = (await chat.host.call("giveaway.open", **a_giveaway(chat.live)))["giveaway"]
    await chat.act("giveaway.enter", dev, giveaway_id=giveaway["id"], id=new_id())
    await stage.asha.client.hears("giveaway.counted")
    await stage.act("giveaway.draw", giveaway_id=giveaway["id"])
    await dev.hears("giveaway.won")


async def the_end(stage: Stage) -> None:
    await stage.act("chat.ban", user_id=stage.dev.user_id)
    await stage.dev.client.hears("person.banned")
    await stage.act("session.end")


ACTS: Final[tuple[Callable[[Stage], Awaitable[None]], ...]] = (
    the_broadcast,
    the_shop,
    the_chat,
    together,
    people,
)


async def settled(stage: Stage) -> list[dict[str, Any]]:
    """Where the pages differ once all that was under way has come; chat and counts come late."""
    found: list[dict[str, Any]] = []
    for _ in range(TRIES):
        cases = [await page.case() for page in stage.pages]
        every = await asyncio.to_thread(differing, cases)
        found = [each for each in every if each["part"] not in NOT_COMPARED]
        if not found:
            break
    return found


async def test_who_was_there_knows_what_newcomers_are_told(
    shop: ShopUnderTest, redis_url: str
) -> None:
    shirt, scarf = await shop.product(), await shop.product()
    async with chat_of(shop, redis_url, products=(shirt, scarf), status="scheduled") as chat:
        stage = await staged(shop, chat, shirt, scarf)
        for act in ACTS:
            await act(stage)
        assert await settled(stage) == []
        await the_end(stage)
        assert await settled(stage) == []
        assert stage.heard - {"snapshot"} | set(NOT_HERE) == {each.name for each in OUTWARD}
