from hypothesis import given
from hypothesis import strategies as st

from livecommerce.accounts.throttle import Allowance, Throttle, Tries, begin_try, give_back

ALLOWANCE = Allowance(free=3, recover_s=60, first_s=2, longest_s=20)


def test_waits_double_after_the_free_tries_up_to_the_longest() -> None:
    tries: Tries | None = None
    now_s, waits = 0.0, []
    for _ in range(8):
        tries, wait_s = begin_try(tries, ALLOWANCE, now_s)
        assert wait_s == 0
        waits.append(round(tries.next_at_s - now_s, 6))
        now_s = tries.next_at_s
    assert waits[:3] == [0, 0, 2]
    assert waits == sorted(waits)
    assert waits[-1] == 20


def test_try_that_waits_is_not_counted() -> None:
    tries: Tries | None = None
    for _ in range(3):
        tries, _ = begin_try(tries, ALLOWANCE, 0)
    assert tries is not None
    for _ in range(100):
        again, wait_s = begin_try(tries, ALLOWANCE, 1)
        assert (again, wait_s) == (tries, 1)


def test_tries_are_forgotten_with_time() -> None:
    tries: Tries | None = None
    for _ in range(3):
        tries, _ = begin_try(tries, ALLOWANCE, 0)
    later, wait_s = begin_try(tries, ALLOWANCE, 240)
    assert (wait_s, later.level) == (0, 1)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=200))
def test_guesses_in_an_hour_are_few_however_they_are_spaced(gaps: list[float]) -> None:
    tries: Tries | None = None
    now_s, let_through = 0.0, 0
    for gap in gaps:
        now_s += gap
        tries, wait_s = begin_try(tries, ALLOWANCE, now_s)
        let_through += wait_s == 0
    assert let_through <= ALLOWANCE.free + 1 + now_s / ALLOWANCE.first_s


def test_hundred_guesses_at_once_are_a_hundred_tries() -> None:
    throttle = Throttle()
    waits = [throttle.begin([("asha", ALLOWANCE)], 0) for _ in range(100)]
    assert waits.count(0) == 3


def test_guard_that_waits_keeps_the_others_from_counting() -> None:
    throttle = Throttle()
    for _ in range(3):
        throttle.begin([("address", ALLOWANCE)], 0)
    assert throttle.begin([("address", ALLOWANCE), ("asha", ALLOWANCE)], 0) == 2
    waits = [throttle.begin([("asha", ALLOWANCE)], 0) for _ in range(4)]
    assert waits == [0, 0, 0, 2]


def test_proven_key_starts_afresh() -> None:
    throttle = Throttle()
    for _ in range(3):
        throttle.begin([("asha", ALLOWANCE)], 0)
    throttle.forget("asha", "never seen")
    assert throttle.begin([("asha", ALLOWANCE)], 0) == 0


def test_try_that_is_given_back_leaves_what_others_tried() -> None:
    throttle = Throttle()
    for _ in range(2):
        throttle.begin([("address", ALLOWANCE)], 0)
    for _ in range(50):
        assert throttle.begin([("address", ALLOWANCE)], 0) == 0
        throttle.give_back(("address", ALLOWANCE), 0)
    assert [throttle.begin([("address", ALLOWANCE)], 0) for _ in range(2)] == [0, 2]


def test_nothing_is_given_back_to_who_has_not_tried() -> None:
    throttle = Throttle()
    throttle.give_back(("address", ALLOWANCE), 0)
    waits = [throttle.begin([("address", ALLOWANCE)], 0) for _ in range(4)]
    assert waits == [0, 0, 0, 2]


@given(st.lists(st.floats(0, 100), max_size=30), st.floats(0, 100))
def test_who_logs_in_rightly_in_between_changes_nothing_for_who_guesses(
    gaps: list[float], pause_s: float
) -> None:
    alone: Tries | None = None
    beside: Tries | None = None
    now_s = 0.0
    for gap in gaps:
        now_s += gap
        alone, _ = begin_try(alone, ALLOWANCE, now_s)
        beside, _ = begin_try(beside, ALLOWANCE, now_s)
        now_s = max(now_s, alone.next_at_s) + pause_s
        mine, wait_s = begin_try(beside, ALLOWANCE, now_s)
        assert wait_s == 0
        beside = give_back(mine, ALLOWANCE, now_s)
        level_alone = max(0.0, alone.level - (now_s - alone.at_s) / ALLOWANCE.recover_s)
        assert abs(beside.level - level_alone) < 1e-6


def test_memory_is_bounded_and_the_stalest_goes_first() -> None:
    throttle = Throttle(max_keys=3)
    strict = Allowance(free=1, recover_s=1000, first_s=100, longest_s=100)
    for key in ("a", "b", "c", "d"):
        throttle.begin([(key, strict)], 0)
    assert throttle.begin([("d", strict)], 1) > 0
    assert throttle.begin([("a", strict)], 1) == 0
