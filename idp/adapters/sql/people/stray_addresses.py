"""People whose e-mail address names a domain that messages do not go to: it was kept before such were refused."""

from typing import Final

from sqlalchemy import bindparam, select

from idp.adapters.sql.database import Database
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.tables.main import persons
from idp.adapters.sql.unit_of_work import All, Row, UnitOfWork
from idp.domain.accounts.email_address import goes_astray
from idp.domain.ids import PersonId
from idp.ports.vault import Vault

BATCH: Final = 500
_row = persons.c
_PAGE = (
    select(_row.person_id, _row.erasable_key, _row.erasable)
    .where(_row.person_id > bindparam("after"))
    .order_by(_row.person_id)
    .limit(bindparam("most"))
)


class StrayAddresses:
    """Looks for them among the records that were made first."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._data = PersonalData(vault)

    async def count(self, most: int) -> tuple[int, int]:
        """How many records were looked at, at most so many, and how many addresses go astray.

        Raises `VaultError` when the vault opens none of them, and `StoreUnavailableError`.
        """
        looked, astray, after = 0, 0, ""
        while looked < most:
            rows = await self._database.run_read(_page(after, min(BATCH, most - looked)))
            if not rows:
                break
            looked, after = looked + len(rows), rows[-1][0]
            astray += sum(self._is_astray(row) for row in rows)
        return looked, astray

    def _is_astray(self, row: Row) -> bool:
        person_id, key, sealed = row
        email = self._data.open_erasable(key, PersonId(person_id), sealed).email
        return email is not None and goes_astray(email)


def _page(after: str, most: int) -> UnitOfWork[list[Row]]:
    rows: list[Row] = yield All(_PAGE, {"after": after, "most": most})
    return rows
