"""The pages of the reference that are made from code are up to date (`make docs` makes them)."""

import json
from pathlib import Path

from livecommerce import settings
from signaling import asyncapi

REFERENCE = Path(__file__).parent.parent.parent / "docs" / "reference"


def test_the_page_of_settings_is_up_to_date() -> None:
    assert (REFERENCE / "settings.md").read_text() == settings.markdown(), "run: make docs"


def test_the_description_of_the_wire_is_up_to_date() -> None:
    committed = json.loads((REFERENCE / "asyncapi.json").read_text())
    assert committed == asyncapi.document(), "run: make docs"
