import re

from idp.domain.abuse import attack
from idp.domain.events import Origin
from idp.domain.ids import AccountId, RequestId
from idp.domain.levels.assurance import Level
from idp.journeys.abuse import challenges, meters
from idp.journeys.recovery.throttles import (
    Whence,
    for_beginning,
    for_codes,
    for_counter_contacts,
    for_journey,
    for_proofs,
    for_tries,
)
from idp.journeys.throttling import Throttles, Throttling
from idp.journeys.visitor import Visitor
from tests.house.source import ROOT
from tests.journeys.conftest import prepared, stage
from tests.journeys.stage import Stage

__all__ = ["prepared", "stage"]

ABUSE = (ROOT / "docs/abuse.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    section = ABUSE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")][1:]


def numbers(cells: list[str]) -> list[int]:
    return [int(found.replace(",", "")) for cell in cells for found in re.findall(r"\d[\d,]*", cell)]


def flat(throttles: Throttles) -> list[tuple[int, int]]:
    return [(each.burst, each.interval) for each in throttles]


def test_the_throttles_are_those_of_the_code(stage: Stage) -> None:
    told: Throttling = stage.throttling
    account = AccountId("account")
    device, strangers = (told.for_second_factor(account, known_device=known) for known in ("device", None))
    found = [numbers(cells[1:]) for cells in rows("Throttles")]
    passwords = told.for_password("x", "source", "network", known_device=None)
    expected = [
        *([burst, interval] for burst, interval in flat(told.for_password("x", "s", known_device="device"))),
        *([burst, interval] for burst, interval in flat(passwords)),
        *([burst, interval] for burst, interval in flat(device)),
        [each for pair in zip(*flat(strangers), strict=True) for each in pair],
        [each for pair in zip(*flat(told.for_activation(account)), strict=True) for each in pair],
        [each for pair in zip(*flat(told.for_user_code("s", "b", "n")), strict=True) for each in pair],
    ]
    assert found == expected


def test_the_throttles_of_getting_back_in_are_those_of_the_code(stage: Stage) -> None:
    strangers, own = Whence("source", "network"), Whence("source", "network", "device", Level.TWO)
    told = [
        *(throttles("person", come) for throttles in (for_beginning, for_codes) for come in (own, strangers)),
        for_counter_contacts("request", Whence("source", "network")),
        *(for_tries("person", "journey", come) for come in (own, strangers)),
        (for_journey("journey"),),
        for_proofs(stage.throttling, AccountId("account"), strangers),
    ]
    found = [(numbers(cells[1:2]), numbers(cells[2:])) for cells in rows("Getting back in")]
    assert found == [([each.burst for each in row], [each.interval for each in row]) for row in told]


def test_the_meters_are_those_of_the_code(stage: Stage) -> None:
    of = stage.meters.of("x", Visitor(Origin(RequestId("r"), "source"), "vi", network="network"))
    alarms = (attack.ACCOUNT_ALARM, attack.SOURCE_ALARM, attack.NETWORK_ALARM, attack.OVERALL_ALARM)
    written = [(int(cells[1].split()[0]), cells[2]) for cells in rows("Meters")]
    assert [alarm for alarm, _ in written] == [*alarms]
    seconds = [int(text.split()[0]) * (60 if "min" in text else 1) for _, text in written]
    assert seconds == [each.interval for each in of.read]
    assert f"about {attack.OVERALL_ALARM * meters.SHARE_INTERVAL} seconds' worth" in ABUSE


def test_the_work_is_that_of_the_code() -> None:
    suspected = attack.price_of(attack.Readings(account=attack.ACCOUNT_ALARM))
    attacked = attack.price_of(attack.Readings(overall=attack.OVERALL_ALARM))
    assert suspected
    assert attacked
    bits = [cells[1].split()[0] for cells in rows("Work")]
    assert bits == [str(suspected.bits), str(attacked.bits), "1", str(attack.HARDEST_WORK)]
    assert f"take {attack.SHORTEST_WAIT} seconds" in ABUSE
    assert (challenges.WAITS_AT_ONCE, challenges.WAIT_INTERVAL, challenges.LIFETIME) == (2, 300, 900)
    assert attack.SOURCE_SHARE == 5
