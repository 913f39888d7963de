import base64

import pytest

from idp.adapters.importing.client_keys import check_key_set


def _number(size: int) -> str:
    return base64.urlsafe_b64encode(b"\xff" * size).rstrip(b"=").decode()


RSA = {"kty": "RSA", "n": _number(256), "e": "AQAB", "kid": "1"}
EC = {"kty": "EC", "crv": "P-256", "x": _number(32), "y": _number(32), "kid": "2"}
OKP = {"kty": "OKP", "crv": "Ed25519", "x": _number(32)}


def test_public_keys_of_the_three_types_are_kept_as_given() -> None:
    assert check_key_set({"keys": [RSA, EC, OKP]}) == {"keys": [RSA, EC, OKP]}


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (None, "1 to 16 keys"),
        ([], "1 to 16 keys"),
        ([OKP] * 17, "1 to 16 keys"),
        (["x"], "key 0 must be a mapping"),
        ([{"kty": "oct", "k": "AAAA"}], "type RSA, EC or OKP"),
        ([{"kty": []}], "type RSA, EC or OKP"),
        ([RSA, {**EC, "d": "AAAA"}], "key 1 holds private parts"),
        ([{**EC, "crv": "secp256k1"}], "unknown curve"),
        ([{**RSA, "n": _number(128)}], "shorter than 2048 bits"),
        ([{**RSA, "e": _number(5)}], "exponent of more than 32 bits"),
        ([{"kty": "RSA", "e": "AQAB"}], "lacks a public part"),
        ([{**RSA, "n": "+/+/"}, EC], "shorter|base64url"),
        ([{**RSA, "n": "!"}], "base64url"),
        ([{**RSA, "kid": 7}], "kid that is no text"),
        ([RSA, {**EC, "kid": "1"}], "the same kid"),
    ],
)
def test_a_key_set_that_is_malformed_or_private_is_refused(keys: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_key_set({"keys": keys})
