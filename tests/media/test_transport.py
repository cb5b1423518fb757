"""The socket: who may be heard, and what leaves it."""

import asyncio
import socket
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from media import DropReason, SubscriberConnected, rtp, transport
from media.sdp import Ice
from media.transport import binding_request, has_segmentation, own_addresses

if TYPE_CHECKING:
    from tests.media.conftest import Studio


SPS, PPS, IDR, SLICE = b"\x67sps", b"\x68pps", b"\x65idr", b"\x41slice"


@pytest.fixture
def stranger(studio: "Studio") -> Iterator[socket.socket]:
    """Sends datagrams to the SFU from an address that it does not know."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.connect(("127.0.0.1", studio.port))
    opened.setblocking(False)
    yield opened
    opened.close()


HOSTILE = [
    ("empty", b"", DropReason.EMPTY),
    ("DTLS from nowhere", b"\x16\xfe\xfd" + bytes(60), DropReason.UNKNOWN_ADDRESS),
    ("SRTP from nowhere", b"\x80\x60" + bytes(60), DropReason.UNKNOWN_ADDRESS),
    ("neither", b"GET / HTTP/1.1", DropReason.NOT_WEBRTC),
    ("STUN cut off", b"\x00\x01\x00\x00", DropReason.BAD_STUN),
    ("STUN of a stranger", binding_request(Ice("a", "b"), Ice("c", "d"))[1], DropReason.BAD_STUN),
    ("STUN with a short attribute", b"\x00\x01\x00\x08\x21\x12\xa4\x42" + bytes(12)
     + b"\x00\x24\x00\x01\x00\x00\x00\x00", DropReason.BAD_STUN),
]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "datagram", "reason"), HOSTILE, ids=[case for case, _, _ in HOSTILE]
)
async def test_datagrams_of_strangers_change_nothing(
    studio: "Studio",
    stranger: socket.socket,
    wait_until: Callable[..., Any],
    case: str,
    datagram: bytes,
    reason: DropReason,
) -> None:
    camera = await studio.publish()
    stranger.send(datagram)
    await wait_until(lambda: studio.sfu.stats().drops[reason] == 1)
    viewer = await studio.watch()
    camera.audio(b"goes on")
    await viewer.has_audio(b"goes on")
    with pytest.raises(BlockingIOError):
        stranger.recv(100)


async def test_a_join_succeeds_amid_datagrams_of_a_stranger(
    studio: "Studio", stranger: socket.socket, wait_until: Callable[..., Any]
) -> None:
    await studio.publish()

    async def disturb() -> None:
        while True:
            for _, datagram, _ in HOSTILE:
                stranger.send(datagram)
            await asyncio.sleep(0.001)

    disturbing = asyncio.create_task(disturb())
    viewer = await studio.watch()
    await studio.event(SubscriberConnected("live", viewer.peer_id))
    disturbing.cancel()
    assert studio.sfu.stats().drops[DropReason.UNKNOWN_ADDRESS] > 0


async def test_a_known_user_name_without_the_password_is_a_stranger(
    studio: "Studio", stranger: socket.socket, wait_until: Callable[..., Any]
) -> None:
    await studio.publish()
    viewer = await studio.watch()
    link = studio.link_of(viewer)
    address = link.address
    _, forged = binding_request(Ice("x", "y"), Ice(link.ice.ufrag, "a guess"))
    stranger.send(forged)
    await wait_until(lambda: studio.sfu.stats().drops[DropReason.BAD_STUN] == 1)
    assert link.address == address


async def test_an_address_in_use_cannot_be_taken_over(
    studio: "Studio", wait_until: Callable[..., Any]
) -> None:
    await studio.publish()
    victim, attacker = await studio.watch(), await studio.watch()
    mux = studio.sfu._mux
    address = studio.link_of(victim).address
    _, forged = binding_request(Ice("x", "y"), studio.link_of(attacker).ice)
    mux.receive(forged, address, asyncio.get_running_loop().time())
    assert studio.sfu.stats().drops[DropReason.ADDRESS_TAKEN] == 1
    assert mux._by_address[address] is studio.link_of(victim)


async def test_a_peer_holds_a_few_addresses_only(studio: "Studio") -> None:
    await studio.publish()
    viewer = await studio.watch()
    mux = studio.sfu._mux
    link = studio.link_of(viewer)
    for port in range(20):
        _, check = binding_request(Ice("x", "y"), link.ice)
        mux.receive(check, ("127.0.0.1", 40_000 + port), asyncio.get_running_loop().time())
    assert len(link.addresses) == transport.MAX_ADDRESSES_PER_PEER
    assert link.address == ("127.0.0.1", 40_019)
    assert sum(one is link for one in mux._by_address.values()) == len(link.addresses)


# Sizes of the packets of one frame: what UDP_SEGMENT could get wrong.
FRAMES = [
    ("equal", [1000] * 8),
    ("shorter tail", [1000] * 7 + [300]),
    ("short one in the middle", [1000, 1000, 300, 1000, 1000]),
    ("longer last", [500, 500, 900]),
    ("differing by a byte", [1001, 1000, 1001, 1000, 1001]),
    ("single", [700]),
    ("more than 64 KB", [1300] * 70),
    ("more than 128 packets", [60] * 150),
    ("tiny", [1, 1, 1]),
]


@pytest.mark.parametrize("with_segments", [True, False])
@pytest.mark.parametrize(("case", "sizes"), FRAMES)
async def test_every_packet_of_a_frame_arrives_whole(
    studio: "Studio",
    wait_until: Callable[..., Any],
    case: str,
    sizes: list[int],
    with_segments: bool,
) -> None:
    mux = studio.sfu._mux
    mux._segments = mux._segments and with_segments
    camera = await studio.publish()
    viewer = await studio.watch()
    camera.keyframe()
    sent = [b"\x41" + bytes([at % 256]) * (size - 1) for at, size in enumerate(sizes)]
    for at, payload in enumerate(sent):
        camera.video(payload, marker=at == len(sent) - 1)
    await wait_until(lambda: viewer.video()[3:] == sent)


@pytest.mark.skipif(sys.platform != "linux", reason="UDP_SEGMENT is Linux's")
async def test_segmentation_failing_on_one_path_falls_back_there_alone(
    studio: "Studio", wait_until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    mux = studio.sfu._mux
    camera = await studio.publish()
    narrow, viewer = await studio.watch(), await studio.watch()
    camera.keyframe()
    for one in (narrow, viewer):
        await one.has_video(IDR)

    class NoSegments:
        """A path whose MTU is below the segment, as the kernel tells of it, to one viewer."""

        def __init__(self, inner: Any) -> None:
            self._inner = inner
            self.asked: list[Any] = []

        def __getattr__(self, name: str) -> object:
            return getattr(self._inner, name)

        def sendmsg(self, buffers: Any, ancillary: Any, flags: int, address: Any) -> Any:
            if ancillary:
                self.asked.append(address)
                if address == studio.link_of(narrow).address:
                    raise OSError(22, "Invalid argument")
            return self._inner.sendmsg(buffers, ancillary, flags, address)

    path = NoSegments(mux._socket)
    monkeypatch.setattr(mux, "_socket", path)
    for number in range(2):
        frame = [b"\x41" + bytes([number, at]) * 450 for at in range(6)]
        for at, payload in enumerate(frame):
            camera.video(payload, marker=at == 5)
        for one in (narrow, viewer):
            await one.has_video(*frame)
    assert path.asked.count(studio.link_of(narrow).address) == 1
    assert path.asked.count(studio.link_of(viewer).address) == 2
    assert not any(studio.sfu.stats().drops.values())


async def test_a_full_send_buffer_drops_and_counts(
    studio: "Studio", wait_until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    mux = studio.sfu._mux
    camera = await studio.publish()
    viewer = await studio.watch()
    camera.keyframe()
    await viewer.has_video(IDR)

    class Full:
        def __init__(self, inner: Any) -> None:
            self._inner = inner

        def __getattr__(self, name: str) -> object:
            return getattr(self._inner, name)

        def sendmsg(self, *arguments: object) -> int:
            raise BlockingIOError

    with monkeypatch.context() as patch:
        patch.setattr(mux, "_socket", Full(mux._socket))
        camera.video(b"\x41lost")
        await wait_until(lambda: studio.sfu.stats().drops[DropReason.SEND_BUFFER_FULL] == 1)
    camera.video(b"\x41found")
    await viewer.has_video(IDR, b"\x41found")
    seqs = viewer.video_seqs()
    assert seqs[-1] == seqs[-2] + 2
    viewer.peer.send(rtp.build_nack(1, 2001, [seqs[-1] - 1]))
    await wait_until(lambda: viewer.packets[-1].payload[2:] == b"\x41lost")


@pytest.mark.skipif(sys.platform != "linux", reason="UDP_SEGMENT is Linux's")
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_the_kernel_is_asked_whether_it_cuts(family: int) -> None:
    """Linux has cut since 4.18; Python 3.11 runs on nothing older that is still supported."""
    assert has_segmentation(family)


@pytest.mark.parametrize(
    ("host", "announce", "expected"),
    [
        ("127.0.0.1", (), ("127.0.0.1",)),
        ("0.0.0.0", ("203.0.113.5", "2001:db8::5"), ("203.0.113.5", "2001:db8::5")),
        ("127.0.0.1", ("203.0.113.5",), ("203.0.113.5",)),
    ],
)
def test_announced_addresses(
    host: str, announce: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert own_addresses(host, announce) == expected


def test_a_server_on_all_interfaces_also_names_loopback() -> None:
    assert own_addresses("0.0.0.0", ())[-1] == "127.0.0.1"


async def test_a_taken_port_is_an_error(open_studio: Callable[..., Any]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        with pytest.raises(OSError):
            await open_studio(port=holder.getsockname()[1])


async def test_media_over_ipv6(open_studio: Callable[..., Any]) -> None:
    studio = await open_studio(host="::1")
    camera = await studio.publish()
    viewer = await studio.watch()
    camera.keyframe()
    await viewer.has_video(SPS, PPS, IDR)


class Recorder:
    """Keeps what is sent instead of sending it; the kernel's cutting is done here."""

    def __init__(self) -> None:
        self.datagrams: list[bytes] = []

    def sendto(self, datagram: bytes, address: object) -> int:
        self.datagrams.append(bytes(datagram))
        return len(datagram)

    def sendmsg(
        self,
        buffers: list[bytes],
        ancillary: list[tuple[int, int, bytes]],
        flags: int,
        address: object,
    ) -> int:
        whole = b"".join(buffers)
        size = int.from_bytes(ancillary[0][2], sys.byteorder) if ancillary else len(whole)
        self.datagrams += [whole[at : at + size] for at in range(0, len(whole), size)]
        return len(whole)


@pytest.fixture
async def recorded(
    studio: "Studio", monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[bytes | None]]:
    """A function that sends packets with given indices to a viewer, and what left."""
    await studio.publish()
    viewer = await studio.watch()
    mux = studio.sfu._mux
    link = studio.link_of(viewer)
    recorder = Recorder()

    def send(indices: list[int], first_index: int = 0) -> list[bytes | None]:
        recorder.datagrams.clear()
        plain = [rtp.build_rtp(102, 0, 0, 2001, PLAIN % index) for index in indices]
        with monkeypatch.context() as patch:
            patch.setattr(mux, "_socket", recorder)
            prepared = mux.prepare(plain, indices, link.channel.overhead)
            mux.send_batch(link, prepared, 0, first_index)
        assert not [datagram for datagram in recorder.datagrams if PLAIN[:20] in datagram]
        return [viewer.peer._channel.unprotect(datagram) for datagram in recorder.datagrams]

    return send


PLAIN = b"\x41this must never leave in the clear %06d"


def seqs_of(packets: list[bytes | None]) -> list[int]:
    return [rtp.parse_rtp(packet).seq for packet in packets if packet is not None]


async def test_what_srtp_refuses_never_leaves_in_the_clear(
    studio: "Studio", recorded: Callable[..., list[bytes | None]]
) -> None:
    assert seqs_of(recorded([3000, 3001])) == [3000, 3001]
    # 1,024 packets behind is outside of the replay window.
    sent = recorded([3002, 3001 - 1024, 3003])
    assert seqs_of(sent) == [3002, 3003]
    assert len(sent) == 2
    assert studio.sfu.stats().drops[DropReason.PROTECT_FAILED] == 1


async def test_packets_from_before_the_join_are_left_out(
    studio: "Studio", recorded: Callable[..., list[bytes | None]]
) -> None:
    assert seqs_of(recorded([10, 8, 11], first_index=10)) == [10, 11]
    assert studio.sfu.stats().drops[DropReason.BEFORE_KEYFRAME] == 1
