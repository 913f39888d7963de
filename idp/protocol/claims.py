"""OpenID Connect Core section 5.5: the `claims` request parameter, and which claims are released where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from idp.domain.account import Profile
from idp.protocol.errors import InvalidRequestError
from idp.protocol.scopes import PERSONAL_CLAIMS, claims_of

ClaimValue = str | int | float | bool

LONGEST_PARAMETER: Final = 8_192
"""Characters."""

_MOST_MEMBERS: Final = 100
_MOST_VALUES: Final = 50
_LONGEST_VALUE: Final = 256
_LARGEST_INTEGER: Final = 2**63 - 1

ABOUT_THE_SIGN_IN: Final = frozenset({"sub", "acr", "auth_time"})
"""Claims that every ID token has; asking for them by value says who must be signed in, or how."""


@dataclass(frozen=True, slots=True)
class Demand:
    """How one claim is asked for. `values` holds what is acceptable, most wanted first; empty when anything is."""

    essential: bool = False
    values: tuple[ClaimValue, ...] = ()

    def accepts(self, value: object) -> bool:
        """Return whether `value` is one of those asked for; true and 1 are different values."""
        return not self.values or any(
            isinstance(wanted, bool) == isinstance(value, bool) and wanted == value for wanted in self.values
        )


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """The claims asked for one by one, those that this provider knows, without language tags."""

    userinfo: dict[str, Demand] = field(default_factory=dict)
    id_token: dict[str, Demand] = field(default_factory=dict)

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
        return claims_of(client_scopes) & (self.userinfo.keys() | self.id_token.keys())

    def stored(self) -> dict[str, Any]:
        """Return plain values for `Grant.claims`: nothing when nothing was asked for."""
        return msgspec.to_builtins(self) if self.userinfo or self.id_token else {}

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
    return ClaimsRequest(
        userinfo=_section(request.get("userinfo", {}), PERSONAL_CLAIMS),
        id_token=_section(request.get("id_token", {}), PERSONAL_CLAIMS | ABOUT_THE_SIGN_IN),
    )


def _section(members: object, known: frozenset[str]) -> dict[str, Demand]:
    if not isinstance(members, dict) or len(members) > _MOST_MEMBERS:
        raise InvalidRequestError("Each member of the claims parameter is an object of at most 100 claims.")
    demands: dict[str, Demand] = {}
    for tagged_name, member in members.items():
        # Section 5.2: claims with a language tag; values are kept in one language here, which is returned untagged.
        name, tag, _ = tagged_name.partition("#")
        # Section 5.5.1: a claim that is not known is not an error, it is left out.
        if name in known and not (tag and name in demands):
            demands[name] = _demand(member)
    return demands


def _demand(member: object) -> Demand:
    if member is None:
        return Demand()
    if not isinstance(member, dict):
        raise InvalidRequestError("A claim is requested by null or an object.")
    essential, values = member.get("essential", False), member.get("values", [])
    if not isinstance(essential, bool):
        raise InvalidRequestError("The member essential of a requested claim is true or false.")
    if not isinstance(values, list) or len(values) > _MOST_VALUES:
        raise InvalidRequestError("The member values of a requested claim is an array of at most 50 values.")
    if "value" in member:
        values = [member["value"]]
    return Demand(essential=essential, values=tuple(_value(value) for value in values))


def _value(value: object) -> ClaimValue:
    match value:
        case str() if len(value) <= _LONGEST_VALUE and value.isprintable():
            return value
        case int() if abs(value) <= _LARGEST_INTEGER:
            return value
        case float():
            return value
        case _:
            raise InvalidRequestError("A requested value is a short text, a number, true or false.")


def claims_at_userinfo(
    profile: Profile, scopes: Iterable[str], request: ClaimsRequest, client_scopes: frozenset[str]
) -> dict[str, Any]:
    """Return the claims for the userinfo endpoint: by granted scope, and one by one."""
    by_scope = claims_of(client_scopes.intersection(scopes))
    facts = _facts(profile)
    released = {name: value for name, value in facts.items() if name in by_scope}
    return released | _demanded(facts, request.userinfo, client_scopes)


def claims_in_id_token(profile: Profile, request: ClaimsRequest, client_scopes: frozenset[str]) -> dict[str, Any]:
    """Return the claims for the ID token: on the code flow only those that were asked for there (section 5.4)."""
    return _demanded(_facts(profile), request.id_token, client_scopes)


def _demanded(facts: Mapping[str, Any], demands: Mapping[str, Demand], client_scopes: frozenset[str]) -> dict[str, Any]:
    # A client never gets by name what its registration would not let it get by scope.
    allowed = claims_of(client_scopes)
    return {
        name: facts[name]
        for name, demand in demands.items()
        if name in allowed and name in facts and demand.accepts(facts[name])
    }


def _facts(profile: Profile) -> dict[str, Any]:
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
