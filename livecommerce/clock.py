"""The only reader of wall time and randomness in the program.

Everything else takes `now` (or an identifier, or a secret) as an argument, so that every decision
can be repeated in a test with the values of its choice. Shells hand these functions down to the
parts that need them.
"""

import secrets
import time
from datetime import UTC, datetime
from uuid import UUID


def now() -> datetime:
    """The wall time, in UTC and aware of it."""
    return datetime.now(UTC)


def epoch_ms() -> int:
    """Milliseconds since 1970-01-01T00:00Z, as the wire's `*_at_ms` fields carry them."""
    return time.time_ns() // 1_000_000


def epoch_s() -> float:
    """Seconds since 1970-01-01T00:00Z, as token claims (`iat`, `exp`) count them."""
    return time.time()


def monotonic_s() -> float:
    """Seconds on a clock that never steps back, for measuring how long something took."""
    return time.monotonic()


def uuid7() -> UUID:
    """An identifier that sorts by its time of making (RFC 9562, section 5.7).

    48 bits of milliseconds, 12 bits of the fraction of that millisecond (method 3 of section 6.2)
    and 62 random bits. Rows made one after another land side by side in an index.
    """
    milliseconds, rest_ns = divmod(time.time_ns(), 1_000_000)
    fraction = (rest_ns << 12) // 1_000_000
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | secrets.randbits(62)
    return UUID(int=value)


def secret(n: int) -> str:
    """`n` unguessable bytes as URL-safe text (about 1.3 characters a byte)."""
    return secrets.token_urlsafe(n)


def random_bytes(n: int) -> bytes:
    """`n` unguessable bytes, for keys and nonces."""
    return secrets.token_bytes(n)


def fraction() -> float:
    """A number in [0, 1) for spreading retries; not for secrets."""
    return secrets.randbits(53) / (1 << 53)
