"""Passwords: their rules, and bcrypt away from the event loop.

bcrypt and not argon2id because `auth.users.encrypted_password` then holds what GoTrue expects, so
the accounts of this server move to a Supabase project, and back, without a reset.

One hash at cost 12 takes about 250 ms of a core. It runs in a pool of its own with as many threads
as `concurrency` (bcrypt gives up the interpreter lock), in front of which at most `max_waiting`
callers queue; the next one is refused at once with `auth.busy` instead of waiting behind them.
"""

import asyncio
import functools
import math
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import bcrypt

from livecommerce.accounts.refusals import AuthRefused

MIN_CHARS = 8
# The algorithm takes 72 bytes of key; what is longer would be cut off in silence, or raise.
MAX_BYTES = 72

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HashingConfig:
    """concurrency: hashes at the same time. max_waiting: callers queued beyond those.
    cost: log2 of bcrypt's rounds; one more doubles the time of a hash."""

    concurrency: int = 2
    max_waiting: int = 64
    cost: int = 12


def check_rules(password: str) -> None:
    """Raise AuthRefused when the password cannot be accepted for an account."""
    if len(password) < MIN_CHARS:
        raise AuthRefused(
            "auth.password_too_short", f"Choose a password of at least {MIN_CHARS} characters."
        )
    if len(password.encode()) > MAX_BYTES:
        raise AuthRefused(
            "auth.password_too_long",
            f"Choose a password of at most {MAX_BYTES} bytes: that is {MAX_BYTES} Latin letters, "
            "or about 24 letters of an Indian script.",
        )
    if "\0" in password:
        raise AuthRefused("auth.password_invalid", "A password cannot contain a zero character.")


class PasswordHasher:
    def __init__(self, config: HashingConfig) -> None:
        self._config = config
        self._pool = ThreadPoolExecutor(config.concurrency, thread_name_prefix="bcrypt")
        # Given back by the thread that ends the work, not by the caller, who may be cancelled long
        # before; so the bound holds for work that nobody waits for any more.
        self._places = threading.BoundedSemaphore(config.concurrency + config.max_waiting)

    async def hash(self, password: str) -> str:
        """The bcrypt hash to store. Raises AuthRefused for a password against the rules, and
        `auth.busy` when too many others wait."""
        check_rules(password)
        return await self._work(functools.partial(_hash, password.encode(), self._config.cost))

    async def matches(self, password: str, stored: str | None) -> bool:
        """Whether the password is the one that was stored.

        With nothing stored (no such account, or one that logs in by links only) it takes as long
        as with a wrong password, so that the time tells a stranger nothing.
        """
        return await self._work(
            functools.partial(_matches, password.encode(), stored, self._config.cost)
        )

    def close(self) -> None:
        """Give up what still waits; hashes that run end in their threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _work(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise AuthRefused(
                "auth.busy",
                "Many people are logging in at this moment. Please try again in a few seconds.",
                retry_after_s=self._seconds_to_drain(),
            )
        try:
            future: Future[T] = self._pool.submit(work)
        except RuntimeError:
            self._places.release()
            raise
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)

    def _seconds_to_drain(self) -> float:
        one_hash_s = 0.25 * 2.0 ** (self._config.cost - 12)
        places = self._config.concurrency + self._config.max_waiting
        return float(max(1, math.ceil(one_hash_s * places / self._config.concurrency / 2)))


def _hash(password: bytes, cost: int) -> str:
    return bcrypt.hashpw(password, bcrypt.gensalt(cost)).decode()


def _matches(password: bytes, stored: str | None, cost: int) -> bool:
    # A password that sign-up would refuse cannot be right; it costs a hash all the same.
    acceptable = 0 < len(password) <= MAX_BYTES
    against = stored if stored and acceptable else _nobodys_hash(cost)
    try:
        return bcrypt.checkpw(password[:MAX_BYTES], against.encode())
    except ValueError:  # what is stored is not a bcrypt hash, e.g. an account made elsewhere
        return bcrypt.checkpw(password[:MAX_BYTES], _nobodys_hash(cost).encode())


@functools.cache
def _nobodys_hash(cost: int) -> str:
    """A well-formed hash of the wanted cost that no password is known to fit."""
    salt = "livecommerce/nobody/su"
    return f"$2b${cost:02d}${salt}{'.' * 31}"
