from hypothesis import given
from hypothesis import strategies as st

from media import rtp
from media.forwarder import Forwarder, write_audio, write_video
from media.history import Packet
from media.source import Batch


def packet(index: int, starts_keyframe: bool = False, codec: str = "H264") -> Packet:
    return Packet(index, index * 3000, True, codec, b"\x41" + bytes(index % 7), starts_keyframe)


def batch(
    *wanted: int, generation: int = 1, starts_keyframe: bool = False, codec: str = "H264"
) -> Batch:
    packets = tuple(
        packet(index, starts_keyframe and at == 0, codec) for at, index in enumerate(wanted)
    )
    return Batch(generation, packets, min(wanted), max(wanted))


def forwarder() -> Forwarder:
    made = Forwarder((10, 20, 30))
    made.codecs = frozenset({"H264", "opus"})
    return made


def seq_of(viewer: Forwarder, index: int) -> int:
    return (index + viewer.video.offset) & 0xFFFF


def test_late_viewer_starts_on_keyframe() -> None:
    viewer = forwarder()
    assert not viewer.admit_video(batch(100, 101))
    assert viewer.admit_video(batch(102, 103, starts_keyframe=True))
    assert seq_of(viewer, 102) == 20
    assert viewer.admit_video(batch(104))
    assert seq_of(viewer, 104) == 22


def test_audio_flows_at_once() -> None:
    viewer = forwarder()
    assert viewer.admit_audio(batch(500, codec="opus"))
    assert (500 + viewer.audio.offset) & 0xFFFF == 10


def test_a_new_publisher_is_shown_from_its_keyframe_without_a_gap() -> None:
    viewer = forwarder()
    viewer.admit_video(batch(0, 1, 2, starts_keyframe=True))
    assert not viewer.admit_video(batch(3, 4, generation=2))
    assert viewer.admit_video(batch(5, 6, generation=2, starts_keyframe=True))
    assert seq_of(viewer, 5) == 23
    assert viewer.video.source_index(22) == 2
    assert viewer.video.source_index(23) == 5


def test_a_codec_that_the_viewer_cannot_decode_is_not_sent() -> None:
    viewer = forwarder()
    assert not viewer.admit_video(batch(0, starts_keyframe=True, codec="VP8"))


def test_what_leaves_carries_our_numbers_and_extensions() -> None:
    [video] = write_video([packet(5)], 2.0)
    parsed = rtp.parse_rtp(video)
    assert (parsed.payload_type, parsed.ssrc, parsed.seq) == (102, 2001, 0)
    assert (parsed.rtp_ts, parsed.marker, parsed.payload) == (15_000, True, packet(5).payload)
    assert rtp.extensions(video) == {1: b"1", 2: (2 << 18).to_bytes(3, "big")}
    [audio] = write_audio([packet(5, codec="opus")], 2.0)
    assert rtp.parse_rtp(audio).payload_type == 111
    assert rtp.extensions(audio)[1] == b"0"


@given(st.lists(st.integers(1, 1300), min_size=1, max_size=40))
def test_padding_never_reaches_the_decoder(sizes: list[int]) -> None:
    packets = [Packet(i, 0, False, "H264", b"\x41" * size, False) for i, size in enumerate(sizes)]
    for written, original in zip(write_video(packets, 1.0), packets, strict=True):
        assert rtp.parse_rtp(written).payload == original.payload


def test_a_retransmission_names_the_number_it_repeats() -> None:
    viewer = forwarder()
    first = rtp.parse_rtp(viewer.write_rtx(packet(7), 65535, 1.0))
    second = rtp.parse_rtp(viewer.write_rtx(packet(8), 0, 1.0))
    assert (first.ssrc, first.payload_type) == (2002, 103)
    assert first.payload == b"\xff\xff" + packet(7).payload
    assert (first.seq, second.seq) == (30, 31)


def test_sent_octets_are_taken_once() -> None:
    viewer = forwarder()
    viewer.video_octets = 500
    assert viewer.take_sent_octets() == 500
    assert viewer.take_sent_octets() == 0
