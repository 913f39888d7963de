"""OpenID Connect Core section 5.1.2: claims by other names than the standard ones, for systems that expect those.

An adapter at the edge: inside the provider, in consents, events and logs every claim has its one name.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from idp.domain.clients.claims_policy import ClaimNames

OUTGOING: Final[Mapping[ClaimNames, Mapping[str, str]]] = MappingProxyType(
    {
        ClaimNames.STANDARD: MappingProxyType({}),
        # What the sign-in of the national public-service portal tells today.
        ClaimNames.NATIONAL_PORTAL: MappingProxyType({"personal_number": "SoDinhDanh", "name": "HoVaTen"}),
    }
)
"""By which name each claim leaves; every other one by its own."""

_INCOMING: Final = MappingProxyType(
    {
        names: MappingProxyType({outside: inside for inside, outside in renamed.items()})
        for names, renamed in OUTGOING.items()
    }
)


def outgoing(names: ClaimNames, claims: Mapping[str, Any]) -> dict[str, Any]:
    """Return the claims by the names that the client is told."""
    renamed = OUTGOING[names]
    if not renamed:
        return dict(claims)
    return {renamed.get(name, name): value for name, value in claims.items()}


def incoming(names: ClaimNames, asked: object) -> object:
    """Return a section of the `claims` parameter with the names that are known here; both names are understood."""
    known = _INCOMING[names]
    if not known or not isinstance(asked, dict):
        return asked
    return {known.get(name, name): member for name, member in asked.items()}
