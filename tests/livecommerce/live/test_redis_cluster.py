"""A Redis with cluster mode on refuses whatever touches two slots at once: nothing of ours does."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import redis as sync_redis

from livecommerce import clock
from livecommerce.bus import BusConfig, Redis
from livecommerce.embedded import find_valkey
from livecommerce.embedded.process import dying_with_parent
from livecommerce.live.counter_flusher import CounterFlusher
from livecommerce.live.presence import Presence
from livecommerce.live.video import Video
from livecommerce.media_registry import NODES_KEY, node_key
from tests.livecommerce.live.hub_process import HubProcess, hub_process, new_id, person, token
from tests.shop.shop_under_test import ShopUnderTest


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        for each in (one, two):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


def _answers(url: str, *command: str) -> str:
    with sync_redis.Redis.from_url(url) as admin:
        try:
            return repr(admin.execute_command(*command))
        except sync_redis.RedisError as error:
            return str(error)


@pytest.fixture
async def cluster_url() -> AsyncIterator[str]:
    """One node that has all slots."""
    program = find_valkey()
    assert program is not None
    directory = Path(tempfile.mkdtemp(prefix="lc-test-"))
    port, bus_port = _free_ports()
    options = {
        "port": port, "cluster-port": bus_port, "bind": "127.0.0.1", "cluster-enabled": "yes",
        "save": "", "appendonly": "no", "daemonize": "no",
    }  # fmt: skip
    node = subprocess.Popen(
        [
            str(program),
            *(part for key, value in options.items() for part in (f"--{key}", str(value))),
        ],
        cwd=directory,
        stdout=subprocess.DEVNULL,
        preexec_fn=dying_with_parent(signal.SIGKILL),
    )
    url = f"redis://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(60):
            while _answers(url, "PING") != "True":
                await asyncio.sleep(0.02)
            _answers(url, "CLUSTER", "ADDSLOTSRANGE", "0", "16383")
            while "cluster_state:ok" not in _answers(url, "CLUSTER", "INFO"):
                await asyncio.sleep(0.02)
        yield url
    finally:
        node.kill()
        node.wait()
        shutil.rmtree(directory, ignore_errors=True)


async def test_cluster_of_the_tests_refuses_two_slots_at_once(cluster_url: str) -> None:
    assert "slot" in _answers(cluster_url, "MGET", "one", "two")


async def _until_counted(hub: HubProcess, shop: ShopUnderTest, live: object) -> None:
    flusher = CounterFlusher(hub.redis, shop.db, clock.epoch_s)
    async with asyncio.timeout(60):
        while True:
            await flusher.flush()
            row = await shop.row(
                "select count(*) as n from live_session_chat where live_session_id = $1", live
            )
            if row["n"] == 2:
                return
            await asyncio.sleep(0.05)


async def test_two_hubs_tell_recover_and_count_through_a_cluster(
    shop: ShopUnderTest, cluster_url: str
) -> None:
    influencer, product = await shop.influencer(), await shop.product()
    live = await shop.live_session(influencer, product)
    async with (
        hub_process(shop.db, cluster_url) as here,
        hub_process(shop.db, cluster_url) as there,
        person(here, token(influencer.user_id, "influencer")) as host,
        person(there, token(await shop.customer())) as asha,
    ):
        await host.call("session.join", live_session_id=live)
        position = (await asha.call("session.join", live_session_id=live))["position"]
        await host.call("chat.send", live_session_id=live, id=new_id(), text="one")
        await host.call("product.pin", live_session_id=live, product_id=product.id)
        assert (await asha.hears("product.pinned"))["product_id"] == str(product.id)
        await asha.call("chat.send", live_session_id=live, id=new_id(), text="two")
        heard = await host.hears("chat.posted", 2)
        assert [each["text"] for each in heard["messages"]] == ["two"]
        async with hub_process(shop.db, cluster_url) as fresh, person(fresh) as back:
            answer = await back.call("session.recover", live_session_id=live, position=position)
            assert answer["snapshot"] is None
            assert [each["name"] for each in answer["events"]] == [
                "chat.posted", "product.pinned", "chat.posted",
            ]  # fmt: skip
        await _until_counted(here, shop, live)


async def test_numbers_and_nodes_of_many_live_sessions_are_read_from_a_cluster(
    cluster_url: str,
) -> None:
    redis = Redis(BusConfig(cluster_url))
    try:
        lives = [clock.uuid7() for _ in range(5)]
        presence = Presence(redis, "one")
        for number, live in enumerate(lives, 1):
            await presence.report(live, number)
        assert await presence.viewers_of(lives) == dict(zip(lives, range(1, 6), strict=True))
        for name in ("m1", "m2"):
            info = f'{{"name":"{name}","incarnation":"{name}-1","subscribers":0,"sources":0}}'
            await redis.repeatable("SADD", NODES_KEY, name)
            await redis.repeatable("SET", node_key(name), info)
        nodes = await Video(redis, None)._nodes()  # type: ignore[arg-type]  # nobody is called
        assert {node.name for node in nodes} == {"m1", "m2"}
    finally:
        await redis.close()
