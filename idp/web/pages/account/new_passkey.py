"""`/account/security/passkeys/new`: one more passkey for whoever is signed in with two factors, and just now."""

from typing import Final

from idp.journeys.passkeys.refusals import TooManyPasskeysError
from idp.journeys.passkeys.registration import PasskeyRegistration
from idp.journeys.refusals import RefusedError
from idp.journeys.throttling import SlowDownError
from idp.web.pages.account.security import PATH, SecurityDesk
from idp.web.pages.answer import Answer
from idp.web.pages.signing_in.passkeys import status_of, words_of
from idp.web.pages.visit import Visit
from idp.web.views.account_security import SecurityNotice
from idp.web.views.passkeys import PASSKEY_SCRIPT, NewPasskeyPage

NEW_PASSKEY: Final = f"{PATH}/passkeys/new"
_SENT: Final = 600
"""Seconds since the sign-in: as much longer than what is asked as the challenge lives, so that no passkey is made in
vain."""


class NewPasskeyPages:
    """The page, and what it makes."""

    def __init__(self, registration: PasskeyRegistration, desk: SecurityDesk) -> None:
        self._registration = registration
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the form `add-passkey`."""
        return await self._page(visit, None)

    async def submit(self, visit: Visit) -> Answer:
        """POST what the authenticator made; back to the list."""
        fields = await visit.form()
        current = await self._desk.let_change(visit, NEW_PASSKEY, fresh_within=_SENT)
        if isinstance(current, Answer):
            return current
        credential, name = fields.get("credential", ""), fields.get("name", "")
        try:
            await self._registration.submit_in_session(current, credential, name, visit.visitor)
        except (RefusedError, SlowDownError) as refusal:
            return await self._page(visit, refusal, name)
        return self._desk.told(visit, SecurityNotice.ADDED)

    async def _page(self, visit: Visit, refusal: RefusedError | SlowDownError | None, name: str = "") -> Answer:
        """The form with a fresh challenge, for whoever may ask for one: also after a refusal."""
        current = await self._desk.let_change(visit, NEW_PASSKEY)
        if isinstance(current, Answer):
            return current
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
            back_href=PATH,
        )
        return self._desk.desk.page(visit, view, status_of(refusal))
