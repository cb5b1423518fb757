"""What every inward event must be before its handler sees it: a name of the contract, one object
of the right shape, from somebody who may."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from signaling import payloads as wire
from signaling.caller import Caller
from signaling.contract import Inward
from signaling.refusals import Refused


def too_fast(wait_s: float) -> Refused:
    seconds = max(1, round(wait_s + 0.5))
    unit = "second" if seconds == 1 else "seconds"
    return Refused("rate.limited", f"Too fast. Please wait {seconds} {unit}.", max(wait_s, 0.1))


def validated(event: Inward, argument: dict[str, Any]) -> wire.Wire:
    try:
        return event.payload.model_validate(argument)
    except ValidationError as error:
        fields = {
            ".".join(str(part) for part in problem["loc"]): problem["msg"]
            for problem in error.errors(
                include_url=False, include_context=False, include_input=False
            )
        }
        raise Refused("payload.invalid", details={"fields": fields}) from None


def require_role(event: Inward, caller: Caller) -> None:
    if caller.identity is None:
        if "anonymous" not in event.roles:
            raise Refused("auth.required")
    elif caller.identity.role not in event.roles:
        raise Refused("auth.forbidden")
