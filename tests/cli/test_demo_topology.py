import stat
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from clients.biometric_verifier.settings import VerifierSettings
from clients.mailbox.app import MailboxSettings
from clients.ministry_portal.settings import MinistrySettings
from clients.national_portal.settings import PortalSettings
from clients.payment_gateway.settings import GatewaySettings
from clients.population_registry.people import PEOPLE
from clients.population_registry.settings import RegistrySettings
from clients.relying_party.settings import Environment, TlsFiles
from idp.adapters.importing.document import read_document
from idp.adapters.registry.service_tls import service_tls
from idp.cli.demo_seed import Credentials, load_credentials, people_document, write_import_file
from idp.cli.demo_services import NEWCOMERS, StateServices
from idp.cli.demo_topology import CLIENTS, Topology
from idp.domain.enrolment.self_registration import parse_applicant
from idp.settings import Settings

CREDENTIALS = Credentials({}, {}, {client: f"secret-of-{client}" for client in CLIENTS})


@pytest.fixture
def topology() -> Topology:
    return Topology(9000, Path("var/demo"))


@pytest.fixture
def state(tmp_path: Path) -> StateServices:
    made = StateServices(Topology(9000, tmp_path))
    made.make_secrets()
    return made


def test_seven_applications_take_seven_ports_in_a_row(topology: Topology, state: StateServices) -> None:
    services = [topology.provider(), *topology.relying_parties(CREDENTIALS), *state.services()]
    assert [service.port for service in services] == [*range(9000, 9007)] == [*topology.ports]
    assert [service.name for service in services] == [
        "provider", "national-portal", "ministry-portal", "payment-gateway", "mailbox", "population-registry",
        "biometric-verifier",
    ]  # fmt: skip


def test_the_register_is_reached_over_tls_by_who_shows_a_certificate(state: StateServices) -> None:
    register, verifier = state.services()
    assert (register.url, verifier.url) == ("https://localhost:9005", "http://localhost:9006")
    assert register.tls is not None
    assert verifier.tls is None
    settings = Settings(**tomllib.loads(state.topology.settings(state.settings())))
    assert (settings.population_registry, settings.biometric_verifier) == (register.url, verifier.url)
    assert service_tls(settings) is not None


def test_both_services_accept_their_settings(state: StateServices) -> None:
    register, verifier = (Environment(service.environment) for service in state.services())
    assert RegistrySettings.of(register).provider == "http://localhost:9000"
    assert TlsFiles.of(register).certificate.is_file()
    told = VerifierSettings.of(verifier)
    assert told.secret == state.settings()["biometric_verifier_secret"]
    assert told.signing_key.is_file()


def test_secrets_of_services_are_made_once_for_their_owner_alone(state: StateServices) -> None:
    files = {path: (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) for path in state.keys.folder.iterdir()}
    assert {mode for _, mode in files.values()} == {0o600}
    state.make_secrets()
    assert {path: path.read_bytes() for path in files} == {path: content for path, (content, _) in files.items()}


def test_certificates_are_made_anew_before_they_end(state: StateServices) -> None:
    before = state.keys.authority.read_bytes()
    state.keys.make(datetime.now(UTC) + timedelta(days=300))
    assert state.keys.authority.read_bytes() == before
    state.keys.make(datetime.now(UTC) + timedelta(days=340))
    assert state.keys.authority.read_bytes() != before


def test_the_register_and_the_provider_know_the_same_people(state: StateServices) -> None:
    known = {person.personal_number: person for person in PEOPLE}
    assert len(known) == len(PEOPLE)
    document = people_document(load_credentials(state.topology.folder / "credentials.json", CLIENTS))
    for person in document["people"]:
        entry = known[person["personal_number"]]
        told = (person["name"], person["birthdate"], person.get("gender", entry.gender))
        assert (entry.name, entry.birthdate, entry.gender) == told
    accounts = {person["personal_number"] for person in document["people"]}
    for name, number, birthdate in NEWCOMERS:
        assert number not in accounts
        applicant = parse_applicant(number, name, birthdate, "moi@example.vn")
        assert (known[number].name, known[number].birthdate) == (applicant.name, applicant.birthdate)


def test_the_import_accepts_the_register(state: StateServices, tmp_path: Path) -> None:
    write_import_file(tmp_path / "registers.yaml", state.clients_document())
    counts = read_document("registers.yaml", (tmp_path / "registers.yaml").read_bytes()).counts()
    assert counts["clients"] == 1


def test_the_provider_accepts_its_settings(topology: Topology) -> None:
    settings = Settings(**tomllib.loads(topology.settings({})))
    assert settings.issuer == "http://localhost:9000"
    assert settings.sqlite_path == Path("var/demo/idp.db")
    assert [rule.port for rule in settings.outbound_allow] == [9001, 9002, 9003, 9005, 9006]


def test_every_address_of_a_client_is_its_own_applications(topology: Topology) -> None:
    ports = {
        "national-portal": 9001,
        "ministry-portal": 9002,
        "ministry-portal-officers": 9002,
        "payment-gateway": 9003,
    }
    for client in topology.clients_document(CREDENTIALS)["clients"]:
        addresses = [*client["redirect_uris"], *client["post_logout_redirect_uris"], client["backchannel_logout_uri"]]
        assert {urlsplit(address).port for address in addresses} == {ports[client["client_id"]]}
        assert client["require_pkce"] is True


def test_only_officers_are_let_in_where_officers_work(topology: Topology) -> None:
    audiences = {
        client["client_id"]: client["audience"] for client in topology.clients_document(CREDENTIALS)["clients"]
    }
    assert audiences == {
        "national-portal": "citizen",
        "ministry-portal": "citizen",
        "ministry-portal-officers": "officer",
        "payment-gateway": "citizen",
    }


def test_a_client_may_ask_for_no_more_of_an_interface_than_the_interface_has(topology: Topology) -> None:
    document = topology.clients_document(CREDENTIALS)
    offered = {scope for resource in document["resources"] for scope in resource["scopes"]}
    asked = {scope for client in document["clients"] for scope in client["scope"].split() if "." in scope}
    assert asked == offered


def test_each_application_is_told_its_own_secret_and_no_other(topology: Topology) -> None:
    for service in topology.relying_parties(CREDENTIALS):
        told = {value for value in service.environment.values() if value.startswith("secret-of-")}
        assert told == {f"secret-of-{client}" for client in CLIENTS if client.startswith(service.name)}


def test_no_application_sees_the_environment_of_the_shell(topology: Topology, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_ISSUER", "https://elsewhere.example")
    services = [topology.provider(), *topology.relying_parties(CREDENTIALS)]
    assert all("IDP_ISSUER" not in service.environment for service in services)


def test_the_import_accepts_the_people_and_the_clients(topology: Topology, tmp_path: Path) -> None:
    credentials = load_credentials(tmp_path / "credentials.json", CLIENTS)
    write_import_file(tmp_path / "people.yaml", people_document(credentials))
    write_import_file(tmp_path / "clients.yaml", topology.clients_document(credentials))
    people = read_document("people.yaml", (tmp_path / "people.yaml").read_bytes()).counts()
    clients = read_document("clients.yaml", (tmp_path / "clients.yaml").read_bytes()).counts()
    assert (people["people"], people["officers"], people["agencies"]) == (10, 4, 2)
    assert (clients["clients"], clients["resources"]) == (4, 1)


def test_every_application_accepts_its_settings(topology: Topology) -> None:
    portal, ministry, gateway, mailbox = (
        Environment(service.environment) for service in topology.relying_parties(CREDENTIALS)
    )
    assert PortalSettings.of(portal).ministry_audience == topology.dossier_api
    assert MinistrySettings.of(ministry).api_audience == topology.dossier_api
    assert GatewaySettings.of(gateway).ministry_audience == topology.dossier_api
    assert MailboxSettings.of(mailbox).folder == topology.folder / "mail"
    assert MailboxSettings.of(mailbox).messages == topology.folder / "messages"


def test_no_application_asks_for_a_scope_that_its_client_lacks(topology: Topology) -> None:
    portal, ministry, gateway, _ = (Environment(each.environment) for each in topology.relying_parties(CREDENTIALS))
    registered = {
        each["client_id"]: set(each["scope"].split()) for each in topology.clients_document(CREDENTIALS)["clients"]
    }
    ministry_settings = MinistrySettings.of(ministry)
    asking = [
        PortalSettings.of(portal).citizens,
        ministry_settings.citizens,
        ministry_settings.officers,
        GatewaySettings.of(gateway).payers,
    ]
    assert {client.client_id: set(client.scope.split()) - registered[client.client_id] for client in asking} == {
        client: set() for client in CLIENTS
    }
