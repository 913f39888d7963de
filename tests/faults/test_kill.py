"""`kill -9` in the middle of sign-ins and refreshes: what was acknowledged is still there afterwards."""

import asyncio
import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from bench.connection import ServerClosed
from bench.visitor import query_of
from tests.relying_party import (
    SignedIn,
    authorize_url,
    hang_up,
    is_active,
    read_json,
    refresh,
    visitor,
)
from tests.server import OTHER, PASSWORD, RECORDS, ProviderProcess

OPERATIONS = 260
KILL_AT = 130
BROWSERS = 12
PEOPLE = 70
REFRESHES = 3


@dataclass
class Acknowledged:
    """Everything that the server answered before it died."""

    refresh_tokens: dict[str, str] = field(default_factory=dict)
    """The newest acknowledged refresh token by person; removed while the next answer is awaited."""
    access_tokens: list[str] = field(default_factory=list)
    consents: dict[str, SignedIn] = field(default_factory=dict)
    operations: int = 0
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, person: str, answer: dict[str, str]) -> None:
        self.access_tokens.append(answer["access_token"])
        self.refresh_tokens[person] = answer["refresh_token"]
        self.operations += 1
        if self.operations >= KILL_AT:
            self.enough.set()


def _person(number: int) -> str:
    return f"001099{number:06}"


def _people() -> str:
    line = '  - {{personal_number: "{}", name: Người Thử, password: {}}}\n'
    return "people:\n" + "".join(line.format(_person(number), PASSWORD) for number in range(100, 100 + PEOPLE))


async def _sign_in_and_refresh(provider: ProviderProcess, person: str, acknowledged: Acknowledged) -> None:
    """One person signs in at the client that asks for consent, and the client refreshes."""
    browser = await visitor(provider)
    page = await browser.follow(await browser.get(authorize_url(OTHER[0])))
    page = await browser.submit(page, "sign-in", {"username": person, "password": PASSWORD})
    page = await browser.submit(page, "consent", {"decision": "allow"})
    signed_in = SignedIn(browser, query_of(page)["code"])
    acknowledged.consents[person] = signed_in
    answer = read_json(await signed_in.redeem(provider, OTHER))
    for _ in range(REFRESHES):
        acknowledged.note(person, answer)
        presented = acknowledged.refresh_tokens.pop(person)
        answer = read_json(await refresh(provider, presented, OTHER))
    acknowledged.note(person, answer)


async def _work_until_it_dies(provider: ProviderProcess, acknowledged: Acknowledged) -> None:
    people = iter(range(100, 100 + PEOPLE))

    async def keep_signing_in() -> None:
        for number in people:
            try:
                await _sign_in_and_refresh(provider, _person(number), acknowledged)
            except (ServerClosed, OSError):
                return

    async def kill() -> None:
        await acknowledged.enough.wait()
        provider.kill()

    await asyncio.gather(kill(), *(keep_signing_in() for _ in range(BROWSERS)))
    assert KILL_AT <= acknowledged.operations < OPERATIONS


@pytest.mark.slow
async def test_nothing_acknowledged_is_missing_after_the_server_was_killed(
    provider_process: Callable[..., ProviderProcess],
) -> None:
    provider = provider_process()
    provider.load(RECORDS)
    provider.load(_people())
    provider.start("--workers", "2")
    acknowledged = Acknowledged()
    await _work_until_it_dies(provider, acknowledged)
    await hang_up()

    provider.start("--workers", "2")
    await _check_tokens_and_consents(provider, acknowledged)
    _check_audit(provider, acknowledged)


async def _check_tokens_and_consents(provider: ProviderProcess, acknowledged: Acknowledged) -> None:
    for token in acknowledged.access_tokens:
        assert await is_active(provider, token, OTHER)
    for token in acknowledged.refresh_tokens.values():
        assert (await refresh(provider, token, OTHER)).status == 200
    for signed_in in acknowledged.consents.values():
        signed_in.browser.connection = (await visitor(provider)).connection
        silent = await signed_in.browser.get(authorize_url(OTHER[0], prompt="none"))
        assert "code" in query_of(await signed_in.browser.follow(silent))


def _token_id(token: str) -> str:
    payload = token.split(".")[1]
    identifier: str = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["jti"]
    return identifier


def _check_audit(provider: ProviderProcess, acknowledged: Acknowledged) -> None:
    provider.command("audit", "verify")
    lines = provider.command("audit", "export").stdout.splitlines()
    records = [json.loads(line)["record"] for line in lines]
    issued = {record["event"]["token_id"] for record in records if record["name"] == "tokens.issued"}
    assert {_token_id(token) for token in acknowledged.access_tokens} - issued == set()
    assert len({record["event"]["account_id"] for record in records if record["name"] == "consent.given"}) >= len(
        acknowledged.consents
    )
