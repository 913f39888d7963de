"""Second factors on SQL: what may be used once is used up by the statement that accepts it."""

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.database import Database
from idp.adapters.sql.personal_data import PersonalData
from idp.adapters.sql.single_requests import every_row
from idp.adapters.sql.tables import accounts, authenticators, persons, recovery_codes
from idp.adapters.sql.unit_of_work import All, Append, Conclude, Many, One, Row, Run, UnitOfWork
from idp.domain.account import Authenticator, AuthenticatorKind
from idp.domain.events import Event
from idp.domain.ids import AccountId, AuthenticatorId, Seconds
from idp.ports.clock import Entropy
from idp.ports.vault import Vault

_row = authenticators.c
_code = recovery_codes.c
_remaining = select(func.count()).where(_code.account_id == _row.account_id, _code.used_at.is_(None)).scalar_subquery()
_ENROLLED = (
    select(
        _row.authenticator_id,
        _row.kind,
        _row.secret,
        _row.created_at,
        _row.last_step,
        _remaining,
        persons.c.erasable_key,
    )
    .select_from(
        authenticators.join(accounts, accounts.c.account_id == _row.account_id).join(
            persons, persons.c.person_id == accounts.c.person_id
        )
    )
    .where(_row.account_id == bindparam("account_id"))
    .order_by(_row.created_at, _row.kind.desc())
)
_ACCEPT_STEP = (
    update(authenticators)
    .where(_row.authenticator_id == bindparam("authenticator_id"), _row.last_step < bindparam("step"))
    .values(last_step=bindparam("step"))
    .returning(_row.account_id)
)
_USE_CODE = (
    update(recovery_codes)
    .where(
        _code.account_id == bindparam("account_id"),
        _code.code_hash == bindparam("code_hash"),
        _code.used_at.is_(None),
    )
    .values(used_at=bindparam("now"))
    .returning(_code.account_id)
)
_KEY = (
    select(persons.c.erasable_key)
    .join(accounts, accounts.c.person_id == persons.c.person_id)
    .where(accounts.c.account_id == bindparam("account_id"))
)
_ENROL = upsert(authenticators).on_conflict_do_nothing(index_elements=["account_id", "kind"])
_new_codes = upsert(authenticators)
_ENROL_CODES = _new_codes.on_conflict_do_update(
    index_elements=["account_id", "kind"], set_={"created_at": _new_codes.excluded.created_at}
)
_FORGET_CODES = delete(recovery_codes).where(_code.account_id == bindparam("account_id"))
_ADD_CODE = insert(recovery_codes)


class SqlAuthenticators:
    """Implements `Authenticators`."""

    def __init__(self, database: Database, vault: Vault, entropy: Entropy) -> None:
        self._database = database
        self._data = PersonalData(vault)
        self._entropy = entropy

    async def enrolled(self, account_id: AccountId) -> tuple[Authenticator, ...]:
        rows = await self._database.run_read(every_row(All(_ENROLLED, {"account_id": account_id})))
        read = (self._read(account_id, row) for row in rows)
        # The secret of an erased person is gone: an empty one would be a key that everybody knows.
        return tuple(one for one in read if one.secret or one.kind is not AuthenticatorKind.ONE_TIME_CODE)

    async def accept_time_step(self, authenticator_id: AuthenticatorId, step: int, event: Event) -> bool:
        accept = Conclude(_ACCEPT_STEP, {"authenticator_id": authenticator_id, "step": step}, (event,))
        return await self._database.write(_is_done(accept))

    async def use_recovery_code(self, account_id: AccountId, code_hash: bytes, now: Seconds, event: Event) -> bool:
        values = {"account_id": account_id, "code_hash": code_hash, "now": now}
        return await self._database.write(_is_done(Conclude(_USE_CODE, values, (event,))))

    async def enrol_totp(
        self, authenticator: Authenticator, recovery_code_hashes: tuple[bytes, ...], event: Event
    ) -> bool:
        return await self._database.write(self._enrol(authenticator, recovery_code_hashes, event))

    def _enrol(self, authenticator: Authenticator, hashes: tuple[bytes, ...], event: Event) -> UnitOfWork[bool]:
        """Enrol unless one-time codes are there already; recovery codes are made anew with them."""
        account_id = authenticator.account_id
        row: Row | None = yield One(_KEY, {"account_id": account_id})
        if row is None or row[0] is None:
            return False
        values: dict[str, object] = {
            "authenticator_id": authenticator.authenticator_id,
            "account_id": account_id,
            "kind": AuthenticatorKind.ONE_TIME_CODE.value,
            "secret": self._data.seal_secret(row[0], account_id, authenticator.secret),
            "last_step": authenticator.last_step,
            "created_at": authenticator.created_at,
        }
        if not (yield Run(_ENROL, values)):
            return False
        yield Run(
            _ENROL_CODES,
            {
                **values,
                "authenticator_id": self._entropy.identifier(),
                "kind": AuthenticatorKind.RECOVERY_CODES.value,
                "secret": None,
                "last_step": 0,
            },
        )
        yield Run(_FORGET_CODES, {"account_id": account_id})
        codes = [{"account_id": account_id, "code_hash": code_hash, "used_at": None} for code_hash in hashes]
        yield Many(_ADD_CODE, codes)
        yield Append(event)
        return True

    def _read(self, account_id: AccountId, row: Row) -> Authenticator:
        authenticator_id, kind, sealed, created_at, last_step, remaining, key = row
        return Authenticator(
            authenticator_id=AuthenticatorId(authenticator_id),
            account_id=account_id,
            kind=AuthenticatorKind(kind),
            secret=self._data.open_secret(key, account_id, sealed),
            created_at=Seconds(created_at),
            last_step=last_step,
            remaining=remaining if kind == AuthenticatorKind.RECOVERY_CODES else 0,
        )


def _is_done(request: Conclude) -> UnitOfWork[bool]:
    """Return whether the statement found what it may use up; only then its event is written."""
    row: Row | None = yield request
    return row is not None
