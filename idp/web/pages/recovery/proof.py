"""`/recover/{recovery_id}/…`: the code from the mailbox, one more proof, and another password."""

from idp.domain.authenticators.new_password import SHORTEST, RefusedPassword
from idp.journeys.bound_documents import DocumentGoneError, Held
from idp.journeys.recovery.recovering import Recovering
from idp.journeys.recovery.resetting import Resetting
from idp.journeys.refusals import CodeExpiredError, CodeUsedError, WrongCodeError
from idp.journeys.sign_in import SignIn
from idp.journeys.throttling import SlowDownError
from idp.ports.keys import BusyError
from idp.web.pages.answer import Answer
from idp.web.pages.new_accounts.activation import REFUSED_PASSWORDS
from idp.web.pages.recovery.documents import RecoverDesk, common, place
from idp.web.pages.signing_in.steps import step_path
from idp.web.pages.visit import Visit
from idp.web.views.common import ErrorView, Refusal
from idp.web.views.recovery import RecoverContactPage, RecoverPasswordPage, RecoverProofPage


class RecoverProofPages:
    """The three steps."""

    def __init__(self, resetting: Resetting, sign_in: SignIn, desk: RecoverDesk) -> None:
        self._resetting = resetting
        self._sign_in = sign_in
        self._desk = desk

    async def show_contact(self, visit: Visit) -> Answer:
        """GET the form `recover-contact`."""
        held = await self._desk.held(visit)
        if isinstance(held, Answer):
            return held
        return self._desk.go_on(visit, held) if held.document.contact_proved else self._contact(visit, held)

    async def submit_contact(self, visit: Visit) -> Answer:
        """POST the code that was sent."""
        fields = await visit.form()
        held = await self._desk.held(visit)
        if isinstance(held, Answer):
            return held
        try:
            held = await self._desk.proving.submit_contact(held, fields.get("code", ""), visit.visitor)
        except WrongCodeError:
            return self._contact(visit, held, ErrorView(Refusal.WRONG_SENT_CODE), 400)
        except CodeExpiredError:
            return self._contact(visit, held, ErrorView(Refusal.CODE_EXPIRED), 400)
        except SlowDownError as slow:
            return self._contact(visit, held, ErrorView(Refusal.SLOW_DOWN, slow.wait), 429)
        except DocumentGoneError:
            return self._desk.over(visit)
        return self._desk.go_on(visit, held)

    async def resend(self, visit: Visit) -> Answer:
        """POST `/contact/resend`: another code."""
        await visit.form()
        held = await self._desk.held(visit)
        if isinstance(held, Answer):
            return held
        try:
            await self._desk.proving.send_code(held, visit.visitor)
        except SlowDownError as slow:
            return self._contact(visit, held, ErrorView(Refusal.SLOW_DOWN, slow.wait), 429)
        return self._contact(visit, held, resent=True)

    async def show_proof(self, visit: Visit) -> Answer:
        """GET the form `recover-proof`."""
        held = await self._desk.held(visit)
        if isinstance(held, Answer):
            return held
        is_here = held.document.contact_proved and held.document.proved is None
        return self._proof(visit, held) if is_here else self._desk.go_on(visit, held)

    async def submit_proof(self, visit: Visit) -> Answer:
        """POST a code from the app, or a recovery code."""
        fields = await visit.form()
        held = await self._desk.held(visit)
        if isinstance(held, Answer):
            return held
        try:
            held = await self._desk.proving.submit_proof(held, fields.get("code", ""), visit.visitor)
        except CodeUsedError:
            return self._proof(visit, held, ErrorView(Refusal.CODE_ALREADY_USED), 400)
        except WrongCodeError:
            return self._proof(visit, held, ErrorView(Refusal.WRONG_PROOF), 400)
        except SlowDownError as slow:
            return self._proof(visit, held, ErrorView(Refusal.SLOW_DOWN, slow.wait), 429)
        except DocumentGoneError:
            return self._desk.over(visit)
        return self._desk.go_on(visit, held)

    async def show_password(self, visit: Visit) -> Answer:
        """GET the form `recover-password`."""
        held = await self._desk.held(visit)
        if isinstance(held, Answer):
            return held
        return self._password(visit, held) if held.document.complete else self._desk.go_on(visit, held)

    async def submit_password(self, visit: Visit) -> Answer:
        """POST the password: the account is recovered, and the sign-in goes on."""
        fields = await visit.form()
        held = await self._desk.held(visit)
        if isinstance(held, Answer):
            return held
        password = fields.get("password", "")
        if password != fields.get("again", ""):
            return self._password(visit, held, ErrorView(Refusal.PASSWORDS_DIFFER), 400)
        try:
            attempt = await self._resetting.finish(held, password, visit.browser, visit.visitor)
        except RefusedPassword as refused:
            return self._password(visit, held, ErrorView(REFUSED_PASSWORDS[refused.code]), 400)
        except BusyError as busy:
            return self._password(visit, held, ErrorView(Refusal.BUSY, busy.retry_after), 503)
        except DocumentGoneError:
            return self._desk.over(visit)
        return self._desk.desk.redirect(visit, step_path(attempt.attempt_id, await self._sign_in.step(attempt)))

    def _contact(
        self,
        visit: Visit,
        held: Held[Recovering],
        error: ErrorView | None = None,
        status: int = 200,
        *,
        resent: bool = False,
    ) -> Answer:
        here = place(held.document_id, "contact")
        view = RecoverContactPage(
            **common(visit, here, error),
            resend_action=f"{here}/resend",
            back_href=place(held.document_id),
            resent=resent,
            is_known=held.document.counter_account is not None,
        )
        return self._desk.desk.page(visit, view, status)

    def _proof(self, visit: Visit, held: Held[Recovering], error: ErrorView | None = None, status: int = 200) -> Answer:
        action = place(held.document_id, "proof")
        view = RecoverProofPage(**common(visit, action, error), back_href=place(held.document_id))
        return self._desk.desk.page(visit, view, status)

    def _password(
        self, visit: Visit, held: Held[Recovering], error: ErrorView | None = None, status: int = 200
    ) -> Answer:
        view = RecoverPasswordPage(
            **common(visit, place(held.document_id, "password"), error),
            shortest=SHORTEST,
            forgets_factors=held.document.forgets_factors,
        )
        return self._desk.desk.page(visit, view, status)
