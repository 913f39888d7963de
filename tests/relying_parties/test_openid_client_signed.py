"""openid-client (npm) against the real provider where requests, answers and tokens are signed and bound to keys."""

import json

import pytest
from joserfc.jwk import ECKey

from tests.flows.provider import unverified_claims
from tests.relying_parties.openid_client import NodeRelyingParty, RelyingPartyError, relying_party
from tests.relying_parties.person import Person
from tests.server import CALLBACK, ProviderProcess

CIBA = "urn:openid:params:grant-type:ciba"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
SCOPE = "openid profile offline_access"
KEY = ECKey.generate_key("P-256", {"kid": "openid-client-1", "use": "sig", "alg": "ES256"})
PRIVATE = KEY.as_dict(private=True)
JWKS = f"{{keys: [{json.dumps(KEY.as_dict(private=False))}]}}"


@pytest.fixture(scope="module")
def records() -> str:
    return f"""
people:
  - {{personal_number: "001099000001", name: Nguyễn Văn An, birthdate: 1999-01-02, gender: male, level: 2,
      email: an@example.vn, password: correct horse battery, totp_secret: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP}}
resources: [{{audience: "https://api.example.vn", scopes: [dossier.read]}}]
clients:
  - client_id: fapi
    client_name: Dịch vụ
    profile: fapi2
    token_endpoint_auth_method: private_key_jwt
    token_endpoint_auth_signing_alg: ES256
    request_object_signing_alg: ES256
    id_token_signed_response_alg: ES256
    authorization_signed_response_alg: ES256
    dpop_bound_access_tokens: true
    redirect_uris: ["{CALLBACK}"]
    grant_types: [authorization_code, refresh_token]
    scope: {SCOPE}
    jwks: {JWKS}
  - client_id: ciba
    client_name: Dịch vụ
    token_endpoint_auth_method: private_key_jwt
    token_endpoint_auth_signing_alg: ES256
    redirect_uris: []
    grant_types: ["{CIBA}"]
    backchannel_token_delivery_mode: poll
    scope: openid profile
    jwks: {JWKS}
  - {{client_id: television, token_endpoint_auth_method: none, client_name: Tivi, redirect_uris: [],
      grant_types: ["{DEVICE}"], scope: openid profile}}
"""


def discover(
    service: NodeRelyingParty, provider: ProviderProcess, client_id: str = "fapi", *, dpop: bool = True
) -> None:
    metadata = {"id_token_signed_response_alg": "ES256" if client_id == "fapi" else "RS256"}
    service.call(
        "discover", issuer=provider.url, client_id=client_id, method="private_key_jwt", jwk=PRIVATE, dpop=dpop,
        metadata=metadata,
    )  # fmt: skip


@pytest.mark.parametrize("signed", [False, True], ids=["pushed", "pushed and signed"])
@pytest.mark.parametrize("jarm", [False, True], ids=["plain answer", "signed answer"])
def test_private_key_jwt_with_pushed_requests_and_dpop(
    provider: ProviderProcess, service: NodeRelyingParty, person: Person, signed: bool, jarm: bool
) -> None:
    discover(service, provider)
    if jarm:
        service.call("expect_jarm")
    service.call("expect_signatures")
    options = {"signed_with": PRIVATE} if signed else {}

    asked = service.call("authorize", redirect_uri=CALLBACK, scope=SCOPE, pushed=True, **options)
    assert "scope=" not in asked
    callback = person.answer(person.sign_in(person.open(asked)))
    assert ("response=" in callback) is jarm
    tokens = service.call("redeem", callback=callback)

    assert tokens["token_type"] == "dpop"
    told = service.call("userinfo", access_token=tokens["access_token"], sub=tokens["claims"]["sub"])
    assert told["name"] == "Nguyễn Văn An"
    assert service.call("introspect", token=tokens["access_token"])["cnf"]["jkt"]
    refreshed = service.call("refresh", refresh_token=tokens["refresh_token"])
    assert refreshed["token_type"] == "dpop"
    service.call("revoke", token=tokens["refresh_token"])
    with pytest.raises(RelyingPartyError, match="invalid_grant"):
        service.call("refresh", refresh_token=tokens["refresh_token"])


def test_a_bound_token_is_worth_nothing_without_its_key(
    provider: ProviderProcess, service: NodeRelyingParty, person: Person
) -> None:
    discover(service, provider)
    asked = service.call("authorize", redirect_uri=CALLBACK, scope=SCOPE, pushed=True)
    tokens = service.call("redeem", callback=person.answer(person.sign_in(person.open(asked))))

    with relying_party() as thief:
        discover(thief, provider)
        with pytest.raises(RelyingPartyError):
            thief.call("userinfo", access_token=tokens["access_token"], sub=tokens["claims"]["sub"])


def test_a_request_that_was_not_pushed_is_refused(
    provider: ProviderProcess, service: NodeRelyingParty, person: Person
) -> None:
    discover(service, provider)
    page = person.open(service.call("authorize", redirect_uri=CALLBACK, scope=SCOPE))

    assert "error=invalid_request" in page.response.headers.get("location", "") or page.error_code == "invalid_request"


def test_a_service_registers_itself(provider: ProviderProcess, service: NodeRelyingParty, person: Person) -> None:
    token = json.loads(provider.command("client", "token", "create", "--json").stdout)["initial_access_token"]
    wanted = {
        "client_name": "Dịch vụ mới", "redirect_uris": [CALLBACK], "grant_types": ["authorization_code"],
        "response_types": ["code"], "scope": "openid profile", "token_endpoint_auth_method": "client_secret_post",
    }  # fmt: skip

    registered = service.call("register", issuer=provider.url, metadata=wanted, token=token)
    assert registered["redirect_uris"] == [CALLBACK]
    asked = service.call("authorize", redirect_uri=CALLBACK, scope="openid profile")
    tokens = service.call("redeem", callback=person.answer(person.sign_in(person.open(asked))))

    assert tokens["claims"]["aud"] == registered["client_id"]


def test_nobody_registers_without_a_token(provider: ProviderProcess, service: NodeRelyingParty) -> None:
    with pytest.raises(RelyingPartyError):
        service.call("register", issuer=provider.url, metadata={"redirect_uris": [CALLBACK]}, token="x" * 43)


def test_a_person_elsewhere_approves(provider: ProviderProcess, service: NodeRelyingParty, person: Person) -> None:
    discover(service, provider, "ciba", dpop=False)
    started = service.call(
        "start_backchannel", scope="openid profile", login_hint="an@example.vn", binding_message="BN-4711"
    )
    assert started["expires_in"] > 0

    page = person.sign_in(person.open(f"{provider.url}/account/approvals"))
    assert "BN-4711" in page.text
    place = page.text.partition('href="/account/approvals/')[2].partition('"')[0]
    page = person.submit(person.open(f"{provider.url}/account/approvals/{place}"), "approval", decision="allow")
    assert page.status == 200
    tokens = service.call("poll_backchannel")

    assert service.call("userinfo", access_token=tokens["access_token"], sub=subject(tokens["id_token"]))["name"]


def test_somebody_signs_a_television_in(provider: ProviderProcess, service: NodeRelyingParty, person: Person) -> None:
    service.call("discover", issuer=provider.url, client_id="television")
    started = service.call("start_device", scope="openid profile")

    page = person.open(started["verification_uri_complete"])
    page = person.submit(page, "device", user_code=started["user_code"]) if page.has_form("device") else page
    page = person.sign_in(page) if page.has_form("sign-in") else page
    page = person.submit(page, "device", user_code=started["user_code"]) if page.has_form("device") else page
    page = person.submit(page, "consent", decision="allow") if page.has_form("consent") else page
    assert page.status == 200
    tokens = service.call("poll_device")

    assert service.call("userinfo", access_token=tokens["access_token"], sub=subject(tokens["id_token"]))["name"]


def subject(id_token: str) -> str:
    """The subject of an ID token that the library has verified."""
    return str(unverified_claims(id_token)["sub"])
