"""OpenID Connect Back-Channel Logout 1.0 sections 2.4 to 2.8: logout tokens, and seeing to it that they arrive."""

from typing import Final

from idp.domain.clients.client import Client
from idp.domain.events import LogoutAbandoned, LogoutDelivered, Origin
from idp.domain.ids import RequestId, Seconds
from idp.domain.values import dataclass
from idp.journeys.courier import LONGEST_REST, Courier
from idp.ports.clients import Clients
from idp.ports.clock import Clock, Entropy
from idp.ports.http import FormPosting, OutgoingError
from idp.ports.keys import SubjectKeys, TokenSigner
from idp.ports.outbox import Outbox, PendingLogout
from idp.protocol.claims.subject import subject_identifier
from idp.protocol.errors import NoSigningKeyError, TemporarilyUnavailableError
from idp.protocol.tokens.encrypted_answers import EncryptedAnswers

TOKEN_LIFETIME: Final = 120
"""Seconds: long enough for clocks that differ, too short to be of use to whoever finds one later (section 4)."""

# Section 2.4: the explicit type, so that nobody takes it for an ID token.
TOKEN_TYPE: Final = "logout+jwt"
EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"

FIRST_DELAY: Final = 5
LONGEST_DELAY: Final = 3_600
GIVE_UP_AFTER: Final = 86_400
"""Seconds between tries, doubling from the first to the longest, and from the sign-out to the last one."""

MOST_REFUSALS: Final = 5
"""Tries at an endpoint that answers, but says no (4xx): asking again hardly helps."""

_MOST_DOUBLINGS: Final = 10
_SOURCE: Final = "outbox"


@dataclass(frozen=True, slots=True)
class Failure:
    """A delivery that did not succeed.

    `definite` when the endpoint itself refused, `silent` when it was not reached.
    """

    reason: str
    definite: bool = False
    silent: bool = False


class LogoutTokens:
    """Makes logout tokens."""

    def __init__(
        self,
        issuer: str,
        signer: TokenSigner,
        answers: EncryptedAnswers,
        keys: SubjectKeys,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._issuer = issuer
        self._signer = signer
        self._answers = answers
        self._keys = keys
        self._clock = clock
        self._entropy = entropy

    async def issue(self, client: Client, pending: PendingLogout) -> str:
        """Return a fresh token, signed, and encrypted where registered so, as the client's ID tokens are (section 2.6).

        Raises `TemporarilyUnavailableError` when no key of that algorithm was made yet, or the client publishes none.
        """
        now = self._clock.now()
        algorithm = client.id_token_signed_response_alg
        if not self._signer.can_sign(algorithm):
            raise NoSigningKeyError(reason=f"there is no key for {algorithm}")
        # Section 2.4: iss, aud, iat, exp, jti and events are REQUIRED, sub and sid one or both. "A nonce Claim MUST NOT
        # be present."
        claims = {
            "iss": self._issuer,
            "aud": client.client_id,
            "iat": now,
            "exp": now + TOKEN_LIFETIME,
            "jti": self._entropy.identifier(),
            "events": {EVENT: {}},
            "sub": subject_identifier(self._keys, client, pending.account_id),
        }
        # A client may remember that a session is over and take nobody from it again: one that goes on is not named,
        # unless the client registered that it cannot do without (section 2.2).
        if not pending.session_goes_on or client.backchannel_logout_session_required:
            claims["sid"] = self._keys.client_session_id(client.client_id, pending.session_id)
        signed = self._signer.sign(claims, algorithm=algorithm, token_type=TOKEN_TYPE)
        # Section 2.6: "If ID Token encryption was negotiated with the OP at Registration time and the Logout Token is
        # not encrypted, the RP SHOULD reject it."
        return await self._answers.seal(client, "id_token", signed)


class LogoutDelivery:
    """Delivers what waits in the outbox. Any number of processes may do so at once."""

    def __init__(self, outbox: Outbox, clients: Clients, tokens: LogoutTokens, http: FormPosting, clock: Clock) -> None:
        self._outbox = outbox
        self._clients = clients
        self._tokens = tokens
        self._http = http
        self._clock = clock
        self._courier = Courier(outbox.claim_due, self._deliver, lambda pending: pending.client_id, clock)

    async def deliver_due(self) -> int:
        """Try every message that is due, a few at once; return how many were tried (0: nothing to do now)."""
        return await self._courier.deliver_due()

    async def _deliver(self, pending: PendingLogout) -> None:
        client = await self._clients.get(pending.client_id)
        if client is None or client.disabled or client.backchannel_logout_uri is None:
            await self._abandon(pending, "the client has no logout endpoint any more")
            return
        if self._clock.now() > pending.created_at + GIVE_UP_AFTER:
            await self._abandon(pending, "not reachable")
            return
        failure = await self._send(client, client.backchannel_logout_uri, pending)
        if failure is None:
            event = LogoutDelivered(origin=_origin(pending), client_id=pending.client_id, attempts=pending.attempts)
            await self._outbox.delivered(pending.message_id, event)
        else:
            await self._failed(pending, failure)

    async def _send(self, client: Client, uri: str, pending: PendingLogout) -> Failure | None:
        try:
            # Section 2.5: an HTTP POST, form-encoded, with the parameter logout_token.
            answer = await self._http.post_form(uri, {"logout_token": await self._tokens.issue(client, pending)})
        except OutgoingError:
            return Failure("not reachable", silent=True)
        except TemporarilyUnavailableError as error:
            return Failure(error.reason)
        # Section 2.8: "the RP MUST respond with HTTP 200 OK. However, [...] some Web frameworks will substitute an HTTP
        # 204 No Content response [...]. Therefore, OPs should be prepared to also process it as a successful response."
        if answer.status in {200, 204}:
            return None
        is_refusal = 400 <= answer.status < 500  # noqa: PLR2004 -- the class of status codes
        return Failure(f"answered {answer.status}", definite=is_refusal)

    async def _failed(self, pending: PendingLogout, failure: Failure) -> None:
        now = self._clock.now()
        delay = min(FIRST_DELAY << min(pending.attempts - 1, _MOST_DOUBLINGS), LONGEST_DELAY)
        again_at = now + delay
        if failure.silent:
            # Each would wait as long for no answer.
            await self._outbox.put_off(pending.client_id, now, Seconds(now + min(delay, LONGEST_REST)))
        is_hopeless = failure.definite and pending.attempts >= MOST_REFUSALS
        if is_hopeless or again_at > pending.created_at + GIVE_UP_AFTER:
            await self._abandon(pending, failure.reason)
        else:
            await self._outbox.retry(pending.message_id, Seconds(again_at))

    async def _abandon(self, pending: PendingLogout, reason: str) -> None:
        event = LogoutAbandoned(
            origin=_origin(pending), client_id=pending.client_id, attempts=pending.attempts, reason=reason
        )
        await self._outbox.abandoned(pending.message_id, event)


def _origin(pending: PendingLogout) -> Origin:
    return Origin(request_id=RequestId(pending.message_id), source=_SOURCE)
