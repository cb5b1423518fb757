"""Every query that stands behind a page, with who asks and what for.

The bench measures these on a shop of years, and a test holds the plan of each against the tables
that only an index may open. The test also fails for a query of the catalogue that is neither here
nor among those that are no page's.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from db import ANONYMOUS, SERVICE, Actor, ActorKind
from db.query import blocks
from loadtests.large_shop import CATEGORIES, MATERIALS, THINGS, Size, id_of

LAST_ID = UUID(int=2**128 - 1)
DAYS = 730
"""What `large_shop` spreads its orders over."""


class Visitor:
    """Picks who asks, and for what, of a large shop."""

    def __init__(self, size: Size, now: datetime, seed: int = 1) -> None:
        self._size = size
        self._random = random.Random(seed)
        self.now = now

    def number(self, count: int) -> int:
        return self._random.randint(1, count)

    def actor(self, kind: ActorKind) -> Actor:
        if kind in ("anonymous", "service"):
            return ANONYMOUS if kind == "anonymous" else SERVICE
        # The first of each is the one with the most.
        number = 1 if kind == "admin" else self._usually_any(self._count(kind))
        return Actor(kind, id_of(f"{kind} user", number))

    def id(self, kind: str) -> UUID:
        return id_of(kind, self._usually_any(self._count(kind)))

    def place(self) -> tuple[datetime | None, UUID | None]:
        """Half the time the first page, else one anywhere in two years."""
        if self._random.random() < 0.5:
            return None, None
        return self.now - timedelta(days=self._random.uniform(0, DAYS)), LAST_ID

    def one_of(self, words: tuple[str, ...]) -> str:
        return self._random.choice(words)

    def words(self) -> str:
        """What somebody types into a search: common words, rare ones, parts, several."""
        thing, material = self.one_of(THINGS), self.one_of(MATERIALS)
        rare = str(self.number(self._size.products))
        return self._random.choice(
            [thing, thing[1:4], f"{thing} {material}", f"{rare} {thing}", thing[:2], "nothing"]
        )

    def _usually_any(self, count: int) -> int:
        return 1 if self._random.random() < 0.1 else self.number(count)

    def _count(self, kind: str) -> int:
        return self._size.customers if kind == "query" else int(getattr(self._size, f"{kind}s"))


@dataclass(frozen=True, slots=True)
class PageQuery:
    """name: the block of db/queries. args: the arguments after the claims of the actor."""

    name: str
    actor: ActorKind
    args: Callable[[Visitor], tuple[Any, ...]]
    rows: int = 1
    """At least so many come back in all, of ten calls: a query of nothing proves nothing."""
    walks: str | None = None
    """An index that it may read from end to end, since that holds only the few rows meant."""
    most_rows: int = 800
    """The most rows that a step of its plan may read of a large table."""

    @property
    def sql(self) -> str:
        file, _, block = self.name.partition(".")
        return blocks(file)[block]


PAGES: tuple[PageQuery, ...] = (
    # The home page, a live session, the catalogue
    PageQuery("studio.listed_live_sessions", "anonymous", lambda v: (v.now, 24)),
    PageQuery("live.live_session", "service", lambda v: (v.id("live_session"),)),
    PageQuery("live.live_session_on_air", "service", lambda v: (v.id("influencer"),)),
    PageQuery("live.pinned_product", "service", lambda v: (v.id("live_session"),), rows=0),
    PageQuery("live.session_figures", "service", lambda v: (v.id("live_session"),)),
    PageQuery("shop.products_of_live_session", "service", lambda v: (v.id("live_session"),)),
    PageQuery(
        "pages.catalogue", "anonymous", lambda v: (v.one_of(CATEGORIES), *v.place(), 51), rows=50
    ),
    PageQuery("pages.catalogue", "customer", lambda v: (None, *v.place(), 51), rows=50),
    PageQuery("pages.search_products", "anonymous", lambda v: (v.words(), 50), rows=50),
    PageQuery("pages.search_products", "customer", lambda v: (v.words(), 50), rows=50),
    PageQuery("pages.reviews_of_product", "anonymous", lambda v: (v.id("product"), *v.place(), 21)),
    # A customer
    PageQuery("shop.orders_of_user", "customer", lambda v: (50,)),
    PageQuery("shop.order_by_id", "customer", lambda v: (v.id("product"),)),
    PageQuery("shop.last_address_of_user", "customer", lambda v: ()),
    PageQuery("pages.wishlist", "customer", lambda v: (*v.place(), 51)),
    PageQuery("pages.notifications", "customer", lambda v: (*v.place(), 51)),
    PageQuery("support.queries_of", "customer", lambda v: (v.now, None, None, None, 21)),
    PageQuery("support.queries_of", "customer", lambda v: (v.now, v.id("query"), None, None, 1), 0),
    # An influencer
    PageQuery("studio.influencer_of_user", "service", lambda v: (v.actor("influencer").user_id,)),
    PageQuery("studio.live_sessions_of_user", "influencer", lambda v: (None, 50)),
    PageQuery("studio.live_sessions_of_user", "influencer", lambda v: (v.id("live_session"), 1), 0),
    PageQuery("studio.count_open_live_sessions", "service", lambda v: (v.id("influencer"),)),
    PageQuery(
        "studio.ineligible_products",
        "service",
        lambda v: ([v.id("product") for _ in range(20)],),
    ),
    PageQuery("shop.eligible_products", "influencer", lambda v: ("", 100), rows=100),
    PageQuery("shop.eligible_products", "influencer", lambda v: (v.words(), 100), rows=100),
    PageQuery("shop.sales_of_live_session", "service", lambda v: (v.id("live_session"),)),
    PageQuery("pages.influencer_orders", "influencer", lambda v: (*v.place(), 51)),
    PageQuery("pages.influencer_earnings", "influencer", lambda v: (*v.place(), 51)),
    PageQuery("sealing.influencer_details", "influencer", lambda v: (None, v.id("influencer")), 0),
    # A wholesaler
    PageQuery("pages.wholesaler_orders", "wholesaler", lambda v: (*v.place(), 51), rows=50),
    PageQuery("pages.wholesaler_products", "wholesaler", lambda v: (*v.place(), 51)),
    PageQuery(
        "pages.wholesaler_sales",
        "wholesaler",
        lambda v: (v.now.date() - timedelta(days=29), v.now.date()),
    ),
    PageQuery("sealing.wholesaler_details", "wholesaler", lambda v: (None, v.id("wholesaler")), 0),
    # An admin
    PageQuery("pages.orders_for_admin", "admin", lambda v: (None, *v.place(), 51), rows=50),
    PageQuery(
        "pages.orders_for_admin",
        "admin",
        lambda v: (v.one_of(("pending", "delivered", "refunded")), *v.place(), 51),
        rows=50,
    ),
    PageQuery(
        "support.queue",
        "admin",
        lambda v: (v.now, "waiting", False, False, None, None, None, 51),
        rows=20,
    ),
    PageQuery(
        "support.queue",
        "admin",
        lambda v: (v.now, "resolved", False, False, None, *v.place(), 51),
        rows=20,
    ),
    PageQuery(
        "support.queue",
        "admin",
        lambda v: (v.now, "waiting", False, False, f"{v.number(1000):06}", None, None, 51),
        rows=0,
    ),
    PageQuery(
        "support.counts", "admin", lambda v: (v.now,), walks="idx_queries_open", most_rows=5000
    ),
    PageQuery("support.one", "admin", lambda v: (v.now, v.id("query"))),
    # Whoever logs in
    PageQuery(
        "accounts.credentials_by_email",
        "service",
        lambda v: (f"customer{v.number(1000)}@shop.test",),
    ),
    PageQuery("accounts.person_by_id", "service", lambda v: (v.actor("customer").user_id, v.now)),
)

NOT_PAGES: dict[str, str] = {
    "schema": "describes the schema, for the developers' commands",
    "types": "describes the schema, for the developers' commands",
    "seed": "fills an empty shop",
    "health": "asks the server about itself",
    "outbox": "the worker's queue",
    "counters": "writes",
    "checks": "a command's, which looks at everything on purpose",
    "maintenance": "runs in the worker, batch by batch",
    "accounts.lock_email": "takes a lock",
    "accounts.refresh_family": "a token, by its hash",
    "accounts.lock_refresh_family": "takes a lock",
    "accounts.refresh_token": "a token, by its hash",
    "live.lock_live_session": "takes a lock; reads as live.live_session does",
    "sealing.lock_keys": "takes a lock",
    "sealing.lock_keys_alone": "takes a lock",
    "sealing.lock_wholesaler_details": "takes a lock; reads as sealing.wholesaler_details does",
    "sealing.lock_influencer_details": "takes a lock; reads as sealing.influencer_details does",
    "sealing.values_by_key": "the command that seals again reads all there is",
    "sealing.wholesalers_to_reseal": "the command that seals again reads all there is",
    "sealing.influencers_to_reseal": "the command that seals again reads all there is",
    "shop.place_order": "writes",
    "studio.lock_live_session_of_user": "takes a lock",
    "support.open": "writes",
    "support.reply": "writes",
    "support.close_own": "writes",
    "support.assign": "writes",
    "support.answer": "writes",
    "support.move": "writes",
    "support.rate": "writes",
    "support.note": "writes",
    "support.escalate_near": "runs in the worker, batch by batch",
}
"""Files and blocks of db/queries that read, or call what may, but for no page, and why not."""
