import pytest

from idp.domain.people.people_search import NameSearch, RefusedSearch, TermKind, name_search, record_terms

HOA = {"name": "Nguyễn Thị Hòa", "birthdate": "1999-01-02"}


@pytest.mark.parametrize(
    ("name", "born"),
    [
        ("nguyen thi hoa", ""),
        ("Hòa Nguyễn", ""),
        ("Hoà Nguyễn", ""),
        ("hoa nguyễn", "1999"),
        ("HÒA", "1999-01-02"),
        ("  hoa ", "02/01/1999"),
        ("hoa", "2.1.1999"),
    ],
)
def test_words_are_found_in_any_order_with_marks_and_without(name: str, born: str) -> None:
    assert name_search(name, born).fits(HOA)


@pytest.mark.parametrize(
    ("name", "born"),
    [("Nguyễn Hoa", "1998"), ("Nguyễn Hóa", ""), ("Nguyên Hòa", ""), ("nguyen hoang", ""), ("hoa", "1999-01-03")],
)
def test_what_was_typed_with_marks_counts_with_them(name: str, born: str) -> None:
    assert not name_search(name, born).fits(HOA)


def test_every_record_that_fits_has_the_terms_of_the_search() -> None:
    terms = set(record_terms(HOA))

    for search in (name_search("Hoà Nguyễn", "1999"), name_search("thi hoa", "1999-01-02")):
        assert set(search.terms) <= terms


@pytest.mark.parametrize(
    ("name", "born", "field", "code"),
    [
        ("", "", "name", "missing"),
        ("  ", "1999", "name", "missing"),
        ("123", "1999", "name", "malformed"),
        ("Nguyễn", "", "name", "too_wide"),
        ("a b c d e f g", "", "name", "too_long"),
        ("Nguyễn Hòa", "31/02/1999", "born", "malformed"),
        ("Nguyễn Hòa", "99", "born", "malformed"),
    ],
)
def test_nobody_is_listed_without_two_words_or_a_time_of_birth(name: str, born: str, field: str, code: str) -> None:
    with pytest.raises(RefusedSearch) as refused:
        name_search(name, born)

    assert (refused.value.field, refused.value.code) == (field, code)


def test_a_record_is_found_by_words_year_and_date_as_far_as_it_has_them() -> None:
    assert list(record_terms({"name": "Võ Ân Võ", "birthdate": "1999-01-02"})) == [
        (TermKind.WORD, "an"),
        (TermKind.WORD, "vo"),
        (TermKind.YEAR, "1999"),
        (TermKind.BIRTHDATE, "1999-01-02"),
    ]
    assert list(record_terms({"name": "Võ", "birthdate": "1999"})) == [(TermKind.WORD, "vo"), (TermKind.YEAR, "1999")]
    assert list(record_terms({"birthdate": "1999-01-02"})) == []
    assert not NameSearch(name_search("vo an", "").name).fits({"birthdate": "1999-01-02"})
