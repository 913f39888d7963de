"""The phone's side: `/account/phone/{id}`, where the picture leads, and its question under `/account/approvals`."""

import re
from typing import Final
from urllib.parse import urlsplit

from idp.domain.clients.client import ClientAudience
from idp.domain.ids import AccountId
from idp.domain.levels.assurance import Level
from idp.journeys.phone_sign_in.phone import PhoneApproval, PhoneApprovals
from idp.journeys.phone_sign_in.refusals import (
    OtherAccountError,
    OtherKindError,
    PhoneRefusedError,
    ProveMoreError,
    TooFarApartError,
    WrongNumberError,
)
from idp.journeys.sessions import CurrentSession, Sessions
from idp.journeys.sign_in import Demand, SignIn
from idp.journeys.throttling import SlowDownError
from idp.ports.clients import Clients
from idp.web.edge.body import Parameters, list_header
from idp.web.moments import moment_of
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk, named_client
from idp.web.pages.signing_in.steps import way_to_sign_in
from idp.web.pages.visit import Visit
from idp.web.views.approvals import WaitingApproval
from idp.web.views.common import ClientView, ErrorView, Refusal
from idp.web.views.phone import PhoneApprovalPage, PhoneOpenPage
from idp.web.wording.browsers import browser_name

_NUMBER: Final = re.compile(r"[1-9][0-9]", re.ASCII)
_FROM_ELSEWHERE: Final = frozenset({"cross-site", "same-site"})
"""What browsers say of a navigation that another site began (Fetch Metadata Request Headers section 2.3)."""

_ANSWERS: Final[dict[type[PhoneRefusedError], tuple[str, int]]] = {
    OtherAccountError: ("phone_other_account", 403),
    OtherKindError: ("phone_other_kind", 403),
    TooFarApartError: ("phone_apart", 403),
    WrongNumberError: ("phone_wrong_number", 400),
}


class PhoneApprovalPages:
    """Opens requests, and asks."""

    def __init__(
        self,
        approvals: PhoneApprovals,
        clients: Clients,
        sessions: Sessions,
        sign_in: SignIn,
        desk: Desk,
        *,
        issuer: str,
        list_path: str,
    ) -> None:
        self._approvals = approvals
        self._clients = clients
        self._sessions = sessions
        self._sign_in = sign_in
        self._desk = desk
        self._host = urlsplit(issuer).netloc
        self._list_path = list_path

    async def open(self, visit: Visit) -> Answer:
        """GET what the picture leads to: at once for whoever scanned it, asked first where another site leads here."""
        if list_header(visit.scope, b"sec-fetch-site") in _FROM_ELSEWHERE:
            return self._ask_to_open(visit)
        return await self._open(visit)

    async def open_asked(self, visit: Visit) -> Answer:
        """POST the form `open-request`."""
        await visit.form()
        return await self._open(visit)

    def _ask_to_open(self, visit: Visit) -> Answer:
        view = PhoneOpenPage(
            locale=visit.locale, languages=visit.languages, csrf_token=visit.csrf_token, form_action=visit.path
        )
        return self._desk.page(visit, view)

    async def _open(self, visit: Visit) -> Answer:
        """Sign in first, prove enough, and go on to the question.

        Nobody is told before that whether there is such a request.
        """
        current = await self._sessions.current(visit.session_token)
        if current is None or not self._approvals.has_proved_enough(current):
            return await self._lead(visit, current)
        try:
            approval_id = await self._approvals.open(visit.parameter("picture"), current, visit.visitor)
        except PhoneRefusedError as refusal:
            return self._refused(visit, refusal)
        except SlowDownError as slow:
            return self._slow(visit, slow)
        return self._desk.redirect(visit, f"{self._list_path}/{approval_id}")

    async def line(self, visit: Visit, account_id: AccountId) -> WaitingApproval | None:
        """What waits for the account, as one line of the list."""
        approval = await self._approvals.of(account_id)
        if approval is None:
            return None
        service = await self._service(visit, approval)
        return WaitingApproval(
            href=f"{self._list_path}/{approval.approval_id}",
            service=service.name if service else "",
            binding_message="",
            computer=browser_name(approval.request.computer.browser),
            asked_at=moment_of(approval.request.created_at),
            expires_at=moment_of(approval.request.expires_at),
        )

    async def find(self, account_id: AccountId, approval_id: str) -> PhoneApproval | None:
        """The request of this name that waits for the account."""
        return await self._approvals.get(account_id, approval_id)

    async def show(self, visit: Visit, approval: PhoneApproval, current: CurrentSession) -> Answer:
        """GET the form `approval`."""
        if not self._approvals.has_proved_enough(current):
            return await self._lead(visit, current)
        return await self._draw(visit, approval, None, 200)

    async def decide(
        self, visit: Visit, approval: PhoneApproval, current: CurrentSession, fields: Parameters
    ) -> Answer:
        """POST the answer. Whoever did not begin this says no with the session that is there."""
        decision, origin = fields.get("decision"), visit.visitor.origin
        visit.context.client_id = approval.request.client_id
        try:
            if decision == "deny":
                await self._approvals.deny(approval, origin)
                return self._desk.redirect(visit, f"{self._list_path}?decided=deny")
            number = "".join(fields.get("number", "").split())
            if decision != "allow" or not _NUMBER.fullmatch(number):
                return await self._draw(visit, approval, ErrorView(Refusal.NUMBER_FORM), 400)
            await self._approvals.allow(approval, number, current, origin)
        except ProveMoreError:
            return await self._lead(visit, current)
        except PhoneRefusedError as refusal:
            return self._refused(visit, refusal)
        except SlowDownError as slow:
            return self._slow(visit, slow)
        return self._desk.redirect(visit, f"{self._list_path}?decided=allow")

    async def _lead(self, visit: Visit, current: CurrentSession | None) -> Answer:
        """To proving possession on this very device; what is known already is not asked again."""
        demand = Demand(
            level=Level.TWO,
            audience=ClientAudience(current.account.kind.value) if current else ClientAudience.BOTH,
            return_to=visit.path,
            reauthenticate=current is None,
            on_this_device=True,
        )
        known = self._approvals.with_what_is_known(current) if current else None
        return self._desk.redirect(visit, await way_to_sign_in(self._sign_in, demand, visit.browser, known))

    async def _draw(self, visit: Visit, approval: PhoneApproval, error: ErrorView | None, status: int) -> Answer:
        request = approval.request
        view = PhoneApprovalPage(
            locale=visit.locale,
            languages=visit.languages,
            client=await self._service(visit, approval),
            csrf_token=visit.csrf_token,
            form_action=visit.path,
            error=error,
            browser=browser_name(request.computer.browser),
            place=request.computer.place.name if request.computer.place else "",
            nearness=approval.nearness,
            host=self._host,
            asked_at=moment_of(request.created_at),
            expires_at=moment_of(request.expires_at),
        )
        return self._desk.page(visit, view, status)

    async def _service(self, visit: Visit, approval: PhoneApproval) -> ClientView | None:
        client_id = approval.request.client_id
        client = await self._clients.get(client_id) if client_id else None
        return named_client(client, visit.locale) if client else None

    def _refused(self, visit: Visit, refusal: PhoneRefusedError) -> Answer:
        code, status = _ANSWERS.get(type(refusal), ("approval_over", 410))
        return self._desk.error(visit, code, status)

    def _slow(self, visit: Visit, slow: SlowDownError) -> Answer:
        answer = self._desk.error(visit, "too_many_requests", 429)
        return answer.with_headers((b"retry-after", str(slow.wait).encode()))
