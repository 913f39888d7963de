import gc
import json
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from pkcs11 import Attribute, ObjectClass, Session

from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.pkcs11.private_keys import ORPHAN_AGE, ModuleKeys
from idp.adapters.crypto.pkcs11.token import Pkcs11Token
from idp.adapters.crypto.signature_algorithms import ALGORITHMS, verifying_function
from tests.adapters.crypto.keystores import TokenPlace
from tests.adapters.turned_clock import TurnedClock

SECRETS = (ObjectClass.PRIVATE_KEY, ObjectClass.SECRET_KEY)


@pytest.fixture
def keys(empty_token: Pkcs11Token, clock: TurnedClock) -> ModuleKeys:
    return ModuleKeys(empty_token, clock)


def secret_objects(session: Session) -> list[pkcs11.Object]:
    return [found for kind in SECRETS for found in list(session.get_objects({Attribute.CLASS: kind}))]


def identifiers(token: Pkcs11Token) -> set[bytes]:
    return token.look(lambda session: {found[Attribute.ID] for found in secret_objects(session)})


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_the_module_signs_verifies_under_the_public_key_it_gave(keys: ModuleKeys, algorithm: str) -> None:
    public, private = keys.make(algorithm)
    signature = keys.signing_function(algorithm, private)(b"message")
    verifying_function(algorithm, public)(signature, b"message")
    assert json.dumps(public)
    if algorithm == "ES256":
        assert len(signature) == 64, "R and S side by side"


def test_no_private_key_can_be_read_or_wrapped_out_of_the_module(token_place: TokenPlace, clock: TurnedClock) -> None:
    keystore = token_place.open(clock)
    for algorithm in ("PS256", "EdDSA"):
        keystore.signing_keys.rotate(algorithm)

    def look(session: Session) -> int:
        found = secret_objects(session)
        wrapping = session.generate_key(pkcs11.KeyType.AES, 256, store=False)
        for each in found:
            for rule in (Attribute.SENSITIVE, Attribute.ALWAYS_SENSITIVE, Attribute.NEVER_EXTRACTABLE, Attribute.LOCAL):
                assert each[rule], "made in the module, and never in a form that could leave it"
            assert not each[Attribute.EXTRACTABLE]
            for secret in (Attribute.VALUE, Attribute.PRIVATE_EXPONENT, Attribute.PRIME_1):
                with pytest.raises((pkcs11.AttributeSensitive, pkcs11.AttributeTypeInvalid)):
                    each[secret]
            with pytest.raises(pkcs11.PKCS11Error):
                wrapping.wrap_key(each)  # type: ignore[attr-defined]
        return len(found)

    assert token_place.token().look(look) == 8 + 1, "two keys for each algorithm, and the one for documents"


def test_the_process_and_its_documents_hold_no_private_key(
    token_place: TokenPlace, clock: TurnedClock, tmp_path: Path
) -> None:
    gc.collect()
    kinds = (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey)
    before = sum(isinstance(each, kinds) for each in gc.get_objects())
    keystore = token_place.open(clock)
    signer = keystore.token_signer()
    signer.sign({"sub": "a"}, algorithm="RS256", token_type="JWT")
    signer.sign({"sub": "a"}, algorithm="ES256", token_type="JWT")
    gc.collect()
    assert sum(isinstance(each, kinds) for each in gc.get_objects()) == before
    privates = [key.private for key in keystore.signing_keys.load()]
    assert {len(private) for private in privates} == {16}
    assert set(privates) <= identifiers(token_place.token()), "what the documents keep is the name of an object"
    assert not list(tmp_path.rglob("signing-*"))


def test_a_key_that_was_destroyed_signs_no_more_and_the_others_do(keys: ModuleKeys) -> None:
    (_, gone), (_, stays) = keys.make("ES256"), keys.make("ES256")
    signs = keys.signing_function("ES256", gone)
    signs(b"message")
    keys.destroy(gone)
    with pytest.raises(KeyMaterialError):
        signs(b"message")
    keys.signing_function("ES256", stays)(b"message")


def test_a_key_that_no_document_names_is_swept_after_a_day(
    keys: ModuleKeys, empty_token: Pkcs11Token, clock: TurnedClock
) -> None:
    (_, known), (_, orphan) = keys.make("ES256"), keys.make("ES256")
    clock.seconds += ORPHAN_AGE
    _, fresh = keys.make("ES256")
    keys.sweep(frozenset({known}))
    assert identifiers(empty_token) == {known, orphan, fresh}
    clock.seconds += 1
    keys.sweep(frozenset({known}))
    assert identifiers(empty_token) == {known, fresh}


def test_somebody_elses_keys_in_the_token_are_left_alone(
    keys: ModuleKeys, empty_token: Pkcs11Token, clock: TurnedClock
) -> None:
    empty_token.change(
        lambda session: session.generate_keypair(pkcs11.KeyType.RSA, 2048, id=b"theirs", label="theirs", store=True)
    )
    clock.seconds += 10 * ORPHAN_AGE
    keys.sweep(frozenset())
    keys.destroy(b"theirs")
    assert b"theirs" in identifiers(empty_token)
