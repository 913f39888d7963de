"""The assurance policy in the console: seen, tried on the past week, changed by two administrators from a date on."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Final

from idp.domain.country_time import COUNTRY_TIME
from idp.domain.events import PolicyRecorded, PolicyTried
from idp.domain.ids import Seconds
from idp.domain.levels.assurance import Level, Reach
from idp.domain.levels.assurance_policy import FIRST_POLICY, AssurancePolicy, RecordedPolicy, in_force
from idp.domain.levels.assurance_policy_document import Document, PolicyDocumentError, document_of, policy_of
from idp.domain.levels.policy_changes import changed_rules
from idp.domain.levels.policy_trial import Past, Trial, try_policy
from idp.domain.offices.administration import Action
from idp.domain.offices.change_request import ChangeRequest
from idp.domain.values import dataclass
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import ChangedMeanwhileError, InvalidEntryError, NotFoundError
from idp.journeys.administration.four_eyes import FourEyes
from idp.ports.assurance_policies import AssurancePolicies
from idp.ports.audit import AuditTrail
from idp.ports.clients import Clients
from idp.ports.clock import Clock
from idp.ports.sign_in_facts import Period, SignInFacts

DAY: Final = 24 * 3600
WEEK: Final = 7 * DAY
"""Seconds that a dry run looks back."""

SUBJECT: Final = "assurance"
LATEST: Final = 4_102_444_800
"""No change waits for a moment behind this one: 2100."""


@dataclass(frozen=True, slots=True)
class PolicyRegister:
    """Every version, and the one that counts now."""

    in_force: AssurancePolicy
    recorded: tuple[RecordedPolicy, ...]

    @property
    def latest(self) -> AssurancePolicy:
        """The version that a change begins from."""
        return self.recorded[-1].policy if self.recorded else FIRST_POLICY


@dataclass(frozen=True, slots=True)
class DryRun:
    """What the proposed rules would have made of everything that was granted in a period."""

    period: Period
    trial: Trial


class ChangePolicy:
    """Implements `ChangeKind`: the next version is recorded. The payload has its `rules` and `effective_from`."""

    name = "policy.change"
    asks = Action.POLICIES_ASK
    decides = Action.POLICIES_DECIDE

    def __init__(self, policies: AssurancePolicies, clock: Clock) -> None:
        self._policies = policies
        self._clock = clock

    async def version(self, subject: str) -> str:
        """The number of the latest version."""
        if subject != SUBJECT:
            raise NotFoundError
        return str((await _latest(self._policies)).version)

    async def shown(self, change: ChangeRequest) -> Mapping[str, str]:
        """What the decider reads: from when, which rules change, and what the dry run said."""
        payload = change.payload
        moment = datetime.fromtimestamp(payload["effective_from"], COUNTRY_TIME)
        told = {"policy.effective_from": f"{moment:%d/%m/%Y %H:%M} (UTC+7)"}
        told |= {f"policy.{name}": str(count) for name, count in payload["trial"].items()}
        return told | dict(payload["changes"])

    async def apply(self, change: ChangeRequest, decider: Administrator) -> None:
        """Record the version; from now on when its date has passed meanwhile."""
        latest, payload = await _latest(self._policies), change.payload
        if latest.version == int(change.version) + 1 and document_of(latest) == payload["rules"]:
            return
        if str(latest.version) != change.version:
            raise ChangedMeanwhileError
        effective_from = Seconds(max(payload["effective_from"], self._clock.now()))
        policy = policy_of(payload["rules"], version=latest.version + 1, effective_from=effective_from)
        event = PolicyRecorded(
            origin=decider.origin,
            version=policy.version,
            effective_from=policy.effective_from,
            account_id=decider.account_id,
        )
        if not await self._policies.add(policy, event):
            raise ChangedMeanwhileError


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyParts:
    """What the desk asks."""

    policies: AssurancePolicies
    facts: SignInFacts
    clients: Clients
    four_eyes: FourEyes
    audit: AuditTrail
    clock: Clock
    reach: Reach


class PolicyDesk:
    """What the pages and the JSON API of policies ask."""

    def __init__(self, parts: PolicyParts) -> None:
        self._parts = parts

    async def register(self, admin: Administrator) -> PolicyRegister:
        """Every version. Raises `NotAllowedError`."""
        admin.must(Action.POLICIES_VIEW)
        recorded = await self._parts.policies.recorded()
        return PolicyRegister(in_force(recorded, self._parts.clock.now()), recorded)

    async def dry_run(self, admin: Administrator, rules: Document) -> DryRun:
        """What `rules` would have made of the past week. Raises `AdministrationError`."""
        admin.must(Action.POLICIES_ASK)
        register = await self.register(admin)
        proposed = await self._checked(rules, register.latest)
        now = self._parts.clock.now()
        period = Period(Seconds(now - WEEK), now)
        past = [each async for each in self._past(period)]
        trial = try_policy(proposed, register.in_force, past, self._parts.reach)
        event = PolicyTried(
            origin=admin.origin,
            account_id=admin.account_id,
            version=register.latest.version,
            sign_ins=trial.total.total,
            more=trial.total.more,
            failed=trial.total.failed,
        )
        await self._parts.audit.record(event)
        return DryRun(period, trial)

    async def ask(self, admin: Administrator, rules: Document, effective_from: Seconds) -> ChangeRequest:
        """Ask that `rules` count from a moment on; the change carries what a dry run says now.

        Raises `AdministrationError`.
        """
        if not self._parts.clock.now() <= effective_from <= LATEST:
            raise InvalidEntryError("effective_from", "moment_over")
        total = (await self.dry_run(admin, rules)).trial.total
        latest = await _latest(self._parts.policies)
        proposed = await self._checked(rules, latest)
        changes = changed_rules(latest, proposed)
        if not changes:
            raise InvalidEntryError("rules", "nothing_changes")
        payload: dict[str, Any] = {
            "rules": document_of(proposed),
            "effective_from": int(effective_from),
            "changes": changes,
            "trial": {"sign_ins": total.total, "more": total.more, "failed": total.failed},
        }
        return await self._parts.four_eyes.ask(admin, ChangePolicy.name, SUBJECT, payload)

    async def _checked(self, rules: Document, latest: AssurancePolicy) -> AssurancePolicy:
        """The version after `latest`. A rule for a service that is gone may stay until somebody takes it out."""
        try:
            policy = policy_of(rules, version=latest.version + 1, effective_from=self._parts.clock.now())
        except PolicyDocumentError as error:
            raise InvalidEntryError(error.path or "rules", "malformed") from error
        for place, client_id in enumerate(policy.clients):
            if client_id not in latest.clients and await self._parts.clients.get(client_id) is None:
                raise InvalidEntryError(f"clients[{place}]", "unknown")
        return policy

    async def _past(self, period: Period) -> AsyncIterator[Past]:
        """What was granted, asked for day by day: a week of a whole country is too much for one question."""
        for since in range(period.since, period.until, DAY):
            day = Period(Seconds(since), Seconds(min(since + DAY, period.until)))
            for each in await self._parts.facts.shapes(day):
                minimum = await self._minimum(each.client_id)
                yield Past(each.client_id, minimum, each.shape, each.second_factor, each.count)

    async def _minimum(self, client_id: str) -> Level:
        """The level that the client is registered with now; none of its own once it is gone."""
        client = await self._parts.clients.get(client_id)
        return client.minimum_level if client else Level.ONE


async def _latest(policies: AssurancePolicies) -> AssurancePolicy:
    recorded = await policies.recorded()
    return recorded[-1].policy if recorded else FIRST_POLICY
