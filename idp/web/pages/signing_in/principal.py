"""The page "act for": for oneself, an organisation, a ward, or somebody who gave a mandate."""

from datetime import datetime

from idp.domain.accounts.account import Profile
from idp.domain.ids import Seconds
from idp.domain.representation.authority import Authority, Basis
from idp.domain.representation.principal import SELF, PrincipalKind
from idp.journeys.acting_for import NotOfferedError, PrincipalStep
from idp.journeys.sessions import CurrentSession, Sessions
from idp.ports.accounts import Accounts
from idp.ports.clock import Clock
from idp.protocol.authorize.decision import question_of
from idp.protocol.authorize.request import AuthorizationRequest
from idp.web.moments import moment_of
from idp.web.pages.answer import Answer
from idp.web.pages.signing_in.asked_person import asked_person
from idp.web.pages.signing_in.journey import Journey, Scene
from idp.web.pages.signing_in.steps import place, resume_path
from idp.web.pages.visit import Visit
from idp.web.views.acting import PrincipalChoice, PrincipalPage
from idp.web.views.common import ErrorView, Refusal


class PrincipalPages:
    """`/sign-in/{attempt}/principal`."""

    def __init__(
        self, journey: Journey, step: PrincipalStep, sessions: Sessions, accounts: Accounts, clock: Clock
    ) -> None:
        self._journey = journey
        self._step = step
        self._sessions = sessions
        self._accounts = accounts
        self._clock = clock

    async def show(self, visit: Visit) -> Answer:
        """GET the form `principal`."""
        asked = await asked_person(self._journey, self._sessions, self._clock, visit)
        if isinstance(asked, Answer):
            return asked
        return await self._draw(asked.scene, asked.request, asked.current, None, 200)

    async def choose(self, visit: Visit) -> Answer:
        """POST the choice."""
        fields = await visit.form()
        asked = await asked_person(self._journey, self._sessions, self._clock, visit)
        if isinstance(asked, Answer):
            return asked
        scene, request, current = asked.scene, asked.request, asked.current
        question = question_of(request, current)
        choice = fields.get("principal")
        if not choice:
            return await self._draw(scene, request, current, ErrorView(Refusal.CHOOSE_ONE), 400)
        try:
            await self._step.choose(scene.loaded, question, choice, visit.visitor.origin)
        except NotOfferedError:
            return await self._draw(scene, request, current, ErrorView(Refusal.NOT_OFFERED), 400)
        return self._journey.desk.redirect(visit, resume_path(visit.attempt_id))

    async def _draw(
        self,
        scene: Scene,
        request: AuthorizationRequest,
        current: CurrentSession,
        error: ErrorView | None,
        status: int,
    ) -> Answer:
        offered = await self._step.offered(question_of(request, current))
        profile = await self._accounts.profile(current.account.account_id)
        view = PrincipalPage(
            **scene.common(error),
            form_action=place(scene.attempt.attempt_id, "principal"),
            choices=(_oneself(profile), *(_choice(authority) for authority in offered)),
        )
        return self._journey.draw(scene, view, status)


def _oneself(profile: Profile | None) -> PrincipalChoice:
    return PrincipalChoice(value=SELF, name=str(profile.claims.get("name", "")) if profile else "")


def _choice(authority: Authority) -> PrincipalChoice:
    is_organisation = authority.principal.kind is PrincipalKind.ORGANISATION
    ends = [permission.end for permission in authority.permissions if permission.end is not None]
    return PrincipalChoice(
        value=str(authority.principal),
        name=authority.name,
        kind=authority.principal.kind,
        basis=authority.basis,
        tax_code=authority.principal.reference if is_organisation else None,
        functions=tuple(
            sorted({function.value for permission in authority.permissions for function in permission.functions})
        ),
        until=_last_day(max(ends)) if ends and authority.basis is Basis.MANDATE else None,
    )


def _last_day(end: Seconds) -> datetime:
    return moment_of(end - 1)
