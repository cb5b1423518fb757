"""For any rows and any commands: a person reads what a filter in Python says, and changes no row of
anybody else."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.db.security.acting import Connections, as_identity, attempt
from tests.db.security.truth import IDENTITIES, TABLES
from tests.db.security.world import Row, account, insert, make_world, named

pytestmark = pytest.mark.asyncio(loop_scope="session")
# Reproducible, as the rest of the suite; each example is a transaction that is undone.
# How long one takes says nothing: the machine may be busy.
of_the_database = settings(
    derandomize=True,
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

# Not a fixture: an example that fails would print all of it.
WORLD = make_world()

Json = dict[str, Any]

either = st.sampled_from(["_a", "_b"])
persons = st.sampled_from(
    [identity for identity in IDENTITIES if identity not in ("anonymous", "service")]
)


@st.composite
def random_rows(draw: st.DrawFn) -> list[Row]:
    """Rows for A and B of each kind, and by whom each may be read."""
    rows: list[Row] = []

    def add(table: str, values: Json, public: bool = False, **words: set[str]) -> str:
        row_id = named(f"random {table} {len(rows)}")
        frozen = {word: frozenset(names) for word, names in words.items()}
        rows.append(Row(table, {"id": row_id, **values}, frozen, public))
        return row_id

    for side, is_active, status in draw(
        st.lists(
            st.tuples(either, st.booleans(), st.sampled_from(["active", "inactive"])), max_size=3
        )
    ):
        wholesaler = f"wholesaler{side}"
        add(
            "products",
            {
                "wholesaler_id": named(wholesaler),
                "name": "random",
                "wholesale_price": 1,
                "retail_price": 2,
                "is_active": is_active,
                "status": status,
            },
            public=is_active,
            own={wholesaler},
        )
    for side, visibility, status in draw(
        st.lists(
            st.tuples(
                either,
                st.sampled_from(["public", "unlisted", "private"]),
                st.sampled_from(["scheduled", "ended", "cancelled"]),
            ),
            max_size=3,
        )
    ):
        influencer = f"influencer{side}"
        add(
            "live_sessions",
            {
                "influencer_id": named(influencer),
                "title": "random",
                "visibility": visibility,
                "status": status,
            },
            public=visibility == "public",
            own={influencer},
        )
    for side, lines in draw(
        st.lists(
            st.tuples(
                either,
                st.lists(
                    st.tuples(either, st.sampled_from(["_a", "_b", ""])), min_size=1, max_size=3
                ),
            ),
            max_size=2,
        )
    ):
        customer = f"customer{side}"
        sellers = {f"wholesaler{seller}" for seller, _ in lines}
        earners = {f"influencer{earner}" for _, earner in lines if earner}
        order = add(
            "orders",
            {
                "customer_id": named(customer),
                "subtotal": len(lines),
                "total_amount": len(lines),
                "shipping_address": {},
            },
            own={customer},
            concerned=sellers | earners,
        )
        for seller, earner in lines:
            influencer = f"influencer{earner}"
            add(
                "order_items",
                {
                    "order_id": order,
                    "product_name": "random",
                    "quantity": 1,
                    "unit_price": 1,
                    "wholesaler_id": named(f"wholesaler{seller}"),
                    "influencer_id": named(influencer) if earner else None,
                },
                own={customer},
                concerned={f"wholesaler{seller}", influencer},
            )
    for person in draw(st.lists(persons, max_size=3)):
        add(
            "notifications",
            {"user_id": account(person), "type": "system", "title": "x", "message": "x"},
            own={person},
        )
    for side, is_hidden in draw(st.lists(st.tuples(either, st.booleans()), max_size=2)):
        customer = f"customer{side}"
        query = add(
            "queries",
            {"customer_id": named(customer), "subject": "random", "message": "x"},
            own={customer},
        )
        if is_hidden:
            add(
                "query_messages",
                {"query_id": query, "author_kind": "support", "body": "x"},
                own={customer},
            )
    return rows


@of_the_database
@given(rows=random_rows(), identity=st.sampled_from(IDENTITIES))
async def test_what_a_person_reads_equals_the_filter(
    connections: Connections, rows: list[Row], identity: str
) -> None:
    async with connections.owning() as owner:
        for row in rows:
            await insert(owner, row)
        async with as_identity(owner, identity):
            for table in sorted({row.table for row in rows}):
                cell = TABLES[table].cell("select", identity)
                answer = await attempt(owner, f"select id::text from {table}")
                if cell == "denied":
                    assert isinstance(answer, asyncpg.InsufficientPrivilegeError)
                    continue
                assert isinstance(answer, list)
                assert sorted(record["id"] for record in answer) == sorted(
                    row.values["id"]
                    for row in (*WORLD.rows, *rows)
                    if row.table == table and row.is_reached(identity, cell)
                )


@of_the_database
@given(rows=random_rows(), condition=st.sampled_from(["true", "id is not null", "id::text > '8'"]))
async def test_nobody_in_particular_reads_what_is_public(
    connections: Connections, rows: list[Row], condition: str
) -> None:
    async with connections.owning() as owner:
        for row in rows:
            await insert(owner, row)
        granted = [name for name, table in TABLES.items() if table.is_granted("select", "anon")]
        async with as_identity(owner, "anonymous"):
            for row in rows:
                found = await attempt(
                    owner,
                    f"select id from {row.table} where id = $1 and {condition}",
                    row.values["id"],
                )
                if row.table not in granted:
                    assert isinstance(found, asyncpg.InsufficientPrivilegeError)
                elif not row.is_public:
                    assert found == []


# What a person may write at all: the column that the test changes, and whose the row is.
WRITTEN = {
    "customers": ("city", "t.user_id"),
    "wholesalers": ("city", "t.user_id"),
    "influencers": ("bio", "t.user_id"),
    "products": ("brand", "w.user_id from wholesalers w where w.id = t.wholesaler_id"),
    "product_variants": (
        "label",
        "w.user_id from products p join wholesalers w on w.id = p.wholesaler_id"
        " where p.id = t.product_id",
    ),
    "live_sessions": ("description", "i.user_id from influencers i where i.id = t.influencer_id"),
    "live_session_schedules": (
        "title",
        "i.user_id from influencers i where i.id = t.influencer_id",
    ),
    "influencer_goals": ("title", "i.user_id from influencers i where i.id = t.influencer_id"),
    "cart": ("product_options", "c.user_id from customers c where c.id = t.customer_id"),
    "wishlist": (None, "c.user_id from customers c where c.id = t.customer_id"),
    "reviews": ("body", "c.user_id from customers c where c.id = t.customer_id"),
    "notifications": (None, "t.user_id"),
    "queries": (None, "c.user_id from customers c where c.id = t.customer_id"),
    "orders": ("notes", "c.user_id from customers c where c.id = t.customer_id"),
    "refunds": (
        "reason",
        "c.user_id from orders o join customers c on c.id = o.customer_id where o.id = t.order_id",
    ),
}
# Kept by the database from the rows of many.
DERIVED = "{updated_at,average_rating,total_reviews,total_products,followers_count}"

commands = st.lists(
    st.one_of(
        st.tuples(st.just("update"), st.sampled_from(sorted(WRITTEN))),
        st.tuples(st.just("delete"), st.sampled_from(sorted(WRITTEN))),
        st.tuples(st.just("insert"), st.integers(0, 200)),
    ),
    min_size=1,
    max_size=8,
)


@of_the_database
@given(rows=random_rows(), identity=persons, commands=commands)
async def test_what_a_person_writes_changes_its_own_rows_only(
    connections: Connections,
    rows: list[Row],
    identity: str,
    commands: list[tuple[str, Any]],
) -> None:
    async with connections.owning() as owner:
        for row in rows:
            await insert(owner, row)
        # Products get their variants when the transaction ends: now, not during the commands.
        await owner.execute("set constraints all immediate")
        before = await rows_of_others(owner, identity)
        async with as_identity(owner, identity):
            for command, target in commands:
                await carry_out(owner, command, target)
        assert await rows_of_others(owner, identity) == before


async def carry_out(owner: asyncpg.Connection, command: str, target: Any) -> None:
    """One command on all rows that it reaches, kept when it is not refused."""
    savepoint = owner.transaction()
    await savepoint.start()
    try:
        if command == "insert":
            await insert(owner, WORLD.candidates[target % len(WORLD.candidates)])
        elif command == "delete":
            await owner.execute(f"delete from {target}")
        else:
            column = WRITTEN[target][0] or "id"
            value = "'{}'" if column == "product_options" else "'written'"
            await owner.execute(
                f"update {target} set {column} = {column if column == 'id' else value}"
            )
        await owner.execute("set constraints all immediate")
    except asyncpg.PostgresError:
        await savepoint.rollback()
    else:
        await savepoint.commit()


async def rows_of_others(owner: asyncpg.Connection, identity: str) -> dict[str, dict[str, str]]:
    """Every row of the tables above that is not the identity's, as it stands."""
    return {
        table: {
            record["id"]: record["content"]
            for record in await owner.fetch(
                f"select t.id::text as id, (to_jsonb(t) - '{DERIVED}'::text[])::text as content"
                f" from {table} t where (select {whose}) is distinct from $1",
                account(identity),
            )
        }
        for table, (_, whose) in WRITTEN.items()
    }
