"""`make bench-peers`: our provider beside node-oidc-provider, and a verdict for each promise; 1 when one is not kept.

Each contestant has one core for its server and its stores together, the load has another. They are measured in turn,
scenario by scenario. A ratio is refused where the load generator was the limit or an answer was wrong.
"""

import argparse
import json
import os
import statistics
import sys
from dataclasses import asdict

import uvloop

from bench.load import Bounds
from bench.machine import cores, describe
from bench.peers.peer import NotInstalled
from bench.peers.running import Plan, Run, run
from bench.peers.tables import print_comparison
from bench.peers.targets import verdicts

_ENOUGH = sys.maxsize
_WARM_UP = 2.0
_COLD_WARM_UP = 0.3


def main() -> int:
    """Measure, print, and return the exit code."""
    options = _options()
    core, load_core = cores()
    if core == load_core:
        print("the server and the load need a core each: this machine has one", file=sys.stderr)
        return 1
    os.sched_setaffinity(0, {load_core})
    bounds, warm_up = Bounds(options.operations, options.seconds), Bounds(_ENOUGH, options.warm_up)
    plan = Plan(
        options.only,
        bounds,
        warm_up,
        options.rounds,
        options.connections,
        core,
        load_core,
        options.cold,
        options.workers,
    )
    try:
        came = uvloop.run(run(plan))
    except NotInstalled as missing:
        print(missing, file=sys.stderr)
        return 1
    argon2 = statistics.median(came.hashes) if came.hashes else 0.0
    judged = verdicts(came.lines, argon2, came.starts, came.workers)
    if options.json:
        document = {"machine": describe(), "options": vars(options), **asdict(came), "verdicts": judged}
        print(json.dumps(document, indent=2, default=asdict))
    else:
        print_comparison(_caption(options, came, argon2), came.lines, judged, markdown=options.markdown)
    return 0 if judged and all(each.kept for each in judged) else 1


def _caption(options: argparse.Namespace, came: Run, argon2: float) -> str:
    unmeasured = f"each after {options.warm_up:g} s unmeasured"
    rounds = f"medians of {options.rounds} rounds of {options.seconds:g} s, {unmeasured}"
    told = [f"{describe()}; {rounds}; {options.connections} connections, every answer checked."]
    if options.cold:
        told.append("The peer was started anew for each measurement.")
    if came.others is not None:
        told.append(f"Work of others took {came.others:.0%} of the servers' core.")
    if argon2:
        told.append(f"Bare argon2: {argon2:.1f} for a second of CPU.")
    for name, kinds in came.kinds.items():
        told.append(f"{name}: {', '.join(f'{token} {kind}' for token, kind in kinds.items())}.")
    return " ".join(told)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--markdown", action="store_true", help="print tables of Markdown")
    parser.add_argument("--only", default="", help="scenarios whose name holds this; or: two workers")
    parser.add_argument("--seconds", type=float, default=5.0, help="at most this long for each measurement")
    parser.add_argument("--operations", type=int, default=_ENOUGH, help="at most this many for each measurement")
    parser.add_argument("--warm-up", type=float, help="seconds before each measurement: 2; with --cold 0.3")
    parser.add_argument("--cold", action="store_true", help="a peer that was just started, for each measurement")
    parser.add_argument("--no-workers", dest="workers", action="store_false", help="leave out what two workers cost")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured, in turn")
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    if options.warm_up is None:
        options.warm_up = _COLD_WARM_UP if options.cold else _WARM_UP
    return options


if __name__ == "__main__":
    sys.exit(main())
