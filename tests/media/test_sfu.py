"""The SFU end to end: real ICE, DTLS and SRTP over loopback, with raw RTP instead of a codec."""

import asyncio
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from media import (
    CloseReason,
    DropReason,
    MediaRefused,
    PublisherConnected,
    PublisherLost,
    SubscriberClosed,
    SubscriberConnected,
    rtp,
)
from media.peer import Peer
from media.sdp import VIDEO_SSRC

if TYPE_CHECKING:
    from tests.media.conftest import Camera, Studio, Viewer


SPS, PPS, IDR, SLICE = b"\x67sps", b"\x68pps", b"\x65idr", b"\x41slice"


async def test_what_is_published_is_what_viewers_get(
    studio: "Studio", wait_until: Callable[..., Any]
) -> None:
    camera = await studio.publish()
    viewers = [await studio.watch() for _ in range(3)]
    camera.keyframe()
    sent = [b"\x41" + bytes([at]) * (1 + 97 * at % 1200) for at in range(50)]
    for at, payload in enumerate(sent):
        camera.video(payload, marker=at % 5 == 4)
        camera.audio(b"audio" + bytes([at]))
    for viewer in viewers:
        await wait_until(lambda viewer=viewer: len(viewer.packets) == 53 + 50)
        assert viewer.video() == [SPS, PPS, IDR, *sent]
        assert viewer.audio() == [b"audio" + bytes([at]) for at in range(50)]
        seqs = viewer.video_seqs()
        assert seqs == [(seqs[0] + at) & 0xFFFF for at in range(len(seqs))]
        assert seqs[0] < 0x8000
    assert not any(studio.sfu.stats().drops.values())


async def test_frames_are_not_shown_before_a_keyframe_but_audio_flows(studio: "Studio") -> None:
    camera = await studio.publish()
    camera.video(SLICE)
    viewer = await studio.watch()
    camera.video(SLICE)
    camera.audio(b"first")
    await viewer.has_audio(b"first")
    assert viewer.video() == []
    camera.keyframe()
    camera.video(SLICE)
    await viewer.has_video(SPS, PPS, IDR, SLICE)


async def test_a_viewer_who_joins_late_gets_the_running_group_of_pictures(studio: "Studio") -> None:
    camera = await studio.publish()
    early = await studio.watch()
    camera.keyframe()
    camera.video(b"\x41one")
    camera.video(b"\x41half a frame", marker=False)
    await early.has_video(b"\x41half a frame")
    late = await studio.watch()
    camera.video(b"\x41two")
    await late.has_video(SPS, PPS, IDR, b"\x41one", b"\x41half a frame", b"\x41two")
    await early.has_video(b"\x41half a frame", b"\x41two")
    seqs = late.video_seqs()
    assert seqs == list(range(seqs[0], seqs[0] + 6))


class Tap:
    """The server's socket, and the clear RTP headers of what leaves through it."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.numbers: list[tuple[int, int]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def _note(self, datagram: bytes) -> None:
        if datagram[0] >> 6 == 2 and not rtp.is_rtcp(datagram):
            packet = rtp.parse_rtp(datagram[:12] if datagram[0] == 0x80 else datagram[:24])
            self.numbers.append((packet.ssrc, packet.seq))

    def sendto(self, datagram: bytes, address: object) -> Any:
        self._note(bytes(datagram))
        return self._inner.sendto(datagram, address)

    def sendmsg(self, buffers: Any, ancillary: Any, flags: int, address: object) -> Any:
        whole = b"".join(buffers)
        size = int.from_bytes(ancillary[0][2], sys.byteorder) if ancillary else len(whole)
        for at in range(0, len(whole), size):
            self._note(whole[at : at + size])
        return self._inner.sendmsg(buffers, ancillary, flags, address)


async def test_no_number_is_used_twice_for_a_viewer_who_joins_within_a_frame(
    studio: "Studio", monkeypatch: pytest.MonkeyPatch, wait_until: Callable[..., Any]
) -> None:
    """The same number with another send time would be another text under the same SRTP nonce."""
    monkeypatch.setattr("media.sfu.FRAME_WAIT_S", 60.0)
    camera = await studio.publish()
    camera.keyframe()
    camera.video(b"\x41first half", marker=False)
    await wait_until(lambda: len(studio.sfu._sources["live"].batcher))
    tap = Tap(studio.sfu._mux._socket)
    monkeypatch.setattr(studio.sfu._mux, "_socket", tap)
    late = await studio.watch()
    camera.video(b"\x41second half")
    await late.has_video(SPS, PPS, IDR, b"\x41first half", b"\x41second half")
    assert len(tap.numbers) == len(set(tap.numbers)) == 5
    monkeypatch.undo()


async def test_many_joiners_and_losses_ask_the_camera_once(
    studio: "Studio", wait_until: Callable[..., Any]
) -> None:
    camera = await studio.publish()
    camera.video(SLICE)
    await wait_until(lambda: studio.sfu.stats().packets_in > 3)
    viewers = [await studio.watch() for _ in range(5)]
    for viewer in viewers:
        viewer.peer.send(rtp.build_picture_loss(1, VIDEO_SSRC))
    await wait_until(lambda: studio.sfu.stats().picture_losses_received == 5)
    await wait_until(lambda: camera.heard_of(rtp.PictureLoss))
    # Repeats while unanswered are few; five joins and five losses are not ten requests.
    assert studio.sfu.stats().keyframes_requested <= 3
    camera.keyframe()
    for viewer in viewers:
        await viewer.has_video(SPS, PPS, IDR)


async def test_a_lost_packet_is_fetched_from_the_camera(studio: "Studio") -> None:
    camera = await studio.publish()
    viewer = await studio.watch()
    camera.keyframe()
    camera.video(b"\x41lost", lost=True)
    camera.video(b"\x41after")
    await viewer.has_video(IDR, b"\x41after", b"\x41lost")
    seqs = viewer.video_seqs()
    assert seqs[-1] == seqs[-2] - 1
    assert camera.heard_of(rtp.Nack)


async def test_a_camera_that_never_repeats_is_asked_for_a_keyframe(
    studio: "Studio", wait_until: Callable[..., Any]
) -> None:
    camera = await studio.publish()
    camera.answers_nacks = False
    viewer = await studio.watch()
    camera.keyframe()
    await viewer.has_video(IDR)
    for _ in range(200):
        camera.video(SLICE, lost=True)
    camera.video(b"\x41after")
    await wait_until(lambda: camera.heard_of(rtp.PictureLoss))


async def test_a_viewers_nack_is_answered_from_the_ring(
    studio: "Studio", wait_until: Callable[..., Any]
) -> None:
    camera = await studio.publish()
    viewer = await studio.watch()
    camera.keyframe()
    camera.video(b"\x41wanted")
    await viewer.has_video(b"\x41wanted")
    seq = viewer.video_seqs()[-1]
    viewer.peer.send(rtp.build_nack(1, VIDEO_SSRC, [seq]))
    await wait_until(lambda: viewer.packets[-1].payload_type == 103)
    assert viewer.packets[-1].payload == seq.to_bytes(2, "big") + b"\x41wanted"

    viewer.peer.send(rtp.build_nack(1, VIDEO_SSRC, [seq]))
    viewer.peer.send(rtp.build_nack(1, VIDEO_SSRC, [(seq + 100) & 0xFFFF]))
    await wait_until(lambda: studio.sfu.stats().drops[DropReason.RESEND_REFUSED] == 2)
    assert studio.sfu.stats().resent == 1
    assert camera.heard_of(rtp.Nack) == []


async def test_viewers_stay_when_the_publisher_is_replaced(studio: "Studio") -> None:
    first = await studio.publish(peer_id="one")
    viewer = await studio.watch()
    first.keyframe(b"first")
    await viewer.has_video(IDR + b"first")
    second = await studio.publish(peer_id="two")
    await studio.event(PublisherConnected("live", "two"))
    second.video(b"\x41no keyframe yet")
    second.keyframe(b"second")
    await viewer.has_video(IDR + b"first", SPS, PPS, IDR + b"second")
    seqs = viewer.video_seqs()
    assert seqs == [seqs[0] + at for at in range(6)]
    stamps = [packet.rtp_ts for packet in viewer.packets]
    assert stamps == sorted(stamps) and stamps[-1] > stamps[2]
    assert studio.events[-2:] == [
        PublisherLost("live", "one", CloseReason.REPLACED),
        PublisherConnected("live", "two"),
    ]


async def test_an_unfinished_takeover_does_not_disturb_the_broadcast(studio: "Studio") -> None:
    camera = await studio.publish(peer_id="one")
    viewer = await studio.watch()
    hopeless = Peer()
    with pytest.raises(ConnectionError):
        await hopeless.publish(refuse_after(studio, "two"), timeout_s=5)
    camera.keyframe()
    await viewer.has_video(IDR)
    await studio.sfu.close("two")
    assert studio.events == [
        PublisherConnected("live", "one"),
        SubscriberConnected("live", viewer.peer_id),
    ]


def refuse_after(studio: "Studio", peer_id: str) -> Callable[[str], Any]:
    """Offer in earnest, then lose the answer."""

    async def exchange(offer: str) -> str:
        await studio.sfu.publish("live", peer_id, offer)
        raise ConnectionError

    return exchange


async def test_viewers_resume_when_a_lost_publisher_comes_back(studio: "Studio") -> None:
    camera = await studio.publish(peer_id="one")
    viewer = await studio.watch()
    camera.keyframe()
    await viewer.has_video(IDR)
    camera.peer.close()
    await studio.event(PublisherLost("live", "one", CloseReason.CLOSED_BY_PEER))
    again = await studio.publish(peer_id="one again")
    again.keyframe(b"again")
    await viewer.has_video(IDR, SPS, PPS, IDR + b"again")


async def test_a_viewer_that_vanishes_harms_nobody(open_studio: Callable[..., Any]) -> None:
    studio = await open_studio(consent_timeout_s=1.0)
    camera = await studio.publish()
    stays, vanishes = await studio.watch(), await studio.watch()
    camera.keyframe()
    await vanishes.has_video(IDR)
    vanishes.peer._close_socket()
    ping = asyncio.create_task(keep_checking(stays, camera))
    try:
        await studio.event(SubscriberClosed("live", vanishes.peer_id, CloseReason.CONSENT_EXPIRED))
    finally:
        ping.cancel()
    camera.video(b"\x41still here")
    await stays.has_video(b"\x41still here")


async def test_a_publisher_that_vanishes_is_told_of_sooner_than_a_viewer(
    open_studio: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media.sfu.PUBLISHER_CONSENT_S", 1.0)
    studio = await open_studio()
    camera = await studio.publish(peer_id="gone")
    viewer = await studio.watch()
    camera.peer._close_socket()
    await studio.event(PublisherLost("live", "gone", CloseReason.CONSENT_EXPIRED))
    assert studio.link_of(viewer).is_connected


async def keep_checking(viewer: "Viewer", camera: "Camera") -> None:
    """Connectivity checks in quick succession, so that a short consent time is enough."""
    while True:
        for peer in (viewer.peer, camera.peer):
            await peer._check()
        await asyncio.sleep(0.2)


async def test_a_viewer_whose_sending_fails_is_closed_alone(
    studio: "Studio", monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = await studio.publish()
    broken, sound = await studio.watch(), await studio.watch()
    camera.keyframe()
    await broken.has_video(IDR)

    def explode(batch: object) -> bool:
        raise RuntimeError("a fault in this viewer's state")

    [subscriber] = [
        s for s in studio.sfu._sources["live"].subscribers.values() if s.peer_id == broken.peer_id
    ]
    monkeypatch.setattr(type(subscriber.forwarder), "admit_audio", explode_for(subscriber, explode))
    camera.audio(b"sound")
    await sound.has_audio(b"sound")
    await studio.event(SubscriberClosed("live", broken.peer_id, CloseReason.FAILED))
    camera.video(b"\x41on")
    await sound.has_video(b"\x41on")


def explode_for(subscriber: Any, explode: Callable[[object], bool]) -> Callable[..., bool]:
    """Let one viewer's state fail and all others work."""
    forwarder = subscriber.forwarder
    sound = type(forwarder).admit_audio
    return lambda self, batch: explode(batch) if self is forwarder else sound(self, batch)


async def test_feedback_floods_are_cut_off(
    open_studio: Callable[..., Any], wait_until: Callable[..., Any]
) -> None:
    studio = await open_studio(max_rtcp_per_s=10)
    camera = await studio.publish()
    viewer = await studio.watch()
    for _ in range(200):
        viewer.peer.send(rtp.build_picture_loss(1, VIDEO_SSRC))
    await wait_until(lambda: studio.sfu.stats().drops[DropReason.FEEDBACK_OVER_LIMIT] > 100)
    camera.audio(b"goes on")
    await viewer.has_audio(b"goes on")


async def test_viewers_cannot_send_media(studio: "Studio", wait_until: Callable[..., Any]) -> None:
    await studio.publish()
    viewer = await studio.watch()
    viewer.peer.send(rtp.build_rtp(102, 1, 1, VIDEO_SSRC, SPS))
    await wait_until(lambda: studio.sfu.stats().drops[DropReason.NOT_PUBLISHER] == 1)


async def test_a_publisher_beyond_its_bitrate_is_cut_off(
    open_studio: Callable[..., Any], wait_until: Callable[..., Any]
) -> None:
    studio = await open_studio(max_bitrate_bps=100_000)
    camera = await studio.publish()
    for _ in range(100):
        camera.video(b"\x41" + bytes(1000))
    await wait_until(lambda: studio.sfu.stats().drops[DropReason.PUBLISHER_OVER_LIMIT] > 20)


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (bytes([0xA0, 102]) + bytes(20), DropReason.MALFORMED_RTP),
        (rtp.build_rtp(77, 1, 1, 1, b"x"), DropReason.UNKNOWN_PAYLOAD_TYPE),
        (rtp.build_rtp(102, 1, 1, 1, bytes(1310)), DropReason.TOO_LARGE),
        (bytes([0x80, 205, 0, 9]) + bytes(8), DropReason.MALFORMED_RTCP),
    ],
)
async def test_what_cannot_be_forwarded_is_dropped_and_counted(
    studio: "Studio", wait_until: Callable[..., Any], packet: bytes, reason: DropReason
) -> None:
    camera = await studio.publish()
    viewer = await studio.watch()
    camera.peer.send(packet)
    camera.audio(b"goes on")
    await viewer.has_audio(b"goes on")
    assert studio.sfu.stats().drops[reason] == 1


async def test_publishers_are_told_what_arrived_and_what_to_stay_below(
    studio: "Studio", wait_until: Callable[..., Any]
) -> None:
    camera = await studio.publish()
    await wait_until(lambda: camera.heard_of(rtp.BandwidthEstimate))
    # 18 bits of mantissa: within a thousandth below.
    assert 2_490_000 < camera.heard_of(rtp.BandwidthEstimate)[0].bitrate_bps <= 2_500_000
    camera.keyframe()
    camera.audio(b"x")
    reports = await wait_until(
        lambda: [report for report in camera.heard_of(rtp.ReceiverReport) if report.blocks]
    )
    assert {block.ssrc for block in reports[-1].blocks} == {
        camera.peer.video_ssrc,
        camera.peer.audio_ssrc,
    }


async def test_viewers_are_told_how_audio_and_video_belong_together(
    studio: "Studio", wait_until: Callable[..., Any]
) -> None:
    camera = await studio.publish()
    viewer = await studio.watch()
    camera.keyframe()
    camera.audio(b"x")
    await viewer.has_audio(b"x")
    # The publisher says: video timestamp 9000 and audio timestamp 48000 are the same moment.
    ntp = rtp.ntp_from_seconds(1_000_000.0)
    camera.peer.send(
        rtp.build_sender_report(rtp.SenderReport(camera.peer.video_ssrc, ntp, 9_000, 3, 9))
        + rtp.build_sender_report(rtp.SenderReport(camera.peer.audio_ssrc, ntp, 48_000, 1, 1))
    )
    reports = await wait_until(
        lambda: (
            len(found := [r for r in viewer.reports if isinstance(r, rtp.SenderReport)]) >= 2
            and found
        )
    )
    video = next(report for report in reports if report.ssrc == 2001)
    audio = next(report for report in reports if report.ssrc == 1001)
    assert video.ntp == audio.ntp
    # The camera's first packets had timestamps 0 and 960, the viewer's timeline starts at 0.
    since_video = (video.rtp_ts - 9_000) / 90_000
    since_audio = (audio.rtp_ts - (48_000 - 960)) / 48_000
    assert since_video == pytest.approx(since_audio, abs=0.001)
    assert (video.packets, video.octets) == (3, len(SPS + PPS + IDR))


async def test_a_viewer_moves_to_another_network(
    studio: "Studio", wait_until: Callable[..., Any]
) -> None:
    camera = await studio.publish()
    viewer = await studio.watch()
    camera.keyframe()
    await viewer.has_video(IDR)
    offer = await studio.sfu.restart(viewer.peer_id)
    await viewer.peer.restart(offer, lambda sdp: studio.sfu.answer(viewer.peer_id, sdp))
    camera.video(b"\x41after the move")
    await viewer.has_video(IDR, b"\x41after the move")
    assert studio.events.count(SubscriberConnected("live", viewer.peer_id)) == 1


async def test_the_end_of_a_source_closes_everybody(
    studio: "Studio", wait_until: Callable[..., Any]
) -> None:
    camera = await studio.publish(peer_id="camera")
    viewer = await studio.watch()
    studio.sfu.end_source("live")
    assert studio.events[-2:] == [
        PublisherLost("live", "camera", CloseReason.SOURCE_ENDED),
        SubscriberClosed("live", viewer.peer_id, CloseReason.SOURCE_ENDED),
    ]
    await wait_until(lambda: viewer.peer.closed.done() and camera.peer.closed.done())
    with pytest.raises(MediaRefused, match=r"media\.no_source"):
        await studio.sfu.watch("live", "late")


async def test_stopping_says_goodbye(
    open_studio: Callable[..., Any], wait_until: Callable[..., Any]
) -> None:
    studio = await open_studio()
    camera = await studio.publish(peer_id="camera")
    await studio.sfu.stop()
    await wait_until(camera.peer.closed.done)
    assert studio.events[-1] == PublisherLost("live", "camera", CloseReason.STOPPED)


async def test_a_viewer_who_never_answers_is_forgotten(open_studio: Callable[..., Any]) -> None:
    studio = await open_studio(setup_timeout_s=0.5)
    await studio.publish()
    await studio.sfu.watch("live", "silent")
    await studio.event(SubscriberClosed("live", "silent", CloseReason.SETUP_TIMEOUT))
    assert studio.sfu.stats().subscribers_connecting == 0


async def test_a_publisher_who_never_connects_leaves_no_source(
    open_studio: Callable[..., Any],
) -> None:
    studio = await open_studio(setup_timeout_s=0.5)
    peer = Peer()
    with pytest.raises(ConnectionError):
        await peer.publish(refuse_after(studio, "silent"))
    await studio.event(PublisherLost("live", "silent", CloseReason.SETUP_TIMEOUT))
    assert studio.sfu.stats().sources == 0


async def test_a_source_without_anybody_is_forgotten(
    studio: "Studio", wait_until: Callable[..., Any]
) -> None:
    camera = await studio.publish(peer_id="camera")
    viewer = await studio.watch()
    camera.keyframe()
    await viewer.has_video(IDR)
    await studio.sfu.close("camera")
    assert studio.sfu.stats().sources == 1, "the viewer waits for the next publisher"
    await studio.sfu.close(viewer.peer_id)
    assert studio.sfu.stats().sources == 0
    with pytest.raises(MediaRefused, match=r"media\.no_source"):
        await studio.sfu.watch("live", "late")


async def test_closing_a_viewer_twice_is_no_error(studio: "Studio") -> None:
    await studio.publish()
    viewer = await studio.watch()
    await studio.sfu.close(viewer.peer_id)
    await studio.sfu.close(viewer.peer_id)
    closed = SubscriberClosed("live", viewer.peer_id, CloseReason.CLOSED_HERE)
    assert studio.events.count(closed) == 1


async def refusal(coroutine: Any) -> str:
    with pytest.raises(MediaRefused) as caught:
        await coroutine
    assert caught.value.message.endswith(".")
    return caught.value.code


async def test_requests_that_cannot_be_served_are_refused(open_studio: Callable[..., Any]) -> None:
    studio = await open_studio(max_subscribers=1, max_sources=1)
    sfu = studio.sfu
    assert await refusal(sfu.watch("live", "v")) == "media.no_source"
    assert await refusal(sfu.answer("v", "v=0")) == "media.no_peer"
    assert await refusal(sfu.restart("v")) == "media.no_peer"
    assert await refusal(sfu.publish("live", "p", "nonsense")) == "media.bad_sdp"
    await studio.publish(peer_id="p")
    assert await refusal(sfu.restart("p")) == "media.no_peer"
    viewer = await studio.watch()
    assert await refusal(sfu.watch("live", "v2")) == "media.full"
    assert await refusal(sfu.answer(viewer.peer_id, "v=0")) == "media.bad_sdp"
    with pytest.raises(MediaRefused, match=r"media\.full") as caught:
        await studio.publish("another")
    assert caught.value.retry_after_s == 30.0


async def test_a_viewer_without_the_codec_is_told_so(studio: "Studio") -> None:
    await studio.publish()
    offer = await studio.sfu.watch("live", "v")
    peer = Peer()

    async def answer_without_h264(sdp: str) -> None:
        await studio.sfu.answer("v", sdp.replace("SAVPF 102 103 96 97", "SAVPF 96 97"))

    with pytest.raises(MediaRefused, match=r"media\.no_codec"):
        await peer.watch(offer, answer_without_h264)
    peer.close()
