"""An SFU on loopback, and peers that really connect to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from typing import Any, TypeVar

import pytest

from livecommerce.testcard import TestCard, prepare
from media import Sfu, SfuConfig, SfuEvent
from media.peer import Peer, SentPackets
from media.rtp import MalformedPacket, Nack, Rtcp, RtpPacket, build_rtp, parse_rtcp, parse_rtp
from media.transport import Certificate

T = TypeVar("T")

CERTIFICATE = Certificate.generateCertificate()
SPS, PPS, IDR, SLICE = b"\x67sps", b"\x68pps", b"\x65idr", b"\x41slice"


async def eventually(condition: Callable[[], T], timeout_s: float = 10.0) -> T:
    """Wait until the condition gives something true; that."""
    async with asyncio.timeout(timeout_s):
        while not (found := condition()):
            await asyncio.sleep(0.005)
        return found


class Camera:
    """A publishing peer. Frames are one packet unless told otherwise; NACKs are answered by RTX."""

    def __init__(self) -> None:
        self.peer = Peer(CERTIFICATE, on_rtcp=self._rtcp)
        self.heard: list[Rtcp] = []
        self.seq = 65_530
        self.rtp_ts = 0
        self.audio_seq = 0
        self.answers_nacks = True
        self._sent = SentPackets(103, self.peer.rtx_ssrc)

    def _rtcp(self, data: bytes) -> None:
        packets = parse_rtcp(data)
        self.heard += packets
        for packet in packets:
            if isinstance(packet, Nack) and self.answers_nacks:
                for seq in packet.seqs:
                    again = self._sent.again(seq)
                    if again is not None:
                        self.peer.send(again)

    def heard_of(self, kind: type[T]) -> list[T]:
        return [packet for packet in self.heard if isinstance(packet, kind)]

    def video(self, payload: bytes, *, marker: bool = True, lost: bool = False) -> None:
        """The next video packet; a lost one is not sent, but can be asked for."""
        packet = build_rtp(102, self.seq, self.rtp_ts, self.peer.video_ssrc, payload, marker=marker)
        self.seq = (self.seq + 1) & 0xFFFF
        if marker:
            self.rtp_ts += 3000
        self._sent.keep(packet)
        if not lost:
            self.peer.send(packet)

    def keyframe(self, text: bytes = b"") -> None:
        self.video(SPS, marker=False)
        self.video(PPS, marker=False)
        self.video(IDR + text)

    def audio(self, payload: bytes) -> None:
        self.audio_seq += 1
        self.peer.send(
            build_rtp(111, self.audio_seq, self.audio_seq * 960, self.peer.audio_ssrc, payload)
        )


class Viewer:
    """A watching peer that keeps what it gets."""

    def __init__(self, peer_id: str) -> None:
        self.peer_id = peer_id
        self.peer = Peer(CERTIFICATE, on_rtp=self._rtp, on_rtcp=self._rtcp)
        self.packets: list[RtpPacket] = []
        self.raw: list[bytes] = []
        self.reports: list[Rtcp] = []

    def _rtp(self, data: bytes) -> None:
        self.raw.append(data)
        self.packets.append(parse_rtp(data))

    def _rtcp(self, data: bytes) -> None:
        try:
            self.reports += parse_rtcp(data)
        except MalformedPacket as error:
            raise AssertionError("the server sent damaged RTCP") from error

    def video(self) -> list[bytes]:
        return [packet.payload for packet in self.packets if packet.payload_type in (96, 102)]

    def audio(self) -> list[bytes]:
        return [packet.payload for packet in self.packets if packet.payload_type == 111]

    def video_seqs(self) -> list[int]:
        return [packet.seq for packet in self.packets if packet.payload_type == 102]

    async def has_video(self, *payloads: bytes) -> None:
        """Wait until the last video packets are these."""
        await eventually(lambda: self.video()[-len(payloads) :] == list(payloads))

    async def has_audio(self, payload: bytes) -> None:
        await eventually(lambda: self.audio()[-1:] == [payload])


class Studio:
    """An SFU with the peers made in one test."""

    def __init__(self, **settings: Any) -> None:
        self.events: list[SfuEvent] = []
        self.sfu = Sfu(SfuConfig(**settings), self.events.append)
        self.port = 0
        self._ids = count(1)
        self._peers: list[Peer] = []

    async def publish(self, source: str = "live", peer_id: str | None = None) -> Camera:
        camera = Camera()
        self._peers.append(camera.peer)
        name = peer_id or f"camera-{next(self._ids)}"
        await camera.peer.publish(lambda offer: self.sfu.publish(source, name, offer))
        return camera

    async def watch(self, source: str = "live") -> Viewer:
        viewer = Viewer(f"viewer-{next(self._ids)}")
        self._peers.append(viewer.peer)
        offer = await self.sfu.watch(source, viewer.peer_id)
        await viewer.peer.watch(offer, lambda sdp: self.sfu.answer(viewer.peer_id, sdp))
        return viewer

    def link_of(self, viewer: Viewer) -> Any:
        """The server's end of the viewer's connection."""
        return self.sfu._peers[viewer.peer_id].link

    async def event(self, event: SfuEvent) -> None:
        await eventually(lambda: event in self.events)

    async def close(self) -> None:
        for peer in self._peers:
            peer.close()
        await self.sfu.stop()


@pytest.fixture
async def open_studio() -> AsyncIterator[Callable[..., Awaitable[Studio]]]:
    """Starts SFUs with settings of the test's choice."""
    opened: list[Studio] = []

    async def open_(**settings: Any) -> Studio:
        studio = Studio(**settings)
        opened.append(studio)
        studio.port = await studio.sfu.start()
        return studio

    yield open_
    for studio in opened:
        await studio.close()


@pytest.fixture
async def studio(open_studio: Callable[..., Awaitable[Studio]]) -> Studio:
    return await open_studio()


@pytest.fixture
def wait_until() -> Callable[..., object]:
    return eventually


@pytest.fixture(scope="session")
def card(tmp_path_factory: pytest.TempPathFactory) -> TestCard:
    """The test card, encoded once for the whole run."""
    return prepare(tmp_path_factory.mktemp("testcard"), lambda sentence: None)
