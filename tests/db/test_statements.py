"""The cutting of migration files, held against Postgres's own parser."""

from pathlib import Path

import pglast
import pytest

from db.statements import NeverEnds, statements_of

FILES = sorted((Path(__file__).parents[2] / "db" / "migrations").glob("*.sql"))


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_migration_is_cut_where_postgres_cuts_it(file: Path) -> None:
    sql = file.read_text()
    ours, theirs = [statement.text for statement in statements_of(sql)], pglast.split(sql)
    assert len(ours) == len(theirs)
    for text, slice_ in zip(ours, theirs, strict=True):
        assert slice_.strip().endswith(text)
        assert pglast.parse_sql(slice_.strip().removesuffix(text)) == ()  # only comments before it


@pytest.mark.parametrize(
    ("sql", "texts"),
    [
        ("", []),
        (" ;; -- nothing\n;", []),
        ("select 1", ["select 1"]),
        ("select 1; select 2 ; -- the end", ["select 1", "select 2"]),
        ("-- a; b\nselect 1; /* c; /* d; */ e; */ select 2", ["select 1", "select 2"]),
        ("select ';', 'it''s;' ; select 2", ["select ';', 'it''s;'", "select 2"]),
        ("select e'\\';', E'\\\\'; select 2", ["select e'\\';', E'\\\\'", "select 2"]),
        ('select 1 as ";"";"; select 2', ['select 1 as ";"";"', "select 2"]),
        ("do $$ begin; end; $$; select 2", ["do $$ begin; end; $$", "select 2"]),
        ("do $a$ ; $b$ ; $$ ; $a$; select 2", ["do $a$ ; $b$ ; $$ ; $a$", "select 2"]),
        (
            "select a$b$ from c; select $1; select 2",
            ["select a$b$ from c", "select $1", "select 2"],
        ),
    ],
)
def test_only_a_semicolon_outside_of_everything_ends_a_statement(
    sql: str, texts: list[str]
) -> None:
    assert [statement.text for statement in statements_of(sql)] == texts
    assert len(pglast.split(sql)) == len(texts)


def test_a_statement_knows_its_line() -> None:
    found = statements_of("-- first\n\nselect\n  1;\nselect 2;")
    assert [statement.line for statement in found] == [3, 5]


@pytest.mark.parametrize("opened", ["'", '"', "$$", "$a$ $$", "/* /* */", "e'\\'"])
def test_a_quote_that_never_ends_is_refused_with_its_line(opened: str) -> None:
    with pytest.raises(NeverEnds, match="line 2"):
        statements_of(f"select 1;\n{opened} ; select 2;")
