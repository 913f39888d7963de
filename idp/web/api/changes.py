"""`/api/admin/changes`: what was asked, and the second pair of eyes."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from idp.domain.offices.administration import Action
from idp.domain.offices.change_request import ChangeRequest
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.four_eyes import PAGE, FourEyes
from idp.journeys.administration.safety_review import SafetyReview, SafetyReviews
from idp.web.api.gate import Gate


class ListedChange(BaseModel):
    """A change that somebody asked for, without what would happen: that is shown of one at a time.

    `digest` is what a decision has to name.
    """

    change_id: str
    kind: str
    subject: str
    state: str
    digest: str
    agency: str = Field(description="Of the administrator who asked.")
    asked_by: str
    asked_at: int = Field(description="Seconds since 1970.")
    expires_at: int
    decided_by: str | None
    decided_at: int | None


class Happened(BaseModel):
    """One event of an account, by its name in the audit trail."""

    at: int = Field(description="Seconds since 1970.")
    event: str


class Safety(BaseModel):
    """What happened to the account that a change is about."""

    taken_over_at: int | None = Field(description="A takeover or recovery of the last seven days.")
    outdated: bool = Field(description="An approval would be refused: post or holder changed since it was asked for.")
    happened: list[Happened] = Field(description="Of the last 30 days, the latest first.")


class Change(ListedChange):
    """A change with what would happen."""

    asked: dict[str, Any] = Field(description="What would happen.")
    safety: Safety | None = Field(description="Of requests for roles, while they wait.")


class Changes(BaseModel):
    """A page, the newest first; `next` is the key of the following one."""

    changes: list[ListedChange]
    next: str | None


class ChangeDecision(BaseModel):
    """What is decided, about exactly what was shown."""

    decision: Literal["approve", "refuse", "withdraw", "finish"]
    digest: str = ""


def changes_api(four_eyes: FourEyes, reviews: SafetyReviews, gate: Gate) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/changes", tags=["changes"])
    Viewer = Annotated[Administrator, gate(Action.CHANGES_VIEW)]  # noqa: N806 -- a type

    @router.get("")
    async def list_changes(
        admin: Viewer, *, decided: bool = False, after: Annotated[str, Query(max_length=64)] = ""
    ) -> Changes:
        """The changes that wait, or those that were decided."""
        found = await four_eyes.listed(admin, decided=decided, before=after)
        return Changes(
            changes=[ListedChange(**_facts(change)) for change in found],
            next=found[-1].change_id if len(found) == PAGE else None,
        )

    @router.get("/{change_id}")
    async def show_change(admin: Viewer, change_id: str) -> Change:
        """One change."""
        return await _told(reviews, await four_eyes.show(admin, change_id))

    @router.post("/{change_id}")
    async def decide_change(admin: Viewer, change_id: str, decision: ChangeDecision) -> Change:
        """Approve, refuse or withdraw a change, or let an approved one take effect that was interrupted."""
        match decision.decision:
            case "approve":
                await four_eyes.approve(admin, change_id, decision.digest)
            case "refuse":
                await four_eyes.refuse(admin, change_id, decision.digest)
            case "withdraw":
                await four_eyes.withdraw(admin, change_id)
            case "finish":
                await four_eyes.finish(admin, change_id)
        return await _told(reviews, await four_eyes.show(admin, change_id))

    return router


async def _told(reviews: SafetyReviews, change: ChangeRequest) -> Change:
    review = await reviews.of_change(change)
    return Change(**_facts(change), asked=change.payload, safety=None if review is None else _safety(review))


def _safety(review: SafetyReview) -> Safety:
    return Safety(
        taken_over_at=review.taken_over_at,
        outdated=review.outdated,
        happened=[Happened(at=event.at, event=event.name) for event in review.happened],
    )


def _facts(change: ChangeRequest) -> dict[str, Any]:
    return {
        "change_id": change.change_id,
        "kind": change.kind,
        "subject": change.subject,
        "state": change.state.value,
        "digest": change.digest,
        "agency": change.agency_code,
        "asked_by": change.asked_by,
        "asked_at": change.asked_at,
        "expires_at": change.expires_at,
        "decided_by": change.decided_by,
        "decided_at": change.decided_at,
    }
