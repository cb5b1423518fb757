"""The wire: one UDP socket for every peer of this process, ICE-lite, DTLS and SRTP on top of it.

The only module that touches aiortc, aioice and pylibsrtp, and the only one that may: it uses
parts of them that are not public. Each such part is pinned by a test in
tests/media/test_transport_hooks.py, which fails when an upgrade moves it.

Incoming datagrams are told apart by their first byte (RFC 7983). A peer is found

- by the user name in a STUN request, once its message integrity proves that it knows the password,
- by its address for everything else, and only after such a request came from that address.

So nobody reaches DTLS or SRTP by guessing an address, and a server that only answers requests
cannot be made to send anything to a third party.

aiortc's DTLS transport runs the handshake in a task of its own; it is handed DTLS datagrams alone.
SRTP is unprotected right here: inside aiortc's receive loop an exception from our side would end
the loop, and an SRTP error of one subscriber would be taken for one of the publisher.

Outgoing frames are written once and copied per subscriber into one work area, where the sequence
numbers are put in and libsrtp encrypts in place; the kernel then takes a run of packets in a
single call (media.segments).
"""

from __future__ import annotations

import asyncio
import errno
import logging
import secrets
import socket
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from struct import Struct
from typing import Any, Protocol, cast

from aioice import stun
from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
)
from OpenSSL import SSL
from pylibsrtp import Error as SrtpError
from pylibsrtp import Session
from pylibsrtp._binding import ffi, lib

from media.contract import CloseReason, DropReason
from media.rtp import is_rtcp
from media.sdp import Fingerprint, Ice
from media.segments import runs

logger = logging.getLogger(__name__)

Address = tuple[Any, ...]

DATAGRAM_BYTES = 2_048
# Enough for a burst of a frame; other work of the loop gets its turn in between.
DATAGRAMS_PER_WAKE = 64
SOCKET_BUFFER_BYTES = 8 * 1024 * 1024
# The longest DTLS flight of a browser takes 4 datagrams; retransmissions double it.
MAX_DTLS_QUEUED = 16
MAX_ADDRESSES_PER_PEER = 4
# A browser checks each pair at least every 2.5 s; within two such periods an address is in use.
ADDRESS_HELD_S = 5.0

# linux/udp.h and asm-generic/socket.h; Python's socket module does not name them.
UDP_SEGMENT = 103
SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33
_SEGMENT_SIZE = Struct("=H")
_SEQ = Struct("!H")
_WORK_BYTES = 65_536 + DATAGRAM_BYTES


class Certificate(RTCCertificate):
    """One key and one TLS context for all peers; aiortc would make a context for each of them."""

    _context: SSL.Context | None = None

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        if self._context is None:
            self._context = super()._create_ssl_context(srtp_profiles)
        return self._context

    @property
    def fingerprint(self) -> Fingerprint:
        found = next(f for f in self.getFingerprints() if f.algorithm == "sha-256")
        return Fingerprint(found.algorithm, found.value)


def new_ice() -> Ice:
    """RFC 8839 5.4 asks for 24 bits of user name and 128 bits of password at least."""
    return Ice(secrets.token_hex(4), secrets.token_hex(16))


class _DatagramPipe:
    """What aiortc takes for an ICE transport."""

    role = "controlled"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send_datagram = send
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue(MAX_DTLS_QUEUED + 1)

    async def _recv(self) -> bytes:
        datagram = await self.queue.get()
        if datagram is None:
            raise ConnectionError
        return datagram

    async def _send(self, data: bytes) -> None:
        self._send_datagram(data)


class SecureChannel(RTCDtlsTransport):
    """DTLS, and the SRTP keys that come out of it, between us and one peer.

    send: called with datagrams for the peer. changed: called after each change of `state`.
    tx: libsrtp's sending context once connected; overhead: bytes that protecting a packet adds.
    """

    tx: Any = None
    overhead = 0

    def __init__(
        self,
        certificate: Certificate,
        send: Callable[[bytes], None],
        changed: Callable[[], None],
    ) -> None:
        self._pipe = _DatagramPipe(send)
        super().__init__(cast(Any, self._pipe), [certificate])
        self._changed = changed
        self._starting: asyncio.Task[None] | None = None
        self.on("statechange", self._state_changed)

    def begin(self, fingerprints: Sequence[Fingerprint], *, is_client: bool) -> None:
        """Start the handshake; datagrams received before are not lost."""
        parameters = RTCDtlsParameters(
            [RTCDtlsFingerprint(f.algorithm, f.value) for f in fingerprints]
        )
        self._set_role("client" if is_client else "server")
        self._starting = asyncio.ensure_future(self._handshake(parameters))

    async def _handshake(self, parameters: RTCDtlsParameters) -> None:
        try:
            await self.start(parameters)
        except Exception:
            # The loop's top for this peer: whatever it sent, only it is affected.
            logger.warning("a DTLS handshake failed unexpectedly", exc_info=True)
            self.close()

    def _state_changed(self) -> None:
        if self.state == "connected":
            assert self._ssl is not None, "the handshake has just used it"
            profile = self._ssl.get_selected_srtp_profile()
            self.overhead = 16 if b"GCM" in profile else 10
            self.tx = self._tx_srtp._srtp[0]
        else:
            self.tx = None
        self._changed()

    def receive_dtls(self, datagram: bytes) -> bool:
        """Hand on a DTLS datagram; False when too many are waiting."""
        if self._pipe.queue.qsize() >= MAX_DTLS_QUEUED:
            return False
        self._pipe.queue.put_nowait(datagram)
        return True

    def unprotect(self, datagram: bytes) -> bytes | None:
        """The RTP or RTCP packet inside an SRTP or SRTCP one; None when it is not authentic."""
        session: Session = self._rx_srtp
        try:
            if is_rtcp(datagram):
                return bytes(session.unprotect_rtcp(datagram))
            return bytes(session.unprotect(datagram))
        except (SrtpError, ValueError):
            return None

    def protect(self, packet: bytes) -> bytes | None:
        """The SRTP or SRTCP packet for an RTP or RTCP one; None when libsrtp refuses it."""
        session: Session = self._tx_srtp
        try:
            return bytes(
                session.protect_rtcp(packet) if is_rtcp(packet) else session.protect(packet)
            )
        except (SrtpError, ValueError):
            return None

    def close(self) -> None:
        """Say goodbye if there is somebody to say it to; no callbacks from here on."""
        self._changed = _ignore
        connection = self._ssl
        if connection is not None and self.state in ("connecting", "connected"):
            try:
                connection.shutdown()
                self._pipe._send_datagram(connection.bio_read(1500))
            except SSL.Error:
                pass
        self.tx = None
        for task in (self._starting, self._task):
            if task is not None and task is not _current_task():
                task.cancel()


def _ignore() -> None:
    return None


def _current_task() -> asyncio.Task[Any] | None:
    return asyncio.current_task()


class LinkOwner(Protocol):
    """Whoever a peer's packets are for. All plain functions, called from the socket's reader."""

    def rtp_received(self, packet: bytes, now_s: float) -> None: ...
    def rtcp_received(self, packet: bytes, now_s: float) -> None: ...
    def connected(self) -> None: ...
    def lost(self, reason: CloseReason) -> None: ...


class Link:
    """Our end of the path to one peer.

    address: where the peer is sent packets; None until a check has come from it.
    takes_segments: false from the first frame on that the kernel would not cut for this path.
    consent_timeout_s: without a check for so long the peer is taken for gone.
    rtp_left, rtcp_left: packets still accepted in this second; refilled by UdpMux.sweep.
    """

    __slots__ = (
        "_began",
        "_mux",
        "_remote",
        "_used_ufrag",
        "address",
        "addresses",
        "channel",
        "closed",
        "consent_s",
        "consent_timeout_s",
        "created_s",
        "ice",
        "is_connected",
        "owner",
        "rtcp_left",
        "rtcp_per_s",
        "rtp_left",
        "rtp_per_s",
        "takes_segments",
        "ufrags",
    )

    def __init__(
        self,
        mux: UdpMux,
        owner: LinkOwner,
        *,
        rtp_per_s: int,
        rtcp_per_s: int,
        consent_timeout_s: float,
        now_s: float,
    ) -> None:
        self._mux = mux
        self.owner = owner
        self.ice = new_ice()
        self._used_ufrag = self.ice.ufrag
        self.ufrags: dict[str, bytes] = {}
        self.address: Address | None = None
        self.addresses: deque[Address] = deque()
        self.channel = SecureChannel(mux.certificate, self._send_datagram, self._channel_changed)
        self._remote: tuple[Sequence[Fingerprint], bool] | None = None
        self._began = False
        self.is_connected = False
        self.closed = False
        self.created_s = self.consent_s = now_s
        self.consent_timeout_s = consent_timeout_s
        self.takes_segments = True
        self.rtp_per_s = self.rtp_left = rtp_per_s
        self.rtcp_per_s = self.rtcp_left = rtcp_per_s
        self._add_credentials()

    def _add_credentials(self) -> None:
        self.ufrags[self.ice.ufrag] = self.ice.pwd.encode()
        self._mux.register(self, self.ice.ufrag)

    def restart(self) -> None:
        """New ICE credentials; those in use serve until the new ones are used."""
        self._keep_credentials(self._used_ufrag)
        self.ice = new_ice()
        self._add_credentials()

    def _keep_credentials(self, kept: str) -> None:
        for ufrag in [ufrag for ufrag in self.ufrags if ufrag != kept]:
            del self.ufrags[ufrag]
            self._mux.unregister(ufrag)

    def set_remote(self, fingerprints: Sequence[Fingerprint], *, is_client: bool) -> None:
        """is_client: whether we open the DTLS handshake. Ignored after the first time."""
        if self._remote is None:
            self._remote = (fingerprints, is_client)
            self._begin_dtls()

    def _begin_dtls(self) -> None:
        if self._remote is None or self.address is None or self._began:
            return
        self._began = True
        fingerprints, is_client = self._remote
        self.channel.begin(fingerprints, is_client=is_client)

    def checked(self, ufrag: str, address: Address, *, is_nominated: bool, now_s: float) -> None:
        """An authenticated connectivity check came from address."""
        self.consent_s = now_s
        self._used_ufrag = ufrag
        if ufrag == self.ice.ufrag and len(self.ufrags) > 1:
            self._keep_credentials(ufrag)
        if self.address is None or is_nominated:
            self.address = address
        self._begin_dtls()

    def _send_datagram(self, data: bytes) -> None:
        if data and self.address is not None:
            self._mux.send(data, self.address)

    def _channel_changed(self) -> None:
        state = self.channel.state
        if state == "connected":
            self.is_connected = True
            self.owner.connected()
        elif state == "failed":
            self.owner.lost(CloseReason.DTLS_FAILED)
        elif state == "closed":
            self.owner.lost(CloseReason.CLOSED_BY_PEER)

    def receive_srtp(self, datagram: bytes, now_s: float) -> DropReason | None:
        if not self.is_connected:
            return DropReason.BEFORE_DTLS
        if is_rtcp(datagram):
            if self.rtcp_left <= 0:
                return DropReason.FEEDBACK_OVER_LIMIT
            self.rtcp_left -= 1
            packet = self.channel.unprotect(datagram)
            if packet is None:
                return DropReason.UNPROTECT_FAILED
            self.owner.rtcp_received(packet, now_s)
            return None
        if self.rtp_left <= 0:
            return DropReason.PUBLISHER_OVER_LIMIT if self.rtp_per_s else DropReason.NOT_PUBLISHER
        self.rtp_left -= 1
        packet = self.channel.unprotect(datagram)
        if packet is None:
            return DropReason.UNPROTECT_FAILED
        self.owner.rtp_received(packet, now_s)
        return None

    def send_rtcp(self, packet: bytes) -> None:
        self._send_protected(packet)

    def send_rtp(self, packet: bytes) -> None:
        """One packet out of turn; frames go through UdpMux.send_batch."""
        self._send_protected(packet)

    def _send_protected(self, packet: bytes) -> None:
        if not self.is_connected or self.address is None:
            return
        protected = self.channel.protect(packet)
        if protected is None:
            self._mux.drop(DropReason.PROTECT_FAILED)
        else:
            self._mux.send(protected, self.address)

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        self.is_connected = False
        self.channel.close()
        self._mux.forget(self)


class PreparedBatch:
    """Packets laid out for one SRTP overhead: what is the same for every subscriber.

    rows: (offset in the work area, pointer to it, plain length, source index) of each packet.
    sends: (buffers, ancillary data, first row, row after the last) of each system call.
    """

    __slots__ = ("lowest", "rows", "sends", "template")

    def __init__(
        self,
        template: bytes,
        rows: list[tuple[int, Any, int, int]],
        sends: list[tuple[list[memoryview], list[tuple[int, int, bytes]], int, int]],
        lowest: int,
    ) -> None:
        self.template = template
        self.rows = rows
        self.sends = sends
        self.lowest = lowest


class UdpMux:
    """The socket, and who is behind which address and user name."""

    def __init__(self, certificate: Certificate, *, setup_s: float) -> None:
        self.certificate = certificate
        self._setup_s = setup_s
        self._links: set[Link] = set()
        self._by_address: dict[Address, Link] = {}
        self._by_ufrag: dict[str, Link] = {}
        self._socket: socket.socket | None = None
        self._segments = False
        self.drops: dict[DropReason, int] = dict.fromkeys(DropReason, 0)
        self.packets_in = self.bytes_in = self.packets_out = self.bytes_out = 0
        self._work = ffi.new("unsigned char[]", _WORK_BYTES)
        self._view = memoryview(ffi.buffer(self._work))
        self._length = ffi.new("int *")

    # -- the socket

    def open(self, host: str, port: int) -> tuple[str, int]:
        """Bind and start reading; the address bound. Raises OSError when it is taken."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._segments = has_segmentation(family)
        opened = socket.socket(family, socket.SOCK_DGRAM)
        try:
            opened.setblocking(False)
            if family == socket.AF_INET6:
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            _enlarge_buffers(opened)
            opened.bind((host, port))
        except OSError:
            opened.close()
            raise
        self._socket = opened
        asyncio.get_running_loop().add_reader(opened.fileno(), self._readable)
        bound = opened.getsockname()
        return str(bound[0]), int(bound[1])

    def close(self) -> None:
        for link in list(self._links):
            link.close()
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _readable(self) -> None:
        opened = self._socket
        if opened is None:
            return
        receive = opened.recvfrom
        now_s = asyncio.get_running_loop().time()
        for _ in range(DATAGRAMS_PER_WAKE):
            try:
                datagram, address = receive(DATAGRAM_BYTES)
            except BlockingIOError:
                return
            except OSError as error:
                # A pending ICMP error of some earlier datagram; the socket itself is sound.
                logger.debug("the media socket reported %s", error)
                continue
            self.packets_in += 1
            self.bytes_in += len(datagram)
            self.receive(datagram, address, now_s)

    def receive(self, datagram: bytes, address: Address, now_s: float) -> None:
        """Deal with one datagram. Never raises: a bad one costs only the peer that it came from."""
        if not datagram:
            self.drop(DropReason.EMPTY)
            return
        first = datagram[0]
        if 128 <= first <= 191 or 20 <= first <= 63:
            link = self._by_address.get(address)
            if link is None:
                self.drop(DropReason.UNKNOWN_ADDRESS)
                return
            try:
                self._receive_from(link, datagram, first, now_s)
            except Exception:
                logger.exception("a packet of %s could not be handled; it is dropped", address)
                link.owner.lost(CloseReason.FAILED)
        elif first <= 3:
            self._receive_stun(datagram, address, now_s)
        else:
            self.drop(DropReason.NOT_WEBRTC)

    def _receive_from(self, link: Link, datagram: bytes, first: int, now_s: float) -> None:
        if first >= 128:
            reason = link.receive_srtp(datagram, now_s)
            if reason is not None:
                self.drop(reason)
        elif not link.channel.receive_dtls(datagram):
            self.drop(DropReason.DTLS_QUEUE_FULL)

    def drop(self, reason: DropReason, packets: int = 1) -> None:
        self.drops[reason] += packets

    # -- ICE-lite

    def _receive_stun(self, datagram: bytes, address: Address, now_s: float) -> None:
        try:
            request = stun.parse_message(datagram)
            is_request = (request.message_method, request.message_class) == (
                stun.Method.BINDING,
                stun.Class.REQUEST,
            )
            ufrag = str(request.attributes.get("USERNAME", "")).partition(":")[0]
            link = self._by_ufrag.get(ufrag) if is_request else None
            authentic = link is not None and request.check_message_integrity(link.ufrags[ufrag])
        except Exception:
            # aioice lets struct.error and others out besides ValueError.
            self.drop(DropReason.BAD_STUN)
            return
        if link is None or not authentic:
            self.drop(DropReason.BAD_STUN)
            return
        if not self._claim(link, address, now_s):
            self.drop(DropReason.ADDRESS_TAKEN)
            return
        pwd = link.ufrags[ufrag]
        link.checked(
            ufrag, address, is_nominated="USE-CANDIDATE" in request.attributes, now_s=now_s
        )
        self.send(_binding_response(request, address, pwd), address)

    def _claim(self, link: Link, address: Address, now_s: float) -> bool:
        """Let address belong to link, unless another peer is visibly using it.

        Somebody with credentials of his own could otherwise divert the packets of a viewer by
        forging the viewer's address on a single datagram.
        """
        holder = self._by_address.get(address)
        if holder is link:
            return True
        if holder is not None:
            if now_s - holder.consent_s < ADDRESS_HELD_S:
                return False
            self._release(holder, address)
        self._by_address[address] = link
        link.addresses.append(address)
        if len(link.addresses) > MAX_ADDRESSES_PER_PEER:
            self._release(link, next(a for a in link.addresses if a != link.address))
        return True

    def _release(self, link: Link, address: Address) -> None:
        del self._by_address[address]
        link.addresses.remove(address)
        if link.address == address:
            link.address = link.addresses[-1] if link.addresses else None

    def register(self, link: Link, ufrag: str) -> None:
        self._links.add(link)
        self._by_ufrag[ufrag] = link

    def unregister(self, ufrag: str) -> None:
        self._by_ufrag.pop(ufrag, None)

    def forget(self, link: Link) -> None:
        self._links.discard(link)
        for ufrag in link.ufrags:
            self.unregister(ufrag)
        for address in link.addresses:
            self._by_address.pop(address, None)
        link.addresses.clear()
        link.address = None

    def sweep(self, now_s: float) -> None:
        """Once a second: refill allowances, drop those who no longer want packets."""
        for link in list(self._links):
            link.rtp_left = link.rtp_per_s
            link.rtcp_left = link.rtcp_per_s
            if not link.is_connected and now_s - link.created_s > self._setup_s:
                link.owner.lost(CloseReason.SETUP_TIMEOUT)
            elif link.is_connected and now_s - link.consent_s > link.consent_timeout_s:
                link.owner.lost(CloseReason.CONSENT_EXPIRED)

    # -- sending

    def send(self, datagram: bytes | memoryview, address: Address) -> bool:
        if self._socket is None:
            return False
        try:
            self._socket.sendto(datagram, address)
        except OSError as error:
            self._count_failure(error, 1)
            return False
        self.packets_out += 1
        self.bytes_out += len(datagram)
        return True

    def _count_failure(self, error: OSError, packets: int) -> None:
        full = isinstance(error, BlockingIOError) or error.errno == errno.ENOBUFS
        self.drop(DropReason.SEND_BUFFER_FULL if full else DropReason.UNREACHABLE, packets)

    def prepare(
        self, packets: Sequence[bytes], indices: Sequence[int], overhead: int
    ) -> PreparedBatch:
        """Lay out packets, in order, for all subscribers whose SRTP adds `overhead` bytes."""
        template = b"".join(packet + bytes(overhead) for packet in packets)
        assert len(template) <= len(self._view), "a batch is smaller than the work area"
        rows = []
        starts = [0]
        for packet, index in zip(packets, indices, strict=True):
            rows.append((starts[-1], self._work + starts[-1], len(packet), index))
            starts.append(starts[-1] + len(packet) + overhead)
        sends = []
        for run in runs([len(packet) + overhead for packet in packets]):
            ancillary = []
            if run.stop - run.start > 1:
                ancillary = [(socket.IPPROTO_UDP, UDP_SEGMENT, _SEGMENT_SIZE.pack(run.size))]
            buffers = [self._view[starts[run.start] : starts[run.stop]]]
            sends.append((buffers, ancillary, run.start, run.stop))
        return PreparedBatch(template, rows, sends, min(indices))

    def send_batch(
        self, link: Link, prepared: PreparedBatch, offset: int, first_index: int
    ) -> None:
        """Send a batch to one subscriber: sequence number = index + offset, from first_index on.

        Packets that cannot be sent are dropped and counted; nothing is queued.
        """
        context = link.channel.tx
        if context is None or link.address is None or self._socket is None:
            return
        if prepared.lowest < first_index:
            self._send_singly(link, prepared, offset, first_index)
            return
        view, length = self._view, self._length
        put_seq, protect = _SEQ.pack_into, lib.srtp_protect
        view[: len(prepared.template)] = prepared.template
        failed = 0
        for at, pointer, plain_length, index in prepared.rows:
            put_seq(view, at + 2, (index + offset) & 0xFFFF)
            length[0] = plain_length
            failed |= protect(context, pointer, length)
        if failed:
            # What libsrtp refused is still plain text in the work area.
            self._send_singly(link, prepared, offset, first_index)
            return
        for buffers, ancillary, first, stop in prepared.sends:
            self._send_run(link, prepared, buffers, ancillary, first, stop)

    def _send_run(
        self,
        link: Link,
        prepared: PreparedBatch,
        buffers: list[memoryview],
        ancillary: list[tuple[int, int, bytes]],
        first: int,
        stop: int,
    ) -> None:
        address, overhead = link.address, link.channel.overhead
        assert self._socket is not None and address is not None, "send_batch has checked it"
        if not ancillary or (self._segments and link.takes_segments):
            try:
                self.bytes_out += self._socket.sendmsg(buffers, ancillary, 0, address)
                self.packets_out += stop - first
                return
            except OSError as error:
                if not ancillary or error.errno not in (errno.EINVAL, errno.EIO, errno.EMSGSIZE):
                    self._count_failure(error, stop - first)
                    return
                # A smaller MTU, a tunnel or the network card on this path; others may do it.
                link.takes_segments = False
        for at, _, plain_length, _ in prepared.rows[first:stop]:
            self.send(self._view[at : at + plain_length + overhead], address)

    def _send_singly(
        self, link: Link, prepared: PreparedBatch, offset: int, first_index: int
    ) -> None:
        """The slow path: packet by packet, leaving out what is too old or refused by libsrtp.

        A number below the first one must not even be protected: libsrtp would start to count
        wraps from it, and the receiver would not.
        """
        channel = link.channel
        view, template, length = self._view, prepared.template, self._length
        for at, pointer, plain_length, index in prepared.rows:
            if index < first_index:
                self.drop(DropReason.BEFORE_KEYFRAME)
                continue
            end = at + plain_length
            view[at:end] = template[at:end]
            _SEQ.pack_into(view, at + 2, (index + offset) & 0xFFFF)
            length[0] = plain_length
            if lib.srtp_protect(channel.tx, pointer, length):
                self.drop(DropReason.PROTECT_FAILED)
            elif link.address is not None:
                self.send(view[at : at + length[0]], link.address)


def _enlarge_buffers(opened: socket.socket) -> None:
    """Room for one frame to every subscriber, beyond the system's limit where we may.

    Without the privilege net.core.wmem_max and rmem_max cap it; what does not fit is dropped.
    """
    for option, forced in (
        (socket.SO_SNDBUF, SO_SNDBUFFORCE),
        (socket.SO_RCVBUF, SO_RCVBUFFORCE),
    ):
        opened.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER_BYTES)
        if sys.platform == "linux":
            with suppress(OSError):
                opened.setsockopt(socket.SOL_SOCKET, forced, SOCKET_BUFFER_BYTES)


def has_segmentation(family: int) -> bool:
    """Whether this kernel cuts one buffer into datagrams: tried on loopback, not guessed."""
    host = "::1" if family == socket.AF_INET6 else "127.0.0.1"
    ancillary = [(socket.IPPROTO_UDP, UDP_SEGMENT, _SEGMENT_SIZE.pack(4))]
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
            probe.settimeout(0.5)
            probe.sendmsg([b"abcdefgh"], ancillary, 0, probe.getsockname())
            return [probe.recv(16), probe.recv(16)] == [b"abcd", b"efgh"]
    except OSError:
        return False


def own_addresses(host: str, announce: Sequence[str]) -> tuple[str, ...]:
    """The addresses to tell browsers, best first.

    A server on all interfaces and without a setting names the address that its default route
    uses, and loopback for browsers on the same machine. No packet is sent to find out.
    """
    if announce:
        return tuple(announce)
    if host not in ("0.0.0.0", "::"):  # noqa: S104
        return (host,)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            # TEST-NET-1 (RFC 5737): routed like any address, used by nobody.
            probe.connect(("192.0.2.1", 9))
            return (str(probe.getsockname()[0]), "127.0.0.1")
    except OSError:
        return ("127.0.0.1",)


def _binding_response(request: stun.Message, address: Address, pwd: bytes) -> bytes:
    host = str(address[0]).removeprefix("::ffff:")
    response = stun.Message(
        stun.Method.BINDING,
        stun.Class.RESPONSE,
        transaction_id=request.transaction_id,
        attributes={"XOR-MAPPED-ADDRESS": (host, address[1])},
    )
    response.add_message_integrity(pwd)
    return bytes(response)


# -- the other side, for clients of ours ----------------------------------------------------------


def binding_request(local: Ice, remote: Ice) -> tuple[bytes, bytes]:
    """A controlling client's nominating check: its transaction id and the datagram."""
    request = stun.Message(
        stun.Method.BINDING,
        stun.Class.REQUEST,
        attributes={
            "USERNAME": f"{remote.ufrag}:{local.ufrag}",
            "PRIORITY": 110 << 24 | 65_535 << 8 | 255,
            "ICE-CONTROLLING": secrets.randbits(64),
            "USE-CANDIDATE": None,
        },
    )
    request.add_message_integrity(remote.pwd.encode())
    return request.transaction_id, bytes(request)


def answers_binding(datagram: bytes, transaction_id: bytes, remote: Ice) -> bool:
    """Whether the datagram is the authentic success response to a check of ours."""
    try:
        message = stun.parse_message(datagram)
        return (
            message.message_class == stun.Class.RESPONSE
            and message.transaction_id == transaction_id
            and message.check_message_integrity(remote.pwd.encode())
        )
    except Exception:
        return False
