"""The recovery codes of an account, inside a transaction: which are in force since when, and fresh ones."""

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from idp.adapters.sql.tables.main import authenticators, recovery_codes
from idp.adapters.sql.unit_of_work import All, Many, One, Row, Run, UnitOfWork
from idp.domain.accounts.account import AuthenticatorKind
from idp.domain.ids import AccountId, Seconds
from idp.ports.clock import Entropy

_row = authenticators.c
_of_account = recovery_codes.c.account_id == bindparam("account_id")
_MADE_AT = select(_row.created_at).where(_row.account_id == bindparam("account_id"), _row.kind == bindparam("kind"))
_HASHES = select(recovery_codes.c.code_hash).where(_of_account)
_new_codes = upsert(authenticators)
_ENROL = _new_codes.on_conflict_do_update(
    index_elements=["account_id", "kind"], set_={"created_at": _new_codes.excluded.created_at}
)
_FORGET = delete(recovery_codes).where(_of_account)
_ADD = insert(recovery_codes)


def codes_in_force(account_id: AccountId) -> UnitOfWork[tuple[Seconds | None, frozenset[bytes]]]:
    """Since when the account has its codes (None: it has none), and the hashes of all, used ones too."""
    kind = AuthenticatorKind.RECOVERY_CODES.value
    made: Row | None = yield One(_MADE_AT, {"account_id": account_id, "kind": kind})
    rows: list[Row] = yield All(_HASHES, {"account_id": account_id})
    return None if made is None else Seconds(made[0]), frozenset(bytes(code_hash) for (code_hash,) in rows)


def new_codes(account_id: AccountId, hashes: tuple[bytes, ...], now: Seconds, entropy: Entropy) -> UnitOfWork[None]:
    """Let these take the place of all others."""
    codes = {
        "authenticator_id": entropy.identifier(),
        "account_id": account_id,
        "kind": AuthenticatorKind.RECOVERY_CODES.value,
        "secret": None,
        "last_step": 0,
        "created_at": now,
        "name": None,
    }
    yield Run(_ENROL, codes)
    yield Run(_FORGET, {"account_id": account_id})
    yield Many(_ADD, [{"account_id": account_id, "code_hash": code_hash, "used_at": None} for code_hash in hashes])
