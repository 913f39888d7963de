import pytest

from idp.protocol.errors import InvalidTokenError
from idp.protocol.resources.resource_access import ResourceAccess
from idp.protocol.senders.bearer import DPOP, NoTokenError
from idp.protocol.senders.possession import NOTHING_SHOWN
from tests.protocol.world import API, World


@pytest.fixture
def access(world: World) -> ResourceAccess:
    return ResourceAccess(API, world.state, world.parts.constraints)


async def token(world: World) -> str:
    response = await world.sign_in(API, grant=world.grant(scopes=("openid", "dossier.read")))
    return response.access_token


async def test_a_token_for_the_interface_tells_what_lies_behind_it(world: World, access: ResourceAccess) -> None:
    live = await access.live(f"Bearer {await token(world)}", NOTHING_SHOWN)
    assert (live.client.client_id, live.token.audience, live.token.scopes) == ("portal", (API,), ("dossier.read",))
    assert live.grant is not None
    assert live.grant.account_id == world.citizen


async def test_a_token_for_another_resource_is_refused(world: World, access: ResourceAccess) -> None:
    response = await world.sign_in()
    with pytest.raises(InvalidTokenError):
        await access.live(f"Bearer {response.access_token}", NOTHING_SHOWN)


async def test_a_token_that_works_no_more_is_refused(world: World, access: ResourceAccess) -> None:
    good = await token(world)
    await world.revoke(good)
    with pytest.raises(InvalidTokenError):
        await access.live(f"Bearer {good}", NOTHING_SHOWN)


async def test_the_challenge_is_for_the_scheme_that_was_used(world: World, access: ResourceAccess) -> None:
    with pytest.raises(InvalidTokenError) as refused:
        await access.live(f"DPoP {await token(world)}", NOTHING_SHOWN)
    assert refused.value.scheme == DPOP


async def test_without_a_token_there_is_nothing_to_look_at(access: ResourceAccess) -> None:
    with pytest.raises(NoTokenError):
        await access.live(None, NOTHING_SHOWN)
