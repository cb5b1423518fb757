import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from livecommerce import testcard
from livecommerce.testcard import TestCard, broadcast, prepare
from media import rtp
from media.keyframes import NAL_IDR, NAL_SPS
from media.packetize import nal_units, packetize
from media.peer import PeerLost

if TYPE_CHECKING:
    from tests.media.conftest import Studio


def kinds(access_unit: bytes) -> set[int]:
    return {unit[0] & 0x1F for unit in nal_units(access_unit)}


def test_the_loop_has_every_frame_at_its_time(card: TestCard) -> None:
    assert [unit.at for unit in card.video] == [3600 * at for at in range(30 * 25)]
    assert [unit.at for unit in card.audio] == [960 * at for at in range(30 * 50)]


def test_a_decoder_can_start_every_second(card: TestCard) -> None:
    starts = [at for at, unit in enumerate(card.video) if NAL_IDR in kinds(unit.data)]
    assert starts == list(range(0, 750, 25))
    assert all(NAL_SPS in kinds(card.video[at].data) for at in starts)


def test_the_video_is_what_every_browser_decodes(card: TestCard) -> None:
    sps = next(unit for unit in nal_units(card.video[0].data) if unit[0] & 0x1F == NAL_SPS)
    profile, constraints, level = sps[1:4]
    assert profile == 66
    assert constraints & 0xC0 == 0xC0, "constrained baseline"
    assert level <= 31


def test_the_card_stays_within_its_bitrate(card: TestCard) -> None:
    size = sum(len(unit.data) for unit in card.video) + sum(len(unit.data) for unit in card.audio)
    assert size * 8 / 30 < 1_200_000
    assert all(len(payload) <= 1200 for unit in card.video for payload in packetize(unit.data))


def test_the_second_start_reads_the_cache(
    card: TestCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(testcard, "_encode_video", lambda progress: card.video[:3])
    monkeypatch.setattr(testcard, "_encode_audio", lambda: card.audio[:5])
    said: list[str] = []
    first = prepare(tmp_path / "new", said.append)
    assert said == ["Test card ready"]
    monkeypatch.undo()
    assert prepare(tmp_path / "new", said.append) == first
    assert first == TestCard(card.video[:3], card.audio[:5])
    assert said == ["Test card ready"]
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_numbers_and_time_run_on_when_the_loop_starts_anew(card: TestCard) -> None:
    stream = testcard._Stream("video", "H264", 7)
    moments = [m for m in testcard._moments(card) if m.kind == "video"]
    [*_, last] = stream.write(moments[-1], 0)
    first = next(iter(stream.write(moments[0], 1)))
    before, after = rtp.parse_rtp(last), rtp.parse_rtp(first)
    assert before.marker
    assert (after.seq - before.seq) & 0xFFFF == 1
    assert (after.rtp_ts - before.rtp_ts) & 0xFFFFFFFF == 3600


async def test_the_card_is_broadcast_until_stopped(
    studio: "Studio", card: TestCard, wait_until: Callable[..., Any]
) -> None:
    stopped = asyncio.Event()
    sending = asyncio.create_task(
        broadcast(card, lambda offer: studio.sfu.publish("live", "card", offer), stopped)
    )
    await wait_until(lambda: studio.sfu.stats().publishers == 1)
    viewer = await studio.watch()
    await wait_until(lambda: len(viewer.video()) > 20 and len(viewer.audio()) > 20)
    seqs = viewer.video_seqs()
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    stopped.set()
    await sending


async def test_a_lost_server_ends_the_broadcast_with_an_error(
    studio: "Studio", card: TestCard, wait_until: Callable[..., Any]
) -> None:
    sending = asyncio.create_task(
        broadcast(card, lambda offer: studio.sfu.publish("live", "card", offer), asyncio.Event())
    )
    await wait_until(lambda: studio.sfu.stats().publishers == 1)
    await studio.sfu.stop()
    with pytest.raises(PeerLost):
        await sending
