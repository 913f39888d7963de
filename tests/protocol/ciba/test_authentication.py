from asyncio import gather
from contextlib import suppress
from dataclasses import replace

import pytest

from idp.domain.ids import ClientId
from idp.domain.levels.assurance import Level
from idp.journeys.throttling import MAIL_INTERVAL, MAILS_AT_ONCE, REQUEST_INTERVAL, REQUESTS_AT_ONCE
from idp.protocol.ciba.authentication import AuthenticationResponse
from idp.protocol.ciba.parameters import DEFAULT_LIFETIME
from idp.protocol.ciba.waiting import MOST_OF_ONE_CLIENT, MOST_WAITING
from idp.protocol.clients.client_calls import ClientRequest
from idp.protocol.decoupled.errors import TooManyRequestsError, UnknownUserIdError
from idp.protocol.errors import (
    InvalidClientError,
    InvalidRequestError,
    UnauthorizedClientError,
    UnmetAuthenticationRequirementsError,
)
from tests.protocol.authorize.signed_in import signed_in
from tests.protocol.ciba.asking import TOKEN, Backchannel
from tests.protocol.world import ORIGIN, OTHER, PHONE_APP, PORTAL, World, basic


async def several(backchannel: Backchannel, count: int) -> list[str]:
    """The `Authorization` of other clients that may ask."""
    for number in range(count):
        client_id = ClientId(f"other-{number}")
        await backchannel.register(
            replace(OTHER, client_id=client_id, token_endpoint_auth_method="client_secret_basic")
        )
    return [basic(f"other-{number}") for number in range(count)]


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


async def test_a_request_stands_although_no_mail_left(backchannel: Backchannel, world: World) -> None:
    backchannel.letter_box.is_full = True
    assert (await backchannel.ask()).auth_req_id
    assert (await backchannel.only()).approval_id
    (untold,) = await world.audited("approval.untold")
    assert (untold["client_id"], untold["account_id"], untold["reason"]) == ("portal", world.citizen, "mail failed")


async def test_beyond_a_few_mails_the_person_is_told_by_the_page_alone(backchannel: Backchannel, world: World) -> None:
    for _ in range(MAILS_AT_ONCE + 2):
        await backchannel.ask()
        await backchannel.allow()
    asked = await backchannel.ask()
    assert asked.auth_req_id
    assert (await backchannel.only()).request.client_id == "portal"
    assert len(backchannel.letter_box.letters) == MAILS_AT_ONCE
    assert [event["reason"] for event in await world.audited("approval.untold")] == ["throttled"] * 3
    world.clock.seconds += MAIL_INTERVAL
    await backchannel.ask()
    assert len(backchannel.letter_box.letters) == MAILS_AT_ONCE + 1


async def test_who_is_not_registered_for_it_may_not_ask(backchannel: Backchannel, world: World) -> None:
    with pytest.raises(UnauthorizedClientError):
        await backchannel.ask(basic("machine"))
    await backchannel.register(backchannel_token_delivery_mode=None)
    with pytest.raises(UnauthorizedClientError):
        await backchannel.ask()
    await backchannel.register(PHONE_APP)
    request = ClientRequest({"client_id": "phone-app", "scope": "openid"}, None, ORIGIN)
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
    assert made == MOST_OF_ONE_CLIENT < MOST_WAITING
    assert sum(isinstance(outcome, TooManyRequestsError) for outcome in outcomes) == 50 - made
    assert len(backchannel.letter_box.letters) == made
    assert len(await backchannel.approvals.of(world.citizen)) == made


async def test_all_clients_together_have_the_persons_places(backchannel: Backchannel, world: World) -> None:
    asking = await several(backchannel, 4)
    for turn in range(MOST_WAITING):
        await backchannel.ask(asking[turn % 4])
    with pytest.raises(TooManyRequestsError, match="wait for this person"):
        await backchannel.ask(asking[3])
    newest, *_ = await backchannel.approvals.of(world.citizen)
    await backchannel.approvals.allow(newest, signed_in(world), ORIGIN)
    # The refusal took nothing of what the client may ask.
    assert (await backchannel.ask(asking[3])).auth_req_id


@pytest.mark.parametrize("expiry", ["1", "600"])
async def test_one_client_that_asks_for_an_hour_shuts_nobody_out_and_asks_seldom(
    backchannel: Backchannel, world: World, expiry: str
) -> None:
    (other,) = await several(backchannel, 1)
    made = 0
    for second in range(0, 3600, 10):
        with suppress(TooManyRequestsError):
            await backchannel.ask(requested_expiry=expiry)
            made += 1
        if second % 600 == 0:
            assert (await backchannel.ask(other, requested_expiry="1")).auth_req_id
        world.clock.seconds += 10
    assert made <= REQUESTS_AT_ONCE + 3600 // REQUEST_INTERVAL
    assert len(backchannel.letter_box.letters) <= MAILS_AT_ONCE + 3600 // MAIL_INTERVAL


async def test_three_payments_in_ten_minutes_pass_though_nobody_answered_yet(
    backchannel: Backchannel, world: World
) -> None:
    for _ in range(3):
        await backchannel.ask(requested_expiry="600")
        world.clock.seconds += 200
    assert len(backchannel.letter_box.letters) == 3


async def test_a_client_that_was_denied_does_not_ask_again_at_once(backchannel: Backchannel, world: World) -> None:
    (other,) = await several(backchannel, 1)
    await backchannel.ask()
    await backchannel.deny()
    with pytest.raises(TooManyRequestsError) as refused:
        await backchannel.ask()
    assert refused.value.retry_after == REQUEST_INTERVAL
    assert (await backchannel.ask(other)).auth_req_id
    world.clock.seconds += REQUEST_INTERVAL
    assert (await backchannel.ask()).auth_req_id


async def test_a_client_that_people_say_yes_to_may_go_on_asking(backchannel: Backchannel) -> None:
    for _ in range(3 * MOST_WAITING):
        await backchannel.ask()
        await backchannel.allow()
    assert (await backchannel.ask()).auth_req_id


async def test_a_client_does_not_find_out_who_has_an_account(backchannel: Backchannel) -> None:
    for number in range(100):
        with pytest.raises(UnknownUserIdError):
            await backchannel.ask(login_hint=f"nobody{number}@example.vn")
    with pytest.raises(TooManyRequestsError):
        await backchannel.ask()
