"""For every inward event a payload that its model takes, made from the model's own schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from signaling.contract import INWARD

ID: Final = "00000000-0000-7000-8000-000000000001"

_ADDRESS: Final = {
    "name": "Asha",
    "phone": "9876543210",
    "line1": "12 Test Street",
    "city": "Bengaluru",
    "state": "Karnataka",
    "postal_code": "560001",
    "country": "IN",
}
_BY_FIELD: Final[dict[str, Any]] = {"address": _ADDRESS, "token": "customer"}


def _minimal(schema: dict[str, Any], parts: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _minimal(parts[schema["$ref"].rpartition("/")[2]], parts)
    if "anyOf" in schema:
        return _minimal(schema["anyOf"][0], parts)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    return _OF_TYPE[schema["type"]](schema, parts)


def _object(schema: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    fields = schema.get("properties", {})
    return {
        name: _BY_FIELD[name] if name in _BY_FIELD else _minimal(fields[name], parts)
        for name in schema.get("required", ())
    }


def _array(schema: dict[str, Any], parts: dict[str, Any]) -> list[Any]:
    # Different ones, where two of a kind are refused.
    item = _minimal(schema["items"], parts)
    fewest = schema.get("minItems", 1)
    return [f"{item}{n}" if fewest > 1 and isinstance(item, str) else item for n in range(fewest)]


def _string(schema: dict[str, Any], _parts: dict[str, Any]) -> str:
    if schema.get("format") == "uuid":
        return ID
    return "A" * max(1, int(schema.get("minLength", 1)))


def _integer(schema: dict[str, Any], _parts: dict[str, Any]) -> int:
    above = schema.get("exclusiveMinimum")
    return int(schema.get("minimum", 1 if above is None else above + 1))


_Make = Callable[[dict[str, Any], dict[str, Any]], Any]
_OF_TYPE: Final[dict[str, _Make]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "number": _integer,
    "boolean": lambda _schema, _parts: True,
    "null": lambda _schema, _parts: None,
}


def _of(model: Any) -> dict[str, Any]:
    schema = model.model_json_schema()
    payload: dict[str, Any] = _object(schema, schema.get("$defs", {}))
    model.model_validate(payload)
    return payload


VALID: Final[dict[str, dict[str, Any]]] = {event.name: _of(event.payload) for event in INWARD}
