import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecommerce import clock


def test_identifiers_sort_by_their_time_of_making(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([1_700_000_000_000_000_000, 1_700_000_000_000_500_000, 1_700_000_000_001_000_000])
    monkeypatch.setattr("livecommerce.clock.time.time_ns", lambda: next(times))
    made = [clock.uuid7() for _ in range(3)]
    assert made == sorted(made)


@given(st.integers(min_value=0, max_value=2**48 * 1_000_000 - 1))
def test_an_identifier_carries_its_millisecond_version_and_variant(time_ns: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("livecommerce.clock.time.time_ns", lambda: time_ns)
        made = clock.uuid7()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == time_ns // 1_000_000


def test_two_identifiers_of_the_same_moment_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livecommerce.clock.time.time_ns", lambda: 1_700_000_000_000_000_000)
    assert clock.uuid7() != clock.uuid7()


def test_a_fraction_is_below_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livecommerce.clock.secrets.randbits", lambda bits: (1 << bits) - 1)
    assert clock.fraction() < 1.0
