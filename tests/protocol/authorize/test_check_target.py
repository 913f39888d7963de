from dataclasses import replace

import pytest

from idp.protocol.authorize.check_target import check_client, check_redirect_uri, check_response
from idp.protocol.errors import InvalidClientError, InvalidRequestError
from tests.protocol.world import PORTAL, REDIRECT, World


async def test_the_client_is_one_that_is_registered(world: World) -> None:
    assert (await check_client(world.stores.clients, {"client_id": "portal"})).client_id == "portal"


@pytest.mark.parametrize("client_id", ["nobody", "Portal", "portal ", "p" * 10_000])
async def test_a_stranger_is_refused(world: World, client_id: str) -> None:
    with pytest.raises(InvalidClientError):
        await check_client(world.stores.clients, {"client_id": client_id})


@pytest.mark.parametrize("parameters", [{}, {"client_id": ""}])
async def test_a_request_that_names_no_client_is_refused(world: World, parameters: dict[str, str]) -> None:
    with pytest.raises(InvalidRequestError):
        await check_client(world.stores.clients, parameters)


async def test_a_disabled_client_is_refused_like_a_stranger(world: World) -> None:
    await world.save(replace(PORTAL, disabled=True))
    with pytest.raises(InvalidClientError):
        await check_client(world.stores.clients, {"client_id": "portal"})


def test_a_redirect_uri_is_taken_exactly_as_registered() -> None:
    assert check_redirect_uri(PORTAL, {"redirect_uri": REDIRECT}) == REDIRECT


@pytest.mark.parametrize("redirect_uri", [
    f"{REDIRECT}/", f"{REDIRECT}?foo=bar", f"{REDIRECT}#", REDIRECT.replace("localhost", "LOCALHOST"),
    REDIRECT.replace("8001", "8002"), REDIRECT.replace("http:", "https:"), "https://evil.example/callback", " ",
])  # fmt: skip
def test_a_redirect_uri_that_differs_at_all_is_refused(redirect_uri: str) -> None:
    with pytest.raises(InvalidRequestError, match="not registered"):
        check_redirect_uri(PORTAL, {"redirect_uri": redirect_uri})


@pytest.mark.parametrize("parameters", [{}, {"redirect_uri": ""}])
def test_the_redirect_uri_is_required_even_of_a_client_that_has_only_one(parameters: dict[str, str]) -> None:
    with pytest.raises(InvalidRequestError, match="missing"):
        check_redirect_uri(PORTAL, parameters)


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
def test_the_answer_goes_as_asked_with_its_state(mode: str) -> None:
    target, refusal = check_response({"response_mode": mode, "state": "s" * 1000}, REDIRECT)
    assert (target.redirect_uri, target.response_mode, target.state, refusal) == (REDIRECT, mode, "s" * 1000, None)


def test_without_a_mode_the_answer_is_a_query_and_without_a_state_none_is_returned() -> None:
    target, refusal = check_response({}, REDIRECT)
    assert (target.response_mode, target.state, refusal) == ("query", None, None)


def test_an_unknown_mode_is_refused_by_query_with_the_state() -> None:
    target, refusal = check_response({"response_mode": "web_message", "state": "xyz"}, REDIRECT)
    assert (target.response_mode, target.state) == ("query", "xyz")
    assert isinstance(refusal, InvalidRequestError)


def test_a_state_of_absurd_length_is_refused_and_not_sent_back() -> None:
    target, refusal = check_response({"state": "s" * 4097}, REDIRECT)
    assert target.state is None
    assert isinstance(refusal, InvalidRequestError)


@pytest.mark.parametrize(("mode", "response_type", "delivery"), [
    ("jwt", "code", "query"), ("jwt", "code id_token", "fragment"), ("query.jwt", "code", "query"),
    ("fragment.jwt", "code", "fragment"), ("form_post.jwt", "code", "form_post"), ("form_post.jwt", "id_token",
    "form_post"),
])  # fmt: skip
def test_a_signed_answer_goes_the_same_ways(mode: str, response_type: str, delivery: str) -> None:
    target, refusal = check_response({"response_mode": mode, "response_type": response_type}, REDIRECT)
    assert (target.response_mode, target.signed, refusal) == (delivery, True, None)


@pytest.mark.parametrize("response_type", ["id_token", "token", "code token", "code id_token token"])
def test_tokens_go_into_the_fragment_and_never_into_the_query(response_type: str) -> None:
    target, refusal = check_response({"response_type": response_type}, REDIRECT)
    assert (target.response_mode, refusal) == ("fragment", None)
    for mode in ("query", "query.jwt"):
        target, refusal = check_response({"response_type": response_type, "response_mode": mode}, REDIRECT)
        assert target.response_mode == "fragment"
        assert isinstance(refusal, InvalidRequestError)


@pytest.mark.parametrize("response_type", ["code", "id_token"])
def test_an_unknown_mode_is_refused_the_usual_way(response_type: str) -> None:
    target, refusal = check_response({"response_mode": "web_message.jwt", "response_type": response_type}, REDIRECT)
    assert (target.response_mode, target.signed) == ("query" if response_type == "code" else "fragment", False)
    assert isinstance(refusal, InvalidRequestError)
