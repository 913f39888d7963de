"""Certificates of smart cards that officers sign in with, and why one is refused."""

from dataclasses import field
from enum import StrEnum
from typing import Final

from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass

MOST: Final = 10
"""Certificates that one account has at a time."""

LONGEST_NAME: Final = 60
"""Characters of what a person calls a card."""


class CertificateObstacle(StrEnum):
    """Why a certificate lets nobody in."""

    NONE_SHOWN = "none_shown"
    UNREADABLE = "unreadable"
    UNKNOWN_AUTHORITY = "unknown_authority"
    NOT_FOR_PEOPLE = "not_for_people"
    NOT_VALID_NOW = "not_valid_now"
    REVOKED = "revoked"
    REVOCATION_UNKNOWN = "revocation_unknown"
    NOT_ENROLLED = "not_enrolled"
    SOMEBODY_ELSES = "somebody_elses"
    ADDED_ALREADY = "added_already"
    TOO_MANY = "too_many"


class RefusedCertificateError(Exception):
    """The certificate proves nobody."""

    def __init__(self, obstacle: CertificateObstacle) -> None:
        super().__init__(obstacle)
        self.obstacle = obstacle


@dataclass(frozen=True, slots=True)
class CheckedCertificate:
    """A certificate that holds, of an authority that issues to cards. `thumbprint` is the SHA-256 of all of it (DER).

    `subject` and `issuer` are names as people read them: who, of which unit, of which organisation.
    """

    thumbprint: bytes
    subject: str = field(repr=False)
    issuer: str
    not_after: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCertificate:
    """A certificate by which an account signs in; `name` is what its holder calls the card."""

    certificate_id: str
    account_id: AccountId
    certificate: CheckedCertificate
    name: str = field(repr=False)
    created_at: Seconds
    last_used_at: Seconds | None = None

    def is_over(self, now: Seconds) -> bool:
        """Whether it has run out: its last second counts (RFC 5280 section 4.1.2.5)."""
        return now > self.certificate.not_after


def name_of(typed: str) -> str:
    """What a person calls a card, as typed without surrounding and repeated spaces; shortened where it is too long."""
    return " ".join("".join(each if each.isprintable() else " " for each in typed).split())[:LONGEST_NAME]
