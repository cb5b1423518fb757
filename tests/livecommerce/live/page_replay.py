"""The page's own reducer (livecommerce/web/src/live/state.ts), run by Node on events that are made
or were heard here.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import hatch_build

ROOT = Path(__file__).parents[3]

Event = dict[str, Any]
# What the page is answered when it has asked for what it lacks.
ANSWERS = ("recovered", "snapshot")


@dataclass(frozen=True)
class Case:
    """followed: what a page heard that was there all the time, snapshot first. fresh: what one
    hears that comes at the end. A snapshot has with it, as `people`, what people.list then tells a
    moderator.
    """

    name: str
    followed: list[Event]
    fresh: list[Event]

    def without(self, name: str) -> Case:
        """Had the events of this name not come, with the answers to what they made the page ask."""
        kept: list[Event] = []
        is_dropped = False
        for each in self.followed:
            is_dropped = each["name"] == name or (is_dropped and each["name"] in ANSWERS)
            if not is_dropped:
                kept.append(each)
        return Case(f"{self.name} without {name}", kept, self.fresh)


def event(name: str, payload: Any) -> Event:
    data = payload.model_dump(mode="json") if hasattr(payload, "model_dump") else payload
    return {"name": name, "payload": data}


def differing(cases: list[Case]) -> list[dict[str, Any]]:
    """Where a page that followed shows something else than a fresh one."""
    hatch_build.install(ROOT, say=lambda *_words: None)
    node, _ = hatch_build.find_npm()
    answer = subprocess.run(
        [node, "scripts/replay.mjs"],
        cwd=hatch_build.web(ROOT),
        input=json.dumps([asdict(each) for each in cases]).encode(),
        capture_output=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr.decode()
    found: list[dict[str, Any]] = json.loads(answer.stdout.splitlines()[-1])
    return found
