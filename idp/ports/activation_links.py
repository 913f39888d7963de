"""Links that let people take over accounts that somebody made for them, or proved to be theirs."""

from typing import Protocol

from idp.domain.enrolment.activation_link import ActivationLink
from idp.domain.events import Event, Origin
from idp.domain.ids import AccountId, Seconds, TokenHash


class RoleHeldError(Exception):
    """The link would lend an administrative role to whoever is given it."""


class ActivationLinks(Protocol):
    """One link for each account; using it up is one conditional statement."""

    async def put(self, link: ActivationLink, event: Event, *, lends_roles: bool) -> None:
        """Keep a link in place of the account's earlier one, which stops working.

        Raises `RoleHeldError` when the account holds an administrative role, or will, unless `lends_roles`.
        """
        ...

    async def find(self, token_hash: TokenHash) -> ActivationLink | None:
        """The link with this token, used and expired ones included, or None."""
        ...

    async def of_account(self, account_id: AccountId) -> ActivationLink | None:
        """The link that the account was given last, used and expired ones included, or None."""
        ...

    async def redeem(self, token_hash: TokenHash, password_hash: str, now: Seconds, origin: Origin) -> AccountId | None:
        """Use the link up and give its account this password; None when it is unknown, used, expired, or locked.

        In the same transaction every second factor of the account goes, and every session and grant ends: whoever is
        given a link begins anew. The event is `AccountActivated`.
        """
        ...
