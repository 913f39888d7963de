"""RFC 8628 sections 3.1 and 3.2: a device asks for a code that somebody types elsewhere."""

from typing import Any, Final
from urllib.parse import urlencode

from idp.domain.clients.client import Client
from idp.domain.events import DecoupledRequestMade, Origin
from idp.domain.grants.grant import grant_identifier
from idp.domain.ids import ClientId, Seconds
from idp.domain.values import dataclass
from idp.ports.audit import AuditTrail
from idp.ports.clients import Clients
from idp.ports.clock import Clock, Entropy
from idp.protocol.authorize.authorization_details import refuse_authorization_details
from idp.protocol.authorize.check_assurance import AssuranceChecks
from idp.protocol.authorize.check_parameters import check_resources, check_scope
from idp.protocol.claims.claims import NOTHING_REQUESTED
from idp.protocol.clients.client_authentication import AuthenticatedClient
from idp.protocol.clients.client_calls import ClientCalls, ClientRequest
from idp.protocol.decoupled.decision import latest_end
from idp.protocol.decoupled.request import AS_BY_CODE, INTERVAL, DecoupledRequest, Kind, required_of
from idp.protocol.decoupled.requests import DecoupledRequests
from idp.protocol.decoupled.user_codes import UserCodes, shown_user_code
from idp.protocol.errors import OAuthError, UnauthorizedClientError
from idp.protocol.grants.device_code import GRANT_TYPE

PATH: Final = "/device_authorization"
VERIFICATION_PATH: Final = "/device"
ENDPOINT: Final = "device_authorization"

LIFETIME: Final = 600
"""Seconds that a person has to type the code and to decide."""


@dataclass(frozen=True, slots=True)
class DeviceAuthorizationResponse:
    """Section 3.2. `client_id` is for the log."""

    client_id: ClientId
    device_code: str
    user_code: str
    verification_uri: str

    def members(self) -> dict[str, Any]:
        """Return the members of the JSON object."""
        return {
            "device_code": self.device_code,
            "user_code": self.user_code,
            "verification_uri": self.verification_uri,
            "verification_uri_complete": complete_uri(self.verification_uri, self.user_code),
            "expires_in": LIFETIME,
            "interval": INTERVAL,
        }


class DeviceAuthorizationEndpoint:
    """Answers devices."""

    def __init__(  # noqa: PLR0913 -- a composition point: each part by name
        self,
        *,
        issuer: str,
        calls: ClientCalls,
        clients: Clients,
        assurance: AssuranceChecks,
        requests: DecoupledRequests,
        user_codes: UserCodes,
        trail: AuditTrail,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._issuer = issuer
        self._calls = calls
        self._clients = clients
        self._assurance = assurance
        self._requests = requests
        self._user_codes = user_codes
        self._trail = trail
        self._clock = clock
        self._entropy = entropy

    async def __call__(self, request: ClientRequest) -> DeviceAuthorizationResponse:
        """Return the codes. Raises `OAuthError`, recorded, and `BusyError`: the client has too much in progress."""

        async def authorize(caller: AuthenticatedClient) -> DeviceAuthorizationResponse:
            return await self._issue(await self._validate(caller.client, request), request.origin)

        return await self._calls.answer(ENDPOINT, request, authorize)

    async def refuse(self, error: OAuthError, origin: Origin) -> None:
        """Record a request that could not even be read."""
        await self._calls.refuse(ENDPOINT, error, origin)

    async def _validate(self, client: Client, request: ClientRequest) -> DecoupledRequest:
        if GRANT_TYPE not in client.grant_types:
            raise UnauthorizedClientError
        refuse_authorization_details(request.parameters)
        asked = {"scope": request.parameters.get("scope", "")}
        scopes = await check_scope(self._clients, client, asked, AS_BY_CODE)
        resources = await check_resources(self._clients, client, request.resources)
        assurance = await self._assurance.check(client, request.parameters, NOTHING_REQUESTED, scopes)
        now = self._clock.now()
        expires_at = Seconds(now + LIFETIME)
        return DecoupledRequest(
            kind=Kind.DEVICE,
            client_id=client.client_id,
            grant_id=grant_identifier(self._entropy.identifier(), latest_end(scopes, expires_at)),
            scopes=scopes,
            created_at=now,
            expires_at=expires_at,
            **required_of(assurance),
            resources=resources,
            user_code=await self._user_codes.fresh(now),
        )

    async def _issue(self, asked: DecoupledRequest, origin: Origin) -> DeviceAuthorizationResponse:
        device_code = self._entropy.token()
        reference = await self._requests.begin(device_code, asked)
        await self._user_codes.assign(asked.user_code, reference, asked.expires_at)
        event = DecoupledRequestMade(
            origin=origin, kind=asked.kind.value, client_id=asked.client_id, scopes=asked.scopes
        )
        await self._trail.record(event)
        return DeviceAuthorizationResponse(
            asked.client_id, device_code, shown_user_code(asked.user_code), self._issuer + VERIFICATION_PATH
        )


def complete_uri(verification_uri: str, user_code: str) -> str:
    """Return `verification_uri_complete` (section 3.3.1), for a picture that a telephone reads."""
    return f"{verification_uri}?{urlencode({'user_code': user_code})}"
