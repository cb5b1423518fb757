"""A refusal: the answer "no", with a stable code and a sentence that a person understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from signaling.contract import GENERAL_ERRORS


class Refused(Exception):
    """Raised by a handler; the gateway turns it into the acknowledgement `{"refused": {...}}`.

    code: one of the event's errors or of GENERAL_ERRORS (whose sentence is taken when `message` is
    empty). retry_after_s: seconds after which the same request may succeed. details: JSON values
    that the page can act on, such as the new price.
    """

    def __init__(
        self,
        code: str,
        message: str = "",
        retry_after_s: float | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        self.code = code
        self.message = message or GENERAL_ERRORS[code]
        self.retry_after_s = retry_after_s
        self.details = details
        super().__init__(f"{code}: {self.message}")

    def wire(self) -> dict[str, Any]:
        """The object under `refused`."""
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.retry_after_s is not None:
            body["retry_after_s"] = round(self.retry_after_s, 1)
        if self.details is not None:
            body["details"] = dict(self.details)
        return body
