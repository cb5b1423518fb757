"""Which operating-system user runs the embedded servers.

Postgres refuses to run as root. Started by root, we therefore hand both servers to an account that
exists already; we never make one.
"""

import os
import pwd
from dataclasses import dataclass


class AccountRefused(Exception):
    """No account can run the servers; the text says which was tried and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user that the servers run as. `is_ours` means: it is the user we run as already."""

    name: str
    uid: int
    gid: int
    is_ours: bool

    @property
    def user(self) -> int | None:
        """The `user` argument of subprocess: None leaves it as it is."""
        return None if self.is_ours else self.uid

    @property
    def group(self) -> int | None:
        return None if self.is_ours else self.gid

    @property
    def extra_groups(self) -> list[int] | None:
        """Root's own groups must not stay with a process that stops being root."""
        return None if self.is_ours else []


FALLBACK_NAMES = ("postgres", "nobody")
"""Tried in this order when root names nobody. Debian's `postgres` package brings the first; the
second exists on every Linux and macOS."""


def choose_account(wanted: str | None) -> Account:
    """The account for the servers: ourselves, or an unprivileged one when we are root.

    wanted: a user name, or None for the first of FALLBACK_NAMES that exists.
    Raises AccountRefused.
    """
    uid = os.geteuid()
    if uid != 0:
        ours = pwd.getpwuid(uid)
        if wanted not in (None, ours.pw_name):
            raise AccountRefused(
                f"Only root can start the embedded servers as {wanted!r}; this is {ours.pw_name!r}."
            )
        return Account(ours.pw_name, uid, os.getegid(), is_ours=True)
    for name in FALLBACK_NAMES if wanted is None else (wanted,):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        if found.pw_uid == 0:
            raise AccountRefused("Postgres refuses to run as root: name another user.")
        return Account(found.pw_name, found.pw_uid, found.pw_gid, is_ours=False)
    tried = " or ".join(repr(name) for name in (FALLBACK_NAMES if wanted is None else (wanted,)))
    raise AccountRefused(
        f"Postgres refuses to run as root, and there is no user {tried}: name one that exists "
        "(LIVECOMMERCE_EMBEDDED_USER), or start the program as an ordinary user."
    )
