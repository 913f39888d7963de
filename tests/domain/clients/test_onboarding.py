from dataclasses import replace

import msgspec
import pytest

from idp.domain.clients.client import Client
from idp.domain.clients.onboarding import APPRAISAL_TIME, Gate, Onboarding, OnboardingStage, Verdict, begun
from idp.domain.ids import AccountId, ClientId, Seconds

NOW = Seconds(1_800_000_000)
ANNA = AccountId("anna")
PASSED = replace(begun(NOW), verdict=Verdict.PASSED, decided_at=NOW, decided_by=AccountId("officer"))
READY = Onboarding(
    purpose="Giải quyết hồ sơ đất đai",
    agreement="12/2026/TT",
    agreement_date="2026-03-04",
    security_level=3,
    appraisal=PASSED,
)


def test_a_service_with_everything_lacks_nothing() -> None:
    assert list(READY.missing()) == []


@pytest.mark.parametrize(
    ("change", "gate"),
    [
        ({"agreement": ""}, Gate.AGREEMENT),
        ({"agreement_date": ""}, Gate.AGREEMENT),
        ({"security_level": None}, Gate.SECURITY_LEVEL),
        ({"security_level": 2}, Gate.SECURITY_LEVEL),
        ({"purpose": ""}, Gate.PURPOSE),
        ({"appraisal": None}, Gate.APPRAISAL),
        ({"appraisal": begun(NOW)}, Gate.APPRAISAL),
        ({"appraisal": replace(PASSED, verdict=Verdict.REFUSED)}, Gate.APPRAISAL),
    ],
)
def test_each_gate_is_one_of_its_own(change: dict[str, object], gate: Gate) -> None:
    assert list(replace(READY, **change).missing()) == [gate]  # type: ignore[arg-type]


def test_an_appraisal_is_late_after_thirty_days_unless_it_is_decided() -> None:
    due = Seconds(NOW + APPRAISAL_TIME)

    assert not begun(NOW).is_late(Seconds(due - 1))
    assert begun(NOW).is_late(due)
    assert not PASSED.is_late(due)


def test_a_service_serves_its_testers_alone_until_it_is_in_production() -> None:
    client = Client(ClientId("portal"))
    testing = replace(client, onboarding=Onboarding(testers=(ANNA,)))

    assert client.is_in_production
    assert client.serves(AccountId("binh"))
    assert not testing.is_in_production
    assert testing.serves(ANNA)
    assert not testing.serves(AccountId("binh"))
    assert replace(testing, onboarding=replace(READY, stage=OnboardingStage.PRODUCTION)).serves(AccountId("binh"))


def test_what_is_recorded_is_kept_with_the_client() -> None:
    client = Client(ClientId("portal"), onboarding=replace(READY, testers=(ANNA,)))

    assert msgspec.json.decode(msgspec.json.encode(client), type=Client) == client
