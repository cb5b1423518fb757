"""The settings: one typed tree, read once at the start from the environment and `.env`.

`LIVECOMMERCE_HTTP_PORT` is `settings.http.port`: the first word names the section, the rest the
field. `DATABASE_URL` and `REDIS_URL` are read as well, since every platform sets those. A name
that no field has, or a value that a field does not take, stops the start: a misspelt setting that
is silently ignored is found in production.

Only app/ and the commands read the tree; each part gets a small configuration of its own. Each
field carries its unit, its default and the reason for it, and `markdown()` makes the table of the
README from them.
"""

from livecommerce.settings.commerce import Payments, Payouts, Shop
from livecommerce.settings.hub import Hub
from livecommerce.settings.identity import Accounts, Sealing, Tokens
from livecommerce.settings.live import Chat, Counters, Media
from livecommerce.settings.maintenance import Maintenance
from livecommerce.settings.process import Admin, Data, Http, Log, Web
from livecommerce.settings.reading import (
    BAD_CONFIGURATION,
    SettingsRefused,
    load,
    report,
)
from livecommerce.settings.stores import Database, Embedded, Redis
from livecommerce.settings.tree import Settings
from livecommerce.settings.words import fields, markdown

__all__ = [
    "BAD_CONFIGURATION",
    "Accounts",
    "Admin",
    "Chat",
    "Counters",
    "Data",
    "Database",
    "Embedded",
    "Http",
    "Hub",
    "Log",
    "Maintenance",
    "Media",
    "Payments",
    "Payouts",
    "Redis",
    "Sealing",
    "Settings",
    "SettingsRefused",
    "Shop",
    "Tokens",
    "Web",
    "fields",
    "load",
    "markdown",
    "report",
]
