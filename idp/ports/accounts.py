"""Accounts, their contacts and authenticators."""

from typing import Protocol

from idp.domain.accounts.account import Account, Authenticator, Contact, Profile
from idp.domain.accounts.account_lock import LockGround
from idp.domain.events import Event
from idp.domain.grants.grant import RevocationReason
from idp.domain.ids import AccountId, AuthenticatorId, ClientId, Seconds
from idp.domain.levels.assurance import Method


class Accounts(Protocol):
    """The directory that sign-in reads."""

    async def find(self, identifier: str) -> Account | None:
        """The account that signs in with a canonical identifier (see `domain.accounts.sign_in_identifier`), or None."""
        ...

    async def get(self, account_id: AccountId) -> Account | None:
        """One account by identifier, or None."""
        ...

    async def profile(self, account_id: AccountId) -> Profile | None:
        """The account's personal data, decrypted, or None."""
        ...

    async def contacts(self, account_id: AccountId) -> tuple[Contact, ...]:
        """Verified contacts, e-mail first."""
        ...

    async def store_password_hash(self, account_id: AccountId, expected: str, replacement: str) -> None:
        """Replace a hash made with older parameters, unless it changed meanwhile."""
        ...

    async def change_password(
        self, account_id: AccountId, replacement: str, now: Seconds, event: Event, *, valid_from: Seconds
    ) -> Account | None:
        """Give the account another password (its hash), whatever it had; None, and nothing done, when it is too late.

        `valid_from` is the account's `sessions_valid_from` that whoever asks stands on: of two changes at once one
        happens, since the first ends the session in which the other was asked for.
        Ends every session and grant in the same transaction, those with `offline_access` too, and queues logout tokens:
        whoever knew the old password stays nowhere. Returns the account as the change left it: a session that begins
        with it does not outlive what ends all of them once more.
        """
        ...

    async def prefer_second_factor(self, account_id: AccountId, *, always: bool, event: Event) -> None:
        """Record whether the person wants to be asked for a second factor at every sign-in."""
        ...

    async def set_locked(
        self,
        account_id: AccountId,
        *,
        locked: bool,
        now: Seconds,
        reason: RevocationReason,
        event: Event,
        ground: LockGround | None = None,
    ) -> tuple[ClientId, ...]:
        """Lock by hand on a `ground` (the operator's when None), or end the locks on it.

        With None those end that were opened so, the idle one and the person's own.

        A lock ends sessions and grants in the same transaction and queues logout tokens. The account stays locked
        while it is on another ground. Returns the clients that are told. Whoever is unlocked counts as not idle from
        `now` on.
        """
        ...

    async def record_use(self, account_id: AccountId, now: Seconds, event: Event) -> None:
        """Record that the account is in use, together with the event that says so (`Account.use_is_news`)."""
        ...

    async def end_all_sessions(self, account_id: AccountId, now: Seconds, event: Event) -> tuple[ClientId, ...]:
        """End every session of the account and the grants bound to them; queue logout tokens; the clients told."""
        ...


class Authenticators(Protocol):
    """Second factors. Every change is one conditional statement, so that nothing is accepted twice."""

    async def enrolled(self, account_id: AccountId) -> tuple[Authenticator, ...]:
        """Everything for one-time codes and recovery codes that the account has, the first device first."""
        ...

    async def methods(self, account_id: AccountId, now: Seconds) -> frozenset[Method]:
        """By which methods the account can prove itself besides its password; what is used up or over is not told."""
        ...

    async def accept_time_step(self, authenticator_id: AuthenticatorId, step: int, event: Event) -> bool:
        """Record a TOTP time step of a device; False when this or a later one was accepted before.

        RFC 6238 section 5.2: each code once. Two devices of one account never have one secret (`add_totp`).
        """
        ...

    async def use_recovery_code(self, account_id: AccountId, code_hash: bytes, now: Seconds, event: Event) -> bool:
        """Use up one recovery code; False when it is unknown or used."""
        ...

    async def enrol_totp(
        self,
        authenticator: Authenticator,
        recovery_code_hashes: tuple[bytes, ...],
        event: Event,
    ) -> bool:
        """Enrol one-time codes with fresh recovery codes (older ones end); False when they are enrolled already."""
        ...

    async def add_totp(self, authenticator: Authenticator, most: int, event: Event) -> bool:
        """Enrol one more device for one-time codes; recovery codes stay as they are.

        False when the account has `most` devices, or one with this secret, or when it is gone.
        """
        ...

    async def rename(self, account_id: AccountId, authenticator_id: AuthenticatorId, name: str, event: Event) -> bool:
        """Call a device for one-time codes something else; False when the account has no such device."""
        ...

    async def remove(self, account_id: AccountId, authenticator_id: AuthenticatorId, event: Event) -> bool:
        """Forget a device for one-time codes; False when the account has no such device. The others stay."""
        ...

    async def replace_recovery_codes(
        self,
        account_id: AccountId,
        code_hashes: tuple[bytes, ...],
        now: Seconds,
        event: Event,
        *,
        older_than: Seconds | None = None,
    ) -> bool:
        """Let fresh recovery codes take the place of all that the account had; False when the account is gone.

        True, and nothing happens, when they have done so before. Where the codes in force were not made `older_than` a
        moment, nothing happens either: False.
        """
        ...
