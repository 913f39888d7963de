"""Good requests to every endpoint, one function for each kind; what they carry is made when they are asked for."""

import json
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import urlsplit

from idp.protocol.scim.paths import OFFICER, USER
from tests.fuzz.mutations import NAMES
from tests.fuzz.request import Pairs, Request
from tests.fuzz.target import (
    ASSERTION_TYPE,
    CALLBACK,
    CIBA,
    DEVICE_CODE,
    EXCHANGE,
    JWT_BEARER,
    PEOPLE,
    RESOURCE,
    SECRET,
    SIGNED_OUT,
    Page,
    Target,
)
from tests.relying_party import CHALLENGE, VERIFIER, basic

Seed = Callable[[], Request]

CONFIDENTIAL: Final[Pairs] = (("authorization", basic(("confidential", SECRET))),)
AUTHORIZATION: Final[Pairs] = (
    ("client_id", "confidential"),
    ("redirect_uri", CALLBACK),
    ("response_type", "code"),
    ("scope", "openid profile"),
    ("state", "a-state"),
    ("nonce", "a-nonce"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
)
CLAIMS: Final = json.dumps(
    {"userinfo": {"name": {"essential": True}, "email": None}, "id_token": {"acr": {"values": ["urn:vn:loa:1"]}}}
)
DETAILS: Final = json.dumps([{"type": "dossier", "actions": ["read"], "identifier": "1"}])
OPEN: Final = (
    *("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks", "/livez", "/readyz"),
    *("/.well-known/oauth-protected-resource", "/metrics", "/", "/help", "/privacy", "/terms", "/report", "/admin",
    "/api/openapi.json"),
    *("/account", "/account/approvals", "/account/approvals/1", "/device", "/sign-in", "/recovery", "/activate",
    "/static/x"),
    *("/api/admin/clients", "/check-session", "/favicon.ico", "/robots.txt"),
)  # fmt: skip


def seeds(target: Target) -> Iterator[Seed]:
    """Yield what makes each good request; endpoints that the metadata names are all among them."""
    yield from _authorizations(target)
    yield from _tokens(target)
    yield from _about_tokens(target)
    yield from _decoupled(target)
    yield from _registration(target)
    yield from _provisioning(target)
    for path in OPEN:
        yield lambda path=path: Request(f"GET {path}", "GET", path)  # type: ignore[misc] # bound by the default
    for name, place in target.metadata.items():
        path = urlsplit(str(place)).path
        if name.endswith(("_endpoint", "_uri", "_iframe")) and path.startswith("/"):
            yield lambda name=name, path=path: Request(  # type: ignore[misc] # bound by the default
                f"every parameter to {name}", "POST", path, fields=tuple((each, "x") for each in NAMES)
            )


def page_seed(page: Page) -> Request:
    """The form as the browser would send it."""
    headers = (("cookie", page.cookie),) if page.cookie else ()
    if page.name.startswith("GET "):
        return Request(page.name, "GET", page.path, headers=headers)
    return Request(f"form {page.name}", "POST", page.path, headers=headers, fields=page.fields)


def _authorizations(target: Target) -> Iterator[Seed]:
    path = target.path("authorization_endpoint", "/authorize")
    hint = ("id_token_hint", target.tokens["id_token"])
    everything = (
        *AUTHORIZATION, ("prompt", "none"), ("max_age", "100"), ("claims", CLAIMS), ("ui_locales", "vi en"), hint,
        ("login_hint", "an@example.vn"), ("acr_values", "urn:vn:loa:2"), ("resource", RESOURCE), ("display", "page"),
        ("authorization_details", DETAILS), ("response_mode", "form_post"), ("claims_locales", "vi"),
    )  # fmt: skip
    signing = tuple((name, "signing" if name == "client_id" else value) for name, value in AUTHORIZATION)
    yield lambda: Request("authorize", "GET", path, query=AUTHORIZATION)
    yield lambda: Request("authorize by POST", "POST", path, fields=AUTHORIZATION)
    yield lambda: Request("authorize with everything", "GET", path, query=everything)
    for mode in ("query", "fragment", "form_post", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt"):
        yield lambda mode=mode: Request(  # type: ignore[misc] # bound by the default
            "authorize, silently", "GET", path, query=(*AUTHORIZATION, ("prompt", "none"), ("response_mode", mode))
        )
    for kind in ("code id_token", "code token", "id_token", "id_token token", "code id_token token", "none"):
        yield (
            lambda kind=kind: Request(  # type: ignore[misc] # bound by the default
                "authorize, another type",
                "GET",
                path,
                query=(*AUTHORIZATION[:2], ("response_type", kind), *AUTHORIZATION[3:]),
            )
        )
    yield lambda: Request(
        "authorize by request object", "GET", path,
        query=(*AUTHORIZATION, ("request", target.signed(**dict(signing)))),
    )  # fmt: skip
    yield lambda: Request(
        "signed request object", "GET", path,
        query=(("client_id", "signing"), ("request", target.signed(**dict(signing)))),
    )  # fmt: skip
    yield lambda: Request(
        "request object by reference", "GET", path,
        query=(*AUTHORIZATION, ("request_uri", "urn:ietf:params:oauth:request_uri:abcdefghijklmnopqrstuvwxyz")),
    )  # fmt: skip
    pushed = target.path("pushed_authorization_request_endpoint", "/par")
    yield lambda: Request("push", "POST", pushed, headers=CONFIDENTIAL, fields=AUTHORIZATION)
    yield lambda: Request("push everything", "POST", pushed, headers=CONFIDENTIAL, fields=everything)
    yield lambda: Request(
        "push, signed and with proof", "POST", pushed, headers=(("dpop", target.proof("POST", pushed)),),
        fields=(
            ("client_id", "signing"), ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", target.signed()),
            ("request", target.signed(**dict(signing))),
        ),
    )  # fmt: skip
    logout = target.path("end_session_endpoint", "/logout")
    leaving = (hint, ("post_logout_redirect_uri", SIGNED_OUT), ("state", "bye"), ("client_id", "confidential"))
    yield lambda: Request("end session", "GET", logout, query=leaving)
    yield lambda: Request("end session by POST", "POST", logout, fields=leaving)


def _tokens(target: Target) -> Iterator[Seed]:
    path = target.path("token_endpoint", "/token")

    def token(name: str, *fields: tuple[str, str], headers: Pairs = CONFIDENTIAL) -> Seed:
        return lambda: Request(name, "POST", path, headers=headers, fields=fields)

    redeem = (
        ("grant_type", "authorization_code"),
        ("code", "x" * 43),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    )
    machine = (("grant_type", "client_credentials"), ("scope", "dossier.read"), ("resource", RESOURCE))
    yield token("redeem a code", *redeem)
    yield token("redeem a code, public", ("client_id", "public"), *redeem, headers=())
    yield token("refresh", ("grant_type", "refresh_token"), ("refresh_token", "x" * 43), ("scope", "openid"))
    yield token("client credentials", *machine)
    yield token("secret in the body", ("client_id", "confidential"), ("client_secret", SECRET), *machine, headers=())
    yield token("device code", ("grant_type", DEVICE_CODE), ("device_code", "x" * 43))
    yield token("backchannel", ("grant_type", CIBA), ("auth_req_id", "x" * 43))
    yield token(
        "exchange", ("grant_type", EXCHANGE), ("subject_token", target.tokens["access_token"]),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"), ("audience", RESOURCE),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
    )  # fmt: skip
    yield lambda: Request(
        "assertion as grant", "POST", path, headers=CONFIDENTIAL,
        fields=(("grant_type", JWT_BEARER), ("assertion", target.signed()), ("scope", "dossier.read")),
    )  # fmt: skip
    for headers in (False, True):
        yield lambda headers=headers: Request(  # type: ignore[misc] # bound by the default
            "client assertion", "POST", path, headers=(("dpop", target.proof("POST", path)),) if headers else (),
            fields=(
                ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", target.signed()), ("client_id",
                "signing"),
                *machine,
            ),
        )  # fmt: skip


def _about_tokens(target: Target) -> Iterator[Seed]:
    access = target.tokens["access_token"]
    userinfo = target.path("userinfo_endpoint", "/userinfo")
    introspection = target.path("introspection_endpoint", "/introspect")
    revocation = target.path("revocation_endpoint", "/revoke")
    yield lambda: Request("userinfo", "GET", userinfo, headers=(("authorization", f"Bearer {access}"),))
    yield lambda: Request("userinfo by POST", "POST", userinfo, fields=(("access_token", access),))
    yield lambda: Request(
        "userinfo with proof", "GET", userinfo,
        headers=(("authorization", f"DPoP {access}"), ("dpop", target.proof("GET", userinfo))),
    )  # fmt: skip
    yield lambda: Request(
        "introspect", "POST", introspection, headers=CONFIDENTIAL,
        fields=(("token", access), ("token_type_hint", "access_token")),
    )  # fmt: skip
    yield lambda: Request("revoke", "POST", revocation, headers=CONFIDENTIAL, fields=(("token", "x" * 43),))


def _decoupled(target: Target) -> Iterator[Seed]:
    device = target.path("device_authorization_endpoint", "/device_authorization")
    backchannel = target.path("backchannel_authentication_endpoint", "/bc-authorize")
    yield lambda: Request("device", "POST", device, headers=CONFIDENTIAL, fields=(("scope", "openid profile"),))
    yield lambda: Request("device, public", "POST", device, fields=(("client_id", "public"), ("scope", "openid")))
    asked = (
        ("scope", "openid"),
        ("login_hint", "an@example.vn"),
        ("binding_message", "A-1"),
        ("requested_expiry", "60"),
    )
    yield lambda: Request(
        "backchannel request", "POST", backchannel,
        fields=(("client_assertion_type", ASSERTION_TYPE), ("client_assertion", target.signed()), *asked),
    )  # fmt: skip
    yield lambda: Request(
        "signed backchannel request", "POST", backchannel,
        fields=(
            ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", target.signed()),
            ("request", target.signed(**dict(asked))),
        ),
    )  # fmt: skip


def _registration(target: Target) -> Iterator[Seed]:
    path = target.path("registration_endpoint", "/register")
    json_type = (("content-type", "application/json"),)
    wanted = {
        "client_name": "Dịch vụ", "redirect_uris": [CALLBACK], "grant_types": ["authorization_code"], "scope": "openid",
        "jwks": {"keys": []}, "logo_uri": "https://example.vn/logo.png", "contacts": ["a@example.vn"],
    }  # fmt: skip
    written = json.dumps(wanted).encode()
    initial = ("authorization", f"Bearer {target.tokens['initial_access_token']}")
    managing = ("authorization", f"Bearer {target.tokens['registration_access_token']}")
    which = (("client_id", target.tokens["registered"]),)
    yield lambda: Request("register", "POST", path, headers=json_type, body=written)
    yield lambda: Request("register with a token", "POST", path, headers=(*json_type, initial), body=written)
    for method in ("GET", "PUT"):
        yield lambda method=method: Request(  # type: ignore[misc] # bound by the default
            f"{method} a registration", method, path, query=which, headers=(*json_type, managing),
            body=written if method == "PUT" else None,
        )  # fmt: skip
    yield lambda: Request(
        "DELETE a registration",
        "DELETE",
        path,
        query=which,
        headers=(*json_type, ("authorization", "Bearer " + "x" * 43)),
    )


def _provisioning(target: Target) -> Iterator[Seed]:
    headers = (("authorization", f"Bearer {target.tokens['scim']}"), ("content-type", "application/scim+json"))
    messages = "urn:ietf:params:scim:api:messages:2.0"
    user = {
        "schemas": [USER, OFFICER], "userName": "a@g10.example.vn", "externalId": "E-1", "title": "Chuyên viên",
        "name": {"formatted": "Nguyễn Văn An"}, "active": True,
        OFFICER: {"personalNumber": PEOPLE[0], "agency": "G10", "heldFrom": "2026-01-01T00:00:00+07:00"},
    }  # fmt: skip
    patch = {
        "schemas": [f"{messages}:PatchOp"],
        "Operations": [{"op": "replace", "path": "title", "value": "x"}, {"op": "add", "value": {"schemas": [USER]}}],
    }
    search = {"schemas": [f"{messages}:SearchRequest"], "filter": 'userName eq "a"', "attributes": ["title"]}
    one = f"/scim/v2/Users/{target.tokens['officer']}"
    for method, path, told in (
        ("POST", "/scim/v2/Users", user), ("PUT", one, user), ("PATCH", one, patch),
        ("POST", "/scim/v2/Users/.search", search),
    ):  # fmt: skip
        yield lambda method=method, path=path, told=told: Request(  # type: ignore[misc] # bound by the default
            f"{method} {path}", method, path, headers=headers, body=json.dumps(told).encode()
        )
    yield lambda: Request(
        "officers", "GET", "/scim/v2/Users", query=(("filter", 'title eq "x"'), ("count", "5")), headers=headers
    )
