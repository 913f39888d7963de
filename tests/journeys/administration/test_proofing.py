from asyncio import gather
from contextlib import suppress
from dataclasses import dataclass, field, replace

import pytest

from idp.domain.accounts.account import AccountStatus, Authenticator, AuthenticatorKind
from idp.domain.enrolment.proofing import CASE_LIFETIME, CaseState, ExceptionGround, ProofingCase, ProofingRefusal
from idp.domain.events import AccountLocked
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import AuthenticatorId, GrantId
from idp.domain.people.identity_record import IdentityCard
from idp.domain.people.register_entry import LifeStatus, RegisterEntry
from idp.domain.records import Records
from idp.journeys.activation import token_hash
from idp.journeys.activation_codes import Channel
from idp.journeys.administration.errors import (
    ChangedMeanwhileError,
    InvalidEntryError,
    NotAllowedError,
    NotFoundError,
    TooManyLookUpsError,
)
from idp.journeys.administration.handing_over import HandedOver
from idp.journeys.administration.look_up_budget import LookUpBudget
from idp.journeys.administration.own_identity import OwnIdentityError
from idp.journeys.throttling import LOOK_UPS
from idp.ports.population_registry import RegistryUnavailableError
from tests.flows.provider import TOTP_SECRET
from tests.journeys.administration.counter import (
    CARD,
    FIRST,
    LOST_CARD,
    PASSES,
    REMOTE,
    USUAL,
    WOMAN,
    Counter,
    make_counter,
    person,
    registered,
)
from tests.journeys.stage import ORIGIN, Stage
from tests.ports.samples import EVENT, client, grant


async def opened(counter: Counter) -> ProofingCase:
    return await counter.proofing.open(counter.first, WOMAN)


@pytest.mark.parametrize("typed", [WOMAN, "001 199 000 011", " 001199000011 "])
async def test_whoever_is_found_by_number_gets_a_case_that_the_audit_trail_knows(counter: Counter, typed: str) -> None:
    case = await counter.proofing.open(counter.first, typed)

    assert (case.account_id, case.agency_code, case.state) == (await counter.account(), "H26", CaseState.OPEN)
    assert (await counter.events())[-2:] == ["proofing.opened", "people.records_seen"]
    assert await counter.proofing.open(counter.second, WOMAN) == case


@pytest.mark.parametrize("typed", [WOMAN, "001199000099", "TT-1234567"])
async def test_who_asks_by_numbers_who_has_an_account_is_stopped(counter: Counter, typed: str) -> None:
    stage = counter.stage
    budget = LookUpBudget(stage.throttling, stage.stores.audit_trail, stage.clock)
    for _ in range(LOOK_UPS - 1):
        await budget.take(counter.first)
    with suppress(InvalidEntryError):
        await counter.proofing.open(counter.first, typed)
    with pytest.raises(TooManyLookUpsError):
        await counter.proofing.open(counter.first, typed)
    assert (await counter.events())[-1] == "people.look_ups_exceeded"
    assert (await counter.proofing.open(counter.second, WOMAN)).opened_by


async def test_who_is_known_by_a_card_is_found_by_it(counter: Counter) -> None:
    record = replace(await counter.record(), card=IdentityCard("TT-1234567"))
    await counter.stage.stores.identity_records.save(record, _event())

    assert (await counter.proofing.open(counter.first, "tt1234567")).person_id == record.person_id


@pytest.mark.parametrize(
    ("typed", "reason"), [("", "malformed"), ("x", "malformed"), ("001199000099", "nobody"), ("TT7654321", "nobody")]
)
async def test_a_number_that_is_none_or_nobodys_opens_nothing(counter: Counter, typed: str, reason: str) -> None:
    with pytest.raises(InvalidEntryError) as refused:
        await counter.proofing.open(counter.first, typed)

    assert (refused.value.field, refused.value.reason) == ("number", reason)
    assert ("proofing.searched" in await counter.events()) == (reason == "nobody")


async def test_a_locked_account_is_told_and_not_proved(counter: Counter) -> None:
    await _lock(counter)
    with pytest.raises(InvalidEntryError, match="number: account_locked"):
        await opened(counter)


async def test_one_who_stands_at_another_counter_is_told_of_and_not_shown(counter: Counter) -> None:
    case = await opened(counter)
    with pytest.raises(InvalidEntryError, match="number: elsewhere"):
        await counter.proofing.open(counter.elsewhere, WOMAN)
    looks = await counter.stage.stores.record_accesses.of_person(case.person_id, "", 10)
    assert {look.agency_code for look in looks} == {"H26", "H27"}
    with pytest.raises(NotFoundError):
        await counter.proofing.cases.see(counter.elsewhere, case.case_id)


async def test_officers_prove_nobody_but_others(counter: Counter) -> None:
    with pytest.raises(OwnIdentityError):
        await counter.proofing.open(counter.first, FIRST)
    case = await counter.proofing.open(counter.second, FIRST)
    with pytest.raises(OwnIdentityError):
        await counter.proofing.decide(counter.first, case.case_id, PASSES)
    with pytest.raises(OwnIdentityError):
        await counter.proofing.refuse(counter.first, case.case_id, ProofingRefusal.LEFT)


async def test_a_passed_case_raises_the_person_to_level_2_with_its_evidence(counter: Counter) -> None:
    case = await opened(counter)
    passed = await counter.proofing.decide(counter.first, case.case_id, PASSES)

    assert (passed.state, passed.decided_by, passed.findings) == (
        CaseState.PASSED,
        counter.first.account_id,
        PASSES,
    )
    profile = await counter.stage.stores.accounts.profile(case.account_id)
    assert profile is not None
    assert profile.identity_level == 2
    assert profile.verification is not None
    told = profile.verification.members()
    assert (told["assurance_level"], told["verification_process"]) == ("level_2", case.case_id)
    (evidence,) = told["evidence"]
    assert evidence["document_details"]["date_of_expiry"] == "2037-05-06"
    assert {check["organization"] for check in evidence["check_details"]} == {"Công an Hà Nội"}
    assert {check["time"] for check in evidence["check_details"]} == {told["time"]}
    record = await counter.record()
    assert record.card == CARD
    assert {facts.source for facts in record.attributes.values()} == {"counter"}
    assert set(record.attributes) == {"name", "birthdate", "gender", "personal_number"}


@dataclass
class Register:
    """What a register says, or that it says nothing."""

    entry: RegisterEntry | None = None
    is_silent: bool = False
    asked: list[str] = field(default_factory=list)

    async def find(self, personal_number: str) -> RegisterEntry | None:
        self.asked.append(personal_number)
        if self.is_silent:
            raise RegistryUnavailableError
        return self.entry


ENTRY = RegisterEntry(WOMAN, "Trần Thị Hoà", "1999-03-04", "female", LifeStatus.ALIVE, CARD)


async def test_the_register_is_asked_before_a_match_with_it_counts(stage: Stage) -> None:
    register = Register(ENTRY)
    counter = await make_counter(stage, register)
    case = await opened(counter)
    await counter.proofing.decide(counter.first, case.case_id, PASSES)

    assert register.asked == [WOMAN]
    assert (await counter.record()).identity_level == 2


@pytest.mark.parametrize(
    ("register", "reason"),
    [
        (Register(), "not_in_register"),
        (Register(replace(ENTRY, name="Trần Thị Hoa")), "register_differs"),
        (Register(is_silent=True), "register_silent"),
    ],
)
async def test_what_the_register_does_not_confirm_carries_no_level(
    stage: Stage, register: Register, reason: str
) -> None:
    counter = await make_counter(stage, register)
    case = await opened(counter)
    for findings in (PASSES, LOST_CARD):
        with pytest.raises(InvalidEntryError, match=reason):
            await counter.proofing.decide(counter.first, case.case_id, findings)

    assert (await counter.proofing.cases.find(counter.first, case.case_id)).state is CaseState.OPEN
    assert (await counter.record()).identity_level == 1


async def test_what_does_not_carry_the_level_is_named_and_the_case_stays_open(counter: Counter) -> None:
    case = await opened(counter)
    with pytest.raises(InvalidEntryError) as refused:
        await counter.proofing.decide(counter.first, case.case_id, replace(PASSES, checks=frozenset()))

    assert (refused.value.field, refused.value.reason) == ("checks", "check_missing")
    assert (await counter.record()).identity_level == 1
    await counter.proofing.decide(counter.first, case.case_id, PASSES)


async def test_fifty_decisions_at_once_are_one(counter: Counter) -> None:
    case = await opened(counter)
    outcomes = await gather(
        *(counter.proofing.decide(counter.first, case.case_id, PASSES) for _ in range(25)),
        *(counter.proofing.refuse(counter.second, case.case_id, ProofingRefusal.LEFT) for _ in range(25)),
        return_exceptions=True,
    )

    assert sum(isinstance(each, ProofingCase) for each in outcomes) == 1
    assert sum(isinstance(each, ChangedMeanwhileError) for each in outcomes) == 49
    assert (await counter.events()).count("proofing.decided") == 1


async def test_a_case_is_decided_within_a_day(counter: Counter) -> None:
    case = await opened(counter)
    counter.stage.clock.advance(CASE_LIFETIME)
    with pytest.raises(ChangedMeanwhileError):
        await counter.proofing.decide(counter.first, case.case_id, PASSES)
    assert (await counter.record()).identity_level == 1
    assert (await opened(counter)).case_id != case.case_id


async def test_only_the_counter_itself_decides_and_those_above_see(counter: Counter) -> None:
    case = await counter.proofing.open(counter.below, WOMAN)
    sight = await counter.proofing.cases.see(counter.first, case.case_id)
    assert not sight.may_decide
    with pytest.raises(NotAllowedError):
        await counter.proofing.decide(counter.first, case.case_id, PASSES)
    with pytest.raises(NotAllowedError):
        await counter.proofing.decide(counter.admin, case.case_id, PASSES)
    assert (await counter.proofing.cases.see(counter.below, case.case_id)).may_decide


async def test_a_refused_case_keeps_its_reason_and_the_record_stays(counter: Counter) -> None:
    case = await opened(counter)
    before = await counter.record()
    refused = await counter.proofing.refuse(counter.first, case.case_id, ProofingRefusal.NOT_THE_HOLDER)

    assert (refused.state, refused.reason) == (CaseState.REFUSED, ProofingRefusal.NOT_THE_HOLDER)
    assert await counter.record() == before


async def test_who_was_locked_meanwhile_does_not_pass(counter: Counter) -> None:
    case = await opened(counter)
    await _lock(counter)
    with pytest.raises(InvalidEntryError, match="decision: account_locked"):
        await counter.proofing.decide(counter.first, case.case_id, PASSES)


async def test_after_a_passed_case_one_code_is_handed_over_that_the_person_can_use(counter: Counter) -> None:
    woman = replace(person(WOMAN, "Trần Thị Hoà", "1999-03-04"), password_hash="a hash")
    await counter.stage.stores.records.load(Records(people=(woman,)), EVENT)
    case = await opened(counter)
    with pytest.raises(ChangedMeanwhileError):
        await counter.proofing.hand_over(counter.first, case.case_id)
    await counter.proofing.decide(counter.first, case.case_id, PASSES)
    with pytest.raises(NotFoundError):
        await counter.proofing.hand_over(counter.elsewhere, case.case_id)

    over = await counter.proofing.hand_over(counter.first, case.case_id)
    code = over.code
    assert code
    assert over.link is None

    assert await counter.stage.codes.accept(case.account_id, code) is Channel.COUNTER
    with pytest.raises(ChangedMeanwhileError):
        await counter.proofing.hand_over(counter.second, case.case_id)
    assert code not in str([record async for record in counter.stage.stores.audit_log.records()])


async def test_of_20_who_press_at_once_one_hands_over_a_code_and_it_is_good(counter: Counter) -> None:
    woman = replace(person(WOMAN, "Trần Thị Hoà", "1999-03-04"), password_hash="a hash")
    await counter.stage.stores.records.load(Records(people=(woman,)), EVENT)
    case = await opened(counter)
    await counter.proofing.decide(counter.first, case.case_id, PASSES)
    pressed = [counter.proofing.hand_over(counter.first, case.case_id) for _ in range(20)]
    told = await gather(*pressed, return_exceptions=True)
    (over,) = (each for each in told if not isinstance(each, ChangedMeanwhileError))
    assert isinstance(over, HandedOver)
    assert over.code
    assert await counter.stage.codes.accept(case.account_id, over.code) is Channel.COUNTER


CHI = replace(PASSES, card=IdentityCard(REMOTE, "2022-05-06", "2037-05-06"))


async def hijacked(counter: Counter) -> ProofingCase:
    """The case of somebody in whose name another one registered, enrolled a second factor and signed in."""
    stores = counter.stage.stores
    account_id = await stores.identity_records.create(registered("a hash", counter.stage.clock.now()), EVENT)
    kind, now = AuthenticatorKind.ONE_TIME_CODE, counter.stage.clock.now()
    factor = Authenticator(AuthenticatorId("f"), account_id, kind, TOTP_SECRET, now)
    assert await stores.authenticators.enrol_totp(factor, (b"code",), EVENT)
    await stores.client_registry.save(client(), EVENT)
    account = await stores.accounts.get(account_id)
    assert account is not None
    await stores.grants.start(grant(account), [])
    return await counter.proofing.open(counter.first, REMOTE)


async def test_who_registered_from_afar_is_out_once_a_counter_proves_whose_account_it_is(counter: Counter) -> None:
    case, stores, now = await hijacked(counter), counter.stage.stores, counter.stage.clock.now()
    await counter.proofing.decide(counter.first, case.case_id, CHI)

    account = await stores.accounts.find(REMOTE)
    assert account is not None
    assert (account.password_hash, account.sessions_valid_from) == (None, now + 1)
    assert await stores.accounts.find("chi@example.vn") is None
    assert await stores.accounts.contacts(case.account_id) == ()
    assert await stores.authenticators.enrolled(case.account_id) == ()
    ended = await stores.grants.get(GrantId("grant-1"))
    assert ended is not None
    assert not ended.is_live(now)
    assert await stores.outbox.pending() == 1
    assert (await counter.record(REMOTE)).identity_level == 2
    assert (await counter.events()).count("account.begun_anew") == 1


async def test_what_goes_with_a_case_stays_when_the_case_does_not_pass(counter: Counter) -> None:
    case, stores = await hijacked(counter), counter.stage.stores
    await counter.proofing.refuse(counter.first, case.case_id, ProofingRefusal.LEFT)
    account = await stores.accounts.find("chi@example.vn")
    assert account is not None
    assert account.password_hash == "a hash"
    assert await stores.authenticators.enrolled(case.account_id)


async def test_by_exception_the_account_begins_anew_too_and_the_second_officer_reads_that(counter: Counter) -> None:
    case = await hijacked(counter)
    waiting = await counter.proofing.decide(counter.first, case.case_id, LOST_CARD)
    assert waiting.change_id
    change = await counter.four_eyes.find(counter.second, waiting.change_id)
    assert (await counter.four_eyes.shown(change))["begins_anew"] == "made"
    assert await counter.stage.stores.accounts.find("chi@example.vn")
    await counter.four_eyes.approve(counter.second, change.change_id, change.digest)
    assert await counter.stage.stores.accounts.find("chi@example.vn") is None
    assert (await counter.four_eyes.shown(change))["begins_anew"] == "made"


async def test_whom_a_file_told_keeps_password_and_contacts(counter: Counter) -> None:
    woman = replace(person(WOMAN, "Trần Thị Hoà", "1999-03-04"), password_hash="a hash", email="hoa@example.vn")
    await counter.stage.stores.records.load(Records(people=(woman,)), EVENT)
    case = await opened(counter)
    await counter.proofing.decide(counter.first, case.case_id, PASSES)
    account = await counter.stage.stores.accounts.find("hoa@example.vn")
    assert account is not None
    assert account.password_hash == "a hash"


async def test_who_was_proved_before_comes_again_and_keeps_the_own_password(counter: Counter) -> None:
    stores = counter.stage.stores
    case = await hijacked(counter)
    await counter.proofing.decide(counter.first, case.case_id, CHI)
    link = (await counter.proofing.hand_over(counter.first, case.case_id)).link
    assert link
    await stores.activation_links.redeem(
        token_hash(link.rpartition("/")[2]), "chosen by the owner", counter.stage.clock.now(), ORIGIN
    )
    again = await counter.proofing.open(counter.first, REMOTE)
    await counter.proofing.decide(counter.first, again.case_id, CHI)
    account = await stores.accounts.find(REMOTE)
    assert account is not None
    assert account.password_hash == "chosen by the owner"


async def test_a_code_is_handed_over_on_the_day_or_not_at_all(counter: Counter) -> None:
    case = await opened(counter)
    await counter.proofing.decide(counter.first, case.case_id, PASSES)
    counter.stage.clock.advance(CASE_LIFETIME)
    with pytest.raises(ChangedMeanwhileError):
        await counter.proofing.hand_over(counter.first, case.case_id)


async def test_an_exception_waits_for_a_second_officer(counter: Counter) -> None:
    case = await opened(counter)
    waiting = await counter.proofing.decide(counter.first, case.case_id, LOST_CARD)

    assert waiting.state is CaseState.WAITING
    assert waiting.change_id
    assert (await counter.record()).identity_level == 1
    change = await counter.four_eyes.find(counter.second, waiting.change_id)
    await counter.four_eyes.approve(counter.second, change.change_id, change.digest)
    passed = await counter.proofing.cases.find(counter.first, case.case_id)
    assert (passed.state, passed.decided_by) == (CaseState.PASSED, counter.second.account_id)
    assert (await counter.record()).identity_level == 2


async def test_of_fifty_exceptions_at_once_one_waits(counter: Counter) -> None:
    case = await opened(counter)
    damaged = replace(PASSES, checks=USUAL, ground=ExceptionGround.DAMAGED_CARD)
    outcomes = await gather(
        *(counter.proofing.decide(counter.first, case.case_id, damaged) for _ in range(50)), return_exceptions=True
    )

    assert sum(isinstance(each, ProofingCase) for each in outcomes) == 1
    waiting = await counter.four_eyes.listed(counter.second, decided=False)
    assert len(waiting) == 1


async def test_whoever_was_locked_since_is_handed_nothing(counter: Counter) -> None:
    case = await opened(counter)
    await counter.proofing.decide(counter.first, case.case_id, PASSES)
    await _lock(counter)
    with pytest.raises(InvalidEntryError, match="account_locked"):
        await counter.proofing.hand_over(counter.first, case.case_id)


async def _lock(counter: Counter) -> None:
    account_id = await counter.account()
    event = AccountLocked(origin=ORIGIN, account_id=account_id, locked=True, reason="")
    await counter.stage.stores.accounts.set_locked(
        account_id,
        locked=True,
        now=counter.stage.clock.now(),
        reason=RevocationReason.ACCOUNT_LOCKED,
        event=event,
    )
    account = await counter.stage.stores.accounts.get(account_id)
    assert account is not None
    assert account.status is AccountStatus.LOCKED


def _event() -> AccountLocked:
    return AccountLocked(origin=ORIGIN, account_id=FIRST, locked=False, reason="")  # type: ignore[arg-type]
