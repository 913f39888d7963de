"""Proofing at a counter to level 2: what an officer checks, what that takes, and what is recorded of it.

The table below is the rule: each way to pass names groups of checks, and one check of each group has to be made. The
way without a ground is the officer's own decision; each ground is an exception that a second officer agrees to.
"""

import unicodedata
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.people.identity_record import IdentityCard, IdentityRecord
from idp.domain.people.likeness import card_key
from idp.domain.people.register_entry import REGISTRAR, LifeStatus, RegisterEntry
from idp.domain.people.verification import DOCUMENT, DOCUMENTS, ELECTRONIC_RECORD, ELECTRONIC_RECORDS
from idp.domain.refused_value import RefusedValue
from idp.domain.values import dataclass

CASE_LIFETIME: Final = 24 * 3600
"""Seconds in which a case has to be decided."""

COUNTER_LEVEL: Final = 2
COUNTER: Final = "counter"
"""`AttributeFacts.source` of what an officer read from a card."""


class CaseState(StrEnum):
    """Where a case stands; `WAITING`: for a second officer."""

    OPEN = "open"
    WAITING = "waiting"
    PASSED = "passed"
    REFUSED = "refused"
    EXPIRED = "expired"


class CounterCheck(StrEnum):
    """What an officer did."""

    CARD = "card"
    CHIP = "chip"
    PORTRAIT = "portrait"
    REGISTER = "register"
    FINGERPRINT = "fingerprint"


CHECK_METHOD: Final[Mapping[CounterCheck, str]] = MappingProxyType(
    {
        CounterCheck.CARD: "vpip",
        CounterCheck.CHIP: "vcrypt",
        CounterCheck.PORTRAIT: "pvp",
        CounterCheck.REGISTER: "data",
        CounterCheck.FINGERPRINT: "bvp",
    }
)
"""The predefined value of OpenID Identity Assurance for each (`domain.people.verification.CHECK_METHODS`)."""


class ExceptionGround(StrEnum):
    """Why a case passes although a check cannot be made as usual."""

    DAMAGED_CARD = "damaged_card"
    """The chip cannot be read."""
    PORTRAIT_UNLIKE = "portrait_unlike"
    """The person has changed since the portrait: a fingerprint stands in."""
    MISSING_DATA = "missing_data"
    """The register knows nothing of the card yet."""
    NO_CARD = "no_card"
    """Lost or on its way: register and fingerprint stand in."""


class ProofingRefusal(StrEnum):
    """Why a case did not pass."""

    NOT_THE_HOLDER = "not_the_holder"
    CARD_NOT_GENUINE = "card_not_genuine"
    CARD_NOT_VALID = "card_not_valid"
    DATA_DIFFERS = "data_differs"
    LEFT = "left"
    """The person went away."""
    SECOND_OFFICER = "second_officer"
    """The second officer did not agree to the exception."""


def _each(*checks: CounterCheck) -> tuple[frozenset[CounterCheck], ...]:
    return tuple(frozenset({check}) for check in checks)


_LIKENESS: Final = frozenset({CounterCheck.PORTRAIT, CounterCheck.FINGERPRINT})

REQUIRED_CHECKS: Final[Mapping[ExceptionGround | None, tuple[frozenset[CounterCheck], ...]]] = MappingProxyType(
    {
        None: _each(CounterCheck.CARD, CounterCheck.CHIP, CounterCheck.PORTRAIT, CounterCheck.REGISTER),
        ExceptionGround.DAMAGED_CARD: (*_each(CounterCheck.CARD, CounterCheck.REGISTER), _LIKENESS),
        ExceptionGround.PORTRAIT_UNLIKE: _each(
            CounterCheck.CARD, CounterCheck.CHIP, CounterCheck.REGISTER, CounterCheck.FINGERPRINT
        ),
        ExceptionGround.MISSING_DATA: (*_each(CounterCheck.CARD, CounterCheck.CHIP), _LIKENESS),
        ExceptionGround.NO_CARD: _each(CounterCheck.REGISTER, CounterCheck.FINGERPRINT),
    }
)


_FACTS_OF_REGISTERING: Final = frozenset({"personal_number", "name", "birthdate", "gender"})
"""What registering oneself always leaves facts of; operators' files tell none."""


def begins_anew(record: IdentityRecord) -> bool:
    """Return whether the account loses what signs it in when its person passes.

    It was registered from afar and nobody was ever proved to hold it: it may be somebody else who saw the card.
    """
    return record.identity_level < COUNTER_LEVEL and record.attributes.keys() >= _FACTS_OF_REGISTERING


class RefusedFindings(RefusedValue):
    """What was found does not carry a level. `field` is the entry that is wrong."""

    def __init__(self, field: str, code: str, reason: str) -> None:
        super().__init__(code, reason)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What an officer found: the checks made, the card as read, pages that were scanned, and why it is an exception."""

    checks: frozenset[CounterCheck] = frozenset()
    card: IdentityCard | None = None
    attachments: tuple[Mapping[str, Any], ...] = ()
    ground: ExceptionGround | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofingCase:
    """One person at one counter. `reason`: why it was refused; `change_id`: what the second officer decides."""

    case_id: str
    person_id: PersonId
    account_id: AccountId
    agency_code: str
    opened_by: AccountId
    opened_at: Seconds
    expires_at: Seconds
    state: CaseState = CaseState.OPEN
    findings: Findings | None = None
    decided_by: AccountId | None = None
    decided_at: Seconds | None = None
    reason: ProofingRefusal | None = None
    change_id: str | None = None
    code_given_at: Seconds | None = None

    def is_open(self, now: Seconds) -> bool:
        """Whether the officer may still decide."""
        return self.state is CaseState.OPEN and now < self.expires_at


def check_findings(findings: Findings, record: IdentityRecord, today: date) -> None:
    """Raise `RefusedFindings` unless the checks and the card carry level 2 for whom `record` is about."""
    for group in REQUIRED_CHECKS[findings.ground]:
        if not group & findings.checks:
            raise RefusedFindings("checks", "check_missing", "A check that this takes was not made.")
    if findings.ground is ExceptionGround.NO_CARD:
        if findings.card is not None:
            raise RefusedFindings("ground", "card_present", "There is a card after all.")
        return
    if findings.card is None:
        raise RefusedFindings("card_number", "missing", "The number of the card is missing.")
    _check_days(findings.card, today)
    _check_against_record(findings.card, record, findings.ground)


def _check_days(card: IdentityCard, today: date) -> None:
    if card.issued is None:
        raise RefusedFindings("card_issued", "missing", "The day of issue is missing.")
    if card.issued > today.isoformat():
        raise RefusedFindings("card_issued", "in_the_future", "The card was issued in the future.")
    if card.expires is not None and card.expires <= card.issued:
        raise RefusedFindings("card_expires", "before_issue", "The card expires before it was issued.")
    if card.expires is not None and card.expires < today.isoformat():
        raise RefusedFindings("card_expires", "expired", "The card has expired.")


def _check_against_record(card: IdentityCard, record: IdentityRecord, ground: ExceptionGround | None) -> None:
    known = record.card
    if card.number in record.former_numbers:
        raise RefusedFindings("card_number", "former", "The card carries a number that was replaced.")
    if card.number not in {record.personal_number, known.number if known else ""}:
        if ground is ExceptionGround.MISSING_DATA:
            return
        raise RefusedFindings("card_number", "differs", "The card is not of this person.")
    if known is None or known.number != card.number or known.issued is None or card.issued is None:
        return
    if card.issued < known.issued:
        raise RefusedFindings("card_issued", "replaced", "A later card was issued to this person.")
    if card.issued == known.issued and None not in {known.expires, card.expires} and known.expires != card.expires:
        raise RefusedFindings("card_expires", "differs", "The card on record expires on another day.")


def check_with_register(findings: Findings, record: IdentityRecord, entry: RegisterEntry | None) -> None:
    """Raise `RefusedFindings` unless the population register says the same of person and card.

    Names are compared in NFC, exactly in case and tone marks. Of a card that it does not keep it says nothing.
    """
    told = None if entry is None else (unicodedata.normalize("NFC", entry.name), entry.birthdate)
    if entry is None or entry.life_status is not LifeStatus.ALIVE:
        raise RefusedFindings("checks", "not_in_register", "The register knows nobody alive by this number.")
    if told != (record.claims.get("name"), record.claims.get("birthdate")):
        raise RefusedFindings("checks", "register_differs", "The register says something else of the person.")
    card, kept = findings.card, entry.card
    if card is None or kept is None or card_key(kept.number) != card_key(card.number):
        return
    if (card.issued, card.expires) != (kept.issued, kept.expires):
        raise RefusedFindings("card_issued", "register_differs", "The register says something else of the card.")


def evidence_of(findings: Findings, organisation: str, moment: str) -> tuple[dict[str, Any], ...]:
    """Return the evidence as OpenID Identity Assurance writes it; `moment` is ISO 8601 with its offset.

    The number of the card stays in the record: nobody needs it told.
    """
    checks = [
        {"check_method": CHECK_METHOD[check], "organization": organisation, "time": moment}
        for check in CounterCheck
        if check in findings.checks
    ]
    found: dict[str, Any] = {"check_details": checks}
    if findings.attachments:
        found["attachments"] = [dict(each) for each in findings.attachments]
    card = findings.card
    if card is None:
        return (
            {
                "type": ELECTRONIC_RECORD,
                "record": {"type": ELECTRONIC_RECORDS[0], "source": dict(REGISTRAR)},
                **found,
            },
        )
    days = {"date_of_issuance": card.issued, "date_of_expiry": card.expires}
    details = {"type": DOCUMENTS[0], "issuer": dict(REGISTRAR)} | {name: day for name, day in days.items() if day}
    return ({"type": DOCUMENT, "document_details": details, **found},)
