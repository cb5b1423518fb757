"""The settings in words for people: the table of all, and what is wrong with one."""

import difflib
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from livecommerce.settings.tree import Settings
from livecommerce.settings.values import PREFIX, Section, either


def fields() -> dict[str, FieldInfo]:
    """Every setting by the name of its variable, in the order of the tree."""
    return dict(_walk())


def _walk() -> Iterator[tuple[str, FieldInfo]]:
    for section, holder in Settings.model_fields.items():
        assert isinstance(holder.default, Section), "every section has defaults"
        for field, info in type(holder.default).model_fields.items():
            yield f"{PREFIX}{section}_{field}".upper(), info


def markdown() -> str:
    """The table of all settings for the README."""
    lines = ["| setting | default | allowed | meaning |", "| --- | --- | --- | --- |"]
    for name, field in fields().items():
        lines.append(f"| `{name}` | {_shown(field)} | {_allowed(field)} | {field.description} |")
    return "\n".join(lines) + "\n"


def _shown(field: FieldInfo) -> str:
    default = field.get_default()
    if default is None or default == ():
        return "-"
    return f"`{default}`"


def unknown(name: str) -> str:
    close = difflib.get_close_matches(name, fields(), n=1, cutoff=0.85)
    hint = f"did you mean {close[0]}?" if close else "`livecommerce settings` lists all."
    return f"{name} is not a setting; {hint}"


def fault(details: ErrorDetails, variables: Mapping[str, str]) -> str:
    """One sentence: which variable, what it holds (never a secret), what is allowed."""
    name = (PREFIX + "_".join(str(part) for part in details["loc"][:2])).upper()
    field = fields().get(name)
    said = details["msg"].removeprefix("Value error, ")
    if field is None:  # a rule about several fields, worded where it is checked
        return said
    allowed = said if details["type"] == "value_error" else _allowed(field)
    held = "has a value that is not allowed" if _is_secret(field) else f"is {variables[name]!r}"
    return f"{name} {held}; it must be {allowed}."


def _is_secret(field: FieldInfo) -> bool:
    return SecretStr in _types(field.annotation)


def _types(annotation: object) -> tuple[object, ...]:
    """The plain types inside unions, annotations and tuples."""
    if get_origin(annotation) is Literal:
        return (annotation,)
    inner = get_args(annotation)
    return tuple(found for part in inner for found in _types(part)) if inner else (annotation,)


KINDS: dict[object, str] = {
    int: "a whole number",
    float: "a number",
    str: "a text",
    SecretStr: "a text (kept secret)",
    Path: "a path",
    IPv4Network: "networks such as 10.0.0.0/8, separated by commas",
}


def _allowed(field: FieldInfo) -> str:
    """What a setting takes, as the end of the sentence "it must be ..."."""
    types = _types(field.annotation)
    if get_origin(types[0]) is Literal:
        return either(get_args(types[0]))
    kind = KINDS[types[0]]
    if types[0] is str and get_origin(field.annotation) is tuple:
        kind = "texts separated by commas"
    bounds = {type(rule).__name__: rule for rule in field.metadata}
    words = []
    if "Ge" in bounds:
        words.append(f"from {bounds['Ge'].ge}")
    if "Gt" in bounds:
        words.append(f"above {bounds['Gt'].gt}")
    if "Le" in bounds:
        words.append(f"to {bounds['Le'].le}" if "Ge" in bounds else f"up to {bounds['Le'].le}")
    for rule in field.metadata:
        if pattern := getattr(rule, "pattern", None):
            words.append(f"matching {pattern}")
    return " ".join([kind, *words])
