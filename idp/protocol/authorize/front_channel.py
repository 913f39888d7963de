"""OpenID Connect Core sections 3.2.2.5 and 3.3.2.5: tokens from the authorization endpoint itself, where allowed.

They have a grant of their own, which ends with the session and is never refreshed: that of a code beside them begins
when the code is redeemed.
"""

from dataclasses import replace
from typing import Any, Final

from idp.domain.events import Event, Origin, TokensIssued
from idp.domain.grants.grant import Grant, grant_identifier
from idp.domain.ids import Seconds
from idp.domain.representation.authority import Authority
from idp.domain.values import dataclass
from idp.ports.accounts import Accounts
from idp.ports.clock import Entropy
from idp.ports.grants import Grants, Start
from idp.ports.keys import SubjectKeys
from idp.protocol.authorize.authorization_details import lasting
from idp.protocol.authorize.request import AuthorizationRequest
from idp.protocol.claims.acting import ActingFor
from idp.protocol.claims.claims import NOTHING_REQUESTED, Reader, claims_at_userinfo, claims_in_id_token
from idp.protocol.claims.kept_claims import kept_claims, with_kept_claims
from idp.protocol.claims.scopes import OFFLINE_ACCESS
from idp.protocol.claims.subject import subject_identifier
from idp.protocol.claims.verified_claims import verified_in_id_token
from idp.protocol.errors import LoginRequiredError
from idp.protocol.resources.resources import ResourceIndicators
from idp.protocol.tokens.access_token import AccessTokens, IssuedAccessToken
from idp.protocol.tokens.encrypted_answers import EncryptedAnswers
from idp.protocol.tokens.grant_events import claims_released, tokens_issued
from idp.protocol.tokens.id_token import IdTokens

GRANT_TYPE: Final = "implicit"

Parameters = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Made:
    """What goes out, once `events` are durable."""

    access: IssuedAccessToken | None
    id_token: str | None
    events: tuple[Event, ...]


class FrontChannelTokens:
    """Makes them."""

    def __init__(  # noqa: PLR0913 -- a composition point: each part by name
        self,
        *,
        access_tokens: AccessTokens,
        id_tokens: IdTokens,
        answers: EncryptedAnswers,
        resources: ResourceIndicators,
        keys: SubjectKeys,
        accounts: Accounts,
        acting: ActingFor,
        grants: Grants,
        entropy: Entropy,
    ) -> None:
        self._access_tokens = access_tokens
        self._id_tokens = id_tokens
        self._answers = answers
        self._resources = resources
        self._keys = keys
        self._accounts = accounts
        self._acting = acting
        self._grants = grants
        self._entropy = entropy

    async def make(
        self, request: AuthorizationRequest, given: Grant, ends_at: Seconds, code: str | None, origin: Origin
    ) -> Parameters:
        """The tokens that the request asks for, recorded; none for the code flow.

        `given` is what the person granted, `ends_at` when the session does. Raises `LoginRequiredError` when the
        session ended meanwhile, and other `OAuthError`s.
        """
        if request.response_types == {"code"}:
            return ()
        grant = with_kept_claims(self._keys, self._own(given, ends_at, code))
        made = await self._tokens(request, grant, code, origin)
        if await self._grants.start(grant, made.events) is not Start.STARTED:
            raise LoginRequiredError(reason="the session ended meanwhile", grant_id=grant.grant_id)
        return _parameters(made, grant)

    def _own(self, given: Grant, ends_at: Seconds, code: str | None) -> Grant:
        return replace(
            # One yes to a payment makes one token for it: where a code comes too, that of the code.
            given if code is None else lasting(given),
            grant_id=grant_identifier(self._entropy.identifier(), ends_at),
            expires_at=ends_at,
            offline=False,
            scopes=tuple(scope for scope in given.scopes if scope != OFFLINE_ACCESS),
        )

    async def _tokens(self, request: AuthorizationRequest, grant: Grant, code: str | None, origin: Origin) -> _Made:
        access, id_token, events = None, None, list[Event]()
        authority = await self._acting.required(grant, request.client, origin)
        if "token" in request.response_types:
            access, issued = await self._access_token(request, grant, authority, origin)
            events.append(issued)
        if "id_token" in request.response_types:
            personal = await self._claims(request, grant)
            personal |= self._acting.claims(authority, grant, request.client, named=True)
            id_token = await self._id_token(request, grant, access, code, personal)
            if personal:
                events.append(claims_released(request.client, grant, "id_token", personal, origin))
        return _Made(access, id_token, tuple(events))

    async def _access_token(
        self, request: AuthorizationRequest, grant: Grant, authority: Authority | None, origin: Origin
    ) -> tuple[IssuedAccessToken, TokensIssued]:
        subject = subject_identifier(self._keys, request.client, grant.account_id)
        target = await self._resources.for_grant(grant, grant.scopes, request.resources)
        target = replace(target, authorization_details=grant.authorization_details)
        told = self._acting.claims(authority, grant, request.client)
        access = self._access_tokens.for_grant(grant, subject, target, authority=told)
        return access, tokens_issued(grant, GRANT_TYPE, access, target, origin)

    async def _claims(self, request: AuthorizationRequest, grant: Grant) -> dict[str, Any]:
        profile = await self._accounts.profile(grant.account_id)
        if profile is None:
            return {}
        reader = Reader.of(request.client, grant.created_at, grant)
        kept = kept_claims(self._keys, grant)
        claims = claims_in_id_token(profile, kept, reader)
        claims |= verified_in_id_token(profile, kept.verified_in_id_token, reader)
        # Section 5.4: "when no Access Token is issued (which is the case for the response_type value id_token), the
        # resulting Claims are returned in the ID Token."
        if request.response_types == {"id_token"}:
            claims |= claims_at_userinfo(profile, grant.scopes, NOTHING_REQUESTED, reader)
        return claims

    async def _id_token(
        self,
        request: AuthorizationRequest,
        grant: Grant,
        access: IssuedAccessToken | None,
        code: str | None,
        personal: dict[str, Any],
    ) -> str:
        beside = {"c_hash": code, "s_hash": request.target.state}
        token = self._id_tokens.issue(
            request.client,
            grant,
            access.token if access else None,
            nonce=request.nonce,
            personal_claims=personal,
            beside={name: value for name, value in beside.items() if value is not None},
        )
        return await self._answers.seal(request.client, "id_token", token)


def _parameters(made: _Made, grant: Grant) -> Parameters:
    """Section 3.2.2.5, in the names of RFC 6749 section 4.2.2."""
    parameters: Parameters = ()
    if made.access is not None:
        parameters = (
            ("access_token", made.access.token),
            # RFC 6749 section 4.2.2: token_type is REQUIRED.
            ("token_type", "Bearer"),
            ("expires_in", str(made.access.expires_in)),
            ("scope", " ".join(grant.scopes)),
        )
    return parameters if made.id_token is None else (*parameters, ("id_token", made.id_token))
