"""What many people do in the same moment, when Postgres does not keep up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from livecommerce.live.ground import together
from shop.combiner import Combiner, CombinerConfig
from signaling.refusals import Refused


def figure(name: str) -> float:
    return REGISTRY.get_sample_value(f"livecommerce_engagement_{name}", {"kind": "vote"}) or 0


async def test_more_than_can_wait_are_told_to_come_again() -> None:
    is_back, turned_away = asyncio.Event(), figure("turned_away_total")

    async def write(batch: Sequence[dict[str, Any]]) -> list[str]:
        await is_back.wait()
        return ["voted"] * len(batch)

    combiner: Combiner[str] = Combiner(write, CombinerConfig(0.0, 1, 1, 1))
    votes = [asyncio.create_task(together("vote", combiner, UUID(int=n), {})) for n in range(2)]
    await asyncio.sleep(0)
    assert figure("waiting") == 2
    with pytest.raises(Refused) as refused:
        await together("vote", combiner, UUID(int=9), {})
    is_back.set()

    assert await asyncio.gather(*votes) == ["voted", "voted"]
    assert (refused.value.code, refused.value.retry_after_s) == ("service.unavailable", 2.0)
    assert figure("turned_away_total") == turned_away + 1
    assert figure("waiting") == 0
