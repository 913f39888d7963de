"""A relying party that checks what the official suite checks, every token with an independent library."""

import base64
import hashlib
import json
import math
import re
from collections import Counter
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

import httpx
from jose import jwt

from tests.flows.provider import ISSUER, PASSWORD, Browser, Page, Provider

CALLBACK = "https://suite.example/test/a/idp/callback"
PERSON = "001099000001"
ERROR_MEMBERS = {"error", "error_description", "error_uri", "state", "iss", "session_state"}
# RFC 6749 section 4.1.2.1: no quotation mark, no backslash, nothing outside visible ASCII and space.
DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]+")
PROFILE_CLAIMS = frozenset(
    {
        *("name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "profile"),
        *("picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at"),
    }
)
CONTACT_CLAIMS = frozenset({"email", "email_verified", "phone_number", "phone_number_verified", "address"})
FIVE_MINUTES = 300


@dataclass(frozen=True)
class Registration:
    """One of the clients of `records.yaml`."""

    client_id: str = "suite"
    secret: str = "a-client-secret-for-tests-only"
    redirect_uri: str = CALLBACK
    authentication: str = "client_secret_basic"
    algorithm: str = "RS256"


SECOND = Registration("suite-2", "another-client-secret-for-tests", f"{CALLBACK}?dummy1=lorem&dummy2=ipsum")


@dataclass
class SignIn:
    """A completed flow: the authorization response, the token response, and the verified ID token."""

    answer: dict[str, str]
    tokens: dict[str, Any]
    id_token: dict[str, Any]
    asked_to_sign_in: bool

    @property
    def access_token(self) -> str:
        return str(self.tokens["access_token"])


@dataclass
class Suite:
    """One module's relying party, with a browser in which nobody is signed in yet."""

    provider: Provider
    response_mode: str = "query"
    client: Registration = field(default_factory=Registration)
    browser: Browser = field(init=False)
    state: str | None = field(init=False, default=None)
    nonce: str | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.browser = self.provider.browser()

    def parameters(self, **changes: str | None) -> dict[str, str]:
        """An authorization request with a fresh state and nonce; None leaves a parameter out."""
        request: dict[str, str | None] = {
            "client_id": self.client.client_id,
            "redirect_uri": self.client.redirect_uri,
            "scope": "openid",
            "response_type": "code",
            "state": token_urlsafe(8),
            "nonce": token_urlsafe(8),
            "response_mode": self.response_mode if self.response_mode != "query" else None,
            **changes,
        }
        self.state, self.nonce = request["state"], request["nonce"]
        return {name: value for name, value in request.items() if value is not None}

    async def request(self, **changes: str | None) -> Page:
        """Open the authorization endpoint."""
        return await self.browser.get("/authorize", **self.parameters(**changes))

    async def interact(self, page: Page) -> Page:
        """Fill in whatever forms are shown, as the scripted browser does, until the answer to the client."""
        if page.has_form("sign-in"):
            page = await self.browser.submit(page, "sign-in", username=PERSON, password=PASSWORD)
        if page.has_form("otp"):
            page = await self.browser.submit(page, "otp", code=self.provider.one_time_code())
        if page.has_form("consent"):
            page = await self.browser.submit(page, "consent", decision="allow")
        return page

    def answer(self, page: Page) -> dict[str, str]:
        """The parameters of the authorization response, which came the way that was asked for."""
        if self.response_mode == "form_post":
            action, _ = page.form("form-post")
            assert page.status == 200
            assert action == self.client.redirect_uri
            return page.answer
        location = urlsplit(page.location)
        assert page.location.startswith(self.client.redirect_uri)
        assert not location.fragment
        own = dict(pair.split("=") for pair in urlsplit(self.client.redirect_uri).query.split("&") if pair)
        answer = page.answer
        assert own.items() <= answer.items()
        return {name: value for name, value in answer.items() if name not in own}

    def code(self, page: Page) -> str:
        """The code of a successful response, after every check on it."""
        answer = self.answer(page)
        assert "error" not in answer
        assert answer.keys() == {"code", "iss", "session_state"} | ({"state"} if self.state is not None else set())
        assert answer.get("state") == self.state
        assert answer["iss"] == ISSUER
        assert len(answer["code"]) * 6 >= 128
        assert entropy(answer["code"]) > 96
        return answer["code"]

    def error(self, page: Page) -> dict[str, str]:
        """An error response, after every check on it."""
        answer = self.answer(page)
        assert answer.keys() <= ERROR_MEMBERS
        assert answer.get("state") == self.state
        assert answer["iss"] == ISSUER
        assert DESCRIPTION.fullmatch(answer["error_description"])
        assert DESCRIPTION.fullmatch(answer["error"])
        return answer

    async def token(self, **fields: str) -> httpx.Response:
        """Ask the token endpoint, authenticated as registered."""
        client = self.client
        if client.authentication == "client_secret_post":
            body = {"client_id": client.client_id, "client_secret": client.secret, **fields}
            return await self.browser.http.post("/token", data=body)
        return await self.browser.http.post("/token", data=fields, auth=(client.client_id, client.secret))

    async def redeem(self, code: str, **fields: str) -> httpx.Response:
        """Exchange a code."""
        return await self.token(
            grant_type="authorization_code", code=code, redirect_uri=self.client.redirect_uri, **fields
        )

    async def sign_in(self, page: Page | None = None, **changes: str | None) -> SignIn:
        """The whole flow, checked from end to end."""
        page = page or await self.request(**changes)
        asked = page.has_form("sign-in")
        page = await self.interact(page)
        response = await self.redeem(self.code(page))
        tokens = checked_tokens(response)
        return SignIn(self.answer(page), tokens, await self.verified(tokens), asked)

    async def verified(self, tokens: dict[str, Any], *, nonce: bool = True) -> dict[str, Any]:
        """The claims of the ID token, its signature verified with a key found by `kid`."""
        now, algorithm = self.provider.clock.at, self.client.algorithm
        token = tokens["id_token"]
        header = jwt.get_unverified_header(token)
        assert header["alg"] == algorithm
        keys = (await self.browser.http.get("/jwks")).json()["keys"]
        (key,) = [key for key in keys if key["kid"] == header["kid"]]
        options = {"verify_exp": False, "verify_iat": False, "require_sub": True, "require_aud": True}
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=self.client.client_id,
            issuer=ISSUER,
            access_token=tokens["access_token"],
            options=options,
        )
        assert abs(claims["iat"] - now) < FIVE_MINUTES
        assert now < claims["exp"] < now + 86_400
        assert claims["auth_time"] <= now
        assert claims["acr"]
        assert 0 < len(claims["sub"]) <= 255
        assert claims.keys().isdisjoint(PROFILE_CLAIMS | CONTACT_CLAIMS)
        assert "at_hash" in claims
        if nonce:
            assert claims.get("nonce") == self.nonce
        return claims

    async def userinfo(self, access_token: str, method: str = "GET", *, in_body: bool = False) -> httpx.Response:
        """Ask userinfo: with a header, or with the token in the body of a form."""
        if in_body:
            return await self.browser.http.post("/userinfo", data={"access_token": access_token})
        headers = {"authorization": f"Bearer {access_token}"}
        return await self.browser.http.request(method, "/userinfo", headers=headers)

    async def claims(self, signed_in: SignIn) -> dict[str, Any]:
        """The userinfo claims of a completed flow."""
        return checked_userinfo(await self.userinfo(signed_in.access_token), signed_in)


def checked_tokens(response: httpx.Response) -> dict[str, Any]:
    """A token response, after every check on it."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("application/json")
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["pragma"] == "no-cache"
    tokens: dict[str, Any] = response.json()
    assert tokens["token_type"] == "Bearer"
    assert isinstance(tokens["expires_in"], int)
    assert tokens["expires_in"] > 0
    # The suite measures the whole token; what nobody can guess of ours is the signature.
    assert entropy(tokens["access_token"]) > 96
    return tokens


def checked_userinfo(response: httpx.Response, signed_in: SignIn) -> dict[str, Any]:
    """A userinfo response about the person of the ID token."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("application/json")
    claims: dict[str, Any] = response.json()
    assert claims["sub"] == signed_in.id_token["sub"]
    assert None not in claims.values()
    return claims


def is_error_page(page: Page) -> bool:
    """Whether the person is told, and nobody redirected."""
    return "location" not in page.response.headers and not page.has_form("form-post") and page.error_code is not None


def refused_grant(response: httpx.Response) -> bool:
    """A token error response: 400, JSON, and nothing besides what RFC 6749 section 5.2 allows."""
    body = response.json()
    assert response.headers["cache-control"] == "no-store"
    assert body.keys() <= {"error", "error_description", "error_uri"}
    assert DESCRIPTION.fullmatch(body["error_description"])
    return response.status_code == 400 and bool(body["error"] == "invalid_grant")


def entropy(text: str) -> float:
    """Shannon entropy of the whole text, in bits, as the suite estimates it."""
    counts = Counter(text).values()
    return -sum(count * math.log2(count / len(text)) for count in counts)


def s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def unsigned(claims: dict[str, Any]) -> str:
    """A request object with `alg` none."""

    def part(content: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part(claims)}."
