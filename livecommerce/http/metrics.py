"""The process's Prometheus registry, and what HTTP and the event loop put into it.

One registry per process and no global one: each process serves its own /metrics on its admin port.
Labels hold route templates and classes of status, never a path, a person or a live session, so the
number of lines does not grow with use.
"""

from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, Info

_SECONDS: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_LAG_SECONDS: Final = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)


def new_registry(build: Mapping[str, str]) -> CollectorRegistry:
    """A registry with `livecommerce_build_info`; build: labels such as version and process."""
    registry = CollectorRegistry()
    Info("livecommerce_build", "What runs here.", registry=registry).info(dict(build))
    return registry


class HttpMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "livecommerce_http_requests",
            "Requests answered.",
            ("route", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "livecommerce_http_request_seconds",
            "From the first byte of the request line to the end of the handler.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._refusals = Counter(
            "livecommerce_http_refusals", "Requests refused, by code.", ("code",), registry=registry
        )

    def answered(self, route: str, status: int, seconds: float) -> None:
        self._requests.labels(route, f"{status // 100}xx").inc()
        self._seconds.labels(route).observe(seconds)

    def refused(self, code: str) -> None:
        self._refusals.labels(code).inc()


class LoopMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._lag = Histogram(
            "livecommerce_loop_lag_seconds",
            "How much later than asked the event loop ran a timer.",
            buckets=_LAG_SECONDS,
            registry=registry,
        )

    def lagged(self, seconds: float) -> None:
        self._lag.observe(seconds)
