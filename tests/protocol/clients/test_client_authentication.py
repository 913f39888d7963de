from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from hmac import compare_digest

import pytest

from idp.protocol.clients import client_authentication
from idp.protocol.errors import InvalidClientError, InvalidRequestError
from tests.protocol.world import PORTAL, SECRET, World, basic


def raw_basic(credentials: str) -> str:
    return "Basic " + b64encode(credentials.encode()).decode()


async def test_basic_credentials_are_form_urlencoded_before_they_are_joined(world: World) -> None:
    client = await world.authentication.authenticate({}, basic())
    assert client.client_id == "portal"


async def test_the_scheme_is_case_insensitive(world: World) -> None:
    await world.authentication.authenticate({}, basic().replace("Basic", "bAsIc"))


async def test_the_body_may_repeat_the_client_identifier(world: World) -> None:
    await world.authentication.authenticate({"client_id": "portal"}, basic())


async def test_a_secret_in_the_body_is_good_for_clients_registered_so(world: World) -> None:
    client = await world.authentication.authenticate({"client_id": "other", "client_secret": SECRET}, None)
    assert client.client_id == "other"


async def test_a_public_client_says_who_it_is(world: World) -> None:
    client = await world.authentication.authenticate({"client_id": "phone-app"}, None)
    assert client.client.is_public


@pytest.mark.parametrize(
    ("parameters", "authorization"),
    [
        pytest.param({"client_secret": SECRET}, basic(), id="basic and post"),
        pytest.param({"client_assertion": "x"}, basic(), id="basic and assertion"),
        pytest.param(
            {"client_id": "other", "client_secret": SECRET, "client_assertion": "x"}, None, id="post and more"
        ),
        pytest.param({"client_id": "other"}, basic(), id="another client identifier in the body"),
    ],
)
async def test_a_client_must_not_use_more_than_one_method(
    world: World, parameters: dict[str, str], authorization: str | None
) -> None:
    with pytest.raises(InvalidRequestError):
        await world.authentication.authenticate(parameters, authorization)


@pytest.mark.parametrize(
    ("parameters", "authorization"),
    [
        pytest.param({}, None, id="nothing"),
        pytest.param({"client_id": "portal", "client_secret": SECRET}, None, id="post by a basic client"),
        pytest.param({}, basic("other"), id="basic by a post client"),
        pytest.param({"client_id": "portal"}, None, id="a confidential client that proves nothing"),
        pytest.param({"client_id": "phone-app", "client_secret": SECRET}, None, id="a public client with a secret"),
        pytest.param({}, basic("phone-app"), id="a public client by basic"),
        pytest.param({"client_id": "portal", "client_assertion": "x"}, None, id="a method that is not supported"),
        pytest.param({}, basic("nobody"), id="an unknown client by basic"),
        pytest.param({"client_id": "nobody", "client_secret": SECRET}, None, id="an unknown client by post"),
        pytest.param({"client_id": "nobody"}, None, id="an unknown public client"),
        pytest.param({}, basic(secret="wrong"), id="a wrong secret"),
        pytest.param({}, basic(secret=""), id="an empty secret"),
        pytest.param({}, raw_basic(f"portal:{SECRET}"), id="a secret that is not form-urlencoded"),
        pytest.param({}, raw_basic("portal"), id="basic without a colon"),
        pytest.param({}, raw_basic("portal%00:x"), id="basic with a null"),
        pytest.param({}, raw_basic("portal:%ff"), id="basic that is not UTF-8 inside"),
        pytest.param({}, "Basic \xff\xfe", id="basic outside ASCII"),
        pytest.param({}, "Basic ////", id="basic that is not UTF-8"),
        pytest.param({}, "Basic a", id="basic that is not base64"),
        pytest.param({}, "Basic", id="basic alone"),
        pytest.param({}, "Bearer x", id="another scheme"),
        pytest.param({}, "", id="an empty header"),
    ],
)
async def test_everything_else_fails_the_same_way(
    world: World, parameters: dict[str, str], authorization: str | None
) -> None:
    with pytest.raises(InvalidClientError) as refused:
        await world.authentication.authenticate(parameters, authorization)
    assert refused.value.description == InvalidClientError.default
    assert refused.value.status == 401


async def test_a_disabled_client_is_refused(world: World) -> None:
    await world.save(replace(PORTAL, disabled=True))
    with pytest.raises(InvalidClientError) as refused:
        await world.authentication.authenticate({}, basic())
    assert refused.value.reason == "disabled client"


async def test_a_wrong_secret_is_audited_by_client_and_an_unknown_client_is_not_named(world: World) -> None:
    for header, named in ((basic(secret="wrong"), "portal"), (basic("nobody"), None)):
        with pytest.raises(InvalidClientError) as refused:
            await world.authentication.authenticate({}, header)
        assert refused.value.client_id == named


async def test_both_secrets_of_a_rotation_work(world: World) -> None:
    hashes = tuple(sha256(secret.encode()).digest() for secret in ("old", "new"))
    await world.save(replace(PORTAL, secret_hashes=hashes))
    for secret in ("old", "new"):
        await world.authentication.authenticate({}, basic(secret=secret))
    with pytest.raises(InvalidClientError):
        await world.authentication.authenticate({}, basic())


async def test_a_client_without_any_secret_never_gets_in_with_one(world: World) -> None:
    await world.save(replace(PORTAL, secret_hashes=()))
    for secret in ("", "\0", SECRET):
        with pytest.raises(InvalidClientError):
            await world.authentication.authenticate({}, basic(secret=secret))


async def test_an_unknown_client_costs_one_comparison_like_a_known_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = 0

    def counting(first: bytes, second: bytes) -> bool:
        nonlocal compared
        compared += 1
        return compare_digest(first, second)

    monkeypatch.setattr(client_authentication, "compare_digest", counting)
    for client_id in ("nobody", "portal"):
        with pytest.raises(InvalidClientError):
            await world.authentication.authenticate({}, basic(client_id, "wrong"))
    assert compared == 2
