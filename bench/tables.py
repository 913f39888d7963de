"""How the results are printed."""

from rich.console import Console
from rich.table import Table

from bench.cluster import Costs, at_once
from bench.limits import Limit
from bench.measuring import Result
from bench.scenarios import CODE_FLOW, PASSWORD_SIGN_IN, PROVING_CODE_FLOW

_WIDTH = 120


def print_results(machine: str, limits: list[Limit], results: list[Result], connections: int) -> None:
    """One line a scenario, then the limits."""
    caption = f"{connections} connections, every answer checked{_ratio(results)}"
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


def _ratio(results: list[Result]) -> str:
    """What proving keys costs, where both code flows were measured."""
    cost = {each.scenario: each.cpu_per_1000 for each in results}
    if not {CODE_FLOW, PROVING_CODE_FLOW} <= cost.keys():
        return ""
    return f"; private_key_jwt and DPoP cost × {cost[PROVING_CODE_FLOW] / cost[CODE_FLOW]:.2f} of the CPU"


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
