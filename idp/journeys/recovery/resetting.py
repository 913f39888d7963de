"""The end of every way back: another password, and a sign-in that goes on from it."""

from typing import Final

from idp.domain.accounts.account import Account
from idp.domain.accounts.recovery import KEPT_FOR, LADDER, Credential, Way
from idp.domain.clients.client import ClientAudience
from idp.domain.events import AccountRecovered
from idp.domain.ids import AccountId, Seconds
from idp.domain.levels.assurance import Level, Method, Proof
from idp.journeys.attempt import Attempt, Enrolment, browser_hash
from idp.journeys.bound_documents import DocumentGoneError, Held
from idp.journeys.new_passwords import known_of
from idp.journeys.recovery.recovering import Recovering, RecoveryParts
from idp.journeys.visitor import Visitor
from idp.ports.recoveries import Reset

_ACCOUNT: Final = "/account"


class Resetting:
    """Sets the password; what came before is used up in the same transaction, or nothing is."""

    def __init__(self, parts: RecoveryParts) -> None:
        self._parts = parts

    async def finish(self, held: Held[Recovering], password: str, browser_token: str, visitor: Visitor) -> Attempt:
        """Set the password; the sign-in that goes on from it.

        Raises `RefusedPassword` or `BusyError` (nothing is used up then), or `DocumentGoneError`.
        """
        parts, recovering = self._parts, held.document
        account_id, way = recovering.account_id, recovering.complete
        if way is None or account_id is None:
            raise DocumentGoneError
        profile = await parts.accounts.profile(account_id)
        password_hash = await parts.passwords.hashed(password, known_of(profile))
        await parts.documents.claim(held)
        account = await self._reset(recovering, account_id, way, password_hash, visitor)
        if account is None:
            await parts.refusing.record(visitor, "ended", account_id)
            raise DocumentGoneError
        return await self._signing_in(account, browser_token, recovering)

    async def _reset(
        self, recovering: Recovering, account_id: AccountId, way: Way, password_hash: str, visitor: Visitor
    ) -> Account | None:
        now = self._parts.clock.now()
        held = LADDER[way].held
        reset = Reset(
            account_id=account_id,
            password_hash=password_hash,
            forgets_factors=recovering.forgets_factors,
            since=recovering.began_at,
            now=now,
            keep_until=Seconds(now + KEPT_FOR),
            request_id=recovering.request_id,
            waits_no_more=way is Way.COUNTER_CONTACT,
            # Handed over so lately, it did not wait: a factor was left, and may have been taken away since.
            needs_factor=way is Way.COUNTER and now < recovering.began_at + LADDER[way].cooling_off,
            recovery_code_hash=recovering.recovery_code_hash,
            held_until=Seconds(now + held) if held else None,
        )
        both = (Credential.PASSWORD, Credential.SECOND_FACTOR)
        event = AccountRecovered(
            origin=visitor.origin,
            account_id=account_id,
            way=way.value,
            reset=tuple(each.value for each in both[: 1 + reset.forgets_factors]),
            recovery_id=reset.request_id,
            held_until=reset.held_until,
        )
        if await self._parts.recoveries.reset(reset, event) is None:
            return None
        return await self._parts.accounts.get(account_id)

    async def _signing_in(self, account: Account, browser_token: str, recovering: Recovering) -> Attempt:
        """The sign-in of whoever chose the password just now; what else it takes is asked like at any other.

        Whoever stood at a counter and lost the second factor too goes on to enrol another one, as with a link.
        """
        enrols = recovering.proved is Way.COUNTER and recovering.forgets_factors
        now = self._parts.clock.now()
        attempt = Attempt(
            attempt_id=self._parts.attempts.new_identifier(),
            browser=browser_hash(browser_token),
            created_at=now,
            level=Level.TWO if enrols else Level.ONE,
            audience=ClientAudience(account.kind.value),
            return_to=_ACCOUNT,
            account_id=account.account_id,
            account_kind=account.kind,
            always_ask=account.always_ask_second_factor,
            proofs=(Proof(Method.PASSWORD, now),),
            enrolment=Enrolment(activated=enrols),
            valid_from=account.sessions_valid_from,
        )
        await self._parts.attempts.begin(attempt)
        return attempt
