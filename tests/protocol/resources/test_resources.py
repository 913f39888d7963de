import pytest

from idp.protocol.errors import InvalidTargetError
from idp.protocol.resources.resources import Target
from tests.protocol.world import API, ARCHIVE, ISSUER, World

GRANTED = ("openid", "email", "dossier.read", "dossier.write")


async def test_a_resource_gets_the_granted_scopes_that_it_knows(world: World) -> None:
    grant = world.grant(scopes=GRANTED)
    assert await world.resources.for_grant(grant, GRANTED, (API,)) == Target((API,), ("dossier.read", "dossier.write"))


async def test_without_a_resource_the_token_is_for_the_provider(world: World) -> None:
    grant = world.grant(scopes=GRANTED)
    assert await world.resources.for_grant(grant, GRANTED, ()) == Target((ISSUER,), ("openid", "email"))


async def test_several_resources_share_one_token_and_each_comes_once(world: World) -> None:
    scopes = ("archive.read", "dossier.read")
    target = await world.resources.for_grant(world.grant(scopes=scopes), scopes, (API, ARCHIVE, API))
    assert target == Target((API, ARCHIVE), scopes)


async def test_a_narrowed_scope_narrows_the_target(world: World) -> None:
    grant = world.grant(scopes=GRANTED)
    assert await world.resources.for_grant(grant, ("dossier.read",), (API,)) == Target((API,), ("dossier.read",))


async def test_an_authorization_for_nothing_but_resources_is_for_them(world: World) -> None:
    scopes = ("dossier.read",)
    grant = world.grant(scopes=scopes, resources=(API,))
    assert await world.resources.for_grant(grant, scopes, ()) == Target((API,), scopes)


@pytest.mark.parametrize(
    "resource",
    ["https://unknown.example", "", "not a uri", API + "/", API.upper(), API + "#x", "http://localhost:8002"],
)
async def test_an_unknown_or_malformed_resource_is_an_invalid_target(world: World, resource: str) -> None:
    with pytest.raises(InvalidTargetError):
        await world.resources.for_grant(world.grant(scopes=GRANTED), GRANTED, (resource,))
    with pytest.raises(InvalidTargetError):
        await world.resources.for_client(GRANTED, (API, resource))


async def test_a_resource_outside_the_authorization_is_an_invalid_target(world: World) -> None:
    scopes = ("archive.read", "dossier.read")
    grant = world.grant(scopes=scopes, resources=(API,))
    with pytest.raises(InvalidTargetError):
        await world.resources.for_grant(grant, scopes, (ARCHIVE,))


async def test_a_resource_of_which_no_scope_was_granted_is_an_invalid_target(world: World) -> None:
    with pytest.raises(InvalidTargetError):
        await world.resources.for_grant(world.grant(scopes=GRANTED), GRANTED, (ARCHIVE,))


async def test_a_client_s_own_token_is_for_the_one_resource_that_its_scopes_belong_to(world: World) -> None:
    assert await world.resources.for_client(("dossier.read", "report.send"), ()) == Target((API,), ("dossier.read",))


async def test_a_client_s_own_token_is_for_the_provider_when_its_scopes_belong_nowhere(world: World) -> None:
    assert await world.resources.for_client(("report.send",), ()) == Target((ISSUER,), ("report.send",))


async def test_a_client_must_say_which_resource_it_means(world: World) -> None:
    with pytest.raises(InvalidTargetError):
        await world.resources.for_client(("dossier.read", "archive.read"), ())
    assert await world.resources.for_client(("dossier.read", "archive.read"), (ARCHIVE,)) == Target(
        (ARCHIVE,), ("archive.read",)
    )


async def test_a_client_gets_no_token_for_a_resource_of_which_it_has_no_scope(world: World) -> None:
    with pytest.raises(InvalidTargetError):
        await world.resources.for_client(("dossier.read",), (ARCHIVE,))


@pytest.mark.parametrize("requested", [(), (API,)])
async def test_no_token_that_allows_nothing_goes_to_a_resource(world: World, requested: tuple[str, ...]) -> None:
    scopes = ("archive.read",)
    with pytest.raises(InvalidTargetError):
        await world.resources.for_grant(world.grant(scopes=scopes, resources=(API,)), scopes, requested)
    with pytest.raises(InvalidTargetError):
        await world.resources.for_grant(world.grant(scopes=("openid",), resources=(API,)), ("openid",), (API,))


async def test_of_several_resources_a_token_is_for_those_where_it_allows_something(world: World) -> None:
    scopes = ("dossier.read",)
    grant = world.grant(scopes=scopes, resources=(API, ARCHIVE))
    assert await world.resources.for_grant(grant, scopes, ()) == Target((API,), scopes)


async def test_details_are_something_at_the_resources_of_their_authorization(world: World) -> None:
    grant = world.grant(scopes=(), resources=(API,), authorization_details=({"type": "dossier_access"},))
    assert (await world.resources.for_grant(grant, (), ())).audience == (API,)
    with pytest.raises(InvalidTargetError):
        await world.resources.for_grant(grant, (), (ARCHIVE,))
