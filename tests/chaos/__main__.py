"""`make chaos`: breaks a provider under load, one fault after another, and prints what was lost."""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import uvloop

from tests.chaos import cluster_faults, embedded_faults, report, rolling, scenario


def main() -> None:
    """Run the faults asked for; ends with 1 when something happened that must not."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--only", default="", help="faults whose name holds this")
    parser.add_argument("--operations", type=int, default=2000, help="at least so many of each kind for each fault")
    parser.add_argument("--json", action="store_true", help="print one JSON document with everything counted")
    parser.add_argument("--list", action="store_true", help="name the faults and do nothing")
    parser.add_argument(
        "--small-disk", type=Path, help="a folder on a small file system to fill; without it takes root"
    )
    parser.add_argument(
        "--previous", metavar="REV", help="the release before, for the upgrade: the newest tag if absent"
    )
    options = parser.parse_args()
    known: tuple[scenario.Scenario[Any], ...] = (
        *cluster_faults.SCENARIOS,
        *embedded_faults.scenarios(options.small_disk),
        *rolling.scenarios(options.previous or rolling.newest_tag()),
    )
    chosen = [each for each in known if options.only in each.name]
    if options.list:
        print("\n".join(f"{each.name:18} {each.title}" for each in chosen))
        return
    verdicts = []
    for each in chosen:
        with tempfile.TemporaryDirectory(prefix="idp-chaos-", dir=_scratch()) as folder:
            verdicts.append(uvloop.run(scenario.run(each, Path(folder), options.operations)))
    (report.print_json if options.json else report.print_table)(verdicts)
    raise SystemExit(0 if verdicts and all(each.allowed for each in verdicts) else 1)


def _scratch() -> str | None:
    """Memory where there is room: what is measured is the provider, not this machine's disk."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() else None


if __name__ == "__main__":
    main()
