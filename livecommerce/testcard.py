"""The test card: a broadcast without a camera.

A portrait picture with a running clock and moving parts, and a soft chord, is drawn and encoded
once, kept in a cache directory, and published for ever in a loop through the ordinary ingest path.
It stands in for a phone: H264 constrained baseline and Opus, no B frames, below 1 Mbit/s.

The cache file is a JSON index and the encoded units one after the other. Its name carries a hash of
this file, so a changed card is encoded anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import os
import secrets
from array import array
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from media.keyframes import H264, OPUS
from media.packetize import packetize
from media.peer import Peer, PeerLost, SentPackets
from media.rtp import (
    MalformedPacket,
    Nack,
    SenderReport,
    build_rtp,
    build_sender_report,
    build_source_description,
    ntp_from_seconds,
    parse_rtcp,
)
from media.sdp import CLOCK_RATES, CNAME, PAYLOAD_TYPES, RTX_PAYLOAD_TYPES

WIDTH, HEIGHT = 576, 1024
FRAMES_PER_S = 25
LOOP_S = 30
FRAMES = LOOP_S * FRAMES_PER_S
# A second: a camera makes a keyframe for whoever joins, a recording cannot.
KEYFRAME_INTERVAL = 25
VIDEO_BITRATE_BPS = 1_000_000
AUDIO_BITRATE_BPS = 32_000
SAMPLE_RATE = 48_000
OPUS_FRAME_SAMPLES = 960
REPORT_INTERVAL_S = 1.0
# A loop that could not run for this long goes on from now instead of catching up.
MAX_LATENESS_S = 0.5

Rgb = tuple[int, int, int]

INK: Rgb = (250, 247, 242)
DIM: Rgb = (150, 146, 176)
ACCENT: Rgb = (255, 92, 92)
TOP: Rgb = (24, 18, 52)
BOTTOM: Rgb = (70, 24, 74)
# White, yellow, cyan, green, magenta, red, blue at 75 %: the order of falling luminance.
BARS: tuple[Rgb, ...] = (
    (191, 191, 191),
    (191, 191, 0),
    (0, 191, 191),
    (0, 191, 0),
    (191, 0, 191),
    (191, 0, 0),
    (0, 0, 191),
)
CENTRE = (WIDTH // 2, 430)
RING_RADIUS = 196
BARS_TOP, BARS_HEIGHT = 700, 64
WAVE_TOP, WAVE_HEIGHT = 790, 70


@dataclass(frozen=True, slots=True)
class Unit:
    """One encoded frame of either kind. at: since the start of the loop, in its own clock rate."""

    at: int
    data: bytes


@dataclass(frozen=True, slots=True)
class TestCard:
    """One loop: H264 access units in Annex B form, and Opus packets."""

    # pytest would take the name for a test.
    __test__ = False

    video: tuple[Unit, ...]
    audio: tuple[Unit, ...]


# -- preparing ----------------------------------------------------------------------------------


def prepare(cache_dir: Path, progress: Callable[[str], None]) -> TestCard:
    """The test card from the cache, or drawn and encoded now, which takes some seconds of CPU.

    progress is called with sentences for a person. Blocks: call it outside of an event loop, or in
    a thread.
    """
    version = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]
    path = cache_dir / f"testcard-{version}.bin"
    if path.exists():
        return _load(path)
    card = TestCard(_encode_video(progress), _encode_audio())
    cache_dir.mkdir(parents=True, exist_ok=True)
    _save(card, path)
    progress("Test card ready")
    return card


def _save(card: TestCard, path: Path) -> None:
    tracks = (card.video, card.audio)
    index = json.dumps([[(unit.at, len(unit.data)) for unit in track] for track in tracks]).encode()
    body = b"".join(unit.data for track in tracks for unit in track)
    # Written aside and renamed: a reader never sees half a file.
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_bytes(len(index).to_bytes(4, "big") + index + body)
    draft.replace(path)


def _load(path: Path) -> TestCard:
    content = path.read_bytes()
    at = 4 + int.from_bytes(content[:4], "big")
    tracks = []
    for entries in json.loads(content[4:at]):
        units = []
        for when, length in entries:
            units.append(Unit(when, content[at : at + length]))
            at += length
        tracks.append(tuple(units))
    return TestCard(*tracks)


def _encode_video(progress: Callable[[str], None]) -> tuple[Unit, ...]:
    encoder: Any = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height = WIDTH, HEIGHT
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, FRAMES_PER_S)
    encoder.framerate = Fraction(FRAMES_PER_S)
    encoder.bit_rate = VIDEO_BITRATE_BPS
    encoder.options = {
        "preset": "veryfast",
        "profile": "baseline",
        "level": "3.1",
        "x264-params": (
            f"keyint={KEYFRAME_INTERVAL}:min-keyint={KEYFRAME_INTERVAL}:scenecut=0:bframes=0:sliced-threads=0:"
            f"repeat-headers=1:annexb=1:colormatrix=bt709:vbv-maxrate={VIDEO_BITRATE_BPS // 1000}:"
            f"vbv-bufsize={VIDEO_BITRATE_BPS // 1000}:log-level=error"
        ),
    }
    units: list[Unit] = []
    draw = Scene()
    from_image: Any = av.VideoFrame.from_image
    for number in range(FRAMES):
        # Browsers take video without a word on its colours for BT.709.
        frame = from_image(draw.frame(number)).reformat(format="yuv420p", dst_colorspace="ITU709")
        frame.pts = number
        units.extend(_video_unit(packet) for packet in encoder.encode(frame))
        if number % (FRAMES // 10) == 0:
            progress(f"Drawing the test card: {100 * number // FRAMES} %")
    units.extend(_video_unit(packet) for packet in encoder.encode(None))
    return tuple(units)


def _video_unit(packet: Any) -> Unit:
    return Unit(int(packet.pts) * CLOCK_RATES["video"] // FRAMES_PER_S, bytes(packet))


def _encode_audio() -> tuple[Unit, ...]:
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate = SAMPLE_RATE
    encoder.layout = "stereo"
    encoder.format = "flt"
    encoder.bit_rate = AUDIO_BITRATE_BPS
    encoder.options = {"frame_duration": "20", "application": "audio"}
    second = tone()
    frame_bytes = OPUS_FRAME_SAMPLES * 2 * second.itemsize
    pcm = second.tobytes()
    count = LOOP_S * SAMPLE_RATE // OPUS_FRAME_SAMPLES
    data: list[bytes] = []
    for number in range(count + 1):
        at = number * frame_bytes % len(pcm)
        frame: Any = av.AudioFrame(format="flt", layout="stereo", samples=OPUS_FRAME_SAMPLES)
        frame.planes[0].update(pcm[at : at + frame_bytes])
        frame.sample_rate = SAMPLE_RATE
        frame.pts = number * OPUS_FRAME_SAMPLES
        data.extend(bytes(packet) for packet in encoder.encode(frame))
    return tuple(Unit(at * OPUS_FRAME_SAMPLES, unit) for at, unit in enumerate(data[:count]))


def tone() -> array[float]:
    """One second of a soft chord, plucked at its start: interleaved stereo samples, about -33 dBFS.

    Every frequency is whole, so that the second repeats without a seam.
    """
    samples = array("f")
    for number in range(SAMPLE_RATE):
        at_s = number / SAMPLE_RATE
        fade = min(1.0, at_s * 60, (1.0 - at_s) * 60)
        volume = 0.05 * fade * (0.35 + 0.65 * math.exp(-3.0 * at_s))
        for chord in ((220, 330, 440), (220, 277, 440)):
            samples.append(volume * sum(math.sin(2 * math.pi * hz * at_s) for hz in chord))
    return samples


# -- drawing ------------------------------------------------------------------------------------


class Scene:
    """Draws the frames. What does not move is drawn once; small moving parts are sprites."""

    def __init__(self) -> None:
        self._background = _background()
        self._clock_font = ImageFont.load_default(112)
        self._small_font = ImageFont.load_default(26)
        self._comet = _glow(34, INK, 9)
        self._lit = _glow(22, ACCENT, 6)
        self._ball = _glow(72, ACCENT, 24)
        self._clocks: dict[int, Image.Image] = {}

    def frame(self, number: int) -> Image.Image:
        picture = self._background.copy()
        seconds, part = divmod(number, FRAMES_PER_S)
        phase = number / FRAMES_PER_S
        self._draw_ring(picture, seconds, phase)
        self._draw_clock(picture, seconds)
        self._draw_wave(picture, phase)
        self._draw_ball(picture, phase)
        text = f"frame {part + 1:02d} / {FRAMES_PER_S}"
        ImageDraw.Draw(picture).text(
            (CENTRE[0], CENTRE[1] + 86), text, font=self._small_font, fill=DIM, anchor="mm"
        )
        return picture

    def _draw_ring(self, picture: Image.Image, seconds: int, phase: float) -> None:
        """One lamp a second, and a comet that goes round once a second."""
        for lamp in range(seconds + 1):
            _paste(picture, self._lit, *_on_ring(lamp / LOOP_S, RING_RADIUS))
        _paste(picture, self._comet, *_on_ring(phase % 1.0, RING_RADIUS - 36))

    def _draw_clock(self, picture: Image.Image, seconds: int) -> None:
        ImageDraw.Draw(picture).text(
            CENTRE,
            f"{seconds // 60:02d}:{seconds % 60:02d}",
            font=self._clock_font,
            fill=INK,
            anchor="mm",
        )

    def _draw_wave(self, picture: Image.Image, phase: float) -> None:
        """Bars that rise and fall; each has a whole number of periods in the loop."""
        pen = ImageDraw.Draw(picture)
        bars, gap = 24, 18
        left = (WIDTH - bars * gap) // 2
        for bar in range(bars):
            swing = math.sin(2 * math.pi * (phase * (1 + bar % 3) * 0.4 + bar / bars))
            height = round(WAVE_HEIGHT * (0.18 + 0.32 * (1 + swing)))
            x = left + bar * gap
            bottom = WAVE_TOP + WAVE_HEIGHT
            pen.rectangle((x, bottom - height, x + 9, bottom), fill=DIM)

    def _draw_ball(self, picture: Image.Image, phase: float) -> None:
        """Bounces along the colour bars and back; it jumps where a frame is lost."""
        along = 0.5 - 0.5 * math.cos(2 * math.pi * phase / 5)
        bounce = abs(math.sin(2 * math.pi * phase * 0.6))
        x = round(70 + along * (WIDTH - 140))
        _paste(picture, self._ball, x, BARS_TOP - 26 - round(40 * bounce))


def _background() -> Image.Image:
    """Everything that stands still."""
    shade = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
    size = (WIDTH, HEIGHT)
    picture = Image.composite(Image.new("RGB", size, BOTTOM), Image.new("RGB", size, TOP), shade)
    pen = ImageDraw.Draw(picture)
    pen.text(
        (CENTRE[0], 128), "livecommerce", font=ImageFont.load_default(58), fill=INK, anchor="mm"
    )
    pen.text(
        (CENTRE[0], 178), "TEST CARD", font=ImageFont.load_default(24), fill=ACCENT, anchor="mm"
    )
    lamp = _glow(22, (86, 70, 120), 4)
    for at in range(LOOP_S):
        _paste(picture, lamp, *_on_ring(at / LOOP_S, RING_RADIUS))
    width = (WIDTH - 96) / len(BARS)
    for at, colour in enumerate(BARS):
        left, right = round(48 + at * width), round(48 + (at + 1) * width) - 1
        pen.rectangle((left, BARS_TOP, right, BARS_TOP + BARS_HEIGHT), fill=colour)
    return picture


def _on_ring(turn: float, radius: int) -> tuple[int, int]:
    """A point on the ring, turn 0 at twelve o'clock, clockwise."""
    angle = 2 * math.pi * (turn - 0.25)
    return (
        round(CENTRE[0] + radius * math.cos(angle)),
        round(CENTRE[1] + radius * math.sin(angle)),
    )


def _glow(size: int, colour: Rgb, radius: int) -> Image.Image:
    """A smooth disc: drawn four times as large and scaled down."""
    scale = 4
    mask = Image.new("L", (size * scale, size * scale))
    middle = size * scale / 2
    pen = ImageDraw.Draw(mask)
    reach = radius * scale
    pen.ellipse((middle - reach, middle - reach, middle + reach, middle + reach), fill=255)
    mask = mask.resize((size, size), Image.Resampling.LANCZOS)
    halo = mask.filter(ImageFilter.GaussianBlur(size / 10)).point(lambda value: value // 2)
    sprite = Image.new("RGBA", (size, size), (*colour, 0))
    sprite.putalpha(ImageChops.lighter(mask, halo))
    return sprite


def _paste(picture: Image.Image, sprite: Image.Image, x: int, y: int) -> None:
    picture.paste(sprite, (x - sprite.width // 2, y - sprite.height // 2), sprite)


# -- broadcasting -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Moment:
    """What is due at one point of the loop, ready to be sent."""

    at_s: float
    kind: str
    rtp_ts: int
    payloads: tuple[bytes, ...]


def _moments(card: TestCard) -> list[_Moment]:
    found = [
        _Moment(unit.at / CLOCK_RATES["video"], "video", unit.at, tuple(packetize(unit.data)))
        for unit in card.video
    ]
    found += [
        _Moment(unit.at / CLOCK_RATES["audio"], "audio", unit.at, (unit.data,))
        for unit in card.audio
    ]
    return sorted(found, key=lambda moment: moment.at_s)


class _Stream:
    """One kind of media on its way: sequence numbers, timestamps and counts over all loops."""

    def __init__(self, kind: str, codec: str, ssrc: int) -> None:
        self._clock_rate = CLOCK_RATES[kind]
        self._payload_type = PAYLOAD_TYPES[codec]
        self._seq = secrets.randbits(15)
        self._ts_base = secrets.randbits(32)
        self._audio = kind == "audio"
        self.ssrc = ssrc
        self.packets = self.octets = 0

    def write(self, moment: _Moment, loops: int) -> Iterator[bytes]:
        rtp_ts = self._ts_base + moment.rtp_ts + loops * LOOP_S * self._clock_rate
        last = len(moment.payloads) - 1
        for at, payload in enumerate(moment.payloads):
            # The marker ends a frame of video; in audio it starts a talk spurt (RFC 3551 4.1).
            marker = at == last and not self._audio
            yield build_rtp(
                self._payload_type,
                self._seq,
                rtp_ts & 0xFFFFFFFF,
                self.ssrc,
                payload,
                marker=marker,
            )
            self._seq = (self._seq + 1) & 0xFFFF
            self.packets += 1
            self.octets += len(payload)

    def report(self, now_s: float, elapsed_s: float) -> bytes:
        """elapsed_s: since the first loop began."""
        rtp_ts = (self._ts_base + round(elapsed_s * self._clock_rate)) & 0xFFFFFFFF
        ntp = ntp_from_seconds(now_s)
        return build_sender_report(
            SenderReport(
                self.ssrc, ntp, rtp_ts, self.packets & 0xFFFFFFFF, self.octets & 0xFFFFFFFF
            )
        )


async def broadcast(
    card: TestCard, publish: Callable[[str], Awaitable[str]], stopped: asyncio.Event
) -> None:
    """Publish the card until stopped is set.

    publish takes the offer to the server and brings its answer; what it raises comes out here.
    Raises PeerLost (a ConnectionError) when the connection cannot be made or is lost: call again.
    """
    peer = Peer()
    sent = SentPackets(RTX_PAYLOAD_TYPES[H264], peer.rtx_ssrc)
    peer.on_rtcp = lambda packet: _answer_nacks(peer, sent, packet)
    try:
        await peer.publish(publish)
        await _send_for_ever(card, peer, sent, stopped)
    finally:
        peer.close()


def _answer_nacks(peer: Peer, sent: SentPackets, data: bytes) -> None:
    try:
        packets = parse_rtcp(data)
    except MalformedPacket:
        return
    for packet in packets:
        if isinstance(packet, Nack):
            for seq in packet.seqs:
                again = sent.again(seq)
                if again is not None:
                    peer.send(again)


async def _send_for_ever(
    card: TestCard, peer: Peer, sent: SentPackets, stopped: asyncio.Event
) -> None:
    loop = asyncio.get_running_loop()
    streams = {
        "video": _Stream("video", H264, peer.video_ssrc),
        "audio": _Stream("audio", OPUS, peer.audio_ssrc),
    }
    moments = _moments(card)
    start_s = loop.time()
    reported_s = 0.0
    loops = 0
    while True:
        for moment in moments:
            due_s = start_s + loops * LOOP_S + moment.at_s
            if await _sleep_until(due_s, stopped, peer):
                return
            now_s = loop.time()
            if now_s - due_s > MAX_LATENESS_S:
                start_s += now_s - due_s
            stream = streams[moment.kind]
            for packet in stream.write(moment, loops):
                if moment.kind == "video":
                    sent.keep(packet)
                peer.send(packet)
            if now_s - reported_s >= REPORT_INTERVAL_S:
                reported_s = now_s
                for one in streams.values():
                    description = build_source_description([one.ssrc], CNAME)
                    peer.send(one.report(now_s, now_s - start_s) + description)
        loops += 1


async def _sleep_until(due_s: float, stopped: asyncio.Event, peer: Peer) -> bool:
    """Whether to stop; raises PeerLost when the connection is over."""
    pause_s = due_s - asyncio.get_running_loop().time()
    if pause_s > 0:
        await asyncio.sleep(pause_s)
    if peer.closed.done():
        raise PeerLost(peer.closed.result())
    return stopped.is_set()
