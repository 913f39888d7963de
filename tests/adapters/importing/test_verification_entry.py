from typing import Any

import pytest
from pydantic import ValidationError

from idp.adapters.importing.person_entry import PersonEntry
from idp.adapters.importing.verification_entry import VerificationEntry

PAGE: dict[str, Any] = {
    "desc": "the card",
    "url": "https://archive.hanoi.example.vn/pages/7f1e",
    "digest": {"alg": "sha-256", "value": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
}
DOCUMENT: dict[str, Any] = {
    "type": "document",
    "document_details": {
        "type": "idcard",
        "issuer": {"name": "Bộ Công an", "country_code": "VN"},
        "date_of_issuance": "2022-05-06",
    },
    "check_details": [{"check_method": "vcrypt", "time": "2025-07-01T09:00:00+07:00"}],
    "attachments": [PAGE],
}
RECORD: dict[str, Any] = {"type": "electronic_record", "record": {"type": "population_register"}}
WHOLE: dict[str, Any] = {
    "time": "2025-07-01T09:00:00+07:00",
    "verification_process": "HN-2025-000017",
    "evidence": [DOCUMENT, RECORD],
}


def test_what_the_office_recorded_is_kept_as_it_is_written() -> None:
    assert VerificationEntry.model_validate(WHOLE).document() == WHOLE


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"trust_framework": "eidas"}, "trust_framework"),
        ({"time": "2025-07-01"}, "time"),
        ({"time": "2025-07-01T09:00:00"}, "time"),
        ({"time": 1_751_335_200}, "time"),
        ({"evidence": []}, "evidence"),
        ({"evidence": [{**DOCUMENT, "type": "vouch"}]}, "evidence.0.type"),
        ({"evidence": [{**RECORD, "type": "document"}]}, "evidence.0"),
        ({"evidence": [{**DOCUMENT, **RECORD}]}, "evidence.0"),
        (
            {"evidence": [{**DOCUMENT, "document_details": {"type": "library_card"}}]},
            "evidence.0.document_details.type",
        ),
        (
            {"evidence": [{**DOCUMENT, "document_details": {"type": "idcard", "document_number": "1"}}]},
            "evidence.0.document_details.document_number",
        ),
        ({"evidence": [{**DOCUMENT, "check_details": []}]}, "evidence.0.check_details"),
        (
            {"evidence": [{**DOCUMENT, "check_details": [{"check_method": "guess"}]}]},
            "evidence.0.check_details.0.check_method",
        ),
        (
            {"evidence": [{**DOCUMENT, "attachments": [{**PAGE, "url": "http://archive.example.vn/1"}]}]},
            "evidence.0.attachments.0.url",
        ),
        (
            {"evidence": [{**DOCUMENT, "attachments": [{**PAGE, "digest": {**PAGE["digest"], "alg": "md5"}}]}]},
            "evidence.0.attachments.0.digest.alg",
        ),
        (
            {"evidence": [{**DOCUMENT, "attachments": [{**PAGE, "content": "eA=="}]}]},
            "evidence.0.attachments.0.content",
        ),
    ],
)
def test_nothing_is_taken_that_the_metadata_does_not_name(change: dict[str, Any], place: str) -> None:
    with pytest.raises(ValidationError) as refused:
        VerificationEntry.model_validate({**WHOLE, **change})

    assert [".".join(str(part) for part in error["loc"]) for error in refused.value.errors()] == [place]


def test_a_person_without_a_level_was_not_proved() -> None:
    person = {"personal_number": "001099000001", "name": "Nguyễn Văn An"}

    assert PersonEntry.model_validate({**person, "level": 1, "verification": WHOLE}).verification
    with pytest.raises(ValidationError, match="give a level"):
        PersonEntry.model_validate({**person, "verification": WHOLE})
