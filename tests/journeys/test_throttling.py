from asyncio import gather

import pytest

from idp.domain.ids import AccountId, ClientId
from idp.journeys.account_security.one_time_codes import MOST
from idp.journeys.throttling import REQUEST_INTERVAL, SlowDownError, Throttles
from tests.journeys.stage import AN, Stage


async def tries(stage: Stage, throttles: Throttles, most: int = 400) -> int:
    """How many tries go through at this moment."""
    for count in range(most):
        try:
            await stage.throttling.take(throttles, stage.clock.now())
        except SlowDownError:
            return count
    return most


async def test_a_bucket_gives_its_burst_and_then_one_an_interval(stage: Stage) -> None:
    throttles = stage.throttling.for_password(AN, "source", known_device=None)

    assert await tries(stage, throttles) == 20
    stage.clock.advance(60)
    assert await tries(stage, throttles) == 1
    stage.clock.advance(20 * 60)
    assert await tries(stage, throttles) == 20


async def test_whoever_is_slowed_is_told_how_long(stage: Stage) -> None:
    throttles = stage.throttling.for_password(AN, "source", known_device=None)
    await tries(stage, throttles)

    with pytest.raises(SlowDownError) as slow:
        await stage.throttling.take(throttles, stage.clock.now())
    assert slow.value.wait == 60
    stage.clock.advance(59)
    with pytest.raises(SlowDownError) as slow:
        await stage.throttling.take(throttles, stage.clock.now())
    assert slow.value.wait == 1


async def test_a_refused_try_takes_from_no_bucket(stage: Stage) -> None:
    here = stage.throttling.for_password(AN, "here", known_device=None)
    there = stage.throttling.for_password(AN, "there", known_device=None)
    await tries(stage, here)
    for _ in range(100):
        with pytest.raises(SlowDownError):
            await stage.throttling.take(here, stage.clock.now())

    assert await tries(stage, there) == 20


async def test_what_is_given_back_may_be_taken_again(stage: Stage) -> None:
    throttles = stage.throttling.for_password(AN, "source", known_device=None)
    for _ in range(100):
        await stage.throttling.take(throttles, stage.clock.now())
        await stage.throttling.give_back(throttles)

    assert await tries(stage, throttles) == 20


async def test_fifty_at_once_take_fifty(stage: Stage) -> None:
    throttles = stage.throttling.for_password(AN, "source", known_device=None)

    taken = await gather(
        *(stage.throttling.take(throttles, stage.clock.now()) for _ in range(50)), return_exceptions=True
    )

    assert taken.count(None) == 20


async def test_a_known_device_shares_no_bucket_with_strangers(stage: Stage) -> None:
    strangers = stage.throttling.for_password(AN, "source", known_device=None)
    owner = stage.throttling.for_password(AN, "source", known_device="device")
    await tries(stage, strangers)

    assert await tries(stage, owner) == 10
    assert {one.key for one in strangers}.isdisjoint({one.key for one in owner})


async def test_a_bucket_names_nobody(stage: Stage) -> None:
    for throttle in stage.throttling.for_password(AN, "source", known_device=None):
        assert AN not in throttle.key


async def test_codes_and_messages_have_buckets_of_their_own(stage: Stage) -> None:
    account_id = await stage.account_id()

    assert await tries(stage, stage.throttling.for_second_factor(account_id, known_device=None)) == 10
    assert await tries(stage, stage.throttling.for_second_factor(account_id, known_device="device")) == 10
    assert await tries(stage, stage.throttling.for_messages(account_id)) == 5


async def test_fifty_user_codes_at_once_count_as_fifty(stage: Stage) -> None:
    taken = await gather(
        *(
            stage.throttling.take(stage.throttling.for_user_code("source", "browser", "network"), stage.clock.now())
            for _ in range(50)
        ),
        return_exceptions=True,
    )
    assert taken.count(None) == 5


async def test_a_source_that_changes_browsers_has_no_more_tries_at_user_codes(stage: Stage) -> None:
    taken = 0
    for number in range(50):
        taken += await tries(stage, stage.throttling.for_user_code("source", f"browser-{number}", "network"), most=1)
    assert taken == 20


async def test_guessers_elsewhere_however_many_shut_no_owner_out(stage: Stage) -> None:
    for number in range(600):
        throttles = stage.throttling.for_user_code(f"source-{number}", f"browser-{number}", f"network-{number}")
        assert await tries(stage, throttles, most=1) == 1

    assert await tries(stage, stage.throttling.for_user_code("elsewhere", "owner", "quiet")) == 5


async def test_the_addresses_of_one_network_have_tries_at_user_codes_together(stage: Stage) -> None:
    taken = 0
    for number in range(250):
        throttles = stage.throttling.for_user_code(f"source-{number}", f"browser-{number}", "network")
        taken += await tries(stage, throttles, most=1)
    assert taken == 200

    assert await tries(stage, stage.throttling.for_user_code("elsewhere", "neighbour", "quiet")) == 5


async def test_what_is_drained_has_no_try_left_and_fills_again(stage: Stage) -> None:
    throttles = stage.throttling.for_one_person(ClientId("counter"), await stage.account_id())
    assert await tries(stage, throttles, most=1) == 1
    await stage.throttling.drain(throttles, stage.clock.now())

    assert await tries(stage, throttles) == 0
    stage.clock.advance(REQUEST_INTERVAL)
    assert await tries(stage, throttles) == 1


async def test_one_client_that_asks_for_ever_leaves_mails_for_the_others(stage: Stage) -> None:
    account_id = await stage.account_id()
    asking, mails = (
        stage.throttling.for_one_person(ClientId("counter"), account_id),
        stage.throttling.for_approval_mails(account_id),
    )
    for _ in range(50):
        asked = await tries(stage, asking)
        assert await tries(stage, mails, most=asked) == asked
        stage.clock.advance(REQUEST_INTERVAL)
    assert await tries(stage, mails) > 1


async def test_registrations_are_counted_by_address_and_changes_by_client(stage: Stage) -> None:
    assert await tries(stage, stage.throttling.for_registration("source"), most=200) == 100
    assert await tries(stage, stage.throttling.for_registration("elsewhere"), most=1) == 1
    assert await tries(stage, stage.throttling.for_configuration(ClientId("portal")), most=200) == 20
    assert await tries(stage, stage.throttling.for_configuration(ClientId("other")), most=1) == 1


async def test_one_account_is_tried_fifty_times_from_one_network_however_many_addresses_it_has(stage: Stage) -> None:
    taken = 0
    for number in range(60):
        throttles = stage.throttling.for_password(AN, f"source-{number}", "network", known_device=None)
        taken += await tries(stage, throttles, most=1)

    assert taken == 50
    elsewhere = stage.throttling.for_password(AN, "owner", "quiet", known_device=None)
    assert await tries(stage, elsewhere, most=1) == 1


async def test_all_devices_of_an_account_have_tries_at_codes_together_that_no_stranger_takes(stage: Stage) -> None:
    account_id = await stage.account_id()
    await tries(stage, stage.throttling.for_second_factor(account_id, known_device=None))

    taken = [
        await tries(stage, stage.throttling.for_second_factor(account_id, known_device=f"device-{number}"))
        for number in range(4)
    ]

    assert taken == [10, 10, 0, 0]


async def test_who_comes_from_elsewhere_has_few_tries_at_codes_a_day_however_long_he_goes_on(stage: Stage) -> None:
    throttles = stage.throttling.for_second_factor(await stage.account_id(), known_device=None)

    taken = 0
    for _ in range(7 * 24):
        taken += await tries(stage, throttles)
        stage.clock.advance(3600)

    assert taken == 50 + 7 * 12 - 1


@pytest.mark.parametrize("come", [None, "device"])
@pytest.mark.parametrize("apps", range(2, MOST + 1))
async def test_however_many_apps_there_are_a_guess_at_their_codes_is_right_no_more_often(
    stage: Stage, apps: int, come: str | None
) -> None:
    def right_in(days: int, of: int) -> float:
        """Tries in the long run that every bucket allows, each at the codes of so many apps."""
        buckets = stage.throttling.for_second_factor(AccountId("account"), known_device=come, apps=of)
        begun = [bucket.burst if come is None else 0 for bucket in buckets]
        return min(first + days * 86400 / each.interval for first, each in zip(begun, buckets, strict=True)) * of

    assert right_in(365, apps) <= right_in(365, 1)


async def test_an_app_that_comes_or_goes_leaves_no_tries_to_be_had_again(stage: Stage) -> None:
    account_id, taken = await stage.account_id(), 0
    for apps in (1, 5, 1, 5, 2):
        throttles = stage.throttling.for_second_factor(account_id, known_device=None, apps=apps)
        taken += await tries(stage, throttles)
        stage.clock.advance(3600)

    assert taken <= 50


async def test_codes_that_were_sent_have_few_tries_a_day_however_many_are_sent(stage: Stage) -> None:
    throttles = stage.throttling.for_activation(await stage.account_id())

    taken = 0
    for _ in range(7 * 24):
        taken += await tries(stage, throttles)
        stage.clock.advance(3600)

    assert taken == 50 + 7 * 12 - 1


async def test_what_cannot_be_guessed_counts_when_it_was_in_vain(stage: Stage) -> None:
    throttles, now = stage.throttling.for_passkeys("source", known_device=None), stage.clock.now()
    for _ in range(100):
        await stage.throttling.look(throttles, now)
    for _ in range(60):
        await stage.throttling.count(throttles, now)

    with pytest.raises(SlowDownError) as slow:
        await stage.throttling.look(throttles, now)
    assert slow.value.wait == 5
    await stage.throttling.count(throttles, now)
    stage.clock.advance(5)
    await stage.throttling.look(throttles, stage.clock.now())
