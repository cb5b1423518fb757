"""No statement of the program sets anything beyond its transaction.

Connections are shared, and giving one back resets nothing (db/pool.py), so what a session-level SET
leaves behind would be somebody else's role or limits. Looked at: every query, every migration with
the bodies of its functions and the statements that they put together, and every text of the Python
modules that speak to the driver.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pglast.parser import ParseError, Token, scan

ROOT = Path(__file__).parent.parent.parent
SQL_FILES = sorted([*ROOT.glob("db/queries/*.sql"), *ROOT.glob("db/migrations/*.sql")])
# Only who imports the driver can send it a text; everybody else names a query of the catalogue.
PYTHON_FILES = sorted(
    path
    for package in ("db", "shop", "livecommerce", "signaling", "media", "loadtests")
    for path in (ROOT / package).rglob("*.py")
    if "node_modules" not in path.parts and "import asyncpg" in path.read_text()
)
# What a statement can come after, inside plpgsql too.
OPENERS = {"ASCII_59", "BEGIN_P", "THEN", "ELSE", "LOOP"}
LASTING = ("SET", "RESET", "DISCARD")
# A text is SQL that sets something, and not a sentence for people.
LOOKS_LIKE_SET = re.compile(
    r"(?:^|;)\s*(?:set\s+(?:session\b|local\b|role\b|time\s+zone\b|[\w.\"%]+\s*(?:=|to\b))"
    r"|reset\s+(?:all|role|session|[\w.]+\s*(?:;|$))|discard\s)",
    re.IGNORECASE,
)


def lasting_settings(sql: str) -> Iterator[str]:
    """The parts of a text that set, reset or discard for longer than a transaction."""
    tokens = [token for token in scanned(sql) if not token.name.endswith("COMMENT")]
    for at, token in enumerate(tokens):
        before = tokens[at - 1].name if at else "ASCII_59"
        after = tokens[at + 1].name if at + 1 < len(tokens) else ""
        text = sql[token.start : token.end + 1]
        if token.name in LASTING and before in OPENERS and after not in ("LOCAL", "CONSTRAINTS"):
            yield sql[token.start :].partition(";")[0].strip()[:60]
        elif text.lower() == "set_config" and after == "ASCII_40":
            if last_argument(tokens, at + 1) != "TRUE_P":
                yield sql[token.start :].partition(";")[0].strip()[:60]
        elif token.name == "SCONST":
            yield from lasting_in_constant(text)


def lasting_in_constant(quoted: str) -> Iterator[str]:
    """A string is a function's body, or a piece of a statement that is put together."""
    if body := re.fullmatch(r"(\$\w*\$)(.*)\1", quoted, re.DOTALL):
        yield from lasting_settings(body[2])
        return
    inner = quoted.strip("eE").removeprefix("'").removesuffix("'").replace("''", "'")
    if LOOKS_LIKE_SET.match(inner) or "set_config" in inner:
        yield from lasting_settings(inner)


def last_argument(tokens: list[Token], opening: int) -> str:
    """The name of the only token of a call's last argument; '' when there are more."""
    depth = 0
    argument: list[Token] = []
    for token in tokens[opening:]:
        depth += {"ASCII_40": 1, "ASCII_41": -1}.get(token.name, 0)
        if depth == 0:
            break
        argument = (
            [] if depth == 1 and token.name in ("ASCII_40", "ASCII_44") else [*argument, token]
        )
    return argument[0].name if len(argument) == 1 else ""


def scanned(sql: str) -> list[Token]:
    try:
        return list(scan(sql))
    except ParseError:
        return []


def texts_of(source: str) -> Iterator[tuple[int, str]]:
    """Every string of a Python module that is no docstring, by line; {x} stands for a value."""
    tree = ast.parse(source)
    inside = {
        id(part)
        for node in ast.walk(tree)
        for part in (
            node.values
            if isinstance(node, ast.JoinedStr)
            else [node.value]
            if isinstance(node, ast.Expr)
            else []
        )
    }
    for node in ast.walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            parts = [p.value if isinstance(p, ast.Constant) else "x" for p in node.values]
            yield node.lineno, "".join(map(str, parts))


@pytest.mark.parametrize("path", SQL_FILES, ids=lambda path: path.name)
def test_a_sql_file_sets_nothing_beyond_its_transaction(path: Path) -> None:
    sql = path.read_text()
    assert scanned(sql), f"{path.name} cannot be read as SQL"
    assert list(lasting_settings(sql)) == []


def test_no_python_module_sets_anything_beyond_its_transaction() -> None:
    looked_at = [
        (f"{path.relative_to(ROOT)}:{line}", text)
        for path in PYTHON_FILES
        for line, text in texts_of(path.read_text())
        if LOOKS_LIKE_SET.search(text) or "set_config" in text
    ]
    assert [where for where, _ in looked_at if where.startswith("db/pool.py")] != []
    assert [(where, found) for where, text in looked_at for found in lasting_settings(text)] == []


@pytest.mark.parametrize(
    "sql",
    [
        "set role authenticated",
        "SET SESSION AUTHORIZATION x",
        "set search_path = ''",
        "select 1; set statement_timeout to 5",
        "-- why\nset timezone = 'UTC'",
        "reset role",
        "discard all",
        "select set_config('role', 'anon', false)",
        "select set_config('role', 'anon', $1)",
        "select set_config('a.b', concat('x', true), is_local)",
        "do $$ begin set role anon; end $$",
        "do $$ begin if true then set x.y = 1; end if; end $$",
        "create function f() returns void language plpgsql as $f$ begin"
        " perform set_config('role', 'anon', false); end $f$",
        "do $$ begin execute 'set role anon'; end $$",
        "do $$ begin execute format('select set_config(%L, %L, false)', 'role', 'anon'); end $$",
        "do $$ begin execute format('set %I = 1', 'x'); end $$",
    ],
)
def test_what_lasts_is_found(sql: str) -> None:
    assert len(list(lasting_settings(sql))) == 1


@pytest.mark.parametrize(
    "sql",
    [
        "set local role authenticated",
        "select set_config('role', 'anon', true), set_config('a.b', $1, true)",
        "update t set session = 1, role = 2 where a = 'set'",
        "insert into t values (1) on conflict (a) do update set role = excluded.role",
        "create function f() returns int language sql set search_path = '' as $$ select 1 $$",
        "alter table t alter column c set default 1",
        "do $$ begin update t set role = 1; set local x.y = 1; end $$",
        "comment on table t is 'set by trigger'",
        "set constraints all immediate",
    ],
)
def test_what_ends_with_the_transaction_may_be(sql: str) -> None:
    assert list(lasting_settings(sql)) == []
