"""The checks and the scenarios see what is wrong: each is shown something broken."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import pytest

from signaling.connection import Connection
from signaling.fanout import Fanout, Frame
from signaling.rooms import Room
from tests.hub_stress import gateway_stage, raw_client
from tests.hub_stress.checks import (
    Broken,
    OpLog,
    contiguous_part,
    exactly,
    once_each,
    one_order,
    rising,
)
from tests.hub_stress.crowds import everybody_leaves_at_once_in_every_way
from tests.hub_stress.ordering import (
    chat_comes_whole_and_in_order_in_few_frames,
    everybody_hears_every_event_once_in_order,
)
from tests.hub_stress.registry import randomness, scenarios
from tests.hub_stress.running import uvloop_runner, within_its_time

LOG = OpLog(ok=["a", "b"], failed={"c"}, indeterminate={"d"})


@pytest.mark.parametrize("heard", [["a", "b"], ["b", "a"], ["a", "d", "b"]])
def test_log_accepts_what_was_said_and_what_may_have_been(heard: list[str]) -> None:
    LOG.check(heard, "somebody")


@pytest.mark.parametrize(
    "heard", [["a"], [], ["a", "b", "b"], ["a", "b", "c"], ["a", "b", "d", "d"], ["a", "b", "x"]]
)
def test_log_sees_what_is_missing_doubled_refused_or_made_up(heard: list[str]) -> None:
    with pytest.raises(Broken, match="somebody"):
        LOG.check(heard, "somebody")


@pytest.mark.parametrize(
    "broken",
    [
        lambda: once_each([1, 2, 1], "it"),
        lambda: exactly([1, 3, 2], [1, 2, 3], "it"),
        lambda: exactly([1, 2], [1, 2, 3], "it"),
        lambda: rising([1, 2, 2], "it"),
        lambda: one_order({"one": [1, 2, 3], "other": [1, 3, 2]}),
        lambda: contiguous_part([2, 4], [1, 2, 3, 4], "it"),
    ],
)
def test_each_check_sees_its_fault(broken: Callable[[], None]) -> None:
    with pytest.raises(Broken):
        broken()


def test_checks_accept_what_is_right() -> None:
    once_each([1, 2, 3], "it")
    exactly([1, 2], range(1, 3), "it")
    rising([1, 2, 9], "it")
    one_order({"one": [1, 2, 3], "other": [1, 3], "third": []})
    contiguous_part([2, 3], [1, 2, 3, 4], "it")


def test_there_are_forty_scenarios_and_more() -> None:
    assert len(scenarios("gateway")) + len(scenarios("pair")) >= 60


# ---- a gateway that is broken on purpose

_Write = Callable[[Fanout, Room, Collection[Connection], Sequence[Frame]], None]


def _losing(write: _Write) -> _Write:
    count = 0

    def broken(
        self: Fanout, room: Room, connections: Collection[Connection], frames: Sequence[Frame]
    ) -> None:
        nonlocal count
        count += 1
        write(self, room, list(connections)[count == 2 :], frames)

    return broken


def _doubling(write: _Write) -> _Write:
    def broken(
        self: Fanout, room: Room, connections: Collection[Connection], frames: Sequence[Frame]
    ) -> None:
        write(self, room, connections, frames)
        write(self, room, list(connections)[:1], frames)

    return broken


def _turning(write: _Write) -> _Write:
    kept: list[Sequence[Frame]] = []

    def broken(
        self: Fanout, room: Room, connections: Collection[Connection], frames: Sequence[Frame]
    ) -> None:
        if not kept:
            kept.append(frames)
        else:
            write(self, room, connections, [*frames, *kept.pop()])

    return broken


@pytest.mark.parametrize("sabotage", [_losing, _doubling, _turning])
@pytest.mark.parametrize(
    "scenario",
    [everybody_hears_every_event_once_in_order, chat_comes_whole_and_in_order_in_few_frames],
)
def test_scenarios_see_a_gateway_that_loses_doubles_or_turns(
    sabotage: Callable[[_Write], _Write], scenario: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fanout, "_write_all", sabotage(Fanout._write_all))
    _short(monkeypatch)
    with pytest.raises(AssertionError):
        _run(scenario)


def test_scenarios_see_a_gateway_that_keeps_those_who_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fanout, "drop", lambda self, connection: None)
    _short(monkeypatch)
    with pytest.raises(Broken, match="without leftovers"):
        _run(everybody_leaves_at_once_in_every_way)


def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for in vain."""
    for module in (gateway_stage, raw_client):
        monkeypatch.setattr(module, "DEADLINE_S", 2.0)


def _run(scenario: Any) -> None:
    with uvloop_runner() as runner:
        runner.run(within_its_time(scenario(randomness(1, "sabotage"))))
