"""Every query that stands behind a page, with who asks and what for.

The bench measures these on a shop of years, and a test holds the plan of each against the tables
that only an index may open. The test also fails for a query of the catalogue that is neither here
nor among those that are no page's.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from db import ANONYMOUS, SERVICE, Actor, ActorKind
from db.query import blocks
from loadtests.large_shop import BRANDS, CATEGORIES, MATERIALS, THINGS, Size, id_of

LAST_ID = UUID(int=2**128 - 1)
SORTS = ("relevance", "newest", "price_up", "price_down", "rating")
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

    def misspelt(self) -> str:
        """A word without one of its letters."""
        word = self.one_of(THINGS)
        place = self.number(len(word) - 2)
        return word[:place] + word[place + 1 :]

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


def wanted(visitor: Visitor, **what: object) -> str:
    """What somebody wants to see of the shop, in any order."""
    return json.dumps({"sort": visitor.one_of(SORTS), **what})


PAGES: tuple[PageQuery, ...] = (
    # The home page, a live session, the catalogue
    PageQuery("studio.listed_live_sessions", "anonymous", lambda v: (v.now, 24)),
    PageQuery("live.live_session", "service", lambda v: (v.id("live_session"),)),
    PageQuery("live.live_session_on_air", "service", lambda v: (v.id("influencer"),)),
    PageQuery("live.pinned_product", "service", lambda v: (v.id("live_session"),), rows=0),
    PageQuery("live.session_figures", "service", lambda v: (v.id("live_session"),)),
    PageQuery("shop.products_of_live_session", "service", lambda v: (v.id("live_session"),)),
    PageQuery("deals.of_live_session", "service", lambda v: (v.id("live_session"),), rows=0),
    PageQuery("holds.selling_of_live_session", "service", lambda v: (v.id("live_session"),)),
    PageQuery(
        "holds.of_customer",
        "service",
        lambda v: (v.actor("customer").user_id, v.id("live_session")),
        rows=0,
    ),
    PageQuery("chat.of_live_session", "service", lambda v: (v.id("live_session"),)),
    PageQuery("chat.replay", "service", lambda v: (v.id("live_session"), 0, None, 201), rows=0),
    PageQuery("chat.has_replay", "service", lambda v: (v.id("live_session"), None)),
    PageQuery(
        "chat.standings",
        "service",
        lambda v: (v.id("influencer"), [v.actor("customer").user_id]),
    ),
    PageQuery("chat.following", "customer", lambda v: (v.id("influencer"),)),
    PageQuery("moderation.acts", "service", lambda v: (v.id("live_session"), None, 51), rows=0),
    PageQuery("holds.claimed_product", "service", lambda v: (v.id("live_session"), "A1"), rows=0),
    PageQuery(
        "pages.catalogue", "anonymous", lambda v: (v.one_of(CATEGORIES), *v.place(), 51), rows=50
    ),
    PageQuery("pages.catalogue", "customer", lambda v: (None, *v.place(), 51), rows=50),
    PageQuery("pages.search_products", "anonymous", lambda v: (v.words(), 50), rows=50),
    PageQuery("pages.search_products", "customer", lambda v: (v.words(), 50), rows=50),
    PageQuery("pages.reviews_of_product", "anonymous", lambda v: (v.id("product"), *v.place(), 21)),
    # Payments
    PageQuery("payments.of_order", "customer", lambda v: (v.id("order"),), rows=0),
    # The few that are not paid and may be, of all providers.
    PageQuery(
        "payments.list",
        "admin",
        lambda v: (None, "upi", "", "", None, 51),
        rows=0,
        walks="payments_unfinished",
    ),
    PageQuery("payments.list", "admin", lambda v: (None, "cod_due", "", "", None, 51)),
    PageQuery("payments.list", "admin", lambda v: (None, "all", "cod", "remitted", None, 51)),
    PageQuery("payments.event_list", "admin", lambda v: ("", None, 51), rows=0),
    PageQuery("payments.event_list", "admin", lambda v: ("unknown", None, 51), rows=0),
    PageQuery("payments.event_counts", "admin", lambda v: ()),
    PageQuery("payments.refund_list", "admin", lambda v: (None, "pending", *v.place(), 51), rows=0),
    # Payouts and statements
    PageQuery("payouts.payouts", "admin", lambda v: (None, None, "all", *v.place(), 51)),
    PageQuery("payouts.payouts", "admin", lambda v: (None, None, "pending", *v.place(), 51)),
    PageQuery(
        "payouts.payouts", "admin", lambda v: (None, None, "returned", None, None, 51), rows=0
    ),
    PageQuery(
        "payouts.payouts",
        "admin",
        lambda v: (None, id_of("payout_batch", 9), "all", None, None, 51),
    ),
    # The sums of a page of batches are those of all their payouts.
    PageQuery("payouts.batches", "admin", lambda v: (None, *v.place(), 51), most_rows=20_000),
    PageQuery("payouts.payees", "admin", lambda v: (None, None, None, 51, 1)),
    PageQuery("payouts.ledger", "admin", lambda v: ()),
    PageQuery(
        "payouts.statement",
        "wholesaler",
        lambda v: ("wholesaler", None, "all", None, None, None, 51, 7),
    ),
    PageQuery(
        "payouts.statement",
        "influencer",
        lambda v: ("influencer", None, "available", None, None, 5_000, 51, 7),
        rows=0,
    ),
    PageQuery(
        "payouts.statement",
        "admin",
        lambda v: ("wholesaler", id_of("wholesaler", 1), "all", None, None, None, 51, 7),
    ),
    PageQuery("payouts.balances", "influencer", lambda v: ("influencer", None)),
    # The shop
    PageQuery("products.shop_products", "anonymous", lambda v: (wanted(v, search=v.words()), 24)),
    PageQuery(
        "products.shop_products",
        "customer",
        lambda v: (wanted(v, search=v.words(), category=v.one_of(CATEGORIES)), 24),
    ),
    PageQuery("products.shop_products", "customer", lambda v: (wanted(v, search=v.misspelt()), 24)),
    PageQuery("products.shop_products", "anonymous", lambda v: (wanted(v), 24)),
    PageQuery(
        "products.shop_products",
        "customer",
        lambda v: (wanted(v, category=v.one_of(CATEGORIES), in_stock=True, price_max=80_000), 24),
    ),
    PageQuery(
        "products.shop_products", "anonymous", lambda v: (wanted(v, brand=v.one_of(BRANDS)), 24)
    ),
    PageQuery("products.filters", "anonymous", lambda v: (v.one_of(CATEGORIES),)),
    PageQuery("products.filters", "customer", lambda v: (None,)),
    PageQuery("products.shop_product", "anonymous", lambda v: (v.id("product"),)),
    PageQuery("products.shop_product", "customer", lambda v: (v.id("product"),)),
    PageQuery("products.related", "customer", lambda v: (v.id("product"), 8)),
    PageQuery("products.reviews", "anonymous", lambda v: (v.id("product"), *v.place(), 21)),
    PageQuery("products.reviews_due", "customer", lambda v: (20,)),
    PageQuery("products.own_products", "wholesaler", lambda v: ("", "all", *v.place(), 51)),
    PageQuery(
        "products.own_products", "wholesaler", lambda v: ("1", "low_stock", None, None, 51), 0
    ),
    PageQuery("products.own_product_counts", "wholesaler", lambda v: ()),
    PageQuery("products.own_product", "wholesaler", lambda v: (v.id("product"),)),
    PageQuery(
        "products.own_products_by_sku",
        "wholesaler",
        lambda v: ([f"SKU-{v.number(3000)}" for _ in range(200)],),
    ),
    PageQuery("products.own_products_in_full", "wholesaler", lambda v: (*v.place(), 100)),
    PageQuery(
        "products.stock_moves",
        "service",
        lambda v: (v.actor("wholesaler").user_id, v.id("product"), None, 51),
        0,
    ),
    PageQuery("products.reviews_for_admin", "admin", lambda v: (None, *v.place(), 51), 50),
    PageQuery("products.reviews_for_admin", "admin", lambda v: ("hidden", *v.place(), 51), 0),
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
        "figures.of_live_session", "admin", lambda v: (v.id("live_session"), 240), most_rows=5000
    ),
    PageQuery(
        "figures.product_minutes",
        "admin",
        lambda v: (v.id("live_session"), v.id("product"), 240),
        rows=0,
        most_rows=5000,
    ),
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
    # Orders after the sale
    PageQuery("after_sale.my_orders", "customer", lambda v: (*v.place(), 21)),
    PageQuery(
        "after_sale.order_detail",
        "admin",
        lambda v: (v.id("order"), v.now, timedelta(days=7)),
    ),
    PageQuery("after_sale.part_order", "wholesaler", lambda v: (v.id("order"), None), rows=0),
    PageQuery(
        "after_sale.part_orders",
        "wholesaler",
        lambda v: ("all", v.now, *v.place(), 31),
    ),
    PageQuery(
        "after_sale.part_orders",
        "wholesaler",
        lambda v: ("to_pack", v.now, None, None, 31),
        rows=0,
        most_rows=5000,
    ),
    PageQuery("after_sale.part_order_counts", "wholesaler", lambda v: (v.now,), most_rows=5000),
    PageQuery("after_sale.desk_returns", "wholesaler", lambda v: ("open", *v.place(), 31), rows=0),
    PageQuery("after_sale.desk_returns", "admin", lambda v: ("open", *v.place(), 31), rows=0),
    PageQuery("after_sale.documents", "wholesaler", lambda v: (*v.place(), 31), rows=0),
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
    "accounts.ended_logins": "those of the last minutes, by their index",
    "accounts.revoke_refresh_family": "writes",
    "accounts.lock_refresh_family": "takes a lock",
    "accounts.refresh_token": "a token, by its hash",
    "live.lock_live_session": "takes a lock; reads as live.live_session does",
    "live.on_air_of_closed_accounts": "the few on air, by their index",
    "sealing.lock_keys": "takes a lock",
    "sealing.lock_keys_alone": "takes a lock",
    "sealing.lock_wholesaler_details": "takes a lock; reads as sealing.wholesaler_details does",
    "sealing.lock_influencer_details": "takes a lock; reads as sealing.influencer_details does",
    "sealing.values_by_key": "the command that seals again reads all there is",
    "sealing.wholesalers_to_reseal": "the command that seals again reads all there is",
    "sealing.influencers_to_reseal": "the command that seals again reads all there is",
    "addresses.book": "a customer's own few rows, by their index",
    "addresses.payment_method": "a customer's own few rows, by their index",
    "addresses.keep": "writes",
    "addresses.choose": "writes",
    "addresses.remove": "writes",
    "affiliate.links_of": "an influencer's own few links",
    "affiliate.sales": "what one influencer sold by links in a month",
    "engagement": "the few rows of one live session, by their index, or writes",
    "cart.cart": "one cart, of at most 100 lines",
    "cart.change": "writes",
    "chat.keep": "writes",
    "chat.gone": "messages by their ids, when a process begins to host a live session",
    "chat.hold": "writes",
    "chat.follow": "writes",
    "moderation.decide_about_member": "writes",
    "moderation.appoint": "writes",
    "moderation.configure": "writes",
    "moderation.change_terms": "writes",
    "moderation.delete_message": "writes",
    "moderation.clear": "writes",
    "moderation.pin": "writes",
    "moderation.announce": "writes",
    "moderation.review": "writes",
    "moderation.rights": "one person's rights, by indexes of few rows",
    "cart.hold": "writes",
    "cart.note_touches": "writes",
    "coupons.for_check": "a coupon by its code, and one cart",
    "coupons.listed": "coupons, which are few",
    "payouts.release_matured": "runs in the worker, batch by batch",
    "payouts.make_payouts": "writes",
    "payouts.make_batch": "writes",
    "payouts.move": "writes",
    "payouts.adjust": "writes",
    "payouts.note_export": "writes",
    "payouts.details": "the payees of one batch",
    "after_sale.attributions": "the items of one order",
    "after_sale.cancel": "writes",
    "after_sale.pack": "writes",
    "after_sale.unpack": "writes",
    "after_sale.ship": "writes",
    "after_sale.track": "writes",
    "after_sale.deliver": "writes",
    "after_sale.bring_back": "writes",
    "after_sale.ask_return": "writes",
    "after_sale.decide_return": "writes",
    "after_sale.receive_return": "writes",
    "after_sale.issue_document": "writes",
    "after_sale.place_of_shipment": "reads for a change, by the id",
    "after_sale.facts_of_invoice": "reads for a change, by the id",
    "after_sale.invoices_to_credit": "reads for a change, by the id",
    "after_sale.credited_before": "reads for a change, by the id",
    "after_sale.document": "a document, by its id",
    "after_sale.order_of_return": "a return, by its id",
    "after_sale.desk_return": "a return, by its id",
    "after_sale.order_by_number": "an order, by its number",
    "deals.start": "writes",
    "deals.stop": "writes",
    "deals.tick": "runs in the worker, batch by batch",
    "holds.place": "writes",
    "holds.release": "writes",
    "holds.join_waitlist": "writes",
    "holds.leave_waitlist": "writes",
    "holds.sweep": "runs in the worker, batch by batch",
    "holds.tell": "runs in the worker, batch by batch",
    "holds.settle_waitlist": "runs in the worker, batch by batch",
    "payments.test_script": "the desk's, by the key",
    "payments.store_event": "writes",
    "payments.open_events": "the desk's queue",
    "payments.lock_event": "takes a lock",
    "payments.look": "takes a lock",
    "payments.move": "writes",
    "payments.capture": "writes",
    "payments.claim": "the desk's queue",
    "payments.made": "writes",
    "payments.look_again": "writes",
    "payments.fail": "writes",
    "payments.unpaid_orders": "the desk's queue",
    "payments.expire_order": "writes",
    "payments.claim_refunds": "the desk's queue",
    "payments.move_refund": "writes",
    "payments.refund_again": "writes",
    "payments.refund_made_elsewhere": "writes",
    "payments.came_back": "writes",
    "payments.heard": "the doctor's, of a week",
    "payments.handle_event": "writes",
    "payments.pay_again": "writes",
    "payments.note_upi_reference": "writes",
    "payments.retry_refund": "writes",
    "payments.collect_cash": "writes",
    "payments.remit_cash": "writes",
    "payments.event_by_name": "an event, by its name",
    "products.save": "writes",
    "products.adjust_stock": "writes",
    "products.note_image": "writes",
    "products.write_review": "writes",
    "products.remove_review": "writes",
    "products.reply_to_review": "writes",
    "products.hide_review": "writes",
    "products.wish": "writes",
    "shop.place_orders": "writes",
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
