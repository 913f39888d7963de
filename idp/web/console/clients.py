"""`/admin/clients`: services, what each may receive and why, its way into production, its secrets."""

from typing import Final
from urllib.parse import quote, urlencode

from idp.domain.clients.client import Client
from idp.domain.clients.onboarding import SECURITY_LEVELS
from idp.domain.offices.administration import Action
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.clients import OVERLAPS, ClientDesk, EnteredGates, is_late
from idp.journeys.administration.errors import InvalidEntryError
from idp.ports.clock import Clock
from idp.web.console.changes import PATH as CHANGES
from idp.web.console.client_facts import claim_rows, gate_facts, registered_facts, retiring_moments, stage_of
from idp.web.console.client_form import BASES, FIELDS, form_field, metadata_of, typed_of
from idp.web.console.frame import Frame
from idp.web.console.rooms import Room
from idp.web.pages.answer import Answer
from idp.web.pages.visit import Visit
from idp.web.views.console.clients import ClientFormPage, ClientPage, ClientRow, ClientsPage
from idp.web.views.console.common import Problem

PATH: Final = Room.CLIENTS.value.path
NEW: Final = f"{PATH}/new"
NOTICES: Final = frozenset({"saved", "tester_added", "tester_removed", "disabled", "enabled", "appraisal"})
_GATES: Final = ("purpose", "agreement", "agreement_date", "security_level")


class ClientPages:
    """Lists services, shows one, and takes its steps."""

    def __init__(self, desk: ClientDesk, clock: Clock, frame: Frame) -> None:
        self._desk = desk
        self._clock = clock
        self._frame = frame

    async def listed(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/clients`: `q` is what an identifier begins with, or a part of a name."""
        words = visit.query.get("q", "")
        found = await self._desk.listed(admin, words, visit.query.get("after", ""))
        more = {"q": words, "after": found.after} if words else {"after": found.after}
        page = ClientsPage(
            **self._frame.common(visit, admin, Room.CLIENTS),
            action=PATH,
            words=words,
            rows=tuple(self._row(client) for client in found.clients),
            next_href=f"?{urlencode(more)}" if found.after else None,
            new_href=NEW if admin.may(Action.CLIENTS_MANAGE) else None,
        )
        return self._frame.desk.page(visit, page)

    async def show(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/clients/{client_id}`."""
        return await self._draw(visit, admin)

    async def step(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/clients/{client_id}`: `step` says which."""
        fields = await visit.form()
        typed = {name: fields.get(name, "") for name in (*_GATES, "identifier", "verdict", "tester", "overlap")}
        step = fields.get("step", "")
        try:
            if step == "production":
                change = await self._desk.ask_production(admin, visit.parameter("client_id"))
                return self._frame.desk.redirect(visit, f"{CHANGES}/{change.change_id}?notice=asked")
            if step == "secret":
                days = next((each for each in OVERLAPS if str(each) == typed["overlap"]), -1)
                secret = await self._desk.renew_secret(admin, visit.parameter("client_id"), days)
                return await self._draw(visit, admin, secret=secret)
            notice = await self._take(admin, visit.parameter("client_id"), step, typed)
        except InvalidEntryError as refused:
            return await self._draw(visit, admin, typed, Problem(refused.field, refused.reason))
        return self._frame.desk.redirect(visit, f"{_place(visit.parameter('client_id'))}?notice={notice}")

    async def new(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/clients/new`."""
        typed = dict.fromkeys(FIELDS, "") | {"scope": "openid", "client_id": "", "audience": "citizen"}
        return self._form(visit, admin, None, typed)

    async def register(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/clients/new`: the answer shows the secret, this once."""
        fields = await visit.form()
        typed = {name: fields.get(name, "") for name in (*FIELDS, "client_id")}
        try:
            secret = await self._desk.register(admin, typed["client_id"], _told(metadata_of(typed)))
        except InvalidEntryError as refused:
            return self._form(visit, admin, None, typed, Problem(form_field(refused.field), refused.reason))
        return await self._draw(visit, admin, secret=secret, client_id=typed["client_id"])

    async def edit(self, visit: Visit, admin: Administrator) -> Answer:
        """GET `/admin/clients/{client_id}/change`."""
        client = await self._desk.find(admin, visit.parameter("client_id"))
        return self._form(visit, admin, client, typed_of(client))

    async def change(self, visit: Visit, admin: Administrator) -> Answer:
        """POST `/admin/clients/{client_id}/change`: at once, or asked of another administrator."""
        fields = await visit.form()
        client = await self._desk.find(admin, visit.parameter("client_id"))
        typed = {name: fields.get(name, "") for name in FIELDS}
        try:
            change = await self._desk.change(admin, client.client_id, metadata_of(typed))
        except InvalidEntryError as refused:
            return self._form(visit, admin, client, typed, Problem(form_field(refused.field), refused.reason))
        place = f"{CHANGES}/{change.change_id}?notice=asked" if change else f"{_place(client.client_id)}?notice=saved"
        return self._frame.desk.redirect(visit, place)

    async def _take(self, admin: Administrator, client_id: str, step: str, typed: dict[str, str]) -> str:
        """Take one step; what is said of it afterwards."""
        match step:
            case "gates":
                await self._desk.record_gates(admin, client_id, EnteredGates(**{name: typed[name] for name in _GATES}))
                return "saved"
            case "appraisal":
                await self._desk.start_appraisal(admin, client_id)
                return "appraisal"
            case "verdict":
                await self._desk.decide_appraisal(admin, client_id, typed["verdict"])
                return "saved"
            case "tester":
                await self._desk.add_tester(admin, client_id, typed["identifier"])
                return "tester_added"
            case "remove_tester":
                await self._desk.remove_tester(admin, client_id, typed["tester"])
                return "tester_removed"
            case "disable" | "enable":
                await self._desk.switch(admin, client_id, disabled=step == "disable")
                return f"{step}d"
            case _:
                raise InvalidEntryError("step", "missing")

    async def _draw(
        self,
        visit: Visit,
        admin: Administrator,
        typed: dict[str, str] | None = None,
        problem: Problem | None = None,
        *,
        secret: str | None = None,
        client_id: str | None = None,
    ) -> Answer:
        client = await self._desk.find(admin, client_id or visit.parameter("client_id"))
        now, notice = self._clock.now(), visit.query.get("notice")
        gates, may_manage = gate_facts(client, now), admin.may(Action.CLIENTS_MANAGE)
        recorded = {
            "purpose": gates.purpose,
            "agreement": gates.agreement,
            "agreement_date": gates.agreement_date,
            "security_level": str(gates.security_level or ""),
            "identifier": "",
        }
        page = ClientPage(
            **self._frame.common(visit, admin, Room.CLIENTS),
            problem=problem,
            notice=notice if notice in NOTICES and problem is None and secret is None else None,
            action=_place(client.client_id),
            client_id=client.client_id,
            name=client.name_in(visit.locale),
            stage=stage_of(client),
            disabled=client.disabled,
            registered=registered_facts(client),
            scopes=tuple(sorted(client.scopes)),
            claims=claim_rows(client, visit.locale),
            gates=gates,
            typed=recorded | (typed or {}),
            levels=tuple(map(str, SECURITY_LEVELS)),
            overlaps=tuple((str(days), str(days)) for days in OVERLAPS),
            change_href=f"{_place(client.client_id)}/change" if may_manage else None,
            may_manage=may_manage,
            may_ask_production=admin.may(Action.CLIENTS_ASK) and not client.is_in_production,
            has_secret=bool(client.secret_hashes),
            retiring=retiring_moments(client, now),
            secret=secret,
        )
        return self._frame.desk.page(visit, page, 422 if problem else 200)

    def _form(
        self,
        visit: Visit,
        admin: Administrator,
        client: Client | None,
        typed: dict[str, str],
        problem: Problem | None = None,
    ) -> Answer:
        place = _place(client.client_id) if client else PATH
        page = ClientFormPage(
            **self._frame.common(visit, admin, Room.CLIENTS),
            problem=problem,
            action=f"{place}/change" if client else NEW,
            client_id=client.client_id if client else None,
            typed=typed,
            back_href=place,
            in_production=client is not None and client.is_in_production,
            bases=BASES,
        )
        return self._frame.desk.page(visit, page, 422 if problem else 200)

    def _row(self, client: Client) -> ClientRow:
        return ClientRow(
            href=_place(client.client_id),
            client_id=client.client_id,
            name=client.name_in("vi"),
            stage=stage_of(client),
            minimum_level=int(client.minimum_level),
            late=is_late(client, self._clock.now()),
        )


def _place(client_id: str) -> str:
    return f"{PATH}/{quote(client_id, safe='')}"


def _told(metadata: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in metadata.items() if value is not None}
