import pytest

from idp.domain.ids import PersonId, Seconds
from idp.domain.people.record_access import RefusedReference, Seen, access_identifier, parse_reference

ANNA, BINH = PersonId("anna"), PersonId("binh")


@pytest.mark.parametrize(
    ("typed", "reference"),
    [("H26.12-2026/0042", "H26.12-2026/0042"), (" 123/qđ-ubnd ", "123/QĐ-UBND"), ("case_7", "CASE_7")],
)
def test_a_reference_is_kept_in_upper_case(typed: str, reference: str) -> None:
    assert parse_reference(typed) == reference


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "missing"),
        ("  ", "missing"),
        ("12", "malformed"),
        ("QĐ-UBND", "malformed"),
        ("cho ông Nguyễn Văn An 12", "malformed"),
        ("1" + "A" * 40, "malformed"),
        ("001099000001", "long_number"),
        ("84912345678/1", "long_number"),
        ("001.099.000.001", "long_number"),
        ("H26.12-001099/000.001/7", "long_number"),
    ],
)
def test_free_text_and_numbers_of_people_are_no_references(typed: str, code: str) -> None:
    with pytest.raises(RefusedReference) as refused:
        parse_reference(typed)

    assert refused.value.code == code
    assert not typed.strip() or typed.strip() not in str(refused.value)


def test_looks_sort_by_their_moment_and_the_same_look_is_known_again() -> None:
    first = access_identifier(Seconds(1000), "search", ANNA, [Seen.RECORD, Seen.ACCOUNT])

    assert first == access_identifier(Seconds(1000), "search", ANNA, [Seen.ACCOUNT, Seen.RECORD])
    assert first < access_identifier(Seconds(1001), "search", ANNA, [Seen.RECORD])
    others = [
        access_identifier(Seconds(1000), "other", ANNA, [Seen.RECORD, Seen.ACCOUNT]),
        access_identifier(Seconds(1000), "search", BINH, [Seen.RECORD, Seen.ACCOUNT]),
        access_identifier(Seconds(1000), "search", ANNA, [Seen.RECORD]),
    ]
    assert len({first, *others}) == len(others) + 1
