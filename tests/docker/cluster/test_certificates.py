from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import ExtendedKeyUsageOID

from docker.cluster.certificates import Authority


def load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_an_authority_is_kept_and_its_key_is_its_owner_s(tmp_path: Path) -> None:
    first = Authority(tmp_path, "authority").path.read_bytes()
    assert Authority(tmp_path, "authority").path.read_bytes() == first
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.iterdir())


def test_one_authority_s_clients_are_not_another_s(tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path / "ours", "authority"), Authority(tmp_path / "theirs", "authority")
    client = load(theirs.issue_client("gateway").certificate)
    client.verify_directly_issued_by(load(theirs.path))
    with pytest.raises(InvalidSignature):
        client.verify_directly_issued_by(load(ours.path))


def test_a_certificate_is_for_one_purpose(tmp_path: Path) -> None:
    authority = Authority(tmp_path, "authority")
    usages = {
        ExtendedKeyUsageOID.CLIENT_AUTH: authority.issue_client("gateway"),
        ExtendedKeyUsageOID.SERVER_AUTH: authority.issue_server(("localhost",)),
    }
    for usage, identity in usages.items():
        extensions = load(identity.certificate).extensions
        assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [usage]
        assert extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
