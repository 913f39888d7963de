import pytest

from idp.domain.ids import Seconds
from idp.domain.offices.administration import Role
from idp.domain.offices.change_request import ChangeState
from idp.domain.offices.officer import NewPost
from idp.journeys.activation import token_hash
from idp.journeys.administration.administrator import Administrators
from idp.journeys.administration.errors import (
    AskerNotAllowedError,
    ChangedMeanwhileError,
    InvalidEntryError,
    NotAllowedError,
    NotFoundError,
)
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.reach import AgencyReach
from idp.journeys.administration.role_changes import RoleChange
from idp.journeys.joining import Joiner
from tests.journeys.administration.office import AN, DAY, Office, admin
from tests.ports.samples import EVENT

CUONG = "cuong@g10.example.vn"
SECURITY = admin("security", "G10", Role.SECURITY_ADMIN)
SECURITY_2 = admin("security-2", "G10", Role.SECURITY_ADMIN)
AGENCY = admin("agency", "G10", Role.AGENCY_ADMIN)
AGENCY_2 = admin("agency-2", "G10", Role.AGENCY_ADMIN)
OTHER = admin("other", "G11", Role.AGENCY_ADMIN)


async def roles_of(office: Office, username: str = CUONG) -> tuple[str, ...]:
    one = await office.named(username)
    profile = await office.stage.stores.accounts.profile(one.account_id)
    assert profile
    assert profile.officer
    return profile.officer.roles


async def asked(office: Office, *roles: str, who: object = AGENCY) -> str:
    one = await office.named(CUONG)
    return await office.roles.ask(who, one.account_id, frozenset(roles))  # type: ignore[arg-type]


async def approve(office: Office, change_id: str, who: object = AGENCY_2) -> None:
    change = await office.stage.stores.change_requests.get(change_id)
    assert change
    await office.four_eyes.approve(who, change_id, change.digest)  # type: ignore[arg-type]


async def test_a_role_is_granted_when_a_second_administrator_decides(office: Office) -> None:
    change_id = await asked(office, "agency_admin")
    assert await roles_of(office) == ("proofing_officer",)
    office.stage.clock.advance(1)
    await approve(office, change_id)
    assert await roles_of(office) == ("proofing_officer", "agency_admin")
    (told,) = [event for event in await office.stage.events("officer.changed") if "roles_granted" in str(event)]
    assert "agency-2" in str(told)


async def test_a_role_is_granted_until_the_post_to_come(office: Office) -> None:
    one = await office.named(CUONG)
    post = NewPost(agency_code="G10.01", position="Chuyên viên", roles=(), held_from=Seconds(office.now + DAY))
    await office.officers.move(AGENCY, one.account_id, one.version, post)
    change_id = await asked(office, "agency_admin")
    office.stage.clock.advance(1)
    await approve(office, change_id)
    to_come, granted, *_ = (await office.named(CUONG)).posts
    assert (to_come.agency_code, to_come.roles, to_come.held_from) == ("G10.01", (), post.held_from)
    assert (granted.roles, granted.held_to) == (("proofing_officer", "agency_admin"), post.held_from)


@pytest.mark.parametrize("with_one_to_come", [False, True])
async def test_roles_that_a_stopped_process_had_given_are_given_once_and_the_change_is_no_failure(
    office: Office, with_one_to_come: bool
) -> None:
    if with_one_to_come:
        one = await office.named(CUONG)
        post = NewPost(agency_code="G10.01", position="Chuyên viên", roles=(), held_from=Seconds(office.now + DAY))
        await office.officers.move(AGENCY, one.account_id, one.version, post)
    change_id = await asked(office, "agency_admin")
    office.stage.clock.advance(1)
    stores = office.stage.stores
    change = await stores.change_requests.get(change_id)
    assert change
    states = (ChangeState.WAITING, ChangeState.APPROVED)
    await stores.change_requests.move(change_id, states, (AGENCY_2.account_id, office.now), EVENT)
    await office.four_eyes._kinds[change.kind].apply(change, AGENCY_2)
    given = await office.named(CUONG)

    office.stage.clock.advance(1)
    await office.four_eyes.finish(AGENCY_2, change_id)
    assert await office.named(CUONG) == given
    done = await stores.change_requests.get(change_id)
    assert done
    assert done.state is ChangeState.APPLIED


async def test_the_decider_reads_whom_and_what(office: Office) -> None:
    change = await office.stage.stores.change_requests.get(await asked(office, "agency_admin"))
    assert change
    shown = await office.four_eyes.shown(change)
    assert shown["officer"] == f"Lê Văn Cường ({CUONG})"
    assert (shown["agency"], shown["roles_now"], shown["roles_more"]) == ("G10", "proofing_officer", "agency_admin")


async def test_nobody_decides_what_he_or_she_asked(office: Office) -> None:
    change_id = await asked(office, "agency_admin")
    with pytest.raises(NotAllowedError):
        await approve(office, change_id, AGENCY)
    assert await roles_of(office) == ("proofing_officer",)


async def test_roles_beyond_an_agency_are_for_security_administrators(office: Office) -> None:
    with pytest.raises(NotAllowedError):
        await asked(office, "auditor")
    change_id = await asked(office, "auditor", who=SECURITY)
    with pytest.raises(NotFoundError):
        await approve(office, change_id, AGENCY)
    office.stage.clock.advance(1)
    await approve(office, change_id, SECURITY_2)
    assert set(await roles_of(office)) == {"proofing_officer", "auditor"}


async def test_what_is_asked_together_is_as_dangerous_as_its_widest_part(office: Office) -> None:
    with pytest.raises(NotAllowedError):
        await asked(office, "agency_admin", "security_admin")


async def test_another_agencys_administrator_neither_asks_nor_decides(office: Office) -> None:
    with pytest.raises(NotAllowedError):
        await asked(office, "agency_admin", who=OTHER)
    change_id = await asked(office, "agency_admin")
    with pytest.raises(NotFoundError):
        await approve(office, change_id, OTHER)


async def test_a_decision_within_reach_of_the_asker_alone_has_no_effect(office: Office) -> None:
    """Asked by somebody of G10 who reaches everywhere, for an officer of G11; decided by G10's administrator."""
    one = await office.named("proofing@g11.example.vn")
    change_id = await office.roles.ask(SECURITY, one.account_id, frozenset({"agency_admin"}))
    with pytest.raises(NotAllowedError):
        await approve(office, change_id, AGENCY)
    assert await roles_of(office, "proofing@g11.example.vn") == ("proofing_officer",)
    change = await office.stage.stores.change_requests.get(change_id)
    assert change
    assert change.state is ChangeState.FAILED


async def test_a_post_that_changed_since_makes_the_request_void(office: Office) -> None:
    change_id = await asked(office, "agency_admin")
    one = await office.named(CUONG)
    post = NewPost(
        agency_code="G10.01", position="Chuyên viên", roles=(), held_from=Seconds(office.now + DAY), held_to=None
    )
    await office.officers.move(AGENCY, one.account_id, one.version, post)
    with pytest.raises(ChangedMeanwhileError):
        await approve(office, change_id)
    assert await roles_of(office) == ("proofing_officer",)


async def test_a_leaver_gets_nothing(office: Office) -> None:
    change_id = await asked(office, "agency_admin")
    one = await office.named(CUONG)
    await office.officers.end(AGENCY, one.account_id, one.version, None)
    with pytest.raises(ChangedMeanwhileError):
        await approve(office, change_id)
    with pytest.raises(NotFoundError):
        await asked(office, "agency_admin")


@pytest.mark.parametrize("roles", [(), ("proofing_officer",), ("king",), ("agency_admin", "king")])
async def test_what_is_no_new_role_is_not_asked(office: Office, roles: tuple[str, ...]) -> None:
    with pytest.raises(InvalidEntryError):
        await asked(office, *roles)


async def test_a_role_is_not_lent_by_a_link_that_somebody_kept(office: Office) -> None:
    stores, clock = office.stage.stores, office.stage.clock
    one = await office.named(CUONG)
    await office.officers.keep_roles(AGENCY, one.account_id, one.version, frozenset())
    token = (await office.officers.reset(AGENCY, one.account_id)).rpartition("/")[2]
    change_id = await asked(office, "agency_admin")
    clock.advance(1)
    await approve(office, change_id)
    assert await stores.activation_links.find(token_hash(token)) is None
    assert await stores.activation_links.redeem(token_hash(token), "hash", clock.now(), AGENCY.origin) is None


async def test_whoever_has_not_taken_the_account_over_gets_no_role(office: Office) -> None:
    post = NewPost(agency_code="G10.01", position="Chuyên viên", roles=(), held_from=office.now)
    joiner = Joiner(personal_number=AN, name="Nguyễn Văn An", username="an@g10.example.vn")
    account_id, _ = await office.officers.join(AGENCY, joiner, post)
    with pytest.raises(InvalidEntryError) as refused:
        await office.roles.ask(AGENCY, account_id, frozenset({"proofing_officer"}))
    assert refused.value.reason == "not_taken_over"


async def test_nobody_asks_for_the_own_account_or_decides_on_it(office: Office) -> None:
    one = await office.named(CUONG)
    own = admin(one.account_id, "G10", Role.AGENCY_ADMIN)
    with pytest.raises(NotAllowedError):
        await asked(office, "agency_admin", who=own)
    change_id = await asked(office, "agency_admin")
    with pytest.raises(NotAllowedError):
        await approve(office, change_id, own)
    assert await roles_of(office) == ("proofing_officer",)


async def test_what_may_be_asked_for_follows_the_own_roles(office: Office) -> None:
    assert office.roles.grantable(AGENCY) == (Role.PROOFING_OFFICER, Role.AGENCY_ADMIN)
    assert office.roles.grantable(SECURITY) == tuple(Role)
    assert office.roles.grantable(admin("auditor", "G10", Role.AUDITOR)) == ()


async def test_a_role_asked_for_is_not_for_whoever_takes_the_account_over_meanwhile(office: Office) -> None:
    stores, clock = office.stage.stores, office.stage.clock
    one = await office.named(CUONG)
    await office.officers.keep_roles(AGENCY, one.account_id, one.version, frozenset())
    token = (await office.officers.reset(AGENCY, one.account_id)).rpartition("/")[2]
    change_id = await asked(office, "agency_admin")
    assert await stores.activation_links.redeem(token_hash(token), "hash", clock.now(), AGENCY.origin)
    clock.advance(1)
    with pytest.raises(ChangedMeanwhileError):
        await approve(office, change_id)
    assert await roles_of(office) == ()
    change = await stores.change_requests.get(await asked(office, "agency_admin"))
    assert change
    assert "(UTC+7)" in (await office.four_eyes.shown(change))["taken_over"]
    await approve(office, change.change_id)
    assert await roles_of(office) == ("agency_admin",)


async def test_there_is_no_link_while_roles_are_asked_for(office: Office) -> None:
    one = await office.named(CUONG)
    await office.officers.keep_roles(AGENCY, one.account_id, one.version, frozenset())
    for wide, who in (("agency_admin", AGENCY), ("auditor", SECURITY)):
        change_id = await asked(office, wide, who=who)
        with pytest.raises(InvalidEntryError) as refused:
            await office.officers.reset(AGENCY, one.account_id)
        assert (refused.value.field, refused.value.reason) == ("roles", "asked")
        await office.four_eyes.withdraw(who, change_id)
    assert await office.officers.reset(AGENCY, one.account_id)


async def test_a_request_does_not_outlive_the_roles_of_who_asked(office: Office) -> None:
    stores, clock = office.stage.stores, office.stage.clock
    agency, kind = (
        await office.named("agency@g10.example.vn"),
        RoleChange(stores.officers, AgencyReach(stores.agency_tree), clock, wide=False),
    )
    real = FourEyes(
        stores.change_requests,
        [kind],
        stores.agency_tree,
        stores.audit_trail,
        stores.accounts,
        clock,
        office.stage.entropy,
        askers=Administrators(stores.accounts),
    )
    asker = admin(agency.account_id, "G10", Role.AGENCY_ADMIN)
    one = await office.named(CUONG)

    async def ask_and_approve() -> None:
        change = await real.ask(asker, kind.name, one.account_id, {"roles": ["agency_admin"]})
        clock.advance(1)
        await real.approve(AGENCY_2, change.change_id, change.digest)

    await office.officers.suspend(SECURITY, agency.account_id, suspended=True)
    with pytest.raises(AskerNotAllowedError):
        await ask_and_approve()
    await office.officers.suspend(SECURITY, agency.account_id, suspended=False)
    await office.officers.keep_roles(SECURITY, agency.account_id, agency.version, frozenset())
    clock.advance(1)
    with pytest.raises(AskerNotAllowedError):
        await ask_and_approve()
    assert await roles_of(office) == ("proofing_officer",)
    assert "asker" in str(await office.stage.events("administration.refused"))
