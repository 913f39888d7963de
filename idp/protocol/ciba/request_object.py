"""OpenID Connect CIBA Core section 7.1.1 and FAPI-CIBA section 5.2.2: authentication requests that clients signed."""

from collections.abc import Mapping
from typing import Any, Final

from idp.domain.clients.client import Client
from idp.ports.clock import CLOCK_TOLERANCE, Clock
from idp.ports.foreign_tokens import ForeignTokens
from idp.ports.keys import UnreadableTokenError
from idp.protocol.clients.client_keys import ClientKeys
from idp.protocol.errors import InvalidRequestError
from idp.protocol.numeric_date import MalformedNumericDateError, read_numeric_date
from idp.protocol.replay_marks import LONGEST_IDENTIFIER, ReplayedError, ReplayMarks

LONGEST_LIFE: Final = 3600
"""Seconds from `nbf` to `exp`, and from `nbf` until now."""

_MARK: Final = "ciba-request"
_REQUIRED: Final = ("aud", "iss", "exp", "iat", "nbf", "jti")


class SignedAuthenticationRequests:
    """Opens signed requests; each is good once."""

    def __init__(self, issuer: str, tokens: ForeignTokens, keys: ClientKeys, marks: ReplayMarks, clock: Clock) -> None:
        self._issuer = issuer
        self._tokens = tokens
        self._keys = keys
        self._marks = marks
        self._clock = clock

    async def open(self, client: Client, token: str) -> Mapping[str, Any]:
        """The claims of a request that this client signed for us. Raises `InvalidRequestError` (section 13)."""
        try:
            unverified = self._tokens.read(token)
            claims = (await self._keys.verify(client, unverified, signing_algorithms(client))).claims
        except UnreadableTokenError as error:
            raise InvalidRequestError("The signed request does not hold.", reason=f"request: {error}") from error
        # Section 7.1.1: the claims aud, iss, exp, iat, nbf and jti are all required.
        if any(not claims.get(name) for name in _REQUIRED):
            raise InvalidRequestError("The signed request needs aud, iss, exp, iat, nbf and jti.")
        moments = _moments(claims)
        await self._use(client, claims["jti"], moments)
        self._check_parties(client, claims)
        self._check_times(moments)
        return claims

    async def _use(self, client: Client, identifier: object, moments: Mapping[str, float]) -> None:
        """Claim the `jti` before anything else is looked at."""
        if not isinstance(identifier, str) or len(identifier) > LONGEST_IDENTIFIER:
            raise InvalidRequestError("The jti of the signed request is malformed.")
        # Nobody remembers for longer than a request may be good.
        good_until = min(int(moments["exp"]), self._clock.now() + LONGEST_LIFE + CLOCK_TOLERANCE)
        try:
            await self._marks.use(_MARK, client.client_id, identifier, int(moments["iat"]), good_until)
        except ReplayedError as error:
            raise InvalidRequestError("The signed request was used before.") from error

    def _check_parties(self, client: Client, claims: Mapping[str, Any]) -> None:
        # Section 7.1.1, iss: the client identifier.
        if claims["iss"] != client.client_id:
            raise InvalidRequestError("The iss of the signed request is not the client.")
        # Section 7.1.1, aud: the issuer identifier of this provider is the audience, or one of several.
        audience = claims["aud"]
        if self._issuer not in (audience if isinstance(audience, list) else [audience]):
            raise InvalidRequestError("The aud of the signed request is not this issuer.")

    def _check_times(self, moments: Mapping[str, float]) -> None:
        now = self._clock.now()
        if now >= moments["exp"]:
            raise InvalidRequestError("The signed request has expired.")
        if max(moments["nbf"], moments["iat"]) > now + CLOCK_TOLERANCE:
            raise InvalidRequestError("The signed request is not valid yet.")
        # FAPI-CIBA section 5.2.2: exp at most 60 minutes after nbf, and nbf at most 60 minutes in the past.
        if moments["exp"] - moments["nbf"] > LONGEST_LIFE or now - moments["nbf"] > LONGEST_LIFE:
            raise InvalidRequestError("The signed request is good for more than an hour.")


def signing_algorithms(client: Client) -> frozenset[str]:
    """What the client's requests may be signed by: the registered algorithm; for FAPI clients without one, any."""
    allowed = client.policy.signing_algorithms
    if client.ciba_request_algorithm is None:
        # Section 4: "If omitted, the Client will not send signed authentication requests."
        return allowed if client.policy.bounds_request_objects else frozenset()
    return allowed & {client.ciba_request_algorithm}


def signs_always(client: Client) -> bool:
    """Whether an unsigned request is refused (section 4; FAPI-CIBA section 5.2.2)."""
    return client.ciba_request_algorithm is not None or client.policy.bounds_request_objects


def _moments(claims: Mapping[str, Any]) -> Mapping[str, float]:
    try:
        read = {name: read_numeric_date(claims, name) for name in ("exp", "iat", "nbf")}
    except MalformedNumericDateError as error:
        raise InvalidRequestError(f"The {error.claim} of the signed request is not a time.") from error
    return {name: moment for name, moment in read.items() if moment is not None}
