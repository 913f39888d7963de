"""Whom a question of an authorization request is put to: nobody answers what was put to somebody else."""

from idp.domain.levels.requirement import Need
from idp.domain.values import dataclass
from idp.journeys.sessions import CurrentSession, Sessions
from idp.ports.clock import Clock
from idp.protocol.authorize.decision import sign_in_need
from idp.protocol.authorize.request import AuthorizationRequest
from idp.web.pages.answer import Answer
from idp.web.pages.signing_in.journey import Journey, Scene
from idp.web.pages.signing_in.steps import resume_path
from idp.web.pages.visit import Visit


@dataclass(frozen=True, slots=True)
class Asked:
    """The scene of the attempt, the request that it answers, and who is signed in and is asked."""

    scene: Scene
    request: AuthorizationRequest
    current: CurrentSession


async def asked_person(journey: Journey, sessions: Sessions, clock: Clock, visit: Visit) -> Asked | Answer:
    """Return who is asked, or the page to go on with where the attempt is not theirs or asks nothing.

    Nobody answers before being signed in as strongly as the request asks (OpenID Connect Core section 3.1.2.4): an
    answer given with less would count after somebody else proved the rest.
    """
    scene = await journey.scene(visit)
    if isinstance(scene, Answer):
        return scene
    current = await sessions.current(scene.visit.session_token)
    if current is None or current.account.account_id != scene.attempt.account_id or scene.request is None:
        return journey.desk.redirect(visit, resume_path(visit.attempt_id))
    if sign_in_need(scene.request, current, scene.attempt, clock.now()) is not Need.NOTHING:
        return journey.desk.redirect(visit, resume_path(visit.attempt_id))
    return Asked(scene, scene.request, current)
