"""The state of questions, poll and giveaway: late, doubled and mixed-up facts."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livecommerce.live import engagement_state
from livecommerce.live.engagement_state import APPLY, GONE_KEPT, EngagementState
from signaling import engagement_payloads as wire
from tests.livecommerce.live.engagement_history import (
    asked,
    engagement_history,
    giveaway,
    poll,
    question,
)


def after(*facts: tuple[str, dict[str, Any]]) -> EngagementState:
    state = EngagementState()
    for name, data in facts:
        state, _ = APPLY[name][0](state, data)
    return state


def test_questions_stand_in_the_order_in_which_they_were_asked() -> None:
    state = after(asked(question(2)), asked(question(1)), asked(question(3)))
    assert [each.asked_at_ms for each in state.questions] == [1, 2, 3]


def test_a_question_that_left_the_queue_does_not_come_back() -> None:
    late = question(1, revision=2, upvotes=1)
    state = after(asked(question(1)), asked(question(1, 3, "dismissed")))
    state, news = APPLY["questions.changed"][0](state, {"questions": [late]})
    assert (state.questions, news) == ((), None)


def test_only_what_is_new_of_several_questions_is_told() -> None:
    state = after(asked(question(1, 5), question(2)))
    data = {"questions": [question(1, 4), question(2, 2, upvotes=1)]}
    _, news = APPLY["questions.changed"][0](state, data)
    assert news is not None
    assert [(each.asked_at_ms, each.upvotes) for each in news["questions"]] == [(2, 1)]


def test_what_left_the_queue_is_forgotten_after_a_while() -> None:
    facts = (asked(question(n, 2, "answered")) for n in range(GONE_KEPT + 50))
    assert len(after(*facts).gone) == GONE_KEPT


def test_a_count_that_comes_after_the_result_changes_nothing() -> None:
    state = after(
        ("poll.opened", {"poll": poll(1)}),
        ("poll.closed", {"poll": poll(1, 9, votes=3, closed=True)}),
        ("poll.counted", {"poll": poll(1, 8, votes=2)}),
    )
    assert state.poll is not None
    assert (state.poll.voters, state.poll.closed_at_ms) == (3, 99)


def test_a_word_about_the_poll_before_does_not_replace_the_newer_one() -> None:
    state = after(
        ("poll.opened", {"poll": poll(2)}),
        ("poll.closed", {"poll": poll(1, 50, votes=3, closed=True)}),
    )
    assert state.poll is not None
    assert state.poll.opened_at_ms == 2


def test_a_drawn_giveaway_stays_drawn() -> None:
    state = after(
        ("giveaway.drawn", {"giveaway": giveaway(1, 5, drawn=True)}),
        ("giveaway.counted", {"giveaway": giveaway(1, 6)}),
    )
    assert state.giveaway is not None
    assert state.giveaway.drawn_at_ms == 99


HISTORY = engagement_history()


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_mixed_up_and_doubled_facts_lead_to_the_same_end(mixer: random.Random) -> None:
    mixed = HISTORY + mixer.choices(HISTORY, k=5)
    mixer.shuffle(mixed)
    end, other = after(*HISTORY), after(*mixed)
    assert (end.questions, end.poll, end.giveaway) == (other.questions, other.poll, other.giveaway)
    assert set(end.gone) == set(other.gone)


@pytest.mark.parametrize("known", range(len(HISTORY) + 1))
def test_a_reading_and_the_facts_after_it_equal_a_later_reading(known: int) -> None:
    read = engagement_state.shown(after(*HISTORY[:known]))
    state = engagement_state.of_json(read.model_dump(mode="json"))
    for name, data in HISTORY[known:]:
        state, _ = APPLY[name][0](state, data)
    assert engagement_state.shown(state) == engagement_state.shown(after(*HISTORY))


def client_with(shown: wire.Engagement, events: list[dict[str, Any]]) -> wire.Engagement:
    """What a page holds that took the snapshot and then these events, in whatever order."""
    questions = {each.id: each for each in shown.questions}
    poll, giveaway = shown.poll, shown.giveaway
    for event in events:
        for each in event.get("questions", ()):
            known = questions.get(each.id)
            if known is None or known.revision < each.revision:
                questions[each.id] = each
        heard = event.get("poll")
        if heard and (poll is None or age(heard) > age(poll)):
            poll = heard
        drawn = event.get("giveaway")
        if drawn and (giveaway is None or age(drawn) > age(giveaway)):
            giveaway = drawn
    in_queue = [each for each in questions.values() if each.status in ("open", "picked")]
    in_queue.sort(key=lambda each: (each.asked_at_ms, each.id))
    return shown.model_copy(
        update={"questions": tuple(in_queue), "poll": poll, "giveaway": giveaway}
    )


def age(each: wire.Poll | wire.Giveaway) -> tuple[int, ...]:
    if isinstance(each, wire.Poll):
        return each.opened_at_ms, each.revision
    return each.opened_at_ms, int(each.drawn_at_ms is not None), each.entries


@pytest.mark.parametrize("joined", range(len(HISTORY) + 1))
@settings(deadline=None, max_examples=20)
@given(st.randoms(use_true_random=False))
def test_a_page_with_a_snapshot_and_the_events_after_it_shows_what_a_newcomer_sees(
    joined: int, mixer: random.Random
) -> None:
    state = after(*HISTORY[:joined])
    snapshot, events = engagement_state.shown(state), []
    for name, data in HISTORY[joined:]:
        state, news = APPLY[name][0](state, data)
        if news is not None:
            events.append(news)
    # The lanes let counts come later than what leaves at once.
    mixer.shuffle(events)
    assert client_with(snapshot, events) == engagement_state.shown(state)
