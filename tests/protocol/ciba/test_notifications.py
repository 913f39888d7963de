from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from idp.adapters.http.outgoing import GuardedHttp
from idp.assembly.decoupled import notification_delivery
from idp.domain.ids import ClientId
from idp.journeys.courier import LEASE
from idp.ports.http import Answer, OutgoingError
from idp.protocol.ciba.notifications import FIRST_DELAY, NotificationDelivery
from tests.protocol.ciba.asking import NOTIFIED_AT, TOKEN, Backchannel
from tests.protocol.world import World


@dataclass
class NotificationEndpoint:
    """The client's side: what it was told, and how it answers."""

    statuses: list[int | None] = field(default_factory=lambda: [204])
    told: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)

    async def post_json(self, url: str, document: Mapping[str, Any], *, bearer: str) -> Answer:
        self.told.append((url, dict(document), bearer))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status is None:
            raise OutgoingError("no answer in time")
        return Answer(status, b'{"ignored": true}')

    async def post_form(self, url: str, fields: dict[str, str]) -> Answer:
        raise NotImplementedError

    async def get(self, url: str) -> Answer:
        raise NotImplementedError


@pytest.fixture
def endpoint() -> NotificationEndpoint:
    return NotificationEndpoint()


@pytest.fixture
async def delivery(backchannel: Backchannel, world: World, endpoint: NotificationEndpoint) -> NotificationDelivery:
    await backchannel.register_ping()
    at = replace(world.foundation, outgoing=cast("GuardedHttp", endpoint))
    return notification_delivery(at, world.parts.encrypted_answers)


async def decided(backchannel: Backchannel) -> str:
    asked = await backchannel.ask(client_notification_token=TOKEN)
    await backchannel.allow()
    return asked.auth_req_id


@pytest.mark.parametrize("status", [200, 204])
async def test_the_client_is_told_by_its_identifier_alone_under_its_token(
    backchannel: Backchannel, delivery: NotificationDelivery, endpoint: NotificationEndpoint, world: World, status: int
) -> None:
    endpoint.statuses = [status]
    auth_req_id = await decided(backchannel)
    assert await delivery.deliver_due() == 1
    assert endpoint.told == [(NOTIFIED_AT, {"auth_req_id": auth_req_id}, TOKEN)]
    assert await delivery.deliver_due() == 0
    (event,) = await world.audited("notification.delivered")
    assert event["client_id"] == "portal"
    assert auth_req_id not in str(await world.audited())
    assert TOKEN not in str(await world.audited())
    assert (await backchannel.poll(auth_req_id)).access_token


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404])
async def test_an_answer_of_the_client_is_final_whatever_it_is(
    backchannel: Backchannel, delivery: NotificationDelivery, endpoint: NotificationEndpoint, world: World, status: int
) -> None:
    endpoint.statuses = [status]
    await decided(backchannel)
    await delivery.deliver_due()
    world.clock.seconds += LEASE + 60
    assert await delivery.deliver_due() == 0
    assert len(endpoint.told) == 1
    (event,) = await world.audited("notification.abandoned")
    assert event["reason"] == f"answered {status}"


@pytest.mark.parametrize("trouble", [500, 503, None])
async def test_trouble_on_the_way_is_tried_again_until_it_arrives(
    backchannel: Backchannel,
    delivery: NotificationDelivery,
    endpoint: NotificationEndpoint,
    world: World,
    trouble: int | None,
) -> None:
    endpoint.statuses = [trouble, trouble, 204]
    await decided(backchannel)
    for wait in (0, FIRST_DELAY, 2 * FIRST_DELAY):
        world.clock.seconds += wait
        assert await delivery.deliver_due() == 1
    assert len(endpoint.told) == 3
    (event,) = await world.audited("notification.delivered")
    assert event["attempts"] == 3


async def test_it_is_given_up_when_there_is_nothing_to_fetch_any_more(
    backchannel: Backchannel, delivery: NotificationDelivery, endpoint: NotificationEndpoint, world: World
) -> None:
    endpoint.statuses = [None]
    await decided(backchannel)
    tries = 0
    for _ in range(400):
        tries += await delivery.deliver_due()
        world.clock.seconds += 1
    assert tries == 8
    assert len(await world.audited("notification.abandoned")) == 1


async def test_a_client_that_has_its_tokens_is_not_told_any_more(
    backchannel: Backchannel, delivery: NotificationDelivery, endpoint: NotificationEndpoint, world: World
) -> None:
    await backchannel.poll(await decided(backchannel))
    await delivery.deliver_due()
    assert endpoint.told == []


async def test_a_message_that_comes_before_its_decision_waits_for_it(
    backchannel: Backchannel, delivery: NotificationDelivery, endpoint: NotificationEndpoint, world: World
) -> None:
    await backchannel.ask(client_notification_token=TOKEN)
    approval = await backchannel.only()
    queue, reference = world.stores.client_notifications, approval.waiting.reference
    await queue.queue(approval.approval_id, approval.request.client_id, reference, world.clock.now())
    await delivery.deliver_due()
    assert endpoint.told == []
    await backchannel.allow()
    world.clock.seconds += FIRST_DELAY
    await delivery.deliver_due()
    assert len(endpoint.told) == 1


async def test_a_client_that_went_over_to_polling_is_left_alone(
    backchannel: Backchannel, delivery: NotificationDelivery, endpoint: NotificationEndpoint, world: World
) -> None:
    await decided(backchannel)
    await backchannel.register()
    await delivery.deliver_due()
    assert endpoint.told == []


async def test_what_else_is_due_for_a_client_that_is_not_reached_waits_untried(
    backchannel: Backchannel, delivery: NotificationDelivery, endpoint: NotificationEndpoint, world: World
) -> None:
    endpoint.statuses = [None]
    await decided(backchannel)
    queue, now = world.stores.client_notifications, world.clock.now()
    for number in range(9):
        await queue.queue(f"m{number}", ClientId("portal"), "ciba:gone", now)
    for number in range(3):
        await queue.queue(f"n{number}", ClientId("gone"), "ciba:gone", now)
    await delivery.deliver_due()
    world.clock.seconds += FIRST_DELAY - 1
    endpoint.statuses = [204]
    assert await delivery.deliver_due() == 0
