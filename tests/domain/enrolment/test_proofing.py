import unicodedata
from dataclasses import replace
from datetime import date

import pytest

from idp.domain.enrolment.proofing import (
    CHECK_METHOD,
    REQUIRED_CHECKS,
    CounterCheck,
    ExceptionGround,
    Findings,
    RefusedFindings,
    begins_anew,
    check_findings,
    check_with_register,
    evidence_of,
)
from idp.domain.ids import PersonId, Seconds
from idp.domain.people.identity_record import POPULATION_REGISTER, AttributeFacts, IdentityCard, IdentityRecord
from idp.domain.people.register_entry import LifeStatus, RegisterEntry
from idp.domain.people.verification import CHECK_METHODS

TODAY = date(2026, 9, 21)
NUMBER = "001099000001"
CARD = IdentityCard(NUMBER, "2022-05-06", "2037-05-06")
USUAL = frozenset({CounterCheck.CARD, CounterCheck.CHIP, CounterCheck.PORTRAIT, CounterCheck.REGISTER})
MOMENT = "2026-09-21T09:00:00+07:00"


def record(card: IdentityCard | None = None, former: tuple[str, ...] = ()) -> IdentityRecord:
    return IdentityRecord(PersonId("p"), NUMBER, 1, {"name": "Nguyễn Văn An"}, former_numbers=former, card=card)


def refusal(findings: Findings, known: IdentityRecord | None = None) -> tuple[str, str]:
    with pytest.raises(RefusedFindings) as refused:
        check_findings(findings, known or record(), TODAY)
    return refused.value.field, refused.value.code


def test_the_usual_checks_and_a_valid_card_of_the_person_carry_the_level() -> None:
    check_findings(Findings(checks=USUAL, card=CARD), record(), TODAY)
    check_findings(Findings(checks=USUAL, card=CARD), record(CARD), TODAY)
    # Cards of those over 60 do not expire.
    check_findings(Findings(checks=USUAL, card=IdentityCard(NUMBER, "2022-05-06")), record(CARD), TODAY)


@pytest.mark.parametrize("missing", sorted(USUAL))
def test_each_usual_check_is_necessary(missing: CounterCheck) -> None:
    assert refusal(Findings(checks=USUAL - {missing}, card=CARD)) == ("checks", "check_missing")


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        (None, ("card_number", "missing")),
        (IdentityCard("001099000002", "2022-05-06"), ("card_number", "differs")),
        (IdentityCard("001099000009", "2022-05-06"), ("card_number", "former")),
        (IdentityCard(NUMBER), ("card_issued", "missing")),
        (IdentityCard(NUMBER, "2026-09-22"), ("card_issued", "in_the_future")),
        (IdentityCard(NUMBER, "2022-05-06", "2022-05-06"), ("card_expires", "before_issue")),
        (IdentityCard(NUMBER, "2016-05-06", "2026-09-20"), ("card_expires", "expired")),
        (IdentityCard(NUMBER, "2021-01-01", "2036-01-01"), ("card_issued", "replaced")),
        (IdentityCard(NUMBER, "2022-05-06", "2030-05-06"), ("card_expires", "differs")),
    ],
)
def test_a_card_that_is_not_the_persons_or_not_valid_must_be_refused(
    card: IdentityCard | None, expected: tuple[str, str]
) -> None:
    known = record(CARD, ("001099000009",))
    assert refusal(Findings(checks=USUAL, card=card), known) == expected


def test_a_newer_card_than_the_one_on_record_is_the_persons() -> None:
    check_findings(Findings(checks=USUAL, card=IdentityCard(NUMBER, "2026-09-01", "2041-05-06")), record(CARD), TODAY)


@pytest.mark.parametrize("ground", list(ExceptionGround))
def test_every_exception_takes_less_of_one_check_and_never_nothing(ground: ExceptionGround) -> None:
    needed = frozenset(min(group) for group in REQUIRED_CHECKS[ground])
    card = None if ground is ExceptionGround.NO_CARD else CARD

    check_findings(Findings(checks=needed, card=card, ground=ground), record(), TODAY)
    assert len(needed) >= 2
    assert refusal(Findings(checks=needed, card=card)) in {("checks", "check_missing"), ("card_number", "missing")}
    for check in needed:
        found = Findings(checks=needed - {check}, card=card, ground=ground)
        assert refusal(found) == ("checks", "check_missing")


def test_a_card_that_the_register_does_not_know_passes_as_missing_data_alone() -> None:
    residence_card = IdentityCard("TT-1234567", "2024-01-01", "2029-01-01")

    assert refusal(Findings(checks=USUAL, card=residence_card)) == ("card_number", "differs")
    check_findings(Findings(checks=USUAL, card=residence_card, ground=ExceptionGround.MISSING_DATA), record(), TODAY)


def test_who_has_a_card_is_not_proved_as_one_without() -> None:
    every = frozenset(CounterCheck)
    assert refusal(Findings(checks=every, card=CARD, ground=ExceptionGround.NO_CARD)) == ("ground", "card_present")


ENTRY = RegisterEntry(NUMBER, "Nguyễn Văn An", "1999-01-02", "male", LifeStatus.ALIVE, CARD)


def known_by_register(entry: RegisterEntry | None, card: IdentityCard | None = CARD) -> str:
    told = replace(record(), claims={"name": "Nguyễn Văn An", "birthdate": "1999-01-02"})
    try:
        check_with_register(Findings(checks=USUAL, card=card), told, entry)
    except RefusedFindings as refused:
        return f"{refused.field} {refused.code}"
    return "agrees"


def test_the_register_agrees_with_person_and_card() -> None:
    assert known_by_register(ENTRY) == "agrees"
    assert known_by_register(replace(ENTRY, name=unicodedata.normalize("NFD", ENTRY.name))) == "agrees"
    # It says nothing of a card that it does not keep.
    assert known_by_register(ENTRY, IdentityCard("TT-1234567", "2024-01-01")) == "agrees"
    assert known_by_register(replace(ENTRY, card=None)) == "agrees"
    assert known_by_register(ENTRY, None) == "agrees"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (None, "checks not_in_register"),
        (replace(ENTRY, life_status=LifeStatus.DECEASED), "checks not_in_register"),
        (replace(ENTRY, life_status=LifeStatus.MISSING), "checks not_in_register"),
        (replace(ENTRY, name="Nguyễn Vân An"), "checks register_differs"),
        (replace(ENTRY, birthdate="1999-01-03"), "checks register_differs"),
        (replace(ENTRY, card=IdentityCard(NUMBER, "2024-01-01", "2039-01-01")), "card_issued register_differs"),
    ],
)
def test_what_the_register_does_not_say_must_be_refused(entry: RegisterEntry | None, expected: str) -> None:
    assert known_by_register(entry) == expected


def test_the_evidence_names_document_checks_and_pages_and_no_number() -> None:
    page = {"url": "https://archive.example.vn/1", "digest": {"alg": "sha-256", "value": "x"}}
    (evidence,) = evidence_of(Findings(checks=USUAL, card=CARD, attachments=(page,)), "Công an Hà Nội", MOMENT)

    assert evidence == {
        "type": "document",
        "document_details": {
            "type": "idcard",
            "issuer": {"name": "Bộ Công an", "country_code": "VN"},
            "date_of_issuance": "2022-05-06",
            "date_of_expiry": "2037-05-06",
        },
        "check_details": [
            {"check_method": method, "organization": "Công an Hà Nội", "time": MOMENT}
            for method in ("vpip", "vcrypt", "pvp", "data")
        ],
        "attachments": [page],
    }
    assert NUMBER not in str(evidence)


def test_without_a_card_the_register_is_the_evidence() -> None:
    checks = frozenset({CounterCheck.REGISTER, CounterCheck.FINGERPRINT})
    (evidence,) = evidence_of(Findings(checks=checks, ground=ExceptionGround.NO_CARD), "Công an Hà Nội", MOMENT)

    assert evidence["type"] == "electronic_record"
    assert evidence["record"]["type"] == "population_register"
    assert [check["check_method"] for check in evidence["check_details"]] == ["data", "bvp"]


def test_every_check_has_a_method_that_the_metadata_names() -> None:
    assert set(CHECK_METHOD) == set(CounterCheck)
    assert set(CHECK_METHOD.values()) <= set(CHECK_METHODS)


def test_an_account_begins_anew_that_was_registered_from_afar_and_never_proved() -> None:
    told = ("personal_number", "name", "birthdate", "gender")
    registered = replace(record(), attributes=dict.fromkeys(told, AttributeFacts(POPULATION_REGISTER, Seconds(1))))
    assert begins_anew(registered)
    corrected = {**registered.attributes, "name": AttributeFacts("correction", Seconds(2))}
    assert begins_anew(replace(registered, attributes=corrected)), "a correction proves nobody"
    assert not begins_anew(record()), "a file told this one"
    assert not begins_anew(replace(registered, identity_level=2))
