"""OpenID Connect Core section 5.5.1: claims asked for by value, as they are kept with a code and the grant behind it.

Such a value may be somebody's name or number. What is kept of it is a keyed tag, of use for this grant only: enough to
compare it with what the person's record says, and nothing to read for whoever gets hold of the database.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import msgspec

from idp.domain.grants.grant import Grant
from idp.domain.ids import GrantId
from idp.domain.values import dataclass
from idp.ports.keys import SubjectKeys
from idp.protocol.claims.claim_demand import Demand
from idp.protocol.claims.claims import ClaimsRequest
from idp.protocol.claims.verified_request import NAME, VerifiedRequest

_PURPOSE = "wanted-claim"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDemand(Demand):
    """A demand whose `values` are tags."""

    tagged: Callable[[object], str]

    def accepts(self, value: object) -> bool:
        """Return whether `value` is one of those asked for."""
        return isinstance(value, str | int | float) and self.tagged(value) in self.values


def with_kept_claims(keys: SubjectKeys, grant: Grant) -> Grant:
    """Return the grant as it may be stored: with tags for the values that claims were asked for by."""
    if not grant.claims:
        return grant
    request = ClaimsRequest.from_stored(grant.claims)
    kept = _mapped(request, partial(_kept, keys, grant.grant_id))
    return grant if kept == request else replace(grant, claims=kept.stored())


def kept_claims(keys: SubjectKeys, grant: Grant) -> ClaimsRequest:
    """Return what was asked for, of a grant from the store."""
    request = ClaimsRequest.from_stored(grant.claims)
    return _mapped(request, partial(_comparable, keys, grant.grant_id)) if grant.claims else request


def _mapped(request: ClaimsRequest, change: Callable[[str, Demand], Demand]) -> ClaimsRequest:
    """Return the request with its demands by value changed."""

    def changed(name: str, demand: Demand) -> Demand:
        return change(name, demand) if demand.values else demand

    userinfo, id_token = (
        {name: changed(name, demand) for name, demand in section.items()}
        for section in (request.userinfo, request.id_token)
    )
    verified = (
        _verified(place, f"{NAME}.", changed) for place in (request.verified_at_userinfo, request.verified_in_id_token)
    )
    return ClaimsRequest(userinfo, id_token, *verified)


def _verified(request: VerifiedRequest, prefix: str, change: Callable[[str, Demand], Demand]) -> VerifiedRequest:
    if not request.elements:
        return request
    elements = tuple(element.mapped(lambda path, demand: change(prefix + path, demand)) for element in request.elements)
    return replace(request, elements=elements)


def _kept(keys: SubjectKeys, grant_id: GrantId, name: str, demand: Demand) -> Demand:
    return replace(demand, values=tuple(_tag(keys, grant_id, name, value) for value in demand.values))


def _comparable(keys: SubjectKeys, grant_id: GrantId, name: str, demand: Demand) -> Demand:
    tagged = partial(_tag, keys, grant_id, name)
    return KeptDemand(essential=demand.essential, values=demand.values, tagged=tagged)


def _tag(keys: SubjectKeys, grant_id: GrantId, name: str, value: object) -> str:
    # 2 and 2.0 are one number in JSON; true and 1 are two values.
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    return keys.tag(_PURPOSE, f"{grant_id}\n{name}\n{msgspec.json.encode(whole).decode()}")
