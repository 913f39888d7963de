from asyncio import gather
from dataclasses import replace

import pytest

from idp.domain.assurance import Level
from idp.protocol.ciba.authentication import AuthenticationRequest, AuthenticationResponse
from idp.protocol.ciba.parameters import DEFAULT_LIFETIME
from idp.protocol.ciba.waiting import MOST_WAITING
from idp.protocol.decoupled.errors import TooManyRequestsError, UnknownUserIdError
from idp.protocol.errors import (
    InvalidClientError,
    InvalidRequestError,
    UnauthorizedClientError,
    UnmetAuthenticationRequirementsError,
)
from tests.protocol.ciba.asking import TOKEN, Backchannel
from tests.protocol.world import ORIGIN, OTHER, PHONE_APP, PORTAL, World, basic

OF_ONE_CLIENT = 6


async def test_the_answer_has_every_member_of_section_7_3(backchannel: Backchannel) -> None:
    members = (await backchannel.ask()).members()
    assert members.keys() == {"auth_req_id", "expires_in", "interval"}
    assert (members["expires_in"], members["interval"]) == (DEFAULT_LIFETIME, 5)
    assert len(members["auth_req_id"]) * 6 > 160


async def test_the_person_finds_what_was_asked_and_is_told_by_mail(backchannel: Backchannel, world: World) -> None:
    await backchannel.ask(binding_message="Hồ sơ 7", acr_values="urn:vn:loa:2", requested_expiry="30")
    approval = await backchannel.only()
    assert approval.backchannel.binding_message == "Hồ sơ 7"
    assert approval.request.level is Level.TWO
    assert approval.request.expires_at == world.clock.now() + 30
    assert backchannel.letter_box.letters == [("anh@example.vn", "portal", approval.approval_id)]
    (made,) = await world.audited("decoupled.requested")
    assert (made["kind"], made["client_id"], made["account_id"]) == ("ciba", "portal", world.citizen)
    assert "Hồ sơ 7" not in str(made)


async def test_a_request_stands_although_no_mail_left(backchannel: Backchannel) -> None:
    backchannel.letter_box.is_full = True
    assert (await backchannel.ask()).auth_req_id
    assert (await backchannel.only()).approval_id


async def test_who_is_not_registered_for_it_may_not_ask(backchannel: Backchannel, world: World) -> None:
    with pytest.raises(UnauthorizedClientError):
        await backchannel.ask(basic("machine"))
    await backchannel.register(backchannel_token_delivery_mode=None)
    with pytest.raises(UnauthorizedClientError):
        await backchannel.ask()
    await backchannel.register(PHONE_APP)
    request = AuthenticationRequest({"client_id": "phone-app", "scope": "openid"}, None, ORIGIN)
    with pytest.raises(UnauthorizedClientError):
        await backchannel.endpoint(request)


async def test_a_client_that_cannot_prove_itself_is_refused_and_counted(backchannel: Backchannel, world: World) -> None:
    with pytest.raises(InvalidClientError):
        await backchannel.ask(basic(secret="wrong"))
    await world.floods.finish()
    (refused,) = await world.audited("access.refused")
    assert (refused["endpoint"], refused["error"]) == ("backchannel_authentication", "invalid_client")


async def test_a_refusal_leaves_nothing_waiting_and_one_event(backchannel: Backchannel, world: World) -> None:
    with pytest.raises(UnknownUserIdError):
        await backchannel.ask(login_hint="nobody@example.vn")
    with pytest.raises(InvalidRequestError):
        await backchannel.ask(user_code="1234")
    assert await backchannel.approvals.of(world.citizen) == ()
    assert [event["error"] for event in await world.audited("access.refused")] == ["unknown_user_id", "invalid_request"]


async def test_a_level_that_nobody_reaches_is_refused_at_once(backchannel: Backchannel) -> None:
    await backchannel.register(replace(PORTAL, minimum_level=Level.FOUR))
    with pytest.raises(UnmetAuthenticationRequirementsError):
        await backchannel.ask()


async def test_who_is_to_be_pinged_needs_a_token(backchannel: Backchannel) -> None:
    await backchannel.register_ping()
    with pytest.raises(InvalidRequestError):
        await backchannel.ask()
    assert (await backchannel.ask(client_notification_token=TOKEN)).auth_req_id


async def test_fifty_requests_at_once_do_not_flood_the_person(backchannel: Backchannel, world: World) -> None:
    outcomes = await gather(*(backchannel.ask() for _ in range(50)), return_exceptions=True)
    made = sum(isinstance(outcome, AuthenticationResponse) for outcome in outcomes)
    assert made == OF_ONE_CLIENT < MOST_WAITING
    assert sum(isinstance(outcome, TooManyRequestsError) for outcome in outcomes) == 50 - made
    assert len(backchannel.letter_box.letters) == made
    assert len(await backchannel.approvals.of(world.citizen)) == made


async def test_all_clients_together_have_the_persons_places(backchannel: Backchannel, world: World) -> None:
    await backchannel.register(replace(OTHER, token_endpoint_auth_method="client_secret_basic"))
    for turn in range(MOST_WAITING):
        await backchannel.ask(basic("other" if turn % 2 else "portal"))
    with pytest.raises(TooManyRequestsError):
        await backchannel.ask(basic("other"))


async def test_a_client_that_was_refused_again_and_again_has_to_wait(backchannel: Backchannel, world: World) -> None:
    for _ in range(OF_ONE_CLIENT):
        await backchannel.ask()
        await backchannel.deny()
    with pytest.raises(TooManyRequestsError):
        await backchannel.ask()
    world.clock.seconds += 30
    assert (await backchannel.ask()).auth_req_id


async def test_a_client_that_people_say_yes_to_may_go_on_asking(backchannel: Backchannel) -> None:
    for _ in range(3 * OF_ONE_CLIENT):
        await backchannel.ask()
        await backchannel.allow()
    assert (await backchannel.ask()).auth_req_id


async def test_a_client_does_not_find_out_who_has_an_account(backchannel: Backchannel) -> None:
    for number in range(100):
        with pytest.raises(UnknownUserIdError):
            await backchannel.ask(login_hint=f"nobody{number}@example.vn")
    with pytest.raises(TooManyRequestsError):
        await backchannel.ask()
