"""Facts: the pool, transactions on behalf of an actor, migrations, the catalogue of queries.

The only package that talks to Postgres; it knows no business words outside SQL.
"""

from db.actor import ANONYMOUS, SERVICE, Actor, ActorKind
from db.errors import (
    ConstraintViolated,
    DatabaseUnavailable,
    DatabaseUrlRefused,
    MigrationRefused,
    TransactionConflict,
    UniqueViolated,
)
from db.history import MigrationState
from db.logins import LoginRefused, Logins, logins_of
from db.pool import Acting, Database, Transaction
from db.query import Query
from db.runner import migrate, migration_states, pending_migrations

__all__ = [
    "ANONYMOUS",
    "SERVICE",
    "Acting",
    "Actor",
    "ActorKind",
    "ConstraintViolated",
    "Database",
    "DatabaseUnavailable",
    "DatabaseUrlRefused",
    "LoginRefused",
    "Logins",
    "MigrationRefused",
    "MigrationState",
    "Query",
    "Transaction",
    "TransactionConflict",
    "UniqueViolated",
    "logins_of",
    "migrate",
    "migration_states",
    "pending_migrations",
]
