"""Calls between processes, through Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

import orjson
import structlog

from livecommerce.bus.client import BusUnavailable, Redis
from livecommerce.bus.listener import Listener, OnReady

log = structlog.get_logger(__name__)


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
