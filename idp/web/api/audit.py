"""`/api/admin/audit`: the audit trail, searched."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from idp.domain.audit.audit_query import AuditQuery, event_fields
from idp.domain.offices.administration import Action
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.audit_search import AuditSearch
from idp.web.api.gate import Gate


class AuditSearchRequest(BaseModel):
    """What is searched for; the search goes back in time from `before`, or from the newest record."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("", max_length=128, description="How the event's name begins.")
    fields: dict[str, Annotated[str, Field(max_length=128)]] = Field(default_factory=dict, max_length=8)
    since: int | None = Field(None, description="Milliseconds since 1970.")
    until: int | None = None
    stream: str = Field("", max_length=64)
    before: int | None = Field(None, ge=0, le=2**62)


class AuditEntry(BaseModel):
    """One record; `digest` chains it to the one before (hexadecimal)."""

    sequence: int
    at: int
    name: str
    event: dict[str, Any]
    digest: str


class AuditEntries(BaseModel):
    """A page, the newest first; `before` goes on, null at the beginning of the trail."""

    stream: str
    streams: list[str]
    records: list[AuditEntry]
    before: int | None
    looked_back_to: int | None


def audit_api(search: AuditSearch, gate: Gate) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/audit", tags=["audit"])
    Searcher = Annotated[Administrator, gate(Action.AUDIT_SEARCH)]  # noqa: N806 -- a type

    @router.post("/search")
    async def search_audit(admin: Searcher, asked: AuditSearchRequest) -> AuditEntries:
        """Records of one stream, the newest first, a bounded stretch of the trail at a time."""
        query = AuditQuery(name=asked.name, fields=tuple(asked.fields.items()), since=asked.since, until=asked.until)
        found = await search.find(admin, query, asked.stream, asked.before)
        records = [
            AuditEntry(
                sequence=record.sequence,
                at=record.at_milliseconds,
                name=record.name,
                event=event_fields(record),
                digest=record.digest.hex(),
            )
            for record in found.records
        ]
        return AuditEntries(
            stream=found.stream,
            streams=list(found.streams),
            records=records,
            before=found.before,
            looked_back_to=found.looked_back_to,
        )

    return router
