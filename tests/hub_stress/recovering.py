"""Whoever was away gets exactly what it missed: no hole, nothing twice, in order."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any
from uuid import UUID

from tests.hub_stress.checks import Broken
from tests.hub_stress.pair import Pair, Scene
from tests.hub_stress.pairs import heard_by_all, nobody_forgot
from tests.hub_stress.raw_client import Refusal
from tests.hub_stress.registry import scenario
from tests.hub_stress.viewers import Speaker


async def talked(scene: Scene, count: int) -> tuple[Speaker, Speaker, asyncio.Future[Any]]:
    """Two who speak on both hubs at once, still talking."""
    first, second = await scene.speaker(0), await scene.speaker(1)
    return first, second, asyncio.gather(first.talk(count), second.talk(count))


@scenario("pair")
async def everybody_is_cut_off_at_once_and_misses_nothing(pair: Pair, random: Random) -> None:
    """A recovery storm, while it goes on being said."""
    async with pair.scene() as scene:
        await scene.watch(100)
        first, second, talking = await talked(scene, 50)
        for viewer in scene.viewers:
            viewer.lose()
        await talking
        await heard_by_all(scene, first, second)
        nobody_forgot(scene)
        if not all(viewer.recoveries for viewer in scene.viewers):
            raise Broken("somebody did not recover")


@scenario("pair")
async def phones_that_come_and_go_miss_nothing(pair: Pair, random: Random) -> None:
    """Each loses its connection again and again, at any moment."""
    async with pair.scene() as scene:
        await scene.watch(40)
        first, second, talking = await talked(scene, 50)
        while not talking.done():
            random.choice(scene.viewers).lose()
            await asyncio.sleep(0.01)
        await talking
        await heard_by_all(scene, first, second)
        nobody_forgot(scene)


@scenario("pair")
async def whoever_comes_back_on_the_other_hub_misses_nothing(pair: Pair, random: Random) -> None:
    async with pair.scene() as scene:
        await scene.watch(40)
        first, second, talking = await talked(scene, 60)
        for number, viewer in enumerate(scene.viewers):
            viewer.place = scene.place((number + 1) % 2)
            viewer.lose()
            if number % 8 == 0:
                await asyncio.sleep(0.005)
        await talking
        await heard_by_all(scene, first, second)
        nobody_forgot(scene)


@scenario("pair")
async def whoever_is_away_while_nothing_is_said_gets_nothing(pair: Pair, random: Random) -> None:
    async with pair.scene() as scene:
        await scene.watch(30)
        speaker = await scene.speaker(0)
        await speaker.talk(10)
        await heard_by_all(scene, speaker)
        for viewer in scene.viewers:
            viewer.lose()
        for viewer in scene.viewers:
            await viewer.until(lambda v=viewer: v.recoveries > 0, lambda: "what it missed")  # type: ignore[misc]
        await speaker.talk(5)
        await heard_by_all(scene, speaker)
        nobody_forgot(scene)


@scenario("pair")
async def pages_of_a_long_absence_join_without_a_seam(pair: Pair, random: Random) -> None:
    """More was missed than fits into one answer."""
    async with pair.scene() as scene:
        viewers = await scene.watch(8)
        speakers = [await scene.speaker(n % 2) for n in range(8)]
        for viewer in viewers:
            viewer.returns = False
            viewer.lose()
        await asyncio.gather(*(speaker.talk(75) for speaker in speakers))
        for viewer in viewers:
            viewer.returns = True
            await viewer.come()
        await heard_by_all(scene, *speakers)
        nobody_forgot(scene)
        if not all(viewer.recoveries > 1 for viewer in viewers):
            raise Broken("it fitted into one answer, which tests nothing")


@scenario("pair")
async def places_that_never_were_are_answered_with_a_snapshot(pair: Pair, random: Random) -> None:
    async with pair.scene() as scene:
        viewers = await scene.watch(12)
        speaker = await scene.speaker(0)
        await speaker.talk(10)
        await heard_by_all(scene, speaker)
        for number, viewer in enumerate(viewers):
            assert viewer.position is not None
            epoch, offset = viewer.position["epoch"], viewer.position["offset"]
            viewer.position = (
                {"epoch": "another", "offset": offset},
                {"epoch": epoch, "offset": offset + 1_000_000},
                {"epoch": "", "offset": 0},
            )[number % 3]
            viewer.lose()
        for viewer in viewers:
            await viewer.until(lambda v=viewer: v.snapshots == 2, lambda: "a snapshot")  # type: ignore[misc]
        await speaker.talk(10)
        await heard_by_all(scene, speaker)


@scenario("pair")
async def whoever_may_not_come_back_is_refused(pair: Pair, random: Random) -> None:
    """A position does not open what a join would not open."""
    async with pair.scene() as scene:
        viewers = await scene.watch(6)
        statement = "update live_sessions set visibility = 'private' where id = $1"
        await pair.shop.sql.execute(statement, UUID(scene.live_session_id))
        for viewer in viewers:
            # It hears of the change, asks anew, and is refused.
            await viewer.until(lambda v=viewer: bool(v.faults), lambda: "the news")  # type: ignore[misc]
            viewer.returns = False
            viewer.lose()
        refused = 0
        for viewer in viewers:
            try:
                await viewer.come()
            except Refusal as refusal:
                refused += refusal.code == "session.not_found"
        if refused != len(viewers):
            raise Broken(f"{len(viewers) - refused} of {len(viewers)} came back into a private one")
