"""What is examined, and what a check says of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from livecommerce.settings import Settings

Level = Literal["pass", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check saw. remedy is empty when it passed."""

    check: str
    level: Level
    seen: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined. demo: the process id of a demo that runs on the data folder, if one does;
    its databases and ports are then the ones looked at."""

    settings: Settings
    demo: int | None


Check = Callable[[Patient], Finding | Awaitable[Finding]]
