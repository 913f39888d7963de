"""`/account/security/certificates/new`: an officer adds the card that the browser shows."""

from typing import Final

from idp.domain.accounts.account import AccountKind
from idp.domain.authenticators.account_certificate import RefusedCertificateError
from idp.domain.clients.client import ClientAudience
from idp.domain.levels.assurance import Level
from idp.domain.levels.requirement import Need, Requirement
from idp.journeys.own_certificates import OwnCertificates
from idp.journeys.sessions import CurrentSession, Sessions
from idp.journeys.sign_in import Demand, SignIn
from idp.journeys.throttling import SlowDownError
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.signing_in.certificate import CARD_REFUSALS
from idp.web.pages.signing_in.steps import way_to_sign_in
from idp.web.pages.visit import Visit
from idp.web.views.certificates import AddCertificatePage
from idp.web.views.common import ErrorView, Refusal

ADD_CERTIFICATE: Final = "/account/security/certificates/new"
SECURITY: Final = "/account/security"
FRESH: Final = 300
"""Seconds since the officer signed in: whoever finds an open session adds no card of his or her own."""


class AddCertificatePages:
    """For officers who signed in with two factors a moment ago; whoever did not is led there and back."""

    def __init__(self, certificates: OwnCertificates, sessions: Sessions, sign_in: SignIn, desk: Desk) -> None:
        self._certificates = certificates
        self._sessions = sessions
        self._sign_in = sign_in
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the form `add-certificate`."""
        current = await self._officer(visit)
        return current if isinstance(current, Answer) else self._page(visit, None)

    async def add(self, visit: Visit) -> Answer:
        """POST: the certificate of this very request is added."""
        fields = await visit.form()
        current = await self._officer(visit)
        if isinstance(current, Answer):
            return current
        name, certificate = fields.get("name", ""), visit.context.client_certificate
        try:
            await self._certificates.add(current.account, certificate, name, visit.visitor)
        except RefusedCertificateError as refused:
            return self._page(visit, ErrorView(CARD_REFUSALS[refused.obstacle]), 400, name)
        except SlowDownError as slow:
            return self._page(visit, ErrorView(Refusal.SLOW_DOWN, slow.wait), 429, name)
        return self._desk.redirect(visit, SECURITY)

    async def _officer(self, visit: Visit) -> CurrentSession | Answer:
        current = await self._sessions.current(visit.session_token)
        need = Need.SIGN_IN
        if current is not None:
            if current.account.kind is not AccountKind.OFFICER:
                return self._desk.error(visit, "officers_only", 403)
            need = await self._sign_in.need(Requirement(Level.TWO, FRESH), current)
            if need is Need.NOTHING:
                return current
        demand = Demand(
            level=Level.TWO,
            audience=ClientAudience.OFFICER,
            reauthenticate=need is Need.SIGN_IN,
            return_to=ADD_CERTIFICATE,
        )
        return self._desk.redirect(visit, await way_to_sign_in(self._sign_in, demand, visit.browser, current))

    def _page(self, visit: Visit, error: ErrorView | None, status: int = 200, name: str = "") -> Answer:
        view = AddCertificatePage(
            locale=visit.locale,
            languages=visit.languages,
            csrf_token=visit.csrf_token,
            form_action=ADD_CERTIFICATE,
            error=error,
            holder=self._certificates.holder_named_by(visit.context.client_certificate),
            name=name[:60],
            back_href=SECURITY,
        )
        return self._desk.page(visit, view, status)
