"""Passwords and one-time-code secrets that records bring: stored only where there is none or another one."""

from sqlalchemy import bindparam, update
from sqlalchemy.dialects.postgresql import insert

from idp.adapters.sql.people.accounts import change_password
from idp.adapters.sql.people.personal_data import PersonalData
from idp.adapters.sql.tables.main import accounts, authenticators
from idp.adapters.sql.unit_of_work import Many, Parameters, UnitOfWork
from idp.domain.accounts.account import AuthenticatorKind
from idp.domain.events import Origin, PasswordChanged
from idp.domain.ids import AccountId, Seconds
from idp.ports.clock import Entropy

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
        "name": None,
    }


class Credentials:
    """Collects what is wanted of accounts that are there, at the moment `now`, and writes it at once."""

    def __init__(self, data: PersonalData, entropy: Entropy, now: Seconds, origin: Origin) -> None:
        self._data = data
        self._entropy = entropy
        self._now = now
        self._origin = origin
        self._first_passwords: list[Parameters] = []
        self._changed_passwords: dict[AccountId, str] = {}
        self._secrets: list[Parameters] = []

    def change(
        self,
        account_id: AccountId,
        key: bytes,
        *,
        stored: tuple[str | None, bytes | None],
        wanted: tuple[str | None, str | None],
    ) -> bool:
        """Want a password hash and a one-time-code secret (None: whatever is there); whether anything is different."""
        stored_hash, stored_secret = stored
        wanted_hash, wanted_secret = wanted
        changed = False
        if wanted_hash is not None and wanted_hash != stored_hash:
            if stored_hash is None:
                self._first_passwords.append({"account_id": account_id, "password_hash": wanted_hash})
            else:
                self._changed_passwords[account_id] = wanted_hash
            changed = True
        if wanted_secret is not None and wanted_secret != self._data.open_secret(key, account_id, stored_secret):
            sealed = self._data.seal_secret(key, account_id, wanted_secret)
            self._secrets.append(new_totp(self._entropy.identifier(), account_id, sealed, self._now))
            changed = True
        return changed

    def write(self) -> UnitOfWork[None]:
        """Write what was different; where a password was another one, everything that it had opened ends."""
        yield Many(_SET_PASSWORD, self._first_passwords)
        for account_id, password_hash in sorted(self._changed_passwords.items()):
            event = PasswordChanged(origin=self._origin, account_id=account_id)
            yield from change_password(account_id, password_hash, self._now, event, self._entropy)
        yield Many(_STORE, self._secrets)
