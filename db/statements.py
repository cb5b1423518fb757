"""Cuts a migration file into its statements, as Postgres's own scanner would.

It knows comments, quotes and dollar quotes, which is all that the language of our files needs. What
it does not know is the body of a function written as `begin atomic`: its statements would be cut
apart. A test holds it against Postgres's parser over every migration.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# One token. A word takes its dollars along, so that a$b$c opens no quote; a number its letters.
_TOKEN = re.compile(
    r"""
    (?P<blank>\s+|--[^\n]*)
  | (?P<comment>/\*)
  | (?P<escaped>[eE]'(?:[^'\\]|\\.|'')*')
  | (?P<string>'(?:[^']|'')*')
  | (?P<name>"(?:[^"]|"")*")
  | (?P<open>[eE]?'|")
  | (?P<dollar>\$(?:[^\W\d]\w*)?\$)
  | (?P<word>\w[\w$]*)
  | (?P<end>;)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_OF_COMMENT = re.compile(r"/\*|\*/")


class NeverEnds(ValueError):
    """A quote or comment has no end; `line` is where it begins."""

    def __init__(self, line: int) -> None:
        super().__init__(f"the quote or comment that begins in line {line} never ends")
        self.line = line


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement without its semicolon. line: of the file, where it begins, from 1."""

    text: str
    line: int


def statements_of(sql: str) -> tuple[Statement, ...]:
    """The statements of a file in order; comments between them belong to none.

    Raises NeverEnds.
    """
    found: list[Statement] = []
    start: int | None = None
    last = 0
    for kind, begin, end in [*tokens_of(sql), ("end", len(sql), len(sql))]:
        if kind == "blank":
            continue
        if kind != "end":
            start, last = begin if start is None else start, end
        elif start is not None:
            found.append(Statement(sql[start:last], _line(sql, start)))
            start = None
    return tuple(found)


def tokens_of(sql: str) -> list[tuple[str, int, int]]:
    """Kind, begin and end of every token; comments and white space are "blank"."""
    tokens, at = [], 0
    while at < len(sql):
        match = _TOKEN.match(sql, at)
        assert match is not None, "the pattern takes any character"
        kind, end = str(match.lastgroup), match.end()
        if kind == "comment":
            kind, end = "blank", _end_of_comment(sql, at)
        elif kind == "dollar":
            end = sql.find(match[0], end) + len(match[0])
            if end < match.end() + len(match[0]):
                raise NeverEnds(_line(sql, at))
        elif kind == "open":
            raise NeverEnds(_line(sql, at))
        tokens.append((kind, at, end))
        at = end
    return tokens


def _end_of_comment(sql: str, begin: int) -> int:
    """Comments of this kind nest."""
    depth = 0
    for match in _OF_COMMENT.finditer(sql, begin):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end()
    raise NeverEnds(_line(sql, begin))


def _line(sql: str, at: int) -> int:
    return sql.count("\n", 0, at) + 1
