"""Sign-ins and sign-outs under way: the person is at the provider and will come back with our `state`."""

import sqlite3
from dataclasses import dataclass

from clients.relying_party.assurance import StepUp
from clients.relying_party.bearer_values import fingerprint
from clients.relying_party.database import Database

SCHEMA = (
    """
    CREATE TABLE pending_sign_ins (
        state TEXT PRIMARY KEY,              -- SHA-256
        browser TEXT NOT NULL,               -- SHA-256 of the cookie of this sign-in
        client_id TEXT NOT NULL,
        nonce TEXT NOT NULL,
        code_verifier TEXT NOT NULL,
        return_to TEXT NOT NULL,
        step_up_acr TEXT,
        step_up_max_age INTEGER,
        expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE pending_sign_outs (
        state TEXT PRIMARY KEY,
        browser TEXT NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT
    """,
    "ALTER TABLE pending_sign_ins ADD COLUMN step_up_details TEXT",
)
LIFETIME = 900  # seconds: time enough to enrol a second factor on the way
MOST = 50_000  # of each kind; anybody can begin one, and beyond that the oldest give way


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    client_id: str
    nonce: str
    code_verifier: str
    return_to: str
    step_up: StepUp | None


class PendingStore:
    """Both kinds, each bound to the browser that started it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin_sign_in(self, state: str, browser: str, pending: PendingSignIn, *, now: int) -> None:
        step_up = pending.step_up
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO pending_sign_ins (state, browser, client_id, nonce, code_verifier, return_to,"
                " step_up_acr, step_up_max_age, step_up_details, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    fingerprint(state),
                    fingerprint(browser),
                    pending.client_id,
                    pending.nonce,
                    pending.code_verifier,
                    pending.return_to,
                    step_up.acr if step_up else None,
                    step_up.max_age if step_up else None,
                    step_up.details if step_up else None,
                    now + LIFETIME,
                ),
            )
            connection.execute(
                "DELETE FROM pending_sign_ins WHERE rowid <= (SELECT max(rowid) FROM pending_sign_ins) - ?", (MOST,)
            )

    def claim_sign_in(self, state: str, browser: str, *, now: int) -> PendingSignIn | None:
        """Return the sign-in of this state and browser, once."""
        with self._database.transaction() as connection:
            row = connection.execute(
                "DELETE FROM pending_sign_ins WHERE state = ? AND browser = ? AND expires_at > ? RETURNING *",
                (fingerprint(state), fingerprint(browser), now),
            ).fetchone()
        if row is None:
            return None
        return PendingSignIn(
            client_id=row["client_id"],
            nonce=row["nonce"],
            code_verifier=row["code_verifier"],
            return_to=row["return_to"],
            step_up=_step_up(row),
        )

    def begin_sign_out(self, state: str, browser: str, *, now: int) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO pending_sign_outs (state, browser, expires_at) VALUES (?, ?, ?)",
                (fingerprint(state), fingerprint(browser), now + LIFETIME),
            )
            connection.execute(
                "DELETE FROM pending_sign_outs WHERE rowid <= (SELECT max(rowid) FROM pending_sign_outs) - ?", (MOST,)
            )

    def is_sign_out(self, state: str, browser: str, *, now: int) -> bool:
        """Tell whether this browser started a sign-out with this state; a reloaded page still finds it."""
        return (
            self._database.row(
                "SELECT 1 FROM pending_sign_outs WHERE state = ? AND browser = ? AND expires_at > ?",
                (fingerprint(state), fingerprint(browser), now),
            )
            is not None
        )

    def purge(self, *, now: int) -> None:
        """Delete what has expired."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM pending_sign_ins WHERE expires_at <= ?", (now,))
            connection.execute("DELETE FROM pending_sign_outs WHERE expires_at <= ?", (now,))


def _step_up(row: sqlite3.Row) -> StepUp | None:
    if row["step_up_acr"] is None:
        return None
    return StepUp(row["step_up_acr"], row["step_up_max_age"], row["step_up_details"] or "")
