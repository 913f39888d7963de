"""What both journeys with a face have in common: begun once agreed, answered by the verifier alone."""

from dataclasses import replace

import pytest

from idp.domain.enrolment.biometric_check import CheckObstacle, CheckOutcome, RefusedCheckError
from idp.domain.ids import AccountId
from idp.journeys.bound_documents import DocumentGoneError
from idp.journeys.portrait_checks import NOT_BEGUN, PortraitChecks, Return, portrait_digest, reason_of
from idp.journeys.throttling import SlowDownError
from idp.ports.biometric_verifier import UntrustedOutcomeError, VerifierUnavailableError
from idp.ports.population_registry import RegistryUnavailableError
from idp.ports.short_lived import Throttle
from tests.journeys.registers import BINH_NUMBER, Register, Verifier, entry, match, portrait_checks
from tests.journeys.stage import BINH, VISITOR, Stage

ONE_TRY = (Throttle("throttle:test", burst=1, interval=600),)
BACK = Return("/back", "state-1")


class Forged(Verifier):
    """What it says was signed by somebody else."""

    async def outcome(self, check_id: str) -> CheckOutcome | None:
        raise UntrustedOutcomeError(check_id)


class AboutAnother(Verifier):
    """What it says is about another check."""

    async def outcome(self, check_id: str) -> CheckOutcome | None:
        return await super().outcome(f"not-{check_id}")


@pytest.fixture
def register() -> Register:
    return Register({BINH_NUMBER: entry(BINH_NUMBER, birthdate="1999-05-06")})


@pytest.fixture
def verifier(stage: Stage) -> Verifier:
    return Verifier(match(stage.clock.at))


@pytest.fixture
def checks(stage: Stage, register: Register, verifier: Verifier) -> PortraitChecks:
    return portrait_checks(stage, register, verifier)


async def begin(checks: PortraitChecks, account_id: AccountId) -> str:
    subject, _ = await checks.begin(account_id, "wording-1", BACK, ONE_TRY, VISITOR)
    return subject.portrait


async def test_what_was_agreed_to_is_recorded_and_the_way_back_carries_the_state(
    stage: Stage, checks: PortraitChecks, verifier: Verifier
) -> None:
    assert await begin(checks, await stage.account_id(BINH)) == "portrait-1"
    assert verifier.started == [("portrait-1", "https://id.vn/back?state=state-1")]
    (agreed,) = await stage.events("biometric_consent.given")
    assert '"wording":"wording-1"' in agreed


async def test_a_try_counts_unless_nobody_answers(stage: Stage, checks: PortraitChecks, verifier: Verifier) -> None:
    account_id = await stage.account_id(BINH)
    verifier.is_silent = True
    for _ in range(2):
        with pytest.raises(VerifierUnavailableError):
            await begin(checks, account_id)
    verifier.is_silent = False
    await begin(checks, account_id)
    with pytest.raises(SlowDownError):
        await begin(checks, account_id)


async def test_nobody_without_a_record_is_sent_anywhere(checks: PortraitChecks, verifier: Verifier) -> None:
    with pytest.raises(RefusedCheckError) as refused:
        await begin(checks, AccountId("nobody"))
    assert refused.value.obstacle is CheckObstacle.NOT_IN_REGISTER
    assert verifier.started == []


async def test_what_the_verifier_did_not_sign_or_finish_is_nothing(
    stage: Stage, checks: PortraitChecks, verifier: Verifier
) -> None:
    verifier.found = None
    begun_at = stage.clock.now()
    assert await checks.outcome("check-1", begun_at) is CheckObstacle.UNFINISHED
    for forged in (Forged(), AboutAnother(match(begun_at))):
        assert await replace(checks, verifier=forged).outcome("check-1", begun_at) is CheckObstacle.UNTRUSTED


@pytest.mark.parametrize(("found_at", "in_time"), [(-16, False), (-15, True), (75, True), (76, False)])
async def test_what_was_found_before_the_check_or_in_the_future_is_nothing(
    stage: Stage, checks: PortraitChecks, verifier: Verifier, found_at: int, in_time: bool
) -> None:
    begun_at = stage.clock.now()
    verifier.found = match(begun_at + found_at)
    stage.clock.advance(60)
    found = await checks.outcome("check-1", begun_at)
    assert (found is not CheckObstacle.NOT_OF_THIS_TIME) == in_time


def test_every_failure_has_a_word_of_its_own() -> None:
    failures = (
        SlowDownError(1),
        RegistryUnavailableError(),
        VerifierUnavailableError(),
        RefusedCheckError(CheckObstacle.DIFFERENT),
        DocumentGoneError(),
    )
    assert {type(failure) for failure in failures} == {*NOT_BEGUN, DocumentGoneError}
    assert len({reason_of(failure) for failure in failures}) == len(failures)


def test_a_portrait_is_named_by_its_digest() -> None:
    assert portrait_digest("portrait-1") != portrait_digest("portrait-2")
    assert len(portrait_digest("portrait-1")) == 43
