"""What the tests of docs/deploy stand on: two hubs behind the real proxies on the real examples."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from prometheus_client import CollectorRegistry

from livecommerce.http.health import Health, Readiness, add_health_routes
from loadtests.stack import free_port
from signaling import payloads as wire
from signaling.caller import Caller, Identity
from signaling.contract import INWARD
from signaling.gateway import Gateway, GatewayConfig
from signaling.rate_limit import Rate
from signaling.refusals import Refused
from tests.deploy.programs import PROXIES, Ports, Proxy, is_lacking, start

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not is_lacking():
        return
    out = [item for item in items if item.path.is_relative_to(HERE) and "proxy" in item.keywords]
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if item not in out]


@dataclass
class Hub:
    """A gateway with recording handlers, as `livecommerce hub` serves it. address: of each caller,
    in the order of their calls."""

    gateway: Gateway
    readiness: Readiness
    port: int
    addresses: list[str] = field(default_factory=list)
    site: web.TCPSite | None = None

    async def leave(self) -> None:
        """Stop taking anybody in, as a hub does that was asked to stop."""
        self.readiness.drain()
        assert self.site is not None
        await self.site.stop()
        await self.gateway.let_go(0, asyncio.Event(), lambda: 0.5)


async def _nobody(_: str) -> Identity:
    raise Refused("auth.invalid")


async def _hub(stack: AsyncExitStack) -> Hub:
    config = GatewayConfig(
        trusted_proxies=(IPv4Network("127.0.0.1/32"),),
        events_per_s=1e6,
        events_burst=1e6,
        rates={event.name: Rate(1e6, 1e6) for event in INWARD},
    )
    gateway = Gateway(_nobody, config, lambda: 0.0)
    readiness = Readiness()
    hub = Hub(gateway, readiness, free_port())

    async def record(caller: Caller, _: Any) -> wire.Wire:
        hub.addresses.append(caller.address)
        return wire.Empty()

    gateway.bind({event.name: record for event in INWARD})
    app = web.Application()
    add_health_routes(app, Health(CollectorRegistry(), readiness))
    gateway.attach(app)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    stack.callback(gateway.drain)
    hub.site = web.TCPSite(runner, "127.0.0.1", hub.port)
    await hub.site.start()
    return hub


@pytest.fixture
async def hubs() -> AsyncIterator[tuple[Hub, Hub]]:
    async with AsyncExitStack() as stack:
        yield await _hub(stack), await _hub(stack)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for localhost, in the shapes that the examples ask for."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "live.crt").write_bytes(certificate)
    (folder / "live.key").write_bytes(private)
    (folder / "live.pem").write_bytes(certificate + private)
    return folder


@pytest.fixture(scope="session")
def trusting(certificate: Path) -> ssl.SSLContext:
    """What a browser has that trusts the certificate."""
    return ssl.create_default_context(cafile=certificate / "live.crt")


StartProxy = Callable[[str, tuple[int, int]], Awaitable[Proxy]]


@pytest.fixture
def start_proxy(certificate: Path, tmp_path: Path) -> Iterator[StartProxy]:
    """Starts a proxy in front of two ports and stops it at the end."""
    started: list[Proxy] = []

    async def begin(name: str, hub_ports: tuple[int, int]) -> Proxy:
        for file in certificate.iterdir():
            (tmp_path / file.name).write_bytes(file.read_bytes())
        proxy = start(name, tmp_path, Ports(free_port(), free_port(), hub_ports))
        started.append(proxy)
        while not proxy.is_up():
            await asyncio.sleep(0.02)
        return proxy

    yield begin
    for proxy in started:
        proxy.process.terminate()
        proxy.process.wait()


@pytest.fixture(params=PROXIES)
async def proxy(
    request: pytest.FixtureRequest, hubs: tuple[Hub, Hub], start_proxy: StartProxy
) -> Proxy:
    """A running proxy in front of the two hubs."""
    return await start_proxy(request.param, (hubs[0].port, hubs[1].port))
