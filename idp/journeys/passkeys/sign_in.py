"""Signing in with a passkey: first of all, when it tells who stands there, or as one more proof of somebody known.

A passkey holds two factors: it is had, and it was unlocked by something known or by a feature of the body; which of the
two is not told (`domain.levels.assurance`).
"""

from asyncio import gather

from idp.domain.accounts.account import Account
from idp.domain.authenticators.passkey import Passkey
from idp.domain.events import PasskeyAccepted, PasskeyRefused
from idp.domain.ids import AccountId
from idp.domain.levels.assurance import Level, Method, Proof
from idp.domain.values import dataclass
from idp.journeys.admission import obstacle as obstacle_of
from idp.journeys.attempt import Attempt, Loaded
from idp.journeys.floods import Floods
from idp.journeys.passkeys.challenges import PasskeyChallenges, Purpose, WrongChallengeError
from idp.journeys.passkeys.refusals import PasskeyNotAcceptedError, PasskeyUnknownError
from idp.journeys.refusals import RefusedError
from idp.journeys.risk.assessment import RiskAssessment
from idp.journeys.throttling import SlowDownError, Throttles, Throttling
from idp.journeys.visitor import KnownDevices, Visitor
from idp.ports.accounts import Accounts
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock
from idp.ports.passkey_ceremonies import CeremonyRefusedError, PasskeyCeremonies, UnverifiedAssertion
from idp.ports.passkeys import Passkeys

LONGEST_ANSWER = 16_384
"""Characters of what a browser sends for an assertion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeySignInParts:
    """What signing in needs from outside."""

    passkeys: Passkeys
    ceremonies: PasskeyCeremonies
    challenges: PasskeyChallenges
    accounts: Accounts
    throttling: Throttling
    devices: KnownDevices
    risk: RiskAssessment
    floods: Floods
    audit: AuditTrail
    clock: Clock


class _NoProofError(Exception):
    """Why nothing is proved: `reason` for the audit record, `refusal` for the person, `passkey` where it is known."""

    def __init__(self, reason: str, refusal: RefusedError, passkey: Passkey | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.refusal = refusal
        self.passkey = passkey


class PasskeySignIn:
    """Accepts passkeys for attempts."""

    def __init__(self, parts: PasskeySignInParts) -> None:
        self._parts = parts

    def options(self, attempt: Attempt) -> str:
        """What the first page asks authenticators: any passkey of this provider, so that nobody types a name."""
        return self._parts.ceremonies.request_options(self._parts.challenges.issue(Purpose.SIGN_IN, attempt.attempt_id))

    async def options_of_known(self, attempt: Attempt) -> str:
        """What is asked of somebody whose account is known: one of the account's passkeys."""
        passkeys = await self._parts.passkeys.of_account(attempt.known_account)
        challenge = self._parts.challenges.issue(Purpose.STEP_UP, attempt.attempt_id)
        return self._parts.ceremonies.request_options(challenge, passkeys)

    async def submit(self, loaded: Loaded, answer: str, visitor: Visitor) -> Loaded:
        """The attempt of whoever the passkey belongs to, with it proved; who was known before does not matter.

        Raises a `RefusedError` or `SlowDownError`.
        """
        return await self._submit(loaded, answer, visitor, Purpose.SIGN_IN)

    async def submit_of_known(self, loaded: Loaded, answer: str, visitor: Visitor) -> Loaded:
        """The attempt with a passkey of its account proved. Raises a `RefusedError` or `SlowDownError`."""
        return await self._submit(loaded, answer, visitor, Purpose.STEP_UP)

    async def _submit(self, loaded: Loaded, answer: str, visitor: Visitor, purpose: Purpose) -> Loaded:
        parts, attempt = self._parts, loaded.attempt
        known = attempt.known_account if purpose is Purpose.STEP_UP else None
        throttles: Throttles = ()
        try:
            assertion = self._read(answer)
            throttles = await self._look(attempt, assertion, known, visitor)
            await parts.challenges.use(purpose, attempt.attempt_id, assertion.challenge)
            passkey = await self._find(assertion, known)
            account, method = await self._accepted(attempt, assertion, passkey, visitor, discovered=known is None)
        except WrongChallengeError as wrong:
            await gather(self._count(throttles), self._refused(attempt, wrong.reason, visitor))
            raise
        except _NoProofError as none:
            await gather(self._count(throttles), self._refused(attempt, none.reason, visitor, none.passkey))
            raise none.refusal from none
        changed = attempt.identified(account).proved(Proof(method, parts.clock.now()))
        return loaded.moved(await parts.risk.assess(attempt, changed, visitor))

    async def _look(
        self, attempt: Attempt, assertion: UnverifiedAssertion, known: AccountId | None, visitor: Visitor
    ) -> Throttles:
        """Where a try counts if it is in vain: what is signed cannot be guessed, and still costs something to look at.

        The owner is not believed yet; naming one only finds the bucket of a browser that signed in as that owner.
        """
        parts, handle = self._parts, assertion.user_handle or b""
        claimed = known or AccountId(handle.decode("ascii", "replace"))
        device = parts.devices.recognise(visitor.device, claimed, Level.TWO)
        throttles = parts.throttling.for_passkeys(visitor.origin.source, known_device=device)
        try:
            await parts.throttling.look(throttles, parts.clock.now())
        except SlowDownError:
            await self._refused(attempt, "throttled", visitor)
            raise
        return throttles

    async def _count(self, throttles: Throttles) -> None:
        await self._parts.throttling.count(throttles, self._parts.clock.now())

    def _read(self, answer: str) -> UnverifiedAssertion:
        if len(answer) > LONGEST_ANSWER:
            raise _NoProofError("malformed", PasskeyNotAcceptedError())
        try:
            return self._parts.ceremonies.read_assertion(answer)
        except CeremonyRefusedError as refused:
            raise _NoProofError(refused.reason, PasskeyNotAcceptedError()) from refused

    async def _find(self, assertion: UnverifiedAssertion, known: AccountId | None) -> Passkey:
        passkey = await self._parts.passkeys.find(assertion.credential_id)
        if passkey is None:
            raise _NoProofError("unknown", PasskeyUnknownError())
        if known is not None and passkey.account_id != known:
            raise _NoProofError("somebody_elses", PasskeyUnknownError())
        # WebAuthn section 7.2 step 6: the handle names the owner; it has to be there where nobody was named before.
        handle = assertion.user_handle
        if handle != passkey.account_id.encode() and (handle is not None or known is None):
            raise _NoProofError("user_handle", PasskeyNotAcceptedError(), passkey)
        return passkey

    async def _accepted(
        self,
        attempt: Attempt,
        assertion: UnverifiedAssertion,
        passkey: Passkey,
        visitor: Visitor,
        *,
        discovered: bool,
    ) -> tuple[Account, Method]:
        parts, now = self._parts, self._parts.clock.now()
        try:
            verified = parts.ceremonies.verify_assertion(assertion, passkey)
        except CeremonyRefusedError as refused:
            raise _NoProofError(refused.reason, PasskeyNotAcceptedError(), passkey) from refused
        account = await parts.accounts.get(passkey.account_id)
        if account is None:
            raise _NoProofError("unknown", PasskeyUnknownError())
        obstacle = obstacle_of(account, attempt.audience)
        if obstacle:
            raise _NoProofError(type(obstacle).__name__, obstacle, passkey)
        method = self._method_of(passkey)
        event = PasskeyAccepted(
            origin=visitor.origin,
            account_id=account.account_id,
            passkey_id=passkey.passkey_id,
            method=method,
            discovered=discovered,
            client_id=attempt.client_id,
        )
        if not await parts.passkeys.accept_use(
            passkey.passkey_id, sign_count=verified.sign_count, backed_up=verified.backed_up, now=now, event=event
        ):
            raise _NoProofError("counter", PasskeyNotAcceptedError(), passkey)
        return account, method

    def _method_of(self, passkey: Passkey) -> Method:
        """What it proves today: hardware of a model that was broken since protects nothing."""
        if passkey.method is Method.SECURITY_KEY and not self._parts.ceremonies.is_trusted(
            passkey.aaguid, self._parts.clock.now()
        ):
            return Method.PASSKEY
        return passkey.method

    async def _refused(self, attempt: Attempt, reason: str, visitor: Visitor, passkey: Passkey | None = None) -> None:
        event = PasskeyRefused(
            origin=visitor.origin,
            reason=reason,
            account_id=passkey.account_id if passkey else attempt.account_id,
            passkey_id=passkey.passkey_id if passkey else None,
            client_id=attempt.client_id,
        )
        if passkey is None:
            await self._parts.floods.record("passkey", reason, event)
        else:
            await self._parts.audit.record(event)
