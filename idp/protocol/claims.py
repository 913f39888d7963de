"""OpenID Connect Core section 5.5: the `claims` request parameter, and which claims are released where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from idp.domain.account import Profile
from idp.protocol.claim_demand import ClaimValue, Demand, read_demands
from idp.protocol.errors import InvalidRequestError
from idp.protocol.scopes import PERSONAL_CLAIMS, claims_of
from idp.protocol.verified_request import (
    ATTACHMENTS,
    NOTHING_VERIFIED,
    THE_LEVEL,
    VerifiedRequest,
    read_verified_request,
)

LONGEST_PARAMETER: Final = 8_192
"""Characters."""

ABOUT_THE_SIGN_IN: Final = frozenset({"sub", "acr", "auth_time"})
"""Claims that every ID token has; asking for them by value says who must be signed in, or how."""


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """The claims asked for one by one, those that this provider knows, without language tags.

    The verified ones (OpenID Connect for Identity Assurance) are asked for by themselves, in each place.
    """

    userinfo: dict[str, Demand] = field(default_factory=dict)
    id_token: dict[str, Demand] = field(default_factory=dict)
    verified_at_userinfo: VerifiedRequest = NOTHING_VERIFIED
    verified_in_id_token: VerifiedRequest = NOTHING_VERIFIED

    @property
    def subjects(self) -> tuple[ClaimValue, ...]:
        """The `sub` values of which one must be signed in; empty when anybody may be (section 5.5.1)."""
        return self.id_token.get("sub", Demand()).values

    @property
    def acr(self) -> Demand | None:
        """How `acr` is asked for in the ID token (section 5.5.1.1), or None."""
        return self.id_token.get("acr")

    def personal_claims(self, client_scopes: Iterable[str]) -> frozenset[str]:
        """Return the claims about the person that would be released to a client registered for `client_scopes`."""
        asked = self.userinfo.keys() | self.id_token.keys()
        asked |= self.verified_at_userinfo.tells | self.verified_in_id_token.tells
        allowed = claims_of(client_scopes)
        # OpenID Attachments section 6: "an OP shall ensure that the end-user is well aware of when and what kind of
        # attachments are about to be transferred to the RP". They are part of what tells the level.
        return (allowed | {ATTACHMENTS} if THE_LEVEL in allowed else allowed) & asked

    def stored(self) -> dict[str, Any]:
        """Return plain values for `Grant.claims`: nothing when nothing was asked for."""
        return {} if self == NOTHING_REQUESTED else msgspec.to_builtins(self)

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> "ClaimsRequest":
        """Return what `stored` had made plain."""
        return msgspec.convert(stored, cls) if stored else NOTHING_REQUESTED


NOTHING_REQUESTED: Final = ClaimsRequest()


def parse_claims_parameter(text: str) -> ClaimsRequest:
    """Return what a `claims` parameter asks for. Raises `InvalidRequestError` when it is not as section 5.5 defines."""
    if len(text) > LONGEST_PARAMETER:
        raise InvalidRequestError("The claims parameter is too long.")
    try:
        request = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise InvalidRequestError("The claims parameter is not JSON.") from error
    if not isinstance(request, dict):
        raise InvalidRequestError("The claims parameter is not a JSON object.")
    # Section 5.5: "Other members MAY be present. Any members used that are not understood MUST be ignored."
    at_userinfo, in_id_token = request.get("userinfo", {}), request.get("id_token", {})
    return ClaimsRequest(
        userinfo=read_demands(at_userinfo, PERSONAL_CLAIMS),
        id_token=read_demands(in_id_token, PERSONAL_CLAIMS | ABOUT_THE_SIGN_IN),
        verified_at_userinfo=read_verified_request(at_userinfo),
        verified_in_id_token=read_verified_request(in_id_token),
    )


def claims_at_userinfo(
    profile: Profile, scopes: Iterable[str], request: ClaimsRequest, client_scopes: frozenset[str]
) -> dict[str, Any]:
    """Return the claims for the userinfo endpoint: by granted scope, and one by one."""
    by_scope = claims_of(client_scopes.intersection(scopes))
    facts = facts_of(profile)
    released = {name: value for name, value in facts.items() if name in by_scope}
    return released | _demanded(facts, request.userinfo, client_scopes)


def claims_in_id_token(profile: Profile, request: ClaimsRequest, client_scopes: frozenset[str]) -> dict[str, Any]:
    """Return the claims for the ID token: on the code flow only those that were asked for there (section 5.4)."""
    return _demanded(facts_of(profile), request.id_token, client_scopes)


def _demanded(facts: Mapping[str, Any], demands: Mapping[str, Demand], client_scopes: frozenset[str]) -> dict[str, Any]:
    # A client never gets by name what its registration would not let it get by scope.
    allowed = claims_of(client_scopes)
    return {
        name: facts[name]
        for name, demand in demands.items()
        if name in allowed and name in facts and demand.accepts(facts[name])
    }


def facts_of(profile: Profile) -> dict[str, Any]:
    """Return what is known of a person, by the names of the claims."""
    facts = {
        **{name: value for name, value in profile.claims.items() if name in PERSONAL_CLAIMS},
        "personal_number": profile.personal_number,
        "identity_level": profile.identity_level or None,
        "officer_id": profile.officer_id,
    }
    if profile.officer is not None:
        facts["agency"] = {"code": profile.officer.agency_code, "name": profile.officer.agency_name}
        facts["position"] = profile.officer.position
        facts["roles"] = list(profile.officer.roles)
    # Section 5.3.2: a claim that is not returned is left out, never null or empty.
    return {name: value for name, value in facts.items() if value is not None and value != ""}
