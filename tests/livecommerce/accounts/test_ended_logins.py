"""Log-ins that end before their access tokens do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from db import Database
from livecommerce import clock
from livecommerce.accounts.accounts import Accounts, AccountsConfig, LoggedIn
from livecommerce.accounts.ended_logins import EndedLogins, EndedRow, LoginWatch
from livecommerce.accounts.passwords import PasswordHasher
from livecommerce.accounts.refusals import AuthRefused
from livecommerce.accounts.tokens import Issuer, Verifier
from livecommerce.live.identity import verifying
from tests.signaling.hub_under_test import Hub, Raw, raw_socket, running_hub

ASHA, PHONE, LAPTOP = UUID(int=1), UUID(int=2), UUID(int=3)


@dataclass(frozen=True)
class Login:
    user_id: UUID = ASHA
    login_id: UUID | None = PHONE
    issued_at_s: float = 1_000.0


# ---- what is remembered


def test_a_log_in_that_ended_takes_its_tokens_with_it_and_no_others() -> None:
    ended = EndedLogins(600)
    assert not ended.is_ended(Login())
    assert ended.add(EndedRow(ASHA, PHONE, 900.0))
    assert ended.is_ended(Login())
    assert not ended.is_ended(Login(login_id=LAPTOP))
    assert not ended.is_ended(Login(login_id=None))


@pytest.mark.parametrize(
    ("issued_at_s", "is_ended"), [(999.0, True), (1_000.0, True), (1_001.0, False)]
)
def test_when_all_of_a_person_end_what_is_issued_later_holds(
    issued_at_s: float, is_ended: bool
) -> None:
    ended = EndedLogins(600)
    ended.add(EndedRow(ASHA, None, 1_000.4))
    assert ended.is_ended(Login(issued_at_s=issued_at_s)) is is_ended
    assert ended.is_ended(Login(login_id=None, issued_at_s=issued_at_s)) is is_ended
    assert not ended.is_ended(Login(user_id=UUID(int=9), issued_at_s=issued_at_s))


def test_the_same_end_is_news_once_and_a_later_one_again() -> None:
    ended = EndedLogins(600)
    assert ended.add(EndedRow(ASHA, None, 1_000.0))
    assert not ended.add(EndedRow(ASHA, None, 1_000.0))
    assert ended.add(EndedRow(ASHA, None, 1_100.0))
    assert not ended.add(EndedRow(ASHA, None, 1_050.0))
    assert ended.is_ended(Login(issued_at_s=1_100.0))


def test_what_no_living_token_can_be_of_is_forgotten() -> None:
    ended = EndedLogins(600)
    for n in range(10):
        ended.add(EndedRow(UUID(int=100 + n), None, 1_000.0 + n))
    ended.forget(1_604.5)
    assert len(ended) == 5
    ended.forget(1_610.0)
    assert len(ended) == 0


def test_memory_has_an_end() -> None:
    ended = EndedLogins(600, most=3)
    for n in range(5):
        ended.add(EndedRow(UUID(int=100 + n), None, 1_000.0 + n))
    assert len(ended) == 3
    assert ended.is_ended(Login(user_id=UUID(int=104)))


# ---- what is written down


@pytest.fixture
def people(database: Database, issuer: Issuer, hasher: PasswordHasher) -> Accounts:
    """By the clock of the wall, which is also that of the database."""
    return Accounts(database, issuer, hasher, AccountsConfig(refresh_ttl_s=3600))


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


SignUp = Callable[..., Awaitable[LoggedIn]]


@pytest.fixture
def join(people: Accounts) -> SignUp:
    async def join(role: Any = "customer") -> LoggedIn:
        return await people.sign_up(
            email="asha@example.com",
            password="correct horse",
            display_name="Asha",
            role=role,
            client_address="192.0.2.1",
            now=clock.now(),
        )

    return join


async def log_in(people: Accounts) -> LoggedIn:
    return await people.log_in(
        email="asha@example.com",
        password="correct horse",
        client_address="192.0.2.1",
        now=clock.now(),
    )


@dataclass
class Process:
    """What one hub knows of log-ins."""

    watch: LoginWatch
    verifier: Verifier
    told: list[UUID]

    async def believes(self, token: str) -> bool:
        try:
            await self.verifier.verify(token)
        except AuthRefused as refused:
            assert refused.code == "auth.invalid"
            return False
        return True


def process(database: Database, issuer: Issuer) -> Process:
    ended, told = EndedLogins(720), list[UUID]()
    watch = LoginWatch(database, ended, told.append, clock.now)
    return Process(watch, Verifier(issuer, is_ended=ended.is_ended), told)


CLOSING = {
    "ban": "update auth.users set banned_until = now() + interval '1 hour' where id = $1",
    "soft deletion": "update auth.users set deleted_at = now() where id = $1",
    "deletion": "delete from auth.users where id = $1",
    "new password": "update auth.users set encrypted_password = 'other' where id = $1",
    "password taken away": "update auth.users set encrypted_password = null where id = $1",
    "other role": "update auth.users set raw_app_meta_data ="
    ' raw_app_meta_data || \'{"role": "admin"}\' where id = $1',
}


@pytest.mark.parametrize("change", CLOSING)
async def test_what_is_changed_about_an_account_ends_its_tokens_everywhere(
    database: Database, issuer: Issuer, join: SignUp, sql: Any, change: str
) -> None:
    processes = [process(database, issuer) for _ in range(2)]
    person = await join()
    for one in processes:
        await one.watch.look()
        assert await one.believes(person.access_token)
    await sql.execute(CLOSING[change], person.person.id)
    for one in processes:
        await one.watch.look()
        assert one.told == [person.person.id]
        assert not await one.believes(person.access_token)
        await one.watch.look()
        assert one.told == [person.person.id]
    late = process(database, issuer)
    await late.watch.look()
    assert not await late.believes(person.access_token)


@pytest.mark.parametrize(
    ("role", "table"),
    [("customer", "customers"), ("influencer", "influencers"), ("wholesaler", "wholesalers")],
)
async def test_a_profile_that_is_switched_off_ends_the_log_ins(
    database: Database, issuer: Issuer, join: SignUp, sql: Any, role: str, table: str
) -> None:
    one = process(database, issuer)
    person = await join(role)
    await sql.execute(
        f"update {table} set is_active = false where user_id = $1",
        person.person.id,
    )
    await one.watch.look()
    assert not await one.believes(person.access_token)


async def test_logging_in_and_a_ban_that_is_lifted_end_nothing(
    database: Database, issuer: Issuer, join: SignUp, people: Accounts, sql: Any
) -> None:
    one = process(database, issuer)
    person = await join()
    again = await log_in(people)
    await people.refresh(again.refresh_token, client_address="192.0.2.1", now=clock.now())
    await sql.execute("update auth.users set banned_until = now() - interval '1 day'")
    await sql.execute("update auth.users set email = 'other@example.com'")
    await sql.execute("update customers set is_active = true")
    await one.watch.look()
    assert one.told == []
    assert await one.believes(person.access_token)


async def test_log_out_ends_this_log_in_and_no_other(
    database: Database, issuer: Issuer, join: SignUp, people: Accounts
) -> None:
    one = process(database, issuer)
    phone = await join()
    laptop = await log_in(people)
    await people.log_out(phone.refresh_token, now=clock.now())
    await one.watch.look()
    assert not await one.believes(phone.access_token)
    assert await one.believes(laptop.access_token)


async def test_a_new_password_ends_the_right_to_new_tokens_too(
    join: SignUp, people: Accounts, sql: Any
) -> None:
    person = await join()
    await sql.execute(CLOSING["new password"], person.person.id)
    with pytest.raises(AuthRefused) as refused:
        await people.refresh(person.refresh_token, client_address="192.0.2.1", now=clock.now())
    assert refused.value.code == "auth.invalid"


async def test_an_end_that_becomes_visible_late_is_still_seen(
    database: Database, issuer: Issuer, join: SignUp, sql: Any
) -> None:
    one = process(database, issuer)
    person = await join()
    async with sql.transaction():
        await sql.execute(CLOSING["ban"], person.person.id)
        await one.watch.look()
        assert await one.believes(person.access_token)
    await one.watch.look()
    assert not await one.believes(person.access_token)


# ---- on open sockets


def watched(hub: Hub, database: Database, ended: EndedLogins) -> LoginWatch:
    def close(user_id: UUID) -> None:
        hub.gateway.end_identities(user_id, ended.is_ended)

    return LoginWatch(database, ended, close, clock.now)


async def close_code(socket: Raw) -> str:
    while not (heard := await socket.receive()).startswith(":"):
        pass
    return heard


async def test_sockets_of_a_log_in_that_ended_are_closed_on_every_process(
    database: Database, issuer: Issuer, join: SignUp, people: Accounts
) -> None:
    phone = await join()
    laptop = await log_in(people)
    for _ in range(2):
        ended = EndedLogins(720)
        verify = verifying(Verifier(issuer, is_ended=ended.is_ended))
        async with (
            running_hub(verify=verify, epoch_s=clock.epoch_s) as hub,
            raw_socket(hub) as there,
            raw_socket(hub) as beside,
            raw_socket(hub) as back,
        ):
            await there.connect({"token": phone.access_token})
            await beside.connect({"token": laptop.access_token})
            await people.log_out(phone.refresh_token, now=clock.now())
            await watched(hub, database, ended).look()
            assert await close_code(there) == ":4401"
            answer = await beside.call("session.leave", {"live_session_id": str(ASHA)})
            assert answer == {"ok": {}}
            assert (await back.connect({"token": phone.access_token})).startswith("44")
