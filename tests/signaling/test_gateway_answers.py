"""What handlers answer, and in which order it arrives."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from signaling import payloads as wire
from signaling.caller import Caller
from signaling.refusals import Refused
from tests.signaling.gateway_calls import JOIN, UNLIMITED
from tests.signaling.hub_under_test import raw_socket, running_hub


async def test_broken_handler_is_a_refusal_without_a_traceback() -> None:
    async def broken(caller: Caller, payload: Any) -> wire.Wire:
        raise KeyError("secret detail")

    async with running_hub(acts={"session.leave": broken}) as hub, raw_socket(hub) as socket:
        await socket.connect()
        answer = await socket.call("session.leave", JOIN)
        assert answer["refused"]["code"] == "service.unavailable"
        assert "secret" not in json.dumps(answer)


async def test_refusal_of_a_handler_arrives_whole() -> None:
    async def refusing(caller: Caller, payload: Any) -> wire.Wire:
        raise Refused("media.no_source", "Not yet.", 1.25, {"a": 1})

    async with running_hub(acts={"webrtc.watch": refusing}) as hub, raw_socket(hub) as socket:
        await socket.connect()
        assert await socket.call("webrtc.watch", JOIN) == {
            "refused": {
                "code": "media.no_source",
                "message": "Not yet.",
                "retry_after_s": 1.2,
                "details": {"a": 1},
            }
        }


async def test_events_of_one_connection_are_answered_in_their_order() -> None:
    first_may_go = asyncio.Event()

    async def slow(caller: Caller, payload: Any) -> wire.Wire:
        await first_may_go.wait()
        return wire.Empty()

    async with running_hub(UNLIMITED, {"session.start": slow}) as hub, raw_socket(hub) as socket:
        await socket.connect({"token": "influencer"})
        await socket.send("421" + json.dumps(["session.start", JOIN]))
        for n in range(2, 12):
            await socket.send(f"42{n}" + json.dumps(["session.leave", JOIN]))
        async with raw_socket(hub) as other:
            await other.connect()
            assert await other.call("session.leave", JOIN) == {"ok": {}}
        first_may_go.set()
        answers = [await socket.receive() for _ in range(11)]
        assert [answer.split("[")[0] for answer in answers] == [f"43{n}" for n in range(1, 12)]
