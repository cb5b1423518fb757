"""The same migrations on the newest Postgres and on the oldest, from every beginning, as any owner.

Whatever is in db/migrations is run, on the Postgres of the wheel and on the system's (Debian 12 has
15). The rows of the first issue stand for an installation that has been in use since then.
"""

import getpass
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from db import migrate
from db.catalogue import read_catalogue
from db.schema_dump import schema_sql
from livecommerce.embedded import Postgres, find_postgres
from tests.db.conftest import lacking, own_cluster, system_postgres

if TYPE_CHECKING:
    from tests.conftest import Background

MIGRATIONS = Path(__file__).parents[2] / "db" / "migrations"
FIRST_ISSUE = "20261122000100_checkout"
EVERYWHERE = [
    pytest.param("wheel", id="wheel"),
    pytest.param("system", id="system", marks=pytest.mark.system_postgres),
]

FIRST_ROWS = """
insert into auth.users (id, email, raw_app_meta_data) values
  ('00000000-0000-7000-8000-000000000001', 'customer@example.com', '{"role": "customer"}'),
  ('00000000-0000-7000-8000-000000000002', 'wholesaler@example.com', '{"role": "wholesaler"}'),
  ('00000000-0000-7000-8000-000000000003', 'influencer@example.com', '{"role": "influencer"}');
insert into public.customers (id, user_id, email, first_name, address_line_1, city, postal_code)
  values ('00000000-0000-7000-8000-000000000011', '00000000-0000-7000-8000-000000000001',
          'customer@example.com', 'Asha', '1 Main Road', 'Pune', '411001');
insert into public.wholesalers (id, user_id, email, business_name)
  values ('00000000-0000-7000-8000-000000000012', '00000000-0000-7000-8000-000000000002',
          'wholesaler@example.com', 'Cotton House');
insert into public.influencers (id, user_id, email, display_name)
  values ('00000000-0000-7000-8000-000000000013', '00000000-0000-7000-8000-000000000003',
          'influencer@example.com', 'Meera');
insert into public.products (id, wholesaler_id, name, category, wholesale_price, retail_price,
                             sale_price, images)
  values ('00000000-0000-7000-8000-000000000021', '00000000-0000-7000-8000-000000000012', 'Shirt',
          'Fashion', 300, 999, 799, '["/a.webp"]'),
         ('00000000-0000-7000-8000-000000000022', '00000000-0000-7000-8000-000000000012', 'Cap',
          'Fashion', 100, 299, null, null);
insert into public.product_variants (id, product_id, sku, color, size, label, stock_quantity)
  values ('00000000-0000-7000-8000-000000000031', '00000000-0000-7000-8000-000000000021', 'S-M',
          'blue', 'M', 'blue / M', 8),
         ('00000000-0000-7000-8000-000000000032', '00000000-0000-7000-8000-000000000021', 'S-L',
          'blue', 'L', 'blue / L', 5),
         ('00000000-0000-7000-8000-000000000033', '00000000-0000-7000-8000-000000000022', null,
          null, null, 'Standard', 0);
insert into public.live_sessions (id, influencer_id, title, status, actual_start_time, peak_viewers)
  values ('00000000-0000-7000-8000-000000000041', '00000000-0000-7000-8000-000000000013',
          'Evening sale', 'live', now(), 40);
insert into public.live_session_products (live_session_id, product_id, special_price,
                                          is_featured)
  values ('00000000-0000-7000-8000-000000000041', '00000000-0000-7000-8000-000000000021', 699,
          true);
insert into public.cart (customer_id, product_id, quantity, unit_price, selected_color,
                         selected_size)
  values ('00000000-0000-7000-8000-000000000011', '00000000-0000-7000-8000-000000000021', 2, 799,
          'blue', 'L');
insert into public.queries (customer_id, subject, message, status)
  values ('00000000-0000-7000-8000-000000000011', 'Where is it', 'My order', 'open');
"""
FIRST_ORDER = """
select private.place_order_v1(
  '00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000051', 'hash',
  '00000000-0000-7000-8000-000000000041', array['00000000-0000-7000-8000-000000000031']::uuid[],
  array[2], '{"city": "Pune"}', '{"method": "upi", "status": "paid"}', 139800, 0) ->> 'outcome'
"""
KEPT = """
select 'customer' as what, (select concat_ws(' ', first_name, city) from public.customers) as value
union all select 'products', (select string_agg(name, ' ' order by name) from public.products)
union all select 'variants', (select count(*)::text from public.product_variants)
union all select 'order', (select concat_ws(' ', payment_status, total_amount,
                                            influencer_commission) from public.orders)
union all select 'item', (select concat_ws(' ', product_name, variant_label, quantity, unit_price)
                          from public.order_items)
union all select 'session', (select concat_ws(' ', title, status, peak_viewers)
                             from public.live_sessions)
union all select 'cart', (select concat_ws(' ', selected_size, quantity) from public.cart)
union all select 'query', (select concat_ws(' ', subject, status) from public.queries)
"""
STOCK = """
select v.sku, k.on_hand from public.product_variants v
join public.product_stock k on k.variant_id = v.id order by v.sku nulls last
"""


def equipped(usr: Path, *files: str) -> Path:
    for file in files:
        (usr / file).parent.mkdir(parents=True, exist_ok=True)
        (usr / file).touch()
    return usr


CONTROL = "share/postgresql/{}/extension/plpgsql_check.control"


def test_the_oldest_postgres_that_we_run_on_is_taken(tmp_path: Path) -> None:
    programs = [f"lib/postgresql/{major}/bin/postgres" for major in (14, 16, 17)]
    assert system_postgres(equipped(tmp_path, *programs)) == tmp_path / "lib/postgresql/16/bin"


def test_what_the_machine_lacks_is_left_out_but_never_in_ci(tmp_path: Path) -> None:
    everything = {"system_postgres", "plpgsql_check"}
    assert lacking(equipped(tmp_path, "lib/postgresql/14/bin/postgres"), {}) == everything
    assert lacking(equipped(tmp_path, "lib/postgresql/15/bin/postgres"), {}) == {"plpgsql_check"}
    assert lacking(tmp_path, {"CI": "true"}) == set()
    assert lacking(equipped(tmp_path, CONTROL.format(15)), {}) == set()


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Postgres:
    """A running Postgres, by the parameter's name."""
    name = "postgres_server" if request.param == "wheel" else "system_postgres_server"
    running: Postgres = request.getfixturevalue(name)
    return running


@pytest.fixture
async def url(server: Postgres) -> AsyncIterator[str]:
    """The DSN of an empty database there."""
    name = "everywhere"
    await execute(server.url, f"drop database if exists {name} with (force)")
    await execute(server.url, f"create database {name}")
    yield server.url_of(name)
    await execute(server.url, f"drop database {name} with (force)")


async def execute(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def fetch(dsn: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


def names() -> list[str]:
    return [path.stem for path in sorted(MIGRATIONS.glob("*.sql"))]


@pytest.mark.parametrize("server", EVERYWHERE, indirect=True)
async def test_from_nothing_and_once_more(url: str) -> None:
    assert await migrate(url) == names()
    before = schema_sql(await read_catalogue(url))
    assert await migrate(url) == []
    assert schema_sql(await read_catalogue(url)) == before


@pytest.mark.parametrize("server", EVERYWHERE, indirect=True)
async def test_from_the_first_issue_with_its_rows_and_once_more(url: str, tmp_path: Path) -> None:
    first = [name for name in names() if name <= FIRST_ISSUE]
    for name in first:
        shutil.copy(MIGRATIONS / f"{name}.sql", tmp_path)
    await migrate(url, tmp_path)
    await execute(url, FIRST_ROWS)
    assert [row[0] for row in await fetch(url, FIRST_ORDER)] == ["placed"]
    before = await fetch(url, KEPT)

    assert first + await migrate(url) == names()
    assert await migrate(url) == []
    assert await fetch(url, KEPT) == before
    assert [tuple(row) for row in await fetch(url, STOCK)] == [("S-L", 5), ("S-M", 6), (None, 0)]


@pytest.mark.parametrize("server", EVERYWHERE, indirect=True)
async def test_whatever_came_before_the_schema_is_the_same(
    url: str, tmp_path: Path, empty_database_url: str
) -> None:
    for name in names():
        if name <= FIRST_ISSUE:
            shutil.copy(MIGRATIONS / f"{name}.sql", tmp_path)
    await migrate(url, tmp_path)
    await execute(url, FIRST_ROWS)
    await migrate(url)
    await migrate(empty_database_url)
    assert schema_sql(await read_catalogue(url)).splitlines() == (
        schema_sql(await read_catalogue(empty_database_url)).splitlines()
    )


# ------------------------------------------------------------------------- an owner who is nobody


@dataclass
class Owned:
    """A database of a fresh cluster whose owner may make roles and nothing else."""

    owner_url: str
    superuser_url: str


@pytest.fixture
def owned(
    request: pytest.FixtureRequest, background: "Background", tmp_path: Path
) -> Iterator[Owned]:
    programs = find_postgres() if request.param == "wheel" else system_postgres()
    assert programs is not None
    with own_cluster(background, programs) as postgres:
        background.run(
            execute(
                postgres.url,
                "create role plain_owner login createrole nosuperuser nobypassrls",
                "create database owned owner plain_owner",
            )
        )
        background.run(let_in(postgres, "plain_owner"))
        owner_url = postgres.url_of("owned").replace("//livecommerce@", "//plain_owner@")
        yield Owned(owner_url, postgres.url_of("owned"))


async def let_in(postgres: Postgres, role: str) -> None:
    """Let the user that runs the tests connect as this role, too."""
    (file,) = [row[0] for row in await fetch(postgres.url, "show ident_file")]
    with Path(file).open("a") as rules:
        rules.write(f'livecommerce "{getpass.getuser()}" {role}\n')
    await execute(postgres.url, "select pg_reload_conf()")
    while True:  # until the server has heard of it
        try:
            await execute(postgres.url.replace("//livecommerce@", f"//{role}@"))
        except asyncpg.InvalidAuthorizationSpecificationError:
            continue
        return


@pytest.mark.parametrize("owned", EVERYWHERE, indirect=True)
async def test_an_owner_without_privileges_makes_the_same_schema(
    owned: Owned, empty_database_url: str
) -> None:
    assert await migrate(owned.owner_url) == names()
    assert await migrate(owned.owner_url) == []
    await migrate(empty_database_url)
    assert schema_sql(await read_catalogue(owned.owner_url)).splitlines() == (
        schema_sql(await read_catalogue(empty_database_url)).splitlines()
    )
    (owner,) = await fetch(
        owned.owner_url, "select rolsuper, rolbypassrls from pg_roles where rolname = current_user"
    )
    assert tuple(owner) == (False, False)


# --------------------------------------------------------------------------------- plpgsql_check

OTHER_BRANCH = "reads the columns of each table in a branch that is taken for this table alone"
ALLOWED = {
    ("private.show_profile() on wholesalers", 'record "new" has no field "display_name"'): (
        OTHER_BRANCH
    ),
    ("private.show_profile() on influencers", 'record "new" has no field "business_name"'): (
        OTHER_BRANCH
    ),
}
"""Findings that stay, by function and message, each with the reason."""

FINDINGS = """
with functions as (
  select p.oid, p.oid::regprocedure::text as name, 0::oid as relation, null::name as old_rows,
         null::name as new_rows
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  join pg_language l on l.oid = p.prolang
  where l.lanname = 'plpgsql' and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
    and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'checks')
  union all
  -- One function may serve several triggers of a table, each with its own transition tables.
  select p.oid, format('%s on %s', p.oid::regprocedure, t.tgrelid::regclass), t.tgrelid,
         max(t.tgoldtable::text)::name, max(t.tgnewtable::text)::name
  from pg_trigger t
  join pg_proc p on p.oid = t.tgfoid
  join pg_namespace n on n.oid = p.pronamespace
  join pg_language l on l.oid = p.prolang
  where l.lanname = 'plpgsql' and not t.tgisinternal and t.tgparentid = 0
  group by p.oid, t.tgrelid)
select distinct f.name, c.level, c.lineno, c.message
from functions f
cross join lateral checks.plpgsql_check_function_tb(
  f.oid, f.relation, oldtable => f.old_rows, newtable => f.new_rows,
  fatal_errors => false, extra_warnings => false, performance_warnings => false) c
where c.level in ('error', 'warning')
order by 1, 3
"""
COUNTED = """
select count(*) from pg_proc p
join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
where l.lanname = 'plpgsql' and n.nspname in ('public', 'private', 'app')
"""
UNUSED_TRIGGER_FUNCTIONS = """
select p.oid::regprocedure::text from pg_proc p
join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
where l.lanname = 'plpgsql' and p.prorettype = 'trigger'::regtype and n.nspname !~ '^pg_'
  and not exists (select from pg_trigger t where t.tgfoid = p.oid)
"""


@pytest.fixture
async def checked(url: str) -> str:
    """A migrated database with plpgsql_check."""
    await migrate(url)
    await execute(url, "create schema checks", "create extension plpgsql_check with schema checks")
    return url


@pytest.mark.plpgsql_check
@pytest.mark.parametrize("server", EVERYWHERE[1:], indirect=True)
async def test_plpgsql_check_has_nothing_against_any_function(checked: str) -> None:
    found = [tuple(row) for row in await fetch(checked, FINDINGS)]
    assert [row for row in found if (row[0], row[3]) not in ALLOWED] == []
    assert set(ALLOWED) <= {(row[0], row[3]) for row in found}  # none is allowed in vain
    assert (await fetch(checked, COUNTED))[0][0] > 0


@pytest.mark.plpgsql_check
@pytest.mark.parametrize("server", EVERYWHERE[1:], indirect=True)
async def test_no_trigger_function_escapes_the_check_by_having_no_trigger(checked: str) -> None:
    assert [row[0] for row in await fetch(checked, UNUSED_TRIGGER_FUNCTIONS)] == []


@pytest.mark.plpgsql_check
@pytest.mark.parametrize("server", EVERYWHERE[1:], indirect=True)
@pytest.mark.parametrize(
    "body",
    [
        "begin perform nothing from public.orders; end",
        "declare v jsonb := '{}'; begin return; end",
        "begin perform private.nothing_v1(); end",
    ],
)
async def test_a_function_with_a_fault_is_found(checked: str, body: str) -> None:
    await execute(
        checked, f"create function private.faulty() returns void language plpgsql as $${body}$$"
    )
    found: list[Any] = [row["name"] for row in await fetch(checked, FINDINGS)]
    assert "private.faulty()" in found
