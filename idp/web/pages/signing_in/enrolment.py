"""The pages that enrol a first second factor: prove a contact, scan the picture, keep the recovery codes."""

from idp.domain.accounts.account import Contact, ContactKind
from idp.journeys.activation_codes import DIGITS, Channel
from idp.journeys.attempt import Loaded
from idp.journeys.enrolment import EnrolmentSteps
from idp.journeys.next_step import Step
from idp.journeys.refusals import CodeNotSentError, RefusedError, WrongCodeError
from idp.journeys.second_factor import digits_of
from idp.journeys.throttling import SlowDownError
from idp.web.edge.body import Parameters
from idp.web.moments import moment_of
from idp.web.pages.answer import Answer
from idp.web.pages.signing_in.journey import Journey, Scene
from idp.web.pages.signing_in.steps import place, step_path
from idp.web.pages.visit import Visit
from idp.web.views.common import ErrorView, Refusal
from idp.web.views.enrolment import ActivatePage, EnrolOtpPage, RecoveryCodesPage

ENROL = frozenset({Step.ENROL})
SAVE = frozenset({Step.SAVE_RECOVERY_CODES})


class EnrolmentPages:
    """`/sign-in/{attempt}/activate`, `/enrol`, `/recovery-codes`."""

    def __init__(self, journey: Journey, steps: EnrolmentSteps) -> None:
        self._journey = journey
        self._steps = steps

    async def show_activate(self, visit: Visit) -> Answer:
        """GET the form `activate`; the first time, a code is sent."""
        scene = await self._journey.scene(visit)
        if isinstance(scene, Answer):
            return scene
        if await self._journey.step(scene.attempt) is not Step.ACTIVATE:
            return await self._journey.go_on(scene)
        if scene.attempt.enrolment.code_sent:
            return await self._activate(scene, None)
        return await self._send(scene, resent=False)

    async def resend(self, visit: Visit) -> Answer:
        """POST `/activate/resend`: another code."""
        await visit.form()
        scene = await self._journey.scene(visit)
        if isinstance(scene, Answer):
            return scene
        if await self._journey.step(scene.attempt) is not Step.ACTIVATE:
            return await self._journey.go_on(scene)
        return await self._send(scene, resent=True)

    async def submit_activate(self, visit: Visit) -> Answer:
        """POST the code that was sent, or handed over at a counter."""
        fields = await visit.form()
        scene = await self._journey.scene(visit)
        if isinstance(scene, Answer):
            return scene
        if await self._journey.step(scene.attempt) is not Step.ACTIVATE:
            return await self._journey.go_on(scene)
        try:
            moved = await self._steps.submit_activation_code(scene.loaded, fields.get("code", ""), visit.visitor)
        except WrongCodeError:
            wrong = await self._wrong_code(scene, fields.get("code", ""))
            return await self._activate(scene, ErrorView(wrong), status=400)
        except RefusedError:
            return await self._activate(scene, ErrorView(Refusal.CODE_EXPIRED), status=400)
        except SlowDownError as slow:
            return await self._slow_down(scene, slow)
        return await self._journey.go_on(Scene(visit, moved, scene.request))

    async def show_enrol(self, visit: Visit) -> Answer:
        """GET the form `enrol-otp`."""
        return await self._journey.show(visit, ENROL, self._enrol_page)

    async def submit_enrol(self, visit: Visit) -> Answer:
        """POST the first one-time code."""

        async def submission(loaded: Loaded, fields: Parameters, visit: Visit) -> Loaded:
            return await self._steps.submit_first_code(loaded, fields.get("code", ""), visit.visitor)

        return await self._journey.submit(visit, ENROL, self._enrol_page, submission)

    async def show_codes(self, visit: Visit) -> Answer:
        """GET the form `recovery-codes`."""
        return await self._journey.show(visit, SAVE, self._codes_page)

    async def submit_codes(self, visit: Visit) -> Answer:
        """POST that the codes are kept."""
        fields = await visit.form()
        scene = await self._journey.scene(visit)
        if isinstance(scene, Answer):
            return scene
        if await self._journey.step(scene.attempt) is not Step.SAVE_RECOVERY_CODES:
            return await self._journey.go_on(scene)
        if "saved" not in fields:
            return self._journey.refused(scene, fields, self._codes_page, ErrorView(Refusal.CONFIRM_SAVED), 400)
        moved = await self._steps.confirm_saved(scene.loaded)
        return await self._journey.go_on(Scene(visit, moved, scene.request))

    async def _send(self, scene: Scene, *, resent: bool) -> Answer:
        try:
            moved = await self._steps.send_code(scene.loaded, scene.visit.visitor)
        except SlowDownError as slow:
            return await self._slow_down(scene, slow)
        except CodeNotSentError:
            return await self._activate(scene, ErrorView(Refusal.CODE_NOT_SENT), status=503)
        return await self._activate(Scene(scene.visit, moved, scene.request), None, resent=resent)

    async def _wrong_code(self, scene: Scene, typed: str) -> Refusal:
        """Which code was meant: codes of a counter are longer, and the only ones where nothing can be sent."""
        is_handed = len(digits_of(typed)) == DIGITS[Channel.COUNTER] or await self._steps.contact(scene.attempt) is None
        return Refusal.WRONG_HANDED_CODE if is_handed else Refusal.WRONG_SENT_CODE

    async def _slow_down(self, scene: Scene, slow: SlowDownError) -> Answer:
        return await self._activate(scene, ErrorView(Refusal.SLOW_DOWN, slow.wait), status=429)

    async def _activate(
        self, scene: Scene, error: ErrorView | None, *, status: int = 200, resent: bool = False
    ) -> Answer:
        contact = await self._steps.contact(scene.attempt)
        unreached = await self._steps.unreached(scene.attempt) if contact is None else None
        held = await self._steps.held_until(scene.attempt)
        attempt_id = scene.attempt.attempt_id
        view = ActivatePage(
            **scene.common(error),
            form_action=step_path(attempt_id, Step.ACTIVATE),
            sent_to=masked(contact) if contact else None,
            resend_action=place(attempt_id, "activate/resend") if contact else None,
            resent=resent,
            unreached=masked(unreached) if unreached else None,
            held_until=moment_of(held) if held is not None else None,
        )
        return self._journey.draw(scene, view, status)

    def _enrol_page(self, scene: Scene, error: ErrorView | None) -> EnrolOtpPage:
        proposal = self._steps.proposal(scene.attempt)
        return EnrolOtpPage(
            **scene.common(error),
            form_action=step_path(scene.attempt.attempt_id, Step.ENROL),
            secret=proposal.secret,
            otpauth_uri=proposal.uri,
            passkey_href=step_path(scene.attempt.attempt_id, Step.ENROL_PASSKEY),
        )

    def _codes_page(self, scene: Scene, error: ErrorView | None) -> RecoveryCodesPage:
        return RecoveryCodesPage(
            **scene.common(error),
            form_action=step_path(scene.attempt.attempt_id, Step.SAVE_RECOVERY_CODES),
            codes=self._steps.recovery_codes(scene.attempt),
        )


def masked(contact: Contact) -> str:
    """A contact as its owner recognises it and nobody else learns it: `a•••@example.vn`, `+84 ••• ••• 678`."""
    if contact.kind is ContactKind.EMAIL:
        local, _, domain = contact.address.partition("@")
        return f"{local[:1]}•••@{domain}"
    return f"{contact.address[:3]} ••• ••• {contact.address[-3:]}"
