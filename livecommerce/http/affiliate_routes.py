"""Links of influencers: made in the studio, followed by anybody, remembered for who earns."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import Field, Strict, StringConstraints

from livecommerce import clock
from livecommerce.http.api import Call, Reply, Route, Who
from livecommerce.http.deps import HttpDeps
from shop import affiliate
from signaling.payloads import Empty, Id, Wire

INFLUENCER: Final[Who] = frozenset(("influencer",))
CUSTOMER: Final[Who] = frozenset(("customer",))

# As long as a click on a link counts.
_SALES_DAYS: Final = 30


class AffiliateLinkMake(Wire):
    """To a product, to one of one's live sessions, or to the shop."""

    product_id: Id | None = None
    live_session_id: Id | None = None


class AffiliateLink(Wire):
    """path: what is shared, behind the address of this server. customers: who came by it."""

    code: str
    path: str
    product_id: Id | None
    product_name: str | None
    live_session_id: Id | None
    live_session_title: str | None
    clicks: int
    customers: int
    created_at_ms: int


class LinkSales(Wire):
    """What was bought by all one's links in the last `days`. earned_minor: one's part of what of it
    is paid for and was not sent back."""

    days: int
    orders: int
    pieces: int
    earned_minor: int


class AffiliateLinks(Wire):
    links: Annotated[tuple[AffiliateLink, ...], Strict(False)]
    sales: LinkSales


class AffiliateLinkOk(Wire):
    link: AffiliateLink


class TouchNote(Wire):
    """touched_at_ms: when the customer came by the link."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    product_id: Id
    touched_at_ms: Annotated[int, Field(ge=0, le=4_102_444_800_000)]


class TouchKept(Wire):
    """kept: the link is known, the click young enough and the newest."""

    kept: bool


async def list_affiliate_links(call: Call[Empty]) -> Reply:
    db, user_id = call.deps.db, call.caller.user_id
    found = await affiliate.links_of(db, user_id)
    sold = await affiliate.sales_since(db, user_id, call.now - timedelta(days=_SALES_DAYS))
    sales = LinkSales(days=_SALES_DAYS, **asdict(sold))
    return Reply(AffiliateLinks(links=tuple(map(_shown, found)), sales=sales))


async def make_affiliate_link(call: Call[AffiliateLinkMake]) -> Reply:
    body = call.body
    link = await affiliate.make(
        call.deps.db, call.caller.user_id, body.product_id, body.live_session_id, _new_code
    )
    return Reply(AffiliateLinkOk(link=_shown(link)))


async def note_touch(call: Call[TouchNote]) -> Reply:
    body = call.body
    at = datetime.fromtimestamp(body.touched_at_ms / 1000, UTC)
    kept = await affiliate.note_touch(
        call.deps.db, call.caller.user_id, body.code, body.product_id, at
    )
    return Reply(TouchKept(kept=kept))


def add_affiliate_links(app: web.Application, deps: HttpDeps) -> None:
    """`/l/{code}`: counts the click and leads on, with the code for the page to remember."""

    async def follow(request: web.Request) -> web.StreamResponse:
        path = await affiliate.follow(deps.db, request.match_info["code"].upper())
        return web.Response(status=302, headers={"Location": path, "Cache-Control": "no-store"})

    app.router.add_get("/l/{code}", follow)


def _new_code() -> str:
    return "".join(
        affiliate.ALPHABET[byte % len(affiliate.ALPHABET)]
        for byte in clock.random_bytes(affiliate.CODE_CHARS)
    )


def _shown(link: affiliate.AffiliateLink) -> AffiliateLink:
    fields: dict[str, Any] = asdict(link)
    created_at = fields.pop("created_at")
    return AffiliateLink(
        **fields, path=f"/l/{link.code}", created_at_ms=round(created_at.timestamp() * 1000)
    )


_LINKS: Final = "/api/v1/affiliate-links"

ROUTES: Final = (
    Route("GET", _LINKS, "One's links with their clicks, newest first.", INFLUENCER,
          list_affiliate_links, AffiliateLinks),
    Route("POST", _LINKS, "Make a link; the same target has the same link.", INFLUENCER,
          make_affiliate_link, AffiliateLinkOk, AffiliateLinkMake, status=201,
          errors=("link.target_unknown",)),
    Route("POST", "/api/v1/touches", "A customer who came by a link has opened a product.",
          CUSTOMER, note_touch, TouchKept, TouchNote),
)  # fmt: skip
