"""A small WebRTC client for our own use: the test card publishes with it, tests and load tests too.

It talks to an ICE-lite server at the first address that the server names: one UDP socket, one
connectivity check repeated until it is answered, then DTLS and SRTP. It never encodes or decodes;
RTP and RTCP go in and out as bytes. It is light enough that one process holds thousands.

A peer lives until `close` or until the server is lost; `closed` then carries the reason.
"""

from __future__ import annotations

import asyncio
import errno
import secrets
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

from media import rtp, sdp
from media.transport import (
    DATAGRAM_BYTES,
    Certificate,
    SecureChannel,
    answers_binding,
    binding_request,
    new_ice,
)

CHECK_INTERVAL_S = 0.05
CHECKS = 100
# RFC 7675 5.1: about every 5 s; half of it notices a dead server sooner.
CONSENT_INTERVAL_S = 2.5
CONSENT_LOST_S = 8.0
RESEND_PACKETS = 512
MAX_EARLY_PACKETS = 256


class PeerLost(ConnectionError):
    """The connection could not be made, or is over."""


def _ignore(packet: bytes) -> None:
    return None


class Peer:
    """One connection to a media server.

    certificate: may be shared by many peers. on_rtp, on_rtcp: called with each packet received.
    """

    def __init__(
        self,
        certificate: Certificate | None = None,
        on_rtp: Callable[[bytes], None] = _ignore,
        on_rtcp: Callable[[bytes], None] = _ignore,
    ) -> None:
        self._certificate = certificate or Certificate.generateCertificate()
        self.on_rtp = on_rtp
        self.on_rtcp = on_rtcp
        self.ice = new_ice()
        self.audio_ssrc, self.video_ssrc, self.rtx_ssrc = (
            1 + secrets.randbits(31) for _ in range(3)
        )
        self._remote_ice: sdp.Ice | None = None
        self._socket: socket.socket | None = None
        self._channel = SecureChannel(self._certificate, self._send_datagram, self._changed)
        self._early: list[bytes] = []
        self._transaction = b""
        self._checked = asyncio.Event()
        self._answered_s = 0.0
        self._connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._consent: asyncio.Task[None] | None = None

    # -- connecting

    async def publish(
        self,
        exchange: Callable[[str], Awaitable[str]],
        *,
        video: str = "H264",
        timeout_s: float = 10,
    ) -> None:
        """Offer Opus and one video codec; exchange takes the offer to the server and brings the
        answer. Returns once packets may be sent. Raises PeerLost."""
        ssrcs = {sdp.AUDIO: (self.audio_ssrc,), sdp.VIDEO: (self.video_ssrc, self.rtx_ssrc)}
        offer = sdp.write_client_offer(self._local("actpass"), ssrcs, video)
        await self._connect(sdp.parse(await exchange(offer)), timeout_s)

    async def watch(
        self, offer: str, reply: Callable[[str], Awaitable[None]], *, timeout_s: float = 10
    ) -> None:
        """Accept all that the server offers; reply takes the answer to it. Raises PeerLost."""
        description = sdp.parse(offer)
        await reply(sdp.write_client_answer(description, self._local("active")))
        await self._connect(description, timeout_s)

    async def restart(self, offer: str, reply: Callable[[str], Awaitable[None]]) -> None:
        """Go on from a new local port with new ICE credentials, as after a change of network."""
        description = sdp.parse(offer)
        self.ice = new_ice()
        self._open(description)
        await reply(sdp.write_client_answer(description, self._local("active")))
        await self._check()

    def _local(self, setup: str) -> sdp.Local:
        # Not known yet and of no use: an ICE-lite server sends to where checks come from.
        addresses = (("127.0.0.1", 9),)
        return sdp.Local(self.ice, self._certificate.fingerprint, setup, addresses, is_lite=False)

    async def _connect(self, description: sdp.Description, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                self._open(description)
                await self._check()
                self._channel.begin(sdp.remote(description).fingerprints, is_client=True)
                await self._connected
        except (TimeoutError, PeerLost) as error:
            reason = str(error) or "the media server did not answer in time"
            self._lose(reason)
            raise PeerLost(reason) from None
        self._consent = asyncio.create_task(self._keep_consent(), name="peer consent")

    def _open(self, description: sdp.Description) -> None:
        self._remote_ice = sdp.remote(description).ice
        candidates = [c for section in description.sections for c in section.candidates]
        if not candidates:
            raise PeerLost("the media server named no address")
        self._close_socket()
        host = candidates[0][0]
        opened = socket.socket(
            socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM
        )
        opened.setblocking(False)
        opened.connect(candidates[0])
        self._socket = opened
        self._checked.clear()
        asyncio.get_running_loop().add_reader(opened.fileno(), self._readable)

    async def _check(self) -> None:
        assert self._remote_ice is not None, "set when the socket was opened"
        self._transaction, request = binding_request(self.ice, self._remote_ice)
        for _ in range(CHECKS):
            self._send_datagram(request)
            with suppress(TimeoutError):
                async with asyncio.timeout(CHECK_INTERVAL_S):
                    await self._checked.wait()
                    return
        raise PeerLost("the media server does not answer connectivity checks")

    async def _keep_consent(self) -> None:
        loop = asyncio.get_running_loop()
        while not self.closed.done():
            await asyncio.sleep(CONSENT_INTERVAL_S)
            if loop.time() - self._answered_s > CONSENT_LOST_S:
                self._lose("the media server stopped answering")
                return
            assert self._remote_ice is not None, "set before the first check"
            self._transaction, request = binding_request(self.ice, self._remote_ice)
            self._send_datagram(request)

    # -- packets

    def send(self, packet: bytes) -> None:
        """Send one RTP or RTCP packet; silently nothing when the connection is over."""
        if self._channel.tx is not None:
            protected = self._channel.protect(packet)
            if protected is not None:
                self._send_datagram(protected)

    def _send_datagram(self, datagram: bytes) -> None:
        if self._socket is None:
            return
        try:
            self._socket.send(datagram)
        except BlockingIOError:
            return
        except OSError as error:
            self._socket_failed(error)

    def _readable(self) -> None:
        for _ in range(64):
            if self._socket is None:
                return
            try:
                datagram = self._socket.recv(DATAGRAM_BYTES)
            except BlockingIOError:
                return
            except OSError as error:
                self._socket_failed(error)
                return
            if datagram:
                self._receive(datagram)

    def _socket_failed(self, error: OSError) -> None:
        # The kernel passes on "port unreachable": the server's process is gone.
        if error.errno == errno.ECONNREFUSED:
            self._lose("the media server is not there")

    def _receive(self, datagram: bytes) -> None:
        first = datagram[0]
        if first >= 128:
            if self._channel.tx is None:
                # The server is connected a moment earlier and sends at once.
                if len(self._early) < MAX_EARLY_PACKETS:
                    self._early.append(datagram)
                return
            packet = self._channel.unprotect(datagram)
            if packet is not None:
                (self.on_rtcp if rtp.is_rtcp(packet) else self.on_rtp)(packet)
        elif first >= 20:
            self._channel.receive_dtls(datagram)
        elif self._remote_ice is not None and answers_binding(
            datagram, self._transaction, self._remote_ice
        ):
            self._answered_s = asyncio.get_running_loop().time()
            self._checked.set()

    # -- the end

    def _changed(self) -> None:
        state = self._channel.state
        if state == "connected" and not self._connected.done():
            self._connected.set_result(None)
            early, self._early = self._early, []
            for datagram in early:
                self._receive(datagram)
        elif state == "failed":
            self._lose("the media server refused the handshake")
        elif state == "closed":
            self._lose("the media server closed the connection")

    def _lose(self, reason: str) -> None:
        if self.closed.done():
            return
        self.closed.set_result(reason)
        if not self._connected.done():
            self._connected.set_exception(PeerLost(reason))
            # The waiter may have gone; then nobody is to be told.
            self._connected.exception()
        self._channel.close()
        self._close_socket()
        if self._consent is not None and self._consent is not asyncio.current_task():
            self._consent.cancel()

    def _close_socket(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def close(self) -> None:
        """Tell the server and let go of everything."""
        self._lose("closed")


class SentPackets:
    """The last video packets of a publishing peer, to answer the server's NACKs by RTX."""

    def __init__(self, rtx_payload_type: int, rtx_ssrc: int) -> None:
        self._rtx_payload_type = rtx_payload_type
        self._rtx_ssrc = rtx_ssrc
        self._rtx_seq = secrets.randbits(15)
        self._packets: dict[int, bytes] = {}

    def keep(self, packet: bytes) -> None:
        seq = int.from_bytes(packet[2:4], "big")
        self._packets[seq] = packet
        self._packets.pop((seq - RESEND_PACKETS) & 0xFFFF, None)

    def again(self, seq: int) -> bytes | None:
        packet = self._packets.get(seq)
        if packet is None:
            return None
        sent = rtp.parse_rtp(packet)
        self._rtx_seq = (self._rtx_seq + 1) & 0xFFFF
        return rtp.build_rtp(
            self._rtx_payload_type,
            self._rtx_seq,
            sent.rtp_ts,
            self._rtx_ssrc,
            seq.to_bytes(2, "big") + sent.payload,
            marker=sent.marker,
        )
