import asyncio
from dataclasses import replace

import pytest

from idp.domain.ids import ClientId, Seconds, SessionId
from idp.journeys.courier import LEASE, MOST_EACH
from idp.ports.http import Answer, OutgoingError
from idp.ports.outbox import PendingLogout
from idp.protocol.logout.backchannel_logout import (
    EVENT,
    FIRST_DELAY,
    GIVE_UP_AFTER,
    LONGEST_DELAY,
    MOST_REFUSALS,
    TOKEN_LIFETIME,
    LogoutDelivery,
    LogoutTokens,
)
from tests.protocol.tokens.test_access_token import header
from tests.protocol.tokens.test_encrypted_answers import encrypting, opened
from tests.protocol.world import ISSUER, OTHER, PORTAL, SESSION, World


class RelyingParty:
    """The other side of the wire: answers by status, or not at all (0)."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.busy = self.busiest = 0

    async def post_form(self, url: str, fields: dict[str, str]) -> Answer:
        self.calls.append((url, fields))
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        await asyncio.sleep(0)
        self.busy -= 1
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if not status:
            raise OutgoingError("refused")
        return Answer(status, b"")


def tokens(world: World) -> LogoutTokens:
    return LogoutTokens(ISSUER, world.signer, world.parts.encrypted_answers, world.keys, world.clock, world.entropy)


def delivery(world: World, relying_party: RelyingParty) -> LogoutDelivery:
    return LogoutDelivery(world.stores.outbox, world.stores.clients, tokens(world), relying_party, world.clock)


async def sign_out(world: World) -> None:
    await world.sign_in()
    await world.end_session()


async def test_a_logout_token_has_the_claims_of_the_specification_and_a_type_of_its_own(world: World) -> None:
    pending = PendingLogout("m", ClientId("portal"), world.citizen, SESSION, 1, world.clock.now())
    token = await tokens(world).issue(PORTAL, pending)
    now = world.clock.now()
    claims = world.claims(token, "logout+jwt")
    assert claims.pop("jti")
    assert claims == {
        "iss": ISSUER,
        "aud": "portal",
        "iat": now,
        "exp": now + TOKEN_LIFETIME,
        "events": {EVENT: {}},
        "sub": world.keys.pairwise_subject(PORTAL.sector, world.citizen),
        "sid": world.keys.client_session_id(PORTAL.client_id, SESSION),
    }
    assert header(token)["alg"] == "ES256"
    assert header(await tokens(world).issue(OTHER, pending))["alg"] == "RS256"


async def test_a_session_that_goes_on_is_named_only_to_clients_that_must_have_it_named(world: World) -> None:
    pending = PendingLogout("m", ClientId("portal"), world.citizen, SESSION, 1, world.clock.now(), session_goes_on=True)
    claims = world.claims(await tokens(world).issue(PORTAL, pending), "logout+jwt")
    assert "sid" not in claims
    assert claims["sub"] == world.keys.pairwise_subject(PORTAL.sector, world.citizen)
    strict = replace(PORTAL, backchannel_logout_session_required=True)
    assert "sid" in world.claims(await tokens(world).issue(strict, pending), "logout+jwt")


async def test_whoever_gets_id_tokens_encrypted_gets_logout_tokens_so(world: World) -> None:
    pending = PendingLogout("m", ClientId("portal"), world.citizen, SESSION, 1, world.clock.now())
    signed, protected = opened(await tokens(world).issue(encrypting("id_token"), pending))
    assert protected["cty"] == "JWT"
    assert world.claims(signed, "logout+jwt")["aud"] == "portal"


async def test_nothing_is_sent_in_clear_to_whoever_publishes_no_key_and_it_is_tried_again(world: World) -> None:
    await world.save(replace(encrypting("id_token"), metadata={"id_token_encrypted_response_alg": "ECDH-ES"}))
    await world.stores.grants.start(world.grant(), [])
    await world.end_session()
    relying_party = RelyingParty(200)
    assert await delivery(world, relying_party).deliver_due() == 1
    assert relying_party.calls == []
    assert await world.stores.outbox.pending() == 1


async def test_a_nonce_must_not_be_present(world: World) -> None:
    pending = PendingLogout("m", ClientId("portal"), world.citizen, SESSION, 1, world.clock.now())
    assert "nonce" not in world.claims(await tokens(world).issue(PORTAL, pending))


@pytest.mark.parametrize("status", [200, 204])
async def test_an_accepted_token_is_forgotten_and_audited(world: World, status: int) -> None:
    await sign_out(world)
    relying_party = RelyingParty(status)
    assert await delivery(world, relying_party).deliver_due() == 1
    ((url, fields),) = relying_party.calls
    assert url == PORTAL.backchannel_logout_uri
    assert world.claims(fields["logout_token"], "logout+jwt")["aud"] == "portal"
    assert fields.keys() == {"logout_token"}
    assert await world.stores.outbox.pending() == 0
    (event,) = await world.audited("logout.delivered")
    assert (event["client_id"], event["attempts"]) == ("portal", 1)
    assert await delivery(world, relying_party).deliver_due() == 0


@pytest.mark.parametrize("status", [0, 500, 503, 302])
async def test_what_does_not_arrive_is_tried_again_later_and_later(world: World, status: int) -> None:
    await sign_out(world)
    relying_party = RelyingParty(status)
    worker = delivery(world, relying_party)
    for delay in (FIRST_DELAY, 2 * FIRST_DELAY, 4 * FIRST_DELAY):
        assert await worker.deliver_due() == 1
        world.clock.seconds += delay - 1
        assert await worker.deliver_due() == 0
        world.clock.seconds += 1
    relying_party.statuses = [200]
    assert await worker.deliver_due() == 1
    assert (await world.audited("logout.delivered"))[0]["attempts"] == 4


async def test_every_try_has_a_fresh_token(world: World) -> None:
    await sign_out(world)
    relying_party = RelyingParty(500, 200)
    worker = delivery(world, relying_party)
    await worker.deliver_due()
    world.clock.seconds += FIRST_DELAY
    await worker.deliver_due()
    first, second = (world.claims(fields["logout_token"]) for _, fields in relying_party.calls)
    assert first["jti"] != second["jti"]
    assert second["iat"] == first["iat"] + FIRST_DELAY


async def test_it_is_given_up_after_a_day_and_operators_can_see_it(world: World) -> None:
    await sign_out(world)
    relying_party = RelyingParty(0)
    worker = delivery(world, relying_party)
    started = world.clock.seconds
    while await world.stores.outbox.pending():
        await worker.deliver_due()
        world.clock.seconds += LONGEST_DELAY
    assert GIVE_UP_AFTER - LONGEST_DELAY <= world.clock.seconds - started <= GIVE_UP_AFTER + LONGEST_DELAY
    (event,) = await world.audited("logout.abandoned")
    assert event["reason"] == "not reachable"
    assert event["attempts"] == len(relying_party.calls)


async def test_an_endpoint_that_says_no_is_asked_a_few_times_only(world: World) -> None:
    await sign_out(world)
    relying_party = RelyingParty(400)
    worker = delivery(world, relying_party)
    for _ in range(MOST_REFUSALS):
        assert await worker.deliver_due() == 1
        world.clock.seconds += LONGEST_DELAY
    assert await world.stores.outbox.pending() == 0
    assert (await world.audited("logout.abandoned"))[0]["reason"] == "answered 400"


async def test_a_client_without_an_endpoint_any_more_is_left_alone(world: World) -> None:
    await sign_out(world)
    await world.save(replace(PORTAL, backchannel_logout_uri=None))
    relying_party = RelyingParty(200)
    await delivery(world, relying_party).deliver_due()
    assert relying_party.calls == []
    assert len(await world.audited("logout.abandoned")) == 1


async def test_a_client_whose_algorithm_has_no_key_yet_is_tried_again(world: World) -> None:
    await sign_out(world)
    await world.save(replace(PORTAL, id_token_signed_response_alg="PS256"))
    relying_party = RelyingParty(200)
    assert await delivery(world, relying_party).deliver_due() == 1
    assert relying_party.calls == []
    assert await world.stores.outbox.pending() == 1


async def test_a_message_whose_worker_died_comes_back(world: World) -> None:
    await sign_out(world)
    now = world.clock.now()
    assert len(await world.stores.outbox.claim_due(now, Seconds(now + LEASE), 10)) == 1
    worker = delivery(world, RelyingParty(200))
    assert await worker.deliver_due() == 0
    world.clock.seconds += LEASE
    assert await worker.deliver_due() == 1


async def test_a_disabled_client_is_told_nothing(world: World) -> None:
    await sign_out(world)
    await world.save(replace(PORTAL, disabled=True))
    relying_party = RelyingParty(200)
    await delivery(world, relying_party).deliver_due()
    assert relying_party.calls == []
    assert len(await world.audited("logout.abandoned")) == 1


async def many_messages(world: World, count: int) -> None:
    for number in range(count):
        session = SessionId(f"session-{number}")
        await world.stores.grants.start(world.grant(session_id=session), [])
        await world.end_session(session)


async def test_many_for_one_client_are_delivered_two_at_a_time(world: World) -> None:
    await many_messages(world, 9)
    relying_party = RelyingParty(200)
    assert await delivery(world, relying_party).deliver_due() == 9
    assert relying_party.busiest <= MOST_EACH
    assert await world.stores.outbox.pending() == 0


async def test_of_a_client_that_is_not_reached_no_more_is_tried_until_later(world: World) -> None:
    await many_messages(world, 9)
    relying_party = RelyingParty(0)
    worker = delivery(world, relying_party)
    assert await worker.deliver_due() <= MOST_EACH
    world.clock.seconds += FIRST_DELAY - 1
    assert await worker.deliver_due() == 0
    world.clock.seconds += 1
    assert await worker.deliver_due() <= MOST_EACH
    world.clock.seconds += 2 * FIRST_DELAY
    relying_party.statuses = [200]
    assert await worker.deliver_due() >= 9 - MOST_EACH
    world.clock.seconds += LONGEST_DELAY
    await worker.deliver_due()
    assert await world.stores.outbox.pending() == 0


async def test_what_waited_for_a_day_is_given_up_untried(world: World) -> None:
    await many_messages(world, 5)
    relying_party = RelyingParty(0)
    worker = delivery(world, relying_party)
    await worker.deliver_due()
    tried = len(relying_party.calls)
    world.clock.seconds += GIVE_UP_AFTER + 1
    assert await worker.deliver_due() == 5
    assert len(relying_party.calls) == tried
    assert len(await world.audited("logout.abandoned")) == 5
