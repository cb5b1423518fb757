"""CPU time that the SFU spends per forwarded packet.

Method. The SFU runs in a process of its own; what is charged to it is that process's own user and
system time, read from /proc, whole: event loop, ingest, reports and all. Viewers are real ICE and
DTLS handshakes from another process, which is stopped (SIGSTOP) once they are done, so receiving
takes no CPU from what is measured. A publisher sends through real ingest 30 frames a second of
8 packets of about 1.1 kB. Packets are counted by the application, because the kernel counts one
per UDP_SEGMENT call. A send over loopback also pays for the receiving half of the kernel's work.

    python -m loadtests.bench_forward [--viewers 100] [--seconds 10]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict
from typing import Any

import uvloop

from loadtests.fan_out import cpu_s
from media import Sfu, SfuConfig
from media.keyframes import H264
from media.peer import Peer
from media.rtp import build_rtp
from media.sdp import PAYLOAD_TYPES
from media.transport import Certificate

FRAMES_PER_S = 30
PACKETS_PER_FRAME = 8
PAYLOAD_BYTES = 1_080
WARM_UP_S = 2.0
# Handshakes that a viewer process has under way at once.
JOINS_AT_ONCE = 16

Call = Callable[..., Awaitable[Any]]


# -- the three processes: an SFU, its viewers, and here the publisher who measures --------------


async def serve_sfu(path: str) -> None:
    """The process under test: an SFU whose requests come as JSON lines over a unix socket."""
    config = SfuConfig(max_subscribers=10_000, consent_timeout_s=3_600, max_bitrate_bps=10_000_000)
    sfu = Sfu(config, lambda event: None)
    await sfu.start()

    async def stats() -> dict[str, Any]:
        return asdict(sfu.stats())

    calls: dict[str, Call] = {
        "publish": sfu.publish,
        "watch": sfu.watch,
        "answer": sfu.answer,
        "stats": stats,
    }

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            name, *arguments = json.loads(line)
            writer.write(json.dumps(await calls[name](*arguments)).encode() + b"\n")
            await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(serve, path, limit=1 << 20):
        print("ready", flush=True)
        await asyncio.Event().wait()


async def connect(path: str) -> Call:
    reader, writer = await asyncio.open_unix_connection(path, limit=1 << 20)
    turn = asyncio.Lock()

    async def call(*request: str) -> Any:
        async with turn:
            writer.write(json.dumps(request).encode() + b"\n")
            return json.loads(await reader.readline())

    return call


async def join_viewers(path: str, viewers: int) -> None:
    """The viewers' process: handshakes, then nothing."""
    call = await connect(path)
    certificate = Certificate.generateCertificate()
    gate = asyncio.Semaphore(JOINS_AT_ONCE)
    peers = []

    async def join(number: int) -> None:
        async with gate:
            peer = Peer(certificate)
            peers.append(peer)
            name = f"viewer-{number}"
            offer = await call("watch", "bench", name)
            await peer.watch(offer, lambda sdp: call("answer", name, sdp), timeout_s=60)

    await asyncio.gather(*map(join, range(viewers)))
    print("joined", flush=True)
    await asyncio.Event().wait()


def frame_packets(frame: int, ssrc: int) -> Iterable[bytes]:
    """8 packets; each 30th frame is, for the forwarding rules, a keyframe."""
    for at in range(PACKETS_PER_FRAME):
        head = b"\x67" if frame % FRAMES_PER_S == 0 and at == 0 else b"\x61"
        yield build_rtp(
            PAYLOAD_TYPES[H264],
            (frame * PACKETS_PER_FRAME + at) & 0xFFFF,
            frame * 3_000 & 0xFFFFFFFF,
            ssrc,
            head + bytes(PAYLOAD_BYTES - 1),
            marker=at == PACKETS_PER_FRAME - 1,
        )


async def send_frames(peer: Peer, stopped: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    start_s = loop.time()
    frame = 0
    while not stopped.is_set():
        for packet in frame_packets(frame, peer.video_ssrc):
            peer.send(packet)
        frame += 1
        await asyncio.sleep(max(0.0, start_s + frame / FRAMES_PER_S - loop.time()))


def start(role: str, *arguments: str) -> subprocess.Popen[str]:
    """Start one of the other processes; it prints one line when it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "loadtests.bench_forward", role, *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    return process


async def wait_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None, "started with a pipe"
    line = await asyncio.to_thread(process.stdout.readline)
    if not line:
        raise RuntimeError(f"a process of the bench stopped with code {process.wait()}")


async def measure(viewers: int, seconds: float, path: str) -> dict[str, Any]:
    sfu = start("--sfu", path)
    crowd = None
    stopped = asyncio.Event()
    sending: asyncio.Task[None] | None = None
    publisher = Peer()
    try:
        await wait_ready(sfu)
        call = await connect(path)
        await publisher.publish(lambda offer: call("publish", "bench", "publisher", offer))
        crowd = start("--join", path, str(viewers))
        await wait_ready(crowd)
        crowd.send_signal(signal.SIGSTOP)
        sending = asyncio.create_task(send_frames(publisher, stopped))
        await asyncio.sleep(WARM_UP_S)
        before, before_s = await call("stats"), cpu_s(sfu.pid)
        await asyncio.sleep(seconds)
        after, after_s = await call("stats"), cpu_s(sfu.pid)
        return figures(before, after, after_s - before_s, viewers, seconds)
    finally:
        stopped.set()
        if sending is not None:
            await sending
        publisher.close()
        for process in (crowd, sfu):
            if process is not None:
                process.kill()
                process.wait()
                if process.stdout is not None:
                    process.stdout.close()


def figures(
    before: dict[str, Any], after: dict[str, Any], spent_s: float, viewers: int, seconds: float
) -> dict[str, Any]:
    packets = after["packets_out"] - before["packets_out"]
    dropped = sum(after["drops"].values()) - sum(before["drops"].values())
    return {
        "forward_us_per_packet": round(spent_s / packets * 1e6, 2) if packets else None,
        "packets": packets,
        "dropped": dropped,
        "expected": round(viewers * seconds * FRAMES_PER_S * PACKETS_PER_FRAME),
        "viewers": after["subscribers"],
        "cpu_share": round(spent_s / seconds, 3),
    }


def run(viewers: int = 100, seconds: float = 10) -> dict[str, Any]:
    """One measurement; not to be called from within an event loop."""
    with tempfile.TemporaryDirectory() as directory:
        return uvloop.run(measure(viewers, seconds, f"{directory}/sfu.sock"))


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU time of the SFU per forwarded packet")
    parser.add_argument("--viewers", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--sfu", metavar="SOCKET", help=argparse.SUPPRESS)
    parser.add_argument("--join", nargs=2, metavar=("SOCKET", "VIEWERS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.sfu:
        uvloop.run(serve_sfu(arguments.sfu))
    elif arguments.join:
        uvloop.run(join_viewers(arguments.join[0], int(arguments.join[1])))
    else:
        print(json.dumps(run(arguments.viewers, arguments.seconds)))


if __name__ == "__main__":
    main()
