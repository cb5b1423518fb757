"""Redis, and what is built on it here: the session bus, calls between processes, and plain access
for the parts that count. The only importer of redis.
"""

from livecommerce.bus.client import BusConfig, BusUnavailable, Redis
from livecommerce.bus.listener import Listener
from livecommerce.bus.rpc import RemoteRefused, Rpc
from livecommerce.bus.session import Said, SessionBus
from livecommerce.bus.subscription import Subscription

__all__ = [
    "BusConfig",
    "BusUnavailable",
    "Listener",
    "Redis",
    "RemoteRefused",
    "Rpc",
    "Said",
    "SessionBus",
    "Subscription",
]
