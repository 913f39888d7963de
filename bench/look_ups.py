"""What a sign-in asks the database before and after its password hash, without anything around it."""

import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence

from bench.installation import settings_in_force
from idp.adapters.sql.stores import Stores
from idp.cli.opening import Provider, on_provider


def look_up_people(environment: Mapping[str, str], numbers: Sequence[str]) -> float:
    """Return the median seconds that the look-ups of one person take, each person asked for once."""
    with settings_in_force(environment):
        return on_provider(lambda provider: _measure(provider, numbers))


async def _measure(provider: Provider, numbers: Sequence[str]) -> float:
    # The first ones open the connection and prepare the statements.
    warm, measured = numbers[:10], numbers[10:]
    for number in warm:
        await _look_up(provider.stores, number)
    seconds = []
    for number in measured:
        started = time.perf_counter()
        await _look_up(provider.stores, number)
        seconds.append(time.perf_counter() - started)
        await asyncio.sleep(0)
    return statistics.median(seconds)


async def _look_up(stores: Stores, number: str) -> None:
    account = await stores.accounts.find(number)
    assert account is not None
    await stores.authenticators.enrolled(account.account_id)
    await stores.accounts.profile(account.account_id)
