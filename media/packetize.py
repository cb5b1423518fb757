"""H264 access units as RTP payloads (RFC 6184, packetization mode 1). Pure."""

from __future__ import annotations

from collections.abc import Iterator

from media.keyframes import NAL_FU_A, NAL_PPS, NAL_SPS, aggregate

# Leaves room for headers, extensions and the SRTP tag within the 1,280 bytes that IPv6 guarantees.
MAX_PAYLOAD_BYTES = 1_200
START_CODE = b"\x00\x00\x01"


def nal_units(access_unit: bytes) -> Iterator[bytes]:
    """The NAL units of an access unit in Annex B form, without start codes."""
    start = access_unit.find(START_CODE)
    while start >= 0:
        start += len(START_CODE)
        end = access_unit.find(START_CODE, start)
        unit = access_unit[start : end if end >= 0 else len(access_unit)].rstrip(b"\x00")
        if unit:
            yield unit
        start = end


def packetize(access_unit: bytes, max_bytes: int = MAX_PAYLOAD_BYTES) -> list[bytes]:
    """The payloads of one access unit in sending order; the last one gets the marker bit.

    The parameter sets travel together in front; a unit that is too large is cut into fragments
    that differ by one byte at most, which lets them leave in one system call (media.segments).
    """
    units = list(nal_units(access_unit))
    sets = [unit for unit in units if unit[0] & 0x1F in (NAL_SPS, NAL_PPS)]
    payloads = [aggregate(sets)] if len(sets) > 1 else sets
    for unit in units:
        if unit[0] & 0x1F not in (NAL_SPS, NAL_PPS):
            payloads.extend([unit] if len(unit) <= max_bytes else _fragments(unit, max_bytes))
    return payloads


def _fragments(unit: bytes, max_bytes: int) -> Iterator[bytes]:
    indicator, kind = unit[0] & 0xE0 | NAL_FU_A, unit[0] & 0x1F
    body = unit[1:]
    count = -(-len(body) // (max_bytes - 2))
    # The longer fragments go first: a run may only get shorter.
    size, longer = divmod(len(body), count)
    at = 0
    for number in range(count):
        end = at + size + (number < longer)
        edge = (0x80 if number == 0 else 0) | (0x40 if number == count - 1 else 0)
        yield bytes((indicator, edge | kind)) + body[at:end]
        at = end
