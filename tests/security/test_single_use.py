import asyncio

import pytest

from tests.relying_party import is_active, read_json, refresh, sign_in
from tests.server import ProviderProcess

pytestmark = pytest.mark.slow

TRIES = 50


async def test_of_fifty_parallel_redemptions_of_a_code_one_succeeds_and_the_replay_kills_its_tokens(
    provider: ProviderProcess,
) -> None:
    signed_in = await sign_in(provider)
    answers = await asyncio.gather(*(signed_in.redeem(provider) for _ in range(TRIES)))
    succeeded = [answer for answer in answers if answer.status == 200]
    refused = [answer for answer in answers if answer.status != 200]
    assert len(succeeded) == 1
    assert {(answer.status, read_json(answer)["error"]) for answer in refused} == {(400, "invalid_grant")}
    tokens = read_json(succeeded[0])
    assert not await is_active(provider, tokens["access_token"])
    assert (await refresh(provider, tokens["refresh_token"])).status == 400


async def test_fifty_parallel_uses_of_a_refresh_token_leave_at_most_one_living_family(
    provider: ProviderProcess,
) -> None:
    tokens = read_json(await (await sign_in(provider)).redeem(provider))
    answers = await asyncio.gather(*(refresh(provider, tokens["refresh_token"]) for _ in range(TRIES)))
    succeeded = [read_json(answer) for answer in answers if answer.status == 200]
    assert len(succeeded) <= 1
    assert {answer.status for answer in answers} <= {200, 400}
    living = [each for each in succeeded if (await refresh(provider, each["refresh_token"])).status == 200]
    assert len(living) <= 1


async def test_a_refresh_token_used_again_later_ends_its_family(provider: ProviderProcess) -> None:
    first = read_json(await (await sign_in(provider)).redeem(provider))
    second = read_json(await refresh(provider, first["refresh_token"]))
    again = await refresh(provider, first["refresh_token"])
    assert (again.status, read_json(again)["error"]) == (400, "invalid_grant")
    assert (await refresh(provider, second["refresh_token"])).status == 400
    assert not await is_active(provider, second["access_token"])
