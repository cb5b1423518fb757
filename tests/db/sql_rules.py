"""Rules for our SQL, checked on what Postgres's own parser makes of it; `make check` runs them.

    python -m tests.db.sql_rules    squawk and the rules, over db/migrations and db/queries

A migration is judged statement by statement, functions of SQL and plpgsql by their bodies too. What
a `do` block puts together for `execute` is text to a parser and judged by nobody but the reviewer.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pglast
from pglast import ast, enums

from db.history import NO_TRANSACTION
from db.query import blocks, catalogue_files
from db.statements import statements_of

ROOT = Path(__file__).resolve().parents[2]
MIGRATIONS = ROOT / "db" / "migrations"
FIRST_LINTED = "20261123"
"""What is older is the baseline: it made the first tables, when nobody could be held up."""

API_ROLES = ("anon", "authenticated", "public")
NEVER_GRANTED = {"all", "truncate", "references", "trigger", "maintain"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What breaks a rule. where: file and line."""

    rule: str
    where: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.where}: {self.rule}: {self.sentence}"


# A rule looks at one statement and yields sentences about what is wrong with it.
Rule = Callable[[ast.Node], Iterator[str]]


def nodes(tree: object) -> Iterator[ast.Node]:
    """The node and everything below it."""
    if isinstance(tree, ast.Node):
        yield tree
        for name in tree:
            yield from nodes(getattr(tree, name))
    elif isinstance(tree, tuple | list):
        for part in tree:
            yield from nodes(part)


def no_notify(statement: ast.Node) -> Iterator[str]:
    """NOTIFY holds a lock of the whole server until its transaction is written: commits queue."""
    for node in nodes(statement):
        is_statement = isinstance(node, ast.NotifyStmt | ast.ListenStmt | ast.UnlistenStmt)
        if is_statement or _called(node) == "pg_notify":
            yield "NOTIFY and LISTEN are not used; the outbox tells what has happened"


def no_lasting_set(statement: ast.Node) -> Iterator[str]:
    """What a session keeps reaches the next borrower of its connection."""
    for node in nodes(_without_function_options(statement)):
        if isinstance(node, ast.VariableSetStmt) and not node.is_local:
            if not isinstance(statement, ast.AlterRoleSetStmt | ast.AlterDatabaseSetStmt):
                yield f"`set {node.name}` outlasts the transaction; say `set local`"
        elif isinstance(node, ast.FuncCall) and _called(node) == "set_config":
            last = (node.args or (None,))[-1]
            if not (isinstance(last, ast.A_Const) and getattr(last.val, "boolval", None) is True):
                yield "set_config(..., false) outlasts the transaction; its third argument is true"
        elif isinstance(node, ast.DiscardStmt):
            yield "DISCARD is about sessions, and we have none of our own"


def no_transaction_control(statement: ast.Node) -> Iterator[str]:
    """The runner begins and ends transactions."""
    if isinstance(statement, ast.TransactionStmt):
        yield "begin and commit are the runner's"


def functions_set_search_path(statement: ast.Node) -> Iterator[str]:
    """Else the caller decides which table or operator a name in the body means."""
    if isinstance(statement, ast.CreateFunctionStmt):
        options = [option.arg for option in statement.options or () if option.defname == "set"]
        if not any(option.name == "search_path" for option in options):
            yield f"function {_function_name(statement)} lacks `set search_path = ''`"


def no_definer_in_public(statement: ast.Node) -> Iterator[str]:
    """Every function of an exposed schema can be called over Supabase's API."""
    if isinstance(statement, ast.CreateFunctionStmt):
        is_definer = any(
            option.defname == "security" and option.arg.boolval
            for option in statement.options or ()
        )
        schema = _function_name(statement).rpartition(".")[0]
        if is_definer and schema in ("", "public"):
            yield f"security definer function {_function_name(statement)} belongs to private"


def views_ask_as_their_reader(statement: ast.Node) -> Iterator[str]:
    """Else a view reads with the rights of its owner, past every row security policy."""
    if isinstance(statement, ast.ViewStmt):
        options = {option.defname: option.arg for option in statement.options or ()}
        value = options.get("security_invoker", "missing")
        is_on = value is None or str(getattr(value, "sval", value)).lower() in ("true", "on", "1")
        if not is_on:
            yield f"view {_name_of(statement.view)} lacks `with (security_invoker = true)`"
    elif isinstance(statement, ast.CreateTableAsStmt):
        is_materialized = statement.objtype == enums.ObjectType.OBJECT_MATVIEW
        if is_materialized and _schema_of(statement.into) in (None, "public"):
            yield "a materialized view has no row security; it belongs to private"


def grants_to_clients_are_narrow(statement: ast.Node) -> Iterator[str]:
    """TRUNCATE knows no row security, and ALL contains it."""
    for grant in nodes(statement):
        if isinstance(grant, ast.GrantStmt) and grant.is_grant:
            yield from _wide_grants(grant)


def _wide_grants(grant: ast.GrantStmt) -> Iterator[str]:
    grantees = {
        "public" if role.roletype == enums.RoleSpecType.ROLESPEC_PUBLIC else role.rolename
        for role in grant.grantees or ()
    }
    privileges = {privilege.priv_name or "all" for privilege in grant.privileges or ()}
    wide = (privileges or {"all"}) & NEVER_GRANTED
    if wide and grant.objtype == enums.ObjectType.OBJECT_TABLE:
        for grantee in sorted(grantees & set(API_ROLES)):
            yield f"{', '.join(sorted(wide))} is granted to {grantee}; name what is needed"


def queries_name_their_columns(statement: ast.Node) -> Iterator[str]:
    """A column that a migration adds must not turn up in the rows of the program."""
    for targets in _outermost_targets(statement):
        for target in targets or ():
            fields = target.val.fields if isinstance(target.val, ast.ColumnRef) else ()
            if fields and isinstance(fields[-1], ast.A_Star):
                yield "`select *` at the top; name the columns"


def runs_beside_requests(statement: ast.Node) -> Iterator[str]:
    """A file without a transaction may be run again from its beginning, and holds up nobody."""
    if isinstance(statement, ast.IndexStmt):
        if not (statement.concurrent and statement.if_not_exists and statement.idxname):
            yield "an index here is made `concurrently if not exists` and has a name"
    elif isinstance(statement, ast.DropStmt):
        if not (statement.concurrent and statement.missing_ok):
            yield "what is dropped here is dropped `concurrently if exists`"
    elif isinstance(statement, ast.AlterTableStmt):
        if any(
            c.subtype != enums.AlterTableType.AT_ValidateConstraint for c in statement.cmds or ()
        ):
            yield "only `validate constraint` alters a table here"
    elif not isinstance(statement, ast.VacuumStmt | ast.CommentStmt):
        yield f"this statement needs no `{NO_TRANSACTION}`; put it into another file"


def needs_no_place_of_its_own(statement: ast.Node) -> Iterator[str]:
    """Inside a transaction Postgres refuses these."""
    if getattr(statement, "concurrent", False) or isinstance(statement, ast.VacuumStmt):
        is_analyze = isinstance(statement, ast.VacuumStmt) and not statement.is_vacuumcmd
        if not is_analyze:
            yield f"this cannot be in a transaction: begin the file with `{NO_TRANSACTION}`"


EVERYWHERE: dict[str, Rule] = {
    "no-notify": no_notify,
    "no-lasting-set": no_lasting_set,
    "no-transaction-control": no_transaction_control,
}
IN_MIGRATIONS: dict[str, Rule] = EVERYWHERE | {
    "function-search-path": functions_set_search_path,
    "no-definer-in-public": no_definer_in_public,
    "view-security-invoker": views_ask_as_their_reader,
    "narrow-grants": grants_to_clients_are_narrow,
}
IN_TRANSACTIONS: dict[str, Rule] = IN_MIGRATIONS | {"concurrently": needs_no_place_of_its_own}
WITHOUT_TRANSACTION: dict[str, Rule] = IN_MIGRATIONS | {"beside-requests": runs_beside_requests}
IN_QUERIES: dict[str, Rule] = EVERYWHERE | {"named-columns": queries_name_their_columns}


def findings_in_migration(name: str, sql: str) -> list[Finding]:
    """What breaks a rule in a migration file; one that does not parse breaks the rule `syntax`."""
    is_alone = sql.split("\n", 1)[0].rstrip() == NO_TRANSACTION
    rules = WITHOUT_TRANSACTION if is_alone else IN_TRANSACTIONS
    return [
        finding
        for statement in statements_of(sql)
        for finding in _judge(f"{name}:{statement.line}", statement.text, rules)
    ]


def findings_in_query(name: str, sql: str) -> list[Finding]:
    return list(_judge(name, sql, IN_QUERIES))


def all_findings() -> list[Finding]:
    """Over every migration and every query of the program."""
    found = [
        finding
        for path in sorted(MIGRATIONS.glob("*.sql"))
        for finding in findings_in_migration(path.name, path.read_text(encoding="utf-8"))
    ]
    for file in catalogue_files():
        for block, sql in blocks(file).items():
            found += findings_in_query(f"{file}.sql {block}", sql)
    return found


def _judge(where: str, sql: str, rules: dict[str, Rule]) -> Iterator[Finding]:
    try:
        tree = _parsed(sql)
    except pglast.parser.ParseError as error:
        yield Finding("syntax", where, str(error.args[0]))
        return
    for statement in tree:
        for name, rule in rules.items():
            for sentence in dict.fromkeys(rule(statement)):
                yield Finding(name, where, sentence)
        for body in _bodies(statement, sql):
            yield from _judge_body(where, body)


def _judge_body(where: str, sql: str) -> Iterator[Finding]:
    """A statement inside a function; what is no statement (an expression) is made one."""
    assigned = sql.partition(":=")[2]
    for text in (sql, f"select {sql}", f"select {assigned}"):
        try:
            tree = _parsed(text)
        except pglast.parser.ParseError:
            continue
        for statement in tree:
            for name, rule in EVERYWHERE.items():
                for sentence in rule(statement):
                    yield Finding(name, where, sentence)
        return


def _parsed(sql: str) -> list[ast.Node]:
    return [raw.stmt for raw in pglast.parse_sql(sql) if raw.stmt is not None]


def _bodies(statement: ast.Node, sql: str) -> Iterator[str]:
    """The statements inside a function or `do` block."""
    if not isinstance(statement, ast.CreateFunctionStmt | ast.DoStmt):
        return
    options = statement.options if isinstance(statement, ast.CreateFunctionStmt) else statement.args
    values: dict[str, Any] = {option.defname: option.arg for option in options or ()}
    language = getattr(values.get("language"), "sval", "plpgsql")
    if language == "sql":
        yield from (part.sval for part in values.get("as", ()))
    elif language == "plpgsql":
        parsed = pglast.parse_plpgsql(_with_known_types(sql))
        yield from _expressions(json.loads(json.dumps(parsed)))


# A type in the head of a function: of a parameter, a variable, a result.
_OWN_TYPE = re.compile(r"\bprivate\.\w+(%rowtype)?(\[\])?(?!\w*\s*\()", re.IGNORECASE)


def _with_known_types(sql: str) -> str:
    """The function with types that the parser, which sees no catalogue, can take for ours.

    It knows those of pg_catalog only. What the body says is left as it is.
    """
    head, begin, body = sql.partition("\nbegin\n")
    return _OWN_TYPE.sub(lambda found: "text[]" if found[2] else "record", head) + begin + body


def _expressions(tree: object) -> Iterator[str]:
    if isinstance(tree, dict):
        if "PLpgSQL_expr" in tree:
            yield tree["PLpgSQL_expr"]["query"]
        for part in tree.values():
            yield from _expressions(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from _expressions(part)


def _without_function_options(statement: ast.Node) -> object:
    """`set search_path` of a function lasts as long as its call."""
    if isinstance(statement, ast.CreateFunctionStmt | ast.AlterFunctionStmt):
        return ()
    return statement


def _name_of(relation: Any) -> str:
    return str(relation.relname)


def _schema_of(into: Any) -> str | None:
    return cast("str | None", into.rel.schemaname)


def _called(node: ast.Node) -> str | None:
    if not isinstance(node, ast.FuncCall) or not node.funcname:
        return None
    return str(node.funcname[-1].sval)


def _function_name(statement: ast.CreateFunctionStmt) -> str:
    return ".".join(part.sval for part in statement.funcname or ())


def _outermost_targets(statement: ast.Node) -> Iterator[tuple[ast.ResTarget, ...] | None]:
    if isinstance(statement, ast.SelectStmt):
        if statement.larg is not None:
            for side in (statement.larg, statement.rarg):
                if side is not None:
                    yield from _outermost_targets(side)
        else:
            yield statement.targetList
    elif isinstance(statement, ast.InsertStmt | ast.UpdateStmt | ast.DeleteStmt):
        # Called returningClause from PostgreSQL 18's grammar on.
        returning = getattr(statement, "returningList", None)
        clause = getattr(statement, "returningClause", None)
        yield returning if clause is None else clause.exprs


def squawk() -> int:
    """squawk over the files after the baseline; its exit code."""
    files = [path for path in sorted(MIGRATIONS.glob("*.sql")) if path.name >= FIRST_LINTED]
    alone = [p for p in files if p.read_text().split("\n", 1)[0].rstrip() == NO_TRANSACTION]
    together = [path for path in files if path not in alone]
    codes = [
        subprocess.run(
            [str(Path(sys.executable).parent / "squawk"), *options, *map(str, paths)],
            cwd=ROOT,
            check=False,
        ).returncode
        for options, paths in ((["--assume-in-transaction"], together), ([], alone))
        if paths
    ]
    return max(codes, default=0)


def main() -> int:
    found = all_findings()
    for finding in found:
        print(finding)
    return 1 if squawk() != 0 or found else 0


if __name__ == "__main__":
    sys.exit(main())
