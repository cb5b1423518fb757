"""What the documents say is what the program does; `make docs` writes the parts made from code."""

import json
import re
import tomllib
from pathlib import Path

from livecommerce import settings
from signaling import asyncapi

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def test_the_readme_lists_every_setting_as_it_is() -> None:
    table = README.partition("<!-- settings -->\n")[2].partition("<!-- /settings -->")[0]
    assert table == settings.markdown()


def test_the_reference_lists_every_setting_as_it_is() -> None:
    assert (ROOT / "docs/reference/settings.md").read_text() == settings.markdown()


def test_the_reference_describes_the_wire_as_it_is() -> None:
    written = json.loads((ROOT / "docs/reference/asyncapi.json").read_text())
    assert written == json.loads(json.dumps(asyncapi.document()))


def test_every_link_of_the_readme_leads_to_a_file() -> None:
    targets = re.findall(r"\]\((?!http)([^)#]+)\)|<img src=\"([^\"]+)\"", README)
    paths = [link or image for link, image in targets]
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_readme_quotes_the_budgets_that_the_bench_compares_with() -> None:
    budgets = tomllib.loads((ROOT / "loadtests/budgets.toml").read_text())
    for table in budgets.values():
        for name, limit in table.items():
            assert re.search(rf"\| `{name}` .*\| {limit} \|", README), name
