from collections.abc import Callable

import pytest

from idp.domain.ids import AccountId
from idp.domain.levels.assurance import Level
from idp.journeys.account_security.one_time_codes import MOST
from idp.journeys.recovery.recovering import LIFETIME
from idp.journeys.recovery.throttles import (
    Whence,
    for_asking_helpers,
    for_beginning,
    for_codes,
    for_counter_codes,
    for_proofs,
    for_spoken_code,
    for_tries,
    whence,
)
from idp.journeys.throttling import Throttles
from idp.journeys.visitor import Visitor
from tests.journeys.recovery.scene import Scene
from tests.journeys.stage import ORIGIN, VISITOR

Buckets = Callable[[str, Whence], Throttles]
OWNER, HELPER = AccountId("owner"), AccountId("helper")
STRANGER = Whence("source-1", "network-1")
WITH_PASSWORD = Whence("source-1", "network-1", "device-1", Level.ONE)
OWN = Whence("source-1", "network-1", "device-1", Level.TWO)


def keys(throttles: Throttles) -> set[str]:
    return {bucket.key for bucket in throttles}


@pytest.mark.parametrize("throttles", [for_beginning, for_codes, lambda person, come: for_tries(person, "j", come)[1:]])
def test_an_owner_s_device_shares_no_bucket_with_strangers(throttles: Buckets) -> None:
    assert not keys(throttles(OWNER, OWN)) & keys(throttles(OWNER, STRANGER))


@pytest.mark.parametrize("throttles", [for_beginning, for_codes])
def test_devices_that_gave_a_password_alone_take_nothing_from_those_that_gave_two_factors(throttles: Buckets) -> None:
    with_password = Whence("source-1", "network-1", "device-2", Level.ONE)
    assert not keys(throttles(OWNER, OWN)) & keys(throttles(OWNER, with_password))
    assert len(keys(throttles(OWNER, WITH_PASSWORD)) & keys(throttles(OWNER, with_password))) == 1


@pytest.mark.parametrize("throttles", [for_beginning, for_codes])
def test_one_place_empties_its_own_bucket_long_before_everybody_s(throttles: Buckets) -> None:
    by_address, by_network, by_everybody, *_ = throttles(OWNER, STRANGER)
    assert by_address.burst < by_network.burst
    assert by_network.burst * 3 <= by_everybody.burst
    assert by_network.interval >= by_everybody.interval * 4
    assert by_address.key != throttles(OWNER, Whence("source-2", "network-1"))[0].key
    assert by_network.key != throttles(OWNER, Whence("source-1", "network-2"))[1].key


def test_one_journey_has_fifteen_tries_for_as_long_as_it_lives_wherever_they_come_from() -> None:
    whole = {for_tries(OWNER, "journey", come)[0] for come in (STRANGER, WITH_PASSWORD, OWN)}
    assert [(bucket.burst, bucket.interval) for bucket in whole] == [(15, LIFETIME)]


def test_whoever_proved_the_contact_takes_no_tries_from_sign_ins(scene: Scene) -> None:
    throttling = scene.stage.throttling
    strangers = keys(throttling.for_second_factor(OWNER, known_device=None))
    own = keys(throttling.for_second_factor(OWNER, known_device="device-1"))
    for come in (STRANGER, WITH_PASSWORD):
        assert not keys(for_proofs(throttling, OWNER, come)) & (strangers | own)
    assert keys(for_proofs(throttling, OWNER, OWN)) == own


@pytest.mark.parametrize("apps", range(2, MOST + 1))
def test_a_try_at_several_apps_counts_as_one_at_each_of_them(scene: Scene, apps: int) -> None:
    throttling = scene.stage.throttling
    for come in (STRANGER, WITH_PASSWORD, OWN):
        one, several = (for_proofs(throttling, OWNER, come, many) for many in (1, apps))
        assert several[-1].interval == one[-1].interval * apps
    strangers = for_proofs(throttling, OWNER, STRANGER, apps)
    assert strangers[-1].burst == 50 // apps


def test_messages_of_getting_back_in_take_nothing_from_those_of_signing_in(scene: Scene) -> None:
    sign_in = keys(scene.stage.throttling.for_messages(OWNER))
    assert not sign_in & keys((*for_codes(OWNER, STRANGER), *for_codes(OWNER, OWN), *for_asking_helpers(OWNER, "s")))


def test_a_device_is_known_by_the_best_that_was_proved_on_it(scene: Scene) -> None:
    devices = scene.stage.devices
    one, two = (devices.remember(OWNER, level) for level in (Level.ONE, Level.TWO))
    for cookie, level in ((one, Level.ONE), (two, Level.TWO)):
        come = whence(devices, Visitor(ORIGIN, "vi", cookie, network="network-1"), OWNER)
        assert come == Whence("source-1", "network-1", cookie.partition(".")[0], level)
    assert whence(devices, Visitor(ORIGIN, "vi", two), HELPER) == Whence("source-1", "source-1")
    assert whence(devices, VISITOR, None) == Whence("source-1", "source-1")


def test_a_helper_has_five_tries_at_the_digits_and_another_one_their_own() -> None:
    (bucket,) = for_spoken_code("r", HELPER)
    assert bucket.burst == 5
    assert for_spoken_code("r", OWNER)[0].key != bucket.key != for_counter_codes("r")[0].key
