"""Where a request came from, told from what a client can make up.

Anybody can send `X-Forwarded-For`. Each proxy appends the address it saw, so the list is true from
its right end for as long as the ones who wrote it are our own proxies: we walk left from the peer
of the TCP connection and stop at the first address that is none of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def include(self, address: str) -> bool:
        parsed = _parsed(address)
        return parsed is not None and any(
            parsed in network for network in self.networks if network.version == parsed.version
        )


def client_address(peer: str | None, forwarded_for: Sequence[str], trusted: TrustedProxies) -> str:
    """The address of the client, in its canonical spelling.

    peer: of the TCP connection; None when it has none.
    forwarded_for: the values of all X-Forwarded-For headers, in order.
    """
    nearest = peer or UNKNOWN
    for entry in reversed(",".join(forwarded_for).split(",")):
        if not trusted.include(nearest):
            break
        parsed = _parsed(entry.strip())
        if parsed is None:
            break
        nearest = str(parsed)
    parsed = _parsed(nearest)
    return str(parsed) if parsed is not None else UNKNOWN


def throttle_key(address: str) -> str:
    """What to count tries by: an IPv6 client owns at least a /64 and can use any address in it."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((int(parsed) >> 64 << 64, 64)))
    return address


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        # One host, one spelling: ::ffff:192.0.2.1 is 192.0.2.1, and zones are local to a machine.
        return address.ipv4_mapped or IPv6Address(int(address))
    return address
