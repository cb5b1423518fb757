import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.sequence import SequenceMap, Unwrapper, signed_distance


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [(1, 0, 1), (0, 65535, 1), (65535, 0, -1), (0x8000, 0, -0x8000), (0x7FFF, 0, 0x7FFF)],
)
def test_distance_over_the_wrap(a: int, b: int, distance: int) -> None:
    assert signed_distance(a, b) == distance


@pytest.mark.parametrize(
    ("case", "seqs", "unwrapped"),
    [
        ("in order", [5, 6, 7], [0x10005, 0x10006, 0x10007]),
        ("wrap", [65534, 65535, 0, 1], [0x1FFFE, 0x1FFFF, 0x20000, 0x20001]),
        ("late packet after the wrap", [65535, 1, 0], [0x1FFFF, 0x20001, 0x20000]),
        ("older than the first", [3, 65535], [0x10003, 0xFFFF]),
        ("two wraps", [60000, 20000, 50000, 10000], [125536, 151072, 181072, 206608]),
    ],
)
def test_unwrapping(case: str, seqs: list[int], unwrapped: list[int]) -> None:
    unwrapper = Unwrapper()
    assert [unwrapper.unwrap(seq) for seq in seqs] == unwrapped


# (splice at index, last index sent, sequence numbers of first and last)
TABLE = [
    ("start", [(100, 109, 7, 16)]),
    ("left out while waiting for a keyframe", [(100, 109, 7, 16), (150, 151, 17, 18)]),
    ("nothing sent in between", [(100, 100, 7, 7), (101, 101, 8, 8)]),
    ("many", [(10 * i, 10 * i + 4, 7 + 5 * i, 11 + 5 * i) for i in range(6)]),
]


@pytest.mark.parametrize(("case", "stretches"), TABLE)
def test_numbers_are_gapless_over_splices(
    case: str, stretches: list[tuple[int, int, int, int]]
) -> None:
    sequence = SequenceMap(7)
    for start, stop, first_seq, last_seq in stretches:
        sequence.splice(start)
        sequence.sent(stop)
        assert (start + sequence.offset) & 0xFFFF == first_seq
        assert (stop + sequence.offset) & 0xFFFF == last_seq
    for start, stop, first_seq, last_seq in stretches:
        assert sequence.source_index(first_seq) == start
        assert sequence.source_index(last_seq) == stop


def test_what_was_never_sent_has_no_source() -> None:
    sequence = SequenceMap(1000)
    assert sequence.source_index(1000) is None
    sequence.splice(50)
    sequence.sent(60)
    assert sequence.source_index(999) is None
    assert sequence.source_index(1011) is None
    assert sequence.source_index(1010) == 60


def test_a_forgotten_splice_gives_nothing_instead_of_a_wrong_packet() -> None:
    sequence = SequenceMap(0)
    for start in range(0, 1000, 100):
        sequence.splice(start)
        sequence.sent(start + 9)
    assert sequence.source_index(5) is None
    assert sequence.source_index(99) == 909


@given(
    first_seq=st.integers(0, 0x7FFF),
    stretches=st.lists(st.tuples(st.integers(1, 3000), st.integers(0, 5000)), max_size=8),
)
def test_each_number_leads_back_to_its_packet(
    first_seq: int, stretches: list[tuple[int, int]]
) -> None:
    sequence = SequenceMap(first_seq)
    index, number = 0, first_seq
    sent: list[tuple[int, int]] = []
    for length, left_out in stretches:
        sequence.splice(index)
        last = index + length - 1
        sequence.sent(last)
        sent += [(index, number & 0xFFFF), (last, (number + length - 1) & 0xFFFF)]
        index += length + left_out
        number += length
    assert [sequence.source_index(seq) for _, seq in sent] == [one for one, _ in sent]
