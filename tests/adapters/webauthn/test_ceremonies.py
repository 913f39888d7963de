import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from idp.adapters.webauthn.ceremonies import WebAuthnCeremonies
from idp.adapters.webauthn.trusted_models import TrustedModels
from idp.domain.authenticators.passkey import Passkey
from idp.domain.ids import AccountId, PasskeyId, Seconds
from idp.ports.passkey_ceremonies import CeremonyRefusedError, NewCredential, PasskeyOwner
from tests.adapters.turned_clock import START
from tests.authenticator import (
    AAGUID,
    MODEL,
    ORIGIN,
    TRUE,
    Gesture,
    Maker,
    MetadataService,
    SoftwareAuthenticator,
    decode,
    encode,
    metadata_entry,
    tampered,
)

NOW = Seconds(START)
CHALLENGE = b"challenge of this attempt"
OWNER = PasskeyOwner(AccountId("account-1"), "Hoà", "Nguyễn Thị Hoà")


@pytest.fixture
def ceremonies(tmp_path: Path) -> WebAuthnCeremonies:
    return WebAuthnCeremonies(ORIGIN, "Định danh quốc gia", TrustedModels(tmp_path))


def registered(
    ceremonies: WebAuthnCeremonies,
    authenticator: SoftwareAuthenticator,
    gesture: Gesture = TRUE,
    *,
    wants_attestation: bool = False,
) -> NewCredential:
    options = ceremonies.creation_options(CHALLENGE, OWNER, (), wants_attestation=wants_attestation)
    read = ceremonies.read_registration(authenticator.register(options, gesture))
    return ceremonies.verify_registration(read, NOW, wants_attestation=wants_attestation)


def kept(new: NewCredential) -> Passkey:
    return Passkey(
        passkey_id=PasskeyId("passkey-1"),
        account_id=OWNER.account_id,
        credential_id=new.credential_id,
        public_key=new.public_key,
        sign_count=new.sign_count,
        aaguid=new.aaguid,
        transports=new.transports,
        backup_eligible=new.backup_eligible,
        backed_up=new.backed_up,
        attested_as=new.attested_as,
        created_at=NOW,
    )


def test_a_new_passkey_is_discoverable_verifies_its_user_and_is_not_made_twice(ceremonies: WebAuthnCeremonies) -> None:
    passkey = kept(registered(ceremonies, SoftwareAuthenticator()))
    options = json.loads(ceremonies.creation_options(CHALLENGE, OWNER, (passkey,), wants_attestation=False))
    assert options["rp"] == {"name": "Định danh quốc gia", "id": "localhost"}
    assert decode(options["user"]["id"]) == b"account-1"
    assert decode(options["challenge"]) == CHALLENGE
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert [decode(each["id"]) for each in options["excludeCredentials"]] == [passkey.credential_id]


def test_a_request_names_nobody_s_passkeys_unless_the_account_is_known(ceremonies: WebAuthnCeremonies) -> None:
    passkey = kept(registered(ceremonies, SoftwareAuthenticator()))
    anybody = json.loads(ceremonies.request_options(CHALLENGE))
    assert (anybody["allowCredentials"], anybody["userVerification"]) == ([], "required")
    owner = json.loads(ceremonies.request_options(CHALLENGE, (passkey,)))
    assert owner["allowCredentials"] == [
        {"id": encode(passkey.credential_id), "type": "public-key", "transports": ["internal"]}
    ]


@pytest.mark.parametrize(("synced", "counts"), [(True, False), (False, True)])
def test_synced_and_device_bound_passkeys_are_told_apart(
    ceremonies: WebAuthnCeremonies, synced: bool, counts: bool
) -> None:
    authenticator = SoftwareAuthenticator(synced=synced, counts=counts)
    passkey = kept(registered(ceremonies, authenticator))
    assert (passkey.is_synced, passkey.backed_up, passkey.attested_as) == (synced, synced, None)
    read = ceremonies.read_assertion(authenticator.sign_in(ceremonies.request_options(CHALLENGE)))
    assert (read.challenge, read.credential_id, read.user_handle) == (CHALLENGE, passkey.credential_id, b"account-1")
    verified = ceremonies.verify_assertion(read, passkey)
    assert (verified.sign_count, verified.backed_up) == (int(counts), synced)


REFUSED = [
    (Gesture(origin="https://evil.example"), "origin"),
    (Gesture(origin="http://localhost:8001"), "origin"),
    (Gesture(cross_origin=True), "cross_origin"),
    (Gesture(kind="payment.get"), "type"),
    (Gesture(rp_id="evil.example"), "rp_id"),
    (Gesture(verified=False), "user_verification"),
    (Gesture(present=False), "user_verification"),
]


@pytest.mark.parametrize(("gesture", "reason"), REFUSED)
def test_a_registration_made_elsewhere_or_by_nobody_in_particular_is_refused(
    ceremonies: WebAuthnCeremonies, gesture: Gesture, reason: str
) -> None:
    with pytest.raises(CeremonyRefusedError) as refusal:
        registered(ceremonies, SoftwareAuthenticator(), gesture)
    assert refusal.value.reason == reason


@pytest.mark.parametrize(("gesture", "reason"), [*REFUSED, (Gesture(backup_eligible=False), "backup_eligibility")])
def test_an_assertion_made_elsewhere_or_by_nobody_in_particular_is_refused(
    ceremonies: WebAuthnCeremonies, gesture: Gesture, reason: str
) -> None:
    authenticator = SoftwareAuthenticator()
    passkey = kept(registered(ceremonies, authenticator))
    read = ceremonies.read_assertion(authenticator.sign_in(ceremonies.request_options(CHALLENGE), gesture))
    with pytest.raises(CeremonyRefusedError) as refusal:
        ceremonies.verify_assertion(read, passkey)
    assert refusal.value.reason == reason


def test_what_somebody_else_signed_is_refused(ceremonies: WebAuthnCeremonies) -> None:
    passkey = kept(registered(ceremonies, SoftwareAuthenticator()))
    stranger = SoftwareAuthenticator()
    registered(ceremonies, stranger)
    read = ceremonies.read_assertion(stranger.sign_in(ceremonies.request_options(CHALLENGE)))
    with pytest.raises(CeremonyRefusedError, match="signature"):
        ceremonies.verify_assertion(read, passkey)


DEEP = '{"id": ' + "[" * 15_000 + "]" * 15_000 + "}"
DEEP_WITHIN = json.dumps({"id": "AA", "response": {"clientDataJSON": encode(DEEP.encode())}})


@pytest.mark.parametrize(
    "answer",
    [
        *("", "[]", "{}", '{"id": 1}', '{"id": "AA==", "response": {}}', "\ud800"),
        pytest.param(DEEP, id="nested"),
        pytest.param(DEEP_WITHIN, id="nested within"),
    ],
)
def test_what_is_no_answer_is_refused(ceremonies: WebAuthnCeremonies, answer: str) -> None:
    for read in (ceremonies.read_assertion, ceremonies.read_registration):
        with pytest.raises(CeremonyRefusedError, match="malformed"):
            read(answer)


@pytest.mark.parametrize("statement", ["", "AA", encode(b"\xa0"), encode(b"\xbf\x63fmt\x64none\xff")])
def test_a_registration_without_sense_is_refused(ceremonies: WebAuthnCeremonies, statement: str) -> None:
    options = ceremonies.creation_options(CHALLENGE, OWNER, (), wants_attestation=False)
    answer = tampered(SoftwareAuthenticator().register(options), attestationObject=statement)
    with pytest.raises(CeremonyRefusedError, match="malformed"):
        ceremonies.verify_registration(ceremonies.read_registration(answer), NOW, wants_attestation=False)


def test_a_registration_under_another_name_than_its_own_is_refused(ceremonies: WebAuthnCeremonies) -> None:
    options = ceremonies.creation_options(CHALLENGE, OWNER, (), wants_attestation=False)
    answer = tampered(SoftwareAuthenticator().register(options), id=encode(b"other"), rawId=encode(b"other"))
    with pytest.raises(CeremonyRefusedError, match="credential_id"):
        ceremonies.verify_registration(ceremonies.read_registration(answer), NOW, wants_attestation=False)


class Vouching:
    """A folder of metadata in which one maker's model is trusted."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.maker, self.service = folder, Maker.found(), MetadataService.found()
        (folder / "root.pem").write_bytes(self.service.root.public_bytes(Encoding.PEM))

    def publish(self, *, number: int = 1, **entry: Any) -> WebAuthnCeremonies:
        blob = self.service.blob([metadata_entry(self.maker, **entry)], number=number)
        (self.folder / f"{number}.jwt").write_text(blob)
        return WebAuthnCeremonies(ORIGIN, "IdP", TrustedModels(self.folder))


@pytest.fixture
def vouching(tmp_path: Path) -> Vouching:
    return Vouching(tmp_path)


def attested(ceremonies: WebAuthnCeremonies, authenticator: SoftwareAuthenticator) -> str | None:
    return registered(ceremonies, authenticator, wants_attestation=True).attested_as


def test_a_trusted_maker_vouches_for_its_model(vouching: Vouching) -> None:
    ceremonies = vouching.publish()
    assert attested(ceremonies, SoftwareAuthenticator.hardware(vouching.maker)) == MODEL
    assert ceremonies.is_trusted(str(AAGUID), NOW)


def test_nobody_vouches_where_no_attestation_was_asked_for(vouching: Vouching) -> None:
    authenticator = SoftwareAuthenticator.hardware(vouching.maker)
    assert registered(vouching.publish(), authenticator).attested_as is None


def test_a_stranger_vouches_for_nothing(vouching: Vouching, ceremonies: WebAuthnCeremonies) -> None:
    assert attested(vouching.publish(), SoftwareAuthenticator.hardware(Maker.found())) is None
    assert attested(vouching.publish(), SoftwareAuthenticator()) is None


def test_without_metadata_nobody_vouches(tmp_path: Path) -> None:
    ceremonies = WebAuthnCeremonies(ORIGIN, "IdP", TrustedModels(tmp_path / "nowhere"))
    assert attested(ceremonies, SoftwareAuthenticator.hardware(Maker.found())) is None


@pytest.mark.parametrize(
    "entry",
    [
        {"statuses": ("FIDO_CERTIFIED_L1", "REVOKED")},
        {"statuses": ("USER_VERIFICATION_BYPASS", "UPDATE_AVAILABLE")},
        {"statuses": ("ATTESTATION_KEY_COMPROMISE",)},
        {"protection": ("software",)},
        {"aaguid": UUID(int=7)},
    ],
)
def test_a_broken_model_or_one_that_protects_nothing_is_not_trusted(vouching: Vouching, entry: dict[str, Any]) -> None:
    ceremonies = vouching.publish(**entry)
    assert attested(ceremonies, SoftwareAuthenticator.hardware(vouching.maker)) is None
    assert not ceremonies.is_trusted(str(AAGUID), NOW)


def test_a_certificate_for_another_model_is_refused(vouching: Vouching) -> None:
    other = UUID(int=7)
    ceremonies = vouching.publish(aaguid=other)
    with pytest.raises(CeremonyRefusedError, match="attestation"):
        attested(ceremonies, SoftwareAuthenticator.hardware(vouching.maker, aaguid=other))


def test_a_statement_that_its_maker_did_not_sign_is_refused(vouching: Vouching) -> None:
    ceremonies = vouching.publish()
    options = ceremonies.creation_options(CHALLENGE, OWNER, (), wants_attestation=True)
    answer = SoftwareAuthenticator.hardware(vouching.maker).register(options, Gesture(cross_origin=None))
    said = {"type": "webauthn.create", "challenge": encode(CHALLENGE), "origin": ORIGIN, "more": 1}
    client_data = encode(json.dumps(said).encode())
    read = ceremonies.read_registration(tampered(answer, clientDataJSON=client_data))
    with pytest.raises(CeremonyRefusedError, match="statement"):
        ceremonies.verify_registration(read, NOW, wants_attestation=True)
