"""The risk of a sign-in, assessed once when its first factor is right, and remembered when it is over."""

from dataclasses import replace
from typing import Final

from idp.domain.abuse.attack import AttackLevel, Readings
from idp.domain.abuse.risk import Risk
from idp.domain.abuse.risk_signals import Circumstances, PastSignIn, risk_of, signals_of
from idp.domain.events import Event, NewDeviceSignedIn, SignInAssessed
from idp.journeys.abuse.meters import Meters
from idp.journeys.attempt import Attempt
from idp.journeys.sessions import CurrentSession
from idp.journeys.visitor import KnownDevices, Visitor
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock
from idp.ports.errors import StoreUnavailableError
from idp.ports.sign_in_history import SignInHistory

STALE: Final = 3600
"""Seconds after which a sign-in on the same device in the same network is remembered anew."""


class RiskAssessment:
    """Compares a sign-in with those before it."""

    def __init__(
        self,
        history: SignInHistory,
        meters: Meters,
        devices: KnownDevices,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._history = history
        self._meters = meters
        self._devices = devices
        self._audit = audit
        self._clock = clock

    async def assess(
        self, before: Attempt, attempt: Attempt, visitor: Visitor, *told: Event, readings: Readings | None = None
    ) -> Attempt:
        """The attempt with its risk, if its first factor has just been right; as it is otherwise.

        It is stored with the proof, by whoever asks: nobody finds the one without the other. Inside a session nothing
        is assessed: it stands on this very browser. `told` is recorded together with what is found; `readings` are what
        the meters said when the try was admitted, if anybody asked them.
        """
        found = await self._found(attempt, visitor, readings) if _has_just_begun(before, attempt) else None
        await self._audit.record(*told, *([found] if found else []))
        return replace(attempt, risk=Risk[found.risk.upper()]) if found else attempt

    async def _found(self, attempt: Attempt, visitor: Visitor, readings: Readings | None) -> SignInAssessed | None:
        """What speaks for or against the owner; None where nothing does.

        Without a place a known device has no signal that counts, so that nothing is read for it.
        """
        device = self._devices.recognise(visitor.device, attempt.known_account)
        if device is not None and visitor.place is None:
            return None
        now = self._clock.now()
        past = await self._history.of_account(attempt.known_account)
        if readings is None or device is not None:
            readings = await self._readings(attempt, visitor, is_known=device is not None)
        found = Circumstances(
            now=now,
            device=device,
            network=visitor.network,
            place=visitor.place,
            failures=readings.account,
            under_attack=readings.level is AttackLevel.ATTACKED,
        )
        signals = signals_of(past, found)
        if not signals:
            return None
        return SignInAssessed(
            origin=visitor.origin,
            account_id=attempt.known_account,
            risk=risk_of(signals).name.lower(),
            signals=tuple(sorted(signals)),
            place=visitor.place.code if visitor.place else None,
            client_id=attempt.client_id,
        )

    async def signed_in(self, current: CurrentSession, visitor: Visitor, device: str | None) -> None:
        """Remember from where; an event says so when the device is a new one. Nobody's sign-in fails for it.

        `device` names the browser from now on; `visitor.device` is the cookie that it came with.
        """
        account_id, now = current.account.account_id, self._clock.now()
        sign_in = PastSignIn(account_id, device or "", visitor.network, now, visitor.place)
        try:
            past = await self._history.of_account(account_id)
            news: list[Event] = []
            if past and self._devices.recognise(visitor.device, account_id) is None:
                place = visitor.place.code if visitor.place else None
                news.append(
                    NewDeviceSignedIn(
                        origin=visitor.origin, account_id=account_id, session_id=current.session.session_id, place=place
                    )
                )
            if news or not any(_is_same(one, sign_in) and now - one.at < STALE for one in past):
                await self._history.add(sign_in, *news)
        except StoreUnavailableError:
            return

    async def _readings(self, attempt: Attempt, visitor: Visitor, *, is_known: bool) -> Readings:
        """What the meters say; a known device is not asked, since no combination needs it there."""
        if is_known:
            return Readings()
        return await self._meters.read(self._meters.of(attempt.known_account, visitor), self._clock.now())


def _has_just_begun(before: Attempt, attempt: Attempt) -> bool:
    if attempt.account_id is None or not attempt.proofs or attempt.base_session is not None:
        return False
    return before.account_id != attempt.account_id or not before.proofs


def _is_same(one: PastSignIn, other: PastSignIn) -> bool:
    return (one.device, one.network, one.place) == (other.device, other.network, other.place)
