"""Signing in from the first page to the session: which step comes next, and what happens when the last one is done."""

from asyncio import gather
from dataclasses import replace

from idp.domain.accounts.account import Account, AccountKind
from idp.domain.clients.client import ClientAudience
from idp.domain.events import SessionStarted
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.domain.levels.assurance import (
    EVERYWHERE,
    Level,
    Method,
    Proof,
    Resistance,
    acr_for,
    authentication_methods,
    has_second_factor,
    level_of,
    reach_of,
)
from idp.domain.levels.assurance_policy import Act
from idp.domain.levels.requirement import Need, Requirement
from idp.domain.sign_ins.session_record import SessionRecord
from idp.domain.values import dataclass
from idp.journeys.attempt import Attempt, Attempts, Loaded, browser_hash
from idp.journeys.next_step import ENROLMENTS, FIRST_FACTORS, Situation, Step, next_step, ways
from idp.journeys.sessions import CurrentSession, Sessions
from idp.journeys.visitor import Visitor
from idp.ports.accounts import Accounts, Authenticators
from idp.ports.assurance_policies import AssurancePolicies
from idp.ports.clock import Clock
from idp.ports.session_records import SessionRecords

Turn = frozenset[Step | Method]
"""When a page is shown: the steps at which, or the methods by which a person may go on."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Why somebody is sent to sign in, and where to go on afterwards.

    `parameters` of an authorization request, or else `return_to`, a page of ours. `reauthenticate`: what the session
    has proved does not count. `on_this_device`: the yes of another one does not.
    """

    level: Level
    audience: ClientAudience = ClientAudience.BOTH
    client_id: ClientId | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    return_to: str = ""
    reauthenticate: bool = False
    login_hint: str = ""
    resistance: Resistance = Resistance.NONE
    wished: Resistance = Resistance.NONE
    on_this_device: bool = False


class SignIn:
    """Begins, leads and completes attempts."""

    def __init__(
        self,
        attempts: Attempts,
        accounts: Accounts,
        authenticators: Authenticators,
        sessions: Sessions,
        records: SessionRecords,
        clock: Clock,
        policies: AssurancePolicies,
        available: frozenset[Method] = EVERYWHERE,
    ) -> None:
        """`available`: the methods that this installation has."""
        self._attempts = attempts
        self._accounts = accounts
        self._authenticators = authenticators
        self._sessions = sessions
        self._records = records
        self._clock = clock
        self._policies = policies
        self._available = available
        self._reach = reach_of(available)

    async def begin(self, demand: Demand, browser_token: str, current: CurrentSession | None) -> Attempt:
        """A new attempt for this browser. A session of the right kind is stepped up: only what is missing is asked."""
        carried = current if current and not demand.reauthenticate else None
        if carried and not demand.audience.admits(carried.account.kind):
            carried = None
        attempt = Attempt(
            attempt_id=self._attempts.new_identifier(),
            browser=browser_hash(browser_token),
            created_at=self._clock.now(),
            level=demand.level,
            audience=demand.audience,
            client_id=demand.client_id,
            parameters=demand.parameters,
            return_to=demand.return_to,
            reauthenticate=demand.reauthenticate,
            login_hint=demand.login_hint,
            resistance=demand.resistance,
            wished=demand.wished,
            on_this_device=demand.on_this_device,
            account_id=carried.account.account_id if carried else None,
            account_kind=carried.account.kind if carried else None,
            base_session=carried.session.session_id if carried else None,
            base_proofs=carried.session.proofs if carried else (),
            valid_from=carried.account.sessions_valid_from if carried else None,
        )
        await self._attempts.begin(attempt)
        return attempt

    async def step(self, attempt: Attempt) -> Step:
        """What the person does next."""
        if attempt.signed_in:
            return Step.DONE
        return next_step(await self._situation(attempt))

    async def ways(self, attempt: Attempt) -> tuple[Method, ...]:
        """By which methods the person may go on now, the strongest first; also before anybody knows who it is."""
        return () if attempt.signed_in else self._ways(attempt, await self._situation(attempt))

    async def is_turn(self, attempt: Attempt, turn: Turn) -> bool:
        """Whether the attempt stands at one of the steps of `turn`, or one of its methods would bring it on."""
        if attempt.signed_in:
            return Step.DONE in turn
        situation = await self._situation(attempt)
        return next_step(situation) in turn or not turn.isdisjoint(self._ways(attempt, situation))

    def _ways(self, attempt: Attempt, situation: Situation) -> tuple[Method, ...]:
        if situation.proofs:
            return ways(situation)
        return tuple(method for method in FIRST_FACTORS if method in self._available_for(attempt))

    async def still_stands(self, attempt: Attempt, known: CurrentSession | None) -> bool:
        """Whether the account, what was proved in the attempt, and the session that it builds on are as they were.

        Whoever ends sessions, changes a password or locks the account ends what was under way, too: nothing is enrolled
        by it any more. `known` is the session of this browser.
        """
        if attempt.account_id is None or attempt.signed_in:
            return True
        account = await self._accounts.get(attempt.account_id)
        return account is not None and self._is_as_it_was(attempt, account, known)

    def _is_as_it_was(self, attempt: Attempt, account: Account, known: CurrentSession | None) -> bool:
        if not account.is_active:
            return False
        if attempt.base_session and not _stepping_up(attempt, known, self._clock.now()):
            return False
        if attempt.valid_from is not None:
            return attempt.valid_from == account.sessions_valid_from
        # An attempt of the release before: what was proved before sessions were ended ended with them.
        return all(proof.at >= account.sessions_valid_from - 1 for proof in attempt.proofs)

    async def _situation(self, attempt: Attempt) -> Situation:
        if attempt.account_kind is None:
            return Situation(attempt.requirement, reach=self._reach)
        situation = await self._as_it_is(attempt, attempt.account_kind)
        if attempt.stands_on_recent_proofs or next_step(situation) not in ENROLMENTS:
            return situation
        # Somebody at a session that was left open is not asked for a new key, but who he is.
        return replace(situation, proofs=attempt.proofs)

    async def _as_it_is(self, attempt: Attempt, kind: AccountKind) -> Situation:
        policy = await self._policies.in_force()
        return Situation(
            requirement=attempt.requirement.joined(policy.of_kind(kind)),
            proofs=attempt.all_proofs,
            enrolled=await self._methods_of(attempt.known_account) & self._available_for(attempt),
            reach=self._reach,
            risk=attempt.risk,
            always_ask=attempt.always_ask,
            trusted=attempt.trusted,
            activated=attempt.enrolment.activated,
            unsaved_codes=attempt.enrolment.enrolled and not attempt.enrolment.saved,
        )

    def _available_for(self, attempt: Attempt) -> frozenset[Method]:
        return self._available - {Method.PHONE} if attempt.on_this_device else self._available

    async def _methods_of(self, account_id: AccountId) -> frozenset[Method]:
        """What the account has enrolled, and what takes no enrolment here."""
        enrolled = await self._authenticators.methods(account_id, self._clock.now())
        if has_second_factor(enrolled):
            # Only where two factors were proved does a phone speak for its owner. Whether any recovery code is left is
            # nobody's business who has only a password.
            enrolled |= {Method.PHONE, Method.RECOVERY_CODE}
        if Method.SECURITY_KEY in enrolled:
            # It is a passkey in any case, also where nobody's word is taken for its protection.
            enrolled |= {Method.PASSKEY}
        return (enrolled | {Method.BIOMETRIC}) & self._available

    async def need(self, requirement: Requirement, current: CurrentSession) -> Need:
        """What a session lacks for a requirement, together with what the policy asks of its kind of account."""
        policy = await self._policies.in_force()
        joined = requirement.joined(policy.of_kind(current.account.kind))
        if joined.wished > current.session.resistance:
            enrolled = await self._methods_of(current.account.account_id)
            joined = joined.strengthened(reach_of(enrolled).resistance)
        return joined.need(current.session.proofs, self._clock.now())

    async def required_for(self, act: Act, kind: AccountKind) -> Requirement:
        """What the policy asks of an account of `kind` before an act on our own pages."""
        return (await self._policies.in_force()).of_act(act, kind)

    async def complete(self, loaded: Loaded, known: CurrentSession | None, visitor: Visitor) -> CurrentSession | None:
        """Turn a finished attempt into a session; None when account, proof, or the session built on is gone.

        `known` is the session of this browser, although nobody may have used it for too long.
        The attempt is claimed, with how far it came, before anybody has the cookie: of two submissions at once one
        begins a session. Whoever was signed in here as somebody else is signed out, and their services are told.
        """
        attempt = loaded.attempt
        account = await self._accounts.get(attempt.known_account)
        if account is None or not self._is_as_it_was(attempt, account, known):
            return None
        stepping = _stepping_up(attempt, known, self._clock.now())
        claim = self._attempts.advance(loaded, replace(attempt, signed_in=True))
        if known is None:
            _, begun = await gather(claim, self._sessions.begin(account, attempt.proofs, None))
            return await self._recorded(attempt, begun, None, visitor, stepping=False)
        await claim
        if known.account.account_id != account.account_id:
            await self._sessions.end(known, "replaced", visitor.origin)
            known = None
        return await self._establish(attempt, account, known, visitor, stepping=stepping)

    async def begin_again(self, account: Account, proofs: tuple[Proof, ...], visitor: Visitor) -> CurrentSession | None:
        """A session in place of one that ended with all others, for whoever had them ended; what was proved stays so.

        None when all were ended once more meanwhile.
        """
        attempt = Attempt("", b"", self._clock.now(), Level.ONE, account_id=account.account_id, proofs=proofs)
        return await self._establish(attempt, account, None, visitor, stepping=False)

    async def _establish(
        self, attempt: Attempt, account: Account, current: CurrentSession | None, visitor: Visitor, *, stepping: bool
    ) -> CurrentSession | None:
        if stepping and current:
            established = await self._sessions.step_up(current, _merged(current.session.proofs, attempt.proofs))
        else:
            established = await self._sessions.begin(account, attempt.proofs, current)
        return await self._recorded(attempt, established, current, visitor, stepping=stepping)

    async def _recorded(
        self,
        attempt: Attempt,
        established: CurrentSession,
        current: CurrentSession | None,
        visitor: Visitor,
        *,
        stepping: bool,
    ) -> CurrentSession | None:
        account, proofs = established.account, established.session.proofs
        event = SessionStarted(
            origin=visitor.origin,
            account_id=account.account_id,
            session_id=established.session.session_id,
            acr=acr_for(level_of(proofs)),
            amr=authentication_methods(proofs),
            stepped_up=stepping,
            client_id=attempt.client_id,
            account_kind=account.kind.value,
        )
        now = self._clock.now()
        used_at = now if account.use_is_news(now) else None
        goes_on = current is not None and current.session.session_id == established.session.session_id
        record, stands = _record(established, visitor), account.sessions_valid_from
        if await self._records.keep(record, event, valid_from=stands, used_at=used_at, goes_on=goes_on):
            return established
        # Its owner ended the session, or all of them, while more was proved: the new cookie opens nothing.
        await self._sessions.forget(established)
        return None


def _record(current: CurrentSession, visitor: Visitor) -> SessionRecord:
    """What the owner of the account is shown of the session."""
    return SessionRecord(
        session_id=current.session.session_id,
        account_id=current.session.account_id,
        store_key=current.store_key,
        browser=visitor.browser,
        source=visitor.origin.source,
        place=visitor.place.name if visitor.place else None,
        started_at=current.session.created_at,
        expires_at=current.session.expires_at,
    )


def _stepping_up(attempt: Attempt, current: CurrentSession | None, now: Seconds) -> bool:
    """Whether the very session that the attempt builds on is still there: what an ended one proved died with it."""
    if attempt.base_session is None or current is None or not current.is_awake(now):
        return False
    return current.session.session_id == attempt.base_session and current.account.account_id == attempt.account_id


def _merged(proved: tuple[Proof, ...], added: tuple[Proof, ...]) -> tuple[Proof, ...]:
    """What the session has proved now and what was added; of one method the new one counts."""
    fresh = {proof.method for proof in added}
    return (*(proof for proof in proved if proof.method not in fresh), *added)
