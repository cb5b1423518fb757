from hypothesis import given
from hypothesis import strategies as st

from media.keyframes import NAL_FU_A, h264_units
from media.packetize import nal_units, packetize

SPS, PPS = b"\x67" + b"s" * 20, b"\x68" + b"p" * 4


def annex_b(*units: bytes) -> bytes:
    return b"".join(b"\x00\x00\x00\x01" + unit for unit in units)


def reassemble(payloads: list[bytes]) -> list[bytes]:
    """A small depacketizer: the units that a receiver gets."""
    units: list[bytes] = []
    for payload in payloads:
        if payload[0] & 0x1F != NAL_FU_A:
            units += h264_units(payload)
        elif payload[1] & 0x80:
            units.append(bytes((payload[0] & 0xE0 | payload[1] & 0x1F,)) + payload[2:])
        else:
            units[-1] += payload[2:]
    return units


def test_units_with_short_and_long_start_codes() -> None:
    assert list(nal_units(b"\x00\x00\x01\x65ab" + annex_b(b"\x41c"))) == [b"\x65ab", b"\x41c"]


def test_parameter_sets_travel_together_before_the_picture() -> None:
    payloads = packetize(annex_b(SPS, PPS, b"\x65" + b"i" * 50))
    assert [[unit[0] & 0x1F for unit in h264_units(p)] for p in payloads] == [[7, 8], [5]]


@given(st.integers(2, 20_000), st.integers(100, 1200))
def test_fragments_are_nearly_equal_and_complete(size: int, max_bytes: int) -> None:
    unit = b"\x65" + bytes(1 + at % 255 for at in range(size - 1))
    payloads = packetize(annex_b(unit), max_bytes)
    assert reassemble(payloads) == [unit]
    lengths = [len(payload) for payload in payloads]
    assert max(lengths) <= max_bytes
    assert max(lengths) - min(lengths) <= 1
    assert lengths == sorted(lengths, reverse=True)
