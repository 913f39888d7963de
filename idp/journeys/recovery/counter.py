"""Getting back in with a code that an officer handed over who compared face and card."""

from idp.domain.accounts.recovery import COUNTER_CODE_LIVES, Credential, RecoveryRequest, RecoveryState, Way
from idp.domain.events import Origin, RecoveryAsked
from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass
from idp.journeys.recovery.recovering import Recovering, RecoveryParts
from idp.journeys.recovery.throttles import for_counter_codes
from idp.journeys.recovery.tokens import RecoveryTokens, counter_code_hash
from idp.journeys.refusals import WrongCodeError
from idp.journeys.throttling import SlowDownError
from idp.journeys.visitor import Visitor
from idp.ports.clock import Clock, Entropy
from idp.ports.recoveries import Recoveries


@dataclass(frozen=True, slots=True)
class CounterCodes:
    """Makes codes at the counter; each is told once and kept nowhere."""

    recoveries: Recoveries
    tokens: RecoveryTokens
    clock: Clock
    entropy: Entropy

    async def issue(
        self, account_id: AccountId, lost: frozenset[Credential], origin: Origin, officer: AccountId
    ) -> str:
        """Return a fresh code for an account whose owner the officer saw."""
        code, now = self.tokens.counter_code(), self.clock.now()
        request = RecoveryRequest(
            request_id=self.entropy.identifier(),
            account_id=account_id,
            way=Way.COUNTER,
            lost=lost,
            asked_at=now,
            expires_at=Seconds(now + COUNTER_CODE_LIVES),
            ready_at=now,
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
        return code


class RecoveryByCounter:
    """What the person does with it."""

    def __init__(self, parts: RecoveryParts) -> None:
        self._parts = parts

    async def redeem(self, typed: str, visitor: Visitor) -> Recovering:
        """Return what the code proves; the reset uses it up. Raises `WrongCodeError` or `SlowDownError`."""
        parts, throttles = self._parts, for_counter_codes(visitor.origin.source)
        try:
            await parts.throttling.take(throttles, parts.clock.now())
        except SlowDownError:
            await parts.refusing.record(visitor, "throttled")
            raise
        request = await parts.recoveries.of_code(counter_code_hash(typed))
        if request is None or request.state(parts.clock.now()) is not RecoveryState.READY:
            await parts.refusing.record(visitor, "wrong")
            raise WrongCodeError
        await parts.throttling.give_back(throttles)
        return Recovering(
            lost=request.lost,
            began_at=request.asked_at,
            account_id=request.account_id,
            proved=request.way,
            request_id=request.request_id,
        )
