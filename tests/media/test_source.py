from hypothesis import given
from hypothesis import strategies as st

from media.keyframes import h264_units
from media.rtp import RtpPacket
from media.source import MAX_REPLAY_BYTES, Batcher, Track, unwrap_rtx

SPS, PPS, IDR, SLICE = b"\x67sps", b"\x68pps", b"\x65idr", b"\x41slice"


def packet(
    seq: int, rtp_ts: int = 0, payload: bytes = SLICE, ssrc: int = 5, marker: bool = False
) -> RtpPacket:
    return RtpPacket(marker, 102, seq & 0xFFFF, rtp_ts & 0xFFFFFFFF, ssrc, payload)


def indices(track: Track, *packets: RtpPacket, now_s: float = 0.0) -> list[int]:
    return [kept.index for one in packets for kept in track.receive(one, "H264", now_s)]


def test_packets_keep_their_order_over_the_wrap_and_reordering() -> None:
    track = Track(90_000)
    assert indices(track, packet(65534), packet(0), packet(65535), packet(1)) == [0, 2, 1, 3]


def test_duplicates_go_no_further() -> None:
    track = Track(90_000)
    assert indices(track, packet(7), packet(7), packet(8), packet(7)) == [0, 1]


def test_packets_older_than_the_first_go_no_further() -> None:
    track = Track(90_000)
    assert indices(track, packet(7), packet(6), packet(5)) == [0]


def test_packets_older_than_the_ring_go_no_further() -> None:
    track = Track(90_000)
    assert len(indices(track, *(packet(seq) for seq in range(1500)))) == 1500
    assert indices(track, packet(1500 - 1024), packet(1500 - 1025), packet(3)) == []


def test_another_publisher_continues_numbers_and_time() -> None:
    track = Track(90_000)
    indices(track, packet(100, 9000), packet(101, 12_000), now_s=1.0)
    [resumed] = track.receive(packet(40_000, 777, ssrc=6), "H264", 3.0)
    assert resumed.index == 2
    assert resumed.rtp_ts == 3000 + 2 * 90_000
    [following] = track.receive(packet(40_001, 3777, ssrc=6), "H264", 3.033)
    assert (following.index, following.rtp_ts) == (3, resumed.rtp_ts + 3000)
    assert track.generation == 2


def test_a_restart_at_once_still_moves_time_forward() -> None:
    track = Track(90_000)
    [before] = track.receive(packet(1, 9000), "H264", 1.0)
    track.restart()
    [after] = track.receive(packet(9, 4, ssrc=5), "H264", 1.0)
    assert after.rtp_ts == before.rtp_ts + 1
    assert after.index == before.index + 1


@given(st.permutations(range(40)), st.integers(0, 0xFFFF))
def test_whatever_the_order_indices_follow_the_publishers_numbers(
    order: list[int], start: int
) -> None:
    track = Track(90_000)
    indices(track, packet(start))
    kept = indices(track, *(packet(start + 1 + one) for one in order))
    assert kept == [1 + one for one in order]


def test_missing_parameter_sets_are_put_before_a_keyframe() -> None:
    track = Track(90_000)
    track.receive(packet(1, 0, SPS), "H264", 0.0)
    track.receive(packet(2, 0, PPS), "H264", 0.0)
    track.receive(packet(3, 0, IDR), "H264", 0.0)
    sets, keyframe = track.receive(packet(4, 3000, IDR), "H264", 0.0)
    assert [unit[0] & 0x1F for unit in h264_units(sets.payload)] == [7, 8]
    assert (sets.index, keyframe.index) == (3, 4)
    assert sets.rtp_ts == keyframe.rtp_ts
    assert (sets.starts_keyframe, keyframe.starts_keyframe) == (True, False)
    assert indices(track, packet(5, 6000)) == [5]


def test_a_replay_is_the_keyframe_and_all_after_it() -> None:
    track = Track(90_000)
    for seq in range(10):
        track.receive(packet(seq, seq * 3000, SPS if seq in (2, 5) else SLICE), "H264", seq / 30)
    assert [one.index for one in track.replay(0.5)] == [5, 6, 7, 8, 9]


def test_no_replay_when_it_is_old_large_or_of_an_earlier_publisher() -> None:
    track = Track(90_000)
    assert track.replay(0.0) == []
    track.receive(packet(0, 0, SPS), "H264", 0.0)
    assert len(track.replay(1.0)) == 1
    assert track.replay(2.5) == []
    track.restart()
    assert track.replay(1.0) == []

    large = Track(90_000)
    large.receive(packet(0, 0, SPS), "H264", 0.0)
    for seq in range(1, 2 + MAX_REPLAY_BYTES // 1000):
        large.receive(packet(seq, 0, b"\x41" + bytes(999)), "H264", 0.0)
    assert large.replay(0.1) == []


def test_a_retransmission_is_unwrapped_and_padding_is_not() -> None:
    inside = RtpPacket(True, 103, 9, 3000, 6, b"\xff\xfe" + SLICE)
    assert unwrap_rtx(inside, 102, 5) == RtpPacket(True, 102, 0xFFFE, 3000, 5, SLICE)
    assert unwrap_rtx(RtpPacket(False, 103, 9, 3000, 6, b""), 102, 5) is None
    assert unwrap_rtx(RtpPacket(False, 103, 9, 3000, 6, b"\x00\x01"), 102, 5) is None


def test_a_frame_leaves_as_one_batch_at_its_marker() -> None:
    track, batcher = Track(90_000), Batcher()
    batches = []
    for seq in range(6):
        [kept] = track.receive(packet(seq, 0, marker=seq % 3 == 2), "H264", 0.0)
        batches += batcher.add(track.generation, kept)
    assert [[p.index for p in batch.packets] for batch in batches] == [[0, 1, 2], [3, 4, 5]]
    assert len(batcher) == 0


def test_a_keyframe_never_hides_inside_a_batch() -> None:
    track, batcher = Track(90_000), Batcher()
    batches = []
    for seq, payload in enumerate([SLICE, SLICE, SPS, PPS, IDR]):
        rtp_ts = 0 if payload is SLICE else 3000
        [kept] = track.receive(packet(seq, rtp_ts, payload), "H264", 0.0)
        batches += batcher.add(track.generation, kept)
    batches += batcher.flush()
    assert [(b.lowest, b.highest, b.starts_keyframe) for b in batches] == [
        (0, 1, False),
        (2, 4, True),
    ]


def test_a_huge_frame_leaves_in_parts_that_fit_one_call() -> None:
    track, batcher = Track(90_000), Batcher()
    sizes = []
    for seq in range(200):
        [kept] = track.receive(packet(seq, 0, b"\x41" + bytes(1299)), "H264", 0.0)
        sizes += [len(batch.packets) for batch in batcher.add(track.generation, kept)]
    assert len(sizes) >= 4
    assert max(sizes) * 1400 < 65_000
