"""Lays types out on lines as Prettier does, which is how Supabase's files are formatted.

A type that fits on its line stays there; a union or an object that does not, takes a line for each
of its parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

WIDTH = 80
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")


@dataclass(frozen=True, slots=True)
class Object:
    """Named members. is_open: always on lines of their own. suffix: `[]` for an array of it."""

    members: tuple[tuple[str, Type], ...]
    is_open: bool = True
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class OneOf:
    alternatives: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Tuple:
    items: tuple[Type, ...]


Type: TypeAlias = str | Object | OneOf | Tuple


def lines(head: str, value: Type, indent: int) -> Iterator[str]:
    """The lines of `head` and the type behind it. head: `name: `, or empty."""
    pad, whole = " " * indent, _on_one_line(value)
    if whole is not None and len(pad + head + whole) <= WIDTH:
        yield f"{pad}{head}{whole}"
        return
    match value:
        case str():
            yield f"{pad}{head}{value}"
        case Object(members, _, suffix):
            hang = indent + (2 if head == "| " else 0)
            yield f"{pad}{head}{{"
            for name, member in members:
                yield from lines(f"{name}: ", member, hang + 2)
            yield f"{' ' * hang}}}{suffix}"
        case OneOf(alternatives):
            yield f"{pad}{head.rstrip()}"
            for alternative in alternatives:
                yield from lines("| ", alternative, indent + 2)
        case Tuple(items):
            yield f"{pad}{head}["
            for item in items:
                *most, last = lines("", item, indent + 2)
                yield from (*most, f"{last},")
            yield f"{pad}]"


def _on_one_line(value: Type) -> str | None:
    """None where something in it wants lines of its own."""
    match value:
        case str():
            return value
        case Object(members, is_open, suffix):
            parts = [(name, _on_one_line(member)) for name, member in members]
            if is_open or not all(text for _, text in parts):
                return None
            return f"{{ {'; '.join(f'{name}: {text}' for name, text in parts)} }}{suffix}"
        case OneOf(items) | Tuple(items):
            texts = [text for item in items if (text := _on_one_line(item)) is not None]
            if len(texts) < len(items):
                return None
            return " | ".join(texts) if isinstance(value, OneOf) else f"[{', '.join(texts)}]"


def key(name: str, *, optional: bool = False) -> str:
    """A member's name, in quotes where it is no identifier."""
    text = name if _IDENTIFIER.fullmatch(name) else quoted(name)
    return f"{text}?" if optional else text


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
