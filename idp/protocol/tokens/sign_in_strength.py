"""RFC 9470 section 1, RFC 6749 section 6: whether the sign-in behind a grant is still enough by the policy of today.

A policy that was raised reaches what was granted before it: tokens that are out run to their end, the next refresh or
exchange is refused until the person has signed in again. The grant itself stays; a policy that is lowered again lets
it go on. How old the sign-in is counts for an exchange, which begins something new, and not for a refresh: that is
there because people are not asked again.
"""

from idp.domain.accounts.account import AccountKind
from idp.domain.clients.client import Client
from idp.domain.grants.detail_outline import outlines_of
from idp.domain.grants.grant import Grant
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import ACR_VALUES, Level, level_told_by, resistance_told_by
from idp.domain.levels.assurance_policy import Act, Asked, resolve
from idp.domain.levels.requirement import Requirement
from idp.ports.assurance_policies import AssurancePolicies
from idp.protocol.resources.resources import Target


class WeakSignInError(Exception):
    """The sign-in proved less than the policy asks, which is `required`, or too long ago."""

    def __init__(self, required: Requirement) -> None:
        super().__init__("the sign-in proved less than the policy asks")
        self.required = required


class SignInStrength:
    """Asks the policy in force."""

    def __init__(self, policies: AssurancePolicies) -> None:
        self._policies = policies

    async def require(
        self, client: Client, grant: Grant, kind: AccountKind, target: Target, fresh_at: Seconds | None = None
    ) -> None:
        """Raise `WeakSignInError` unless the grant's sign-in is enough for a token of `client` for `target`.

        `fresh_at`: the moment at which it has to be fresh too, where the policy asks for that.
        """
        asked = Asked(
            client_id=client.client_id,
            minimum=client.minimum_level,
            scopes=target.scopes,
            details=outlines_of(target.authorization_details),
        )
        _require(resolve(await self._policies.in_force(), asked, kind), grant, fresh_at)

    async def require_for(self, act: Act, grant: Grant, kind: AccountKind, fresh_at: Seconds) -> None:
        """Raise `WeakSignInError` unless the grant's sign-in is enough for an act at the provider itself."""
        _require((await self._policies.in_force()).of_act(act, kind), grant, fresh_at)


def _require(requirement: Requirement, grant: Grant, fresh_at: Seconds | None) -> None:
    if proved_level(grant) < requirement.level or resistance_told_by(grant.amr) < requirement.resistance:
        raise WeakSignInError(requirement)
    if fresh_at is not None and not requirement.is_fresh(grant.authenticated_at, fresh_at):
        raise WeakSignInError(requirement)


def proved_level(grant: Grant) -> Level:
    """Return the level that the grant's sign-in reached: `acr` may tell less, `amr` tells what was done."""
    return max(ACR_VALUES.get(grant.acr, Level.NONE), level_told_by(grant.amr))
