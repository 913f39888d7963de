"""A small OpenID provider for the relying parties' own tests; knobs let a test make it lie or fail."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode

from fastapi import FastAPI
from joserfc import jws
from joserfc.jwk import ECKey, KeySet, RSAKey
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

ISSUER = "http://localhost:9000"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass
class FixedClock:
    seconds: int = 1_790_000_000

    def now(self) -> int:
        return self.seconds

    def advance(self, seconds: int) -> None:
        self.seconds += seconds


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    personal_number: str
    agency: dict[str, str] | None = None


CITIZEN = Person("an", "Nguyễn Văn An", "001099000001")
NEIGHBOUR = Person("binh", "Trần Thị Bình", "001199000002")
OFFICER = Person("cuong", "Lê Quốc Cường", "001085000003", {"code": "G10.01", "name": "Cục Quản lý đất đai"})


@dataclass
class ProviderDouble:
    clock: FixedClock
    client_secrets: dict[str, str]
    person: Person | None = CITIZEN
    sid: str = "sid-1"
    acr: str = "urn:vn:loa:2"
    auth_time: int = 0
    expires_in: int = 600
    is_down: bool = False
    answer_error: str | None = None
    answer_iss: str | None = ISSUER
    token_error: str | None = None
    reauthenticates: bool = True
    id_token_changes: dict[str, Any] = field(default_factory=dict)
    id_token_disguise: "Callable[[ProviderDouble, dict[str, Any]], str] | None" = None
    userinfo_changes: dict[str, Any] = field(default_factory=dict)
    approved_details: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    refresh_tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    used_refresh_tokens: set[str] = field(default_factory=set)
    access_tokens: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.auth_time = self.clock.now() - 1000
        self.key = ECKey.generate_key("P-256", {"kid": "key-1", "use": "sig", "alg": "ES256"})
        self.published: list[ECKey | RSAKey] = [self.key]
        self.app = FastAPI(openapi_url=None)
        self.app.get("/.well-known/openid-configuration")(self.discovery)
        self.app.get("/jwks")(self.jwks)
        self.app.get("/authorize")(self.authorize)
        self.app.post("/token")(self.token)
        self.app.get("/userinfo")(self.userinfo)
        self.app.get("/end-session")(self.end_session)

    # What a test says and asks.

    def rotate_key(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": f"key-{len(self.published) + 1}", "use": "sig", "alg": "ES256"})
        self.published.append(self.key)

    def calls(self, path: str) -> list[dict[str, str]]:
        return [parameters for called, parameters in self.requests if called == path]

    def subject(self, client_id: str, person: Person | None = None) -> str:
        someone = person or self.person
        assert someone is not None
        return hashlib.sha256(f"{client_id} {someone.id}".encode()).hexdigest()[:24]

    def signed(
        self, claims: dict[str, Any], *, typ: str | None = "JWT", key: ECKey | RSAKey | None = None, **header: Any
    ) -> str:
        used = key or self.key
        protected = {"alg": "RS256" if isinstance(used, RSAKey) else "ES256", "kid": used.kid, "typ": typ} | header
        protected = {name: value for name, value in protected.items() if value is not None}
        return jws.serialize_compact(protected, json.dumps(claims).encode(), used)

    def logout_claims(self, client_id: str, **changes: Any) -> dict[str, Any]:
        now = self.clock.now()
        claims = {
            "iss": ISSUER,
            "aud": client_id,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_hex(8),
            "sid": f"{self.sid}-{client_id}",
            "sub": self.subject(client_id),
            "events": {LOGOUT_EVENT: {}},
        } | changes
        return {name: value for name, value in claims.items() if value is not ...}

    def access_token_claims(self, client_id: str, audience: str, scope: str, **changes: Any) -> dict[str, Any]:
        now = self.clock.now()
        claims = {
            "iss": ISSUER,
            "aud": audience,
            "sub": client_id,
            "client_id": client_id,
            "scope": scope,
            "iat": now,
            "exp": now + self.expires_in,
            "jti": secrets.token_hex(8),
            "acr": self.acr,
            "auth_time": now,
        } | changes
        return {name: value for name, value in claims.items() if value is not ...}

    # Its endpoints.

    async def discovery(self) -> Response:
        self.requests.append(("/discovery", {}))
        names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "end_session_endpoint", "jwks_uri")
        paths = ("/authorize", "/token", "/userinfo", "/end-session", "/jwks")
        endpoints = {name: f"{ISSUER}{path}" for name, path in zip(names, paths, strict=True)}
        return JSONResponse({"issuer": ISSUER, **endpoints})

    async def jwks(self) -> Response:
        self.requests.append(("/jwks", {}))
        return JSONResponse(KeySet([*self.published]).as_dict(private=False))

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.requests.append(("/authorize", asked))
        answer = {"state": asked["state"], "iss": self.answer_iss}
        if self.answer_error is not None or self.person is None:
            answer["error"] = self.answer_error or "login_required"
        else:
            if self.reauthenticates and "max_age" in asked:
                self.auth_time, self.acr = self.clock.now(), asked.get("acr_values", self.acr)
            code = secrets.token_urlsafe(32)
            answer["code"] = code
            self.codes[code] = asked | {"person": self.person, "acr": self.acr, "auth_time": self.auth_time}
        query = urlencode({name: value for name, value in answer.items() if value is not None})
        return RedirectResponse(f"{asked['redirect_uri']}?{query}", status_code=303)

    async def token(self, request: Request) -> Response:
        asked = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        self.requests.append(("/token", asked))
        scheme, _, value = request.headers["authorization"].partition(" ")
        client_id, _, secret = base64.b64decode(value).decode().partition(":")
        assert scheme == "Basic"
        if self.client_secrets.get(unquote(client_id)) != unquote(secret):
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        if self.token_error is not None:
            return JSONResponse({"error": self.token_error}, status_code=400)
        match asked["grant_type"]:
            case "authorization_code":
                return self._from_code(asked, client_id)
            case "refresh_token":
                return self._from_refresh_token(asked, client_id)
            case _:
                audience, scope = asked["resource"], asked["scope"]
                claims = self.access_token_claims(client_id, audience, scope)
                return self._answer({"access_token": self.signed(claims, typ="at+jwt")})

    def _from_code(self, asked: dict[str, str], client_id: str) -> Response:
        granted = self.codes.pop(asked["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(asked["code_verifier"].encode()).digest()).rstrip(b"=")
        if granted is None or granted["client_id"] != client_id or granted["code_challenge"] != challenge.decode():
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        assert granted["code_challenge_method"] == "S256"
        assert granted["redirect_uri"] == asked["redirect_uri"]
        return self._tokens(granted, None)

    def _from_refresh_token(self, asked: dict[str, str], client_id: str) -> Response:
        presented = asked["refresh_token"]
        if presented in self.used_refresh_tokens:
            self.refresh_tokens.clear()  # reuse: the whole family is gone
        granted = self.refresh_tokens.pop(presented, None)
        if granted is None or granted["client_id"] != client_id:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        self.used_refresh_tokens.add(presented)
        return self._tokens(granted, asked.get("resource"))

    def _tokens(self, granted: dict[str, Any], resource: str | None) -> Response:
        client_id, person, now = granted["client_id"], granted["person"], self.clock.now()
        subject = self.subject(client_id, person)
        claims = self.access_token_claims(client_id, resource or ISSUER, granted["scope"], sub=subject)
        access_token = self.signed(claims, typ="at+jwt")
        refresh_token = secrets.token_urlsafe(32)
        self.refresh_tokens[refresh_token] = granted
        self.access_tokens[access_token] = granted | {"aud": claims["aud"]}
        digest = hashlib.sha256(access_token.encode()).digest()[:16]
        id_token = {
            "iss": ISSUER,
            "aud": client_id,
            "sub": subject,
            "iat": now,
            "exp": now + 300,
            "nonce": granted["nonce"],
            "sid": f"{self.sid}-{client_id}",
            "acr": granted["acr"],
            "auth_time": granted["auth_time"],
            "at_hash": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        } | self.id_token_changes
        id_token = {name: value for name, value in id_token.items() if value is not ...}
        sign = self.id_token_disguise or ProviderDouble.signed
        answer = {"access_token": access_token, "refresh_token": refresh_token, "id_token": sign(self, id_token)}
        details = self.approved_details or json.loads(granted.get("authorization_details", "null"))
        return self._answer(answer | ({"authorization_details": details} if details else {}))

    def _answer(self, tokens: dict[str, Any]) -> Response:
        return JSONResponse({"token_type": "Bearer", "expires_in": self.expires_in, **tokens})

    async def userinfo(self, request: Request) -> Response:
        self.requests.append(("/userinfo", {}))
        granted = self.access_tokens.get(request.headers["authorization"].removeprefix("Bearer "))
        if granted is None or granted["aud"] != ISSUER:
            return JSONResponse({"error": "invalid_token"}, status_code=401)
        person, scopes = granted["person"], granted["scope"].split()
        claims: dict[str, Any] = {"sub": self.subject(granted["client_id"], person), "name": person.name}
        if "identity" in scopes:
            claims["personal_number"] = person.personal_number
        if "officer" in scopes and person.agency:
            claims |= {"agency": person.agency, "position": "Chuyên viên"}
        return JSONResponse(claims | self.userinfo_changes)

    async def end_session(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.requests.append(("/end-session", asked))
        self.person = None
        return RedirectResponse(f"{asked['post_logout_redirect_uri']}?{urlencode({'state': asked['state']})}", 303)
