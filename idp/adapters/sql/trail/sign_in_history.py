"""The last sign-ins of accounts on SQL; where they came from lies under the person's erasable key."""

from typing import Final

import msgspec
from sqlalchemy import bindparam, delete, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.database import Database
from idp.adapters.sql.tables.main import accounts, persons
from idp.adapters.sql.tables.notices import past_sign_ins
from idp.adapters.sql.unit_of_work import All, One, Row, Run, UnitOfWork
from idp.domain.abuse.place import Place
from idp.domain.abuse.risk_signals import KEPT, REMEMBERED, PastSignIn
from idp.domain.events import Event
from idp.domain.ids import AccountId, Seconds
from idp.ports.clock import Entropy
from idp.ports.vault import Vault

_row = past_sign_ins.c
_latest = _row.at.desc(), _row.sign_in_id.desc()
_OF_ACCOUNT = (
    select(_row.device, _row.network, _row.at, _row.place, persons.c.erasable_key)
    .select_from(
        past_sign_ins.join(accounts, accounts.c.account_id == _row.account_id).join(
            persons, persons.c.person_id == accounts.c.person_id
        )
    )
    .where(_row.account_id == bindparam("of_account"))
    .order_by(*_latest)
    .limit(literal_column(str(REMEMBERED)))
)
ERASABLE_KEY: Final = (
    select(persons.c.erasable_key)
    .join(accounts, accounts.c.person_id == persons.c.person_id)
    .where(accounts.c.account_id == bindparam("of_account"))
)
"""What an account's erasable data lies under; None once it was destroyed."""

_new = insert(past_sign_ins)
_ADD = _new.on_conflict_do_update(
    index_elements=["account_id", "device", "network"],
    set_={name: _new.excluded[name] for name in ("place", "at", "expires_at")},
).returning(_row.sign_in_id)
_kept = (
    select(_row.sign_in_id)
    .where(_row.account_id == bindparam("kept_account"))
    .order_by(*_latest)
    .limit(literal_column(str(REMEMBERED)))
)
_FORGET_OLDEST = delete(past_sign_ins).where(
    _row.account_id == bindparam("of_account"), _row.sign_in_id.not_in(_kept.scalar_subquery())
)

_place = msgspec.json.Decoder(Place)


class SqlSignInHistory:
    """Implements `SignInHistory`."""

    def __init__(self, database: Database, vault: Vault, entropy: Entropy) -> None:
        self._database = database
        self._vault = vault
        self._entropy = entropy

    async def of_account(self, account_id: AccountId) -> tuple[PastSignIn, ...]:
        return await self._database.run_read(self._of_account(account_id))

    async def add(self, sign_in: PastSignIn, *events: Event) -> None:
        await self._database.write(self._add(sign_in, self._entropy.identifier()), events)

    def _of_account(self, account_id: AccountId) -> UnitOfWork[tuple[PastSignIn, ...]]:
        rows: list[Row] = yield All(_OF_ACCOUNT, {"of_account": account_id})
        return tuple(
            PastSignIn(account_id, device, network, Seconds(at), self._open(account_id, key, sealed))
            for device, network, at, sealed, key in rows
        )

    def _add(self, sign_in: PastSignIn, sign_in_id: str) -> UnitOfWork[None]:
        account_id = sign_in.account_id
        found: Row | None = yield One(ERASABLE_KEY, {"of_account": account_id})
        if found is None or found[0] is None:
            return
        place = None
        if sign_in.place is not None:
            place = self._vault.seal(found[0], _context(account_id), msgspec.json.encode(sign_in.place))
        values = {
            "sign_in_id": sign_in_id,
            "account_id": account_id,
            "device": sign_in.device,
            "network": sign_in.network,
            "place": place,
            "at": sign_in.at,
            "expires_at": sign_in.at + KEPT,
        }
        (stored_as,) = yield One(_ADD, values)
        if stored_as == sign_in_id:
            # Another place than those known: there may be one too many now.
            yield Run(_FORGET_OLDEST, {"of_account": account_id, "kept_account": account_id})

    def _open(self, account_id: AccountId, key: bytes | None, sealed: bytes | None) -> Place | None:
        if key is None or sealed is None:
            return None
        return _place.decode(self._vault.open(key, _context(account_id), sealed))


def _context(account_id: AccountId) -> str:
    return f"past_sign_ins.place:{account_id}"
