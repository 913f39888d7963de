"""`make fuzz`: sends a real provider spoilt requests, and prints whatever of its answers must not be."""

import argparse
import re
import tempfile
from collections import Counter
from pathlib import Path

import uvloop

from tests.fuzz.run import Fault, Report, Run
from tests.fuzz.target import PEOPLE, RECORDS, SECRET, prepare
from tests.server import PASSWORD, TOTP_SECRET, ProviderProcess

LONGEST_SHOWN = 800


def main() -> None:
    """Run; ends with 1 when something came back that must not, or fewer requests than asked for were sent."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=200_000, help="how many (200,000)")
    parser.add_argument("--seconds", type=float, default=1800, help="how long at most (1,800)")
    parser.add_argument(
        "--seed", type=int, default=1, help="the same number spoils the same requests in the same way (1)"
    )
    parser.add_argument("--first", type=int, default=0, help="the number of the first request: shows one of them again")
    options = parser.parse_args()
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="idp-fuzz-", dir=memory if memory.is_dir() else None) as folder:
        provider = ProviderProcess(Path(folder), {"IDP_LEGACY_RESPONSE_TYPES": "true"})
        provider.load(RECORDS)
        provider.start()
        try:
            run = Run(prepare(provider), options.seed, options.requests, options.seconds, options.first)
            report = uvloop.run(run.go())
            survived = provider.process is not None and provider.process.poll() is None
            prepare(provider, PEOPLE[-1])  # somebody whom nobody guessed at signs in as before
        finally:
            provider.stop()
        log = provider.log_path.read_bytes()
        leaks = leaked(log)
    show(report)
    show_failures(log)
    for what in leaks:
        print(f"the log holds {what}")
    good = survived and not report.faults and not leaks and report.sent == options.requests
    print("nothing came back that must not" if good else "FAILED")
    raise SystemExit(0 if good else 1)


def leaked(log: bytes) -> list[str]:
    """What the server's log must not hold."""
    secrets = {"a client's secret": SECRET, "a password": PASSWORD, "a one-time code's secret": TOTP_SECRET}
    found = [what for what, value in secrets.items() if value.encode() in log]
    return found + (["a traceback"] if b"Traceback (most recent call last)" in log else [])


def show(report: Report) -> None:
    """Print what was seen."""
    kinds = f"{len(report.kinds)} kinds"
    rate = report.sent / report.seconds if report.seconds else 0
    print(f"{report.sent} requests of seed {report.seed} in {report.seconds:.0f} s ({rate:.0f}/s), {kinds}")
    print(
        "  ".join(f"{status}: {count}" for status, count in sorted(report.statuses.items())),
        f" hung up: {report.hung_up}",
    )
    alike: dict[tuple[str, str], list[Fault]] = {}
    for fault in report.faults:
        alike.setdefault((fault.what, fault.request.name), []).append(fault)
    for (what, kind), faults in alike.items():
        print(f"  {kind}: {what}, {len(faults)} times; once more with --first {faults[0].number} --requests 1")
        print(f"    {faults[0].request!r:.{LONGEST_SHOWN}}")


def show_failures(log: bytes) -> None:
    """Print where the server failed, each place once."""
    places = Counter(re.findall(r'"failure":"([^"]*)"', log.decode("utf-8", "replace")))
    for place, times in places.most_common():
        print(f"the server failed {times} times: {place}")


if __name__ == "__main__":
    main()
