"""The contract of `Leases`."""

import asyncio

from idp.adapters.sql.stores import Stores
from idp.ports.leases import NOBODY, Lease


async def test_of_50_that_ask_at_once_for_a_new_job_one_becomes_its_owner(stores: Stores) -> None:
    answers = await asyncio.gather(*(stores.leases.take("sweep", f"node-{number}", None) for number in range(50)))
    (won,) = [lease for lease in answers if lease is not None]
    assert await stores.leases.look() == (won,)
    assert (won.job, won.fence, won.beat) == ("sweep", 1, 1)
    assert answers.index(won) == int(won.owner.removeprefix("node-"))


async def test_of_50_that_saw_the_same_lease_one_takes_it_over(stores: Stores) -> None:
    seen = await stores.leases.take("sweep", "dead", None)
    answers = await asyncio.gather(*(stores.leases.take("sweep", f"node-{number}", seen) for number in range(50)))
    (won,) = [lease for lease in answers if lease is not None]
    assert await stores.leases.look() == (won,)
    assert won.fence == 2


async def test_a_lease_that_changed_since_it_was_seen_is_not_taken(stores: Stores) -> None:
    seen = await stores.leases.take("sweep", "a", None)
    (renewed,) = await stores.leases.renew("a")
    assert await stores.leases.take("sweep", "b", seen) is None
    assert await stores.leases.take("sweep", "b", None) is None
    taken = await stores.leases.take("sweep", "b", renewed)
    assert taken == Lease("sweep", "b", 2, renewed.beat + 1)


async def test_renewing_keeps_what_is_one_s_own_and_says_what_is_lost(stores: Stores) -> None:
    first = await stores.leases.take("sweep", "a", None)
    second = await stores.leases.take("notices", "a", None)
    assert first is not None
    assert second is not None
    assert await stores.leases.renew("a") == (Lease("notices", "a", 1, 2), Lease("sweep", "a", 1, 2))
    assert await stores.leases.take("sweep", "b", Lease("sweep", "a", 1, 2)) is not None
    assert await stores.leases.renew("a") == (Lease("notices", "a", 1, 3),)
    assert await stores.leases.renew("c") == ()


async def test_what_was_given_back_can_be_taken_at_once_and_the_fence_goes_on(stores: Stores) -> None:
    await stores.leases.take("sweep", "a", None)
    await stores.leases.take("notices", "b", None)
    await stores.leases.release("a")
    others, free = await stores.leases.look()
    assert (others.owner, free.owner, free.fence) == ("b", NOBODY, 1)
    taken = await stores.leases.take("sweep", "b", free)
    assert taken is not None
    assert (taken.owner, taken.fence) == ("b", 2)


async def test_one_job_can_be_given_back_and_the_others_kept(stores: Stores) -> None:
    await stores.leases.take("sweep", "a", None)
    await stores.leases.take("notices", "a", None)
    await stores.leases.release("b", "sweep")
    await stores.leases.release("a", "sweep")
    assert [(lease.job, lease.owner) for lease in await stores.leases.look()] == [("notices", "a"), ("sweep", NOBODY)]
    assert [lease.job for lease in await stores.leases.renew("a")] == ["notices"]
