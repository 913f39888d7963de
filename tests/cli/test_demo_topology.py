import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from clients.mailbox.app import MailboxSettings
from clients.ministry_portal.settings import MinistrySettings
from clients.national_portal.settings import PortalSettings
from clients.payment_gateway.settings import GatewaySettings
from clients.relying_party.settings import Environment
from idp.adapters.importing.document import read_document
from idp.cli.demo_seed import Credentials, load_credentials, people_document, write_import_file
from idp.cli.demo_topology import CLIENTS, Topology
from idp.settings import Settings

CREDENTIALS = Credentials({}, {}, {client: f"secret-of-{client}" for client in CLIENTS})


@pytest.fixture
def topology() -> Topology:
    return Topology(9000, Path("var/demo"))


def test_five_applications_take_five_ports_in_a_row(topology: Topology) -> None:
    services = [topology.provider(), *topology.relying_parties(CREDENTIALS)]
    assert [service.port for service in services] == [9000, 9001, 9002, 9003, 9004]
    assert [service.name for service in services] == [
        "provider", "national-portal", "ministry-portal", "payment-gateway", "mailbox",
    ]  # fmt: skip


def test_the_provider_accepts_its_settings(topology: Topology) -> None:
    settings = Settings(**tomllib.loads(topology.settings()))
    assert settings.issuer == "http://localhost:9000"
    assert settings.sqlite_path == Path("var/demo/idp.db")
    assert [rule.port for rule in settings.outbound_allow] == [9001, 9002, 9003]


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
    assert (people["people"], people["officers"], people["agencies"]) == (8, 4, 2)
    assert (clients["clients"], clients["resources"]) == (4, 1)


def test_every_application_accepts_its_settings(topology: Topology) -> None:
    portal, ministry, gateway, mailbox = (
        Environment(service.environment) for service in topology.relying_parties(CREDENTIALS)
    )
    assert PortalSettings.of(portal).ministry_audience == topology.dossier_api
    assert MinistrySettings.of(ministry).api_audience == topology.dossier_api
    assert GatewaySettings.of(gateway).ministry_audience == topology.dossier_api
    assert MailboxSettings.of(mailbox).folder == topology.folder / "mail"


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
