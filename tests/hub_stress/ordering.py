"""Exact counts and order, for each client, whatever the lane."""

from __future__ import annotations

import asyncio
from random import Random

from signaling import payloads as wire
from signaling.caller import Caller
from signaling.rooms import Kind, Room
from tests.hub_stress.checks import Broken, exactly, once_each, one_order, rising
from tests.hub_stress.gateway_stage import JOIN, Crowd, crowd, gateway_hub, joined_crowd, offsets
from tests.hub_stress.raw_client import RawClient
from tests.hub_stress.registry import scenario
from tests.hub_stress.things import (
    BEFORE_FIRST,
    EPOCH,
    MODERATORS,
    live_room,
    number,
    pin,
    said,
    stocked,
    viewers,
)
from tests.signaling.hub_under_test import PERSON, ROOM, Hub

NUMBERED = ("product.pinned", "chat.posted", "stock.changed")


async def breathe(random: Random, one_in: int = 8) -> None:
    """Let the loop turn now and then, so that bursts and single events both happen."""
    if random.randrange(one_in) == 0:
        await asyncio.sleep(0)


async def all_heard(clients: list[RawClient], offset: int) -> None:
    await asyncio.gather(
        *(
            each.until(lambda each=each: last_offset(each) >= offset, f"offset {offset}")  # type: ignore[misc]
            for each in clients
        )
    )


def last_offset(client: RawClient) -> int:
    for heard in reversed(client.heard):
        if isinstance(heard.payload, dict) and "offset" in heard.payload:
            return number(heard.payload)
    return -1


@scenario("gateway")
async def everybody_hears_every_event_once_in_order(random: Random) -> None:
    async with gateway_hub() as hub, joined_crowd(hub, 120) as clients:
        for offset in range(150):
            hub.gateway.publish(ROOM, "product.pinned", pin(offset))
            await breathe(random)
        await all_heard(clients, 149)
        for client in clients:
            exactly(offsets(client), range(150), client.name)


@scenario("gateway")
async def members_of_many_rooms_hear_their_rooms_only(random: Random) -> None:
    rooms = [live_room(n) for n in range(12)]
    async with gateway_hub() as hub, crowd(hub.url, 80) as clients:
        of = {client: random.sample(rooms, random.randint(1, 12)) for client in clients}
        await asyncio.gather(
            *(
                client.call("session.join", {"live_session_id": str(room.id)})
                for client in clients
                for room in of[client]
            )
        )
        published: dict[Room, list[int]] = {room: [] for room in rooms}
        for offset in range(400):
            room = random.choice(rooms)
            published[room].append(offset)
            hub.gateway.publish(room, "product.pinned", pin(offset, room))
            await breathe(random)
        for client in clients:
            expected = [n for n in range(400) if any(n in published[room] for room in of[client])]
            await client.hears("product.pinned", len(expected))
            exactly(offsets(client), expected, client.name)


@scenario("gateway")
async def chat_comes_whole_and_in_order_in_few_frames(random: Random) -> None:
    async with gateway_hub() as hub, joined_crowd(hub, 80) as clients:
        for offset in range(500):
            hub.gateway.publish(ROOM, "chat.posted", said(offset))
            await breathe(random)
        await all_heard(clients, 499)
        for client in clients:
            exactly(offsets(client), range(500), client.name)
            if len(client.of["chat.posted"]) > 50:
                raise Broken(f"{client} got a frame for nearly every message")


@scenario("gateway")
async def lanes_keep_one_order_and_counts_their_newest(random: Random) -> None:
    """Pins, chat and counts mixed: nothing overtakes; of each subject the newest count arrives."""
    async with gateway_hub() as hub, joined_crowd(hub, 60) as clients:
        kinds = {}
        newest: dict[int, int] = {}
        for offset in range(300):
            kind = kinds[offset] = random.choice(("pin", "chat", "count"))
            if kind == "pin":
                hub.gateway.publish(ROOM, "product.pinned", pin(offset))
            elif kind == "chat":
                hub.gateway.publish(ROOM, "chat.posted", said(offset))
            else:
                variant = random.randrange(4)
                newest[variant] = offset
                hub.gateway.publish(ROOM, "stock.changed", stocked(offset, variant))
            await breathe(random, 3)
        hub.gateway.publish(ROOM, "product.pinned", pin(300))
        await all_heard(clients, 300)
        for client in clients:
            heard = offsets(client)
            frames = [number(each.payload) for each in client.heard if each.name in NUMBERED]
            rising(frames, client.name)
            whole = [n for n in range(300) if kinds[n] != "count"]
            exactly([n for n in heard if n < 300 and kinds[n] != "count"], whole, client.name)
            last = {
                int(each["variant_id"][-2:], 16): number(each)
                for each in client.of["stock.changed"]
            }
            if last != newest:
                raise Broken(f"{client.name} knows the stock of {last}, not of {newest}")


@scenario("gateway")
async def whoever_is_cut_off_after_any_frame_lacks_nothing_before_it(random: Random) -> None:
    """A viewer asks for what came after the last frame that it got, so that frame stands for all
    that came before it."""
    async with gateway_hub() as hub, joined_crowd(hub, 1) as clients:
        (client,) = clients
        kept = set()
        for offset in range(300):
            kind = random.choice(("pin", "chat", "chat", "count", "count"))
            if kind == "count":
                hub.gateway.publish(ROOM, "stock.changed", stocked(offset, random.randrange(3)))
            else:
                kept.add(offset)
                name, make = ("product.pinned", pin) if kind == "pin" else ("chat.posted", said)
                hub.gateway.publish(ROOM, name, make(offset))
            await breathe(random, 20)
        hub.gateway.publish(ROOM, "product.pinned", pin(300))
        await all_heard(clients, 300)
        known: set[int] = set()
        for heard in client.heard:
            if heard.name not in NUMBERED:
                continue
            position = number(heard.payload)
            known |= {number(each) for each in heard.payload.get("messages", [heard.payload])}
            lacking = {each for each in kept if each <= position} - known
            if lacking:
                raise Broken(f"{heard.name} of {position} came before {sorted(lacking)}")


@scenario("gateway")
async def state_shows_the_newest_in_few_frames(random: Random) -> None:
    async with gateway_hub() as hub, joined_crowd(hub, 60) as clients:
        for count in range(1, 400):
            hub.gateway.publish(ROOM, "viewers.counted", viewers(count))
            await breathe(random)
        for client in clients:
            events = client.of["viewers.counted"]
            await client.until(lambda e=events: bool(e) and e[-1]["viewers"] == 399, "399")  # type: ignore[misc]
            rising([each["viewers"] for each in events], client.name)
            if len(events) > 20:
                raise Broken(f"{client.name} got {len(events)} frames of the lane state")


@scenario("gateway")
async def acknowledgements_room_and_person_keep_the_order_of_their_making(random: Random) -> None:
    """A call that tells the room, the person, and then answers: heard in this order."""
    hub: Hub
    offset = 0

    async def react(caller: Caller, payload: wire.ReactionSend) -> wire.Wire:
        nonlocal offset
        offset += 1
        room, person = ROOM, Room(Kind.PERSON, PERSON)
        hub.gateway.publish(room, "product.pinned", pin(offset, room))
        hub.gateway.publish(person, "product.unpinned", pin(offset, room))
        if random.random() < 0.3:
            await asyncio.sleep(0)
        return wire.Empty()

    async with (
        gateway_hub(acts={"reaction.send": react}) as hub,
        joined_crowd(hub, 12, {"token": "customer"}) as clients,
    ):
        calls = [
            client.call("reaction.send", JOIN | {"count": 1})
            for _ in range(20)
            for client in clients
        ]
        await asyncio.gather(*calls)
        await all_heard(clients, offset)
        orders = {}
        for client in clients:
            pinned = [number(each) for each in client.of["product.pinned"]]
            exactly(pinned, range(1, offset + 1), client.name)
            exactly([number(each) for each in client.of["product.unpinned"]], pinned, client.name)
            names = [heard.name for heard in client.heard]
            acks = [name for name in names if name.startswith("ack:")]
            exactly(acks, [f"ack:{n}" for n in range(1, 22)], client.name)
            orders[client.name] = [
                (each.name, each.payload["offset"])
                for each in client.heard
                if each.name.startswith("product.")
            ]
        one_order(orders)


@scenario("gateway")
async def own_events_come_before_the_answer_that_followed_them(random: Random) -> None:
    """Calls of one connection at once, each telling only it: event n, then answer n."""
    hub: Hub

    async def react(caller: Caller, payload: wire.ReactionSend) -> wire.Wire:
        if random.random() < 0.5:
            await asyncio.sleep(0)
        hub.gateway.publish(Room(Kind.PERSON, PERSON), "product.pinned", pin(payload.count))
        return wire.Empty()

    async with (
        gateway_hub(acts={"reaction.send": react}) as hub,
        crowd(hub.url, 1, {"token": "customer"}) as clients,
    ):
        (client,) = clients
        numbers = [random.randint(1, 20) for _ in range(200)]
        await asyncio.gather(
            *(client.call("reaction.send", JOIN | {"count": number}) for number in numbers)
        )
        heard = [
            number(each.payload) if each.name == "product.pinned" else each.name
            for each in client.heard
            if each.name != "connect"
        ]
        expected = [x for i, n in enumerate(numbers, 1) for x in (n, f"ack:{i}")]
        exactly(heard, expected, client.name)


@scenario("gateway")
async def newcomers_to_a_chat_that_waits_get_only_what_is_newer(random: Random) -> None:
    """Whoever joins with a position hears each later message once, also of a waiting batch."""
    hub: Hub
    offset = -1

    async def join(caller: Caller, payload: wire.SessionJoin) -> wire.Wire:
        hub.gateway.enter(
            caller.connection_id, ROOM, wire.Position(epoch=EPOCH, offset=offset + BEFORE_FIRST)
        )
        return wire.RenewOk(
            you=wire.You(role="anonymous", display_name=str(offset), user_id=None, is_host=False)
        )

    async with gateway_hub(acts={"session.join": join}) as hub, crowd(hub.url, 100) as clients:
        joining = {}
        for number in range(300):
            offset = number
            hub.gateway.publish(ROOM, "chat.posted", said(number))
            if number % 3 == 0:
                client = clients[number // 3]
                joining[client] = client.ask("session.join", JOIN)
            await breathe(random, 2)
        answers = {client: await answer for client, answer in joining.items()}
        hub.gateway.publish(ROOM, "product.pinned", pin(300))
        await all_heard(clients, 300)
        for client, answer in answers.items():
            known = int(answer["ok"]["you"]["display_name"])
            exactly(offsets(client), range(known + 1, 301), client.name)


@scenario("gateway")
async def moderators_read_all_and_others_are_told_how_much_they_do_not(random: Random) -> None:
    hub: Hub

    async def join(caller: Caller, payload: wire.SessionJoin) -> wire.Wire:
        hub.gateway.enter(caller.connection_id, ROOM, None)
        if caller.identity is not None:
            hub.gateway.enter(caller.connection_id, MODERATORS, None)
        return wire.Empty()

    async with gateway_hub(acts={"session.join": join}) as hub, Crowds(hub) as (some, moderators):
        for offset in range(400):
            by_host = offset % 10 == 0
            hub.gateway.publish(ROOM, "chat.posted", said(offset, is_host=by_host))
            await breathe(random)
        hub.gateway.publish(ROOM, "product.pinned", pin(400))
        await all_heard([*some, *moderators], 400)
        for client in moderators:
            exactly(offsets(client), range(401), client.name)
        for client in some:
            heard = offsets(client)
            rising(heard, client.name)
            if not set(range(0, 400, 10)) <= set(heard):
                raise Broken(f"{client.name} misses messages of the host")
            left_out = sum(each["left_out"] for each in client.of["chat.posted"])
            if len(heard) - 1 + left_out != 400 or left_out == 0:
                raise Broken(f"{client.name}: {len(heard) - 1} shown and {left_out} left out")
        once_each([tuple(offsets(client)) for client in some[:1]], "the first")


class Crowds:
    """Forty viewers and three moderators in the live session."""

    def __init__(self, hub: Hub) -> None:
        self._some = joined_crowd(hub, 40)
        self._moderators = joined_crowd(hub, 3, {"token": "customer"})

    async def __aenter__(self) -> tuple[Crowd, Crowd]:
        return await self._some.__aenter__(), await self._moderators.__aenter__()

    async def __aexit__(self, *failure: object) -> None:
        await self._moderators.__aexit__(*failure)  # type: ignore[arg-type]
        await self._some.__aexit__(*failure)  # type: ignore[arg-type]
