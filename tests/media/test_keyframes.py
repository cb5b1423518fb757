import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.keyframes import (
    KeyframeRequests,
    ParameterSets,
    aggregate,
    h264_units,
    vp8_starts_keyframe,
)

SPS, PPS, IDR, SLICE = b"\x67sps", b"\x68pps", b"\x65idr", b"\x41slice"
FU_START, FU_MIDDLE = b"\x7c\x85idr", b"\x7c\x05idr"


@pytest.mark.parametrize(
    ("case", "payload", "kinds"),
    [
        ("single unit", IDR, [5]),
        ("aggregate", aggregate([SPS, PPS, IDR]), [7, 8, 5]),
        ("first fragment", FU_START, [5]),
        ("later fragment", FU_MIDDLE, []),
        ("empty", b"", []),
        ("fragment cut off", b"\x7c", []),
        ("aggregate with a wrong length", b"\x78\x00\x03\x67ab\xff\xff\x68", [7]),
        ("aggregate of nothing", b"\x78\x00\x00\x00", []),
    ],
)
def test_units_of_a_payload(case: str, payload: bytes, kinds: list[int]) -> None:
    assert [unit[0] & 0x1F for unit in h264_units(payload)] == kinds


@pytest.mark.parametrize(
    ("case", "payload", "expected"),
    [
        ("keyframe", b"\x10\x00", True),
        ("interframe", b"\x10\x01", False),
        ("second partition", b"\x11\x00", False),
        ("not the start", b"\x00\x00", False),
        ("15-bit picture id", b"\x90\x80\x81\x23\x00", True),
        ("7-bit picture id", b"\x90\x80\x23\x00", True),
        ("all fields", b"\x90\xf0\x81\x23\x07\x40\x00", True),
        ("all fields, interframe", b"\x90\xf0\x81\x23\x07\x40\x01", False),
        ("empty", b"", False),
        ("descriptor only", b"\x90\x80\x81", False),
    ],
)
def test_vp8_keyframes(case: str, payload: bytes, expected: bool) -> None:
    assert vp8_starts_keyframe(payload) is expected


@given(st.binary(max_size=40))
def test_hostile_payloads_are_just_no_keyframe(payload: bytes) -> None:
    vp8_starts_keyframe(payload)
    ParameterSets().observe(payload, 1)


def test_a_keyframe_starts_at_its_parameter_sets_and_only_there() -> None:
    sets = ParameterSets()
    assert sets.observe(SPS, 90) == (True, None)
    assert sets.observe(PPS, 90) == (False, None)
    assert sets.observe(FU_START, 90) == (False, None)
    assert sets.observe(FU_MIDDLE, 90) == (False, None)
    assert sets.observe(SLICE, 180) == (False, None)
    assert sets.observe(aggregate([SPS, PPS]), 270) == (True, None)


def test_a_keyframe_without_parameter_sets_gets_the_last_ones() -> None:
    sets = ParameterSets()
    sets.observe(SPS, 90)
    sets.observe(PPS, 90)
    sets.observe(IDR, 90)
    assert sets.observe(FU_START, 180) == (True, aggregate([SPS, PPS]))
    assert sets.observe(b"\x7c\x85again", 180) == (False, None)


def test_a_keyframe_without_any_parameter_sets_is_no_place_to_start() -> None:
    assert ParameterSets().observe(IDR, 90) == (False, None)


def requests_sent(owner: KeyframeRequests, until_s: float) -> list[float]:
    return [step / 100 for step in range(round(until_s * 100)) if owner.due(step / 100)]


def test_nobody_wants_a_keyframe() -> None:
    assert requests_sent(KeyframeRequests(), 3.0) == []


def test_many_joiners_make_one_request() -> None:
    owner = KeyframeRequests()
    sent = 0
    for step in range(20):
        owner.want()
        sent += owner.due(step / 1000)
    assert sent == 1


def test_an_unanswered_request_is_repeated_with_growing_pauses() -> None:
    owner = KeyframeRequests(interval_s=1.0, first_repeat_s=0.2)
    owner.want()
    expected = [0.0, 0.2, 0.6, 1.4, 2.4, 3.4, 4.4]
    assert requests_sent(owner, 5.0) == pytest.approx(expected, abs=0.05)


def test_after_an_answer_the_next_request_waits_for_the_interval() -> None:
    owner = KeyframeRequests(interval_s=1.0)
    owner.want()
    assert owner.due(0.0)
    owner.seen()
    assert not owner.wanted
    owner.want()
    assert not owner.due(0.5)
    assert owner.due(1.0)


def test_a_stream_of_wishes_gets_at_most_one_keyframe_a_second() -> None:
    owner = KeyframeRequests(interval_s=1.0)
    sent = 0
    for step in range(1000):
        owner.want()
        if owner.due(step / 100):
            sent += 1
            owner.seen()
    assert sent == 10
