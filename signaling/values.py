"""What every module of wire values is made of; the rules are written in signaling.payloads, which
passes these on.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, Strict, StringConstraints

# Python-input strictness would refuse the ISO text of an id and a JSON list for a tuple.
Id = Annotated[UUID, Strict(False)]
Text = Annotated[str, StringConstraints(max_length=4000)]
# Postgres text holds no NUL; nothing a person types has one.
Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
# A sum of an order in minor units: ten billion rupees is beyond any basket and within 2^53.
AmountMinor = Annotated[int, Field(ge=0, le=1_000_000_000_000)]

Role = Literal["customer", "influencer", "wholesaler", "admin"]


class Wire(BaseModel):
    """A frozen, strict value of the wire."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Empty(Wire):
    """No fields."""


class InLiveSession(Wire):
    live_session_id: Id


class OfLiveSession(Wire):
    live_session_id: Id


class Recoverable(OfLiveSession):
    """Has its place on the session bus: a reconnecting client can tell whether it missed any."""

    epoch: str
    offset: int
