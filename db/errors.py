"""What can go wrong between the program and Postgres, in words the rest of the program may know."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlsplit

import asyncpg

_UNAVAILABLE_RETRY_S = 2.0


class DatabaseUnavailable(Exception):
    """Postgres does not answer, or not in time.

    Whether the last statement took effect is unknown when it was a commit: whatever must not happen
    twice carries a key. retry_after_s: when asking again makes sense.
    """

    def __init__(self, reason: str, retry_after_s: float = _UNAVAILABLE_RETRY_S) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class TransactionConflict(Exception):
    """Two transactions stood in each other's way and this one was undone; run it again."""


class ConstraintViolated(Exception):
    """A row was refused by a constraint of the schema; `constraint` is its name, or ''."""

    def __init__(self, constraint: str, message: str) -> None:
        super().__init__(message)
        self.constraint = constraint


class UniqueViolated(ConstraintViolated):
    """The row exists already."""


class MigrationRefused(Exception):
    """A migration cannot run: the history and the files do not agree, or Postgres refuses it."""


class DatabaseUrlRefused(DatabaseUnavailable):
    """DATABASE_URL cannot be used as it is written. The text never quotes it: it may hold a
    password."""


# Trouble of the server or of the way to it, not of the statement. By SQLSTATE: class 08 connection,
# 28 we are not let in, 3D000 no such database, 53 out of resources, 57 operator intervention
# (shutdown, statement timeout), 58 system; 25P03 idle in transaction for too long, 25006 the server
# became a replica, 55P03 lock timeout.
_UNAVAILABLE: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.LockNotAvailableError,
    asyncpg.InternalClientError,
)
_URL_REFUSED = (
    "DATABASE_URL cannot be used: {}. It is written postgresql://user:password@host:port/database; "
    "what is not a letter or digit in user and password is written as % and two hexadecimal digits."
)
# A value that does not fit its column: the row is refused as by a constraint.
_DOES_NOT_FIT = (
    asyncpg.StringDataRightTruncationError,
    asyncpg.NumericValueOutOfRangeError,
    asyncpg.DatetimeFieldOverflowError,
    asyncpg.UntranslatableCharacterError,
)
_CONFLICT = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


@contextmanager
def translated() -> Iterator[None]:
    """Raise this module's exceptions instead of the driver's.

    A statement that is wrong in itself (syntax, types, privileges) is a defect of the program and
    passes through, without its detail as all of them: there Postgres quotes the row, with people's
    addresses in it, and these texts end in logs.
    """
    try:
        with _without_rows():
            yield
    except _CONFLICT as error:
        raise TransactionConflict(str(error)) from error
    except asyncpg.UniqueViolationError as error:
        raise UniqueViolated(error.constraint_name or "", str(error)) from error
    except asyncpg.IntegrityConstraintViolationError as error:
        raise ConstraintViolated(error.constraint_name or "", str(error)) from error
    except _DOES_NOT_FIT as error:
        raise ConstraintViolated("", str(error)) from error
    except _UNAVAILABLE as error:
        raise DatabaseUnavailable(str(error) or type(error).__name__) from error
    except asyncpg.InterfaceError as error:
        # Raised both for a connection or pool that is closed and for arguments of the wrong type.
        if isinstance(error, ValueError | TypeError):
            raise
        raise DatabaseUnavailable(str(error)) from error


def is_unavailable(error: BaseException) -> bool:
    """Whether it is trouble of the server or of the way to it, not of the statement."""
    return isinstance(error, _UNAVAILABLE)


@contextmanager
def connecting(dsn: str) -> Iterator[None]:
    """`translated`, for opening connections: says also which server it was about.

    Raises DatabaseUrlRefused for an address that the driver or the server does not understand.
    """
    require_url(dsn)
    try:
        with translated():
            yield
    except asyncpg.ClientConfigurationError as error:
        raise DatabaseUrlRefused(_URL_REFUSED.format(error)) from None
    except ValueError:
        raise DatabaseUrlRefused(_URL_REFUSED.format("the driver does not understand it")) from None
    except (asyncpg.UndefinedObjectError, asyncpg.DataError) as error:
        # Parameters that the driver does not know are settings for the server.
        raise DatabaseUrlRefused(_URL_REFUSED.format(f"the server says: {error}")) from None
    except DatabaseUnavailable as error:
        cause, reason = error.__cause__, str(error)
        if isinstance(cause, OSError) and cause.errno is not None:
            # A resolver's errors have negative numbers and a sentence of their own.
            reason = os.strerror(cause.errno) if cause.errno > 0 else str(cause.strerror)
        raise DatabaseUnavailable(f"no connection to Postgres at {place(dsn)}: {reason}") from error


def require_url(dsn: str) -> None:
    """Raises DatabaseUrlRefused for what is not a URL, with the reason as far as it is safe to say.

    The parser's own words are not: a password with a slash in it becomes, to a parser, a port.
    """
    try:
        parts = urlsplit(dsn)
    except ValueError:
        raise DatabaseUrlRefused(_URL_REFUSED.format("its brackets do not match")) from None
    for address in parts.netloc.rpartition("@")[2].split(","):
        port = address.rpartition("]")[2].partition(":")[2]
        if port and not (port.isascii() and port.isdigit() and int(port) < 65536):
            raise DatabaseUrlRefused(_URL_REFUSED.format("its port is not a number below 65536"))


def place(dsn: str) -> str:
    """Where a URL leads, without what is secret in it: `host:port/database`."""
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2] or dict(parse_qsl(parts.query)).get("host", "localhost")
    return host + parts.path


@contextmanager
def _without_rows() -> Iterator[None]:
    try:
        yield
    except asyncpg.PostgresError as error:
        error.detail = None
        raise
