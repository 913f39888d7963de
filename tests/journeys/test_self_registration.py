"""Registering oneself where the surroundings fail; the whole way: `tests/flows/test_self_registration.py`."""

import pytest

from idp.domain.enrolment.self_registration import Applicant, parse_applicant
from idp.journeys.bound_documents import DocumentGoneError, Held
from idp.journeys.refusals import CodeExpiredError, CodeNotSentError, UnreachableContactError, WrongCodeError
from idp.journeys.self_registration import (
    KnownMeanwhileError,
    Registration,
    RegistrationParts,
    SelfRegistration,
    TooYoungError,
)
from idp.journeys.throttling import SlowDownError
from idp.ports.population_registry import RegistryUnavailableError
from tests.journeys.registers import BINH_NUMBER, NUMBER, Letters, Register, documents, entry
from tests.journeys.stage import BINH, BROWSER, VISITOR, Stage

HAI = parse_applicant(NUMBER, "Đỗ Minh Hải", "30/4/2003", "hai@example.vn")
AS_BINH = parse_applicant(BINH_NUMBER, "Đỗ Minh Hải", "30/4/2003", "khac@example.vn")
PASSWORD = "bốn từ không ai đoán"


@pytest.fixture
def register() -> Register:
    return Register({NUMBER: entry(), BINH_NUMBER: entry(BINH_NUMBER)})


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def registration(stage: Stage, register: Register, letters: Letters) -> SelfRegistration:
    return SelfRegistration(
        RegistrationParts(
            registry=register,
            documents=documents(stage, Registration),
            records=stage.stores.identity_records,
            accounts=stage.stores.accounts,
            codes=stage.codes,
            messages=letters,
            throttling=stage.throttling,
            passwords=stage.passwords,
            audit=stage.stores.audit_trail,
            floods=stage.floods,
            clock=stage.clock,
        )
    )


async def applied(registration: SelfRegistration, applicant: Applicant = HAI) -> Held[Registration]:
    return await registration.load(await registration.apply(applicant, "", BROWSER, VISITOR), BROWSER)


async def test_a_code_that_did_not_leave_is_told(registration: SelfRegistration, letters: Letters) -> None:
    letters.closed = {"hai@example.vn"}
    with pytest.raises(CodeNotSentError):
        await applied(registration)
    letters.closed = set()
    assert (await applied(registration)).document.entry is not None


async def test_an_address_that_no_message_reaches_is_refused_before_anybody_is_looked_up(
    registration: SelfRegistration, register: Register, letters: Letters
) -> None:
    letters.unreached = {"hai@example.vn"}
    with pytest.raises(UnreachableContactError):
        await applied(registration)
    assert letters.sent == []
    letters.unreached = set()
    assert (await applied(registration)).document.entry is not None


async def test_a_holder_who_cannot_be_told_changes_nothing(registration: SelfRegistration, letters: Letters) -> None:
    letters.closed = {BINH}
    held = await applied(registration, AS_BINH)
    assert held.document.entry is None
    assert letters.sent == [("khac@example.vn", "refused", "")]


async def test_a_holder_is_told_a_few_times_and_not_for_every_try(
    stage: Stage, registration: SelfRegistration, letters: Letters
) -> None:
    for turn in range(8):
        stage.clock.advance(900)
        await applied(registration, parse_applicant(BINH_NUMBER, "Đỗ Minh Hải", "30/4/2003", f"{turn}@example.vn"))
    assert 5 <= [address for address, *_ in letters.sent].count(BINH) < 8 + 1
    assert sum(kind == "refused" for _, kind, _ in letters.sent) == 8


async def test_a_guessed_code_opens_nothing_for_whom_there_is_no_account_to_open(
    stage: Stage, registration: SelfRegistration, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(stage.entropy), "digits", lambda _, length: "7" * length)
    register.people.clear()
    held = await applied(registration)
    with pytest.raises(WrongCodeError):
        await registration.submit_code(held, "777777", VISITOR)
    with pytest.raises(DocumentGoneError):
        await registration.finish(held, PASSWORD, VISITOR)


async def test_no_code_no_account(registration: SelfRegistration) -> None:
    held = await applied(registration)
    with pytest.raises(DocumentGoneError):
        await registration.finish(held, PASSWORD, VISITOR)


async def test_an_old_code_does_not_count(stage: Stage, registration: SelfRegistration, letters: Letters) -> None:
    held = await applied(registration)
    stage.clock.advance(15 * 60)
    with pytest.raises((CodeExpiredError, DocumentGoneError)):
        await registration.submit_code(held, letters.sent[-1][2], VISITOR)


async def test_whoever_got_an_account_meanwhile_gets_no_second_one(
    stage: Stage, registration: SelfRegistration, letters: Letters
) -> None:
    first, second = await applied(registration), await applied(registration)
    codes = [text for _, kind, text in letters.sent if kind == "code"]
    first = await registration.submit_code(first, codes[0], VISITOR)
    second = await registration.submit_code(second, codes[1], VISITOR)
    account_id = await registration.finish(first, PASSWORD, VISITOR)
    with pytest.raises(KnownMeanwhileError):
        await registration.finish(second, PASSWORD, VISITOR)
    assert await stage.account_id(NUMBER) == account_id


async def test_what_fails_is_in_the_audit_record(
    stage: Stage, registration: SelfRegistration, register: Register
) -> None:
    child = parse_applicant(NUMBER, "Đỗ Minh Hải", "30/4/2020", "hai@example.vn")
    with pytest.raises(TooYoungError):
        await applied(registration, child)
    for _ in range(4):
        await applied(registration)
    with pytest.raises(SlowDownError):
        await applied(registration)
    refused = await stage.events("registration.refused")
    assert ["too_young" in each for each in refused] == [True, False]
    assert "throttled" in refused[-1]
    assert NUMBER not in str(refused)


async def test_what_a_silent_register_cost_is_given_back(
    stage: Stage, registration: SelfRegistration, register: Register
) -> None:
    register.is_silent = True
    for _ in range(8):
        with pytest.raises(RegistryUnavailableError):
            await applied(registration)
    register.is_silent = False
    assert (await applied(registration)).document.entry is not None
    assert "register_unavailable" in (await stage.events("registration.refused"))[0]
