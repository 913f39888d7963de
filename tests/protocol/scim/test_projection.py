"""Attributes asked for (RFC 7644 section 3.9)."""

import pytest

from idp.protocol.scim.paths import OFFICER, USER
from idp.protocol.scim.projection import projected

RESOURCE = {"schemas": [], "id": "1", "meta": {}, "userName": "x", "title": "t", OFFICER: {"agency": "a", "roles": []}}


@pytest.mark.parametrize(
    ("wanted", "unwanted", "kept"),
    [
        (None, None, {"userName", "title", OFFICER}),
        ("username", None, {"userName"}),
        (f"{USER}:title, {OFFICER}:agency", None, {"title", OFFICER}),
        ("nothing, a b", None, set()),
        (None, "title,id,schemas,meta", {"userName", OFFICER}),
        (None, OFFICER, {"userName", "title"}),
    ],
)
def test_what_is_always_returned_stays(wanted: str | None, unwanted: str | None, kept: set[str]) -> None:
    assert set(projected(RESOURCE, wanted, unwanted)) == {"schemas", "id", "meta"} | kept


def test_one_attribute_of_an_extension_can_be_left_out() -> None:
    assert projected(RESOURCE, None, f"{OFFICER}:roles")[OFFICER] == {"agency": "a"}
    assert RESOURCE[OFFICER] == {"agency": "a", "roles": []}
