"""OpenID Connect Core section 5.4 and RFC 6749 section 3.3: scopes, and the claims that each of them asks for."""

import re
from collections.abc import Iterable
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from idp.domain.clients.claims_policy import ClaimsPolicy
from idp.domain.clients.client import Client
from idp.domain.people.predicates import PREDICATES
from idp.protocol.errors import InvalidScopeError

OPENID: Final = "openid"
OFFLINE_ACCESS: Final = "offline_access"

SCOPE_CLAIMS: Final = MappingProxyType(
    {
        "profile": (
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ),
        "email": ("email", "email_verified"),
        "address": ("address",),
        "phone": ("phone_number", "phone_number_verified"),
        "identity": ("personal_number", "identity_level"),
        "officer": ("officer_id", "agency", "position", "roles"),
        "authority": ("authority",),
    }
)
"""The standard scopes, then ours. None of the standard ones carries the personal number."""

PROVIDER_SCOPES: Final = (OPENID, *SCOPE_CLAIMS, OFFLINE_ACCESS)
"""Scopes about a person at this provider; every other scope belongs to a protected resource."""

PERSONAL_CLAIMS: Final = frozenset(claim for claims in SCOPE_CLAIMS.values() for claim in claims)
"""Every claim about a person that a scope asks for."""

RELEASABLE_CLAIMS: Final = PERSONAL_CLAIMS | PREDICATES.keys()
"""Every claim about a person that can be released; predicates are asked for by name only."""

_SCOPE_TOKEN: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")


def parse_scope(text: str) -> tuple[str, ...]:
    """Return the scopes of a `scope` parameter, each once, in the order given. Raises `InvalidScopeError`."""
    scopes = tuple(dict.fromkeys(text.split(" ")))
    # RFC 6749 section 3.3: scope = scope-token *( SP scope-token ); scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
    if not all(_SCOPE_TOKEN.fullmatch(scope) for scope in scopes):
        raise InvalidScopeError("The scope is malformed.")
    return scopes


def claims_of(scopes: Iterable[str]) -> frozenset[str]:
    """Return the claims that the scopes ask for."""
    return _claims_of(frozenset(SCOPE_CLAIMS.keys() & scopes))


@lru_cache(1 << len(SCOPE_CLAIMS))
def _claims_of(scopes: frozenset[str]) -> frozenset[str]:
    return frozenset(claim for scope in scopes for claim in SCOPE_CLAIMS[scope])


def claims_allowed(scopes: Iterable[str], policy: ClaimsPolicy | None) -> frozenset[str]:
    """Return the claims that a client registered for `scopes` may be told when it asks for them by name.

    Those of its allow-list; without one, what its scopes ask for, and predicates that tell a part of it.
    """
    if policy is not None:
        return policy.names & RELEASABLE_CLAIMS
    claims = claims_of(scopes)
    return claims | {predicate for predicate, whole in PREDICATES.items() if whole in claims}


def without_provider_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """Return the scopes that are not about a person at this provider, in the order given."""
    return tuple(scope for scope in scopes if scope not in PROVIDER_SCOPES)


def scopes_of_client(client: Client, requested: str | None) -> tuple[str, ...]:
    """Return the scopes of a token that speaks for the client alone; what was not asked for is all it may have.

    Raises `InvalidScopeError` for more than is registered. Nobody is signed in: the scopes about a person mean nothing
    here.
    """
    if requested is None:
        return without_provider_scopes(sorted(client.scopes))
    scopes = parse_scope(requested)
    if not client.scopes.issuperset(scopes) or without_provider_scopes(scopes) != scopes:
        raise InvalidScopeError(reason="more than is registered")
    return scopes
