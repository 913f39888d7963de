from idp.domain.grants.confirmation import Confirmation
from idp.protocol.resources.resources import Target
from tests.protocol.world import API, MACHINE, ORIGIN, World

TARGET = Target((API,), ("dossier.read",))


async def test_a_client_of_its_own_has_no_refresh_token_and_the_event_names_nobody(world: World) -> None:
    response = await world.parts.client_tokens.issue(MACHINE.client_id, TARGET, None, "client_credentials", ORIGIN)
    assert (response.refresh_token, response.token_type, response.scopes) == (None, "Bearer", ("dossier.read",))
    (event,) = await world.audited("tokens.issued")
    assert event["token_id"] == world.claims(response.access_token)["jti"]
    assert (event.get("account_id"), event.get("grant_id")) == (None, None)


async def test_it_is_bound_to_the_key_that_was_proved(world: World) -> None:
    bound_to = Confirmation(key_thumbprint="abc")
    response = await world.parts.client_tokens.issue(MACHINE.client_id, TARGET, bound_to, "client_credentials", ORIGIN)
    assert response.token_type == "DPoP"
    assert world.claims(response.access_token)["cnf"] == {"jkt": "abc"}
