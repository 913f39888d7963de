"""openid-client (npm) against the real provider: what its users do with it."""

import pytest

from tests.relying_parties.openid_client import NodeRelyingParty, RelyingPartyError, relying_party
from tests.relying_parties.person import Person
from tests.server import CALLBACK, ProviderProcess

SIGNED_OUT = "http://localhost:9999/signed-out"
SECRET = "a-client-secret-for-tests-only-0"
SCOPE = "openid profile email offline_access"
API = "https://api.example.vn"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


@pytest.fixture(scope="module")
def records() -> str:
    return f"""
agencies: [{{code: G10, name: Bộ Thử nghiệm, kind: ministry}}]
people:
  - {{personal_number: "001099000001", name: Nguyễn Văn An, birthdate: 1999-01-02, gender: male, level: 2,
      email: an@example.vn, password: correct horse battery, totp_secret: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP}}
resources: [{{audience: "{API}", scopes: [dossier.read]}}]
clients:
  - {{client_id: basic, client_secret: {SECRET}, client_name: Dịch vụ, redirect_uris: ["{CALLBACK}"],
      post_logout_redirect_uris: ["{SIGNED_OUT}"], grant_types: [authorization_code, refresh_token],
      scope: {SCOPE}}}
  - {{client_id: post, client_secret: {SECRET}, client_name: Dịch vụ, redirect_uris: ["{CALLBACK}"],
      token_endpoint_auth_method: client_secret_post, id_token_signed_response_alg: ES256, scope: openid}}
  - {{client_id: caller, client_secret: {SECRET}, client_name: Cổng, redirect_uris: ["{CALLBACK}"],
      scope: openid dossier.read, skip_consent: true}}
  - {{client_id: desk, client_secret: {SECRET}, redirect_uris: [], scope: dossier.read, grant_types: ["{EXCHANGE}"],
      token_exchange: {{subjects: [caller], audiences: ["{API}"]}}}}
  - {{client_id: machine, client_secret: {SECRET}, grant_types: [client_credentials], scope: dossier.read,
      redirect_uris: []}}
"""


def test_code_flow_with_pkce_to_signed_out(
    provider: ProviderProcess, service: NodeRelyingParty, person: Person
) -> None:
    service.call("discover", issuer=provider.url, client_id="basic", method="client_secret_basic", secret=SECRET)
    asked = service.call("authorize", redirect_uri=CALLBACK, scope=SCOPE)
    tokens = service.call("redeem", callback=person.answer(person.sign_in(person.open(asked))))
    assert tokens["claims"]["iss"] == provider.url
    assert tokens["token_type"] == "bearer"

    told = service.call("userinfo", access_token=tokens["access_token"], sub=tokens["claims"]["sub"])
    assert (told["name"], told["email"]) == ("Nguyễn Văn An", "an@example.vn")

    refreshed = service.call("refresh", refresh_token=tokens["refresh_token"])
    assert refreshed["refresh_token"] != tokens["refresh_token"]
    assert service.call("introspect", token=refreshed["access_token"])["active"] is True

    again = service.call("authorize", redirect_uri=CALLBACK, scope=SCOPE, prompt="none")
    silent = service.call("redeem", callback=person.answer(person.open(again)))
    assert silent["claims"]["sub"] == tokens["claims"]["sub"]

    service.call("revoke", token=refreshed["refresh_token"])
    assert service.call("introspect", token=refreshed["access_token"])["active"] is False
    with pytest.raises(RelyingPartyError, match="invalid_grant"):
        service.call("refresh", refresh_token=refreshed["refresh_token"])

    leaving = service.call(
        "end_session", post_logout_redirect_uri=SIGNED_OUT, id_token_hint=silent["id_token"], state="bye"
    )
    assert person.answer(person.open(leaving)) == f"{SIGNED_OUT}?state=bye"
    asked = service.call("authorize", redirect_uri=CALLBACK, scope=SCOPE, prompt="none")
    with pytest.raises(RelyingPartyError, match="login_required"):
        service.call("redeem", callback=person.answer(person.open(asked)))


def test_a_client_that_posts_its_secret(provider: ProviderProcess, service: NodeRelyingParty, person: Person) -> None:
    metadata = {"id_token_signed_response_alg": "ES256"}
    service.call(
        "discover", issuer=provider.url, client_id="post", method="client_secret_post", secret=SECRET, metadata=metadata
    )
    asked = service.call("authorize", redirect_uri=CALLBACK, scope="openid")
    tokens = service.call("redeem", callback=person.answer(person.sign_in(person.open(asked))))

    assert tokens["claims"]["aud"] == "post"
    assert "refresh_token" not in tokens


def test_the_library_refuses_an_answer_that_is_not_its_own(
    provider: ProviderProcess, service: NodeRelyingParty, person: Person
) -> None:
    service.call("discover", issuer=provider.url, client_id="basic", method="client_secret_basic", secret=SECRET)
    answer = person.answer(person.sign_in(person.open(service.call("authorize", redirect_uri=CALLBACK, scope=SCOPE))))
    service.call("authorize", redirect_uri=CALLBACK, scope=SCOPE)

    with pytest.raises(RelyingPartyError, match="state"):
        service.call("redeem", callback=answer)


def test_client_credentials(provider: ProviderProcess, service: NodeRelyingParty) -> None:
    service.call("discover", issuer=provider.url, client_id="machine", method="client_secret_basic", secret=SECRET)
    tokens = service.call("client_credentials", scope="dossier.read", resource=API)

    assert service.call("introspect", token=tokens["access_token"])["scope"] == "dossier.read"


def test_a_service_goes_on_for_the_same_person(
    provider: ProviderProcess, service: NodeRelyingParty, person: Person
) -> None:
    service.call("discover", issuer=provider.url, client_id="caller", method="client_secret_basic", secret=SECRET)
    asked = service.call("authorize", redirect_uri=CALLBACK, scope="openid dossier.read", resource=API)
    answer = person.answer(person.sign_in(person.open(asked)))
    tokens = service.call("redeem", callback=answer, resource=API)

    with relying_party() as desk:
        desk.call("discover", issuer=provider.url, client_id="desk", method="client_secret_basic", secret=SECRET)
        exchanged = desk.call(
            "grant", grant_type=EXCHANGE, subject_token=tokens["access_token"], subject_token_type=ACCESS_TOKEN,
            resource=API, scope="dossier.read",
        )  # fmt: skip
        told = desk.call("introspect", token=exchanged["access_token"])

    assert exchanged["issued_token_type"] == ACCESS_TOKEN
    assert (told["client_id"], told["act"]) == ("desk", {"sub": "desk"})
