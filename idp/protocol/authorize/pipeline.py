"""OpenID Connect Core section 3.1.2.2: authorization request validation, as one ordered list of checks."""

from collections.abc import Mapping
from dataclasses import replace

from idp.domain.clients.client import Client
from idp.ports.clients import Clients
from idp.protocol.authorize.authorization_details import check_authorization_details
from idp.protocol.authorize.check_assurance import AssuranceChecks
from idp.protocol.authorize.check_parameters import (
    check_claims,
    check_key_thumbprint,
    check_login_hint,
    check_max_age,
    check_nonce,
    check_pkce,
    check_prompt,
    check_resources,
    check_response_type,
    check_scope,
    check_unsupported,
)
from idp.protocol.authorize.check_target import check_client, check_redirect_uri, check_response
from idp.protocol.authorize.parameters import RequestParameters
from idp.protocol.authorize.request import AuthorizationRefusedError, AuthorizationRequest, ResponseTarget
from idp.protocol.authorize.signed_response import SignedResponses
from idp.protocol.claims.claims import ClaimsRequest
from idp.protocol.errors import InvalidRequestError, NoSigningKeyError, OAuthError
from idp.protocol.tokens.id_token import IdTokens


class AuthorizationRequestValidator:
    """Turns parameters into an `AuthorizationRequest`."""

    def __init__(
        self,
        clients: Clients,
        id_tokens: IdTokens,
        signed: SignedResponses,
        assurance: AssuranceChecks,
        *,
        legacy: bool,
    ) -> None:
        """`legacy`: this deployment allows response types that return tokens in the front channel."""
        self._legacy = legacy
        self._clients = clients
        self._signed = signed
        self._id_tokens = id_tokens
        self._assurance = assurance

    async def validate(self, parameters: RequestParameters) -> AuthorizationRequest:
        """The checked request. Raises `AuthorizationRefusedError`, with a target once it is known."""
        client: Client | None = None
        values, reference = parameters.values, parameters.reference
        try:
            client = await check_client(self._clients, values)
            redirect_uri = check_redirect_uri(client, values)
        except OAuthError as error:
            raise AuthorizationRefusedError(error, client=client, reference=reference) from error
        target, refusal = check_response(values, redirect_uri)
        if target.signed and not self._signed.can_sign_for(client):
            refusal, target = NoSigningKeyError(client_id=client.client_id), replace(target, signed=False)
        try:
            if refusal:
                raise refusal
            return await self._check(client, target, parameters)
        except OAuthError as error:
            raise AuthorizationRefusedError(error, target, client, reference) from error

    async def _check(
        self, client: Client, target: ResponseTarget, parameters: RequestParameters
    ) -> AuthorizationRequest:
        values = parameters.values
        check_unsupported(values)
        response_types = check_response_type(client, values, legacy=self._legacy)
        scopes = await check_scope(self._clients, client, values, response_types)
        prompts = check_prompt(values)
        max_age = check_max_age(client, values)
        code_challenge = check_pkce(client, values, response_types)
        nonce = check_nonce(values, response_types)
        asked_resources = await check_resources(self._clients, client, parameters.resources)
        claims = check_claims(client, values)
        details = check_authorization_details(client, values)
        return AuthorizationRequest(
            client=client,
            target=target,
            scopes=scopes,
            assurance=await self._assurance.check(client, values, claims, scopes, details),
            nonce=nonce,
            prompts=prompts,
            max_age=max_age,
            claims=claims,
            resources=asked_resources,
            code_challenge=code_challenge,
            subjects=self._check_subject(client, values, claims),
            login_hint=check_login_hint(values),
            ui_locales=values.get("ui_locales", ""),
            key_thumbprint=check_key_thumbprint(values),
            authorization_details=details,
            response_types=response_types,
            parameters=parameters,
        )

    def _check_subject(
        self, client: Client, parameters: Mapping[str, str], claims: ClaimsRequest
    ) -> frozenset[str] | None:
        """Whom the client wants signed in: by `id_token_hint`, and by values of the claim `sub`."""
        hint = parameters.get("id_token_hint")
        wanted = frozenset(str(subject) for subject in claims.subjects) if claims.subjects else None
        if hint is None:
            return wanted
        verified = self._id_tokens.verify_hint(hint)
        if verified.client_id != client.client_id:
            raise InvalidRequestError("The id_token_hint was issued to another client.")
        hinted = frozenset({verified.subject})
        return hinted if wanted is None else hinted & wanted
