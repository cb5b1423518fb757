import pytest

from media.reports import Reception, SyncClock, round_trip_s
from media.rtp import ReportBlock, SenderReport, ntp_from_seconds, ntp_middle


def test_loss_is_reported_since_the_last_report() -> None:
    reception = Reception(90_000)
    for seq in range(100, 200):
        if seq % 4:
            reception.received(seq, seq * 3000, seq / 30)
    first = reception.block(7, 10.0)
    assert first is not None
    assert (first.ssrc, first.packets_lost, first.highest_seq) == (7, 24, 199)
    assert first.fraction_lost == 256 * 24 // 99
    for seq in range(200, 300):
        reception.received(seq, seq * 3000, seq / 30)
    second = reception.block(7, 11.0)
    assert second is not None
    assert (second.fraction_lost, second.packets_lost) == (0, 24)


def test_nothing_received_is_nothing_to_report() -> None:
    assert Reception(90_000).block(7, 1.0) is None


def test_steady_packets_have_no_jitter_and_uneven_ones_have() -> None:
    steady, uneven = Reception(90_000), Reception(90_000)
    for at in range(100):
        steady.received(at, at * 3000, at / 30)
        uneven.received(at, at * 3000, at / 30 + (0.01 if at % 2 else 0.0))
    first, second = steady.block(1, 4.0), uneven.block(1, 4.0)
    assert first is not None and second is not None
    assert first.jitter <= 1
    # 10 ms are 900 ticks.
    assert second.jitter == pytest.approx(900, rel=0.05)


def test_the_report_echoes_the_last_sender_report() -> None:
    reception = Reception(48_000)
    reception.received(1, 0, 0.0)
    ntp = ntp_from_seconds(1234.5)
    reception.reported(SenderReport(7, ntp, 0, 1, 1), 2.0)
    block = reception.block(7, 2.5)
    assert block is not None
    assert block.last_sr == ntp_middle(ntp)
    assert block.delay_since_last_sr == 32768


def test_round_trip_from_an_echoed_report() -> None:
    sent_s, held_s, now_s = 100.0, 0.5, 100.62
    last_sr = ntp_middle(ntp_from_seconds(sent_s))
    block = ReportBlock(1, 0, 0, 0, 0, last_sr, round(held_s * 65536))
    assert round_trip_s(block, now_s) == pytest.approx(0.12, abs=0.001)
    assert round_trip_s(block, sent_s + held_s - 0.001) == 0.0
    assert round_trip_s(ReportBlock(1, 0, 0, 0, 0, 0, 0), now_s) is None


def test_audio_and_video_stay_in_step() -> None:
    """The example in the module's text, with the video 20 ms behind in arrival."""
    clock = SyncClock()
    clock.reported("audio", ntp_from_seconds(1000.0), 48_000, 7.0)
    clock.reported("video", ntp_from_seconds(1000.5), 90_000, 7.52)
    assert clock.rtp_ts("audio", 48_000, 8.0) == 96_000
    assert clock.rtp_ts("video", 90_000, 8.0) == 135_000


def test_a_track_without_report_has_no_time_yet() -> None:
    clock = SyncClock()
    clock.reported("audio", ntp_from_seconds(1000.0), 48_000, 7.0)
    assert clock.rtp_ts("video", 90_000, 8.0) is None
    clock.restart()
    assert clock.rtp_ts("audio", 48_000, 8.0) is None


def test_a_publisher_whose_clock_jumps_is_believed_anew() -> None:
    clock = SyncClock()
    clock.reported("audio", ntp_from_seconds(1000.0), 48_000, 7.0)
    clock.reported("video", ntp_from_seconds(5000.0), 90_000, 8.0)
    assert clock.rtp_ts("audio", 48_000, 9.0) is None
    assert clock.rtp_ts("video", 90_000, 9.0) == 180_000
