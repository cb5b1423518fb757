"""A gateway and crowds of bare clients in one loop, and the proof that nothing stays behind."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from signaling import payloads as wire
from signaling.caller import Caller
from signaling.gateway import Gateway, GatewayConfig
from signaling.rooms import Kind, Room
from tests.hub_stress.checks import Broken
from tests.hub_stress.raw_client import DEADLINE_S, RawClient
from tests.hub_stress.things import number
from tests.livecommerce.live.hub_process import UNLIMITED
from tests.signaling.hub_under_test import LIVE, Act, Hub, running_hub

JOIN = {"live_session_id": str(LIVE)}
# Quick enough that a scenario sees it, slow enough for a machine that is busy with other tests.
QUICK_PINGS = replace(UNLIMITED, ping_interval_s=3, ping_timeout_s=2)


async def until(condition: Callable[[], bool], what: Callable[[], object]) -> None:
    """Look until it holds; `what` is said when it never does."""
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise Broken(f"never came about: {what()}") from None


def left_over(gateway: Gateway) -> dict[str, int]:
    """What a gateway still holds; all of it is zero when nobody is connected."""
    fanout, heartbeat, server = gateway._fanout, gateway._heartbeat, gateway._server
    identities = gateway._identities
    return {
        "connections": gateway.connection_count,
        "unanswered": gateway.unanswered,
        "rooms": len(fanout.rooms._members),
        "members": len(fanout.rooms._rooms_of),
        "lanes": len(fanout._lanes),
        "timers": len(fanout._timers),
        "passes": len(fanout._passes),
        "newcomers": sum(len(each) for each in fanout._newcomers.values()),
        "skipped": len(fanout._skipped),
        "wheel": sum(len(slot) for slot in heartbeat._wheel),
        "lagging": len(heartbeat._lagging),
        "persons": len(identities._connections_of),
        "expiries": sum(len(each) for each in identities._due.values()),
        "sockets": len(server.eio.sockets),
        "environ": len(server.environ),
        "clients": sum(len(members) for members in _library_rooms(server)),
        "callbacks": len(server.manager.callbacks),
        "pending": sum(len(each) for each in server.manager.pending_disconnect.values()),
    }


def _library_rooms(server: Any) -> list[Any]:
    return [members for rooms in server.manager.rooms.values() for members in rooms.values()]


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


@asynccontextmanager
async def gateway_hub(
    config: GatewayConfig = UNLIMITED, acts: dict[str, Act] | None = None
) -> AsyncIterator[Hub]:
    """A hub whose `session.join` and `session.leave` enter and leave; checked for leaks after."""
    hub: Hub

    async def join(caller: Caller, payload: wire.SessionJoin) -> wire.Wire:
        room = Room(Kind.LIVE_SESSION, payload.live_session_id)
        hub.gateway.enter(caller.connection_id, room)
        return wire.Empty()

    async def leave(caller: Caller, payload: wire.InLiveSession) -> wire.Wire:
        hub.gateway.leave(caller.connection_id, Room(Kind.LIVE_SESSION, payload.live_session_id))
        return wire.Empty()

    table: dict[str, Act] = {"session.join": join, "session.leave": leave, **(acts or {})}
    async with running_hub(config, table) as hub:
        for _ in range(10):
            await asyncio.sleep(0)  # Until what the gateway runs itself has begun.
        tasks, files = len(asyncio.all_tasks()), open_files()
        yield hub
        await until(
            lambda: not any(left_over(hub.gateway).values()),
            lambda: f"a gateway without leftovers: {left_over(hub.gateway)}",
        )
        await until(
            lambda: len(asyncio.all_tasks()) <= tasks and open_files() <= files,
            lambda: (
                f"no more tasks and files than before: {len(asyncio.all_tasks())} (were {tasks}), "
                f"{open_files()} (were {files}); {asyncio.all_tasks()}"
            ),
        )


class Crowd(list[RawClient]):
    """Clients that are opened and closed together."""

    async def add(
        self, url: str, count: int, auth: dict[str, Any] | None = None, **options: Any
    ) -> Sequence[RawClient]:
        """Connected, with the namespace's CONNECT answered."""
        first = len(self)
        opened = await asyncio.gather(
            *(RawClient.open(url, f"client {first + i}", **options) for i in range(count))
        )
        self.extend(opened)
        await asyncio.gather(*(client.connect(auth) for client in opened))
        return opened

    async def close(self) -> None:
        """The frames that no server may send are looked for last."""
        faults = [f"{client}: {client.faults}" for client in self if client.faults]
        for client in self:
            if client.close_code is None:
                client.go_on_reading()
                client.leave()
        await asyncio.gather(*(client.ended() for client in self))
        if faults:
            raise Broken(f"forbidden frames from the server: {faults[:3]}")


@asynccontextmanager
async def crowd(
    hub_url: str, count: int, auth: dict[str, Any] | None = None, **options: Any
) -> AsyncIterator[Crowd]:
    clients = Crowd()
    try:
        await clients.add(hub_url, count, auth, **options)
        yield clients
    except BaseException:
        for client in clients:
            if client.close_code is None:
                client.reset()
        raise
    else:
        await clients.close()


@asynccontextmanager
async def joined_crowd(
    hub: Hub, count: int, auth: dict[str, Any] | None = None, **options: Any
) -> AsyncIterator[Crowd]:
    """Everybody is in the live session of these tests."""
    async with crowd(hub.url, count, auth, **options) as clients:
        await join_all(clients)
        yield clients


async def join_all(clients: Sequence[RawClient], room_id: UUID = LIVE) -> None:
    payload = {"live_session_id": str(room_id)}
    await asyncio.gather(*(client.call("session.join", payload) for client in clients))


def offsets(client: RawClient) -> list[int]:
    """Of all that has a place, in the order in which it was heard."""
    found: list[int] = []
    for heard in client.heard:
        payload = heard.payload
        if heard.name == "chat.posted":
            found.extend(number(message) for message in payload["messages"])
        elif isinstance(payload, dict) and "offset" in payload:
            found.append(number(payload))
    return found
