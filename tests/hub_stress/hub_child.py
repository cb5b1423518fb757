"""Whole hubs as processes of their own, which can be killed, and which tell what they still hold.

`python -m tests.hub_stress.hub_child` is their nursery: it has loaded the program once and becomes
a hub by fork for each line `DATABASE_URL REDIS_URL PORT` that it reads, since loading takes longer
than most scenarios. Each hub prints one JSON line: its pid, its address, and that of a page that
tells what is left over. SIGTERM lets its clients go.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys

import uvloop
from aiohttp import web

from db import Database, logins_of
from livecommerce import clock, logs
from livecommerce.embedded.process import dying_with_parent
from tests.hub_stress.gateway_stage import left_over, open_files
from tests.livecommerce.live.hub_process import HubProcess, hub_process

LET_GO_S = 0.5


def nursery() -> None:
    """For ever, until stdin ends; what it brought up dies with it."""
    # Nobody here waits for their ends.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        dying = dying_with_parent(signal.SIGKILL)
        if os.fork() == 0:
            if dying is not None:
                dying()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            database_url, redis_url, port, log = line.split()
            _write_to(log)
            uvloop.run(_run(database_url, redis_url, int(port)))
            os._exit(0)


def _write_to(log: str) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 2)
    logs.configure("info", "json", stream=sys.stderr)


async def _run(database_url: str, redis_url: str, port: int) -> None:
    asked = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked.set)
    logins = logins_of(database_url)
    db = await Database.connect(api=logins.api, service=logins.service, pool_size=8)
    async with hub_process(db, redis_url, port=port) as hub:
        runner = web.AppRunner(_page(hub))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        page = f"http://127.0.0.1:{runner.addresses[0][1]}"
        print(json.dumps({"pid": os.getpid(), "url": hub.url, "page": page}), flush=True)
        # Nobody reads further, and whoever writes to a full pipe waits for ever.
        os.dup2(2, 1)
        await asked.wait()
        await hub.gateway.let_go(LET_GO_S, asyncio.Event(), clock.fraction)
        await runner.cleanup()
    await db.close()


def _page(hub: HubProcess) -> web.Application:
    async def tell(_request: web.Request) -> web.Response:
        more = {"tasks": len(asyncio.all_tasks()), "files": open_files()}
        return web.json_response({"left": left_over(hub.gateway)} | more)

    app = web.Application()
    app.router.add_get("/", tell)
    return app


if __name__ == "__main__":
    nursery()
