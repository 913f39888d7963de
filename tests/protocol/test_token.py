from tests.protocol.world import World


async def test_x(world: World) -> None:
    r = await world.sign_in()
    print(r, world.claims(r.id_token), await world.audited())
