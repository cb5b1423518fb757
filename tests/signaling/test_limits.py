"""What one person or address may do with all its connections, as arithmetic."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecommerce.settings import Hub, markdown
from signaling.closing import CLIENT_LEFT, CLOSINGS, DRAINING, MALFORMED, Closing
from signaling.limits import COST_BYTES, Parties, PartyLimits
from signaling.rate_limit import Bucket, Rate


def parties(idle_max: int = 10, **limits: object) -> Parties[str]:
    return Parties(PartyLimits(**limits), idle_max)  # type: ignore[arg-type]


# ---- connections


def test_a_party_is_full_at_its_limit_and_not_before() -> None:
    some = parties(connections=3)
    assert [some.enter("a", 0).is_full for _ in range(3)] == [False, False, True]
    some.leave("a")
    assert not some.get("a", 0).is_full
    assert not some.get("b", 0).is_full


# ---- buckets


def test_messages_of_all_connections_are_one_bucket() -> None:
    some = parties(messages=Rate(per_s=1, burst=4))
    one, other = some.enter("a", 0), some.enter("a", 0)
    waits = [party.take_message(10, 0) for party in (one, other, one, other, one)]
    assert waits == [0, 0, 0, 0, 1]
    assert some.enter("b", 0).take_message(10, 0) == 0


@pytest.mark.parametrize(
    ("size", "cost"), [(0, 1), (COST_BYTES - 1, 1), (COST_BYTES, 2), (65_536, 9), (1_048_576, 20)]
)
def test_a_long_message_counts_for_several(size: int, cost: int) -> None:
    party = parties(messages=Rate(per_s=1, burst=cost)).enter("a", 0)
    assert party.take_message(size, 0) == 0
    assert party.take_message(0, 0) > 0


def test_only_named_events_have_a_rate_of_their_own() -> None:
    some = parties(events={"webrtc.watch": Rate(per_s=2, burst=3)})
    first, second = some.enter("a", 0), some.enter("a", 0)
    waits = [party.take_event("webrtc.watch", 0) for party in (first, second, first, second)]
    assert waits == [0, 0, 0, 0.5]
    assert first.take_event("chat.send", 0) == 0
    assert second.take_event("webrtc.watch", 0.5) == 0


def test_who_leaves_and_comes_back_begins_with_what_was_left() -> None:
    some = parties(messages=Rate(per_s=1, burst=2))
    party = some.enter("a", 0)
    assert [party.take_message(1, 0) for _ in range(3)] == [0, 0, 1]
    some.leave("a")
    assert some.enter("a", 0).take_message(1, 0) == 1


def test_without_limits_nothing_is_ever_refused() -> None:
    party = parties().enter("a", 0)
    assert not any(party.take_message(65_536, 0) for _ in range(100_000))
    assert not any(party.handshakes.take(0) for _ in range(100_000))
    assert not party.is_full


# ---- memory


def test_of_parties_without_a_connection_the_one_that_left_first_is_forgotten() -> None:
    some = parties(idle_max=2, messages=Rate(per_s=1, burst=1))
    for key in ("a", "b", "c"):
        assert some.enter(key, 0).take_message(1, 0) == 0
    for key in ("b", "a", "c"):
        some.leave(key)
    assert len(some) == 2
    # b is new again; a and c are not.
    assert [some.get(key, 0).take_message(1, 0) for key in ("a", "c", "b")] == [1, 1, 0]


def test_parties_with_connections_are_never_forgotten() -> None:
    some = parties(idle_max=1, connections=1)
    kept = [some.enter(str(n), 0) for n in range(50)]
    for n in range(1_000):
        some.get(f"passing-{n}", 0)
    assert len(some) == 51
    assert all(some.get(str(n), 0) is kept[n] for n in range(50))


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans()), max_size=200))
def test_count_of_connections_is_that_of_those_who_came_and_did_not_leave(
    steps: list[tuple[str, bool]],
) -> None:
    some, here = parties(idle_max=2), dict.fromkeys("abcdef", 0)
    for key, comes in steps:
        if comes:
            some.enter(key, 0)
            here[key] += 1
        elif here[key]:
            some.leave(key)
            here[key] -= 1
    assert all(some.get(key, 0).connections == count for key, count in here.items() if count)
    assert len(some) <= sum(1 for count in here.values() if count) + 2


@given(
    st.lists(st.tuples(st.floats(0, 5), st.integers(1, 9)), max_size=60),
    st.floats(0.1, 50),
    st.floats(9, 60),
)
def test_a_bucket_never_gives_more_than_its_rate_and_never_lies_about_the_wait(
    acts: list[tuple[float, int]], per_s: float, burst: float
) -> None:
    bucket, now_s, taken = Bucket(Rate(per_s, burst), 0.0), 0.0, 0.0
    for pause_s, tokens in acts:
        now_s += pause_s
        wait_s = bucket.take(now_s, tokens)
        if wait_s > 0:
            assert bucket.take(now_s + wait_s * 0.99, tokens) > 0
            now_s += wait_s * 1.0001 + 1e-9
            assert bucket.take(now_s, tokens) == 0
        taken += tokens
        assert taken <= burst + per_s * now_s + 1e-6


# ---- words for the end


def test_every_closing_says_whether_to_come_back_in_a_text_that_fits_a_close_frame() -> None:
    assert len({closing.reason for closing in CLOSINGS}) == len(CLOSINGS)
    for closing in CLOSINGS:
        assert len(closing.text.encode()) <= 123
        assert closing.text.startswith(closing.reason + " ")
        assert closing.is_final == closing.text.endswith(" final")
        assert closing.code == 1006 or 1000 <= closing.code < 5000
    assert MALFORMED.text == "malformed final"
    assert DRAINING.text == "drain retry_after_s=1"
    assert not CLIENT_LEFT.is_final


def test_a_wait_is_written_as_a_number_that_programs_read() -> None:
    assert Closing(4000, "x", 0.5, "").text == "x retry_after_s=0.5"


def test_the_page_about_the_wire_shows_every_closing_as_it_is() -> None:
    page = (Path(__file__).parents[2] / "docs/hub.md").read_text()
    rows = [line for line in page.splitlines() if re.match(r"\| [0-9]{4} \|", line)]
    assert rows == [
        f"| {closing.code} | `{closing.text}` | {closing.meaning} |" for closing in CLOSINGS
    ]


def test_the_page_about_the_wire_names_settings_that_there_are_with_their_defaults() -> None:
    page = (Path(__file__).parents[2] / "docs/hub.md").read_text()
    named = set(re.findall(r"LIVECOMMERCE_[A-Z_]+", page))
    assert named <= set(re.findall(r"LIVECOMMERCE_[A-Z_]+", markdown()))
    hub = Hub()
    assert f"{hub.address_connections:,}; further: 503 | `LIVECOMMERCE_HUB_ADDRESS" in page
    for per_s, burst in (
        (hub.user_events_per_s, hub.user_events_burst),
        (hub.address_events_per_s, hub.address_events_burst),
        (hub.handshakes_per_s, hub.handshakes_burst),
        (hub.address_handshakes_per_s, hub.address_handshakes_burst),
        (hub.anonymous_watches_per_s, hub.anonymous_watches_burst),
    ):
        assert f"| {per_s:,.0f} a second, {burst:,} at once |" in page
