"""Facts: the pool, transactions on behalf of an actor, migrations, the catalogue of queries.

The only package that talks to Postgres; it knows no business words outside SQL.
"""

from db.actor import ANONYMOUS, SERVICE, Actor, ActorKind
from db.errors import (
    ConstraintViolated,
    DatabaseUnavailable,
    MigrationRefused,
    TransactionConflict,
    UniqueViolated,
)
from db.pool import Database, Transaction
from db.query import Query
from db.runner import migrate, pending_migrations

__all__ = [
    "ANONYMOUS",
    "SERVICE",
    "Actor",
    "ActorKind",
    "ConstraintViolated",
    "Database",
    "DatabaseUnavailable",
    "MigrationRefused",
    "Query",
    "Transaction",
    "TransactionConflict",
    "UniqueViolated",
    "migrate",
    "pending_migrations",
]
