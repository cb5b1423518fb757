"""Where a provider sends its webhooks: registered once, and never taken away.

A provider that is told of the same address twice calls it twice, under two secrets of which the
server knows one; and whoever tidies up may delete the one that works. So registering looks first,
changes what is there, and deletes nothing: of several, only a person can say which one is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Verdict = Literal["missing", "outdated", "registered", "several"]
ALL_EVENTS = "*"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that the provider knows. events: may be `*`."""

    id: str
    url: str
    events: tuple[str, ...]
    is_enabled: bool

    def hears(self, events: Sequence[str]) -> bool:
        return self.is_enabled and (ALL_EVENTS in self.events or set(events) <= set(self.events))


@dataclass(frozen=True, slots=True)
class Registered:
    """ids: of the endpoints at our address. secret: of a new one; the provider says it once."""

    verdict: Verdict
    ids: tuple[str, ...] = ()
    secret: str | None = None


class Registry(Protocol):
    """All calls may raise ProviderUnavailable or ProviderRefused."""

    async def endpoints(self) -> list[Endpoint]: ...

    async def create(self, url: str, events: Sequence[str]) -> tuple[str, str]:
        """Its id, and its secret."""
        ...

    async def update(self, endpoint_id: str, events: Sequence[str]) -> None:
        """Hear these, and be enabled; the secret stays."""
        ...


def judge(endpoints: Sequence[Endpoint], url: str, events: Sequence[str]) -> Registered:
    """How it stands with our address."""
    ours = [each for each in endpoints if each.url.rstrip("/") == url.rstrip("/")]
    ids = tuple(each.id for each in ours)
    if not ours:
        return Registered("missing")
    if len(ours) > 1:
        return Registered("several", ids)
    return Registered("registered" if ours[0].hears(events) else "outdated", ids)


async def look(registry: Registry, url: str, events: Sequence[str]) -> Registered:
    return judge(await registry.endpoints(), url, events)


async def register(registry: Registry, url: str, events: Sequence[str]) -> Registered:
    """Make it so that our address hears these events; how it stands then. Run again, it changes
    nothing."""
    endpoints = await registry.endpoints()
    found = judge(endpoints, url, events)
    if found.verdict == "missing":
        id_, secret = await registry.create(url, events)
        return Registered("registered", (id_,), secret)
    if found.verdict == "outdated":
        [endpoint] = (each for each in endpoints if each.id in found.ids)
        # What somebody wanted to hear besides stays.
        hears_all = ALL_EVENTS in endpoint.events
        wanted = [ALL_EVENTS] if hears_all else sorted({*endpoint.events, *events})
        await registry.update(endpoint.id, wanted)
        return Registered("registered", found.ids)
    return found
