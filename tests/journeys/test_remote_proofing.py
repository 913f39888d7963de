"""Proof from afar, where the surroundings fail; the whole way is walked in `tests/flows/test_remote_proofing.py`."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from idp.domain.enrolment.biometric_check import CheckObstacle, RefusedCheckError
from idp.domain.events import Event
from idp.domain.ids import AccountId
from idp.domain.people.identity_record import IdentityRecord
from idp.journeys.bound_documents import DocumentGoneError
from idp.journeys.remote_proofing import CheckUnderWay, RemoteProofing, RemoteProofingParts
from idp.journeys.throttling import SlowDownError
from idp.ports.biometric_verifier import VerifierUnavailableError
from idp.ports.identity_records import RecordChangedError
from tests.journeys.registers import BINH_NUMBER, Letters, Register, Verifier, documents, entry, match, portrait_checks
from tests.journeys.stage import BINH, BROWSER, VISITOR, Stage


@pytest.fixture
def register() -> Register:
    return Register({BINH_NUMBER: entry(BINH_NUMBER, birthdate="1999-05-06")})


@pytest.fixture
def verifier(stage: Stage) -> Verifier:
    return Verifier(match(stage.clock.at))


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def parts(stage: Stage, register: Register, verifier: Verifier, letters: Letters) -> RemoteProofingParts:
    return RemoteProofingParts(
        portraits=portrait_checks(stage, register, verifier),
        documents=documents(stage, CheckUnderWay),
        records=stage.stores.identity_records,
        accounts=stage.stores.accounts,
        messages=letters,
        throttling=stage.throttling,
        audit=stage.stores.audit_trail,
        clock=stage.clock,
    )


async def started(parts: RemoteProofingParts, verifier: Verifier, account_id: AccountId) -> str:
    """Begin a check; the state that the person comes back with."""
    await RemoteProofing(parts).start(account_id, BROWSER, VISITOR)
    (state,) = parse_qs(urlsplit(verifier.started[-1][1]).query)["state"]
    return state


async def level(stage: Stage) -> int:
    record = await stage.stores.identity_records.of_number(BINH_NUMBER)
    assert record is not None
    return record.identity_level


async def test_only_a_reference_of_the_portrait_goes_to_the_verifier(
    stage: Stage, parts: RemoteProofingParts, verifier: Verifier
) -> None:
    await started(parts, verifier, await stage.account_id(BINH))
    ((portrait, return_to),) = verifier.started
    assert portrait == "portrait-1"
    assert return_to.startswith("https://id.vn/account/identity/verify/return?state=")


async def test_an_outcome_about_another_portrait_is_refused(
    stage: Stage, parts: RemoteProofingParts, verifier: Verifier
) -> None:
    account_id = await stage.account_id(BINH)
    state = await started(parts, verifier, account_id)
    verifier.found = replace(match(stage.clock.at), portrait_digest="other")
    with pytest.raises(RefusedCheckError) as refused:
        await RemoteProofing(parts).finish(account_id, state, BROWSER, VISITOR)
    assert refused.value.obstacle is CheckObstacle.OTHER_PORTRAIT
    assert await level(stage) == 1


async def test_a_record_that_changes_meanwhile_is_read_again(
    stage: Stage, parts: RemoteProofingParts, verifier: Verifier, letters: Letters
) -> None:
    account_id = await stage.account_id(BINH)
    state = await started(parts, verifier, account_id)
    busy = Busy(parts.records, times=2)
    await RemoteProofing(replace(parts, records=busy)).finish(account_id, state, BROWSER, VISITOR)  # type: ignore[arg-type]  # of the records, this journey needs two methods
    assert await level(stage) == 2
    assert letters.sent == [(BINH, "verified", "")]


async def test_a_record_that_never_stands_still_is_left_as_it_is(
    stage: Stage, parts: RemoteProofingParts, verifier: Verifier
) -> None:
    account_id = await stage.account_id(BINH)
    state = await started(parts, verifier, account_id)
    busy = Busy(parts.records, times=9)
    with pytest.raises(RefusedCheckError):
        await RemoteProofing(replace(parts, records=busy)).finish(account_id, state, BROWSER, VISITOR)  # type: ignore[arg-type]  # as above
    assert await level(stage) == 1


async def test_a_message_that_does_not_leave_undoes_nothing(
    stage: Stage, parts: RemoteProofingParts, verifier: Verifier, letters: Letters
) -> None:
    letters.closed = {BINH}
    account_id = await stage.account_id(BINH)
    await RemoteProofing(parts).finish(account_id, await started(parts, verifier, account_id), BROWSER, VISITOR)
    assert await level(stage) == 2


async def test_somebody_elses_check_is_none(stage: Stage, parts: RemoteProofingParts, verifier: Verifier) -> None:
    state = await started(parts, verifier, await stage.account_id(BINH))
    with pytest.raises(DocumentGoneError):
        await RemoteProofing(parts).finish(await stage.account_id(), state, BROWSER, VISITOR)


async def test_every_start_that_fails_is_in_the_audit_record_and_so_is_the_agreement(
    stage: Stage, parts: RemoteProofingParts, verifier: Verifier
) -> None:
    account_id = await stage.account_id(BINH)
    verifier.is_silent = True
    for _ in range(6):
        with pytest.raises(VerifierUnavailableError):
            await RemoteProofing(parts).start(account_id, BROWSER, VISITOR)
    verifier.is_silent = False
    for _ in range(5):
        await RemoteProofing(parts).start(account_id, BROWSER, VISITOR)
    with pytest.raises(SlowDownError):
        await RemoteProofing(parts).start(account_id, BROWSER, VISITOR)
    assert len(await stage.events("biometric_consent.given")) == 12
    refused = await stage.events("remote_proofing.refused")
    # What a silent verifier cost was given back.
    assert ["throttled" in each for each in refused] == [False] * 6 + [True]


async def test_every_end_that_fails_is_in_the_audit_record(
    stage: Stage, parts: RemoteProofingParts, verifier: Verifier
) -> None:
    account_id = await stage.account_id(BINH)
    state = await started(parts, verifier, account_id)
    proofing = RemoteProofing(parts)
    with pytest.raises(DocumentGoneError):
        await proofing.finish(account_id, state, "another-browser", VISITOR)
    verifier.is_silent = True
    with pytest.raises(VerifierUnavailableError):
        await proofing.finish(account_id, state, BROWSER, VISITOR)
    verifier.is_silent, verifier.found = False, match(stage.clock.at - 16)
    with pytest.raises(RefusedCheckError):
        await proofing.finish(account_id, state, BROWSER, VISITOR)
    with pytest.raises(DocumentGoneError):
        await proofing.finish(account_id, state, BROWSER, VISITOR)
    reasons = ("unknown_or_used", "verifier_unavailable", "not_of_this_time", "unknown_or_used")
    refused = await stage.events("remote_proofing.refused")
    assert [f'"reason":"{reason}"' in each for reason, each in zip(reasons, refused, strict=True)] == [True] * 4
    assert ["check-1" in each for each in refused] == [False, True, True, False]
    assert await level(stage) == 1


async def test_nobody_without_a_record_is_checked(stage: Stage, parts: RemoteProofingParts) -> None:
    with pytest.raises(RefusedCheckError):
        await RemoteProofing(parts).start(AccountId("nobody"), BROWSER, VISITOR)


class Busy:
    """Records that somebody else changes `times` before they can be saved."""

    def __init__(self, records: Any, times: int) -> None:
        self._records = records
        self._times = times

    async def of_account(self, account_id: AccountId) -> IdentityRecord | None:
        found: IdentityRecord | None = await self._records.of_account(account_id)
        return found

    async def save(self, record: IdentityRecord, event: Event) -> None:
        self._times -= 1
        if self._times >= 0:
            raise RecordChangedError
        await self._records.save(record, event)
