"""OpenID Connect Core sections 3.1.2.1 and 5.5.1.1 (`acr`): how much has to be proved, by request and by policy.

The values `phr` and `phrh` are those of OpenID Connect Extended Authentication Profile (EAP) ACR Values section 3.
"""

from collections.abc import Mapping

from idp.domain.accounts.account import AccountKind
from idp.domain.clients.client import Client
from idp.domain.grants.detail_outline import outlines_of
from idp.domain.levels.assurance import (
    ACR_VALUES,
    REACH_EVERYWHERE,
    RESISTANCE_VALUES,
    Level,
    Reach,
    Resistance,
    supported_acr_values,
)
from idp.domain.levels.assurance_policy import Asked, AssurancePolicy, resolve
from idp.domain.levels.requirement import Requirement
from idp.domain.values import dataclass
from idp.ports.assurance_policies import AssurancePolicies
from idp.protocol.authorize.authorization_details import Details
from idp.protocol.claims.claims import ClaimsRequest
from idp.protocol.errors import UnmetAuthenticationRequirementsError


@dataclass(frozen=True, slots=True)
class AskedAcr:
    """What a request asks of `acr`: a level, or resistance to phishing, which implies no level; and the `values`."""

    level: Level = Level.ONE
    resistance: Resistance = Resistance.NONE
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RequiredAssurance:
    """What has to be proved for a request, by the policy that was in force when it was looked at.

    `requirement` is that of whoever signs in; what the kind of account adds is in `of`.
    """

    policy: AssurancePolicy
    asked: Asked
    requirement: Requirement
    requested_acrs: tuple[str, ...] = ()

    def of(self, kind: AccountKind) -> Requirement:
        """What an account of `kind` has to prove."""
        return self.requirement.joined(self.policy.of_kind(kind))


class AssuranceChecks:
    """Asks the policy."""

    def __init__(self, policies: AssurancePolicies, reach: Reach = REACH_EVERYWHERE) -> None:
        """`reach`: what the methods of this installation can prove."""
        self._policies = policies
        self._reach = reach

    async def check(
        self,
        client: Client,
        parameters: Mapping[str, str],
        claims: ClaimsRequest,
        scopes: tuple[str, ...],
        details: Details = (),
    ) -> RequiredAssurance:
        """What has to be proved. Raises `UnmetAuthenticationRequirementsError` when nobody here can prove it."""
        policy = await self._policies.in_force()
        acr = check_acr(client, parameters, claims, self._reach)
        asked = Asked(
            client_id=client.client_id,
            minimum=client.minimum_level,
            scopes=scopes,
            details=outlines_of(details),
            level=acr.level,
            resistance=acr.resistance,
        )
        requirement = resolve(policy, asked)
        if not requirement.is_within(self._reach):
            raise UnmetAuthenticationRequirementsError
        return RequiredAssurance(policy, asked, requirement, acr.values)


def check_acr(
    client: Client, parameters: Mapping[str, str], claims: ClaimsRequest, reach: Reach = REACH_EVERYWHERE
) -> AskedAcr:
    """What the request asks for.

    An essential `acr` that cannot be reached is refused (OpenID Connect Core section 5.5.1.1); a voluntary one that is
    unknown or out of reach is passed over. Of several, the first in reach is taken: they come "in order of preference"
    (section 3.1.2.1).
    """
    demand = claims.acr
    essential = demand is not None and demand.essential and bool(demand.values)
    values = demand.values if demand and demand.values else parameters.get("acr_values", "").split()
    asked = tuple(str(value) for value in values) or client.default_acr_values
    wanted = next((value for value in asked if value in supported_acr_values(reach)), None)
    if wanted is None:
        if essential:
            raise UnmetAuthenticationRequirementsError
        return AskedAcr(values=asked)
    if wanted in RESISTANCE_VALUES:
        return AskedAcr(Level.ONE, RESISTANCE_VALUES[wanted], asked)
    return AskedAcr(ACR_VALUES[wanted], Resistance.NONE, asked)
