"""Proofing at a counter: an officer finds who stands there, looks at the card, and decides once."""

from typing import Final

from idp.domain.accounts.account import Account
from idp.domain.accounts.recovery import NOTHING_LOST, Credential
from idp.domain.country_time import day_of
from idp.domain.enrolment.proofing import (
    CASE_LIFETIME,
    CaseState,
    CounterCheck,
    Findings,
    ProofingCase,
    ProofingRefusal,
    RefusedFindings,
    begins_anew,
    check_findings,
    check_with_register,
)
from idp.domain.events import CounterCodeGiven, ProofingOpened, ProofingSearched
from idp.domain.ids import PersonId, Seconds
from idp.domain.offices.administration import Action
from idp.domain.people.identity_record import IdentityRecord
from idp.domain.people.likeness import card_key
from idp.domain.people.personal_number import parse_personal_number
from idp.domain.people.record_access import Purpose, Seen
from idp.domain.refused_value import RefusedIdentifier
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.counter_cases import (
    UNDECIDED,
    CounterCases,
    ProofingStores,
    Step,
    may_hand_over,
)
from idp.journeys.administration.errors import ChangedMeanwhileError, InvalidEntryError, NotAllowedError
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.handing_over import HandedOver, HandOver
from idp.journeys.administration.own_identity import OwnIdentity
from idp.journeys.administration.proofing_exceptions import KIND, anew, findings_digest, raised_record
from idp.journeys.administration.record_looks import Occasion
from idp.ports.clock import Clock, Entropy
from idp.ports.population_registry import RegistryUnavailableError

_CARD_LENGTHS: Final = range(6, 21)


class Proofing:
    """The counter's use cases. What was decided is decided; whoever errs opens another case."""

    def __init__(
        self, stores: ProofingStores, four_eyes: FourEyes, over: HandOver, clock: Clock, entropy: Entropy
    ) -> None:
        self._stores = stores
        self._four_eyes = four_eyes
        self._over = over
        self._clock = clock
        self._entropy = entropy
        self._own = OwnIdentity(stores.accounts, stores.duplicates)
        self.cases = CounterCases(stores, clock)

    async def open(self, admin: Administrator, number: str) -> ProofingCase:
        """Return a case for the holder of a personal number or card: the open one if there is one, else a new one.

        Raises `InvalidEntryError` for a number that is none, nobody's, of a locked account, or of somebody who stands
        at another agency's counter; `OwnIdentityError`; `TooManyLookUpsError`.
        """
        admin.must(Action.PROOFING_WORK)
        record = await self._find(admin, number)
        account = await self._stores.accounts.find(record.personal_number)
        if account is None or not account.is_active:
            await self._found(admin, record.person_id, "locked")
            raise InvalidEntryError("number", "account_locked")
        await self._own.refuse(admin.account_id, record.person_id)
        case = self._new(admin, account)
        event = ProofingOpened(
            origin=admin.origin,
            account_id=admin.account_id,
            agency_code=admin.agency_code,
            case_id=case.case_id,
            subject=account.account_id,
        )
        opened = await self.cases.settled(admin, await self._stores.cases.open(case, event))
        if opened.state not in UNDECIDED:
            opened = await self._stores.cases.open(case, event)
        if not await self.cases.is_within(admin, opened):
            await self._found(admin, record.person_id, "elsewhere")
            raise InvalidEntryError("number", "elsewhere")
        await self.cases.look(admin, opened, record.person_id)
        return opened

    async def decide(self, admin: Administrator, case_id: str, findings: Findings) -> ProofingCase:
        """Pass a case, or with a ground of exception ask a second officer; the case afterwards.

        Raises `InvalidEntryError` naming what does not carry the level, or that the register is silent;
        `ChangedMeanwhileError` when it was decided.
        """
        case, record = await self._to_decide(admin, case_id)
        now = self._clock.now()
        try:
            check_findings(findings, record, day_of(now))
            await self._ask_register(findings, record)
        except RefusedFindings as refused:
            raise InvalidEntryError(refused.field, refused.code) from refused
        if findings.ground is not None:
            await self._ask(admin, case, record, findings)
        else:
            raised = raised_record(record, findings, await self._agency_name(admin), case.case_id, now)
            begun = anew(case, record, admin.origin)
            await self.cases.move(
                admin, case, Step(after=CaseState.PASSED, findings=findings, record=raised, anew=begun)
            )
        return await self.cases.find(admin, case_id)

    async def refuse(self, admin: Administrator, case_id: str, reason: ProofingRefusal) -> ProofingCase:
        """Close a case that does not pass. Raises as `decide` does."""
        case, _ = await self._to_decide(admin, case_id)
        await self.cases.move(admin, case, Step(after=CaseState.REFUSED, reason=reason))
        return await self.cases.find(admin, case_id)

    async def hand_over(
        self, admin: Administrator, case_id: str, lost: frozenset[Credential] = NOTHING_LOST
    ) -> HandedOver:
        """Return the one code or link that is handed over after a passed case, to be shown once.

        With something `lost`, or where there was never a password, it is a code by which the person gets (back) in.

        Raises `ChangedMeanwhileError` when it was handed over, or a day after the case was decided, and
        `InvalidEntryError` for an account that was locked since: what is handed over would open nothing.
        """
        admin.must(Action.PROOFING_WORK)
        case = await self.cases.find(admin, case_id)
        if case.agency_code != admin.agency_code:
            raise NotAllowedError
        await self._own.refuse(admin.account_id, case.person_id)
        async with self._over.alone(case_id, self._clock.now()):
            # Read once more: somebody may have been handed something since.
            return await self._make(admin, await self.cases.find(admin, case_id), lost)

    async def _make(self, admin: Administrator, case: ProofingCase, lost: frozenset[Credential]) -> HandedOver:
        """Make what is handed over, and record that it was.

        In this order: what nobody saw is nothing, and whoever is stopped in between makes another.
        """
        now = self._clock.now()
        account = await self._stores.accounts.get(case.account_id)
        if account is None or not may_hand_over(case, now):
            raise ChangedMeanwhileError
        if not account.is_active:
            raise InvalidEntryError("account", "account_locked")
        made = await self._over.make(admin, account, lost, now)
        event = CounterCodeGiven(
            origin=admin.origin, account_id=admin.account_id, case_id=case.case_id, subject=case.account_id
        )
        if not await self._stores.cases.give_code(case.case_id, now, event):
            raise ChangedMeanwhileError
        return made

    def _new(self, admin: Administrator, account: Account) -> ProofingCase:
        now = self._clock.now()
        return ProofingCase(
            case_id=self._entropy.identifier(),
            person_id=account.person_id,
            account_id=account.account_id,
            agency_code=admin.agency_code,
            opened_by=admin.account_id,
            opened_at=now,
            expires_at=Seconds(now + CASE_LIFETIME),
        )

    async def _find(self, admin: Administrator, typed: str) -> IdentityRecord:
        """The record of a personal number or card. Raises `InvalidEntryError`, and leaves an event."""
        await self._stores.budget.take(admin)
        try:
            record = await self._stores.records.of_number(parse_personal_number(typed))
        except RefusedIdentifier:
            if len(card_key(typed)) not in _CARD_LENGTHS:
                raise InvalidEntryError("number", "malformed") from None
            record = None
        if record is None:
            person_id = await self._stores.duplicates.of_card(typed)
            record = None if person_id is None else await self._stores.records.of_person(person_id)
        if record is None:
            await self._searched(admin, "nobody")
            raise InvalidEntryError("number", "nobody")
        return record

    async def _found(self, admin: Administrator, person_id: PersonId, outcome: str) -> None:
        """Somebody was found and gets no case: the officer learned that there is an account, and the person that."""
        await self._searched(admin, outcome)
        occasion = Occasion(admin.origin.request_id, Purpose.PROOFING, admin.agency_code, self._clock.now())
        await self._stores.looks.leave(admin, [person_id], occasion, (Seen.ACCOUNT,))

    async def _searched(self, admin: Administrator, outcome: str) -> None:
        event = ProofingSearched(
            origin=admin.origin, account_id=admin.account_id, agency_code=admin.agency_code, outcome=outcome
        )
        await self._stores.audit.record(event)

    async def _to_decide(self, admin: Administrator, case_id: str) -> tuple[ProofingCase, IdentityRecord]:
        """An open case of the officer's own agency. Raises `AdministrationError`."""
        admin.must(Action.PROOFING_WORK)
        sight = await self.cases.see(admin, case_id)
        if sight.case.agency_code != admin.agency_code:
            raise NotAllowedError
        await self._own.refuse(admin.account_id, sight.case.person_id)
        if not sight.may_decide:
            raise ChangedMeanwhileError
        if not sight.account.is_active:
            raise InvalidEntryError("decision", "account_locked")
        return sight.case, sight.record

    async def _ask_register(self, findings: Findings, record: IdentityRecord) -> None:
        """See for oneself that the data match where the officer says so. Raises `RefusedFindings`."""
        register = self._stores.register
        if register is None or CounterCheck.REGISTER not in findings.checks:
            return
        try:
            entry = await register.find(record.personal_number)
        except RegistryUnavailableError:
            raise InvalidEntryError("checks", "register_silent") from None
        check_with_register(findings, record, entry)

    async def _ask(self, admin: Administrator, case: ProofingCase, record: IdentityRecord, findings: Findings) -> None:
        """Let a second officer decide; of several who ask at once one does."""
        payload = {
            "findings": findings_digest(findings),
            "agency": await self._agency_name(admin),
            "anew": begins_anew(record),
        }
        change = await self._four_eyes.ask(admin, KIND, case.case_id, payload)
        step = Step(after=CaseState.WAITING, findings=findings, change_id=change.change_id)
        try:
            await self.cases.move(admin, case, step)
        except ChangedMeanwhileError:
            await self._four_eyes.withdraw(admin, change.change_id)
            raise

    async def _agency_name(self, admin: Administrator) -> str:
        """The own agency alone is recorded, by the name that it has now."""
        profile = await self._stores.accounts.profile(admin.account_id)
        return profile.officer.agency_name if profile and profile.officer else admin.agency_code
