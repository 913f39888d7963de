"""Attestation (WebAuthn Level 3 section 6.5): whether the maker of a trusted model vouches for a new key."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier
from webauthn.helpers import parse_attestation_object
from webauthn.helpers.structs import AttestationFormat

from idp.adapters.crypto.authorities import UNREADABLE
from idp.adapters.webauthn.certificate_path import UntrustedPathError, check_path
from idp.adapters.webauthn.metadata import Model
from idp.adapters.webauthn.trusted_models import TrustedModels
from idp.domain.ids import Seconds
from idp.ports.passkey_ceremonies import CeremonyRefusedError

_AAGUID: Final = ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")
"""`id-fido-gen-ce-aaguid`: the model that an attestation certificate is for."""

_OCTETS: Final = b"\x04\x10"
_UNIT: Final = "Authenticator Attestation"


def attested_model(attestation_object: bytes, aaguid: str, models: TrustedModels, now: Seconds) -> str | None:
    """The model that vouches for a key whose attestation statement was found to be right; None when none does.

    Raises `CeremonyRefusedError` when a model is claimed that its maker's certificate is not for.
    """
    model = models.find(aaguid, now)
    try:
        read = parse_attestation_object(attestation_object)
        path = [x509.load_der_x509_certificate(each) for each in read.att_stmt.x5c or ()]
    except (ValueError, TypeError) as error:
        raise CeremonyRefusedError("attestation") from error
    if model is None or not path or not _is_vouched_for(path, model, now):
        return None
    if read.fmt == AttestationFormat.PACKED:
        _check_packed_certificate(path[0], aaguid)
    return model.description


def _is_vouched_for(path: Sequence[x509.Certificate], model: Model, now: Seconds) -> bool:
    try:
        check_path(path, model.anchors, datetime.fromtimestamp(now, UTC))
    except UntrustedPathError:
        return False
    return True


def _check_packed_certificate(certificate: x509.Certificate, aaguid: str) -> None:
    """Section 8.2.1: version 3, the unit `Authenticator Attestation`, no authority, and the very model."""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        is_authority = constraints.ca
        named = [each.value for each in certificate.extensions if each.oid == _AAGUID]
    except (x509.ExtensionNotFound, *UNREADABLE) as error:
        raise CeremonyRefusedError("attestation") from error
    units = [each.value for each in certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)]
    if certificate.version is not x509.Version.v3 or is_authority or units != [_UNIT]:
        raise CeremonyRefusedError("attestation")
    # "If attestnCert contains an extension with OID 1.3.6.1.4.1.45724.1.1.4 (id-fido-gen-ce-aaguid) verify that the
    # value of this extension matches the aaguid in authenticatorData."
    for value in named:
        if not isinstance(value, x509.UnrecognizedExtension) or value.value != _OCTETS + UUID(aaguid).bytes:
            raise CeremonyRefusedError("attestation")
