"""`/account/identity/verify`: from level 1 to level 2 without a counter."""

from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from idp.domain.accounts.account import AccountKind
from idp.domain.enrolment.biometric_check import CheckObstacle, RefusedCheckError
from idp.domain.levels.assurance import Level
from idp.journeys.bound_documents import DocumentGoneError
from idp.journeys.remote_proofing import BACK, VERIFY, RemoteProofing
from idp.journeys.sessions import CurrentSession, Sessions
from idp.journeys.sign_in import Demand, SignIn
from idp.journeys.throttling import SlowDownError
from idp.ports.accounts import Accounts
from idp.ports.biometric_verifier import VerifierUnavailableError
from idp.ports.population_registry import RegistryUnavailableError
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.signing_in.steps import way_to_sign_in
from idp.web.pages.visit import Visit
from idp.web.views.common import ErrorView, Refusal
from idp.web.views.identity_verification import CheckResult, VerifyIdentityPage

_RESULTS: Final = MappingProxyType(
    {
        CheckObstacle.NOT_IN_REGISTER: CheckResult.NOT_POSSIBLE,
        CheckObstacle.DIFFERENT: CheckResult.NOT_POSSIBLE,
        CheckObstacle.CARD_NOT_VALID: CheckResult.NOT_POSSIBLE,
        CheckObstacle.UNFINISHED: CheckResult.UNFINISHED,
        CheckObstacle.INCONCLUSIVE: CheckResult.UNCLEAR,
        CheckObstacle.CHIP_NOT_VERIFIED: CheckResult.UNCLEAR,
    }
)
"""What a person is told; of everything else, that the check did not prove who it was."""


class IdentityVerificationPages:
    """For citizens who are signed in with two factors; whoever is not is led there and back."""

    def __init__(
        self, proofing: RemoteProofing, accounts: Accounts, sessions: Sessions, sign_in: SignIn, desk: Desk
    ) -> None:
        self._proofing = proofing
        self._accounts = accounts
        self._sessions = sessions
        self._sign_in = sign_in
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the form `verify-identity`."""
        current = await self._citizen(visit, VERIFY)
        if isinstance(current, Answer):
            return current
        return await self._page(visit, current, None)

    async def start(self, visit: Visit) -> Answer:
        """POST the agreement: off to the verifier."""
        fields = await visit.form()
        current = await self._citizen(visit, VERIFY)
        if isinstance(current, Answer):
            return current
        if fields.get("agree") != "yes":
            return await self._page(visit, current, ErrorView(Refusal.AGREE_FIRST), 400)
        try:
            address = await self._proofing.start(current.account.account_id, visit.browser, visit.visitor)
        except RefusedCheckError as refused:
            return self._told(visit, refused)
        except SlowDownError as slow:
            error, status = ErrorView(Refusal.SLOW_DOWN, slow.wait), 429
        except RegistryUnavailableError as silent:
            error, status = ErrorView(Refusal.REGISTER_SILENT, silent.retry_after), 503
        except VerifierUnavailableError as silent:
            error, status = ErrorView(Refusal.VERIFIER_SILENT, silent.retry_after), 503
        else:
            return self._desk.redirect(visit, address)
        return await self._page(visit, current, error, status)

    async def back(self, visit: Visit) -> Answer:
        """GET `/return?state=…`: what was found is asked of the verifier; the browser brings only the state."""
        state = visit.query.get("state", "")
        current = await self._citizen(visit, f"{BACK}?{urlencode({'state': state})}")
        if isinstance(current, Answer):
            return current
        try:
            await self._proofing.finish(current.account.account_id, state, visit.browser, visit.visitor)
        except DocumentGoneError:
            return self._desk.error(visit, "remote_proofing_over", 410)
        except VerifierUnavailableError as silent:
            return await self._page(visit, current, ErrorView(Refusal.VERIFIER_SILENT, silent.retry_after), 503)
        except RefusedCheckError as refused:
            return self._told(visit, refused)
        return self._desk.redirect(visit, VERIFY)

    async def _citizen(self, visit: Visit, return_to: str) -> CurrentSession | Answer:
        current = await self._sessions.current(visit.session_token)
        if current is None or current.session.level < Level.TWO:
            demand = Demand(level=Level.TWO, return_to=return_to, reauthenticate=current is None)
            return self._desk.redirect(visit, await way_to_sign_in(self._sign_in, demand, visit.browser, current))
        if current.account.kind is not AccountKind.CITIZEN:
            return self._desk.error(visit, "citizens_only", 403)
        return current

    def _told(self, visit: Visit, refused: RefusedCheckError) -> Answer:
        result = _RESULTS.get(refused.obstacle, CheckResult.REFUSED)
        return self._desk.redirect(visit, f"{VERIFY}?{urlencode({'result': result})}")

    async def _page(self, visit: Visit, current: CurrentSession, error: ErrorView | None, status: int = 200) -> Answer:
        profile = await self._accounts.profile(current.account.account_id)
        told = visit.query.get("result")
        origin = self._proofing.verifier_origin
        view = VerifyIdentityPage(
            locale=visit.locale,
            languages=visit.languages,
            csrf_token=visit.csrf_token,
            form_action=VERIFY,
            error=error,
            level=profile.identity_level if profile else 0,
            verifier=self._proofing.verifier_name,
            result=CheckResult(told) if told in {result.value for result in CheckResult} else None,
        )
        return self._desk.page(visit, view, status, redirect_uri=origin)


class VerificationClosedPages:
    """The same address where no verifier or no register is set: says so."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """Say what to do instead."""
        return self._desk.error(visit, "remote_proofing_off", 404)
