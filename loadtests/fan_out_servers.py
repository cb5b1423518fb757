"""The Python servers whose fan-out is compared: ours and stock python-socketio, each a process.

    python -m loadtests.fan_out_servers ours|stock

Both let every client into one room when it sends `session.join`, and are told what to do by JSON
lines on their standard input; each is answered by a line:

    {"do": "emit"}                                 one event of 174 bytes on the wire to the room
    {"do": "chat", "per_s": 20, "seconds": 10}     ours only: chat through its lane
    {"do": "watched"}, {"do": "unwatched"}         begin to watch the loop and say how long it was
                                                   blocked at most since the last time; end that
    {"do": "collect"}                              collect garbage, so that memory can be compared

Ours is the Gateway as the hub runs it: lanes, slow-viewer checks, heart beat, limits, metrics and
the hub's garbage collection are on; what a handler does is trivial.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
import time
from typing import Any, Protocol
from uuid import UUID

import orjson
import socketio
import uvloop
from aiohttp import web

from livecommerce.app.garbage import GarbageCollection
from signaling import chat_payloads as chat
from signaling import json as wire_json
from signaling import payloads as wire
from signaling.caller import Caller, Identity
from signaling.contract import INWARD
from signaling.gateway import Gateway, GatewayConfig
from signaling.refusals import Refused
from signaling.rooms import Kind, Room

LIVE = UUID("00000000-0000-7000-8000-000000000001")
ROOM = Room(Kind.LIVE_SESSION, LIVE)
EVENT = "product.pinned"
# With its name and frame header 174 bytes, as a short chat message has.
PINNED = wire.ProductPinned(live_session_id=LIVE, epoch="e" * 14, offset=1000, product_id=LIVE)
MAX_CONNECTIONS = 12_000
CHATTERS = 200
LINE = "Is the blue one left in size M?"
BEAT_S = 0.001


class Server(Protocol):
    """One of the two: an application and what it can be told."""

    app: web.Application

    def emit(self) -> None: ...

    async def chat(self, number: int) -> None: ...


class Ours:
    """signaling.gateway.Gateway with a handler that lets people in."""

    def __init__(self) -> None:
        self.app = web.Application()
        config = GatewayConfig(max_connections=MAX_CONNECTIONS)
        self._gateway = Gateway(_nobody, config, epoch_s=time.time)
        self._gateway.bind(
            {
                event.name: self._enter if event.name == "session.join" else _nothing
                for event in INWARD
            }
        )
        self._gateway.attach(self.app)
        self.app.cleanup_ctx.append(self._beating)

    async def _beating(self, _app: web.Application) -> Any:
        collecting = GarbageCollection(lambda: self._gateway.unanswered).run()
        tasks = [asyncio.create_task(each) for each in (self._gateway.run(), collecting)]
        yield
        for task in tasks:
            task.cancel()

    async def _enter(self, caller: Caller, _payload: Any) -> wire.Wire:
        self._gateway.enter(caller.connection_id, ROOM)
        return wire.Empty()

    def emit(self) -> None:
        self._gateway.publish(ROOM, EVENT, PINNED)

    async def chat(self, number: int) -> None:
        message = chat.PostedMessage(
            id=UUID(int=number),
            text=LINE,
            name="Asha",
            role="customer",
            is_host=False,
            sent_at_ms=int(time.time() * 1000),
            author_id=UUID(int=number % CHATTERS),
            offset=number,
            # It is one, and never left out of what a busy room is shown.
            marks=("question",),
        )
        posted = chat.ChatPosted(
            live_session_id=LIVE, epoch="e", offset=number, messages=(message,)
        )
        self._gateway.publish(ROOM, "chat.posted", posted)


class Stock:
    """python-socketio as it comes, with orjson; deflate is up to what the clients offer."""

    def __init__(self) -> None:
        self.app = web.Application()
        self._sio = socketio.AsyncServer(
            async_mode="aiohttp", json=wire_json, cors_allowed_origins="*"
        )
        self._sio.attach(self.app)
        self._sio.on("session.join", self._enter)
        self._tasks: set[asyncio.Task[None]] = set()

    async def _enter(self, sid: str, _payload: Any) -> Any:
        await self._sio.enter_room(sid, "room")
        return {"ok": {}}

    def emit(self) -> None:
        payload = PINNED.model_dump(mode="json")
        task = asyncio.create_task(self._sio.emit(EVENT, payload, room="room"))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def chat(self, number: int) -> None:
        raise NotImplementedError("stock has no lanes")


async def _nobody(_token: str) -> Identity:
    raise Refused("auth.invalid")


async def _nothing(_caller: Caller, _payload: Any) -> wire.Wire:
    return wire.Empty()


class LoopWatch:
    """The longest time for which the event loop came to nothing else, in wall clock and in CPU, and
    the longest look for garbage among that."""

    def __init__(self) -> None:
        self.wall_s = self.cpu_s = self.garbage_s = 0.0
        self._looks_since = 0.0
        gc.callbacks.append(self._look)
        self._last = time.perf_counter(), time.thread_time()
        self._timer = asyncio.get_running_loop().call_later(BEAT_S, self._beat)

    def _beat(self) -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        self.wall_s = max(self.wall_s, now - self._last[0] - BEAT_S)
        self.cpu_s = max(self.cpu_s, cpu - self._last[1])
        self._last = now, cpu
        self._timer = asyncio.get_running_loop().call_later(BEAT_S, self._beat)

    def _look(self, phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            self._looks_since = time.perf_counter()
        else:
            self.garbage_s = max(self.garbage_s, time.perf_counter() - self._looks_since)

    def stop(self) -> None:
        self._timer.cancel()
        gc.callbacks.remove(self._look)


class Desk:
    """Does what the lines on standard input say."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._watch: LoopWatch | None = None
        self._said = 0

    async def work(self) -> None:
        """Until standard input ends."""
        loop = asyncio.get_running_loop()
        lines = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while line := await lines.readline():
            request = orjson.loads(line)
            answer = await getattr(self, f"_{request.pop('do')}")(**request)
            print(orjson.dumps(answer or {}).decode(), flush=True)

    async def _emit(self) -> None:
        self._server.emit()

    async def _chat(self, per_s: float, seconds: float) -> dict[str, int]:
        began_s, count = time.perf_counter(), round(per_s * seconds)
        for each in range(count):
            self._said += 1
            await self._server.chat(self._said)
            due_s = began_s + (each + 1) / per_s
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
        return {"said": count}

    async def _collect(self) -> None:
        gc.collect()

    async def _watched(self) -> dict[str, float]:
        """How long the loop was blocked at most since it was asked last; watches from now on."""
        watch, self._watch = self._watch, LoopWatch()
        if watch is None:
            return {}
        watch.stop()
        return {
            "wall_ms": watch.wall_s * 1000,
            "cpu_ms": watch.cpu_s * 1000,
            "garbage_ms": watch.garbage_s * 1000,
        }

    async def _unwatched(self) -> None:
        if self._watch is not None:
            self._watch.stop()
            self._watch = None


async def serve(server: Server) -> None:
    """Say where it listens, then do as told."""
    runner = web.AppRunner(server.app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4096)
    await site.start()
    print(orjson.dumps({"port": runner.addresses[0][1]}).decode(), flush=True)
    await Desk(server).work()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server", choices=("ours", "stock"))
    arguments = parser.parse_args()
    uvloop.install()
    asyncio.run(serve(Ours() if arguments.server == "ours" else Stock()))


if __name__ == "__main__":
    main()
