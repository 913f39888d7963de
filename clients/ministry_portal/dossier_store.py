"""Dossiers in SQLite. Every change is one conditional statement, so that nothing happens twice."""

import secrets
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

from clients.ministry_portal.dossier import (
    TRANSITIONS,
    Applicant,
    Dossier,
    Filing,
    HistoryStep,
    Status,
    Step,
)
from clients.relying_party.database import Database

SCHEMA = (
    """
    CREATE TABLE dossiers (
        code TEXT PRIMARY KEY,
        agency TEXT NOT NULL,
        procedure TEXT NOT NULL,
        content TEXT NOT NULL,
        applicant_name TEXT NOT NULL,
        applicant_number TEXT NOT NULL,
        filing_client TEXT NOT NULL,
        filing_subject TEXT NOT NULL,
        idempotency_key TEXT NOT NULL,
        status TEXT NOT NULL,
        version INTEGER NOT NULL,
        fee_amount INTEGER,
        payment_reference TEXT UNIQUE,
        payment_receipt TEXT,
        paid_at INTEGER,
        result_number TEXT,
        result_text TEXT,
        rejection_reason TEXT,
        filed_at INTEGER NOT NULL,
        decided_at INTEGER,
        UNIQUE (filing_client, filing_subject, idempotency_key)
    ) STRICT;
    CREATE INDEX dossiers_by_applicant ON dossiers (applicant_number, filed_at);
    CREATE INDEX dossiers_by_agency ON dossiers (agency, filed_at);
    CREATE TABLE dossier_history (
        id INTEGER PRIMARY KEY,
        code TEXT NOT NULL REFERENCES dossiers (code),
        event TEXT NOT NULL,
        actor TEXT NOT NULL,
        at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX dossier_history_by_code ON dossier_history (code, id)
    """,
)
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is misread for something else
LISTED = 200  # dossiers a page shows at most


class FilingKeyReused(Exception):
    """The idempotency key came back with another filing."""


class DossierChanged(Exception):
    """The dossier is no longer in the state that the action was decided in."""


class PaymentMismatch(Exception):
    """The payment reported does not fit what is due; the message is a code for the payer's bank."""


class DossierStore:
    """Files, finds and moves dossiers on."""

    def __init__(self, database: Database, agency: str) -> None:
        self._database = database
        self._agency = agency
        database.migrate("dossiers", SCHEMA)

    def file(self, filing: Filing, *, now: int) -> tuple[Dossier, bool]:
        """Store a dossier once and return it, and whether it is new; raises FilingKeyReused."""
        owner = (filing.filing_client, filing.filing_subject, filing.idempotency_key)
        code = f"{self._agency}-{datetime.fromtimestamp(now, UTC):%y%m%d}-{_random_letters(8)}"
        applicant = filing.applicant
        with self._database.transaction() as connection:
            inserted = connection.execute(
                "INSERT INTO dossiers (code, agency, procedure, content, applicant_name, applicant_number,"
                " filing_client, filing_subject, idempotency_key, status, version, filed_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)"
                " ON CONFLICT (filing_client, filing_subject, idempotency_key) DO NOTHING",
                (
                    code,
                    self._agency,
                    filing.procedure,
                    filing.content,
                    applicant.name,
                    applicant.personal_number,
                    *owner,
                    Status.FILED,
                    now,
                ),
            )
            is_new = inserted.rowcount == 1
            if is_new:
                _note(connection, code, Status.FILED, filing.filing_client, now)
            row = connection.execute(
                "SELECT * FROM dossiers WHERE filing_client = ? AND filing_subject = ? AND idempotency_key = ?", owner
            ).fetchone()
            dossier = _dossier(connection, row)
        if (dossier.procedure, dossier.content, dossier.applicant) != (filing.procedure, filing.content, applicant):
            raise FilingKeyReused
        return dossier, is_new

    def find(self, code: str) -> Dossier | None:
        return next(iter(self._select("code = ?", (code,))), None)

    def of_filer(self, client_id: str, subject: str) -> list[Dossier]:
        return self._select("filing_client = ? AND filing_subject = ?", (client_id, subject))

    def of_filer_by_code(self, client_id: str, subject: str, code: str) -> Dossier | None:
        found = self._select("filing_client = ? AND filing_subject = ? AND code = ?", (client_id, subject, code))
        return next(iter(found), None)

    def of_applicant(self, personal_number: str) -> list[Dossier]:
        return self._select("applicant_number = ?", (personal_number,))

    def of_officer(self, agency: str) -> list[Dossier]:
        """Return the dossiers of this agency and of those above it (see `may_process`)."""
        return self._select("?1 = agency OR substr(?1, 1, length(agency) + 1) = agency || '.'", (agency,))

    def by_payment(self, reference: str) -> Dossier | None:
        return next(iter(self._select("payment_reference = ?", (reference,))), None)

    def act(self, code: str, step: Step, *, now: int) -> None:
        """Move the dossier on; the same step sent twice happens once. Raises DossierChanged."""
        transition = TRANSITIONS[step.action]
        with self._database.transaction() as connection:
            moved = connection.execute(
                "UPDATE dossiers SET status = ?1, version = version + 1, fee_amount = coalesce(?2, fee_amount),"
                " payment_reference = coalesce(?3, payment_reference), result_number = ?4, result_text = ?5,"
                " rejection_reason = ?6, decided_at = ?7"
                " WHERE code = ?8 AND version = ?9 AND status IN (SELECT value FROM json_each(?10))",
                (
                    transition.target,
                    step.fee_amount,
                    _random_letters(26) if step.fee_amount is not None else None,
                    step.result_number,
                    step.result_text,
                    step.rejection_reason,
                    now if transition.target in {Status.APPROVED, Status.REJECTED} else None,
                    code,
                    step.version,
                    _json_list(transition.sources),
                ),
            )
            if moved.rowcount == 1:
                _note(connection, code, transition.target, step.officer, now)
                return
            is_repeated = connection.execute(
                "SELECT 1 FROM dossiers WHERE code = ? AND version = ? AND status = ?",
                (code, step.version + 1, transition.target),
            ).fetchone()
            if is_repeated is None:
                raise DossierChanged

    def report_payment(self, reference: str, *, amount: int, receipt: str, gateway: str, now: int) -> Dossier | None:
        """Note that the fee was paid, once, and return the dossier; None when nothing is due under this reference.

        Raises PaymentMismatch when the amount differs or another receipt was reported before.
        """
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT code, fee_amount, payment_receipt FROM dossiers WHERE payment_reference = ?", (reference,)
            ).fetchone()
            if row is None:
                return None
            if row["fee_amount"] != amount:
                raise PaymentMismatch("amount_mismatch")
            if row["payment_receipt"] not in (None, receipt):
                raise PaymentMismatch("already_paid")
            paid = connection.execute(
                "UPDATE dossiers SET status = ?, version = version + 1, payment_receipt = ?, paid_at = ?"
                " WHERE code = ? AND status = ? AND payment_receipt IS NULL",
                (Status.PAID, receipt, now, row["code"], Status.FEE_DUE),
            )
            if paid.rowcount == 1:
                _note(connection, row["code"], Status.PAID, gateway, now)
        return self.by_payment(reference)

    def _select(self, condition: str, parameters: Sequence[str]) -> list[Dossier]:
        if not all(value.isascii() for value in parameters):
            return []  # codes, references, numbers and subjects are ASCII; anything else names nothing
        # `condition` is one of the literals above; values are always bound.
        statement = f"SELECT * FROM dossiers WHERE {condition} ORDER BY filed_at DESC, code LIMIT {LISTED}"  # noqa: S608
        with self._database.transaction() as connection:
            return [_dossier(connection, row) for row in connection.execute(statement, parameters).fetchall()]


def _note(connection: sqlite3.Connection, code: str, event: str, actor: str, now: int) -> None:
    connection.execute(
        "INSERT INTO dossier_history (code, event, actor, at) VALUES (?, ?, ?, ?)", (code, event, actor, now)
    )


def _dossier(connection: sqlite3.Connection, row: sqlite3.Row) -> Dossier:
    steps = connection.execute(
        "SELECT event, at FROM dossier_history WHERE code = ? ORDER BY id", (row["code"],)
    ).fetchall()
    return Dossier(
        code=row["code"],
        agency=row["agency"],
        procedure=row["procedure"],
        content=row["content"],
        applicant=Applicant(row["applicant_name"], row["applicant_number"]),
        status=Status(row["status"]),
        version=row["version"],
        fee_amount=row["fee_amount"],
        payment_reference=row["payment_reference"],
        paid_at=row["paid_at"],
        result_number=row["result_number"],
        result_text=row["result_text"],
        rejection_reason=row["rejection_reason"],
        filed_at=row["filed_at"],
        decided_at=row["decided_at"],
        history=tuple(HistoryStep(step["event"], step["at"]) for step in steps),
    )


def _random_letters(length: int) -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(length))


def _json_list(statuses: frozenset[Status]) -> str:
    return "[" + ",".join(f'"{status}"' for status in sorted(statuses)) + "]"
