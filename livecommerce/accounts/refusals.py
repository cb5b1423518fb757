"""The one exception with which this package says no."""

from livecommerce.refusals import Refusal


class AuthRefused(Refusal):
    """It never tells a stranger whether an account exists, except `auth.email_taken` at sign-up,
    where nothing else would let the owner of the address go on."""
