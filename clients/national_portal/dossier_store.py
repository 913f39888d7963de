"""The last known state of the dossiers filed here, so that people see them while the ministry does not answer."""

from collections.abc import Sequence

from clients.national_portal.dossier import Dossier
from clients.relying_party.database import Database

SCHEMA = (
    """
    CREATE TABLE dossiers (
        subject TEXT NOT NULL,
        code TEXT NOT NULL,
        filed_at INTEGER NOT NULL,
        dossier TEXT NOT NULL,               -- JSON, as the ministry told it
        PRIMARY KEY (subject, code)
    ) STRICT
    """,
)


class DossierStore:
    def __init__(self, database: Database) -> None:
        self._database = database
        database.migrate("dossiers", SCHEMA)

    def keep(self, subject: str, dossiers: Sequence[Dossier]) -> None:
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO dossiers (subject, code, filed_at, dossier) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (subject, code) DO UPDATE SET dossier = excluded.dossier",
                [(subject, dossier.code, dossier.filed_at, dossier.model_dump_json()) for dossier in dossiers],
            )

    def of_person(self, subject: str) -> list[Dossier]:
        rows = self._database.rows(
            "SELECT dossier FROM dossiers WHERE subject = ? ORDER BY filed_at DESC, code", (subject,)
        )
        return [Dossier.model_validate_json(row["dossier"]) for row in rows]
