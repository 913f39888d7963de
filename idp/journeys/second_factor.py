"""The second step: a one-time code (RFC 6238), or a recovery code in its place."""

from base64 import b32decode, b32encode
from hmac import compare_digest

import pyotp

from idp.domain.accounts.account import TIME_STEP, Authenticator, AuthenticatorKind
from idp.domain.events import SecondFactorAccepted, SecondFactorRefused
from idp.domain.ids import AccountId
from idp.domain.levels.assurance import Level, Method, Proof
from idp.journeys.attempt import Attempt, Loaded
from idp.journeys.recovery_codes import recovery_code_hash
from idp.journeys.refusals import CodeUsedError, RefusedError, WrongCodeError, WrongRecoveryCodeError
from idp.journeys.throttling import SlowDownError, Throttles, Throttling
from idp.journeys.visitor import KnownDevices, Visitor
from idp.ports.accounts import Authenticators
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock
from idp.ports.keys import SubjectKeys

_SHORTEST_KEY = 20
"""Bytes."""


def matching_step(secret: str, code: str, now: int) -> int | None:
    """The time step that the code belongs to, at most one step before or after now; None when there is none."""
    totp = pyotp.TOTP(_lengthened(secret), interval=TIME_STEP)
    current = now // TIME_STEP
    matched = None
    for step in (current - 1, current, current + 1):
        if compare_digest(totp.generate_otp(step).encode(), code.encode()):
            matched = step
    return matched


def _lengthened(secret: str) -> str:
    """The same key for HMAC, long enough for the library.

    Imported secrets may have 80 bits, the length that authenticator apps long made; pyotp takes no fewer than 112. HMAC
    itself fills a short key with zero bytes (RFC 2104 section 2), so adding them changes no code.
    """
    key = b32decode(secret + "=" * (-len(secret) % 8), casefold=True)
    return b32encode(key.ljust(_SHORTEST_KEY, b"\x00")).decode()


def digits_of(code: str) -> str:
    """A code as typed, without the spaces that people put into it."""
    return "".join(code.split())[:16]


class SecondFactorStep:
    """Checks a second factor for an attempt whose account is known."""

    def __init__(
        self,
        *,
        authenticators: Authenticators,
        throttling: Throttling,
        devices: KnownDevices,
        keys: SubjectKeys,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._authenticators = authenticators
        self._throttling = throttling
        self._devices = devices
        self._keys = keys
        self._audit = audit
        self._clock = clock

    async def submit_one_time_code(self, loaded: Loaded, typed: str, visitor: Visitor) -> Loaded:
        """The attempt with the code proved. Raises `WrongCodeError`, `CodeUsedError` or `SlowDownError`."""
        account_id = loaded.attempt.known_account
        apps = await self._apps(account_id)
        throttles = await self._take(loaded.attempt, len(apps), Method.ONE_TIME_CODE, visitor)
        accepted = SecondFactorAccepted(
            origin=visitor.origin,
            account_id=account_id,
            method=Method.ONE_TIME_CODE,
            client_id=loaded.attempt.client_id,
        )
        refusal: RefusedError = WrongCodeError()
        for authenticator in apps:
            step = matching_step(authenticator.secret, digits_of(typed), self._clock.now())
            if step is None:
                continue
            if await self._authenticators.accept_time_step(authenticator.authenticator_id, step, accepted):
                await self._throttling.give_back(throttles)
                return self._proved(loaded, Method.ONE_TIME_CODE)
            refusal = CodeUsedError()
        await self._refused(loaded.attempt, account_id, Method.ONE_TIME_CODE, type(refusal).__name__, visitor)
        raise refusal

    async def submit_recovery_code(self, loaded: Loaded, typed: str, visitor: Visitor) -> Loaded:
        """The attempt with a recovery code used up. Raises `WrongRecoveryCodeError` or `SlowDownError`."""
        account_id = loaded.attempt.known_account
        apps = await self._apps(account_id)
        throttles = await self._take(loaded.attempt, len(apps), Method.RECOVERY_CODE, visitor)
        accepted = SecondFactorAccepted(
            origin=visitor.origin,
            account_id=account_id,
            method=Method.RECOVERY_CODE,
            client_id=loaded.attempt.client_id,
        )
        hashed = recovery_code_hash(self._keys, account_id, typed)
        if not await self._authenticators.use_recovery_code(account_id, hashed, self._clock.now(), accepted):
            await self._refused(loaded.attempt, account_id, Method.RECOVERY_CODE, "wrong", visitor)
            raise WrongRecoveryCodeError
        await self._throttling.give_back(throttles)
        return self._proved(loaded, Method.RECOVERY_CODE)

    async def _apps(self, account_id: AccountId) -> list[Authenticator]:
        enrolled = await self._authenticators.enrolled(account_id)
        return [one for one in enrolled if one.kind is AuthenticatorKind.ONE_TIME_CODE]

    async def _take(self, attempt: Attempt, apps: int, method: Method, visitor: Visitor) -> Throttles:
        account_id = attempt.known_account
        device = self._devices.recognise(visitor.device, account_id, Level.TWO)
        throttles = self._throttling.for_second_factor(account_id, known_device=device, apps=apps)
        try:
            await self._throttling.take(throttles, self._clock.now())
        except SlowDownError:
            await self._refused(attempt, account_id, method, "throttled", visitor)
            raise
        return throttles

    def _proved(self, loaded: Loaded, method: Method) -> Loaded:
        return loaded.moved(loaded.attempt.proved(Proof(method, self._clock.now())))

    async def _refused(
        self, attempt: Attempt, account_id: AccountId, method: Method, reason: str, visitor: Visitor
    ) -> None:
        event = SecondFactorRefused(
            origin=visitor.origin, account_id=account_id, method=method, reason=reason, client_id=attempt.client_id
        )
        await self._audit.record(event)
