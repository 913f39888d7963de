"""What is fuzzed: one provider with clients of every kind, and good material to spoil."""

import json
import time
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Final
from urllib.parse import urlsplit

import httpx
import pyotp

from bench.connection import Answer
from bench.visitor import find_form, with_query
from tests.fuzz.oracle import Oracle
from tests.fuzz.request import Pairs
from tests.fuzz.signer import SIGNER
from tests.relying_party import CHALLENGE, VERIFIER, basic
from tests.server import PASSWORD, TOTP_SECRET, ProviderProcess

CALLBACK: Final = "http://localhost:9999/callback"
CALLBACK_WITH_QUERY: Final = "http://localhost:9999/callback?place=1"
SIGNED_OUT: Final = "http://localhost:9999/signed-out"
SECRET: Final = "fuzzed-client-secret-fuzzed-client-secret"
SCOPE: Final = "openid profile email identity offline_access dossier.read"
RESOURCE: Final = "https://api.example.vn"
DEVICE_CODE: Final = "urn:ietf:params:oauth:grant-type:device_code"
CIBA: Final = "urn:openid:params:grant-type:ciba"
EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

PEOPLE: Final = tuple(f"0010990{number:05d}" for number in range(1, 201))
"""Many: whoever guesses too often at one is told to wait."""

_PERSON: Final = (
    "  - {{personal_number: '{0}', name: Nguyễn Văn An, birthdate: 1999-01-02, gender: male, level: 2,"
    " email: a{0}@example.vn, password: {1}, totp_secret: {2}}}"
)
_PEOPLE: Final = "\n".join(_PERSON.format(each, PASSWORD, TOTP_SECRET) for each in PEOPLE)
RECORDS: Final = f"""
agencies: [{{code: G10, name: Bộ Thử nghiệm, kind: ministry}}]
people:
{_PEOPLE}
officers:
  - {{personal_number: '{PEOPLE[-1]}', agency: G10, position: Chuyên viên, username: officer@g10.example.vn}}
resources: [{{audience: "{RESOURCE}", scopes: [dossier.read, dossier.write]}}]
clients:
  - {{client_id: confidential, client_secret: {SECRET}, client_name: Cổng thử, scope: {SCOPE}, skip_consent: true,
      redirect_uris: ["{CALLBACK}", "{CALLBACK_WITH_QUERY}"], post_logout_redirect_uris: ["{SIGNED_OUT}"],
      grant_types: [authorization_code, refresh_token, client_credentials, "{DEVICE_CODE}", "{EXCHANGE}",
        "{JWT_BEARER}"], token_exchange: {{subjects: [confidential], audiences: ["{RESOURCE}"]}},
      jwt_bearer_issuers: [{{issuer: signing, subjects: [signing], jwks: {{keys: [{json.dumps(SIGNER.jwk)}]}}}}]}}
  - {{client_id: personnel, client_secret: {SECRET}, client_name: Nhân sự, grant_types: [client_credentials],
      scope: scim, scim_agency: G10}}
  - {{client_id: asking, client_secret: {SECRET}, client_name: Ứng dụng khác, redirect_uris: ["{CALLBACK}"],
      grant_types: [authorization_code, refresh_token], scope: {SCOPE}, minimum_acr: "urn:vn:loa:2"}}
  - {{client_id: public, token_endpoint_auth_method: none, client_name: Ứng dụng công khai,
      redirect_uris: ["{CALLBACK}"], scope: openid profile offline_access,
      grant_types: [authorization_code, refresh_token, "{DEVICE_CODE}"]}}
  - client_id: signing
    client_name: Ký số
    token_endpoint_auth_method: private_key_jwt
    token_endpoint_auth_signing_alg: ES256
    request_object_signing_alg: ES256
    redirect_uris: ["{CALLBACK}"]
    scope: {SCOPE}
    grant_types: [authorization_code, refresh_token, client_credentials, "{CIBA}"]
    backchannel_token_delivery_mode: poll
    backchannel_authentication_request_signing_alg: ES256
    jwks: {{keys: [{json.dumps(SIGNER.jwk)}]}}
"""

ADDRESSES: Final = (CALLBACK, CALLBACK_WITH_QUERY, SIGNED_OUT)


@dataclass(frozen=True, slots=True)
class Page:
    """A form that a browser has open: where it goes, what it carries, and the browser's cookies."""

    name: str
    path: str
    fields: Pairs
    cookie: str


@dataclass
class Target:
    """The provider, what discovery says of it, and tokens that it gave."""

    provider: ProviderProcess
    metadata: dict[str, object]
    tokens: dict[str, str]

    @property
    def oracle(self) -> Oracle:
        return Oracle(self.provider.url, ADDRESSES, [each.encode() for each in (SECRET, PASSWORD, TOTP_SECRET)])

    def path(self, name: str, otherwise: str) -> str:
        """Where an endpoint is, by its name in the metadata."""
        return urlsplit(str(self.metadata.get(name, ""))).path or otherwise

    def signed(self, **claims: object) -> str:
        """A JWT of the client `signing`, good for the next minutes and once."""
        now = int(time.time())
        told = {"iss": "signing", "sub": "signing", "aud": self.provider.url, "iat": now, "nbf": now, "exp": now + 250}
        return SIGNER.sign({**told, "jti": token_urlsafe(12), **claims})

    def proof(self, method: str, path: str) -> str:
        """A DPoP proof for one request."""
        claims = {"htm": method, "htu": self.provider.url + path, "iat": int(time.time()), "jti": token_urlsafe(12)}
        return SIGNER.sign(claims, typ="dpop+jwt", jwk=SIGNER.public, kid=None)


def prepare(provider: ProviderProcess, person: str = PEOPLE[0]) -> Target:
    """Ask discovery, and sign somebody in; raises where either fails."""
    with httpx.Client(base_url=provider.url, timeout=30) as browser:
        metadata = browser.get("/.well-known/openid-configuration").json()
        target = Target(provider, metadata, {})
        answer = browser.get(_authorize(client_id="confidential", scope=SCOPE))
        place = _signed_in(browser, _follow(browser, answer), person)
        fields = {
            "grant_type": "authorization_code",
            "code": httpx.URL(place).params["code"],
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        asked = browser.post("/token", data=fields, headers={"authorization": basic(("confidential", SECRET))})
        assert asked.status_code == 200, asked.text
        target.tokens = {name: str(value) for name, value in asked.json().items()}
        target.tokens |= _registered(browser, target) | _provisioning(browser, provider)
    return target


def _registered(browser: httpx.Client, target: Target) -> dict[str, str]:
    """An initial access token that is good for a while, and what manages a client that was registered by it."""
    created = target.provider.command("client", "token", "create", "--uses", "1000", "--json").stdout
    initial = str(json.loads(created)["initial_access_token"])
    asked = browser.post(
        target.path("registration_endpoint", "/register"),
        json={"client_name": "x", "redirect_uris": [CALLBACK]},
        headers={"authorization": f"Bearer {initial}"},
    )
    # The run itself uses up what one source may register; then it goes on with a client that is not there.
    assert asked.status_code in {201, 429}, asked.text
    told = asked.json() if asked.status_code == 201 else {"client_id": "gone", "registration_access_token": "gone"}
    return {
        "initial_access_token": initial,
        "registered": str(told["client_id"]),
        "registration_access_token": str(told["registration_access_token"]),
    }


def _provisioning(browser: httpx.Client, provider: ProviderProcess) -> dict[str, str]:
    """What a personnel system shows at the SCIM interface."""
    fields = {"grant_type": "client_credentials", "scope": "scim", "resource": f"{provider.url}/scim/v2"}
    asked = browser.post("/token", data=fields, headers={"authorization": basic(("personnel", SECRET))})
    assert asked.status_code == 200, asked.text
    token = str(asked.json()["access_token"])
    found = browser.get("/scim/v2/Users", headers={"authorization": f"Bearer {token}"})
    return {"scim": token, "officer": str(found.json()["Resources"][0]["id"])}


def open_pages(target: Target, person: str) -> list[Page]:
    """A fresh browser in front of the forms of a sign-in, one after another."""
    opened: list[Page] = []
    with httpx.Client(base_url=target.provider.url, timeout=30) as browser:
        page = _follow(browser, browser.get(_authorize(client_id="asking", scope="openid profile", prompt="consent")))
        for form, fields in (
            ("sign-in", {"username": person, "password": PASSWORD}),
            ("otp", {"code": pyotp.TOTP(TOTP_SECRET).now()}),
            ("consent", {"decision": "allow"}),
        ):
            found = _form(page.text, form)
            if found is None:
                break
            action, hidden = found
            opened.append(_page(browser, form, action or page.url.raw_path.decode(), {**hidden, **fields}))
            page = _follow(browser, browser.post(action or str(page.url), data={**hidden, **fields}))
        for path in ("/account", "/logout", "/device", "/account/approvals"):
            page = _follow(browser, browser.get(path))
            for form in ("sign-out", "device", "approval", "password", "methods"):
                found = _form(page.text, form)
                opened += [_page(browser, form, found[0] or path, found[1])] if found else []
            opened.append(_page(browser, f"GET {path}", path, {}))
    return opened


def _page(browser: httpx.Client, name: str, path: str, fields: dict[str, str]) -> Page:
    cookie = "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)
    return Page(name, path, tuple(fields.items()), cookie)


def _form(text: str, form_id: str) -> tuple[str, dict[str, str]] | None:

    found = find_form(Answer(200, b"", text.encode()), form_id)
    return (found.action, found.hidden) if found else None


def _authorize(**parameters: str) -> str:
    wanted = {
        "response_type": "code", "redirect_uri": CALLBACK, "state": "a-state", "nonce": "a-nonce",
        "code_challenge": CHALLENGE, "code_challenge_method": "S256", **parameters,
    }  # fmt: skip
    return with_query("/authorize", wanted)


def _follow(browser: httpx.Client, answer: httpx.Response) -> httpx.Response:
    while answer.is_redirect and answer.headers["location"].startswith("/"):
        answer = browser.get(answer.headers["location"])
    return answer


def _signed_in(browser: httpx.Client, page: httpx.Response, person: str) -> str:
    for form, fields in (
        ("sign-in", {"username": person, "password": PASSWORD}),
        ("otp", {"code": pyotp.TOTP(TOTP_SECRET).now()}),
    ):
        found = _form(page.text, form)
        if found is not None:
            page = _follow(browser, browser.post(found[0] or str(page.url), data={**found[1], **fields}))
    return str(page.headers["location"])
