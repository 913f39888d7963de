"""What giving somebody else power to act takes: whatever the assurance policy asks of that at the moment."""

from idp.domain.clients.client import ClientAudience
from idp.domain.levels.assurance import Level
from idp.domain.levels.assurance_policy import Act
from idp.domain.levels.requirement import Need
from idp.journeys.sessions import CurrentSession, Sessions
from idp.journeys.sign_in import Demand, SignIn
from idp.ports.assurance_policies import AssurancePolicies
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.signing_in.steps import way_to_sign_in
from idp.web.pages.visit import Visit


class Delegation:
    """Lets in whoever proved enough, and leads everybody else to prove it."""

    def __init__(self, sessions: Sessions, sign_in: SignIn, policies: AssurancePolicies, desk: Desk) -> None:
        self._sessions = sessions
        self._sign_in = sign_in
        self._policies = policies
        self._desk = desk

    async def let_in(self, visit: Visit, back_to: str | None = None) -> CurrentSession | Answer:
        """Return who is signed in and may delegate now; else the way to sign in, and back to this page or `back_to`."""
        current = await self._sessions.current(visit.session_token)
        return_to = back_to or visit.path
        if current is None:
            return await self._lead(visit, None, Demand(level=Level.ONE, return_to=return_to, reauthenticate=True))
        policy = await self._policies.in_force()
        requirement = policy.of_act(Act.DELEGATE, current.account.kind)
        need = await self._sign_in.need(requirement, current)
        if need is Need.NOTHING:
            return current
        demand = Demand(
            level=requirement.level,
            resistance=requirement.resistance,
            wished=requirement.wished,
            reauthenticate=need is Need.SIGN_IN,
            audience=ClientAudience(current.account.kind.value),
            return_to=return_to,
        )
        return await self._lead(visit, current, demand)

    async def _lead(self, visit: Visit, current: CurrentSession | None, demand: Demand) -> Answer:
        return self._desk.redirect(visit, await way_to_sign_in(self._sign_in, demand, visit.browser, current))
