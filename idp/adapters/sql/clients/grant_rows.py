"""A grant and its row."""

from typing import Any

import msgspec

from idp.adapters.sql.tables.main import grants
from idp.adapters.sql.unit_of_work import Row
from idp.domain.grants.confirmation import Confirmation
from idp.domain.grants.grant import Grant, RefreshHashes
from idp.domain.ids import AccountId, ClientId, GrantId, Seconds, SessionId, TokenHash

GRANT_COLUMNS = (
    grants.c.grant_id,
    grants.c.client_id,
    grants.c.account_id,
    grants.c.session_id,
    grants.c.created_at,
    grants.c.expires_at,
    grants.c.offline,
    grants.c.family_hash,
    grants.c.turn_hash,
    grants.c.generation,
    grants.c.revoked_at,
    grants.c.details,
)


class _Details(msgspec.Struct, omit_defaults=True):
    """What is read with the grant and never searched for."""

    scopes: tuple[str, ...]
    authenticated_at: int
    acr: str
    amr: tuple[str, ...]
    resources: tuple[str, ...] = ()
    claims: dict[str, Any] = {}
    authorization_details: tuple[dict[str, Any], ...] = ()
    confirmation: Confirmation | None = None
    actor: dict[str, Any] | None = None
    principal: str | None = None
    listed: tuple[str, ...] | None = None


_details = msgspec.json.Decoder(_Details)


def grant_values(grant: Grant) -> dict[str, object]:
    """The row of a new grant."""
    details = _Details(
        scopes=grant.scopes,
        authenticated_at=grant.authenticated_at,
        acr=grant.acr,
        amr=grant.amr,
        resources=grant.resources,
        claims=grant.claims,
        authorization_details=grant.authorization_details,
        confirmation=grant.confirmation,
        actor=grant.actor,
        principal=grant.principal,
        listed=grant.listed,
    )
    return {
        "grant_id": grant.grant_id,
        "client_id": grant.client_id,
        "account_id": grant.account_id,
        "session_id": grant.session_id,
        # Who signs in within the second of an ending stands on a moment to come: the row says nothing older than that.
        "created_at": max(grant.created_at, grant.stands_on),
        "expires_at": grant.expires_at,
        "offline": int(grant.offline),
        "family_hash": grant.refresh.family if grant.refresh else None,
        "turn_hash": grant.refresh.turn if grant.refresh else None,
        "generation": grant.generation,
        "details": msgspec.json.encode(details),
    }


def read_grant(row: Row) -> Grant:
    """The grant in a row of `GRANT_COLUMNS`."""
    grant_id, client_id, account_id, session_id, created_at, expires_at, offline, *rest = row
    family_hash, turn_hash, generation, revoked_at, document = rest
    details = _details.decode(document)
    return Grant(
        grant_id=GrantId(grant_id),
        client_id=ClientId(client_id),
        account_id=AccountId(account_id),
        session_id=SessionId(session_id),
        scopes=details.scopes,
        created_at=Seconds(created_at),
        expires_at=Seconds(expires_at),
        authenticated_at=Seconds(details.authenticated_at),
        acr=details.acr,
        amr=details.amr,
        offline=bool(offline),
        resources=details.resources,
        claims=details.claims,
        refresh=RefreshHashes(TokenHash(family_hash), TokenHash(turn_hash)) if family_hash else None,
        generation=generation,
        revoked_at=None if revoked_at is None else Seconds(revoked_at),
        authorization_details=details.authorization_details,
        confirmation=details.confirmation,
        actor=details.actor,
        principal=details.principal,
        listed=details.listed,
    )
