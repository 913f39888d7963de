"""The contract of `ActivationLinks`."""

import asyncio

from idp.adapters.sql.stores import Stores
from idp.domain.account import Account
from idp.domain.activation_link import new_link
from idp.domain.grant import RevocationReason
from idp.domain.ids import Seconds, TokenHash
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import EVENT

FIRST, SECOND = TokenHash(b"1" * 32), TokenHash(b"2" * 32)


async def test_an_account_has_one_link_at_a_time(stores: Stores, account: Account, clock: TurnedClock) -> None:
    links = stores.activation_links
    first, second = (new_link(account.account_id, each, clock.now()) for each in (FIRST, SECOND))
    await links.put(first, EVENT)
    assert await links.find(FIRST) == first
    await links.put(second, EVENT)
    assert await links.find(FIRST) is None
    assert await links.find(SECOND) == second
    assert await links.redeem(FIRST, "hash", clock.now(), EVENT.origin) is None


async def test_of_50_at_once_one_uses_it_up(stores: Stores, account: Account, clock: TurnedClock) -> None:
    await stores.activation_links.put(new_link(account.account_id, FIRST, clock.now()), EVENT)
    answers = await asyncio.gather(
        *(stores.activation_links.redeem(FIRST, f"hash-{number}", clock.now(), EVENT.origin) for number in range(50))
    )
    (winner,) = (number for number, answer in enumerate(answers) if answer is not None)
    assert answers[winner] == account.account_id
    now = await stores.accounts.get(account.account_id)
    assert now is not None
    assert now.password_hash == f"hash-{winner}"
    assert now.sessions_valid_from > clock.now()
    assert await stores.authenticators.enrolled(account.account_id) == ()
    records = [record async for record in stores.audit_log.records()]
    assert [record.name for record in records].count("account.activated") == 1


async def test_what_ended_is_not_used(stores: Stores, account: Account, clock: TurnedClock) -> None:
    link = new_link(account.account_id, FIRST, clock.now())
    await stores.activation_links.put(link, EVENT)
    assert await stores.activation_links.redeem(FIRST, "hash", link.expires_at, EVENT.origin) is None
    await stores.accounts.set_locked(
        account.account_id, locked=True, now=clock.now(), reason=RevocationReason.ACCOUNT_LOCKED, event=EVENT
    )
    before = Seconds(link.expires_at - 1)
    assert await stores.activation_links.redeem(FIRST, "hash", before, EVENT.origin) is None
    assert len(await stores.authenticators.enrolled(account.account_id)) == 1
