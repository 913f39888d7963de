"""`/sign-in/{attempt}/phone`: a computer shows a picture to a phone, and goes on when the phone said yes."""

from typing import Final

from idp.domain.authenticators.phone_sign_in import PhoneStage
from idp.domain.levels.assurance import Method
from idp.journeys.attempt import AttemptChangedError, Loaded
from idp.journeys.next_step import Step
from idp.journeys.phone_sign_in.computer import PhoneSignIn, Picture
from idp.journeys.throttling import SlowDownError
from idp.ports.clock import Clock
from idp.web.edge.body import Parameters
from idp.web.pages.answer import Answer
from idp.web.pages.signing_in.journey import Journey, Scene
from idp.web.pages.signing_in.steps import place, step_path
from idp.web.pages.visit import Visit
from idp.web.views.common import ErrorView, Refusal
from idp.web.views.phone import PhonePage

OPEN_PATH: Final = "/account/phone"
"""Where the picture leads: `/account/phone/{carried}`."""

TURN: Final = frozenset({Method.PHONE})
OVER: Final = "over"
"""The state of a request that nobody answered in time."""

_ENDED: Final = {PhoneStage.DENIED: Refusal.PHONE_DENIED, PhoneStage.WRONG_NUMBER: Refusal.PHONE_WRONG_NUMBER}


class PhonePages:
    """The computer's side."""

    def __init__(self, journey: Journey, phone: PhoneSignIn, clock: Clock, issuer: str) -> None:
        self._journey = journey
        self._phone = phone
        self._clock = clock
        self._issuer = issuer

    async def show(self, visit: Visit) -> Answer:
        """GET the picture, the same one until it is over; or go on, when the phone said yes."""
        scene = await self._scene(visit)
        if isinstance(scene, Answer):
            return scene
        picture = await self._phone.shown(scene.attempt)
        if picture is None:
            return await self._begin(scene)
        if picture.request.stage is PhoneStage.ALLOWED:
            return await self._finish(scene)
        return self._journey.draw(scene, self._page(scene, picture, _ended(picture, self._clock.now())))

    async def submit(self, visit: Visit) -> Answer:
        """POST: look again, or begin again."""
        fields = await visit.form()
        scene = await self._scene(visit)
        if isinstance(scene, Answer):
            return scene
        if not fields.get("again"):
            return await self._finish(scene)
        return await self._begin(scene)

    async def state(self, visit: Visit) -> Answer:
        """GET one word for the script of the page: how far the request came."""
        scene = await self._journey.scene(visit)
        stage = None if isinstance(scene, Answer) else await self._phone.stage(scene.attempt)
        return self._journey.desk.word(visit, stage or OVER)

    async def _scene(self, visit: Visit) -> Scene | Answer:
        scene = await self._journey.scene(visit)
        if isinstance(scene, Answer) or await self._journey.is_turn(TURN, scene.attempt):
            return scene
        return await self._journey.go_on(scene)

    async def _begin(self, scene: Scene) -> Answer:
        visit = scene.visit
        try:
            picture = await self._phone.begin(scene.attempt, visit.visitor)
        except SlowDownError as slow:
            view = self._page(scene, None, ErrorView(Refusal.SLOW_DOWN, slow.wait))
            return self._journey.draw(scene, view, 429)
        if visit.scope["method"] == "POST":
            return self._journey.desk.redirect(visit, step_path(visit.attempt_id, Step.PHONE))
        return self._journey.draw(scene, self._page(scene, picture, None))

    async def _finish(self, scene: Scene) -> Answer:
        picture = await self._phone.shown(scene.attempt)
        ended = _ended(picture, self._clock.now()) if picture else None

        def page(scene: Scene, error: ErrorView | None) -> PhonePage:
            return self._page(scene, picture, ended or error)

        async def submission(loaded: Loaded, _fields: Parameters, visit: Visit) -> Loaded:
            return await self._phone.finish(loaded, visit.visitor)

        try:
            return await self._journey.carry_out(scene, Parameters(), page, submission)
        except AttemptChangedError:
            # The page looked twice at once: the attempt stands somewhere else now.
            return self._journey.desk.redirect(scene.visit, step_path(scene.attempt.attempt_id, Step.PHONE))

    def _page(self, scene: Scene, picture: Picture | None, error: ErrorView | None) -> PhonePage:
        waits = picture is not None and picture.request.is_open(self._clock.now())
        attempt = scene.attempt
        address = step_path(attempt.attempt_id, Step.PHONE)
        known = bool(attempt.all_proofs)
        password = step_path(attempt.attempt_id, Step.PASSWORD)
        return PhonePage(
            **scene.common(error),
            form_action=address,
            scripts=("phone.js",) if waits else (),
            state=picture.request.stage if picture and waits else OVER,
            state_href=f"{address}/state",
            open_url=f"{self._issuer}{OPEN_PATH}/{picture.carried}" if picture and waits else "",
            number=picture.request.number if picture and waits and picture.request.stage is PhoneStage.OPENED else "",
            other_ways=known,
            other_ways_href=place(attempt.attempt_id, "methods") if known else password,
        )


def _ended(picture: Picture, now: int) -> ErrorView | None:
    """Why nothing comes of the picture any more."""
    request = picture.request
    if request.stage in _ENDED:
        return ErrorView(_ENDED[request.stage])
    return None if now < request.expires_at else ErrorView(Refusal.PHONE_TOO_LATE)
