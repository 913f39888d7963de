"""OpenID Connect CIBA Core section 10.3: the answer itself, pushed to the client.

There is no refresh token in it: what may have to be sent again is made again, and a refresh token would have to be kept
for that. Access tokens here are bearer tokens, since nobody has shown a key; clients that need more do not push.
"""

from typing import Any, Final

from idp.domain.clients.client import Client
from idp.domain.events import Origin, TokensIssued
from idp.domain.grants.grant import Grant
from idp.domain.values import dataclass
from idp.ports.accounts import Accounts
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock
from idp.ports.grants import Grants, Start
from idp.ports.keys import SubjectKeys
from idp.protocol.claims.subject import subject_identifier
from idp.protocol.decoupled.errors import PersonDeniedError
from idp.protocol.grants.ciba import GRANT_TYPE
from idp.protocol.resources.resources import ResourceIndicators
from idp.protocol.senders.bearer import BEARER
from idp.protocol.tokens.access_token import AccessTokens
from idp.protocol.tokens.account_standing import is_standing
from idp.protocol.tokens.encrypted_answers import EncryptedAnswers
from idp.protocol.tokens.grant_events import tokens_issued
from idp.protocol.tokens.id_token import IdTokens

AUTH_REQ_ID: Final = "urn:openid:params:jwt:claim:auth_req_id"
"""Section 10.3.1: the claim that binds the ID token to the request."""


class NothingToPushError(Exception):
    """What was allowed ended before it could be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushParts:
    """What answers are made of."""

    access_tokens: AccessTokens
    id_tokens: IdTokens
    answers: EncryptedAnswers
    resources: ResourceIndicators
    grants: Grants
    accounts: Accounts
    keys: SubjectKeys
    trail: AuditTrail
    clock: Clock


class PushedAnswers:
    """Makes answers; what they give is recorded before they are returned."""

    def __init__(self, parts: PushParts) -> None:
        self._parts = parts

    async def of(self, client: Client, auth_req_id: str, grant: Grant | None, origin: Origin) -> dict[str, Any]:
        """The members of the message; an error when nothing was granted.

        Raises `NothingToPushError`, and `TemporarilyUnavailableError` when the ID token cannot be made now.
        """
        if grant is None:
            denied = PersonDeniedError()
            # Section 10.3.2, access_denied: "The end-user or OpenID Provider denied the authorization request".
            return {"auth_req_id": auth_req_id, "error": denied.code, "error_description": denied.description}
        parts = self._parts
        target = await parts.resources.for_grant(grant, grant.scopes, ())
        subject = subject_identifier(parts.keys, client, grant.account_id)
        access = parts.access_tokens.for_grant(grant, subject, target)
        # Section 10.3.1: at_hash and the auth_req_id are REQUIRED in the ID token.
        claims = {AUTH_REQ_ID: auth_req_id}
        signed = parts.id_tokens.issue(client, grant, access.token, nonce=None, personal_claims=claims)
        id_token = await parts.answers.seal(client, "id_token", signed)
        await self._record(grant, tokens_issued(grant, GRANT_TYPE, access, target, origin))
        return {
            "auth_req_id": auth_req_id,
            "access_token": access.token,
            "token_type": BEARER,
            "expires_in": access.expires_in,
            "id_token": id_token,
        }

    async def _record(self, grant: Grant, issued: TokensIssued) -> None:
        """Start the grant, or go on with it when an earlier message did not arrive."""
        parts = self._parts
        if not is_standing(await parts.accounts.get(grant.account_id), grant):
            raise NothingToPushError
        match await parts.grants.start(grant, [issued]):
            case Start.STARTED:
                return
            case Start.ALREADY_STARTED:
                known = await parts.grants.get(grant.grant_id)
                if known is None or not known.is_live(parts.clock.now()):
                    raise NothingToPushError
                await parts.trail.record(issued)
            case Start.REVOKED_MEANWHILE | Start.ENDED_MEANWHILE:
                raise NothingToPushError
