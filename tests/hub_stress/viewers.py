"""Viewers who come back by themselves and take stock of what they heard, and those who speak.

A viewer does what a page does: join, take the snapshot, apply what follows, and after a loss or a
gap ask for what it missed from the place up to which it has heard. Whatever contradicts the promise
(an event twice, an event of the past, a hole) is a fault, kept with the place where it happened.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from livecommerce.live.chat_state import MESSAGES_SHOWN
from tests.hub_stress.checks import Broken, OpLog
from tests.hub_stress.raw_client import DEADLINE_S, Gone, Heard, RawClient, Refusal

_PAUSE_S = 0.01


# Answers that say nothing about whether it was done.
_INDETERMINATE = ("service.unavailable",)


@dataclass(frozen=True, slots=True)
class Place:
    """A hub and a live session."""

    url: str
    live_session_id: str


class Viewer:
    """told: the ids of chat messages in the order in which they were heard as events or recovered.
    snapshots: how often it had to forget the past; the first is the join. faults: see above."""

    def __init__(self, name: str, place: Place) -> None:
        self.name = name
        self.place = place
        self.client: RawClient | None = None
        self.told: list[str] = []
        self.known: set[str] = set()
        self.numbers: list[tuple[str, int]] = []
        self.snapshots = 0
        self.recoveries = 0
        self.faults: list[str] = []
        self.is_catching_up = True
        self.is_degraded = False
        self.returns = True
        """Whether it comes back by itself after a loss."""
        self.position: dict[str, Any] | None = None
        self._is_returning = False
        self._has_full_snapshot = False
        self._asked: tuple[RawClient, str, str] | None = None
        self._answered = asyncio.Event()
        self._heard_away: set[str] = set()
        self.apart: set[str] = set()
        """What it heard while its hub said that the bus was away, as it may where nobody took it:
        on a machine that has no time for Redis."""
        self._tasks: set[asyncio.Task[None]] = set()

    # ---- coming and going

    async def come(self) -> None:
        """Connect, then join, or recover when it was there before."""
        client = await RawClient.open(self.place.url, self.name)
        self.client = client
        client.on_heard = lambda heard: self._take(client, heard)
        await client.connect()
        await self._catch_up(client)
        client.on_end = self._return_when_lost
        if client.close_code is not None:
            client.on_end()

    async def _catch_up(self, client: RawClient) -> None:
        self.is_catching_up = True
        while self.is_catching_up:
            if client.close_code is not None:
                raise Gone(self.name)
            name = "session.join" if self.position is None else "session.recover"
            payload: dict[str, Any] = {"live_session_id": self.place.live_session_id}
            if self.position is not None:
                payload["position"] = self.position
            self._answered.clear()
            # The answer is applied where it stands among the events, not when this task wakes up.
            self._asked = (client, f"ack:{client.next_ack + 1}", name)
            answering = client.ask(name, payload)
            try:
                async with asyncio.timeout(DEADLINE_S):
                    answer = await answering
            except TimeoutError:
                raise Broken(f"{self} had no answer to {name}") from None
            if "refused" in answer:
                if answer["refused"]["code"] not in _INDETERMINATE:
                    raise Refusal(answer["refused"])
                await asyncio.sleep(_PAUSE_S)

    def _return_when_lost(self) -> None:
        self.is_catching_up = True
        if self.returns and not self._is_returning:
            self._is_returning = True
            self._start(self._return())

    async def _return(self) -> None:
        try:
            while self.returns:
                try:
                    await self.come()
                    if self.client is not None and self.client.close_code is None:
                        return
                except (Gone, OSError):
                    await asyncio.sleep(_PAUSE_S)
        except (Broken, Refusal) as error:
            self.faults.append(f"could not come back: {error}")
        finally:
            self._is_returning = False

    def lose(self) -> None:
        """As when a phone leaves the network."""
        if self.client is not None and self.client.close_code is None:
            # A page knows at once that it is not connected; here the loop must turn first.
            self.is_catching_up = True
            self.client.reset()

    async def leave(self) -> None:
        self.returns = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.client is not None and self.client.close_code is None:
            self.client.leave()
            await self.client.ended()

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ---- hearing

    def _take(self, client: RawClient, heard: Heard) -> None:
        if client is not self.client:
            return
        if self._asked is not None and (client, heard.name) == self._asked[:2]:
            if "ok" in heard.payload:
                self._apply_answer(self._asked[2], heard.payload["ok"])
        elif heard.name == "sync.gap":
            self._take_gap(client, heard.payload["position"])
        elif heard.name == "sync.moved":
            if not self.is_catching_up:
                self._move(heard.payload)
        elif self.is_catching_up or self.position is None:
            return  # It is told again by the answer.
        elif isinstance(heard.payload, dict) and "offset" in heard.payload:
            if heard.payload["epoch"] == self.position["epoch"]:
                self._apply(heard.name, heard.payload)
            else:
                self._take_gap(client, None)

    def _apply_answer(self, name: str, ok: dict[str, Any]) -> None:
        if name == "session.join":
            self._forget(ok)
            self.is_catching_up = False
            return
        if ok["snapshot"] is not None:
            self._forget(ok["snapshot"])
        for event in ok["events"]:
            if event["name"] == "sync.moved":
                self._move(event["payload"])
            elif "offset" in event["payload"]:
                self._apply(event["name"], event["payload"])
        self.position = ok["position"]
        self.recoveries += 1
        self.is_catching_up = not ok["is_complete"]

    def _forget(self, snapshot: dict[str, Any]) -> None:
        self.snapshots += 1
        self._has_full_snapshot = len(snapshot["chat"]) >= MESSAGES_SHOWN
        self.position = snapshot["position"]
        self.told = [message["id"] for message in snapshot["chat"]]
        self.numbers = []
        self.known |= set(self.told)
        self._heard_away = set(self.told) & self._heard_away

    def _take_gap(self, client: RawClient, position: dict[str, Any] | None) -> None:
        if position is None:
            self.position = None
        elif self.position is not None:
            # All that it heard behind the gap is told again.
            self.position = position
            kept = [n for n in self.numbers if n[1] <= position["offset"]]
            again = {id_ for id_, _ in self.numbers[len(kept) :]}
            self.numbers = kept
            self.told = [id_ for id_ in self.told if id_ not in again]
        if not self.is_catching_up:
            self.is_catching_up = True
            self._start(self._catch_up_again(client))

    async def _catch_up_again(self, client: RawClient) -> None:
        try:
            await self._catch_up(client)
        except Gone:
            return  # It comes back as after every loss.
        except (Broken, Refusal) as error:
            self.faults.append(f"could not catch up: {error}")

    def _move(self, payload: dict[str, Any]) -> None:
        self.position = payload["position"]
        self.is_degraded = payload["is_degraded"]

    def _apply(self, name: str, payload: dict[str, Any]) -> None:
        assert self.position is not None, "it has joined"
        if payload["epoch"] != self.position["epoch"]:
            self.faults.append(f"{name} of epoch {payload['epoch']}, stands at {self.position}")
        first = payload["offset"]
        if name == "chat.posted":
            for message in payload["messages"]:
                self._apply_message(message)
            first = min((each["offset"] for each in payload["messages"]), default=first)
        if first <= self.position["offset"]:
            self.faults.append(f"{name} of {first}, stands at {self.position['offset']}")
        self.position = {"epoch": payload["epoch"], "offset": payload["offset"]}

    def _apply_message(self, message: dict[str, Any]) -> None:
        id_ = message["id"]
        if self.is_degraded:
            self._heard_away.add(id_)
            self.apart.add(id_)
        elif id_ in self._heard_away:
            # Said while the bus was away, and now to everybody; it is known by its id.
            self._heard_away.discard(id_)
            return
        self.told.append(id_)
        self.numbers.append((id_, message["offset"]))
        self.known.add(id_)

    # ---- judging

    async def until(self, condition: Callable[[], bool], what: Callable[[], str]) -> None:
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not condition():
                    await asyncio.sleep(_PAUSE_S)
        except TimeoutError:
            raise Broken(f"{self} never had {what()}") from None

    def judge(self, log: OpLog, whole: list[str]) -> None:
        """What was heard is what was said, once each and without a fault.

        whole: all that anybody heard, in order; a snapshot shows only the newest of it.
        """
        if self.faults:
            raise Broken(f"{self} heard {self.faults[:3]}")
        before: set[str] = set()
        if self._has_full_snapshot and self.told and self.told[0] in whole:
            before = set(whole[: whole.index(self.told[0])])
        shown = OpLog([id_ for id_ in log.ok if id_ not in before], log.failed, log.indeterminate)
        shown.check(self.told, str(self))

    def __str__(self) -> str:
        return (
            f"{self.name} (at {self.position}, {len(self.told)} heard, {self.snapshots} snapshots, "
            f"{self.recoveries} recoveries, catching up: {self.is_catching_up})"
        )


class Speaker:
    """The influencer's connection. log: what it said and what came of it."""

    def __init__(self, name: str, place: Place) -> None:
        self.name = name
        self.place = place
        self.log = OpLog()
        self.client: RawClient | None = None
        self.is_doubtful = False
        """While True, what is said counts as indeterminate, whatever the answer."""
        self._number = 0

    @property
    def is_there(self) -> bool:
        return self.client is not None and self.client.close_code is None

    async def come(self, token: str) -> None:
        self.client = await RawClient.open(self.place.url, self.name)
        await self.client.connect({"token": token})
        await self.client.call("session.join", {"live_session_id": self.place.live_session_id})

    async def say(self, id_: str | None = None) -> str:
        """One message; its id."""
        assert self.client is not None, "it has come"
        id_ = id_ or str(uuid.uuid4())
        self._number += 1
        doubtful = self.is_doubtful
        self.log.indeterminate.add(id_)
        if doubtful:
            # Also what is never answered, since nobody waits for it any more.
            self.log.apart.add(id_)
        payload = {
            "live_session_id": self.place.live_session_id,
            "id": id_,
            "text": f"{self.name} says {self._number}",
        }
        try:
            async with asyncio.timeout(DEADLINE_S):
                answer = await self.client.ask("chat.send", payload)
        except TimeoutError:
            raise Broken(f"{self.name} had no answer to chat.send on {self.place.url}") from None
        except Gone:
            return id_
        if doubtful or self.is_doubtful:
            self.log.apart.add(id_)
            return id_
        if "ok" in answer:
            self.log.indeterminate.discard(id_)
            self.log.ok.append(id_)
        elif answer["refused"]["code"] not in _INDETERMINATE:
            self.log.indeterminate.discard(id_)
            self.log.failed.add(id_)
        return id_

    async def talk(self, count: int) -> None:
        """One after another."""
        for _ in range(count):
            await self.say()

    async def leave(self) -> None:
        if self.client is not None and self.client.close_code is None:
            self.client.leave()
            await self.client.ended()


def together(*speakers: Speaker) -> OpLog:
    """What all of them said."""
    log = OpLog()
    for speaker in speakers:
        log.ok += speaker.log.ok
        log.failed |= speaker.log.failed
        log.indeterminate |= speaker.log.indeterminate
        log.apart |= speaker.log.apart
    return log
