import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from idp.adapters.crypto.foreign_tokens import ForeignJws
from idp.ports.foreign_tokens import UnverifiedToken
from idp.ports.http import Answer, OutgoingError
from idp.ports.keys import BusyError, UnreadableTokenError
from idp.protocol.clients.client_keys import KEPT_FOR, LONGEST_OUTAGE, PAUSE, ClientKeys
from tests.adapters.turned_clock import TurnedClock
from tests.protocol.client_signer import ClientSigner
from tests.protocol.world import PORTAL

URI = "https://rp.example/jwks.json"
PUBLISHING = replace(PORTAL, metadata={"jwks_uri": URI})
ALGORITHMS = frozenset({"ES256"})


class Publisher:
    """Publishes a key set, and counts how often it is fetched."""

    def __init__(self, *signers: ClientSigner) -> None:
        self.answer = Answer(200, b"")
        self.publish(*signers)
        self.fetched = 0
        self.down = False

    def publish(self, *signers: ClientSigner) -> None:
        self.answer = Answer(200, json.dumps({"keys": [signer.jwk for signer in signers]}).encode())

    async def get(self, url: str) -> Answer:
        assert url == URI
        self.fetched += 1
        await asyncio.sleep(0)
        if self.down:
            raise OutgoingError("down")
        return self.answer

    async def post_form(self, url: str, fields: dict[str, str]) -> Answer:
        raise NotImplementedError

    async def post_json(self, url: str, document: Any, *, bearer: str) -> Answer:
        raise NotImplementedError


def _read(signer: ClientSigner) -> UnverifiedToken:
    return ForeignJws().read(signer.sign({"iss": "portal"}))


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


async def test_keys_by_value_need_no_fetch(clock: TurnedClock) -> None:
    signer, publisher = ClientSigner(), Publisher()
    client = replace(PORTAL, metadata={"jwks": {"keys": [signer.jwk]}})
    verified = await ClientKeys(ForeignJws(), publisher, clock).verify(client, _read(signer), ALGORITHMS)
    assert (verified.claims, publisher.fetched) == ({"iss": "portal"}, 0)


async def test_a_published_set_is_fetched_once_and_kept(clock: TurnedClock) -> None:
    signer = ClientSigner()
    publisher = Publisher(signer)
    keys = ClientKeys(ForeignJws(), publisher, clock)
    await asyncio.gather(*(keys.verify(PUBLISHING, _read(signer), ALGORITHMS) for _ in range(50)))
    assert publisher.fetched == 1
    clock.seconds += KEPT_FOR
    await keys.verify(PUBLISHING, _read(signer), ALGORITHMS)
    assert publisher.fetched == 2


async def test_an_unseen_kid_has_the_set_fetched_again(clock: TurnedClock) -> None:
    old, new = ClientSigner("old"), ClientSigner("new")
    publisher = Publisher(old)
    keys = ClientKeys(ForeignJws(), publisher, clock)
    await keys.verify(PUBLISHING, _read(old), ALGORITHMS)
    publisher.publish(old, new)
    clock.seconds += PAUSE
    await keys.verify(PUBLISHING, _read(new), ALGORITHMS)
    assert publisher.fetched == 2


async def test_unseen_kids_do_not_make_it_fetch_without_a_pause(clock: TurnedClock) -> None:
    publisher = Publisher(ClientSigner("known"))
    keys = ClientKeys(ForeignJws(), publisher, clock)
    for position in range(20):
        with pytest.raises(UnreadableTokenError):
            await keys.verify(PUBLISHING, _read(ClientSigner(f"made-up-{position}")), ALGORITHMS)
    assert publisher.fetched == 1


async def test_few_wait_for_keys_that_come_late_and_nobody_where_some_are_known(clock: TurnedClock) -> None:
    signer = ClientSigner()
    publisher = Publisher(signer)
    keys = ClientKeys(ForeignJws(), publisher, clock)
    asked = [keys.verify(PUBLISHING, _read(signer), ALGORITHMS) for _ in range(100)]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(outcome, BusyError) for outcome in outcomes) == 36
    clock.seconds += KEPT_FOR
    await asyncio.gather(*(keys.verify(PUBLISHING, _read(signer), ALGORITHMS) for _ in range(100)))
    assert publisher.fetched == 2


async def test_keys_known_before_stay_good_through_an_outage(clock: TurnedClock) -> None:
    signer = ClientSigner()
    publisher = Publisher(signer)
    keys = ClientKeys(ForeignJws(), publisher, clock)
    await keys.of(PUBLISHING)
    publisher.down = True
    clock.seconds += KEPT_FOR
    await keys.verify(PUBLISHING, _read(signer), ALGORITHMS)


async def test_in_an_outage_the_publisher_is_asked_again_after_the_pause(clock: TurnedClock) -> None:
    old, new = ClientSigner("old"), ClientSigner("new")
    publisher = Publisher(old)
    keys = ClientKeys(ForeignJws(), publisher, clock)
    await keys.of(PUBLISHING)
    publisher.answer = replace(publisher.answer, status=503)
    clock.seconds += KEPT_FOR
    assert await keys.of(PUBLISHING) == (old.jwk,)
    publisher.publish(new)
    assert await keys.of(PUBLISHING) == (old.jwk,)
    clock.seconds += PAUSE
    assert await keys.of(PUBLISHING) == (new.jwk,)
    clock.seconds += KEPT_FOR - 1
    await keys.of(PUBLISHING)
    assert publisher.fetched == 3


@pytest.mark.parametrize("status", [500, 503, 403, 301])
async def test_an_outage_keeps_keys_good_for_a_day_and_no_longer(clock: TurnedClock, status: int) -> None:
    signer = ClientSigner()
    publisher = Publisher(signer)
    keys = ClientKeys(ForeignJws(), publisher, clock)
    await keys.of(PUBLISHING)
    publisher.answer = replace(publisher.answer, status=status)
    for _ in range(4):
        clock.seconds += LONGEST_OUTAGE // 4 - 1
        assert await keys.of(PUBLISHING) == (signer.jwk,)
    clock.seconds += PAUSE
    assert await keys.of(PUBLISHING) == ()


@pytest.mark.parametrize("status", [404, 410])
async def test_keys_that_are_said_to_be_gone_are_gone(clock: TurnedClock, status: int) -> None:
    signer = ClientSigner()
    publisher = Publisher(signer)
    keys = ClientKeys(ForeignJws(), publisher, clock)
    await keys.of(PUBLISHING)
    publisher.answer = replace(publisher.answer, status=status)
    clock.seconds += KEPT_FOR
    with pytest.raises(UnreadableTokenError):
        await keys.verify(PUBLISHING, _read(signer), ALGORITHMS)
    publisher.down = True
    clock.seconds += PAUSE
    assert await keys.of(PUBLISHING) == ()


@pytest.mark.parametrize("answer", [Answer(200, b'{"keys": []}'), Answer(200, b"x"), Answer(404, b""), None])
async def test_no_keys_are_kept_for_no_longer_than_the_pause(clock: TurnedClock, answer: Answer | None) -> None:
    signer = ClientSigner()
    publisher = Publisher()
    publisher.answer, publisher.down = answer or publisher.answer, answer is None
    keys = ClientKeys(ForeignJws(), publisher, clock)
    assert await keys.of(PUBLISHING) == ()
    publisher.down = False
    publisher.publish(signer)
    clock.seconds += PAUSE - 1
    assert (await keys.of(PUBLISHING), publisher.fetched) == ((), 1)
    clock.seconds += 1
    assert (await keys.of(PUBLISHING), publisher.fetched) == ((signer.jwk,), 2)


@pytest.mark.parametrize("name", ["kty", "crv", "use", "alg", "kid"])
@pytest.mark.parametrize("value", [["ES256"], {}, 7, None, True])
async def test_a_key_whose_description_is_no_text_is_passed_over(clock: TurnedClock, name: str, value: object) -> None:
    good, odd = ClientSigner(), ClientSigner("odd")
    publisher = Publisher()
    publisher.answer = Answer(200, json.dumps({"keys": [odd.jwk | {name: value}, good.jwk]}).encode())
    keys = ClientKeys(ForeignJws(), publisher, clock)
    assert await keys.of(PUBLISHING) == (good.jwk,)
    await keys.verify(PUBLISHING, _read(good), ALGORITHMS)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"keys": {}}', b'{"keys": [1]}', b"\xff", b"[" * 100_000])
async def test_what_is_no_key_set_has_no_keys(clock: TurnedClock, body: bytes) -> None:
    publisher = Publisher()
    publisher.answer = Answer(200, body)
    assert await ClientKeys(ForeignJws(), publisher, clock).of(PUBLISHING) == ()


async def test_an_error_answer_has_no_keys(clock: TurnedClock) -> None:
    publisher = Publisher(ClientSigner())
    publisher.answer = replace(publisher.answer, status=404)
    assert await ClientKeys(ForeignJws(), publisher, clock).of(PUBLISHING) == ()


async def test_a_client_without_keys_has_none(clock: TurnedClock) -> None:
    assert await ClientKeys(ForeignJws(), Publisher(), clock).of(PORTAL) == ()
