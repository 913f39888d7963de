from idp.domain.ids import AccountId
from idp.journeys.recovery.throttles import (
    for_asking_helpers,
    for_beginning,
    for_codes,
    for_counter_codes,
    for_spoken_code,
)
from tests.journeys.recovery.scene import Scene

OWNER, HELPER = AccountId("owner"), AccountId("helper")


def test_an_owner_s_browser_shares_no_bucket_with_strangers(scene: Scene) -> None:
    keys = scene.stage.keys
    strangers = {bucket.key for bucket in for_beginning(keys, OWNER, "source-1", None)}
    own = {bucket.key for bucket in for_beginning(keys, OWNER, "source-1", "device-1")}
    assert len(strangers) == 3
    assert not own & strangers


def test_one_address_empties_its_own_bucket_long_before_everybody_s(scene: Scene) -> None:
    by_address, by_person, _ = for_beginning(scene.stage.keys, OWNER, "source-1", None)
    assert by_address.burst * 4 < by_person.burst
    assert by_address.interval > by_person.interval
    assert for_beginning(scene.stage.keys, OWNER, "source-2", None)[0].key != by_address.key


def test_messages_of_getting_back_in_take_nothing_from_those_of_signing_in(scene: Scene) -> None:
    sign_in = {bucket.key for bucket in scene.stage.throttling.for_messages(OWNER)}
    recovery = {bucket.key for bucket in (*for_codes(OWNER, "s"), *for_asking_helpers(OWNER, "s"))}
    assert not sign_in & recovery


def test_a_helper_has_five_tries_at_the_digits_and_another_one_their_own() -> None:
    (bucket,) = for_spoken_code("r", HELPER)
    assert bucket.burst == 5
    assert for_spoken_code("r", OWNER)[0].key != bucket.key != for_counter_codes("r")[0].key
