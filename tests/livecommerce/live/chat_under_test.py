"""A live session with a chat: two processes, real clients, Postgres, Valkey."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.livecommerce.live.hub_process import (
    HubProcess,
    Person,
    hub_process,
    new_id,
    person,
    token,
)
from tests.shop.shop_under_test import Influencer, Product, ShopUnderTest


@dataclass
class Chat:
    """A live session with its influencer on one process and others wherever they come."""

    shop: ShopUnderTest
    stack: AsyncExitStack
    one: HubProcess
    two: HubProcess
    influencer: Influencer
    live: UUID
    host: Person

    async def person(
        self, name: str, *, on: HubProcess | None = None, role: str = "customer"
    ) -> Who:
        user_id = await self.shop.user(role)
        client = await self.connect(token(user_id, role, name), on or self.two)
        return Who(user_id, name, client)

    async def connect(self, as_token: str | None, on: HubProcess) -> Person:
        client = await self.stack.enter_async_context(person(on, as_token))
        await client.call("session.join", live_session_id=self.live)
        return client

    async def moderator(
        self, name: str = "Ravi", *permissions: str, everywhere: bool = False
    ) -> Who:
        who = await self.person(name)
        await self.host.call(
            "moderator.appoint",
            live_session_id=self.live,
            user_id=who.user_id,
            permissions=list(permissions or ("moderate_chat",)),
            everywhere=everywhere,
        )
        await who.client.hears("standing.changed")
        return who

    async def say(self, who: Person, text: str = "Hello", **more: Any) -> dict[str, Any]:
        message_id = more.pop("id", None) or new_id()
        return await who.call(
            "chat.send", live_session_id=self.live, id=message_id, text=text, **more
        )

    async def refused(self, who: Person, text: str = "Hello") -> Any:
        return await who.refusal("chat.send", live_session_id=self.live, id=new_id(), text=text)

    async def act(self, name: str, by: Person | None = None, **payload: Any) -> dict[str, Any]:
        return await (by or self.host).call(name, live_session_id=self.live, **payload)

    async def snapshot(self, who: Person) -> dict[str, Any]:
        return await who.call("session.join", live_session_id=self.live)

    async def shown_to_a_newcomer(self) -> list[str]:
        async with person(self.two) as newcomer:
            snapshot = await self.snapshot(newcomer)
            return [message["text"] for message in snapshot["chat"]]


@dataclass
class Who:
    user_id: UUID
    name: str
    client: Person


@asynccontextmanager
async def chat_of(
    shop: ShopUnderTest, redis_url: str, products: Sequence[Product] = (), **more: Any
) -> AsyncIterator[Chat]:
    influencer = await shop.influencer()
    live = await shop.live_session(influencer, *products, **more)
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(hub_process(shop.db, redis_url))
        two = await stack.enter_async_context(hub_process(shop.db, redis_url))
        host = await stack.enter_async_context(
            person(one, token(influencer.user_id, "influencer", "Meera"))
        )
        await host.call("session.join", live_session_id=live)
        yield Chat(shop, stack, one, two, influencer, live, host)
