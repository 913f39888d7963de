"""RFC 9449 section 4: proofs in the `DPoP` header that the sender holds a key, and section 8: the nonces in them.

A nonce is a code over the window of time that it is given in: every node knows it, none has to remember it. It is good
in its own window and the next; one window ahead as well, since the clocks of nodes differ.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Final

from idp.domain.clients.client_policy import ProfilePolicy
from idp.ports.clock import CLOCK_TOLERANCE, Clock
from idp.ports.foreign_tokens import ForeignTokens, UnverifiedToken, VerifiedToken
from idp.ports.keys import SubjectKeys, UnreadableTokenError
from idp.protocol.errors import InvalidDpopProofError, UseDpopNonceError
from idp.protocol.numeric_date import MalformedNumericDateError, read_numeric_date
from idp.protocol.replay_marks import LONGEST_IDENTIFIER, ReplayedError, ReplayMarks
from idp.protocol.senders.dpop_target import is_same_target
from idp.protocol.senders.possession import Possession

TOKEN_TYPE: Final = "dpop+jwt"
SIGNING_ALGORITHMS: Final = ("ES256", "EdDSA", "Ed25519", "PS256")
"""What may sign a proof: proofs are made by new software, so that none needs RSA in its old padding."""

AGE: Final = CLOCK_TOLERANCE
"""Seconds that a proof's `iat` may lie behind or ahead of our clock. FAPI 2.0 section 5.3.2.1 asks for at least 10 s
ahead, and for less than 60."""

NONCE_WINDOW: Final = 180
"""Seconds in which every nonce given is the same."""

_ALGORITHMS: Final = frozenset(SIGNING_ALGORITHMS)
_MARK: Final = "dpop"
_PURPOSE: Final = "dpop-nonce"


class DpopNonces:
    """Makes and knows the nonces of this provider."""

    def __init__(self, keys: SubjectKeys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._window = -1
        self._near: tuple[str, ...] = ()

    def current(self) -> str:
        """Return the nonce to be used from now on."""
        return self._around_now()[1]

    def holds(self, nonce: str) -> bool:
        """Return whether a nonce is one of ours and not too old."""
        presented = nonce.encode(errors="surrogatepass")
        return sum(compare_digest(presented, known.encode()) for known in self._around_now()) > 0

    def _around_now(self) -> tuple[str, ...]:
        window = self._clock.now() // NONCE_WINDOW
        if window != self._window:
            near = (window - 1, window, window + 1)
            self._near = tuple(self._keys.tag(_PURPOSE, str(each)) for each in near)
            self._window = window
        return self._near


class DpopProofs:
    """Verifies proofs; each is good once."""

    def __init__(self, tokens: ForeignTokens, marks: ReplayMarks, nonces: DpopNonces, clock: Clock) -> None:
        self._tokens = tokens
        self._marks = marks
        self._nonces = nonces
        self._clock = clock

    async def verify(self, shown: Possession, policy: ProfilePolicy, *, access_token: str | None = None) -> str:
        """Return the thumbprint (RFC 7638, SHA-256) of the key that the sender of a request proved to hold.

        `policy` is the client's; `access_token` goes with the request where it is one to a resource. Raises
        `UseDpopNonceError`, and `InvalidDpopProofError` for everything else that RFC 9449 section 4.3 refuses.
        """
        # Section 4.3: "There is not more than one DPoP HTTP request header field."
        if len(shown.proofs) != 1:
            raise InvalidDpopProofError(reason="not exactly one proof")
        try:
            token = self._tokens.read(shown.proofs[0])
            _check_type(token)
            # "The alg JOSE Header Parameter indicates a registered asymmetric digital signature algorithm, is not none,
            # is supported by the application, and is acceptable per local policy." "The JWT signature verifies with the
            # public key contained in the jwk JOSE Header Parameter."
            proof, thumbprint = self._tokens.verify_by_own_key(token, policy.signing_algorithms & _ALGORITHMS)
        except UnreadableTokenError as error:
            raise InvalidDpopProofError(reason=f"proof: {error}") from error
        self._check_request(proof, shown, access_token)
        issued_at = self._check_time(proof)
        self._check_nonce(proof.claims, policy)
        await self._use(thumbprint, _identifier(proof), issued_at)
        return thumbprint

    def _check_request(self, proof: VerifiedToken, shown: Possession, access_token: str | None) -> None:
        # "The htm claim matches the HTTP method of the current request."
        if proof.claims.get("htm") != shown.method:
            raise InvalidDpopProofError(reason="proof for another method")
        target = proof.claims.get("htu")
        # "The htu claim matches the HTTP URI value for the HTTP request in which the JWT was received, ignoring any
        # query and fragment parts."
        if not isinstance(target, str) or not is_same_target(target, shown.url):
            raise InvalidDpopProofError(reason="proof for another address")
        # "If presented to a protected resource in conjunction with an access token, ensure that the value of the ath
        # claim equals the hash of that access token".
        if access_token is not None and proof.claims.get("ath") != access_token_hash(access_token):
            raise InvalidDpopProofError(reason="proof for another access token")

    def _check_time(self, proof: VerifiedToken) -> float:
        now, issued_at = self._clock.now(), _moment(proof, "iat")
        if issued_at is None:
            raise InvalidDpopProofError(reason="proof without iat")
        # "The creation time of the JWT, as determined by either the iat claim or a server managed timestamp via the
        # nonce claim, is within an acceptable window".
        if abs(now - issued_at) > AGE:
            raise InvalidDpopProofError(reason="proof of another time")
        # RFC 7519 sections 4.1.4 and 4.1.5 hold for whoever puts these in, although a proof needs neither.
        not_before, expires_at = _moment(proof, "nbf"), _moment(proof, "exp")
        if (not_before or 0) > now + AGE or (expires_at is not None and expires_at <= now):
            raise InvalidDpopProofError(reason="proof of another time")
        return issued_at

    def _check_nonce(self, claims: Mapping[str, Any], policy: ProfilePolicy) -> None:
        nonce = claims.get("nonce")
        if nonce is None and not policy.demands_proof_nonce:
            return
        # "If the server provided a nonce value to the client, the nonce claim matches the server-provided nonce value."
        if not isinstance(nonce, str) or not self._nonces.holds(nonce):
            raise UseDpopNonceError(self._nonces.current())

    async def _use(self, thumbprint: str, identifier: str, issued_at: float) -> None:
        # Section 11.1: "servers can store, in the context of the target URI, the jti value of each DPoP proof for the
        # time window in which the respective DPoP proof JWT would be accepted".
        try:
            await self._marks.use(_MARK, thumbprint, identifier, int(issued_at), int(issued_at) + AGE + 1)
        except ReplayedError as error:
            raise InvalidDpopProofError(reason=f"proof: {error}") from error


def access_token_hash(access_token: str) -> str:
    """Return the value of `ath` (section 4.2): base64url of the SHA-256 of the token."""
    return urlsafe_b64encode(sha256(access_token.encode()).digest()).rstrip(b"=").decode()


def _check_type(token: UnverifiedToken) -> None:
    # "The typ JOSE Header Parameter has the value dpop+jwt."
    if token.header.get("typ") != TOKEN_TYPE:
        raise InvalidDpopProofError(reason="another type of token")


def _moment(proof: VerifiedToken, name: str) -> float | None:
    try:
        return read_numeric_date(proof.claims, name)
    except MalformedNumericDateError as error:
        raise InvalidDpopProofError(reason=f"proof: {error}") from error


def _identifier(proof: VerifiedToken) -> str:
    identifier: Any = proof.claims.get("jti")
    # "All required claims per Section 4.2 are contained in the JWT."
    if not isinstance(identifier, str) or not 0 < len(identifier) <= LONGEST_IDENTIFIER:
        raise InvalidDpopProofError(reason="proof without jti")
    return identifier
