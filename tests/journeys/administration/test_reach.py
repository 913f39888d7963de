from idp.domain.offices.administration import Action, Role
from idp.journeys.administration.reach import AgencyReach
from tests.journeys.administration.office import Office, admin


async def test_a_role_reaches_down_the_tree_and_never_sideways_or_up(office: Office) -> None:
    reach = AgencyReach(office.stage.stores.agency_tree)
    who = admin("agency", "G10", Role.AGENCY_ADMIN)
    for code, within in (("G10", True), ("G10.01", True), ("G11", False), ("G99", False), ("", False)):
        assert await reach.may(who, Action.OFFICERS_VIEW, code) is within
    assert not await reach.may(admin("small", "G10.01", Role.AGENCY_ADMIN), Action.OFFICERS_VIEW, "G10")


async def test_an_action_that_reaches_everywhere_does_and_one_that_is_not_allowed_does_not(office: Office) -> None:
    reach = AgencyReach(office.stage.stores.agency_tree)
    assert await reach.may(admin("auditor", "G11", Role.AUDITOR), Action.OFFICERS_VIEW, "G10")
    assert not await reach.may(admin("auditor", "G10", Role.AUDITOR), Action.OFFICERS_MANAGE, "G10")
    assert not await reach.may(admin("nowhere", "", Role.AGENCY_ADMIN), Action.OFFICERS_VIEW, "")
