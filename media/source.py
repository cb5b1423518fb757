"""One source: what its publishers send, put on a single unbroken timeline.

Publishers come and go (a reload, a changed network), subscribers stay. Each publisher, and each
new SSRC of one, opens a *generation* of a track: its sequence numbers continue the source's index,
its timestamps continue the source's clock, and subscribers need a keyframe before they are shown
any of it. A subscriber never learns that anything changed but the picture.

Pure: packets and the present time in, packets to forward out.
"""

from __future__ import annotations

from dataclasses import dataclass

from media.history import History, Packet
from media.keyframes import H264, VP8, ParameterSets, vp8_starts_keyframe
from media.nack import Gaps
from media.reports import Reception
from media.rtp import RtpPacket
from media.segments import MAX_RUN_BYTES, MAX_RUN_PACKETS
from media.sequence import Unwrapper

# 2-4 s of video. Not less than the SRTP replay window: an older packet cannot be told from a
# duplicate any more, and a duplicate would be another text under a number used before.
HISTORY_PACKETS = 1_024
# SRTP refuses what is larger, and so does a path with a 1,280 byte MTU long before.
MAX_PAYLOAD_BYTES = 1_300
# A replay leaves in one burst, so it is kept to the size of a large keyframe. Chromium shows the
# first frame of a replay at once and is back at the live edge a frame later, up to 1.3 s tried.
MAX_REPLAY_S = 2.0
MAX_REPLAY_BYTES = 150_000


class Track:
    """One kind of media of a source. highest: index of the newest packet, -1 before the first."""

    __slots__ = (
        "_base",
        "_keyframe_index",
        "_keyframe_s",
        "_parameter_sets",
        "_start_index",
        "_ts_offset",
        "_unwrapper",
        "clock_rate",
        "gaps",
        "generation",
        "highest",
        "history",
        "last_s",
        "last_ts",
        "reception",
        "ssrc",
    )

    def __init__(self, clock_rate: int) -> None:
        self.clock_rate = clock_rate
        self.history = History(HISTORY_PACKETS)
        self.generation = 0
        self.highest = -1
        self.ssrc: int | None = None
        self.last_ts: int | None = None
        self.last_s = 0.0
        self._keyframe_index = -1
        self._keyframe_s = 0.0
        self._begin()

    def _begin(self) -> None:
        self._unwrapper = Unwrapper()
        self._parameter_sets = ParameterSets()
        self.gaps = Gaps()
        self.reception = Reception(self.clock_rate)
        self._base: int | None = None
        self._ts_offset = 0
        self._start_index = self.highest + 1

    def restart(self) -> None:
        """The next packet opens a new generation, whatever its SSRC."""
        self.ssrc = None

    def receive(self, packet: RtpPacket, codec: str, now_s: float) -> list[Packet]:
        """The packets to forward for this one: none for a duplicate, two where the parameter sets
        of a keyframe have to be repeated before it."""
        if packet.ssrc != self.ssrc:
            self.ssrc = packet.ssrc
            self.generation += 1
            self._begin()
        number = self._unwrapper.unwrap(packet.seq)
        if self._base is None:
            self._base = self.highest + 1 - number
            self._ts_offset = self._continued_ts(now_s) - packet.rtp_ts
        index = number + self._base
        self.gaps.received(number, now_s)
        self.reception.received(number, packet.rtp_ts, now_s)
        oldest = max(self._start_index, self.highest - HISTORY_PACKETS + 1)
        if index < oldest or self.history.get(index) is not None:
            return []
        return self._keep(index, packet, codec, now_s)

    def _keep(self, index: int, packet: RtpPacket, codec: str, now_s: float) -> list[Packet]:
        starts, prefix = self._starts_keyframe(packet, codec)
        rtp_ts = self.source_ts(packet.rtp_ts)
        kept = []
        if prefix is not None and index > self.highest:
            kept.append(Packet(index, rtp_ts, False, codec, prefix, True))
            assert self._base is not None, "set before the first packet is kept"
            self._base += 1
            index += 1
            starts = False
        kept.append(Packet(index, rtp_ts, packet.marker, codec, packet.payload, starts))
        for one in kept:
            self.history.put(one)
            if one.starts_keyframe and one.index > self._keyframe_index:
                self._keyframe_index = one.index
                self._keyframe_s = now_s
        if index > self.highest:
            self.highest = index
            self.last_ts = rtp_ts
            self.last_s = now_s
        return kept

    def _starts_keyframe(self, packet: RtpPacket, codec: str) -> tuple[bool, bytes | None]:
        if codec == H264:
            return self._parameter_sets.observe(packet.payload, packet.rtp_ts)
        return codec == VP8 and vp8_starts_keyframe(packet.payload), None

    def _continued_ts(self, now_s: float) -> int:
        """Where the source's clock stands; at least a tick after the last packet of the old one."""
        if self.last_ts is None:
            return 0
        return self.last_ts + max(1, round((now_s - self.last_s) * self.clock_rate))

    def replay(self, now_s: float) -> list[Packet]:
        """The newest keyframe and all that followed it, for a subscriber that joins now.

        Empty when there is none, or when it is too old or too much: then a new keyframe is the
        shorter way. Packets that the server misses itself are left out; they are repaired later.
        """
        fresh = now_s - self._keyframe_s <= MAX_REPLAY_S
        if self._keyframe_index < self._start_index or self.ssrc is None or not fresh:
            return []
        indices = range(self._keyframe_index, self.highest + 1)
        packets = [p for p in map(self.history.get, indices) if p is not None]
        if sum(len(packet.payload) for packet in packets) > MAX_REPLAY_BYTES:
            return []
        return packets

    def source_ts(self, rtp_ts: int) -> int:
        """A publisher's timestamp on the source's timeline."""
        return (rtp_ts + self._ts_offset) & 0xFFFFFFFF


def unwrap_rtx(packet: RtpPacket, payload_type: int, ssrc: int) -> RtpPacket | None:
    """RFC 4588 4: the packet inside a retransmission; None for padding that probes bandwidth."""
    if len(packet.payload) <= 2:
        return None
    seq = int.from_bytes(packet.payload[:2], "big")
    return RtpPacket(packet.marker, payload_type, seq, packet.rtp_ts, ssrc, packet.payload[2:])


@dataclass(frozen=True, slots=True)
class Batch:
    """Packets of one track that go to each subscriber together: a frame, or a part of one.

    lowest, highest: of the packets' indices. A batch either starts with the first packet of a
    keyframe or contains no such packet.
    """

    generation: int
    packets: tuple[Packet, ...]
    lowest: int
    highest: int

    @property
    def starts_keyframe(self) -> bool:
        return self.packets[0].starts_keyframe

    @property
    def codec(self) -> str:
        return self.packets[0].codec


class Batcher:
    """Collects packets until a frame is whole, something else starts, or enough has gathered."""

    __slots__ = ("_bytes", "_generation", "_packets")

    def __init__(self) -> None:
        self._packets: list[Packet] = []
        self._bytes = 0
        self._generation = 0

    def __len__(self) -> int:
        return len(self._packets)

    def add(self, generation: int, packet: Packet) -> list[Batch]:
        ready = []
        if packet.starts_keyframe or generation != self._generation:
            ready += self.flush()
        self._generation = generation
        self._packets.append(packet)
        self._bytes += len(packet.payload) + 64
        if (
            packet.marker
            or len(self._packets) >= MAX_RUN_PACKETS
            or self._bytes + MAX_PAYLOAD_BYTES > MAX_RUN_BYTES
        ):
            ready += self.flush()
        return ready

    def flush(self) -> list[Batch]:
        """What has gathered, as at most one batch; for when no more comes in time."""
        if not self._packets:
            return []
        indices = [packet.index for packet in self._packets]
        batch = Batch(self._generation, tuple(self._packets), min(indices), max(indices))
        self._packets.clear()
        self._bytes = 0
        return [batch]
