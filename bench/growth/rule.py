"""Whether something grows no faster than the logarithm of the data, told from what it cost at a few sizes.

For any two sizes M < N, c(N) / c(M) is to be at most log N / log M, of 1 + N and 1 + M, since a single connection has
no logarithm to divide by. What grows like the number itself may hide between the smallest two sizes, where it is little
beside what does not grow; between the largest two, where a logarithm allows a sixth or a third, it cannot.

How far rounds lie apart is allowed for, at least a tenth: less than that is not told apart on a machine with other
work. Where they lie too far apart they tell nothing, and that is a failure too.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

LEAST_UNCERTAINTY: Final = 0.1
MOST_UNCERTAINTY: Final = 0.35


@dataclass(frozen=True, slots=True)
class Cost:
    """What something cost at one size, in any unit: the median of the rounds, and how far they lie apart as a part."""

    size: int
    cost: float
    uncertainty: float


def cost_of(size: int, rounds: Sequence[float]) -> Cost:
    """Return the median of what the rounds measured; half of them lie within its uncertainty."""
    middle = statistics.median(rounds)
    apart = statistics.median(abs(each - middle) for each in rounds)
    return Cost(size, middle, apart / middle if middle else 0.0)


def refusals(costs: Sequence[Cost]) -> list[str]:
    """Return what is wrong, in words; nothing when the costs grow no faster than the logarithm. Sizes ascend."""
    wrong = [
        f"at {each.size:,} the rounds lie {each.uncertainty:.0%} apart, which tells nothing"
        for each in costs
        if each.uncertainty > MOST_UNCERTAINTY
    ]
    for position, large in enumerate(costs):
        for small in costs[:position]:
            grown, most = large.cost / small.cost, allowed(small, large)
            if grown > most:
                wrong.append(f"from {small.size:,} to {large.size:,} × {grown:.2f}, where × {most:.2f} is allowed")
    return wrong


def allowed(small: Cost, large: Cost) -> float:
    """Return how many times the cost at one size that at another may be measured as."""
    uncertainty = max(LEAST_UNCERTAINTY, min(MOST_UNCERTAINTY, max(small.uncertainty, large.uncertainty)))
    return logarithmic(small.size, large.size) * (1 + uncertainty)


def logarithmic(small: int, large: int) -> float:
    """Return how many times as large the logarithm of one size is as that of another."""
    return math.log1p(large) / math.log1p(small)
