"""The contract of `AssurancePolicies`."""

import asyncio
from dataclasses import replace

from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.sql.stores import Stores, open_database, open_stores, stores_on
from idp.adapters.sql.url import is_postgresql
from idp.domain.events import PolicyRecorded
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import REACH_EVERYWHERE, Level, Method, reach_of
from idp.domain.levels.assurance_policy import FIRST_POLICY, Act, AssurancePolicy, Rule
from idp.domain.moment import LATEST
from idp.ports.vault import Vault
from tests.adapters.turned_clock import TurnedClock
from tests.ports.samples import NOW, ORIGIN


def version(number: int, effective_from: int = NOW) -> AssurancePolicy:
    return replace(
        FIRST_POLICY, version=number, effective_from=Seconds(effective_from), clients={"portal": Rule(Level.TWO, 300)}
    )


async def add(stores: Stores, policy: AssurancePolicy) -> bool:
    event = PolicyRecorded(origin=ORIGIN, version=policy.version, effective_from=policy.effective_from)
    return await stores.assurance_policies.add(policy, event)


async def test_the_first_version_counts_where_no_other_was_recorded(stores: Stores) -> None:
    assert await stores.assurance_policies.in_force() == FIRST_POLICY.within(REACH_EVERYWHERE)
    assert await stores.assurance_policies.recorded() == ()


async def test_a_version_reads_back_as_it_was_recorded_and_counts_from_its_date(
    stores: Stores, clock: TurnedClock
) -> None:
    assert await add(stores, version(2, NOW + 10))
    (recorded,) = await stores.assurance_policies.recorded()
    assert recorded.policy == version(2, NOW + 10)
    assert (recorded.recorded_at, recorded.counts_from) == (NOW, NOW + 10)
    clock.seconds = NOW + 9
    assert (await stores.assurance_policies.in_force()).version == 1
    clock.seconds = NOW + 10
    assert await stores.assurance_policies.in_force() == version(2, NOW + 10).within(REACH_EVERYWHERE)


async def test_what_counts_is_what_the_installation_can_carry_out(
    database_url: str, vault: Vault, clock: TurnedClock
) -> None:
    database = open_database(database_url, clock)
    everything = stores_on(
        database, vault, clock, SystemEntropy(), is_partitioned=is_postgresql(database_url), reach=reach_of(Method)
    )
    in_force = await everything.assurance_policies.in_force()
    assert in_force.acts[Act.DELEGATE].level is Level.THREE
    await everything.close()


async def test_a_version_is_seen_by_every_process_within_a_second(
    stores: Stores, database_url: str, vault: Vault, clock: TurnedClock
) -> None:
    other = open_stores(database_url, vault, clock, SystemEntropy())
    assert (await other.assurance_policies.in_force()).version == 1
    assert await add(stores, version(2))
    clock.seconds += 1
    assert (await other.assurance_policies.in_force()).version == 2
    await other.close()


async def test_nobody_is_judged_by_an_older_version_while_a_new_process_reads_the_first_time(
    stores: Stores, database_url: str, vault: Vault, clock: TurnedClock
) -> None:
    assert await add(stores, version(2))
    other = open_stores(database_url, vault, clock, SystemEntropy())
    found = await asyncio.gather(*(other.assurance_policies.in_force() for _ in range(50)))
    assert {policy.version for policy in found} == {2}
    await other.close()


async def test_after_a_quiet_time_nobody_is_judged_by_what_counted_before_it(
    stores: Stores, database_url: str, vault: Vault, clock: TurnedClock
) -> None:
    other = open_stores(database_url, vault, clock, SystemEntropy())
    assert (await other.assurance_policies.in_force()).version == 1
    assert await add(stores, version(2))
    clock.seconds = NOW + 300
    found = await asyncio.gather(*(other.assurance_policies.in_force() for _ in range(10)))
    assert {policy.version for policy in found} == {2}
    await other.close()


async def test_of_many_who_record_the_next_version_at_once_one_does(stores: Stores) -> None:
    added = await asyncio.gather(*(add(stores, version(2, NOW + number)) for number in range(20)))
    assert sum(added) == 1
    assert len(await stores.assurance_policies.recorded()) == 1
    names = [record.name async for record in stores.audit_log.records()]
    assert names.count("assurance_policy.recorded") == 1


async def test_only_the_next_number_is_recorded(stores: Stores) -> None:
    assert not await add(stores, version(3))
    assert not await add(stores, version(1))
    assert await stores.assurance_policies.recorded() == ()


async def test_a_version_that_was_stored_without_bounds_is_read_within_them(stores: Stores) -> None:
    assert await add(stores, version(2, 253_402_343_999))
    (recorded,) = await stores.assurance_policies.recorded()
    assert recorded.policy.effective_from == LATEST
