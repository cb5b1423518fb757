"""What the composition root makes of the settings."""

from pathlib import Path

import pytest

from livecommerce.app.hub import gateway_config
from livecommerce.settings import load

FURTHER = {"LIVECOMMERCE_HTTP_ALLOWED_ORIGINS": "https://partner.example"}
PUBLIC = {"LIVECOMMERCE_HTTP_PUBLIC_URL": "https://live.example.com"}


@pytest.mark.parametrize(
    ("variables", "origin", "may"),
    [
        ({}, "http://10.0.0.1:8080", True),
        (FURTHER, "http://10.0.0.1:8080", True),
        (FURTHER, "https://partner.example", True),
        (FURTHER | PUBLIC, "https://live.example.com", True),
        (FURTHER | PUBLIC, "https://partner.example", True),
        (FURTHER | PUBLIC, "http://10.0.0.1:8080", False),
        (FURTHER, "https://stranger.example", False),
    ],
)
def test_sockets_are_for_the_same_pages_as_the_rest(
    variables: dict[str, str], origin: str, may: bool, tmp_path: Path
) -> None:
    config = gateway_config(load(variables, tmp_path / "none"))
    assert config.may_connect(origin, "10.0.0.1:8080") is may
