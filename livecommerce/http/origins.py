"""Which web origins may use this server with what the browser holds for it.

A browser says in `Origin` where a request was made. A request without one does not come from a page
(or comes from a browser's address bar) and is judged by its token alone.
"""

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit


@dataclass(frozen=True, slots=True)
class OriginPolicy:
    """public_url: where people open this server; its origin may always. None, as on a laptop,
    means: the origin with the same host and port as the request itself.
    allowed_origins: further ones, spelled `https://host[:port]`."""

    public_url: str | None = None
    allowed_origins: tuple[str, ...] = ()

    @property
    def is_https(self) -> bool:
        """People reach this server over TLS, so cookies may be confined to it."""
        return self.public_url is not None and urlsplit(self.public_url).scheme == "https"

    @property
    def public_host(self) -> str | None:
        """Host and port of public_url, as a browser writes them."""
        return urlsplit(self.public_url).netloc if self.public_url else None

    def allows(self, origin: str, host: str | None) -> bool:
        """Whether a page of that origin may. host: the request's own Host header."""
        asking = _parsed(origin)
        if asking is None:
            return False
        if any(asking == _parsed(allowed) for allowed in self.allowed_origins):
            return True
        if self.public_url is not None:
            return asking == _parsed(self.public_url)
        # A page served from this very address; the scheme may differ behind a proxy with TLS.
        return host is not None and asking in (
            _parsed(f"http://{host}"),
            _parsed(f"https://{host}"),
        )


_PORTS = {"http": 80, "https": 443}


def _parsed(origin: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for what is no web origin, such as `null`."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or not _is_bare(parts):
        return None
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme]


def _is_bare(parts: SplitResult) -> bool:
    return "@" not in parts.netloc and parts.path in ("", "/") and not parts.query + parts.fragment
