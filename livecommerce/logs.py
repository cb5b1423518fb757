"""What the processes print: lines for people on a terminal, JSON otherwise.

Every line of every library goes through one chain: structlog for our own code, and a handler on
the root logger for the rest. Two things happen to each line there. The context is added that the
edge bound for the request or connection being served (`bound`), so that one number finds all
lines of it. And whatever looks like a secret by the name of its field is blotted out, since a
token in a log file is a token given away.
"""

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

BLOT = "[redacted]"

SECRET = re.compile(
    r"password|passwd|secret|token|authorization|cookie|credential|private_?key|api_?key"
    r"|account_number|gst_number|pan_number|ifsc|upi_id"
    r"|^(dsn|sdp|jwt|link|database_url|redis_url)$",
    re.IGNORECASE,
)
"""Names of fields whose values are never printed. `sdp` holds the addresses of a person's
machine, `link` a log-in link; the numbers are those by which somebody is paid and taxed."""

BEARER = re.compile(r"(?i)\b(bearer\s+)\S+")
JWT = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*")
URL_PASSWORD = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s@/]+@")
LOGIN_LINK = re.compile(r"(#link=)[\w-]+")

QUIET = {
    # These tell of every packet or query at INFO; their warnings still come through.
    "aioice": logging.WARNING,
    "aiohttp.access": logging.WARNING,
    "aiortc": logging.WARNING,
    "asyncio": logging.WARNING,
    "engineio": logging.WARNING,
    "libav": logging.ERROR,
    # livecommerce/jobs.py tells how each job ended, and when the database is away.
    "procrastinate": logging.CRITICAL,
    "psycopg.pool": logging.ERROR,
    "socketio": logging.WARNING,
}


def configure(
    level: Literal["debug", "info", "warning", "error"],
    format: Literal["auto", "human", "json"],
    *,
    process: str | None = None,
    stream: TextIO | None = None,
) -> None:
    """Set up logging for this process; call it once, before anything logs.

    process: hub, media, worker ...; added to every line. stream: default is stderr.
    """
    out = stream or sys.stderr
    human = format == "human" or (format == "auto" and out.isatty())
    shared = _chain(process, human=human)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.dev.ConsoleRenderer(colors=out.isatty())
                if human
                else structlog.processors.JSONRenderer(serializer=_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    number = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(number)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(max(least, number))
    logging.captureWarnings(True)


def _chain(process: str | None, *, human: bool) -> list[Processor]:
    """What every line goes through, ours and those of libraries."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if human else "iso", utc=not human),
        _named(process),
        structlog.processors.StackInfoRenderer(),
        # Never with local variables: they hold people's names, addresses and tokens.
        structlog.processors.ExceptionRenderer()
        if human
        else structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        ),
        redact,
    ]


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger for a module; the first argument of its methods is a short, constant text."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


@contextmanager
def bound(**context: object) -> Iterator[None]:
    """Add these fields to every line logged within, by this task and those it starts.

    The edges use it: `with bound(request_id=...)`, `with bound(connection_id=...)`.
    """
    with structlog.contextvars.bound_contextvars(**context):
        yield


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blot out what must not be printed, at any depth. A structlog processor."""
    for key, value in event.items():
        if not key.startswith("_"):  # structlog's own, never printed
            event[key] = _clean(key, value)
    return event


def _clean(key: str, value: Any) -> Any:
    if SECRET.search(key) and not isinstance(value, int | float | bool | None):
        return BLOT
    match value:
        case str():
            return scrub(value)
        case bytes():
            return scrub(value.decode(errors="replace"))
        case dict():
            return {name: _clean(str(name), inner) for name, inner in value.items()}
        case list() | tuple():
            return [_clean("", inner) for inner in value]
        case BaseException():
            return scrub(repr(value))
        case _:
            return value


def scrub(text: str) -> str:
    """The text without tokens, passwords in URLs and log-in links."""
    for pattern in (BEARER, URL_PASSWORD, LOGIN_LINK):
        text = pattern.sub(_keeping_the_front, text)
    return JWT.sub(BLOT, text)


def _keeping_the_front(found: re.Match[str]) -> str:
    end = "@" if found[0].endswith("@") else ""
    return f"{found[1]}{':' if end else ''}{BLOT}{end}"


def _named(process: str | None) -> Processor:
    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        if process is not None:
            event.setdefault("process", process)
        return event

    return add


def _json(event: EventDict, **_: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
