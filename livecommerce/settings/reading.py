"""From the environment and `.env` to the tree, or to every fault at once."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource

from livecommerce.settings.tree import Settings
from livecommerce.settings.values import PREFIX
from livecommerce.settings.words import fault, fields, unknown

ENV_FILE = ".env"
BAD_CONFIGURATION = 78
"""EX_CONFIG of sysexits.h: the exit code that no supervisor should answer with a restart."""

UNPREFIXED = {"DATABASE_URL": "LIVECOMMERCE_DATABASE_URL", "REDIS_URL": "LIVECOMMERCE_REDIS_URL"}

INTERNAL = frozenset(
    f"LIVECOMMERCE_{name}" for name in ("CHILD_FD", "LISTEN_FD", "ADMIN_FD", "SLOT", "PARENT_PID")
)
"""Between the supervisor and its children (child.py); not settings."""


class SettingsRefused(Exception):
    """The settings cannot be used. The text has one sentence per fault, one fault per line."""


def load(environ: Mapping[str, str], env_file: Path = Path(ENV_FILE)) -> Settings:
    """The settings of these variables over those of the file, over the defaults.

    Raises SettingsRefused with every fault at once.
    """
    variables = _prefixed(_read(env_file)) | _prefixed(environ)
    faults = [unknown(name) for name in variables if name not in fields()]
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): value for name, value in variables.items() if name in fields()}
    try:
        settings = Settings(**source())
    except ValidationError as error:
        found = error.errors(include_url=False)
        faults += [fault(details, variables) for details in found]
    else:
        if not faults:
            return settings
    raise SettingsRefused("\n".join(dict.fromkeys(faults)))


def report(environ: Mapping[str, str] = os.environ) -> Settings:
    """`load`, for commands: prints the faults and ends the program with exit code 78."""
    try:
        return load(environ)
    except SettingsRefused as refused:
        for line in str(refused).splitlines():
            print(f"livecommerce: {line}", file=sys.stderr)
        raise SystemExit(BAD_CONFIGURATION) from None


def _read(env_file: Path) -> dict[str, str]:
    """The variables of a .env file; those of a missing file are none."""
    try:
        found = dotenv_values(env_file, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsRefused(f"Cannot read {env_file}: {error}.") from error
    return {name: value or "" for name, value in found.items()}


def _prefixed(variables: Mapping[str, str]) -> dict[str, str]:
    """Ours among all variables, under their full names; an unprefixed one yields to that."""
    ours = {
        full: variables[name] for name, full in UNPREFIXED.items() if variables.get(name, "") != ""
    }
    for name, value in variables.items():
        if name.startswith(PREFIX) and name not in INTERNAL:
            ours[name] = value
    return ours
