"""What the bus counts, for /metrics."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge

UNSAID_BYTES: Final = Gauge(
    "livecommerce_bus_unsaid_bytes", "What only this process has heard and Redis lacks"
)
GIVEN_UP: Final = Counter(
    "livecommerce_bus_given_up_total",
    "Events that only this process has heard and will not tell: too many or too old",
)
LOST: Final = Counter(
    "livecommerce_bus_lost_total",
    "Live sessions loaded again because Redis does not hold what was missed, or what was told",
)
MOVED: Final = Counter(
    "livecommerce_bus_moved_total",
    "Times a live session went on from another position, nothing being lost",
)
