import asyncio
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecommerce import child, supervisor
from livecommerce import program as programs
from livecommerce.embedded.process import ServerFailed, ServerProcess
from livecommerce.listening import listening_socket
from livecommerce.program import Program, describe_exit
from livecommerce.supervisor import (
    FIRST_DELAY_S,
    HEALTHY_S,
    LONGEST_DELAY_S,
    Restart,
    Supervisor,
    after_exit,
)

READY = """
import json, os
line = json.dumps({"ready": True, "ports": {"pid": os.getpid()}}) + "\\n"
os.write(int(os.environ["LIVECOMMERCE_CHILD_FD"]), line.encode())
"""
SERVING = READY + "import signal\nsignal.pause()"


def program(source: str, name: str = "child", log: Path | None = None) -> Program:
    return Program(name, {}, command=[sys.executable, "-c", source], log=log)


@pytest.mark.parametrize(
    ("failures", "ran_s", "code", "fraction", "expected"),
    [
        (0, 5.0, -9, 1.0, Restart(1, FIRST_DELAY_S)),
        (0, 5.0, -9, 0.0, Restart(1, FIRST_DELAY_S / 2)),
        (1, 5.0, 1, 1.0, Restart(2, 1.0)),
        (5, 5.0, 1, 1.0, Restart(6, 16.0)),
        (6, 5.0, 1, 1.0, Restart(7, LONGEST_DELAY_S)),
        (10_000, 5.0, 1, 1.0, Restart(10_001, LONGEST_DELAY_S)),
        (6, HEALTHY_S, 1, 1.0, Restart(1, FIRST_DELAY_S)),
        (3, HEALTHY_S, 0, 1.0, Restart(1, FIRST_DELAY_S)),
        (0, HEALTHY_S, 78, 0.5, None),
        (0, 0.0, 78, 0.5, None),
    ],
)
def test_restart_policy(
    failures: int, ran_s: float, code: int, fraction: float, expected: Restart | None
) -> None:
    assert after_exit(failures, ran_s, code, fraction) == expected


@given(st.lists(st.floats(0, 0.999), min_size=1, max_size=40))
def test_delays_never_pass_the_longest_and_the_first_is_quick(fractions: list[float]) -> None:
    failures, delays = 0, []
    for fraction in fractions:
        decision = after_exit(failures, 1.0, 1, fraction)
        assert decision is not None
        failures = decision.failures
        delays.append(decision.delay_s)
    assert delays[0] <= FIRST_DELAY_S
    assert max(delays) <= LONGEST_DELAY_S


def test_an_exit_is_described_in_words() -> None:
    assert describe_exit(3) == "ended with code 3"
    assert describe_exit(-9) == "was killed by SIGKILL"
    assert describe_exit(-200) == "was killed by signal 200"


class Watched:
    """A program whose starts and stops can be awaited or read."""

    def __init__(self, inner: Program, events: list[str] | None = None) -> None:
        self.inner = inner
        self.name = inner.name
        self.started: asyncio.Queue[int] = asyncio.Queue()
        self.events = events if events is not None else []

    async def start(self) -> ServerProcess:
        process = await self.inner.start()
        self.events.append(f"start {self.name}")
        self.started.put_nowait(process.pid)
        return process

    async def stop(self, process: ServerProcess) -> None:
        self.events.append(f"stop {self.name}")
        await self.inner.stop(process)


async def test_a_killed_program_is_started_again() -> None:
    keeper = Supervisor(lambda: 0.0)
    watched = Watched(program(SERVING))
    await keeper.start(watched)
    try:
        first = await watched.started.get()
        os.kill(first, signal.SIGKILL)
        async with asyncio.timeout(20):
            second = await watched.started.get()
        assert second != first
        assert watched.inner.ports == {"pid": second}
    finally:
        await keeper.stop()


async def test_stages_stop_in_reverse_and_each_after_the_one_above() -> None:
    events: list[str] = []
    keeper = Supervisor(lambda: 0.0)
    for name in ("database", "hub"):
        await keeper.start(Watched(program(SERVING, name), events))
    await keeper.stop()
    assert events == ["start database", "start hub", "stop hub", "stop database"]


async def test_a_program_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    stubborn = program("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)" + SERVING)
    stubborn.stop_s = 0.05
    process = await stubborn.start()
    await stubborn.stop(process)
    assert process.exit_code == -signal.SIGKILL


async def test_a_start_that_fails_tells_the_code_and_the_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "log"
    failing = program("import sys\nprint('no such port')\nsys.exit(78)", log=log)
    with pytest.raises(ServerFailed, match="no such port") as failed:
        await failing.start()
    assert failed.value.exit_code == 78


async def test_one_failing_service_stops_the_stage_that_it_is_in() -> None:
    keeper = Supervisor(lambda: 0.0)
    with pytest.raises(ServerFailed, match="ended with code 3"):
        await keeper.start(program(SERVING), program("raise SystemExit(3)"))
    await keeper.stop()


async def test_a_silent_program_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "SILENT_S", 0.05)
    hung = program(SERVING)
    process = await hung.start()
    async with asyncio.timeout(20):
        assert await process.exited() in (-signal.SIGTERM, -signal.SIGUSR2)
    await hung.stop(process)


async def test_work_is_given_up_when_the_stop_comes_first() -> None:
    stopped = asyncio.Event()
    begun = asyncio.Event()

    async def endless() -> None:
        begun.set()
        await asyncio.Event().wait()

    async def stop_soon() -> None:
        await begun.wait()
        stopped.set()

    result, _ = await asyncio.gather(supervisor.unless(stopped, endless()), stop_soon())
    assert result is None


SUPERVISING = """
import asyncio, sys
from livecommerce.program import Program
from livecommerce.supervisor import Supervisor
async def main():
    children = [Program(f"c{n}", {}, command=[sys.executable, "-c", sys.argv[1]]) for n in range(2)]
    await Supervisor(lambda: 0.0).start(*children)
    print(*(child.ports["pid"] for child in children), flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="needs Linux's parent-death signal"
)
def test_killing_the_supervisor_leaves_no_orphan() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", SUPERVISING, SERVING], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    children = [os.pidfd_open(int(pid)) for pid in parent.stdout.readline().split()]
    assert len(children) == 2
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for orphan in children:
        gone, _, _ = select.select([orphan], [], [], 20)
        os.close(orphan)
        assert gone, "a child outlived its supervisor"


# ------------------------------------------------------------------------------ inherited sockets

ANSWERING = """
import json, os, socket
listening = socket.socket(fileno=int(os.environ["LIVECOMMERCE_LISTEN_FD"]))
line = json.dumps({"ready": True, "ports": {"pid": os.getpid()}}) + "\\n"
os.write(int(os.environ["LIVECOMMERCE_CHILD_FD"]), line.encode())
while True:
    connection, _ = listening.accept()
    connection.sendall(str(os.getpid()).encode())
    connection.close()
"""


@pytest.fixture
def slot() -> Iterator[socket.socket]:
    """A listening socket on a port that was asked for by its number."""
    with listening_socket("127.0.0.1", 0) as probe:
        port = probe.getsockname()[1]
    with listening_socket("127.0.0.1", port) as found:
        yield found


def answering(slot: socket.socket, source: str = ANSWERING) -> Program:
    return Program(
        "hub", {}, {child.LISTEN_FD: slot}, command=[sys.executable, "-c", source], stop_s=20
    )


async def answer(slot: socket.socket) -> int:
    """The process id that whoever serves the slot tells."""
    reader, writer = await asyncio.open_connection(*slot.getsockname())
    pid = int(await reader.read())
    writer.close()
    return pid


async def test_who_connects_while_a_killed_program_is_started_again_is_served(
    slot: socket.socket,
) -> None:
    keeper = Supervisor(lambda: 0.0)
    watched = Watched(answering(slot))
    await keeper.start(watched)
    try:
        first = await watched.started.get()
        os.kill(first, signal.SIGSTOP)
        while Path(f"/proc/{first}/stat").read_text().rsplit(")", 1)[1].split()[0] != "T":
            await asyncio.sleep(0.001)  # until it stands still it may take one from the queue
        queued = [asyncio.create_task(answer(slot)) for _ in range(100)]
        while await queue_length(slot) < 100:
            await asyncio.sleep(0.005)
        os.kill(first, signal.SIGKILL)
        async with asyncio.timeout(30):
            second = await watched.started.get()
            assert set(await asyncio.gather(*queued)) == {second}
    finally:
        await keeper.stop()


async def killed(pid: int) -> None:
    """Kill it and wait until it is dead, and takes nobody from the queue any more."""
    process = os.pidfd_open(pid)
    os.kill(pid, signal.SIGKILL)
    await asyncio.to_thread(select.select, [process], [], [], 20)
    os.close(process)


async def queue_length(slot: socket.socket) -> int:
    """How many connections wait to be accepted, as the kernel counts them (tcpi_unacked)."""
    return int.from_bytes(
        slot.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)[24:28], "little"
    )


async def test_a_program_is_replaced_without_refusing_anybody(slot: socket.socket) -> None:
    keeper = Supervisor(lambda: 0.0)
    hub = answering(slot)
    await keeper.start(hub)
    try:
        former = await answer(slot)
        gone = os.pidfd_open(former)
        await keeper.replace(hub)
        async with asyncio.timeout(20):
            await asyncio.to_thread(select.select, [gone], [], [], 20)
            assert await answer(slot) == hub.ports["pid"] != former
        os.close(gone)
    finally:
        await keeper.stop()


async def test_a_replacement_that_fails_leaves_the_former_one_in_its_place(
    slot: socket.socket, tmp_path: Path
) -> None:
    flag = tmp_path / "broken"
    source = f"import os\nif os.path.exists({str(flag)!r}): raise SystemExit(3)\n{ANSWERING}"
    keeper = Supervisor(lambda: 0.0)
    hub = answering(slot, source)
    await keeper.start(hub)
    try:
        former = await answer(slot)
        flag.touch()
        with pytest.raises(ServerFailed, match="ended with code 3"):
            await keeper.replace(hub)
        assert await answer(slot) == former
        flag.unlink()
        await killed(former)  # it is kept running as before
        async with asyncio.timeout(30):
            assert await answer(slot) != former
    finally:
        await keeper.stop()


async def test_a_program_that_is_given_up_turns_away_who_connects(
    slot: socket.socket, tmp_path: Path
) -> None:
    once = tmp_path / "started"
    source = f"""
import os
if os.path.exists({str(once)!r}): raise SystemExit(78)
open({str(once)!r}, "w").close()
{ANSWERING}"""
    keeper = Supervisor(lambda: 0.0)
    hub = answering(slot, source)
    await keeper.start(hub)
    try:
        await killed(await answer(slot))
        async with asyncio.timeout(30):
            while True:
                try:
                    await answer(slot)
                except ConnectionRefusedError:
                    break
                except (ConnectionResetError, ValueError):
                    pass  # it waited in the queue when that was shut
    finally:
        await keeper.stop()


async def test_a_second_request_to_stop_reaches_who_is_still_stopping() -> None:
    slow = program(
        """
import signal
waits = iter([True])
def on_term(*_):
    if next(waits, None) is None: raise SystemExit(5)
signal.signal(signal.SIGTERM, on_term)
"""
        + READY
        + "while True: signal.pause()"
    )
    slow.stop_s = 600
    keeper = Supervisor(lambda: 0.0)
    watched = Watched(slow)
    await keeper.start(watched)
    pid = await watched.started.get()
    stopping = asyncio.create_task(keeper.stop())
    async with asyncio.timeout(30):
        while not stopping.done():
            keeper.hurry()
            await asyncio.sleep(0.01)
    assert not Path(f"/proc/{pid}").exists()
