"""`/sign-in/{attempt}/biometric`: proving oneself by one's face, at the verifier and back."""

from types import MappingProxyType
from typing import Final

from idp.domain.enrolment.biometric_check import CheckObstacle, RefusedCheckError
from idp.domain.levels.assurance import Method
from idp.journeys.attempt import Loaded
from idp.journeys.biometric_step import BiometricStep
from idp.journeys.bound_documents import DocumentGoneError
from idp.journeys.throttling import SlowDownError
from idp.ports.biometric_verifier import VerifierUnavailableError
from idp.ports.population_registry import RegistryUnavailableError
from idp.web.pages.answer import Answer
from idp.web.pages.signing_in.journey import Journey, Scene
from idp.web.pages.signing_in.steps import place, step_path
from idp.web.pages.visit import Visit
from idp.web.views.biometric import BiometricPage, RecognisedPage
from idp.web.views.common import ErrorView, Refusal

_TURN: Final = frozenset({Method.BIOMETRIC})
_OBSTACLES: Final = MappingProxyType(
    {
        CheckObstacle.NOT_IN_REGISTER: Refusal.FACE_NOT_POSSIBLE,
        CheckObstacle.DIFFERENT: Refusal.FACE_NOT_POSSIBLE,
        CheckObstacle.CARD_NOT_VALID: Refusal.FACE_NOT_POSSIBLE,
        CheckObstacle.UNFINISHED: Refusal.FACE_UNFINISHED,
        CheckObstacle.INCONCLUSIVE: Refusal.FACE_UNCLEAR,
    }
)
"""What a person is told; of everything else, that the check did not show that it is he or she."""

_Failure = RefusedCheckError | DocumentGoneError | SlowDownError | RegistryUnavailableError | VerifierUnavailableError
_FAILURES: Final = (
    RefusedCheckError,
    DocumentGoneError,
    SlowDownError,
    RegistryUnavailableError,
    VerifierUnavailableError,
)


class BiometricPages:
    """For whoever is known and proved something, where a face would bring the sign-in on."""

    def __init__(self, journey: Journey, step: BiometricStep) -> None:
        self._journey = journey
        self._step = step

    async def show(self, visit: Visit) -> Answer:
        """GET the form `biometric`."""
        scene = await self._scene(visit)
        return scene if isinstance(scene, Answer) else await self._page(scene, None)

    async def start(self, visit: Visit) -> Answer:
        """POST the agreement: off to the verifier."""
        await visit.form()
        scene = await self._scene(visit)
        if isinstance(scene, Answer):
            return scene
        back = f"{place(visit.attempt_id, 'biometric')}/return"
        try:
            address = await self._step.start(scene.loaded, visit.browser, back, scene.visit.visitor)
        except _FAILURES as failure:
            return await self._refused(scene, failure)
        return self._journey.desk.redirect(visit, address)

    async def back(self, visit: Visit) -> Answer:
        """GET `/return?state=…`: what was found is asked of the verifier; the browser brings only the state."""
        scene = await self._scene(visit)
        if isinstance(scene, Answer):
            return scene
        state = visit.query.get("state", "")
        try:
            moved = await self._step.finish(scene.loaded, state, visit.browser, scene.visit.visitor)
        except _FAILURES as failure:
            return await self._refused(scene, failure)
        return await self._recognised(scene, moved)

    async def _scene(self, visit: Visit) -> Scene | Answer:
        scene = await self._journey.scene(visit)
        if isinstance(scene, Scene) and not await self._journey.is_turn(_TURN, scene.attempt):
            return await self._journey.go_on(scene)
        return scene

    async def _recognised(self, scene: Scene, moved: Loaded) -> Answer:
        """Go on by a navigation of this page's own.

        Whoever is redirected on from the verifier's form is held to the verifier's `form-action`, which knows nothing
        of the service that the sign-in leads to.
        """
        step = await self._journey.step(moved.attempt)
        view = RecognisedPage(
            locale=scene.visit.locale,
            languages=(),
            onward=step_path(moved.attempt.attempt_id, step),
        )
        answer = self._journey.desk.page(scene.visit, view)
        return answer.with_headers((b"refresh", f"0;url={view.onward}".encode("ascii")))

    async def _refused(self, scene: Scene, failure: _Failure) -> Answer:
        match failure:
            case SlowDownError():
                return await self._page(scene, ErrorView(Refusal.SLOW_DOWN, failure.wait), 429)
            case RegistryUnavailableError():
                return await self._page(scene, ErrorView(Refusal.REGISTER_SILENT, failure.retry_after), 503)
            case VerifierUnavailableError():
                return await self._page(scene, ErrorView(Refusal.VERIFIER_SILENT, failure.retry_after), 503)
            case RefusedCheckError():
                refusal = _OBSTACLES.get(failure.obstacle, Refusal.FACE_NOT_PROVED)
                return await self._page(scene, ErrorView(refusal), 400)
            case _:
                return await self._page(scene, ErrorView(Refusal.FACE_UNFINISHED), 400)

    async def _page(self, scene: Scene, error: ErrorView | None, status: int = 200) -> Answer:
        origin = self._step.verifier_origin
        ways = await self._journey.ways(scene.attempt)
        attempt_id = scene.attempt.attempt_id
        view = BiometricPage(
            **scene.common(error),
            form_action=place(attempt_id, "biometric"),
            verifier=self._step.verifier_name,
            other_ways_href=place(attempt_id, "methods") if len(ways) > 1 else None,
        )
        return self._journey.desk.page(scene.visit, view, status, redirect_uri=origin)
