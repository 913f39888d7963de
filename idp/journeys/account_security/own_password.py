"""Changing one's own password: whoever knew the old one stays nowhere, and the person who changed it stays here."""

from typing import Final

from idp.domain.authenticators.new_password import RefusedPassword
from idp.domain.events import PasswordChanged, PasswordRefused
from idp.domain.levels.assurance import Level, Method, Proof
from idp.domain.levels.requirement import Need, Requirement
from idp.domain.values import dataclass
from idp.journeys.enrolled_factors import takes_two_factors
from idp.journeys.new_passwords import NewPasswords, known_of
from idp.journeys.refusals import WrongCredentialsError
from idp.journeys.sessions import CurrentSession
from idp.journeys.sign_in import SignIn
from idp.journeys.throttling import Throttling
from idp.journeys.visitor import KnownDevices, Visitor
from idp.ports.accounts import Accounts, Authenticators
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock
from idp.ports.keys import BusyError, PasswordHasher

FRESH: Final = 300
"""Seconds since two factors were proved within which the password in use is not asked for."""


class SessionOverError(Exception):
    """Every session of the account was ended meanwhile, this one too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPasswordParts:
    """What changing takes."""

    accounts: Accounts
    authenticators: Authenticators
    sign_in: SignIn
    passwords: NewPasswords
    hasher: PasswordHasher
    throttling: Throttling
    devices: KnownDevices
    audit: AuditTrail
    clock: Clock


class OwnPassword:
    """Changes the password of whoever is signed in."""

    def __init__(self, parts: OwnPasswordParts) -> None:
        self._parts = parts

    async def takes_two_factors(self, current: CurrentSession) -> bool:
        """Whether two factors are proved first: by whoever has a second one, or no password to show.

        Who knows the password alone would otherwise shut the owner out with a new one.
        """
        if current.account.password_hash is None:
            return True
        parts = self._parts
        return await takes_two_factors(parts.authenticators, current.account.account_id, parts.clock.now())

    async def asks_for_the_old(self, current: CurrentSession) -> bool:
        """Whether the password in use has to be typed: not by whoever proved two factors a moment ago."""
        need = await self._parts.sign_in.need(Requirement(Level.TWO, FRESH), current)
        return need is not Need.NOTHING

    async def change(self, current: CurrentSession, old: str, new: str, visitor: Visitor) -> CurrentSession | None:
        """Change it; the session that goes on in this browser, or None when all were ended once more meanwhile.

        Every other session, every grant and all trust in browsers ends, in one transaction with the password.
        Raises `WrongCredentialsError`, `SlowDownError`, `RefusedPassword`, `BusyError`, or `SessionOverError` when what
        the session stood on was ended while the old password was looked at: nothing was changed then.
        """
        parts, account = self._parts, current.account
        proofs = current.session.proofs
        if await self.asks_for_the_old(current):
            await self._check_old(current, old, visitor)
            others = tuple(proof for proof in proofs if proof.method is not Method.PASSWORD)
            proofs = (*others, Proof(Method.PASSWORD, parts.clock.now()))
        password_hash = await parts.passwords.hashed(new, known_of(await parts.accounts.profile(account.account_id)))
        if account.password_hash and await parts.hasher.verify(account.password_hash, new, known_device=True):
            raise RefusedPassword("password_same", "The password is the one in use.")
        event = PasswordChanged(origin=visitor.origin, account_id=account.account_id)
        now, stands = parts.clock.now(), account.sessions_valid_from
        changed = await parts.accounts.change_password(account.account_id, password_hash, now, event, valid_from=stands)
        if changed is None:
            raise SessionOverError
        if not changed.is_active:
            return None
        return await parts.sign_in.begin_again(changed, proofs, visitor)

    async def _check_old(self, current: CurrentSession, old: str, visitor: Visitor) -> None:
        """Raise unless this is the password in use; tries count as those of signing in do."""
        parts, account = self._parts, current.account
        device = parts.devices.recognise(visitor.device, account.account_id)
        throttles = parts.throttling.for_password(
            account.account_id, visitor.origin.source, visitor.network, known_device=device
        )
        await parts.throttling.take(throttles, parts.clock.now())
        try:
            right = await parts.hasher.verify(account.password_hash, old, known_device=device is not None)
        except BusyError:
            await parts.throttling.give_back(throttles)
            raise
        if not right:
            await parts.audit.record(
                PasswordRefused(origin=visitor.origin, reason="wrong", account_id=account.account_id)
            )
            raise WrongCredentialsError
        await parts.throttling.give_back(throttles)
