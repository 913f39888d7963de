"""Which certificates of cards hold: an authority that is trusted, a purpose, the time, and a list that is current."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from idp.adapters.crypto.person_certificates import X509PersonCertificates
from idp.domain.authenticators.account_certificate import CertificateObstacle, RefusedCertificateError
from idp.domain.ids import Seconds
from tests.protocol.certificates import START, YEAR, Identity, authority, issued, revocations, self_signed

NOW = Seconds(START)
ROOT = authority("Root CA", lasts=3 * YEAR)
CARDS = issued(ROOT, "Cards CA", ends=START + 2 * YEAR, usages=(), is_authority=True)
CARD = issued(CARDS, "Lê Văn Cường")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The authority of the cards with its own issuer, each with a current list."""
    for name, each in (("root", ROOT), ("cards", CARDS)):
        (tmp_path / f"{name}.pem").write_bytes(each.pem)
        (tmp_path / f"{name}.crl").write_bytes(revocations(each))
    return tmp_path


def obstacle(folder: Path, certificate: bytes, now: int = NOW) -> CertificateObstacle:
    with pytest.raises(RefusedCertificateError) as refused:
        X509PersonCertificates(folder).check(certificate, Seconds(now))
    return refused.value.obstacle


def test_a_card_of_a_trusted_authority_holds(folder: Path) -> None:
    checked = X509PersonCertificates(folder).check(CARD.der, NOW)
    assert checked.thumbprint == sha256(CARD.der).digest()
    assert checked.subject == "Lê Văn Cường, Cổng Dịch vụ công"
    assert checked.issuer == "Cards CA, Cổng Dịch vụ công"
    assert checked.not_after == START + YEAR


@pytest.mark.parametrize(
    "usages",
    [(ExtendedKeyUsageOID.SMARTCARD_LOGON,), (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.OCSP_SIGNING)],
)
def test_smart_card_logon_is_as_good_a_purpose_as_client_authentication(folder: Path, usages: tuple) -> None:  # type: ignore[type-arg]  # of object identifiers
    assert X509PersonCertificates(folder).check(issued(CARDS, usages=usages).der, NOW).not_after == START + YEAR


@pytest.mark.parametrize(
    "made",
    [
        lambda: issued(CARDS, for_clients=False),
        lambda: issued(CARDS, usages=()),
        lambda: issued(CARDS, usages=(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)),
        lambda: issued(CARDS, is_authority=True),
    ],
    ids=["a server's", "for nothing named", "for everything", "an authority's"],
)
def test_a_certificate_for_something_else_is_nobodys_card(folder: Path, made: Callable[[], Identity]) -> None:
    assert obstacle(folder, made().der) is CertificateObstacle.NOT_FOR_PEOPLE


def test_what_is_no_certificate_is_refused(folder: Path) -> None:
    assert obstacle(folder, b"\x30\x03\x02\x01\x01") is CertificateObstacle.UNREADABLE


def test_nobody_else_vouches(folder: Path, tmp_path: Path) -> None:
    assert obstacle(folder, issued(authority("Cards CA")).der) is CertificateObstacle.UNKNOWN_AUTHORITY
    assert obstacle(tmp_path / "nowhere", CARD.der) is CertificateObstacle.UNKNOWN_AUTHORITY
    # For itself neither.
    assert obstacle(folder, self_signed().der) is CertificateObstacle.NOT_FOR_PEOPLE


@pytest.mark.parametrize(
    ("card", "now"),
    [
        (issued(CARDS, starts=START + 1), NOW),
        (issued(CARDS, ends=START - 1), NOW),
        (issued(CARDS, ends=START + 9 * YEAR), START + 2 * YEAR + 1),
    ],
    ids=["not yet", "over", "its authority's is over"],
)
def test_it_holds_while_it_and_its_authorities_are_valid(folder: Path, card: Identity, now: int) -> None:
    for name, each in (("root", ROOT), ("cards", CARDS)):
        (folder / f"{name}.crl").write_bytes(revocations(each, until=START + 9 * YEAR))
    assert obstacle(folder, card.der, now) is CertificateObstacle.NOT_VALID_NOW


@pytest.mark.parametrize("as_text", [False, True])
def test_a_withdrawn_card_is_refused_from_the_moment_that_the_list_lies_there(folder: Path, as_text: bool) -> None:
    certificates = X509PersonCertificates(folder)
    assert certificates.check(CARD.der, NOW).not_after == START + YEAR
    content = revocations(CARDS, CARD)
    if as_text:
        lines = b64encode(content).decode()
        content = f"-----BEGIN X509 CRL-----\n{lines}\n-----END X509 CRL-----\n".encode()
    (folder / "cards-2.crl").write_bytes(content)
    with pytest.raises(RefusedCertificateError) as refused:
        certificates.check(CARD.der, Seconds(NOW + 1))
    assert refused.value.obstacle is CertificateObstacle.REVOKED


def test_an_authority_that_was_withdrawn_vouches_for_nobody(folder: Path) -> None:
    (folder / "root.crl").write_bytes(revocations(ROOT, CARDS))
    assert obstacle(folder, CARD.der) is CertificateObstacle.REVOKED


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no list",
        revocations(CARDS, until=START),
        revocations(CARDS, since=START + 1),
        revocations(CARDS, part=True),
        revocations(authority("Cards CA")),
        revocations(ROOT),
    ],
    ids=["empty", "unreadable", "too old", "of the future", "a part", "somebody else signed it", "of another"],
)
def test_without_a_current_list_of_its_authority_no_card_holds(folder: Path, content: bytes) -> None:
    (folder / "cards.crl").write_bytes(content)
    assert obstacle(folder, CARD.der) is CertificateObstacle.REVOCATION_UNKNOWN
    (folder / "cards.crl").unlink()
    assert obstacle(folder, CARD.der) is CertificateObstacle.REVOCATION_UNKNOWN


def test_an_authority_whose_issuer_does_not_lie_there_is_trusted_by_itself(folder: Path) -> None:
    for name in ("root.pem", "root.crl"):
        (folder / name).unlink()
    assert X509PersonCertificates(folder).check(CARD.der, NOW).not_after == START + YEAR


def test_who_looks_after_the_lists_is_told_when_each_ends(folder: Path) -> None:
    (folder / "cards.crl").unlink()
    ends = dict(X509PersonCertificates(folder).lists(NOW))
    assert [ends[name] for name in sorted(ends)] == [None, START + YEAR]
