"""What one subscriber is sent of one source, and with which numbers.

Packets of a batch are written once, with sequence number 0, and given to every subscriber; the
forwarder decides whether this subscriber may have the batch and by how much its sequence numbers
differ from the source's indices. Audio flows from the first packet. Video waits for a keyframe:
after joining, and whenever the source changes its generation.

Pure: no sockets, no keys, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence

from media.history import Packet
from media.nack import Resends
from media.rtp import build_rtp, mid_and_send_time
from media.sdp import (
    AUDIO_MID,
    AUDIO_SSRC,
    MID_EXTENSION,
    PAYLOAD_TYPES,
    RTX_PAYLOAD_TYPES,
    SEND_TIME_EXTENSION,
    VIDEO_MID,
    VIDEO_RTX_SSRC,
    VIDEO_SSRC,
)
from media.segments import paddings
from media.sequence import SequenceMap
from media.source import Batch


def write_audio(packets: Sequence[Packet], now_s: float) -> list[bytes]:
    """Audio packets as every subscriber gets them, sequence number 0."""
    extension = mid_and_send_time(MID_EXTENSION, AUDIO_MID, SEND_TIME_EXTENSION, now_s)
    return [
        build_rtp(
            PAYLOAD_TYPES[packet.codec],
            0,
            packet.rtp_ts,
            AUDIO_SSRC,
            packet.payload,
            marker=packet.marker,
            extension=extension,
        )
        for packet in packets
    ]


def write_video(packets: Sequence[Packet], now_s: float) -> list[bytes]:
    """Video packets as every subscriber gets them, sequence number 0, padded to equal lengths."""
    extension = mid_and_send_time(MID_EXTENSION, VIDEO_MID, SEND_TIME_EXTENSION, now_s)
    padded = paddings([len(packet.payload) for packet in packets])
    return [
        build_rtp(
            PAYLOAD_TYPES[packet.codec],
            0,
            packet.rtp_ts,
            VIDEO_SSRC,
            packet.payload,
            marker=packet.marker,
            extension=extension,
            padding=padding,
        )
        for packet, padding in zip(packets, padded, strict=True)
    ]


class Forwarder:
    """The state of one subscriber. Everything that the fan-out loop reads is a plain attribute."""

    __slots__ = (
        "_audio_started",
        "_octets_taken",
        "_rtx_seq",
        "audio",
        "audio_octets",
        "audio_packets",
        "codecs",
        "estimate_bps",
        "generation",
        "resends",
        "rtt_s",
        "video",
        "video_octets",
        "video_packets",
    )

    def __init__(self, first_seqs: tuple[int, int, int]) -> None:
        """first_seqs: of audio, video and RTX, unpredictable and below 2**15 (media.sequence)."""
        self.audio = SequenceMap(first_seqs[0])
        self.video = SequenceMap(first_seqs[1])
        self._rtx_seq = first_seqs[2]
        self._audio_started = False
        # The generation of video that a keyframe has been sent of; 0 is none.
        self.generation = 0
        self.codecs: frozenset[str] = frozenset()
        self.resends = Resends()
        self.rtt_s = 0.1
        # What the subscriber says that its path carries; None until it says so.
        self.estimate_bps: int | None = None
        self.audio_packets = self.audio_octets = 0
        self.video_packets = self.video_octets = self._octets_taken = 0

    def admit_audio(self, batch: Batch) -> bool:
        if not self._audio_started:
            self._audio_started = True
            self.audio.splice(batch.lowest)
        self.audio.sent(batch.highest)
        return True

    def admit_video(self, batch: Batch) -> bool:
        """Whether this subscriber gets the batch; from False on, a keyframe is wanted for it."""
        if self.generation != batch.generation:
            if not batch.starts_keyframe or batch.codec not in self.codecs:
                return False
            self.generation = batch.generation
            self.video.splice(batch.packets[0].index)
        self.video.sent(batch.highest)
        return True

    def take_sent_octets(self) -> int:
        """How much video was sent since the last call."""
        sent = self.video_octets - self._octets_taken
        self._octets_taken = self.video_octets
        return sent

    def write_rtx(self, packet: Packet, seq: int, now_s: float) -> bytes:
        """RFC 4588 4: the packet again, on the RTX stream. seq: the one it was sent with."""
        rtx_seq = self._rtx_seq
        self._rtx_seq = (rtx_seq + 1) & 0xFFFF
        return build_rtp(
            RTX_PAYLOAD_TYPES[packet.codec],
            rtx_seq,
            packet.rtp_ts,
            VIDEO_RTX_SSRC,
            seq.to_bytes(2, "big") + packet.payload,
            marker=packet.marker,
            extension=mid_and_send_time(MID_EXTENSION, VIDEO_MID, SEND_TIME_EXTENSION, now_s),
        )
