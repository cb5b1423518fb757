"""RTP and RTCP as bytes: read a header, write a header, walk extensions, split and build compounds.

Pure. Nothing here keeps state or knows who sent a packet. Whatever arrives may be hostile, so every
reader either returns values or raises MalformedPacket; lengths are checked before they are used.

The packets that leave for subscribers all carry the same two one-byte header extensions (RFC 8285):
the mid of their media section, and abs-send-time, from which a browser estimates its bandwidth.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from struct import Struct, pack, unpack_from

RTP_HEADER_BYTES = 12
NTP_FRACTION = 1 << 32

_RTP = Struct("!BBHII")
_RTCP = Struct("!BBHI")
_REPORT_BLOCK = Struct("!IB3sIIII")

SENDER_REPORT, RECEIVER_REPORT, SOURCE_DESCRIPTION, GOODBYE = 200, 201, 202, 203
TRANSPORT_FEEDBACK, PAYLOAD_FEEDBACK = 205, 206
FMT_NACK, FMT_PLI, FMT_FIR, FMT_APPLICATION = 1, 1, 4, 15

# A compound fits one datagram; 1,500 bytes hold at most 187 header-and-ssrc packets.
MAX_RTCP_PACKETS = 32
# One NACK item names up to 17 packets. More than this at once is not loss, it is a broken peer.
MAX_NACKED = 512


class MalformedPacket(ValueError):
    """The bytes are not the packet that they claim to be."""


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """One RTP packet without its extensions, CSRCs and padding."""

    marker: bool
    payload_type: int
    seq: int
    rtp_ts: int
    ssrc: int
    payload: bytes


def is_rtcp(datagram: bytes) -> bool:
    """RFC 5761 4: with rtcp-mux, RTCP types 192-223 never collide with RTP payload types."""
    return len(datagram) > 1 and 192 <= datagram[1] <= 223


def parse_rtp(data: bytes) -> RtpPacket:
    if len(data) < RTP_HEADER_BYTES:
        raise MalformedPacket("shorter than an RTP header")
    first, second, seq, rtp_ts, ssrc = _RTP.unpack_from(data)
    if first >> 6 != 2:
        raise MalformedPacket("not RTP version 2")
    start = _payload_start(data)
    end = len(data)
    if first & 0x20:
        padding = data[-1]
        if padding == 0 or start + padding > end:
            raise MalformedPacket("padding longer than the payload")
        end -= padding
    return RtpPacket(second > 127, second & 127, seq, rtp_ts, ssrc, data[start:end])


def _payload_start(data: bytes) -> int:
    start = RTP_HEADER_BYTES + 4 * (data[0] & 0x0F)
    if data[0] & 0x10:
        if len(data) < start + 4:
            raise MalformedPacket("extension header cut off")
        start += 4 + 4 * int(unpack_from("!H", data, start + 2)[0])
    if start > len(data):
        raise MalformedPacket("header longer than the packet")
    return start


def extensions(data: bytes) -> dict[int, bytes]:
    """The header extensions of an RTP packet by local id, in the one-byte or two-byte form."""
    end = _payload_start(data) if len(data) >= RTP_HEADER_BYTES else 0
    if not end or not data[0] & 0x10:
        return {}
    start = RTP_HEADER_BYTES + 4 * (data[0] & 0x0F)
    (profile,) = unpack_from("!H", data, start)
    if profile == 0xBEDE:
        return _walk_one_byte(data[start + 4 : end])
    if profile >> 4 == 0x100:
        return _walk_two_byte(data[start + 4 : end])
    return {}


def _walk_one_byte(block: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at < len(block):
        local_id, length = block[at] >> 4, (block[at] & 0x0F) + 1
        if local_id == 0:
            at += 1
            continue
        # RFC 8285 4.2: id 15 ends the walk; what follows must be ignored.
        if local_id == 15:
            break
        if at + 1 + length > len(block):
            raise MalformedPacket("header extension cut off")
        found[local_id] = block[at + 1 : at + 1 + length]
        at += 1 + length
    return found


def _walk_two_byte(block: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at < len(block):
        if block[at] == 0:
            at += 1
            continue
        if at + 2 > len(block) or at + 2 + block[at + 1] > len(block):
            raise MalformedPacket("header extension cut off")
        found[block[at]] = block[at + 2 : at + 2 + block[at + 1]]
        at += 2 + block[at + 1]
    return found


def build_rtp(
    payload_type: int,
    seq: int,
    rtp_ts: int,
    ssrc: int,
    payload: bytes,
    *,
    marker: bool = False,
    extension: bytes = b"",
    padding: int = 0,
) -> bytes:
    """One RTP packet. extension: a whole block from `mid_and_send_time`; padding: 0-255 bytes."""
    first = 0x80 | (0x10 if extension else 0) | (0x20 if padding else 0)
    header = _RTP.pack(first, (0x80 if marker else 0) | payload_type, seq, rtp_ts, ssrc)
    tail = bytes(padding - 1) + bytes((padding,)) if padding else b""
    return header + extension + payload + tail


def mid_and_send_time(mid_id: int, mid: str, send_time_id: int, now_s: float) -> bytes:
    """The extension block of an outgoing packet.

    abs-send-time is 24 bits of 6.18 fixed point seconds; only differences matter to the receiver,
    so any monotonic clock serves.
    """
    mid_bytes = mid.encode("ascii")
    ticks = int(now_s * (1 << 18)) & 0xFFFFFF
    items = bytes((mid_id << 4 | len(mid_bytes) - 1,)) + mid_bytes
    items += bytes((send_time_id << 4 | 2,)) + ticks.to_bytes(3, "big")
    items += bytes(-len(items) % 4)
    return pack("!HH", 0xBEDE, len(items) // 4) + items


# -- RTCP ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """RFC 3550 6.4.1. last_sr: middle 32 bits of an NTP time; delay in 1/65536 s."""

    ssrc: int
    fraction_lost: int
    packets_lost: int
    highest_seq: int
    jitter: int
    last_sr: int
    delay_since_last_sr: int


@dataclass(frozen=True, slots=True)
class SenderReport:
    ssrc: int
    ntp: int
    rtp_ts: int
    packets: int
    octets: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    ssrc: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class Nack:
    ssrc: int
    media_ssrc: int
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PictureLoss:
    ssrc: int
    media_ssrc: int


@dataclass(frozen=True, slots=True)
class FullIntraRequest:
    ssrc: int
    media_ssrcs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BandwidthEstimate:
    """goog-remb: what the receiver believes its path carries."""

    ssrc: int
    bitrate_bps: int
    media_ssrcs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Goodbye:
    ssrcs: tuple[int, ...]


Rtcp = (
    SenderReport
    | ReceiverReport
    | Nack
    | PictureLoss
    | FullIntraRequest
    | BandwidthEstimate
    | Goodbye
)


def parse_rtcp(data: bytes) -> list[Rtcp]:
    """The packets of a compound that this server understands; others are stepped over.

    Reduced-size RTCP (RFC 5506) is accepted: the first packet need not be a report.
    """
    found: list[Rtcp] = []
    at = 0
    for _ in range(MAX_RTCP_PACKETS):
        if at == len(data):
            return found
        if at + 4 > len(data):
            raise MalformedPacket("RTCP header cut off")
        first, kind, words = unpack_from("!BBH", data, at)
        if first >> 6 != 2:
            raise MalformedPacket("not RTCP version 2")
        end = at + 4 * (words + 1)
        if end > len(data):
            raise MalformedPacket("RTCP packet longer than the datagram")
        body = data[at + 4 : _without_padding(data, at, end) if first & 0x20 else end]
        reader = _READERS.get(kind)
        packet = reader(first & 0x1F, body) if reader else None
        if packet is not None:
            found.append(packet)
        at = end
    raise MalformedPacket("too many packets in one compound")


def _without_padding(data: bytes, at: int, end: int) -> int:
    padding = data[end - 1]
    if padding == 0 or padding > end - at - 4:
        raise MalformedPacket("RTCP padding longer than the packet")
    return end - padding


def _need(body: bytes, length: int) -> None:
    if len(body) < length:
        raise MalformedPacket("RTCP body cut off")


def _blocks(body: bytes, at: int, count: int) -> tuple[ReportBlock, ...]:
    _need(body, at + 24 * count)
    return tuple(_block(body, at + 24 * i) for i in range(count))


def _block(body: bytes, at: int) -> ReportBlock:
    ssrc, fraction, lost, highest, jitter, last_sr, delay = _REPORT_BLOCK.unpack_from(body, at)
    cumulative = int.from_bytes(lost, "big", signed=True)
    return ReportBlock(ssrc, fraction, cumulative, highest, jitter, last_sr, delay)


def _read_sender_report(count: int, body: bytes) -> Rtcp:
    _need(body, 24)
    ssrc, ntp, rtp_ts, packets, octets = unpack_from("!IQIII", body)
    return SenderReport(ssrc, ntp, rtp_ts, packets, octets, _blocks(body, 24, count))


def _read_receiver_report(count: int, body: bytes) -> Rtcp:
    _need(body, 4)
    return ReceiverReport(unpack_from("!I", body)[0], _blocks(body, 4, count))


def _read_goodbye(count: int, body: bytes) -> Rtcp:
    _need(body, 4 * count)
    return Goodbye(unpack_from(f"!{count}I", body))


def _read_transport_feedback(fmt: int, body: bytes) -> Rtcp | None:
    _need(body, 8)
    if fmt != FMT_NACK:
        return None
    ssrc, media_ssrc = unpack_from("!II", body)
    seqs: list[int] = []
    for at in range(8, len(body) - 3, 4):
        first, mask = unpack_from("!HH", body, at)
        seqs.append(first)
        seqs.extend((first + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1)
    return Nack(ssrc, media_ssrc, tuple(seqs[:MAX_NACKED]))


def _read_payload_feedback(fmt: int, body: bytes) -> Rtcp | None:
    _need(body, 8)
    ssrc, media_ssrc = unpack_from("!II", body)
    if fmt == FMT_PLI:
        return PictureLoss(ssrc, media_ssrc)
    if fmt == FMT_FIR:
        return FullIntraRequest(
            ssrc, tuple(unpack_from("!I", body, at)[0] for at in range(8, len(body) - 7, 8))
        )
    if fmt == FMT_APPLICATION and body[8:12] == b"REMB":
        return _read_remb(ssrc, body)
    return None


def _read_remb(ssrc: int, body: bytes) -> BandwidthEstimate:
    _need(body, 16)
    count = body[12]
    _need(body, 16 + 4 * count)
    exponent = body[13] >> 2
    mantissa = (body[13] & 3) << 16 | body[14] << 8 | body[15]
    return BandwidthEstimate(ssrc, mantissa << exponent, unpack_from(f"!{count}I", body, 16))


_READERS = {
    SENDER_REPORT: _read_sender_report,
    RECEIVER_REPORT: _read_receiver_report,
    GOODBYE: _read_goodbye,
    TRANSPORT_FEEDBACK: _read_transport_feedback,
    PAYLOAD_FEEDBACK: _read_payload_feedback,
}


def _rtcp(count: int, kind: int, ssrc: int, body: bytes) -> bytes:
    return _RTCP.pack(0x80 | count, kind, len(body) // 4 + 1, ssrc) + body


def build_sender_report(report: SenderReport) -> bytes:
    body = pack("!QIII", report.ntp, report.rtp_ts, report.packets, report.octets)
    return _rtcp(
        len(report.blocks), SENDER_REPORT, report.ssrc, body + _build_blocks(report.blocks)
    )


def build_receiver_report(report: ReceiverReport) -> bytes:
    return _rtcp(len(report.blocks), RECEIVER_REPORT, report.ssrc, _build_blocks(report.blocks))


def _build_blocks(blocks: Iterable[ReportBlock]) -> bytes:
    return b"".join(
        _REPORT_BLOCK.pack(
            block.ssrc,
            block.fraction_lost,
            # RFC 3550 6.4.1: the 24-bit signed count sticks at its limits instead of wrapping.
            max(-0x800000, min(0x7FFFFF, block.packets_lost)).to_bytes(3, "big", signed=True),
            block.highest_seq,
            block.jitter,
            block.last_sr,
            block.delay_since_last_sr,
        )
        for block in blocks
    )


def build_source_description(ssrcs: Sequence[int], cname: str) -> bytes:
    """One CNAME for all ssrcs: what tells a receiver that they are to be played in step."""
    name = cname.encode("ascii")
    item = bytes((1, len(name))) + name
    item += bytes(4 - len(item) % 4)
    chunks = b"".join(pack("!I", ssrc) + item for ssrc in ssrcs)
    return pack("!BBH", 0x80 | len(ssrcs), SOURCE_DESCRIPTION, len(chunks) // 4) + chunks


def build_nack(ssrc: int, media_ssrc: int, seqs: Sequence[int]) -> bytes:
    """seqs: in sending order (ascending modulo 2**16); neighbours share one item."""
    items: list[list[int]] = []
    for seq in seqs:
        distance = (seq - items[-1][0]) & 0xFFFF if items else 17
        if distance == 0:
            continue
        if distance <= 16:
            items[-1][1] |= 1 << (distance - 1)
        else:
            items.append([seq, 0])
    fci = b"".join(pack("!HH", first, mask) for first, mask in items)
    return _rtcp(FMT_NACK, TRANSPORT_FEEDBACK, ssrc, pack("!I", media_ssrc) + fci)


def build_picture_loss(ssrc: int, media_ssrc: int) -> bytes:
    return _rtcp(FMT_PLI, PAYLOAD_FEEDBACK, ssrc, pack("!I", media_ssrc))


def build_full_intra_request(ssrc: int, media_ssrc: int, number: int) -> bytes:
    """RFC 5104 4.3.1: number grows with every new request, so that a repeat is not a second one."""
    fci = pack("!IB3x", media_ssrc, number & 0xFF)
    return _rtcp(FMT_FIR, PAYLOAD_FEEDBACK, ssrc, pack("!I", 0) + fci)


def build_bandwidth_estimate(ssrc: int, bitrate_bps: int, media_ssrcs: Sequence[int]) -> bytes:
    exponent = max(0, bitrate_bps.bit_length() - 18)
    mantissa = bitrate_bps >> exponent
    head = bytes((len(media_ssrcs), exponent << 2 | mantissa >> 16)) + pack("!H", mantissa & 0xFFFF)
    fci = b"REMB" + head + pack(f"!{len(media_ssrcs)}I", *media_ssrcs)
    return _rtcp(FMT_APPLICATION, PAYLOAD_FEEDBACK, ssrc, pack("!I", 0) + fci)


def ntp_from_seconds(seconds: float) -> int:
    """Seconds on any clock as 32.32 fixed point."""
    return int(seconds * NTP_FRACTION) & 0xFFFFFFFFFFFFFFFF


def ntp_middle(ntp: int) -> int:
    """The 32 bits of an NTP time that report blocks echo: 16.16 fixed point seconds."""
    return ntp >> 16 & 0xFFFFFFFF
