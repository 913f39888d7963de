from dataclasses import replace
from typing import Any

import pytest

from idp.adapters.crypto.system import SystemEntropy
from idp.domain.events import PolicyRecorded
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.domain.levels.assurance import REACH_EVERYWHERE, Level
from idp.domain.levels.assurance_policy import FIRST_POLICY, Rule
from idp.domain.levels.assurance_policy_document import Document, document_of
from idp.domain.levels.policy_trial import Verdict
from idp.domain.offices.administration import Role
from idp.domain.sign_ins.sign_in_fact import Shape
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import ChangedMeanwhileError, InvalidEntryError, NotAllowedError
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.policies import WEEK, ChangePolicy, PolicyDesk, PolicyParts
from tests.journeys.administration.standing import EverybodyStands
from tests.journeys.stage import ORIGIN, Stage
from tests.ports.test_sign_in_facts import SHAPE, fact


def officer(name: str, role: Role = Role.SECURITY_ADMIN) -> Administrator:
    return Administrator(
        account_id=AccountId(name), officer_id=name, agency_code="G10", roles=frozenset({role}), origin=ORIGIN
    )


ASKER, DECIDER = officer("asker"), officer("decider")
PLAIN = replace(SHAPE, scopes=("openid",), details=(), level=Level.ONE)


class Room:
    """The desk, and the four eyes that it asks."""

    def __init__(self, stage: Stage) -> None:
        stores, self.clock = stage.stores, stage.clock
        self.stores = stores
        kinds = (ChangePolicy(stores.assurance_policies, stage.clock),)
        self.four_eyes = FourEyes(
            stores.change_requests,
            kinds,
            stores.agency_tree,
            stores.audit_trail,
            stores.accounts,
            stage.clock,
            SystemEntropy(),
            askers=EverybodyStands(),
        )
        self.desk = PolicyDesk(
            PolicyParts(
                policies=stores.assurance_policies,
                facts=stores.sign_in_facts,
                clients=stores.clients,
                four_eyes=self.four_eyes,
                audit=stores.audit_trail,
                clock=stage.clock,
                reach=REACH_EVERYWHERE,
            )
        )

    async def happened(self, *shapes: Shape, client_id: str = "portal", ago: int = 60) -> None:
        """Sign-ins, each a minute after the one before."""
        seen = await self.stores.sign_in_facts.position("main")
        at = self.clock.now() - ago
        facts = [
            fact(seen + place, at=Seconds(at), shape=shape, client_id=ClientId(client_id))
            for place, shape in enumerate(shapes, 1)
        ]
        assert await self.stores.sign_in_facts.add("main", seen, seen + len(shapes), facts)

    async def ask(self, rules: Document, admin: Administrator = ASKER, *, wait: int = 0) -> Any:
        return await self.desk.ask(admin, rules, Seconds(self.clock.now() + wait))


@pytest.fixture
def room(stage: Stage) -> Room:
    return Room(stage)


def with_client(client_id: str = "portal", **rule: object) -> Document:
    document = document_of(FIRST_POLICY)
    return {**document, "clients": {client_id: {"level": "urn:vn:loa:2", **rule}}}


async def test_a_change_counts_from_its_date_once_a_second_administrator_agreed(room: Room) -> None:
    change = await room.ask(with_client(), wait=100)
    assert (await room.desk.register(ASKER)).recorded == ()
    await room.four_eyes.approve(DECIDER, change.change_id, change.digest)
    register = await room.desk.register(ASKER)
    assert (register.in_force.version, register.latest.version) == (1, 2)
    room.clock.advance(100)
    assert (await room.desk.register(ASKER)).in_force.clients == {"portal": Rule(Level.TWO)}


async def test_a_date_that_passed_while_it_waited_becomes_the_moment_of_the_approval(room: Room) -> None:
    change = await room.ask(with_client(), wait=100)
    room.clock.advance(500)
    await room.four_eyes.approve(DECIDER, change.change_id, change.digest)
    (recorded,) = (await room.desk.register(ASKER)).recorded
    assert recorded.policy.effective_from == recorded.recorded_at == room.clock.now()


async def test_nobody_approves_a_change_of_his_own_or_one_of_a_version_that_is_no_longer_the_latest(room: Room) -> None:
    first, second = await room.ask(with_client()), await room.ask(with_client(fresh_within=300))
    with pytest.raises(NotAllowedError):
        await room.four_eyes.approve(ASKER, first.change_id, first.digest)
    await room.four_eyes.approve(DECIDER, first.change_id, first.digest)
    with pytest.raises(ChangedMeanwhileError):
        await room.four_eyes.approve(DECIDER, second.change_id, second.digest)
    assert len((await room.desk.register(ASKER)).recorded) == 1


async def test_applying_once_more_does_nothing_more(room: Room, stage: Stage) -> None:
    kind = ChangePolicy(room.stores.assurance_policies, room.clock)
    change = await room.ask(with_client())
    await kind.apply(change, DECIDER)
    await kind.apply(change, DECIDER)
    assert len((await room.desk.register(ASKER)).recorded) == 1
    (event,) = await stage.events("assurance_policy.recorded")
    assert '"account_id":"decider"' in event


async def test_the_decider_reads_what_changes_from_when_and_what_it_would_have_done(room: Room) -> None:
    await room.happened(PLAIN, replace(PLAIN, silent=True), replace(PLAIN, level=Level.TWO))
    change = await room.ask(with_client(fresh_within=300))
    shown = dict(await room.four_eyes.shown(change))
    assert shown.pop("policy.effective_from").endswith("(UTC+7)")
    assert shown == {
        "policy.sign_ins": "3",
        "policy.more": "1",
        "policy.failed": "1",
        "clients portal": "– → urn:vn:loa:2, 300 s",
    }


async def test_a_dry_run_counts_the_past_week_by_client_and_leaves_a_trace(room: Room, stage: Stage) -> None:
    await room.happened(PLAIN, PLAIN, replace(PLAIN, level=Level.TWO))
    await room.happened(PLAIN, client_id="gateway")
    await room.happened(PLAIN, ago=WEEK + 60)
    run = await room.desk.dry_run(ASKER, with_client())
    assert run.trial.total.total == 4
    portal, gateway = run.trial.by_client[ClientId("portal")], run.trial.by_client[ClientId("gateway")]
    assert portal.verdicts[Verdict.ENROL_FIRST] == 2
    assert portal.verdicts[Verdict.AS_BEFORE] == 1
    # The gateway is registered for level 2 itself, whatever the policy says.
    assert gateway.verdicts[Verdict.ENROL_FIRST] == 1
    (event,) = await stage.events("assurance_policy.tried")
    assert '"sign_ins":4' in event
    assert '"more":3' in event


@pytest.mark.parametrize(
    ("rules", "field", "reason"),
    [
        (with_client("nobody"), "clients[0]", "unknown"),
        (with_client(level="LoA9"), "clients[0].level", "malformed"),
        ({"rules": {}}, "rules", "malformed"),
        (document_of(FIRST_POLICY), "rules", "nothing_changes"),
    ],
)
async def test_what_is_no_change_is_refused_by_its_field(room: Room, rules: Document, field: str, reason: str) -> None:
    with pytest.raises(InvalidEntryError) as refused:
        await room.ask(rules)
    assert (refused.value.field, refused.value.reason) == (field, reason)


async def test_a_rule_for_a_service_that_is_gone_does_not_stand_in_the_way_of_other_changes(room: Room) -> None:
    gone = replace(FIRST_POLICY, version=2, effective_from=room.clock.now(), clients={"gone": Rule(Level.TWO)})
    event = PolicyRecorded(origin=ORIGIN, version=2, effective_from=gone.effective_from)
    assert await room.stores.assurance_policies.add(gone, event)
    both = {**document_of(gone), "scopes": {}}
    assert (await room.ask(both)).payload["changes"] == {"scopes dossier.write": "urn:vn:loa:2 → –"}


async def test_no_change_counts_from_a_moment_that_is_over(room: Room) -> None:
    for wait in (-1, 10**10):
        with pytest.raises(InvalidEntryError) as refused:
            await room.ask(with_client(), wait=wait)
        assert refused.value.field == "effective_from"


async def test_who_may_only_look_neither_tries_nor_asks(room: Room) -> None:
    auditor = officer("auditor", Role.AUDITOR)
    assert (await room.desk.register(auditor)).latest == FIRST_POLICY
    with pytest.raises(NotAllowedError):
        await room.desk.dry_run(auditor, with_client())
    with pytest.raises(NotAllowedError):
        await room.ask(with_client(), auditor)
    with pytest.raises(NotAllowedError):
        await room.desk.register(officer("counter", Role.PROOFING_OFFICER))
