"""Stock clients that do as they are told: of Node, of a browser, and of Python, in one manner."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import playwright.async_api
import socketio

import hatch_build
from loadtests.browser import chromium, flags

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DEADLINE_S = 60.0


class Robot(Protocol):
    """reports: what has happened to it, oldest first; each has a `kind`."""

    reports: list[dict[str, Any]]

    async def do(self, what: str, **details: Any) -> dict[str, Any]:
        """Perform a command of node/robot.mjs and answer."""


async def until(robot: Robot, kind: str, count: int = 1) -> dict[str, Any]:
    """The count-th report of this kind."""
    try:
        async with asyncio.timeout(DEADLINE_S):
            while len(of_kind(robot, kind)) < count:
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"no {kind} number {count} in {robot.reports}") from None
    return of_kind(robot, kind)[count - 1]


def of_kind(robot: Robot, kind: str) -> list[dict[str, Any]]:
    return [report for report in robot.reports if report["kind"] == kind]


# ---- Node


class NodeRobot:
    """socket.io-client of the pages' own packages, in Node."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.reports: list[dict[str, Any]] = []
        self._process = process
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def read(self) -> None:
        """For ever."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            report = json.loads(line)
            if report["kind"] == "answer":
                self._answers.pop(report["number"]).set_result(report)
            else:
                self.reports.append(report)

    async def do(self, what: str, **details: Any) -> dict[str, Any]:
        number = len(self._answers) + 1
        while number in self._answers:
            number += 1
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        command = {"do": what, "number": number, **details}
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        async with asyncio.timeout(DEADLINE_S):
            told: dict[str, Any] = await answer
            return told


@asynccontextmanager
async def in_node() -> AsyncIterator[Robot]:
    hatch_build.install(ROOT)
    node, _ = hatch_build.find_npm()
    process = await asyncio.create_subprocess_exec(
        str(node),
        str(HERE / "node" / "client.mjs"),
        str(hatch_build.web(ROOT) / "package.json"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    robot = NodeRobot(process)
    reading = asyncio.create_task(robot.read())
    try:
        yield robot
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await reading


# ---- a browser


class BrowserRobot:
    """The same client in a page of Chromium."""

    def __init__(self, page: playwright.async_api.Page) -> None:
        self.reports: list[dict[str, Any]] = []
        self._page = page

    async def do(self, what: str, **details: Any) -> dict[str, Any]:
        if what == "connect":
            await self._load(details["url"])
        command = {"do": what, **details}
        answer: dict[str, Any] = await self._page.evaluate("(c) => window.perform(c)", command)
        return answer

    async def _load(self, url: str) -> None:
        """A page of the hub's own origin, with the client's own bundle."""
        client = hatch_build.web(ROOT) / "node_modules/socket.io-client/dist/socket.io.min.js"
        module = (HERE / "node" / "robot.mjs").read_text()
        await self._page.expose_function("report", lambda report: self.reports.append(report))
        # Any page from there will do, and there is none: this one says so.
        await self._page.goto(f"{url}/")
        await self._page.add_script_tag(content=client.read_text())
        await self._page.add_script_tag(
            content=module.replace("export function", "function")
            + "; window.perform = robot(io, window.report);"
        )


@asynccontextmanager
async def in_chromium() -> AsyncIterator[Robot]:
    hatch_build.install(ROOT)
    async with playwright.async_api.async_playwright() as running:
        browser = await running.chromium.launch(executable_path=chromium(), args=flags())
        try:
            yield BrowserRobot(await browser.new_page())
        finally:
            await browser.close()


# ---- Python


class AsyncPythonRobot:
    """python-socketio's AsyncClient."""

    def __init__(self) -> None:
        self.reports: list[dict[str, Any]] = []
        self.client = socketio.AsyncClient(
            reconnection_delay=0.02, reconnection_delay_max=0.1, handle_sigint=False
        )
        for name, function in _listeners(self.reports, lambda: self.client.sid).items():
            self.client.on(name, function)

    async def do(self, what: str, **details: Any) -> dict[str, Any]:
        if what == "connect":
            options = details["options"]
            try:
                await self.client.connect(
                    details["url"], auth=options.get("auth"), transports=["websocket"]
                )
            except socketio.exceptions.ConnectionError:
                return {}
        elif what == "call":
            return {"answer": await self.client.call(details["name"], details["payload"])}
        elif what == "binary":
            await self.client.emit(details["name"], {"data": bytes(details["size"])})
        elif what == "disconnect":
            await self.client.disconnect()
        else:
            await self.client.emit(details["name"], details["payload"])
        return {}


@asynccontextmanager
async def in_async_python() -> AsyncIterator[Robot]:
    robot = AsyncPythonRobot()
    try:
        yield robot
    finally:
        await robot.client.shutdown()


class PythonRobot:
    """python-socketio's Client, which has threads of its own."""

    def __init__(self) -> None:
        self.reports: list[dict[str, Any]] = []
        self.client = socketio.Client(
            reconnection_delay=0.02, reconnection_delay_max=0.1, handle_sigint=False
        )
        for name, function in _listeners(self.reports, lambda: self.client.sid).items():
            self.client.on(name, function)

    async def do(self, what: str, **details: Any) -> dict[str, Any]:
        if what == "connect":
            auth = details["options"].get("auth")
            try:
                await asyncio.to_thread(
                    self.client.connect, details["url"], auth=auth, transports=["websocket"]
                )
            except socketio.exceptions.ConnectionError:
                return {}
        elif what == "call":
            name, payload = details["name"], details["payload"]
            return {"answer": await asyncio.to_thread(self.client.call, name, payload)}
        elif what == "binary":
            data = {"data": bytes(details["size"])}
            await asyncio.to_thread(self.client.emit, details["name"], data)
        elif what == "disconnect":
            await asyncio.to_thread(self.client.disconnect)
        else:
            await asyncio.to_thread(self.client.emit, details["name"], details["payload"])
        return {}


@asynccontextmanager
async def in_python() -> AsyncIterator[Robot]:
    robot = PythonRobot()
    # Its WebSocket library leaves the socket of a refused attempt to the garbage collector.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            yield robot
        finally:
            await asyncio.to_thread(robot.client.shutdown)
            del robot
            gc.collect()


def _listeners(
    reports: list[dict[str, Any]], sid: Callable[[], str | None]
) -> dict[str, Callable[..., None]]:
    def connected() -> None:
        reports.append({"kind": "connect", "id": sid()})

    def refused(error: Any) -> None:
        told = error if isinstance(error, dict) else {"message": str(error)}
        reports.append({"kind": "connect_error", "data": None} | told)

    def ended(reason: str) -> None:
        reports.append({"kind": "disconnect", "reason": reason})

    def heard(name: str, *payload: Any) -> None:
        reports.append({"kind": "event", "name": name, "payload": list(payload)})

    return {"connect": connected, "connect_error": refused, "disconnect": ended, "*": heard}


ROBOTS: dict[str, Callable[[], AbstractAsyncContextManager[Robot]]] = {
    "node": in_node,
    "chromium": in_chromium,
    "python async": in_async_python,
    "python": in_python,
}
