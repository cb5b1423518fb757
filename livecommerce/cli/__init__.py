"""The command line: `livecommerce demo | serve | hub | media | worker | ...`.

Each command reads the settings once and hands them on. What a process consists of is in app/,
which is imported only by the commands that run one, so that `--help` and `doctor` stay quick and
work where the rest does not.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from livecommerce import __version__
from livecommerce.cli import installation, programs, schema, upkeep
from livecommerce.cli.schema import MIGRATIONS_WAIT

__all__ = ["MIGRATIONS_WAIT", "main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except ImportError as error:
        print(f"livecommerce: {error}; `make setup` installs what is missing.", file=sys.stderr)
        return 1
    except BrokenPipeError:  # | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="livecommerce",
        description="Live commerce: broadcast from a browser; viewers watch, chat and buy.",
        epilog="Settings are variables LIVECOMMERCE_* (also in .env); `livecommerce settings` "
        "lists them all.",
    )
    top.add_argument("--version", action="version", version=f"livecommerce {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND", title="commands")

    def add(
        name: str, run: Callable[[argparse.Namespace], int], text: str, **more: Any
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name, help=text, description=f"{text[0].upper()}{text[1:]}.", **more
        )
        sub.set_defaults(command=run, name=name)
        return sub

    for group in (programs, schema, upkeep, installation):
        group.add_to(add)
    return top
