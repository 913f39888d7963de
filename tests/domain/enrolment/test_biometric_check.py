from dataclasses import replace
from datetime import UTC, datetime

import pytest

from idp.domain.enrolment.biometric_check import (
    CheckObstacle,
    CheckOutcome,
    RefusedCheckError,
    Subject,
    Verdict,
    check_outcome,
    proved_record,
    subject_of,
)
from idp.domain.ids import PersonId, Seconds
from idp.domain.people.identity_record import AttributeFacts, IdentityCard, IdentityRecord
from idp.domain.people.register_entry import LifeStatus, RegisterEntry, Residence

NOW = Seconds(int(datetime(2026, 11, 22, 5, tzinfo=UTC).timestamp()))
NUMBER = "075195000088"
CARD = IdentityCard(NUMBER, "2022-05-10", "2037-05-10")
ENTRY = RegisterEntry(
    personal_number=NUMBER,
    name="Bùi Ngọc Khánh",
    birthdate="1995-10-10",
    gender="female",
    life_status=LifeStatus.ALIVE,
    card=CARD,
    residence=Residence("79", "26740"),
    portrait="portrait-00088",
)
RECORD = IdentityRecord(
    person_id=PersonId("p"),
    personal_number=NUMBER,
    identity_level=1,
    claims={"name": "Bùi Ngọc Khánh", "given_name": "Khánh", "birthdate": "1995-10-10"},
    level_expires_at=Seconds(NOW + 5),
    attributes={"given_name": AttributeFacts("import", Seconds(1))},
    seal=b"read",
)
OUTCOME = CheckOutcome(
    check_id="check-1",
    portrait_digest="digest",
    verdict=Verdict.MATCH,
    score_class="high",
    live=True,
    chip_verified=True,
    verifier="verifier.vn",
    at=Seconds(NOW - 5),
    evidence_digest="evidence",
)
SUBJECT = Subject(ENTRY, CARD, "portrait-00088")


def test_whom_the_register_knows_with_card_and_portrait_can_be_checked() -> None:
    assert subject_of(RECORD, ENTRY, NOW) == SUBJECT
    assert subject_of(replace(RECORD, claims={}), ENTRY, NOW) == SUBJECT


@pytest.mark.parametrize(
    ("entry", "obstacle"),
    [
        (None, CheckObstacle.NOT_IN_REGISTER),
        (replace(ENTRY, personal_number="075195000089"), CheckObstacle.NOT_IN_REGISTER),
        (replace(ENTRY, life_status=LifeStatus.DECEASED), CheckObstacle.NOT_IN_REGISTER),
        (replace(ENTRY, birthdate="1995-10-11"), CheckObstacle.DIFFERENT),
        (replace(ENTRY, card=None), CheckObstacle.CARD_NOT_VALID),
        (replace(ENTRY, portrait=None), CheckObstacle.CARD_NOT_VALID),
        (replace(ENTRY, card=replace(CARD, expires="2026-11-21")), CheckObstacle.CARD_NOT_VALID),
    ],
)
def test_anybody_else_cannot(entry: RegisterEntry | None, obstacle: CheckObstacle) -> None:
    with pytest.raises(RefusedCheckError) as refused:
        subject_of(RECORD, entry, NOW)
    assert refused.value.obstacle is obstacle


def test_a_living_match_with_the_chip_is_enough() -> None:
    check_outcome(OUTCOME, "digest")


@pytest.mark.parametrize(
    ("outcome", "obstacle"),
    [
        (replace(OUTCOME, portrait_digest="other"), CheckObstacle.OTHER_PORTRAIT),
        (replace(OUTCOME, live=False), CheckObstacle.NOT_LIVE),
        (replace(OUTCOME, verdict=Verdict.NO_MATCH), CheckObstacle.NO_MATCH),
        (replace(OUTCOME, verdict=Verdict.INCONCLUSIVE), CheckObstacle.INCONCLUSIVE),
        (replace(OUTCOME, score_class="medium"), CheckObstacle.INCONCLUSIVE),
        (replace(OUTCOME, score_class="HIGH"), CheckObstacle.INCONCLUSIVE),
        (replace(OUTCOME, chip_verified=False), CheckObstacle.CHIP_NOT_VERIFIED),
    ],
)
def test_anything_less_is_not(outcome: CheckOutcome, obstacle: CheckObstacle) -> None:
    with pytest.raises(RefusedCheckError) as refused:
        check_outcome(outcome, "digest")
    assert refused.value.obstacle is obstacle


def test_the_record_has_level_2_and_what_the_register_says() -> None:
    record = proved_record(RECORD, SUBJECT, OUTCOME, NOW)
    assert (record.identity_level, record.level_expires_at, record.card, record.seal) == (2, None, CARD, b"read")
    assert record.claims == {
        "name": "Bùi Ngọc Khánh",
        "given_name": "Khánh",
        "birthdate": "1995-10-10",
        "gender": "female",
        "residence": {"province": "79", "commune": "26740"},
    }
    assert record.attributes["name"] == AttributeFacts("population_register", NOW)
    assert record.attributes["given_name"] == AttributeFacts("import", Seconds(1))


def test_parts_of_a_former_name_go_with_it() -> None:
    renamed = replace(RECORD, claims={"name": "Bùi Ngọc Khanh", "given_name": "Khanh"})
    record = proved_record(renamed, SUBJECT, OUTCOME, NOW)
    assert record.claims["name"] == "Bùi Ngọc Khánh"
    assert "given_name" not in record.claims


def test_the_evidence_says_which_document_was_checked_how_when_and_by_whom() -> None:
    verification = proved_record(RECORD, SUBJECT, OUTCOME, NOW).verification
    assert verification is not None
    document, register = verification["evidence"]
    assert document["document_details"] == {
        "type": "idcard",
        "issuer": {"name": "Bộ Công an", "country_code": "VN"},
        "date_of_issuance": "2022-05-10",
        "date_of_expiry": "2037-05-10",
    }
    when = {"organization": "verifier.vn", "time": "2026-11-22T11:59:55+07:00"}
    assert document["check_details"] == [{"check_method": "vcrypt", **when}, {"check_method": "bvr", **when}]
    assert register["type"] == "electronic_record"
    assert NUMBER not in str(verification)
