"""Events of operating the provider: records loaded, accounts locked, keys and clients changed."""

from typing import ClassVar

from idp.domain.events.base import Event
from idp.domain.ids import AccountId, ClientId
from idp.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsImported(Event):
    """An operator loaded records; `counts` by kind, `digest` of the file."""

    name: ClassVar[str] = "records.imported"
    digest: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLocked(Event):
    """An account was locked (`locked`) or unlocked by an operator or a rule (`reason`)."""

    name: ClassVar[str] = "account.lock"
    account_id: AccountId
    locked: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleNoticeGiven(Event):
    """The owner of an idle account was told that it will be locked (`number`: 1 or 2); `delivered`: by a message."""

    name: ClassVar[str] = "account.idle_notice"
    account_id: AccountId
    number: int
    delivered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeyChanged(Event):
    """A signing key entered a new state."""

    name: ClassVar[str] = "signing_key.changed"
    key_id: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptionKeyChanged(Event):
    """A key that clients encrypt to entered a new state."""

    name: ClassVar[str] = "encryption_key.changed"
    key_id: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappingKeyChanged(Event):
    """A version of the wrapping key, which the data keys of persons lie under, entered a new state."""

    name: ClassVar[str] = "wrapping_key.changed"
    version: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialAccessTokenChanged(Event):
    """A token that allows clients to be registered was created or revoked (`change`)."""

    name: ClassVar[str] = "initial_access_token.changed"
    token_id: str
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRegistered(Event):
    """A client registered itself, by an initial access token or the software statement of an issuer."""

    name: ClassVar[str] = "client.registered"
    client_id: ClientId
    token_id: str | None = None
    statement_issuer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientChanged(Event):
    """A client was registered, changed, disabled, or given another secret (`change`).

    `account_id` is the administrator who did it in the console, `tester` whose account was named or is no more.
    """

    name: ClassVar[str] = "client.changed"
    client_id: ClientId
    change: str
    account_id: AccountId | None = None
    tester: AccountId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupMade(Event):
    """Everything was backed up; `digest` is that of the backup's manifest."""

    name: ClassVar[str] = "backup.made"
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRestored(Event):
    """The database was restored from a backup: what is recorded from here on follows what the backup had."""

    name: ClassVar[str] = "backup.restored"
    digest: str
    grants_ended: int
