"""The text of database.ts; the same catalogue always gives the same text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from livecommerce.database_types.layout import Object, OneOf, Tuple, Type, key, lines, quoted
from livecommerce.database_types.rows import Catalogue, Column, ForeignKey, Function, Relation
from livecommerce.database_types.words import row_name, word_lists

_HEAD = """\
// Generated from the migrated schema by `livecommerce types`. Do not edit.
// The shape is that of `supabase gen types typescript`, so this also types a Supabase client.

export type Json =
  | string
  | number
  | boolean
  | null
  | { [key: string]: Json | undefined }
  | Json[]

"""

_HELPERS_HEAD = """
type Schemas = Omit<Database, "__InternalSupabase">

type DefaultSchema = Schemas[Extract<keyof Database, "public">]
"""

_HELPER = """
export type {name}<
  NameOrSchema extends
    | keyof {default}
    | {{ schema: keyof Schemas }},
  Name extends NameOrSchema extends {{ schema: keyof Schemas }}
    ? keyof {other}
    : never = never,
> = NameOrSchema extends {{ schema: keyof Schemas }}
  ? {of_other}
  : NameOrSchema extends keyof {default}
    ? {of_default}
    : never
"""

_PICK = """ extends {{
      {part}: infer Found
    }}
      ? Found
      : never"""

_EXTRAS_HEAD = """
// From here on beyond Supabase's shape: a row of each table and view, and the words that the check
// constraints allow.

"""

_TYPES = {
    **dict.fromkeys(("int2", "int4", "int8", "float4", "float8", "numeric"), "number"),
    **dict.fromkeys(("text", "varchar", "bpchar", "citext", "name", "uuid", "bytea"), "string"),
    **dict.fromkeys(("date", "time", "timetz", "timestamp", "timestamptz", "vector"), "string"),
    **dict.fromkeys(("json", "jsonb"), "Json"),
    "bool": "boolean",
    "void": "undefined",
    "record": "Record<string, unknown>",
}
"""What PostgREST sends for a type. The rest (ranges, inet, interval ...) Supabase calls unknown."""

_NOTHING = Object((("[_ in never]", "never"),))
_INPUT_MODES = frozenset("ibv")


def source(catalogue: Catalogue) -> str:
    """The file. Raises ValueError when two relations would give one row name."""
    tables = _in_order(one for one in catalogue.relations if not one.is_view)
    views = _in_order(one for one in catalogue.relations if one.is_view)
    public = Object(
        (
            ("Tables", _members((one.name, _table(one, catalogue)) for one in tables)),
            ("Views", _members((one.name, _view(one, catalogue)) for one in views)),
            ("Functions", _functions(catalogue)),
            ("Enums", _enums(catalogue)),
            ("CompositeTypes", _composites(catalogue)),
        )
    )
    database = "\n".join(lines("export type Database = ", Object((("public", public),)), 0))
    constants = "\n".join(_constants(catalogue))
    extras = "\n".join(_extras(catalogue, [*tables, *views]))
    return f"{_HEAD}{database}\n{_helpers()}\n{constants}\n{_EXTRAS_HEAD}{extras}\n"


def _in_order(relations: Iterable[Relation]) -> list[Relation]:
    return sorted(relations, key=lambda one: _alphabetical(one.name))


def _alphabetical(name: str) -> str:
    """Dictionaries put an underscore before every digit and letter, ASCII between them."""
    return name.replace("_", " ").lower()


def _members(members: Iterable[tuple[str, Type]]) -> Object:
    named = tuple((key(name), member) for name, member in members)
    return Object(named) if named else _NOTHING


# ------------------------------------------------------------------------------ tables and views


def _table(table: Relation, catalogue: Catalogue) -> Object:
    columns, typed = _columns_of(table, catalogue), partial(_nullable, catalogue)

    def written(column: Column, *, is_new: bool) -> tuple[str, Type]:
        if column.is_generated or column.identity == "a":
            return key(column.name, optional=True), "never"
        can_wait = column.is_nullable or column.has_default or bool(column.identity)
        return key(column.name, optional=can_wait or not is_new), typed(column)

    return Object(
        (
            ("Row", Object(tuple((key(one.name), typed(one)) for one in columns))),
            ("Insert", Object(tuple(written(one, is_new=True) for one in columns))),
            ("Update", Object(tuple(written(one, is_new=False) for one in columns))),
            ("Relationships", _relationships(table, catalogue)),
        )
    )


def _view(view: Relation, catalogue: Catalogue) -> Object:
    columns, typed = _columns_of(view, catalogue), partial(_nullable, catalogue)
    members = [("Row", Object(tuple((key(one.name), typed(one)) for one in columns)))]
    if view.is_updatable:
        written = Object(
            tuple(
                (key(one.name, optional=True), typed(one) if one.is_updatable else "never")
                for one in columns
            )
        )
        members += [("Insert", written), ("Update", written)]
    return Object((*members, ("Relationships", _relationships(view, catalogue))))


def _columns_of(relation: Relation, catalogue: Catalogue) -> list[Column]:
    own = (column for column in catalogue.columns if column.relation == relation.name)
    return sorted(own, key=lambda column: _alphabetical(column.name))


def _relationships(relation: Relation, catalogue: Catalogue) -> Tuple:
    def order(one: ForeignKey) -> tuple[str, str, list[str]]:
        return (
            _alphabetical(one.name),
            _alphabetical(one.referenced_relation),
            one.referenced_columns,
        )

    own = (one for one in catalogue.foreign_keys if one.relation == relation.name)
    return Tuple(tuple(_relationship(one) for one in sorted(own, key=order)))


def _relationship(one: ForeignKey) -> Object:
    return Object(
        (
            ("foreignKeyName", quoted(one.name)),
            ("columns", Tuple(tuple(quoted(name) for name in one.columns))),
            ("isOneToOne", "true" if one.is_one_to_one else "false"),
            ("referencedRelation", quoted(one.referenced_relation)),
            ("referencedColumns", Tuple(tuple(quoted(name) for name in one.referenced_columns))),
        )
    )


# ---------------------------------------------------------------------------------------- types


def _type(catalogue: Catalogue, name: str) -> str:
    """TypeScript's type for one of Postgres."""
    if name in _TYPES:
        return _TYPES[name]
    if name.startswith("_"):
        return f"{_type(catalogue, name.removeprefix('_'))}[]"
    for kind, names in (
        ("Enums", (one.name for one in catalogue.enums)),
        ("CompositeTypes", (one.composite for one in catalogue.composites)),
    ):
        if name in names:
            return f'Database["public"]["{kind}"][{quoted(name)}]'
    for relation in catalogue.relations:
        if relation.name == name:
            kind = "Views" if relation.is_view else "Tables"
            return f'Database["public"]["{kind}"][{quoted(name)}]["Row"]'
    return "unknown"


def _or_null(text: str) -> Type:
    return text if text == "unknown" else OneOf((text, "null"))


def _nullable(catalogue: Catalogue, column: Column) -> Type:
    text = _type(catalogue, column.type)
    return _or_null(text) if column.is_nullable else text


def _enums(catalogue: Catalogue) -> Object:
    ordered = sorted(catalogue.enums, key=lambda one: _alphabetical(one.name))
    return _members((one.name, OneOf(tuple(map(quoted, one.values)))) for one in ordered)


def _composites(catalogue: Catalogue) -> Object:
    attributes: dict[str, list[tuple[str, Type]]] = {}
    for one in catalogue.composites:
        member = (key(one.name), _or_null(_type(catalogue, one.type)))
        attributes.setdefault(one.composite, []).append(member)
    names = sorted(attributes, key=_alphabetical)
    return _members((name, Object(tuple(attributes[name]))) for name in names)


# ------------------------------------------------------------------------------------ functions


def _functions(catalogue: Catalogue) -> Object:
    overloads: dict[str, list[Type]] = {}
    for one in sorted(catalogue.functions, key=lambda f: (_alphabetical(f.name), f.signature)):
        if "" not in one.argument_names[: one.inputs]:
            overloads.setdefault(one.name, []).append(_function(one, catalogue))
    return _members(
        (name, found[0] if len(found) == 1 else OneOf(tuple(found)))
        for name, found in overloads.items()
    )


def _function(one: Function, catalogue: Catalogue) -> Object:
    members = [("Args", _arguments(one, catalogue)), ("Returns", _returned(one, catalogue))]
    if one.returns_relation is not None:
        options = (
            ("from", '"*"'),
            ("to", quoted(one.returns_relation)),
            ("isOneToOne", "false" if one.returns_many else "true"),
            ("isSetofReturn", "true" if one.returns_set else "false"),
        )
        members.append(("SetofOptions", Object(options)))
    return Object(tuple(members), is_open=False)


def _arguments(one: Function, catalogue: Catalogue) -> Type:
    inputs = [(name, type_) for name, type_, mode in _listed_arguments(one) if mode in _INPUT_MODES]
    optional = {name for name, _ in inputs[one.inputs - one.defaults :]}
    if not inputs:
        return "never"
    return Object(
        tuple(
            (key(name, optional=name in optional), _type(catalogue, type_))
            for name, type_ in sorted(inputs, key=lambda one: _alphabetical(one[0]))
        ),
        is_open=False,
    )


def _returned(one: Function, catalogue: Catalogue) -> Type:
    suffix = "[]" if one.returns_set and one.returns_many else ""
    table = [(name, type_) for name, type_, mode in _listed_arguments(one) if mode == "t"]
    if table:
        ordered = sorted(table, key=lambda one: _alphabetical(one[0]))
        members = tuple((key(name), _type(catalogue, type_)) for name, type_ in ordered)
        return Object(members, suffix=suffix)
    for relation in catalogue.relations:
        if relation.name == one.returns_relation:
            columns = _columns_of(relation, catalogue)
            row = tuple((key(column.name), _nullable(catalogue, column)) for column in columns)
            return Object(row, suffix=suffix)
    return _type(catalogue, one.return_type) + suffix


def _listed_arguments(one: Function) -> Iterator[tuple[str, str, str]]:
    return zip(one.argument_names, one.argument_types, one.argument_modes, strict=True)


# ----------------------------------------------------------------------------- what stands below


def _helpers() -> str:
    """Tables<"orders"> and its kind, also as Tables<{ schema: "public" }, "orders">."""
    return _HELPERS_HEAD + "".join(
        _helper(name, kinds, part)
        for name, kinds, part in (
            ("Tables", ("Tables", "Views"), "Row"),
            ("TablesInsert", ("Tables",), "Insert"),
            ("TablesUpdate", ("Tables",), "Update"),
            ("Enums", ("Enums",), None),
            ("CompositeTypes", ("CompositeTypes",), None),
        )
    )


def _helper(name: str, kinds: tuple[str, ...], part: str | None) -> str:
    def all_of(schema: str) -> str:
        text = " & ".join(f'{schema}["{kind}"]' for kind in kinds)
        return f"({text})" if len(kinds) > 1 else text

    default, other = all_of("DefaultSchema"), all_of('Schemas[NameOrSchema["schema"]]')
    ending = (
        f" extends {{\n      {part}: infer Found\n    }}\n    ? Found\n    : never" if part else ""
    )
    return _HELPER.format(
        name=name,
        default=default,
        other=other,
        of_default=f"{default}[NameOrSchema]{ending}",
        of_other=f"{other}[Name]{ending}",
    )


def _constants(catalogue: Catalogue) -> Iterator[str]:
    """The values of the enums, for programs that need them at run time."""
    yield "export const Constants = {"
    yield "  public: {"
    if catalogue.enums:
        yield "    Enums: {"
        for one in sorted(catalogue.enums, key=lambda one: _alphabetical(one.name)):
            *most, last = lines(f"{key(one.name)}: ", Tuple(tuple(map(quoted, one.values))), 6)
            yield from (*most, f"{last},")
        yield "    },"
    else:
        yield "    Enums: {},"
    yield "  },"
    yield "} as const"


def _extras(catalogue: Catalogue, relations: list[Relation]) -> Iterator[str]:
    rows = {row_name(one.name): one.name for one in relations}
    if len(rows) < len(relations):
        raise ValueError("two tables or views have the same name for a row (words.py)")
    for name, relation in rows.items():
        yield f"export type {name} = Tables<{quoted(relation)}>"
    yield ""
    for name, words in word_lists(catalogue.checks, set(rows)).items():
        yield from lines(f"export type {name} = ", OneOf(tuple(map(quoted, words))), 0)
