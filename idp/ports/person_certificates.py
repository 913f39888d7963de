"""Certificates of people: who vouches for them, and which account each belongs to."""

from typing import Protocol

from idp.domain.authenticators.account_certificate import AccountCertificate, CheckedCertificate
from idp.domain.events import Event
from idp.domain.ids import AccountId, Seconds


class PersonCertificates(Protocol):
    """Checks certificates (DER) whose key the proxy saw proved."""

    def check(self, certificate: bytes, now: Seconds) -> CheckedCertificate:
        """Return what a certificate says that holds at `now`.

        It holds when an authority that issues to people's cards vouches for it, it is for signing in, valid, and not
        on a current list of withdrawn ones. Raises `RefusedCertificateError` for any other.
        """
        ...


class AccountCertificates(Protocol):
    """Which account signs in by which certificate. A certificate is one account's."""

    async def holder(self, thumbprint: bytes) -> AccountId | None:
        """The account that signs in by the certificate with this SHA-256, or None."""
        ...

    async def of_account(self, account_id: AccountId) -> tuple[AccountCertificate, ...]:
        """The certificates of an account, oldest first; those that have run out too."""
        ...

    async def add(self, certificate: AccountCertificate, most: int, event: Event) -> bool:
        """Let an account sign in by a certificate; False when it is somebody's already, or the account has `most`."""
        ...

    async def accept(self, account_id: AccountId, thumbprint: bytes, now: Seconds, event: Event) -> bool:
        """Record a use; False when the account does not have the certificate any more."""
        ...

    async def remove(self, account_id: AccountId, certificate_id: str, event: Event) -> bool:
        """Take a certificate from its account; False when the account has none of that name."""
        ...
