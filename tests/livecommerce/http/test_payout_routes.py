"""Payouts and statements over HTTP: an admin pays, the payees read why."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from db import Database
from livecommerce.http.payout_routes import ROUTES as PAYOUT_ROUTES
from livecommerce.http.statement_routes import ROUTES as STATEMENT_ROUTES
from tests.shop.ledger.books import Books

ADMIN_ID = UUID(int=77)
PAYOUTS = "/api/v1/admin/payouts"
BATCHES = "/api/v1/admin/payout-batches"
PAYEES = "/api/v1/admin/payees"
ACCOUNT = {"bank_account_number": "001234567890", "ifsc_code": "HDFC0001234"}


@pytest.fixture
async def books(database: Database, database_url: str) -> AsyncIterator[Books]:
    """A sale whose hold is over, of payees who are verified."""
    sql = await asyncpg.connect(database_url)
    there = Books(sql, database)
    await there.open()
    for table in ("wholesalers", "influencers"):
        await sql.execute(f"update {table} set verification_status = 'verified'")
    await sql.execute(
        "insert into auth.users (id, email, raw_app_meta_data)"
        " values ($1, 'money@example.com', '{\"role\": \"admin\"}')",
        ADMIN_ID,
    )
    order = await there.order()
    await there.capture(order)
    await there.deliver(order)
    await there.release()
    yield there
    await sql.close()


@pytest.fixture
def as_admin(bearer: Any) -> Any:
    return bearer("admin", ADMIN_ID)


@pytest.fixture
async def as_wholesaler(books: Books, bearer: Any) -> Any:
    user_id = await books.sql.fetchval(
        "select user_id from wholesalers where id = $1", books.wholesalers[0]
    )
    return bearer("wholesaler", user_id)


@pytest.fixture
async def with_accounts(client: Any, books: Books, bearer: Any, as_wholesaler: Any) -> None:
    """Both have said where their money goes, in the way that people do."""
    for headers in (as_wholesaler, bearer("influencer", books.influencers[0].user_id)):
        response = await client.patch("/api/v1/me/payment-details", json=ACCOUNT, headers=headers)
        assert response.status == 200, await response.text()


async def answer(response: Any, status: int = 200) -> Any:
    assert response.status == status, await response.text()
    return await response.json()


async def code_of(response: Any) -> str:
    return str((await response.json())["refused"]["code"])


async def test_an_admin_makes_a_batch_tells_the_bank_and_says_what_came_of_it(
    client: Any, books: Books, as_admin: Any, with_accounts: None
) -> None:
    id_ = str(uuid4())
    made = await answer(await client.post(BATCHES, json={"id": id_}, headers=as_admin), 201)
    again = await answer(await client.post(BATCHES, json={"id": id_}, headers=as_admin), 201)
    assert again == made
    batch = made["batch"]
    assert (batch["id"], batch["payouts"], batch["amount_minor"]) == (id_, 2, 104_100)

    file = await client.get(f"{BATCHES}/{id_}.csv", headers=as_admin)
    assert file.status == 200 and file.content_type == "text/csv"
    assert file.headers["Cache-Control"] == "no-store"
    rows = {row["kind"]: row for row in csv.DictReader(io.StringIO(await file.text()))}
    assert rows["wholesaler"]["amount"] == "906.00"
    assert rows["wholesaler"]["bank_account_number"] == ACCOUNT["bank_account_number"]
    assert rows["influencer"]["ifsc_code"] == ACCOUNT["ifsc_code"]
    noted = await books.row("select * from audit_log where action = 'export'")
    assert noted["actor_user_id"] == ADMIN_ID and str(noted["row_id"]) == id_

    listed = await answer(await client.get(PAYOUTS, params={"batch_id": id_}, headers=as_admin))
    payout = next(one for one in listed["payouts"] if one["payee_kind"] == "wholesaler")
    assert payout["status"] == "pending" and payout["payee_name"] == "Jaipur Cottons"
    one = f"{PAYOUTS}/{payout['id']}"
    body = {"reference": "UTR 4711"}
    paid = await answer(await client.post(f"{one}/paid", json=body, headers=as_admin))
    assert paid["payout"]["status"] == "paid" and paid["payout"]["paid_at_ms"]
    body = {"reason": "account closed"}
    refused = await client.post(f"{one}/cancel", json=body, headers=as_admin)
    assert refused.status == 409 and await code_of(refused) == "payout.wrong_state"
    back = await answer(await client.post(f"{one}/returned", json=body, headers=as_admin))
    assert back["payout"]["reason"] == "account closed"
    batches = await answer(await client.get(BATCHES, headers=as_admin))
    assert [(b["pending"], b["returned"]) for b in batches["batches"]] == [(1, 1)]
    books_now = await answer(await client.get("/api/v1/admin/ledger", headers=as_admin))
    assert books_now["is_balanced"] is True


@pytest.mark.parametrize("ends", [("paid",), ("paid", "returned"), ("returned",), ("cancel",)])
async def test_the_file_for_the_bank_is_without_what_it_would_pay_twice(
    ends: tuple[str, ...], client: Any, books: Books, as_admin: Any, with_accounts: None
) -> None:
    made = await answer(await client.post(BATCHES, json={}, headers=as_admin), 201)
    path = f"{BATCHES}/{made['batch']['id']}.csv"
    for row in await books.sql.fetch("select id, payee_kind from private.payouts order by 2"):
        file = await client.get(path, headers=as_admin)
        listed = [row["payout_id"] for row in csv.DictReader(io.StringIO(await file.text()))]
        assert str(row["id"]) in listed
        for end in ends:
            body = {"reference": "UTR 1"} if end == "paid" else {"reason": "account closed"}
            await answer(
                await client.post(f"{PAYOUTS}/{row['id']}/{end}", json=body, headers=as_admin)
            )
        if row["payee_kind"] == "influencer":
            file = await client.get(path, headers=as_admin)
            kinds = [row["kind"] for row in csv.DictReader(io.StringIO(await file.text()))]
            assert kinds == ["wholesaler"]
    refused = await client.get(path, headers=as_admin)
    assert refused.status == 409 and await code_of(refused) == "payout.nothing_due"


async def test_who_has_given_no_account_is_not_paid_and_admins_see_it(
    client: Any, books: Books, as_admin: Any
) -> None:
    response = await client.post(BATCHES, json={}, headers=as_admin)
    assert response.status == 409 and await code_of(response) == "payout.nothing_due"
    found = await answer(await client.get(PAYEES, headers=as_admin))
    assert {payee["problem"] for payee in found["payees"]} == {"no_bank_details"}


async def test_details_that_cannot_be_opened_any_more_are_said_and_stop_nobody_else(
    client: Any, books: Books, as_admin: Any, with_accounts: None
) -> None:
    await books.sql.execute("update wholesalers set bank_account_number = 'sealed:v1:gone:AAAA'")
    made = await answer(await client.post(BATCHES, json={}, headers=as_admin), 201)
    file = await client.get(f"{BATCHES}/{made['batch']['id']}.csv", headers=as_admin)
    rows = {row["kind"]: row for row in csv.DictReader(io.StringIO(await file.text()))}
    assert rows["wholesaler"]["problem"] and not rows["wholesaler"]["bank_account_number"]
    assert rows["influencer"]["bank_account_number"] == ACCOUNT["bank_account_number"]


async def test_an_admin_gives_a_bonus_once(client: Any, books: Books, as_admin: Any) -> None:
    path = f"{PAYEES}/influencer/{books.influencers[0].id}/adjust"
    body = {"id": str(uuid4()), "amount_minor": 5_000, "reason": "Best of May"}
    for _ in range(2):
        given = await answer(await client.post(path, json=body, headers=as_admin))
        assert given["payee"]["available_minor"] == 18_500
    nothing = await client.post(path, json=body | {"amount_minor": 0}, headers=as_admin)
    assert nothing.status == 400
    for wrong in ("customer/" + str(UUID(int=1)), "influencer/x", f"influencer/{UUID(int=1)}"):
        refused = await client.post(f"{PAYEES}/{wrong}/adjust", json=body, headers=as_admin)
        assert refused.status == 404 and await code_of(refused) == "payee.not_found"


async def test_a_wholesaler_reads_every_paisa_on_the_page_and_as_a_table(
    client: Any, books: Books, as_wholesaler: Any
) -> None:
    path = "/api/v1/wholesaler/statement"
    found = await answer(await client.get(path, headers=as_wholesaler))
    assert found["balances"] == {
        "pending_minor": 0,
        "available_minor": 90_600,
        "on_its_way_minor": 0,
        "paid_out_minor": 0,
        "hold_days": 7,
        "minimum_payout_minor": 10_000,
    }
    assert [line["kind"] for line in found["lines"]] == ["released", "released", "sale"]
    sale = found["lines"][-1]
    assert sale["breakdown"]["tcs_minor"] == 500 and sale["order_number"].startswith("ORD-")
    params = {"account": "available"}
    available = await answer(await client.get(path, params=params, headers=as_wholesaler))
    assert [line["balance_minor"] for line in available["lines"]] == [90_600]

    month = (await books.now()).strftime("%Y-%m")
    file = await client.get(f"{path}.csv", params={"month": month}, headers=as_wholesaler)
    assert file.status == 200
    rows = list(csv.DictReader(io.StringIO(await file.text())))
    assert (rows[0]["kind"], rows[0]["amount"], rows[0]["tds"]) == ("sale", "906.00", "1.00")
    other = await client.get(f"{path}.csv", params={"month": "2020-01"}, headers=as_wholesaler)
    assert len((await other.text()).splitlines()) == 1


async def test_an_influencer_reads_the_commission_and_an_admin_reads_both(
    client: Any, books: Books, bearer: Any, as_admin: Any
) -> None:
    own = bearer("influencer", books.influencers[0].user_id)
    found = await answer(await client.get("/api/v1/influencer/statement", headers=own))
    assert found["balances"]["available_minor"] == 13_500
    for kind, id_ in (
        ("influencer", books.influencers[0].id),
        ("wholesaler", books.wholesalers[0]),
    ):
        path = f"{PAYEES}/{kind}/{id_}/statement"
        assert len((await answer(await client.get(path, headers=as_admin)))["lines"]) == 3
    path = f"{PAYEES}/wholesaler/{UUID(int=5)}/statement"
    assert (await client.get(path, headers=as_admin)).status == 404


async def test_pages_go_on_where_the_last_one_ended(
    client: Any, books: Books, as_admin: Any, with_accounts: None, monkeypatch: Any
) -> None:
    monkeypatch.setattr("livecommerce.http.payout_routes._PER_PAGE", 1)
    monkeypatch.setattr("livecommerce.http.statement_routes._PER_PAGE", 1)
    await answer(await client.post(BATCHES, json={}, headers=as_admin), 201)
    statement = f"{PAYEES}/wholesaler/{books.wholesalers[0]}/statement"
    for path, name, count in ((PAYOUTS, "payouts", 2), (statement, "lines", 4)):
        seen, after = [], ""
        while True:
            page = await answer(await client.get(path, params={"after": after}, headers=as_admin))
            seen += [row["id"] for row in page[name]]
            after = page["next"]
            if after is None:
                break
        assert len(seen) == len(set(seen)) == count
    for path in (PAYOUTS, BATCHES, statement):
        odd = await client.get(path, params={"after": "x"}, headers=as_admin)
        assert odd.status == 400


@pytest.mark.parametrize("route", [*PAYOUT_ROUTES, *STATEMENT_ROUTES], ids=lambda r: r.path)
async def test_none_of_it_is_for_strangers_or_customers(
    route: Any, client: Any, bearer: Any
) -> None:
    path = route.path.format(
        payout_id=UUID(int=1), batch_id=UUID(int=1), kind="wholesaler", payee_id=UUID(int=1)
    )
    call = client.get if route.method == "GET" else client.post
    assert (await call(path)).status == 401
    assert (await call(path, headers=bearer("customer"))).status == 403
