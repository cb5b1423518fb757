"""The settings: one typed tree, read once at the start from the environment and `.env`.

`LIVECOMMERCE_HTTP_PORT` is `settings.http.port`: the first word names the section, the rest the
field. `DATABASE_URL` and `REDIS_URL` are read as well, since every platform sets those. A name
that no field has, or a value that a field does not take, stops the start: a misspelt setting that
is silently ignored is found in production.

Only app/ and the commands read the tree; each part gets a small configuration of its own. Each
field carries its unit, its default and the reason for it, and `markdown()` makes the table of the
README from them.
"""

import difflib
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from shop.payments import PaymentMethod

PREFIX = "LIVECOMMERCE_"
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


def _split(value: object) -> object:
    """Lists are written with commas; JSON in an environment variable is nobody's friend."""
    return _parts(value) if isinstance(value, str) else value


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


def _starting_with(*schemes: str) -> Callable[[SecretStr | None], SecretStr | None]:
    """Check the scheme of a URL that may hold a password, without ever quoting it."""

    def check(value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(schemes):
            raise ValueError(f"a URL that starts with {_either(schemes)}")
        return value

    return check


def _origin(value: str | None) -> str | None:
    if value is None:
        return None
    scheme, _, rest = value.rstrip("/").partition("://")
    if scheme not in ("http", "https") or not rest or "/" in rest or " " in rest:
        raise ValueError("a URL without a path, such as https://live.example.com")
    return f"{scheme}://{rest}"


def _either(choices: tuple[str, ...]) -> str:
    *most, last = choices
    return f"{', '.join(most)} or {last}" if most else last


def _sealing_keys(value: SecretStr | None) -> SecretStr | None:
    """Look at the shape only, and never quote a key."""
    keys = _parts(value.get_secret_value()) if value is not None else ()
    if (value is not None and not keys) or not all(
        re.fullmatch(r"[A-Za-z0-9_-]{43}=?", key) for key in keys
    ):
        raise ValueError(
            "keys of 32 bytes in base64url, separated by commas "
            "(`livecommerce sealing-keys new` makes one)"
        )
    return value


LAST_PORT = 65535
Port = Annotated[int, Field(ge=1, le=LAST_PORT)]
Names = Annotated[tuple[str, ...], BeforeValidator(_split)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_split)]
Text = Annotated[str | None, BeforeValidator(_none_if_empty)]
Origin = Annotated[str | None, BeforeValidator(_none_if_empty), AfterValidator(_origin)]
Secret = Annotated[SecretStr | None, BeforeValidator(_none_if_empty)]
DatabaseUrl = Annotated[Secret, AfterValidator(_starting_with("postgresql://", "postgres://"))]
RedisUrl = Annotated[Secret, AfterValidator(_starting_with("redis://", "rediss://", "unix://"))]
FilePath = Annotated[Path | None, BeforeValidator(_none_if_empty)]


class Section(BaseModel):
    """One section of the tree. Sections are values: nothing changes after the start."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Http(Section):
    """The public side: pages, REST, Socket.IO."""

    host: str = Field("127.0.0.1", description="Address to listen on. Local unless you say so.")
    port: Port = Field(8080, description="TCP port. `demo` takes the next free one if it is taken.")
    public_url: Origin = Field(
        None,
        description="How browsers reach the server, for links and the same-origin check, e.g. "
        "`https://live.example.com`. Default: made from host and port.",
    )
    trusted_proxies: Networks = Field(
        (),
        description="Networks (CIDR, comma-separated) whose X-Forwarded-* headers are believed. "
        "Empty: none, since anybody can send such a header.",
    )
    allowed_origins: Names = Field(
        (),
        description="Further origins (comma-separated) whose pages may connect. Empty: only ours.",
    )


class Admin(Section):
    """The side of operators: health and metrics. Never expose it."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(
        8081,
        ge=1,
        le=65533,
        description="TCP port of the hub; media takes the next, the worker the one after, further "
        "hubs those that follow.",
    )


class Database(Section):
    """Postgres: the truth for money, stock and people."""

    url: DatabaseUrl = Field(
        None,
        description="Connection URL of the owner of the schema, who migrates it. Default: `demo` "
        "starts its own Postgres. DATABASE_URL is read as well.",
    )
    api_url: DatabaseUrl = Field(
        None,
        description="Connection URL of the login for what is done for people. Default: "
        "`livecommerce_api`, made by `migrate`, with a password derived from the owner's.",
    )
    service_url: DatabaseUrl = Field(
        None,
        description="The same for the program's own work, by default `livecommerce_service`. With "
        "both set only `migrate` needs the owner's.",
    )
    pool_size: int = Field(
        10,
        ge=1,
        le=100,
        description="Connections of a process with each login; one checkout batch uses one.",
    )
    statement_timeout_ms: int = Field(
        5000,
        ge=100,
        le=600_000,
        description="Milliseconds after which Postgres ends a statement: a stuck one must not "
        "hold a connection of the pool.",
    )


class Redis(Section):
    """Redis or Valkey: fan-out, chat, counters. Losing it loses no order."""

    url: RedisUrl = Field(
        None,
        description="Connection URL. Default: `demo` starts its own Valkey. REDIS_URL is read as "
        "well.",
    )
    socket_timeout_ms: int = Field(
        500,
        ge=50,
        le=60_000,
        description="Milliseconds to wait for an answer before a command counts as failed.",
    )


class Data(Section):
    """Files that the program makes."""

    dir: Path = Field(
        Path(".livecommerce"),
        description="Folder of keys, logs, generated pictures and the embedded databases.",
    )


class Embedded(Section):
    """The Postgres and Valkey that `demo` starts itself."""

    user: Text = Field(
        None,
        description="User to run them as when started by root, since Postgres refuses root. "
        "Default: `postgres` where it exists, else `nobody`.",
    )
    pg_bin: FilePath = Field(
        None,
        description="Folder with the Postgres programs. Default: those of the wheel, else the "
        "newest of the system.",
    )


class Tokens(Section):
    """Who signs access tokens, and for how long they hold."""

    key_file: FilePath = Field(
        None,
        description="Private ES256 keys (a JWK set, mode 0600), made at the first start. Default: "
        "`token-keys.json` in the data folder.",
    )
    access_ttl_s: int = Field(
        600,
        ge=30,
        le=86_400,
        description="Seconds an access token holds. Short: other programs that believe it cannot "
        "be told when a log-in was ended.",
    )
    refresh_ttl_s: int = Field(
        30 * 86_400, ge=60, le=365 * 86_400, description="Seconds a log-in lasts without a visit."
    )
    issuer: Text = Field(
        None, description="`iss` of our tokens. Default: the public URL with `/auth/v1`."
    )
    supabase_jwks_url: Text = Field(
        None, description="Key set of a Supabase project whose tokens are taken as well."
    )
    supabase_hs256_secret: Secret = Field(
        None, description="The same for projects that sign with a shared secret."
    )
    supabase_issuer: Text = Field(
        None, description="`iss` that a Supabase token must carry. Required with either of the two."
    )
    supabase_audience: str = Field(
        "authenticated", description="`aud` that a Supabase token must carry."
    )

    @model_validator(mode="after")
    def _issuer_and_key_go_together(self) -> "Tokens":
        has_key = self.supabase_jwks_url is not None or self.supabase_hs256_secret is not None
        if has_key and self.supabase_issuer is None:
            raise ValueError(
                "LIVECOMMERCE_TOKENS_SUPABASE_ISSUER must be set as well: a token is taken only "
                "from the project that you name."
            )
        if self.supabase_issuer is not None and not has_key:
            raise ValueError(
                "LIVECOMMERCE_TOKENS_SUPABASE_JWKS_URL or _HS256_SECRET must be set as well: "
                "without a key no token of that project can be checked."
            )
        return self


class Sealing(Section):
    """Keys under which bank and tax details are kept."""

    key_file: FilePath = Field(
        None,
        description="Keys that bank and tax details are sealed under (a JWK set, mode 0600), made "
        "at the first start. Machines share it; back it up apart from the database. Default: "
        "`sealing-keys.json` in the data folder.",
    )
    keys: Annotated[Secret, AfterValidator(_sealing_keys)] = Field(
        None,
        description="The keys themselves instead of the file, for containers: base64url, separated "
        "by commas, the first one seals. `livecommerce sealing-keys new` makes one.",
    )


class Accounts(Section):
    """Sign-up and log-in."""

    hash_concurrency: int = Field(
        2,
        ge=1,
        le=64,
        description="Passwords hashed at the same time, each on a thread for about 0.25 s; more "
        "than there are cores only makes every one slower.",
    )
    link_ttl_s: int = Field(
        86_400, ge=60, le=30 * 86_400, description="Seconds a one-time log-in link can be used."
    )


class Media(Section):
    """The media process: RTP in, RTP out."""

    host: str = Field("127.0.0.1", description="Address its UDP port is bound to.")
    port: Port = Field(7882, description="UDP port; the one port to open for video.")
    announce: Names = Field(
        (),
        description="Addresses (comma-separated IPs) told to browsers. Empty: the host. Set it "
        "behind NAT or in a container.",
    )
    max_subscribers: int = Field(
        1000,
        ge=1,
        le=100_000,
        description="Viewers a process; further ones are refused. About 300 per core at 720p.",
    )
    max_bitrate_bps: int = Field(
        2_500_000,
        ge=100_000,
        le=50_000_000,
        description="Bits per second that a publisher is asked to stay below.",
    )
    consent_timeout_s: float = Field(
        20.0,
        ge=5,
        le=60,
        description="Seconds without an ICE consent check after which a peer is gone, at most 10 "
        "for who broadcasts. RFC 7675 says 30; less frees a dead phone's place sooner.",
    )
    node: str = Field(
        "media-1", pattern=r"^[a-z0-9][a-z0-9-]{0,31}$", description="Name among media processes."
    )


class Chat(Section):
    """What one person may write."""

    max_chars: int = Field(200, ge=1, le=2000, description="Characters in a message.")
    per_s: float = Field(0.5, gt=0, le=100, description="Messages a second in the long run.")
    burst: int = Field(5, ge=1, le=100, description="Messages at once before that rate applies.")
    claim_keyword: Annotated[str, Field(pattern=r"^\S{0,20}$")] = Field(
        "SOLD",
        description="What begins a message that claims a product, as in `SOLD A1 2`. Empty: none.",
    )


class Hub(Section):
    """Limits of the Socket.IO side; each is answered with a refusal, never with silence."""

    max_message_bytes: int = Field(
        65_536,
        ge=1024,
        le=1_048_576,
        description="Bytes in one message from a browser. An SDP offer has about 8,000.",
    )
    events_per_s: float = Field(
        10.0, gt=0, le=1000, description="Events a second from one connection in the long run."
    )
    events_burst: int = Field(20, ge=1, le=1000, description="Events at once before that applies.")
    bytes_per_s: float = Field(
        65_536.0,
        ge=1024,
        le=10_485_760,
        description="Bytes a second from one connection in the long run. What people type and tap "
        "is a hundredth of it; the rest is for SDP.",
    )
    bytes_burst: int = Field(
        262_144,
        ge=1024,
        le=104_857_600,
        description="Bytes at once before that applies; at least one message of the largest size "
        "always passes.",
    )
    auth_deadline_s: float = Field(
        10.0, ge=1, le=60, description="Seconds to finish CONNECT before the socket is closed."
    )
    ping_interval_s: float = Field(
        20.0,
        ge=1,
        le=300,
        description="Seconds between pings; proxies close what is silent for 60.",
    )
    ping_timeout_s: float = Field(
        15.0, ge=1, le=300, description="Seconds to wait for the answer to a ping."
    )
    max_connections: int = Field(
        5000, ge=1, le=1_000_000, description="Connections a process; further ones get a 503."
    )
    rooms_per_connection: int = Field(
        20,
        ge=4,
        le=1000,
        description="Live sessions that one connection may have joined, where one of one's own "
        "counts thrice; further ones are refused.",
    )
    handshakes_per_s: float = Field(
        300.0,
        gt=0,
        le=100_000,
        description="Connections a second that a process takes in in the long run; further ones "
        "get a 503. Each costs about a millisecond, so that two thirds of a core are left for "
        "those who are in.",
    )
    handshakes_burst: int = Field(
        1000, ge=1, le=1_000_000, description="Connections at once before that applies."
    )
    address_connections: int = Field(
        2500,
        ge=1,
        le=1_000_000,
        description="Connections a process from one address (IPv6: one /64); further ones get a "
        "503. Half a process: a mobile carrier puts thousands of viewers behind one address, and "
        "nobody may take all places.",
    )
    address_handshakes_per_s: float = Field(
        100.0,
        gt=0,
        le=100_000,
        description="Connections a second from one address in the long run; further ones get a "
        "503. A third of what a process takes in: 2,500 viewers are back after 20 seconds.",
    )
    address_handshakes_burst: int = Field(
        500, ge=1, le=1_000_000, description="Connections at once before that applies."
    )
    address_events_per_s: float = Field(
        1000.0,
        gt=0,
        le=1_000_000,
        description="Events a second from one address in the long run; further ones are refused "
        "before they are read. 2,500 viewers who chat and tap send about 500.",
    )
    address_events_burst: int = Field(
        10_000,
        ge=20,
        le=10_000_000,
        description="Events at once before that applies: four from each of 2,500 viewers who come "
        "when the live session begins.",
    )
    user_connections: int = Field(
        10,
        ge=1,
        le=10_000,
        description="Connections a process of one signed-in person. One more closes the one that "
        "has been silent the longest, so that sockets a phone left behind lock nobody out.",
    )
    user_events_per_s: float = Field(
        30.0,
        gt=0,
        le=100_000,
        description="Events a second from all connections of one person; further ones are refused "
        "before they are read. A studio, a phone and a second tab, each at its own limit.",
    )
    user_events_burst: int = Field(
        60, ge=20, le=100_000, description="Events at once before that applies."
    )
    anonymous_watches_per_s: float = Field(
        20.0,
        gt=0,
        le=100_000,
        description="`webrtc.watch` a second from all anonymous viewers of one address; each "
        "takes a place of the media process.",
    )
    anonymous_watches_burst: int = Field(
        500, ge=1, le=1_000_000, description="At once before that applies."
    )
    parties_remembered: int = Field(
        20_000,
        ge=100,
        le=10_000_000,
        description="Addresses, and persons, without a connection whose limits a process "
        "remembers, 400 bytes each; beyond, the one that left first begins afresh.",
    )
    processes: int = Field(
        1,
        ge=1,
        le=64,
        description="Hub processes of `serve` and `demo`; best one a core, each with connections "
        "to the database of its own.",
    )
    ports: Literal["shared", "own"] = Field(
        "shared",
        description="`shared`: all hubs of `serve` listen on the one port, and the kernel spreads "
        "what comes. `own`: each further hub takes the next port, for a proxy that picks the "
        "least busy one.",
    )
    drain_s: float = Field(
        30.0,
        ge=0,
        le=600,
        description="Seconds over which a hub that stops lets its connections go, so that they "
        "do not all come to the others at once. `demo` does not wait.",
    )


class Counters(Section):
    """Joins, clicks and viewers on their way to Postgres."""

    flush_interval_s: float = Field(
        2.0, ge=0.1, le=300, description="Seconds between two batches that the worker writes."
    )


class Log(Section):
    """What the processes print."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level that is printed."
    )
    format: Literal["auto", "human", "json"] = Field(
        "auto", description="`auto`: lines for people on a terminal, JSON otherwise."
    )


class Shop(Section):
    """Limits of an order."""

    max_quantity: int = Field(10, ge=1, le=1000, description="Pieces of one variant in an order.")
    shipping_minor: int = Field(
        0, ge=0, le=10_000_000, description="Shipping for one order, in paise. 0 = free."
    )
    cod_fee_minor: int = Field(
        0, ge=0, le=10_000_000, description="Fee for cash on delivery, in paise. 0 = none."
    )
    pay_within_s: int = Field(
        900,
        ge=60,
        le=86_400,
        description="Seconds to pay an order in advance; then it is cancelled, its stock is back.",
    )
    carryover_s: int = Field(
        86_400,
        ge=0,
        le=2_592_000,
        description="Seconds after its end in which a live session still earns on what it showed.",
    )
    replay_s: int = Field(
        604_800, ge=0, le=7_776_000, description="The same for who watched the replay."
    )
    link_s: int = Field(
        2_592_000, ge=0, le=7_776_000, description="The same after a click on an influencer's link."
    )
    return_days: int = Field(
        7,
        ge=0,
        le=365,
        description="Days after it was delivered in which something may be sent back. Best not "
        "above LIVECOMMERCE_PAYOUTS_HOLD_DAYS: what is paid out by then has to be clawed back.",
    )
    combine_ms: float = Field(
        2.0,
        ge=0,
        le=100,
        description="Milliseconds that an order waits for others, to be written with them.",
    )
    combine_orders: int = Field(
        256, ge=1, le=1000, description="Orders that are written together at most."
    )
    combine_calls: int = Field(
        2, ge=1, le=8, description="Such batches that a hub has under way at once."
    )
    waiting_orders: int = Field(
        10_000,
        ge=1,
        le=1_000_000,
        description="Orders that may wait in a hub; beyond it customers are asked to try again.",
    )


class Payouts(Section):
    """When what wholesalers and influencers earn is theirs, and when it is paid."""

    hold_days: int = Field(
        7,
        ge=0,
        le=365,
        description="Days from delivery (paid in cash: from the arrival of the cash, if later) "
        "until a sale can be paid out: the time in which most returns come.",
    )
    minimum_minor: int = Field(
        10_000,
        ge=1,
        le=10_000_000,
        description="Least amount of a payout, in paise. What is below it is kept for the "
        "next one.",
    )
    interval_days: int = Field(
        7,
        ge=1,
        le=92,
        description="Days between two batches of payouts. Admins can make one at any time besides.",
    )


class Payments(Section):
    """How orders are paid. Keys of a provider that is not offered any more stay: its refunds need
    them."""

    methods: Annotated[tuple[PaymentMethod, ...], BeforeValidator(_split)] = Field(
        ("cod", "test"),
        description="What is offered (comma-separated): cod, upi, stripe, razorpay, and test, "
        "which moves no money: take it out where real people order.",
    )
    name: str = Field(
        "livecommerce",
        min_length=1,
        max_length=60,
        description="The name that UPI apps and Razorpay's page show.",
    )
    upi_address: Annotated[
        str | None,
        BeforeValidator(_none_if_empty),
        Field(pattern=r"^[A-Za-z0-9._-]+@[A-Za-z0-9]+$"),
    ] = Field(
        None,
        description="UPI address that customers pay to, such as shop@bank; an admin confirms what "
        "has arrived.",
    )
    stripe_secret_key: Secret = Field(None, description="Secret key of Stripe.")
    stripe_webhook_secret: Secret = Field(
        None, description="Signing secret of the webhook at `/api/v1/webhooks/stripe`."
    )
    stripe_url: Origin = Field(None, description="Another server that speaks Stripe's API.")
    razorpay_key_id: Text = Field(None, description="Key id of Razorpay.")
    razorpay_key_secret: Secret = Field(None, description="Its key secret.")
    razorpay_webhook_secret: Secret = Field(
        None, description="Secret of the webhook at `/api/v1/webhooks/razorpay`."
    )
    razorpay_url: Origin = Field(None, description="Another server that speaks Razorpay's API.")
    test_webhook_secret: Secret = Field(
        None, description="Secret of the webhook of the test provider. Empty: it is closed."
    )
    grace_s: int = Field(
        120,
        ge=0,
        le=86_400,
        description="Seconds that an unpaid order is kept beyond its time, so that what was paid "
        "in the last moment has arrived.",
    )
    upi_grace_s: int = Field(
        86_400,
        ge=0,
        le=30 * 86_400,
        description="The same where the customer says that the UPI transfer was made.",
    )
    watch_days: int = Field(
        7,
        ge=1,
        le=90,
        description="Days that a provider is asked about a payment that it never told of, and that "
        "an event waits for the payment it is about, before people are shown it.",
    )

    @model_validator(mode="after")
    def _has_keys(self) -> "Payments":
        needed: dict[str, dict[str, object]] = {
            "upi": {"upi_address": self.upi_address},
            "stripe": {
                "stripe_secret_key": self.stripe_secret_key,
                "stripe_webhook_secret": self.stripe_webhook_secret,
            },
            "razorpay": {
                "razorpay_key_id": self.razorpay_key_id,
                "razorpay_key_secret": self.razorpay_key_secret,
                "razorpay_webhook_secret": self.razorpay_webhook_secret,
            },
        }
        for method, keys in needed.items():
            missing = [name.upper() for name, value in keys.items() if value is None]
            # Stripe gives it when the webhook is registered, which takes the key; until then the
            # webhook is closed.
            is_begun = missing == ["STRIPE_WEBHOOK_SECRET"]
            if missing and (method in self.methods or (len(missing) < len(keys) and not is_begun)):
                names = ", ".join(f"{PREFIX}PAYMENTS_{name}" for name in missing)
                raise ValueError(f"{method} needs {names}")
        return self


class Maintenance(Section):
    """What the jobs of maintenance take for old, and for how long things are kept."""

    archive_orders_after_days: int = Field(
        180,
        ge=1,
        le=3650,
        description="Days without a change after which a finished order leaves the everyday lists. "
        "Returns and refunds are over by then; it stays readable.",
    )
    archive_sessions_after_days: int = Field(
        180,
        ge=1,
        le=3650,
        description="Days after its end when a live session does the same.",
    )
    abandoned_cart_after_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="Days after which an untouched cart line is cleared: its price is "
        "long another.",
    )
    idempotency_ttl_s: int = Field(
        86_400,
        ge=3600,
        le=30 * 86_400,
        description="Seconds that the answer to an order is kept to be given again. A day: a phone "
        "that was off may send its order once more when it is back.",
    )
    outbox_ttl_s: int = Field(
        86_400,
        ge=3600,
        le=30 * 86_400,
        description="Seconds that a sent outbox row is kept, for whoever looks into what happened.",
    )
    payment_event_days: int = Field(
        90,
        ge=7,
        le=3650,
        description="Days that what a payment provider said is kept once it is dealt with; "
        "providers repeat themselves for some days.",
    )
    metric_batch_ttl_s: int = Field(
        7 * 86_400,
        ge=86_400,
        le=90 * 86_400,
        description="Seconds that a counted batch is remembered: longer than Redis, away and back, "
        "could still hold it.",
    )
    partition_months: int = Field(
        13,
        ge=1,
        le=120,
        description="Full months that visits and chat are kept: a year to compare with, and the "
        "month before.",
    )
    report_final_after_months: int = Field(
        6,
        ge=1,
        le=120,
        description="Months after which a report stays as it is. Refunds come weeks after the "
        "sale, not half a year.",
    )
    schedule_ahead_days: int = Field(
        14,
        ge=1,
        le=90,
        description="Days ahead that live sessions are made of a plan: enough to announce them, "
        "few enough to change the plan.",
    )
    job_history_days: int = Field(
        7, ge=1, le=365, description="Days that ended jobs can be looked up in the schema `jobs`."
    )
    statement_timeout_ms: int = Field(
        300_000,
        ge=1000,
        le=3_600_000,
        description="Milliseconds after which Postgres ends a statement of maintenance, of a "
        "report or of `check`: these look at much, and nobody waits for them.",
    )


class Web(Section):
    """The browser app."""

    dist_dir: FilePath = Field(
        None, description="Folder of a built bundle. Default: the one in the package."
    )


class Settings(BaseSettings):
    """The whole tree. Make one with `load()`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        enable_decoding=False,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    http: Http = Http()
    admin: Admin = Admin()
    database: Database = Database()
    redis: Redis = Redis()
    data: Data = Data()
    embedded: Embedded = Embedded()
    tokens: Tokens = Tokens()
    sealing: Sealing = Sealing()
    accounts: Accounts = Accounts()
    media: Media = Media()
    chat: Chat = Chat()
    hub: Hub = Hub()
    counters: Counters = Counters()
    log: Log = Log()
    shop: Shop = Shop()
    payments: Payments = Payments()
    payouts: Payouts = Payouts()
    maintenance: Maintenance = Maintenance()
    web: Web = Web()

    @model_validator(mode="after")
    def _has_ports(self) -> "Settings":
        hubs = self.hub.processes
        public = range(self.http.port, self.http.port + (hubs if self.hub.ports == "own" else 1))
        admin = range(self.admin.port, self.admin.port + 2 + hubs)
        for name, ports in (("HTTP", public), ("ADMIN", admin)):
            if ports[-1] > LAST_PORT:
                raise ValueError(
                    f"LIVECOMMERCE_{name}_PORT is {ports[0]}; with LIVECOMMERCE_HUB_PROCESSES="
                    f"{hubs} the ports up to {ports[-1]} are needed, and {LAST_PORT} is the last."
                )
        if hubs > 1 and public[0] <= admin[-1] and admin[0] <= public[-1]:
            raise ValueError(
                f"{hubs} hubs take the ports {public[0]} to {public[-1]} "
                f"(LIVECOMMERCE_HTTP_PORT), operators the ports {admin[0]} to {admin[-1]} "
                "(LIVECOMMERCE_ADMIN_PORT); set them apart."
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **more: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` hands over: `Settings()` is the tree of defaults, whatever is set."""
        return (more["init_settings"],)

    @property
    def public_url(self) -> str:
        """The origin that browsers use, without a slash at the end."""
        local = self.http.host in ("127.0.0.1", "0.0.0.0", "::1", "::")  # noqa: S104 - compared only
        host = "localhost" if local else self.http.host
        return self.http.public_url or f"http://{host}:{self.http.port}"

    @property
    def token_key_file(self) -> Path:
        return self.tokens.key_file or self.data.dir / "token-keys.json"

    @property
    def sealing_key_file(self) -> Path:
        return self.sealing.key_file or self.data.dir / "sealing-keys.json"

    @property
    def sealing_keys(self) -> tuple[str, ...]:
        """The keys of the setting as texts; none when the file counts."""
        keys = self.sealing.keys
        return _parts(keys.get_secret_value()) if keys is not None else ()

    @property
    def token_issuer(self) -> str:
        return self.tokens.issuer or f"{self.public_url}/auth/v1"


def load(environ: Mapping[str, str], env_file: Path = Path(ENV_FILE)) -> Settings:
    """The settings of these variables over those of the file, over the defaults.

    Raises SettingsRefused with every fault at once.
    """
    variables = _prefixed(_read(env_file)) | _prefixed(environ)
    faults = [_unknown(name) for name in variables if name not in _fields()]
    source = EnvSettingsSource(Settings)
    source.env_vars = {
        name.lower(): value for name, value in variables.items() if name in _fields()
    }
    try:
        settings = Settings(**source())
    except ValidationError as error:
        found = error.errors(include_url=False)
        faults += [_fault(details, variables) for details in found]
    else:
        if not faults:
            return settings
    raise SettingsRefused("\n".join(dict.fromkeys(faults)))


def markdown() -> str:
    """The table of all settings for the README."""
    lines = ["| setting | default | allowed | meaning |", "| --- | --- | --- | --- |"]
    for name, field in _fields().items():
        lines.append(f"| `{name}` | {_shown(field)} | {_allowed(field)} | {field.description} |")
    return "\n".join(lines) + "\n"


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


def _fields() -> dict[str, FieldInfo]:
    """Every setting by the name of its variable, in the order of the tree."""
    return dict(_walk())


def _walk() -> Iterator[tuple[str, FieldInfo]]:
    for section, holder in Settings.model_fields.items():
        assert isinstance(holder.default, Section), "every section has defaults"
        for field, info in type(holder.default).model_fields.items():
            yield f"{PREFIX}{section}_{field}".upper(), info


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, _fields(), n=1, cutoff=0.85)
    hint = f"did you mean {close[0]}?" if close else "`livecommerce settings` lists all."
    return f"{name} is not a setting; {hint}"


def _fault(details: ErrorDetails, variables: Mapping[str, str]) -> str:
    """One sentence: which variable, what it holds (never a secret), what is allowed."""
    name = (PREFIX + "_".join(str(part) for part in details["loc"][:2])).upper()
    field = _fields().get(name)
    said = details["msg"].removeprefix("Value error, ")
    if field is None:  # a rule about several fields, worded where it is checked
        return said
    allowed = said if details["type"] == "value_error" else _allowed(field)
    held = "has a value that is not allowed" if _is_secret(field) else f"is {variables[name]!r}"
    return f"{name} {held}; it must be {allowed}."


def _is_secret(field: FieldInfo) -> bool:
    return SecretStr in _types(field.annotation)


def _types(annotation: object) -> tuple[object, ...]:
    """The plain types inside unions, annotations and tuples."""
    if get_origin(annotation) is Literal:
        return (annotation,)
    inner = get_args(annotation)
    return tuple(found for part in inner for found in _types(part)) if inner else (annotation,)


KINDS: dict[object, str] = {
    int: "a whole number",
    float: "a number",
    str: "a text",
    SecretStr: "a text (kept secret)",
    Path: "a path",
    IPv4Network: "networks such as 10.0.0.0/8, separated by commas",
}


def _allowed(field: FieldInfo) -> str:
    """What a setting takes, as the end of the sentence "it must be ..."."""
    types = _types(field.annotation)
    if get_origin(types[0]) is Literal:
        return _either(get_args(types[0]))
    kind = KINDS[types[0]]
    if types[0] is str and get_origin(field.annotation) is tuple:
        kind = "texts separated by commas"
    bounds = {type(rule).__name__: rule for rule in field.metadata}
    words = []
    if "Ge" in bounds:
        words.append(f"from {bounds['Ge'].ge}")
    if "Gt" in bounds:
        words.append(f"above {bounds['Gt'].gt}")
    if "Le" in bounds:
        words.append(f"to {bounds['Le'].le}" if "Ge" in bounds else f"up to {bounds['Le'].le}")
    for rule in field.metadata:
        if pattern := getattr(rule, "pattern", None):
            words.append(f"matching {pattern}")
    return " ".join([kind, *words])


def _shown(field: FieldInfo) -> str:
    default = field.get_default()
    if default is None or default == ():
        return "-"
    return f"`{default}`"


def report(environ: Mapping[str, str] = os.environ) -> Settings:
    """`load`, for commands: prints the faults and ends the program with exit code 78."""
    try:
        return load(environ)
    except SettingsRefused as refused:
        for line in str(refused).splitlines():
            print(f"livecommerce: {line}", file=sys.stderr)
        raise SystemExit(BAD_CONFIGURATION) from None
