"""The ministry's payment API, called in the gateway's own name (client credentials, RFC 6749 §4.4)."""

import re
from collections.abc import Mapping

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from clients.payment_gateway.payment import Order, Payment
from clients.payment_gateway.settings import GatewaySettings
from clients.relying_party.authorization_client import AuthorizationClient, TokenRequestRefused
from clients.relying_party.clock import Clock
from clients.relying_party.refusals import ProviderUnavailable, Refusal

SCOPE = "payment.report"
EXPIRING = 30  # seconds before its end a token is replaced
REFERENCE = re.compile(r"[A-Z0-9]{26}")


class OrderMessage(BaseModel):
    model_config = ConfigDict(frozen=True)

    reference: str
    dossier: str
    purpose: Mapping[str, str]
    payee: Mapping[str, str]
    amount: int
    is_paid: bool


class MinistryClient:
    """Reads orders and reports payments. The token it holds may be lost at any time; another one is asked for."""

    def __init__(
        self, settings: GatewaySettings, http: httpx.AsyncClient, authorization: AuthorizationClient, clock: Clock
    ) -> None:
        self._url = f"{settings.ministry_url}/api/payments"
        self._audience = settings.ministry_audience
        self._http = http
        self._authorization = authorization
        self._clock = clock
        self._token = ""
        self._token_until = 0

    async def order(self, reference: str) -> Order:
        """Return the order; raises Refusal: `not_found`, or `service_unavailable` when it cannot be known now."""
        if not REFERENCE.fullmatch(reference):
            raise Refusal("not_found", "not a payment reference")
        response = await self._send("GET", reference)
        if response.status_code == httpx.codes.NOT_FOUND:
            raise Refusal("not_found", "no such order")
        return _order(response)

    async def report(self, payment: Payment) -> None:
        """Tell the ministry; telling it again changes nothing. Raises Refusal when it could not be told."""
        body = {"amount": payment.order.amount, "receipt": payment.receipt}
        _order(await self._send("PUT", payment.order.reference, body))

    async def _send(self, method: str, reference: str, body: Mapping[str, object] | None = None) -> httpx.Response:
        try:
            headers = {"Authorization": f"Bearer {await self._access_token()}"}
            response = await self._http.request(method, f"{self._url}/{reference}", headers=headers, json=body)
        except (httpx.HTTPError, TokenRequestRefused, ProviderUnavailable) as error:
            raise Refusal("service_unavailable", f"ministry: {type(error).__name__}") from error
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._token_until = 0  # ask for another token next time
        return response

    async def _access_token(self) -> str:
        if self._clock.now() >= self._token_until:
            tokens = await self._authorization.client_credentials(scope=SCOPE, resource=self._audience)
            self._token = tokens.access_token
            self._token_until = self._clock.now() + tokens.expires_in - EXPIRING
        return self._token


def _order(response: httpx.Response) -> Order:
    if response.status_code != httpx.codes.OK:
        raise Refusal("service_unavailable", f"ministry answered {response.status_code}")
    try:
        message = OrderMessage.model_validate_json(response.content)
    except ValidationError as error:
        raise Refusal("service_unavailable", "ministry answered something else") from error
    return Order(**message.model_dump())
