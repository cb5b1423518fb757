from pathlib import Path

import pytest

from db import Logins
from livecommerce.database import derived_logins, logins
from livecommerce.settings import Settings, load

OWNER = "postgresql://owner@h/d"
DERIVED = Logins("postgresql://livecommerce_api@h/d", "postgresql://livecommerce_service@h/d")


def tree(**variables: str) -> Settings:
    names = {f"LIVECOMMERCE_DATABASE_{name}": value for name, value in variables.items()}
    return load(names, Path("/nonexistent/.env"))


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({"URL": OWNER}, DERIVED),
        ({"URL": OWNER, "API_URL": "postgresql://a@h/d"},
         Logins("postgresql://a@h/d", DERIVED.service)),
        ({"API_URL": "postgresql://a@h/d", "SERVICE_URL": "postgresql://s@h/d"},
         Logins("postgresql://a@h/d", "postgresql://s@h/d")),
    ],
)  # fmt: skip
def test_a_login_that_is_named_wins_over_the_derived_one(
    variables: dict[str, str], wanted: Logins
) -> None:
    assert logins(tree(**variables)) == wanted


def test_only_derived_logins_get_a_password_from_us() -> None:
    assert derived_logins(tree(URL=OWNER)) == ("livecommerce_api", "livecommerce_service")
    named = tree(URL=OWNER, API_URL="postgresql://a@h/d")
    assert derived_logins(named) == ("livecommerce_service",)
