import pytest

from idp.domain.ids import AccountId
from idp.domain.offices.administration import PERMISSIONS, Action, Role
from idp.journeys.administration.administrator import Administrator, Administrators
from idp.journeys.administration.errors import NotAllowedError
from tests.journeys.stage import AN, OFFICER, ORIGIN, Stage


@pytest.fixture
def administrators(stage: Stage) -> Administrators:
    return Administrators(stage.stores.accounts)


async def test_an_officer_in_office_is_let_in_with_the_roles_of_the_post(
    stage: Stage, administrators: Administrators
) -> None:
    account_id = await stage.stores.records.account_of(OFFICER[0])
    assert account_id
    admin = await administrators.admit(account_id, ORIGIN)
    assert (admin.agency_code, admin.roles) == ("G10", frozenset({Role.PROOFING_OFFICER}))


async def test_a_citizen_is_not_let_in(stage: Stage, administrators: Administrators) -> None:
    account_id = await stage.stores.records.account_of(AN)
    assert account_id
    with pytest.raises(NotAllowedError):
        await administrators.admit(account_id, ORIGIN)


async def test_nobody_at_all_is_let_in(administrators: Administrators) -> None:
    with pytest.raises(NotAllowedError):
        await administrators.admit(AccountId("unknown"), ORIGIN)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", Role)
def test_what_the_table_does_not_allow_is_refused(action: Action, role: Role) -> None:
    admin = Administrator(
        account_id=AccountId("1"), officer_id="1", agency_code="G10", roles=frozenset({role}), origin=ORIGIN
    )
    if role in PERMISSIONS[action]:
        assert admin.must(action) is PERMISSIONS[action][role]
    else:
        with pytest.raises(NotAllowedError):
            admin.must(action)
