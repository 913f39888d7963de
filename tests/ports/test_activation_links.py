"""The contract of `ActivationLinks`."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256

import pytest

from idp.adapters.sql.stores import Stores
from idp.domain.accounts.account import Account
from idp.domain.enrolment.activation_link import new_link
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import AccountId, Seconds, TokenHash
from idp.domain.offices.officer import NO_AGENCY, NewOfficer, NewPost
from idp.ports.activation_links import RoleHeldError
from idp.ports.recoveries import Reset
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import EVENT

FIRST, SECOND = TokenHash(b"1" * 32), TokenHash(b"2" * 32)


async def test_an_account_has_one_link_at_a_time(stores: Stores, account: Account, clock: TurnedClock) -> None:
    links = stores.activation_links
    first, second = (new_link(account.account_id, each, clock.now()) for each in (FIRST, SECOND))
    await links.put(first, EVENT, lends_roles=False)
    assert await links.find(FIRST) == first
    await links.put(second, EVENT, lends_roles=False)
    assert await links.find(FIRST) is None
    assert await links.find(SECOND) == second
    assert await links.redeem(FIRST, "hash", clock.now(), EVENT.origin) is None


async def test_another_password_ends_a_link_that_nobody_used(
    stores: Stores, account: Account, clock: TurnedClock
) -> None:
    """Somebody kept it, and would take a password and second factors away that the owner has by now."""
    account_id, now, links = account.account_id, clock.now(), stores.activation_links
    await links.put(new_link(account_id, FIRST, now), EVENT, lends_roles=False)
    reset = Reset(
        account_id=account_id,
        password_hash="new",
        forgets_factors=False,
        since=Seconds(now + 9),
        now=now,
        keep_until=now,
    )
    assert await stores.recoveries.reset(reset, EVENT) is not None
    assert await links.redeem(FIRST, "hash", now, EVENT.origin) is None
    assert len(await stores.authenticators.enrolled(account_id)) == 1


async def test_of_50_at_once_one_uses_it_up(stores: Stores, account: Account, clock: TurnedClock) -> None:
    await stores.activation_links.put(new_link(account.account_id, FIRST, clock.now()), EVENT, lends_roles=False)
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


async def test_a_link_for_whoever_holds_a_role_or_will_takes_a_command(stores: Stores, clock: TurnedClock) -> None:
    who, now = AccountId("officer-1"), clock.now()
    post = NewPost(agency_code=NO_AGENCY, position="x", roles=(), held_from=now)
    await stores.officers.add(NewOfficer(account_id=who, username="officer1", post=post), EVENT)
    await stores.activation_links.put(new_link(who, FIRST, now), EVENT, lends_roles=False)
    known = await stores.officers.get(who)
    assert known
    ends = Seconds(now + 60)
    to_come = replace(post, roles=("auditor",), held_from=Seconds(now + 30), held_to=ends)
    await stores.officers.give_post(who, to_come, known.version, EVENT)
    for at in (now, Seconds(ends - 1)):
        with pytest.raises(RoleHeldError):
            await stores.activation_links.put(new_link(who, SECOND, at), EVENT, lends_roles=False)
    assert await stores.activation_links.find(SECOND) is None
    await stores.activation_links.put(new_link(who, SECOND, now), EVENT, lends_roles=True)
    await stores.activation_links.put(new_link(who, FIRST, ends), EVENT, lends_roles=False)


async def test_of_a_role_and_a_link_at_once_the_role_is_lent_to_nobody(stores: Stores, clock: TurnedClock) -> None:
    now = clock.now()
    post = NewPost(agency_code=NO_AGENCY, position="x", roles=(), held_from=now)
    role = replace(post, roles=("auditor",), held_from=Seconds(now + 1))

    who = [AccountId(f"officer-{number}") for number in range(20)]
    for account_id in who:
        await stores.officers.add(NewOfficer(account_id=account_id, username=account_id, post=post), EVENT)

    seen = {each: known.version for each in who if (known := await stores.officers.get(each))}

    async def give(account_id: AccountId) -> None:
        await stores.officers.give_post(account_id, role, seen[account_id], EVENT)

    async def put(account_id: AccountId) -> None:
        with suppress(RoleHeldError):
            await stores.activation_links.put(new_link(account_id, token_of(account_id), now), EVENT, lends_roles=False)

    await asyncio.gather(*(act(each) for each in who for act in (*[put] * 3, give, *[put] * 6)))
    assert [await stores.activation_links.find(token_of(each)) for each in who] == [None] * len(who)


def token_of(account_id: AccountId) -> TokenHash:
    return TokenHash(sha256(account_id.encode()).digest())


async def test_what_ended_is_not_used(stores: Stores, account: Account, clock: TurnedClock) -> None:
    link = new_link(account.account_id, FIRST, clock.now())
    await stores.activation_links.put(link, EVENT, lends_roles=False)
    assert await stores.activation_links.redeem(FIRST, "hash", link.expires_at, EVENT.origin) is None
    await stores.accounts.set_locked(
        account.account_id, locked=True, now=clock.now(), reason=RevocationReason.ACCOUNT_LOCKED, event=EVENT
    )
    before = Seconds(link.expires_at - 1)
    assert await stores.activation_links.redeem(FIRST, "hash", before, EVENT.origin) is None
    assert len(await stores.authenticators.enrolled(account.account_id)) == 1


async def test_a_no_of_the_owner_ends_the_link_with_every_open_request(
    stores: Stores, account: Account, clock: TurnedClock
) -> None:
    links, now, whose = stores.activation_links, clock.now(), account.account_id
    await links.put(new_link(whose, FIRST, now), EVENT, lends_roles=False)
    await links.put(new_link(AccountId("somebody else"), SECOND, now), EVENT, lends_roles=False)
    assert await links.of_account(whose) == await links.find(FIRST)

    assert await stores.recoveries.stop_all(whose, now, now, EVENT)

    assert await links.redeem(FIRST, "hash", now, EVENT.origin) is None
    assert await links.of_account(whose) is None
    assert await links.find(SECOND)
    assert not await stores.recoveries.stop_all(whose, now, now, EVENT)


async def test_the_reference_of_a_link_ends_that_one_alone(
    stores: Stores, account: Account, clock: TurnedClock
) -> None:
    links, now, whose = stores.activation_links, clock.now(), account.account_id
    first, second = new_link(whose, FIRST, now), new_link(whose, SECOND, Seconds(now + 1))
    await links.put(second, EVENT, lends_roles=False)

    assert not await stores.recoveries.stop_all(whose, now, now, EVENT, first.reference)
    assert await links.find(SECOND)
    assert not await stores.recoveries.stop_all(whose, second.expires_at, now, EVENT, second.reference)
    assert await stores.recoveries.stop_all(whose, now, now, EVENT, second.reference)
    assert await links.find(SECOND) is None


async def test_of_50_vetoes_and_uses_at_once_one_counts(stores: Stores, account: Account, clock: TurnedClock) -> None:
    now, whose = clock.now(), account.account_id
    await stores.activation_links.put(new_link(whose, FIRST, now), EVENT, lends_roles=False)
    answers = await asyncio.gather(
        *(stores.recoveries.stop_all(whose, now, now, EVENT) for _ in range(25)),
        *(stores.activation_links.redeem(FIRST, f"hash-{number}", now, EVENT.origin) for number in range(25)),
    )
    assert len([each for each in answers if each]) == 1


async def test_a_link_that_was_used_is_not_stopped(stores: Stores, account: Account, clock: TurnedClock) -> None:
    link, now = new_link(account.account_id, FIRST, clock.now()), clock.now()
    await stores.activation_links.put(link, EVENT, lends_roles=False)
    assert await stores.activation_links.redeem(FIRST, "hash", now, EVENT.origin)
    assert not await stores.recoveries.stop_all(account.account_id, now, now, EVENT, link.reference)
    assert not await stores.recoveries.stop_all(account.account_id, now, now, EVENT)
