"""Cases of proofing at counters on SQL; a case and the record that it raises change in one transaction."""

import msgspec
from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.database import Database
from idp.adapters.sql.look_up import AFTER_ALL
from idp.adapters.sql.officers.agency_tree import SUBTREE
from idp.adapters.sql.people.identity_records import save_record
from idp.adapters.sql.people.new_beginnings import begin_anew
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.single_requests import first_row, rows_of
from idp.adapters.sql.tables.proofing import proofing_cases
from idp.adapters.sql.unit_of_work import All, Append, One, Row, Run, UnitOfWork
from idp.domain.enrolment.proofing import CaseState, Findings, ProofingCase, ProofingRefusal
from idp.domain.events import Event
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.people.identity_record import IdentityRecord
from idp.ports.clock import Clock, Entropy
from idp.ports.proofing_cases import CaseDecision
from idp.ports.vault import Vault

_row = proofing_cases.c
_COLUMNS = (
    _row.case_id,
    _row.person_id,
    _row.account_id,
    _row.agency_code,
    _row.opened_by,
    _row.opened_at,
    _row.expires_at,
    _row.state,
    _row.findings_key,
    _row.findings,
    _row.decided_by,
    _row.decided_at,
    _row.reason,
    _row.change_id,
    _row.code_given_at,
)
_GET = select(*_COLUMNS).where(_row.case_id == bindparam("case"))
_OF_PERSON = select(*_COLUMNS).where(_row.person_id == bindparam("person"), _row.decided_at.is_(None))
_FORGET_EXPIRED = (
    update(proofing_cases)
    .where(
        _row.person_id == bindparam("person"),
        _row.decided_at.is_(None),
        _row.state == CaseState.OPEN.value,
        _row.expires_at <= bindparam("now"),
    )
    .values(state=CaseState.EXPIRED.value, decided_at=bindparam("now"))
)
_OPEN = (
    insert(proofing_cases)
    .values({column.name: bindparam(column.name) for column in _COLUMNS[:8]})
    .on_conflict_do_nothing(index_elements=["person_id"], index_where=_row.decided_at.is_(None))
    .returning(_row.case_id)
)
_undecided = (
    select(*_COLUMNS)
    .where(
        _row.state == bindparam("in_state"),
        or_(_row.expires_at > bindparam("now"), _row.state != CaseState.OPEN.value),
        _row.case_id < bindparam("before"),
    )
    .order_by(_row.case_id.desc())
    .limit(bindparam("most"))
)
_EVERYWHERE = _undecided
_IN_SUBTREE = _undecided.where(_row.agency_code.in_(SUBTREE))
_DECIDE = (
    update(proofing_cases)
    .where(
        _row.case_id == bindparam("case"),
        _row.state == bindparam("from_state"),
        or_(_row.expires_at > bindparam("now"), _row.state != CaseState.OPEN.value),
    )
    .values(
        state=bindparam("to_state"),
        decided_by=bindparam("by", type_=_row.decided_by.type),
        decided_at=bindparam("at", type_=_row.decided_at.type),
        reason=bindparam("why", type_=_row.reason.type),
        change_id=func.coalesce(bindparam("change", type_=_row.change_id.type), _row.change_id),
        findings_key=func.coalesce(bindparam("key", type_=_row.findings_key.type), _row.findings_key),
        findings=func.coalesce(bindparam("sealed", type_=_row.findings.type), _row.findings),
    )
)
_GIVE_CODE = (
    update(proofing_cases)
    .where(
        _row.case_id == bindparam("case"),
        _row.state == CaseState.PASSED.value,
        _row.code_given_at.is_(None),
    )
    .values(code_given_at=bindparam("now"))
)

_findings = msgspec.json.Decoder(Findings)


class SqlProofingCases:
    """Implements `ProofingCases`; identifiers of cases sort as they were opened."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, entropy: Entropy) -> None:
        self._database = database
        self._vault = vault
        self._data = PersonalData(vault)
        self._clock = clock
        self._entropy = entropy

    async def open(self, case: ProofingCase, event: Event) -> ProofingCase:
        row = await self._database.write(_open(case, event))
        return case if row is None else self._read(row)

    async def get(self, case_id: str) -> ProofingCase | None:
        row = await self._database.run_read(first_row(One(_GET, {"case": case_id})))
        return None if row is None else self._read(row)

    async def listed(
        self, agency_code: str | None, states: tuple[CaseState, ...], now: Seconds, before: str, limit: int
    ) -> tuple[ProofingCase, ...]:
        where = {"now": now, "before": before or AFTER_ALL, "most": limit}
        statement = _EVERYWHERE if agency_code is None else _IN_SUBTREE
        if agency_code is not None:
            where["root"] = agency_code
        asked = [All(statement, {**where, "in_state": state.value}) for state in states]
        rows = await self._database.run_read(rows_of(asked))
        newest = sorted(rows, key=lambda row: str(row[0]), reverse=True)[:limit]
        return tuple(self._read(row) for row in newest)

    async def decide(
        self, case_id: str, decision: CaseDecision, event: Event, record: IdentityRecord | None = None
    ) -> bool:
        return await self._database.write(self._decide(case_id, decision, event, record))

    async def give_code(self, case_id: str, now: Seconds, event: Event) -> bool:
        return await self._database.write(_once(Run(_GIVE_CODE, {"case": case_id, "now": now}), event))

    def _decide(
        self, case_id: str, decision: CaseDecision, event: Event, record: IdentityRecord | None
    ) -> UnitOfWork[bool]:
        key, sealed = None, None
        if decision.findings is not None:
            key = self._vault.new_key()
            sealed = self._vault.seal(key, _context(case_id), msgspec.json.encode(decision.findings))
        is_over = decision.after is not CaseState.WAITING
        changed: int = yield Run(
            _DECIDE,
            {
                "case": case_id,
                "from_state": decision.before.value,
                "to_state": decision.after.value,
                "now": decision.at,
                "by": decision.by,
                "at": decision.at if is_over else None,
                "why": None if decision.reason is None else decision.reason.value,
                "change": decision.change_id,
                "key": key,
                "sealed": sealed,
            },
        )
        if not changed:
            return False
        if record is None:
            yield Append(event)
        else:
            yield from save_record(record, self._data, self._clock.now(), event, self._entropy)
            if decision.anew is not None:
                yield from begin_anew(record.person_id, self._data, decision.at, decision.anew, self._entropy)
        return True

    def _read(self, row: Row) -> ProofingCase:
        case_id, person_id, account_id, agency_code, opened_by, opened_at, expires_at, state, key, sealed, *rest = row
        decided_by, decided_at, reason, change_id, code_given_at = rest
        return ProofingCase(
            case_id=case_id,
            person_id=PersonId(person_id),
            account_id=AccountId(account_id),
            agency_code=agency_code,
            opened_by=AccountId(opened_by),
            opened_at=Seconds(opened_at),
            expires_at=Seconds(expires_at),
            state=CaseState(state),
            findings=None if key is None else _findings.decode(self._vault.open(key, _context(case_id), sealed)),
            decided_by=None if decided_by is None else AccountId(decided_by),
            decided_at=None if decided_at is None else Seconds(decided_at),
            reason=None if reason is None else ProofingRefusal(reason),
            change_id=change_id,
            code_given_at=None if code_given_at is None else Seconds(code_given_at),
        )


def _context(case_id: str) -> str:
    return f"proofing_cases.findings:{case_id}"


def _open(case: ProofingCase, event: Event) -> UnitOfWork[Row | None]:
    """Return the row of the case that is open already, None when this one is."""
    yield Run(_FORGET_EXPIRED, {"person": case.person_id, "now": case.opened_at})
    opened: Row | None = yield One(
        _OPEN,
        {
            "case_id": case.case_id,
            "person_id": case.person_id,
            "account_id": case.account_id,
            "agency_code": case.agency_code,
            "opened_by": case.opened_by,
            "opened_at": case.opened_at,
            "expires_at": case.expires_at,
            "state": case.state.value,
        },
    )
    if opened is not None:
        yield Append(event)
        return None
    row: Row | None = yield One(_OF_PERSON, {"person": case.person_id})
    return row


def _once(request: Run, event: Event) -> UnitOfWork[bool]:
    changed: int = yield request
    if changed:
        yield Append(event)
    return changed > 0
