"""RFC 7519 §7.2 and RFC 8725: what every token of the provider must pass, checked with python-jose."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from jose import jwt
from jose.exceptions import JWTError

from clients.relying_party.provider import Provider

LEEWAY = 30  # seconds between two clocks
MAX_LENGTH = 16384  # characters


class TokenRefused(Exception):
    """The token is not what it must be; the message says why and quotes nothing from the token."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must be before its claims mean anything."""

    types: Collection[str | None]  # the `typ` header, lower case, without "application/"
    algorithms: Collection[str]
    audience: str
    required: Collection[str]


async def verified_claims(
    unverified_token: str, expected: Expected, provider: Provider, *, now: int, access_token: str | None = None
) -> Mapping[str, Any]:
    """Return the claims of a token that the provider signed for `expected.audience` and that is valid now.

    `at_hash`, when present, must match `access_token`. Raises TokenRefused or ProviderUnavailable.
    """
    header = _header(unverified_token, expected)
    key = await provider.key(header["kid"], header["alg"])
    if key is None:
        raise TokenRefused("signed with a key the provider does not publish")
    try:
        claims: Mapping[str, Any] = jwt.decode(
            unverified_token,
            key,
            algorithms=[header["alg"]],
            audience=expected.audience,
            issuer=provider.issuer,
            access_token=access_token,
            # Time is checked below, on our own clock; `at_hash` only where there is a token to hold against it.
            options={"verify_exp": False, "verify_nbf": False, "verify_at_hash": access_token is not None},
        )
    except JWTError as error:
        raise TokenRefused("signature, issuer, audience or at_hash is wrong") from error
    _check_presence(claims, {"iss", "aud", "iat", "exp", *expected.required})
    _check_time(claims, now)
    return claims


def _header(unverified_token: str, expected: Expected) -> Mapping[str, Any]:
    if len(unverified_token) > MAX_LENGTH or not unverified_token.isascii() or unverified_token.count(".") != 2:  # noqa: PLR2004 - header.payload.signature
        raise TokenRefused("not a signed token")
    try:
        header: Mapping[str, Any] = jwt.get_unverified_header(unverified_token)
    except JWTError as error:
        raise TokenRefused("not a signed token") from error
    # RFC 8725 §3.1: "the algorithm ... MUST be one of the allowed"; `none` is never among them.
    if not isinstance(header.get("alg"), str) or header["alg"] not in expected.algorithms:
        raise TokenRefused("signature algorithm is not the agreed one")
    # RFC 7515 §4.1.11: an extension that is not understood makes the signature invalid.
    if "crit" in header:
        raise TokenRefused("has critical headers that are not understood")
    if not isinstance(header.get("kid"), str):
        raise TokenRefused("names no key")
    kind = header.get("typ")
    if kind is not None and not isinstance(kind, str):
        raise TokenRefused("is a token of another type")
    if (kind.lower().removeprefix("application/") if kind else None) not in expected.types:
        raise TokenRefused("is a token of another type")
    return header


def _check_presence(claims: Mapping[str, Any], required: Collection[str]) -> None:
    missing = sorted(name for name in required if name not in claims)
    if missing:
        raise TokenRefused(f"has no {', '.join(missing)}")


def _check_time(claims: Mapping[str, Any], now: int) -> None:
    times = {name: claims[name] for name in ("exp", "iat", "nbf") if name in claims}
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in times.values()):
        raise TokenRefused("has a time that is not a number")
    if times["exp"] <= now - LEEWAY:
        raise TokenRefused("has expired")
    if times["iat"] > now + LEEWAY or times.get("nbf", now) > now + LEEWAY:
        raise TokenRefused("is not valid yet")
