"""PATCH of RFC 7644 section 3.5.2."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.protocol.scim.errors import ScimError
from idp.protocol.scim.patch import MOST_OPERATIONS, PATCH_SCHEMA, patched
from idp.protocol.scim.paths import OFFICER, USER
from tests.protocol.any_json import ANY_JSON

RESOURCE = {"userName": "binh", "name": {"formatted": "Bình"}, "active": True, OFFICER: {"agency": "G10"}}


def patch(*operations: Any) -> dict[str, Any]:
    return patched(RESOURCE, {"schemas": [PATCH_SCHEMA], "Operations": list(operations)})


def refusal(*operations: Any) -> str | None:
    with pytest.raises(ScimError) as refused:
        patch(*operations)
    return refused.value.kind


@pytest.mark.parametrize(
    ("operation", "changes"),
    [
        ({"op": "replace", "path": "userName", "value": "an"}, {"userName": "an"}),
        ({"op": "REPLACE", "path": "USERNAME", "value": "an"}, {"userName": "an"}),
        ({"op": "add", "path": f"{USER}:title", "value": "x"}, {"title": "x"}),
        ({"op": "add", "value": {"title": "x", "active": False}}, {"title": "x", "active": False}),
        ({"op": "add", "value": {f"{OFFICER}:agency": "G11"}}, {OFFICER: {"agency": "G11"}}),
        ({"op": "add", "value": {OFFICER: {"heldto": "d"}}}, {OFFICER: {"agency": "G10", "heldto": "d"}}),
        ({"op": "replace", "path": OFFICER, "value": {"agency": "G11"}}, {OFFICER: {"agency": "G11"}}),
        ({"op": "replace", "path": f"{OFFICER}:Agency", "value": "G11"}, {OFFICER: {"agency": "G11"}}),
        ({"op": "replace", "path": "name.formatted", "value": "An"}, {"name": {"formatted": "An"}}),
        ({"op": "add", "value": {"name.familyName": "T"}}, {"name": {"formatted": "Bình", "familyname": "T"}}),
        ({"op": "add", "path": 'emails[type eq "work"].value', "value": "x"}, {}),
        ({"op": "add", "path": "title.sub", "value": "x"}, {"title": {"sub": "x"}}),
    ],
)
def test_each_operation_changes_what_its_path_names(operation: dict[str, Any], changes: dict[str, Any]) -> None:
    assert patch(operation) == RESOURCE | changes


def test_a_removal_takes_away() -> None:
    assert patch({"op": "remove", "path": "active"}, {"op": "remove", "path": OFFICER}) == {
        "userName": "binh",
        "name": {"formatted": "Bình"},
    }
    assert patch({"op": "remove", "path": f"{OFFICER}:agency"})[OFFICER] == {}


def test_the_resource_that_was_read_stays_as_it_was() -> None:
    patch({"op": "replace", "path": f"{OFFICER}:agency", "value": "G11"})
    assert RESOURCE[OFFICER] == {"agency": "G10"}


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("replace", "invalidSyntax"),
        ({"op": "move", "path": "title"}, "invalidSyntax"),
        ({"op": "add", "value": "x"}, "invalidSyntax"),
        ({"op": "add", "path": 5, "value": "x"}, "invalidPath"),
        ({"op": "add", "path": "a b", "value": "x"}, "invalidPath"),
        ({"op": "add", "path": "emails]x[", "value": "x"}, "invalidPath"),
        ({"op": "add", "path": 'emails[type eq "x"]value', "value": "x"}, "invalidPath"),
        ({"op": "add", "path": "emails[]", "value": "x"}, "invalidFilter"),
        ({"op": "remove"}, "noTarget"),
    ],
)
def test_what_is_no_operation_is_refused(operation: Any, kind: str) -> None:
    assert refusal({"op": "replace", "path": "title", "value": "x"}, operation) == kind


def test_a_patch_has_its_schema_and_a_bounded_number_of_operations() -> None:
    assert refusal() == "invalidSyntax"
    assert refusal(*[{"op": "remove", "path": "title"}] * (MOST_OPERATIONS + 1)) == "invalidSyntax"
    for schemas in (None, 5, PATCH_SCHEMA):
        with pytest.raises(ScimError):
            patched(RESOURCE, {"schemas": schemas, "Operations": [{"op": "remove", "path": "title"}]})


@given(operation=st.fixed_dictionaries({"op": st.sampled_from(["add", "replace", "remove"])}, optional={
    "path": st.sampled_from(["schemas", "name", "name.x", OFFICER, f"{OFFICER}:agency", "emails[a eq 1]"]) | ANY_JSON,
    "value": ANY_JSON,
}))  # fmt: skip
def test_whatever_an_operation_says_it_is_applied_or_refused(operation: dict[str, Any]) -> None:
    with contextlib.suppress(ScimError):
        patch(operation)
