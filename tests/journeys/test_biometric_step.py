"""A face as a factor: bound to attempt, account, browser and moment; what anything else says is nothing."""

import asyncio
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from idp.domain.enrolment.biometric_check import CheckObstacle, CheckOutcome, RefusedCheckError, Verdict
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import Method, level_of
from idp.journeys.attempt import Loaded
from idp.journeys.biometric_step import BiometricStep, BiometricStepParts, FaceCheck
from idp.journeys.bound_documents import DocumentGoneError
from idp.journeys.throttling import SlowDownError
from idp.ports.biometric_verifier import UntrustedOutcomeError, VerifierUnavailableError
from idp.ports.population_registry import RegistryUnavailableError
from tests.journeys.registers import BINH_NUMBER, Register, Verifier, documents, entry, match, portrait_checks
from tests.journeys.stage import BINH, BROWSER, CUONG, OFFICER, VISITOR, Stage

BACK = "/sign-in/a/biometric/return"


@pytest.fixture
def register() -> Register:
    people = (entry(BINH_NUMBER, birthdate="1999-05-06"), entry(CUONG, birthdate="1985-07-08", portrait="portrait-3"))
    return Register({each.personal_number: each for each in people})


@pytest.fixture
def verifier(stage: Stage) -> Verifier:
    return Verifier(match(stage.clock.at))


@pytest.fixture
def parts(stage: Stage, register: Register, verifier: Verifier) -> BiometricStepParts:
    return BiometricStepParts(
        portraits=portrait_checks(stage, register, verifier),
        checks=documents(stage, FaceCheck),
        attempts=stage.attempts,
        throttling=stage.throttling,
        devices=stage.devices,
        audit=stage.stores.audit_trail,
        clock=stage.clock,
    )


@pytest.fixture
def step(parts: BiometricStepParts) -> BiometricStep:
    return BiometricStep(parts)


async def started(step: BiometricStep, verifier: Verifier, loaded: Loaded) -> str:
    """Begin a check; the state that the person comes back with."""
    await step.start(loaded, BROWSER, BACK, VISITOR)
    (state,) = parse_qs(urlsplit(verifier.started[-1][1]).query)["state"]
    return state


async def refusals(stage: Stage) -> list[str]:
    return await stage.events("second_factor.refused")


async def test_a_face_with_a_password_is_level_3(stage: Stage, step: BiometricStep, verifier: Verifier) -> None:
    loaded = await stage.with_password(BINH)
    moved = await step.finish(loaded, await started(step, verifier, loaded), BROWSER, VISITOR)
    assert {proof.method for proof in moved.attempt.all_proofs} == {Method.PASSWORD, Method.BIOMETRIC}
    assert level_of(moved.attempt.all_proofs) == 3
    ((portrait, return_to),) = verifier.started
    assert portrait == "portrait-1"
    assert return_to.startswith(f"https://id.vn{BACK}?state=")
    (accepted,) = await stage.events("second_factor.accepted")
    assert '"evidence":"digest"' in accepted
    assert len(await stage.events("face_check.started")) == 1
    assert "sign-in-2026-11" in (await stage.events("biometric_consent.given"))[0]


async def test_an_officers_face_is_that_of_the_human_behind(
    stage: Stage, step: BiometricStep, verifier: Verifier
) -> None:
    loaded = await stage.with_password(*OFFICER)
    await started(step, verifier, loaded)
    assert verifier.started[-1][0] == "portrait-3"


@pytest.mark.parametrize(
    ("changes", "obstacle"),
    [
        ({"verdict": Verdict.NO_MATCH}, CheckObstacle.NO_MATCH),
        ({"live": False}, CheckObstacle.NOT_LIVE),
        ({"score_class": "medium"}, CheckObstacle.INCONCLUSIVE),
        ({"portrait_digest": "somebody-elses"}, CheckObstacle.OTHER_PORTRAIT),
    ],
)
async def test_what_shows_nobody_alive_or_somebody_else_proves_nothing(
    stage: Stage, step: BiometricStep, verifier: Verifier, changes: dict[str, object], obstacle: CheckObstacle
) -> None:
    loaded = await stage.with_password(BINH)
    state = await started(step, verifier, loaded)
    verifier.found = replace(match(stage.clock.at), **changes)  # type: ignore[arg-type]  # whatever a case names
    with pytest.raises(RefusedCheckError) as refused:
        await step.finish(loaded, state, BROWSER, VISITOR)
    assert refused.value.obstacle is obstacle
    assert f'"reason":"{obstacle}"' in (await refusals(stage))[-1]
    with pytest.raises(DocumentGoneError):
        await step.finish(loaded, state, BROWSER, VISITOR)


async def test_an_unread_chip_does_not_matter(stage: Stage, step: BiometricStep, verifier: Verifier) -> None:
    loaded = await stage.with_password(BINH)
    state = await started(step, verifier, loaded)
    verifier.found = replace(match(stage.clock.at), chip_verified=False)
    moved = await step.finish(loaded, state, BROWSER, VISITOR)
    assert level_of(moved.attempt.all_proofs) == 3


@pytest.mark.parametrize("seconds", [-16, 16])
async def test_what_was_found_before_the_check_or_in_the_future_is_refused(
    stage: Stage, step: BiometricStep, verifier: Verifier, seconds: int
) -> None:
    loaded = await stage.with_password(BINH)
    state = await started(step, verifier, loaded)
    verifier.found = match(stage.clock.at + seconds)
    with pytest.raises(RefusedCheckError) as refused:
        await step.finish(loaded, state, BROWSER, VISITOR)
    assert refused.value.obstacle is CheckObstacle.NOT_OF_THIS_TIME


@pytest.mark.parametrize(("found_at", "counts_from"), [(-10, 0), (10, 10), (70, 60)])
async def test_a_face_counts_from_when_it_was_seen(
    stage: Stage, step: BiometricStep, verifier: Verifier, found_at: int, counts_from: int
) -> None:
    loaded = await stage.with_password(BINH)
    begun = stage.clock.at
    state = await started(step, verifier, loaded)
    verifier.found = match(begun + found_at)
    stage.clock.advance(60)
    moved = await step.finish(loaded, state, BROWSER, VISITOR)
    (face,) = (proof for proof in moved.attempt.proofs if proof.method is Method.BIOMETRIC)
    assert face.at == Seconds(begun + counts_from)


async def test_an_outcome_counts_once_however_many_ask_at_once(
    stage: Stage, step: BiometricStep, verifier: Verifier
) -> None:
    loaded = await stage.with_password(BINH)
    state = await started(step, verifier, loaded)
    ends = await asyncio.gather(
        *(step.finish(loaded, state, BROWSER, VISITOR) for _ in range(50)), return_exceptions=True
    )
    assert sum(isinstance(end, Loaded) for end in ends) == 1
    assert sum(isinstance(end, DocumentGoneError) for end in ends) == 49
    assert len(await stage.events("second_factor.accepted")) == 1


async def test_the_outcome_of_another_attempt_account_or_browser_is_none(
    stage: Stage, step: BiometricStep, verifier: Verifier
) -> None:
    loaded = await stage.with_password(BINH)
    state = await started(step, verifier, loaded)
    others = (await stage.with_password(BINH), await stage.with_password())
    for other in others:
        with pytest.raises(DocumentGoneError):
            await step.finish(other, state, BROWSER, VISITOR)
    with pytest.raises(DocumentGoneError):
        await step.finish(loaded, state, "another-browser", VISITOR)
    assert ["unknown_or_used" in each for each in await refusals(stage)] == [True] * 3
    moved = await step.finish(loaded, state, BROWSER, VISITOR)
    assert level_of(moved.attempt.all_proofs) == 3


async def test_whoever_signs_in_as_somebody_else_meanwhile_brings_no_face_along(
    stage: Stage, step: BiometricStep, verifier: Verifier
) -> None:
    loaded = await stage.with_password(BINH)
    state = await started(step, verifier, loaded)
    now_an = replace(loaded, attempt=replace(loaded.attempt, account_id=await stage.account_id()))
    with pytest.raises(DocumentGoneError):
        await step.finish(now_an, state, BROWSER, VISITOR)


async def test_an_unfinished_or_untrusted_check_proves_nothing(
    stage: Stage, parts: BiometricStepParts, verifier: Verifier
) -> None:
    loaded = await stage.with_password(BINH)
    step = BiometricStep(parts)
    verifier.found = None
    state = await started(step, verifier, loaded)
    with pytest.raises(RefusedCheckError) as refused:
        await step.finish(loaded, state, BROWSER, VISITOR)
    assert refused.value.obstacle is CheckObstacle.UNFINISHED
    for forged in (Forged(), Forged(about_another=True)):
        step = BiometricStep(replace(parts, portraits=replace(parts.portraits, verifier=forged)))
        with pytest.raises(RefusedCheckError) as refused:
            await step.finish(loaded, await started(step, forged, loaded), BROWSER, VISITOR)
        assert refused.value.obstacle is CheckObstacle.UNTRUSTED


class Forged(Verifier):
    """Its outcomes are not the verifier's, or about another check."""

    def __init__(self, *, about_another: bool = False) -> None:
        super().__init__(match(0))
        self.about_another = about_another

    async def outcome(self, check_id: str) -> CheckOutcome:
        if not self.about_another:
            raise UntrustedOutcomeError("not signed by the verifier")
        return replace(match(0), check_id=f"not-{check_id}")


async def test_a_silent_verifier_or_register_costs_no_try_and_the_check_can_be_asked_for_again(
    stage: Stage, step: BiometricStep, verifier: Verifier, register: Register
) -> None:
    loaded = await stage.with_password(BINH)
    verifier.is_silent = True
    for _ in range(8):
        with pytest.raises(VerifierUnavailableError):
            await step.start(loaded, BROWSER, BACK, VISITOR)
    verifier.is_silent, register.is_silent = False, True
    with pytest.raises(RegistryUnavailableError):
        await step.start(loaded, BROWSER, BACK, VISITOR)
    register.is_silent = False
    state = await started(step, verifier, loaded)
    verifier.is_silent = True
    with pytest.raises(VerifierUnavailableError):
        await step.finish(loaded, state, BROWSER, VISITOR)
    verifier.is_silent = False
    moved = await step.finish(loaded, state, BROWSER, VISITOR)
    assert level_of(moved.attempt.all_proofs) == 3
    reasons = await refusals(stage)
    assert len([each for each in reasons if "verifier_unavailable" in each]) == 9
    assert len([each for each in reasons if "register_unavailable" in each]) == 1


async def test_tries_at_a_likeness_are_counted_and_successes_are_not(
    stage: Stage, step: BiometricStep, verifier: Verifier
) -> None:
    loaded = await stage.with_password(BINH)
    for _ in range(7):
        other = await stage.with_password(BINH)
        await step.finish(other, await started(step, verifier, other), BROWSER, VISITOR)
    for _ in range(6):
        await started(step, verifier, loaded)
    with pytest.raises(SlowDownError):
        await step.start(loaded, BROWSER, BACK, VISITOR)
    assert '"reason":"throttled"' in (await refusals(stage))[-1]


async def test_whom_the_register_cannot_show_is_not_sent_anywhere(
    stage: Stage, step: BiometricStep, verifier: Verifier
) -> None:
    loaded = await stage.with_password()
    with pytest.raises(RefusedCheckError) as refused:
        await step.start(loaded, BROWSER, BACK, VISITOR)
    assert refused.value.obstacle is CheckObstacle.NOT_IN_REGISTER
    assert verifier.started == []
