"""Consents on SQL: one row in force for each account and client, and the evidence of every decision."""

import msgspec
from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.database import Database
from idp.adapters.sql.grants import account_lock, revoke_of_client
from idp.adapters.sql.logout_queue import queue_for_client
from idp.adapters.sql.tables import consent_evidence, consents
from idp.adapters.sql.unit_of_work import All, Append, Lock, One, Row, Run, UnitOfWork
from idp.domain.events import Event
from idp.domain.grant import Consent, ConsentDecision, RevocationReason
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.ports.clock import Entropy

_row = consents.c
_KEY = (_row.account_id == bindparam("account_id"), _row.client_id == bindparam("client_id"))
_GET = select(_row.account_id, _row.client_id, _row.scopes, _row.claims, _row.given_at).where(*_KEY)
_OF_ACCOUNT = (
    select(_row.account_id, _row.client_id, _row.scopes, _row.claims, _row.given_at)
    .where(_row.account_id == bindparam("account_id"))
    .order_by(_row.given_at.desc(), _row.client_id)
)
_new = upsert(consents)
_RECORD = _new.on_conflict_do_update(
    index_elements=["account_id", "client_id"],
    set_={"scopes": _new.excluded.scopes, "claims": _new.excluded.claims, "given_at": _new.excluded.given_at},
)
_WITHDRAW = delete(consents).where(*_KEY).returning(_row.scopes, _row.claims)
_EVIDENCE = insert(consent_evidence)

_names = msgspec.json.Decoder(frozenset[str])


class SqlConsents:
    """Implements `Consents`."""

    def __init__(self, database: Database, entropy: Entropy) -> None:
        self._database = database
        self._entropy = entropy

    async def get(self, account_id: AccountId, client_id: ClientId) -> Consent | None:
        return await self._database.run_read(_get(One(_GET, {"account_id": account_id, "client_id": client_id})))

    async def of_account(self, account_id: AccountId) -> tuple[Consent, ...]:
        return await self._database.run_read(_of_account(account_id))

    async def record(self, consent: Consent, event: Event) -> None:
        await self._database.write(_record(consent, self._entropy), [event])

    async def withdraw(self, account_id: AccountId, client_id: ClientId, now: Seconds, event: Event) -> bool:
        return await self._database.write(_withdraw(account_id, client_id, now, event, self._entropy))


def _get(request: One) -> UnitOfWork[Consent | None]:
    row: Row | None = yield request
    return None if row is None else _read(row)


def _of_account(account_id: AccountId) -> UnitOfWork[tuple[Consent, ...]]:
    rows: list[Row] = yield All(_OF_ACCOUNT, {"account_id": account_id})
    return tuple(_read(row) for row in rows)


def _record(consent: Consent, entropy: Entropy) -> UnitOfWork[None]:
    """Unite with what is in force; the evidence tells what this one decision was about."""
    scopes, claims = consent.scopes, consent.claims
    key = {"account_id": consent.account_id, "client_id": consent.client_id}
    yield Lock((account_lock(consent.account_id),))
    before = yield from _get(One(_GET, key))
    if before is not None:
        scopes, claims = scopes | before.scopes, claims | before.claims
    values = {"scopes": _listed(scopes), "claims": _listed(claims), "given_at": consent.given_at}
    yield Run(_RECORD, {**key, **values})
    told = (_listed(consent.scopes), _listed(consent.claims))
    yield Run(_EVIDENCE, _evidence(key, told, ConsentDecision.GIVEN, consent.given_at, entropy))


def _withdraw(
    account_id: AccountId, client_id: ClientId, now: Seconds, event: Event, entropy: Entropy
) -> UnitOfWork[bool]:
    key = {"account_id": account_id, "client_id": client_id}
    yield Lock((account_lock(account_id),))
    row: Row | None = yield One(_WITHDRAW, key)
    if row is None:
        return False
    yield Run(_EVIDENCE, _evidence(key, row, ConsentDecision.WITHDRAWN, now, entropy))
    yield from queue_for_client(account_id, client_id, now, entropy)
    yield from revoke_of_client(account_id, client_id, RevocationReason.CONSENT_WITHDRAWN, now)
    yield Append(event)
    return True


def _evidence(
    key: dict[str, str], told: Row, decision: ConsentDecision, now: Seconds, entropy: Entropy
) -> dict[str, object]:
    scopes, claims = told
    return {
        "evidence_id": entropy.identifier(),
        **key,
        "at": now,
        "decision": decision.value,
        "scopes": scopes,
        "claims": claims,
    }


def _listed(names: frozenset[str]) -> str:
    return msgspec.json.encode(sorted(names)).decode()


def _read(row: Row) -> Consent:
    account_id, client_id, scopes, claims, given_at = row
    return Consent(
        AccountId(account_id), ClientId(client_id), _names.decode(scopes), _names.decode(claims), Seconds(given_at)
    )
