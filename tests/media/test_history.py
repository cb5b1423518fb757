from hypothesis import given
from hypothesis import strategies as st

from media.history import History, Packet


def packet(index: int) -> Packet:
    return Packet(index, index * 3000, False, "H264", b"x", False)


def test_the_last_packets_are_kept_and_older_ones_are_gone() -> None:
    ring = History(8)
    for index in range(20):
        assert ring.put(packet(index))
    assert [ring.get(index) for index in range(12)] == [None] * 12
    assert [ring.get(index) for index in range(12, 20)] == [packet(i) for i in range(12, 20)]
    assert ring.get(20) is None


def test_a_duplicate_or_an_overtaken_packet_is_not_taken() -> None:
    ring = History(8)
    assert ring.put(packet(9))
    assert not ring.put(packet(9))
    assert not ring.put(packet(1))
    assert ring.get(9) == packet(9)


@given(st.lists(st.integers(0, 200)))
def test_no_index_ever_gives_another_packet(indices: list[int]) -> None:
    ring = History(16)
    for index in indices:
        ring.put(packet(index))
    for index in range(201):
        found = ring.get(index)
        assert found is None or found.index == index
