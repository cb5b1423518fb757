from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from media.nack import (
    MAX_MISSING,
    MAX_RESENDS,
    MAX_TRIES,
    REORDER_DELAY_S,
    RESEND_BURST_BYTES,
    Gaps,
    Resends,
)


def test_a_hole_is_asked_for_after_the_reorder_delay() -> None:
    gaps = Gaps()
    gaps.received(100, 0.0)
    gaps.received(103, 0.0)
    assert gaps.due(REORDER_DELAY_S / 2) == []
    assert gaps.due(REORDER_DELAY_S) == [101, 102]
    assert gaps.due(REORDER_DELAY_S) == []


def test_an_overtaken_packet_is_never_asked_for() -> None:
    gaps = Gaps()
    for seq in (100, 102, 101):
        gaps.received(seq, 0.0)
    assert gaps.due(1.0) == []
    assert len(gaps) == 0


def test_a_hole_is_asked_for_once_a_round_trip_and_then_given_up() -> None:
    gaps = Gaps(rtt_s=0.1)
    gaps.received(1, 0.0)
    gaps.received(3, 0.0)
    asked = [step for step in range(300) if gaps.due(step / 100)]
    assert len(asked) == MAX_TRIES
    assert all(after - before >= 10 for before, after in pairwise(asked))
    assert gaps.gave_up
    assert len(gaps) == 0


def test_an_outage_is_left_to_a_keyframe() -> None:
    gaps = Gaps()
    gaps.received(0, 0.0)
    gaps.received(MAX_MISSING + 2, 0.0)
    assert gaps.gave_up
    assert gaps.due(1.0) == []


def test_the_round_trip_is_learned_from_first_answers_only() -> None:
    gaps = Gaps(rtt_s=0.1)
    for seq in (0, 2, 4):
        gaps.received(seq, 0.0)
    assert gaps.due(0.02) == [1, 3]
    gaps.received(1, 0.32)
    learned = gaps.rtt_s
    assert 0.1 < learned < 0.3
    assert gaps.due(0.42) == [3]
    gaps.received(3, 5.0)
    assert gaps.rtt_s == learned


@given(st.lists(st.integers(0, 60), min_size=1, max_size=200))
def test_only_missing_packets_are_asked_for(arrivals: list[int]) -> None:
    gaps = Gaps()
    for seq in arrivals:
        gaps.received(seq, 0.0)
    expected = {seq for seq in range(arrivals[0], max(arrivals) + 1) if seq not in arrivals}
    assert set(gaps.due(1.0)) == expected


def test_a_repeated_wish_within_the_pause_is_ignored() -> None:
    resends = Resends()
    assert resends.grant(5, 1000, 0.05, 1.0)
    assert not resends.grant(5, 1000, 0.05, 1.09)
    assert resends.grant(5, 1000, 0.05, 1.11)
    assert resends.grant(6, 1000, 0.3, 1.11)
    assert not resends.grant(6, 1000, 0.3, 1.3)


def test_a_packet_is_sent_again_a_few_times_only() -> None:
    resends = Resends()
    granted = [resends.grant(5, 1000, 0.1, float(at)) for at in range(MAX_RESENDS + 2)]
    assert granted == [True] * MAX_RESENDS + [False, False]


def test_repair_takes_a_share_of_what_is_sent() -> None:
    resends = Resends()
    index = 0
    while resends.grant(index, 1000, 0.1, 0.0):
        index += 1
    assert index == RESEND_BURST_BYTES // 1000
    resends.earn(100_000)
    granted = sum(resends.grant(1000 + at, 1000, 0.1, 1.0) for at in range(100))
    assert granted == 15
