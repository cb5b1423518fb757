"""The browser's types of the wire, made from the event table.

The output is committed as livecommerce/web/src/wire/contract.gen.ts; a test compares it with what
this module makes now.
"""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from signaling import payloads as wire
from signaling.contract import GENERAL_ERRORS, INWARD, OUTWARD, refusal_codes

_HEADER = """\
// Generated from signaling/contract by `livecommerce contract --typescript`. Do not edit.

"""

_FOOTER = """\
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly retry_after_s?: number;
  readonly details?: Readonly<Record<string, unknown>>;
}

export type Acknowledgement<Ok> = { readonly ok: Ok } | { readonly refused: Refusal };

export type InwardName = keyof Inward;
export type OutwardName = keyof Outward;
export type Payload<Name extends InwardName> = Inward[Name]["payload"];
export type Ok<Name extends InwardName> = Inward[Name]["ok"];
"""

_PLAIN: dict[Any, str] = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    UUID: "string",
    type(None): "null",
    Any: "unknown",
}


def source() -> str:
    """The text of contract.gen.ts; the same table always gives the same text."""
    parts = [_HEADER]
    parts += [_interface(model) for model in _reachable()]
    parts += [_inward(), _outward(), _refusals(), _FOOTER]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _reachable() -> list[type[wire.Wire]]:
    """Every model of the table, parts before the wholes that use them."""
    found: dict[type[wire.Wire], None] = {}

    def visit(annotation: Any) -> None:
        if isinstance(annotation, type) and issubclass(annotation, wire.Wire):
            if annotation not in found:
                for field in annotation.model_fields.values():
                    visit(field.annotation)
                found[annotation] = None
            return
        for argument in get_args(annotation):
            visit(argument)

    for event in INWARD:
        visit(event.payload)
        visit(event.ok)
    for row in OUTWARD:
        visit(row.payload)
    return list(found)


def _interface(model: type[wire.Wire]) -> str:
    if not model.model_fields:
        return f"export type {model.__name__} = Record<string, never>;"
    lines = [f"export interface {model.__name__} {{"]
    for name, field in model.model_fields.items():
        optional = "" if field.is_required() else "?"
        lines.append(f"  readonly {name}{optional}: {_type(field.annotation)};")
    lines.append("}")
    return "\n".join(lines)


def _type(annotation: Any) -> str:
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if isinstance(annotation, type) and issubclass(annotation, wire.Wire):
        return annotation.__name__
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin is Literal:
        return " | ".join(f'"{value}"' for value in arguments)
    if origin in (Union, types.UnionType):
        return " | ".join(_type(argument) for argument in arguments)
    if origin is dict:
        key, value = map(_type, arguments)
        return f"Readonly<Record<{key}, {value}>>"
    assert origin is tuple and arguments[1:] == (...,), f"no TypeScript type for {annotation!r}"
    item = _type(arguments[0])
    return f"readonly ({item})[]" if "|" in item else f"readonly {item}[]"


def _inward() -> str:
    lines = ["/** Events to the server: what they carry and what their acknowledgement carries. */"]
    lines.append("export interface Inward {")
    for event in INWARD:
        lines.append(f"  /** {event.summary} */")
        lines.append(
            f'  "{event.name}": {{ payload: {event.payload.__name__}; ok: {event.ok.__name__} }};'
        )
    lines.append("}")
    return "\n".join(lines)


def _outward() -> str:
    lines = ["/** Events from the server. */", "export interface Outward {"]
    for event in OUTWARD:
        lines.append(f"  /** {event.summary} Heard by {event.audience}. */")
        lines.append(f'  "{event.name}": {event.payload.__name__};')
    lines += ["}", ""]
    lines.append("export const OUTWARD_NAMES = [")
    lines += [f'  "{event.name}",' for event in OUTWARD]
    lines.append("] as const satisfies readonly (keyof Outward)[];")
    return "\n".join(lines)


def _refusals() -> str:
    lines = ["export type RefusalCode ="]
    lines += [f'  | "{code}"' for code in refusal_codes()]
    lines[-1] += ";"
    lines += ["", "/** Refusals that any event may meet. */"]
    lines.append("export type GeneralRefusalCode =")
    lines += [f'  | "{code}"' for code in sorted(GENERAL_ERRORS)]
    lines[-1] += ";"
    lines += ["", "/** Refusals of each event, beside the general ones. */"]
    lines.append("export interface RefusalsOf {")
    for event in INWARD:
        codes = " | ".join(f'"{code}"' for code in event.errors) or "never"
        lines.append(f'  "{event.name}": {codes};')
    lines.append("}")
    return "\n".join(lines)
