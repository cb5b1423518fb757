import dataclasses
import functools
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from db import Database, logins_of
from livecommerce.accounts.accounts import Accounts, AccountsConfig
from livecommerce.accounts.keys import open_key_file
from livecommerce.accounts.passwords import HashingConfig, PasswordHasher
from livecommerce.accounts.tokens import Issuer, IssuerConfig

ISSUER = "http://localhost:8080/auth/v1"
# One key for the whole run: making one costs more than most tests here.
_keys: dict[str, Any] = {}


@dataclasses.dataclass
class Now:
    """A clock that a test sets. `at` is the wall time; seconds count from the same moment."""

    at: datetime = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def epoch_s(self) -> float:
        return self.at.timestamp()

    def pass_(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    path = tmp_path / "keys.json"
    if "shared" not in _keys:
        _keys["shared"] = open_key_file(path)
    return Issuer(IssuerConfig(path, ISSUER), _keys["shared"])


USER_ID = UUID("01930000-0000-7000-8000-000000000001")


@pytest.fixture
def issue(issuer: Issuer, now: Now) -> Callable[..., str]:
    """A good token of a customer, with what a test wants to differ."""

    def make(**changed: Any) -> str:
        wanted: dict[str, Any] = {
            "user_id": USER_ID,
            "role": "customer",
            "display_name": "Asha",
            "email": "asha@example.com",
            "login_id": UUID(int=7),
            "now_s": now.epoch_s(),
        }
        return issuer.issue(**(wanted | changed))

    return make


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    logins = logins_of(database_url)
    database = await Database.connect(api=logins.api, service=logins.service, pool_size=4)
    yield database
    await database.close()


@pytest.fixture
def hasher() -> Any:
    hasher = PasswordHasher(HashingConfig(cost=4))
    yield hasher
    hasher.close()


@pytest.fixture
def accounts(database: Database, issuer: Issuer, hasher: PasswordHasher, now: Now) -> Accounts:
    return Accounts(
        database,
        issuer,
        hasher,
        AccountsConfig(refresh_ttl_s=3600),
        monotonic_s=lambda: now.epoch_s(),
    )


@pytest.fixture
def sign_up(accounts: Accounts, now: Now) -> Callable[..., Any]:
    return functools.partial(
        accounts.sign_up,
        email="asha@example.com",
        password="correct horse",
        display_name="Asha",
        role="customer",
        client_address="192.0.2.1",
        now=now.at,
    )
