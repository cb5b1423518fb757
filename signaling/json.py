"""orjson under the signature that python-socketio calls.

It passes `separators=`, which orjson does not know (it always writes compactly), and expects text.
orjson refuses what the standard library lets through: NaN, infinities, lone surrogates, nesting
beyond 1024. An integer beyond 64 bits arrives as a float; the strict payload models refuse that.
"""

from __future__ import annotations

from typing import Any

import orjson

JSONDecodeError = orjson.JSONDecodeError


def dumps(value: Any, **_options: Any) -> str:
    return orjson.dumps(value).decode()


def loads(text: str | bytes, **_options: Any) -> Any:
    return orjson.loads(text)
