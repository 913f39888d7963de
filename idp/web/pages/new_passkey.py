"""`/account/security/passkeys/new`: one more passkey for whoever is signed in with two factors, and just now."""

from typing import Final

from idp.domain.assurance import Level
from idp.domain.client import ClientAudience
from idp.domain.requirement import Need, Requirement
from idp.journeys.passkeys.refusals import TooManyPasskeysError
from idp.journeys.passkeys.registration import PasskeyRegistration
from idp.journeys.refusals import RefusedError
from idp.journeys.sessions import CurrentSession, Sessions
from idp.journeys.sign_in import Demand, SignIn
from idp.journeys.throttling import SlowDownError
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.passkeys import answered, status_of, words_of
from idp.web.pages.steps import way_to_sign_in
from idp.web.pages.visit import Visit
from idp.web.views.account_security import SecurityNotice
from idp.web.views.passkeys import PASSKEY_SCRIPT, NewPasskeyPage

SECURITY: Final = "/account/security"
NEW_PASSKEY: Final = f"{SECURITY}/passkeys/new"
_ASKED: Final = Requirement(Level.TWO, fresh_within=900)
_SENT: Final = Requirement(Level.TWO, fresh_within=1800)
"""Longer than what is asked, by more than the challenge lives: a passkey that was made is not thrown away."""


class NewPasskeyPages:
    """The page, and what it makes."""

    def __init__(self, registration: PasskeyRegistration, sessions: Sessions, sign_in: SignIn, desk: Desk) -> None:
        self._registration = registration
        self._sessions = sessions
        self._sign_in = sign_in
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the form `add-passkey`."""
        current = await self._let_in(visit, _ASKED)
        return current if isinstance(current, Answer) else await self._page(visit, current, None)

    async def submit(self, visit: Visit) -> Answer:
        """POST what the authenticator made; back to the list."""
        fields = await visit.form()
        current = await self._let_in(visit, _SENT)
        if isinstance(current, Answer):
            return current
        credential, name = fields.get("credential", ""), fields.get("name", "")
        try:
            await self._registration.submit_in_session(current, credential, name, visit.visitor)
        except (RefusedError, SlowDownError) as refusal:
            return await self._page(visit, current, refusal, name)
        return self._desk.redirect(visit, f"{SECURITY}?notice={SecurityNotice.ADDED}")

    async def _let_in(self, visit: Visit, requirement: Requirement) -> CurrentSession | Answer:
        current = await self._sessions.current(visit.session_token)
        need = await self._sign_in.need(requirement, current) if current else Need.SIGN_IN
        if current and need is Need.NOTHING:
            return current
        demand = Demand(
            level=Level.TWO,
            reauthenticate=need is Need.SIGN_IN,
            audience=ClientAudience(current.account.kind.value) if current else ClientAudience.BOTH,
            return_to=NEW_PASSKEY,
        )
        return self._desk.redirect(visit, await way_to_sign_in(self._sign_in, demand, visit.browser, current))

    async def _page(
        self, visit: Visit, current: CurrentSession, refusal: RefusedError | SlowDownError | None, name: str = ""
    ) -> Answer:
        try:
            options = await self._registration.options_in_session(current)
        except TooManyPasskeysError as too_many:
            options, refusal = "", refusal or too_many
        view = NewPasskeyPage(
            locale=visit.locale,
            languages=visit.languages,
            csrf_token=visit.csrf_token,
            error=words_of(refusal),
            form_action=NEW_PASSKEY,
            scripts=(PASSKEY_SCRIPT,) if options else (),
            options=options,
            name=name,
            asks_maker=self._registration.asks_maker(current.account.kind),
            back_href=SECURITY,
        )
        return answered(self._desk.page(visit, view, status_of(refusal)), refusal)
