import pytest

from livecommerce.http.origins import OriginPolicy

LOCAL = OriginPolicy()
PUBLIC = OriginPolicy("https://live.example.com", ("https://shop.example.com:8443",))


@pytest.mark.parametrize(
    ("policy", "origin", "host", "allowed"),
    [
        (LOCAL, "http://localhost:8080", "localhost:8080", True),
        (LOCAL, "https://localhost:8080", "localhost:8080", True),
        (LOCAL, "http://127.0.0.1:8080", "127.0.0.1:8080", True),
        (LOCAL, "http://[::1]:8080", "[::1]:8080", True),
        (LOCAL, "http://LOCALHOST:8080", "localhost:8080", True),
        (LOCAL, "http://localhost", "localhost:80", True),
        (LOCAL, "http://localhost:8081", "localhost:8080", False),
        (LOCAL, "http://localhost.evil.example:8080", "localhost:8080", False),
        (LOCAL, "null", "localhost:8080", False),
        (LOCAL, "", "", False),
        (LOCAL, "http://localhost:8080", None, False),
        (LOCAL, "file://localhost:8080", "localhost:8080", False),
        (PUBLIC, "https://live.example.com", "10.0.0.1:8080", True),
        (PUBLIC, "https://live.example.com:443", "10.0.0.1:8080", True),
        (PUBLIC, "https://shop.example.com:8443", "live.example.com", True),
        (PUBLIC, "http://live.example.com", "live.example.com", False),
        (PUBLIC, "https://live.example.com:444", "live.example.com", False),
        (PUBLIC, "https://live.example.com.evil.example", "live.example.com", False),
        (PUBLIC, "https://evil.example/live.example.com", "live.example.com", False),
        (PUBLIC, "https://live.example.com@evil.example", "live.example.com", False),
        (PUBLIC, "https://evil.example", "evil.example", False),
        (PUBLIC, "https://live.example.com:x", "live.example.com", False),
        (PUBLIC, "https://sub.live.example.com", "live.example.com", False),
    ],
)
def test_origin_matrix(policy: OriginPolicy, origin: str, host: str | None, allowed: bool) -> None:
    assert policy.allows(origin, host) is allowed


def test_cookies_are_confined_to_tls_where_there_is_tls() -> None:
    assert PUBLIC.is_https
    assert not LOCAL.is_https
    assert not OriginPolicy("http://192.168.1.5:8080").is_https
