"""Loading versions of the assurance policy: those that are there stay as they are, the next ones are added."""

from collections.abc import Sequence

from idp.adapters.sql.clients.assurance_policies import add_policy, all_policies
from idp.adapters.sql.loading.tally import Tally
from idp.adapters.sql.unit_of_work import Append, UnitOfWork
from idp.domain.events import Origin, PolicyRecorded
from idp.domain.ids import Seconds
from idp.domain.levels.assurance_policy import AssurancePolicy
from idp.ports.records import RecordConflictError


def load_policies(records: Sequence[AssurancePolicy], now: Seconds, origin: Origin, tally: Tally) -> UnitOfWork[None]:
    """Load versions in the order of their numbers.

    Raises `RecordConflictError` for one that is there with other rules, or that leaves a number out.
    """
    if not records:
        return
    recorded = yield from all_policies()
    known = {each.policy.version: each.policy for each in recorded}
    places = {policy.version: place for place, policy in enumerate(records)}
    for policy in sorted(records, key=lambda policy: policy.version):
        path = f"policies[{places[policy.version]}].version"
        if policy.version in known:
            if known[policy.version] != policy:
                raise RecordConflictError(
                    path, "is recorded with other rules: a version is never changed, add the next"
                )
            tally.count(changed=False)
            continue
        if not (yield from add_policy(policy, now)):
            raise RecordConflictError(path, "is not the next version")
        yield Append(PolicyRecorded(origin=origin, version=policy.version, effective_from=policy.effective_from))
        tally.created += 1
