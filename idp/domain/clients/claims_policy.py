"""Which claims a client may receive, each for what purpose and on which legal basis: an allow-list.

A client without one receives what its registered scopes ask for.
"""

import hashlib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from idp.domain.values import dataclass

GOVERNED: Final = ("claims", "claim_names")
"""Client metadata of ours that is never a client's own to change."""

VERSION_LENGTH: Final = 16
"""Hexadecimal digits."""


class LegalBasis(StrEnum):
    """Why the law lets a claim leave (Law on Personal Data Protection, in force from 1 January 2026)."""

    CONSENT = "consent"
    """The person agreed, explicitly."""
    LAW = "law"
    """A law says that this body is told."""
    PUBLIC_TASK = "public_task"
    """The body does what the law gives it to do, and needs this for it."""
    CONTRACT = "contract"
    """A contract with the person is carried out."""
    EMERGENCY = "emergency"
    """Life or health is at stake."""


class ClaimNames(StrEnum):
    """By which names claims leave: the standard ones, or those that a system in service expects."""

    STANDARD = "standard"
    NATIONAL_PORTAL = "national_portal"


@dataclass(frozen=True, slots=True)
class ClaimTerms:
    """On what terms one claim is told; `purpose` by language (empty for any), `citation` the law's article."""

    purpose: Mapping[str, str]
    legal_basis: LegalBasis
    citation: str = ""

    def purpose_in(self, locale: str) -> str:
        """Return the purpose in `locale`, else in any language."""
        return self.purpose.get(locale) or self.purpose.get("") or next(iter(self.purpose.values()), "")


@dataclass(frozen=True, slots=True)
class ClaimsPolicy:
    """The allow-list of one client, as it is registered: `document` maps names of claims to their terms."""

    document: Mapping[str, Any]

    @property
    def names(self) -> frozenset[str]:
        """Every claim that may leave."""
        return frozenset(self.document)

    @property
    def version(self) -> str:
        """What tells this list from every other one, past ones included."""
        return hashlib.sha256(self.encoded()).hexdigest()[:VERSION_LENGTH]

    def encoded(self) -> bytes:
        """Return the list as JSON: the same bytes for the same list."""
        return msgspec.json.encode(self.document, order="deterministic")

    @classmethod
    def decode(cls, encoded: bytes) -> "ClaimsPolicy":
        """Return what `encoded` had made bytes."""
        return cls(msgspec.json.decode(encoded))

    def terms(self, name: str) -> ClaimTerms | None:
        """Return the terms of one claim; None for one that may not leave."""
        told = self.document.get(name)
        if told is None:
            return None
        purpose = told.get("purpose", {})
        return ClaimTerms(
            purpose={"": purpose} if isinstance(purpose, str) else purpose,
            legal_basis=LegalBasis(told["legal_basis"]),
            citation=told.get("citation") or "",
        )

    def items(self) -> Iterator[tuple[str, ClaimTerms]]:
        """Yield every claim with its terms, by name."""
        for name in sorted(self.document):
            terms = self.terms(name)
            if terms is not None:
                yield name, terms

    def consent_is_about(self, other: "ClaimsPolicy | None", names: frozenset[str]) -> bool:
        """Whether who agreed under this list agreed to what `other` says of `names`: the same purposes.

        Only claims that need a consent count.
        """
        if other is None:
            return True
        for name in names:
            wanted, agreed = other.terms(name), self.terms(name)
            if wanted is None or wanted.legal_basis is not LegalBasis.CONSENT:
                continue
            if agreed is None or dict(agreed.purpose) != dict(wanted.purpose):
                return False
        return True


NOTHING_LISTED: Final = ClaimsPolicy({})
"""The list of a client that had none, to compare with."""
