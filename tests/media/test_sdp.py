from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media import sdp

DATA = Path(__file__).parent / "data"


def read(name: str) -> str:
    return (DATA / name).read_bytes().decode()


OFFER = read("chromium_offer.sdp")
ANSWER = read("chromium_answer.sdp")
LOCAL = sdp.Local(
    sdp.Ice("ufrag123", "p" * 24),
    sdp.Fingerprint("sha-256", ":".join(["AB"] * 32)),
    "passive",
    (("203.0.113.5", 7882), ("127.0.0.1", 7882)),
)


def without(text: str, *starts: str) -> str:
    return "\r\n".join(line for line in text.split("\r\n") if not line.startswith(starts))


def test_a_browsers_offer_is_understood() -> None:
    offer = sdp.read_publisher_offer(OFFER)
    assert offer.mids == ("0", "1")
    assert offer.video_codec == "H264"
    assert offer.remote.setup == "actpass"
    assert offer.remote.ice == sdp.Ice("Bl5K", "n7+nAcQA+oS0u9c8w9SPqapX")
    video = offer.description.first("video")
    assert video is not None
    [chosen] = [n for n, i in offer.payload_types.items() if i == sdp.Incoming("video", "H264")]
    codec = video.codec(chosen)
    assert codec is not None
    assert codec.parameter("profile-level-id") == "42e01f"
    assert codec.parameter("packetization-mode") == "1"
    rtx = [i for i in offer.payload_types.values() if i.apt is not None]
    assert rtx == [sdp.Incoming("video", "H264", chosen)]


def test_vp8_is_taken_where_there_is_no_h264() -> None:
    offer = sdp.read_publisher_offer(OFFER.replace("H264/90000", "H265/90000"))
    assert offer.video_codec == "VP8"


def test_plain_baseline_is_taken_where_there_is_no_constrained_baseline() -> None:
    offer = sdp.read_publisher_offer(OFFER.replace("=42e01f", "=640c1f"))
    assert offer.video_codec == "H264"
    video = offer.description.first("video")
    assert video is not None
    chosen = next(n for n, i in offer.payload_types.items() if i.kind == "video")
    codec = video.codec(chosen)
    assert codec is not None and codec.parameter("profile-level-id") == "42001f"


def test_the_answer_has_the_offers_sections_in_its_order() -> None:
    data = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:2\r\n"
    offer = sdp.read_publisher_offer(OFFER + data)
    answer = sdp.parse(sdp.write_publisher_answer(offer, LOCAL, 2_500_000))
    assert [(s.kind, s.mid, s.port) for s in answer.sections] == [
        ("audio", "0", 9),
        ("video", "1", 9),
        ("application", "2", 0),
    ]
    assert answer.bundled == ("0", "1")
    assert [s.direction for s in answer.sections[:2]] == ["recvonly", "recvonly"]
    assert answer.sections[1].candidates == (("203.0.113.5", 7882), ("127.0.0.1", 7882))


def test_the_answer_names_only_what_was_announced() -> None:
    answer = sdp.write_publisher_answer(sdp.read_publisher_offer(OFFER), LOCAL, 2_500_000)
    assert "192.0.2.2" not in answer
    assert answer.count("a=candidate:") == 4
    assert "a=ice-lite" in answer
    assert "b=AS:2500" in answer
    assert answer.count("a=end-of-candidates") == 2


def test_a_subscriber_is_offered_h264_first_with_constant_numbers() -> None:
    offer = sdp.parse(sdp.write_subscriber_offer(LOCAL))
    audio, video = offer.sections
    assert [c.payload_type for c in audio.codecs] == [111]
    assert [(c.payload_type, c.name) for c in video.codecs] == [
        (102, "H264"),
        (103, "rtx"),
        (96, "VP8"),
        (97, "rtx"),
    ]
    assert (audio.direction, video.direction) == ("sendonly", "sendonly")


def test_a_browsers_answer_is_understood() -> None:
    remote, codecs = sdp.read_subscriber_answer(ANSWER)
    assert remote.setup == "active"
    assert codecs == {"opus", "H264", "VP8"}


def test_a_browser_without_h264_says_so() -> None:
    _, codecs = sdp.read_subscriber_answer(
        without(ANSWER.replace("SAVPF 102 103 96 97", "SAVPF 96 97"), "a=rtpmap:102")
    )
    assert codecs == {"opus", "VP8"}


@pytest.mark.parametrize(
    ("case", "text"),
    [
        ("empty", ""),
        ("not sdp", "hello"),
        ("too long", OFFER + "a=x\r\n" * 7000),
        ("no bundle", without(OFFER, "a=group")),
        ("no ice password", without(OFFER, "a=ice-pwd")),
        ("no fingerprint", without(OFFER, "a=fingerprint")),
        ("no dtls role", without(OFFER, "a=setup")),
        ("no rtcp-mux", without(OFFER, "a=rtcp-mux")),
        ("unknown dtls role", OFFER.replace("a=setup:actpass", "a=setup:holdconn")),
        ("candidate flood", OFFER + "a=candidate:1 1 udp 1 192.0.2.9 9 typ host\r\n" * 20),
        ("candidate cut off", OFFER + "a=candidate:1 1 udp\r\n"),
        ("section flood", OFFER + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n" * 9),
        ("media line cut off", OFFER.replace("m=video", "m=video 9\r\nm=video")),
        ("port out of range", OFFER.replace("m=audio 45806", "m=audio 70000")),
        ("payload type out of range", OFFER + "a=rtpmap:1000 x/1\r\n"),
        ("digits of another script", OFFER + "a=rtpmap:\u0661 x/1\r\n"),
        ("mid with a line break", OFFER.replace("a=mid:0", "a=mid:0\ra=evil")),
    ],
)
def test_unusable_offers_are_refused(case: str, text: str) -> None:
    with pytest.raises(sdp.BadDescription):
        sdp.read_publisher_offer(text)


@pytest.mark.parametrize(
    ("case", "text"),
    [
        ("receives only", OFFER.replace("a=sendonly", "a=recvonly")),
        ("inactive", OFFER.replace("a=sendonly", "a=inactive")),
        ("other codecs", OFFER.replace("H264", "X1").replace("VP8", "X2").replace("opus", "X3")),
    ],
)
def test_offers_without_usable_media_are_refused(case: str, text: str) -> None:
    with pytest.raises(sdp.NoCodec):
        sdp.read_publisher_offer(text)


def test_audio_alone_is_enough() -> None:
    offer = sdp.read_publisher_offer(OFFER.replace("H264", "X1").replace("VP8", "X2"))
    assert offer.mids == ("0",)
    assert offer.video_codec is None
    answer = sdp.parse(sdp.write_publisher_answer(offer, LOCAL, 1_000_000))
    assert [section.port for section in answer.sections] == [9, 0]


@settings(max_examples=400)
@given(st.data())
def test_mutated_descriptions_raise_only_our_error(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from([OFFER, ANSWER])).split("\r\n")
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.integers(0, 4)):
            case 0:
                lines.pop(at)
                lines = lines or [""]
            case 1:
                lines.insert(at, lines[data.draw(st.integers(0, len(lines) - 1))])
            case 2:
                lines[at] = lines[at][: data.draw(st.integers(0, len(lines[at])))]
            case 3:
                lines[at] += data.draw(st.text(max_size=20))
            case _:
                name = lines[at].partition(":")[0]
                lines[at] = name + ":" + data.draw(st.text(max_size=20))
    text = "\r\n".join(lines)
    for read_one in (sdp.read_publisher_offer, sdp.read_subscriber_answer):
        try:
            found = read_one(text)
        except sdp.BadDescription:
            continue
        if isinstance(found, sdp.PublisherOffer):
            answer = sdp.write_publisher_answer(found, LOCAL, 2_500_000)
            assert len(sdp.parse(answer).sections) == len(found.description.sections)


@given(st.text(max_size=400))
def test_any_text_raises_only_our_error(text: str) -> None:
    for prefix in ("", "v=0\r\n"):
        with pytest.raises(sdp.BadDescription):
            sdp.read_publisher_offer(prefix + text)
