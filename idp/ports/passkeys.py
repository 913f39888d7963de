"""Passkeys of accounts."""

from typing import Protocol

from idp.domain.authenticators.passkey import Passkey
from idp.domain.events import Event
from idp.domain.ids import AccountId, PasskeyId, Seconds


class Passkeys(Protocol):
    """The register of passkeys. Every change is one conditional statement; `event` stands or falls with it."""

    async def of_account(self, account_id: AccountId) -> tuple[Passkey, ...]:
        """The account's passkeys with their names, oldest first."""
        ...

    async def find(self, credential_id: bytes) -> Passkey | None:
        """The passkey that an authenticator calls `credential_id`, without its name, or None."""
        ...

    async def add(self, passkey: Passkey, event: Event) -> bool:
        """Add a passkey; False when its credential is known already, or the account is gone or has its most."""
        ...

    async def accept_use(
        self, passkey_id: PasskeyId, *, sign_count: int, backed_up: bool, now: Seconds, event: Event
    ) -> bool:
        """Record a use; False when the passkey is gone, or its counter did not go up.

        An authenticator that does not count says 0 for ever, and only that (WebAuthn section 6.1.1).
        """
        ...

    async def rename(self, account_id: AccountId, passkey_id: PasskeyId, name: str, event: Event) -> bool:
        """Call it `name`; False when the account has no such passkey."""
        ...

    async def remove(self, account_id: AccountId, passkey_id: PasskeyId, event: Event) -> bool:
        """Forget it for good; False when the account has no such passkey."""
        ...
