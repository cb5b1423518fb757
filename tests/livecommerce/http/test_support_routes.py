"""Support queries over HTTP: the customer's side, the admins' side, and what is refused."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from livecommerce.http.support_routes import ROUTES

MINE = "/api/v1/queries"
ADMIN = "/api/v1/admin/queries"
ADMIN_ID = UUID(int=77)
OPEN = {"category": "order", "subject": "Torn sleeve", "message": "It came torn."}
UNKNOWN = UUID(int=99)


async def code_of(response: Any) -> str:
    return str((await response.json())["refused"]["code"])


async def query_of(response: Any, status: int = 200) -> Any:
    assert response.status == status, await response.text()
    return (await response.json())["query"]


@pytest.fixture
async def customer(world: Any) -> UUID:
    user_id: UUID = await world.user("customer", "Asha")
    return user_id


@pytest.fixture
def as_customer(bearer: Any, customer: UUID) -> Any:
    return bearer("customer", customer)


@pytest.fixture
async def as_admin(bearer: Any, world: Any) -> Any:
    await world.ask(
        "insert into auth.users (id, email, raw_app_meta_data)"
        " values ($1, 'help@example.com', '{\"role\": \"admin\"}')",
        ADMIN_ID,
    )
    return bearer("admin", ADMIN_ID)


@pytest.fixture
def send(client: Any, as_customer: Any, as_admin: Any) -> Any:
    """POST as the customer or, to the admins' addresses, as an admin."""

    async def post(path: str, **body: Any) -> Any:
        headers = as_admin if path.startswith(ADMIN) else as_customer
        return await client.post(path, json=body, headers=headers)

    return post


@pytest.fixture
async def query(send: Any) -> Any:
    return await query_of(await send(MINE, **OPEN), 201)


async def test_a_query_goes_from_its_opening_to_its_end(
    send: Any, client: Any, as_customer: Any
) -> None:
    opened = await query_of(await send(MINE, **OPEN), 201)
    assert opened["status"] == "open" and opened["ticket_number"].startswith("TKT-")
    assert opened["ack_due_at_ms"] - opened["created_at_ms"] == 48 * 3_600_000
    assert opened["messages"] == [] and opened["is_overdue"] is False
    path, desk = f"{MINE}/{opened['id']}", f"{ADMIN}/{opened['id']}"

    taken = await query_of(await send(f"{desk}/assign"))
    assert taken["is_mine"] and taken["assigned_to"] == str(ADMIN_ID)
    assert taken["status"] == "in_progress" and taken["acknowledged_at_ms"]
    assert taken["customer_name"] == "Asha" and taken["customer_email"].endswith("@example.com")

    await query_of(await send(f"{desk}/respond", body="  A new one is on its way. "))
    await query_of(await send(f"{desk}/escalate", reason="The third this week."))
    noted = await query_of(await send(f"{desk}/notes", body="Asked the wholesaler."))
    assert [note["body"] for note in noted["notes"]] == [
        "The third this week.",
        "Asked the wholesaler.",
    ]
    rated = await query_of(await send(f"{desk}/priority", priority="urgent"))
    assert rated["priority"] == "urgent"
    resolved = await query_of(await send(f"{desk}/resolve", body="It was delivered."))
    assert resolved["status"] == "resolved" and resolved["resolution_time_hours"] == 0

    seen = await query_of(await client.get(path, headers=as_customer))
    assert [(one["author"], one["body"]) for one in seen["messages"]] == [
        ("support", "A new one is on its way."),
        ("support", "It was delivered."),
    ]
    again = await query_of(await send(f"{path}/messages", body="It is torn, too."))
    assert again["status"] == "in_progress" and again["resolved_at_ms"] is None
    closed = await query_of(await send(f"{path}/close"))
    assert closed["status"] == "closed" and closed["closed_at_ms"]
    assert await code_of(await send(f"{path}/messages", body="One more thing.")) == "query.closed"
    assert await code_of(await send(f"{desk}/escalate")) == "query.closed"


async def test_what_a_customer_reads_has_nothing_of_the_staff(query: Any) -> None:
    assert query.keys().isdisjoint(
        {"notes", "internal_notes", "assigned_to", "priority", "customer_email"}
    )


async def test_giving_a_query_back_leaves_it_to_all(send: Any, query: Any) -> None:
    await send(f"{ADMIN}/{query['id']}/assign")
    given_back = await query_of(await send(f"{ADMIN}/{query['id']}/assign", to="nobody"))
    assert given_back["assigned_to"] is None and not given_back["is_mine"]


async def test_the_list_has_the_beginning_of_the_message_and_pages(
    send: Any, client: Any, as_customer: Any, world: Any, customer: UUID
) -> None:
    await world.ask(
        "insert into queries (customer_id, subject, message)"
        " select c.id, 'No ' || n, repeat('long ', 100) from customers c, generate_series(1, 21) n"
        " where c.user_id = $1",
        customer,
    )
    first = await (await client.get(MINE, headers=as_customer)).json()
    assert len(first["queries"]) == 20 and len(first["queries"][0]["message"]) == 160
    assert "messages" not in first["queries"][0]
    second = await client.get(MINE, params={"after": first["next"]}, headers=as_customer)
    page = await second.json()
    assert len(page["queries"]) == 1 and page["next"] is None


async def test_the_queue_filters_counts_and_searches(
    client: Any, as_admin: Any, query: Any, send: Any
) -> None:
    await send(f"{ADMIN}/{query['id']}/assign")

    async def found(**filters: str) -> list[str]:
        response = await client.get(ADMIN, params=filters, headers=as_admin)
        answer = await response.json()
        assert response.status == 200, answer
        assert answer["counts"] == {
            "waiting": 1,
            "opened": 0,
            "in_progress": 1,
            "escalated": 0,
            "overdue": 0,
            "mine": 1,
        }
        return [one["ticket_number"] for one in answer["queries"]]

    ticket = query["ticket_number"]
    assert await found() == [ticket]
    assert await found(mine="true", status="in_progress") == [ticket]
    assert await found(status="open") == []
    assert await found(overdue="true") == []
    assert await found(search=ticket[-6:], status="closed") == [ticket]
    assert await found(search="nothing") == []


async def test_too_many_queries_say_when_to_come_back(send: Any) -> None:
    for _ in range(5):
        await query_of(await send(MINE, **OPEN), 201)
    response = await send(MINE, **OPEN)
    assert response.status == 429 and await code_of(response) == "query.too_many"
    assert 3500 < int(response.headers["Retry-After"]) <= 3600


async def test_another_customers_order_cannot_be_named(send: Any) -> None:
    response = await send(MINE, **OPEN, order_id=str(uuid4()))
    assert response.status == 422 and await code_of(response) == "query.order_unknown"


async def test_sent_twice_with_the_same_id_is_done_once(send: Any, world: Any) -> None:
    query_id, message_id = str(uuid4()), str(uuid4())
    for _ in range(2):
        await query_of(await send(MINE, **OPEN, id=query_id), 201)
        reply = {"id": message_id, "body": "Any news?"}
        await query_of(await send(f"{MINE}/{query_id}/messages", **reply))
    assert await world.ask("select count(*) from queries") == 1
    assert await world.ask("select count(*) from query_messages") == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": "   "},
        {"subject": "x" * 201},
        {"message": ""},
        {"message": "x" * 5001},
        {"category": "gossip"},
        {"order_id": "mine"},
        {"status": "resolved"},
    ],
)
async def test_what_is_no_query_is_refused(send: Any, changed: dict[str, str]) -> None:
    response = await send(MINE, **{**OPEN, **changed})
    assert response.status == 400 and await code_of(response) == "payload.invalid"


@pytest.mark.parametrize(
    "filters", [{"status": "lost"}, {"overdue": "yes"}, {"after": "x"}, {"after": "20261122_1"}]
)
async def test_what_is_no_filter_is_refused(
    client: Any, as_admin: Any, filters: dict[str, str]
) -> None:
    response = await client.get(ADMIN, params=filters, headers=as_admin)
    assert response.status == 400 and await code_of(response) == "payload.invalid"


@pytest.mark.parametrize("query_id", [UNKNOWN, "17", "%00"])
async def test_a_query_that_is_not_there(
    client: Any, as_customer: Any, as_admin: Any, query_id: Any
) -> None:
    for prefix, headers in ((MINE, as_customer), (ADMIN, as_admin)):
        response = await client.get(f"{prefix}/{query_id}", headers=headers)
        assert response.status == 404 and await code_of(response) == "query.not_found"
        response = await client.post(f"{prefix}/{query_id}/close", json={}, headers=headers)
        assert response.status == 404 and await code_of(response) == "query.not_found"


async def test_another_customers_query_is_not_there(
    client: Any, bearer: Any, world: Any, query: Any
) -> None:
    other = bearer("customer", await world.user("customer", "Ravi"))
    response = await client.get(f"{MINE}/{query['id']}", headers=other)
    assert response.status == 404
    listed = await (await client.get(MINE, headers=other)).json()
    assert listed["queries"] == []


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_each_route_is_for_its_people_only(client: Any, bearer: Any, route: Any) -> None:
    path = route.path.replace("{query_id}", str(UNKNOWN))
    assert (await client.request(route.method, path)).status == 401
    for role in {"customer", "influencer", "wholesaler", "admin"} - route.who:
        response = await client.request(route.method, path, headers=bearer(role, uuid4()))
        assert response.status == 403, role
