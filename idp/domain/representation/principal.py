"""Whom somebody acts for: an organisation, a ward, or another person; oneself is no principal of its own."""

from enum import StrEnum
from typing import Final

from idp.domain.values import dataclass

SELF: Final = "self"
"""What a person chooses who acts for nobody else."""

_LONGEST: Final = 80


class PrincipalKind(StrEnum):
    """What a principal is."""

    ORGANISATION = "organisation"
    """Named by its tax code."""
    WARD = "ward"
    """A minor or a ward, named by the guardianship: outside of it nobody can tell who that is."""
    PERSON = "person"
    """Somebody who gave a mandate, named by it."""


class UnknownPrincipalError(ValueError):
    """A text that names no principal."""

    def __init__(self) -> None:
        super().__init__("not a principal")


@dataclass(frozen=True, slots=True)
class Principal:
    """One principal; as text `organisation:TAXCODE`, `ward:ID` or `person:ID`."""

    kind: PrincipalKind
    reference: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.reference}"

    @classmethod
    def parse(cls, text: str) -> "Principal":
        """Return the principal that `text` names. Raises `UnknownPrincipalError` when it has another form."""
        kind, colon, reference = text[:_LONGEST].partition(":")
        if kind not in set(PrincipalKind) or not colon or not reference or len(text) > _LONGEST:
            raise UnknownPrincipalError
        return cls(PrincipalKind(kind), reference)
