"""As whom the program comes to its database: the logins that the settings name or imply."""

from __future__ import annotations

from pydantic import SecretStr

from db import Logins, logins_of
from db.logins import API_LOGIN, SERVICE_LOGIN
from livecommerce.settings import Settings


def logins(settings: Settings) -> Logins:
    """The URLs of the two logins: each the one that is set, else derived from the owner's."""
    database = settings.database
    api, service = _text(database.api_url), _text(database.service_url)
    if api is None or service is None:
        assert database.url is not None, "the command line asks for it before it starts us"
        derived = logins_of(database.url.get_secret_value())
        api, service = api or derived.api, service or derived.service
    return Logins(api, service)


def derived_logins(settings: Settings) -> tuple[str, ...]:
    """The logins whose passwords are ours to set: whoever names a URL manages its password."""
    urls = {API_LOGIN: settings.database.api_url, SERVICE_LOGIN: settings.database.service_url}
    return tuple(login for login, url in urls.items() if url is None)


def _text(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
