"""What left for whom: releases of claims, gathered by day of the country, so that a person can see who saw what."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from idp.domain.country_time import day_of
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.domain.values import dataclass

KEPT: Final = 5 * 366 * 24 * 3600
"""Seconds that releases are kept: the law asks for five years of usage history."""

VERIFIED: Final = "verified_claims."
"""How the path of a verified claim begins; `claims.` or `verification.` and the name follow."""

_DAY_DIGITS: Final = 5
_SET_DIGITS: Final = 27


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Releases of the same claims of one person to one client at one endpoint on one day.

    `claims` are names, `basis` is `consent` or `law`, `terms` the version of the client's allow-list, if it had one.
    """

    account_id: AccountId
    client_id: ClientId
    endpoint: str
    claims: tuple[str, ...]
    basis: str
    terms: str | None
    first_at: Seconds
    last_at: Seconds
    count: int = 1

    @property
    def release_id(self) -> str:
        """The same for the same kind of release on the same day; sorts by day."""
        what = (self.account_id, self.client_id, self.endpoint, *self.claims, self.basis, self.terms or "")
        digest = hashlib.sha256("\n".join(what).encode()).hexdigest()[:_SET_DIGITS]
        return f"{day_of(self.first_at).toordinal():0{_DAY_DIGITS}x}{digest}"

    @property
    def plain_claims(self) -> tuple[str, ...]:
        """The names without the paths of verified claims, each once; what verification tells is not among them."""
        names = (self._plain(name) for name in self.claims)
        return tuple(dict.fromkeys(name for name in names if name))

    @staticmethod
    def _plain(name: str) -> str:
        if not name.startswith(VERIFIED):
            return name
        part, _, member = name.removeprefix(VERIFIED).partition(".")
        return member if part == "claims" else ""


def gathered(releases: Iterable[Release]) -> tuple[Release, ...]:
    """Return the releases with those of one kind and day counted together."""
    found: dict[str, Release] = {}
    for release in releases:
        before = found.get(release.release_id)
        found[release.release_id] = release if before is None else _united(before, release)
    return tuple(found.values())


def _united(one: Release, other: Release) -> Release:
    return replace(
        one,
        first_at=min(one.first_at, other.first_at),
        last_at=max(one.last_at, other.last_at),
        count=one.count + other.count,
    )
