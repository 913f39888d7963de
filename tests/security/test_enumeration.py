"""Nobody learns from an answer who has an account, or which client exists."""

import re

import pytest

from bench.connection import Answer
from tests.relying_party import authorize_url, post, read_json, visitor
from tests.server import CITIZEN, OFFICER, PORTAL, ProviderProcess

pytestmark = pytest.mark.slow

UNKNOWN = ("001099000777", "nobody@example.vn", "0912345678", "nobody.at.all")


def _without_what_differs_anyway(answer: Answer, typed: str) -> str:
    """The page without what was typed, tokens, addresses of this sign-in, and the request's identifier."""
    page = answer.body.decode().replace(typed, "TYPED")
    return re.sub(r'(value|href|action)="[^"]*"', r"\1", re.sub(r"[A-Za-z0-9_-]{20,}", "X", page))


async def _refused(provider: ProviderProcess, username: str) -> Answer:
    browser = await visitor(provider)
    page = await browser.follow(await browser.get(authorize_url()))
    return await browser.submit(page, "sign-in", {"username": username, "password": "surely wrong"})


@pytest.mark.parametrize("unknown", UNKNOWN)
async def test_an_unknown_person_is_refused_like_a_wrong_password(provider: ProviderProcess, unknown: str) -> None:
    known, nobody = await _refused(provider, CITIZEN), await _refused(provider, unknown)
    assert nobody.status == known.status
    assert _without_what_differs_anyway(nobody, unknown) == _without_what_differs_anyway(known, CITIZEN)
    assert {line.partition(":")[0] for line in nobody.head.decode().splitlines()[1:]} == {
        line.partition(":")[0] for line in known.head.decode().splitlines()[1:]
    }


async def test_an_officer_is_not_told_from_a_stranger_at_a_citizens_client(provider: ProviderProcess) -> None:
    officer, nobody = await _refused(provider, OFFICER), await _refused(provider, "nobody@example.vn")
    assert _without_what_differs_anyway(officer, OFFICER) == _without_what_differs_anyway(nobody, "nobody@example.vn")


async def test_an_unknown_client_is_refused_like_a_wrong_secret(provider: ProviderProcess) -> None:
    fields = {"grant_type": "client_credentials"}
    unknown = await post(provider, "/token", fields, ("nobody", "x" * 32))
    wrong = await post(provider, "/token", fields, (PORTAL[0], "x" * 32))
    assert (unknown.status, read_json(unknown)) == (wrong.status, read_json(wrong))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 5000, "eyJhbGciOiJub25lIn0.e30."])
async def test_introspection_says_nothing_of_a_token_that_is_none(provider: ProviderProcess, token: str) -> None:
    answer = await post(provider, "/introspect", {"token": token}, PORTAL)
    assert answer.status == (400 if token == "" else 200)
    if token:
        assert read_json(answer) == {"active": False}


@pytest.mark.parametrize("token", ["x", "a.b.c", "x" * 5000])
async def test_revoking_what_is_no_token_succeeds_as_the_specification_says(
    provider: ProviderProcess, token: str
) -> None:
    assert (await post(provider, "/revoke", {"token": token}, PORTAL)).status == 200
