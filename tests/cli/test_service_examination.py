"""The examination of the services of the state, on certificates as the demo makes them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from idp.cli import service_examination
from idp.cli.demo_certificates import DAYS, ServiceKeys
from idp.cli.finding import Finding, Level
from idp.cli.service_examination import examine_services
from idp.domain.ids import Seconds
from idp.settings import Settings
from tests.adapters.registry.test_population_registry import simulated
from tests.protocol.certificates import YEAR, authority, revocations
from tests.services import ServicesInProcess


class Days:
    """A clock so many days from now."""

    def __init__(self, days: int) -> None:
        self.at = int((datetime.now(UTC) + timedelta(days=days)).timestamp())

    def now(self) -> Seconds:
        return Seconds(self.at)

    def milliseconds(self) -> int:
        return self.at * 1000


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> ServiceKeys:
    made = ServiceKeys(tmp_path_factory.mktemp("services"))
    made.make()
    return made


def settings(keys: ServiceKeys, **changes: Any) -> Settings:
    told = {
        "population_registry": "https://localhost:8005",
        "biometric_verifier": "http://localhost:8006",
        "biometric_verifier_keys": keys.outcomes_keys,
        "service_certificate": keys.certificate("provider"),
        "service_key": keys.key("provider"),
        "service_ca": keys.authority,
    }
    return Settings.model_validate(told | changes)


async def findings(configured: Settings, days: int = 0) -> list[Finding]:
    return [finding async for finding in examine_services(configured, Days(days))]


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> ServicesInProcess:
    services = simulated()
    monkeypatch.setattr(service_examination, "GuardedHttp", lambda *_, **__: services)
    return services


async def test_nothing_is_said_where_nothing_is_set() -> None:
    assert await findings(Settings()) == []


async def test_what_is_sound_is_told(keys: ServiceKeys, register: ServicesInProcess) -> None:
    told = await findings(settings(keys))
    assert [(each.check, each.level) for each in told] == [
        ("biometric verifier", Level.OK),
        ("service certificate", Level.OK),
        ("population register", Level.OK),
    ]
    assert [path for path, _ in register.calls] == ["/people/find"]


async def test_a_silent_register_fails(keys: ServiceKeys, register: ServicesInProcess) -> None:
    register.down.add(8005)
    *_, last = await findings(settings(keys))
    assert (last.check, last.level) == ("population register", Level.FAIL)
    assert "IDP_OUTBOUND_ALLOW" in last.remedy


@pytest.mark.parametrize(("days", "level"), [(DAYS - 20, Level.WARN), (DAYS + 1, Level.FAIL)])
async def test_a_certificate_about_to_end_is_pointed_out_and_one_that_ended_fails(
    keys: ServiceKeys, days: int, level: Level
) -> None:
    (certificate,) = await findings(settings(keys, population_registry="", biometric_verifier=""), days)
    assert (certificate.check, certificate.level) == ("service certificate", level)


@pytest.mark.parametrize("content", [None, "", "{}", '{"keys": []}', '{"keys": ["x"]}', "[]"])
async def test_a_verifier_without_keys_to_believe_it_by_fails(
    keys: ServiceKeys, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "keys.json"
    if content is not None:
        path.write_text(content)
    (failed,) = await findings(settings(keys, biometric_verifier_keys=path))
    assert (failed.check, failed.level) == ("services", Level.FAIL)
    assert "IDP_BIOMETRIC_VERIFIER_KEYS" in failed.remedy


async def test_a_certificate_that_is_not_there_fails(keys: ServiceKeys, tmp_path: Path) -> None:
    *_, failed = await findings(settings(keys, service_certificate=tmp_path / "nowhere.pem"))
    assert (failed.check, failed.level) == ("services", Level.FAIL)


async def test_cards_are_refused_without_a_current_list_and_operators_are_told_before(tmp_path: Path) -> None:
    now, day = Days(0).at, 24 * 3600
    configured = Settings(person_ca=tmp_path)
    (none,) = await findings(configured)
    assert (none.check, none.level) == ("officers' cards", Level.FAIL)
    cards = authority("Cards CA", lasts=100 * YEAR)
    (tmp_path / "cards.pem").write_bytes(cards.pem)
    levels = []
    for until in (None, now - 1, now + day - 60, now + 2 * day):
        if until is not None:
            (tmp_path / "cards.crl").write_bytes(revocations(cards, since=now - 2 * day, until=until))
        (told,) = await findings(configured)
        levels.append(told.level)
    assert levels == [Level.FAIL, Level.FAIL, Level.WARN, Level.OK]
