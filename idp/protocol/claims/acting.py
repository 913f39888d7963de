"""OpenID Connect Authority Claims 1.0 section 3.2 (draft): whom a grant is for, looked up anew at every answer.

What a grant says of its principal is what the person chose; whether the record supports it is asked each time that a
token, a claim or an introspection names it. No answer is given for a principal that it does not, or not for what was
granted; nor to a client that may no longer be told of principals, which would take it for the person's own.
"""

from typing import Any

from idp.domain.clients.client import Client
from idp.domain.events import AuthorityLapsed, Origin
from idp.domain.grants.grant import Grant
from idp.domain.representation.authority import Authority, authority_for
from idp.domain.representation.principal import Principal
from idp.domain.values import dataclass
from idp.ports.authorities import Authorities
from idp.ports.clock import Clock
from idp.ports.keys import SubjectKeys
from idp.protocol.claims.authority_claims import CLAIM, authority_claim, functions_needed, may_be_told
from idp.protocol.claims.scopes import claims_allowed
from idp.protocol.errors import InvalidGrantError

NAME = "name"
PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class AuthorityEndedError(Exception):
    """The grant names a principal that may not be acted for."""

    principal: str


class ActingFor:
    """Tells what a grant's principal comes to at this moment."""

    def __init__(self, authorities: Authorities, keys: SubjectKeys, clock: Clock) -> None:
        self._authorities = authorities
        self._keys = keys
        self._clock = clock

    async def authority(self, grant: Grant, client: Client) -> Authority | None:
        """Return the authority that the grant stands on; None when the person acts for nobody else.

        `client` is the service that asks: a mandate counts only for the services that it names. Raises
        `AuthorityEndedError`, also when what the grant's details take is not allowed any more.
        """
        if grant.principal is None:
            return None
        record = await self._authorities.of_account(grant.account_id)
        principal, now = Principal.parse(grant.principal), self._clock.now()
        found = authority_for(record, principal, client.client_id, now)
        is_enough = found is not None and found.allows(functions_needed(grant.authorization_details))
        if found is None or not is_enough or not may_be_told(client):
            raise AuthorityEndedError(grant.principal)
        return found

    async def required(self, grant: Grant, client: Client, origin: Origin) -> Authority | None:
        """The same, before tokens are made. Raises `InvalidGrantError`; the grant and its family end with that."""
        try:
            return await self.authority(grant, client)
        except AuthorityEndedError as ended:
            event = AuthorityLapsed(
                origin=origin,
                account_id=grant.account_id,
                client_id=grant.client_id,
                grant_id=grant.grant_id,
                principal=ended.principal,
            )
            await self._authorities.end_grant(grant, self._clock.now(), event)
            reason = "the authority to act for the principal ended"
            raise InvalidGrantError(reason=reason, grant_id=grant.grant_id) from ended

    def claims(
        self, authority: Authority | None, grant: Grant, client: Client, *, named: bool = False
    ) -> dict[str, Any]:
        """Return the claim `authority` as `client` is told it, or nothing for who acts for nobody else.

        `named`: what a human principal is called may be told, where the grant lets the client know names at all.
        """
        if authority is None:
            return {}
        allowed = claims_allowed(client.scopes, client.claims_policy)
        may_name = named and PROFILE in grant.scopes and NAME in allowed
        return {CLAIM: authority_claim(self._keys, client, authority, named=may_name)}
