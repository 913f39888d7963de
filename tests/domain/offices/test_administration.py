import pytest

from idp.domain.offices.administration import PERMISSIONS, Action, Reach, Role, reach_of, roles_among


def test_every_action_says_who_may_take_it() -> None:
    assert set(PERMISSIONS) == set(Action)
    assert [action for action, roles in PERMISSIONS.items() if not roles] == []


def test_roles_that_an_agency_made_up_administer_nothing() -> None:
    assert roles_among(["auditor", "registrar", "auditor"]) == {Role.AUDITOR}


@pytest.mark.parametrize("action", Action)
def test_nobody_without_a_role_may_do_anything(action: Action) -> None:
    assert reach_of((), action) is None


@pytest.mark.parametrize("action", Action)
def test_of_several_roles_the_farther_reach_counts(action: Action) -> None:
    farthest = max(PERMISSIONS[action].values())
    assert reach_of(Role, action) is farthest
    assert isinstance(farthest, Reach)
