"""The written schema is the one that the migrations make, on whatever Postgres they run."""

import dataclasses
from pathlib import Path

import asyncpg
import pytest

from db.catalogue import Catalogue, read_catalogue
from db.schema_dump import same_on_every_version, schema_sql
from db.schema_page import AREAS, area_of, schema_page

ROOT = Path(__file__).parents[2]
MENDED = "is not what db/migrations make; `make docs` writes it again"


@pytest.fixture
async def catalogue(database_url: str) -> Catalogue:
    return await read_catalogue(database_url)


def test_the_written_schema_is_that_of_the_migrations(catalogue: Catalogue) -> None:
    written = (ROOT / "db/schema.sql").read_text().splitlines()
    assert written == schema_sql(catalogue).splitlines(), f"db/schema.sql {MENDED}"


def test_the_diagrams_are_those_of_the_migrations(catalogue: Catalogue) -> None:
    written = (ROOT / "docs/schema.md").read_text().splitlines()
    assert written == schema_page(catalogue).splitlines(), f"docs/schema.md {MENDED}"


def test_every_table_has_a_place_among_the_diagrams(catalogue: Catalogue) -> None:
    areas = {area_of(table): table.name for table in catalogue.relations if table.is_table}
    assert "More" not in areas, f"name {areas['More']} in AREAS of db/schema_page.py"
    assert set(areas) <= set(AREAS)


def test_every_table_of_the_platform_says_what_it_is_for(catalogue: Catalogue) -> None:
    silent = [
        table.name
        for table in catalogue.relations
        if table.schema in ("public", "private") and not table.comment
    ]
    assert silent == [], "write `comment on table ... is '...'` into the migration"


async def test_whatever_changes_the_schema_changes_the_text(
    sql: asyncpg.Connection, database_url: str
) -> None:
    changes = (
        "create schema other",
        "create table public.t (id int primary key)",
        "alter table public.t add column name text",
        "alter table public.t alter column name set default 'x'",
        "alter table public.t alter column name set not null",
        "alter table public.t add column twice text generated always as (name || name) stored",
        "alter table public.t add constraint short check (length(name) < 9)",
        "create index by_name on public.t (name) where name > 'a'",
        "create statistics of_t on id, name from public.t",
        "alter table public.t set (fillfactor = 70)",
        "alter table public.t enable row level security",
        "alter table public.t force row level security",
        "create policy p on public.t for select to anon using (id > 1)",
        "alter policy p on public.t using (id > 2)",
        "grant select on public.t to anon",
        "grant update (name) on public.t to authenticated",
        "grant select on public.t to authenticated with grant option",
        "comment on table public.t is 'it''s t'",
        "comment on column public.t.name is 'name'",
        "comment on index public.by_name is 'index'",
        "comment on constraint short on public.t is 'constraint'",
        "create function public.f() returns trigger language plpgsql as 'begin return new; end'",
        "comment on function public.f() is 'f'",
        "grant execute on function public.f() to public",
        "alter function public.f() set search_path = ''",
        "create trigger g before insert on public.t for each row execute function public.f()",
        "alter table public.t disable trigger g",
        "create view public.v as select id from public.t",
        "alter view public.v set (security_invoker = true)",
        "create materialized view public.m as select id from public.t",
        "create sequence public.s",
        "alter sequence public.s owned by public.t.id",
        "alter sequence public.s increment 2",
        "create type public.mood as enum ('good', 'bad')",
        "alter type public.mood add value 'fair'",
        "create domain public.short as text check (length(value) < 3)",
        "create type public.pair as (a int, b text)",
        "create table public.days (day date not null) partition by range (day)",
        "alter default privileges in schema public grant select on tables to anon",
        "drop trigger g on public.t",
    )
    before = schema_sql(await read_catalogue(database_url))
    for change in changes:
        await sql.execute(change)
        after = schema_sql(await read_catalogue(database_url))
        assert after != before, change
        before = after


async def test_a_partition_made_by_maintenance_is_no_change_of_the_schema(
    sql: asyncpg.Connection, database_url: str
) -> None:
    await sql.execute("create table public.days (day date primary key) partition by range (day)")
    await sql.execute("create index on public.days (day, day)")
    before = await read_catalogue(database_url)
    await sql.execute(
        "create table public.days_1 partition of public.days"
        " for values from ('2026-01-01') to ('2026-02-01');"
        "alter table public.days_1 enable row level security;"
        "create policy p on public.days_1 for select to anon using (true);"
        "grant select on public.days_1 to anon"
    )
    after = await read_catalogue(database_url)
    assert schema_sql(after) == schema_sql(before)
    assert schema_page(after) == schema_page(before)


def test_the_order_of_the_catalogue_does_not_show(catalogue: Catalogue) -> None:
    turned = Catalogue(
        **{
            field.name: list(reversed(getattr(catalogue, field.name)))
            for field in dataclasses.fields(catalogue)
        }
    )
    assert schema_sql(turned) == schema_sql(catalogue)
    assert schema_page(turned) == schema_page(catalogue)


@pytest.mark.parametrize(
    ("before_16", "since_16"),
    [
        (
            "SELECT t.a,\n t.b AS c\n FROM s.t\n WHERE t.a > 1;",
            "SELECT a, b AS c FROM s.t WHERE a > 1",
        ),
        ('SELECT x."A b" FROM s.t x ORDER BY x.a', 'SELECT "A b" FROM s.t x ORDER BY a'),
        (
            "SELECT sum(t.a) FROM ( SELECT u.a FROM u) t",
            "SELECT sum(a) FROM ( SELECT u.a FROM u) t",
        ),
        (
            "SELECT t.a, ( SELECT max(u.b) FROM u WHERE u.a = t.a) FROM t",
            "SELECT a, ( SELECT max(u.b) FROM u WHERE u.a = t.a) FROM t",
        ),
        ("SELECT EXTRACT(epoch FROM t.a) FROM t", "SELECT EXTRACT(epoch FROM a) FROM t"),
        ("SELECT f.x FROM s.f(1, 2) f(x, y)", "SELECT x FROM s.f(1, 2) f(x, y)"),
        ("SELECT 't.a' AS t FROM t", "SELECT 't.a' AS t FROM t"),
    ],
)
def test_a_view_of_one_table_reads_the_same_before_and_since_postgres_16(
    before_16: str, since_16: str
) -> None:
    assert same_on_every_version(before_16).split() == since_16.split() or (
        same_on_every_version(before_16).removesuffix(";").split() == since_16.split()
    )
    assert same_on_every_version(since_16) == since_16


@pytest.mark.parametrize(
    "view",
    [
        "SELECT t.a FROM t JOIN u ON u.a = t.a",
        "SELECT t.a FROM t, u",
        "SELECT t.a FROM t UNION SELECT u.a FROM u",
        "SELECT t.a FROM (t LEFT JOIN u USING (a))",
        "SELECT 1 AS a",
    ],
)
def test_a_view_of_more_than_one_table_stays_as_it_is(view: str) -> None:
    assert same_on_every_version(view) == view
