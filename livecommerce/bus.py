"""Redis, and the three things that are built on it here: the session bus, calls between processes,
and plain access for the parts that count. The only importer of redis.

The session bus. Whatever a live session's viewers hear is appended to the live session's stream and
published on its channel by one script, which gives it an offset; every hub process, the sender
included, delivers on receipt. So all processes deliver the same events in the same order. A process
that sees an offset missing, or whose subscription was interrupted, reads what it missed from the
stream; when the stream no longer holds it, or its epoch is another (Redis lost its data), the
reader is told to start again from a snapshot. Every publish carries an id, so that a repeated one
is one event.

Commands with effects are never repeated by the client library (it would repeat ten times, also
after effects whose reply was lost); reads and idempotent writes are. An effect whose reply is lost
may or may not have happened: BusUnavailable says no more than that, and whoever must know sends the
same id again.

Keys of one live session share the hash tag `{live_session_id}`, so they share a slot of a cluster.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

import orjson
import redis.asyncio as aioredis
import redis.exceptions
import structlog
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff, NoBackoff

from livecommerce.facts import Fact, Position

log = structlog.get_logger(__name__)

_LUA: Final = Path(__file__).parent / "lua"
# A dead server is noticed after two of these; Redis answers a PING in far less.
_SILENCE_S: Final = 2.5
_RECONNECT_FIRST_S: Final = 0.05
_RECONNECT_MAX_S: Final = 2.0
# A burst of chat while a gap is filled; beyond it a snapshot is cheaper than patience.
_HELD_MAX: Final = 1000


class BusUnavailable(Exception):
    """Redis, or the process behind it, did not answer in time. Effects may or may not have
    happened.
    """

    retry_after_s = 1.0


@dataclass(frozen=True, slots=True)
class BusConfig:
    """url: redis://, rediss:// or unix://. socket_timeout_s: for one command and its reply.
    stream_max: events kept per live session for late readers, about. keep_s: seconds without an
      event after which a live session's bus is forgotten. dedupe_s: how long a publish id is
      remembered.
    """

    url: str
    socket_timeout_s: float = 0.5
    stream_max: int = 1000
    keep_s: int = 86_400
    dedupe_s: int = 600


class Redis:
    """Connections to one server; `effect` is sent once, `repeatable` may be sent again."""

    def __init__(self, config: BusConfig) -> None:
        self._effects_pool = _pool(config, Retry(NoBackoff(), 0))
        self._reads_pool = _pool(config, Retry(ExponentialBackoff(cap=0.2, base=0.02), 2))
        self._effects = aioredis.Redis.from_pool(self._effects_pool)
        self._reads = aioredis.Redis.from_pool(self._reads_pool)
        self._scripts = {
            path.stem: self._effects.register_script(path.read_text())
            for path in sorted(_LUA.glob("*.lua"))
        }

    async def close(self) -> None:
        await self._effects.aclose()
        await self._reads.aclose()

    async def effect(
        self, script: str, keys: Sequence[str], args: Sequence[str | bytes | int]
    ) -> Any:
        """Run livecommerce/lua/<script>.lua, once. Raises BusUnavailable."""
        call = self._scripts[script](keys=list(keys), args=list(args))
        return await _answered(cast(Awaitable[Any], call))

    async def repeatable(self, *command: str | bytes | int | float) -> Any:
        """Run a read or an idempotent write. Raises BusUnavailable."""
        call = self._reads.execute_command(*command)
        return await _answered(call)

    async def repeatable_all(
        self, commands: Sequence[Sequence[str | bytes | int | float]]
    ) -> list[Any]:
        """Several of them in one round trip; not atomic."""
        pipeline = self._reads.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        answers = await _answered(pipeline.execute())
        return cast(list[Any], answers)

    async def publish(self, channel: str, body: bytes) -> int:
        """Publish once; how many subscribers the server has for the channel."""
        return cast(int, await _answered(self._effects.publish(channel, body)))

    async def ping(self) -> None:
        await self.repeatable("PING")

    def subscriber(self) -> aioredis.connection.AbstractConnection:
        """A connection of its own for a subscription, not yet connected."""
        connection = self._effects_pool.make_connection()
        return cast(aioredis.connection.AbstractConnection, connection)


def _pool(config: BusConfig, retry: Retry) -> aioredis.BlockingConnectionPool:
    return aioredis.BlockingConnectionPool.from_url(
        config.url,
        max_connections=16,
        timeout=config.socket_timeout_s,
        socket_timeout=config.socket_timeout_s,
        socket_connect_timeout=config.socket_timeout_s,
        retry=retry,
        # Subscriptions arrive as plain arrays; with protocol 3 they would bypass read_response.
        protocol=2,
    )


# The server answers, but cannot do its work now: full, a replica, a cluster in trouble.
_UNFIT: Final = (
    redis.exceptions.OutOfMemoryError,
    redis.exceptions.ReadOnlyError,
    redis.exceptions.ClusterDownError,
)


async def _heeding_cancellation(call: Awaitable[Any]) -> Any:
    """Await a call of the client library; when it is cancelled meanwhile, it ends as cancelled.

    The library sends through asyncio.wait_for, which until Python 3.11 swallows a cancellation that
    comes in the moment in which its work is done. Whoever loops would then never stop.
    """
    task = asyncio.current_task()
    assert task is not None, "calls are made from tasks"
    asked = task.cancelling()
    try:
        return await call
    finally:
        if task.cancelling() > asked:
            raise asyncio.CancelledError


async def _answered(call: Awaitable[Any]) -> Any:
    try:
        return await _heeding_cancellation(call)
    except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, OSError) as error:
        raise BusUnavailable(str(error)) from error
    except _UNFIT as error:
        raise BusUnavailable(str(error)) from error


OnMessage = Callable[[bytes], None]
OnReady = Callable[[], None]


class Listener:
    """One subscribing connection with a function for each channel; reconnects for ever.

    `on_ready` of a channel is called each time its subscription has become effective, which after
    an interruption means: something may have been missed.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._channels: dict[bytes, tuple[OnMessage, OnReady]] = {}
        self._connection: aioredis.connection.AbstractConnection | None = None

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def listen(self, channel: str, on_message: OnMessage, on_ready: OnReady) -> None:
        self._channels[channel.encode()] = (on_message, on_ready)
        await self._send("SUBSCRIBE", channel)

    async def forget(self, channel: str) -> None:
        if self._channels.pop(channel.encode(), None) is not None:
            await self._send("UNSUBSCRIBE", channel)

    async def _send(self, *command: str) -> None:
        if self._connection is None:
            return  # `run` subscribes to everything when it connects.
        try:
            await _heeding_cancellation(self._connection.send_command(*command))
        except (redis.exceptions.RedisError, OSError) as error:
            # The reading side sees the same failure and connects again.
            log.info("subscription_interrupted", reason=str(error))

    async def run(self) -> None:
        """Read for ever. Cancel to stop."""
        delay_s = _RECONNECT_FIRST_S
        while True:
            connection = self._redis.subscriber()
            try:
                await _heeding_cancellation(connection.connect())
                delay_s = _RECONNECT_FIRST_S
                self._connection = connection
                if self._channels:
                    subscribing = connection.send_command("SUBSCRIBE", *self._channels)
                    await _heeding_cancellation(subscribing)
                await self._read(connection)
            except (redis.exceptions.RedisError, OSError, TimeoutError) as error:
                log.warning("subscription_lost", reason=str(error), retry_after_s=delay_s)
            finally:
                self._connection = None
                await connection.disconnect(nowait=True)
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, _RECONNECT_MAX_S)

    async def _read(self, connection: aioredis.connection.AbstractConnection) -> None:
        is_asked = False
        while True:
            message = await connection.read_response(timeout=_SILENCE_S, disconnect_on_error=False)
            if message is not None:
                is_asked = False
                self._take(message)
            elif is_asked:
                raise TimeoutError("the server is silent")
            else:
                is_asked = True
                await _heeding_cancellation(connection.send_command("PING"))

    def _take(self, message: list[Any]) -> None:
        kind, channel = message[0], message[1]
        functions = self._channels.get(channel)
        if functions is None:
            return
        on_message, on_ready = functions
        try:
            if kind == b"message":
                on_message(message[2])
            elif kind == b"subscribe":
                on_ready()
        except Exception:
            # The top of one message: a bad one must not end the subscription of all.
            log.exception("bus_message_failed", channel=channel.decode(errors="replace"))


OnFact = Callable[[Fact], None]
OnWord = Callable[[UUID, str, dict[str, Any]], None]
_PEOPLE: Final = "people"
OnReset = Callable[[], None]


class _Subscription:
    """What this process knows of one live session's bus. Plain: decides, never waits."""

    def __init__(self, on_fact: OnFact, on_reset: OnReset) -> None:
        self.on_fact = on_fact
        self.on_reset = on_reset
        self.ready = asyncio.Event()
        self.last: Position | None = None
        self.filling: asyncio.Task[None] | None = None
        self.is_lost = False
        self._held: list[tuple[Position, bytes]] = []

    def take(self, position: Position, body: bytes) -> bool:
        """Deliver, drop or hold one event; True when what came before it must be fetched."""
        if self.is_lost:
            return False
        if self.last is None or self.filling is not None:
            self._hold(position, body)
            return False
        if position.epoch == self.last.epoch and position.offset <= self.last.offset:
            return False
        if position == Position(self.last.epoch, self.last.offset + 1):
            self._deliver(position, body)
            return False
        self._hold(position, body)
        return True

    def _hold(self, position: Position, body: bytes) -> None:
        self._held.append((position, body))
        if len(self._held) > _HELD_MAX:
            self.lose()

    def _deliver(self, position: Position, body: bytes) -> None:
        self.last = position
        event = orjson.loads(body)
        try:
            self.on_fact(Fact(event["n"], event["d"], position, event.get("v")))
        except Exception:
            # The top of one fact: one that cannot be applied must not cost those after it.
            log.exception("fact_failed", name=event["n"])

    def fill(self, epoch: str, top: int, entries: list[tuple[int, bytes]]) -> bool:
        """Deliver what was missed, then what was held meanwhile; True when that left another gap.

        Starts over when the stream no longer holds it, or went back behind what was delivered.
        """
        assert self.last is not None
        if epoch != self.last.epoch or not _covers(entries, self.last.offset, top):
            self.lose()
            return False
        for offset, body in entries:
            self._deliver(Position(epoch, offset), body)
        return self._deliver_held() or self.last.offset < top

    def start(self, position: Position) -> bool:
        """Deliver from here on, first what was held; True when there is a gap already."""
        self.last = position
        return self._deliver_held()

    def _deliver_held(self) -> bool:
        held, self._held = self._held, []
        has_gap = False
        for position, body in held:
            has_gap = self.take(position, body) or has_gap
        return has_gap

    def lose(self) -> None:
        self.is_lost = True
        self._held = []
        self.on_reset()


def _covers(entries: list[tuple[int, bytes]], last: int, top: int) -> bool:
    """Whether the entries follow `last` without a hole, or `last` is the newest there is."""
    if not entries:
        return last == top
    return entries[0][0] == last + 1 and entries[-1][0] - last == len(entries)


class SessionBus:
    """Appends to live sessions and hears those that this process hosts.

    new_epoch: makes a name that no other epoch had.
    """

    def __init__(
        self, redis: Redis, listener: Listener, config: BusConfig, new_epoch: Callable[[], str]
    ) -> None:
        self._redis = redis
        self._listener = listener
        self._config = config
        self._new_epoch = new_epoch
        self._subscriptions: dict[UUID, _Subscription] = {}

    async def append(
        self,
        live_session_id: UUID,
        name: str,
        data: dict[str, Any],
        publish_id: str,
        version: int | None = None,
    ) -> Position:
        """Make something known to everyone in the live session; its place on the bus.

        publish_id: the same id within ten minutes is the same event. Raises BusUnavailable, after
        which the same call may be made again.
        """
        event: dict[str, Any] = {"n": name, "d": data}
        if version is not None:
            event["v"] = version
        meta, stream = _keys(live_session_id)
        answer = await self._redis.effect(
            "bus_append",
            [meta, stream, f"bus:{{{live_session_id}}}:seen:{publish_id}"],
            [
                self._new_epoch(),
                orjson.dumps(event),
                _channel(live_session_id),
                self._config.stream_max,
                self._config.keep_s,
                self._config.dedupe_s,
            ],
        )
        return _position(answer)

    async def publish_transient(
        self, live_session_id: UUID, name: str, data: dict[str, Any]
    ) -> None:
        """Make something known to whoever listens now; in no history."""
        body = b"||" + orjson.dumps({"n": name, "d": data})
        await self._redis.publish(_channel(live_session_id), body)

    async def tell_person(self, user_id: UUID, name: str, data: dict[str, Any]) -> None:
        """Tell the connections that one person has now, on whatever process; in no history."""
        body = orjson.dumps({"u": str(user_id), "n": name, "d": data})
        await self._redis.publish(_PEOPLE, body)

    async def hear_people(self, on_word: OnWord) -> None:
        """Hear what is told to anybody; on_word gets (user id, name, data) and must not wait."""

        def take(message: bytes) -> None:
            word = orjson.loads(message)
            on_word(UUID(word["u"]), word["n"], word["d"])

        await self._listener.listen(_PEOPLE, take, lambda: None)

    async def history(self, live_session_id: UUID, count: int) -> list[Fact]:
        """The last `count` facts, oldest first."""
        epoch, entries = await self._redis.effect("bus_history", _keys(live_session_id), [count])
        facts = []
        for offset, body in reversed(_entries(entries)):
            event = orjson.loads(body)
            facts.append(
                Fact(event["n"], event["d"], Position(epoch.decode(), offset), event.get("v"))
            )
        return facts

    async def subscribe(
        self, live_session_id: UUID, on_fact: OnFact, on_reset: OnReset
    ) -> Position:
        """Hear a live session from the returned position on.

        on_fact: called, without waiting, for every later fact in order, each once. on_reset: called
        when facts were lost for good; subscribe again and take a snapshot. One subscription per
        live session. Raises BusUnavailable.
        """
        await self.unsubscribe(live_session_id)
        subscription = _Subscription(on_fact, on_reset)
        self._subscriptions[live_session_id] = subscription
        try:
            await self._listener.listen(
                _channel(live_session_id),
                lambda message: self._take(live_session_id, subscription, message),
                lambda: self._ready(live_session_id, subscription),
            )
            try:
                await asyncio.wait_for(subscription.ready.wait(), 2 * self._config.socket_timeout_s)
            except TimeoutError as error:
                raise BusUnavailable("the subscription was not confirmed") from error
            position = await self._open(live_session_id)
        except BaseException:
            await self.unsubscribe(live_session_id)
            raise
        if subscription.start(position):
            self._start_fill(live_session_id, subscription)
        return position

    async def unsubscribe(self, live_session_id: UUID) -> None:
        subscription = self._subscriptions.pop(live_session_id, None)
        if subscription is None:
            return
        subscription.is_lost = True
        if subscription.filling is not None:
            subscription.filling.cancel()
        await self._listener.forget(_channel(live_session_id))

    async def run(self) -> None:
        """Compare with the streams now and then, which heals a subscription that went deaf
        unnoticed.
        """
        while True:
            await asyncio.sleep(10)
            for live_session_id, subscription in list(self._subscriptions.items()):
                self._start_fill(live_session_id, subscription)

    def _take(self, live_session_id: UUID, subscription: _Subscription, message: bytes) -> None:
        epoch, offset, body = message.split(b"|", 2)
        if not epoch:
            if subscription.last is not None and not subscription.is_lost:
                event = orjson.loads(body)
                subscription.on_fact(Fact(event["n"], event["d"], None))
        elif subscription.take(Position(epoch.decode(), int(offset)), body):
            self._start_fill(live_session_id, subscription)

    def _ready(self, live_session_id: UUID, subscription: _Subscription) -> None:
        subscription.ready.set()
        self._start_fill(live_session_id, subscription)

    def _start_fill(self, live_session_id: UUID, subscription: _Subscription) -> None:
        if subscription.last is None or subscription.filling is not None or subscription.is_lost:
            return
        subscription.filling = asyncio.create_task(self._fill(live_session_id, subscription))

    async def _fill(self, live_session_id: UUID, subscription: _Subscription) -> None:
        assert subscription.last is not None
        epoch, top, entries = await self._since(live_session_id, subscription.last.offset)
        subscription.filling = None
        if subscription.fill(epoch.decode(), int(top), _entries(entries)):
            self._start_fill(live_session_id, subscription)

    async def _since(self, live_session_id: UUID, offset: int) -> list[Any]:
        """bus_since.lua's answer, however long it takes Redis to come back."""
        delay_s = _RECONNECT_FIRST_S
        while True:
            try:
                answer = await self._redis.effect(
                    "bus_since", _keys(live_session_id), [offset, self._config.stream_max * 2]
                )
                return cast(list[Any], answer)
            except BusUnavailable:
                await asyncio.sleep(delay_s)
                delay_s = min(2 * delay_s, _RECONNECT_MAX_S)

    async def _open(self, live_session_id: UUID) -> Position:
        answer = await self._redis.effect(
            "bus_open", _keys(live_session_id), [self._new_epoch(), self._config.keep_s]
        )
        return _position(answer)


def _keys(live_session_id: UUID) -> tuple[str, str]:
    return f"bus:{{{live_session_id}}}:meta", f"bus:{{{live_session_id}}}:stream"


def _channel(live_session_id: UUID) -> str:
    return f"bus:{{{live_session_id}}}"


def _position(answer: bytes) -> Position:
    epoch, offset = answer.decode().split("|")
    return Position(epoch, int(offset))


def _entries(entries: list[Any]) -> list[tuple[int, bytes]]:
    return [(int(entry[0].split(b"-")[0]), entry[1][1]) for entry in entries]


class RemoteRefused(Exception):
    """The other process refused a call, with a code and sentence for the person."""

    def __init__(self, code: str, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s


Serve = Callable[[str, dict[str, Any]], Coroutine[Any, Any, dict[str, Any]]]

# Calls that one process works on at a time; a browser makes three to watch.
_CALLS_MAX: Final = 256


class Rpc:
    """Calls to another process through Redis: a request on its channel, the reply on ours.

    A call that finds nobody on the channel fails at once; one whose reply does not come in time
    fails then, and may have taken effect. Requests are not stored: a process that starts later
    never works on old ones.
    """

    def __init__(
        self, redis: Redis, listener: Listener, name: str, new_id: Callable[[], str]
    ) -> None:
        self._redis = redis
        self._listener = listener
        self._reply_channel = f"rpc:reply:{name}"
        self._new_id = new_id
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._can_hear: asyncio.Event | None = None

    async def call(
        self, target: str, method: str, params: dict[str, Any], timeout_s: float
    ) -> dict[str, Any]:
        """What `method` of the process `target` answers. Raises BusUnavailable or RemoteRefused."""
        call_id = self._new_id()
        request = {"id": call_id, "to": self._reply_channel, "method": method, "params": params}
        reply: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[call_id] = reply
        try:
            return _unwrapped(
                await asyncio.wait_for(self._exchange(target, request, reply), timeout_s)
            )
        except TimeoutError as error:
            raise BusUnavailable(
                f"{target} did not answer {method} within {timeout_s} s"
            ) from error
        finally:
            del self._waiting[call_id]

    async def _exchange(
        self, target: str, request: dict[str, Any], reply: asyncio.Future[dict[str, Any]]
    ) -> dict[str, Any]:
        await self._hear_replies()
        if await self._redis.publish(f"rpc:{target}", orjson.dumps(request)) == 0:
            raise BusUnavailable(f"nobody answers as {target}")
        return await reply

    async def _hear_replies(self) -> None:
        """Wait until replies can reach us; a request before that would be answered to nobody."""
        if self._can_hear is None:
            self._can_hear = asyncio.Event()
            await self._listener.listen(self._reply_channel, self._take_reply, self._can_hear.set)
        await self._can_hear.wait()

    def _take_reply(self, message: bytes) -> None:
        answer = orjson.loads(message)
        reply = self._waiting.get(answer["id"])
        if reply is not None and not reply.done():
            reply.set_result(answer)

    async def serve(self, name: str, handler: Serve, on_ready: OnReady) -> None:
        """Answer calls to `name`; `handler` gets (method, params) and may raise RemoteRefused."""
        await self._listener.listen(
            f"rpc:{name}", lambda message: self._take_request(handler, message), on_ready
        )

    def _take_request(self, handler: Serve, message: bytes) -> None:
        request = orjson.loads(message)
        if len(self._tasks) >= _CALLS_MAX:
            log.warning("call_dropped", method=request["method"])
            return
        task = asyncio.create_task(self._answer(handler, request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, handler: Serve, request: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"id": request["id"]}
        try:
            answer["ok"] = await handler(request["method"], request["params"])
        except RemoteRefused as refused:
            answer["refused"] = {
                "code": refused.code,
                "message": refused.message,
                "retry_after_s": refused.retry_after_s,
            }
        except Exception:
            # The top of one call: the caller is told, the process goes on.
            log.exception("call_failed", method=request["method"])
            answer["refused"] = {
                "code": "service.unavailable",
                "message": "This is not available right now. Please try again in a moment.",
                "retry_after_s": 2.0,
            }
        try:
            await self._redis.publish(request["to"], orjson.dumps(answer))
        except BusUnavailable as error:
            log.warning("reply_lost", method=request["method"], reason=str(error))


def _unwrapped(answer: dict[str, Any]) -> dict[str, Any]:
    if "refused" in answer:
        raise RemoteRefused(**answer["refused"])
    ok: dict[str, Any] = answer["ok"]
    return ok
