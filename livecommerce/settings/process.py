"""Where a process listens, what it prints and where it keeps its files."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from livecommerce.settings.values import FilePath, Names, Networks, Origin, Port, Section


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


class Data(Section):
    """Files that the program makes."""

    dir: Path = Field(
        Path(".livecommerce"),
        description="Folder of keys, logs, generated pictures and the embedded databases.",
    )


class Log(Section):
    """What the processes print."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level that is printed."
    )
    format: Literal["auto", "human", "json"] = Field(
        "auto", description="`auto`: lines for people on a terminal, JSON otherwise."
    )


class Web(Section):
    """The browser app."""

    dist_dir: FilePath = Field(
        None, description="Folder of a built bundle. Default: the one in the package."
    )
