"""Filters of RFC 7644 section 3.4.2.2."""

import pytest

from idp.protocol.scim.errors import ScimError
from idp.protocol.scim.filter import matches, named, parse_filter
from idp.protocol.scim.paths import OFFICER, USER

RESOURCE = {
    "id": "A1",
    "userName": "Binh@g10.vn",
    "externalId": "E-1",
    "title": "Chuyên viên",
    "active": True,
    "name": {"formatted": "Trần Văn Bình"},
    OFFICER: {"agency": "G10.01", "roles": ["proofing_officer", "agency_admin"]},
    "meta": {"lastModified": "2026-01-02T00:00:00Z"},
}


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "binh@G10.vn"',
        'USERNAME Eq "binh@g10.vn"',
        f'{USER}:userName sw "binh"',
        f'{OFFICER}:agency eq "G10.01"',
        f'{OFFICER}:roles eq "agency_admin"',
        'name.formatted co "Văn"',
        'userName ew ".vn"',
        'title ne "Trưởng phòng"',
        "active eq true",
        "active ne false",
        "externalId pr",
        'meta.lastModified gt "2026-01-01T00:00:00Z"',
        'meta.lastModified le "2026-01-02T00:00:00Z"',
        'not (userName eq "x")',
        'userName eq "x" or active eq true',
        'userName eq "x" and active eq true or externalId eq "E-1"',
        '(userName eq "x" or active eq true) and externalId eq "E-1"',
        "nickName eq null",
        'title co "\\u0079\\u00ean v"',
    ],
)
def test_what_fits_is_found(text: str) -> None:
    assert matches(parse_filter(text), RESOURCE)


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "b"',
        'externalId eq "e-1"',
        'id eq "a1"',
        "nickName pr",
        "active eq false",
        'active eq "true"',
        'active gt "a"',
        "title eq null",
        "title eq 5",
        'userName eq "x" or active eq true and externalId eq "x"',
        f'{OFFICER}:roles eq "auditor"',
        'nickName co "a"',
    ],
)
def test_what_does_not_fit_is_not(text: str) -> None:
    assert not matches(parse_filter(text), RESOURCE)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "userName", "userName eq", 'userName is "x"', '"x" eq userName', "userName eq x", 'userName eq "x',
        '(userName eq "x"', 'userName eq "x")', 'userName eq "x" and', "not userName pr", "a.b.c pr", "userName eq [1]",
        f"{OFFICER} pr", 'emails[type eq "work"] pr', "a pr b pr", "(" * 30 + "a pr" + ")" * 30, "a" * 2000 + " pr",
        r'id eq "\ud800"', r'id eq "a\u0000"', 'id eq "\ud800"',
    ],
)  # fmt: skip
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(ScimError) as refused:
        parse_filter(text)
    assert (refused.value.status, refused.value.kind) == (400, "invalidFilter")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('userName eq "x"', "x"),
        ('active eq true and userName eq "x"', "x"),
        ('(active eq true and (title pr and userName eq "x"))', "x"),
        ('userName eq "x" or active eq true', None),
        ('not (userName eq "x")', None),
        ('userName sw "x"', None),
        (f'{OFFICER}:userName eq "x"', None),
        ("userName eq true", None),
    ],
)
def test_an_identifier_is_looked_up_only_where_nothing_else_can_fit(text: str, value: str | None) -> None:
    assert named(parse_filter(text), "userName") == value
