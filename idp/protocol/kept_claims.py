"""OpenID Connect Core section 5.5.1: claims asked for by value, as they are kept with a code and the grant behind it.

Such a value may be somebody's name or number. What is kept of it is a keyed tag, of use for this grant only: enough to
compare it with what the person's record says, and nothing to read for whoever gets hold of the database.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import msgspec

from idp.domain.grant import Grant
from idp.domain.ids import GrantId
from idp.ports.keys import SubjectKeys
from idp.protocol.claims import ClaimsRequest, Demand

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
    userinfo, id_token = (
        {name: change(name, demand) if demand.values else demand for name, demand in section.items()}
        for section in (request.userinfo, request.id_token)
    )
    return ClaimsRequest(userinfo, id_token)


def _kept(keys: SubjectKeys, grant_id: GrantId, name: str, demand: Demand) -> Demand:
    return replace(demand, values=tuple(_tag(keys, grant_id, name, value) for value in demand.values))


def _comparable(keys: SubjectKeys, grant_id: GrantId, name: str, demand: Demand) -> Demand:
    tagged = partial(_tag, keys, grant_id, name)
    return KeptDemand(essential=demand.essential, values=demand.values, tagged=tagged)


def _tag(keys: SubjectKeys, grant_id: GrantId, name: str, value: object) -> str:
    # 2 and 2.0 are one number in JSON; true and 1 are two values.
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    return keys.tag(_PURPOSE, f"{grant_id}\n{name}\n{msgspec.json.encode(whole).decode()}")
