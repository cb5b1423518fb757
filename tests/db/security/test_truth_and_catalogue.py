"""The truth table against the catalogue, both ways, and against itself."""

from __future__ import annotations

from fnmatch import fnmatch

import asyncpg
import pytest

from tests.db.security.truth import (
    COMMANDS,
    CONTENT,
    IDENTITIES,
    KINDS,
    TABLES,
    VIEWS,
    WORDS,
    Relation,
    kind_of,
)
from tests.db.security.world import World

in_one_loop = pytest.mark.asyncio(loop_scope="session")
ROLES = (
    "PUBLIC",
    "anon",
    "authenticated",
    "service_role",
    "livecommerce_api",
    "livecommerce_service",
)
OUR_SCHEMAS = "('public', 'private', 'app', 'jobs')"
RELATIONS = f"""
select n.nspname as schema, c.relname as name, c.relkind::text as kind, c.oid,
       c.relispartition as is_partition
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in {OUR_SCHEMAS} and c.relkind in ('r', 'p', 'v', 'm', 'f')
"""
GRANTEE = "case when a.grantee = 0 then 'PUBLIC' else pg_get_userbyid(a.grantee)::text end as role"
# What roles hold, column by column; '' is the whole table.
TABLE_GRANTS = f"""
select r.schema, r.name, g.role, lower(g.privilege) as privilege, g.attname as column
from ({RELATIONS}) r cross join lateral (
  select {GRANTEE}, a.privilege_type as privilege, '' as attname
  from pg_class c, aclexplode(c.relacl) a where c.oid = r.oid and a.grantee <> c.relowner
  union all
  select {GRANTEE}, a.privilege_type, t.attname
  from pg_attribute t, aclexplode(t.attacl) a where t.attrelid = r.oid) g
"""

FUNCTIONS: dict[str, list[str]] = CONTENT["functions"]

Grant = tuple[str, str, str, str]  # object, role, privilege, column


@in_one_loop
async def test_every_table_and_view_is_in_the_truth_table(owner: asyncpg.Connection) -> None:
    known = {f"public.{name}" for name in (*TABLES, *VIEWS)}
    patterns = [
        f"{schema}.{name}"
        for schema, entry in CONTENT["closed"].items()
        for name in entry["tables"]
    ]
    there = {f"{row['schema']}.{row['name']}" for row in await owner.fetch(RELATIONS)}
    unknown = [name for name in there - known if not is_any(name, patterns)]
    assert sorted(unknown) == [], "not in the truth table"
    gone = [name for name in (*known, *patterns) if not any(fnmatch(n, name) for n in there)]
    assert sorted(set(gone) - {"jobs.*"}) == [], "in the truth table and not in the database"


def is_any(name: str, patterns: list[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


@in_one_loop
async def test_the_grants_on_tables_are_those_of_the_truth_table(owner: asyncpg.Connection) -> None:
    granted = {
        (f"{row['schema']}.{row['name']}", row["role"], row["privilege"], row["column"])
        for row in await owner.fetch(TABLE_GRANTS)
    }
    relations = await owner.fetch(RELATIONS)
    expected = {grant for relation in (*TABLES.values(), *VIEWS.values()) for grant in of(relation)}
    for row in relations:
        if row["schema"] != "public":
            expected |= set(of_closed(row["schema"], row["name"]))
    assert sorted(granted - expected) == [], "granted and not in the truth table"
    assert sorted(expected - granted) == [], "in the truth table and not granted"


def of(relation: Relation) -> list[Grant]:
    """The grants that the cells of a table ask for."""
    name = f"public.{relation.name}"
    grants: list[Grant] = []
    for command in COMMANDS:
        for role in ("anon", "authenticated"):
            if relation.is_granted(command, role):
                for column in relation.columns[command] or [""]:
                    grants.append((name, role, command, column))
        if relation.is_granted(command, "service_role"):
            grants.append((name, "service_role", command, ""))
    return grants


def of_closed(schema: str, table: str) -> list[Grant]:
    only: list[str] = CONTENT["closed"][schema].get("only", {}).get(table, list(COMMANDS))
    return [(f"{schema}.{table}", "service_role", command, "") for command in only]


@in_one_loop
async def test_the_functions_are_open_to_whom_the_truth_table_says(
    owner: asyncpg.Connection,
) -> None:
    rows = await owner.fetch(
        f"select n.nspname || '.' || p.proname as name, {GRANTEE} from pg_proc p"
        " join pg_namespace n on n.oid = p.pronamespace"
        " cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a"
        f" where n.nspname in {OUR_SCHEMAS} and a.grantee <> p.proowner"
    )
    names = await owner.fetch(
        "select n.nspname || '.' || p.proname as name from pg_proc p"
        f" join pg_namespace n on n.oid = p.pronamespace where n.nspname in {OUR_SCHEMAS}"
    )
    expected = {
        (row["name"], role)
        for row in names
        for role, patterns in FUNCTIONS.items()
        if is_any(row["name"], patterns)
        and not is_any(row["name"], FUNCTIONS["owner"])
        and role != "owner"
    }
    granted = {(row["name"], row["role"]) for row in rows}
    assert sorted(granted - expected) == [], "executable and not in the truth table"
    assert sorted(expected - granted) == [], "in the truth table and not executable"
    gone = {
        pattern
        for patterns in FUNCTIONS.values()
        for pattern in patterns
        if not any(fnmatch(row["name"], pattern) for row in names)
    }
    assert sorted(gone - {"jobs.*"}) == [], "in the truth table and no function"


@in_one_loop
async def test_the_schemas_are_open_to_whom_the_truth_table_says(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        f"select n.nspname::text as schema, {GRANTEE}, lower(a.privilege_type) as privilege"
        " from pg_namespace n, aclexplode(n.nspacl) a"
        f" where n.nspname in {OUR_SCHEMAS} and a.grantee <> n.nspowner"
    )
    there = await owner.fetch(f"select nspname from pg_namespace where nspname in {OUR_SCHEMAS}")
    expected = {
        (row["nspname"], role, "usage")
        for row in there
        for role in CONTENT["schemas"][row["nspname"]]
    }
    granted = {(row["schema"], row["role"], row["privilege"]) for row in rows}
    assert sorted(granted) == sorted(expected)


@in_one_loop
async def test_no_schema_is_unknown(owner: asyncpg.Connection) -> None:
    """A new schema has to be judged: is it exposed, and who may look into it?"""
    rows = await owner.fetch(
        "select nspname from pg_namespace where nspname !~ '^pg_' and nspname not in"
        " ('information_schema', 'auth', 'extensions')"
    )
    assert {row["nspname"] for row in rows} <= set(CONTENT["schemas"])


@in_one_loop
async def test_the_sequences_are_open_to_whom_the_truth_table_says(
    owner: asyncpg.Connection,
) -> None:
    rows = await owner.fetch(
        f"select c.relname, {GRANTEE}, lower(a.privilege_type) as privilege from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace cross join aclexplode(c.relacl) a"
        f" where c.relkind = 'S' and n.nspname in {OUR_SCHEMAS} and a.grantee <> c.relowner"
    )
    sequences = await owner.fetch(
        "select n.nspname::text as schema, c.relname from pg_class c"
        " join pg_namespace n on n.oid = c.relnamespace"
        f" where c.relkind = 'S' and n.nspname in {OUR_SCHEMAS}"
    )
    assert {(row["relname"], row["role"], row["privilege"]) for row in rows} == {
        (row["relname"], role, privilege)
        for row in sequences
        for role in CONTENT["sequences"].get(row["schema"], [])
        for privilege in ("usage", "select")
    }


@in_one_loop
@pytest.mark.parametrize("role", ROLES)
async def test_no_grant_can_be_passed_on(owner: asyncpg.Connection, role: str) -> None:
    passed_on = await owner.fetch(
        f"select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " cross join aclexplode(c.relacl) a"
        f" where n.nspname in {OUR_SCHEMAS} and a.is_grantable and a.grantee <> c.relowner"
        " and a.grantee = coalesce((select oid from pg_roles where rolname = $1), 0)",
        role,
    )
    assert passed_on == []


@in_one_loop
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "service"])
async def test_no_person_reaches_a_closed_table(owner: asyncpg.Connection, kind: str) -> None:
    role = "anon" if kind == "anonymous" else "authenticated"
    for row in await owner.fetch(f"{RELATIONS} and n.nspname in ('private', 'jobs')"):
        for command in ("select 1 from", "delete from"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
                async with owner.transaction():
                    await owner.execute(f"set local role {role}")
                    await owner.execute(f"{command} {row['schema']}.{row['name']}")


@pytest.mark.parametrize("table", TABLES)
def test_the_world_shows_every_word_of_a_table(world: World, table: str) -> None:
    """Else a cell would hold because there is nothing to reach."""
    rows = [row for row in world.rows if row.table == table]
    assert rows, "no row to read"
    assert [row for row in world.candidates if row.table == table], "no row to insert"
    for command in ("select", "update", "delete"):
        for kind, cell in TABLES[table].cells[command].items():
            for word in set(cell.split()) - {"denied", "none"}:
                if is_of_others(table, kind, word):
                    continue
                identities = [identity for identity in IDENTITIES if kind_of(identity) == kind]
                assert any(
                    row.is_reached(identity, word) for row in rows for identity in identities
                ), (command, kind, word)


def is_of_others(table: str, kind: str, word: str) -> bool:
    """Whether nobody of the kind can have this word here: a customer has no shop of its own."""
    return (
        word == "own"
        and table in ("customers", "wholesalers", "influencers")
        and (kind != table.removesuffix("s"))
    )


def test_every_cell_says_words_that_are_explained() -> None:
    for relation in (*TABLES.values(), *VIEWS.values()):
        for command in COMMANDS:
            for cell in relation.cells[command].values():
                assert set(cell.split()) <= set(WORDS), (relation.name, command, cell)


def test_persons_share_one_database_role() -> None:
    """A grant is for all of them or none: a cell cannot deny one kind of person alone."""
    for relation in (*TABLES.values(), *VIEWS.values()):
        for command in COMMANDS:
            cells = [
                relation.cells[command][kind]
                for kind in ("customer", "wholesaler", "influencer", "admin")
            ]
            assert len({cell == "denied" for cell in cells}) == 1, (relation.name, command)
