from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from signaling import asyncapi, typescript
from signaling import payloads as wire
from signaling.contract import (
    ANYONE,
    GENERAL_ERRORS,
    INWARD,
    OUTWARD,
    SIGNED_IN,
    Lane,
    Merge,
    refusal_codes,
)
from signaling.contract.kinds import Summed
from signaling.gateway import Gateway, GatewayConfig
from tests.signaling.hub_under_test import verify

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "livecommerce/web/src/wire/contract.gen.ts"
ID = "018f0000-0000-7000-8000-000000000001"


def test_typescript_of_the_browser_is_up_to_date() -> None:
    assert GENERATED.read_text() == typescript.source(), (
        "run: livecommerce contract --typescript > " + str(GENERATED.relative_to(ROOT))
    )


def test_names_are_noun_dot_verb_and_unique() -> None:
    names = [event.name for event in INWARD] + [event.name for event in OUTWARD]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+", name) for name in names)
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", code) for code in refusal_codes())


def test_gateway_does_not_start_with_a_missing_or_an_extra_handler() -> None:
    async def handler(caller: Any, payload: Any) -> wire.Wire:
        return wire.Empty()

    complete = {event.name: handler for event in INWARD}
    gateway = Gateway(verify, GatewayConfig(), epoch_s=lambda: 0.0)
    gateway.bind(complete)
    with pytest.raises(ValueError, match=r"extra \['chat.shout'\]"):
        gateway.bind(complete | {"chat.shout": handler})
    del complete["chat.send"]
    with pytest.raises(ValueError, match=r"missing \['chat.send'\]"):
        gateway.bind(complete)


def test_every_event_is_in_the_asyncapi_document_and_every_reference_resolves() -> None:
    document = asyncapi.document()
    operations = document["operations"]
    names = {event.name for event in INWARD} | {event.name for event in OUTWARD}
    assert set(operations) == names
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document)):
        at: Any = document
        for part in reference.split("/"):
            at = at[part]
    assert operations["order.place"]["x-roles"] == ["customer"]
    assert "order.sold_out" in operations["order.place"]["x-refusals"]


def test_merging_events_carry_what_their_merge_needs() -> None:
    for event in OUTWARD:
        if event.merge is Merge.EXTEND_MESSAGES:
            assert "messages" in event.payload.model_fields
        assert (event.merge is Merge.SUM) == issubclass(event.payload, Summed)
        assert (event.merge is Merge.NONE) == (event.lane is Lane.NOW)


def test_models_are_frozen_strict_and_refuse_unknown_fields() -> None:
    for event in INWARD:
        config = event.payload.model_config
        assert (config.get("frozen"), config.get("strict"), config.get("extra")) == (
            True,
            True,
            "forbid",
        )


@pytest.mark.parametrize(
    ("model", "payload"),
    [
        (wire.ReactionSend, {"live_session_id": ID, "count": True}),
        (wire.ReactionSend, {"live_session_id": ID, "count": "3"}),
        (wire.ReactionSend, {"live_session_id": ID, "count": 0}),
        (wire.ReactionSend, {"live_session_id": ID, "count": 21}),
        (wire.ReactionSend, {"live_session_id": ID, "count": 3, "more": 1}),
        (wire.ReactionSend, {"live_session_id": "x", "count": 3}),
        (wire.OrderLine, {"variant_id": ID, "quantity": 1e23}),
        (wire.OrderLine, {"variant_id": ID, "quantity": -1}),
        (wire.WebrtcPublish, {"live_session_id": ID, "sdp": "v" * 32_769}),
        (wire.ChatSend, {"live_session_id": ID, "id": ID, "text": 5}),
        (wire.AuthRenew, {"token": ""}),
    ],
)
def test_value_that_only_looks_right_is_refused(
    model: type[wire.Wire], payload: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(payload)


def test_amount_beyond_64_bits_is_refused_not_rounded() -> None:
    from signaling import json as wire_json

    order = {
        "id": ID,
        "live_session_id": ID,
        "items": [{"variant_id": ID, "quantity": 1}],
        "address": {
            "name": "A", "phone": "1", "line1": "x", "city": "y", "state": "z",
            "postal_code": "560001", "country": "IN",
        },
        "payment_method": "cod",
        "shown_total_minor": 49900,
    }  # fmt: skip
    assert wire.OrderPlace.model_validate(order).items[0].variant_id == UUID(ID)
    text = json.dumps(order | {"shown_total_minor": 10**23})
    with pytest.raises(ValidationError):
        wire.OrderPlace.model_validate(wire_json.loads(text))


def test_anonymous_viewers_may_read_click_and_watch_only() -> None:
    open_to_all = {event.name for event in INWARD if event.roles == ANYONE}
    assert open_to_all == {
        "session.join", "session.recover", "session.leave", "product.click", "webrtc.watch",
        "webrtc.answer", "webrtc.restart", "webrtc.close", "auth.renew",
    }  # fmt: skip
    assert all("anonymous" not in event.roles for event in INWARD if event.name not in open_to_all)
    assert SIGNED_IN < ANYONE


def test_every_general_refusal_has_a_sentence() -> None:
    assert all(sentence.endswith(".") for sentence in GENERAL_ERRORS.values())
