"""The answer "no" of the accounts and of the REST interface, before it has a form on the wire."""

from collections.abc import Mapping


class Refusal(Exception):
    """What was asked is refused, and the person who asked can act on it.

    code: stable, `noun.adjective`; the pages choose their own words by it.
    message: a sentence for people.
    retry_after_s: set where trying again later can help.
    details: what else the page needs, as JSON values.
    """

    def __init__(
        self,
        code: str,
        message: str,
        retry_after_s: float | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s
        self.details = details
