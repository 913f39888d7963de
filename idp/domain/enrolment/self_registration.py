"""Self-registration to identity level 1: what is typed, what the register has to confirm, and for whom.

Names are compared in NFC, exactly in case and tone marks: the register writes them as they stand on the card. Decree
69/2024: people from 14 on register themselves; a guardian does it for younger ones.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from idp.domain.accounts.email_address import EmailAddress, parse_email_address
from idp.domain.country_time import COUNTRY_TIME, day_of
from idp.domain.ids import Seconds
from idp.domain.people.identity_record import POPULATION_REGISTER, AttributeFacts, NewPerson
from idp.domain.people.names import Name, parse_name
from idp.domain.people.personal_number import PersonalNumber, parse_personal_number
from idp.domain.people.predicates import RESIDENCE
from idp.domain.people.register_entry import REGISTRAR, LifeStatus, RegisterEntry
from idp.domain.people.verification import ELECTRONIC_RECORD
from idp.domain.refused_value import RefusedValue
from idp.domain.representation.guardianship import ChildStage, stage_of
from idp.domain.typed_day import read_typed_day
from idp.domain.values import dataclass

LEVEL: Final = 1
"""What a match with the register proves."""

_OLDEST: Final = date(1900, 1, 1)


class RefusedEntry(ValueError):
    """A field of the form is not of its kind; `field` is its name. Says nothing about any person."""

    def __init__(self, field_name: str) -> None:
        super().__init__(f"{field_name} is not of its kind")
        self.field = field_name


class Obstacle(StrEnum):
    """Why nobody can be registered with what was typed: for the audit record, never for the page."""

    UNKNOWN = "unknown"
    DIFFERENT = "different"
    NOT_ALIVE = "not_alive"
    CARD_NOT_VALID = "card_not_valid"
    KNOWN = "known"
    CONTACT_TAKEN = "contact_taken"


class ObstacleError(Exception):
    """What was typed opens no account."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle)
        self.obstacle = obstacle


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who somebody says to be: believed once the register and the contact agree. `birthdate` as ISO 8601."""

    personal_number: PersonalNumber
    name: Name
    birthdate: str
    email: EmailAddress = field(repr=False)


def parse_applicant(personal_number: str, name: str, birthdate: str, email: str) -> Applicant:
    """Return what was typed in its canonical forms. Raises `RefusedEntry` for the first field that has none."""
    parsers = (
        ("personal_number", parse_personal_number, personal_number),
        ("name", parse_name, name),
        ("birthdate", parse_birthdate, birthdate),
        ("email", parse_email_address, email),
    )
    parsed: dict[str, Any] = {}
    for field_name, parse, typed in parsers:
        try:
            parsed[field_name] = parse(typed)
        except RefusedValue:
            raise RefusedEntry(field_name) from None
    return Applicant(**parsed)


def parse_birthdate(text: str) -> str:
    """Return the day as ISO 8601 writes it, from that form or from day, month, year. Raises `RefusedValue`."""
    born = read_typed_day(text)
    if born is None:
        raise RefusedValue("birthdate_form", "This is not a day.")
    if born < _OLDEST:
        raise RefusedValue("birthdate_form", "Nobody alive was born then.")
    return born.isoformat()


def is_old_enough(applicant: Applicant, now: Seconds) -> bool:
    """Whether somebody of this birthdate registers himself or herself."""
    return stage_of(date.fromisoformat(applicant.birthdate), now) is ChildStage.FROM_FOURTEEN


def check_against_register(applicant: Applicant, entry: RegisterEntry | None, now: Seconds) -> RegisterEntry:
    """Return the entry that confirms everything that was typed. Raises `ObstacleError`."""
    if entry is None:
        raise ObstacleError(Obstacle.UNKNOWN)
    told = (entry.personal_number, _name(entry.name), entry.birthdate)
    if told != (applicant.personal_number, applicant.name, applicant.birthdate):
        raise ObstacleError(Obstacle.DIFFERENT)
    if entry.life_status is not LifeStatus.ALIVE:
        raise ObstacleError(Obstacle.NOT_ALIVE)
    card = entry.card
    if card is None or (card.expires is not None and card.expires < day_of(now).isoformat()):
        raise ObstacleError(Obstacle.CARD_NOT_VALID)
    return entry


def new_person(applicant: Applicant, entry: RegisterEntry, password_hash: str, locale: str, now: Seconds) -> NewPerson:
    """Return the person as the register confirms him or her, with a contact that was proved."""
    claims: dict[str, Any] = {"name": applicant.name, "birthdate": entry.birthdate, "gender": entry.gender}
    if entry.residence is not None:
        claims[RESIDENCE] = {"province": entry.residence.province, "commune": entry.residence.commune}
    facts = AttributeFacts(POPULATION_REGISTER, now)
    return NewPerson(
        personal_number=entry.personal_number,
        identity_level=LEVEL,
        claims=claims,
        verification=register_evidence(now),
        attributes=dict.fromkeys(("personal_number", *claims), facts),
        card=entry.card,
        own_claims={"locale": locale},
        email=applicant.email,
        password_hash=password_hash,
    )


def register_evidence(now: Seconds) -> Mapping[str, Any]:
    """Return what is recorded of a match with the register (OpenID Identity Assurance: an electronic record)."""
    moment = moment_of(now)
    evidence = {
        "type": ELECTRONIC_RECORD,
        "record": {"type": POPULATION_REGISTER, "source": dict(REGISTRAR)},
        "check_details": [{"check_method": "data", "time": moment}],
    }
    return {"time": moment, "evidence": [evidence]}


def moment_of(now: Seconds) -> str:
    """Return the moment as ISO 8601 writes it, with the country's offset."""
    return datetime.fromtimestamp(now, COUNTRY_TIME).isoformat(timespec="seconds")


def _name(told: str) -> str:
    """Return the register's spelling in the form that typed names have; as it is where it has none."""
    try:
        return parse_name(told)
    except RefusedValue:
        return told
