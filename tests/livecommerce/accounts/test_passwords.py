import asyncio
import threading
from collections.abc import Iterator

import pytest

from livecommerce.accounts import passwords
from livecommerce.accounts.passwords import HashingConfig, PasswordHasher
from livecommerce.accounts.refusals import AuthRefused


@pytest.fixture
def hasher() -> Iterator[PasswordHasher]:
    hasher = PasswordHasher(HashingConfig(concurrency=2, max_waiting=3, cost=4))
    yield hasher
    hasher.close()


class Gate:
    """Stands in for bcrypt itself, to hold its threads where a test wants them."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.running = 0
        self.most = 0
        self._lock = threading.Lock()

    def __call__(self, password: bytes, cost: int) -> str:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.opened.wait(30)
        with self._lock:
            self.running -= 1
        return "hash"


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate()
    monkeypatch.setattr(passwords, "_hash", gate)
    yield gate
    gate.opened.set()


async def refused_code(hasher: PasswordHasher, password: str) -> str:
    with pytest.raises(AuthRefused) as caught:
        await hasher.hash(password)
    return caught.value.code


async def test_password_fits_its_own_hash_only(hasher: PasswordHasher) -> None:
    stored = await hasher.hash("correct horse")
    assert stored.startswith("$2b$04$")
    assert await hasher.matches("correct horse", stored)
    assert not await hasher.matches("correct horsf", stored)
    assert stored != await hasher.hash("correct horse")


async def test_longest_password_counts_to_its_last_byte(hasher: PasswordHasher) -> None:
    stored = await hasher.hash("म" * 24)
    assert await hasher.matches("म" * 24, stored)
    assert not await hasher.matches("म" * 23 + "य", stored)
    assert not await hasher.matches("म" * 24 + "x", stored)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "auth.password_too_short"),
        ("1234567", "auth.password_too_short"),
        ("पासवर्ड"[:3], "auth.password_too_short"),
        ("x" * 73, "auth.password_too_long"),
        ("म" * 25, "auth.password_too_long"),
        ("password\0", "auth.password_invalid"),
    ],
)
async def test_password_against_the_rules_is_refused(
    hasher: PasswordHasher, password: str, code: str
) -> None:
    assert await refused_code(hasher, password) == code


@pytest.mark.parametrize("stored", [None, "", "plain text", "$2b$04$short", "$argon2id$v=19$x"])
@pytest.mark.parametrize("password", ["correct horse", "", "x" * 1000, "\0"])
async def test_account_without_a_usable_hash_fits_nothing(
    hasher: PasswordHasher, stored: str | None, password: str
) -> None:
    assert not await hasher.matches(password, stored)


async def test_unknown_account_costs_a_hash_of_the_same_strength(
    hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []

    def checkpw(password: bytes, against: bytes) -> bool:
        compared.append(against.decode()[:7])
        return False

    stored = await hasher.hash("correct horse")
    monkeypatch.setattr("bcrypt.checkpw", checkpw)
    for known in (stored, None):
        await hasher.matches("correct horse", known)
    await hasher.matches("x" * 100, stored)
    assert compared == ["$2b$04$"] * 3


async def test_no_more_hashes_at_once_than_configured(hasher: PasswordHasher, gate: Gate) -> None:
    waiting = [asyncio.create_task(hasher.hash("correct horse")) for _ in range(5)]
    await asyncio.to_thread(wait_until, lambda: gate.running == 2)
    gate.opened.set()
    await asyncio.gather(*waiting)
    assert gate.most == 2


async def test_caller_beyond_the_queue_is_told_when_to_come_back(
    hasher: PasswordHasher, gate: Gate
) -> None:
    waiting = [asyncio.create_task(hasher.hash("correct horse")) for _ in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(AuthRefused) as caught:
        await hasher.hash("correct horse")
    assert caught.value.code == "auth.busy"
    assert caught.value.retry_after_s is not None and caught.value.retry_after_s >= 1
    gate.opened.set()
    await asyncio.gather(*waiting)
    assert await hasher.hash("correct horse") == "hash"


async def test_callers_who_leave_do_not_free_places_that_still_work(
    hasher: PasswordHasher, gate: Gate
) -> None:
    running = [asyncio.create_task(hasher.hash("correct horse")) for _ in range(2)]
    await asyncio.to_thread(wait_until, lambda: gate.running == 2)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    queued = [asyncio.create_task(hasher.hash("correct horse")) for _ in range(3)]
    await asyncio.sleep(0)
    assert await refused_code(hasher, "correct horse") == "auth.busy"
    gate.opened.set()
    await asyncio.gather(*queued)


def wait_until(is_so: object) -> None:
    assert callable(is_so)
    event = threading.Event()
    for _ in range(3000):
        if is_so():
            return
        event.wait(0.01)
    raise AssertionError("it never came to that")
