from dataclasses import replace

import pytest

from idp.domain.events import Origin
from idp.domain.ids import RequestId
from idp.ports.keys import BusyError
from idp.protocol.clients.client_calls import ClientRequest
from idp.protocol.clients.client_limit import REASON, ClientLimit, Place
from idp.protocol.errors import InvalidClientError
from idp.protocol.resources.userinfo import UserinfoRequest
from idp.protocol.tokens.introspection import IntrospectionRequest
from idp.protocol.tokens.token import TokenRequest
from tests.protocol.world import CLIENT_LIMIT, MACHINE, OTHER, PHONE_APP, PORTAL, World, basic

HERE = Origin(RequestId("r"), "here")
THERE = Origin(RequestId("r"), "there")


def _limit(most: int = 1) -> ClientLimit:
    return ClientLimit(most, lambda _: None)


def test_a_client_holds_as_many_places_as_the_limit_says_and_gives_them_back() -> None:
    shed: list[str] = []
    limit = ClientLimit(2, shed.append)
    with limit.proved(PORTAL, HERE):
        with limit.proved(PORTAL, THERE):
            with pytest.raises(BusyError), limit.proved(PORTAL, HERE):
                pass
            with limit.proved(OTHER, HERE):
                pass
        with limit.proved(PORTAL, HERE):
            pass
    assert shed == [REASON]


def test_a_place_is_given_back_by_what_fails() -> None:
    limit = _limit()
    for _ in range(3):
        with pytest.raises(LookupError), limit.proved(PORTAL, HERE):
            raise LookupError


def test_whoever_has_nothing_in_progress_is_forgotten() -> None:
    limit = _limit()
    for number in range(100):
        with limit.said(f"made-up-{number}", HERE):
            pass
    assert limit._in_progress == {}


def test_naming_a_client_takes_no_place_of_the_client_that_proves_who_it_is() -> None:
    limit = _limit()
    with limit.said(PORTAL.client_id, HERE), limit.proved(PORTAL, HERE):
        pass


@pytest.mark.parametrize("place", ["said", "proved"])
def test_a_stranger_who_names_a_public_client_shuts_out_nobody_elsewhere(place: str) -> None:
    limit = _limit()

    def ask(origin: Origin) -> Place:
        return limit.said(PHONE_APP.client_id, origin) if place == "said" else limit.proved(PHONE_APP, origin)

    with ask(HERE):
        with ask(THERE):
            pass
        with pytest.raises(BusyError), ask(HERE):
            pass


async def test_a_client_with_too_much_in_progress_is_refused_everywhere_and_nothing_is_recorded(world: World) -> None:
    granted = await world.sign_in()
    header = basic()
    before = await world.audited()
    for _ in range(CLIENT_LIMIT):
        world.limit.enter(PORTAL.client_id)
    with pytest.raises(BusyError):
        await world.token_endpoint(TokenRequest({"grant_type": "client_credentials"}, (), header, HERE))
    with pytest.raises(BusyError):
        await world.introspection_endpoint(IntrospectionRequest({"token": granted.access_token}, header, HERE))
    with pytest.raises(BusyError):
        await world.revocation_endpoint(ClientRequest({"token": granted.access_token}, header, HERE))
    with pytest.raises(BusyError):
        await world.userinfo_endpoint(UserinfoRequest(f"Bearer {granted.access_token}", {}, {}, HERE))
    assert world.shed == [REASON] * 4
    assert await world.audited() == before


async def test_wrong_secrets_take_no_place(world: World) -> None:
    for _ in range(CLIENT_LIMIT - 1):
        world.limit.enter(MACHINE.client_id)
    for _ in range(3):
        with pytest.raises(InvalidClientError):
            await world.token_endpoint(TokenRequest({}, (), basic(MACHINE.client_id, "wrong"), HERE))
    parameters = {"grant_type": "client_credentials", "scope": "dossier.read"}
    request = TokenRequest(parameters, (), basic(MACHINE.client_id), HERE)
    assert (await world.token_endpoint(request)).client_id == MACHINE.client_id
    assert (await world.token_endpoint(replace(request, origin=THERE))).client_id == MACHINE.client_id
    assert world.shed == []
