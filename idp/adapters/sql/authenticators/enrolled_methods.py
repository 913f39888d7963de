"""What an account has enrolled to sign in with, whichever table it lies in; and forgetting all of it."""

from typing import Final

from sqlalchemy import ColumnElement, Select, Text, bindparam, case, delete, exists, literal_column, select, union_all

from idp.adapters.sql.tables.authenticators import account_certificates, passkeys, totp_devices
from idp.adapters.sql.tables.main import authenticators, recovery_codes
from idp.adapters.sql.unit_of_work import All, Row, Run, UnitOfWork
from idp.domain.accounts.account import AuthenticatorKind
from idp.domain.ids import AccountId, Seconds
from idp.domain.levels.assurance import Method

_ACCOUNT: Final = bindparam("account_id", type_=Text)
_of_codes = recovery_codes.c.account_id == _ACCOUNT
_key = passkeys.c


def _literal(method: Method) -> ColumnElement[str]:
    return literal_column(f"'{method.value}'", Text)


def _one(method: Method, found: ColumnElement[bool]) -> Select[str]:
    return select(_literal(method)).where(found)


# A key that cannot leave its device is worth more only where its maker vouches for that.
_passkey_method = case(
    (_key.attested_as.is_not(None) & (_key.backup_eligible == 0), _literal(Method.SECURITY_KEY)),
    else_=_literal(Method.PASSKEY),
)
_METHODS: Final = union_all(
    _one(
        Method.ONE_TIME_CODE,
        exists().where(
            authenticators.c.account_id == _ACCOUNT, authenticators.c.kind == AuthenticatorKind.ONE_TIME_CODE.value
        ),
    ),
    _one(Method.ONE_TIME_CODE, exists().where(totp_devices.c.account_id == _ACCOUNT)),
    _one(Method.RECOVERY_CODE, exists().where(_of_codes, recovery_codes.c.used_at.is_(None))),
    select(_passkey_method).where(_key.account_id == _ACCOUNT),
    _one(
        Method.CERTIFICATE,
        exists().where(
            account_certificates.c.account_id == _ACCOUNT, account_certificates.c.not_after >= bindparam("now")
        ),
    ),
)

_FORGET: Final = tuple(
    delete(table).where(table.c.account_id == _ACCOUNT)
    for table in (recovery_codes, authenticators, totp_devices, passkeys, account_certificates)
)


def methods_of(account_id: AccountId, now: Seconds) -> UnitOfWork[frozenset[Method]]:
    """Read by which methods an account can prove itself besides its password."""
    rows: list[Row] = yield All(_METHODS, {"account_id": account_id, "now": now})
    return frozenset(Method(row[0]) for row in rows)


def forget_authenticators(account_id: AccountId) -> UnitOfWork[None]:
    """Leave an account without anything but its password."""
    for forget in _FORGET:
        yield Run(forget, {"account_id": account_id})
