"""Each mode of the swarm by its own command, against a hub with Postgres and Valkey: what they do
there, and the JSON line that says so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from loadtests.swarm import __main__ as swarm
from loadtests.swarm import modes
from signaling import payloads as wire
from signaling.gateway import GatewayConfig
from signaling.rooms import Kind, Room
from tests.livecommerce.live.hub_process import UNLIMITED, HubProcess, hub_process, token
from tests.shop.shop_under_test import ShopUnderTest

# Of every group, whatever it does.
COMMON = {"viewers", "joins_per_s", "frames", "chat_events", "received_bytes", "lost_connections"}
AGES = {"p50_ms", "p99_ms", "max_ms"}


@dataclass
class Swarmed:
    """A hub with a live session, and the file of its chatters' tokens."""

    hub: HubProcess
    live: UUID
    tokens: Path

    async def swarm(self, *words: str) -> int:
        """Run the command; what it prints is for the test to read."""
        where = [self.hub.url, "--live-session", str(self.live), "--tokens", str(self.tokens)]
        return await asyncio.to_thread(swarm.main, [*where, *words])

    @property
    def watching(self) -> int:
        return self.hub.gateway.size(Room(Kind.LIVE_SESSION, self.live))


@asynccontextmanager
async def swarmed(
    shop: ShopUnderTest, redis_url: str, directory: Path, config: GatewayConfig = UNLIMITED
) -> AsyncIterator[Swarmed]:
    live = await shop.live_session(await shop.influencer())
    tokens = directory / "tokens"
    tokens.write_text("\n".join([token(await shop.customer()) for _ in range(3)]))
    async with hub_process(shop.db, redis_url, config) as hub:
        yield Swarmed(hub, live, tokens)


def line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The last line of what was printed, which is the only one."""
    (text,) = capsys.readouterr().out.splitlines()
    figures: dict[str, Any] = json.loads(text)
    return figures


async def test_lurkers_hear_all_that_the_chatters_say(
    shop: ShopUnderTest, redis_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = ["--chatters", "3", "--messages-per-s", "6", "--seconds", "2"]
    async with swarmed(shop, redis_url, tmp_path) as on:
        code = await on.swarm("--lurkers", "4", *said, "--sample-every", "2")
    figures = line(capsys)
    assert (code, figures["viewers"], figures["seconds"]) == (0, 7, 2.0)
    assert (figures["said"], figures["lost"]) == (12, 0)
    lurkers, chatters = figures["lurkers"], figures["chatters"]
    assert set(lurkers) == COMMON | AGES
    assert (lurkers["viewers"], lurkers["chat_events"], lurkers["lost_connections"]) == (4, 48, 0)
    assert 0 <= lurkers["p50_ms"] <= lurkers["p99_ms"] <= lurkers["max_ms"]
    assert set(chatters) == COMMON | AGES | {"said"}
    assert (chatters["said"], chatters["chat_events"]) == (12, 36)


async def test_slow_readers_are_put_out_while_others_go_on(
    shop: ShopUnderTest,
    redis_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(modes, "SETTLE_S", 0.3)
    async with swarmed(shop, redis_url, tmp_path) as on:
        running = asyncio.create_task(on.swarm("--slow", "2", "--lurkers", "1", "--seconds", "8"))
        while on.watching < 3 and not running.done():
            await asyncio.sleep(0.01)
        much = wire.MediaChanged(
            live_session_id=on.live, epoch="e", offset=1, source="x" * 50_000, available=True
        )
        while on.watching > 1 and not running.done():
            on.hub.gateway.publish(Room(Kind.LIVE_SESSION, on.live), "media.changed", much)
            await asyncio.sleep(0.005)
        assert not running.done()
        code = await running
    figures = line(capsys)
    assert code == 0
    assert set(figures["slow"]) == COMMON | {"put_out"}
    assert (figures["slow"]["put_out"], figures["slow"]["lost_connections"]) == (2, 2)
    assert figures["lurkers"]["lost_connections"] == 0
    assert figures["lurkers"]["received_bytes"] > figures["slow"]["received_bytes"]


async def test_a_storm_comes_back_each_time(
    shop: ShopUnderTest, redis_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with swarmed(shop, redis_url, tmp_path) as on:
        code = await on.swarm("--storm", "6", "--every", "0.4", "--seconds", "2")
    storm = line(capsys)["storm"]
    assert code == 0
    assert set(storm) == COMMON | {"storms", "all_back_s", "not_back"}
    assert storm["storms"] == len(storm["all_back_s"]) >= 1
    assert (storm["viewers"], storm["not_back"], storm["lost_connections"]) == (6, 0, 0)


async def test_flapping_phones_recover_and_miss_nothing(
    shop: ShopUnderTest,
    redis_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(modes, "AWAY_S", (0.1, 0.4))
    monkeypatch.setattr(modes, "SETTLE_S", 1.0)
    flapping = ["--flap", "4", "--every", "0.4", "--seconds", "3"]
    async with swarmed(shop, redis_url, tmp_path) as on:
        code = await on.swarm(*flapping, "--chatters", "3", "--messages-per-s", "10")
    figures = line(capsys)
    flap = figures["flap"]
    asked = {"recovered", "snapshots", "missed", "duplicates", "disorder", "not_back"}
    assert set(flap) == COMMON | asked
    assert (code, figures["said"]) == (0, 30)
    assert (flap["missed"], flap["duplicates"], flap["disorder"], flap["not_back"]) == (0, 0, 0, 0)
    assert flap["recovered"] > 0


async def test_flooders_are_put_out(
    shop: ShopUnderTest, redis_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strict = GatewayConfig(events_per_s=1, events_burst=2)
    async with swarmed(shop, redis_url, tmp_path, strict) as on:
        code = await on.swarm("--flood", "2", "--lurkers", "1", "--seconds", "2")
    figures = line(capsys)
    flood = figures["flood"]
    assert code == 0
    assert set(flood) >= COMMON | {"sent", "accepted", "put_out", "close_codes", "refused"}
    assert (flood["put_out"], sum(flood["close_codes"].values())) == (2, 2)
    assert flood["sent"] > flood["accepted"]
    assert flood["refused"]["rate.limited"] > 0
    assert figures["lurkers"]["lost_connections"] == 0


async def test_a_message_that_is_missed_fails_the_command(
    shop: ShopUnderTest,
    redis_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = ["--chatters", "1", "--messages-per-s", "2", "--seconds", "2"]
    async with swarmed(shop, redis_url, tmp_path) as on:
        # Whoever is out of the room hears nothing of what the others say.
        running = asyncio.create_task(on.swarm("--lurkers", "2", *said))
        live = Room(Kind.LIVE_SESSION, on.live)
        while on.watching < 3 and not running.done():
            await asyncio.sleep(0.001)
        on.hub.gateway.leave(next(iter(on.hub.gateway.members(live))), live)
        code = await running
    assert (code, line(capsys)["lost"] > 0) == (1, True)
