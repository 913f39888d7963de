"""`/api/admin/policies`: the assurance policy, its versions, dry runs and changes asked for."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from idp.domain.ids import Seconds
from idp.domain.levels.assurance_policy import FIRST_POLICY, RecordedPolicy
from idp.domain.levels.assurance_policy_document import document_of
from idp.domain.levels.policy_trial import Tally
from idp.domain.offices.administration import Action
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.policies import PolicyDesk
from idp.ports.clock import Clock
from idp.web.api.answers import AskedChange
from idp.web.api.gate import Gate

RULES = "Rules as import files have them: accounts, clients, scopes, details, acts (docs/import-file.md)."


class PolicyVersion(BaseModel):
    """One version; moments in seconds since 1970. The first, which is built in, counts from the beginning."""

    version: int
    counts_from: int
    rules: dict[str, Any] = Field(description=RULES)


class Policies(BaseModel):
    """Every version, oldest first, and the number of the one that counts now."""

    in_force: int
    versions: list[PolicyVersion]


class Rules(BaseModel):
    """A whole policy that is proposed: what it leaves out asks nothing."""

    model_config = ConfigDict(extra="forbid")

    rules: dict[str, Any] = Field(description=RULES)


class Proposal(Rules):
    """The same with the moment from which it counts; null: as soon as it is approved."""

    effective_from: int | None = Field(None, ge=0, le=2**40)


class TrialCounts(BaseModel):
    """What would have become of sign-ins; `more` has those in it who would have had one more step of any kind."""

    total: int
    more: int
    failed: int
    eased: int
    verdicts: dict[str, int]


class TrialResult(BaseModel):
    """A dry run on what was granted from `since` up to `until`."""

    since: int
    until: int
    total: TrialCounts
    by_client: dict[str, TrialCounts]


def policies_api(desk: PolicyDesk, clock: Clock, gate: Gate) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/policies", tags=["policies"])
    Asker = Annotated[Administrator, gate(Action.POLICIES_ASK)]  # noqa: N806 -- a type

    @router.get("")
    async def list_policies(admin: Annotated[Administrator, gate(Action.POLICIES_VIEW)]) -> Policies:
        """The versions and which one counts."""
        register = await desk.register(admin)
        every = (RecordedPolicy(FIRST_POLICY, FIRST_POLICY.effective_from), *register.recorded)
        versions = [
            PolicyVersion(version=each.policy.version, counts_from=each.counts_from, rules=document_of(each.policy))
            for each in every
        ]
        return Policies(in_force=register.in_force.version, versions=versions)

    @router.post("/dry-run")
    async def try_policy(admin: Asker, proposed: Rules) -> TrialResult:
        """What these rules would have made of the last week's sign-ins."""
        run = await desk.dry_run(admin, proposed.rules)
        by_client = {str(client_id): _counts(tally) for client_id, tally in run.trial.by_client.items()}
        return TrialResult(
            since=run.period.since, until=run.period.until, total=_counts(run.trial.total), by_client=by_client
        )

    @router.post("", status_code=202)
    async def ask_policy_change(admin: Asker, proposal: Proposal) -> AskedChange:
        """Ask that these rules become the next version."""
        effective_from = clock.now() if proposal.effective_from is None else Seconds(proposal.effective_from)
        return AskedChange(change_id=(await desk.ask(admin, proposal.rules, effective_from)).change_id)

    return router


def _counts(tally: Tally) -> TrialCounts:
    verdicts = {verdict.value: count for verdict, count in tally.verdicts.items()}
    return TrialCounts(total=tally.total, more=tally.more, failed=tally.failed, eased=tally.eased, verdicts=verdicts)
