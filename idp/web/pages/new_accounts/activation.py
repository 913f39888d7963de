"""The page behind a link that lets a person take over an account."""

from types import MappingProxyType
from typing import Final

from idp.domain.authenticators.new_password import SHORTEST, RefusedPassword
from idp.journeys.activation import PATH, Activation, LinkEndedError
from idp.journeys.sign_in import SignIn
from idp.ports.keys import BusyError
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.signing_in.steps import step_path
from idp.web.pages.visit import Visit
from idp.web.views.activation import ChoosePasswordPage
from idp.web.views.common import ErrorView, Refusal

ENDED: Final = "activation_link_ended"

REFUSED_PASSWORDS: Final = MappingProxyType(
    {
        "password_short": Refusal.PASSWORD_SHORT,
        "password_long": Refusal.PASSWORD_LONG,
        "password_common": Refusal.PASSWORD_COMMON,
        "password_personal": Refusal.PASSWORD_PERSONAL,
        "password_same": Refusal.PASSWORD_SAME,
    }
)


class ActivationPages:
    """`/activate/{token}`. Opening the link uses nothing up: mail scanners open links too."""

    def __init__(self, activation: Activation, sign_in: SignIn, desk: Desk) -> None:
        self._activation = activation
        self._sign_in = sign_in
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the form `choose-password`."""
        try:
            await self._activation.look(_token(visit), visit.visitor)
        except LinkEndedError:
            return self._desk.error(visit, ENDED, 410)
        return self._page(visit, None)

    async def submit(self, visit: Visit) -> Answer:
        """POST the password: the link is used up, and the enrolment of one-time codes begins."""
        fields = await visit.form()
        password = fields.get("password", "")
        if password != fields.get("again", ""):
            return self._page(visit, ErrorView(Refusal.PASSWORDS_DIFFER), 400)
        try:
            attempt = await self._activation.choose_password(_token(visit), password, visit.browser, visit.visitor)
        except LinkEndedError:
            return self._desk.error(visit, ENDED, 410)
        except RefusedPassword as refused:
            return self._page(visit, ErrorView(REFUSED_PASSWORDS[refused.code]), 400)
        except BusyError as busy:
            return self._page(visit, ErrorView(Refusal.BUSY, busy.retry_after), 503)
        return self._desk.redirect(visit, step_path(attempt.attempt_id, await self._sign_in.step(attempt)))

    def _page(self, visit: Visit, error: ErrorView | None, status: int = 200) -> Answer:
        view = ChoosePasswordPage(
            locale=visit.locale,
            languages=visit.languages,
            csrf_token=visit.csrf_token,
            form_action=f"{PATH}/{_token(visit)}",
            error=error,
            shortest=SHORTEST,
        )
        return self._desk.page(visit, view, status)


def _token(visit: Visit) -> str:
    return str(visit.scope["path_params"]["token"])
