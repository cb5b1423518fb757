"""The SFU: sources, their publishers and subscribers, and the loops that move packets between them.

A shell. What to do with a packet is decided in media.source, media.forwarder, media.nack,
media.keyframes and media.reports; here the answers are carried out. Everything that happens per
packet is a plain function, so nothing can interleave with it.

One subscriber's trouble is that subscriber's alone: each is sent to under its own guard, and one
whose sending raises is closed after the fan-out, not during it.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable
from typing import TypeVar

from media import rtp, sdp
from media.contract import (
    CloseReason,
    DropReason,
    MediaRefused,
    PublisherConnected,
    PublisherLost,
    SfuConfig,
    SfuEvent,
    SfuStats,
    SubscriberClosed,
    SubscriberConnected,
)
from media.forwarder import Forwarder, write_audio, write_video
from media.history import Packet
from media.keyframes import KeyframeRequests
from media.reports import SyncClock, round_trip_s
from media.sdp import AUDIO, VIDEO, Incoming
from media.source import MAX_PAYLOAD_BYTES, Batch, Batcher, Track, unwrap_rtx
from media.transport import Certificate, Link, UdpMux, own_addresses

logger = logging.getLogger(__name__)

Read = TypeVar("Read")

# How long a frame may gather before what is there is sent on. A browser paces a frame's packets
# over a few milliseconds, a large keyframe over several times this.
FRAME_WAIT_S = 0.004
REPAIR_TICK_S = 0.02
KEYFRAME_TICK_S = 0.1
REPORT_INTERVAL_S = 1.0
# A publisher that is gone is told of sooner than RFC 7675 asks for: everybody sees its last frame
# stand still meanwhile. Browsers check every 2.5 to 5 s; ours publishes again after 8 s anyway.
PUBLISHER_CONSENT_S = 10.0


class Source:
    """What one broadcast is: its tracks live on while publishers and subscribers come and go."""

    def __init__(self, source_id: str, keyframe_interval_s: float) -> None:
        self.source_id = source_id
        self.tracks = {kind: Track(rate) for kind, rate in sdp.CLOCK_RATES.items()}
        self.clock = SyncClock()
        self.keyframes = KeyframeRequests(keyframe_interval_s)
        self.batcher = Batcher()
        self.flush_timer: asyncio.TimerHandle | None = None
        self.repair_timer: asyncio.TimerHandle | None = None
        # The one whose packets are forwarded; others may be connecting to take its place.
        self.publisher: Publisher | None = None
        self.subscribers: dict[str, Subscriber] = {}
        # What is or was last published, for subscribers that cannot decode it.
        self.video_codec: str | None = None

    def cancel_timers(self) -> None:
        for timer in (self.flush_timer, self.repair_timer):
            if timer is not None:
                timer.cancel()
        self.flush_timer = self.repair_timer = None


class Publisher:
    """A peer that sends a source's packets."""

    def __init__(self, sfu: Sfu, source: Source, peer_id: str, offer: sdp.PublisherOffer) -> None:
        self._sfu = sfu
        self.source = source
        self.peer_id = peer_id
        self.payload_types: dict[int, Incoming] = offer.payload_types
        self.video_codec = offer.video_codec
        self.link: Link = sfu.new_link(
            self,
            rtp_per_s=sfu.config.max_packets_per_s,
            consent_timeout_s=min(PUBLISHER_CONSENT_S, sfu.config.consent_timeout_s),
        )
        self.bytes_left = 0
        self.refill()

    def refill(self) -> None:
        self.bytes_left = 4 * self._sfu.config.max_bitrate_bps // 8

    def connected(self) -> None:
        self._sfu.publisher_connected(self)

    def lost(self, reason: CloseReason) -> None:
        self._sfu.publisher_lost(self, reason)

    def rtp_received(self, packet: bytes, now_s: float) -> None:
        self._sfu.publisher_rtp(self, packet, now_s)

    def rtcp_received(self, packet: bytes, now_s: float) -> None:
        self._sfu.publisher_rtcp(self, packet, now_s)


class Subscriber:
    """A peer that is sent a source's packets."""

    def __init__(self, sfu: Sfu, source: Source, peer_id: str) -> None:
        self._sfu = sfu
        self.source = source
        self.peer_id = peer_id
        # 15 bits: see media.sequence on the rollover counter.
        self.forwarder = Forwarder(
            (secrets.randbits(15), secrets.randbits(15), secrets.randbits(15))
        )
        self.link: Link = sfu.new_link(
            self, rtp_per_s=0, consent_timeout_s=sfu.config.consent_timeout_s
        )
        self.version = 1

    def connected(self) -> None:
        self._sfu.subscriber_connected(self)

    def lost(self, reason: CloseReason) -> None:
        self._sfu.subscriber_lost(self, reason)

    def rtp_received(self, packet: bytes, now_s: float) -> None:
        raise AssertionError("a subscriber's link accepts no RTP")

    def rtcp_received(self, packet: bytes, now_s: float) -> None:
        self._sfu.subscriber_rtcp(self, packet, now_s)


class Sfu:
    """One media server on one UDP port. Use from one event loop.

    on_event is called from within the loop, in the order in which things happen; it must not
    block, and must not call back into the Sfu.
    """

    def __init__(self, config: SfuConfig, on_event: Callable[[SfuEvent], None]) -> None:
        self.config = config
        self._on_event = on_event
        self._mux = UdpMux(Certificate.generateCertificate(), setup_s=config.setup_timeout_s)
        self._addresses: tuple[tuple[str, int], ...] = ()
        self._sources: dict[str, Source] = {}
        self._peers: dict[str, Publisher | Subscriber] = {}
        self._reporting: asyncio.Task[None] | None = None
        self._counts = dict.fromkeys(
            ("joins", "resent", "nacks_sent", "nacks_received", "picture_losses_received",
             "keyframes_requested", "keyframes"),
            0,
        )  # fmt: skip

    # -- life

    async def start(self) -> int:
        """Bind the socket; returns its port. Raises OSError when the port is taken."""
        host, port = self._mux.open(self.config.host, self.config.port)
        hosts = own_addresses(host, self.config.announce)
        self._addresses = tuple((host, port) for host in hosts)
        self._reporting = asyncio.create_task(self._report_for_ever(), name="media reports")
        return port

    async def stop(self) -> None:
        """Say goodbye to every peer and close the socket."""
        for peer in list(self._peers.values()):
            self._lose(peer, CloseReason.STOPPED)
        for source in self._sources.values():
            source.cancel_timers()
        self._sources.clear()
        if self._reporting is not None:
            self._reporting.cancel()
            await asyncio.wait([self._reporting])
            self._reporting = None
        self._mux.close()

    # -- requests

    async def publish(self, source_id: str, peer_id: str, offer_sdp: str) -> str:
        """The answer to a publisher's offer.

        The publisher takes over the source once it is connected; until then an earlier one goes
        on. Subscribers stay attached. Refuses media.bad_sdp, media.no_codec, media.full.
        """
        offer = _read(sdp.read_publisher_offer, offer_sdp)
        self._replace_peer(peer_id)
        source = self._open_source(source_id)
        publisher = Publisher(self, source, peer_id, offer)
        self._peers[peer_id] = publisher
        publisher.link.set_remote(
            offer.remote.fingerprints, is_client=offer.remote.setup == "passive"
        )
        local = self._local(
            publisher.link, "active" if offer.remote.setup == "passive" else "passive"
        )
        return sdp.write_publisher_answer(offer, local, self.config.max_bitrate_bps)

    async def watch(self, source_id: str, peer_id: str) -> str:
        """The offer for a new subscriber. Refuses media.no_source when nobody publishes the source
        or waits for it, and media.full."""
        self._replace_peer(peer_id)
        source = self._sources.get(source_id)
        if source is None:
            raise MediaRefused("media.no_source", "This session has no video yet.", 2.0)
        if sum(len(s.subscribers) for s in self._sources.values()) >= self.config.max_subscribers:
            raise MediaRefused("media.full", "This session has no room for more viewers.", 5.0)
        subscriber = Subscriber(self, source, peer_id)
        self._peers[peer_id] = subscriber
        source.subscribers[peer_id] = subscriber
        # A picture is asked for now, so that it is on its way when the handshake is done.
        if not source.tracks[VIDEO].replay(self._now_s()):
            self._want_keyframe(source)
        return sdp.write_subscriber_offer(self._local(subscriber.link, "actpass"))

    async def answer(self, peer_id: str, answer_sdp: str) -> None:
        """A subscriber's answer to the offer of watch or restart.

        Refuses media.no_peer, media.bad_sdp and media.no_codec; the subscriber then stays
        unconnected until it answers properly or its setup time is over.
        """
        subscriber = self._subscriber(peer_id)
        remote, codecs = _read(sdp.read_subscriber_answer, answer_sdp)
        needed = subscriber.source.video_codec
        if not codecs or (needed is not None and needed not in codecs):
            raise MediaRefused("media.no_codec", "This browser cannot play the session's video.")
        if remote.setup == "actpass":
            raise MediaRefused("media.bad_sdp", "The answer names no DTLS role.")
        subscriber.forwarder.codecs = codecs
        subscriber.link.set_remote(remote.fingerprints, is_client=remote.setup == "passive")

    async def restart(self, peer_id: str) -> str:
        """An offer with new ICE credentials for the same subscriber, for when its network changed.

        The handshake is not repeated and nothing is lost but what the network lost.
        """
        subscriber = self._subscriber(peer_id)
        subscriber.link.restart()
        subscriber.version += 1
        return sdp.write_subscriber_offer(
            self._local(subscriber.link, "actpass", subscriber.version)
        )

    async def close(self, peer_id: str) -> None:
        """Let a peer go. A peer that is not there is no error."""
        peer = self._peers.get(peer_id)
        if peer is not None:
            self._lose(peer, CloseReason.CLOSED_HERE)

    def end_source(self, source_id: str) -> None:
        """The broadcast is over: its publisher and all its subscribers are closed."""
        source = self._sources.pop(source_id, None)
        if source is None:
            return
        for peer in [peer for peer in self._peers.values() if peer.source is source]:
            self._lose(peer, CloseReason.SOURCE_ENDED)
        source.cancel_timers()

    def stats(self) -> SfuStats:
        publishers = [p for p in self._peers.values() if isinstance(p, Publisher)]
        subscribers = [p for p in self._peers.values() if isinstance(p, Subscriber)]
        connected = sum(subscriber.link.is_connected for subscriber in subscribers)
        return SfuStats(
            sources=len(self._sources),
            publishers=sum(publisher.link.is_connected for publisher in publishers),
            subscribers=connected,
            subscribers_connecting=len(subscribers) - connected,
            packets_in=self._mux.packets_in,
            bytes_in=self._mux.bytes_in,
            packets_out=self._mux.packets_out,
            bytes_out=self._mux.bytes_out,
            drops=dict(self._mux.drops),
            **self._counts,
        )

    def _subscriber(self, peer_id: str) -> Subscriber:
        peer = self._peers.get(peer_id)
        if not isinstance(peer, Subscriber):
            raise MediaRefused("media.no_peer", "This connection is over; please join again.")
        return peer

    def new_link(
        self, owner: Publisher | Subscriber, *, rtp_per_s: int, consent_timeout_s: float
    ) -> Link:
        return Link(
            self._mux,
            owner,
            rtp_per_s=rtp_per_s,
            rtcp_per_s=self.config.max_rtcp_per_s,
            consent_timeout_s=consent_timeout_s,
            now_s=self._now_s(),
        )

    def _local(self, link: Link, setup: str, version: int = 1) -> sdp.Local:
        return sdp.Local(
            link.ice, self._mux.certificate.fingerprint, setup, self._addresses, version
        )

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()

    # -- peers come and go

    def _replace_peer(self, peer_id: str) -> None:
        peer = self._peers.get(peer_id)
        if peer is not None:
            self._lose(peer, CloseReason.REPLACED)

    def _open_source(self, source_id: str) -> Source:
        """The source, made if it is new, and without publishers that are still connecting to it."""
        for peer in list(self._peers.values()):
            is_connecting = isinstance(peer, Publisher) and peer.source.publisher is not peer
            if is_connecting and peer.source.source_id == source_id:
                self._lose(peer, CloseReason.REPLACED)
        source = self._sources.get(source_id)
        if source is None:
            if len(self._sources) >= self.config.max_sources:
                raise MediaRefused("media.full", "The media server carries no more sessions.", 30.0)
            source = Source(source_id, self.config.keyframe_interval_s)
            self._sources[source_id] = source
        return source

    def publisher_connected(self, publisher: Publisher) -> None:
        source = publisher.source
        if source.publisher is not None:
            self._lose(source.publisher, CloseReason.REPLACED)
        source.publisher = publisher
        source.video_codec = publisher.video_codec
        source.clock.restart()
        for track in source.tracks.values():
            track.restart()
        self._emit(PublisherConnected(source.source_id, publisher.peer_id))
        # A browser starts at the bitrate that it is told first, and ramps up slowly otherwise.
        self._send_publisher_report(publisher, self._now_s())
        if source.subscribers:
            self._want_keyframe(source)

    def publisher_lost(self, publisher: Publisher, reason: CloseReason) -> None:
        self._lose(publisher, reason)

    def subscriber_connected(self, subscriber: Subscriber) -> None:
        self._counts["joins"] += 1
        self._emit(SubscriberConnected(subscriber.source.source_id, subscriber.peer_id))
        self._start_video(subscriber, self._now_s())
        self._send_subscriber_report(subscriber, self._now_s())

    def _start_video(self, subscriber: Subscriber, now_s: float) -> None:
        """Show a picture as soon as possible: from what is here, else from a new keyframe."""
        source = subscriber.source
        track = source.tracks[VIDEO]
        # What is still gathering is part of the replay. Sent again with the next batch it would
        # carry another send time under the same number: two texts under one SRTP nonce.
        for batch in source.batcher.flush():
            self._fan_out_video(source, batch, now_s)
        packets = track.replay(now_s)
        if not packets:
            self._want_keyframe(source)
            return
        frames = Batcher()
        batches = [batch for p in packets for batch in frames.add(track.generation, p)]
        for batch in batches + frames.flush():
            self._fan_out([subscriber], batch, write_video(batch.packets, now_s), VIDEO)

    def subscriber_lost(self, subscriber: Subscriber, reason: CloseReason) -> None:
        self._lose(subscriber, reason)

    def _lose(self, peer: Publisher | Subscriber, reason: CloseReason) -> None:
        if self._peers.get(peer.peer_id) is not peer:
            return
        del self._peers[peer.peer_id]
        was_connected = peer.link.is_connected
        peer.link.close()
        source = peer.source
        if isinstance(peer, Subscriber):
            source.subscribers.pop(peer.peer_id, None)
            self._emit(SubscriberClosed(source.source_id, peer.peer_id, reason))
            self._forget_unused(source)
            return
        if source.publisher is peer:
            source.publisher = None
            source.cancel_timers()
        if source.publisher is None and (was_connected or reason is not CloseReason.REPLACED):
            self._emit(PublisherLost(source.source_id, peer.peer_id, reason))
        self._forget_unused(source)

    def _forget_unused(self, source: Source) -> None:
        """A source that nobody publishes or waits for leaves nothing behind: its timeline matters
        only to subscribers who stay."""
        is_used = source.subscribers or any(peer.source is source for peer in self._peers.values())
        if not is_used and self._sources.get(source.source_id) is source:
            del self._sources[source.source_id]

    def _emit(self, event: SfuEvent) -> None:
        try:
            self._on_event(event)
        except Exception:
            logger.exception("the listener failed on %s", event)

    # -- packets in

    def publisher_rtp(self, publisher: Publisher, data: bytes, now_s: float) -> None:
        source = publisher.source
        if source.publisher is not publisher:
            return
        publisher.bytes_left -= len(data)
        if publisher.bytes_left < 0:
            self._mux.drop(DropReason.PUBLISHER_OVER_LIMIT)
            return
        try:
            packet = rtp.parse_rtp(data)
        except rtp.MalformedPacket:
            self._mux.drop(DropReason.MALFORMED_RTP)
            return
        incoming = publisher.payload_types.get(packet.payload_type)
        if incoming is None:
            self._mux.drop(DropReason.UNKNOWN_PAYLOAD_TYPE)
            return
        track = source.tracks[incoming.kind]
        if incoming.apt is not None:
            if track.ssrc is None:
                return
            unwrapped = unwrap_rtx(packet, incoming.apt, track.ssrc)
            if unwrapped is None:
                return
            packet = unwrapped
        if len(packet.payload) > MAX_PAYLOAD_BYTES:
            self._mux.drop(DropReason.TOO_LARGE)
            return
        packets = track.receive(packet, incoming.codec, now_s)
        if not packets:
            self._mux.drop(DropReason.DUPLICATE)
        elif incoming.kind == AUDIO:
            self._fan_out_audio(source, track, packets, now_s)
        else:
            self._gather_video(source, track, packets, now_s)

    def _gather_video(
        self, source: Source, track: Track, packets: list[Packet], now_s: float
    ) -> None:
        for packet in packets:
            if packet.starts_keyframe:
                source.keyframes.seen()
                self._counts["keyframes"] += 1
            for batch in source.batcher.add(track.generation, packet):
                self._fan_out_video(source, batch, now_s)
        if len(source.batcher) and source.flush_timer is None:
            loop = asyncio.get_running_loop()
            source.flush_timer = loop.call_later(FRAME_WAIT_S, self._flush, source)
        if len(track.gaps) or track.gaps.gave_up:
            self._watch_repair(source)

    def _flush(self, source: Source) -> None:
        source.flush_timer = None
        for batch in source.batcher.flush():
            self._fan_out_video(source, batch, self._now_s())

    # -- packets out

    def _fan_out_audio(
        self, source: Source, track: Track, packets: list[Packet], now_s: float
    ) -> None:
        packet = packets[0]
        batch = Batch(track.generation, (packet,), packet.index, packet.index)
        written = write_audio(batch.packets, now_s)
        self._fan_out(source.subscribers.values(), batch, written, AUDIO)

    def _fan_out_video(self, source: Source, batch: Batch, now_s: float) -> None:
        written = write_video(batch.packets, now_s)
        waiting = self._fan_out(source.subscribers.values(), batch, written, VIDEO)
        if waiting:
            self._want_keyframe(source)

    def _fan_out(
        self, subscribers: Iterable[Subscriber], batch: Batch, written: list[bytes], kind: str
    ) -> int:
        """Send a batch to each subscriber that may have it; how many wait for a keyframe."""
        indices = [packet.index for packet in batch.packets]
        octets = sum(len(packet.payload) for packet in batch.packets)
        count = len(indices)
        is_video = kind == VIDEO
        prepared = {}
        waiting = 0
        broken: list[Subscriber] = []
        send = self._mux.send_batch
        for subscriber in subscribers:
            link = subscriber.link
            if not link.is_connected:
                continue
            forwarder = subscriber.forwarder
            try:
                if is_video:
                    if not forwarder.admit_video(batch):
                        waiting += batch.codec in forwarder.codecs
                        continue
                    sequence = forwarder.video
                    forwarder.video_packets += count
                    forwarder.video_octets += octets
                else:
                    forwarder.admit_audio(batch)
                    sequence = forwarder.audio
                    forwarder.audio_packets += count
                    forwarder.audio_octets += octets
                overhead = link.channel.overhead
                if overhead not in prepared:
                    prepared[overhead] = self._mux.prepare(written, indices, overhead)
                send(link, prepared[overhead], sequence.offset, sequence.first_index)
            except Exception:
                logger.exception("sending to subscriber %s failed", subscriber.peer_id)
                broken.append(subscriber)
        for subscriber in broken:
            self._lose(subscriber, CloseReason.FAILED)
        return waiting

    # -- repair

    def _want_keyframe(self, source: Source) -> None:
        source.keyframes.want()
        self._ask_keyframe(source, self._now_s())
        self._watch_repair(source)

    def _ask_keyframe(self, source: Source, now_s: float) -> None:
        publisher, track = source.publisher, source.tracks[VIDEO]
        if publisher is None or track.ssrc is None or not source.keyframes.due(now_s):
            return
        self._counts["keyframes_requested"] += 1
        publisher.link.send_rtcp(rtp.build_picture_loss(sdp.SERVER_SSRC, track.ssrc))

    def _ask_missing(self, source: Source, now_s: float) -> None:
        publisher, track = source.publisher, source.tracks[VIDEO]
        missing = track.gaps.due(now_s)
        if track.gaps.gave_up:
            track.gaps.gave_up = False
            source.keyframes.want()
        if publisher is None or track.ssrc is None or not missing:
            return
        self._counts["nacks_sent"] += len(missing)
        seqs = [number & 0xFFFF for number in missing]
        publisher.link.send_rtcp(rtp.build_nack(sdp.SERVER_SSRC, track.ssrc, seqs))

    def _watch_repair(self, source: Source) -> None:
        """Come back while something is missing or a keyframe is waited for."""
        has_gaps = len(source.tracks[VIDEO].gaps) > 0
        if source.publisher is None or source.repair_timer is not None:
            return
        if has_gaps or source.keyframes.wanted:
            pause_s = REPAIR_TICK_S if has_gaps else KEYFRAME_TICK_S
            loop = asyncio.get_running_loop()
            source.repair_timer = loop.call_later(pause_s, self._repair, source)

    def _repair(self, source: Source) -> None:
        source.repair_timer = None
        now_s = self._now_s()
        self._ask_missing(source, now_s)
        self._ask_keyframe(source, now_s)
        self._watch_repair(source)

    def _resend(self, subscriber: Subscriber, seqs: tuple[int, ...], now_s: float) -> None:
        forwarder, track = subscriber.forwarder, subscriber.source.tracks[VIDEO]
        self._counts["nacks_received"] += len(seqs)
        for seq in seqs:
            index = forwarder.video.source_index(seq)
            packet = None if index is None else track.history.get(index)
            if packet is None or not forwarder.resends.grant(
                packet.index, len(packet.payload), forwarder.rtt_s, now_s
            ):
                self._mux.drop(DropReason.RESEND_REFUSED)
                continue
            self._counts["resent"] += 1
            subscriber.link.send_rtp(forwarder.write_rtx(packet, seq, now_s))

    # -- RTCP in

    def publisher_rtcp(self, publisher: Publisher, data: bytes, now_s: float) -> None:
        source = publisher.source
        if source.publisher is not publisher:
            return
        for packet in self._parse_rtcp(data):
            if not isinstance(packet, rtp.SenderReport):
                continue
            for kind, track in source.tracks.items():
                if track.ssrc == packet.ssrc:
                    track.reception.reported(packet, now_s)
                    rtp_ts = track.source_ts(packet.rtp_ts)
                    source.clock.reported(kind, packet.ntp, rtp_ts, now_s)

    def subscriber_rtcp(self, subscriber: Subscriber, data: bytes, now_s: float) -> None:
        forwarder = subscriber.forwarder
        for packet in self._parse_rtcp(data):
            match packet:
                case rtp.Nack(media_ssrc=sdp.VIDEO_SSRC):
                    self._resend(subscriber, packet.seqs, now_s)
                case rtp.PictureLoss() | rtp.FullIntraRequest():
                    self._counts["picture_losses_received"] += 1
                    self._want_keyframe(subscriber.source)
                case rtp.BandwidthEstimate():
                    forwarder.estimate_bps = packet.bitrate_bps
                case rtp.ReceiverReport() | rtp.SenderReport():
                    for block in packet.blocks:
                        rtt_s = round_trip_s(block, now_s)
                        if rtt_s is not None:
                            forwarder.rtt_s = rtt_s
                case _:
                    pass

    def _parse_rtcp(self, data: bytes) -> list[rtp.Rtcp]:
        try:
            return rtp.parse_rtcp(data)
        except rtp.MalformedPacket:
            self._mux.drop(DropReason.MALFORMED_RTCP)
            return []

    # -- RTCP out

    async def _report_for_ever(self) -> None:
        while True:
            await asyncio.sleep(REPORT_INTERVAL_S)
            try:
                self._report(self._now_s())
            except Exception:
                logger.exception("the periodic reports failed; they go on in a second")

    def _report(self, now_s: float) -> None:
        self._mux.sweep(now_s)
        for peer in list(self._peers.values()):
            if isinstance(peer, Publisher):
                peer.refill()
                self._send_publisher_report(peer, now_s)
            else:
                self._send_subscriber_report(peer, now_s)

    def _send_publisher_report(self, publisher: Publisher, now_s: float) -> None:
        source = publisher.source
        if source.publisher is not publisher:
            return
        ssrcs, blocks = [], []
        for track in source.tracks.values():
            if track.ssrc is not None:
                ssrcs.append(track.ssrc)
                block = track.reception.block(track.ssrc, now_s)
                blocks += [block] if block else []
        # Before the first packet the SSRCs are unknown; the estimate counts for all of them.
        publisher.link.send_rtcp(
            rtp.build_receiver_report(rtp.ReceiverReport(sdp.SERVER_SSRC, tuple(blocks)))
            + rtp.build_source_description([sdp.SERVER_SSRC], sdp.CNAME)
            + rtp.build_bandwidth_estimate(sdp.SERVER_SSRC, self.config.max_bitrate_bps, ssrcs)
        )

    def _send_subscriber_report(self, subscriber: Subscriber, now_s: float) -> None:
        forwarder, source = subscriber.forwarder, subscriber.source
        if not subscriber.link.is_connected:
            return
        forwarder.resends.earn(forwarder.take_sent_octets())
        reports = []
        for kind, ssrc, packets, octets in (
            (AUDIO, sdp.AUDIO_SSRC, forwarder.audio_packets, forwarder.audio_octets),
            (VIDEO, sdp.VIDEO_SSRC, forwarder.video_packets, forwarder.video_octets),
        ):
            rtp_ts = source.clock.rtp_ts(kind, sdp.CLOCK_RATES[kind], now_s)
            if packets and rtp_ts is not None:
                ntp = rtp.ntp_from_seconds(now_s)
                reports.append(
                    rtp.SenderReport(ssrc, ntp, rtp_ts, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
                )
        if reports:
            subscriber.link.send_rtcp(
                b"".join(rtp.build_sender_report(report) for report in reports)
                + rtp.build_source_description([report.ssrc for report in reports], sdp.CNAME)
            )


def _read(reader: Callable[[str], Read], text: str) -> Read:
    try:
        return reader(text)
    except sdp.NoCodec as error:
        raise MediaRefused("media.no_codec", f"This cannot be broadcast: {error}.") from None
    except sdp.BadDescription as error:
        raise MediaRefused(
            "media.bad_sdp", f"The session description is unusable: {error}."
        ) from None
