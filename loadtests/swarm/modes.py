"""How people behave who watch: each mode is a group with a tally of its own, and reports figures.

All modes of a run share the live session and the time. `play` ends when the time is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Iterable
from typing import Any, Protocol
from uuid import UUID, uuid4

from loadtests.swarm.crowd import Crowd, Target
from loadtests.swarm.follower import Follower, Journey
from loadtests.swarm.tally import Tally
from loadtests.swarm.viewer import NotLetIn, Viewer
from loadtests.swarm.wire import event_frame

MESSAGE_MARK = b'"sent_at_ms"'
LINES = ("Is the blue one left in M?", "So pretty", "Ordered mine just now", "Which fabric is it?")
SMALL_BUFFER = 2_048
FLOOD_PER_S = 100
AWAY_S = 1.0, 10.0
SETTLE_S = 3.0


class Mode(Protocol):
    """name: the key of its figures."""

    name: str
    count: int

    @property
    def heard(self) -> int:
        """Chat messages so far, of all viewers together."""

    @property
    def said(self) -> int:
        """Chat messages that the server took."""

    async def gather(self) -> None:
        """Let everybody in."""

    async def play(self, seconds: float) -> None:
        """What they do until the time is over."""

    def figures(self) -> dict[str, Any]: ...

    async def leave(self) -> None: ...


class _Group:
    """A crowd of one mode."""

    name = ""

    def __init__(
        self, target: Target, count: int, sample_every: int = 100, receive_buffer: int = 0
    ) -> None:
        self.tally = Tally(MESSAGE_MARK)
        self.crowd = Crowd(target, self.tally, sample_every, receive_buffer)
        self.count = count
        self._gathered_s = 0.0

    @property
    def heard(self) -> int:
        return self.tally.events

    @property
    def said(self) -> int:
        return 0

    async def gather(self) -> None:
        began_s = time.perf_counter()
        await self.crowd.open(self.count)
        self._gathered_s = time.perf_counter() - began_s

    async def play(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def read_now_and_then(self, every_s: float) -> None:
        await self.crowd.read_now_and_then(every_s)

    def figures(self) -> dict[str, Any]:
        tally = self.tally
        found: dict[str, Any] = {
            "viewers": self.count,
            "joins_per_s": round(self.count / self._gathered_s),
            "frames": tally.frames,
            "chat_events": tally.events,
            "received_bytes": tally.received_bytes,
            "lost_connections": tally.lost,
        }
        if tally.close_codes:
            found["close_codes"] = {str(code): n for code, n in tally.close_codes.items()}
        if tally.refused:
            found["refused"] = dict(tally.refused)
        return found | ages(tally.latencies_ms)

    async def leave(self) -> None:
        await self.crowd.close()


class Lurkers(_Group):
    """They watch and say nothing."""

    name = "lurkers"


class Chatters(_Group):
    """They take turns to write, evenly spread over the time; `per_s` of all together."""

    name = "chatters"

    def __init__(self, target: Target, count: int, per_s: float, live_session_id: UUID) -> None:
        super().__init__(target, count)
        self._per_s, self._live_session_id = per_s, live_session_id

    async def play(self, seconds: float) -> None:
        await say(self.crowd.viewers, self._live_session_id, self._per_s, seconds)

    @property
    def said(self) -> int:
        return self.tally.accepted

    def figures(self) -> dict[str, Any]:
        return super().figures() | {"said": self.said}


class SlowReaders(_Group):
    """They stop reading once they are in; a server that keeps everything for them is in trouble."""

    name = "slow"

    def __init__(self, target: Target, count: int) -> None:
        super().__init__(target, count, sample_every=0, receive_buffer=SMALL_BUFFER)

    async def play(self, seconds: float) -> None:
        for viewer in self.crowd.viewers:
            viewer.pause()
        await asyncio.sleep(seconds)
        for viewer in self.crowd.viewers:
            viewer.resume()
        await asyncio.sleep(SETTLE_S)

    def figures(self) -> dict[str, Any]:
        return super().figures() | {"put_out": self.tally.lost}


class Storm(_Group):
    """Each `every_s` seconds all of them lose their connection at once, and are back at once."""

    name = "storm"

    def __init__(self, target: Target, count: int, every_s: float) -> None:
        super().__init__(target, count)
        self._every_s = every_s
        self._back_s: list[float] = []
        self._failed = 0

    async def play(self, seconds: float) -> None:
        ends_s = time.perf_counter() + seconds
        while time.perf_counter() + self._every_s < ends_s:
            await asyncio.sleep(self._every_s)
            began_s = time.perf_counter()
            await self.crowd.close()
            arrivals = await asyncio.gather(
                *(self.crowd.arrive() for _ in range(self.count)), return_exceptions=True
            )
            self.crowd.viewers = [each for each in arrivals if isinstance(each, Viewer)]
            self._failed += self.count - len(self.crowd.viewers)
            self._back_s.append(time.perf_counter() - began_s)
        await asyncio.sleep(max(0.0, ends_s - time.perf_counter()))

    def figures(self) -> dict[str, Any]:
        return super().figures() | {
            "storms": len(self._back_s),
            "all_back_s": [round(each, 2) for each in self._back_s],
            "not_back": self._failed,
        }


class Flappers(_Group):
    """Phones on a train: each loses its network now and then, comes back some seconds later and
    recovers. One of them, the reference, stays: what the others have not heard of it is missed.
    """

    name = "flap"

    def __init__(self, target: Target, count: int, every_s: float, live: UUID, seed: int) -> None:
        super().__init__(target, count)
        self._every_s, self._live, self._seed = every_s, live, seed
        self._journeys = [Journey(live) for _ in range(count)]
        self._failed = 0

    async def gather(self) -> None:
        began_s = time.perf_counter()
        self.crowd.viewers += await asyncio.gather(*map(self._arrive, self._journeys))
        self._gathered_s = time.perf_counter() - began_s

    async def _arrive(self, journey: Journey) -> Viewer:
        crowd = self.crowd
        return await crowd.let_in(
            lambda: Follower(self.tally, crowd.greeting, crowd.connect, journey)
        )

    async def play(self, seconds: float) -> None:
        others = range(1, self.count)
        await asyncio.gather(asyncio.sleep(seconds), *(self._ride(n, seconds) for n in others))
        await asyncio.sleep(SETTLE_S)

    async def _ride(self, number: int, seconds: float) -> None:
        dice = random.Random(f"{self._seed} {number}")
        ends_s = time.perf_counter() + seconds
        while True:
            stays_s, away_s = dice.expovariate(1 / self._every_s), dice.uniform(*AWAY_S)
            if time.perf_counter() + stays_s + away_s > ends_s:
                return
            await asyncio.sleep(stays_s)
            self.crowd.viewers[number].drop()
            await asyncio.sleep(away_s)
            try:
                self.crowd.viewers[number] = await self._arrive(self._journeys[number])
            except (NotLetIn, OSError, TimeoutError):
                self._failed += 1

    def figures(self) -> dict[str, Any]:
        reference = self._journeys[0].message_ids
        return super().figures() | {
            "recovered": sum(each.recovered for each in self._journeys),
            "snapshots": sum(each.snapshots for each in self._journeys),
            "missed": sum(missed(reference, each.message_ids) for each in self._journeys),
            "duplicates": sum(
                len(each.message_ids) - len(set(each.message_ids)) for each in self._journeys
            ),
            "disorder": sum(each.disorder for each in self._journeys),
            "not_back": self._failed,
        }


class Flooders(_Group):
    """They send a hundred reactions a second each, until they are put out."""

    name = "flood"

    def __init__(self, target: Target, count: int, live_session_id: UUID) -> None:
        super().__init__(target, count)
        reaction = {"live_session_id": str(live_session_id), "count": 1}
        self._frame = event_frame(1, "reaction.send", reaction)
        self._sent = 0

    async def play(self, seconds: float) -> None:
        ends_s = time.perf_counter() + seconds
        while time.perf_counter() < ends_s:
            for viewer in self.crowd.viewers:
                if not viewer.is_gone:
                    viewer.send(self._frame)
                    self._sent += 1
            await asyncio.sleep(1 / FLOOD_PER_S)

    def figures(self) -> dict[str, Any]:
        return super().figures() | {
            "sent": self._sent,
            "accepted": self.tally.accepted,
            "put_out": self.tally.lost,
        }


async def say(viewers: list[Viewer], live_session_id: UUID, per_s: float, seconds: float) -> None:
    """The viewers take turns to write a line each; the frames are made before the clock runs."""
    session = str(live_session_id)
    frames = [
        event_frame(
            1,
            "chat.send",
            {"live_session_id": session, "id": str(uuid4()), "text": LINES[number % len(LINES)]},
        )
        for number in range(round(seconds * per_s))
    ]
    began_s = time.perf_counter()
    for number, frame in enumerate(frames):
        viewers[number % len(viewers)].send(frame)
        due_s = began_s + (number + 1) / per_s
        await asyncio.sleep(max(0.0, due_s - time.perf_counter()))


def missed(reference: list[str], heard: list[str]) -> int:
    """How many of the reference's messages somebody has not heard, from the first common one on."""
    known = set(heard)
    with contextlib.suppress(StopIteration):
        begin = next(at for at, id_ in enumerate(reference) if id_ in known)
        return sum(id_ not in known for id_ in reference[begin:])
    return 0


def ages(latencies_ms: Iterable[float]) -> dict[str, float]:
    """How old messages were when they came."""
    ordered = sorted(latencies_ms)
    if not ordered:
        return {}
    return {
        "p50_ms": round(ordered[len(ordered) // 2], 1),
        "p99_ms": round(ordered[len(ordered) * 99 // 100], 1),
        "max_ms": round(ordered[-1], 1),
    }
