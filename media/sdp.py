"""Session descriptions: read what a browser sends, write what it is sent.

Written by hand because the generic parsers fail on hostile text in many ways, and because every
number in our own offers is chosen here: payload types, SSRCs and extension ids are the same for
every subscriber, so that one packet needs only its sequence number changed per subscriber.

What is read is used sparingly. Candidates are counted and thrown away: an ICE-lite server learns
the peer's address from authenticated checks and never sends anywhere else (RFC 8445 2.5), so a
description can neither make it probe foreign hosts nor wait for mDNS names.

Reading raises BadDescription for anything that is not usable, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from media.keyframes import H264, OPUS, VP8

MAX_SDP_BYTES = 32_768
MAX_CANDIDATES = 20
MAX_SECTIONS = 8
MAX_LINES = 2_000

AUDIO, VIDEO = "audio", "video"
CLOCK_RATES = {AUDIO: 48_000, VIDEO: 90_000}

# What subscribers receive.
AUDIO_SSRC, VIDEO_SSRC, VIDEO_RTX_SSRC = 1001, 2001, 2002
# The sender of our RTCP towards publishers.
SERVER_SSRC = 1
AUDIO_MID, VIDEO_MID = "0", "1"
MID_EXTENSION, SEND_TIME_EXTENSION = 1, 2
PAYLOAD_TYPES = {OPUS: 111, H264: 102, VP8: 96}
RTX_PAYLOAD_TYPES = {H264: 103, VP8: 97}
CNAME = "live"

MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid"
SEND_TIME_URI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"

# Constrained baseline 3.1: what every browser, Safari included, both encodes and decodes.
H264_FORMAT = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
OPUS_FORMAT = "minptime=10;useinbandfec=1"
VIDEO_FEEDBACK = ("goog-remb", "ccm fir", "nack", "nack pli")

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,32}")
_ICE = re.compile(r"[A-Za-z0-9+/=_-]{4,256}")
_FINGERPRINT = re.compile(r"[A-Fa-f0-9]{2}(:[A-Fa-f0-9]{2}){15,63}")
_SETUPS = ("actpass", "active", "passive")
_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")


class BadDescription(ValueError):
    """The text is not a session description that this server can use; says why."""


@dataclass(frozen=True, slots=True)
class Ice:
    ufrag: str
    pwd: str


@dataclass(frozen=True, slots=True)
class Fingerprint:
    algorithm: str
    value: str


@dataclass(frozen=True, slots=True)
class Codec:
    """One payload type of a media section. name as written, e.g. "H264"; format: the fmtp text."""

    payload_type: int
    name: str
    clock_rate: int
    format: str = ""

    def parameter(self, name: str) -> str | None:
        for pair in self.format.split(";"):
            key, _, value = pair.partition("=")
            if key.strip().lower() == name:
                return value.strip()
        return None


@dataclass(frozen=True, slots=True)
class Section:
    """One m= section."""

    kind: str
    protocol: str
    formats: tuple[str, ...]
    port: int
    mid: str
    direction: str
    codecs: tuple[Codec, ...]
    ice: Ice
    fingerprints: tuple[Fingerprint, ...]
    setup: str
    has_rtcp_mux: bool
    candidates: tuple[tuple[str, int], ...]

    def codec(self, payload_type: int) -> Codec | None:
        return next((c for c in self.codecs if c.payload_type == payload_type), None)

    def rtx_for(self, payload_type: int) -> Codec | None:
        """The retransmission payload type of another one (RFC 4588 8.6)."""
        wanted = str(payload_type)
        return next(
            (c for c in self.codecs if c.name.lower() == "rtx" and c.parameter("apt") == wanted),
            None,
        )


@dataclass(frozen=True, slots=True)
class Description:
    sections: tuple[Section, ...]
    bundled: tuple[str, ...]

    def first(self, kind: str) -> Section | None:
        """The first usable section of a kind: accepted, bundled, with a mid."""
        for section in self.sections:
            if section.kind == kind and section.port != 0 and section.mid in self.bundled:
                return section
        return None


# -- reading ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """Attributes as they are met; the session level is a draft too, inherited by sections."""

    head: tuple[str, str, tuple[str, ...], int] = ("", "", (), 0)
    mid: str = ""
    direction: str = "sendrecv"
    names: dict[int, tuple[str, int]] = field(default_factory=dict)
    formats: dict[int, str] = field(default_factory=dict)
    ufrag: str = ""
    pwd: str = ""
    fingerprints: list[Fingerprint] = field(default_factory=list)
    setup: str = ""
    has_rtcp_mux: bool = False
    candidates: list[tuple[str, int]] = field(default_factory=list)
    bundled: tuple[str, ...] = ()


def parse(text: str) -> Description:
    """Read an offer or an answer.

    Refuses more than 32 KB, 20 candidates, 8 sections or 2,000 lines: a browser's offer for one
    camera has about 6 KB, 5 candidates and 150 lines.
    """
    if not isinstance(text, str) or len(text) > MAX_SDP_BYTES:
        raise BadDescription(f"a session description of at most {MAX_SDP_BYTES} bytes is expected")
    lines = text.replace("\r\n", "\n").split("\n")
    if len(lines) > MAX_LINES or lines[0] != "v=0":
        raise BadDescription("this is not a session description")
    session = _Draft()
    drafts: list[_Draft] = []
    for line in lines:
        if line.startswith("m="):
            drafts.append(_open_section(line))
            if len(drafts) > MAX_SECTIONS:
                raise BadDescription(f"more than {MAX_SECTIONS} media sections")
        elif line.startswith("a="):
            _read_attribute(drafts[-1] if drafts else session, line[2:])
    if sum(len(draft.candidates) for draft in (session, *drafts)) > MAX_CANDIDATES:
        raise BadDescription(f"more than {MAX_CANDIDATES} candidates")
    return Description(tuple(_section(draft, session) for draft in drafts), session.bundled)


def _integer(text: str, highest: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > highest:
        raise BadDescription("a number is out of its range")
    return int(text)


def _open_section(line: str) -> _Draft:
    words = line[2:].split()
    if len(words) < 4 or not all(_TOKEN.fullmatch(word) for word in (words[0], *words[3:])):
        raise BadDescription("a media line is damaged")
    port = _integer(words[1].partition("/")[0], 65_535)
    # The protocol is written back in the answer.
    if not re.fullmatch(r"[A-Z/]{3,32}", words[2]):
        raise BadDescription("a media line is damaged")
    return _Draft(head=(words[0], words[2], tuple(words[3:]), port))


def _read_attribute(draft: _Draft, text: str) -> None:
    name, _, value = text.partition(":")
    if name in _DIRECTIONS:
        draft.direction = name
        return
    reader = _ATTRIBUTES.get(name)
    if reader is not None:
        reader(draft, value.strip())


def _read_group(draft: _Draft, value: str) -> None:
    words = value.split()
    if words[:1] == ["BUNDLE"]:
        draft.bundled = tuple(words[1:])


def _read_mid(draft: _Draft, value: str) -> None:
    if not _TOKEN.fullmatch(value):
        raise BadDescription("a media section has an unusable mid")
    draft.mid = value


def _read_rtpmap(draft: _Draft, value: str) -> None:
    payload_type, _, encoding = value.partition(" ")
    parts = encoding.strip().split("/")
    if len(parts) < 2 or not _TOKEN.fullmatch(parts[0]):
        raise BadDescription("a codec line is damaged")
    draft.names[_integer(payload_type, 127)] = (parts[0], _integer(parts[1], 2**31))


def _read_fmtp(draft: _Draft, value: str) -> None:
    payload_type, _, text = value.partition(" ")
    draft.formats[_integer(payload_type, 127)] = text.strip()


def _read_ufrag(draft: _Draft, value: str) -> None:
    draft.ufrag = _ice_text(value)


def _read_pwd(draft: _Draft, value: str) -> None:
    draft.pwd = _ice_text(value)


def _ice_text(value: str) -> str:
    if not _ICE.fullmatch(value):
        raise BadDescription("the ICE credentials are unusable")
    return value


def _read_fingerprint(draft: _Draft, value: str) -> None:
    algorithm, _, digest = value.partition(" ")
    if not _TOKEN.fullmatch(algorithm) or not _FINGERPRINT.fullmatch(digest.strip()):
        raise BadDescription("the certificate fingerprint is damaged")
    if len(draft.fingerprints) < 8:
        draft.fingerprints.append(Fingerprint(algorithm.lower(), digest.strip()))


def _read_setup(draft: _Draft, value: str) -> None:
    if value not in _SETUPS:
        raise BadDescription("the DTLS role is unusable")
    draft.setup = value


def _read_rtcp_mux(draft: _Draft, value: str) -> None:
    draft.has_rtcp_mux = True


def _read_candidate(draft: _Draft, value: str) -> None:
    words = value.split()
    if len(words) < 8 or len(words[4]) > 255:
        raise BadDescription("a candidate is damaged")
    draft.candidates.append((words[4], _integer(words[5], 65_535)))


_ATTRIBUTES = {
    "group": _read_group,
    "mid": _read_mid,
    "rtpmap": _read_rtpmap,
    "fmtp": _read_fmtp,
    "ice-ufrag": _read_ufrag,
    "ice-pwd": _read_pwd,
    "fingerprint": _read_fingerprint,
    "setup": _read_setup,
    "rtcp-mux": _read_rtcp_mux,
    "candidate": _read_candidate,
}


def _section(draft: _Draft, session: _Draft) -> Section:
    kind, protocol, formats, port = draft.head
    codecs = tuple(
        Codec(int(text), *draft.names[int(text)], draft.formats.get(int(text), ""))
        for text in dict.fromkeys(formats)
        if text.isascii() and text.isdigit() and int(text) in draft.names
    )
    return Section(
        kind=kind,
        protocol=protocol,
        formats=formats,
        port=port,
        mid=draft.mid,
        direction=draft.direction,
        codecs=codecs,
        ice=Ice(draft.ufrag or session.ufrag, draft.pwd or session.pwd),
        fingerprints=tuple(draft.fingerprints or session.fingerprints),
        setup=draft.setup or session.setup,
        has_rtcp_mux=draft.has_rtcp_mux,
        candidates=tuple(draft.candidates),
    )


@dataclass(frozen=True, slots=True)
class Remote:
    """The transport of the other side; all bundled sections share it."""

    ice: Ice
    fingerprints: tuple[Fingerprint, ...]
    setup: str


def remote(description: Description) -> Remote:
    """The transport named by the first bundled section, checked for what we need of it."""
    for section in description.sections:
        if section.port == 0 or section.mid not in description.bundled:
            continue
        if not section.ice.ufrag or not section.ice.pwd:
            raise BadDescription("the ICE credentials are missing")
        if not section.fingerprints or not section.setup:
            raise BadDescription("the DTLS fingerprint or role is missing")
        if not section.has_rtcp_mux:
            raise BadDescription("RTP and RTCP have to share one port (rtcp-mux)")
        return Remote(section.ice, section.fingerprints, section.setup)
    raise BadDescription("there is no bundled media section")


@dataclass(frozen=True, slots=True)
class Incoming:
    """What one payload type of a publisher means. apt: set for RTX, the repaired payload type."""

    kind: str
    codec: str
    apt: int | None = None


@dataclass(frozen=True, slots=True)
class PublisherOffer:
    description: Description
    remote: Remote
    payload_types: dict[int, Incoming]
    # The mids of the sections that are received.
    mids: tuple[str, ...]
    # The codec of the video section, if there is one.
    video_codec: str | None


def read_publisher_offer(text: str) -> PublisherOffer:
    """Choose the codecs of a publisher: Opus, and H264 before VP8.

    Raises NoCodec when it sends neither; BadDescription for everything else.
    """
    description = parse(text)
    payload_types: dict[int, Incoming] = {}
    mids = []
    video_codec = None
    for kind in (AUDIO, VIDEO):
        section = description.first(kind)
        if section is None or section.direction not in ("sendonly", "sendrecv"):
            continue
        chosen = _choose(section)
        if chosen is None:
            continue
        codec, name = chosen
        mids.append(section.mid)
        payload_types[codec.payload_type] = Incoming(kind, name)
        rtx = section.rtx_for(codec.payload_type)
        if rtx is not None:
            payload_types[rtx.payload_type] = Incoming(kind, name, codec.payload_type)
        if kind == VIDEO:
            video_codec = name
    if not mids:
        raise NoCodec("the offer sends neither Opus audio nor H264 or VP8 video")
    return PublisherOffer(description, remote(description), payload_types, tuple(mids), video_codec)


class NoCodec(BadDescription):
    """The two sides have no codec in common."""


def _choose(section: Section) -> tuple[Codec, str] | None:
    if section.kind == AUDIO:
        opus = [c for c in section.codecs if c.name.lower() == OPUS and c.clock_rate == 48_000]
        return (opus[0], OPUS) if opus else None
    h264 = sorted(filter(_usable_h264, section.codecs), key=_h264_distance)
    if h264:
        return h264[0], H264
    vp8 = [c for c in section.codecs if c.name.upper() == VP8]
    return (vp8[0], VP8) if vp8 else None


def _usable_h264(codec: Codec) -> bool:
    """Baseline in packetization mode 1; what other profiles send, Safari may show as black."""
    return (
        codec.name.upper() == H264
        and codec.parameter("packetization-mode") == "1"
        and (codec.parameter("profile-level-id") or "42").lower().startswith("42")
    )


def _h264_distance(codec: Codec) -> int:
    profile = (codec.parameter("profile-level-id") or "").lower()
    return 0 if profile.startswith("42e0") else 1


def read_subscriber_answer(text: str) -> tuple[Remote, frozenset[str]]:
    """The subscriber's transport and the codecs that it agreed to receive."""
    description = parse(text)
    by_payload_type = {number: codec for codec, number in PAYLOAD_TYPES.items()}
    accepted: set[str] = set()
    for section in description.sections:
        if section.port and section.direction in ("recvonly", "sendrecv"):
            accepted.update(
                by_payload_type[c.payload_type]
                for c in section.codecs
                if c.payload_type in by_payload_type
            )
    return remote(description), frozenset(accepted)


# -- writing ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Local:
    """Our end of one transport. version: grows with every description of the same peer."""

    ice: Ice
    fingerprint: Fingerprint
    setup: str
    addresses: tuple[tuple[str, int], ...]
    version: int = 1
    is_lite: bool = True


def write_publisher_answer(offer: PublisherOffer, local: Local, max_bitrate_bps: int) -> str:
    """Answer each section of the offer in its order; unused ones are rejected with port 0."""
    accepted = set(offer.mids)
    lines = _head(local, offer.mids)
    for section in offer.description.sections:
        if section.mid not in accepted:
            lines += [f"m={section.kind} 0 {section.protocol} {' '.join(section.formats)}"]
            lines += ["c=IN IP4 0.0.0.0", *([f"a=mid:{section.mid}"] if section.mid else [])]
            continue
        accepted.discard(section.mid)
        codecs = [codec for codec in section.codecs if codec.payload_type in offer.payload_types]
        lines += _media(section.kind, codecs, section.mid, "recvonly", local)
        if section.kind == VIDEO:
            at = next(i for i in reversed(range(len(lines))) if lines[i].startswith("c="))
            lines.insert(at + 1, f"b=AS:{max_bitrate_bps // 1000}")
    return _text(lines)


def write_subscriber_offer(local: Local) -> str:
    """The same for every subscriber, credentials apart."""
    lines = _head(local, (AUDIO_MID, VIDEO_MID))
    for kind, mid, codecs in (
        (AUDIO, AUDIO_MID, AUDIO_CODECS),
        (VIDEO, VIDEO_MID, VIDEO_CODECS),
    ):
        lines += _media(kind, codecs, mid, "sendonly", local)
        lines += [
            f"a=extmap:{MID_EXTENSION} {MID_URI}",
            f"a=extmap:{SEND_TIME_EXTENSION} {SEND_TIME_URI}",
            f"a=msid:{CNAME} {kind}",
        ]
    at = lines.index(f"a=msid:{CNAME} {AUDIO}")
    lines.insert(at + 1, f"a=ssrc:{AUDIO_SSRC} cname:{CNAME}")
    lines += [f"a=ssrc-group:FID {VIDEO_SSRC} {VIDEO_RTX_SSRC}"]
    lines += [f"a=ssrc:{ssrc} cname:{CNAME}" for ssrc in (VIDEO_SSRC, VIDEO_RTX_SSRC)]
    return _text(lines)


def _rtx(codec: str) -> Codec:
    return Codec(RTX_PAYLOAD_TYPES[codec], "rtx", 90_000, f"apt={PAYLOAD_TYPES[codec]}")


AUDIO_CODECS = (Codec(PAYLOAD_TYPES[OPUS], OPUS, 48_000, OPUS_FORMAT),)
VIDEO_CODECS = (
    Codec(PAYLOAD_TYPES[H264], H264, 90_000, H264_FORMAT),
    _rtx(H264),
    Codec(PAYLOAD_TYPES[VP8], VP8, 90_000),
    _rtx(VP8),
)


def write_client_offer(local: Local, ssrcs: dict[str, tuple[int, ...]], video: str) -> str:
    """The offer of a publishing client of ours. ssrcs: by kind, media first, then RTX."""
    lines = _head(local, (AUDIO_MID, VIDEO_MID))
    video_codecs = (*(c for c in VIDEO_CODECS if c.name == video), _rtx(video))
    for kind, mid, codecs in ((AUDIO, AUDIO_MID, AUDIO_CODECS), (VIDEO, VIDEO_MID, video_codecs)):
        if kind not in ssrcs:
            continue
        lines += _media(kind, codecs, mid, "sendonly", local)
        lines += [f"a=msid:{CNAME} {kind}"]
        if len(ssrcs[kind]) > 1:
            lines += [f"a=ssrc-group:FID {' '.join(map(str, ssrcs[kind]))}"]
        lines += [f"a=ssrc:{ssrc} cname:{CNAME}" for ssrc in ssrcs[kind]]
    return _text(lines)


def write_client_answer(offer: Description, local: Local) -> str:
    """A receiving client of ours takes every codec that it is offered."""
    lines = _head(local, [section.mid for section in offer.sections])
    for section in offer.sections:
        lines += _media(section.kind, section.codecs, section.mid, "recvonly", local)
    return _text(lines)


def _head(local: Local, mids: Sequence[str]) -> list[str]:
    lines = ["v=0", f"o=- 1 {local.version} IN IP4 127.0.0.1", "s=-", "t=0 0"]
    lines += [f"a=group:BUNDLE {' '.join(mids)}", "a=msid-semantic: WMS *"]
    return lines + (["a=ice-lite"] if local.is_lite else [])


def _media(kind: str, codecs: Iterable[Codec], mid: str, direction: str, local: Local) -> list[str]:
    numbers = " ".join(str(codec.payload_type) for codec in codecs)
    return [
        f"m={kind} 9 UDP/TLS/RTP/SAVPF {numbers}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        *_transport(local),
        f"a=mid:{mid}",
        f"a={direction}",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        *(line for codec in codecs for line in _codec(codec, kind)),
    ]


def _transport(local: Local) -> list[str]:
    return [
        f"a=ice-ufrag:{local.ice.ufrag}",
        f"a=ice-pwd:{local.ice.pwd}",
        f"a=fingerprint:{local.fingerprint.algorithm} {local.fingerprint.value}",
        f"a=setup:{local.setup}",
        # RFC 8445 5.1.2.1: host candidates, the first address preferred.
        *(
            f"a=candidate:{at + 1} 1 udp {(126 << 24) + ((65_535 - at) << 8) + 255} "
            f"{host} {port} typ host"
            for at, (host, port) in enumerate(local.addresses)
        ),
        "a=end-of-candidates",
    ]


def _codec(codec: Codec, kind: str) -> list[str]:
    channels = "/2" if codec.name == OPUS else ""
    number = codec.payload_type
    lines = [f"a=rtpmap:{number} {codec.name}/{codec.clock_rate}{channels}"]
    if codec.format:
        lines.append(f"a=fmtp:{number} {codec.format}")
    if kind == VIDEO and codec.name != "rtx":
        lines += [f"a=rtcp-fb:{number} {feedback}" for feedback in VIDEO_FEEDBACK]
    return lines


def _text(lines: Iterable[str]) -> str:
    return "\r\n".join(lines) + "\r\n"
