from dataclasses import replace
from typing import Any

import pytest

from idp.domain.ids import Seconds
from idp.domain.offices.officer import Post
from idp.journeys.joining import EntryRefusedError
from idp.journeys.provisioned_post import WantedOfficer, next_post, roles_kept, wanted_post

NOW = Seconds(1000)
STANDING = Post(
    post_id="post",
    agency_code="G10.01",
    position="Chuyên viên",
    roles=("clerk", "proofing_officer"),
    held_from=Seconds(500),
    held_to=Seconds(5000),
)
SAME = WantedOfficer(
    username="an@g10.vn", agency_code="G10.01", position="Chuyên viên", active=None, held_to=Seconds(5000)
)


def test_nothing_has_to_be_given_for_the_post_that_stands() -> None:
    assert next_post(STANDING, SAME, NOW) is None
    assert next_post(STANDING, replace(SAME, held_from=Seconds(500), held_to=None), NOW) is None


@pytest.mark.parametrize(
    ("changes", "roles"),
    [
        ({"position": "Trưởng phòng"}, ("clerk", "proofing_officer")),
        ({"position": "Trưởng phòng", "held_to": Seconds(5001)}, ("clerk",)),
        ({"position": "Trưởng phòng", "held_to": None}, ("clerk",)),
        ({"agency_code": "G10.02"}, ()),
    ],
)
def test_another_agency_takes_the_roles_away_and_more_time_the_administrative_ones(
    changes: dict[str, Any], roles: tuple[str, ...]
) -> None:
    wanted = replace(SAME, **changes)
    assert next_post(STANDING, wanted, NOW) == wanted_post(wanted, NOW, roles)


def test_no_other_post_begins_in_the_past() -> None:
    with pytest.raises(EntryRefusedError) as refused:
        next_post(STANDING, replace(SAME, held_from=Seconds(999)), NOW)
    assert (refused.value.field, refused.value.reason) == ("heldFrom", "past")


def test_an_earlier_beginning_takes_administrative_roles_away() -> None:
    assert roles_kept(STANDING, Seconds(499), STANDING.held_to) == ("clerk",)
    assert roles_kept(STANDING, Seconds(500), Seconds(4999)) == STANDING.roles
