"""The truth table as Python reads it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("truth_table.toml")
COMMANDS = ("select", "insert", "update", "delete")
PERSON_ROLES = ("anon", "authenticated")


@dataclass(frozen=True)
class Relation:
    """What the truth table says of one table or view of `public`."""

    name: str
    cells: dict[str, dict[str, str]]
    columns: dict[str, list[str] | None]

    def cell(self, command: str, identity: str) -> str:
        """What an identity (of kind A, B or without) may."""
        return self.cells[command][kind_of(identity)]

    def is_granted(self, command: str, role: str) -> bool:
        kind = {"anon": "anonymous", "authenticated": "customer", "service_role": "service"}[role]
        return self.cells[command][kind] != "denied"


def kind_of(identity: str) -> str:
    return identity.removesuffix("_a").removesuffix("_b")


def role_of(identity: str) -> str:
    return {"anonymous": "anon", "service": "service_role"}.get(identity, "authenticated")


def _relation(name: str, entry: dict[str, Any]) -> Relation:
    cells = {
        command: dict(zip(KINDS, entry.get(command, ["denied"] * len(KINDS)), strict=True))
        for command in COMMANDS
    }
    return Relation(name, cells, {c: entry.get(f"{c}_columns") for c in COMMANDS})


CONTENT: dict[str, Any] = tomllib.loads(FILE.read_text())
KINDS: list[str] = CONTENT["identities"]
WORDS: dict[str, str] = CONTENT["words"]
TABLES = {name: _relation(name, entry) for name, entry in CONTENT["tables"].items()}
VIEWS = {name: _relation(name, entry) for name, entry in CONTENT["views"].items()}
IDENTITIES = [
    identity
    for kind in KINDS
    for identity in (
        [f"{kind}_a", f"{kind}_b"] if kind in ("customer", "wholesaler", "influencer") else [kind]
    )
]
