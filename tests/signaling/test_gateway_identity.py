"""Who a connection belongs to, from its token on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.signaling.gateway_calls import connection_id
from tests.signaling.hub_under_test import PERSON, ROOM, raw_socket, running_hub
from tests.signaling.valid_payloads import VALID


async def test_bad_token_is_refused_with_code_and_sentence() -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        answer = await socket.connect({"token": "forged"})
        assert answer.startswith("44")
        error = json.loads(answer[2:])
        assert error["data"]["code"] == "auth.invalid"
        assert error["message"] == error["data"]["message"]


@pytest.mark.parametrize("auth", [{"token": 5}, {"token": ""}, {"token": ["a"]}])
async def test_token_that_is_no_text_is_refused(auth: dict[str, Any]) -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        assert json.loads((await socket.connect(auth))[2:])["data"]["code"] == "auth.invalid"


async def test_expired_identity_is_anonymous_again() -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect({"token": "expired"})
        answer = await socket.call("chat.send", VALID["chat.send"])
        assert answer["refused"]["code"] == "auth.required"


async def test_identity_can_change_and_rooms_are_kept() -> None:
    async with running_hub() as hub, raw_socket(hub) as socket:
        await socket.connect()
        sid = connection_id(hub)
        hub.gateway.enter(sid, ROOM)
        assert (await socket.call("chat.send", VALID["chat.send"]))["refused"]["code"] == (
            "auth.required"
        )
        from tests.signaling.hub_under_test import verify

        hub.gateway.identify(sid, await verify("customer"))
        assert await socket.call("chat.send", VALID["chat.send"], 2) == {"ok": {}}
        _, caller, _ = hub.calls[-1]
        assert caller.identity is not None
        assert caller.identity.user_id == PERSON
        assert ROOM in hub.gateway.rooms_of(sid)
