"""Keyframes: recognising where one starts, and asking a publisher for one.

Asking is owned by one place per source. Joins, picture losses of subscribers and given-up gaps all
end here, because a publisher that answers every wish separately spends its bitrate on keyframes
(1.7 a second have been seen to drop a call from 29 to 11 frames a second). So wishes are
coalesced: at most one request per interval, repeated while no keyframe has come.
"""

from __future__ import annotations

H264, VP8, OPUS = "H264", "VP8", "opus"

NAL_IDR, NAL_SPS, NAL_PPS, NAL_STAP_A, NAL_FU_A = 5, 7, 8, 24, 28


def h264_units(payload: bytes) -> list[bytes]:
    """The NAL units that begin in an RTP payload (RFC 6184), each with its own header byte.

    A starting FU-A fragment gives a unit of which only the header byte is meaningful; a later
    fragment begins none. Damaged aggregates give what could be read.
    """
    if not payload:
        return []
    kind = payload[0] & 0x1F
    if kind == NAL_STAP_A:
        return _aggregated_units(payload)
    if kind == NAL_FU_A:
        if len(payload) < 2 or not payload[1] & 0x80:
            return []
        return [bytes((payload[0] & 0xE0 | payload[1] & 0x1F,))]
    return [payload]


def _aggregated_units(payload: bytes) -> list[bytes]:
    units = []
    at = 1
    while at + 2 < len(payload):
        length = int.from_bytes(payload[at : at + 2], "big")
        if length == 0 or at + 2 + length > len(payload):
            break
        units.append(payload[at + 2 : at + 2 + length])
        at += 2 + length
    return units


def aggregate(units: list[bytes]) -> bytes:
    """Small NAL units as one STAP-A payload."""
    importance = max(unit[0] & 0x60 for unit in units)
    body = b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)
    return bytes((importance | NAL_STAP_A,)) + body


def vp8_starts_keyframe(payload: bytes) -> bool:
    """RFC 7741 4.2: first packet of the first partition of a frame whose P bit is 0."""
    if not payload or payload[0] & 0x10 == 0 or payload[0] & 0x07:
        return False
    at = 1
    if payload[0] & 0x80:
        if len(payload) < 2:
            return False
        flags = payload[1]
        at = 2
        if flags & 0x80:
            at += 2 if len(payload) > 2 and payload[2] & 0x80 else 1
        at += bool(flags & 0x40) + bool(flags & 0x30)
    return len(payload) > at and payload[at] & 1 == 0


class ParameterSets:
    """The SPS and PPS last seen in an H264 track, and whether a keyframe needs them repeated.

    Browsers send them before each IDR; other senders may send them once. A decoder that joins
    later can start only at an IDR that they precede.
    """

    __slots__ = ("_last_ts", "_pps", "_sps", "_started_ts")

    def __init__(self) -> None:
        self._sps: bytes | None = None
        self._pps: bytes | None = None
        self._last_ts: int | None = None
        self._started_ts: int | None = None

    def observe(self, payload: bytes, rtp_ts: int) -> tuple[bool, bytes | None]:
        """Whether a keyframe starts with this payload, and a payload to put before it if needed."""
        units = h264_units(payload)
        kinds = {unit[0] & 0x1F for unit in units}
        self._remember(units)
        if NAL_SPS in kinds:
            self._last_ts = rtp_ts
            return self._start(rtp_ts), None
        if NAL_IDR not in kinds or self._last_ts == rtp_ts:
            return False, None
        if self._sps is None or self._pps is None:
            return False, None
        self._last_ts = rtp_ts
        return self._start(rtp_ts), aggregate([self._sps, self._pps])

    def _start(self, rtp_ts: int) -> bool:
        """Several packets of one keyframe qualify; only the first one starts it."""
        if self._started_ts == rtp_ts:
            return False
        self._started_ts = rtp_ts
        return True

    def _remember(self, units: list[bytes]) -> None:
        for unit in units:
            # A fragment's unit is its header byte alone and is of no use later.
            if len(unit) > 1:
                kind = unit[0] & 0x1F
                if kind == NAL_SPS:
                    self._sps = unit
                elif kind == NAL_PPS:
                    self._pps = unit


class KeyframeRequests:
    """When to send a PLI for one source. All times are seconds on one monotonic clock."""

    __slots__ = ("_answered", "_asked_s", "_repeat_s", "_wanted", "first_repeat_s", "interval_s")

    def __init__(self, interval_s: float = 1.0, first_repeat_s: float = 0.2) -> None:
        """interval_s: least time between a request that was answered and the next one.
        first_repeat_s: about two round trips; an unanswered request is sent again after it, then
        after twice that and so on up to interval_s, because a request may be lost, and because
        some encoders never answer and must not be shouted at."""
        self.interval_s = interval_s
        self.first_repeat_s = first_repeat_s
        self._repeat_s = first_repeat_s
        self._wanted = False
        self._answered = True
        self._asked_s: float | None = None

    @property
    def wanted(self) -> bool:
        return self._wanted

    def want(self) -> None:
        self._wanted = True

    def seen(self) -> None:
        """A keyframe started; whoever waited is served by it."""
        self._wanted = False
        self._answered = True

    def due(self, now_s: float) -> bool:
        """Whether to send a request now; True counts as sent."""
        if not self._wanted:
            return False
        pause_s = self.interval_s if self._answered else self._repeat_s
        if self._asked_s is not None and now_s - self._asked_s < pause_s:
            return False
        first = self._answered
        self._repeat_s = self.first_repeat_s if first else min(2 * self._repeat_s, self.interval_s)
        self._answered = False
        self._asked_s = now_s
        return True
