"""Sign-up, log-in, staying logged in, and log-out.

An access token (accounts/tokens.py) lives minutes and is believed without asking anybody. The
right to a next one is the refresh token: an opaque secret, hashed at rest, spent with every use
(accounts/rotation.py). Role and ban are read from the database at every refresh. What is changed
between two of them ends the access tokens that were given before (accounts/ended_logins.py).

Refusals do not tell a stranger which accounts exist: an unknown address and a wrong password are
the same sentence after the same time. Sign-up has to say that an address is taken; it is throttled
by network address instead.

No transaction is open while a password is hashed.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, cast
from uuid import UUID

import structlog

from db import SERVICE, Database, Query, Transaction
from livecommerce import clock
from livecommerce.accounts.links import spend_link, token_hash
from livecommerce.accounts.names import clean_display_name, normalised_email
from livecommerce.accounts.passwords import PasswordHasher
from livecommerce.accounts.refusals import AuthRefused
from livecommerce.accounts.rotation import RefreshRow, Verdict, judge
from livecommerce.accounts.throttle import Allowance, Throttle
from livecommerce.accounts.tokens import Issuer, Role

# An admin is made by another admin, never by a form that is open to everybody.
SignUpRole = Literal["customer", "influencer", "wholesaler"]

# A person mistypes a handful of times.
_ACCOUNT_AND_ADDRESS: Final = Allowance(free=5, recover_s=300, first_s=2, longest_s=900)
_ACCOUNT: Final = Allowance(free=20, recover_s=60, first_s=1, longest_s=30)
# Mobile carriers put thousands of viewers behind one address (CGNAT), and a live session makes them
# come in the same minutes. Of log-ins only those that fail count: 200 at once and ten a minute are
# what a crowd mistypes, and still a poor way to try one password on many accounts. Who keeps trying
# beyond it takes most of the turns of the neighbours, as long as it lasts.
_ADDRESS: Final = Allowance(free=200, recover_s=6, first_s=1, longest_s=60)
# A hundred at once and ten a minute are a crowd, and still a poor way to ask which e-mail addresses
# have an account.
_SIGN_UPS: Final = Allowance(free=100, recover_s=6, first_s=2, longest_s=60)
# A page refreshes when it opens and once in the life of an access token. The token cannot be
# guessed, so this only spares the database, and all 2,500 viewers whom a process takes from one
# address may open their pages at once.
_REFRESHES: Final = Allowance(free=2_500, recover_s=0.05, first_s=1, longest_s=10)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AccountsConfig:
    """refresh_ttl_s: seconds after which a browser that never came back has to log in again."""

    refresh_ttl_s: int = 30 * 86_400


@dataclass(frozen=True, slots=True)
class Person:
    id: UUID
    role: Role
    display_name: str
    email: str


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """access_token: for `Authorization: Bearer`, valid `expires_in_s` seconds. refresh_token: for
    the cookie only, valid `refresh_expires_in_s` seconds unless it is spent before."""

    person: Person
    access_token: str
    expires_in_s: int
    refresh_token: str
    refresh_expires_in_s: int


@dataclass(frozen=True, slots=True)
class CredentialsRow:
    user_id: UUID
    encrypted_password: str | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    user_id: UUID
    email: str
    role: str
    display_name: str
    is_open: bool


_CREDENTIALS: Final = Query("accounts.credentials_by_email", CredentialsRow)
_PERSON: Final = Query("accounts.person_by_id", PersonRow)
_CLAIM_EMAIL: Final = Query("accounts.lock_email", None)
_ADD_USER: Final = Query("accounts.add_user", UUID)
_TOUCH_USER: Final = Query("accounts.note_log_in", None)
_REFRESH_FAMILY: Final = Query("accounts.refresh_family", UUID)
_LOCK_FAMILY: Final = Query("accounts.lock_refresh_family", None)
_REFRESH_ROW: Final = Query("accounts.refresh_token", RefreshRow)
_SPEND_REFRESH: Final = Query("accounts.spend_refresh_token", None)
_ADD_REFRESH: Final = Query("accounts.add_refresh_token", None)
_REVOKE_FAMILY: Final = Query("accounts.revoke_refresh_family", None)


class Accounts:
    """client_address in these methods is where the request came from, for throttling only."""

    def __init__(
        self,
        db: Database,
        issuer: Issuer,
        passwords: PasswordHasher,
        config: AccountsConfig,
        *,
        throttle: Throttle | None = None,
        monotonic_s: Callable[[], float] = clock.monotonic_s,
    ) -> None:
        self._db = db
        self._issuer = issuer
        self._passwords = passwords
        self._config = config
        self._throttle = throttle or Throttle()
        self._monotonic_s = monotonic_s

    async def sign_up(
        self,
        *,
        email: str,
        password: str,
        display_name: str,
        role: SignUpRole,
        client_address: str,
        now: datetime,
    ) -> LoggedIn:
        """Make the account, whose profile the database makes, and log it in.

        Influencers and wholesalers begin unverified. Raises AuthRefused: `auth.email_invalid`,
        `auth.email_taken`, `auth.display_name_invalid`, `auth.password_*`, `auth.busy`,
        `rate.limited`.
        """
        self._begin_try((("sign-up", client_address), _SIGN_UPS))
        address, name = _checked_email(email), _checked_name(display_name)
        encrypted = await self._passwords.hash(password)
        user_id = clock.uuid7()
        async with self._db.acting_as(SERVICE) as transaction:
            await transaction.run(_CLAIM_EMAIL, address)
            added = await transaction.one(_ADD_USER, user_id, address, encrypted, role, name, now)
            if added is None:
                raise AuthRefused(
                    "auth.email_taken",
                    "There is an account with this e-mail address already. Log in instead.",
                )
            return await self._log_in(transaction, user_id, now)

    async def log_in(
        self, *, email: str, password: str, client_address: str, now: datetime
    ) -> LoggedIn:
        """Raises AuthRefused: `auth.wrong_credentials`, `auth.account_closed` (told only to whoever
        knows the password), `auth.busy`, `rate.limited`."""
        address = normalised_email(email)
        account, both = ("account", address), ("both", address, client_address)
        place = ("address", client_address), _ADDRESS
        guards = (both, _ACCOUNT_AND_ADDRESS), (account, _ACCOUNT), place
        self._begin_try(*guards)
        try:
            found = await self._credentials(address) if address else None
            is_right = await self._passwords.matches(
                password, found.encrypted_password if found else None
            )
        except BaseException:
            # Nobody has learnt anything of the password: too many wait, or Postgres is away.
            for guard in guards:
                self._throttle.give_back(guard, self._monotonic_s())
            raise
        if found is None or not is_right:
            raise AuthRefused(
                "auth.wrong_credentials", "This e-mail address and password do not fit together."
            )
        self._throttle.forget(account, both)
        self._throttle.give_back(place, self._monotonic_s())
        async with self._db.acting_as(SERVICE) as transaction:
            return await self._log_in(transaction, found.user_id, now)

    async def redeem_link(self, token: str, *, client_address: str, now: datetime) -> LoggedIn:
        """Log in by a one-time link. Raises AuthRefused: `auth.link_invalid`,
        `auth.account_closed`, `rate.limited`."""
        place = ("address", client_address), _ADDRESS
        self._begin_try(place)
        async with self._db.acting_as(SERVICE) as transaction:
            user_id = await spend_link(transaction, token, now)
            if user_id is None:
                raise AuthRefused(
                    "auth.link_invalid",
                    "This log-in link was used already or has run out. Please ask for a new one.",
                )
            self._throttle.give_back(place, self._monotonic_s())
            return await self._log_in(transaction, user_id, now)

    async def refresh(self, refresh_token: str, *, client_address: str, now: datetime) -> LoggedIn:
        """Spend the refresh token and give the next pair.

        Raises AuthRefused: `auth.invalid`, `auth.account_closed`, `rate.limited`.
        """
        self._begin_try((("refresh", client_address), _REFRESHES))
        async with self._db.acting_as(SERVICE) as transaction:
            row = await _locked_row(transaction, refresh_token)
            verdict = judge(row, now)
            if row is not None and verdict in (Verdict.FRESH, Verdict.REPEATED):
                await transaction.run(_SPEND_REFRESH, row.id, now)
                return await self._next_pair(transaction, row.user_id, row.family, now)
            if row is not None and verdict is Verdict.REUSED:
                await transaction.run(_REVOKE_FAMILY, row.family, now)
        # Out here the transaction is committed: refusing inside would undo the revocation.
        if row is not None and verdict is Verdict.REUSED:
            _log.warning("auth.refresh_reused", user_id=str(row.user_id), family=str(row.family))
        raise AuthRefused("auth.invalid", "Your log-in has run out. Please log in again.")

    async def log_out(self, refresh_token: str, *, now: datetime) -> None:
        """End the log-in that the token belongs to; an unknown token is no error."""
        async with self._db.acting_as(SERVICE) as transaction:
            row = await _locked_row(transaction, refresh_token)
            if row is not None:
                await transaction.run(_REVOKE_FAMILY, row.family, now)

    async def _credentials(self, address: str) -> CredentialsRow | None:
        async with self._db.acting_as(SERVICE) as transaction:
            return await transaction.one(_CREDENTIALS, address)

    def _begin_try(self, *guards: tuple[Hashable, Allowance]) -> None:
        wait_s = self._throttle.begin(guards, self._monotonic_s())
        if wait_s > 0:
            raise AuthRefused(
                "rate.limited", "Too many tries. Please wait a moment.", retry_after_s=wait_s
            )

    async def _log_in(self, transaction: Transaction, user_id: UUID, now: datetime) -> LoggedIn:
        await transaction.run(_TOUCH_USER, user_id, now)
        return await self._next_pair(transaction, user_id, clock.uuid7(), now)

    async def _next_pair(
        self, transaction: Transaction, user_id: UUID, family: UUID, now: datetime
    ) -> LoggedIn:
        person = await _open_account(transaction, user_id, now)
        refresh_token = clock.secret(32)
        expires_at = now + timedelta(seconds=self._config.refresh_ttl_s)
        await transaction.run(
            _ADD_REFRESH, clock.uuid7(), family, user_id, token_hash(refresh_token), now, expires_at
        )
        return LoggedIn(
            person=person,
            access_token=self._issuer.issue(
                user_id=person.id,
                role=person.role,
                display_name=person.display_name,
                email=person.email,
                login_id=family,
                now_s=now.timestamp(),
            ),
            expires_in_s=self._issuer.access_ttl_s,
            refresh_token=refresh_token,
            refresh_expires_in_s=self._config.refresh_ttl_s,
        )


async def _locked_row(transaction: Transaction, refresh_token: str) -> RefreshRow | None:
    """The token's row with its whole family locked until the transaction ends.

    A lock on the row alone is not enough: a refresh of another member could add a child just after
    a revocation looked, and that child would live on. The row is read again under the lock.
    """
    hashed = token_hash(refresh_token)
    family = await transaction.one(_REFRESH_FAMILY, hashed)
    if family is None:
        return None
    await transaction.run(_LOCK_FAMILY, family)
    return await transaction.one(_REFRESH_ROW, hashed)


async def _open_account(transaction: Transaction, user_id: UUID, now: datetime) -> Person:
    row = await transaction.one(_PERSON, user_id, now)
    if row is None or not row.is_open:
        raise AuthRefused(
            "auth.account_closed", "This account is closed. Please write to our support."
        )
    return Person(row.user_id, cast(Role, row.role), row.display_name, row.email)


def _checked_email(email: str) -> str:
    address = normalised_email(email)
    if address is None:
        raise AuthRefused(
            "auth.email_invalid", "Please enter an e-mail address like name@example.com."
        )
    return address


def _checked_name(display_name: str) -> str:
    name = clean_display_name(display_name)
    if name is None:
        raise AuthRefused(
            "auth.display_name_invalid", "Please choose a name of 1 to 60 visible characters."
        )
    return name
