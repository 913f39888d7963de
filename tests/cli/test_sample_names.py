from idp.cli.sample_names import FAMILY_NAMES, GIVEN_NAMES, MIDDLE_NAMES, PROVINCES, STREETS, WARDS
from idp.domain.people.names import parse_name


def test_every_part_is_a_name_as_import_keeps_it_and_needs_no_escaping_in_json() -> None:
    parts = [name for name, _ in FAMILY_NAMES] + [*STREETS, *WARDS, *PROVINCES]
    parts += [name for names in (*MIDDLE_NAMES.values(), *GIVEN_NAMES.values()) for name in names]
    for part in parts:
        assert parse_name(part) == part
        assert not set(part) & set('"\\')


def test_shares_of_family_names_are_thousandths_and_provinces_are_thirty_four() -> None:
    assert sum(share for _, share in FAMILY_NAMES) == 1000
    assert len(set(PROVINCES)) == 34
