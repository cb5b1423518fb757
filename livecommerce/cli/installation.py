"""The commands about this installation: what is wrong, its wire, its keys, its settings."""

import argparse
import asyncio
import json
import sys

from livecommerce import logs
from livecommerce import settings as configuration
from livecommerce.cli.running import (
    AddCommand,
    names_database,
    refuse,
    run_work,
    settings_of_the_shop,
)


def add_to(add: AddCommand) -> None:
    doctor = add("doctor", _doctor, "check what could be wrong here, and say what to do")
    doctor.add_argument("--json", action="store_true", help="for programs")
    contract = add("contract", _contract, "print the wire: every event and its payload")
    contract.add_argument(
        "--typescript", action="store_true", help="as TypeScript types instead of AsyncAPI"
    )
    _add_sealing(add)
    webhooks = add("webhooks", _webhooks, "where payment providers call, and whether they know it")
    webhooks.epilog = (
        "Exit codes: 0 they know it, as far as can be seen; 1 something is to be done."
    )
    webhooks.add_argument(
        "--register",
        action="store_true",
        help="register at Stripe; run again it changes nothing, and it never deletes",
    )
    add("settings", _settings, "list every setting with its default and what it takes")


def _add_sealing(add: AddCommand) -> None:
    sealing = add(
        "sealing-keys", _sealing_keys, "the keys of bank and tax details: status, rotation"
    )
    sealing.add_argument(
        "action",
        nargs="?",
        choices=("status", "rotate", "forget", "new"),
        default="status",
        help="status: which keys, and how many values under each; rotate: a new key, and every "
        "value under it (run again, it finishes what was begun); forget: take out an old key; "
        "new: print a key for LIVECOMMERCE_SEALING_KEYS",
    )
    sealing.add_argument("key", nargs="?", metavar="KEY_ID", help="of the key to forget")
    sealing.add_argument("--dry-run", action="store_true", help="rotate: only say what is due")


def _doctor(options: argparse.Namespace) -> int:
    from livecommerce import doctor

    return doctor.main(as_json=options.json)


def _contract(options: argparse.Namespace) -> int:
    from signaling import asyncapi, typescript

    if options.typescript:
        sys.stdout.write(typescript.source())
    else:
        print(json.dumps(asyncapi.document(), indent=2))
    return 0


def _sealing_keys(options: argparse.Namespace) -> int:
    from contextlib import AsyncExitStack

    from livecommerce.accounts import sealing_command
    from livecommerce.accounts.sealing_keys import existing_keys
    from livecommerce.app import parts

    if options.action == "new":
        print(sealing_command.fresh_key())
        return 0
    settings = settings_of_the_shop()
    if not names_database(settings):
        return refuse("DATABASE_URL is not set; it says which database the values are in.")
    logs.configure(settings.log.level, settings.log.format, process="sealing-keys")
    code = 0

    async def act() -> None:
        nonlocal code
        async with AsyncExitStack() as stack:
            database = await parts.open_database(stack, settings, pool_size=1)
            keys = existing_keys(settings.sealing_key_file, settings.sealing_keys)
            code = await sealing_command.run(
                options.action, database, keys, options.key, dry_run=options.dry_run, tell=print
            )

    return run_work(act(), "sealing-keys") or code


def _webhooks(options: argparse.Namespace) -> int:
    from livecommerce import webhooks

    settings = configuration.report()
    return asyncio.run(webhooks.run(settings, is_registering=options.register, tell=print))


def _settings(_: argparse.Namespace) -> int:
    sys.stdout.write(configuration.markdown())
    return 0
