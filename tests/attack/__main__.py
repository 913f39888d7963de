"""`make attack`: tries a list of stolen passwords on a real provider, and prints who got in."""

import argparse
import sys
import tempfile
from pathlib import Path

import uvloop

from tests.attack import report, scenario


def main() -> None:
    """Attack; ends with 1 when a bound was broken or an owner did not get in."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack", description=__doc__)
    parser.add_argument("--pairs", type=int, default=10_000, help="how many pairs of name and password are tried")
    parser.add_argument("--addresses", type=int, default=1_000, help="from how many addresses")
    parser.add_argument("--seed", type=int, default=1, help="another list")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="idp-attack-", dir=_scratch()) as folder:
        found = uvloop.run(scenario.run(Path(folder), options.pairs, options.addresses, options.seed))
    report.print_table(found)
    complaints = report.broken(found)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    raise SystemExit(1 if complaints else 0)


def _scratch() -> str | None:
    """Memory where there is room: what is measured is the provider, not this machine's disk."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() else None


if __name__ == "__main__":
    main()
