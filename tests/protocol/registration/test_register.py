import asyncio
import base64
from dataclasses import replace
from typing import Any

import pytest

from idp.protocol.errors import InvalidClientMetadataError, InvalidTokenError, OAuthError
from idp.protocol.registration.register import RegistrationRequest, TooManyRegistrationsError
from idp.protocol.senders.bearer import NoTokenError
from tests.protocol.registration.registrar import REDIRECT, Registrar, statement
from tests.protocol.world import ORIGIN, World

METADATA = {"redirect_uris": [REDIRECT]}


async def test_a_client_that_registered_can_prove_itself(world: World, registrar: Registrar) -> None:
    members = await registrar.register()
    basic = base64.b64encode(f"{members['client_id']}:{members['client_secret']}".encode()).decode()
    found = await world.parts.authentication.authenticate({}, f"Basic {basic}")
    assert found.client_id == members["client_id"]


async def test_secrets_are_of_256_bits_and_kept_as_hashes(world: World, registrar: Registrar) -> None:
    members = await registrar.register()
    assert len(members["client_secret"]) == len(members["registration_access_token"]) == 43
    # RFC 7591 section 3.2.1: client_secret_expires_at is REQUIRED if client_secret is issued.
    assert members["client_secret_expires_at"] == 0
    client = await world.stores.clients.get(members["client_id"])
    assert client is not None
    assert members["client_secret"] not in repr(client)
    assert members["registration_access_token"] not in repr(client)


@pytest.mark.parametrize(
    ("method", "more"),
    [("none", {}), ("private_key_jwt", {"jwks_uri": "https://rp.example.vn/jwks"})],
)
async def test_who_needs_no_secret_gets_none(registrar: Registrar, method: str, more: dict[str, Any]) -> None:
    members = await registrar.register(token_endpoint_auth_method=method, **more)
    assert "client_secret" not in members
    assert "client_secret_expires_at" not in members


async def test_registration_is_never_anonymous(registrar: Registrar) -> None:
    with pytest.raises(NoTokenError):
        await registrar.post(METADATA, None)


async def test_an_unknown_token_registers_nobody(world: World, registrar: Registrar) -> None:
    before = await world.stores.client_registry.page("", 100)
    with pytest.raises(InvalidTokenError):
        await registrar.post(METADATA, "x" * 43)
    assert await world.stores.client_registry.page("", 100) == before


async def test_a_token_is_good_as_often_and_as_long_as_it_says(world: World, registrar: Registrar) -> None:
    token = await registrar.token(uses=2)
    await registrar.post(METADATA, token)
    await registrar.post(METADATA, token)
    with pytest.raises(InvalidTokenError):
        await registrar.post(METADATA, token)
    expired = await registrar.token(lives=10)
    world.clock.seconds += 10
    with pytest.raises(InvalidTokenError):
        await registrar.post(METADATA, expired)


async def test_of_50_that_register_at_once_by_a_token_for_one_one_succeeds(registrar: Registrar) -> None:
    token = await registrar.token()
    answers = await asyncio.gather(*(registrar.post(METADATA, token) for _ in range(50)), return_exceptions=True)
    assert sum(isinstance(answer, dict) for answer in answers) == 1
    assert sum(isinstance(answer, InvalidTokenError) for answer in answers) == 49


async def test_a_refused_registration_uses_nothing_up(registrar: Registrar) -> None:
    token = await registrar.token()
    with pytest.raises(OAuthError):
        await registrar.post({}, token)
    await registrar.post(METADATA, token)


async def test_a_statement_of_a_trusted_issuer_takes_the_place_of_a_token(world: World, registrar: Registrar) -> None:
    members = await registrar.post({**METADATA, "software_statement": statement(world, client_name="Ví")}, None)
    assert members["client_name"] == "Ví"
    (event,) = await world.audited("client.registered")
    assert (event["client_id"], event["statement_issuer"]) == (members["client_id"], "https://registry.example.vn")


async def test_a_bad_token_is_not_saved_by_a_good_statement(registrar: Registrar) -> None:
    with pytest.raises(InvalidTokenError):
        await registrar.post({**METADATA, "software_statement": statement(registrar.world)}, "x" * 43)


@pytest.mark.parametrize("sent", ["", 7, [], {}])
async def test_a_member_that_is_no_statement_opens_nothing(registrar: Registrar, sent: Any) -> None:
    with pytest.raises(OAuthError):
        await registrar.post({**METADATA, "software_statement": sent}, None)


async def test_every_outcome_is_audited(world: World, registrar: Registrar) -> None:
    await registrar.register()
    (event,) = await world.audited("client.registered")
    tokens = await world.stores.initial_access_tokens.all()
    assert event["token_id"] == tokens[0].token_id
    with pytest.raises(InvalidClientMetadataError):
        await registrar.register(skip_consent=True)
    await world.floods.finish()
    told = [event for event in await world.audited() if event.get("endpoint") == "registration"]
    assert [event["error"] for event in told] == ["invalid_client_metadata"]


async def test_the_scheme_of_an_initial_access_token_is_bearer(registrar: Registrar) -> None:
    token = await registrar.token()
    for authorization in (f"DPoP {token}", f"Basic {token}", token):
        with pytest.raises(NoTokenError):
            await registrar.register_endpoint(RegistrationRequest(authorization, METADATA, ORIGIN))


async def test_one_address_does_not_register_without_end(world: World, registrar: Registrar) -> None:
    for _ in range(100):
        with pytest.raises(InvalidTokenError):
            await registrar.register_endpoint(RegistrationRequest("Bearer x", METADATA, ORIGIN))
    token = await registrar.token()
    with pytest.raises(TooManyRegistrationsError) as refused:
        await registrar.post(METADATA, token)
    assert (refused.value.status, refused.value.retry_after) == (429, 5)
    elsewhere = replace(ORIGIN, source="elsewhere")
    await registrar.register_endpoint(RegistrationRequest(f"Bearer {await registrar.token()}", METADATA, elsewhere))
    world.clock.seconds += 5
    await registrar.post(METADATA, token)
