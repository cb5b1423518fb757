"""What the media server counts, read at the moment of a scrape.

The packet path knows nothing of it.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from media.contract import SfuStats

_NOW = ("sources", "publishers", "subscribers", "subscribers_connecting")


class MediaCollector(Collector):
    """Turns SfuStats into `livecommerce_media_*`; packets dropped are labelled with the reason."""

    def __init__(self, stats: Callable[[], SfuStats]) -> None:
        self._stats = stats

    def collect(self) -> Iterator[Metric]:
        """Called by the registry at each scrape."""
        stats = self._stats()
        for name in (field.name for field in fields(stats) if field.name != "drops"):
            family = GaugeMetricFamily if name in _NOW else CounterMetricFamily
            text = name.replace("_", " ")
            yield family(
                f"livecommerce_media_{name}", f"Media server: {text}.", value=getattr(stats, name)
            )
        drops = CounterMetricFamily(
            "livecommerce_media_drops", "Packets dropped, by reason.", labels=("reason",)
        )
        for reason, count in stats.drops.items():
            drops.add_metric([reason.value], count)
        yield drops
