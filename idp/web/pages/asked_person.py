"""Whom a question of an authorization request is put to: nobody answers what was put to somebody else."""

from idp.domain.values import dataclass
from idp.journeys.sessions import CurrentSession, Sessions
from idp.protocol.authorize.request import AuthorizationRequest
from idp.web.pages.answer import Answer
from idp.web.pages.journey import Journey, Scene
from idp.web.pages.steps import resume_path
from idp.web.pages.visit import Visit


@dataclass(frozen=True, slots=True)
class Asked:
    """The scene of the attempt, the request that it answers, and who is signed in and is asked."""

    scene: Scene
    request: AuthorizationRequest
    current: CurrentSession


async def asked_person(journey: Journey, sessions: Sessions, visit: Visit) -> Asked | Answer:
    """Return who is asked, or the page to go on with where the attempt is not theirs or asks nothing."""
    scene = await journey.scene(visit)
    if isinstance(scene, Answer):
        return scene
    current = await sessions.current(scene.visit.session_token)
    if current is None or current.account.account_id != scene.attempt.account_id or scene.request is None:
        return journey.desk.redirect(visit, resume_path(visit.attempt_id))
    return Asked(scene, scene.request, current)
