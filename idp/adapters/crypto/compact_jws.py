"""JSON Web Signature, compact serialization (RFC 7515 section 7.1), read without any leniency."""

import json
from math import isfinite
from typing import Any, Final, NoReturn

from idp.adapters.crypto.base64url import decode_base64url
from idp.domain.values import dataclass
from idp.ports.keys import UnreadableTokenError

LONGEST_TOKEN: Final = 16 * 1024
"""Characters; nothing that we sign comes near."""

_HEADER_NAMES: Final = frozenset({"alg", "kid", "typ"})


@dataclass(frozen=True, slots=True)
class UnverifiedJws:
    """The three parts of a token before anything was checked but its form."""

    header_segment: str
    signing_input: bytes
    unverified_payload: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class UnverifiedHeader:
    """What a token says about itself: believed only once it agrees with the key that it names."""

    algorithm: str
    kid: str
    token_type: str | None


def split_compact(token: str) -> UnverifiedJws:
    """Return the parts. Raises `UnreadableTokenError` unless there are three, each in canonical base64url."""
    if len(token) > LONGEST_TOKEN:
        raise UnreadableTokenError("too long")
    segments = token.split(".")
    if len(segments) != 3:  # noqa: PLR2004 - header, payload, signature
        raise UnreadableTokenError("not three segments")
    header, payload, signature = segments
    try:
        return UnverifiedJws(
            header, f"{header}.{payload}".encode("ascii"), decode_base64url(payload), decode_base64url(signature)
        )
    except ValueError as error:
        raise UnreadableTokenError("not canonical base64url") from error


def parse_header(segment: str) -> UnverifiedHeader:
    """Return what a header says. Raises `UnreadableTokenError` for members that we never write (`crit`, `jwk`, `b64`).

    RFC 7515 section 4: "The Header Parameter names within the JOSE Header MUST be unique".
    Section 4.1.11: an extension in `crit` that is not understood makes the signature invalid; we understand none.
    """
    try:
        header = parse_object(decode_base64url(segment))
    except ValueError as error:
        raise UnreadableTokenError("not canonical base64url") from error
    if not header.keys() <= _HEADER_NAMES or not all(isinstance(value, str) for value in header.values()):
        raise UnreadableTokenError("foreign header")
    if "alg" not in header or "kid" not in header:
        raise UnreadableTokenError("incomplete header")
    return UnverifiedHeader(header["alg"], header["kid"], header.get("typ"))


def parse_object(encoded: bytes) -> dict[str, Any]:
    """Return one JSON object.

    Raises `UnreadableTokenError` for repeated names, other values, NaN, infinity, and what cannot be written as UTF-8:
    halves of surrogate pairs too (RFC 8259 section 8.2).
    """
    try:
        value = _strict.decode(encoded.decode("utf-8"))
        if b"\\ud" in encoded or b"\\uD" in encoded:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise UnreadableTokenError("not strict JSON") from error
    if not isinstance(value, dict):
        raise UnreadableTokenError("not a JSON object")
    return value


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("repeated name")
    return members


def _finite(text: str) -> float:
    # What is too large to be a number is read as an infinite one, which no time can be compared with.
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


_strict: Final = json.JSONDecoder(
    object_pairs_hook=_unique_members, parse_constant=_refuse_constant, parse_float=_finite
)
