"""The first step of every sign-in: who are you, and your password."""

from asyncio import gather
from dataclasses import replace

from idp.domain.accounts.account import Account
from idp.domain.accounts.sign_in_identifier import parse_sign_in_identifier
from idp.domain.events import PasswordAccepted, PasswordRefused
from idp.domain.levels.assurance import Method, Proof
from idp.domain.refused_value import RefusedIdentifier
from idp.journeys.abuse.challenges import Bound, ShownWork, WorkFirstError
from idp.journeys.abuse.guard import Admitted, PasswordGuard
from idp.journeys.account_security.browser_trust import BrowserTrust
from idp.journeys.admission import obstacle
from idp.journeys.attempt import Attempt, Loaded
from idp.journeys.floods import Floods
from idp.journeys.refusals import WrongCredentialsError
from idp.journeys.risk.assessment import RiskAssessment
from idp.journeys.throttling import SlowDownError
from idp.journeys.visitor import KnownDevices, Visitor
from idp.ports.accounts import Accounts
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock
from idp.ports.keys import BusyError, PasswordHasher

NO_WORK = ShownWork()
LONGEST_PASSWORD = 1024
"""Bytes; more is refused before hashing."""


class PasswordStep:
    """Checks a password for an attempt."""

    def __init__(  # noqa: PLR0913 -- a composition point: each part by name
        self,
        *,
        accounts: Accounts,
        hasher: PasswordHasher,
        guard: PasswordGuard,
        devices: KnownDevices,
        audit: AuditTrail,
        floods: Floods,
        clock: Clock,
        trust: BrowserTrust,
        risk: RiskAssessment,
    ) -> None:
        self._accounts = accounts
        self._hasher = hasher
        self._guard = guard
        self._devices = devices
        self._audit = audit
        self._floods = floods
        self._clock = clock
        self._trust = trust
        self._risk = risk

    async def submit(
        self, loaded: Loaded, username: str, password: str, visitor: Visitor, work: ShownWork = NO_WORK
    ) -> Loaded:
        """The attempt with the password proved.

        Raises a `RefusedError`, `SlowDownError` (`WorkFirstError` while tries cost `work`) or `BusyError`.
        An unknown identifier costs the same work as a wrong password and is answered the same way.
        """
        identifier = _canonical(username)
        account = await self._accounts.find(identifier) if identifier else None
        device = self._devices.recognise(visitor.device, account.account_id if account else None)
        self._hasher.check_room(known_device=device is not None)
        person = account.account_id if account else identifier or username[:64]
        bound = Bound(loaded.attempt.attempt_id, loaded.attempt.browser)
        try:
            admitted = await self._guard.admit(bound, person, visitor, work, known_device=device)
        except WorkFirstError:
            raise
        except SlowDownError:
            await self._throttled(loaded.attempt, account, visitor)
            raise
        try:
            verified = await self._verify(account, password, known_device=device is not None)
        except BusyError:
            await self._guard.unanswered(admitted)
            raise
        if verified is None:
            await gather(
                self._guard.failed(admitted),
                self._refused(loaded.attempt, account, "wrong" if account else "unknown", visitor),
            )
            raise WrongCredentialsError
        hindrance = obstacle(verified, loaded.attempt.audience)
        if hindrance:
            refused = self._refused(loaded.attempt, verified, type(hindrance).__name__, visitor)
            await gather(self._guard.succeeded(admitted), refused)
            raise hindrance
        # Writes that do not depend on each other share one commit: each of its own costs as much as a page.
        moved, _ = await gather(self._proved(loaded, verified, visitor, admitted), self._guard.succeeded(admitted))
        return moved

    async def _verify(self, account: Account | None, password: str, *, known_device: bool) -> Account | None:
        stored = account.password_hash if account else None
        fits = len(password.encode()) <= LONGEST_PASSWORD and "\x00" not in password
        right = await self._hasher.verify(stored, password if fits else "", known_device=known_device)
        if not right or account is None or stored is None:
            return None
        if not fits:
            return None
        if self._hasher.needs_rehash(stored):
            await self._accounts.store_password_hash(account.account_id, stored, await self._hasher.hash(password))
        return account

    async def _proved(self, loaded: Loaded, account: Account, visitor: Visitor, admitted: Admitted) -> Loaded:
        attempt = loaded.attempt
        changed = attempt.identified(account).proved(Proof(Method.PASSWORD, self._clock.now()))
        if account.always_ask_second_factor:
            changed = replace(changed, trusted=await self._trust.is_trusted(account, visitor))
        accepted = PasswordAccepted(origin=visitor.origin, account_id=account.account_id, client_id=attempt.client_id)
        return loaded.moved(await self._risk.assess(attempt, changed, visitor, accepted, readings=admitted.readings))

    async def _throttled(self, attempt: Attempt, account: Account | None, visitor: Visitor) -> None:
        """Guessing goes on although it is refused: what is more than a few a second is counted."""
        account_id = account.account_id if account else None
        event = PasswordRefused(
            origin=visitor.origin, reason="throttled", account_id=account_id, client_id=attempt.client_id
        )
        await self._floods.record("sign-in", "throttled", event)

    async def _refused(self, attempt: Attempt, account: Account | None, reason: str, visitor: Visitor) -> None:
        account_id = account.account_id if account else None
        await self._audit.record(
            PasswordRefused(origin=visitor.origin, reason=reason, account_id=account_id, client_id=attempt.client_id)
        )


def _canonical(username: str) -> str:
    try:
        return parse_sign_in_identifier(username).canonical
    except RefusedIdentifier:
        return ""
