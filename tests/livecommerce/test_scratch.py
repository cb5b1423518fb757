from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from livecommerce.embedded import ServerFailed, scratch_postgres


def sockets_of(url: str) -> Path:
    return Path(parse_qs(urlsplit(url).query)["host"][0])


async def test_a_scratch_postgres_is_empty_and_leaves_nothing() -> None:
    async with scratch_postgres() as url:
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("select to_regclass('public.orders')") is None
        await connection.close()
        assert sockets_of(url).is_dir()
    assert not sockets_of(url).parent.exists()


async def test_a_scratch_postgres_is_gone_also_when_the_work_fails() -> None:
    kept = ""
    with pytest.raises(RuntimeError, match="the work failed"):
        async with scratch_postgres() as url:
            kept = url
            raise RuntimeError("the work failed")
    assert not sockets_of(kept).parent.exists()


async def test_without_programs_the_refusal_says_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(ServerFailed, match="no Postgres 15 or newer"):
        async with scratch_postgres(bin_dir=tmp_path):
            pass
