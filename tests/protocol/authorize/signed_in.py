"""A citizen signed in ten minutes ago with two factors, and a request of the portal."""

from dataclasses import replace
from typing import Any

from idp.domain.accounts.account import Account, AccountKind, AccountStatus
from idp.domain.ids import PersonId, Seconds
from idp.domain.levels.assurance import Level, Method, Proof
from idp.domain.levels.assurance_policy import FIRST_POLICY, Asked, AssurancePolicy
from idp.domain.levels.requirement import Requirement
from idp.domain.sign_ins.session import Session
from idp.journeys.attempt import Attempt
from idp.journeys.sessions import CurrentSession
from idp.protocol.authorize.check_assurance import RequiredAssurance
from idp.protocol.authorize.request import AuthorizationRequest, ResponseTarget
from tests.protocol.world import PORTAL, REDIRECT, SESSION, World

AGE = 600


def proofs(world: World, *methods: Method) -> tuple[Proof, ...]:
    at = Seconds(world.clock.now() - AGE)
    return tuple(Proof(method, at) for method in methods)


def signed_in(world: World, *methods: Method, kind: AccountKind = AccountKind.CITIZEN) -> CurrentSession:
    done = proofs(world, *(methods or (Method.PASSWORD, Method.ONE_TIME_CODE)))
    now = world.clock.now()
    account_id = world.citizen if kind is AccountKind.CITIZEN else world.officer
    account = Account(account_id, PersonId("person"), kind, AccountStatus.ACTIVE, Seconds(0), None)
    session = Session(SESSION, account_id, kind, done, Seconds(now - AGE), Seconds(now + 1800), Seconds(now + 8 * 3600))
    return CurrentSession(session, account, "cookie")


def asked(**changes: Any) -> AuthorizationRequest:
    scopes = ("openid", "profile")
    request = AuthorizationRequest(PORTAL, ResponseTarget(REDIRECT, "query", "xyz"), scopes, needing(Level.ONE))
    return replace(request, **changes)


def needing(level: Level, fresh_within: int | None = None, policy: AssurancePolicy = FIRST_POLICY) -> RequiredAssurance:
    return RequiredAssurance(policy, Asked("portal"), Requirement(level, fresh_within))


def made_for_it(world: World, **changes: Any) -> Attempt:
    attempt = Attempt(
        "attempt", b"", Seconds(world.clock.now() - AGE), Level.ONE, account_id=world.citizen, signed_in=True
    )
    return replace(attempt, **changes)
