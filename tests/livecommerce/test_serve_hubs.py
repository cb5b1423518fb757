"""`livecommerce serve --hubs 2`: one port, a slot for each hub, nobody lost between two hubs."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import asyncpg
import pytest
import requests

from livecommerce.embedded import Postgres, Valkey
from tests.livecommerce.serving import STOP_S, Served, serving
from tests.signaling.endings import code_of

if TYPE_CHECKING:
    from tests.conftest import Background

SOCKET = "/socket.io/?EIO=4&transport=websocket"
RESTARTS = 1012


@pytest.fixture(scope="module")
def served(
    background: "Background",
    postgres_server: Postgres,
    migrated_template: str,
    valkey_server: Valkey,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """Two hubs that let their connections go within a second."""

    async def execute(statement: str) -> None:
        connection = await asyncpg.connect(postgres_server.url)
        await connection.execute(statement)
        await connection.close()

    background.run(execute(f"create database two_hubs template {migrated_template}"))
    data_dir = tmp_path_factory.mktemp("served") / "data"
    url = postgres_server.url_of("two_hubs")
    options = ("--hubs", "2")
    with serving(url, valkey_server.url, data_dir, *options, HUB_DRAIN_S="1") as running:
        yield running
    background.run(execute("drop database two_hubs with (force)"))


def ask(served: Served) -> int:
    """One request on a connection of its own."""
    return requests.get(f"{served.url}/livez", timeout=STOP_S).status_code


def ask_often(served: Served, count: int) -> list[int]:
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(ask, [served] * count))


def test_both_hubs_serve_the_one_port(served: Served) -> None:
    assert set(served.hubs()) == {1, 2}
    before = [served.answered(1), served.answered(2)]
    assert ask_often(served, 40) == [200] * 40
    after = [served.answered(1), served.answered(2)]
    assert sum(after) - sum(before) == 40
    assert all(new > old for new, old in zip(after, before, strict=True))
    for slot in (1, 2):
        assert f'process="hub-{slot}"' in served.admin(slot, "/metrics").text
        assert served.admin(slot, "/readyz").status_code == 200


def test_who_connects_while_a_hub_is_killed_is_served(served: Served) -> None:
    killed = served.kill_hub(2)
    assert ask_often(served, 60) == [200] * 60
    assert served.answered(2) > 0, "some of them waited for the hub that was killed"
    assert served.hubs()[2] != killed


def test_who_joins_while_a_hub_is_killed_gets_in(served: Served) -> None:
    async def join() -> None:
        async with aiohttp.ClientSession() as session:
            served.kill_hub(1)
            await asyncio.gather(*(_greeted(session, served) for _ in range(40)))

    asyncio.run(join())


async def _greeted(session: aiohttp.ClientSession, served: Served) -> None:
    async with session.ws_connect(served.url + SOCKET, timeout=aiohttp.ClientWSTimeout()) as ws:
        assert (await ws.receive_str()).startswith("0{")
        await ws.send_str("40")
        assert (await ws.receive_str()).startswith("40{")


def test_sighup_replaces_both_hubs_and_refuses_nobody(served: Served) -> None:
    former = served.hubs()
    asyncio.run(_renewed(served, former))
    assert not set(served.hubs().values()) & set(former.values())
    assert {slot: served.admin(slot, "/readyz").status_code for slot in (1, 2)} == {1: 200, 2: 200}


async def _renewed(served: Served, former: dict[int, int]) -> None:
    """Have viewers on both hubs and people who ask all the time, from before to after."""
    async with aiohttp.ClientSession() as session:
        viewers = [
            asyncio.create_task(_code_of(await session.ws_connect(served.url + SOCKET)))
            for _ in range(20)
        ]
        served.send(signal.SIGHUP)
        while any(Path(f"/proc/{pid}").exists() for pid in former.values()):
            async with session.get(f"{served.url}/livez", headers={"Connection": "close"}) as said:
                assert said.status == 200
        assert set(await asyncio.gather(*viewers)) == {RESTARTS}


async def _code_of(websocket: aiohttp.ClientWebSocketResponse) -> int | None:
    """Get in and stay until the end; the code of the end."""
    await websocket.receive_str()
    await websocket.send_str("40")
    return await code_of(websocket)


def test_sigterm_lets_everybody_go_and_a_second_one_does_not_wait(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    settings = {"HUB_DRAIN_S": "600"}
    with serving(database_url, redis_url, tmp_path / "data", "--hubs", "2", **settings) as served:
        hubs = served.hubs()
        assert asyncio.run(_stopped(served)) == {RESTARTS}
        assert served.process.wait(STOP_S) == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in hubs.values())


async def _stopped(served: Served) -> set[int | None]:
    async with aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(served.url + SOCKET) for _ in range(30)]
        viewers = [asyncio.create_task(_code_of(each)) for each in sockets]
        served.send(signal.SIGTERM)
        for slot in (1, 2):
            await _until(lambda slot=slot: _says_draining(session, served, slot))  # type: ignore[misc]
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(f"{served.url}/livez", headers={"Connection": "close"})
        assert not all(viewer.done() for viewer in viewers)
        served.send(signal.SIGTERM)
        return set(await asyncio.gather(*viewers))


async def _says_draining(session: aiohttp.ClientSession, served: Served, slot: int) -> bool:
    port = served.admin_port + (0 if slot == 1 else 3)
    async with session.get(f"http://127.0.0.1:{port}/readyz") as said:
        return said.status == 503 and (await said.json())["status"] == "draining"


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    while not await holds():
        await asyncio.sleep(0.01)
