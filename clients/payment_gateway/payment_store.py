"""Payments in SQLite; a payment that the ministry has not heard of yet is kept until it has."""

import json
import secrets
import sqlite3

from clients.payment_gateway.payment import Order, Payment
from clients.relying_party.database import Database

SCHEMA = (
    """
    CREATE TABLE payments (
        reference TEXT PRIMARY KEY,
        dossier TEXT NOT NULL,
        purpose TEXT NOT NULL,               -- JSON, by language
        payee TEXT NOT NULL,                 -- JSON, by language
        amount INTEGER NOT NULL,
        payer TEXT NOT NULL,
        receipt TEXT NOT NULL UNIQUE,
        paid_at INTEGER NOT NULL,
        reported_at INTEGER,
        attempts INTEGER NOT NULL DEFAULT 0,
        next_attempt_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX payments_to_report ON payments (next_attempt_at) WHERE reported_at IS NULL;
    CREATE INDEX payments_by_payer ON payments (payer, paid_at)
    """,
)
LONGEST_PAUSE = 3600  # seconds between two attempts to report
LISTED = 100


class PaymentStore:
    def __init__(self, database: Database) -> None:
        self._database = database
        database.migrate("payments", SCHEMA)

    def pay(self, order: Order, payer: str, *, now: int) -> Payment:
        """Record the payment of this order, once; a second submission returns the first payment."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO payments (reference, dossier, purpose, payee, amount, payer, receipt, paid_at,"
                " next_attempt_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (reference) DO NOTHING",
                (
                    order.reference,
                    order.dossier,
                    json.dumps(dict(order.purpose), ensure_ascii=False),
                    json.dumps(dict(order.payee), ensure_ascii=False),
                    order.amount,
                    payer,
                    f"BL-{secrets.token_hex(8).upper()}",
                    now,
                    now,
                ),
            )
            row = connection.execute("SELECT * FROM payments WHERE reference = ?", (order.reference,)).fetchone()
        return _payment(row)

    def find(self, reference: str) -> Payment | None:
        row = self._database.row("SELECT * FROM payments WHERE reference = ?", (reference,))
        return None if row is None else _payment(row)

    def of_payer(self, payer: str) -> list[Payment]:
        rows = self._database.rows(
            "SELECT * FROM payments WHERE payer = ? ORDER BY paid_at DESC, reference LIMIT ?", (payer, LISTED)
        )
        return [_payment(row) for row in rows]

    def to_report(self, *, now: int) -> list[Payment]:
        """Return the payments whose next attempt is due, oldest first."""
        rows = self._database.rows(
            "SELECT * FROM payments WHERE reported_at IS NULL AND next_attempt_at <= ? ORDER BY paid_at LIMIT ?",
            (now, LISTED),
        )
        return [_payment(row) for row in rows]

    def note_reported(self, reference: str, *, now: int) -> None:
        with self._database.transaction() as connection:
            connection.execute("UPDATE payments SET reported_at = ? WHERE reference = ?", (now, reference))

    def note_failed(self, reference: str, *, now: int) -> None:
        """Put the next attempt off, twice as long each time."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE payments SET attempts = attempts + 1,"
                " next_attempt_at = ?1 + min(?2, 2 << min(attempts, 12)) WHERE reference = ?3",
                (now, LONGEST_PAUSE, reference),
            )


def _payment(row: sqlite3.Row) -> Payment:
    order = Order(
        reference=row["reference"],
        dossier=row["dossier"],
        purpose=json.loads(row["purpose"]),
        payee=json.loads(row["payee"]),
        amount=row["amount"],
        is_paid=True,
    )
    return Payment(
        order=order,
        receipt=row["receipt"],
        payer=row["payer"],
        paid_at=row["paid_at"],
        reported_at=row["reported_at"],
    )
