"""What the provider publishes: believed only when it fits, cached, fetched again within bounds."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from clients.relying_party.provider import Provider
from clients.relying_party.refusals import ProviderUnavailable
from tests.clients.provider_double import FixedClock, ProviderDouble

ISSUER = "https://id.example"
METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "userinfo_endpoint": f"{ISSUER}/userinfo",
    "end_session_endpoint": f"{ISSUER}/end-session",
    "jwks_uri": f"{ISSUER}/jwks",
}


def provider_that_answers(answer: Callable[[str], httpx.Response], clock: FixedClock | None = None) -> Provider:
    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda request: answer(request.url.path)))
    return Provider(ISSUER, http, clock or FixedClock())


def publishing(keys: object) -> Callable[[str], httpx.Response]:
    return lambda path: httpx.Response(200, json=keys if path == "/jwks" else METADATA)


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://evil.example"},
        {"issuer": f"{ISSUER}/"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": 5},
        {"token_endpoint": "http://id.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"end_session_endpoint": "/relative"},
    ],
)
async def test_metadata_that_does_not_fit_is_not_believed(changes: dict[str, Any]) -> None:
    provider = provider_that_answers(lambda _: httpx.Response(200, json=METADATA | changes))
    with pytest.raises(ProviderUnavailable):
        await provider.metadata()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(500),
        httpx.Response(302, headers={"Location": "https://evil.example"}),
    ],
)
async def test_an_answer_that_is_no_document_is_not_believed(answer: httpx.Response) -> None:
    with pytest.raises(ProviderUnavailable):
        await provider_that_answers(lambda _: answer).metadata()


async def test_metadata_is_kept_for_an_hour() -> None:
    asked: list[str] = []

    def answer(path: str) -> httpx.Response:
        asked.append(path)
        return httpx.Response(200, json=METADATA)

    clock = FixedClock()
    provider = provider_that_answers(answer, clock)
    for _ in range(3):
        await provider.metadata()
    assert len(asked) == 1
    clock.advance(3600)
    await provider.metadata()
    assert len(asked) == 2


@pytest.mark.parametrize(
    "broken",
    [
        "text",
        {"kid": 5, "kty": "EC"},
        {"kid": "b", "kty": "EC"},
        {"kid": "b", "kty": "EC", "crv": "P-999", "x": "AA", "y": "AA"},
        {"kid": "b", "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kid": "b", "kty": "RSA", "n": 5, "e": "AQAB"},
        {"kid": "b", "kty": "oct", "k": "c2VjcmV0"},
    ],
)
async def test_one_malformed_key_leaves_the_others_usable(broken: object) -> None:
    good = ProviderDouble(FixedClock(), {}).key.as_dict(private=False)
    provider = provider_that_answers(publishing({"keys": [broken, good]}))
    assert await provider.key("key-1", "ES256") is not None
    assert await provider.key("b", "ES256") is None
    assert await provider.key("b", "RS256") is None


@pytest.mark.parametrize("changes", [{"use": "enc"}, {"alg": "ES384"}])
async def test_a_key_for_something_else_verifies_nothing(changes: dict[str, str]) -> None:
    key = ProviderDouble(FixedClock(), {}).key.as_dict(private=False)
    provider = provider_that_answers(publishing({"keys": [{**key, **changes}]}))
    assert await provider.key("key-1", "ES256") is None


@pytest.mark.parametrize("keys", [{}, {"keys": "none"}, {"keys": []}])
async def test_a_key_set_without_keys_verifies_nothing(keys: object) -> None:
    assert await provider_that_answers(publishing(keys)).key("key-1", "ES256") is None
