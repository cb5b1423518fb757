from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signaling.rate_limit import Bucket, Rate


def test_burst_passes_then_the_wait_is_told() -> None:
    bucket = Bucket(Rate(per_s=0.5, burst=2), now_s=100.0)
    assert [bucket.take(100.0), bucket.take(100.0)] == [0.0, 0.0]
    assert bucket.take(100.0) == 2.0
    assert bucket.take(101.0) == 1.0
    assert bucket.take(102.0) == 0.0


def test_clock_that_steps_back_gives_nothing_away() -> None:
    bucket = Bucket(Rate(per_s=1, burst=1), now_s=100.0)
    assert bucket.take(100.0) == 0.0
    assert bucket.take(50.0) == 1.0
    assert bucket.take(100.5) == 0.5


@given(
    st.lists(st.floats(min_value=0, max_value=5), max_size=200),
    st.integers(min_value=1, max_value=10),
)
def test_never_more_than_burst_plus_rate_times_time(gaps: list[float], burst: int) -> None:
    bucket = Bucket(Rate(per_s=2, burst=burst), now_s=0.0)
    now_s = 0.0
    taken = 0
    for gap in gaps:
        now_s += gap
        taken += bucket.take(now_s) == 0.0
    assert taken <= burst + 2 * now_s + 1e-6


@given(st.floats(min_value=0.01, max_value=100), st.floats(min_value=0.1, max_value=50))
def test_after_the_told_wait_it_passes(per_s: float, tokens: float) -> None:
    bucket = Bucket(Rate(per_s=per_s, burst=tokens), now_s=0.0)
    assert bucket.take(0.0, tokens) == 0.0
    wait_s = bucket.take(0.0, tokens)
    assert bucket.take(wait_s * 1.000001 + 1e-6, tokens) == 0.0
