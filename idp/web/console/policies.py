"""`/admin/policies`: the assurance policy, its versions, and changes, tried on the past week before they are asked."""

from typing import Final
from urllib.parse import urlencode

from idp.domain.clients.client import Client
from idp.domain.ids import Seconds
from idp.domain.levels.assurance_policy import FIRST_POLICY, AssurancePolicy, RecordedPolicy
from idp.domain.levels.assurance_policy_document import document_of
from idp.domain.levels.policy_trial import Tally, Verdict
from idp.domain.levels.requirement import FRESHNESS
from idp.domain.offices.administration import Action
from idp.domain.values import dataclass
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import AdministrationError, InvalidEntryError, NotFoundError
from idp.journeys.administration.policies import DryRun, PolicyDesk, PolicyRegister
from idp.ports.clients import Clients
from idp.ports.clock import Clock
from idp.web.console.changes import PATH as CHANGES
from idp.web.console.frame import Frame
from idp.web.console.policy_form import FIELDS, keys_of, proposed_rules, rule_at, typed_moment, typed_of
from idp.web.console.rooms import Room
from idp.web.moments import moment_of
from idp.web.money import money_text
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.console.common import Problem
from idp.web.views.console.policies import (
    PolicyChangePage,
    PolicyPage,
    RuleRow,
    TrialRow,
    TrialView,
    VersionRow,
)

PATH: Final = Room.POLICIES.value.path
CHANGE_PATH: Final = f"{PATH}/change"
PAGE: Final = 50
"""Rules on one page, and versions that are listed; each of the others has its own address, by `?version=`."""

MOST_CLIENTS: Final = 50
"""Clients that a dry run tells one by one: those with the most to tell."""

# Where a form's field stands for a place in the rules.
_FIELD_OF: Final = {"type": "name", "amount": "amount", "currency": "amount", "where_possible": "possible"}


@dataclass(frozen=True, slots=True)
class _Draft:
    """The form as it stands."""

    register: PolicyRegister
    rule: str
    typed: dict[str, str]


class PolicyPages:
    """Shows policies and takes proposals."""

    def __init__(self, desk: PolicyDesk, clients: Clients, clock: Clock, frame: Frame) -> None:
        self._desk = desk
        self._clients = clients
        self._clock = clock
        self._frame = frame

    async def show(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/policies`: the policy in force; `?version=` another one, `?after=` further rules."""
        register = await self._desk.register(admin)
        shown = _version(register, visit.query.get("version", ""))
        rules = document_of(shown)
        keys = _after(keys_of(rules), visit.query.get("after", ""))
        may_change = admin.may(Action.POLICIES_ASK) and shown.version == register.latest.version
        page = PolicyPage(
            **self._frame.common(visit, admin, Room.POLICIES),
            version=shown.version,
            in_force=shown.version == register.in_force.version,
            rules=tuple([await self._row(visit, rules, key) for key in keys[:PAGE]]),
            next_href=_further(shown.version, keys),
            levels=shown.levels,
            versions=self._versions(register),
            change_path=CHANGE_PATH if may_change else None,
            latest=register.latest.version,
        )
        return self._frame.desk.page(visit, page)

    async def edit(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/policies/change`: one rule of the latest version (`?rule=`), or a new one."""
        register, rule = await self._desk.register(admin), visit.query.get("rule", "")
        typed = typed_of(document_of(register.latest), rule)
        return await self._draw(visit, admin, _Draft(register, rule, typed))

    async def propose(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/policies/change`: `step` is `try` for a dry run, or `ask`."""
        fields = await visit.form()
        register = await self._desk.register(admin)
        draft = _Draft(register, fields.get("rule", ""), {name: fields.get(name, "")[:256] for name in FIELDS})
        try:
            rules = proposed_rules(document_of(register.latest), draft.rule, draft.typed)
            effective_from = typed_moment(draft.typed["from"], self._clock.now())
            if fields.get("step") == "ask":
                change = await self._desk.ask(admin, rules, effective_from)
                return self._frame.desk.redirect(visit, f"{CHANGES}/{change.change_id}?notice=asked")
            return await self._draw(visit, admin, draft, trial=await self._desk.dry_run(admin, rules))
        except InvalidEntryError as error:
            return await self._draw(visit, admin, draft, problem=_problem(error))

    async def _draw(
        self,
        visit: Visit,
        admin: Administrator,
        draft: _Draft,
        trial: DryRun | None = None,
        problem: Problem | None = None,
    ) -> Answer:
        page = PolicyChangePage(
            **self._frame.common(visit, admin, Room.POLICIES),
            problem=problem,
            action=CHANGE_PATH,
            rule=draft.rule,
            typed=draft.typed,
            freshness=FRESHNESS,
            latest=draft.register.latest.version,
            trial=None if trial is None else await self._trial(visit, trial),
        )
        return self._frame.desk.page(visit, page, 422 if problem else 200)

    async def _row(self, visit: Visit, rules: dict[str, object], key: str) -> RuleRow:
        section, _, name = key.partition(":")
        rule = rule_at(rules, key)
        money = rule.get("from")
        return RuleRow(
            key=key,
            section=section,
            name=await self._name(visit, name) if section == "clients" else str(rule.get("type", name)),
            action=rule.get("action"),
            amount=money_text(str(money["amount"]), money["currency"]) if money else None,
            level=rule["level"],
            fresh_within=rule.get("fresh_within"),
            resistance=rule.get("resistance"),
            where_possible=bool(rule.get("where_possible")),
        )

    async def _trial(self, visit: Visit, run: DryRun) -> TrialView:
        told = sorted(run.trial.by_client.items(), key=lambda pair: (-pair[1].failed, -pair[1].more, pair[0]))
        rows = [
            _trial_row(visit, await self._name(visit, client_id), tally) for client_id, tally in told[:MOST_CLIENTS]
        ]
        return TrialView(
            since=moment_of(run.period.since),
            until=moment_of(run.period.until),
            total=_trial_row(visit, "", run.trial.total),
            rows=tuple(rows),
            left_out=max(0, len(told) - MOST_CLIENTS),
        )

    async def _name(self, visit: Visit, client_id: str) -> str:
        client: Client | None = await self._clients.get(client_id)
        return client.name_in(visit.locale) if client else client_id

    def _versions(self, register: PolicyRegister) -> tuple[VersionRow, ...]:
        first = RecordedPolicy(FIRST_POLICY, Seconds(0))
        newest_first = [*reversed(register.recorded), first][:PAGE]
        return tuple(self._version_row(register, each) for each in newest_first)

    def _version_row(self, register: PolicyRegister, each: RecordedPolicy) -> VersionRow:
        number, current = each.policy.version, register.in_force.version
        if number == current:
            state = "in_force"
        elif each.counts_from > self._clock.now():
            overtaken = any(
                other.policy.version > number and other.counts_from <= each.counts_from for other in register.recorded
            )
            state = "overtaken" if overtaken else "scheduled"
        else:
            state = "former"
        counts_from = moment_of(each.counts_from) if each.counts_from else None
        return VersionRow(number=number, counts_from=counts_from, state=state, href=f"{PATH}?version={number}")


def _after(keys: list[str], after: str) -> list[str]:
    return keys[keys.index(after) + 1 :] if after in keys else keys


def _further(version: int, keys: list[str]) -> str | None:
    return f"{PATH}?{urlencode({'version': version, 'after': keys[PAGE - 1]})}" if len(keys) > PAGE else None


def _version(register: PolicyRegister, number: str) -> AssurancePolicy:
    if not number:
        return register.in_force
    every = (FIRST_POLICY, *(each.policy for each in register.recorded))
    found = next((policy for policy in every if str(policy.version) == number), None)
    if found is None:
        raise NotFoundError
    return found


def _problem(error: AdministrationError) -> Problem:
    field = error.field if isinstance(error, InvalidEntryError) else ""
    reason = error.reason if isinstance(error, InvalidEntryError) else error.code
    last = field.rpartition(".")[2] if "." in field else field
    if last.startswith(("clients[", "scopes[", "details", "accounts", "acts")):
        last = "name"
    return Problem("from" if last == "effective_from" else _FIELD_OF.get(last, last), reason)


def _trial_row(visit: Visit, name: str, tally: Tally) -> TrialRow:
    share = f"{100 * tally.more / tally.total if tally.total else 0:.1f}"
    return TrialRow(
        name=name,
        total=tally.total,
        more=tally.more,
        share=share.replace(".", ",") if visit.locale == "vi" else share,
        again=tally.verdicts[Verdict.SIGN_IN_AGAIN],
        enrol=tally.verdicts[Verdict.ENROL_FIRST],
        failed=tally.failed,
        eased=tally.eased,
    )
