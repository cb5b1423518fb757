"""Support queries: customers ask and read answers, admins answer and follow the clocks."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Strict, StringConstraints

from livecommerce import clock
from livecommerce.http.api import Call, Reply, Route, Who
from livecommerce.http.refusals import ApiRefused
from shop import support
from shop.support import Category, Cursor, Priority, Shelf, Status
from signaling.payloads import Empty, Id, Wire

CUSTOMER: Final[Who] = frozenset(("customer",))
ADMIN: Final[Who] = frozenset(("admin",))

_PER_PAGE: Final = 20
_PER_QUEUE_PAGE: Final = 50

_Subject = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_Body = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]
_After = Annotated[str, StringConstraints(max_length=100)]
_Flag = Literal["true", "false"]


class OpenQuery(Wire):
    """id: made by the caller; the same query sent twice with it is opened once."""

    id: Id | None = None
    category: Category = "general"
    subject: _Subject
    message: _Body
    order_id: Id | None = None


class QueryMessage(Wire):
    """id: made by the caller; the same message sent twice with it is written once."""

    id: Id | None = None
    body: _Body


class OlderQueries(Wire):
    """after: `next` of the page before."""

    after: _After = ""


class QueueFilter(Wire):
    """status: `waiting` for all that are not done. search: a ticket number, or the end of one;
    it finds the ticket whatever the other filters say. after: `next` of the page before."""

    status: Shelf = "waiting"
    overdue: _Flag = "false"
    mine: _Flag = "false"
    search: Annotated[str, StringConstraints(max_length=50)] = ""
    after: _After = ""


class Assign(Wire):
    """to: oneself, or nobody, which gives the query back to all."""

    to: Literal["me", "nobody"] = "me"


class Resolve(Wire):
    """body: a last answer for the customer."""

    id: Id | None = None
    body: _Body | None = None


class Escalate(Wire):
    """reason: kept as a note of the staff."""

    id: Id | None = None
    reason: _Body | None = None


class Rate(Wire):
    priority: Priority


class ThreadMessage(Wire):
    id: Id
    author: Literal["customer", "support"]
    body: str
    at_ms: int


class MyQuery(Wire):
    """message: in a list, its beginning. is_overdue: the query waits although a deadline has
    passed."""

    id: Id
    ticket_number: str
    subject: str
    message: str
    category: Category
    status: Status
    order_id: Id | None
    order_number: str | None
    created_at_ms: int
    updated_at_ms: int
    ack_due_at_ms: int
    acknowledged_at_ms: int | None
    redress_due_at_ms: int
    resolved_at_ms: int | None
    closed_at_ms: int | None
    is_overdue: bool


class MyThread(MyQuery):
    messages: Annotated[tuple[ThreadMessage, ...], Strict(False)]


class MyQueries(Wire):
    """next: what to send as `after` for more; null at the end."""

    queries: Annotated[tuple[MyQuery, ...], Strict(False)]
    next: str | None


class MyQueryOk(Wire):
    query: MyThread


class QueuedQuery(Wire):
    """is_redress_near: less than a week is left. is_mine: assigned to who asks."""

    id: Id
    ticket_number: str
    subject: str
    category: Category
    status: Status
    priority: Priority
    customer_name: str
    order_number: str | None
    assigned_to: Id | None
    is_mine: bool
    created_at_ms: int
    updated_at_ms: int
    ack_due_at_ms: int
    acknowledged_at_ms: int | None
    redress_due_at_ms: int
    resolved_at_ms: int | None
    is_ack_overdue: bool
    is_redress_overdue: bool
    is_redress_near: bool


class QueueCounts(Wire):
    """Of the queries that wait; opened: nobody has taken them up yet."""

    waiting: int
    opened: int
    in_progress: int
    escalated: int
    overdue: int
    mine: int


class Queue(Wire):
    """next: what to send as `after` for more; null at the end."""

    queries: Annotated[tuple[QueuedQuery, ...], Strict(False)]
    next: str | None
    counts: QueueCounts


class StaffMessage(ThreadMessage):
    author_user_id: Id | None


class StaffNote(Wire):
    id: Id
    author_user_id: Id | None
    body: str
    at_ms: int


class StaffThread(QueuedQuery):
    """resolution_time_hours: from the opening to the last time it was resolved."""

    message: str
    first_response_at_ms: int | None
    escalated_at_ms: int | None
    closed_at_ms: int | None
    resolution_time_hours: int | None
    customer_email: str
    customer_phone: str
    order_id: Id | None
    order_status: str | None
    messages: Annotated[tuple[StaffMessage, ...], Strict(False)]
    notes: Annotated[tuple[StaffNote, ...], Strict(False)]


class StaffQueryOk(Wire):
    query: StaffThread


async def my_queries(call: Call[OlderQueries]) -> Reply:
    page = await support.queries_of(
        call.deps.db, call.caller.user_id, call.now, _cursor(call.body.after), _PER_PAGE
    )
    shown = tuple(MyQuery(**_without(_shown(query), "messages")) for query in page.queries)
    return Reply(MyQueries(queries=shown, next=str(page.next) if page.next else None))


async def open_query(call: Call[OpenQuery]) -> Reply:
    body = call.body
    new = support.NewQuery(
        body.id or clock.uuid7(), body.category, body.subject, body.message, body.order_id
    )
    query = await support.open_query(call.deps.db, call.caller.user_id, new, call.now)
    return Reply(MyQueryOk(query=MyThread(**_shown(query))))


async def my_query(call: Call[Any]) -> Reply:
    query = await support.query_of(call.deps.db, call.caller.user_id, _query_id(call), call.now)
    return Reply(MyQueryOk(query=MyThread(**_shown(query))))


async def reply(call: Call[QueryMessage]) -> Reply:
    message_id = call.body.id or clock.uuid7()
    user_id = call.caller.user_id
    await support.reply(call.deps.db, user_id, _query_id(call), message_id, call.body.body)
    return await my_query(call)


async def close_own(call: Call[Empty]) -> Reply:
    await support.close_own(call.deps.db, call.caller.user_id, _query_id(call))
    return await my_query(call)


async def queue(call: Call[QueueFilter]) -> Reply:
    admin_id, given = call.caller.user_id, call.body
    filters = support.Filters(
        given.status, given.overdue == "true", given.mine == "true", given.search
    )
    page = await support.queue(
        call.deps.db, admin_id, filters, call.now, _cursor(given.after), _PER_QUEUE_PAGE
    )
    counts = await support.counts(call.deps.db, admin_id, call.now)
    shown = tuple(
        QueuedQuery(**_shown(query), is_mine=query.assigned_to == admin_id)
        for query in page.queries
    )
    return Reply(
        Queue(
            queries=shown,
            next=str(page.next) if page.next else None,
            counts=QueueCounts(**asdict(counts)),
        )
    )


async def staff_query(call: Call[Any]) -> Reply:
    admin_id = call.caller.user_id
    query = await support.query_for_staff(call.deps.db, admin_id, _query_id(call), call.now)
    is_mine = query.assigned_to == admin_id
    return Reply(StaffQueryOk(query=StaffThread(**_shown(query), is_mine=is_mine)))


async def assign(call: Call[Assign]) -> Reply:
    admin_id = call.caller.user_id
    to = admin_id if call.body.to == "me" else None
    await support.assign(call.deps.db, admin_id, _query_id(call), to)
    return await staff_query(call)


async def respond(call: Call[QueryMessage]) -> Reply:
    message_id = call.body.id or clock.uuid7()
    admin_id = call.caller.user_id
    await support.answer(call.deps.db, admin_id, _query_id(call), message_id, call.body.body)
    return await staff_query(call)


async def escalate(call: Call[Escalate]) -> Reply:
    note_id = call.body.id or clock.uuid7()
    admin_id = call.caller.user_id
    await support.escalate(call.deps.db, admin_id, _query_id(call), note_id, call.body.reason)
    return await staff_query(call)


async def resolve(call: Call[Resolve]) -> Reply:
    message_id = call.body.id or clock.uuid7()
    admin_id = call.caller.user_id
    await support.resolve(call.deps.db, admin_id, _query_id(call), message_id, call.body.body)
    return await staff_query(call)


async def close(call: Call[Empty]) -> Reply:
    await support.move(call.deps.db, call.caller.user_id, _query_id(call), "closed")
    return await staff_query(call)


async def rate(call: Call[Rate]) -> Reply:
    admin_id = call.caller.user_id
    await support.rate(call.deps.db, admin_id, _query_id(call), call.body.priority)
    return await staff_query(call)


async def note(call: Call[QueryMessage]) -> Reply:
    note_id = call.body.id or clock.uuid7()
    admin_id = call.caller.user_id
    await support.note(call.deps.db, admin_id, _query_id(call), note_id, call.body.body)
    return await staff_query(call)


def _shown(row: Any) -> dict[str, Any]:
    """The fields of a row; times as milliseconds, under the wire's names."""
    return {
        f"{name}_ms" if name.endswith("_at") else name: _ms(value)
        if isinstance(value, datetime)
        else value
        for name, value in asdict(row).items()
    }


def _without(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != name}


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _cursor(text: str) -> Cursor | None:
    if not text:
        return None
    try:
        return Cursor.parse(text)
    except ValueError:
        raise ApiRefused(
            "payload.invalid",
            "The request is not well formed.",
            details={"fields": {"after": "is not what a page gave as next"}},
        ) from None


def _query_id(call: Call[Any]) -> UUID:
    try:
        return UUID(call.request.match_info["query_id"])
    except ValueError:
        raise ApiRefused("query.not_found", "There is no such query.") from None


_MINE: Final = "/api/v1/queries"
_ADMIN: Final = "/api/v1/admin/queries"
_ONE_OF_MINE: Final = f"{_MINE}/{{query_id}}"
_ONE: Final = f"{_ADMIN}/{{query_id}}"

ROUTES: Final = (
    Route("GET", _MINE, "The customer's own queries, newest events first.", CUSTOMER, my_queries,
          MyQueries, OlderQueries),
    Route("POST", _MINE, "Open a query; at most 5 an hour.", CUSTOMER, open_query, MyQueryOk,
          OpenQuery, status=201,
          errors=("query.not_customer", "query.order_unknown", "query.too_many",
                  "query.key_reused")),
    Route("GET", _ONE_OF_MINE, "One of the customer's own queries with its thread.", CUSTOMER,
          my_query, MyQueryOk, errors=("query.not_found",)),
    Route("POST", f"{_ONE_OF_MINE}/messages",
          "Write to support; a resolved query goes on with it. At most 20 an hour.", CUSTOMER,
          reply, MyQueryOk, QueryMessage,
          errors=("query.not_found", "query.closed", "query.too_many", "query.key_reused")),
    Route("POST", f"{_ONE_OF_MINE}/close", "No answer is needed any more.", CUSTOMER, close_own,
          MyQueryOk, errors=("query.not_found",)),
    Route("GET", _ADMIN, "The queries: what waits by its deadline, what is done newest first.",
          ADMIN, queue, Queue, QueueFilter),
    Route("GET", _ONE, "A query with its thread, the customer's contact and the staff's notes.",
          ADMIN, staff_query, StaffQueryOk, errors=("query.not_found",)),
    Route("POST", f"{_ONE}/assign", "Take a query up, or give it back to all.", ADMIN, assign,
          StaffQueryOk, Assign, errors=("query.not_found", "query.closed")),
    Route("POST", f"{_ONE}/respond", "Answer the customer.", ADMIN, respond, StaffQueryOk,
          QueryMessage, errors=("query.not_found", "query.closed", "query.key_reused")),
    Route("POST", f"{_ONE}/escalate", "Hand a query to those who decide.", ADMIN, escalate,
          StaffQueryOk, Escalate,
          errors=("query.not_found", "query.closed", "query.wrong_state")),
    Route("POST", f"{_ONE}/resolve", "Resolved, with a last answer or without.", ADMIN, resolve,
          StaffQueryOk, Resolve,
          errors=("query.not_found", "query.closed", "query.wrong_state", "query.key_reused")),
    Route("POST", f"{_ONE}/close", "Close a query for good.", ADMIN, close, StaffQueryOk,
          errors=("query.not_found",)),
    Route("POST", f"{_ONE}/priority", "Say how urgent a query is.", ADMIN, rate, StaffQueryOk,
          Rate, errors=("query.not_found", "query.closed")),
    Route("POST", f"{_ONE}/notes", "A note of the staff for the staff.", ADMIN, note,
          StaffQueryOk, QueryMessage, errors=("query.not_found",)),
)  # fmt: skip
