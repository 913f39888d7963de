"""The biometric verifier as the provider asks it: only what it signed for us, now, about this check is believed."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from jose import jwt

from idp.adapters.breaker import Breaker
from idp.adapters.crypto.foreign_tokens import ForeignJws
from idp.adapters.registry.biometric_verifier import OLDEST, TOKEN_TYPE, HttpBiometricVerifier, digest_of
from idp.adapters.registry.service_calls import ServiceCalls
from idp.cli.demo_certificates import ServiceKeys
from idp.domain.enrolment.biometric_check import Verdict
from idp.domain.ids import Seconds
from idp.ports.biometric_verifier import StartedCheck, UntrustedOutcomeError, VerifierUnavailableError
from idp.ports.http import Answer
from tests.adapters.registry.verifier import ISSUER, SECRET, URL, simulated_verifier
from tests.services import ServicesInProcess

BACK = f"{ISSUER}/account/identity/verify/return?state=1"


class WallClock:
    """The time of day, which the simulated verifier goes by."""

    def now(self) -> Seconds:
        return Seconds(int(time.time()))

    def milliseconds(self) -> int:
        return self.now() * 1000


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> ServiceKeys:
    made = ServiceKeys(tmp_path_factory.mktemp("services"))
    made.make()
    return made


@pytest.fixture
def services(keys: ServiceKeys) -> ServicesInProcess:
    return ServicesInProcess(at_8006=simulated_verifier(keys))


def asking(services: ServicesInProcess, keys: ServiceKeys, secret: str = SECRET) -> HttpBiometricVerifier:
    breaker = Breaker(most=4, refused=lambda: None, monotonic=time.monotonic)
    trusted = json.loads(keys.outcomes_keys.read_text())["keys"]
    calls = ServiceCalls(services, breaker, bearer=secret)
    return HttpBiometricVerifier(URL, ISSUER, calls, ForeignJws(), trusted, WallClock())


async def finish(services: ServicesInProcess, started: StartedCheck, finding: str) -> httpx.Response:
    """What the person's browser does at the verifier."""
    transport = httpx.ASGITransport(services.apps[8006])
    async with httpx.AsyncClient(transport=transport) as browser:
        page = await browser.get(started.address)
        assert page.status_code == 200
        assert 'id="check"' in page.text
        return await browser.post(started.address.partition("?")[0], data={"finding": finding})


@pytest.mark.parametrize(
    ("finding", "verdict", "live", "chip"),
    [
        ("match", Verdict.MATCH, True, True),
        ("other_person", Verdict.NO_MATCH, True, True),
        ("not_live", Verdict.MATCH, False, True),
        ("unclear", Verdict.INCONCLUSIVE, True, True),
        ("chip_unread", Verdict.MATCH, True, False),
    ],
)
async def test_what_was_found_is_told_to_the_provider_and_not_to_the_browser(
    services: ServicesInProcess, keys: ServiceKeys, finding: str, verdict: Verdict, live: bool, chip: bool
) -> None:
    verifier = asking(services, keys)
    started = await verifier.start("portrait-1", BACK, "vi")
    assert await verifier.outcome(started.check_id) is None
    answer = await finish(services, started, finding)
    assert (answer.status_code, answer.headers["location"]) == (303, BACK)
    outcome = await verifier.outcome(started.check_id)
    assert outcome is not None
    assert (outcome.verdict, outcome.live, outcome.chip_verified) == (verdict, live, chip)
    assert outcome.portrait_digest == digest_of("portrait-1")
    assert (outcome.check_id, outcome.verifier) == (started.check_id, "localhost")


async def test_the_first_finding_stands(services: ServicesInProcess, keys: ServiceKeys) -> None:
    verifier = asking(services, keys)
    started = await verifier.start("portrait-1", BACK, "vi")
    await finish(services, started, "other_person")
    await finish(services, started, "match")
    outcome = await verifier.outcome(started.check_id)
    assert outcome is not None
    assert outcome.verdict is Verdict.NO_MATCH


async def test_nobody_but_the_provider_starts_a_check_or_learns_of_one(
    services: ServicesInProcess, keys: ServiceKeys
) -> None:
    started = await asking(services, keys).start("portrait-1", BACK, "vi")
    stranger = asking(services, keys, secret="guessed")
    with pytest.raises(VerifierUnavailableError):
        await stranger.start("portrait-1", BACK, "vi")
    with pytest.raises(VerifierUnavailableError):
        await stranger.outcome(started.check_id)
    with pytest.raises(VerifierUnavailableError):
        await asking(services, keys).start("portrait-1", "http://localhost:9999/", "vi")


async def test_a_start_is_not_repeated(services: ServicesInProcess, keys: ServiceKeys) -> None:
    services.apps.clear()
    with pytest.raises(VerifierUnavailableError):
        await asking(services, keys).start("portrait-1", BACK, "vi")
    assert len(services.calls) == 1


class Saying(ServicesInProcess):
    """A verifier that says what it is told."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        super().__init__()
        self.document = document

    async def post_json(self, *_: object, **__: object) -> Answer:
        return Answer(200, json.dumps(self.document).encode())


def signed(key: Path, typ: str = TOKEN_TYPE, **changes: Any) -> str:
    claims = {
        "iss": URL,
        "aud": ISSUER,
        "sub": "check-1",
        "iat": int(time.time()),
        "portrait_digest": "x",
        "verdict": "match",
        "score_class": "high",
        "live": True,
        "chip_verified": True,
    }
    claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode(claims, key.read_text(), "ES256", headers={"typ": typ, "kid": "outcomes-1"})


async def test_a_signed_outcome_is_believed(keys: ServiceKeys) -> None:
    token = signed(keys.outcomes_key)
    outcome = await asking(Saying({"outcome": token}), keys).outcome("check-1")
    assert outcome is not None
    assert outcome.evidence_digest == digest_of(token)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "http://localhost:8007"},
        {"aud": "https://other.example.vn"},
        {"sub": "check-2"},
        {"iat": int(time.time()) - OLDEST - 60},
        {"iat": int(time.time()) + 7 * 86_400},  # made when tests are collected, which may be long before this one
        {"typ": "JWT"},
        {"verdict": "certainly"},
        {"live": "yes"},
        {"portrait_digest": None},
    ],
)
async def test_an_outcome_that_is_not_for_us_now_about_this_check_is_refused(
    keys: ServiceKeys, changes: dict[str, Any]
) -> None:
    token = signed(keys.outcomes_key, **changes)
    with pytest.raises(UntrustedOutcomeError):
        await asking(Saying({"outcome": token}), keys).outcome("check-1")


async def test_an_outcome_that_somebody_else_signed_or_that_was_changed_is_refused(keys: ServiceKeys) -> None:
    right = signed(keys.outcomes_key)
    header, payload, signature = right.split(".")
    changed = signed(keys.outcomes_key, verdict="no_match").split(".")
    unsigned = f"eyJhbGciOiJub25lIn0.{payload}."
    tokens: tuple[object, ...] = (signed(keys.events_key), f"{header}.{changed[1]}.{signature}", unsigned, "x", 7, {})
    for token in tokens:
        with pytest.raises(UntrustedOutcomeError):
            await asking(Saying({"outcome": token}), keys).outcome("check-1")


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"check_id": "1"},
        {"check_id": "1", "address": "https://elsewhere.example.vn/checks/1"},
        {"check_id": "1", "address": f"{URL}/checks/1\r\nSet-Cookie: a=b"},
    ],
)
async def test_a_person_is_sent_to_the_verifier_and_nowhere_else(keys: ServiceKeys, answer: dict[str, str]) -> None:
    with pytest.raises(VerifierUnavailableError):
        await asking(Saying(answer), keys).start("portrait-1", BACK, "vi")
