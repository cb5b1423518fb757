"""What a setting may hold: the types of the fields, and how a text becomes one."""

from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

PREFIX = "LIVECOMMERCE_"


def split(value: object) -> object:
    """Lists are written with commas; JSON in an environment variable is nobody's friend."""
    return parts(value) if isinstance(value, str) else value


def parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def none_if_empty(value: object) -> object:
    return None if value == "" else value


def _starting_with(*schemes: str) -> Callable[[SecretStr | None], SecretStr | None]:
    """Check the scheme of a URL that may hold a password, without ever quoting it."""

    def check(value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(schemes):
            raise ValueError(f"a URL that starts with {either(schemes)}")
        return value

    return check


def _origin(value: str | None) -> str | None:
    if value is None:
        return None
    scheme, _, rest = value.rstrip("/").partition("://")
    if scheme not in ("http", "https") or not rest or "/" in rest or " " in rest:
        raise ValueError("a URL without a path, such as https://live.example.com")
    return f"{scheme}://{rest}"


def either(choices: tuple[str, ...]) -> str:
    *most, last = choices
    return f"{', '.join(most)} or {last}" if most else last


LAST_PORT = 65535
Port = Annotated[int, Field(ge=1, le=LAST_PORT)]
Names = Annotated[tuple[str, ...], BeforeValidator(split)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(split)]
Text = Annotated[str | None, BeforeValidator(none_if_empty)]
Origin = Annotated[str | None, BeforeValidator(none_if_empty), AfterValidator(_origin)]
Secret = Annotated[SecretStr | None, BeforeValidator(none_if_empty)]
DatabaseUrl = Annotated[Secret, AfterValidator(_starting_with("postgresql://", "postgres://"))]
RedisUrl = Annotated[Secret, AfterValidator(_starting_with("redis://", "rediss://", "unix://"))]
FilePath = Annotated[Path | None, BeforeValidator(none_if_empty)]


class Section(BaseModel):
    """One section of the tree. Sections are values: nothing changes after the start."""

    model_config = ConfigDict(frozen=True, extra="forbid")
