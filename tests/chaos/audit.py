"""The audit record after the fault: it holds, it has every acknowledged outcome, and it tells of nothing done twice."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from tests.chaos.ledger import Ledger
from tests.chaos.place import Place


def check_audit(place: Place, ledger: Ledger) -> None:
    """Verify and read the record; what is missing or told twice is written into the ledger."""
    verified = place.command("audit", "verify")
    if verified.returncode:
        ledger.durable_lost.append(f"the audit record does not hold: {verified.stderr.strip()}")
    exported = place.command("audit", "export")
    assert exported.returncode == 0, exported.stderr
    compare(ledger, (json.loads(line)["record"] for line in exported.stdout.splitlines()))


def compare(ledger: Ledger, records: Iterable[dict[str, Any]]) -> None:
    """Look every acknowledged outcome up in the records."""
    by_request: defaultdict[str, set[str]] = defaultdict(set)
    turns: Counter[tuple[str, int]] = Counter()
    issued: set[str] = set()
    for record in records:
        event = record["event"]
        by_request[event["request_id"]].add(record["name"])
        if record["name"] == "tokens.issued":
            issued.add(event["token_id"])
            if "grant_id" in event:
                turns[event["grant_id"], event.get("generation", 0)] += 1
    for outcome in ledger.outcomes:
        told = set().union(*(by_request[request] for request in outcome.requests))
        ledger.durable_lost += [f"no audit event {name}" for name in sorted(outcome.events - told)]
    ledger.durable_lost += ["no audit event tokens.issued"] * len(set(ledger.token_ids) - issued)
    ledger.single_use_violated += ["a turn of a grant was issued twice"] * sum(1 for told in turns.values() if told > 1)
    ledger.checked["audit events"] += sum(len(each.events) for each in ledger.outcomes) + len(ledger.token_ids)
