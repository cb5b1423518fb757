"""Every order in which counting can happen, as a model: two processes that count, Redis, two
flushers and Postgres, each of which may fail between any two steps.

What is modelled: a request that is worked on late, or twice because its reply was lost; a process
that is killed; Redis that goes back to what it last wrote to disk, or to nothing; flushers that are
killed anywhere, also after they have asked Redis to forget. The walk visits every state that can
be reached within a budget of faults, and finds in each that

* nothing was counted twice, and no batch before one that was counted is missing;
* if from now on nothing failed, Postgres would have all that living processes counted, and of
  killed ones, as long as Redis lost nothing, all that Redis had confirmed to them.

The rules are those of livecommerce/live/{count_source,counter_flusher}.py and
livecommerce/lua/count_{batch,done}.lua. Each of MUTANTS breaks one of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

MUTANTS: Final = {
    "postgres does not compare numbers": "the numbers are of no use without it",
    "redis forgets before postgres has it": "a flusher that is killed in between loses",
    "redis does not compare what the source thinks": "what it lost would be skipped for good",
    "process lets go when redis has it": "what Redis loses is gone",
    "process numbers again what it sends again": "a lost reply counts twice",
    "redis knows what postgres has": "it may forget it",
    "flusher takes the newest first": "the older seem to be counted",
    "redis forgets as many as were read": "another flusher has forgotten them before",
}


class Batch(NamedTuple):
    """what: names what was counted; number: what it was sent as."""

    source: int
    number: int
    what: int


class Source(NamedTuple):
    """waits_for: the request whose reply it waits for. confirmed: when it was killed."""

    is_alive: bool = True
    made: int = 0
    number: int = 0
    held: tuple[Batch, ...] = ()
    told: int = 0
    waits_for: Request | None = None
    confirmed: int = 0


class Request(NamedTuple):
    """Of a source (count_batch), or of a flusher (count_done)."""

    source: int
    thinks: int = 0
    batches: tuple[Batch, ...] = ()
    held: tuple[int, ...] = ()
    read: int = 0


class Redis(NamedTuple):
    batches: tuple[Batch, ...]
    told: tuple[int, ...]
    flushed: tuple[int, ...]


class Flusher(NamedTuple):
    """read: what it has read; marks: what Postgres answered."""

    read: tuple[Batch, ...] | None = None
    marks: tuple[int, ...] | None = None


class State(NamedTuple):
    """on_way: requests that nobody waits for any more. added: every batch as often as it was
    added to the tables. faults: left to happen."""

    sources: tuple[Source, ...]
    redis: Redis
    disk: Redis
    flushers: tuple[Flusher, ...]
    marks: tuple[int, ...]
    added: tuple[Batch, ...]
    on_way: frozenset[Request]
    faults: int
    has_lost: bool


@dataclass(frozen=True)
class Bounds:
    """batches: that each source makes. faults: of the kinds above, flushers' not counted."""

    sources: int = 2
    batches: int = 2
    flushers: int = 2
    faults: int = 2


@dataclass(frozen=True)
class Verdict:
    """counterexample: the steps to a state that breaks a rule, None when there is none."""

    states: int
    counterexample: tuple[str, ...] | None


class Model:
    def __init__(self, bounds: Bounds, mutant: str | None = None) -> None:
        assert mutant is None or mutant in MUTANTS
        self._bounds = bounds
        self._mutant = mutant
        self._nothing = Redis((), (0,) * bounds.sources, (0,) * bounds.sources)

    def walk(self) -> Verdict:
        """Visit every state, nearest first."""
        zeros = (0,) * self._bounds.sources
        start = State(
            (Source(),) * self._bounds.sources,
            self._nothing,
            self._nothing,
            (Flusher(),) * self._bounds.flushers,
            zeros,
            (),
            frozenset(),
            self._bounds.faults,
            False,
        )
        came: dict[State, tuple[State, str] | None] = {start: None}
        waiting = deque((start,))
        while waiting:
            state = waiting.popleft()
            if not self._is_right(state):
                return Verdict(len(came), _way(came, state))
            for step, following in self._steps(state):
                if following not in came:
                    came[following] = (state, step)
                    waiting.append(following)
        return Verdict(len(came), None)

    # ---- what may happen next

    def _steps(self, state: State) -> Iterator[tuple[str, State]]:
        for index, source in enumerate(state.sources):
            yield from self._steps_of_source(state, index, source)
        for request in state.on_way:
            yield (
                f"redis works late on {request}",
                self._apply(state, request)[0]._replace(on_way=state.on_way - {request}),
            )
        for index, flusher in enumerate(state.flushers):
            yield from self._steps_of_flusher(state, index, flusher)
        if state.disk != state.redis:
            yield "redis writes to disk", state._replace(disk=state.redis)
        if state.faults:
            for words, found in (("its disk", state.disk), ("nothing", self._nothing)):
                if found != state.redis:
                    yield (
                        f"redis starts with {words}",
                        state._replace(
                            redis=found,
                            disk=found,
                            on_way=frozenset(),
                            faults=state.faults - 1,
                            has_lost=True,
                        ),
                    )

    def _steps_of_source(
        self, state: State, index: int, source: Source
    ) -> Iterator[tuple[str, State]]:
        if not source.is_alive:
            return
        if source.made < self._bounds.batches and not _untold(source):
            yield f"source {index} counts", _with_source(state, index, _counting(source, index))
        request = source.waits_for
        if request is None:
            if source.held:
                asked = Request(index, source.told, _untold(source))
                yield (
                    f"source {index} sends",
                    _with_source(state, index, source._replace(waits_for=asked)),
                )
        else:
            after, told, flushed = self._apply(state, request)
            heard = self._heard(source, told, flushed)
            yield f"source {index} is answered", _with_source(after, index, heard)
            if state.faults:
                yield from self._lost_replies(state, index, source, request)
        if state.faults:
            gone = Source(False, source.made, source.number, confirmed=source.told)
            killed = _with_source(state, index, gone)._replace(faults=state.faults - 1)
            if request is not None:
                killed = killed._replace(on_way=state.on_way | {request})
            yield f"source {index} is killed", killed

    def _lost_replies(
        self, state: State, index: int, source: Source, request: Request
    ) -> Iterator[tuple[str, State]]:
        """It gives up waiting; Redis has worked on it, will do so later, or never (which is later
        than the end)."""
        given_up = source._replace(waits_for=None)
        if self._mutant == "process numbers again what it sends again":
            given_up = _renumbered(given_up)
        after, _, _ = self._apply(state, request)
        after = _with_source(after, index, given_up)._replace(faults=state.faults - 1)
        yield f"source {index} loses a reply", after
        late = _with_source(state, index, given_up)._replace(
            faults=state.faults - 1, on_way=state.on_way | {request}
        )
        yield f"source {index} gives up", late

    def _steps_of_flusher(
        self, state: State, index: int, flusher: Flusher
    ) -> Iterator[tuple[str, State]]:
        if flusher.read is None:
            if state.redis.batches:
                yield f"flusher {index} reads", self._read(state, index)
            return
        yield f"flusher {index} is killed", _with_flusher(state, index, Flusher())
        if flusher.marks is None:
            yield f"flusher {index} commits", self._commit(state, index, flusher)
            return
        request = Request(-1, held=flusher.marks, read=len(flusher.read))
        after, _, _ = self._apply(state, request)
        yield f"flusher {index} has redis forget", _with_flusher(after, index, Flusher())
        if state.faults:
            left = _with_flusher(state, index, Flusher())
            yield (
                f"flusher {index} is killed while redis forgets",
                left._replace(on_way=state.on_way | {request}, faults=state.faults - 1),
            )

    # ---- what the parts do

    def _read(self, state: State, index: int) -> State:
        batches = state.redis.batches
        if self._mutant == "flusher takes the newest first":
            batches = batches[-1:]
        read = _with_flusher(state, index, Flusher(batches))
        if self._mutant == "redis forgets before postgres has it":
            read = read._replace(redis=state.redis._replace(batches=()))
        return read

    def _commit(self, state: State, index: int, flusher: Flusher) -> State:
        assert flusher.read is not None
        known = (
            state.redis.flushed if self._mutant == "redis knows what postgres has" else state.marks
        )
        marks = list(known)
        added = list(state.added)
        for batch in flusher.read:
            if batch.number > marks[batch.source] or (
                self._mutant == "postgres does not compare numbers"
            ):
                added.append(batch)
                marks[batch.source] = max(marks[batch.source], batch.number)
        done = _with_flusher(state, index, flusher._replace(marks=tuple(marks)))
        return done._replace(marks=tuple(marks), added=tuple(sorted(added)))

    def _apply(self, state: State, request: Request) -> tuple[State, int, int]:
        """Redis works on a request; its answer to a source."""
        redis = state.redis
        if request.source < 0:
            return state._replace(redis=self._forget(redis, request)), 0, 0
        told, flushed = redis.told[request.source], redis.flushed[request.source]
        compares = self._mutant != "redis does not compare what the source thinks"
        if told < request.thinks and compares:
            return state, told, flushed
        new = tuple(batch for batch in request.batches if batch.number > told)
        if not new:
            return state, told, flushed
        told = new[-1].number
        taken = Redis(redis.batches + new, _at(redis.told, request.source, told), redis.flushed)
        return state._replace(redis=taken), told, flushed

    def _forget(self, redis: Redis, request: Request) -> Redis:
        flushed = tuple(map(max, redis.flushed, request.held))
        batches = redis.batches
        if self._mutant == "redis forgets as many as were read":
            return redis._replace(batches=batches[request.read :], flushed=flushed)
        while batches and batches[0].number <= request.held[batches[0].source]:
            batches = batches[1:]
        return redis._replace(batches=batches, flushed=flushed)

    def _heard(self, source: Source, told: int, flushed: int) -> Source:
        if self._mutant == "process lets go when redis has it":
            flushed = told
        held = tuple(batch for batch in source.held if batch.number > flushed)
        return source._replace(held=held, told=told, waits_for=None)

    # ---- what must hold

    def _is_right(self, state: State) -> bool:
        if not _is_without_doubles_and_gaps(state):
            return False
        end = self._end(state)
        if not _is_without_doubles_and_gaps(end) or end.redis.batches:
            return False
        for index, source in enumerate(end.sources):
            there = {batch.what for batch in end.added if batch.source == index}
            if source.is_alive and there != set(range(1, source.made + 1)):
                return False
            if not source.is_alive and not state.has_lost and len(there) < source.confirmed:
                return False
        return True

    def _end(self, state: State) -> State:
        """Where it ends when from now on everything succeeds, and nothing new is counted."""
        state = state._replace(flushers=(Flusher(),) * len(state.flushers), on_way=frozenset())
        for _ in range(2 * self._bounds.batches + 4):
            for index, source in enumerate(state.sources):
                if source.is_alive:
                    request = Request(index, source.told, _untold(source))
                    state, told, flushed = self._apply(state, request)
                    state = _with_source(state, index, self._heard(source, told, flushed))
            if state.redis.batches:
                state = self._commit(self._read(state, 0), 0, self._read(state, 0).flushers[0])
                done = state.flushers[0]
                assert done.read is not None and done.marks is not None
                request = Request(-1, held=done.marks, read=len(done.read))
                state = _with_flusher(self._apply(state, request)[0], 0, Flusher())
        return state


def _is_without_doubles_and_gaps(state: State) -> bool:
    for index in range(len(state.sources)):
        there = [batch.what for batch in state.added if batch.source == index]
        if sorted(there) != list(range(1, len(there) + 1)):
            return False
    return True


def _untold(source: Source) -> tuple[Batch, ...]:
    return tuple(batch for batch in source.held if batch.number > source.told)


def _counting(source: Source, index: int) -> Source:
    made, number = source.made + 1, source.number + 1
    batch = Batch(index, number, made)
    return source._replace(made=made, number=number, held=(*source.held, batch))


def _renumbered(source: Source) -> Source:
    held, number = [], source.number
    for batch in source.held:
        if batch.number > source.told:
            number += 1
            batch = batch._replace(number=number)
        held.append(batch)
    return source._replace(held=tuple(held), number=number)


def _at(numbers: tuple[int, ...], index: int, number: int) -> tuple[int, ...]:
    return (*numbers[:index], number, *numbers[index + 1 :])


def _with_source(state: State, index: int, source: Source) -> State:
    sources = (*state.sources[:index], source, *state.sources[index + 1 :])
    return state._replace(sources=sources)


def _with_flusher(state: State, index: int, flusher: Flusher) -> State:
    """In order: which of two flushers did it makes no difference."""
    flushers = (*state.flushers[:index], flusher, *state.flushers[index + 1 :])
    return state._replace(flushers=flushers)


def _way(came: dict[State, tuple[State, str] | None], state: State) -> tuple[str, ...]:
    steps = []
    before = came[state]
    while before is not None:
        state, step = before
        steps.append(step)
        before = came[state]
    return tuple(reversed(steps))
