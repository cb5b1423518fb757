import io
import json
import logging
from collections.abc import Iterator
from typing import Any, Literal

import pytest
import structlog

from livecommerce import logs


@pytest.fixture(autouse=True)
def untouched_logging() -> Iterator[None]:
    """Leave the process's logging as it was: it is global."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(False)
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
    for name in logs.QUIET:
        logging.getLogger(name).setLevel(logging.NOTSET)


def lines(format: Literal["human", "json"] = "json") -> io.StringIO:
    out = io.StringIO()
    logs.configure("info", format, process="hub", stream=out)
    return out


def only(out: io.StringIO) -> dict[str, Any]:
    (line,) = out.getvalue().splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_line_carries_the_bound_context() -> None:
    out = lines()
    with logs.bound(request_id="r-1"):
        logs.get_logger("a").info("served", status=200)
    found = only(out)
    assert found["event"] == "served"
    assert (found["request_id"], found["status"], found["process"]) == ("r-1", 200, "hub")


def test_lines_of_other_libraries_go_the_same_way() -> None:
    out = lines()
    with logs.bound(connection_id="c-1"):
        logging.getLogger("other").warning("slow: %d ms", 3)
    assert only(out)["event"] == "slow: 3 ms"
    assert only(out)["connection_id"] == "c-1"


@pytest.mark.parametrize(
    "field",
    [
        "token",
        "access_token",
        "password",
        "new_password",
        "Authorization",
        "cookie",
        "dsn",
        "sdp",
        "client_secret",
        "private_key",
        "bank_account_number",
        "pan_number",
        "apikey",
        "link",
        "database_url",
    ],
)
@pytest.mark.parametrize("format", ["human", "json"])
def test_fields_that_look_secret_are_blotted_out(
    field: str, format: Literal["human", "json"]
) -> None:
    out = lines(format)
    logs.get_logger("a").info("x", **{field: "hunter2"}, nested={field: "hunter2", "of": ["a"]})
    assert "hunter2" not in out.getvalue()
    assert logs.BLOT in out.getvalue()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("postgresql://me:hunter2@db/x", "postgresql://me:"),
        ("Authorization: Bearer hunter2", "Authorization: Bearer "),
        ("token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.hunter2 refused", "refused"),
        ("http://localhost/log-in#link=hunter2", "http://localhost/log-in"),
    ],
)
def test_secrets_inside_texts_are_blotted_out(text: str, kept: str) -> None:
    out = lines()
    logging.getLogger("other").warning(text)
    logs.get_logger("a").info("x", said=text, error=ValueError(text))
    assert "hunter2" not in out.getvalue()
    assert kept in out.getvalue()


def test_a_traceback_shows_no_local_variables_and_no_secret() -> None:
    out = lines()
    try:
        phone = "9876543210"
        raise ValueError("postgresql://me:hunter2@db/x " + phone[:0])
    except ValueError:
        logs.get_logger("a").exception("failed")
    assert "9876543210" not in out.getvalue()
    assert "hunter2" not in out.getvalue()
    assert "ValueError" in out.getvalue()


def test_numbers_beside_a_secret_name_stay_readable() -> None:
    out = lines()
    logs.get_logger("a").info("x", token_ttl_s=600, has_password=True)
    assert (only(out)["token_ttl_s"], only(out)["has_password"]) == (600, True)


def test_below_the_level_nothing_is_printed() -> None:
    out = lines()
    logs.get_logger("a").debug("x")
    logging.getLogger("aioice").info("a packet")
    assert out.getvalue() == ""
