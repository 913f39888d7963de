"""The ministry's dossier API, called with the citizen's access token for that audience (RFC 8707)."""

import re
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter, ValidationError

from clients.national_portal.dossier import DOSSIERS, PROCEDURES, Dossier, Named
from clients.national_portal.settings import PortalSettings
from clients.relying_party.assurance import StepUp, demanded_step_up
from clients.relying_party.refusals import Refusal
from clients.relying_party.session_store import Session
from clients.relying_party.session_tokens import SessionTokens

CODE = re.compile(r"[A-Z0-9.-]{8,64}")
DOSSIER = TypeAdapter(Dossier)
Parsed = TypeVar("Parsed")


class StepUpDemanded(Exception):
    """The ministry wants the person to sign in again, as `step_up` says, before it does this."""

    def __init__(self, step_up: StepUp) -> None:
        super().__init__(step_up.acr)
        self.step_up = step_up


class MinistryClient:
    """Every method raises Refusal `service_unavailable` when the ministry does not answer as it should."""

    def __init__(self, settings: PortalSettings, http: httpx.AsyncClient, tokens: SessionTokens) -> None:
        self._url = f"{settings.ministry_url}/api"
        self._audience = settings.ministry_audience
        self._http = http
        self._tokens = tokens

    async def procedures(self) -> list[Named]:
        return _parsed(PROCEDURES, await self._send("GET", "/procedures"))

    async def file(self, session: Session, idempotency_key: str, *, procedure: str, content: str) -> Dossier:
        """File a dossier for this person; sent again with the same key, it is the same dossier.

        Raises StepUpDemanded when the sign-in is too weak or too old for that.
        """
        body = {
            "procedure": procedure,
            "content": content,
            "applicant": {"name": session.name, "personal_number": session.claim("personal_number")},
        }
        headers = {"Idempotency-Key": idempotency_key}
        response = await self._send_for(session, "POST", "/dossiers", json=body, headers=headers)
        demand = demanded_step_up(response.headers.get_list("www-authenticate"))
        if response.status_code == httpx.codes.UNAUTHORIZED and demand is not None:
            raise StepUpDemanded(demand)
        if response.status_code == httpx.codes.CONFLICT:
            raise Refusal("changed_meanwhile", "the same form was sent with another content")
        return _parsed(DOSSIER, response)

    async def dossiers(self, session: Session) -> list[Dossier]:
        return _parsed(DOSSIERS, await self._send_for(session, "GET", "/dossiers"))

    async def dossier(self, session: Session, code: str) -> Dossier:
        """Return one dossier of this person; raises Refusal `not_found`."""
        if not CODE.fullmatch(code):
            raise Refusal("not_found", "not a dossier code")
        response = await self._send_for(session, "GET", f"/dossiers/{quote(code)}")
        if response.status_code == httpx.codes.NOT_FOUND:
            raise Refusal("not_found", "no such dossier of this person")
        return _parsed(DOSSIER, response)

    async def _send_for(
        self,
        session: Session,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Mapping[str, object] | None = None,
    ) -> httpx.Response:
        access_token = await self._tokens.access_token(session, self._audience)
        return await self._send(method, path, {**(headers or {}), "Authorization": f"Bearer {access_token}"}, json)

    async def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        json: Mapping[str, object] | None = None,
    ) -> httpx.Response:
        try:
            return await self._http.request(method, f"{self._url}{path}", headers=headers, json=json)
        except httpx.HTTPError as error:
            raise Refusal("service_unavailable", f"ministry: {type(error).__name__}") from error


def _parsed(adapter: TypeAdapter[Parsed], response: httpx.Response) -> Parsed:
    if not response.is_success:
        raise Refusal("service_unavailable", f"ministry answered {response.status_code}")
    try:
        return adapter.validate_json(response.content)
    except ValidationError as error:
        raise Refusal("service_unavailable", "ministry answered something else") from error
