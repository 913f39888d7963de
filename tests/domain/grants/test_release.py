from dataclasses import replace
from datetime import datetime

import pytest

from idp.domain.grants.release import Release, gathered
from idp.domain.ids import AccountId, ClientId, Seconds

NOON = Seconds(int(datetime.fromisoformat("2025-11-22T12:00:00+07:00").timestamp()))
RELEASE = Release(
    account_id=AccountId("a"),
    client_id=ClientId("portal"),
    endpoint="userinfo",
    claims=("name",),
    basis="consent",
    terms=None,
    first_at=NOON,
    last_at=NOON,
)


def at(moment: int) -> Release:
    return replace(RELEASE, first_at=Seconds(moment), last_at=Seconds(moment))


def test_the_same_release_on_one_day_of_the_country_is_one_with_a_count() -> None:
    hour = 3600
    counted = gathered([at(NOON), at(NOON + 11 * hour), at(NOON - 11 * hour), at(NOON + 12 * hour)])
    assert [(one.first_at, one.last_at, one.count) for one in counted] == [
        (NOON - 11 * hour, NOON + 11 * hour, 3),
        (NOON + 12 * hour, NOON + 12 * hour, 1),
    ]
    assert counted[0].release_id < counted[1].release_id


@pytest.mark.parametrize(
    "changed",
    [
        {"account_id": AccountId("b")},
        {"client_id": ClientId("gateway")},
        {"endpoint": "id_token"},
        {"claims": ("email", "name")},
        {"basis": "law"},
        {"terms": "0123"},
    ],
)
def test_what_differs_in_anything_is_another_release(changed: dict[str, object]) -> None:
    assert len(gathered([RELEASE, replace(RELEASE, **changed)])) == 2  # type: ignore[arg-type]


def test_verified_claims_are_named_as_plain_ones_and_what_verifies_them_is_not() -> None:
    names = (
        "name",
        "verified_claims.claims.birthdate",
        "verified_claims.claims.name",
        "verified_claims.verification.time",
    )
    assert replace(RELEASE, claims=names).plain_claims == ("name", "birthdate")
