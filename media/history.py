"""The ring: the last packets of one track in plain form, as subscribers are sent them.

One ring answers every subscriber's NACKs. A slot is overwritten by the packet one ring length
later; asking for an overwritten index gives None, never another packet.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet of a source on the source's own, unbroken timeline.

    index: grows by one per packet over the whole life of the source.
    rtp_ts: in the source's timeline, not the publisher's; codec: see media.sdp.
    starts_keyframe: a decoder that has seen nothing can start at this packet.
    """

    index: int
    rtp_ts: int
    marker: bool
    codec: str
    payload: bytes
    starts_keyframe: bool


class History:
    __slots__ = ("_mask", "_slots")

    def __init__(self, size: int) -> None:
        """size: a power of two. 1,024 slots hold about 4 s of 720p video."""
        assert size > 0 and size & (size - 1) == 0, "the slot is found by masking the index"
        self._mask = size - 1
        self._slots: list[Packet | None] = [None] * size

    def put(self, packet: Packet) -> bool:
        """Keep the packet; False when it is already here or older than what its slot holds."""
        slot = packet.index & self._mask
        held = self._slots[slot]
        if held is not None and held.index >= packet.index:
            return False
        self._slots[slot] = packet
        return True

    def get(self, index: int) -> Packet | None:
        held = self._slots[index & self._mask]
        return held if held is not None and held.index == index else None
