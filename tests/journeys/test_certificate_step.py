"""Cards as a factor: whose they are, and for whom they open nothing. The pages are in `tests/flows`."""

import asyncio
from dataclasses import replace

import pytest

from idp.domain.authenticators.account_certificate import CertificateObstacle, RefusedCertificateError
from idp.domain.clients.client import ClientAudience
from idp.domain.events import AccountLocked
from idp.domain.grants.grant import RevocationReason
from idp.domain.levels.assurance import Method, Resistance, resistance_of
from idp.journeys.certificate_step import CertificateStep, CertificateStepParts
from idp.journeys.refusals import AccountLockedError, CitizensOnlyError
from idp.journeys.throttling import SlowDownError
from tests.journeys.cards import Cards, added
from tests.journeys.stage import OFFICER, ORIGIN, VISITOR, Stage

CUONG_SIGNS_IN_AS = OFFICER[0]


@pytest.fixture
def parts(stage: Stage) -> CertificateStepParts:
    return CertificateStepParts(
        checks=Cards(),
        certificates=stage.stores.account_certificates,
        accounts=stage.stores.accounts,
        attempts=stage.attempts,
        throttling=stage.throttling,
        risk=stage.risk,
        floods=stage.floods,
        audit=stage.stores.audit_trail,
        clock=stage.clock,
    )


@pytest.fixture
def step(parts: CertificateStepParts) -> CertificateStep:
    return CertificateStep(parts)


async def test_a_card_tells_who_its_holder_is_and_withstands_phishing(stage: Stage, step: CertificateStep) -> None:
    account_id = await added(stage, CUONG_SIGNS_IN_AS, b"card")
    moved = await step.submit(await stage.begin(), b"card", VISITOR)
    assert moved.attempt.account_id == account_id
    assert [proof.method for proof in moved.attempt.proofs] == [Method.CERTIFICATE]
    assert resistance_of(moved.attempt.proofs) is Resistance.HARDWARE_PROTECTED
    (used,) = await stage.stores.account_certificates.of_account(account_id)
    assert used.last_used_at == stage.clock.now()
    assert len(await stage.events("certificate.accepted")) == 1


async def test_a_card_joins_what_its_holder_proved_before(stage: Stage, step: CertificateStep) -> None:
    await added(stage, CUONG_SIGNS_IN_AS, b"card")
    moved = await step.submit(await stage.with_password(*OFFICER), b"card", VISITOR)
    assert {proof.method for proof in moved.attempt.proofs} == {Method.PASSWORD, Method.CERTIFICATE}


@pytest.mark.parametrize(
    ("shown", "obstacle"),
    [
        (None, CertificateObstacle.NONE_SHOWN),
        (b"unknown", CertificateObstacle.NOT_ENROLLED),
        (b"revoked", CertificateObstacle.REVOKED),
    ],
)
async def test_other_cards_let_nobody_in(
    stage: Stage, step: CertificateStep, shown: bytes | None, obstacle: CertificateObstacle
) -> None:
    await added(stage, CUONG_SIGNS_IN_AS, b"card")
    with pytest.raises(RefusedCertificateError) as refused:
        await step.submit(await stage.begin(), shown, VISITOR)
    assert refused.value.obstacle is obstacle
    assert f'"reason":"{obstacle}"' in (await stage.events("certificate.refused"))[-1]


async def test_somebody_elses_card_does_not_take_over_a_sign_in(stage: Stage, step: CertificateStep) -> None:
    await added(stage, CUONG_SIGNS_IN_AS, b"card")
    loaded = await stage.with_password()
    with pytest.raises(RefusedCertificateError) as refused:
        await step.submit(loaded, b"card", VISITOR)
    assert refused.value.obstacle is CertificateObstacle.SOMEBODY_ELSES
    assert (await stage.load(loaded.attempt.attempt_id)).attempt == loaded.attempt


async def test_a_citizens_account_has_no_card(stage: Stage, step: CertificateStep) -> None:
    await added(stage, "001099000001", b"card")
    with pytest.raises(RefusedCertificateError) as refused:
        await step.submit(await stage.begin(), b"card", VISITOR)
    assert refused.value.obstacle is CertificateObstacle.NOT_ENROLLED


async def test_a_card_that_is_taken_away_while_it_is_looked_at_counts_no_more(
    stage: Stage, parts: CertificateStepParts
) -> None:
    account_id = await added(stage, CUONG_SIGNS_IN_AS, b"card")
    certificates = parts.certificates

    class Removing:
        holder = staticmethod(certificates.holder)

        async def accept(self, *arguments: object) -> bool:
            (card,) = await certificates.of_account(account_id)
            await certificates.remove(account_id, card.certificate_id, locked(account_id))
            return await certificates.accept(*arguments)  # type: ignore[arg-type]  # as they came

    step = CertificateStep(replace(parts, certificates=Removing()))  # type: ignore[arg-type]  # what the step calls
    with pytest.raises(RefusedCertificateError):
        await step.submit(await stage.begin(), b"card", VISITOR)


async def test_what_the_account_may_not_do_is_told_to_its_holder(stage: Stage, step: CertificateStep) -> None:
    account_id = await added(stage, CUONG_SIGNS_IN_AS, b"card")
    with pytest.raises(CitizensOnlyError):
        await step.submit(await stage.begin(audience=ClientAudience.CITIZEN), b"card", VISITOR)
    await stage.stores.accounts.set_locked(
        account_id,
        locked=True,
        now=stage.clock.now(),
        reason=RevocationReason.ACCOUNT_LOCKED,
        event=locked(account_id),
    )
    with pytest.raises(AccountLockedError):
        await step.submit(await stage.begin(), b"card", VISITOR)
    assert len(await stage.events("certificate.refused")) == 2


async def test_of_50_submissions_of_one_attempt_at_once_one_moves_it(stage: Stage, step: CertificateStep) -> None:
    await added(stage, CUONG_SIGNS_IN_AS, b"card")
    loaded = await stage.begin()
    ends = await asyncio.gather(*(step.submit(loaded, b"card", VISITOR) for _ in range(50)), return_exceptions=True)
    assert sum(not isinstance(end, Exception) for end in ends) == 1


async def test_cards_that_let_nobody_in_are_slowed_down_and_others_are_not(stage: Stage, step: CertificateStep) -> None:
    await added(stage, CUONG_SIGNS_IN_AS, b"card")
    for _ in range(61):
        await step.submit(await stage.begin(), b"card", VISITOR)
    loaded = await stage.begin()
    for _ in range(60):
        with pytest.raises(RefusedCertificateError):
            await step.submit(loaded, b"unknown", VISITOR)
    with pytest.raises(SlowDownError):
        await step.submit(loaded, b"unknown", VISITOR)
    assert "throttled" in (await stage.events("certificate.refused"))[-1]


def locked(account_id: object) -> AccountLocked:
    return AccountLocked(origin=ORIGIN, account_id=account_id, locked=True, reason="")  # type: ignore[arg-type]  # an AccountId


def test_only_a_card_that_holds_names_anybody(step: CertificateStep) -> None:
    assert step.holder_named_by(b"card") == "CN=Lê Văn Cường"
    assert step.holder_named_by(b"revoked") is None
    assert step.holder_named_by(None) is None
