import shutil
from asyncio import gather
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from idp.domain.clients.onboarding import Onboarding
from idp.domain.ids import ClientId
from idp.ports.http import Answer
from idp.protocol.errors import (
    InvalidAuthorizationDetailsError,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    OAuthError,
    UnauthorizedClientError,
)
from idp.protocol.grants.jwt_bearer import GRANT_TYPE
from idp.protocol.tokens.token import TokenResponse
from tests.protocol.client_signer import ClientSigner
from tests.protocol.world import API, ISSUER, MACHINE, World, open_world

CLUSTER = "https://cluster.example.vn"
WORKLOAD = "system:serviceaccount:reports:sender"
SIGNER = ClientSigner("cluster-1")


def workload(**issuer: Any) -> Any:
    """A client that shows assertions of its cluster and has no secret of its own."""
    trusted = {"issuer": CLUSTER, "subjects": [WORKLOAD], "jwks": {"keys": [SIGNER.jwk]}} | issuer
    return replace(
        MACHINE,
        client_id=ClientId("workload"),
        token_endpoint_auth_method="none",
        grant_types=frozenset({GRANT_TYPE}),
        metadata={"jwt_bearer_issuers": [{name: value for name, value in trusted.items() if value is not None}]},
    )


@pytest.fixture
async def world(world: World) -> World:
    await world.save(workload())
    return world


def assertion(world: World, signer: ClientSigner = SIGNER, **changes: Any) -> str:
    now = world.clock.now()
    claims = {
        "iss": CLUSTER,
        "sub": WORKLOAD,
        "aud": ISSUER,
        "iat": now,
        "exp": now + 600,
        "jti": world.entropy.token(),
        **changes,
    }
    return signer.sign({name: value for name, value in claims.items() if value is not None})


async def show(world: World, token: str, *resources: str, **changes: str) -> TokenResponse:
    parameters = {"grant_type": GRANT_TYPE, "assertion": token, "client_id": "workload"} | changes
    return await world.token(parameters, *resources)


async def test_a_workload_has_a_token_of_its_own_and_of_nobody_else(world: World) -> None:
    response = await show(world, assertion(world), scope="dossier.read")
    claims = world.claims(response.access_token)
    assert (claims["sub"], claims["client_id"], claims["aud"]) == ("workload", "workload", API)
    assert "gid" not in claims
    assert response.refresh_token is None
    assert response.id_token is None
    (issued,) = await world.audited("tokens.issued")
    assert issued["grant_type"] == GRANT_TYPE
    assert "account_id" not in issued


async def test_no_details_are_granted(world: World) -> None:
    with pytest.raises(InvalidAuthorizationDetailsError):
        await show(world, assertion(world), scope="dossier.read", authorization_details="[]")


@pytest.mark.parametrize("audience", [ISSUER, f"{ISSUER}/token", [ISSUER, "https://other"]])
async def test_the_issuer_or_the_token_endpoint_is_the_audience(world: World, audience: object) -> None:
    assert (await show(world, assertion(world, aud=audience), scope="dossier.read")).access_token


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://another.example"},
        {"iss": None},
        {"sub": "system:serviceaccount:reports:other"},
        {"sub": None},
        {"sub": ["system:serviceaccount:reports:sender"]},
        {"aud": "https://another.example"},
        {"aud": None},
        {"aud": [7]},
        {"exp": None},
        {"exp": 1},
        {"exp": "soon"},
        {"exp": -1000},
        {"exp": -(10**30)},
        {"nbf": "now"},
        {"nbf": True},
        {"nbf": -(10**400)},
        {"exp": 10**400},
        {"iat": -(10**400)},
        {"exp": 4_000_000_000},
        {"iat": None},
        {"iat": 3_000_000_000},
        {"nbf": 3_000_000_000},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 513},
    ],
)
async def test_an_assertion_that_is_not_as_it_has_to_be_is_refused(world: World, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidGrantError):
        await show(world, assertion(world, **changes), scope="dossier.read")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\0"])
async def test_what_is_no_assertion_is_refused(world: World, token: str) -> None:
    with pytest.raises(InvalidGrantError):
        await show(world, token)


async def test_the_assertion_is_required(world: World) -> None:
    with pytest.raises(InvalidRequestError):
        await world.token({"grant_type": GRANT_TYPE, "client_id": "workload"})


async def test_only_the_issuers_own_key_signs(world: World) -> None:
    with pytest.raises(InvalidGrantError):
        await show(world, assertion(world, ClientSigner("cluster-1")))
    with pytest.raises(InvalidGrantError):
        await show(world, assertion(world, ClientSigner("cluster-1", "HS256", secret="x" * 32)))


async def test_of_fifty_uses_at_once_one_counts(world: World) -> None:
    token = assertion(world)
    outcomes = await gather(*(show(world, token, scope="dossier.read") for _ in range(50)), return_exceptions=True)
    assert sum(isinstance(outcome, TokenResponse) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, InvalidGrantError) for outcome in outcomes) == 49


@pytest.mark.parametrize(("scope", "error"), [("profile", InvalidScopeError), ("openid", InvalidScopeError)])
async def test_scopes_about_a_person_mean_nothing_here(world: World, scope: str, error: type[OAuthError]) -> None:
    with pytest.raises(error):
        await show(world, assertion(world), scope=scope)


async def test_a_client_whose_word_nobody_vouches_for_has_no_such_grant(world: World) -> None:
    await world.save(replace(workload(), metadata={}))
    with pytest.raises(UnauthorizedClientError):
        await show(world, assertion(world))
    with pytest.raises(UnauthorizedClientError):
        await world.token({"grant_type": GRANT_TYPE, "assertion": assertion(world)})


async def test_no_assertion_counts_before_production(world: World) -> None:
    await world.save(replace(workload(), onboarding=Onboarding()))
    with pytest.raises(UnauthorizedClientError):
        await show(world, assertion(world), scope="dossier.read")


@dataclass
class PublishedKeys:
    """Where the issuer publishes its keys."""

    asked: list[str] = field(default_factory=list)

    async def get(self, url: str) -> Answer:
        self.asked.append(url)
        return Answer(200, msgspec.json.encode({"keys": [SIGNER.jwk]}))

    async def close(self) -> None:
        """Nothing is open."""

    async def post_form(self, url: str, fields: dict[str, str]) -> Answer:
        raise NotImplementedError

    async def post_json(self, url: str, document: object, *, bearer: str) -> Answer:
        raise NotImplementedError


@pytest.fixture
async def published(template: Path, tmp_path: Path) -> AsyncIterator[tuple[World, PublishedKeys]]:
    keys = PublishedKeys()
    opened = await open_world(shutil.copytree(template, tmp_path / "published"), http=keys)
    await opened.save(workload(jwks=None, jwks_uri=f"{CLUSTER}/keys"))
    yield opened, keys
    await opened.foundation.close()


async def test_the_keys_of_an_issuer_are_fetched_and_kept(published: tuple[World, PublishedKeys]) -> None:
    world, keys = published
    for _ in range(3):
        await show(world, assertion(world), scope="dossier.read")
    assert keys.asked == [f"{CLUSTER}/keys"]
