"""Rooms that are written to in turns: between two turns anything may happen, and order holds."""

from __future__ import annotations

import asyncio
from random import Random

from signaling import fanout
from signaling import payloads as wire
from signaling.caller import Caller
from tests.hub_stress.checks import Broken, exactly
from tests.hub_stress.gateway_stage import JOIN, crowd, gateway_hub, joined_crowd, offsets
from tests.hub_stress.ordering import all_heard, breathe
from tests.hub_stress.raw_client import RawClient
from tests.hub_stress.registry import scenario
from tests.hub_stress.things import pin
from tests.signaling.hub_under_test import ROOM, Hub


class _SmallTurns:
    """Rooms are written to in turns of eight sockets, as if they were of many thousands."""

    def __enter__(self) -> None:
        self._former = fanout.TURN_WRITES
        fanout.TURN_WRITES = 8  # type: ignore[misc]

    def __exit__(self, *_: object) -> None:
        fanout.TURN_WRITES = self._former  # type: ignore[misc]


@scenario("gateway")
async def room_that_is_written_to_in_turns_has_one_order(random: Random) -> None:
    with _SmallTurns():
        async with gateway_hub() as hub, joined_crowd(hub, 100) as clients:
            for offset in range(120):
                hub.gateway.publish(ROOM, "product.pinned", pin(offset))
                await breathe(random, 3)
            await all_heard(clients, 119)
            for client in clients:
                exactly(offsets(client), range(120), client.name)


@scenario("gateway")
async def answers_wait_for_what_the_room_heard_before_them(random: Random) -> None:
    """Between the turns of a room, calls are answered: first what the caller still lacks."""
    hub: Hub
    offset = 0

    async def react(caller: Caller, payload: wire.ReactionSend) -> wire.Wire:
        nonlocal offset
        offset += 1
        hub.gateway.publish(ROOM, "product.pinned", pin(offset))
        return wire.Empty()

    with _SmallTurns():
        async with (
            gateway_hub(acts={"reaction.send": react}) as hub,
            joined_crowd(hub, 60, {"token": "customer"}) as clients,
        ):
            callers = random.sample(list(clients), 20)
            for _ in range(10):
                answers = [each.ask("reaction.send", JOIN | {"count": 1}) for each in callers]
                await asyncio.gather(*answers)
            await all_heard(clients, offset)
            for client in clients:
                exactly(offsets(client), range(1, offset + 1), client.name)
            for client in callers:
                _told_before_answered(client)


def _told_before_answered(client: RawClient) -> None:
    """With its n-th answer a caller has heard at least the n events that it made itself."""
    told = answered = 0
    for heard in client.heard:
        told += heard.name == "product.pinned"
        answered += heard.name.startswith("ack:") and heard.name != "ack:1"
        if answered > told:
            raise Broken(f"{client.name} was answered before it was told")


@scenario("gateway")
async def those_who_come_and_go_between_turns_hear_a_stretch_without_a_hole(
    random: Random,
) -> None:
    with _SmallTurns():
        async with gateway_hub() as hub, joined_crowd(hub, 40) as steady, crowd(hub.url, 40) as new:
            moves = []
            for offset in range(160):
                hub.gateway.publish(ROOM, "product.pinned", pin(offset))
                if offset % 4 == 0 and offset // 4 < len(new):
                    moves.append(new[offset // 4].ask("session.join", JOIN))
                elif offset % 4 == 2 and offset >= 80 and (offset - 80) // 2 < len(new):
                    moves.append(new[(offset - 80) // 2].ask("session.leave", JOIN))
                await breathe(random, 3)
            await asyncio.gather(*moves)
            hub.gateway.publish(ROOM, "product.pinned", pin(160))
            await all_heard(steady, 160)
            for client in steady:
                exactly(offsets(client), range(161), client.name)
            for client in new:
                heard = offsets(client)
                exactly(heard, range(heard[0], heard[0] + len(heard)) if heard else [], client.name)
