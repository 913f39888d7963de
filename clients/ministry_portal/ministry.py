"""What the ministry's routes share: the store, the settings, and who is looking."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from clients.ministry_portal.dossier_store import DossierStore
from clients.ministry_portal.settings import MinistrySettings
from clients.relying_party.application import SignedInVisitor, Visitor
from clients.relying_party.refusals import Refusal
from clients.relying_party.session_store import Session


@dataclass(frozen=True, slots=True)
class Ministry:
    settings: MinistrySettings
    dossiers: DossierStore


@dataclass(frozen=True, slots=True)
class Officer:
    session: Session
    agency_code: str
    agency_name: str
    position: str | None


def ministry_of(request: Request) -> Ministry:
    ministry: Ministry = request.app.state.ministry
    return ministry


MinistryParts = Annotated[Ministry, Depends(ministry_of)]


def officer(session: Visitor, ministry: MinistryParts) -> Officer:
    """Return the officer; a citizen's session, or one without an agency, is refused."""
    agency = session.claims.get("agency") if session is not None else None
    if session is None or session.client_id != ministry.settings.officers.client_id or not isinstance(agency, dict):
        raise Refusal("officer_sign_in_needed")
    code, name = agency.get("code"), agency.get("name")
    if not isinstance(code, str) or not code:
        raise Refusal("officer_sign_in_needed", "no agency in the claims")
    return Officer(session, code, name if isinstance(name, str) else code, session.claim("position"))


def personal_number(session: Session, ministry: Ministry) -> str | None:
    """Return the citizen's number, or None for an officer's session and for someone who did not release it."""
    return session.claim("personal_number") if session.client_id == ministry.settings.citizens.client_id else None


def citizen_number(session: SignedInVisitor, ministry: MinistryParts) -> str | None:
    return personal_number(session, ministry)


SignedInOfficer = Annotated[Officer, Depends(officer)]
CitizenNumber = Annotated[str | None, Depends(citizen_number)]
