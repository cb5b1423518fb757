"""Two processes with one bus: what is said on either is heard on both, once, in one order."""

from __future__ import annotations

import asyncio
import uuid
from random import Random

from tests.hub_stress.checks import Broken, OpLog, one_order
from tests.hub_stress.pair import Pair, Scene
from tests.hub_stress.raw_client import RawClient
from tests.hub_stress.registry import scenario
from tests.hub_stress.viewers import Speaker, together


def judge_all(scene: Scene, log: OpLog) -> None:
    whole = max((viewer.told for viewer in scene.viewers), key=len)
    for viewer in scene.viewers:
        viewer.judge(log, whole)
    # What was said while Redis was away is heard at once here, and later there.
    apart = log.apart.union(*(viewer.apart for viewer in scene.viewers))
    one_order(
        {
            viewer.name: [each for each in viewer.told if each not in apart]
            for viewer in scene.viewers
        }
    )


async def heard_by_all(scene: Scene, *speakers: Speaker) -> None:
    """A last message: whoever has it has all that came before."""
    (speaker, *_) = (each for each in speakers if each.is_there)
    last = await speaker.say()
    await scene.all_know({last})
    judge_all(scene, together(*speakers))


def nobody_forgot(scene: Scene) -> None:
    for viewer in scene.viewers:
        if viewer.snapshots != 1:
            raise Broken(f"{viewer} had to forget the past")


@scenario("pair")
async def both_hubs_tell_the_same_in_the_same_order(pair: Pair, random: Random) -> None:
    async with pair.scene() as scene:
        await scene.watch(100)
        speakers = [await scene.speaker(n % 2) for n in range(6)]
        await asyncio.gather(*(speaker.talk(25) for speaker in speakers))
        await heard_by_all(scene, *speakers)
        nobody_forgot(scene)


@scenario("pair")
async def the_same_message_sent_twice_at_once_is_one(pair: Pair, random: Random) -> None:
    """By connections of one person on both hubs: all are answered, it is heard once."""
    async with pair.scene() as scene:
        await scene.watch(30)
        speakers = [await scene.speaker(n % 2) for n in range(4)]
        ids = [str(uuid.uuid4()) for _ in range(40)]
        for id_ in ids:
            await asyncio.gather(*(speaker.say(id_) for speaker in speakers))
        log = together(*speakers)
        if set(log.ok) != set(ids) or len(log.ok) != 4 * len(ids):
            raise Broken(f"{len(log.ok)} of {4 * len(ids)} messages were taken")
        log.ok = ids
        await scene.all_know({ids[-1]})
        judge_all(scene, log)


@scenario("pair")
async def those_who_come_while_it_is_said_have_all_of_it(pair: Pair, random: Random) -> None:
    """A storm of joins: snapshot and what follows are everything, once."""
    async with pair.scene() as scene:
        speakers = [await scene.speaker(hub) for hub in (0, 1)]
        talking = asyncio.gather(*(speaker.talk(60) for speaker in speakers))
        while not talking.done() and len(scene.viewers) < 80:
            await scene.watch(10)
        await talking
        await heard_by_all(scene, *speakers)
        nobody_forgot(scene)


@scenario("pair")
async def a_room_is_opened_by_many_at_once(pair: Pair, random: Random) -> None:
    """Nobody was there; a hundred come in the same moment, and somebody speaks at once."""
    async with pair.scene() as scene:
        coming = asyncio.ensure_future(scene.watch(100))
        speaker = await scene.speaker(0)
        await speaker.talk(30)
        await coming
        await heard_by_all(scene, speaker)


@scenario("pair")
async def live_sessions_do_not_hear_each_other(pair: Pair, random: Random) -> None:
    async with pair.scene() as one, pair.scene(is_alone=False) as other:
        await asyncio.gather(one.watch(40), other.watch(40))
        in_one, in_other = await one.speaker(0), await other.speaker(1)
        await asyncio.gather(in_one.talk(40), in_other.talk(40))
        await heard_by_all(one, in_one)
        await heard_by_all(other, in_other)


@scenario("pair")
async def pins_and_chat_are_in_one_order_on_both_hubs(pair: Pair, random: Random) -> None:
    """Pins come by the database, chat straight from the speaker."""
    async with pair.scene() as scene:
        await scene.watch(40)
        speaker = await scene.speaker(1)
        assert speaker.client is not None
        choice = {
            "live_session_id": scene.live_session_id,
            "product_id": str(pair.product.id),
        }
        for number in range(10):
            name = "product.unpin" if number % 2 else "product.pin"
            await asyncio.gather(speaker.client.call(name, choice), speaker.talk(4))
        await heard_by_all(scene, speaker)
        orders = {}
        for viewer in scene.viewers:
            assert viewer.client is not None
            heard = viewer.client
            await heard.hears("product.unpinned", 5)
            orders[viewer.name] = _pins_among(heard)
        one_order(orders)
        nobody_forgot(scene)


def _pins_among(client: RawClient) -> list[object]:
    found: list[object] = []
    for heard in client.heard:
        if heard.name.startswith("product."):
            found.append((heard.name, heard.payload["offset"]))
        elif heard.name == "chat.posted":
            found.extend(message["id"] for message in heard.payload["messages"])
    return found
