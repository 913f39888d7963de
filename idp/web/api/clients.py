"""`/api/admin/clients`: services, their metadata under registered names, their way into production."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from idp.domain.clients.client import Client
from idp.domain.offices.administration import Action
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.clients import ClientDesk, EnteredGates
from idp.web.api.gate import Gate
from idp.web.console.client_facts import stage_of


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RegisterRequest(_Sent):
    """A service and its metadata by registered names; no secret can be chosen."""

    client_id: str = Field(max_length=128)
    metadata: dict[str, Any]


class MetadataRequest(_Sent):
    """What changes, by registered names; null deletes."""

    metadata: dict[str, Any]


class GatesRequest(_Sent):
    """What is recorded of the way; empty where there is nothing yet."""

    purpose: str = Field("", max_length=500)
    agreement: str = Field("", max_length=200)
    agreement_date: str = Field("", max_length=10)
    security_level: int | None = None


class VerdictRequest(_Sent):
    """What came of the appraisal: passed or refused."""

    verdict: str = Field(max_length=16)


class TesterRequest(_Sent):
    """By what the tester signs in."""

    identifier: str = Field(max_length=320)


class SecretRequest(_Sent):
    """For how many days those before stay good."""

    overlap_days: int = 0


class SwitchRequest(_Sent):
    """Whether anybody may sign in there."""

    disabled: bool


class SecretAnswer(BaseModel):
    """Shown this once; null for a service that needs none."""

    client_secret: str | None


class ChangeAnswer(BaseModel):
    """The change that another administrator decides; null when it is in effect already."""

    change_id: str | None


class ServiceAnswer(BaseModel):
    """One service. `missing` names the gates that are shut, `onboarding` what is recorded of its way."""

    client_id: str
    stage: str
    metadata: dict[str, Any]
    minimum_level: int
    onboarding: dict[str, Any] | None
    missing: list[str]


class ServicesAnswer(BaseModel):
    """A page; `after` goes on, null at the end."""

    clients: list[ServiceAnswer]
    after: str | None


def clients_api(desk: ClientDesk, gate: Gate) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/clients", tags=["clients"])
    _add_reading(router, desk, gate)
    _add_metadata(router, desk, gate)
    _add_way(router, desk, gate)
    return router


def _add_reading(router: APIRouter, desk: ClientDesk, gate: Gate) -> None:
    Viewer = Annotated[Administrator, gate(Action.CLIENTS_VIEW)]  # noqa: N806 -- a type

    @router.get("")
    async def clients(admin: Viewer, q: str = "", after: str = "") -> ServicesAnswer:
        """A page of services by identifier; `q` is what an identifier begins with, or a part of a name."""
        found = await desk.listed(admin, q, after)
        return ServicesAnswer(clients=[_answer(client) for client in found.clients], after=found.after)

    @router.get("/one")
    async def client(admin: Viewer, client_id: str) -> ServiceAnswer:
        """One service."""
        return _answer(await desk.find(admin, client_id))


def _add_metadata(router: APIRouter, desk: ClientDesk, gate: Gate) -> None:
    Manager = Annotated[Administrator, gate(Action.CLIENTS_MANAGE)]  # noqa: N806 -- a type

    @router.post("")
    async def register_client(admin: Manager, asked: RegisterRequest) -> SecretAnswer:
        """Register a service that begins its way."""
        return SecretAnswer(client_secret=await desk.register(admin, asked.client_id, asked.metadata))

    @router.patch("/one")
    async def change_client(admin: Manager, client_id: str, asked: MetadataRequest) -> ChangeAnswer:
        """Change metadata: at once before production, by two administrators then."""
        change = await desk.change(admin, client_id, asked.metadata)
        return ChangeAnswer(change_id=change.change_id if change else None)

    @router.post("/one/secret")
    async def renew_secret(admin: Manager, client_id: str, asked: SecretRequest) -> SecretAnswer:
        """Make a new secret."""
        return SecretAnswer(client_secret=await desk.renew_secret(admin, client_id, asked.overlap_days))

    @router.post("/one/state", status_code=204)
    async def switch_client(admin: Manager, client_id: str, asked: SwitchRequest) -> None:
        """Disable or enable."""
        await desk.switch(admin, client_id, disabled=asked.disabled)


def _add_way(router: APIRouter, desk: ClientDesk, gate: Gate) -> None:
    Manager = Annotated[Administrator, gate(Action.CLIENTS_MANAGE)]  # noqa: N806 -- a type
    Asker = Annotated[Administrator, gate(Action.CLIENTS_ASK)]  # noqa: N806 -- a type

    @router.put("/one/gates", status_code=204)
    async def record_gates(admin: Manager, client_id: str, asked: GatesRequest) -> None:
        """Record agreement, security level and purpose."""
        level = "" if asked.security_level is None else str(asked.security_level)
        await desk.record_gates(admin, client_id, EnteredGates(**asked.model_dump() | {"security_level": level}))

    @router.post("/one/appraisal", status_code=204)
    async def start_appraisal(admin: Manager, client_id: str) -> None:
        """Begin an appraisal; it is to be decided within 30 days."""
        await desk.start_appraisal(admin, client_id)

    @router.post("/one/appraisal/verdict", status_code=204)
    async def decide_appraisal(admin: Manager, client_id: str, asked: VerdictRequest) -> None:
        """Say what came of it."""
        await desk.decide_appraisal(admin, client_id, asked.verdict)

    @router.post("/one/testers", status_code=204)
    async def add_tester(admin: Manager, client_id: str, asked: TesterRequest) -> None:
        """Let an account sign in before production."""
        await desk.add_tester(admin, client_id, asked.identifier)

    @router.delete("/one/testers/{account_id}", status_code=204)
    async def remove_tester(admin: Manager, client_id: str, account_id: str) -> None:
        """Let it sign in no more."""
        await desk.remove_tester(admin, client_id, account_id)

    @router.post("/one/production")
    async def ask_production(admin: Asker, client_id: str) -> ChangeAnswer:
        """Ask that the service goes into production."""
        return ChangeAnswer(change_id=(await desk.ask_production(admin, client_id)).change_id)


def _answer(client: Client) -> ServiceAnswer:
    way = client.onboarding
    return ServiceAnswer(
        client_id=client.client_id,
        stage=stage_of(client),
        metadata=dict(client.metadata),
        minimum_level=int(client.minimum_level),
        onboarding=None if way is None else way.document(),
        missing=[] if way is None else [gate.value for gate in way.missing()],
    )
