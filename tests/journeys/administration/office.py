"""Officers and agencies with everything that administrators do to them, on real stores."""

from dataclasses import dataclass

import pytest

from idp.domain.country_time import day_of
from idp.domain.events import AgencyChanged
from idp.domain.ids import AccountId, Seconds
from idp.domain.offices.administration import Role
from idp.domain.offices.agency import Agency, AgencyKind
from idp.domain.offices.officer import OfficerAccount
from idp.journeys.activation import IssuedLinks
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.agencies import AgencyAdministration
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.look_up_budget import LookUpBudget
from idp.journeys.administration.officers import OfficerAdministration
from idp.journeys.administration.reach import AgencyReach
from idp.journeys.administration.role_changes import RoleChange, RoleRequests
from idp.journeys.joining import Joining
from tests.journeys.administration.standing import EverybodyStands
from tests.journeys.stage import ORIGIN, Stage

AN = "001099000001"
DAY = 24 * 3600


@dataclass
class Office:
    """The use cases, put together as the composition root does it."""

    stage: Stage
    officers: OfficerAdministration
    agencies: AgencyAdministration
    four_eyes: FourEyes
    roles: RoleRequests

    @property
    def now(self) -> Seconds:
        return self.stage.clock.now()

    async def officer(self, account_id: AccountId) -> OfficerAccount:
        found = await self.stage.stores.officers.get(account_id)
        assert found
        return found

    async def named(self, username: str) -> OfficerAccount:
        account_id = await self.stage.stores.officers.find(username)
        assert account_id
        return await self.officer(account_id)


def admin(name: str, agency: str, *roles: Role) -> Administrator:
    """An administrator of an agency."""
    return Administrator(
        account_id=AccountId(name), officer_id=name, agency_code=agency, roles=frozenset(roles), origin=ORIGIN
    )


@pytest.fixture
async def office(stage: Stage) -> Office:
    """Everything; and G10.02, which ended today."""
    stores, clock, entropy = stage.stores, stage.clock, stage.entropy
    ended = Agency(code="G10.02", name="Vụ cũ", kind=AgencyKind.DEPARTMENT, parent="G10", valid_to=day_of(clock.now()))
    await stores.agencies.add(ended, AgencyChanged(origin=ORIGIN, agency_code="G10.02", change="founded"))
    reach = AgencyReach(stores.agency_tree)
    kinds = [RoleChange(stores.officers, reach, clock, wide=wide) for wide in (False, True)]
    four_eyes = FourEyes(
        stores.change_requests,
        kinds,
        stores.agency_tree,
        stores.audit_trail,
        stores.accounts,
        clock,
        entropy,
        askers=EverybodyStands(),
    )
    return Office(
        stage=stage,
        officers=OfficerAdministration(
            officers=stores.officers,
            agencies=stores.agencies,
            joining=Joining(stores.officers, stores.identity_records, clock, entropy),
            links=IssuedLinks(stores.activation_links, clock, entropy),
            locks=stores.account_locks,
            reach=reach,
            changes=stores.change_requests,
            budget=LookUpBudget(stage.throttling, stores.audit_trail, clock),
            audit=stores.audit_trail,
            clock=clock,
        ),
        agencies=AgencyAdministration(stores.agencies, stores.officers, reach, clock),
        four_eyes=four_eyes,
        roles=RoleRequests(stores.officers, four_eyes, reach, clock),
    )
