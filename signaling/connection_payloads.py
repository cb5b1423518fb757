"""What one connection is told about itself."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from signaling.values import Wire


class MessageRefused(Wire):
    """left: how many more such messages come before the connection is closed."""

    code: str
    message: str
    left: Annotated[int, Field(ge=0)]
