"""Errors of RFC 7644 section 3.12."""

from idp.protocol.scim.errors import (
    ERROR_SCHEMA,
    ScimError,
    changed,
    immutable,
    invalid_syntax,
    invalid_value,
    not_found,
)


def test_an_error_tells_its_status_as_a_text_and_its_kind_where_there_is_one() -> None:
    assert ScimError(400, "Why.", "invalidPath").body() == {
        "schemas": [ERROR_SCHEMA],
        "status": "400",
        "scimType": "invalidPath",
        "detail": "Why.",
    }
    assert "scimType" not in ScimError(404, "Why.").body()


def test_each_refusal_has_the_status_of_its_section() -> None:
    told = [
        (one.status, one.kind)
        for one in (not_found(), changed(), invalid_value("x"), invalid_syntax("x"), immutable("x"))
    ]
    assert told == [
        (404, None),
        (412, None),
        (400, "invalidValue"),
        (400, "invalidSyntax"),
        (400, "mutability"),
    ]
