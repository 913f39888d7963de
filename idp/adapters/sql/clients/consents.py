"""Consents on SQL: one row in force for each account and client, and the evidence of every decision."""

from typing import Final

import msgspec
from sqlalchemy import bindparam, case, delete, exists, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.clients.grants import account_lock, revoke_of_client
from idp.adapters.sql.clients.logout_queue import queue_for_client
from idp.adapters.sql.clients.releases import TERMS
from idp.adapters.sql.database import Database
from idp.adapters.sql.tables.consents import consent_evidence, consents
from idp.adapters.sql.unit_of_work import All, Append, Lock, One, Row, Run, UnitOfWork
from idp.domain.clients.claims_policy import NOTHING_LISTED, ClaimsPolicy
from idp.domain.events import Event
from idp.domain.grants.grant import Consent, ConsentDecision, ConsentEvidence, RevocationReason
from idp.domain.ids import AccountId, ClientId, Seconds
from idp.ports.clock import Entropy

_row, _evidence_row = consents.c, consent_evidence.c
_KEY = (_row.account_id == bindparam("account_id"), _row.client_id == bindparam("client_id"))
_COLUMNS = (
    *(_row.account_id, _row.client_id, _row.scopes, _row.claims),
    *(_row.given_at, _row.terms, _row.consent_id, _row.told),
)
_GET = select(*_COLUMNS).where(*_KEY)
# A node of the release before knows nothing of `told`: what it leaves there is of the decision before its own.
_list_was_kept = ~exists().where(
    _evidence_row.account_id == _row.account_id,
    _evidence_row.client_id == _row.client_id,
    _evidence_row.at == _row.given_at,
    _evidence_row.decision == ConsentDecision.GIVEN.value,
    _evidence_row.told.is_(None),
)
_GET_TO_CHANGE = select(*_COLUMNS[:-1], case((_list_was_kept, _row.told))).where(*_KEY)
_OF_ACCOUNT = (
    select(*_COLUMNS).where(_row.account_id == bindparam("account_id")).order_by(_row.given_at.desc(), _row.client_id)
)
_new = upsert(consents)
_RECORD = _new.on_conflict_do_update(
    index_elements=["account_id", "client_id"],
    set_={name: _new.excluded[name] for name in ("scopes", "claims", "given_at", "terms", "told")},
)
_WITHDRAW = delete(consents).where(*_KEY)
_EVIDENCE = insert(consent_evidence)
_EVIDENCE_COLUMNS = (
    *(_evidence_row.evidence_id, _evidence_row.account_id, _evidence_row.client_id, _evidence_row.at),
    *(_evidence_row.decision, _evidence_row.scopes, _evidence_row.claims, _evidence_row.terms, _evidence_row.told),
)
_OF_THIS_ACCOUNT = _evidence_row.account_id == bindparam("account_id")
_DECISIONS = (
    select(*_EVIDENCE_COLUMNS)
    .where(_OF_THIS_ACCOUNT, _evidence_row.evidence_id < bindparam("before"))
    .order_by(_evidence_row.evidence_id.desc())
    .limit(bindparam("most"))
)
_DECISION = select(*_EVIDENCE_COLUMNS).where(_OF_THIS_ACCOUNT, _evidence_row.evidence_id == bindparam("evidence_id"))
_BEHIND_ALL: Final = "~"

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

    async def agreed_terms(self, consent: Consent) -> ClaimsPolicy:
        if consent.terms is None:
            return NOTHING_LISTED
        asked = One(TERMS, {"client_id": consent.client_id, "version": consent.terms})
        return await self._database.run_read(_terms(asked))

    async def decisions(self, account_id: AccountId, after: str, limit: int) -> tuple[ConsentEvidence, ...]:
        place = {"account_id": account_id, "before": after or _BEHIND_ALL, "most": limit}
        return await self._database.run_read(_decisions(All(_DECISIONS, place)))

    async def decision(self, account_id: AccountId, evidence_id: str) -> ConsentEvidence | None:
        asked = All(_DECISION, {"account_id": account_id, "evidence_id": evidence_id})
        return next(iter(await self._database.run_read(_decisions(asked))), None)

    async def record(self, consent: Consent, event: Event) -> str:
        return await self._database.write(_record(consent, self._entropy), [event])

    async def withdraw(self, account_id: AccountId, client_id: ClientId, now: Seconds, event: Event) -> bool:
        return await self._database.write(_withdraw(account_id, client_id, now, event, self._entropy))


def _get(request: One) -> UnitOfWork[Consent | None]:
    row: Row | None = yield request
    return None if row is None else _read(row)


def _of_account(account_id: AccountId) -> UnitOfWork[tuple[Consent, ...]]:
    rows: list[Row] = yield All(_OF_ACCOUNT, {"account_id": account_id})
    return tuple(_read(row) for row in rows)


def _record(consent: Consent, entropy: Entropy) -> UnitOfWork[str]:
    """Unite with what is in force; the evidence tells what this one decision was about.

    A consent is named by the evidence of the decision that it began with, until it is withdrawn.
    """
    scopes, claims, told = consent.scopes, consent.claims, consent.told
    key = {"account_id": consent.account_id, "client_id": consent.client_id}
    yield Lock((account_lock(consent.account_id),))
    before = yield from _get(One(_GET_TO_CHANGE, key))
    if before is not None and before.terms == consent.terms:
        scopes, claims = scopes | before.scopes, claims | before.claims
        told = None if told is None or before.told is None else told | before.told
    evidence = _evidence(consent, ConsentDecision.GIVEN, consent.given_at, entropy)
    consent_id = str(evidence["evidence_id"]) if before is None else before.consent_id
    values = {"scopes": _listed(scopes), "claims": _listed(claims), "given_at": consent.given_at}
    values |= {"terms": consent.terms, "told": _listed_if_known(told), "consent_id": consent_id}
    yield Run(_RECORD, key | values)
    yield Run(_EVIDENCE, evidence)
    return consent_id


def _withdraw(
    account_id: AccountId, client_id: ClientId, now: Seconds, event: Event, entropy: Entropy
) -> UnitOfWork[bool]:
    key = {"account_id": account_id, "client_id": client_id}
    yield Lock((account_lock(account_id),))
    before = yield from _get(One(_GET_TO_CHANGE, key))
    if before is None:
        return False
    yield Run(_WITHDRAW, key)
    yield Run(_EVIDENCE, _evidence(before, ConsentDecision.WITHDRAWN, now, entropy))
    yield from queue_for_client(account_id, client_id, now, entropy)
    yield from revoke_of_client(account_id, client_id, RevocationReason.CONSENT_WITHDRAWN, now)
    yield Append(event)
    return True


def _evidence(consent: Consent, decision: ConsentDecision, now: Seconds, entropy: Entropy) -> dict[str, object]:
    return {
        "evidence_id": entropy.identifier(),
        "account_id": consent.account_id,
        "client_id": consent.client_id,
        "at": now,
        "decision": decision.value,
        "scopes": _listed(consent.scopes),
        "claims": _listed(consent.claims),
        "terms": consent.terms,
        "told": _listed_if_known(consent.told),
    }


def _listed(names: frozenset[str]) -> str:
    return msgspec.json.encode(sorted(names)).decode()


def _listed_if_known(names: frozenset[str] | None) -> str | None:
    return None if names is None else _listed(names)


def _told(names: str | None) -> frozenset[str] | None:
    return None if names is None else _names.decode(names)


def _read(row: Row) -> Consent:
    account_id, client_id, scopes, claims, given_at, terms, consent_id, told = row
    return Consent(
        AccountId(account_id),
        ClientId(client_id),
        _names.decode(scopes),
        _names.decode(claims),
        Seconds(given_at),
        terms,
        _told(told),
        consent_id or "",
    )


def _decisions(request: All) -> UnitOfWork[tuple[ConsentEvidence, ...]]:
    rows: list[Row] = yield request
    return tuple(
        ConsentEvidence(
            evidence_id,
            AccountId(account_id),
            ClientId(client_id),
            Seconds(at),
            ConsentDecision(decision),
            _names.decode(scopes),
            _names.decode(claims),
            terms,
            _told(told),
        )
        for evidence_id, account_id, client_id, at, decision, scopes, claims, terms, told in rows
    )


def _terms(request: One) -> UnitOfWork[ClaimsPolicy]:
    row: Row | None = yield request
    return NOTHING_LISTED if row is None else ClaimsPolicy.decode(row[0])
