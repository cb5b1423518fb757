"""Redis and hubs die, freeze, lose everything or fall silent, while it goes on being said."""

from __future__ import annotations

import asyncio
import signal
from random import Random

from tests.hub_stress.checks import Broken
from tests.hub_stress.pair import Pair, Scene
from tests.hub_stress.pairs import heard_by_all, nobody_forgot
from tests.hub_stress.recovering import talked
from tests.hub_stress.registry import scenario
from tests.hub_stress.viewers import Speaker


async def healed(scene: Scene, *speakers: Speaker) -> None:
    """Say things until one of each speaker is heard by everybody: the bus carries again."""
    async with asyncio.timeout(60):
        while True:
            ids = {await speaker.say() for speaker in speakers}
            try:
                async with asyncio.timeout(1):
                    await scene.all_know(ids)
                    return
            except TimeoutError:
                continue


@scenario("pair")
async def subscriptions_are_cut_again_and_again(pair: Pair, random: Random) -> None:
    """What is said meanwhile is fetched: no hole, nothing twice, no snapshot."""
    async with pair.scene() as scene:
        await scene.watch(40)
        first, second, talking = await talked(scene, 100)
        while not talking.done():
            await pair.redis.command("CLIENT", "KILL", "TYPE", "pubsub")
            await asyncio.sleep(0.05)
        await talking
        await heard_by_all(scene, first, second)
        nobody_forgot(scene)


@scenario("pair")
async def all_connections_of_one_hub_to_redis_are_cut(pair: Pair, random: Random) -> None:
    """Its speaker's messages may or may not have been taken; each is heard once or never."""
    async with pair.scene() as scene:
        await scene.watch(40)
        first, second, talking = await talked(scene, 80)
        for _ in range(5):
            pair.proxy.cut()
            await asyncio.sleep(0.03)
        await talking
        await healed(scene, first, second)
        await heard_by_all(scene, first, second)


@scenario("pair")
async def replies_of_redis_are_lost(pair: Pair, random: Random) -> None:
    """What was asked is done, though nobody hears so."""
    async with pair.scene() as scene:
        await scene.watch(40)
        first, second = await scene.speaker(0), await scene.speaker(1)
        await asyncio.gather(first.talk(10), second.talk(10))
        pair.proxy.drops_replies = True
        first.is_doubtful = True
        await asyncio.gather(first.talk(3), second.talk(20))
        pair.proxy.drops_replies = False
        await healed(scene, first, second)
        first.is_doubtful = False
        await asyncio.gather(first.talk(10), second.talk(10))
        await heard_by_all(scene, first, second)


@scenario("pair")
async def redis_freezes_and_thaws(pair: Pair, random: Random) -> None:
    """Each hub's viewers hear each other meanwhile; then all hear all, once."""
    async with pair.scene() as scene:
        await scene.watch(40)
        first, second = await scene.speaker(0), await scene.speaker(1)
        await asyncio.gather(first.talk(10), second.talk(10))
        first.is_doubtful = second.is_doubtful = True
        pair.redis.freeze()
        try:
            await asyncio.gather(first.talk(5), second.talk(5))
            async with asyncio.timeout(0.3):
                await asyncio.gather(first.talk(1000), second.talk(1000))
        except TimeoutError:
            pass
        finally:
            pair.redis.thaw()
        await healed(scene, first, second)
        first.is_doubtful = second.is_doubtful = False
        await asyncio.gather(first.talk(10), second.talk(10))
        await heard_by_all(scene, first, second)


async def _loses_everything(pair: Pair, scene: Scene, fault: object) -> None:
    """After it all is new: who was there takes a snapshot, and from then on misses nothing."""
    await scene.watch(40)
    first, second = await scene.speaker(0), await scene.speaker(1)
    await asyncio.gather(first.talk(10), second.talk(10))
    await heard_by_all(scene, first, second)
    first.is_doubtful = second.is_doubtful = True
    talking = asyncio.gather(first.talk(30), second.talk(30))
    await fault()  # type: ignore[operator]
    await talking
    await healed(scene, first, second)
    first.is_doubtful = second.is_doubtful = False
    for speaker in (first, second):
        speaker.log.indeterminate |= set(speaker.log.ok)
        speaker.log.ok.clear()
    await asyncio.gather(first.talk(20), second.talk(20))
    await heard_by_all(scene, first, second)


@scenario("pair")
async def redis_loses_everything(pair: Pair, random: Random) -> None:
    async with pair.scene() as scene:

        async def flush() -> None:
            await pair.redis.command("FLUSHALL")

        await _loses_everything(pair, scene, flush)


@scenario("pair")
async def redis_is_killed_and_started_again(pair: Pair, random: Random) -> None:
    async with pair.scene() as scene:

        async def kill() -> None:
            pair.redis.kill()
            await asyncio.sleep(0.2)
            await pair.redis.start()

        await _loses_everything(pair, scene, kill)


@scenario("pair")
async def viewers_who_come_while_redis_is_away_are_let_in_later(pair: Pair, random: Random) -> None:
    async with pair.scene() as scene:
        await scene.watch(10)
        first, second = await scene.speaker(0), await scene.speaker(1)
        pair.redis.freeze()
        coming = asyncio.ensure_future(scene.watch(20))
        await asyncio.sleep(0.1)
        pair.redis.thaw()
        await coming
        await healed(scene, first, second)
        await asyncio.gather(first.talk(10), second.talk(10))
        await heard_by_all(scene, first, second)


@scenario("pair")
async def a_subscription_that_has_fallen_silent_is_noticed(pair: Pair, random: Random) -> None:
    """Its connection stands, but nothing comes any more: within ten seconds it is made anew, and
    what was missed is fetched."""
    async with pair.scene() as scene:
        await scene.watch(20)
        first, second = await scene.speaker(0), await scene.speaker(1)
        await asyncio.gather(first.talk(5), second.talk(5))
        pair.proxy.silence_listeners()
        await asyncio.gather(first.talk(5), second.talk(5))
        await heard_by_all(scene, first, second)
        nobody_forgot(scene)


@scenario("pair")
async def a_hub_is_killed_in_the_middle(pair: Pair, random: Random) -> None:
    """Its viewers go to the other one and miss nothing; it comes back and serves again."""
    async with pair.scene() as scene:
        await scene.watch(80)
        first, second, talking = await talked(scene, 60)
        there = scene.viewers[0]
        await there.until(lambda: len(there.told) > 10, lambda: "the beginning")
        await pair.hubs[0].end(signal.SIGKILL)
        for viewer in scene.viewers:
            viewer.place = scene.place(1)
        await talking
        await heard_by_all(scene, first, second)
        await pair.hubs[0].start()
        await first.come(scene.host_token)
        await scene.watch(20, 0)
        await asyncio.gather(first.talk(10), second.talk(10))
        await heard_by_all(scene, first, second)
        for viewer in scene.viewers:
            if viewer.snapshots != 1:
                raise Broken(f"{viewer} had to forget the past")


@scenario("pair")
async def a_hub_is_stopped_and_lets_its_viewers_go(pair: Pair, random: Random) -> None:
    """They are told to come back, do so on the other one, and miss nothing."""
    async with pair.scene() as scene:
        there = await scene.watch(60, 0)
        first = await scene.speaker(1)
        talking = asyncio.ensure_future(first.talk(150))
        clients = [viewer.client for viewer in there]
        for viewer in there:
            viewer.place = scene.place(1)
        await pair.hubs[0].end(signal.SIGTERM)
        await talking
        await heard_by_all(scene, first)
        nobody_forgot(scene)
        for client in clients:
            assert client is not None
            if client.close_code != 1012:
                raise Broken(f"{client} was let go with {client.close_code}")
        await pair.hubs[0].start()


@scenario("pair")
async def everything_goes_wrong_at_once(pair: Pair, random: Random) -> None:
    """Viewers fall off, subscriptions are cut, connections break, in random order."""
    async with pair.scene() as scene:
        await scene.watch(40)
        first, second, talking = await talked(scene, 150)
        while not talking.done():
            what = random.randrange(10)
            if what == 0:
                await pair.redis.command("CLIENT", "KILL", "TYPE", "pubsub")
            elif what == 1:
                pair.proxy.cut()
            else:
                random.choice(scene.viewers).lose()
            await asyncio.sleep(0.005)
        await talking
        await healed(scene, first, second)
        await heard_by_all(scene, first, second)
