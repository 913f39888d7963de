from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from idp.domain.clients.client import Client
from idp.domain.ids import ClientId, SessionId
from idp.protocol.logout.frontchannel_logout import FrontChannelLogout
from tests.protocol.world import ISSUER, OTHER, PORTAL, SESSION, World

ADDRESS = "http://localhost:8001/frontchannel-logout"


async def registered(world: World, client: Client, uri: str, *, disabled: bool = False) -> None:
    await world.save(replace(client, metadata={"frontchannel_logout_uri": uri}, disabled=disabled))


def logout(world: World) -> FrontChannelLogout:
    return FrontChannelLogout(ISSUER, world.stores.clients, world.stores.grants, world.keys)


async def test_each_client_of_the_session_is_loaded_with_its_own_sid_and_nothing_else(world: World) -> None:
    await registered(world, PORTAL, ADDRESS)
    tokens = await world.sign_in(grant=world.grant(scopes=("openid",)))
    sid = world.claims(tokens.id_token or "", "JWT")["sid"]

    found = await logout(world).addresses(SESSION)

    assert list(found) == ["portal"]
    parts = urlsplit(found[ClientId("portal")])
    assert parts._replace(query="").geturl() == ADDRESS
    assert parse_qsl(parts.query, strict_parsing=True) == [("iss", ISSUER), ("sid", sid)]


async def test_a_query_of_its_own_is_retained(world: World) -> None:
    await registered(world, PORTAL, f"{ADDRESS}?tenant=a%20b&x=1")
    await world.sign_in()

    (address,) = (await logout(world).addresses(SESSION)).values()

    assert address.startswith(f"{ADDRESS}?tenant=a%20b&x=1&iss=")


async def test_a_client_that_registered_no_address_is_not_loaded(world: World) -> None:
    await world.sign_in()

    assert await logout(world).addresses(SESSION) == {}


async def test_a_client_of_another_session_is_not_loaded(world: World) -> None:
    await registered(world, PORTAL, ADDRESS)
    await world.sign_in()

    assert await logout(world).addresses(SessionId("another")) == {}


async def test_a_disabled_client_is_not_loaded_into_a_browser(world: World) -> None:
    await registered(world, PORTAL, ADDRESS)
    await world.sign_in()
    await registered(world, PORTAL, ADDRESS, disabled=True)

    assert await logout(world).addresses(SESSION) == {}


async def test_two_clients_cannot_join_a_person_by_the_sid(world: World) -> None:
    portal, other = (world.keys.client_session_id(client.client_id, SESSION) for client in (PORTAL, OTHER))

    assert portal != other


@pytest.mark.parametrize("offline", [False, True])
async def test_a_session_that_ended_still_tells_whom_to_load(world: World, *, offline: bool) -> None:
    await registered(world, PORTAL, ADDRESS)
    await world.sign_in(grant=world.grant(offline=offline))
    await world.end_session()

    assert list(await logout(world).addresses(SESSION)) == ["portal"]
