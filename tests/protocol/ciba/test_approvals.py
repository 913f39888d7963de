import pytest

from idp.protocol.decoupled.decision import RequestOverError
from idp.protocol.decoupled.errors import AuthorizationPendingError, PersonDeniedError
from tests.protocol.authorize.signed_in import signed_in
from tests.protocol.ciba.asking import TOKEN, Backchannel
from tests.protocol.world import ORIGIN, World


async def test_what_waits_is_listed_newest_first_with_its_message(backchannel: Backchannel, world: World) -> None:
    for message in ("one", "two", "three"):
        await backchannel.ask(binding_message=message)
        world.clock.seconds += 1
    listed = await backchannel.approvals.of(world.citizen)
    assert [approval.backchannel.binding_message for approval in listed] == ["three", "two", "one"]
    assert await backchannel.approvals.of(world.officer) == ()


async def test_a_person_does_not_find_what_waits_for_somebody_else(backchannel: Backchannel, world: World) -> None:
    await backchannel.ask()
    approval = await backchannel.only()
    assert await backchannel.approvals.get(world.citizen, approval.approval_id) == approval
    assert await backchannel.approvals.get(world.officer, approval.approval_id) is None
    assert await backchannel.approvals.get(world.citizen, "another") is None


async def test_what_was_allowed_is_fetched_and_no_longer_waits(backchannel: Backchannel, world: World) -> None:
    asked = await backchannel.ask()
    with pytest.raises(AuthorizationPendingError):
        await backchannel.poll(asked.auth_req_id)
    await backchannel.allow()
    assert await backchannel.approvals.of(world.citizen) == ()
    tokens = await backchannel.poll(asked.auth_req_id)
    assert world.claims(tokens.id_token)["aud"] == "portal"


async def test_what_was_denied_is_told_and_no_longer_waits(backchannel: Backchannel, world: World) -> None:
    asked = await backchannel.ask()
    await backchannel.deny()
    assert await backchannel.approvals.of(world.citizen) == ()
    with pytest.raises(PersonDeniedError):
        await backchannel.poll(asked.auth_req_id)


async def test_a_question_is_answered_once(backchannel: Backchannel, world: World) -> None:
    await backchannel.ask()
    approval = await backchannel.only()
    await backchannel.approvals.deny(approval, signed_in(world), ORIGIN)
    with pytest.raises(RequestOverError):
        await backchannel.approvals.allow(approval, signed_in(world), ORIGIN)


async def test_what_is_over_is_not_listed(backchannel: Backchannel, world: World) -> None:
    await backchannel.ask(requested_expiry="10")
    world.clock.seconds += 10
    assert await backchannel.approvals.of(world.citizen) == ()


@pytest.mark.parametrize("decision", ["allow", "deny"])
async def test_a_client_that_wants_to_be_told_has_one_message_queued(
    backchannel: Backchannel, world: World, decision: str
) -> None:
    await backchannel.register_ping()
    await backchannel.ask(client_notification_token=TOKEN)
    await (backchannel.allow() if decision == "allow" else backchannel.deny())
    now = world.clock.now()
    (pending,) = await world.stores.client_notifications.claim_due(now, now, 10)
    assert pending.client_id == "portal"


async def test_a_client_that_polls_has_none(backchannel: Backchannel, world: World) -> None:
    await backchannel.ask()
    await backchannel.allow()
    now = world.clock.now()
    assert await world.stores.client_notifications.claim_due(now, now, 10) == ()
