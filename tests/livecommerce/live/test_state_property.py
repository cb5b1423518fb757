"""What a page knows after a snapshot and the events that followed is what a fresh snapshot says.

Histories are made here, of every kind of event, as a viewer and as a moderator hear them; each runs
through the page's own reducer. test_state_property_live.py has the same of a running hub.
"""

from __future__ import annotations

import random
from typing import Any, Final

import pytest

from signaling.chat_payloads import ChatStanding
from signaling.contract import OUTWARD
from tests.livecommerce.live.chat_history import ASHA, chat_history, message
from tests.livecommerce.live.engagement_history import engagement_history
from tests.livecommerce.live.page_replay import Case, differing
from tests.livecommerce.live.test_room import (
    DEALS,
    MESSAGES,
    PRODUCTS,
    VARIANTS,
    a_deal,
    ended,
    live_session,
    said,
)
from tests.livecommerce.live.watched_room import (
    MODERATOR,
    VIEWER,
    WatchedRoom,
    followed,
    lagging,
    personal_history,
)

SEEDS = 60
LENGTH = 30
# Of one kind of event; the first ones have it alone.
CUT = 12

STATELESS: Final = {
    "reactions.counted": "what flies up the screen once; a newcomer sees the next ones",
    "joins.counted": "who came in the last seconds; viewers.counted says how many are here",
    "giveaway.won": "a word to the winner; who has won is in giveaway.drawn",
    "chat.decided": "about a line that only its author's page holds; others hear chat.posted",
    "order.updated": "of an order, which a live session's snapshot does not hold: order.get does",
    "auth.expired": "about the connection; the page renews it or joins as somebody else",
    "message.refused": "the answer to one message; nothing has changed",
}
"""Events after which a newcomer's snapshot is the same as before, and why."""


def samples() -> list[tuple[str, dict[str, Any]]]:
    """At least one of every kind that changes what a page shows and leaves the person there."""
    product = str(PRODUCTS[0])
    variant = str(VARIANTS[PRODUCTS[0]][0])
    of_variant = {"product_id": product, "variant_id": variant}
    states = {"started": "live", "paused": "paused", "resumed": "live", "ended": "ended"}
    return [
        *(
            (f"session.{verb}", {"live_session": live_session(to).model_dump(mode="json")})
            for verb, to in states.items()
        ),
        ("media.changed", {"source": "m1", "available": True}),
        *(("product.pinned", {"product_id": str(id)}) for id in PRODUCTS),
        *(("product.unpinned", {"product_id": str(id)}) for id in PRODUCTS),
        *(("stock.changed", of_variant | {"stock": stock}) for stock in (0, 3)),
        *(("price.changed", of_variant | {"price_minor": price}) for price in (400, 950)),
        *(("deal.started", {"deal": a_deal(id).model_dump(mode="json")}) for id in DEALS),
        *(("deal.counted", {"deal_id": str(id), "sold": 4}) for id in DEALS),
        *(("deal.ended", ended(id)) for id in DEALS),
        *(("chat.posted", said(id)) for id in MESSAGES),
        *(("chat.deleted", {"message_id": str(id)}) for id in MESSAGES),
        *chat_history(),
        ("chat.posted", message(13, ASHA, "hidden").model_dump(mode="json")),
        *engagement_history(),
        *personal_history(),
    ]


def cases(standing: ChatStanding) -> list[Case]:
    every = samples()
    last: list[tuple[str, dict[str, Any]]] = [("person.banned", {}), every[0]]
    made = [followed(each[0], [each], 0, WatchedRoom(standing)) for each in [*every, last[0]]]
    made.append(followed("in the order of writing", every, 0, WatchedRoom(standing)))
    for seed in range(SEEDS):
        chance = random.Random(seed)
        happenings = chance.choices(every, k=LENGTH) + (last if seed % 5 == 0 else [])
        at = chance.randrange(LENGTH)
        made.append(followed(f"seed {seed}", happenings, at, WatchedRoom(standing)))
        happenings = happenings[:LENGTH]
        name = f"seed {seed}, lagging"
        made.append(lagging(name, happenings, at, WatchedRoom(standing), chance))
    return made


standings = pytest.mark.parametrize("standing", [VIEWER, MODERATOR], ids=["viewer", "moderator"])


@standings
def test_snapshot_and_events_give_the_page_of_a_fresh_snapshot(standing: ChatStanding) -> None:
    assert differing(cases(standing)) == []


def test_every_outward_event_is_compared_or_says_why_it_carries_no_state() -> None:
    """Compared: where it does not arrive, the comparison says so."""
    names = [each.name for each in OUTWARD]
    every = [*cases(VIEWER), *cases(MODERATOR)]
    cut = {
        name: [each.without(name) for each in every if _holds(each, name)][:CUT]
        for name in names
        if name not in STATELESS
    }
    noticed = {each["name"] for each in differing([each for of in cut.values() for each in of])}
    compared = {name for name, of in cut.items() if any(each.name in noticed for each in of)}
    assert compared.isdisjoint(STATELESS)
    assert compared | set(STATELESS) == set(names)


def _holds(case: Case, name: str) -> bool:
    return any(each["name"] == name for each in case.followed)
