"""`/api/admin/keys`: the provider's keys, and changes asked for."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from idp.domain.offices.administration import Action
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.keys import KeyDesk
from idp.web.api.answers import AskedChange
from idp.web.api.gate import Gate


class Key(BaseModel):
    """One key that is not gone; moments in seconds since 1970."""

    key_id: str
    purpose: str
    algorithm: str
    state: str
    created_at: int
    state_since: int
    rotates_at: int | None


class KeyChange(BaseModel):
    """What is asked: to rotate the keys of a subject (`signing:ES256`, `encryption:`) or to retire one key."""

    change: Literal["rotate", "retire"]
    subject: str = Field(max_length=128)


def keys_api(desk: KeyDesk, gate: Gate) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/keys", tags=["keys"])

    @router.get("")
    async def list_keys(admin: Annotated[Administrator, gate(Action.KEYS_VIEW)]) -> list[Key]:
        """Every key, by purpose, oldest first."""
        return [
            Key(
                key_id=key.key_id,
                purpose=key.purpose.value,
                algorithm=key.algorithm,
                state=key.state,
                created_at=key.created_at,
                state_since=key.state_since,
                rotates_at=key.rotates_at,
            )
            for key in await desk.listed(admin)
        ]

    @router.post("", status_code=202)
    async def ask_key_change(admin: Annotated[Administrator, gate(Action.KEYS_ASK)], asked: KeyChange) -> AskedChange:
        """Ask for a rotation, or that a published key is believed no more."""
        ask = desk.ask_rotation if asked.change == "rotate" else desk.ask_retirement
        return AskedChange(change_id=(await ask(admin, asked.subject)).change_id)

    return router
