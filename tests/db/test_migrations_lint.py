"""Every migration and query keeps the rules for SQL, and every rule notices what it is about."""

import pytest

from tests.db.sql_rules import (
    Finding,
    all_findings,
    findings_in_migration,
    findings_in_query,
    squawk,
)

BESIDE = "-- no-transaction\n"


def test_every_migration_and_query_keeps_the_rules() -> None:
    assert list(map(str, all_findings())) == []


def test_squawk_has_nothing_against_the_migrations(capfd: pytest.CaptureFixture[str]) -> None:
    assert squawk() == 0, capfd.readouterr().out


def rules(findings: list[Finding]) -> set[str]:
    return {finding.rule for finding in findings}


FUNCTION = "create function {}() returns void language {} {} as $$ {} $$"
SAFE = "set search_path = ''"


@pytest.mark.parametrize(
    ("rule", "sql"),
    [
        ("syntax", "select from where"),
        ("no-notify", "notify orders"),
        ("no-notify", "listen orders"),
        ("no-notify", "do $$ begin perform pg_notify('a', 'b'); end $$"),
        ("no-notify", "do $$ begin if true then notify orders; end if; end $$"),
        ("no-notify", FUNCTION.format("private.f", "sql", SAFE, "select pg_notify('a', 'b')")),
        (
            "no-notify",
            FUNCTION.format(
                "private.f",
                "plpgsql",
                SAFE,
                "declare x text; begin x := pg_notify('a', 'b')::text; end",
            ),
        ),
        ("no-lasting-set", "set role anon"),
        ("no-lasting-set", "set session statement_timeout = 1"),
        ("no-lasting-set", "reset role"),
        ("no-lasting-set", "discard all"),
        ("no-lasting-set", "select set_config('a.b', 'c', false)"),
        ("no-lasting-set", "do $$ begin set role anon; end $$"),
        ("no-transaction-control", "begin"),
        ("no-transaction-control", "commit"),
        ("function-search-path", FUNCTION.format("private.f", "sql", "", "select 1")),
        ("function-search-path", FUNCTION.format("f", "sql", "set work_mem = '1MB'", "select 1")),
        (
            "no-definer-in-public",
            FUNCTION.format("public.f", "sql", f"security definer {SAFE}", "select 1"),
        ),
        (
            "no-definer-in-public",
            FUNCTION.format("f", "sql", f"security definer {SAFE}", "select 1"),
        ),
        ("view-security-invoker", "create view public.v as select 1 as a"),
        (
            "view-security-invoker",
            "create view public.v with (security_invoker = false) as select 1 as a",
        ),
        ("view-security-invoker", "create materialized view public.v as select 1 as a"),
        ("narrow-grants", "grant all on public.t to anon"),
        ("narrow-grants", "grant select, truncate on public.t to service_role, authenticated"),
        ("narrow-grants", "grant all on all tables in schema public to public"),
        ("narrow-grants", "alter default privileges grant all on tables to anon"),
        ("concurrently", "create index concurrently i on public.t (a)"),
        ("concurrently", "vacuum public.t"),
        ("beside-requests", f"{BESIDE}create table public.t (a int)"),
        ("beside-requests", f"{BESIDE}create index concurrently i on public.t (a)"),
        ("beside-requests", f"{BESIDE}create index if not exists i on public.t (a)"),
        ("beside-requests", f"{BESIDE}create index concurrently on public.t (a)"),
        ("beside-requests", f"{BESIDE}drop index concurrently public.i"),
        ("beside-requests", f"{BESIDE}alter table public.t add column b int"),
    ],
)
def test_a_migration_that_breaks_a_rule_is_noticed(rule: str, sql: str) -> None:
    assert rules(findings_in_migration("x.sql", sql)) == {rule}


@pytest.mark.parametrize(
    "sql",
    [
        "set local lock_timeout = '1s'",
        "alter role livecommerce_api set statement_timeout = '5s'",
        "select set_config('a.b', 'c', true)",
        FUNCTION.format("private.f", "sql", f"security definer {SAFE}", "select 1"),
        FUNCTION.format("public.f", "plpgsql", SAFE, "begin perform 'notify'; end"),
        "create view public.v with (security_invoker) as select 1 as a",
        "create view public.v with (security_invoker = on) as select * from public.w",
        "create materialized view private.v as select 1 as a",
        "grant select, update (a) on public.t to anon",
        "grant all on public.t to service_role",
        "revoke all on public.t from anon",
        "grant execute on all functions in schema app to authenticated",
        f"{BESIDE}create unique index concurrently if not exists i on public.t (a);"
        "drop index concurrently if exists public.j;"
        "alter table public.t validate constraint c;"
        "comment on index public.i is 'i'; analyze public.t",
    ],
)
def test_a_migration_that_keeps_the_rules_is_let_through(sql: str) -> None:
    assert findings_in_migration("x.sql", sql) == []


@pytest.mark.parametrize(
    ("rule", "sql"),
    [
        ("syntax", "select $1 $2"),
        ("named-columns", "select * from public.orders"),
        ("named-columns", "select 1 as a, o.* from public.orders o"),
        ("named-columns", "select 1 union all select * from public.orders"),
        ("named-columns", "update public.orders set status = $1 returning *"),
        ("no-notify", "select pg_notify($1, $2)"),
        ("no-lasting-set", "select set_config('a.b', $1, false)"),
    ],
)
def test_a_query_that_breaks_a_rule_is_noticed(rule: str, sql: str) -> None:
    assert rules(findings_in_query("x", sql)) == {rule}


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from public.orders",
        "select x.a from (select * from public.orders) x",
        "with moved as (delete from public.cart returning *) select count(*) from moved",
        "insert into public.cart (id) values ($1) returning id",
    ],
)
def test_a_query_that_keeps_the_rules_is_let_through(sql: str) -> None:
    assert findings_in_query("x", sql) == []


def test_a_finding_names_file_and_line() -> None:
    (finding,) = findings_in_migration("20270101000000_x.sql", "select 1;\n\n\nnotify a;")
    assert str(finding).startswith("20270101000000_x.sql:4: no-notify: ")
