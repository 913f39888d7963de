import json
from dataclasses import replace
from typing import Any, cast

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey

from idp.adapters.http.outgoing import GuardedHttp
from idp.assembly.decoupled import notification_delivery
from idp.domain.clients.client_policy import ClientProfile
from idp.domain.events import ConsentWithdrawn
from idp.ports.http import Answer
from idp.protocol.ciba.notifications import FIRST_DELAY, NotificationDelivery
from idp.protocol.ciba.push import AUTH_REQ_ID
from idp.protocol.clients.client_keys import ClientKeys
from idp.protocol.errors import UnauthorizedClientError
from idp.protocol.tokens.encrypted_answers import EncryptedAnswers
from idp.protocol.tokens.id_token import at_hash
from tests.protocol.ciba.asking import NOTIFIED_AT, TOKEN, Backchannel
from tests.protocol.ciba.test_notifications import NotificationEndpoint
from tests.protocol.clients.test_client_keys import URI, Publisher
from tests.protocol.world import ORIGIN, PORTAL, World


@pytest.fixture
def endpoint() -> NotificationEndpoint:
    return NotificationEndpoint()


@pytest.fixture
async def delivery(backchannel: Backchannel, world: World, endpoint: NotificationEndpoint) -> NotificationDelivery:
    await register(backchannel)
    at = replace(world.foundation, outgoing=cast("GuardedHttp", endpoint))
    return notification_delivery(at, world.parts.encrypted_answers)


async def register(backchannel: Backchannel, **changes: Any) -> None:
    await backchannel.register(
        replace(PORTAL, **changes),
        backchannel_token_delivery_mode="push",
        backchannel_client_notification_endpoint=NOTIFIED_AT,
    )


async def allowed(backchannel: Backchannel) -> str:
    asked = await backchannel.ask(client_notification_token=TOKEN)
    await backchannel.allow()
    return asked.auth_req_id


async def test_the_answer_is_pushed_bound_to_its_request_and_works(
    backchannel: Backchannel, delivery: NotificationDelivery, endpoint: NotificationEndpoint, world: World
) -> None:
    auth_req_id = await allowed(backchannel)
    await delivery.deliver_due()
    ((url, answer, bearer),) = endpoint.told
    assert (url, bearer) == (NOTIFIED_AT, TOKEN)
    assert answer.keys() == {"auth_req_id", "access_token", "token_type", "expires_in", "id_token"}
    assert answer["auth_req_id"] == auth_req_id
    claims = world.claims(answer["id_token"])
    assert claims[AUTH_REQ_ID] == auth_req_id
    assert claims["at_hash"] == at_hash(answer["access_token"], "ES256")
    assert (await world.userinfo(answer["access_token"]))["name"] == "Nguyễn Thị Ánh"
    assert len(await world.audited("tokens.issued")) == 1


async def test_a_refusal_is_pushed_as_an_error(
    backchannel: Backchannel, delivery: NotificationDelivery, endpoint: NotificationEndpoint, world: World
) -> None:
    asked = await backchannel.ask(client_notification_token=TOKEN)
    await backchannel.deny()
    await delivery.deliver_due()
    ((_, answer, _),) = endpoint.told
    assert (answer["auth_req_id"], answer["error"]) == (asked.auth_req_id, "access_denied")
    assert "access_token" not in answer


async def test_an_answer_that_got_lost_is_made_again_under_the_same_grant(
    backchannel: Backchannel, delivery: NotificationDelivery, endpoint: NotificationEndpoint, world: World
) -> None:
    endpoint.statuses = [None, 204]
    await allowed(backchannel)
    await delivery.deliver_due()
    world.clock.seconds += FIRST_DELAY
    await delivery.deliver_due()
    first, second = (world.claims(answer["access_token"]) for _, answer, _ in endpoint.told)
    assert first["gid"] == second["gid"]
    assert first["jti"] != second["jti"]
    assert len(await world.audited("tokens.issued")) == 2


async def test_what_was_withdrawn_before_is_not_pushed(
    backchannel: Backchannel, delivery: NotificationDelivery, endpoint: NotificationEndpoint, world: World
) -> None:
    await allowed(backchannel)
    event = ConsentWithdrawn(origin=ORIGIN, account_id=world.citizen, client_id=PORTAL.client_id)
    await world.stores.consents.withdraw(world.citizen, PORTAL.client_id, world.clock.now(), event)
    await delivery.deliver_due()
    assert endpoint.told == []
    assert len(await world.audited("notification.abandoned")) == 1


@pytest.mark.parametrize("status", [None, 204])
async def test_an_account_that_was_locked_before_or_between_gets_nothing_more(
    backchannel: Backchannel,
    delivery: NotificationDelivery,
    endpoint: NotificationEndpoint,
    world: World,
    status: int | None,
) -> None:
    endpoint.statuses = [status]
    await allowed(backchannel)
    if status is None:
        await delivery.deliver_due()
        world.clock.seconds += FIRST_DELAY
    told = len(endpoint.told)
    await world.lock()
    await delivery.deliver_due()
    assert len(endpoint.told) == told
    assert len(await world.audited("notification.abandoned")) == 1


async def test_tokens_that_have_to_be_bound_to_a_key_are_not_pushed(
    backchannel: Backchannel, delivery: NotificationDelivery
) -> None:
    await register(backchannel, profile=ClientProfile.FAPI2, token_endpoint_auth_method="client_secret_basic")
    with pytest.raises(UnauthorizedClientError):
        await backchannel.ask(client_notification_token=TOKEN)
    await backchannel.register(
        PORTAL,
        backchannel_token_delivery_mode="push",
        backchannel_client_notification_endpoint=NOTIFIED_AT,
        dpop_bound_access_tokens=True,
    )
    with pytest.raises(UnauthorizedClientError):
        await backchannel.ask(client_notification_token=TOKEN)


async def test_who_is_pushed_to_cannot_fetch(backchannel: Backchannel, delivery: NotificationDelivery) -> None:
    auth_req_id = await allowed(backchannel)
    with pytest.raises(UnauthorizedClientError):
        await backchannel.poll(auth_req_id)


async def test_keys_that_an_endpoint_fetched_just_before_are_not_fetched_again_for_the_push(
    backchannel: Backchannel, world: World, endpoint: NotificationEndpoint
) -> None:
    key = ECKey.generate_key("P-256")
    publisher = Publisher()
    publisher.answer = Answer(200, json.dumps({"keys": [{**key.as_dict(private=False), "use": "enc"}]}).encode())
    keys = ClientKeys(world.parts.foreign, publisher, world.clock)
    published = {"jwks": None, "jwks_uri": URI, "id_token_encrypted_response_alg": "ECDH-ES"}
    await backchannel.register(
        PORTAL,
        backchannel_token_delivery_mode="push",
        backchannel_client_notification_endpoint=NOTIFIED_AT,
        **published,
    )
    await keys.of(replace(PORTAL, metadata=published))
    at = replace(world.foundation, outgoing=cast("GuardedHttp", endpoint))
    await allowed(backchannel)
    await notification_delivery(at, EncryptedAnswers(world.parts.encryption, keys)).deliver_due()
    ((_, answer, _),) = endpoint.told
    assert jwe.decrypt_compact(answer["id_token"], key).plaintext
    assert publisher.fetched == 1
