"""Apache's mod_auth_openidc in front of a page: nobody comes in but through the provider."""

import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest

from docker.cluster.ports import free_port
from tests.flows.provider import Page
from tests.relying_parties.apache import Apache, running_apache
from tests.relying_parties.person import Person
from tests.server import ProviderProcess

SECRET = "a-client-secret-for-tests-only-2"
PATIENCE = 30.0


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def records(port: int) -> str:
    apache = f"http://localhost:{port}"
    return f"""
people:
  - {{personal_number: "001099000001", name: Nguyen Van An, birthdate: 1999-01-02, gender: male, level: 2,
      email: an@example.vn, password: correct horse battery, totp_secret: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP}}
clients:
  - {{client_id: apache, client_secret: {SECRET}, client_name: Trang nội bộ, scope: openid profile email,
      redirect_uris: ["{apache}/protected/answer"], post_logout_redirect_uris: ["{apache}/"],
      backchannel_logout_uri: "{apache}/protected/answer?logout=backchannel",
      backchannel_logout_session_required: true}}
  - {{client_id: other, client_secret: {SECRET}, client_name: Dịch vụ khác, scope: openid,
      redirect_uris: ["http://localhost:9/callback"], post_logout_redirect_uris: ["http://localhost:9/"]}}
"""


@pytest.fixture(scope="module")
def provider(provider_process: Callable[..., ProviderProcess], port: int, records: str) -> ProviderProcess:
    made = provider_process(IDP_OUTBOUND_ALLOW=f"localhost:{port}")
    made.load(records)
    made.start()
    return made


@pytest.fixture(scope="module")
def server(provider: ProviderProcess, port: int) -> Iterator[Apache]:
    with running_apache(port, provider.url, "apache", SECRET) as running:
        yield running


@pytest.fixture
def person() -> Iterator[Person]:
    with Person(stops_at="http://localhost:9/") as sitting:
        yield sitting


def enter(person: Person, server: Apache) -> Page:
    """Open the protected page and sign in."""
    page = person.sign_in(person.open(f"{server.url}/protected/"))
    assert (page.status, page.text) == (200, "<h1>Protected</h1>"), (page.text, server.log())
    return page


def is_inside(person: Person, server: Apache) -> bool:
    """Whether the page is shown at once."""
    return person.http.get(f"{server.url}/protected/").status_code == 200


def test_who_signed_in_is_let_in_with_his_claims(server: Apache, person: Person) -> None:
    assert not is_inside(person, server)

    page = enter(person, server)

    assert page.response.headers["x-person"] == "Nguyen Van An"
    assert page.response.headers["x-email"] == "an@example.vn"
    assert page.response.headers["x-subject"]
    assert is_inside(person, server)


def test_signing_out_at_the_service_signs_out_at_the_provider(
    server: Apache, provider: ProviderProcess, person: Person
) -> None:
    enter(person, server)

    page = person.open(f"{server.url}/protected/answer?logout={quote(server.url + '/', safe='')}")

    assert page.text == "<h1>Open</h1>", (page.status, page.path)
    assert not is_inside(person, server)
    assert person.open(f"{server.url}/protected/").has_form("sign-in")


def test_signing_out_at_the_provider_reaches_the_service_from_behind(
    server: Apache, provider: ProviderProcess, person: Person
) -> None:
    enter(person, server)

    page = person.submit(person.open(f"{provider.url}/logout"), "sign-out", decision="yes")
    assert 'data-state="signed-out"' in page.text

    deadline = time.monotonic() + PATIENCE
    while is_inside(person, server):
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.05)
