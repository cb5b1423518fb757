"""The one exception with which this package says no."""

from collections.abc import Mapping


class AuthRefused(Exception):
    """A refusal that the person can act on.

    code: stable, `noun.adjective`; the pages choose their own words by it.
    message: a sentence for people. It never tells a stranger whether an account exists, except
        `auth.email_taken` at sign-up, where nothing else would let the owner of the address go on.
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
