"""What questions, polls and giveaways count, for /metrics."""

from __future__ import annotations

from typing import Final, Literal

from prometheus_client import Counter, Gauge

Kind = Literal["upvote", "vote", "entry"]

WAITING: Final = Gauge(
    "livecommerce_engagement_waiting",
    "Upvotes, votes and entries of this process that wait for Postgres",
    ["kind"],
)
TURNED_AWAY: Final = Counter(
    "livecommerce_engagement_turned_away_total",
    "Upvotes, votes and entries that were refused because too many wait",
    ["kind"],
)
