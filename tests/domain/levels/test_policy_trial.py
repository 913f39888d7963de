"""A dry run counts exactly what the resolver would have made of each sign-in."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from idp.domain.accounts.account import AccountKind
from idp.domain.grants.authorization_detail_types import DETAIL_TYPES
from idp.domain.grants.detail_outline import AMOUNTS, outlines_of
from idp.domain.ids import AccountId, ClientId, Seconds, SessionId
from idp.domain.levels.assurance import REACH_EVERYWHERE, Level, Method, Proof, Resistance
from idp.domain.levels.assurance_policy import FIRST_POLICY, Asked, AssurancePolicy, DetailRule, Rule, resolve
from idp.domain.levels.policy_trial import Past, Tally, Verdict, asked_of, shape_of, try_policy, verdict_on
from idp.domain.levels.requirement import FRESHNESS, Need, Requirement
from idp.domain.sign_ins.session import Session
from tests.domain.grants.test_authorization_detail_types import PAYMENT
from tests.ports.test_sign_in_facts import SHAPE

NOW = Seconds(1_000_000)
CLIENTS = ("portal", "gateway", "ministry")
SCOPES = ("openid", "profile", "dossier.write")
levels = some.sampled_from([level for level in Level if level])
rules = some.builds(
    Rule, levels, some.none() | some.sampled_from(FRESHNESS), some.sampled_from(Resistance), some.booleans()
)
details = some.builds(
    lambda amount, currency: {**PAYMENT, "instructedAmount": {"amount": str(amount), "currency": currency}},
    some.integers(0, 10**9),
    some.sampled_from(["VND", "USD"]),
)
policies = some.builds(
    AssurancePolicy,
    version=some.just(2),
    effective_from=some.just(Seconds(0)),
    accounts=some.dictionaries(some.sampled_from(AccountKind), rules, max_size=2),
    clients=some.dictionaries(some.sampled_from(CLIENTS), rules, max_size=2),
    scopes=some.dictionaries(some.sampled_from(SCOPES), rules, max_size=2),
    details=some.lists(
        some.builds(
            DetailRule,
            type=some.sampled_from(sorted(DETAIL_TYPES)),
            rule=rules,
            amount=some.sampled_from((0, *AMOUNTS[:20])),
        ).map(lambda rule: replace(rule, currency="VND") if rule.amount else rule),
        max_size=2,
    ).map(tuple),
)


@some.composite
def sign_ins(draw: some.DrawFn) -> tuple[str, Level, Asked, Session, bool, bool]:
    """A sign-in as it happens: client, its registered level, what it asked, the session, silent, second factor."""
    client, minimum = draw(some.sampled_from(CLIENTS)), draw(levels)
    asked = Asked(
        client,
        minimum,
        tuple(draw(some.lists(some.sampled_from(SCOPES), unique=True))),
        outlines_of(draw(some.lists(details, max_size=2))),
        draw(levels),
        draw(some.sampled_from(Resistance)),
    )
    methods = draw(some.sampled_from([(Method.PASSWORD,), (Method.PASSWORD, Method.ONE_TIME_CODE)]))
    proofs = tuple(Proof(method, Seconds(NOW - draw(some.integers(0, 100_000)))) for method in methods)
    session = Session(
        SessionId("s"), AccountId("a"), draw(some.sampled_from(AccountKind)), proofs, Seconds(0), NOW, NOW
    )
    return client, minimum, asked, session, draw(some.booleans()), draw(some.booleans())


@settings(max_examples=150, deadline=None)
@given(policies, some.lists(sign_ins(), max_size=12))
def test_the_counts_are_those_of_the_resolver_run_on_every_sign_in(
    policy: AssurancePolicy, happened: list[tuple[str, Level, Asked, Session, bool, bool]]
) -> None:
    past = [
        Past(ClientId(client), minimum, shape_of(asked, session, NOW, silent=silent), second_factor)
        for client, minimum, asked, session, silent, second_factor in happened
    ]
    trial = try_policy(policy, FIRST_POLICY, past, REACH_EVERYWHERE)
    expected = [
        (client, becomes(policy, asked, session, silent=silent, second_factor=second_factor))
        for client, _, asked, session, silent, second_factor in happened
    ]
    assert +Counter(trial.total.verdicts) == Counter(verdict for _, verdict in expected)
    for client in CLIENTS:
        of_client = trial.by_client.get(ClientId(client), Tally()).verdicts
        assert +Counter(of_client) == Counter(verdict for name, verdict in expected if name == client)


def becomes(policy: AssurancePolicy, asked: Asked, session: Session, *, silent: bool, second_factor: bool) -> Verdict:
    """What the provider itself does with such a request, from the session as it stands."""
    requirement = resolve(policy.within(REACH_EVERYWHERE), asked, session.account_kind)
    if not requirement.is_within(REACH_EVERYWHERE):
        return Verdict.FAIL
    need = requirement.need(session.proofs, NOW)
    if need is Need.NOTHING:
        return Verdict.AS_BEFORE
    if silent:
        return Verdict.FAIL
    if not requirement.is_met_by(session.proofs):
        return Verdict.STEP_UP if second_factor else Verdict.ENROL_FIRST
    return Verdict.SIGN_IN_AGAIN


def test_what_would_have_been_asked_less_is_told_apart() -> None:
    shape = replace(SHAPE, scopes=("openid", "dossier.write"), details=())
    past = Past(ClientId("portal"), Level.ONE, shape, second_factor=True, count=7)
    lenient = replace(FIRST_POLICY, version=2, scopes={})
    trial = try_policy(
        lenient, FIRST_POLICY, [past, replace(past, shape=replace(shape, scopes=("openid",)))], REACH_EVERYWHERE
    )
    assert (trial.total.total, trial.total.eased, trial.total.more) == (14, 7, 0)
    assert try_policy(FIRST_POLICY, FIRST_POLICY, [past], REACH_EVERYWHERE).total.eased == 0


def test_counts_of_equal_sign_ins_are_added() -> None:
    past = Past(ClientId("portal"), Level.ONE, replace(SHAPE, level=Level.ONE), second_factor=False, count=41)
    trial = try_policy(FIRST_POLICY, FIRST_POLICY, [past, replace(past, second_factor=True, count=3)], REACH_EVERYWHERE)
    assert trial.total.verdicts[Verdict.ENROL_FIRST] == 41
    assert trial.total.verdicts[Verdict.STEP_UP] == 3
    assert trial.total.more == 44


@pytest.mark.parametrize("silent", [True, False])
def test_where_no_page_can_be_shown_what_is_missing_fails(silent: bool) -> None:
    shape = replace(SHAPE, level=Level.ONE, silent=silent)
    verdict = verdict_on(Requirement(Level.TWO), shape, REACH_EVERYWHERE, second_factor=True)
    assert verdict is (Verdict.FAIL if silent else Verdict.STEP_UP)


def test_what_is_kept_of_a_sign_in_is_asked_again_as_it_was() -> None:
    asked = Asked("portal", Level.TWO, ("openid",), outlines_of([PAYMENT]), Level.TWO, Resistance.NONE)
    session = Session(
        SessionId("s"), AccountId("a"), AccountKind.OFFICER, (Proof(Method.PASSWORD, NOW),), NOW, NOW, NOW
    )
    kept = shape_of(asked, session, NOW, silent=False)
    assert asked_of(Past(ClientId("portal"), Level.TWO, kept, second_factor=True)) == asked
