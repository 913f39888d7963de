import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.crypto.base64url import encode_base64url
from idp.adapters.crypto.compact_jws import LONGEST_TOKEN, parse_header, parse_object, split_compact
from idp.ports.keys import UnreadableTokenError


def header(**members: object) -> str:
    return encode_base64url(json.dumps(members).encode())


def test_a_token_falls_into_its_three_parts() -> None:
    jws = split_compact("eyJ9.QQ.Qg")
    assert (jws.header_segment, jws.signing_input) == ("eyJ9", b"eyJ9.QQ")
    assert (jws.unverified_payload, jws.signature) == (b"A", b"B")


@pytest.mark.parametrize(
    "token", ["", ".", "a.b", "QQ.QQ.QQ.QQ", "QQ.QQ==.QQ", "QQ.QR.QQ", "QQ.QQ.Q", "QQ.Q+.QQ", "QQ. QQ.QQ", "é.QQ.QQ"]
)
def test_a_token_of_another_form_is_refused(token: str) -> None:
    with pytest.raises(UnreadableTokenError):
        split_compact(token)


def test_an_overlong_token_is_refused_before_it_is_read() -> None:
    with pytest.raises(UnreadableTokenError, match="too long"):
        split_compact("A" * (LONGEST_TOKEN + 1))


def test_a_header_is_read_with_or_without_a_type() -> None:
    assert parse_header(header(alg="ES256", kid="a", typ="JWT")).token_type == "JWT"
    assert parse_header(header(alg="ES256", kid="a")).token_type is None


@pytest.mark.parametrize(
    "members",
    [
        {"alg": "ES256", "kid": "a", "crit": ["b64"]},
        {"alg": "ES256", "kid": "a", "b64": False},
        {"alg": "ES256", "kid": "a", "jwk": {"kty": "oct"}},
        {"alg": "ES256", "kid": "a", "jku": "https://evil.example/jwks"},
        {"alg": "ES256", "kid": "a", "x5c": []},
        {"alg": "ES256", "kid": "a", "zip": "DEF"},
        {"alg": "ES256", "kid": "a", "cty": "JWT"},
        {"alg": "ES256", "kid": 1},
        {"alg": ["ES256"], "kid": "a"},
        {"alg": "ES256", "kid": "a", "typ": None},
        {"alg": "ES256"},
        {"kid": "a"},
        {},
    ],
)
def test_a_header_with_anything_that_we_never_write_is_refused(members: dict[str, object]) -> None:
    with pytest.raises(UnreadableTokenError):
        parse_header(header(**members))


def test_a_header_that_is_not_base64url_is_refused() -> None:
    with pytest.raises(UnreadableTokenError):
        parse_header("e=")


@pytest.mark.parametrize(
    "encoded",
    [
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":1e400}',
        b"[]",
        b"1",
        b'"text"',
        b"",
        b"{",
        b'{"a":1}x',
        b"\xff",
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":"\n"}',
        rb'{"a":"\ud800"}',
        rb'{"a":[{"b\uDC00":1}]}',
        rb'{"a":"\udc00\ud800"}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":' + b"[" * 100_000,
    ],
)
def test_json_that_could_be_read_in_two_ways_is_refused(encoded: bytes) -> None:
    with pytest.raises(UnreadableTokenError):
        parse_object(encoded)


def test_a_character_beyond_the_first_plane_may_be_written_as_a_pair() -> None:
    assert parse_object(rb'{"a":"\ud83d\ude00"}') == {"a": "\U0001f600"}


@given(st.binary(max_size=64))
def test_garbage_is_refused_or_an_object(encoded: bytes) -> None:
    with contextlib.suppress(UnreadableTokenError):
        assert isinstance(parse_object(encoded), dict)
