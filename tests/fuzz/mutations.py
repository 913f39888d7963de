"""What can be wrong with a request: each function takes a good one and a source of chance, and spoils one thing."""

import base64
import json
import re
from collections.abc import Callable
from random import Random
from typing import Any, Final

from tests.fuzz.oracle import INJECTED, MARK, STRANGER
from tests.fuzz.request import FORM, Pairs, Raw, Request
from tests.fuzz.signer import SIGNER

Mutation = Callable[[Request, Random], Request]

_JWT: Final = re.compile(r"[\w-]+\.[\w-]*\.[\w-]*")
VALUES: Final = (
    *("", " ", "0", "-1", "9" * 4000, "1e309", "NaN", "null", "true", "[]", "{}", "none", "openid", "query",
    "undefined"),
    *("\x00", "a\x00b", "\r\n", f"a\r\n{INJECTED}: 1", "\t", "\x7f", "\x1b[31m", "\u202e\u2066", "\ufeff", "\ud800",
    "ﷺ" * 40),
    *("\U0001f511" * 20, "Nguyễn", "٣", "İ", "ß", "%", "%25", "%00", "+", "&", "=", "#", ";", "\\", '"', "'", "`",
    "${7*7}"),
    *(MARK, f'">{MARK}', f"javascript:{MARK}", f"'-alert(1)-'{MARK}", f"</script>{MARK}", f"&lt;{MARK}"),
    *(f"http://{STRANGER}/", f"https://{STRANGER}/?{MARK}", f"//{STRANGER}", f"\\\\{STRANGER}", "javascript:alert(1)"),
    *("data:text/html,x", "file:///etc/passwd", "http://127.0.0.1:22/", "http://[::1]/", "http://169.254.169.254/"),
    *("../../../../etc/passwd", "..%2f..%2fetc", "a" * 300, "a" * 5000, "a" * 20_000, "' OR '1'='1", "1;DROP TABLE x"),
    *("urn:ietf:params:oauth:request_uri:x", "a.b.c", "..", "a.b", "eyJ.eyJ.", "=" * 50, "A" * 43, "A" * 128),
)  # fmt: skip
RAW: Final = tuple(
    Raw(each)
    for each in (
        *(
            "%",
            "%zz",
            "%f",
            "%ff%fe",
            "%c0%af",
            "%ed%a0%80",
            "%00",
            "%0d%0a",
            f"%0d%0a{INJECTED}:%201",
            "%u0041",
            "+%2B+",
        ),
        *("%e2%80%ae", "%F4%90%80%80", "a=b=c", "%26x%3Dy", ";", "%3b", "a%", "é", "\xff", "\u2028"),
    )
)
NAMES: Final = (
    *("client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "prompt", "max_age"),
    *("display", "ui_locales", "claims_locales", "id_token_hint", "login_hint", "acr_values", "claims", "request"),
    *("request_uri", "resource", "authorization_details", "dpop_jkt", "code_challenge", "code_challenge_method"),
    *("grant_type", "code", "code_verifier", "refresh_token", "token", "token_type_hint", "client_secret"),
    *("client_assertion", "client_assertion_type", "assertion", "subject_token", "subject_token_type", "actor_token"),
    *("requested_token_type", "audience", "device_code", "user_code", "auth_req_id", "binding_message"),
    *("requested_expiry", "login_hint_token", "client_notification_token", "access_token", "post_logout_redirect_uri"),
    *("logout_hint", "username", "password", "csrf_token", "method", "decision", "principal", "registration", "iss"),
)
HEADERS: Final = (
    *(("authorization", each) for each in ("Basic", "Basic !!!", "Basic Og==", "Bearer", "Bearer a b", "DPoP x",
    "Negotiate x")),
    *(("authorization", f"Basic {base64.b64encode(each.encode()).decode()}") for each in (":", "a", f"{MARK}:x",
    "a:b:c", "é:é")),
    *(("content-type", each) for each in ("application/json", "text/plain", "multipart/form-data; boundary=x",
    f"{FORM}; charset=utf-16", MARK, "")),
    *(("cookie", each) for each in ("a", "=;=;=", "__Host-session=x", "a=b; " * 300, f"session={MARK}", "\xff\xfe")),
    *(("origin", each) for each in ("null", f"https://{STRANGER}", MARK, "*")),
    *(("x-forwarded-host", STRANGER), ("x-forwarded-proto", "https"), ("x-forwarded-for", f"{MARK}, 1.2.3.4")),
    *(("forwarded", f"for=1.2.3.4;host={STRANGER};proto=https"), ("x-original-url", "/admin"), ("x-rewrite-url",
    "/admin")),
    *(("client-cert", ":AAAA:"), ("client-cert", MARK), ("dpop", "a.b.c"), ("dpop", ""), ("dpop", "x" * 9000)),
    *(("accept-language", each) for each in ("*", "vi;q=9", "a" * 3000, MARK, ",,,;;;", "zz-ZZ-" * 90)),
    *(("accept", "application/token-introspection+jwt"), ("accept", MARK), ("range", "bytes=0-1"), ("if-none-match",
    "*")),
    *(("host", STRANGER), ("host", "localhost:1"), ("host", MARK), ("host", ""), ("x-http-method-override", "DELETE")),
    *(("x-long", "x" * 9000), ("x-long", "x" * 40_000), ("traceparent", "00-zz-zz-zz"), ("x-request-id", MARK)),
    *(("referer", f"https://{STRANGER}/"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")),
    *(("access-control-request-method", "POST"), ("transfer-encoding", "chunked"), ("connection", "upgrade")),
)  # fmt: skip
METHODS: Final = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "BREW", "get")
_HANGS_UP: Final = {"host", "transfer-encoding", "x-long", "connection"}


def _pairs(request: Request, chance: Random) -> tuple[str, Pairs]:
    """One of the request's two lists of parameters, the longer one more often."""
    if request.fields is None:
        return "query", request.query
    if not request.query or chance.random() < 0.8:
        return "fields", request.fields
    return "query", request.query


def _some(chance: Random) -> str:
    return chance.choice(RAW) if chance.random() < 0.25 else chance.choice(VALUES)


def _changed(pairs: Pairs, place: int, *instead: tuple[str, str]) -> Pairs:
    return (*pairs[:place], *instead, *pairs[place + 1 :])


def drop(request: Request, chance: Random) -> Request:
    where, pairs = _pairs(request, chance)
    return request.but(**{where: _changed(pairs, chance.randrange(len(pairs)))}) if pairs else add(request, chance)


def double(request: Request, chance: Random) -> Request:
    where, pairs = _pairs(request, chance)
    if not pairs:
        return add(request, chance)
    place = chance.randrange(len(pairs))
    name, value = pairs[place]
    other = value if chance.random() < 0.5 else _some(chance)
    return request.but(**{where: _changed(pairs, place, (name, value), (name, other))})


def spoil(request: Request, chance: Random) -> Request:
    where, pairs = _pairs(request, chance)
    if not pairs:
        return add(request, chance)
    place = chance.randrange(len(pairs))
    name, value = pairs[place]
    spoilt: str = _some(chance)
    if chance.random() < 0.3 and not isinstance(spoilt, Raw):
        spoilt = value + spoilt if chance.random() < 0.5 else spoilt + value
    return request.but(**{where: _changed(pairs, place, (name, spoilt))})


def misname(request: Request, chance: Random) -> Request:
    where, pairs = _pairs(request, chance)
    if not pairs:
        return add(request, chance)
    place = chance.randrange(len(pairs))
    name, value = pairs[place]
    return request.but(
        **{
            where: _changed(
                pairs, place, (chance.choice([name.upper(), f"{name}[]", _some(chance), f" {name}"]), value)
            )
        }
    )


def add(request: Request, chance: Random) -> Request:
    where, pairs = _pairs(request, chance)
    return request.but(**{where: (*pairs, (chance.choice(NAMES), _some(chance)))})


def flood(request: Request, chance: Random) -> Request:
    where, pairs = _pairs(request, chance)
    name = chance.choice(NAMES)
    return request.but(
        **{where: (*pairs, *((f"{name}{number}", "x") for number in range(chance.choice([20, 150, 400]))))}
    )


def swap(request: Request, chance: Random) -> Request:
    """Exchange values; those of secrets stay, since a user name that was typed is shown again."""
    where, pairs = _pairs(request, chance)
    movable = [place for place, (name, _) in enumerate(pairs) if name not in {"password", "client_secret"}]
    values = [pairs[place][1] for place in movable]
    chance.shuffle(values)
    swapped = dict(zip(movable, values, strict=True))
    return request.but(**{where: tuple((name, swapped.get(place, value)) for place, (name, value) in enumerate(pairs))})


def wander(request: Request, chance: Random) -> Request:
    """Spoil an address, or make one of a value that is none."""
    where, pairs = _pairs(request, chance)
    places = [place for place, (name, value) in enumerate(pairs) if "uri" in name or value.startswith("http")]
    if not places:
        return add(request, chance)
    place = chance.choice(places)
    name, value = pairs[place]
    host = value.partition("://")[2].partition("/")[0]
    wandered = chance.choice(
        [
            value + "/..", value + "/", value + "?x=1", value + "#x", value + "%00", value + f"@{STRANGER}",
            value.upper(),
            value.replace(host, f"{host}@{STRANGER}"), value.replace(host, f"{host}.{STRANGER}"), value + "\\",
            value + "%0d%0a",
            value.replace(host, STRANGER), value.replace("http:", "https:"), value.replace("://", ":///"), f" {value}",
            value.replace(host, f"{STRANGER}#{host}"), value.replace(host, f"{STRANGER}\\{host}"),
            f"//{STRANGER}/{value}",
            value.replace("localhost", "127.0.0.1"), value.replace("localhost", "LOCALHOST"), value.replace("/", "\\"),
        ]
    )  # fmt: skip
    return request.but(**{where: _changed(pairs, place, (name, wandered))})


def nest(request: Request, chance: Random) -> Request:
    """Put JSON where it may be expected: too deep, too wide, or of the wrong kind."""
    deep = chance.choice([50, 400, 5000])
    text = chance.choice(
        [
            "[" * deep, '{"a":' * deep + "1" + "}" * deep, "[" * deep + "]" * deep, '{"userinfo":{"name":[]}}',
            json.dumps({f"k{number}": None for number in range(deep)}), '{"a":1,"a":2}', '{"a":1e999}', '{"\ud800":1}',
            json.dumps({"userinfo": {MARK: {"value": MARK, "essential": MARK}}}), '{"id_token":{"sub":{"value":[[]]}}}',
            json.dumps([{"type": MARK, "actions": [1, None, {}]}] * min(deep, 60)), '"', "{", "[1,]", "{'a':1}",
            "\ufeff{}",
            json.dumps({"userinfo": {"verified_claims": {"verification": {"trust_framework": None}, "claims": MARK}}}),
        ]
    )  # fmt: skip
    if request.body is not None:
        members = _members(request.body)
        if members and chance.random() < 0.7:
            members[chance.choice((*members, *NAMES, *_REGISTERED))] = chance.choice(_MEMBERS)
            text = json.dumps(members)
        return request.but(body=text.encode("utf-8", "surrogatepass"))
    where, pairs = _pairs(request, chance)
    name = chance.choice(["claims", "authorization_details", "claims", "registration", "request"])
    return request.but(**{where: (*(pair for pair in pairs if pair[0] != name), (name, text))})


def _members(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


_REGISTERED: Final = (
    *(
        "redirect_uris",
        "jwks",
        "jwks_uri",
        "sector_identifier_uri",
        "logo_uri",
        "client_name",
        "contacts",
        "request_uris",
    ),
    *(
        "grant_types",
        "response_types",
        "subject_type",
        "id_token_signed_response_alg",
        "default_max_age",
        "software_statement",
    ),
    *("token_endpoint_auth_method", "client_secret", "skip_consent", "initiate_login_uri", "client_name#vi", "profile"),
)


def tamper(request: Request, chance: Random) -> Request:
    """Spoil a signed token, wherever the request has one."""
    where, pairs = _pairs(request, chance)
    places = [place for place, (_, value) in enumerate(pairs) if _JWT.fullmatch(value)]
    if places:
        place = chance.choice(places)
        return request.but(**{where: _changed(pairs, place, (pairs[place][0], _tampered(pairs[place][1], chance)))})
    for place, (name, value) in enumerate(request.headers):
        scheme, _, token = value.rpartition(" ")
        if _JWT.fullmatch(token):
            spoilt = f"{scheme} {_tampered(token, chance)}".strip()
            return request.but(headers=_changed(request.headers, place, (name, spoilt)))
    name = chance.choice(["request", "client_assertion", "id_token_hint", "assertion", "subject_token"])
    return request.but(**{where: (*pairs, (name, _tampered(f"{_part({'alg': 'ES256'})}.{_part({})}.x", chance)))})


def _part(members: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()


def _read(part: str) -> dict[str, Any]:
    try:
        return _members(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return {}


_TOO_DEEP: Final = base64.urlsafe_b64encode(b'{"a":' * 3000 + b"1" + b"}" * 3000).rstrip(b"=").decode()
_MEMBERS: Final[tuple[Any, ...]] = (
    *(None, "", 0, -1, 1e300, True, [], {}, [[]], "x" * 5000, MARK, f"https://{STRANGER}", "\x00", 2**63, 10**400),
    *(["a", 1, None], {"a": {"a": {}}}, "none", "../../keys"),
)


def _tampered(token: str, chance: Random) -> str:
    return chance.choice((_other_header, _other_claims, _other_claims, _other_signature, _other_shape))(token, chance)


def _parts(token: str) -> tuple[str, str, str]:
    header, payload, signature = ([*token.split("."), "", ""])[:3]
    return header, payload, signature


def _other_header(token: str, chance: Random) -> str:
    header, payload, signature = _parts(token)
    if chance.random() < 0.3:
        return f"{chance.choice(('e30', 'W10', 'bnVsbA', '!!', '_w', '', _TOO_DEEP))}.{payload}.{signature}"
    members = _read(header)
    if chance.random() < 0.4:
        members["alg"] = chance.choice(("none", "None", "HS256", "RS256", "ES256K", "dir", "", None, ["ES256"], MARK))
    else:
        names = ("kid", "typ", "cty", "jku", "x5u", "crit", "b64", "zip", "jwk", "x5c", "enc", "epk")
        members[chance.choice(names)] = chance.choice(_MEMBERS)
    return f"{_part(members)}.{payload}.{signature}"


def _other_claims(token: str, chance: Random) -> str:
    header, payload, signature = _parts(token)
    if chance.random() < 0.2:
        return f"{header}.{chance.choice(('e30', 'W10', 'bnVsbA', 'MQ', '!!', '_w', '', _TOO_DEEP))}.{signature}"
    claims = _read(payload)
    names = ("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "htm", "htu", "ath", "nonce", "cnf", "scope", *claims)
    name = chance.choice(names)
    if chance.random() < 0.3:
        claims.pop(name, None)
    else:
        claims[name] = chance.choice(_MEMBERS)
    # Half of them signed again: what is checked behind the signature is to be reached too.
    if chance.random() < 0.5:
        return SIGNER.sign(claims, **{"kid": None, **_read(header)})
    return f"{header}.{_part(claims)}.{signature}"


def _other_signature(token: str, chance: Random) -> str:
    header, payload, signature = _parts(token)
    instead = ("", "A", "A" * 86, signature[::-1], f"{signature}A", f"{signature}==", "*", "é", signature.swapcase())
    return f"{header}.{payload}.{chance.choice(instead)}"


def _other_shape(token: str, chance: Random) -> str:
    header, payload, signature = _parts(token)
    shapes = (f"{token}.", f".{token}", f"{token}.a.b", header, f"{header}.{payload}", "..", "....", token * 40)
    return chance.choice((*shapes, token.swapcase(), f"{header}=.{payload}=.{signature}=", f" {token}", f"{token}\n"))


def head(request: Request, chance: Random) -> Request:
    """Add a header, or say one again."""
    name, value = chance.choice(HEADERS)
    if request.headers and chance.random() < 0.2:
        return request.but(headers=(*request.headers, chance.choice(request.headers)))
    kept = tuple(pair for pair in request.headers if pair[0] != name) if chance.random() < 0.7 else request.headers
    value = value.replace("\r", "").replace("\n", "")
    return request.but(headers=(*kept, (name, value)), closes=request.closes or name in _HANGS_UP)


def method(request: Request, chance: Random) -> Request:
    chosen = chance.choice(METHODS)
    return request.but(method=chosen, closes=request.closes or chosen == "get")


def path(request: Request, chance: Random) -> Request:
    way = request.path
    return request.but(
        path=chance.choice(
            [
                f"{way}/", f"/{way}", f"{way}//", f"{way}/..{way}", f"{way}%2f..%2fadmin", f"{way}%00", f"{way};a=b",
                way.upper(),
                f"{way}/%2e%2e/%2e%2e/etc/passwd", f"//{STRANGER}{way}", f"/%5c{STRANGER}", f"{way}/{'a' * 4000}",
                f"{way}.json",
                f"http://{STRANGER}{way}", f"{way}/%3Czq%22%27%3E", "/static/..%2f..%2fpyproject.toml",
                f"{way}%0d%0a{INJECTED}:1",
                "/account/approvals/%3Czq", f"{way}?", f"/\\{STRANGER}", f"{way}/%ff%fe",
            ]
        ),
        closes=True,
    )  # fmt: skip


def body(request: Request, chance: Random) -> Request:
    """Send something else than a form."""
    return request.but(
        method="POST" if request.method == "GET" else request.method,
        body=chance.choice(
            [
                b"",
                b"\x00" * 100,
                b"\xff\xfe\x00",
                b"&&&&===",
                b"%",
                b"{}",
                b"[]",
                b"a=b&" * 2000,
                b"x" * 70_000,
                b"<a/>",
                b"null",
            ]
        ),
        closes=True,
    )


MUTATIONS: Final[tuple[Mutation, ...]] = (
    *(
        drop,
        double,
        spoil,
        spoil,
        spoil,
        misname,
        add,
        add,
        flood,
        swap,
        wander,
        wander,
        nest,
        tamper,
        tamper,
        head,
        head,
    ),
    *(nest, method, path, body),
)


def spoilt(request: Request, chance: Random) -> Request:
    """One to three things wrong."""
    for _ in range(chance.choice([1, 1, 1, 2, 2, 3])):
        request = chance.choice(MUTATIONS)(request, chance)
    return request
