"""What PostgREST makes of the calls of a client, as statements.

The shape is that of its query builder: the body of the request is one JSON parameter, a write is a
CTE, an upsert without a target conflicts on the primary key and sets every column that the body
brings, and `return=minimal` (an insert without `.select()`) returns 1 for each row.
"""

from __future__ import annotations

import json
from typing import Any

import asyncpg

Json = dict[str, Any]


async def insert(
    sql: asyncpg.Connection, table: str, body: Json | list[Json], *, is_selected: bool = False
) -> list[Json]:
    """supabase.from(table).insert(body), with `.select()` when is_selected."""
    return await _write(sql, table, body, "", is_selected)


async def upsert(
    sql: asyncpg.Connection,
    table: str,
    body: Json | list[Json],
    *,
    on_conflict: str = "id",
    is_selected: bool = False,
) -> list[Json]:
    """supabase.from(table).upsert(body, { onConflict }); the default is the primary key."""
    sets = ", ".join(f'"{column}" = EXCLUDED."{column}"' for column in columns_of(body))
    target = ", ".join(f'"{column}"' for column in on_conflict.split(","))
    return await _write(
        sql, table, body, f"ON CONFLICT({target}) DO UPDATE SET {sets}", is_selected
    )


async def _write(
    sql: asyncpg.Connection,
    table: str,
    body: Json | list[Json],
    on_conflict: str,
    is_selected: bool,
) -> list[Json]:
    columns = ", ".join(f'"{column}"' for column in columns_of(body))
    from_body = ", ".join(f'"pgrst_body"."{column}"' for column in columns_of(body))
    types = ", ".join(
        f'"{row["attname"]}" {row["type"]}'
        for row in await sql.fetch(
            "select attname, format_type(atttypid, atttypmod) as type from pg_attribute"
            " where attrelid = to_regclass('public.' || quote_ident($1)) and attname = any ($2)",
            table,
            columns_of(body),
        )
    )
    to_rows = "json_to_recordset" if isinstance(body, list) else "json_to_record"
    returning = f'"public"."{table}".*' if is_selected else "1"
    selected = f'SELECT "{table}".* FROM "pgrst_source" AS "{table}"'
    answer = await sql.fetchrow(
        f'WITH pgrst_source AS (INSERT INTO "public"."{table}"({columns}) SELECT {from_body} FROM'
        f" (SELECT $1::json AS json_data) pgrst_payload, LATERAL (SELECT {columns} FROM"
        f" {to_rows}(pgrst_payload.json_data) AS _({types})) pgrst_body {on_conflict}"
        f" RETURNING {returning})"
        " SELECT '' AS total_result_set, pg_catalog.count(_postgrest_t) AS page_total,"
        " coalesce(json_agg(_postgrest_t), '[]') AS body FROM"
        f" ({selected if is_selected else 'SELECT * FROM pgrst_source'}) _postgrest_t",
        json.dumps(body),
    )
    assert answer is not None
    return list(json.loads(answer["body"]))


async def update(sql: asyncpg.Connection, table: str, body: Json, **equal: str) -> list[Json]:
    """supabase.from(table).update(body).eq(...).select()"""
    types = await sql.fetch(
        "select attname, format_type(atttypid, atttypmod) as type from pg_attribute"
        " where attrelid = to_regclass('public.' || quote_ident($1)) and attname = any ($2)",
        table,
        columns_of(body),
    )
    record = ", ".join(f'"{row["attname"]}" {row["type"]}' for row in types)
    columns = ", ".join(f'"{column}"' for column in columns_of(body))
    sets = ", ".join(f'"{column}" = "pgrst_body"."{column}"' for column in columns_of(body))
    filters, values = _filters(table, equal, first=2)
    answer = await sql.fetchval(
        f'WITH pgrst_source AS (UPDATE "public"."{table}" SET {sets} FROM'
        f" (SELECT $1::json AS json_data) pgrst_payload, LATERAL (SELECT {columns} FROM"
        f" json_to_record(pgrst_payload.json_data) AS _({record})) pgrst_body WHERE {filters}"
        f' RETURNING "public"."{table}".*)'
        " SELECT coalesce(json_agg(_postgrest_t), '[]') FROM"
        f' (SELECT "{table}".* FROM "pgrst_source" AS "{table}") _postgrest_t',
        json.dumps(body),
        *values,
    )
    return list(json.loads(answer))


async def select(sql: asyncpg.Connection, table: str, **equal: str) -> list[Json]:
    """supabase.from(table).select('*').eq(...)"""
    filters, values = _filters(table, equal, first=1)
    answer = await sql.fetchval(
        f'WITH pgrst_source AS (SELECT "public"."{table}".* FROM "public"."{table}"'
        f" WHERE {filters}) SELECT coalesce(json_agg(_postgrest_t), '[]') FROM"
        " (SELECT * FROM pgrst_source) _postgrest_t",
        *values,
    )
    return list(json.loads(answer))


def _filters(table: str, equal: dict[str, str], first: int) -> tuple[str, list[str]]:
    # A value of a filter arrives as text of unknown type; the column decides.
    parts = [
        f'"public"."{table}"."{column}"::text = ${number}'
        for number, column in enumerate(equal, start=first)
    ]
    return " AND ".join(parts) or "true", list(equal.values())


def columns_of(body: Json | list[Json]) -> list[str]:
    rows = body if isinstance(body, list) else [body]
    return sorted({column for row in rows for column in row})
