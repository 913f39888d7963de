"""Another personal number of one human, as a register issues it, and what it makes of the record."""

from dataclasses import replace
from datetime import date

from idp.domain.ids import Seconds
from idp.domain.people.identity_record import POPULATION_REGISTER, AttributeFacts, IdentityRecord
from idp.domain.people.personal_number import PersonalNumber, birth_year_of, check_consistency
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberChange:
    """A number that was issued, and what was corrected with it. `event_at` is the register's moment in milliseconds."""

    personal_number: PersonalNumber
    event_at: int
    gender: str | None = None
    birthdate: date | None = None


def renumbered(record: IdentityRecord, change: NumberChange) -> IdentityRecord:
    """Return the record with the number. Raises `InconsistentRecord` where birth or sex as recorded contradict it."""
    number, told = change.personal_number, {"personal_number"}
    if number == record.personal_number:
        return record
    claims = dict(record.claims)
    if change.gender is not None:
        claims["gender"] = change.gender
        told.add("gender")
    if change.birthdate is not None:
        claims["birthdate"] = change.birthdate.isoformat()
        told.add("birthdate")
    check_consistency(number, gender=claims.get("gender"), birth_year=birth_year_of(claims.get("birthdate")))
    seen = AttributeFacts(POPULATION_REGISTER, Seconds(change.event_at // 1000))
    return replace(
        record,
        personal_number=number,
        claims=claims,
        attributes={**record.attributes, **dict.fromkeys(told, seen)},
    )
