"""The private parts of aiortc, aioice and pylibsrtp that media.transport stands on.

Each test pins one of them. When an upgrade makes one fail, media/transport.py has to follow.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aioice import stun
from aiortc.rtcdtlstransport import RTCDtlsTransport
from pylibsrtp import Error, Policy, Session
from pylibsrtp._binding import ffi, lib

from media import rtp
from media.sdp import Ice
from media.transport import (
    Certificate,
    SecureChannel,
    _binding_response,
    answers_binding,
    binding_request,
)


@pytest.fixture
async def channels() -> AsyncIterator[tuple[SecureChannel, SecureChannel]]:
    """Server and client, connected to each other in memory."""
    certificate = Certificate.generateCertificate()
    ends: list[SecureChannel] = []
    done = asyncio.Event()

    def changed() -> None:
        if all(end.state == "connected" for end in ends):
            done.set()

    for other in (1, 0):

        def send(data: bytes, other: int = other) -> None:
            if data and 20 <= data[0] <= 63:
                ends[other].receive_dtls(data)

        ends.append(SecureChannel(certificate, send, changed))
    for end, is_client in zip(ends, (False, True), strict=True):
        end.begin([certificate.fingerprint], is_client=is_client)
    async with asyncio.timeout(10):
        await done.wait()
    yield ends[0], ends[1]
    for end in ends:
        end.close()


Channels = tuple[SecureChannel, SecureChannel]


def packet(seq: int, size: int = 100) -> bytes:
    return rtp.build_rtp(96, seq, 1, 7, bytes(size))


async def test_dtls_needs_only_receive_send_and_role_of_its_ice_transport(
    channels: Channels,
) -> None:
    server, client = channels
    assert (server.state, client.state) == ("connected", "connected")
    protected = client.protect(packet(1))
    assert protected is not None
    assert server.unprotect(protected) == packet(1)


async def test_rtcp_is_protected_both_ways(channels: Channels) -> None:
    server, client = channels
    report = rtp.build_picture_loss(1, 2)
    protected = server.protect(report)
    assert protected is not None and protected != report
    assert client.unprotect(protected) == report


async def test_the_raw_libsrtp_context_protects_in_place(channels: Channels) -> None:
    server, client = channels
    plain = packet(9)
    work = ffi.new("unsigned char[]", 2048)
    ffi.buffer(work)[0 : len(plain)] = plain
    length = ffi.new("int *", len(plain))
    assert lib.srtp_protect(server.tx, work, length) == lib.srtp_err_status_ok == 0
    assert length[0] == len(plain) + server.overhead
    assert client.unprotect(bytes(ffi.buffer(work)[0 : length[0]])) == plain


async def test_the_overhead_follows_the_negotiated_profile(channels: Channels) -> None:
    server, client = channels
    assert server._ssl is not None
    assert server._ssl.get_selected_srtp_profile() == b"SRTP_AEAD_AES_256_GCM"
    assert server.overhead == client.overhead == 16


async def test_a_closed_channel_reaches_the_other_side(channels: Channels) -> None:
    server, client = channels
    closed = asyncio.Event()
    server._changed = closed.set
    client.close()
    async with asyncio.timeout(10):
        await closed.wait()
    assert server.state == "closed"
    assert server.tx is None


async def test_packets_of_others_do_not_unprotect(channels: Channels) -> None:
    server, _ = channels
    assert server.unprotect(packet(1) + bytes(16)) is None
    assert server.unprotect(b"\x80\xc8\x00\x06" + bytes(40)) is None
    assert server.unprotect(b"\x80") is None


async def test_one_tls_context_serves_all_peers(channels: Channels) -> None:
    server, client = channels
    assert server._ssl is not None and client._ssl is not None
    assert server._ssl.get_context() is client._ssl.get_context()


async def test_a_wrong_fingerprint_fails_the_handshake() -> None:
    certificate, other = Certificate.generateCertificate(), Certificate.generateCertificate()
    ends: list[SecureChannel] = []
    failed = asyncio.Event()

    def changed() -> None:
        if ends[0].state == "failed":
            failed.set()

    for at in (1, 0):

        def send(data: bytes, other: int = at) -> None:
            ends[other].receive_dtls(data)

        ends.append(SecureChannel(certificate, send, changed))
    ends[0].begin([other.fingerprint], is_client=False)
    ends[1].begin([certificate.fingerprint], is_client=True)
    async with asyncio.timeout(10):
        await failed.wait()
    for end in ends:
        end.close()


def test_the_private_names_exist() -> None:
    for name in ("_recv_next", "_set_role", "_setup_srtp", "_handle_rtp_data"):
        assert hasattr(RTCDtlsTransport, name)
    instance = SecureChannel(Certificate.generateCertificate(), lambda data: None, lambda: None)
    assert instance._ssl is None
    assert instance._task is None
    assert instance._tx_srtp is None


def srtp_session(ssrc_type: int) -> Session:
    policy = Policy(
        key=bytes(30), ssrc_type=ssrc_type, srtp_profile=Policy.SRTP_PROFILE_AES128_CM_SHA1_80
    )
    policy.allow_repeat_tx = True
    policy.window_size = 1024
    return Session(policy)


def test_srtp_refuses_what_is_a_window_behind() -> None:
    session = srtp_session(Policy.SSRC_ANY_OUTBOUND)
    session.protect(packet(2000))
    session.protect(packet(2000 - 1023))
    with pytest.raises(Error):
        session.protect(packet(2000 - 1024))


def test_a_lost_first_packet_before_the_wrap_would_desynchronise() -> None:
    """Why outgoing numbers start in the lower half."""
    sender, receiver = (
        srtp_session(Policy.SSRC_ANY_OUTBOUND),
        srtp_session(Policy.SSRC_ANY_INBOUND),
    )
    sender.protect(packet(65535))
    with pytest.raises(Error):
        receiver.unprotect(sender.protect(packet(0)))


def test_stun_requests_are_authentic_only_with_the_password() -> None:
    local, remote = Ice("local", "l" * 24), Ice("remote", "r" * 24)
    _, datagram = binding_request(local, remote)
    request = stun.parse_message(datagram)
    assert request.attributes["USERNAME"] == "remote:local"
    assert "USE-CANDIDATE" in request.attributes
    assert request.check_message_integrity(b"r" * 24)
    assert not request.check_message_integrity(b"x" * 24)


def test_a_request_without_integrity_is_not_authentic() -> None:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    assert not stun.parse_message(bytes(request)).check_message_integrity(b"r" * 24)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_responses_are_checked_by_whoever_asked(host: str) -> None:
    local, remote = Ice("local", "l" * 24), Ice("remote", "r" * 24)
    transaction_id, datagram = binding_request(local, remote)
    response = _binding_response(stun.parse_message(datagram), (host, 1234), b"r" * 24)
    mapped = stun.parse_message(response).attributes["XOR-MAPPED-ADDRESS"]
    assert mapped == (host.removeprefix("::ffff:"), 1234)
    assert answers_binding(response, transaction_id, remote)
    assert not answers_binding(response, bytes(12), remote)
    assert not answers_binding(response, transaction_id, local)
    assert not answers_binding(b"\x01", transaction_id, remote)
