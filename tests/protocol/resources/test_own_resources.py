from idp.domain.clients.client import Resource
from idp.protocol.resources.administration_access import PATH, SCOPE
from idp.protocol.resources.own_resources import ClientsAndOwnResources, own_resources
from tests.protocol.world import API, ISSUER, World


async def test_the_own_interfaces_are_resources_beside_the_registered_ones(world: World) -> None:
    clients = world.stores.clients
    audiences = [resource.audience for resource in await clients.resources()]
    assert ISSUER + PATH in audiences
    assert API in audiences
    assert await clients.resource(ISSUER + PATH) == Resource(ISSUER + PATH, frozenset({SCOPE}))
    assert await clients.resource("https://unknown.example.vn") is None


async def test_nobody_registers_an_own_interface_otherwise(world: World) -> None:
    taken = Resource(API, frozenset({"everything"}))
    both = ClientsAndOwnResources(world.stores.clients, (*own_resources(ISSUER), taken))
    assert await both.resource(API) == taken
    assert [each for each in await both.resources() if each.audience == API] == [taken]
