import pytest
from cryptography.exceptions import InvalidSignature
from joserfc import jwk as joserfc_jwk
from joserfc import jws as joserfc_jws

from idp.adapters.crypto.base64url import encode_base64url
from idp.adapters.crypto.signature_algorithms import (
    ALGORITHMS,
    encode_private_key,
    generate_private_key,
    public_jwk,
    signing_function,
    thumbprint,
    verifying_function,
)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_was_signed_verifies_and_nothing_else_does(algorithm: str) -> None:
    private_key = generate_private_key(algorithm)
    sign = signing_function(algorithm, encode_private_key(private_key))
    verify = verifying_function(algorithm, public_jwk(private_key))
    message = signature = b""
    for number in range(50):
        message = str(number).encode()
        signature = sign(message)
        verify(signature, message)
        with pytest.raises(InvalidSignature):
            verify(signature, message + b"x")
    for wrong in (b"", signature[:-1], signature + b"\0", bytes(len(signature)), b"\xff" * len(signature)):
        with pytest.raises(InvalidSignature):
            verify(wrong, message)


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # RFC 9864 renames it; FAPI and relying parties say EdDSA
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_another_implementation_verifies_our_signatures(algorithm: str) -> None:
    private_key = generate_private_key(algorithm)
    jwk = public_jwk(private_key)
    header = encode_base64url(f'{{"alg":"{algorithm}"}}'.encode())
    message = f"{header}.{encode_base64url(b'payload')}"
    signature = signing_function(algorithm, encode_private_key(private_key))(message.encode())
    public = joserfc_jwk.import_key(dict(jwk))
    token = f"{message}.{encode_base64url(signature)}"
    assert joserfc_jws.deserialize_compact(token, public, algorithms=[algorithm]).payload == b"payload"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_public_keys_carry_public_parts_only_and_thumbprints_as_others_compute_them(algorithm: str) -> None:
    jwk = public_jwk(generate_private_key(algorithm))
    assert jwk.keys() <= {"kty", "crv", "x", "y", "n", "e"}
    assert thumbprint(jwk) == joserfc_jwk.import_key(dict(jwk)).thumbprint()


def test_the_thumbprint_is_the_one_of_rfc_7638_section_3_1() -> None:
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs"
        "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5ha"
        "jrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    assert thumbprint({"kty": "RSA", "n": modulus, "e": "AQAB"}) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_an_algorithm_that_we_do_not_sign_with_is_refused() -> None:
    for algorithm in ("none", "HS256", "ES512", ""):
        with pytest.raises(ValueError, match="is not one of"):
            generate_private_key(algorithm)
