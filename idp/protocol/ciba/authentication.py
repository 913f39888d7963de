"""OpenID Connect CIBA Core section 7: the backchannel authentication endpoint."""

from collections.abc import Mapping
from typing import Any, Final

from idp.domain.accounts.account import Account, ContactKind
from idp.domain.clients.client import Client
from idp.domain.events import ApprovalUntold, DecoupledRequestMade, Origin
from idp.domain.grants.grant import grant_identifier
from idp.domain.ids import ClientId, Seconds
from idp.domain.values import dataclass
from idp.journeys.throttling import SlowDownError, Throttles, Throttling
from idp.ports.accounts import Accounts
from idp.ports.audit import AuditTrail
from idp.ports.clients import Clients
from idp.ports.clock import Clock, Entropy
from idp.ports.mail import MailError
from idp.ports.notifications import Notifications
from idp.protocol.authorize.authorization_details import refuse_authorization_details
from idp.protocol.authorize.check_assurance import AssuranceChecks
from idp.protocol.ciba.hints import Hints
from idp.protocol.ciba.parameters import (
    PING,
    POLL,
    PUSH,
    check_binding_message,
    check_notification_token,
    check_requested_expiry,
    check_scopes,
    check_user_code,
    parameters_of,
    require_nothing_beside,
)
from idp.protocol.ciba.request_object import SignedAuthenticationRequests, signs_always
from idp.protocol.ciba.waiting import Place, Waiting, WaitingRequests
from idp.protocol.claims.claims import NOTHING_REQUESTED
from idp.protocol.clients.client_authentication import AuthenticatedClient
from idp.protocol.clients.client_calls import ClientCalls, ClientRequest
from idp.protocol.decoupled.decision import latest_end
from idp.protocol.decoupled.errors import TooManyRequestsError, UnknownUserIdError
from idp.protocol.decoupled.request import INTERVAL, Backchannel, DecoupledRequest, Kind, required_of
from idp.protocol.decoupled.requests import DecoupledRequests
from idp.protocol.errors import (
    InvalidRequestError,
    OAuthError,
    UnauthorizedClientError,
)
from idp.protocol.grants.ciba import GRANT_TYPE

PATH: Final = "/bc-authorize"
ENDPOINT: Final = "backchannel_authentication"

DELIVERY_MODES: Final = (POLL, PING, PUSH)
"""How a client may have its answers."""


@dataclass(frozen=True, slots=True)
class AuthenticationResponse:
    """Section 7.3. `client_id` is for the log."""

    client_id: ClientId
    auth_req_id: str
    expires_in: int

    def members(self) -> dict[str, Any]:
        """Return the members of the JSON object."""
        return {"auth_req_id": self.auth_req_id, "expires_in": self.expires_in, "interval": INTERVAL}


@dataclass(frozen=True, slots=True)
class ValidatedAuthentication:
    """A request that passed every check, for a person who can be asked."""

    client: Client
    account: Account
    request: DecoupledRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticationParts:
    """What the endpoint is made from."""

    calls: ClientCalls
    signed_requests: SignedAuthenticationRequests
    hints: Hints
    waiting: WaitingRequests
    requests: DecoupledRequests
    throttling: Throttling
    notifications: Notifications
    clients: Clients
    assurance: AssuranceChecks
    accounts: Accounts
    trail: AuditTrail
    clock: Clock
    entropy: Entropy
    default_locale: str


class BackchannelAuthenticationEndpoint:
    """Takes requests, and tells the person that one waits."""

    def __init__(self, parts: AuthenticationParts) -> None:
        self._parts = parts

    async def __call__(self, request: ClientRequest) -> AuthenticationResponse:
        """Return what the client waits with. Raises `OAuthError`, recorded, and `BusyError`."""

        async def ask(caller: AuthenticatedClient) -> AuthenticationResponse:
            parameters = await self._parameters(caller.client, request.parameters)
            return await self._issue(await self._validate(caller.client, parameters), request.origin)

        return await self._parts.calls.answer(ENDPOINT, request, ask)

    async def refuse(self, error: OAuthError, origin: Origin) -> None:
        """Record a request that could not even be read."""
        await self._parts.calls.refuse(ENDPOINT, error, origin)

    async def _parameters(self, client: Client, parameters: Mapping[str, str]) -> Mapping[str, str]:
        require_registered(client)
        refuse_authorization_details(parameters)
        signed = parameters.get("request")
        if signed is not None:
            require_nothing_beside(parameters)
            return parameters_of(await self._parts.signed_requests.open(client, signed))
        if signs_always(client):
            raise InvalidRequestError("This client must sign its requests.")
        return parameters

    async def _validate(self, client: Client, parameters: Mapping[str, str]) -> ValidatedAuthentication:
        parts, now = self._parts, self._parts.clock.now()
        scopes = await check_scopes(parts.clients, client, parameters)
        check_user_code(parameters)
        assurance = await parts.assurance.check(client, parameters, NOTHING_REQUESTED, scopes)
        binding_message = check_binding_message(parameters)
        notification_token = check_notification_token(client, parameters)
        expires_at = Seconds(now + check_requested_expiry(parameters))
        account = await self._person(client, parameters)
        place = await self._place(client, account, expires_at)
        request = DecoupledRequest(
            kind=Kind.BACKCHANNEL,
            client_id=client.client_id,
            grant_id=grant_identifier(parts.entropy.identifier(), latest_end(scopes, expires_at)),
            scopes=scopes,
            created_at=now,
            expires_at=expires_at,
            **required_of(assurance),
            backchannel=Backchannel(
                account_id=account.account_id,
                approval_id=parts.entropy.identifier(),
                slot=place.slot,
                client_slot=place.client_slot,
                binding_message=binding_message,
                mode=client.ciba_delivery_mode or POLL,
                auth_req_id=parts.entropy.token(),
                notification_token=notification_token,
            ),
        )
        return ValidatedAuthentication(client, account, request)

    async def _person(self, client: Client, parameters: Mapping[str, str]) -> Account:
        """Whom the hint names; a client that looks for people whom it does not know is slowed down."""
        throttles = self._parts.throttling.for_hints(client.client_id)
        await self._take(throttles)
        try:
            account = await self._parts.hints.resolve(client, parameters)
        except UnknownUserIdError:
            raise
        except OAuthError:
            await self._parts.throttling.give_back(throttles)
            raise
        await self._parts.throttling.give_back(throttles)
        return account

    async def _place(self, client: Client, account: Account, expires_at: Seconds) -> Place:
        throttling, client_id, account_id = self._parts.throttling, client.client_id, account.account_id
        await self._take(throttling.for_approvals(client_id, account_id))
        place = await self._parts.waiting.take_place(account_id, client_id, self._parts.clock.now(), expires_at)
        if place is None:
            # The person was not asked.
            await throttling.give_back(throttling.for_one_person(client_id, account_id))
            raise TooManyRequestsError("Too many requests wait for this person.")
        return place

    async def _take(self, throttles: Throttles) -> None:
        try:
            await self._parts.throttling.take(throttles, self._parts.clock.now())
        except SlowDownError as slow:
            said = "Too many requests of this client; try again later."
            raise TooManyRequestsError(said, retry_after=slow.wait) from slow

    async def _issue(self, validated: ValidatedAuthentication, origin: Origin) -> AuthenticationResponse:
        parts, request, backchannel = self._parts, validated.request, validated.request.backchannel
        if backchannel is None:
            message = "a backchannel request names the person whom it asks"
            raise ValueError(message)
        reference = await parts.requests.begin(backchannel.auth_req_id, request)
        waiting = Waiting(backchannel.approval_id, reference)
        await parts.waiting.put(backchannel.account_id, backchannel.slot, waiting, request.expires_at)
        event = DecoupledRequestMade(
            origin=origin,
            kind=request.kind.value,
            client_id=request.client_id,
            scopes=request.scopes,
            account_id=backchannel.account_id,
        )
        await parts.trail.record(event)
        await self._tell(validated, backchannel.approval_id, origin)
        return AuthenticationResponse(
            request.client_id, backchannel.auth_req_id, request.expires_at - request.created_at
        )

    async def _tell(self, validated: ValidatedAuthentication, approval_id: str, origin: Origin) -> None:
        """Tell the person by mail. The request stands without: it is on the account's pages."""
        parts, account = self._parts, validated.account
        contacts = await parts.accounts.contacts(account.account_id)
        contact = next((one for one in contacts if one.kind is ContactKind.EMAIL), None)
        if contact is None:
            return
        locale = account.locale or parts.default_locale
        name = validated.client.name_in(locale)
        try:
            await parts.throttling.take(parts.throttling.for_approval_mails(account.account_id), parts.clock.now())
            await parts.notifications.approval_waits(contact, name, approval_id, locale)
        except (SlowDownError, MailError) as error:
            untold = ApprovalUntold(
                origin=origin,
                client_id=validated.client.client_id,
                account_id=account.account_id,
                reason="throttled" if isinstance(error, SlowDownError) else "mail failed",
            )
            await parts.trail.record(untold)


def require_registered(client: Client) -> None:
    """Raise `UnauthorizedClientError` unless the client may ask in this way."""
    # FAPI-CIBA section 5.2.2: confidential clients alone.
    if client.is_public or GRANT_TYPE not in client.grant_types or client.ciba_delivery_mode not in DELIVERY_MODES:
        raise UnauthorizedClientError
    # FAPI-CIBA section 5.2.2: no push; and a token that nobody fetches is bound to nobody's key.
    if client.ciba_delivery_mode == PUSH and (client.policy.bounds_request_objects or client.needs_sender_constraint):
        raise UnauthorizedClientError
