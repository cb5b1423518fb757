"""A demo of a bench's own, with a live session on air and people of whom there are tokens."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from livecommerce.accounts.tokens import Issuer
from livecommerce.app import parts
from livecommerce.demo import demo_variables
from livecommerce.settings import Settings, load
from loadtests.flash_shop import fill, id_of
from loadtests.stack import Stack, children_of
from loadtests.swarm.crowd import Target
from signaling.values import Role

PIECES = 1_000


@dataclass(frozen=True, slots=True)
class LiveStack:
    """product_id: the one product shown. influencer, customers: access tokens."""

    stack: Stack
    live_session_id: UUID
    product_id: UUID
    influencer: str
    customers: tuple[str, ...]

    def target(
        self, tokens: tuple[str, ...] = (), headers: Mapping[str, str] | None = None
    ) -> Target:
        """Where viewers go: into the live session."""
        join = "session.join", {"live_session_id": str(self.live_session_id)}
        target = Target(self.stack.url, join, tokens=tokens)
        return target if headers is None else Target(self.stack.url, join, headers, tokens)


async def go_live(stack: Stack, customers: int) -> LiveStack:
    """Write what is needed into the stack's database."""
    settings = settings_of(stack)
    assert settings.database.url is not None, "the stack says that it is ready"
    owner = await asyncpg.connect(settings.database.url.get_secret_value())
    await fill(owner, customers, 1, PIECES)
    await owner.close()
    issuer = parts.issuer(settings)
    return LiveStack(
        stack,
        id_of("session", 1),
        id_of("product", 1),
        token(issuer, id_of("influencer", 1), "influencer"),
        tuple(token(issuer, id_of("customer", n + 1), "customer") for n in range(customers)),
    )


def settings_of(stack: Stack) -> Settings:
    """Those with which the stack's processes run."""
    running = demo_variables(stack.data_dir)
    assert running is not None, "the stack says that it is ready"
    port = stack.url.rpartition(":")[2]
    own = {"LIVECOMMERCE_DATA_DIR": str(stack.data_dir), "LIVECOMMERCE_HTTP_PORT": port}
    return load(own | running[1])


def token(issuer: Issuer, user_id: UUID, role: Role) -> str:
    """Access for an account that flash_shop.fill has made."""
    return issuer.issue(
        user_id=user_id,
        role=role,
        display_name="Asha",
        email=None,
        login_id=uuid4(),
        now_s=time.time(),
    )


def put_hub_on(stack: Stack, hub_core: set[int], others: set[int]) -> None:
    """The hub has a core of its own; the databases and everything else share the others."""
    hub = stack.pid_of("hub")
    for pid in _descendants(stack.supervisor_pid):
        for thread in Path(f"/proc/{pid}/task").glob("[0-9]*"):
            os.sched_setaffinity(int(thread.name), hub_core if pid == hub else others)


def _descendants(pid: int) -> list[int]:
    found = children_of(pid)
    return found + [each for child in found for each in _descendants(child)]
