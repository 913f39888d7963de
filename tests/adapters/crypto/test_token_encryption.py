import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from idp.adapters.crypto.encryption_keys import KEPT_FOR
from idp.adapters.crypto.keystore import DocumentKeystore
from idp.adapters.crypto.token_encryption import LONGEST_TOKEN, KeystoreTokenEncryption
from idp.domain.clients.registered_metadata import CONTENT_ENCRYPTIONS, KEY_ENCRYPTIONS, Encryption
from idp.ports.foreign_tokens import Jwk, UnknownKeyError
from idp.ports.keys import UnreadableTokenError
from tests.adapters.crypto.keystores import Place
from tests.adapters.turned_clock import TurnedClock

CONTENT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiLhu5kifQ.c2lnbmF0dXJl"
KINDS: dict[str, Key] = {
    "RSA": RSAKey.generate_key(2048),
    "EC": ECKey.generate_key("P-256"),
    "OKP": OKPKey.generate_key("X25519"),
}


@pytest.fixture
def encryption(keystore: DocumentKeystore) -> KeystoreTokenEncryption:
    return keystore.token_encryption()


def published(keystore: DocumentKeystore) -> list[Jwk]:
    keys = json.loads(keystore.token_signer().jwks())["keys"]
    return [key for key in keys if key["use"] == "enc"]


def key_for(keystore: DocumentKeystore, algorithm: str) -> dict[str, Any]:
    kind = "RSA" if algorithm.startswith("RSA") else "EC"
    return dict(next(key for key in published(keystore) if key["kty"] == kind))


def encrypted(key: dict[str, Any], algorithm: str, content: str = "A256GCM", **header: Any) -> str:
    """As a client does it, with a library of its own."""
    members = {"alg": algorithm, "enc": content, "kid": key["kid"], **header}
    kind = RSAKey if key["kty"] == "RSA" else ECKey
    return jwe.encrypt_compact(members, CONTENT, kind.import_key(key), algorithms=[algorithm, content, "DEF"])


def with_header(token: str, **changed: Any) -> str:
    """The token under another header; what it says is no longer authentic, which must not be what refuses it."""
    header, rest = token.split(".", 1)
    members = json.loads(base64.urlsafe_b64decode(header + "==")) | changed
    return base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode() + "." + rest


def jwk(key: Key, **members: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": "client-key", "use": "enc", **members}


def kinds_for(algorithm: str) -> Iterator[str]:
    yield from ("RSA",) if algorithm == "RSA-OAEP-256" else ("EC", "OKP")


@pytest.mark.parametrize("content", CONTENT_ENCRYPTIONS)
@pytest.mark.parametrize("algorithm", KEY_ENCRYPTIONS)
def test_a_client_opens_what_is_encrypted_to_it(
    encryption: KeystoreTokenEncryption, algorithm: str, content: str
) -> None:
    for kind in kinds_for(algorithm):
        token = encryption.encrypt(CONTENT, [jwk(KINDS[kind])], Encryption(algorithm, content), content_type="JWT")
        opened = jwe.decrypt_compact(token, KINDS[kind], algorithms=[algorithm, content])
        assert opened.plaintext == CONTENT.encode()
        assert opened.protected.items() >= {"alg": algorithm, "enc": content, "cty": "JWT", "kid": "client-key"}.items()


@pytest.mark.parametrize("content", CONTENT_ENCRYPTIONS)
@pytest.mark.parametrize("algorithm", KEY_ENCRYPTIONS)
def test_what_a_client_encrypts_to_a_published_key_is_opened(
    keystore: DocumentKeystore, encryption: KeystoreTokenEncryption, algorithm: str, content: str
) -> None:
    key = key_for(keystore, algorithm)
    assert encryption.decrypt(encrypted(key, algorithm, content)) == CONTENT


def test_a_token_without_kid_is_tried_with_every_fitting_key(
    keystore: DocumentKeystore, encryption: KeystoreTokenEncryption
) -> None:
    key = key_for(keystore, "ECDH-ES")
    token = jwe.encrypt_compact({"alg": "ECDH-ES", "enc": "A128GCM"}, CONTENT, ECKey.import_key(key))
    keystore.encryption_keys.rotate()
    assert keystore.token_encryption().decrypt(token) == CONTENT


@pytest.mark.parametrize(
    "refused",
    [
        {"use": "sig"},
        {"alg": "RSA-OAEP"},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"n": "AQAB"},
        {"e": "_" * 43},
        {"n": "not base64!"},
        {"n": 7},
    ],
)
def test_nothing_is_encrypted_to_a_key_that_is_not_for_it(
    encryption: KeystoreTokenEncryption, refused: dict[str, Any]
) -> None:
    key, wanted = jwk(KINDS["RSA"]) | refused, Encryption("RSA-OAEP-256", "A256GCM")
    with pytest.raises(UnknownKeyError):
        encryption.encrypt(CONTENT, [key], wanted, content_type=None)
    with pytest.raises(UnknownKeyError):
        encryption.require_key([key], wanted)
    encryption.require_key([jwk(KINDS["RSA"])], wanted)


@pytest.mark.parametrize("name", ["kty", "crv", "use", "alg"])
@pytest.mark.parametrize("value", [["EC"], ["P-256"], {"a": []}, 7, True])
def test_nothing_is_encrypted_to_a_key_whose_description_is_no_text(
    encryption: KeystoreTokenEncryption, name: str, value: object
) -> None:
    for key in (jwk(KINDS["EC"]), jwk(KINDS["OKP"])):
        with pytest.raises(UnknownKeyError):
            encryption.encrypt(CONTENT, [key | {name: value}], Encryption("ECDH-ES", "A256GCM"), content_type=None)


@pytest.mark.parametrize("algorithm", ["RSA1_5", "RSA-OAEP", "dir", "A256KW", "PBES2-HS256+A128KW", "none"])
def test_nothing_is_encrypted_by_an_algorithm_that_is_not_allowed(
    encryption: KeystoreTokenEncryption, algorithm: str
) -> None:
    with pytest.raises(UnknownKeyError):
        encryption.encrypt(CONTENT, [jwk(KINDS["RSA"])], Encryption(algorithm, "A256GCM"), content_type=None)
    with pytest.raises(UnknownKeyError):
        encryption.encrypt(CONTENT, [jwk(KINDS["RSA"])], Encryption("RSA-OAEP-256", algorithm), content_type=None)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"alg": "RSA1_5"}, "algorithm"),
        ({"alg": "RSA-OAEP"}, "algorithm"),
        ({"alg": "dir"}, "algorithm"),
        ({"alg": ["RSA-OAEP-256"]}, "algorithm"),
        ({"enc": "A192GCM"}, "algorithm"),
        ({"crit": ["exp"]}, "foreign"),
        ({"zip": "DEF"}, "foreign"),
        ({"jwk": {"kty": "oct"}}, "foreign"),
        ({"p2c": 10**9}, "foreign"),
        ({"kid": 7}, "foreign"),
        ({"kid": "another"}, "one of our keys"),
        ({"alg": "ECDH-ES"}, "one of our keys"),
        ({"enc": "A128GCM"}, "one of our keys"),
    ],
)
def test_a_header_that_may_not_be_followed_is_refused(
    keystore: DocumentKeystore, encryption: KeystoreTokenEncryption, changed: dict[str, Any], reason: str
) -> None:
    token = encrypted(key_for(keystore, "RSA-OAEP-256"), "RSA-OAEP-256")
    with pytest.raises(UnreadableTokenError, match=reason):
        encryption.decrypt(with_header(token, **changed))


def test_what_was_compressed_is_not_unpacked(keystore: DocumentKeystore, encryption: KeystoreTokenEncryption) -> None:
    token = encrypted(key_for(keystore, "ECDH-ES"), "ECDH-ES", zip="DEF")
    with pytest.raises(UnreadableTokenError, match="foreign"):
        encryption.decrypt(token)


@pytest.mark.parametrize("segment", range(5))
def test_any_change_to_a_token_is_noticed(
    keystore: DocumentKeystore, encryption: KeystoreTokenEncryption, segment: int
) -> None:
    segments = encrypted(key_for(keystore, "ECDH-ES+A256KW"), "ECDH-ES+A256KW").split(".")
    segments[segment] = ("B" if segments[segment][0] != "B" else "C") + segments[segment][1:]
    with pytest.raises(UnreadableTokenError):
        encryption.decrypt(".".join(segments))


def test_a_point_that_is_not_on_the_curve_is_refused(
    keystore: DocumentKeystore, encryption: KeystoreTokenEncryption
) -> None:
    token = encrypted(key_for(keystore, "ECDH-ES"), "ECDH-ES")
    wrong = {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}
    with pytest.raises(UnreadableTokenError, match="one of our keys"):
        encryption.decrypt(with_header(token, epk=wrong))


@pytest.mark.parametrize("token", ["", "a.b.c", "a.b.c.d.e", "....", "!.b.c.d.e", "a" * (LONGEST_TOKEN + 1)])
def test_what_is_no_token_is_refused(encryption: KeystoreTokenEncryption, token: str) -> None:
    with pytest.raises(UnreadableTokenError):
        encryption.decrypt(token)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    header=st.dictionaries(
        st.sampled_from(["alg", "enc", "kid", "epk", "apu", "apv", "cty", "typ"]),
        st.one_of(
            st.sampled_from([*KEY_ENCRYPTIONS, *CONTENT_ENCRYPTIONS]),
            st.text(max_size=8),
            st.integers(),
            st.lists(st.text(max_size=3), max_size=2),
            st.dictionaries(st.sampled_from(["kty", "crv", "x", "y"]), st.text(max_size=5)),
        ),
    ),
    rest=st.lists(st.text(alphabet="ABCabc019-_", max_size=30), min_size=4, max_size=4),
)
def test_whatever_is_sent_ends_in_one_error(
    encryption: KeystoreTokenEncryption, header: dict[str, Any], rest: list[str]
) -> None:
    full = {"alg": "ECDH-ES", "enc": "A256GCM"} | header
    token = ".".join([base64.urlsafe_b64encode(json.dumps(full).encode()).rstrip(b"=").decode(), *rest])
    with pytest.raises(UnreadableTokenError):
        encryption.decrypt(token)


def test_a_key_that_another_node_just_made_is_looked_up_at_once(
    place: Place, keystore: DocumentKeystore, encryption: KeystoreTokenEncryption, clock: TurnedClock
) -> None:
    place.open(clock).encryption_keys.rotate()
    key = key_for(place.open(clock), "ECDH-ES")
    assert encryption.decrypt(encrypted(key, "ECDH-ES")) == CONTENT


def test_a_former_key_opens_for_a_week(
    keystore: DocumentKeystore, encryption: KeystoreTokenEncryption, clock: TurnedClock
) -> None:
    token = encrypted(key_for(keystore, "RSA-OAEP-256"), "RSA-OAEP-256")
    clock.seconds += 1
    keystore.encryption_keys.rotate()
    clock.seconds += KEPT_FOR - 1
    assert encryption.decrypt(token) == CONTENT
    assert json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["kid"] not in {
        key["kid"] for key in published(keystore)
    }
    clock.seconds += 1
    keystore.encryption_keys.rotate_due(0)
    with pytest.raises(UnreadableTokenError):
        encryption.decrypt(token)


def test_a_keystore_that_cannot_be_read_leaves_the_keys_at_hand_in_use(
    place: Place, keystore: DocumentKeystore, encryption: KeystoreTokenEncryption, clock: TurnedClock
) -> None:
    token = encrypted(key_for(keystore, "ECDH-ES"), "ECDH-ES")
    place.hide()
    clock.seconds += 1
    assert encryption.decrypt(token) == CONTENT
    place.bring_back()
