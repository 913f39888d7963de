"""Ending the grants that were given in somebody else's name, and telling their clients."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import bindparam, select, update

from idp.adapters.sql.clients.grant_rows import GRANT_COLUMNS, read_grant
from idp.adapters.sql.clients.grants import account_lock
from idp.adapters.sql.clients.logout_queue import queue_for_grants
from idp.adapters.sql.tables.main import accounts, grants
from idp.adapters.sql.unit_of_work import All, Append, Lock, One, Row, Run, UnitOfWork
from idp.domain.accounts.account import AccountKind
from idp.domain.events import (
    Event,
    GrantRevoked,
    GuardianshipEnded,
    MandateEnded,
    OrganisationDissolved,
    Origin,
)
from idp.domain.grants.grant import Grant, RevocationReason
from idp.domain.ids import AccountId, ClientId, PersonId, Seconds
from idp.domain.representation.principal import Principal
from idp.ports.clock import Entropy

_REASON = RevocationReason.AUTHORITY_ENDED

_CITIZEN = select(accounts.c.account_id).where(
    accounts.c.person_id == bindparam("person_id"), accounts.c.kind == AccountKind.CITIZEN.value
)
_LIVE = select(*GRANT_COLUMNS).where(
    grants.c.account_id == bindparam("account_id"),
    grants.c.started_at.is_not(None),
    grants.c.revoked_at.is_(None),
    grants.c.expires_at > bindparam("now"),
)
_REVOKE = (
    update(grants)
    .where(grants.c.grant_id == bindparam("grant_id"), grants.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"), revocation_reason=bindparam("reason"))
)


def end_grants_of_person(
    person_id: PersonId,
    principal: Principal,
    services: Iterable[ClientId] | None,
    now: Seconds,
    origin: Origin,
    entropy: Entropy,
) -> UnitOfWork[tuple[ClientId, ...]]:
    """End what a person's account was granted for `principal`, at all services or some; the clients that are told."""
    row: Row | None = yield One(_CITIZEN, {"person_id": person_id})
    if row is None:
        return ()
    account_id = AccountId(row[0])
    yield Lock((account_lock(account_id),))
    rows: list[Row] = yield All(_LIVE, {"account_id": account_id, "now": now})
    named = None if services is None else frozenset(services)
    ended = [
        grant
        for grant in map(read_grant, rows)
        if grant.principal == str(principal) and (named is None or grant.client_id in named)
    ]
    return (yield from end_grants(ended, now, origin, entropy))


def end_grants(
    ended: Iterable[Grant], now: Seconds, origin: Origin, entropy: Entropy
) -> UnitOfWork[tuple[ClientId, ...]]:
    """End these grants, each with its event; the clients that are told."""
    live = tuple(ended)
    told = yield from queue_for_grants(live, now, entropy)
    for grant in live:
        yield Run(_REVOKE, {"grant_id": grant.grant_id, "now": now, "reason": _REASON.value})
        yield Append(
            GrantRevoked(
                origin=origin,
                grant_id=grant.grant_id,
                reason=_REASON,
                client_id=grant.client_id,
                account_id=grant.account_id,
            )
        )
    return told


def with_notified(event: Event, told: int) -> Event:
    """The event of an end, with how many clients are told of it."""
    ends = MandateEnded | GuardianshipEnded | OrganisationDissolved
    return replace(event, notified=told) if isinstance(event, ends) else event
