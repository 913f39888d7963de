"""Proving one's identity from afar: what a biometric check found, what of it carries level 2, and what is recorded."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final

from idp.domain.country_time import day_of
from idp.domain.enrolment.self_registration import moment_of, register_evidence
from idp.domain.ids import Seconds
from idp.domain.people.identity_record import POPULATION_REGISTER, AttributeFacts, IdentityCard, IdentityRecord
from idp.domain.people.predicates import RESIDENCE
from idp.domain.people.register_entry import REGISTRAR, LifeStatus, RegisterEntry
from idp.domain.people.verification import DOCUMENT
from idp.domain.values import dataclass

LEVEL: Final = 2
"""What a living face, the chip of a valid card and the register prove together."""

ENOUGH: Final = frozenset({"high"})
"""Classes of similarity that count as the same person."""

_NAME_PARTS: Final = frozenset({"family_name", "middle_name", "given_name"})


class Verdict(StrEnum):
    """What came of comparing."""

    MATCH = "match"
    NO_MATCH = "no_match"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What the verifier signed: the person at the camera is alive (`live`), and is or is not the one of the portrait.

    `score_class` is the verifier's class of similarity (`low`, `medium`, `high`). `chip_verified`: the card's chip was
    read and its signature held. `portrait_digest` is the SHA-256 of the portrait's reference, `evidence_digest` that of
    the signed result, both base64url.
    """

    check_id: str
    portrait_digest: str
    verdict: Verdict
    score_class: str
    live: bool
    chip_verified: bool
    verifier: str
    at: Seconds
    evidence_digest: str


class CheckObstacle(StrEnum):
    """Why a person is not proved by this."""

    NOT_IN_REGISTER = "not_in_register"
    DIFFERENT = "different"
    CARD_NOT_VALID = "card_not_valid"
    UNFINISHED = "unfinished"
    UNTRUSTED = "untrusted"
    OTHER_PORTRAIT = "other_portrait"
    NOT_LIVE = "not_live"
    NO_MATCH = "no_match"
    INCONCLUSIVE = "inconclusive"
    CHIP_NOT_VERIFIED = "chip_not_verified"
    NOT_OF_THIS_TIME = "not_of_this_time"


class RefusedCheckError(Exception):
    """Nobody is proved."""

    def __init__(self, obstacle: CheckObstacle) -> None:
        super().__init__(obstacle)
        self.obstacle = obstacle


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody who can be checked: the register's entry, with the card and portrait that it has."""

    entry: RegisterEntry
    card: IdentityCard
    portrait: str


def subject_of(record: IdentityRecord, entry: RegisterEntry | None, now: Seconds) -> Subject:
    """Return whom a check is about. Raises `RefusedCheckError` unless the register knows this person, card and all."""
    if entry is None or entry.personal_number != record.personal_number or entry.life_status is not LifeStatus.ALIVE:
        raise RefusedCheckError(CheckObstacle.NOT_IN_REGISTER)
    if record.claims.get("birthdate", entry.birthdate) != entry.birthdate:
        raise RefusedCheckError(CheckObstacle.DIFFERENT)
    card = entry.card
    if card is None or entry.portrait is None or (card.expires or "9") < day_of(now).isoformat():
        raise RefusedCheckError(CheckObstacle.CARD_NOT_VALID)
    return Subject(entry, card, entry.portrait)


def check_outcome(outcome: CheckOutcome, portrait_digest: str) -> None:
    """Raise `RefusedCheckError` unless the outcome says: a living person, the one of this portrait, with the card."""
    check_face(outcome, portrait_digest)
    if not outcome.chip_verified:
        raise RefusedCheckError(CheckObstacle.CHIP_NOT_VERIFIED)


def check_face(outcome: CheckOutcome, portrait_digest: str) -> None:
    """Raise `RefusedCheckError` unless the outcome says: a living person, the one of this portrait.

    That is enough to sign in: the portrait comes from the register, and a card is another factor, not asked here.
    """
    if outcome.portrait_digest != portrait_digest:
        raise RefusedCheckError(CheckObstacle.OTHER_PORTRAIT)
    if not outcome.live:
        raise RefusedCheckError(CheckObstacle.NOT_LIVE)
    if outcome.verdict is Verdict.NO_MATCH:
        raise RefusedCheckError(CheckObstacle.NO_MATCH)
    if outcome.verdict is Verdict.INCONCLUSIVE or outcome.score_class not in ENOUGH:
        raise RefusedCheckError(CheckObstacle.INCONCLUSIVE)


def proved_record(record: IdentityRecord, subject: Subject, outcome: CheckOutcome, now: Seconds) -> IdentityRecord:
    """Return the record at level 2, with what the register says now, and the evidence of how it was proved."""
    entry = subject.entry
    told: dict[str, Any] = {"name": entry.name, "birthdate": entry.birthdate, "gender": entry.gender}
    if entry.residence is not None:
        told[RESIDENCE] = {"province": entry.residence.province, "commune": entry.residence.commune}
    # The register tells the whole name; parts of an earlier one would contradict it.
    stale = frozenset[str]() if record.claims.get("name") == entry.name else _NAME_PARTS
    kept = {name: value for name, value in record.claims.items() if name not in stale}
    facts = AttributeFacts(POPULATION_REGISTER, now)
    return replace(
        record,
        identity_level=max(LEVEL, record.identity_level),
        level_expires_at=None,
        claims=kept | told,
        attributes=dict(record.attributes) | dict.fromkeys(("personal_number", *told), facts),
        verification=_verification(subject.card, outcome, now),
        card=subject.card,
    )


def _verification(card: IdentityCard, outcome: CheckOutcome, now: Seconds) -> Mapping[str, Any]:
    """The elements of OpenID Identity Assurance; the number of the card is not told."""
    checked = {"organization": outcome.verifier, "time": moment_of(outcome.at)}
    days = {"date_of_issuance": card.issued, "date_of_expiry": card.expires}
    details = {"type": "idcard", "issuer": dict(REGISTRAR)} | {name: day for name, day in days.items() if day}
    checks = [{"check_method": method, **checked} for method in ("vcrypt", "bvr")]
    document = {"type": DOCUMENT, "document_details": details, "check_details": checks}
    register = register_evidence(now)
    return {"time": register["time"], "evidence": [document, *register["evidence"]]}
