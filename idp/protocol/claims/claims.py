"""OpenID Connect Core section 5.5: the `claims` request parameter, and which claims are released where."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any, Final

import msgspec

from idp.domain.accounts.account import Profile
from idp.domain.clients.claims_policy import ClaimNames, ClaimsPolicy, LegalBasis
from idp.domain.clients.client import Client
from idp.domain.grants.grant import Grant
from idp.domain.ids import Seconds
from idp.domain.people.predicates import PREDICATES, RESIDENT_OF, answer
from idp.domain.values import dataclass
from idp.protocol.claims.claim_demand import ClaimValue, Demand, read_demands
from idp.protocol.claims.claim_names import incoming
from idp.protocol.claims.scopes import PERSONAL_CLAIMS, RELEASABLE_CLAIMS, claims_allowed, claims_of
from idp.protocol.claims.verified_request import (
    ATTACHMENTS,
    NOTHING_VERIFIED,
    THE_LEVEL,
    VerifiedRequest,
    read_verified_request,
)
from idp.protocol.errors import InvalidRequestError

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

    def within(self, allowed: frozenset[str]) -> "ClaimsRequest":
        """Return what of it a client may ask that may be told `allowed`: what it asks beyond them never counts.

        What is kept with a grant is what was agreed to. A client that may be told more one day asks anew.
        """
        userinfo = {name: demand for name, demand in self.userinfo.items() if name in allowed}
        kept = allowed | ABOUT_THE_SIGN_IN
        id_token = {name: demand for name, demand in self.id_token.items() if name in kept}
        verified = (place.within(allowed) for place in (self.verified_at_userinfo, self.verified_in_id_token))
        return ClaimsRequest(userinfo, id_token, *verified)

    def personal_claims(self, allowed: frozenset[str]) -> frozenset[str]:
        """Return the claims about the person that would be released to a client that may have those `allowed`."""
        asked = self.userinfo.keys() | self.id_token.keys()
        asked |= self.verified_at_userinfo.tells | self.verified_in_id_token.tells
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


def parse_claims_parameter(text: str, names: ClaimNames = ClaimNames.STANDARD) -> ClaimsRequest:
    """Return what a `claims` parameter asks for, by the `names` that the client is told claims by.

    Raises `InvalidRequestError` when it is not as section 5.5 defines.
    """
    if len(text) > LONGEST_PARAMETER:
        raise InvalidRequestError("The claims parameter is too long.")
    try:
        request = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise InvalidRequestError("The claims parameter is not JSON.") from error
    if not isinstance(request, dict):
        raise InvalidRequestError("The claims parameter is not a JSON object.")
    # Section 5.5: "Other members MAY be present. Any members used that are not understood MUST be ignored."
    at_userinfo, in_id_token = (incoming(names, request.get(place, {})) for place in ("userinfo", "id_token"))
    return ClaimsRequest(
        userinfo=read_demands(at_userinfo, RELEASABLE_CLAIMS),
        id_token=read_demands(in_id_token, RELEASABLE_CLAIMS | ABOUT_THE_SIGN_IN),
        verified_at_userinfo=read_verified_request(at_userinfo),
        verified_in_id_token=read_verified_request(in_id_token),
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is told, and when: the scopes that the client is registered for, its allow-list, the moment of release.

    `listed` are the claims of the list that the person was asked under, if that was done: what a longer one of later
    tells by consent waits until the person is asked anew.
    """

    scopes: frozenset[str]
    now: Seconds
    policy: ClaimsPolicy | None = None
    listed: frozenset[str] | None = None

    @classmethod
    def of(cls, client: Client, now: Seconds, grant: Grant | None = None) -> "Reader":
        """Return the client as a reader, under a `grant` if there is one yet."""
        listed = None if grant is None or grant.listed is None else frozenset(grant.listed)
        return cls(client.scopes, now, client.claims_policy, listed)

    @property
    def allowed(self) -> frozenset[str]:
        """The claims that it may be told by name."""
        return self.bounded(claims_allowed(self.scopes, self.policy))

    def bounded(self, claims: frozenset[str]) -> frozenset[str]:
        """Return those of `claims` that lists let leave."""
        if self.policy is not None:
            claims &= self.policy.names
        if self.listed is None or claims <= self.listed:
            return claims
        return frozenset(name for name in claims if name in self.listed or self._is_told_unasked(name))

    def _is_told_unasked(self, name: str) -> bool:
        terms = None if self.policy is None else self.policy.terms(name)
        return terms is not None and terms.legal_basis is not LegalBasis.CONSENT


def listed_now(client: Client) -> tuple[str, ...] | None:
    """Return the claims of the client's allow-list, for a grant given now; None where nobody is asked, or by none."""
    policy = client.claims_policy
    return None if policy is None or client.skip_consent else tuple(sorted(policy.names))


def claims_at_userinfo(
    profile: Profile, scopes: Iterable[str], request: ClaimsRequest, reader: Reader
) -> dict[str, Any]:
    """Return the claims for the userinfo endpoint: by granted scope, and one by one."""
    by_scope = reader.bounded(claims_of(reader.scopes.intersection(scopes)))
    facts = facts_of(profile)
    released = {name: value for name, value in facts.items() if name in by_scope}
    if not request.userinfo:
        return released
    return released | demanded(profile, facts, request.userinfo, reader.allowed, reader.now)


def claims_in_id_token(profile: Profile, request: ClaimsRequest, reader: Reader) -> dict[str, Any]:
    """Return the claims for the ID token: on the code flow only those that were asked for there (section 5.4)."""
    if not request.id_token:
        return {}
    return demanded(profile, facts_of(profile), request.id_token, reader.allowed, reader.now)


def demanded(
    profile: Profile,
    facts: Mapping[str, Any],
    demands: Mapping[str, Demand],
    allowed: frozenset[str],
    now: Seconds,
) -> dict[str, Any]:
    """Return what is told of the claims asked for by name; predicates are answered as of `now`."""
    told: dict[str, Any] = {}
    for name, demand in demands.items():
        # A client never gets by name what its registration would not let it get by scope, or does not list.
        if name not in allowed:
            continue
        if name in PREDICATES:
            value: Any = _predicate(profile, name, demand, now)
        else:
            value = facts[name] if name in facts and demand.accepts(facts[name]) else None
        if value is not None:
            told[name] = value
    return told


def _predicate(profile: Profile, name: str, demand: Demand, now: Seconds) -> bool | None:
    if name == RESIDENT_OF:
        # The values of a request for a place are the places asked about, not the answers that would do.
        return answer(name, profile.claims, now, demand.accepts if demand.values else None)
    value = answer(name, profile.claims, now, None)
    return value if value is not None and demand.accepts(value) else None


def facts_of(profile: Profile) -> dict[str, Any]:
    """Return what is known of a person, by the names of the claims."""
    facts = {
        **{name: value for name, value in profile.claims.items() if name in PERSONAL_CLAIMS},
        "personal_number": profile.personal_number,
        "identity_level": profile.identity_level or None,
        "officer_id": profile.officer_id,
    }
    if profile.officer is not None:
        if profile.officer.agency_code:
            facts["agency"] = {"code": profile.officer.agency_code, "name": profile.officer.agency_name}
        facts["position"] = profile.officer.position
        facts["roles"] = list(profile.officer.roles)
    # Section 5.3.2: a claim that is not returned is left out, never null or empty.
    return {name: value for name, value in facts.items() if value is not None and value != ""}
