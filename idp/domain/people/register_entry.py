"""What the population register says about one person, as of the moment it was asked."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from idp.domain.people.identity_record import IdentityCard
from idp.domain.values import dataclass

REGISTRAR: Final[Mapping[str, str]] = MappingProxyType({"name": "Bộ Công an", "country_code": "VN"})
"""Keeps the population register and issues identity cards (Law on Identification 2023)."""


class LifeStatus(StrEnum):
    """As the register keeps it."""

    ALIVE = "alive"
    DECEASED = "deceased"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Residence:
    """Where somebody is registered as living: codes of the province and of the commune below it."""

    province: str
    commune: str


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One person; never logged, never audited. `birthdate` as ISO 8601 writes days.

    `portrait` is the register's reference of the portrait on the card, which the biometric verifier understands.
    """

    personal_number: str
    name: str
    birthdate: str
    gender: str
    life_status: LifeStatus
    card: IdentityCard | None = None
    residence: Residence | None = None
    portrait: str | None = field(default=None, repr=False)
