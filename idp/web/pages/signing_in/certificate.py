"""`/sign-in/{attempt}/certificate`: signing in with the certificate of an officer's card."""

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from idp.domain.authenticators.account_certificate import CertificateObstacle, RefusedCertificateError
from idp.domain.levels.assurance import Method
from idp.journeys.certificate_step import CertificateStep
from idp.journeys.next_step import Step
from idp.journeys.refusals import RefusedError
from idp.journeys.throttling import SlowDownError
from idp.web.pages.answer import Answer
from idp.web.pages.signing_in.journey import Journey, Scene, refusal_view
from idp.web.pages.signing_in.steps import place, step_path
from idp.web.pages.visit import Visit
from idp.web.views.certificates import CertificatePage
from idp.web.views.common import ErrorView, Refusal

_TURN: Final = frozenset({Method.CERTIFICATE})
CARD_REFUSALS: Final = MappingProxyType(
    {
        CertificateObstacle.NONE_SHOWN: Refusal.CARD_NOT_SHOWN,
        CertificateObstacle.UNREADABLE: Refusal.CARD_NOT_TRUSTED,
        CertificateObstacle.UNKNOWN_AUTHORITY: Refusal.CARD_NOT_TRUSTED,
        CertificateObstacle.NOT_FOR_PEOPLE: Refusal.CARD_NOT_TRUSTED,
        CertificateObstacle.NOT_VALID_NOW: Refusal.CARD_NOT_VALID,
        CertificateObstacle.REVOKED: Refusal.CARD_NOT_VALID,
        CertificateObstacle.REVOCATION_UNKNOWN: Refusal.CARD_NOT_CHECKED,
        CertificateObstacle.NOT_ENROLLED: Refusal.CARD_NOT_KNOWN,
        CertificateObstacle.SOMEBODY_ELSES: Refusal.CARD_NOT_KNOWN,
        CertificateObstacle.ADDED_ALREADY: Refusal.CARD_ADDED_ALREADY,
        CertificateObstacle.TOO_MANY: Refusal.CARDS_ENOUGH,
    }
)
"""What the holder of a card is told."""


class CertificatePages:
    """For officers, as the first thing that they show or as one more."""

    def __init__(self, journey: Journey, step: CertificateStep) -> None:
        self._journey = journey
        self._step = step

    async def show(self, visit: Visit) -> Answer:
        """GET the form `certificate`."""
        scene = await self._scene(visit)
        return scene if isinstance(scene, Answer) else await self._page(scene, None)

    async def submit(self, visit: Visit) -> Answer:
        """POST: the certificate of this very request counts."""
        await visit.form()
        scene = await self._scene(visit)
        if isinstance(scene, Answer):
            return scene
        try:
            moved = await self._step.submit(scene.loaded, visit.context.client_certificate, scene.visit.visitor)
        except RefusedCertificateError as refused:
            error, status = ErrorView(CARD_REFUSALS[refused.obstacle]), 400
        except RefusedError as refused:
            error, status = refusal_view(refused), 400
        except SlowDownError as slow:
            error, status = ErrorView(Refusal.SLOW_DOWN, slow.wait), 429
        else:
            return await self._journey.go_on(replace(scene, loaded=moved))
        return await self._page(scene, error, status)

    async def _scene(self, visit: Visit) -> Scene | Answer:
        scene = await self._journey.scene(visit)
        if isinstance(scene, Scene) and not await self._journey.is_turn(_TURN, scene.attempt):
            return await self._journey.go_on(scene)
        return scene

    async def _page(self, scene: Scene, error: ErrorView | None, status: int = 200) -> Answer:
        attempt_id = scene.attempt.attempt_id
        view = CertificatePage(
            **scene.common(error),
            form_action=place(attempt_id, "certificate"),
            holder=self._step.holder_named_by(scene.visit.context.client_certificate),
            other_ways_href=await self._other_ways(scene),
        )
        return self._journey.draw(scene, view, status)

    async def _other_ways(self, scene: Scene) -> str | None:
        attempt_id = scene.attempt.attempt_id
        if not scene.attempt.all_proofs:
            return step_path(attempt_id, Step.PASSWORD)
        return place(attempt_id, "methods") if len(await self._journey.ways(scene.attempt)) > 1 else None
