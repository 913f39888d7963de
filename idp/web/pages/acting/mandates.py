"""`/account/mandates`: whom I act for, who acts for me, and what waits for my agreement."""

from typing import Final

from idp.domain.accounts.account import Account
from idp.domain.clients.client import Client
from idp.domain.ids import ClientId
from idp.domain.representation.guardianship import stage_of
from idp.domain.representation.mandate import MandateState
from idp.domain.representation.principal import PrincipalKind
from idp.journeys.guardianship import GuardianJourney
from idp.journeys.known_person import NotPossibleError
from idp.journeys.mandates import MandateJourney
from idp.ports.authorities import Parties, Wardship
from idp.ports.clock import Clock
from idp.protocol.claims.authority_claims import SCOPE
from idp.web.moments import moment_of
from idp.web.pages.account.data import OwnDataDesk
from idp.web.pages.acting import mandate_forms as forms
from idp.web.pages.acting.delegation import Delegation
from idp.web.pages.acting.mandate_forms import MANDATES, WARDS
from idp.web.pages.acting.ports import ActingPorts
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.acting import MandateRow, MandatesPage, NewMandatePage, NewWardPage, OrganisationRow, WardRow

_PAGE: Final = 500
_NOTICES: Final = frozenset({"proposed", "agreed", "ended", "asked", "too_late", "level"})


class MandatePages:
    """The list, the two forms, and what the buttons do."""

    def __init__(
        self,
        mandates: MandateJourney,
        guardians: GuardianJourney,
        ports: ActingPorts,
        desk: OwnDataDesk,
        delegation: Delegation,
        clock: Clock,
    ) -> None:
        self._mandates = mandates
        self._guardians = guardians
        self._ports = ports
        self._desk = desk
        self._delegation = delegation
        self._clock = clock

    async def show(self, visit: Visit) -> Answer:
        """GET the list."""
        current = await self._desk.let_in(visit)
        if isinstance(current, Answer):
            return current
        account, notice = current.account, visit.query.get("notice")
        services = {client.client_id: client for client in await self._services()}
        represented = await self._ports.organisations.represented_by(account.person_id)
        view = MandatesPage(
            **self._desk.common(visit),
            organisations=tuple(
                OrganisationRow(
                    each.organisation.tax_code,
                    each.organisation.name,
                    tuple(sorted(each.people.values())),
                    dissolved=not each.organisation.stands(self._clock.now()),
                )
                for each in represented
            ),
            mandates=tuple(
                self._mandate(visit, account, parties, services) for parties in await self._mandates.of(account)
            ),
            wards=tuple(self._ward(account, each) for each in await self._guardians.of(account)),
            notice=notice if notice in _NOTICES else None,
        )
        return self._desk.desk.page(visit, view)

    async def draft(self, visit: Visit) -> Answer:
        """GET the form of a new mandate."""
        current = await self._delegation.let_in(visit)
        return current if isinstance(current, Answer) else await self._draw(visit, current.account, {}, None)

    async def propose(self, visit: Visit) -> Answer:
        """POST a new mandate."""
        fields = await visit.form()
        current = await self._delegation.let_in(visit)
        if isinstance(current, Answer):
            return current
        offered = frozenset(client.client_id for client in await self._services())
        try:
            await self._mandates.propose(current.account, forms.draft_of(fields), offered, visit.visitor.origin)
        except NotPossibleError as refusal:
            return await self._draw(visit, current.account, dict(fields), refusal.reason)
        return self._desk.desk.redirect(visit, f"{MANDATES}?notice=proposed")

    async def agree(self, visit: Visit) -> Answer:
        """POST agreement, as holder or as another representative."""
        await visit.form()
        current = await self._delegation.let_in(visit, MANDATES)
        if isinstance(current, Answer):
            return current
        try:
            done = await self._mandates.agree(current.account, _named(visit), visit.visitor.origin)
        except NotPossibleError as refusal:
            return self._told(visit, refusal.reason)
        return self._told(visit, "agreed" if done else "too_late")

    async def end(self, visit: Visit) -> Answer:
        """POST the end of a mandate: taking back needs no more than being signed in."""
        await visit.form()
        current = await self._desk.let_in(visit, back_to=MANDATES)
        if isinstance(current, Answer):
            return current
        done = await self._mandates.end(current.account, _named(visit), visit.visitor.origin)
        return self._told(visit, "ended" if done else "too_late")

    async def draft_ward(self, visit: Visit) -> Answer:
        """GET the form of a child or ward."""
        current = await self._delegation.let_in(visit)
        if isinstance(current, Answer):
            return current
        return self._desk.desk.page(visit, NewWardPage(**self._desk.common(visit), typed=forms.NEW_WARD))

    async def ask_ward(self, visit: Visit) -> Answer:
        """POST a child or ward to be registered."""
        fields = await visit.form()
        current = await self._delegation.let_in(visit)
        if isinstance(current, Answer):
            return current
        kind, number, name, born = forms.ward_of(fields)
        try:
            await self._guardians.ask(current.account, kind, number, name, born, visit.visitor.origin)
        except NotPossibleError as refusal:
            view = NewWardPage(**self._desk.common(visit), typed=forms.NEW_WARD | dict(fields), refusal=refusal.reason)
            return self._desk.desk.page(visit, view, forms.status_of(refusal.reason))
        return self._told(visit, "asked")

    async def end_ward(self, visit: Visit) -> Answer:
        """POST the end of a guardianship, by the guardian."""
        await visit.form()
        current = await self._desk.let_in(visit, back_to=MANDATES)
        if isinstance(current, Answer):
            return current
        done = await self._guardians.give_up(current.account, _named(visit), visit.visitor.origin)
        return self._told(visit, "ended" if done else "too_late")

    async def _services(self) -> tuple[Client, ...]:
        """Services that ask on whose behalf somebody comes: only there a mandate is of any use."""
        found: list[Client] = []
        after = ""
        while page := await self._ports.client_registry.page(after, _PAGE):
            found += [client for client in page if SCOPE in client.scopes or client.serves_organisations]
            after = page[-1].client_id
        return tuple(client for client in found if not client.disabled)

    async def _draw(self, visit: Visit, account: Account, typed: dict[str, str], refusal: str | None) -> Answer:
        represented = await self._ports.organisations.represented_by(account.person_id)
        view = NewMandatePage(
            **self._desk.common(visit),
            givers=forms.givers(represented, typed, self._clock.now()),
            services=forms.services(await self._services(), typed, visit.locale),
            functions=forms.functions(typed),
            typed=forms.new_mandate(self._clock.now()) | typed,
            refusal=refusal,
        )
        return self._desk.desk.page(visit, view, forms.status_of(refusal))

    def _told(self, visit: Visit, notice: str) -> Answer:
        return self._desk.desk.redirect(visit, f"{MANDATES}?notice={notice}")

    def _mandate(
        self, visit: Visit, account: Account, parties: Parties, services: dict[ClientId, Client]
    ) -> MandateRow:
        mandate, me = parties.mandate, account.person_id
        state = mandate.state(self._clock.now())
        missing = parties.needed - parties.consented if mandate.agreed_at is None else frozenset()
        waits_for_me = state is MandateState.WAITING and (
            me in missing or (mandate.holder == me and mandate.accepted_at is None)
        )
        path = f"{MANDATES}/{mandate.mandate_id}"
        return MandateRow(
            giver=parties.giver_name,
            holder=parties.holder_name,
            given=mandate.holder != me or (mandate.giver_kind is PrincipalKind.PERSON and mandate.giver == me),
            state=state.value,
            end=mandate.end.value if mandate.end else None,
            services=tuple(
                services[name].name_in(visit.locale) if name in services else name for name in sorted(mandate.services)
            ),
            functions=tuple(sorted(mandate.functions)),
            first=moment_of(mandate.valid_from),
            last=moment_of(forms.last_moment(mandate)),
            missing=len(missing),
            waits_for_holder=mandate.accepted_at is None,
            agree_action=f"{path}/agree" if waits_for_me else None,
            end_action=None if state is MandateState.ENDED else f"{path}/end",
        )

    def _ward(self, account: Account, wardship: Wardship) -> WardRow:
        found, now = wardship.guardianship, self._clock.now()
        guarding = found.guardian == account.person_id
        ended = found.ended_at is not None
        in_force = found.is_in_force(wardship.birthdate, now)
        waits = found.confirmed_at is None and not ended
        state = MandateState.WAITING if waits else MandateState.IN_FORCE if in_force else MandateState.ENDED
        over = found.end.value if found.end else None if in_force or waits else "grown_up"
        return WardRow(
            name=wardship.details.name,
            guardian=wardship.guardian_name,
            guarding=guarding,
            kind=found.kind.value,
            state=state.value,
            end=over,
            stage=stage_of(wardship.birthdate, now).value if in_force and wardship.birthdate else None,
            end_action=f"{WARDS}/{found.guardianship_id}/end" if guarding and (waits or in_force) else None,
        )


def _named(visit: Visit) -> str:
    return str(visit.scope["path_params"]["reference"])
