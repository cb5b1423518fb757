"""Accounts against a real Postgres."""

import asyncio
import dataclasses
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from db import Database
from livecommerce.accounts.accounts import Accounts
from livecommerce.accounts.links import make_link
from livecommerce.accounts.passwords import PasswordHasher
from livecommerce.accounts.refusals import AuthRefused
from livecommerce.accounts.tokens import Issuer, Verifier


async def ask(dsn: str, sql: str, *args: object) -> Any:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql, *args)
    finally:
        await connection.close()


async def refusal(work: Any) -> AuthRefused:
    with pytest.raises(AuthRefused) as caught:
        await work
    return caught.value


@pytest.mark.parametrize(
    ("role", "profile"),
    [
        ("customer", "select first_name from customers where user_id = $1"),
        (
            "influencer",
            "select display_name from influencers where user_id = $1 "
            "and not is_verified and verification_status = 'pending'",
        ),
        (
            "wholesaler",
            "select business_name from wholesalers where user_id = $1 "
            "and not is_verified and verification_status = 'pending'",
        ),
    ],
)
async def test_sign_up_makes_the_profile_of_the_role(
    sign_up: Any, issuer: Issuer, now: Any, database_url: str, role: str, profile: str
) -> None:
    logged_in = await sign_up(role=role)
    assert await ask(database_url, profile, logged_in.person.id) == "Asha"
    profiles = await ask(
        database_url,
        "select (select count(*) from customers) + (select count(*) from influencers) "
        "+ (select count(*) from wholesalers)",
    )
    assert profiles == 1
    identity = await Verifier(issuer, epoch_s=now.epoch_s).verify(logged_in.access_token)
    assert (identity.user_id, identity.role) == (logged_in.person.id, role)
    assert (identity.display_name, identity.email) == ("Asha", "asha@example.com")


async def test_password_is_stored_as_bcrypt_that_gotrue_can_read(
    sign_up: Any, database_url: str
) -> None:
    await sign_up()
    stored = await ask(database_url, "select encrypted_password from auth.users")
    assert stored.startswith("$2b$") and len(stored) == 60


async def test_address_is_taken_in_any_spelling(sign_up: Any) -> None:
    await sign_up()
    assert (await refusal(sign_up(email=" ASHA@Example.com"))).code == "auth.email_taken"


async def test_two_sign_ups_at_once_make_one_account(sign_up: Any, database_url: str) -> None:
    outcomes = await asyncio.gather(*(sign_up() for _ in range(4)), return_exceptions=True)
    refused = [outcome.code for outcome in outcomes if isinstance(outcome, AuthRefused)]
    assert refused == ["auth.email_taken"] * 3
    assert await ask(database_url, "select count(*) from auth.users") == 1
    assert await ask(database_url, "select count(*) from customers") == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"email": "asha"}, "auth.email_invalid"),
        ({"email": "asha\0@example.com"}, "auth.email_invalid"),
        ({"password": "short"}, "auth.password_too_short"),
        ({"display_name": " \u200b "}, "auth.display_name_invalid"),
    ],
)
async def test_sign_up_against_the_rules_leaves_nothing(
    sign_up: Any, database_url: str, changed: dict[str, str], code: str
) -> None:
    assert (await refusal(sign_up(**changed))).code == code
    assert await ask(database_url, "select count(*) from auth.users") == 0


async def test_sign_ups_from_one_address_are_slowed_down(sign_up: Any) -> None:
    for n in range(100):
        await sign_up(email=f"asha{n}@example.com")
    refused = await refusal(sign_up(email="asha100@example.com"))
    assert refused.code == "rate.limited" and refused.retry_after_s == 2
    await sign_up(email="asha101@example.com", client_address="192.0.2.2")


@pytest.fixture
def log_in(accounts: Accounts, now: Any) -> Any:
    def attempt(
        email: str = "asha@example.com", password: str = "correct horse", address: str = "192.0.2.1"
    ) -> Any:
        return accounts.log_in(email=email, password=password, client_address=address, now=now.at)

    return attempt


async def test_log_in_takes_the_address_in_any_spelling(sign_up: Any, log_in: Any) -> None:
    made = await sign_up(role="influencer")
    assert (await log_in(email="ASHA@example.com ")).person == made.person


async def test_unknown_address_and_wrong_password_are_the_same_refusal(
    sign_up: Any, log_in: Any
) -> None:
    await sign_up()
    attempts = (
        log_in(password="correct horsf"),
        log_in(email="ravi@example.com"),
        log_in(email="no address"),
        log_in(email="asha\0@example.com"),
        log_in(password=""),
    )
    told = {str(await refusal(attempt)) for attempt in attempts}
    assert len(told) == 1 and told.pop().startswith("auth.wrong_credentials")


async def test_guesses_are_slowed_down_and_the_owner_elsewhere_is_not_locked_out(
    sign_up: Any, log_in: Any
) -> None:
    await sign_up()
    outcomes = await asyncio.gather(
        *(log_in(password=f"guess {n}") for n in range(40)), return_exceptions=True
    )
    codes = [outcome.code for outcome in outcomes if isinstance(outcome, AuthRefused)]
    assert codes.count("auth.wrong_credentials") == 5
    assert codes.count("rate.limited") == 35
    assert (await refusal(log_in())).code == "rate.limited"
    await log_in(address="198.51.100.7")


async def test_a_crowd_behind_one_address_logs_in_together_whoever_mistypes(
    sign_up: Any, log_in: Any
) -> None:
    for n in range(20):
        await sign_up(email=f"asha{n}@example.com", client_address=f"198.51.100.{n}")
    for n in range(30):
        await refusal(log_in(email=f"nobody{n}@example.com"))
    for _ in range(15):
        crowd = (log_in(email=f"asha{n}@example.com") for n in range(20))
        assert len(await asyncio.gather(*crowd)) == 20


async def test_try_whose_password_nobody_judged_does_not_count(
    sign_up: Any, log_in: Any, hasher: PasswordHasher
) -> None:
    await sign_up()
    taken = 0
    while hasher._places.acquire(blocking=False):
        taken += 1
    codes = [(await refusal(log_in())).code for _ in range(30)]
    assert codes == 30 * ["auth.busy"]
    for _ in range(taken):
        hasher._places.release()
    await log_in()


async def test_one_who_tries_many_accounts_is_slowed_down_by_address(
    sign_up: Any, log_in: Any
) -> None:
    await sign_up()
    codes = [(await refusal(log_in(email=f"n{n}@example.com"))).code for n in range(210)]
    assert codes.count("auth.wrong_credentials") == 200
    refused = await refusal(log_in())
    assert refused.code == "rate.limited"
    assert 0 < (refused.retry_after_s or 0) <= 1
    await log_in(address="198.51.100.7")


async def test_right_password_forgives_mistyped_ones(sign_up: Any, log_in: Any) -> None:
    await sign_up()
    for _ in range(3):
        for _ in range(4):
            await refusal(log_in(password="correct horsf"))
        await log_in()


@pytest.mark.parametrize(
    "closing",
    [
        "update auth.users set banned_until = $1::timestamptz + interval '1 day'",
        "update auth.users set deleted_at = $1",
        "update customers set is_active = $1::timestamptz is null",
    ],
)
async def test_closed_account_gets_no_token(
    sign_up: Any, log_in: Any, accounts: Accounts, now: Any, database_url: str, closing: str
) -> None:
    logged_in = await sign_up()
    await ask(database_url, closing, now.at)
    expected = {"auth.account_closed", "auth.wrong_credentials"}
    assert (await refusal(log_in())).code in expected
    refused = await refusal(
        accounts.refresh(logged_in.refresh_token, client_address="192.0.2.1", now=now.at)
    )
    assert refused.code == "auth.account_closed"


async def test_ban_ends_with_its_time(
    sign_up: Any, log_in: Any, now: Any, database_url: str
) -> None:
    await sign_up()
    await ask(database_url, "update auth.users set banned_until = $1", now.at)
    await log_in()


@pytest.fixture
def refresh(accounts: Accounts, now: Any) -> Any:
    def attempt(token: str) -> Any:
        return accounts.refresh(token, client_address="192.0.2.1", now=now.at)

    return attempt


async def test_refresh_gives_another_pair_for_the_same_person(
    sign_up: Any, refresh: Any, now: Any, issuer: Issuer
) -> None:
    first = await sign_up()
    now.pass_(minutes=5)
    second = await refresh(first.refresh_token)
    assert second.person == first.person
    assert second.refresh_token != first.refresh_token
    identity = await Verifier(issuer, epoch_s=now.epoch_s).verify(second.access_token)
    assert identity.expires_at_s == int(now.epoch_s()) + 600


async def test_role_and_name_are_read_again_at_refresh(
    sign_up: Any, refresh: Any, database_url: str
) -> None:
    first = await sign_up()
    await ask(database_url, """update auth.users set raw_app_meta_data = '{"role": "admin"}'""")
    assert (await refresh(first.refresh_token)).person.role == "admin"


async def test_spent_token_that_comes_back_late_ends_the_log_in(
    sign_up: Any, refresh: Any, log_in: Any, now: Any
) -> None:
    first = await sign_up()
    elsewhere = await log_in()
    second = await refresh(first.refresh_token)
    now.pass_(seconds=11)
    assert (await refusal(refresh(first.refresh_token))).code == "auth.invalid"
    assert (await refusal(refresh(second.refresh_token))).code == "auth.invalid"
    await refresh(elsewhere.refresh_token)


async def test_lost_reply_can_be_asked_for_again(sign_up: Any, refresh: Any, now: Any) -> None:
    first = await sign_up()
    await refresh(first.refresh_token)
    now.pass_(seconds=9)
    second = await refresh(first.refresh_token)
    now.pass_(minutes=9)
    await refresh(second.refresh_token)


async def test_two_tabs_with_one_cookie_both_stay_logged_in(
    sign_up: Any, refresh: Any, now: Any
) -> None:
    first = await sign_up()
    tabs = await asyncio.gather(*(refresh(first.refresh_token) for _ in range(3)))
    assert len({tab.refresh_token for tab in tabs}) == 3
    now.pass_(minutes=9)
    for tab in tabs:
        await refresh(tab.refresh_token)


async def test_revocation_and_refresh_at_once_leave_no_survivor(
    sign_up: Any, refresh: Any, accounts: Accounts, now: Any
) -> None:
    for n in range(10):
        first = await sign_up(email=f"asha{n}@example.com", client_address=f"192.0.2.{n}")
        second = await refresh(first.refresh_token)
        refreshing = asyncio.create_task(refresh(second.refresh_token))
        await accounts.log_out(first.refresh_token, now=now.at)
        outcome: Any = (await asyncio.gather(refreshing, return_exceptions=True))[0]
        if not isinstance(outcome, AuthRefused):
            assert (await refusal(refresh(outcome.refresh_token))).code == "auth.invalid"


async def test_log_out_ends_this_log_in_only(
    sign_up: Any, refresh: Any, log_in: Any, accounts: Accounts, now: Any
) -> None:
    here, elsewhere = await sign_up(), await log_in()
    await accounts.log_out(here.refresh_token, now=now.at)
    await accounts.log_out("never given", now=now.at)
    assert (await refusal(refresh(here.refresh_token))).code == "auth.invalid"
    await refresh(elsewhere.refresh_token)


async def test_refresh_token_expires(sign_up: Any, refresh: Any, now: Any) -> None:
    first = await sign_up()
    now.pass_(hours=1)
    assert (await refusal(refresh(first.refresh_token))).code == "auth.invalid"


async def test_no_secret_is_stored_readable(
    sign_up: Any, database: Database, database_url: str, now: Any
) -> None:
    made = await sign_up()
    link = await make_link(database, made.person.id, now.at)
    for table in ("auth.users", "private.refresh_tokens", "private.login_links"):
        rows = await ask(database_url, f"select string_agg(t::text, '') from {table} t")
        for secret in ("correct horse", made.refresh_token, link):
            assert secret not in rows
            assert secret.encode().hex() not in rows


@pytest.fixture
def redeem(accounts: Accounts, now: Any) -> Any:
    def attempt(token: str, address: str = "192.0.2.1") -> Any:
        return accounts.redeem_link(token, client_address=address, now=now.at)

    return attempt


async def test_link_logs_in_once(
    sign_up: Any, redeem: Any, database: Database, now: Any, refresh: Any
) -> None:
    person = (await sign_up(role="influencer")).person
    token = await make_link(database, person.id, now.at)
    logged_in = await redeem(token)
    assert logged_in.person == person
    assert (await refusal(redeem(token))).code == "auth.link_invalid"
    await refresh(logged_in.refresh_token)


async def test_link_used_twice_at_once_logs_in_once(
    sign_up: Any, redeem: Any, database: Database, now: Any
) -> None:
    token = await make_link(database, (await sign_up()).person.id, now.at)
    outcomes = await asyncio.gather(*(redeem(token) for _ in range(4)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, AuthRefused)]
    assert [error.code for error in refused] == ["auth.link_invalid"] * 3


async def test_link_runs_out(sign_up: Any, redeem: Any, database: Database, now: Any) -> None:
    person = (await sign_up()).person
    token = await make_link(database, person.id, now.at, ttl_s=60)
    now.pass_(seconds=60)
    assert (await refusal(redeem(token))).code == "auth.link_invalid"


async def test_link_to_a_closed_account_is_not_spent(
    sign_up: Any, redeem: Any, database: Database, now: Any, database_url: str
) -> None:
    person = (await sign_up()).person
    token = await make_link(database, person.id, now.at)
    await ask(database_url, "update auth.users set banned_until = $1", now.at + timedelta(hours=1))
    assert (await refusal(redeem(token))).code == "auth.account_closed"
    await ask(database_url, "update auth.users set banned_until = null")
    await redeem(token)


async def test_guessed_links_are_slowed_down(redeem: Any) -> None:
    codes = [(await refusal(redeem(f"guess {n}"))).code for n in range(210)]
    assert codes.count("auth.link_invalid") == 200
    assert codes[-1] == "rate.limited"


async def test_account_made_by_seed_without_profile_or_password_gets_in_by_link_only(
    database: Database, database_url: str, redeem: Any, log_in: Any, now: Any
) -> None:
    admin = UUID(int=9)
    await ask(
        database_url,
        "insert into auth.users (id, email, raw_app_meta_data) "
        """values ($1, 'admin@example.com', '{"role": "admin"}')""",
        admin,
    )
    attempt = log_in(email="admin@example.com", password="")
    assert (await refusal(attempt)).code == "auth.wrong_credentials"
    logged_in = await redeem(await make_link(database, admin, now.at))
    assert dataclasses.astuple(logged_in.person) == (admin, "admin", "Member", "admin@example.com")
