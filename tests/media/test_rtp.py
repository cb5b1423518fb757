from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import rtp

seqs = st.integers(0, 0xFFFF)
words = st.integers(0, 0xFFFFFFFF)


@given(
    payload_type=st.integers(0, 127),
    seq=seqs,
    rtp_ts=words,
    ssrc=words,
    payload=st.binary(max_size=1200),
    marker=st.booleans(),
    padding=st.integers(0, 255),
    has_extension=st.booleans(),
)
def test_a_written_packet_reads_back(
    payload_type: int,
    seq: int,
    rtp_ts: int,
    ssrc: int,
    payload: bytes,
    marker: bool,
    padding: int,
    has_extension: bool,
) -> None:
    extension = rtp.mid_and_send_time(1, "0", 2, 12.5) if has_extension else b""
    data = rtp.build_rtp(
        payload_type,
        seq,
        rtp_ts,
        ssrc,
        payload,
        marker=marker,
        extension=extension,
        padding=padding,
    )
    assert rtp.parse_rtp(data) == rtp.RtpPacket(marker, payload_type, seq, rtp_ts, ssrc, payload)


@pytest.mark.parametrize(
    ("case", "data"),
    [
        ("empty", b""),
        ("header cut off", bytes([0x80, 96]) + bytes(9)),
        ("version 1", bytes([0x40, 96]) + bytes(10)),
        ("more CSRCs than bytes", bytes([0x8F, 96]) + bytes(20)),
        ("extension header cut off", bytes([0x90, 96]) + bytes(12)),
        ("extension longer than packet", bytes([0x90, 96]) + bytes(10) + b"\xbe\xde\x00\x05"),
        ("padding of zero", bytes([0xA0, 96]) + bytes(12)),
        ("padding longer than payload", bytes([0xA0, 96]) + bytes(11) + b"\x09"),
    ],
)
def test_damaged_packets_are_refused(case: str, data: bytes) -> None:
    with pytest.raises(rtp.MalformedPacket):
        rtp.parse_rtp(data)


def test_extensions_are_found_in_both_forms() -> None:
    one_byte = rtp.build_rtp(96, 1, 2, 3, b"x", extension=rtp.mid_and_send_time(1, "a1", 2, 0.5))
    assert rtp.extensions(one_byte) == {1: b"a1", 2: (1 << 17).to_bytes(3, "big")}
    block = b"\x10\x00\x00\x02" + b"\x05\x02hi" + b"\x00" + b"\x06\x00" + b"\x00"
    assert rtp.extensions(rtp.build_rtp(96, 1, 2, 3, b"x", extension=block)) == {5: b"hi", 6: b""}
    assert rtp.extensions(rtp.build_rtp(96, 1, 2, 3, b"x")) == {}


def test_one_byte_extensions_end_at_id_15() -> None:
    block = b"\xbe\xde\x00\x02" + b"\x10a" + b"\xf0\x00" + b"\x20b" + b"\x00\x00"
    assert rtp.extensions(rtp.build_rtp(96, 1, 2, 3, b"", extension=block)) == {1: b"a"}


@given(st.binary(max_size=80))
def test_hostile_extensions_raise_only_our_error(block: bytes) -> None:
    for profile in (b"\xbe\xde", b"\x10\x03"):
        padded = block + bytes(-len(block) % 4)
        extension = profile + (len(padded) // 4).to_bytes(2, "big") + padded
        with suppress(rtp.MalformedPacket):
            rtp.extensions(rtp.build_rtp(96, 1, 2, 3, b"", extension=extension))


blocks = st.builds(
    rtp.ReportBlock,
    ssrc=words,
    fraction_lost=st.integers(0, 255),
    packets_lost=st.integers(-0x800000, 0x7FFFFF),
    highest_seq=words,
    jitter=words,
    last_sr=words,
    delay_since_last_sr=words,
)
block_tuples = st.lists(blocks, max_size=4).map(tuple)


@given(block_tuples, st.integers(0, 2**64 - 1), words, words)
def test_a_compound_reads_back(
    reports: tuple[rtp.ReportBlock, ...], ntp: int, rtp_ts: int, ssrc: int
) -> None:
    sender = rtp.SenderReport(ssrc, ntp, rtp_ts, 7, 8, reports)
    receiver = rtp.ReceiverReport(ssrc, reports)
    data = (
        rtp.build_sender_report(sender)
        + rtp.build_source_description([ssrc, 9], "live")
        + rtp.build_receiver_report(receiver)
        + rtp.build_picture_loss(ssrc, 11)
        + rtp.build_full_intra_request(ssrc, 12, 300)
        + rtp.build_nack(ssrc, 13, [65535, 0, 20])
        + rtp.build_bandwidth_estimate(ssrc, 2_500_000, [14, 15])
    )
    assert rtp.parse_rtcp(data) == [
        sender,
        receiver,
        rtp.PictureLoss(ssrc, 11),
        rtp.FullIntraRequest(ssrc, (12,)),
        rtp.Nack(ssrc, 13, (65535, 0, 20)),
        # 18 bits of mantissa carry 2.5 Mbit/s in steps of 16.
        rtp.BandwidthEstimate(ssrc, 2_500_000, (14, 15)),
    ]


@given(st.lists(st.integers(0, 4000), min_size=1, max_size=100, unique=True), seqs)
def test_a_nack_names_exactly_the_missing(missing: list[int], start: int) -> None:
    wanted = [(start + one) & 0xFFFF for one in sorted(missing)]
    [nack] = rtp.parse_rtcp(rtp.build_nack(1, 2, wanted))
    assert isinstance(nack, rtp.Nack)
    assert list(nack.seqs) == wanted


def test_transport_wide_feedback_is_not_taken_for_a_nack() -> None:
    data = bytearray(rtp.build_nack(1, 2, [5]))
    data[0] = 0x80 | 15
    assert rtp.parse_rtcp(bytes(data)) == []


def test_unknown_kinds_are_stepped_over() -> None:
    extended_report = b"\x80\xcf\x00\x02" + bytes(8)
    data = extended_report + rtp.build_picture_loss(1, 2)
    assert rtp.parse_rtcp(data) == [rtp.PictureLoss(1, 2)]


def test_rtcp_padding_is_not_read_as_content() -> None:
    report = bytearray(rtp.build_receiver_report(rtp.ReceiverReport(5)))
    report[0] |= 0x20
    report[3] += 1
    assert rtp.parse_rtcp(bytes(report) + b"\x00\x00\x00\x04") == [rtp.ReceiverReport(5)]


@given(st.binary(max_size=300))
def test_hostile_rtcp_raises_only_our_error(data: bytes) -> None:
    with suppress(rtp.MalformedPacket):
        rtp.parse_rtcp(data)


@given(st.data())
def test_mutated_rtcp_raises_only_our_error(data: st.DataObject) -> None:
    valid = (
        rtp.build_sender_report(rtp.SenderReport(1, 2, 3, 4, 5))
        + rtp.build_nack(1, 2, [1, 2, 40])
        + rtp.build_bandwidth_estimate(1, 1_000_000, [3])
    )
    damaged = bytearray(valid)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(valid) - 1))] = data.draw(st.integers(0, 255))
    with suppress(rtp.MalformedPacket):
        rtp.parse_rtcp(bytes(damaged[: data.draw(st.integers(0, len(valid)))]))


@pytest.mark.parametrize(
    ("first_bytes", "expected"),
    [(b"\x80\xc8", True), (b"\x80\xcd", True), (b"\x80\x60", False), (b"\x80\xe0", False)],
)
def test_rtcp_is_told_from_rtp_by_its_type(first_bytes: bytes, expected: bool) -> None:
    assert rtp.is_rtcp(first_bytes) is expected
