"""The pages of registering oneself. Every answer is the same, whether or not the register knows the person."""

import re
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

from idp.domain.authenticators.new_password import SHORTEST, RefusedPassword
from idp.domain.enrolment.self_registration import Applicant, RefusedEntry, parse_applicant
from idp.journeys.bound_documents import DocumentGoneError, Held
from idp.journeys.next_step import Step
from idp.journeys.refusals import CodeExpiredError, CodeNotSentError, UnreachableContactError, WrongCodeError
from idp.journeys.self_registration import KnownMeanwhileError, Registration, SelfRegistration, TooYoungError
from idp.journeys.throttling import SlowDownError
from idp.ports.keys import BusyError
from idp.ports.population_registry import RegistryUnavailableError
from idp.web.edge.body import Parameters
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.new_accounts.activation import REFUSED_PASSWORDS
from idp.web.pages.signing_in.enrolment import masked
from idp.web.pages.signing_in.steps import step_path
from idp.web.pages.visit import Visit
from idp.web.views.common import ErrorView, Refusal
from idp.web.views.registration import RegisterCodePage, RegisteredPage, RegisterPage, RegisterPasswordPage

REGISTER: Final = "/open-account"
DONE: Final = f"{REGISTER}/done"

_FROM: Final = "from"
_ATTEMPT: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
_LONGEST_SHOWN: Final = 320
_ENTRIES: Final = MappingProxyType(
    {
        "personal_number": Refusal.PERSONAL_NUMBER_FORM,
        "name": Refusal.NAME_FORM,
        "birthdate": Refusal.BIRTHDATE_FORM,
        "email": Refusal.EMAIL_FORM,
    }
)


class RegistrationPages:
    """`/open-account` and what follows it."""

    def __init__(self, registration: SelfRegistration, desk: Desk) -> None:
        self._registration = registration
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the form `register`."""
        return self._desk.page(visit, _register_page(visit, Parameters(), None))

    async def apply(self, visit: Visit) -> Answer:
        """POST who somebody says to be: on to the code, whatever the register says."""
        fields = await visit.form()
        try:
            applicant = _applicant(fields)
            attempt_id = _attempt_id(visit)
            registration_id = await self._registration.apply(applicant, attempt_id, visit.browser, visit.visitor)
        except (RefusedEntry, UnreachableContactError) as refused:
            words = _ENTRIES[refused.field] if isinstance(refused, RefusedEntry) else Refusal.EMAIL_UNREACHED
            return self._refused_application(visit, fields, ErrorView(words), 400)
        except TooYoungError:
            return self._refused_application(visit, fields, ErrorView(Refusal.TOO_YOUNG), 403)
        except SlowDownError as slow:
            return self._refused_application(visit, fields, ErrorView(Refusal.SLOW_DOWN, slow.wait), 429)
        except RegistryUnavailableError as silent:
            error = ErrorView(Refusal.REGISTER_SILENT, silent.retry_after)
            return self._refused_application(visit, fields, error, 503)
        except CodeNotSentError:
            return self._refused_application(visit, fields, ErrorView(Refusal.CODE_NOT_SENT), 503)
        return self._desk.redirect(visit, _place(registration_id, "code"))

    async def show_code(self, visit: Visit) -> Answer:
        """GET the form `register-code`."""
        held = await self._held(visit)
        if isinstance(held, Answer):
            return held
        if held.document.contact_proved:
            return self._desk.redirect(visit, _place(held.document_id, "password"))
        return self._desk.page(visit, _code_page(visit, held, None))

    async def submit_code(self, visit: Visit) -> Answer:
        """POST the code that was sent."""
        fields = await visit.form()
        held = await self._held(visit)
        if isinstance(held, Answer):
            return held
        try:
            await self._registration.submit_code(held, fields.get("code", ""), visit.visitor)
        except WrongCodeError:
            return self._desk.page(visit, _code_page(visit, held, ErrorView(Refusal.WRONG_SENT_CODE)), 400)
        except CodeExpiredError:
            return self._desk.page(visit, _code_page(visit, held, ErrorView(Refusal.CODE_EXPIRED)), 400)
        except SlowDownError as slow:
            return self._desk.page(visit, _code_page(visit, held, ErrorView(Refusal.SLOW_DOWN, slow.wait)), 429)
        except DocumentGoneError:
            return self._over(visit)
        return self._desk.redirect(visit, _place(held.document_id, "password"))

    async def resend(self, visit: Visit) -> Answer:
        """POST `/code/resend`: another message."""
        await visit.form()
        held = await self._held(visit)
        if isinstance(held, Answer):
            return held
        try:
            await self._registration.send_again(held, visit.visitor)
        except SlowDownError as slow:
            return self._desk.page(visit, _code_page(visit, held, ErrorView(Refusal.SLOW_DOWN, slow.wait)), 429)
        except CodeNotSentError:
            return self._desk.page(visit, _code_page(visit, held, ErrorView(Refusal.CODE_NOT_SENT)), 503)
        return self._desk.page(visit, _code_page(visit, held, None, resent=True))

    async def show_password(self, visit: Visit) -> Answer:
        """GET the form `register-password`."""
        held = await self._held(visit)
        if isinstance(held, Answer):
            return held
        if not held.document.contact_proved:
            return self._desk.redirect(visit, _place(held.document_id, "code"))
        return self._desk.page(visit, _password_page(visit, held, None))

    async def submit_password(self, visit: Visit) -> Answer:
        """POST the password: the account is opened."""
        fields = await visit.form()
        held = await self._held(visit)
        if isinstance(held, Answer):
            return held
        password = fields.get("password", "")
        if password != fields.get("again", ""):
            return self._desk.page(visit, _password_page(visit, held, ErrorView(Refusal.PASSWORDS_DIFFER)), 400)
        try:
            return await self._finish(visit, held, password)
        except RefusedPassword as refused:
            error, status = ErrorView(REFUSED_PASSWORDS[refused.code]), 400
        except BusyError as busy:
            error, status = ErrorView(Refusal.BUSY, busy.retry_after), 503
        return self._desk.page(visit, _password_page(visit, held, error), status)

    async def _finish(self, visit: Visit, held: Held[Registration], password: str) -> Answer:
        try:
            await self._registration.finish(held, password, visit.visitor)
        except DocumentGoneError:
            return self._over(visit)
        except KnownMeanwhileError:
            return self._desk.error(visit, "registered_meanwhile", 409)
        return self._desk.redirect(visit, with_attempt(DONE, held.document.attempt_id))

    async def done(self, visit: Visit) -> Answer:
        """GET `/open-account/done`: says the same to everybody who opens it; on to the sign-in, where there is one."""
        attempt_id = _attempt_id(visit)
        sign_in_href = step_path(attempt_id, Step.PASSWORD) if attempt_id else "/account"
        view = RegisteredPage(locale=visit.locale, languages=visit.languages, sign_in_href=sign_in_href)
        return self._desk.page(visit, view)

    async def _held(self, visit: Visit) -> Held[Registration] | Answer:
        try:
            return await self._registration.load(str(visit.scope["path_params"]["registration_id"]), visit.browser)
        except DocumentGoneError:
            return self._over(visit)

    def _over(self, visit: Visit) -> Answer:
        return self._desk.error(visit, "registration_over", 410)

    def _refused_application(self, visit: Visit, fields: Parameters, error: ErrorView, status: int) -> Answer:
        return self._desk.page(visit, _register_page(visit, fields, error), status)


class RegistrationClosedPages:
    """`/open-account` where no population register is set: says so."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """Say what to do instead."""
        return self._desk.error(visit, "self_registration_off", 404)


def with_attempt(address: str, attempt_id: str) -> str:
    """Return an address of this journey that knows which sign-in it came from."""
    return f"{address}?{urlencode({_FROM: attempt_id})}" if attempt_id else address


def _attempt_id(visit: Visit) -> str:
    """The sign-in that the address names; whether there is one in this browser shows its page."""
    named = visit.query.get(_FROM, "")
    return named if _ATTEMPT.fullmatch(named) else ""


def _applicant(fields: Parameters) -> Applicant:
    return parse_applicant(*(fields.get(name, "") for name in _ENTRIES))


def _place(registration_id: str, step: str) -> str:
    return f"{REGISTER}/{registration_id}/{step}"


def _common(visit: Visit, error: ErrorView | None) -> dict[str, Any]:
    return {
        "locale": visit.locale,
        "languages": visit.languages,
        "csrf_token": visit.csrf_token,
        "error": error,
    }


def _register_page(visit: Visit, fields: Parameters, error: ErrorView | None) -> RegisterPage:
    number, name, birthdate, email = (fields.get(entry, "")[:_LONGEST_SHOWN] for entry in _ENTRIES)
    return RegisterPage(
        **_common(visit, error),
        form_action=with_attempt(REGISTER, _attempt_id(visit)),
        personal_number=number,
        name=name,
        birthdate=birthdate,
        email=email,
    )


def _code_page(
    visit: Visit, held: Held[Registration], error: ErrorView | None, *, resent: bool = False
) -> RegisterCodePage:
    return RegisterCodePage(
        **_common(visit, error),
        form_action=_place(held.document_id, "code"),
        sent_to=masked(held.document.contact),
        resend_action=_place(held.document_id, "code/resend"),
        resent=resent,
    )


def _password_page(visit: Visit, held: Held[Registration], error: ErrorView | None) -> RegisterPasswordPage:
    return RegisterPasswordPage(
        **_common(visit, error),
        form_action=_place(held.document_id, "password"),
        shortest=SHORTEST,
        username=held.document.applicant.email,
    )
