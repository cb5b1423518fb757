"""`livecommerce serve --hubs 2`: what is decided about a person reaches open sockets on both hubs.

The times are those that the program promises; they hold from the answer to whoever decided.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import pytest

from livecommerce.embedded import Postgres, Valkey
from signaling.client import Client
from tests.livecommerce.live.hub_process import Person, new_id
from tests.livecommerce.live.media_process import publish, watch
from tests.livecommerce.serving import Served, serving
from tests.signaling.endings import code_of
from tests.signaling.hub_under_test import Raw

if TYPE_CHECKING:
    from tests.conftest import Background

# The product promises five seconds and one, on a machine that is not busy with other tests.
CLOSED_WITHIN_S = 20
BANNED_WITHIN_S = 10
SOCKET = "/socket.io/?EIO=4&transport=websocket"
PASSWORD = "four good words"
FROM_PAGE = {"X-Livecommerce": "1"}


@dataclass(frozen=True)
class Place:
    served: Served
    database_url: str

    async def connections(self) -> list[float]:
        """Of each hub."""
        return [await asyncio.to_thread(self._connections, slot) for slot in (1, 2)]

    def _connections(self, slot: int) -> float:
        lines = self.served.admin(slot, "/metrics").text.splitlines()
        (line,) = (each for each in lines if each.startswith("livecommerce_hub_connections"))
        return float(line.rpartition(" ")[2])

    async def on_both(self, connect: Callable[[], Awaitable[Any]]) -> list[Any]:
        """Connect until each of the hubs has got one; the kernel chooses."""
        before, opened = await self.connections(), list[Any]()
        while not opened or any(
            now <= was for now, was in zip(await self.connections(), before, strict=True)
        ):
            opened.append(await connect())
        return opened


@pytest.fixture(scope="module")
def place(
    background: Background,
    postgres_server: Postgres,
    migrated_template: str,
    valkey_server: Valkey,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Place]:
    async def execute(statement: str) -> None:
        connection = await asyncpg.connect(postgres_server.url)
        await connection.execute(statement)
        await connection.close()

    background.run(execute(f"create database two_hubs_of_people template {migrated_template}"))
    data_dir = tmp_path_factory.mktemp("served") / "data"
    url = postgres_server.url_of("two_hubs_of_people")
    options, more = ("--hubs", "2"), {"HUB_USER_CONNECTIONS": "1000", "HUB_DRAIN_S": "1"}
    with serving(url, valkey_server.url, data_dir, *options, **more) as served:
        yield Place(served, url)
    background.run(execute("drop database two_hubs_of_people with (force)"))


@pytest.fixture
async def sql(place: Place) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(place.database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def stack(place: Place) -> AsyncIterator[AsyncExitStack]:
    """What is open in a test; afterwards nobody is connected any more."""
    async with AsyncExitStack() as stack:
        yield stack
    while any(await place.connections()):
        await asyncio.sleep(0.05)


class Account:
    """Somebody who has signed up, with the cookie of a browser."""

    def __init__(self, place: Place, stack: AsyncExitStack) -> None:
        self._place = place
        self._stack = stack
        self.email = f"{uuid4()}@example.org"
        self.token = ""
        self.user_id = UUID(int=0)

    async def begin(self, role: str = "customer") -> Account:
        jar = aiohttp.CookieJar(unsafe=True)
        self._browser = await self._stack.enter_async_context(
            aiohttp.ClientSession(self._place.served.url, cookie_jar=jar)
        )
        about = {"email": self.email, "password": PASSWORD, "display_name": "Asha", "role": role}
        granted = await self._post("sign-up", about)
        self.token, self.user_id = granted["access_token"], UUID(granted["user"]["id"])
        return self

    async def log_out(self) -> None:
        await self._post("log-out", {})

    async def _post(self, route: str, body: dict[str, str]) -> dict[str, Any]:
        url = f"/api/v1/auth/{route}"
        async with self._browser.post(url, json=body, headers=FROM_PAGE) as response:
            assert response.status < 300, await response.text()
            answer: dict[str, Any] = await response.json()
            return answer

    async def socket(self) -> tuple[Raw, str]:
        """A new one, and the answer to its CONNECT."""
        socket = Raw(await self._stack.enter_async_context(self._browser.ws_connect(SOCKET)))
        return socket, await socket.connect({"token": self.token})

    async def open_socket(self) -> Raw:
        socket, answer = await self.socket()
        assert answer.startswith("40{")
        return socket

    async def page(self) -> Person:
        """A client that remembers what it heard."""
        heard: list[tuple[str, Any]] = []
        client = Client(lambda name, payload: heard.append((name, payload)))
        await client.connect(self._place.served.url, self.token, timeout_s=30)
        self._stack.push_async_callback(client.close)
        return Person(client, heard)


async def log_out(account: Account, sql: asyncpg.Connection) -> None:
    await account.log_out()


def changing(statement: str) -> Callable[[Account, asyncpg.Connection], Awaitable[None]]:
    async def change(account: Account, sql: asyncpg.Connection) -> None:
        await sql.execute(statement, account.user_id)

    return change


ENDINGS = {
    "log-out": log_out,
    "another password": changing(
        "update auth.users set encrypted_password = 'other' where id = $1"
    ),
    "blocked": changing(
        "update auth.users set banned_until = now() + interval '1 day' where id = $1"
    ),
    "profile switched off": changing("update customers set is_active = false where user_id = $1"),
    "another role": changing(
        "update auth.users set raw_app_meta_data ="
        ' raw_app_meta_data || \'{"role": "admin"}\' where id = $1'
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_sockets_of_a_log_in_that_ended_are_closed_on_both_hubs(
    place: Place, stack: AsyncExitStack, sql: asyncpg.Connection, ending: str
) -> None:
    asha, ravi = [await Account(place, stack).begin() for _ in range(2)]
    hers = await place.on_both(asha.open_socket)
    his = await place.on_both(ravi.open_socket)
    await ENDINGS[ending](asha, sql)
    async with asyncio.timeout(CLOSED_WITHIN_S):
        codes = await asyncio.gather(*(code_of(socket.ws) for socket in hers))
    assert codes == [4401] * len(hers)
    # The token is believed nowhere any more, and nobody else has lost anything.
    for _, answer in [await asha.socket() for _ in range(6)]:
        assert answer.startswith("44"), answer
    for socket in his:
        left = await socket.call("session.leave", {"live_session_id": new_id()})
        assert left == {"ok": {}}


@dataclass(frozen=True)
class Stage:
    """A live session on air."""

    host: Account
    live: UUID
    page: Person

    async def come(self, account: Account) -> Person:
        page = await account.page()
        await page.call("session.join", live_session_id=self.live)
        return page


@pytest.fixture
async def stage(place: Place, stack: AsyncExitStack, sql: asyncpg.Connection) -> Stage:
    host = await Account(place, stack).begin("influencer")
    live = await sql.fetchval(
        "insert into live_sessions (influencer_id, title, status)"
        " select id, 'Sale', 'live' from influencers where user_id = $1 returning id",
        host.user_id,
    )
    page = await host.page()
    await page.call("session.join", live_session_id=live)
    return Stage(host, UUID(str(live)), page)


async def test_a_ban_holds_on_both_hubs_at_once(
    place: Place, stack: AsyncExitStack, stage: Stage
) -> None:
    asha, ravi = [await Account(place, stack).begin() for _ in range(2)]
    hers = await place.on_both(lambda: stage.come(asha))
    his = await place.on_both(lambda: stage.come(ravi))
    at = {"live_session_id": stage.live}
    said = await hers[0].call("chat.send", **at, id=new_id(), text="Spam")
    position = (await hers[0].call("session.join", **at))["position"]
    for page in his:
        await page.hears("chat.posted")
    await stage.page.call("chat.ban", **at, user_id=asha.user_id)
    async with asyncio.timeout(BANNED_WITHIN_S):
        for page in hers:
            await page.hears("person.banned")
        for page in his:
            assert (await page.hears("chat.purged"))["user_id"] == str(asha.user_id)
    for page in (*hers, *await place.on_both(asha.page)):
        for event, more in (
            ("session.join", {}),
            ("session.recover", {"position": position}),
            ("chat.send", {"id": new_id(), "text": "Let me in"}),
            ("webrtc.watch", {}),
        ):
            assert (await page.refusal(event, **at, **more)).code == "session.banned", event
    for page in await place.on_both(lambda: stage.come(ravi)):
        snapshot = await page.call("session.join", **at)
        assert said["message"]["id"] not in [each["id"] for each in snapshot["chat"]]
        assert snapshot["chat"] == []


async def test_video_ends_for_whoever_is_banned_and_then_with_the_influencers_account(
    place: Place, stack: AsyncExitStack, sql: asyncpg.Connection, stage: Stage
) -> None:
    asha, ravi = [await Account(place, stack).begin() for _ in range(2)]
    publisher = await publish(stage.page, stage.live)
    stack.callback(publisher.close)
    hers, _ = await watch(await stage.come(asha), stage.live)
    his, _ = await watch(await stage.come(ravi), stage.live)
    await stage.page.call("chat.ban", live_session_id=stage.live, user_id=asha.user_id)
    async with asyncio.timeout(BANNED_WITHIN_S):
        await hers.closed
    assert not his.closed.done()
    await ENDINGS["blocked"](stage.host, sql)
    async with asyncio.timeout(CLOSED_WITHIN_S):
        await publisher.closed
        await his.closed


async def test_what_a_blocked_influencer_has_on_air_ends_on_both_hubs(
    place: Place, stack: AsyncExitStack, sql: asyncpg.Connection, stage: Stage
) -> None:
    viewers = await place.on_both((await Account(place, stack).begin()).page)
    for page in viewers:
        await page.call("session.join", live_session_id=stage.live)
    await ENDINGS["blocked"](stage.host, sql)
    async with asyncio.timeout(CLOSED_WITHIN_S):
        for page in viewers:
            ended = await page.hears("session.ended")
            assert ended["live_session"]["status"] == "ended"
        await stage.page.client.lost.wait()
