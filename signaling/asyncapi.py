"""The AsyncAPI 3 document of the wire, made from the event table."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from signaling import payloads as wire
from signaling.contract import GENERAL_ERRORS, INWARD, OUTWARD, Inward, Lane, Outward

_SCHEMAS = "#/components/schemas/"
_MESSAGES = "#/channels/root/messages/"


def document() -> dict[str, Any]:
    """The whole document as plain JSON values; the same table always gives the same document."""
    schemas = _schemas()
    messages = {**_inward_messages(), **_outward_messages()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "livecommerce",
            "version": "1.0.0",
            "description": "Socket.IO 5 on Engine.IO 4, WebSocket only, path /socket.io/. "
            "Every inward event has one object argument and an acknowledgement.",
        },
        "defaultContentType": "application/json",
        "channels": {"root": {"address": "/", "messages": messages}},
        "operations": {**_receive_operations(), **_send_operations()},
        "components": {"schemas": schemas},
    }


def _schemas() -> dict[str, Any]:
    models: list[type[wire.Wire]] = []
    for event in INWARD:
        models += [event.payload, event.ok]
    models += [event.payload for event in OUTWARD]
    unique = list(dict.fromkeys(models))
    _, definitions = models_json_schema(
        [(model, "validation") for model in unique], ref_template=_SCHEMAS + "{model}"
    )
    schemas: dict[str, Any] = definitions["$defs"]
    schemas["Refusal"] = {
        "type": "object",
        "required": ["code", "message"],
        "properties": {
            "code": {"type": "string"},
            "message": {"type": "string"},
            "retry_after_s": {"type": "number"},
            "details": {"type": "object"},
        },
    }
    return dict(sorted(schemas.items()))


def _ref(model: type[wire.Wire]) -> dict[str, str]:
    return {"$ref": _SCHEMAS + model.__name__}


def _inward_messages() -> dict[str, Any]:
    messages: dict[str, Any] = {}
    for event in INWARD:
        messages[event.name] = {
            "name": event.name,
            "summary": event.summary,
            "payload": _ref(event.payload),
        }
        messages[f"{event.name}:reply"] = {
            "name": event.name,
            "payload": {
                "oneOf": [
                    {
                        "type": "object",
                        "required": ["ok"],
                        "properties": {"ok": _ref(event.ok)},
                    },
                    {
                        "type": "object",
                        "required": ["refused"],
                        "properties": {"refused": {"$ref": _SCHEMAS + "Refusal"}},
                    },
                ]
            },
        }
    return messages


def _outward_messages() -> dict[str, Any]:
    return {
        event.name: {
            "name": event.name,
            "summary": event.summary,
            "payload": _ref(event.payload),
        }
        for event in OUTWARD
    }


def _receive_operations() -> dict[str, Any]:
    return {event.name: _receive(event) for event in INWARD}


def _receive(event: Inward) -> dict[str, Any]:
    return {
        "action": "receive",
        "channel": {"$ref": "#/channels/root"},
        "summary": event.summary,
        "messages": [{"$ref": _MESSAGES + event.name}],
        "reply": {
            "channel": {"$ref": "#/channels/root"},
            "messages": [{"$ref": f"{_MESSAGES}{event.name}:reply"}],
        },
        "x-roles": sorted(event.roles),
        "x-rate": {"per_s": event.rate.per_s, "burst": event.rate.burst},
        "x-refusals": sorted({*GENERAL_ERRORS, *event.errors}),
    }


_POLICIES = {
    Lane.NOW: "sent at once, never skipped",
    Lane.COUNT: "at once, then at most every 250 ms the newest of each subject; never skipped",
    Lane.CHAT: "batches of 100 ms, skipped by a lagging viewer",
    Lane.STATE: "at most every 500 ms, skipped by a lagging viewer",
}


def _send_operations() -> dict[str, Any]:
    return {event.name: _send(event) for event in OUTWARD}


def _send(event: Outward) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": "#/channels/root"},
        "summary": event.summary,
        "messages": [{"$ref": _MESSAGES + event.name}],
        "x-lane": event.lane.value,
        "x-policy": _POLICIES[event.lane],
        "x-audience": event.audience,
    }
