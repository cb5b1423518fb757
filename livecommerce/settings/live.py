"""Video, chat and counters of live sessions."""

from typing import Annotated

from pydantic import Field

from livecommerce.settings.values import Names, Port, Section


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


class Counters(Section):
    """Joins, clicks and viewers on their way to Postgres."""

    flush_interval_s: float = Field(
        2.0, ge=0.1, le=300, description="Seconds between two batches that the worker writes."
    )
