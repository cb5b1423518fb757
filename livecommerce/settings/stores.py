"""Postgres and Redis: those that are named, and those that `demo` starts itself."""

from pydantic import Field

from livecommerce.settings.values import DatabaseUrl, FilePath, RedisUrl, Section, Text


class Database(Section):
    """Postgres: the truth for money, stock and people."""

    url: DatabaseUrl = Field(
        None,
        description="Connection URL of the owner of the schema, who migrates it. Default: `demo` "
        "starts its own Postgres. DATABASE_URL is read as well.",
    )
    api_url: DatabaseUrl = Field(
        None,
        description="Connection URL of the login for what is done for people. Default: "
        "`livecommerce_api`, made by `migrate`, with a password derived from the owner's.",
    )
    service_url: DatabaseUrl = Field(
        None,
        description="The same for the program's own work, by default `livecommerce_service`. With "
        "both set only `migrate` needs the owner's.",
    )
    pool_size: int = Field(
        10,
        ge=1,
        le=100,
        description="Connections of a process with each login; one checkout batch uses one.",
    )
    statement_timeout_ms: int = Field(
        5000,
        ge=100,
        le=600_000,
        description="Milliseconds after which Postgres ends a statement: a stuck one must not "
        "hold a connection of the pool.",
    )


class Redis(Section):
    """Redis or Valkey: fan-out, chat, counters. Losing it loses no order."""

    url: RedisUrl = Field(
        None,
        description="Connection URL. Default: `demo` starts its own Valkey. REDIS_URL is read as "
        "well.",
    )
    socket_timeout_ms: int = Field(
        500,
        ge=50,
        le=60_000,
        description="Milliseconds to wait for an answer before a command counts as failed.",
    )


class Embedded(Section):
    """The Postgres and Valkey that `demo` starts itself."""

    user: Text = Field(
        None,
        description="User to run them as when started by root, since Postgres refuses root. "
        "Default: `postgres` where it exists, else `nobody`.",
    )
    pg_bin: FilePath = Field(
        None,
        description="Folder with the Postgres programs. Default: those of the wheel, else the "
        "newest of the system.",
    )
