"""Getting back in with a code that an officer handed over who compared face and card."""

from dataclasses import replace
from typing import Final

from idp.domain.accounts.recovery import (
    COUNTER_CODE_LIVES,
    Credential,
    RecoveryRequest,
    RecoveryState,
    Way,
    counter_waits,
)
from idp.domain.events import Origin, RecoveryAsked
from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass
from idp.journeys.enrolled_factors import takes_two_factors
from idp.journeys.recovery.recovering import Recovering, RecoveryParts
from idp.journeys.recovery.throttles import for_counter_codes
from idp.journeys.recovery.tokens import RecoveryTokens, counter_code_hash
from idp.journeys.refusals import WrongCodeError
from idp.journeys.throttling import SlowDownError
from idp.journeys.visitor import Visitor
from idp.ports.accounts import Authenticators
from idp.ports.clock import Clock, Entropy
from idp.ports.recoveries import Recoveries

_STANDS: Final = frozenset({RecoveryState.COOLING, RecoveryState.READY})


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code, from when until when it opens the account by itself, and whether it `waits` for that."""

    code: str
    ready_at: Seconds
    expires_at: Seconds
    waits: bool


@dataclass(frozen=True, slots=True)
class CounterCodes:
    """Makes codes at the counter; each is told once and kept nowhere."""

    recoveries: Recoveries
    authenticators: Authenticators
    tokens: RecoveryTokens
    clock: Clock
    entropy: Entropy

    async def issue(
        self, account_id: AccountId, lost: frozenset[Credential], origin: Origin, officer: AccountId
    ) -> IssuedCode:
        """Return a fresh code for an account whose owner the officer saw."""
        code, now = self.tokens.counter_code(), self.clock.now()
        ready_at = await _ready_at(self.authenticators, account_id, lost, asked_at=now, now=now)
        request = RecoveryRequest(
            request_id=self.entropy.identifier(),
            account_id=account_id,
            way=Way.COUNTER,
            lost=lost,
            asked_at=now,
            expires_at=Seconds(ready_at + COUNTER_CODE_LIVES),
            ready_at=ready_at,
        )
        event = RecoveryAsked(
            origin=origin,
            recovery_id=request.request_id,
            way=request.way.value,
            lost=tuple(sorted(lost)),
            account_id=account_id,
            by=officer,
        )
        await self.recoveries.ask(request, event, counter_code_hash(code))
        return IssuedCode(code, ready_at, request.expires_at, waits=ready_at > now)


class RecoveryByCounter:
    """What the person does with it."""

    def __init__(self, parts: RecoveryParts) -> None:
        self._parts = parts

    async def redeem(self, typed: str, visitor: Visitor) -> Recovering:
        """Return what the code proves; the reset uses it up. Raises `WrongCodeError` or `SlowDownError`.

        One that is not ready yet opens the account together with a code to a verified contact.
        """
        parts, throttles = self._parts, for_counter_codes(visitor.origin.source)
        try:
            await parts.throttling.take(throttles, parts.clock.now())
        except SlowDownError:
            await parts.refusing.record(visitor, "throttled")
            raise
        request = await parts.recoveries.of_code(counter_code_hash(typed))
        request = None if request is None else await self._as_it_waits(request)
        state = None if request is None else request.state(parts.clock.now())
        if request is None or state not in _STANDS:
            await parts.refusing.record(visitor, "wrong")
            raise WrongCodeError
        await parts.throttling.give_back(throttles)
        return Recovering(
            lost=request.lost,
            began_at=request.asked_at,
            account_id=request.account_id,
            proved=request.way,
            ready_at=request.ready_at if state is RecoveryState.COOLING else None,
            request_id=request.request_id,
        )

    async def _as_it_waits(self, request: RecoveryRequest) -> RecoveryRequest:
        """The request, to wait all the same where the second factor that was left is gone by now."""
        parts, account_id = self._parts, request.account_id
        if account_id is None or request.ready_at is None:
            return request
        ready_at = await _ready_at(
            parts.authenticators, account_id, request.lost, asked_at=request.asked_at, now=parts.clock.now()
        )
        return replace(request, ready_at=max(request.ready_at, ready_at))

    async def reaches_contact(self, account_id: AccountId) -> bool:
        """Return whether the account has a contact that a code can be sent to."""
        return bool(await self._parts.contacts.settled(account_id, self._parts.clock.now()))


async def _ready_at(
    authenticators: Authenticators,
    account_id: AccountId,
    lost: frozenset[Credential],
    *,
    asked_at: Seconds,
    now: Seconds,
) -> Seconds:
    """Return from when on a code works by itself that was handed over at `asked_at`, by what is enrolled `now`."""
    two = await takes_two_factors(authenticators, account_id, now)
    return Seconds(asked_at + counter_waits(lost, has_second_factor=two))
