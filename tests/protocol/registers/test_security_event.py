from typing import Any

import pytest

from idp.domain.accounts.account_lock import RegisterEvent
from idp.domain.ids import ClientId
from idp.journeys.register_events import RegisterNotice
from idp.protocol.registers.security_event import ENTERPRISES, SecurityEventError, SecurityEvents
from tests.protocol.registers.test_event_delivery import NUMBER, REGISTER, event_token
from tests.protocol.world import ISSUER, World


async def read(world: World, token: str) -> RegisterNotice:
    events = SecurityEvents(ISSUER, world.parts.foreign, world.parts.client_keys, world.clock)
    return await events.verify(REGISTER, events.read(token))


async def test_what_a_register_says_is_read(world: World) -> None:
    now = world.clock.now()
    token = event_token(world, RegisterEvent.CARD_ISSUED, toe=now - 0.25, payload={"expires_on": "2039-05-17"}, jti="j")
    notice = await read(world, token)
    assert (notice.register, notice.event, notice.subject) == (
        ClientId("population-registry"),
        RegisterEvent.CARD_ISSUED,
        NUMBER,
    )
    assert notice.event_at == now * 1000 - 250
    assert str(notice.expires_on) == "2039-05-17"
    assert len(notice.event_id) == 64


async def test_an_organisation_is_named_by_its_tax_code(world: World) -> None:
    subject = {"format": "iss_sub", "iss": ENTERPRISES, "sub": "0100109106"}
    notice = await read(world, event_token(world, RegisterEvent.ORGANISATION_DISSOLVED, sub_id=subject))
    assert notice.subject == "0100109106"


async def test_the_long_name_of_the_type_and_several_audiences_are_taken(world: World) -> None:
    token = event_token(world, typ="application/secevent+jwt", aud=["https://other.example", ISSUER])
    assert (await read(world, token)).subject == NUMBER


ELSEWHERE = {"format": "iss_sub", "iss": "https://elsewhere", "sub": NUMBER}
A_TAX_CODE = {"format": "iss_sub", "iss": ENTERPRISES, "sub": "0100109106"}


@pytest.mark.parametrize(
    "changes",
    [
        {"typ": "JWT"},
        {"typ": None},
        {"typ": "logout+jwt"},
        {"iat": None},
        {"iat": "yesterday"},
        {"iat": 2**40},
        {"toe": None},
        {"toe": 2**40},
        {"toe": -1},
        {"jti": None},
        {"jti": ""},
        {"jti": 5},
        {"jti": "j" * 513},
        {"sub_id": None},
        {"sub_id": NUMBER},
        {"sub_id": {"format": "opaque", "id": NUMBER}},
        {"sub_id": ELSEWHERE},
        {"sub_id": A_TAX_CODE},
        {"subject": "1"},
        {"subject": 1099000001},
        {"events": None},
        {"events": {}},
        {"events": {"urn:x:unknown": {}}},
        {"events": {RegisterEvent.CARD_LOCKED: None}},
        {"events": {RegisterEvent.CARD_LOCKED: {}, RegisterEvent.DEATH: {}}},
        {"event": RegisterEvent.CARD_ISSUED, "payload": {"expires_on": "soon"}},
        {"event": RegisterEvent.CARD_ISSUED, "payload": {"expires_on": 2039}},
        {"event": RegisterEvent.CARD_ISSUED, "payload": {"expires_on": "20390517"}},
        {"event": RegisterEvent.CARD_ISSUED, "payload": {"expires_on": "2039-W20-1"}},
        {"event": RegisterEvent.CARD_ISSUED, "payload": {"expires_on": "2039-02-30"}},
        {"event": RegisterEvent.CARD_ISSUED, "payload": {"expires_on": "２０３９-05-17"}},
        {"event": RegisterEvent.NUMBER_CHANGED, "payload": {}},
        {"event": RegisterEvent.NUMBER_CHANGED, "payload": {"personal_number": "001"}},
        {"event": RegisterEvent.NUMBER_CHANGED, "payload": {"personal_number": "001099000009", "gender": "x"}},
        {"event": RegisterEvent.NUMBER_CHANGED, "payload": {"personal_number": 101099000009}},
        {"event": RegisterEvent.ORGANISATION_DISSOLVED},
    ],
)
async def test_what_is_no_event_as_agreed_is_refused(world: World, changes: dict[str, Any]) -> None:
    with pytest.raises(SecurityEventError) as refused:
        await read(world, event_token(world, **changes))
    assert refused.value.code == "invalid_request"
    assert NUMBER not in str(refused.value)


@pytest.mark.parametrize("audience", [None, "https://other.example", [], 5])
async def test_an_event_for_somebody_else_is_refused(world: World, audience: object) -> None:
    with pytest.raises(SecurityEventError) as refused:
        await read(world, event_token(world, aud=audience))
    assert refused.value.code == "invalid_audience"


@pytest.mark.parametrize("token", ["", "a.b", "\ufffd.\ufffd.\ufffd", "e30.e30.e30"])
async def test_what_is_no_token_is_refused(world: World, token: str) -> None:
    with pytest.raises(SecurityEventError):
        await read(world, token)
