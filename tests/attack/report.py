"""The table of an attack, and whether its bounds held."""

from rich.console import Console
from rich.table import Table

from bench.machine import describe
from tests.attack.bots import Kind
from tests.attack.owners import Journeys
from tests.attack.people import ACCOUNTS, RIGHT
from tests.attack.scenario import Attack

LATEST = 5.0
"""Seconds that an owner on a known device may take in the median, while two cores both attack and answer."""


def broken(found: Attack) -> list[str]:
    """What does not hold."""
    bounds = found.bounds
    complaints = [
        f"{haul.looked_at} guesses of bots that {kind} were looked at, at most {bounds[kind]} may be"
        for kind, haul in found.bots.items()
        if haul.looked_at > bounds[kind]
    ]
    complaints += [failure for journeys in found.owners for failure in journeys.failures]
    complaints += ["no owner of one kind signed in" for each in found.owners if not each.seconds]
    if found.known.percentile(50) > LATEST:
        complaints.append(f"owners on known devices took {found.known.percentile(50):.1f} s")
    if found.known.worked:
        complaints.append("owners on known devices were asked for work")
    complaints += [f"{each.what}: {each.looked_at} looked at" for each in found.guessed if not each.holds]
    return complaints


def print_table(found: Attack) -> None:
    """Guesses, owners, codes."""
    console = Console(width=140)
    guesses = Table(title=describe(), caption=_caption(found))
    for column in (
        "bots that",
        "addresses",
        "guesses",
        "hashed",
        "at most",
        "work first",
        "slowed",
        "no room",
        "right",
    ):
        guesses.add_column(column, justify="left" if column == "bots that" else "right")
    for kind in Kind:
        haul = found.bots[kind]
        guesses.add_row(
            str(kind), str(haul.addresses), f"{haul.guesses:,}", f"{haul.looked_at:,}", f"{found.bounds[kind]:,}",
            *(f"{haul.outcomes[each]:,}" for each in ("work first", "slowed", "no room", "right")),
        )  # fmt: skip
    console.print(guesses)
    owners = Table()
    for column in ("owners", "began", "signed in", "did work", "median s", "95 % s", "slowest s"):
        owners.add_column(column, justify="left" if column == "owners" else "right")
    owners.add_row("before the attack, on a device for the first time", *_cells(found.before))
    names = ("on the device they always use", "on a new device", "on a new device without script")
    for name, journeys in zip(names, found.owners, strict=True):
        owners.add_row(name, *_cells(journeys))
    console.print(owners)
    codes = Table()
    for column in ("codes guessed", "guesses", "looked at", "at most"):
        codes.add_column(column, justify="left" if column == "codes guessed" else "right")
    for each in found.guessed:
        codes.add_row(each.what, str(each.guesses), str(each.looked_at), str(each.bound))
    console.print(codes)


def _cells(journeys: Journeys) -> tuple[str, ...]:
    times = (journeys.percentile(percent) for percent in (50, 95, 100))
    return (str(journeys.begun), str(len(journeys.seconds)), str(journeys.worked), *(f"{each:.1f}" for each in times))


def _caption(found: Attack) -> str:
    return (
        f"{ACCOUNTS:,} accounts; {RIGHT:.0%} of the pairs are right. Every address is a network of its own. "
        f"{found.elapsed:.0f} s, {found.server_cpu:.0f} s of CPU of the provider. "
        "Slowed: the address had its share. Work first: not looked at, because tries cost work. "
        "Owners' seconds without the work of their browsers."
    )
