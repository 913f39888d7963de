"""Agencies: ministries, provinces, communes, departments and the districts of former days; from a day to a day."""

from datetime import date
from enum import StrEnum
from typing import Final

from idp.domain.values import dataclass

DISTRICTS_ENDED: Final = date(2025, 7, 1)
"""Since this day there are provinces and communes, and no district between them."""


class AgencyKind(StrEnum):
    """What an agency is."""

    MINISTRY = "ministry"
    PROVINCE = "province"
    COMMUNE = "commune"
    DEPARTMENT = "department"
    DISTRICT = "district"
    """A former unit: kept with the day on which it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """One agency. `valid_to` is the first day on which it is no more; `successors` took over what it did."""

    code: str
    name: str
    kind: AgencyKind
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()

    def is_valid(self, day: date) -> bool:
        """Whether the agency exists on a day."""
        return (self.valid_from is None or self.valid_from <= day) and not self.is_over(day)

    def is_over(self, day: date) -> bool:
        """Whether the agency has ceased to be."""
        return self.valid_to is not None and self.valid_to <= day
