"""How the results are printed."""

from rich.console import Console
from rich.table import Table

from bench.cluster import Costs, at_once
from bench.limits import ARGON2, Limit
from bench.measuring import Result
from bench.scenarios import (
    CODE_FLOW,
    PASSKEY_SIGN_IN,
    PASSWORD_SIGN_IN,
    PROVING_CODE_FLOW,
    REFRESH,
    REFRESH_IN_A_STORM,
)

_WIDTH = 120


def print_results(machine: str, limits: list[Limit], results: list[Result], connections: int) -> None:
    """One line a scenario, then the limits."""
    caption = "\n".join([f"{connections} connections, every answer checked", *ratios(limits, results)])
    table = Table(title=machine, caption=caption)
    for column in ("scenario", "per second", "p50 ms", "p99 ms", "CPU s per 1,000", "MiB", "limited by"):
        table.add_column(column, justify="left" if column in {"scenario", "limited by"} else "right")
    for each in results:
        table.add_row(
            each.scenario, f"{each.per_second:,.0f}", f"{each.p50:.2f}", f"{each.p99:.2f}",
            f"{each.cpu_per_1000:.3f}", f"{each.memory:.0f}", each.limited_by,
        )  # fmt: skip
    for limit in limits:
        table.add_row(f"limit: {limit.name}", f"{limit.rate:,.0f}", "", "", f"{1000 / limit.rate:.3f}", "", "processor")
    Console(width=_WIDTH).print(table)


def ratios(limits: list[Limit], results: list[Result]) -> list[str]:
    """A sentence for each promise about scenarios of one run; of CPU where it can be, which drifts least."""
    measured = {each.scenario: each for each in results}
    bare = {each.name: each.rate for each in limits}
    told = []
    if {CODE_FLOW, PROVING_CODE_FLOW} <= measured.keys():
        times = measured[PROVING_CODE_FLOW].cpu_per_1000 / measured[CODE_FLOW].cpu_per_1000
        told.append(f"private_key_jwt and DPoP cost × {times:.2f} of the CPU")
    if PASSWORD_SIGN_IN in measured:
        rate = 1000 / measured[PASSWORD_SIGN_IN].cpu_per_1000
        told.append(f"a core gives {rate:.1f} password sign-ins a second: {rate / bare[ARGON2]:.0%} of bare argon2")
    if PASSKEY_SIGN_IN in measured:
        told.append(f"a core gives {1000 / measured[PASSKEY_SIGN_IN].cpu_per_1000:.0f} passkey sign-ins a second")
    if {REFRESH, REFRESH_IN_A_STORM} <= measured.keys():
        quiet, storm = measured[REFRESH].p99, measured[REFRESH_IN_A_STORM].p99
        told.append(f"refresh in a login storm: p99 {storm:.1f} ms, × {storm / quiet:.2f} of the quiet {quiet:.1f} ms")
    return told


def print_costs(machine: str, costs: Costs, connections: int) -> None:
    """One line a scenario: shapes as CPU and as a multiple of the first one, then the stores; and what rest costs."""
    first, *others = costs.rest.shapes
    times = len(costs.rounds) // len(costs.rest.shapes)
    table = Table(
        title=machine,
        caption=f"CPU s per 1,000, medians of {times} rounds, without what rest costs; "
        f"{connections} connections a process ({PASSWORD_SIGN_IN}: {at_once(PASSWORD_SIGN_IN, connections)}), "
        f"every answer checked; {first} beside a stranger; "
        f"no process spent less than {costs.least:.0%} of an even share",
    )
    for column in ("scenario", first, *others, *costs.rest.stores):
        table.add_column(column, justify="left" if column == "scenario" else "right")
    for each in costs.requests:
        one = each.shapes[first]
        more = (f"{each.shapes[other]:.3f} (× {each.shapes[other] / one:.2f})" for other in others)
        table.add_row(each.scenario, f"{one:.3f}", *more, *(f"{spent:.3f}" for spent in each.stores.values()))
    rest = (*costs.rest.shapes.values(), *costs.rest.stores.values())
    table.add_row("1,000 s at rest", *(f"{spent:.1f}" for spent in rest))
    Console(width=_WIDTH).print(table)
