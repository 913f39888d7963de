"""`/account/approvals`: what services ask of a person who is elsewhere (OpenID Connect CIBA Core section 8).

What the person asks of himself or herself from another device stands in the same list.
"""

from idp.domain.clients.client import Client, ClientAudience
from idp.domain.ids import ClientId
from idp.domain.levels.assurance import Level
from idp.domain.levels.requirement import Need, Requirement
from idp.journeys.phone_sign_in.phone import PhoneApproval
from idp.journeys.sessions import CurrentSession, Sessions
from idp.journeys.sign_in import Demand, SignIn
from idp.ports.accounts import Accounts
from idp.ports.clients import Clients
from idp.ports.clock import Clock
from idp.protocol.ciba.approvals import Approval, Approvals
from idp.protocol.claims.claims import NOTHING_REQUESTED
from idp.protocol.decoupled.decision import RequestOverError
from idp.web.moments import moment_of
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk, named_client
from idp.web.pages.other_devices.phone_approvals import PhoneApprovalPages
from idp.web.pages.signing_in.consent import Shown, released_items
from idp.web.pages.signing_in.steps import way_to_sign_in
from idp.web.pages.visit import Visit
from idp.web.views.approvals import ApprovalPage, ApprovalsPage, WaitingApproval
from idp.web.views.common import ErrorView, Refusal

APPROVALS = "/account/approvals"
_DECIDED = {"allow": True, "deny": False}


class ApprovalPages:
    """The list, and the question of each."""

    def __init__(
        self,
        approvals: Approvals,
        of_phone: PhoneApprovalPages,
        clients: Clients,
        accounts: Accounts,
        sessions: Sessions,
        sign_in: SignIn,
        desk: Desk,
        *,
        clock: Clock,
    ) -> None:
        self._approvals = approvals
        self._of_phone = of_phone
        self._clients = clients
        self._accounts = accounts
        self._sessions = sessions
        self._sign_in = sign_in
        self._desk = desk
        self._clock = clock

    async def show_list(self, visit: Visit) -> Answer:
        """GET what waits for whoever is signed in."""
        current = await self._sessions.current(visit.session_token)
        if current is None:
            return await self._lead(visit, None, Demand(level=Level.ONE, return_to=APPROVALS, reauthenticate=True))
        account_id = current.account.account_id
        lines = [await self._line(visit, each) for each in await self._approvals.of(account_id)]
        if other_device := await self._of_phone.line(visit, account_id):
            lines.append(other_device)
        view = ApprovalsPage(
            locale=visit.locale,
            languages=visit.languages,
            csrf_token=visit.csrf_token,
            waiting=tuple(sorted(lines, key=lambda line: line.asked_at, reverse=True)),
            allowed=_DECIDED.get(visit.query.get("decided", "")),
        )
        return self._desk.page(visit, view)

    async def show(self, visit: Visit) -> Answer:
        """GET the form `approval`, for somebody who proved as much as the request needs."""
        other_device = await self._other_device(visit)
        if other_device is not None:
            return await self._of_phone.show(visit, *other_device)
        found = await self._found(visit)
        if isinstance(found, Answer):
            return found
        return await self._draw(visit, *found, None, 200)

    async def decide(self, visit: Visit) -> Answer:
        """POST the decision."""
        fields = await visit.form()
        other_device = await self._other_device(visit)
        if other_device is not None:
            return await self._of_phone.decide(visit, *other_device, fields)
        decision = fields.get("decision")
        # Whoever is asked for what he did not begin says so with the session he has.
        found = await self._found(visit, level=Level.ONE if decision == "deny" else None)
        if isinstance(found, Answer):
            return found
        approval, client, current = found
        if decision not in _DECIDED:
            return await self._draw(visit, *found, ErrorView(Refusal.MISSING_FIELD), 400)
        decide = self._approvals.allow if _DECIDED[decision] else self._approvals.deny
        visit.context.client_id = client.client_id
        try:
            await decide(approval, current, visit.visitor.origin)
        except RequestOverError:
            return self._over(visit)
        return self._desk.redirect(visit, f"{APPROVALS}?decided={decision}")

    async def _other_device(self, visit: Visit) -> tuple[PhoneApproval, CurrentSession] | None:
        """The request of another device that has this name, and who may answer it."""
        current = await self._sessions.current(visit.session_token)
        if current is None:
            return None
        approval = await self._of_phone.find(current.account.account_id, visit.parameter("approval"))
        return None if approval is None else (approval, current)

    async def _found(
        self, visit: Visit, level: Level | None = None
    ) -> tuple[Approval, Client, CurrentSession] | Answer:
        """The request behind the address and who may decide on it, or the page that leads there.

        `level` is what has to be proved, as much as the request asks when it is None.
        """
        current = await self._sessions.current(visit.session_token)
        if current is None:
            # Nobody is told before signing in whether there is such a request.
            return await self._lead(visit, None, Demand(level=Level.ONE, return_to=visit.path, reauthenticate=True))
        approval = await self._approvals.get(current.account.account_id, visit.parameter("approval"))
        client = await self._clients.get(approval.request.client_id) if approval else None
        if approval is None or client is None or client.disabled:
            return self._over(visit)
        requirement = approval.request.requirement if level is None else Requirement(level)
        need = await self._sign_in.need(requirement, current)
        if need is Need.NOTHING:
            return approval, client, current
        demand = Demand(
            level=requirement.level,
            resistance=requirement.resistance,
            wished=requirement.wished,
            reauthenticate=need is Need.SIGN_IN,
            audience=ClientAudience(current.account.kind.value),
            client_id=client.client_id,
            return_to=visit.path,
        )
        return await self._lead(visit, current, demand)

    async def _lead(self, visit: Visit, current: CurrentSession | None, demand: Demand) -> Answer:
        return self._desk.redirect(visit, await way_to_sign_in(self._sign_in, demand, visit.browser, current))

    async def _line(self, visit: Visit, approval: Approval) -> WaitingApproval:
        return WaitingApproval(
            href=f"{APPROVALS}/{approval.approval_id}",
            service=await self._name(visit, approval.request.client_id),
            binding_message=approval.backchannel.binding_message,
            asked_at=moment_of(approval.request.created_at),
            expires_at=moment_of(approval.request.expires_at),
        )

    async def _name(self, visit: Visit, client_id: ClientId) -> str:
        client = await self._clients.get(client_id)
        return client.name_in(visit.locale) if client else client_id

    async def _draw(
        self,
        visit: Visit,
        approval: Approval,
        client: Client,
        current: CurrentSession,
        error: ErrorView | None,
        status: int,
    ) -> Answer:
        profile = await self._accounts.profile(current.account.account_id)
        shown = Shown(profile, self._clock.now(), visit.locale)
        view = ApprovalPage(
            locale=visit.locale,
            languages=visit.languages,
            client=named_client(client, visit.locale),
            csrf_token=visit.csrf_token,
            form_action=visit.path,
            error=error,
            binding_message=approval.backchannel.binding_message,
            expires_at=moment_of(approval.request.expires_at),
            shared=released_items(client, approval.request.scopes, NOTHING_REQUESTED, shown),
        )
        return self._desk.page(visit, view, status)

    def _over(self, visit: Visit) -> Answer:
        return self._desk.error(visit, "approval_over", 410)
