"""Reports: what we tell a publisher about its packets, and subscribers about the common clock.

`Reception` keeps the figures of a receiver report for one track (RFC 3550 A.3 and A.8).

`SyncClock` keeps audio and video in step. A publisher's sender reports pair a moment of its own
clock with an RTP timestamp of each track. The first report of a publisher fixes how far its clock
is from ours, for both tracks together, so pairs keep their relation; from then on a subscriber can
be told, for any moment of our clock, which RTP timestamp belongs to it:

    publisher:   NTP 1000.0 s -> audio ts 48000     NTP 1000.5 s -> video ts 90000
    ours:        1000.0 s is 7.0 s here             (1000.5 s is 7.5 s)
    at 8.0 s:    audio 48000 + 1.0 * 48000          video 90000 + 0.5 * 90000
"""

from __future__ import annotations

from media.rtp import NTP_FRACTION, ReportBlock, SenderReport, ntp_from_seconds, ntp_middle

# A publisher whose clock seems this far from where its first report put it has jumped.
MAX_CLOCK_STEP_S = 1.0


class Reception:
    __slots__ = (
        "_expected_before",
        "_first",
        "_highest",
        "_jitter",
        "_last_sr",
        "_last_sr_s",
        "_received",
        "_received_before",
        "_transit",
        "clock_rate",
    )

    def __init__(self, clock_rate: int) -> None:
        self.clock_rate = clock_rate
        self._first: int | None = None
        self._highest = 0
        self._received = 0
        self._expected_before = 0
        self._received_before = 0
        self._jitter = 0.0
        self._transit: float | None = None
        self._last_sr = 0
        self._last_sr_s = 0.0

    def received(self, seq: int, rtp_ts: int, now_s: float) -> None:
        """seq: unwrapped."""
        if self._first is None:
            self._first = self._highest = seq
        self._received += 1
        if seq > self._highest:
            self._highest = seq
            self._note_jitter(rtp_ts, now_s)

    def _note_jitter(self, rtp_ts: int, now_s: float) -> None:
        transit = now_s * self.clock_rate - rtp_ts
        if self._transit is not None:
            difference = abs(transit - self._transit)
            # A wrap of the timestamp or a new timeline is not jitter.
            if difference < 10 * self.clock_rate:
                self._jitter += (difference - self._jitter) / 16
        self._transit = transit

    def reported(self, report: SenderReport, now_s: float) -> None:
        self._last_sr = ntp_middle(report.ntp)
        self._last_sr_s = now_s

    def block(self, ssrc: int, now_s: float) -> ReportBlock | None:
        """The report since the last call, or None while nothing has arrived."""
        if self._first is None:
            return None
        expected = self._highest - self._first + 1
        interval = expected - self._expected_before
        lost = interval - (self._received - self._received_before)
        self._expected_before = expected
        self._received_before = self._received
        return ReportBlock(
            ssrc=ssrc,
            fraction_lost=min(255, 256 * lost // interval) if interval and lost > 0 else 0,
            packets_lost=expected - self._received,
            highest_seq=self._highest & 0xFFFFFFFF,
            jitter=int(self._jitter),
            last_sr=self._last_sr,
            delay_since_last_sr=self._delay(now_s),
        )

    def _delay(self, now_s: float) -> int:
        return int((now_s - self._last_sr_s) * 65536) & 0xFFFFFFFF if self._last_sr else 0


class SyncClock:
    """The common clock of the tracks of one source. Seconds are of our monotonic clock."""

    __slots__ = ("_ahead_s", "_pairs")

    def __init__(self) -> None:
        # How far the publisher's clock is ahead of ours; None before its first report.
        self._ahead_s: float | None = None
        # kind -> (our seconds, RTP timestamp in the source's timeline)
        self._pairs: dict[str, tuple[float, int]] = {}

    def restart(self) -> None:
        """Another publisher with another clock takes over."""
        self._ahead_s = None
        self._pairs.clear()

    def reported(self, kind: str, ntp: int, rtp_ts: int, now_s: float) -> None:
        """rtp_ts: already in the source's timeline."""
        ntp_s = ntp / NTP_FRACTION
        if self._ahead_s is None or abs(ntp_s - self._ahead_s - now_s) > MAX_CLOCK_STEP_S:
            self._pairs.clear()
            self._ahead_s = ntp_s - now_s
        self._pairs[kind] = (ntp_s - self._ahead_s, rtp_ts)

    def rtp_ts(self, kind: str, clock_rate: int, now_s: float) -> int | None:
        """The timestamp of this moment in the track, or None before it was reported."""
        pair = self._pairs.get(kind)
        if pair is None:
            return None
        return (pair[1] + round((now_s - pair[0]) * clock_rate)) & 0xFFFFFFFF


def round_trip_s(block: ReportBlock, now_s: float) -> float | None:
    """RFC 3550 6.4.1: what a report block on our own sender report tells about the path.

    now_s: the clock that our sender reports carry. None when the block answers no report.
    """
    if not block.last_sr:
        return None
    now = ntp_middle(ntp_from_seconds(now_s))
    ticks = (now - block.last_sr - block.delay_since_last_sr) & 0xFFFFFFFF
    # Clocks that tick unevenly can make a tiny negative time, which wraps to a huge one.
    return ticks / 65536 if ticks < 0x80000000 else 0.0
