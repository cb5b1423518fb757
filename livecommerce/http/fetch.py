"""Fetching a small document from another server, for the keys of another issuer."""

from typing import Final

import aiohttp

from livecommerce.accounts.jwks import FETCH_TIMEOUT_S, MAX_DOCUMENT_BYTES

_PIECE_BYTES: Final = 16 * 1024


class DocumentTooLarge(Exception):
    """The document is longer than anything it could be."""


async def fetch(url: str) -> bytes:
    """The body at the address that the operator configured, and at no other: redirects are errors.

    Raises aiohttp.ClientError, TimeoutError, or DocumentTooLarge.
    """
    timeout = aiohttp.ClientTimeout(total=FETCH_TIMEOUT_S)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(url, allow_redirects=False) as response,
    ):
        if response.status != 200:
            raise aiohttp.ClientResponseError(
                response.request_info, response.history, status=response.status
            )
        body = b""
        async for piece in response.content.iter_chunked(_PIECE_BYTES):
            body += piece
            if len(body) > MAX_DOCUMENT_BYTES:
                raise DocumentTooLarge(url)
    return body
