"""The pages of the sign-in journey: password, one-time code, recovery code, other ways."""

from functools import partial
from types import MappingProxyType
from typing import Final, Literal

from idp.domain.clients.client import ClientAudience
from idp.domain.levels.assurance import Method as Way
from idp.journeys.abuse.challenges import Bound, Challenge, ShownWork, WorkFirstError
from idp.journeys.abuse.guard import PasswordGuard
from idp.journeys.attempt import Attempt, Loaded, browser_hash
from idp.journeys.next_step import STEP_OF, Step
from idp.journeys.passkeys.sign_in import PasskeySignIn
from idp.journeys.password import PasswordStep
from idp.journeys.refusals import RefusedError
from idp.journeys.second_factor import SecondFactorStep
from idp.journeys.throttling import SlowDownError
from idp.ports.keys import BusyError
from idp.web.edge.body import Parameters
from idp.web.pages.answer import Answer
from idp.web.pages.new_accounts.registration import with_attempt
from idp.web.pages.signing_in.journey import Journey, Scene
from idp.web.pages.signing_in.steps import place, step_path
from idp.web.pages.visit import Visit
from idp.web.views.common import ErrorView, Refusal
from idp.web.views.passkeys import PASSKEY_SCRIPT
from idp.web.views.sign_in import Method, MethodsPage, OtpPage, RecoveryPage, SignInPage, SignInReason, WorkView

PASSWORD_STEPS = frozenset(set(Step) - {Step.DONE, Step.SAVE_RECOVERY_CODES, Step.UNREACHABLE})
"""Somebody who is asked for a code may go back and sign in as somebody else."""

WORK_SCRIPT: Final = "work.js"

ONE_TIME_CODE = frozenset({Way.ONE_TIME_CODE})
RECOVERY_CODE = frozenset({Way.RECOVERY_CODE})

METHODS: Final = MappingProxyType(
    {
        Way.SECURITY_KEY: Method.PASSKEY,
        Way.PASSKEY: Method.PASSKEY,
        Way.CERTIFICATE: Method.CERTIFICATE,
        Way.ONE_TIME_CODE: Method.OTP,
        Way.PHONE: Method.PHONE,
        Way.BIOMETRIC: Method.BIOMETRIC,
        Way.RECOVERY_CODE: Method.RECOVERY_CODE,
    }
)
"""What a person chooses for each method; the password is asked for on the first page."""


class SignInPages:
    """`/sign-in/{attempt}` and what follows it."""

    def __init__(
        self,
        journey: Journey,
        password: PasswordStep,
        guard: PasswordGuard,
        second_factor: SecondFactorStep,
        passkeys: PasskeySignIn,
        register_href: str | None,
        available: frozenset[Way],
    ) -> None:
        """`register_href` leads to where people open an account, where they can; `available` is what there is here."""
        self._available = available
        self._journey = journey
        self._password = password
        self._guard = guard
        self._second_factor = second_factor
        self._passkeys = passkeys
        self._register_href = register_href

    async def show_sign_in(self, visit: Visit) -> Answer:
        """GET the form `sign-in`."""
        page = partial(self._sign_in_page, await self._price(visit))
        return await self._journey.show(visit, PASSWORD_STEPS, page)

    async def submit_sign_in(self, visit: Visit) -> Answer:
        """POST user name and password, or what the script brings of a passkey."""
        challenge: Challenge | None = None
        reason: ErrorView | None = None

        async def submission(loaded: Loaded, fields: Parameters, visit: Visit) -> Loaded:
            nonlocal challenge, reason
            if "credential" in fields:
                return await self._passkeys.submit(loaded, fields["credential"], visit.visitor)
            username, password = fields.get("username", ""), fields.get("password", "")
            work = ShownWork(fields.get("puzzle", ""), fields.get("solution", ""))
            try:
                return await self._password.submit(loaded, username, password, visit.visitor, work)
            except WorkFirstError as first:
                challenge, reason = first.challenge, ErrorView(Refusal.WORK_FIRST, first.wait if first.early else None)
                raise
            except (RefusedError, SlowDownError, BusyError):
                challenge = await self._price(visit)
                raise

        def page(scene: Scene, error: ErrorView | None) -> SignInPage:
            return self._sign_in_page(challenge, scene, reason or error)

        return await self._journey.submit(visit, PASSWORD_STEPS, page, submission)

    async def _price(self, visit: Visit) -> Challenge | None:
        """What the next try costs."""
        return await self._guard.offer(Bound(visit.attempt_id, browser_hash(visit.browser)), visit.visitor)

    async def show_code(self, visit: Visit) -> Answer:
        """GET the form `otp`."""
        return await self._journey.show(visit, ONE_TIME_CODE, _otp_page)

    async def submit_code(self, visit: Visit) -> Answer:
        """POST a one-time code."""

        async def submission(loaded: Loaded, fields: Parameters, visit: Visit) -> Loaded:
            return await self._second_factor.submit_one_time_code(loaded, fields.get("code", ""), visit.visitor)

        return await self._journey.submit(visit, ONE_TIME_CODE, _otp_page, submission)

    async def show_recovery(self, visit: Visit) -> Answer:
        """GET the form `recovery`."""
        return await self._journey.show(visit, RECOVERY_CODE, _recovery_page)

    async def submit_recovery(self, visit: Visit) -> Answer:
        """POST a recovery code."""

        async def submission(loaded: Loaded, fields: Parameters, visit: Visit) -> Loaded:
            return await self._second_factor.submit_recovery_code(loaded, fields.get("code", ""), visit.visitor)

        return await self._journey.submit(visit, RECOVERY_CODE, _recovery_page, submission)

    async def show_methods(self, visit: Visit) -> Answer:
        """GET the form `methods`."""
        found = await self._choices(visit)
        if isinstance(found, Answer):
            return found
        scene, ways = found
        return self._journey.draw(scene, _methods_page(ways, scene, None))

    async def choose_method(self, visit: Visit) -> Answer:
        """POST the chosen way: go to its page."""
        fields = await visit.form()
        found = await self._choices(visit)
        if isinstance(found, Answer):
            return found
        scene, ways = found
        chosen = next((way for way in ways if METHODS[way] == fields.get("method")), None)
        if chosen is None:
            page = partial(_methods_page, ways)
            return self._journey.refused(scene, fields, page, ErrorView(Refusal.CHOOSE_ONE), 400)
        return self._journey.desk.redirect(visit, step_path(visit.attempt_id, STEP_OF[chosen]))

    async def _choices(self, visit: Visit) -> tuple[Scene, tuple[Way, ...]] | Answer:
        """The ways that a person may choose among; where the attempt stands, when there are none."""
        scene = await self._journey.scene(visit)
        if isinstance(scene, Answer):
            return scene
        ways = tuple(way for way in await self._journey.ways(scene.attempt) if way in METHODS)
        return (scene, ways) if ways else await self._journey.go_on(scene)

    def _offers_phone(self, attempt: Attempt) -> bool:
        return Way.PHONE in self._available and not attempt.on_this_device

    def _offers_card(self, attempt: Attempt) -> bool:
        return Way.CERTIFICATE in self._available and attempt.audience is not ClientAudience.CITIZEN

    def _sign_in_page(self, challenge: Challenge | None, scene: Scene, error: ErrorView | None) -> SignInPage:
        attempt = scene.attempt
        audience: Literal["citizen", "officer", "both"] = "both"
        if attempt.audience is not ClientAudience.BOTH:
            audience = "citizen" if attempt.audience is ClientAudience.CITIZEN else "officer"
        return SignInPage(
            **scene.common(error),
            form_action=step_path(attempt.attempt_id, Step.PASSWORD),
            username=scene.typed_username or attempt.login_hint,
            audience=audience,
            why=SignInReason.REAUTHENTICATE if attempt.reauthenticate and scene.visit.session_token else None,
            work=WorkView(challenge.puzzle, challenge.bits, challenge.wait) if challenge else None,
            scripts=(PASSKEY_SCRIPT, WORK_SCRIPT) if challenge else (PASSKEY_SCRIPT,),
            passkey_options=self._passkeys.options(attempt),
            phone_href=step_path(attempt.attempt_id, Step.PHONE) if self._offers_phone(attempt) else None,
            certificate_href=step_path(attempt.attempt_id, Step.CERTIFICATE) if self._offers_card(attempt) else None,
            register_href=self._register_href and with_attempt(self._register_href, attempt.attempt_id),
        )


def _otp_page(scene: Scene, error: ErrorView | None) -> OtpPage:
    return OtpPage(
        **scene.common(error),
        form_action=step_path(scene.attempt.attempt_id, Step.SECOND_FACTOR),
        other_ways_href=place(scene.attempt.attempt_id, "methods"),
    )


def _recovery_page(scene: Scene, error: ErrorView | None) -> RecoveryPage:
    return RecoveryPage(
        **scene.common(error),
        form_action=step_path(scene.attempt.attempt_id, Step.RECOVERY_CODE),
        other_ways_href=place(scene.attempt.attempt_id, "methods"),
    )


def _methods_page(ways: tuple[Way, ...], scene: Scene, error: ErrorView | None) -> MethodsPage:
    methods = tuple(dict.fromkeys(METHODS[way] for way in ways))
    return MethodsPage(
        **scene.common(error),
        form_action=place(scene.attempt.attempt_id, "methods"),
        methods=methods,
        selected=methods[0],
    )
