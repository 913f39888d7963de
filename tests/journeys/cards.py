"""Cards whose certificates say what a test lets them; who trusts real ones is tested in `tests/adapters/crypto`."""

from hashlib import sha256

from idp.domain.authenticators.account_certificate import (
    AccountCertificate,
    CertificateObstacle,
    CheckedCertificate,
    RefusedCertificateError,
)
from idp.domain.events import CertificateAdded
from idp.domain.ids import AccountId, Seconds
from tests.journeys.stage import ORIGIN, Stage


class Cards:
    """Every certificate holds, but for the one that says that it was withdrawn."""

    def check(self, certificate: bytes, now: Seconds) -> CheckedCertificate:
        if certificate == b"revoked":
            raise RefusedCertificateError(CertificateObstacle.REVOKED)
        ends = Seconds(now + 1000)
        return CheckedCertificate(sha256(certificate).digest(), "CN=Lê Văn Cường", "CN=Cards CA", ends)


async def added(stage: Stage, identifier: str, certificate: bytes) -> AccountId:
    """Give an account a certificate."""
    account_id = await stage.account_id(identifier)
    now = stage.clock.now()
    card = AccountCertificate(
        certificate_id=f"card-{certificate.decode()}",
        account_id=account_id,
        certificate=Cards().check(certificate, now),
        name="",
        created_at=now,
    )
    event = CertificateAdded(origin=ORIGIN, account_id=account_id, certificate_id=card.certificate_id)
    assert await stage.stores.account_certificates.add(card, 10, event)
    return account_id
