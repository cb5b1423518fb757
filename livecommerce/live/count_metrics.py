"""What counting itself counts, for /metrics."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge

DROPPED: Final = Counter(
    "livecommerce_counting_dropped_total",
    "Records and viewers that were not taken in because too many wait",
    ["what"],
)
REFUSED: Final = Counter(
    "livecommerce_counting_refused_total",
    "Records that Postgres does not take and that are left out, by kind",
    ["kind"],
)
WAITING: Final = Gauge(
    "livecommerce_counting_records_waiting", "Records of this process that wait for Redis"
)
FULL: Final = Counter(
    "livecommerce_counting_full_total", "Batches that Redis did not take in: too many wait there"
)
FLUSHED_AT: Final = Gauge(
    "livecommerce_counting_flushed_timestamp_seconds",
    "When all that had been sent was flushed last",
)
FLUSHED: Final = Counter("livecommerce_counting_batches_total", "Batches written to Postgres")
REPEATED: Final = Counter(
    "livecommerce_counting_repeated_total", "Batches that came again and added nothing"
)
FAILED: Final = Counter(
    "livecommerce_counting_failed_total", "Flushes of a live session that Postgres refused"
)
