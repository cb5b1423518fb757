import dataclasses
import gzip
import itertools
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
from prometheus_client import CollectorRegistry

from db import Database, logins_of
from livecommerce.accounts.accounts import Accounts, AccountsConfig
from livecommerce.accounts.passwords import HashingConfig, PasswordHasher
from livecommerce.accounts.sealing_keys import SealingKeys, open_keys
from livecommerce.accounts.tokens import Issuer, IssuerConfig, Role, Verifier
from livecommerce.http.app import make_app
from livecommerce.http.deps import HttpDeps
from livecommerce.http.health import Health, Readiness
from livecommerce.http.metrics import HttpMetrics, new_registry
from livecommerce.http.origins import OriginPolicy
from signaling.addresses import TrustedProxies

SOMEBODY = UUID(int=1)


@dataclasses.dataclass
class Now:
    at: datetime = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def pass_(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def dist_dir(tmp_path: Path) -> Path:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    pages = (
        "home",
        "live",
        "studio",
        "log-in",
        "account",
        "help",
        "orders",
        "admin",
        "bag",
        "wishlist",
    )
    business = ("business-orders", "business-money", "studio-money")
    desks = (*business, "admin-money", "admin-reviews", "admin-orders")
    for page in (*pages, *desks):
        (dist / f"{page}.html").write_text(f"<!doctype html><title>{page}</title>")
    script = b"export const answer = 42;" * 20
    (dist / "assets" / "live-3f2a.js").write_bytes(script)
    (dist / "assets" / "live-3f2a.js.gz").write_bytes(gzip.compress(script))
    (dist / "assets" / "notes.exe").write_bytes(b"MZ")
    (dist / "icon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "secret.txt").write_text("the secret")
    (dist / "assets" / "link.txt").symlink_to(tmp_path / "secret.txt")
    return dist


@pytest.fixture
def images_dir(tmp_path: Path) -> Path:
    pictures = tmp_path / "images" / "products"
    pictures.mkdir(parents=True)
    (pictures / "linen-shirt-1.webp").write_bytes(b"RIFF....WEBP")
    (pictures / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    return pictures.parent


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    logins = logins_of(database_url)
    database = await Database.connect(api=logins.api, service=logins.service, pool_size=4)
    yield database
    await database.close()


@pytest.fixture
def hasher() -> Iterator[PasswordHasher]:
    hasher = PasswordHasher(HashingConfig(cost=4))
    yield hasher
    hasher.close()


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer.open(IssuerConfig(tmp_path / "keys.json", "http://localhost:8080/auth/v1"))


@pytest.fixture
def sealing(tmp_path: Path) -> SealingKeys:
    return open_keys(tmp_path / "sealing-keys.json")


class Viewers:
    """Counts of the hub, as a test sets them."""

    def __init__(self) -> None:
        self.counts: dict[UUID, int] = {}
        self.is_broken = False

    async def __call__(self, ids: Sequence[UUID]) -> dict[UUID, int]:
        if self.is_broken:
            raise ConnectionError
        return {id_: self.counts[id_] for id_ in ids if id_ in self.counts}


@pytest.fixture
def viewers() -> Viewers:
    return Viewers()


@pytest.fixture
def registry() -> CollectorRegistry:
    return new_registry({"version": "test"})


@pytest.fixture
def deps(
    database: Database,
    issuer: Issuer,
    hasher: PasswordHasher,
    now: Now,
    viewers: Viewers,
    dist_dir: Path,
    images_dir: Path,
    registry: CollectorRegistry,
    sealing: SealingKeys,
) -> HttpDeps:
    return HttpDeps(
        db=database,
        accounts=Accounts(database, issuer, hasher, AccountsConfig()),
        verifier=Verifier(issuer, epoch_s=lambda: now.at.timestamp()),
        issuer=issuer,
        health=Health(registry, Readiness()),
        metrics=HttpMetrics(registry),
        viewers_of=viewers,
        dist_dir=dist_dir,
        images_dir=images_dir,
        origins=OriginPolicy(),
        sealing=sealing,
        trusted_proxies=TrustedProxies(),
        now=lambda: now.at,
    )


@pytest.fixture
def serve(deps: HttpDeps, aiohttp_client: Any) -> Callable[..., Any]:
    """Serve the public application with some of its parts changed; answers a client for it."""

    async def start(**changed: Any) -> Any:
        return await aiohttp_client(make_app(dataclasses.replace(deps, **changed)))

    return start


@pytest.fixture
async def client(serve: Callable[..., Any]) -> Any:
    return await serve()


@pytest.fixture
def bearer(issuer: Issuer, now: Now) -> Callable[..., dict[str, str]]:
    """The header of somebody with this role."""

    def header(role: Role = "customer", user_id: UUID = SOMEBODY) -> dict[str, str]:
        token = issuer.issue(
            user_id=user_id,
            role=role,
            display_name="Asha",
            email="asha@example.com",
            login_id=UUID(int=2),
            now_s=now.at.timestamp(),
        )
        return {"Authorization": f"Bearer {token}"}

    return header


class World:
    """Rows that a test needs, made with plain SQL."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection
        self._numbers = itertools.count(1)

    async def ask(self, sql: str, *args: object) -> Any:
        return await self._connection.fetchval(sql, *args)

    async def user(self, role: str = "influencer", name: str = "Meera") -> UUID:
        """An account with the profile of its role; its user id."""
        email = f"{role}{next(self._numbers)}@example.com"
        user_id: UUID = await self.ask(
            "insert into auth.users (id, email, raw_app_meta_data) values (gen_random_uuid(), $1,"
            " jsonb_build_object('role', $2::text)) returning id",
            email,
            role,
        )
        column = {
            "customer": "first_name",
            "influencer": "display_name",
            "wholesaler": "business_name",
        }[role]
        await self.ask(f"update {role}s set {column} = $2 where user_id = $1", user_id, name)
        return user_id

    async def product(self, name: str = "Linen shirt", **columns: object) -> UUID:
        """A product for sale at 999.00 with its one variant, 5 in stock."""
        values: dict[str, object] = {
            "name": name,
            "wholesale_price": 500,
            "retail_price": 999,
            "stock_quantity": 5,
            "images": orjson.dumps([f"/images/products/{name}.webp"]).decode(),
        } | columns
        wholesaler = await self.user("wholesaler", "Weavers")
        names = ", ".join(values)
        places = ", ".join(f"${n}" for n in range(2, len(values) + 2))
        product_id: UUID = await self.ask(
            f"insert into products (wholesaler_id, {names}) "
            f"select id, {places} from wholesalers where user_id = $1 returning id",
            wholesaler,
            *values.values(),
        )
        return product_id

    async def live_session(
        self, user_id: UUID, *product_ids: UUID, status: str = "scheduled", **columns: object
    ) -> UUID:
        values: dict[str, object] = {"title": "Festive sarees", "status": status} | columns
        names = ", ".join(values)
        places = ", ".join(f"${n}" for n in range(2, len(values) + 2))
        live_session_id: UUID = await self.ask(
            f"insert into live_sessions (influencer_id, {names}) "
            f"select id, {places} from influencers where user_id = $1 returning id",
            user_id,
            *values.values(),
        )
        await self.ask(
            "insert into live_session_products (live_session_id, product_id, display_order) "
            "select $1, p, o from unnest($2::uuid[]) with ordinality u (p, o)",
            live_session_id,
            list(product_ids),
        )
        return live_session_id


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    connection = await asyncpg.connect(database_url)
    yield World(connection)
    await connection.close()
