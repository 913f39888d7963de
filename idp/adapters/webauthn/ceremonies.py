"""Passkey ceremonies on py_webauthn (WebAuthn Level 3 sections 7.1 and 7.2)."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from webauthn import generate_registration_options, options_to_json, verify_registration_response
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_attestation_object,
    parse_authenticator_data,
    parse_backup_flags,
    parse_registration_credential_json,
    verify_signature,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from idp.adapters.crypto.base64url import encode_base64url
from idp.adapters.webauthn.answers import check_client_data, read_assertion, read_registration
from idp.adapters.webauthn.attestation import attested_model
from idp.adapters.webauthn.trusted_models import TrustedModels
from idp.domain.authenticators.passkey import Passkey
from idp.domain.ids import Seconds
from idp.ports.passkey_ceremonies import (
    CeremonyRefusedError,
    NewCredential,
    PasskeyOwner,
    UnverifiedAssertion,
    UnverifiedRegistration,
    VerifiedAssertion,
)

TIMEOUT: Final = 300_000
"""Milliseconds that the browser gives the person; the challenge lives no longer."""

_CREATE: Final = "webauthn.create"
_GET: Final = "webauthn.get"
_ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_DOMAIN_HASH: Final = 32
_SHORTEST_DATA: Final = 37
_PRESENT: Final = 0x01
_VERIFIED: Final = 0x04
_LONGEST_CREDENTIAL: Final = 1023


class WebAuthnCeremonies:
    """Implements `PasskeyCeremonies` for the pages of one issuer."""

    def __init__(self, issuer: str, name: str, models: TrustedModels) -> None:
        """`name` is what authenticators show beside a passkey."""
        parts = urlsplit(issuer)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._domain = parts.hostname or ""
        self._domain_hash = sha256(self._domain.encode()).digest()
        self._name = name
        self._models = models

    def creation_options(
        self, challenge: bytes, owner: PasskeyOwner, known: Sequence[Passkey], *, wants_attestation: bool
    ) -> str:
        direct, none = AttestationConveyancePreference.DIRECT, AttestationConveyancePreference.NONE
        options = generate_registration_options(
            rp_id=self._domain,
            rp_name=self._name,
            user_id=owner.account_id.encode(),
            user_name=owner.name,
            user_display_name=owner.display_name,
            challenge=challenge,
            timeout=TIMEOUT,
            attestation=direct if wants_attestation else none,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_descriptors(known),
            supported_pub_key_algs=_ALGORITHMS,
        )
        return options_to_json(options)

    def request_options(self, challenge: bytes, allowed: Sequence[Passkey] = ()) -> str:
        # Section 5.5, in the JSON of section 5.1.9; made without the library, since every first page of a sign-in asks.
        options = {
            "challenge": encode_base64url(challenge),
            "timeout": TIMEOUT,
            "rpId": self._domain,
            "allowCredentials": [_descriptor(passkey) for passkey in allowed],
            "userVerification": "required",
        }
        return json.dumps(options)

    def read_registration(self, answer: str) -> UnverifiedRegistration:
        return read_registration(answer)

    def read_assertion(self, answer: str) -> UnverifiedAssertion:
        return read_assertion(answer)

    def verify_registration(
        self, unverified: UnverifiedRegistration, now: Seconds, *, wants_attestation: bool
    ) -> NewCredential:
        try:
            credential = parse_registration_credential_json(unverified.answer)
            data = parse_attestation_object(credential.response.attestation_object).auth_data
        except Exception as error:
            raise CeremonyRefusedError("malformed") from error
        check_client_data(credential.response.client_data_json, _CREATE, self._origin)
        self._check_data(data.rp_id_hash, is_certain=data.flags.up and data.flags.uv)
        verified = self._verified(credential, unverified.challenge)
        attested_as = None
        if wants_attestation:
            attested_as = attested_model(credential.response.attestation_object, verified.aaguid, self._models, now)
        return NewCredential(
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            aaguid=verified.aaguid,
            transports=tuple(sorted(each.value for each in credential.response.transports or ())),
            backup_eligible=verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
            backed_up=verified.credential_backed_up,
            attested_as=attested_as,
        )

    def verify_assertion(self, unverified: UnverifiedAssertion, passkey: Passkey) -> VerifiedAssertion:
        check_client_data(unverified.client_data, _GET, self._origin)
        data = unverified.authenticator_data
        if len(data) < _SHORTEST_DATA:
            raise CeremonyRefusedError("malformed")
        flags = data[_DOMAIN_HASH] & (_PRESENT | _VERIFIED)
        self._check_data(data[:_DOMAIN_HASH], is_certain=flags == _PRESENT | _VERIFIED)
        # Everything before the signature was looked at above: the library would read it all a second time. Whether the
        # counter went up is decided by the statement that stores it.
        try:
            told = parse_authenticator_data(data)
            backup = parse_backup_flags(told.flags)
            key = decode_credential_public_key(passkey.public_key)
            verify_signature(
                public_key=decoded_public_key_to_cryptography(key),
                signature_alg=key.alg,
                signature=unverified.signature,
                # Section 7.2 step 21: "the binary concatenation of authData and hash".
                data=data + sha256(unverified.client_data).digest(),
            )
        except Exception as error:
            raise CeremonyRefusedError("signature") from error
        # "If credential backup state is used as part of Relying Party business logic or policy, … [it] MUST verify":
        # whether a key may be copied is decided when it is made.
        if told.flags.be != passkey.backup_eligible:
            raise CeremonyRefusedError("backup_eligibility")
        return VerifiedAssertion(told.sign_count, backup.credential_backed_up)

    def believes_makers(self, now: Seconds) -> bool:
        return self._models.are_known(now)

    def is_trusted(self, aaguid: str, now: Seconds) -> bool:
        return self._models.find(aaguid, now) is not None

    def _verified(self, credential: RegistrationCredential, challenge: bytes) -> VerifiedRegistration:
        try:
            verified = verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._domain,
                expected_origin=self._origin,
                require_user_verification=True,
                supported_pub_key_algs=_ALGORITHMS,
            )
        except Exception as error:
            raise CeremonyRefusedError("statement") from error
        # Section 7.1 step 25: the credentialId is at most 1,023 bytes long.
        if len(verified.credential_id) > _LONGEST_CREDENTIAL or verified.credential_id != credential.raw_id:
            raise CeremonyRefusedError("credential_id")
        return verified

    def _check_data(self, domain_hash: bytes, *, is_certain: bool) -> None:
        """What the library looks at, too, so that each refusal has a name of its own."""
        if domain_hash != self._domain_hash:
            raise CeremonyRefusedError("rp_id")
        if not is_certain:
            raise CeremonyRefusedError("user_verification")


def _descriptor(passkey: Passkey) -> dict[str, object]:
    """Section 5.8.3, in JSON."""
    described: dict[str, object] = {"id": encode_base64url(passkey.credential_id), "type": "public-key"}
    return described | ({"transports": passkey.transports} if passkey.transports else {})


def _descriptors(passkeys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=passkey.credential_id, transports=[AuthenticatorTransport(each) for each in passkey.transports] or None
        )
        for passkey in passkeys
    ]
