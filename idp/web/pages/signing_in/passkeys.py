"""`/sign-in/{attempt}/passkey` and `/enrol-passkey`: use a passkey, or make the first one."""

from typing import Final

from idp.domain.levels.assurance import Method, Resistance
from idp.journeys.attempt import Attempt, Loaded
from idp.journeys.next_step import Step
from idp.journeys.passkeys.refusals import TooManyPasskeysError
from idp.journeys.passkeys.registration import PasskeyRegistration
from idp.journeys.passkeys.sign_in import PasskeySignIn
from idp.journeys.refusals import RefusedError
from idp.journeys.throttling import SlowDownError
from idp.web.edge.body import Parameters
from idp.web.pages.answer import Answer
from idp.web.pages.signing_in.journey import Journey, Scene, refusal_view
from idp.web.pages.signing_in.steps import place, step_path
from idp.web.pages.visit import Visit
from idp.web.views.common import ErrorView, Refusal
from idp.web.views.passkeys import PASSKEY_SCRIPT, NewPasskeyPage, PasskeyPage

_USE: Final = frozenset({Method.PASSKEY, Method.SECURITY_KEY})
_MAKE: Final = frozenset({Step.ENROL_PASSKEY, Step.ENROL})
_REFUSALS: Final = (RefusedError, SlowDownError)


class PasskeyPages:
    """The two pages. What a page asks of the browser is made anew with each: a challenge is good once."""

    def __init__(self, journey: Journey, sign_in: PasskeySignIn, registration: PasskeyRegistration) -> None:
        self._journey = journey
        self._sign_in = sign_in
        self._registration = registration

    async def show(self, visit: Visit) -> Answer:
        """GET the form `passkey`."""
        scene = await self._scene(visit, _USE)
        return scene if isinstance(scene, Answer) else await self._use(scene, None)

    async def submit(self, visit: Visit) -> Answer:
        """POST what the authenticator signed."""
        fields = await visit.form()
        scene = await self._scene(visit, _USE)
        if isinstance(scene, Answer):
            return scene
        try:
            moved = await self._accept(scene, fields)
        except _REFUSALS as refusal:
            return await self._use(scene, refusal)
        return await self._journey.go_on(Scene(scene.visit, moved, scene.request))

    async def show_new(self, visit: Visit) -> Answer:
        """GET the form `add-passkey`."""
        scene = await self._scene(visit, _MAKE)
        return scene if isinstance(scene, Answer) else await self._make(scene, None)

    async def submit_new(self, visit: Visit) -> Answer:
        """POST what the authenticator made."""
        fields = await visit.form()
        scene = await self._scene(visit, _MAKE)
        if isinstance(scene, Answer):
            return scene
        credential, name = fields.get("credential", ""), fields.get("name", "")
        try:
            moved = await self._registration.submit_in_attempt(scene.loaded, credential, name, scene.visit.visitor)
        except _REFUSALS as refusal:
            return await self._make(scene, refusal, name)
        return await self._journey.go_on(Scene(scene.visit, moved, scene.request))

    async def _scene(self, visit: Visit, turn: frozenset[Method] | frozenset[Step]) -> Scene | Answer:
        scene = await self._journey.scene(visit)
        if isinstance(scene, Scene) and not await self._journey.is_turn(turn, scene.attempt):
            return await self._journey.go_on(scene)
        return scene

    async def _accept(self, scene: Scene, fields: Parameters) -> Loaded:
        credential, visitor = fields.get("credential", ""), scene.visit.visitor
        if scene.attempt.account_id is None:
            return await self._sign_in.submit(scene.loaded, credential, visitor)
        return await self._sign_in.submit_of_known(scene.loaded, credential, visitor)

    async def _asked(self, attempt: Attempt) -> str:
        if attempt.account_id is None:
            return self._sign_in.options(attempt)
        return await self._sign_in.options_of_known(attempt)

    async def _use(self, scene: Scene, refusal: RefusedError | SlowDownError | None) -> Answer:
        attempt_id = scene.attempt.attempt_id
        view = PasskeyPage(
            **scene.common(words_of(refusal)),
            form_action=step_path(attempt_id, Step.PASSKEY),
            scripts=(PASSKEY_SCRIPT,),
            options=await self._asked(scene.attempt),
            other_ways_href=place(attempt_id, "methods"),
            begins=refusal is None,
        )
        return self._journey.draw(scene, view, status_of(refusal))

    async def _make(self, scene: Scene, refusal: RefusedError | SlowDownError | None, name: str = "") -> Answer:
        attempt = scene.attempt
        must = await self._journey.step(attempt) is Step.ENROL_PASSKEY
        try:
            options = await self._registration.options_in_attempt(scene.loaded)
        except TooManyPasskeysError as too_many:
            options, refusal = "", refusal or too_many
        view = NewPasskeyPage(
            **scene.common(words_of(refusal)),
            form_action=step_path(attempt.attempt_id, Step.ENROL_PASSKEY),
            scripts=(PASSKEY_SCRIPT,) if options else (),
            options=options,
            name=name,
            must=must,
            hardware=attempt.resistance is Resistance.HARDWARE_PROTECTED,
            asks_maker=attempt.account_kind is not None and self._registration.asks_maker(attempt.account_kind),
            codes_href=None if must else step_path(attempt.attempt_id, Step.ENROL),
        )
        return self._journey.draw(scene, view, status_of(refusal))


def words_of(refusal: RefusedError | SlowDownError | None) -> ErrorView | None:
    """What the page says of a refusal, if there was one."""
    match refusal:
        case None:
            return None
        case SlowDownError():
            return ErrorView(Refusal.SLOW_DOWN, refusal.wait)
        case _:
            return refusal_view(refusal)


def status_of(refusal: RefusedError | SlowDownError | None) -> int:
    """The status of a page after a refusal, if there was one."""
    if refusal is None:
        return 200
    return 429 if isinstance(refusal, SlowDownError) else 400
