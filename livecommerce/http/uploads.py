"""Files that are sent here: of the types and the size that a route takes, and no byte more."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from livecommerce.http.refusals import ApiRefused

_CHUNK: Final = 64 * 1024
_TIMEOUT_S: Final = 60.0
# Each holds its file in memory, up to 10 MB of it.
_MOST_AT_ONCE: Final = 4
_WAIT_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Upload:
    content_types: tuple[str, ...]
    max_bytes: int


class _Places:
    """How many files are being taken by this process."""

    def __init__(self) -> None:
        self._taken = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        if self._taken >= _MOST_AT_ONCE:
            raise ApiRefused(
                "service.unavailable",
                "Many files arrive right now. Please try again in a moment.",
                retry_after_s=_WAIT_S,
            )
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1


PLACES: Final = _Places()


async def read_upload(request: web.Request, upload: Upload) -> bytes:
    """Raises ApiRefused."""
    if request.content_type not in upload.content_types:
        names = ", ".join(upload.content_types)
        raise ApiRefused("payload.wrong_type", f"Send the file itself, as one of: {names}.")
    too_large = ApiRefused(
        "payload.too_large",
        f"At most {upload.max_bytes // 1024 // 1024} MB.",
        details={"max_bytes": upload.max_bytes},
    )
    if (request.content_length or 0) > upload.max_bytes:
        raise too_large
    content = bytearray()
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            async for chunk in request.content.iter_chunked(_CHUNK):
                content += chunk
                if len(content) > upload.max_bytes:
                    raise too_large
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return bytes(content)
