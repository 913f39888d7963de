"""The population register as the provider asks it: the simulated service, in process and over mutual TLS."""

import asyncio
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from clients.population_registry.app import build_app
from clients.population_registry.faults import Faults, Mode
from clients.population_registry.people import PEOPLE
from clients.population_registry.settings import RegistrySettings
from clients.relying_party.settings import SiteSettings
from idp.adapters.breaker import FAILURES, PAUSE, Breaker
from idp.adapters.http.outgoing import GuardedHttp
from idp.adapters.registry.population_registry import HttpPopulationRegistry
from idp.adapters.registry.service_calls import REPEATS, ServiceCalls
from idp.adapters.registry.service_tls import service_tls
from idp.cli.demo_certificates import ServiceKeys
from idp.domain.people.identity_record import IdentityCard
from idp.domain.people.register_entry import LifeStatus, RegisterEntry, Residence
from idp.ports.http import Answer, OutgoingHttp
from idp.ports.population_registry import RegistryUnavailableError
from idp.settings import Settings, SettingsError
from tests.services import ServicesInProcess

AN = "001190000011"
URL = "http://localhost:8005"


@dataclass
class Watch:
    """A clock that is turned by hand."""

    at: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.at

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


def simulated(failure: Mode = Mode.NONE) -> ServicesInProcess:
    site = SiteSettings(base_url=URL, host="127.0.0.1", port=8005)
    return ServicesInProcess(at_8005=build_app(RegistrySettings(site, Faults(failure))))


def registry(http: OutgoingHttp, watch: Watch | None = None, url: str = URL) -> HttpPopulationRegistry:
    watch = watch or Watch()
    breaker = Breaker(most=4, refused=lambda: None, monotonic=watch.monotonic)
    return HttpPopulationRegistry(url, ServiceCalls(http, breaker, pause=watch.pause))


async def test_an_entry_is_read_whole() -> None:
    assert await registry(simulated()).find(AN) == RegisterEntry(
        personal_number=AN,
        name="Nguyễn Thị Ánh",
        birthdate="1990-03-08",
        gender="female",
        life_status=LifeStatus.ALIVE,
        card=IdentityCard(AN, "2022-05-10", "2037-05-10"),
        residence=Residence("01", "00070"),
        portrait="portrait-00011",
    )


async def test_every_simulated_person_can_be_read() -> None:
    asked = registry(simulated())
    for person in PEOPLE:
        found = await asked.find(person.personal_number)
        assert found is not None
        assert found.name == person.name


async def test_a_number_that_nobody_has_is_none() -> None:
    assert await registry(simulated()).find("001190000012") is None


async def test_no_number_stands_in_an_address() -> None:
    services = simulated()
    await registry(services).find(AN)
    assert services.calls == [("/people/find", {"personal_number": AN})]


@pytest.mark.parametrize("failure", [Mode.ERROR, Mode.GARBAGE])
async def test_whatever_is_no_answer_says_nothing_about_the_person(failure: Mode) -> None:
    with pytest.raises(RegistryUnavailableError):
        await registry(simulated(failure)).find(AN)


async def test_a_failed_look_up_is_repeated_once() -> None:
    services, watch = simulated(Mode.ERROR), Watch()
    with pytest.raises(RegistryUnavailableError):
        await registry(services, watch).find(AN)
    assert len(services.calls) == 1 + REPEATS
    assert len(watch.pauses) == REPEATS


async def test_a_register_that_stays_silent_is_left_alone_and_found_again() -> None:
    services, watch = simulated(), Watch()
    asked = registry(services, watch)
    services.down.add(8005)
    for _ in range(FAILURES):
        with pytest.raises(RegistryUnavailableError):
            await asked.find(AN)
    tried = len(services.calls)
    with pytest.raises(RegistryUnavailableError):
        await asked.find(AN)
    assert len(services.calls) == tried
    services.down.clear()
    watch.at += PAUSE
    assert await asked.find(AN) is not None


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"person": 1}', b'{"person": {"personal_number": "1"}}', b"\xff", b'{"person": "x"}'],
)
async def test_a_malformed_answer_is_no_answer(body: bytes) -> None:
    class Odd(ServicesInProcess):
        async def post_json(self, *_: object, **__: object) -> Answer:
            return Answer(200, body)

    with pytest.raises(RegistryUnavailableError):
        await registry(Odd()).find(AN)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> ServiceKeys:
    made = ServiceKeys(tmp_path_factory.mktemp("services"))
    made.make()
    return made


@pytest.fixture(scope="module")
def served(keys: ServiceKeys, unused_port: int) -> Iterator[str]:
    """The real service in a process of its own, which lets in nobody without a certificate."""
    told = {
        "PORT": str(unused_port),
        "TLS_CERTIFICATE": str(keys.certificate("register")),
        "TLS_KEY": str(keys.key("register")),
        "TLS_CLIENT_CA": str(keys.authority),
    }
    process = subprocess.Popen([sys.executable, "-m", "clients.population_registry"], env=told)
    yield f"https://localhost:{unused_port}"
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="module")
def unused_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings(served: str, keys: ServiceKeys, **changes: object) -> Settings:
    return Settings.model_validate(
        {
            "population_registry": served,
            "outbound_allow": served.removeprefix("https://"),
            "service_certificate": keys.certificate("provider"),
            "service_key": keys.key("provider"),
            "service_ca": keys.authority,
            **changes,
        }
    )


def guarded(configured: Settings, tls: ssl.SSLContext | None) -> GuardedHttp:
    return GuardedHttp(configured.outbound_allow, tls=tls, total_seconds=2.5)


async def test_the_real_service_answers_who_shows_a_certificate_and_nobody_else(served: str, keys: ServiceKeys) -> None:
    configured = settings(served, keys)
    known = guarded(configured, service_tls(configured))
    bare = guarded(configured, ssl.create_default_context(cafile=keys.authority))
    strange = guarded(configured, None)
    await _answering(known, served)
    found = await registry(known, url=served).find(AN)
    assert found is not None
    assert found.name == "Nguyễn Thị Ánh"
    for refused in (bare, strange):
        with pytest.raises(RegistryUnavailableError):
            await registry(refused, url=served).find(AN)
    for each in (known, bare, strange):
        await each.close()


async def _answering(http: GuardedHttp, served: str) -> None:
    """Return once the process has begun to answer."""
    for _ in range(100):
        try:
            await registry(http, url=served).find(AN)
        except RegistryUnavailableError:
            await asyncio.sleep(0.1)
        else:
            return
    pytest.fail("the simulated register did not start")


def test_a_register_without_a_certificate_to_show_is_a_wrong_setting(keys: ServiceKeys) -> None:
    with pytest.raises(SettingsError, match="IDP_SERVICE_CERTIFICATE"):
        service_tls(settings("https://register.vn", keys, service_key=None))


@pytest.mark.parametrize("missing", ["service_certificate", "service_key", "service_ca"])
def test_a_file_that_cannot_be_used_is_named_by_its_setting(keys: ServiceKeys, missing: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"IDP_{'SERVICE_CA' if missing == 'service_ca' else 'SERVICE_CERT'}"):
        service_tls(settings("https://register.vn", keys, **{missing: tmp_path / "nowhere.pem"}))


def test_nothing_set_needs_no_context() -> None:
    assert service_tls(Settings()) is None
