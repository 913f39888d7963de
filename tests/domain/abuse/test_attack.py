import pytest

from idp.domain.abuse import attack
from idp.domain.abuse.attack import AttackLevel, Price, Readings, price_of


@pytest.mark.parametrize(
    ("readings", "level", "grounds"),
    [
        (Readings(), AttackLevel.CALM, ()),
        (Readings(49, 14, 59, 15), AttackLevel.CALM, ()),
        (Readings(account=50), AttackLevel.SUSPECTED, ("account",)),
        (Readings(source=15), AttackLevel.SUSPECTED, ("source",)),
        (Readings(network=60), AttackLevel.SUSPECTED, ("network",)),
        (Readings(overall=16), AttackLevel.ATTACKED, ("overall",)),
        (Readings(50, 15, 60, 16), AttackLevel.ATTACKED, ("account", "source", "network", "overall")),
    ],
)
def test_a_meter_past_its_alarm_is_a_ground_and_everybody_is_attacked_only_where_the_whole_says_so(
    readings: Readings, level: AttackLevel, grounds: tuple[str, ...]
) -> None:
    assert readings.level is level
    assert readings.grounds == grounds


def test_calm_times_cost_nothing() -> None:
    assert price_of(Readings(49, 14, 59, 15)) is None


def test_a_quiet_address_pays_the_least_and_one_that_failed_pays_more_up_to_a_bound() -> None:
    prices = [price_of(Readings(overall=16, source=failed)) for failed in (0, 1, 2, 4, 64)]

    assert [price.bits for price in prices if price] == [19, 20, 21, 22, 22]
    assert price_of(Readings(account=50)) == Price(18, attack.SHORTEST_WAIT)


def test_a_noisy_network_pays_less_than_a_noisy_address() -> None:
    network, source = price_of(Readings(network=60)), price_of(Readings(source=60))

    assert network
    assert source
    assert network.bits <= source.bits


@pytest.mark.parametrize(
    ("readings", "exhausted"),
    [
        (Readings(overall=16, source=4), False),
        (Readings(overall=16, source=5), True),
        (Readings(overall=15, source=64), False),
        (Readings(overall=16, network=256), False),
    ],
)
def test_an_address_has_its_share_of_failures_only_while_everybody_is_attacked(
    readings: Readings, exhausted: bool
) -> None:
    assert readings.exhausted is exhausted
