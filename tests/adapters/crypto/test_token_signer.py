import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jose import jwt as python_jose
from structlog.testing import capture_logs

from idp.adapters.crypto.base64url import decode_base64url, encode_base64url
from idp.adapters.crypto.compact_jws import LONGEST_TOKEN
from idp.adapters.crypto.errors import KeyMaterialError
from idp.adapters.crypto.keystore import DocumentKeystore
from idp.adapters.crypto.signature_algorithms import ALGORITHMS, signing_function
from idp.adapters.crypto.signing_keys import PUBLISHED_FOR, KeyState
from idp.adapters.crypto.token_signer import KeystoreTokenSigner
from idp.ports.errors import StoreUnavailableError
from idp.ports.keys import UnreadableTokenError
from tests.adapters.crypto.keystores import FolderPlace, Place, TokenPlace, empty_place, spoil
from tests.adapters.turned_clock import TurnedClock

CLAIMS: dict[str, Any] = {"iss": "https://id.example.vn", "sub": "Nguyễn", "aud": ["a", "b"], "exp": 1, "amr": ["pwd"]}


@pytest.fixture(scope="module")
def shared_place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = empty_place(kind, tmp_path_factory.mktemp("shared"))
    keystore = place.open(TurnedClock())
    keystore.signing_keys.rotate("PS256")
    keystore.signing_keys.rotate("EdDSA")
    return place


@pytest.fixture
def shared(shared_place: Place) -> DocumentKeystore:
    """A keystore with every algorithm, for tests that change nothing in it."""
    if isinstance(shared_place, TokenPlace):
        shared_place.enter()
    return shared_place.open(TurnedClock())


@pytest.fixture
def signer(shared: DocumentKeystore) -> KeystoreTokenSigner:
    return shared.token_signer()


def signed(signer: KeystoreTokenSigner, algorithm: str = "ES256", token_type: str = "at+jwt") -> str:
    return signer.sign(CLAIMS, algorithm=algorithm, token_type=token_type)


def forge(keystore: DocumentKeystore, header: bytes, payload: bytes) -> str:
    """Sign anything at all with our real ES256 key."""
    keys = keystore.signing_keys.load()
    key = next(key for key in keys if (key.algorithm, key.state) == ("ES256", KeyState.SIGNING))
    signing_input = f"{encode_base64url(header)}.{encode_base64url(payload)}"
    signature = keystore.signing_keys.signing_function(key)(signing_input.encode())
    return f"{signing_input}.{encode_base64url(signature)}"


def header_of(token: str) -> dict[str, str]:
    header: dict[str, str] = json.loads(decode_base64url(token.partition(".")[0]))
    return header


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_token_of_ours_gives_its_claims_back(signer: KeystoreTokenSigner, algorithm: str) -> None:
    token = signed(signer, algorithm)
    assert signer.verify(token, token_type="at+jwt") == CLAIMS
    assert signer.verify(token, token_type="at+jwt") == CLAIMS, "headers that verified once are known"
    assert signer.verify(token, token_type=None) == CLAIMS
    assert header_of(token).keys() == {"alg", "kid", "typ"}
    assert (header_of(token)["alg"], header_of(token)["typ"]) == (algorithm, "at+jwt")


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_another_implementation_verifies_our_tokens_against_the_published_keys(
    signer: KeystoreTokenSigner, algorithm: str
) -> None:
    claims = {"sub": "a", "aud": "b"}
    token = signer.sign(claims, algorithm=algorithm, token_type="JWT")
    published = {key["kid"]: key for key in json.loads(signer.jwks())["keys"]}
    key = published[header_of(token)["kid"]]
    assert python_jose.decode(token, key, algorithms=[algorithm], audience="b") == claims


def test_every_algorithm_with_a_key_is_told_and_no_other(
    signer: KeystoreTokenSigner, keystore: DocumentKeystore
) -> None:
    assert signer.algorithms() == ALGORITHMS
    fresh = keystore.token_signer()
    assert fresh.algorithms() == ("RS256", "ES256")
    with pytest.raises(KeyMaterialError, match="rotate --alg PS256"):
        signed(fresh, "PS256")


def test_a_missing_key_is_told_once_a_second_as_an_error(keystore: DocumentKeystore, clock: TurnedClock) -> None:
    signer = keystore.token_signer()
    clock.seconds += 1
    with capture_logs() as lines:
        assert signer.can_sign("ES256")
        assert not signer.can_sign("PS256")
        assert not signer.can_sign("PS256")
        clock.seconds += 1
        assert not signer.can_sign("PS256")
    assert [line["log_level"] for line in lines] == ["error", "error"]
    assert "run idp keys rotate --alg PS256" in lines[0]["reason"]


@pytest.mark.parametrize("algorithm", ["none", "HS256", "", "es256"])
def test_nothing_is_signed_with_an_algorithm_that_is_not_ours(signer: KeystoreTokenSigner, algorithm: str) -> None:
    with pytest.raises(KeyMaterialError):
        signed(signer, algorithm)


def test_the_key_set_has_next_signing_and_published_keys_public_parts_only(keystore: DocumentKeystore) -> None:
    keystore.signing_keys.rotate("ES256")
    keys = json.loads(keystore.token_signer().jwks())["keys"]
    assert len({key["kid"] for key in keys}) == len(keys)
    assert [key["use"] for key in keys] == ["sig"] * 5 + ["enc"] * 2
    for key in keys[:5]:
        assert key.keys() <= {"kty", "crv", "x", "y", "n", "e", "use", "alg", "kid"}
        assert key["alg"] in {"RS256", "ES256"}


def test_the_key_set_is_the_same_bytes_until_a_key_changes(keystore: DocumentKeystore, clock: TurnedClock) -> None:
    signer = keystore.token_signer()
    before = signer.jwks()
    clock.seconds += 100
    assert signer.jwks() is before
    keystore.signing_keys.rotate("ES256")
    assert signer.jwks() is before, "the folder is looked at once a second"
    clock.seconds += 1
    assert signer.jwks() != before


def test_a_generation_lasts_until_the_keys_that_are_believed_change(
    keystore: DocumentKeystore, clock: TurnedClock
) -> None:
    signer = keystore.token_signer()
    before = signer.generation()
    clock.seconds += 100
    assert signer.generation() == before
    keystore.signing_keys.rotate("ES256")
    clock.seconds += 1
    rotated = signer.generation()
    assert rotated != before
    clock.seconds += PUBLISHED_FOR
    assert signer.generation() not in {before, rotated}, "the key that signed before is believed no more"


def test_the_key_that_will_sign_was_published_before(keystore: DocumentKeystore, clock: TurnedClock) -> None:
    signer = keystore.token_signer()
    published = {key["kid"] for key in json.loads(signer.jwks())["keys"]}
    keystore.signing_keys.rotate("ES256")
    clock.seconds += 1
    assert header_of(signed(signer))["kid"] in published


def test_a_running_process_follows_a_rotation_and_still_knows_what_it_signed_before(
    keystore: DocumentKeystore, place: Place, clock: TurnedClock
) -> None:
    running, other = keystore.token_signer(), place.open(clock)
    before = signed(running)
    other.signing_keys.rotate("ES256")
    clock.seconds += 1
    after = signed(running)
    assert header_of(before)["kid"] != header_of(after)["kid"]
    for token in (before, after):
        assert running.verify(token, token_type="at+jwt") == CLAIMS
        assert other.token_signer().verify(token, token_type="at+jwt") == CLAIMS


def test_a_retired_key_is_believed_no_more_except_for_archived_records(
    keystore: DocumentKeystore, clock: TurnedClock
) -> None:
    signer = keystore.token_signer()
    token = signed(signer)
    assert signer.verify(token, token_type="at+jwt") == CLAIMS
    keystore.signing_keys.rotate("ES256")
    keystore.signing_keys.retire(header_of(token)["kid"])
    clock.seconds += 1
    with pytest.raises(UnreadableTokenError):
        signer.verify(token, token_type="at+jwt")
    assert header_of(token)["kid"] not in signer.jwks().decode()
    assert signer.verify_archived(token, token_type="at+jwt") == CLAIMS
    with pytest.raises(UnreadableTokenError):
        signer.verify_archived(token, token_type="JWT")


def test_a_published_key_ends_in_a_running_process_without_any_change_of_files(
    keystore: DocumentKeystore, clock: TurnedClock
) -> None:
    token = signed(keystore.token_signer())
    keystore.signing_keys.rotate("ES256")
    signer = keystore.token_signer()
    clock.seconds += PUBLISHED_FOR - 1
    assert signer.verify(token, token_type="at+jwt") == CLAIMS
    clock.seconds += 1
    with pytest.raises(UnreadableTokenError):
        signer.verify(token, token_type="at+jwt")


@pytest.mark.parametrize("damage", ["spoil", "remove", "empty"])
def test_a_keystore_that_cannot_be_reread_leaves_the_keys_at_hand_in_use(
    keystore: DocumentKeystore, place: Place, clock: TurnedClock, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    signer = keystore.token_signer()
    token = signed(signer)
    if damage == "spoil":
        spoil(place, f"signing-{keystore.signing_keys.load()[0].kid}")
    else:
        place.hide()
    if damage == "empty":
        place.leave_empty()
    clock.seconds += 1
    assert signer.verify(token, token_type="at+jwt") == CLAIMS
    if damage == "spoil" or isinstance(place, FolderPlace):
        assert signer.verify(signed(signer), token_type="at+jwt") == CLAIMS
    else:
        with pytest.raises(StoreUnavailableError):
            signed(signer)
        assert signer.verify(token, token_type="at+jwt") == CLAIMS
    assert "keystore.not_reread" in capsys.readouterr().out


def test_a_keystore_that_comes_back_is_followed_again(
    keystore: DocumentKeystore, place: Place, clock: TurnedClock
) -> None:
    signer = keystore.token_signer()
    place.hide()
    for _ in range(3):
        clock.seconds += 1
        assert signer.jwks()
    if not isinstance(place, FolderPlace):
        with pytest.raises(StoreUnavailableError):
            signed(signer)
    place.bring_back()
    clock.seconds += 2
    assert signer.verify(signed(signer), token_type="at+jwt") == CLAIMS
    place.open(clock).signing_keys.rotate("ES256")
    clock.seconds += 1
    assert signer.verify(signed(signer), token_type="at+jwt") == CLAIMS


def test_since_when_a_key_signs_is_told_as_the_keystore_has_it(keystore: DocumentKeystore, clock: TurnedClock) -> None:
    signer = keystore.token_signer()
    before = clock.now()
    clock.seconds += 100
    keystore.signing_keys.rotate("ES256")
    assert signer.signing_since() == {"ES256": before + 100, "RS256": before}


def test_a_token_of_another_type_is_refused(signer: KeystoreTokenSigner) -> None:
    token = signed(signer, token_type="JWT")
    for _ in range(2):
        with pytest.raises(UnreadableTokenError, match="another type"):
            signer.verify(token, token_type="at+jwt")
        signer.verify(token, token_type="JWT")


def test_a_token_without_a_type_is_only_taken_where_any_type_is(
    shared: DocumentKeystore, signer: KeystoreTokenSigner
) -> None:
    header = header_of(signed(signer))
    del header["typ"]
    token = forge(shared, json.dumps(header).encode(), b'{"sub":"a"}')
    assert signer.verify(token, token_type=None) == {"sub": "a"}
    with pytest.raises(UnreadableTokenError, match="another type"):
        signer.verify(token, token_type="at+jwt")


def test_many_types_of_tokens_are_signed_and_verified(signer: KeystoreTokenSigner) -> None:
    for number in range(100):
        token_type = f"type-{number}"
        assert signer.verify(signed(signer, token_type=token_type), token_type=token_type) == CLAIMS


def test_an_algorithm_of_the_header_never_replaces_the_one_of_the_key(
    shared: DocumentKeystore, signer: KeystoreTokenSigner
) -> None:
    """RFC 8725 section 3.1: libraries MUST verify that the algorithm is the one of the key."""
    header = header_of(signed(signer))
    for algorithm in ("none", "HS256", "RS256", "PS256", "EdDSA", "ES384", "es256", ""):
        forged = forge(shared, json.dumps({**header, "alg": algorithm}).encode(), b"{}")
        with pytest.raises(UnreadableTokenError):
            signer.verify(forged, token_type=None)
        unsigned = forged.rpartition(".")[0] + "."
        with pytest.raises(UnreadableTokenError):
            signer.verify(unsigned, token_type=None)


def test_a_key_that_is_not_ours_is_refused_even_under_one_of_our_names(signer: KeystoreTokenSigner) -> None:
    header, payload, _ = signed(signer).split(".")
    stranger = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signature = signing_function("ES256", stranger)(f"{header}.{payload}".encode())
    with pytest.raises(UnreadableTokenError, match="wrong signature"):
        signer.verify(f"{header}.{payload}.{encode_base64url(signature)}", token_type="at+jwt")


def test_a_token_signed_with_the_public_key_as_a_shared_secret_is_refused(signer: KeystoreTokenSigner) -> None:
    rs256 = next(key for key in json.loads(signer.jwks())["keys"] if key["alg"] == "RS256")
    forged = python_jose.encode({"sub": "a"}, rs256["n"], algorithm="HS256", headers={"kid": rs256["kid"]})
    with pytest.raises(UnreadableTokenError):
        signer.verify(forged, token_type=None)


@pytest.mark.parametrize("name", ["crit", "jwk", "jku", "x5u", "x5c", "b64", "zip", "cty", "iss"])
def test_a_header_member_that_we_never_write_is_refused_even_when_signed(
    shared: DocumentKeystore, signer: KeystoreTokenSigner, name: str
) -> None:
    header = {**header_of(signed(signer)), name: ["exp"]}
    with pytest.raises(UnreadableTokenError):
        signer.verify(forge(shared, json.dumps(header).encode(), b"{}"), token_type=None)


def test_repeated_names_are_refused_even_when_signed(shared: DocumentKeystore, signer: KeystoreTokenSigner) -> None:
    header = json.dumps(header_of(signed(signer)))
    twice = header[:-1] + ', "typ": "JWT"}'
    with pytest.raises(UnreadableTokenError):
        signer.verify(forge(shared, twice.encode(), b"{}"), token_type=None)
    with pytest.raises(UnreadableTokenError):
        signer.verify(forge(shared, header.encode(), b'{"sub":"a","sub":"b"}'), token_type=None)


@pytest.mark.parametrize("payload", [b"[]", b"1", b"", b"\xff", b'{"a":NaN}'])
def test_a_payload_that_is_no_object_is_refused_even_when_signed(
    shared: DocumentKeystore, signer: KeystoreTokenSigner, payload: bytes
) -> None:
    header = json.dumps(header_of(signed(signer))).encode()
    with pytest.raises(UnreadableTokenError):
        signer.verify(forge(shared, header, payload), token_type=None)


def test_a_signature_spelt_in_another_way_is_refused(signer: KeystoreTokenSigner) -> None:
    token = signed(signer)
    spare = token[:-1] + chr(ord(token[-1]) + 1)
    padded = [f"{token}==", f"{token}=", f"{token}\n", f" {token}", base64.b64encode(token.encode()).decode()]
    for other in (spare, *padded, token.replace(".", "..", 1), f"{token}.{token}", token + "A" * LONGEST_TOKEN):
        with pytest.raises(UnreadableTokenError):
            signer.verify(other, token_type="at+jwt")


@given(data=st.data())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_token_with_any_character_changed_inserted_or_cut_is_refused(
    signer: KeystoreTokenSigner, data: st.DataObject
) -> None:
    token = signed(signer, data.draw(st.sampled_from(ALGORITHMS)))
    position = data.draw(st.integers(min_value=0, max_value=len(token) - 1))
    piece = data.draw(st.one_of(st.sampled_from(["", ".", "=", "A", "_", "\0", "é"]), st.text(max_size=3)))
    length = data.draw(st.integers(min_value=0, max_value=3))
    mangled = token[:position] + piece + token[position + length :]
    if mangled != token:
        with pytest.raises(UnreadableTokenError):
            signer.verify(mangled, token_type="at+jwt")


@given(st.one_of(st.text(max_size=200), st.from_regex(r"[\w-]{0,40}\.[\w-]{0,40}\.[\w-]{0,90}", fullmatch=True)))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_garbage_is_refused_in_one_way_only(signer: KeystoreTokenSigner, garbage: str) -> None:
    with pytest.raises(UnreadableTokenError):
        signer.verify(garbage, token_type=None)


def test_a_refusal_repeats_nothing_of_the_token(signer: KeystoreTokenSigner) -> None:
    token = signed(signer)
    with pytest.raises(UnreadableTokenError) as refused:
        signer.verify(token[:-4], token_type="at+jwt")
    assert token[:20] not in str(refused.value)


def test_no_private_key_shows_in_a_representation(signer: KeystoreTokenSigner) -> None:
    assert "private" not in repr(signer)
