"""Passwords and one-time-code secrets that records bring: stored only where there is none or another one."""

from sqlalchemy import bindparam, update
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.personal_data import PersonalData
from idp.adapters.sql.tables import accounts, authenticators
from idp.adapters.sql.unit_of_work import Run, UnitOfWork
from idp.domain.account import AuthenticatorKind
from idp.domain.ids import AccountId, Seconds

_SET_PASSWORD = (
    update(accounts)
    .where(accounts.c.account_id == bindparam("account_id"))
    .values(password_hash=bindparam("password_hash"))
)
# Another secret has its own time steps.
_new = insert(authenticators)
_STORE = _new.on_conflict_do_update(
    index_elements=["account_id", "kind"],
    set_={"secret": _new.excluded.secret, "last_step": 0, "created_at": _new.excluded.created_at},
)


def new_totp(authenticator_id: str, account_id: AccountId, sealed: bytes, now: Seconds) -> dict[str, object]:
    """The row of a one-time-code authenticator that no code was accepted of yet."""
    return {
        "authenticator_id": authenticator_id,
        "account_id": account_id,
        "kind": AuthenticatorKind.ONE_TIME_CODE.value,
        "secret": sealed,
        "last_step": 0,
        "created_at": now,
    }


def credentials_changed(
    data: PersonalData,
    account_id: AccountId,
    key: bytes,
    *,
    stored: tuple[str | None, bytes | None],
    wanted: tuple[str | None, str | None],
    new_id: str,
    now: Seconds,
) -> UnitOfWork[bool]:
    """Store what is wanted (password hash, one-time-code secret) and not there; whether anything was different."""
    stored_hash, stored_secret = stored
    wanted_hash, wanted_secret = wanted
    changed = False
    if wanted_hash is not None and wanted_hash != stored_hash:
        yield Run(_SET_PASSWORD, {"account_id": account_id, "password_hash": wanted_hash})
        changed = True
    if wanted_secret is not None and wanted_secret != data.open_secret(key, account_id, stored_secret):
        row = new_totp(new_id, account_id, data.seal_secret(key, account_id, wanted_secret), now)
        yield Run(_STORE, row)
        changed = True
    return changed
