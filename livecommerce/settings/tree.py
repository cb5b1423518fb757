"""The whole tree, and the rules about several sections."""

from pathlib import Path
from typing import Any

from pydantic import model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from livecommerce.settings.commerce import Payments, Payouts, Shop
from livecommerce.settings.hub import Hub
from livecommerce.settings.identity import Accounts, Sealing, Tokens
from livecommerce.settings.live import Chat, Counters, Media
from livecommerce.settings.maintenance import Maintenance
from livecommerce.settings.process import Admin, Data, Http, Log, Web
from livecommerce.settings.stores import Database, Embedded, Redis
from livecommerce.settings.values import LAST_PORT, PREFIX, parts


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
        return parts(keys.get_secret_value()) if keys is not None else ()

    @property
    def token_issuer(self) -> str:
        return self.tokens.issuer or f"{self.public_url}/auth/v1"
