"""When a job runs, said in India's time and handed to the job library as a line of cron in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# Asia/Kolkata is 5 h 30 min ahead of UTC and has no summer time.
_AHEAD_MIN: Final = 330


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many minutes. They divide 30, so that the times are the same in India and in UTC."""

    minutes: int

    def __post_init__(self) -> None:
        if self.minutes < 1 or 30 % self.minutes != 0:
            raise ValueError(f"30 is not a multiple of {self.minutes} minutes")

    def cron_utc(self) -> str:
        return f"*/{self.minutes} * * * *"

    def __str__(self) -> str:
        return f"every {self.minutes} min"


@dataclass(frozen=True, slots=True)
class Hourly:
    """At that minute of each hour."""

    minute: int

    def cron_utc(self) -> str:
        return f"{(self.minute - _AHEAD_MIN) % 60} * * * *"

    def __str__(self) -> str:
        return f"hourly at :{self.minute:02}"


@dataclass(frozen=True, slots=True)
class Daily:
    """At that time of each day."""

    hour: int
    minute: int

    def cron_utc(self) -> str:
        hour, minute = divmod((self.hour * 60 + self.minute - _AHEAD_MIN) % 1440, 60)
        return f"{minute} {hour} * * *"

    def __str__(self) -> str:
        return f"daily at {self.hour:02}:{self.minute:02}"


Schedule = Every | Hourly | Daily
