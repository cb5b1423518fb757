"""Storms: many who come, go, fall off, or come again in the same moment."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from random import Random
from uuid import UUID

from signaling import payloads as wire
from signaling.caller import Caller, Identity
from signaling.closing import DRAINING
from signaling.rooms import ROOMS_PER_CONNECTION, Kind, Room
from tests.hub_stress.checks import Broken, exactly
from tests.hub_stress.gateway_stage import (
    JOIN,
    Crowd,
    crowd,
    gateway_hub,
    join_all,
    joined_crowd,
    left_over,
    offsets,
    until,
)
from tests.hub_stress.ordering import all_heard, breathe
from tests.hub_stress.raw_client import Gone, RawClient, Refusal
from tests.hub_stress.registry import scenario
from tests.hub_stress.things import live_room, pin
from tests.livecommerce.live.hub_process import UNLIMITED
from tests.signaling.hub_under_test import ROLES, ROOM, Hub


@scenario("gateway")
async def everybody_comes_at_once_while_the_room_is_told(random: Random) -> None:
    """Each hears a stretch without a hole, from the moment of the join to the end."""
    async with gateway_hub() as hub, crowd(hub.url, 0) as clients:
        coming = asyncio.gather(*(_come(hub, clients) for _ in range(250)))
        offset = 0
        while not coming.done():
            # Each is written to all who are in: without an end to it nobody else would get in.
            if offset < 500:
                hub.gateway.publish(ROOM, "product.pinned", pin(offset))
                offset += 1
            await asyncio.sleep(0)
        await coming
        hub.gateway.publish(ROOM, "product.pinned", pin(offset))
        await all_heard(clients, offset)
        for client in clients:
            heard = offsets(client)
            exactly(heard, range(heard[0], offset + 1), client.name)


async def _come(hub: Hub, clients: Crowd) -> None:
    (client,) = await clients.add(hub.url, 1)
    await client.call("session.join", JOIN)


@scenario("gateway")
async def rooms_are_entered_and_left_in_every_order(random: Random) -> None:
    """Nothing of a room is heard after the leaving was answered, nor before it was entered."""
    rooms = [live_room(n) for n in range(6)]
    async with gateway_hub() as hub, crowd(hub.url, 50) as clients:

        async def wander(client: RawClient) -> None:
            for _ in range(25):
                room = random.choice(rooms)
                payload = {"live_session_id": str(room.id)}
                await client.call(random.choice(("session.join", "session.leave")), payload)

        wandering = asyncio.gather(*(wander(client) for client in clients))
        offset = 0
        while not wandering.done():
            hub.gateway.publish((room := random.choice(rooms)), "product.pinned", pin(offset, room))
            offset += 1
            await asyncio.sleep(0)
        await wandering
        for room in rooms:
            heard_it = {c for c in clients if _is_inside(c, room)}
            if len(heard_it) != hub.gateway.size(room):
                raise Broken(f"{hub.gateway.size(room)} in a room of {len(heard_it)}")


def _is_inside(client: RawClient, room: Room) -> bool:
    """By what the client asked for; raises when it heard what was not for it."""
    asked = [each for each in client.sent if each[0] in ("session.join", "session.leave")]
    inside: set[str] = set()
    answered = 0
    for heard in client.heard:
        if heard.name.startswith("ack:"):
            name, payload = asked[answered]
            answered += 1
            (inside.add if name == "session.join" else inside.discard)(payload["live_session_id"])
        elif heard.name == "product.pinned":
            # It is entered before the answer is on its way, and left likewise.
            asking = asked[answered][1]["live_session_id"] if answered < len(asked) else None
            if heard.payload["live_session_id"] not in (*inside, asking):
                raise Broken(f"{client.name} heard a room that it is not in")
    return str(room.id) in inside


@scenario("gateway")
async def half_of_the_crowd_is_reset_while_the_room_is_told(random: Random) -> None:
    async with gateway_hub() as hub, joined_crowd(hub, 100) as stays:
        async with joined_crowd(hub, 150) as goes:
            going = list(goes)
            random.shuffle(going)
            for offset in range(150):
                hub.gateway.publish(ROOM, "product.pinned", pin(offset))
                going[offset].reset()
                await breathe(random, 3)
            await asyncio.gather(*(client.ended() for client in going))
            await until(
                lambda: hub.gateway.connection_count == 100,
                lambda: f"100 connections: {left_over(hub.gateway)}",
            )
        await all_heard(stays, 149)
        for client in stays:
            exactly(offsets(client), range(150), client.name)
        for client in goes:
            exactly(offsets(client), range(len(offsets(client))), client.name)


@scenario("gateway")
async def everybody_leaves_at_once_in_every_way(random: Random) -> None:
    """By a close frame, by the end of the stream, by a reset, by engine.io's and Socket.IO's own
    good-bye: nothing stays behind."""
    async with gateway_hub() as hub, joined_crowd(hub, 200) as clients:
        for client in clients:
            way = random.randrange(5)
            if way < 3:
                (client.leave, client.hang_up, client.reset)[way]()
            else:
                client.text(("1", "41")[way - 3])
        hub.gateway.publish(ROOM, "product.pinned", pin(0))
        await asyncio.gather(*(client.ended() for client in clients))


@scenario("gateway")
async def clients_come_and_go_all_the_time(random: Random) -> None:
    """Ten generations of short lives beside a steady crowd that misses nothing."""
    async with gateway_hub() as hub, joined_crowd(hub, 40) as steady:
        offset = 0
        for _ in range(10):
            async with joined_crowd(hub, 25) as short:
                for _ in range(5):
                    hub.gateway.publish(ROOM, "product.pinned", pin(offset))
                    offset += 1
                    random.choice(short).reset()
        await all_heard(steady, offset - 1)
        for client in steady:
            exactly(offsets(client), range(offset), client.name)


@scenario("gateway")
async def whoever_goes_while_its_message_is_worked_on_leaves_nothing(random: Random) -> None:
    hub: Hub
    release = asyncio.Event()

    async def react(caller: Caller, payload: wire.ReactionSend) -> wire.Wire:
        await release.wait()
        hub.gateway.publish(ROOM, "product.pinned", pin(1))
        return wire.Empty()

    async with (
        gateway_hub(acts={"reaction.send": react}) as hub,
        joined_crowd(hub, 60, {"token": "customer"}) as clients,
    ):
        for client in clients:
            for _ in range(random.randint(1, 4)):
                _ = client.ask("reaction.send", JOIN | {"count": 1})
        await until(lambda: hub.gateway.unanswered == 60, lambda: hub.gateway.unanswered)
        for client in clients:
            random.choice((client.reset, client.hang_up, client.leave))()
        release.set()
        await asyncio.gather(*(client.ended() for client in clients))


@scenario("gateway")
async def messages_of_one_connection_are_worked_on_one_at_a_time(random: Random) -> None:
    running: dict[str, int] = {}

    async def react(caller: Caller, payload: wire.ReactionSend) -> wire.Wire:
        running[caller.connection_id] = running.get(caller.connection_id, 0) + 1
        if running[caller.connection_id] > 1:
            raise Broken("two messages of one connection at once")
        for _ in range(random.randrange(4)):
            await asyncio.sleep(0)
        running[caller.connection_id] -= 1
        return wire.Empty()

    async with (
        gateway_hub(acts={"reaction.send": react}) as hub,
        crowd(hub.url, 40, {"token": "customer"}) as clients,
    ):
        answers = [
            client.ask("reaction.send", JOIN | {"count": 1})
            for client in clients
            for _ in range(25)
        ]
        if any(answer != {"ok": {}} for answer in await asyncio.gather(*answers)):
            raise Broken("an answer was a refusal")
        for client in clients:
            acks = [heard.name for heard in client.heard if heard.name.startswith("ack:")]
            exactly(acks, [f"ack:{n}" for n in range(1, 26)], client.name)


@scenario("gateway")
async def the_room_too_many_is_refused_and_the_others_stay(random: Random) -> None:
    async with gateway_hub() as hub, crowd(hub.url, 20) as clients:
        rooms = [live_room(n) for n in range(ROOMS_PER_CONNECTION + 5)]
        for client in clients:
            random.shuffle(rooms)
            for number, room in enumerate(rooms):
                answer = await client.ask("session.join", {"live_session_id": str(room.id)})
                code = answer.get("refused", {}).get("code")
                if code != (None if number < ROOMS_PER_CONNECTION else "rate.limited"):
                    raise Broken(f"room {number} was answered with {answer}")
            # Whoever leaves one may enter another.
            await client.call("session.leave", {"live_session_id": str(rooms[0].id)})
            await client.call("session.join", {"live_session_id": str(rooms[-1].id)})


@scenario("gateway")
async def connections_beyond_the_limit_are_told_to_come_back(random: Random) -> None:
    config = replace(UNLIMITED, max_connections=50)
    async with gateway_hub(config) as hub, joined_crowd(hub, 50) as clients:
        late = await asyncio.gather(*(RawClient.open(hub.url) for _ in range(20)))
        for client in late:
            if client.status != 503 or b"\r\nRetry-After: " not in client.head:
                raise Broken(f"a connection too many got {client.head!r}")
            client.hang_up()
        for leaver in random.sample(list(clients), 10):
            leaver.leave()
            await leaver.ended()
        await until(lambda: hub.gateway.connection_count == 40, lambda: left_over(hub.gateway))
        again = await clients.add(hub.url, 10)
        await join_all(again)
        hub.gateway.publish(ROOM, "product.pinned", pin(0))
        await all_heard([each for each in clients if each.close_code is None], 0)


@scenario("gateway")
async def whoever_changes_on_an_open_connection_hears_the_person_it_is(random: Random) -> None:
    """auth.renew in a storm: what is told to a person reaches that person only."""
    hub: Hub
    people = {role: UUID(int=number) for number, role in enumerate(ROLES, 1)}

    async def renew(caller: Caller, payload: wire.AuthRenew) -> wire.Wire:
        await asyncio.sleep(0)
        identity = Identity(people[payload.token], payload.token, "Asha", expires_at_s=2_000.0)  # type: ignore[index, arg-type]
        hub.gateway.identify(caller.connection_id, identity)
        return wire.Empty()

    async with gateway_hub(acts={"auth.renew": renew}) as hub, joined_crowd(hub, 60) as clients:
        who = {}
        for round_ in range(6):
            for client in clients:
                role = who[client] = random.choice(ROLES)
                _ = client.ask("auth.renew", {"token": role})
            await asyncio.gather(*(_has_acks(client, round_ + 2) for client in clients))
            for number, role in enumerate(ROLES):
                room = Room(Kind.PERSON, people[role])
                hub.gateway.publish(room, "product.pinned", pin(10 * round_ + number))
            await asyncio.gather(*(c.hears("product.pinned", round_ + 1) for c in clients))
            for client in clients:
                heard = offsets(client)[-1]
                if heard != 10 * round_ + ROLES.index(who[client]):
                    raise Broken(f"{client.name} is {who[client]} and heard {heard}")


async def _has_acks(client: RawClient, count: int) -> None:
    def has() -> bool:
        return sum(heard.name.startswith("ack:") for heard in client.heard) >= count

    await client.until(has, "its answer")


@scenario("gateway")
async def whoever_is_let_go_is_told_to_come_back(random: Random) -> None:
    """Over a moment, in random order, hosts last; nobody new comes in meanwhile."""
    hub: Hub
    forced = asyncio.Event()
    order: list[str] = []

    async def start(caller: Caller, payload: wire.InLiveSession) -> wire.Wire:
        hub.gateway.enter(caller.connection_id, Room(Kind.HOST, payload.live_session_id))
        return wire.Empty()

    async with (
        gateway_hub(acts={"session.start": start}) as hub,
        joined_crowd(hub, 5, {"token": "influencer"}) as hosts,
        joined_crowd(hub, 80) as clients,
    ):
        for number, host in enumerate(hosts):
            host.name = f"host {number}"
            await host.call("session.start", JOIN)
        watching = [asyncio.ensure_future(_ended(each, order)) for each in (*hosts, *clients)]
        letting_go = asyncio.ensure_future(hub.gateway.let_go(1.0, forced, random.random))
        await clients[0].until(lambda: bool(order) or True, "anything")
        late = await RawClient.open(hub.url)
        if late.status != 503:
            raise Broken(f"a newcomer was answered with {late.status} during the drain")
        late.hang_up()
        await asyncio.gather(letting_go, *watching)
        if not all(name.startswith("host") for name in order[-5:]):
            raise Broken(f"hosts were not let go last: {order[-8:]}")
        for client in (*hosts, *clients):
            if client.close_code != DRAINING.code or "retry_after_s" not in client.close_text:
                raise Broken(f"{client} was let go with {client.close_text!r}")


async def _ended(client: RawClient, order: list[str]) -> None:
    await client.ended()
    order.append(client.name)


@scenario("gateway")
async def wrong_tokens_do_not_disturb_those_who_are_there(random: Random) -> None:
    async with gateway_hub() as hub, joined_crowd(hub, 40) as clients:
        bad = await asyncio.gather(*(RawClient.open(hub.url, f"bad {n}") for n in range(60)))
        tokens: list[object] = ["", "x" * 9000, "nobody", 5, {}, [], True]

        async def knock(client: RawClient) -> None:
            try:
                await client.connect({"token": random.choice(tokens)})
            except Refusal as refusal:
                if refusal.code != "auth.invalid":
                    raise Broken(f"a wrong token was refused as {refusal.code}") from refusal
                client.leave()
            except Gone:
                raise Broken("a wrong token ended the connection without a word") from None
            else:
                raise Broken("a wrong token was let in")

        knocking = asyncio.gather(*(knock(client) for client in bad))
        for offset in range(100):
            hub.gateway.publish(ROOM, "product.pinned", pin(offset))
            await breathe(random, 2)
        await knocking
        await all_heard(clients, 99)
        for client in clients:
            exactly(offsets(client), range(100), client.name)
        await asyncio.gather(*(client.ended() for client in bad))
