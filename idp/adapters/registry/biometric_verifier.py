"""The biometric verifier over HTTP. Its outcomes are JWS (RFC 7515) under keys that the operator gave us."""

import base64
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from idp.adapters.registry.service_calls import ServiceCalls, ServiceSilentError
from idp.domain.enrolment.biometric_check import CheckOutcome, Verdict
from idp.domain.ids import Seconds
from idp.ports.biometric_verifier import StartedCheck, UntrustedOutcomeError, VerifierUnavailableError
from idp.ports.clock import CLOCK_TOLERANCE, Clock
from idp.ports.foreign_tokens import ForeignTokens, Jwk
from idp.ports.keys import UnreadableTokenError

CHECKS: Final = "/api/checks"
OUTCOMES: Final = "/api/outcomes"
TOKEN_TYPE: Final = "biometric-outcome+jwt"
OLDEST: Final = 30 * 60
"""Seconds that an outcome may lie back: as long as a person has for the whole journey."""

_ALGORITHMS: Final = frozenset({"ES256", "EdDSA", "Ed25519", "PS256"})
_LONGEST_ADDRESS: Final = 2048


class _Signed(msgspec.Struct, frozen=True):
    """Claims of a signed outcome."""

    iss: str
    aud: str
    sub: str
    iat: int
    portrait_digest: str
    verdict: Verdict
    score_class: str
    live: bool
    chip_verified: bool


class HttpBiometricVerifier:
    """Implements `BiometricVerifier` on the service at `url`; `audience` is our issuer."""

    def __init__(
        self,
        url: str,
        audience: str,
        calls: ServiceCalls,
        tokens: ForeignTokens,
        keys: Sequence[Jwk],
        clock: Clock,
        *,
        name: str = "",
    ) -> None:
        self._url = url
        self._audience = audience
        self._calls = calls
        self._tokens = tokens
        self._keys = keys
        self._clock = clock
        self._name = name or urlsplit(url).hostname or ""

    @property
    def origin(self) -> str:
        return _origin(self._url)

    @property
    def name(self) -> str:
        return self._name

    async def start(self, portrait: str, return_to: str, locale: str) -> StartedCheck:
        asked = {"portrait": portrait, "return_to": return_to, "locale": locale}
        try:
            answer = await self._calls.send(f"{self._url}{CHECKS}", asked)
            started = msgspec.convert(answer, StartedCheck)
        except ServiceSilentError as silent:
            raise VerifierUnavailableError(silent.retry_after) from silent
        except msgspec.ValidationError as error:
            raise VerifierUnavailableError from error
        if not _is_address(started.address) or _origin(started.address) != self.origin:
            raise VerifierUnavailableError
        return started

    async def outcome(self, check_id: str) -> CheckOutcome | None:
        try:
            answer = await self._calls.read(f"{self._url}{OUTCOMES}", {"check_id": check_id})
        except ServiceSilentError as silent:
            raise VerifierUnavailableError(silent.retry_after) from silent
        token = answer.get("outcome")
        if token is None:
            return None
        return self._believed(token, check_id)

    def _believed(self, token: Any, check_id: str) -> CheckOutcome:  # noqa: ANN401 - whatever the service sent
        """Raises `UntrustedOutcomeError` unless the verifier says this to us, now, about this check."""
        if not isinstance(token, str):
            raise UntrustedOutcomeError("not a token")
        signed = self._signed(token)
        now = self._clock.now()
        if (signed.iss, signed.aud, signed.sub) != (self._url, self._audience, check_id):
            raise UntrustedOutcomeError("of another verifier, for another provider or about another check")
        if not now - OLDEST <= signed.iat <= now + CLOCK_TOLERANCE:
            raise UntrustedOutcomeError("old, or of the future")
        return CheckOutcome(
            check_id=check_id,
            portrait_digest=signed.portrait_digest,
            verdict=signed.verdict,
            score_class=signed.score_class,
            live=signed.live,
            chip_verified=signed.chip_verified,
            verifier=urlsplit(self._url).hostname or "",
            at=Seconds(signed.iat),
            evidence_digest=digest_of(token),
        )

    def _signed(self, token: str) -> _Signed:
        try:
            read = self._tokens.read(token)
            verified = self._tokens.verify(read, self._keys, _ALGORITHMS)
        except UnreadableTokenError as error:
            raise UntrustedOutcomeError("not signed by the verifier") from error
        if verified.header.get("typ") != TOKEN_TYPE:
            raise UntrustedOutcomeError("signed for something else")
        return _claims(verified.claims)


def digest_of(text: str) -> str:
    """SHA-256, base64url without padding."""
    return base64.urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode("ascii")


def _claims(claims: Mapping[str, Any]) -> _Signed:
    try:
        return msgspec.convert(claims, _Signed)
    except msgspec.ValidationError as error:
        raise UntrustedOutcomeError("malformed") from error


def _is_address(text: str) -> bool:
    return len(text) <= _LONGEST_ADDRESS and text.isascii() and text.isprintable() and " " not in text


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
