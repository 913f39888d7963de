"""What somebody is handed over at the end of a case of proofing: a code, or a link where nobody can be asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from idp.domain.accounts.account import Account
from idp.domain.accounts.recovery import BOTH, Credential
from idp.domain.ids import Seconds
from idp.domain.values import dataclass
from idp.journeys.activation import IssuedLinks
from idp.journeys.activation_codes import ActivationCodes, Channel
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import ChangedMeanwhileError
from idp.journeys.recovery.counter import CounterCodes, IssuedCode
from idp.ports.own_contacts import OwnContacts
from idp.ports.short_lived import ShortLivedStore

AT_MOST: Final = 60
"""Seconds for which a process that was stopped while it made a code keeps others from making one for the same case."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What the person takes home: a code, or the path of a link where there is neither a password nor a contact.

    `recovery` is a code by which a password is set (`journeys.recovery.counter`).
    """

    code: str | None = None
    link: str | None = None
    recovery: IssuedCode | None = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """Makes what is handed over."""

    codes: ActivationCodes
    links: IssuedLinks
    recovery: CounterCodes
    contacts: OwnContacts
    store: ShortLivedStore

    @asynccontextmanager
    async def alone(self, case_id: str, now: Seconds) -> AsyncIterator[None]:
        """Let one at a time make something for a case: what is made later ends what was made before.

        Raises `ChangedMeanwhileError` for the others; whoever is stopped dead keeps them out for a moment.
        """
        key = f"handing-over:{case_id}"
        if await self.store.increment(key, now, Seconds(now + AT_MOST)) > 1:
            raise ChangedMeanwhileError
        try:
            yield
        finally:
            await self.store.delete(key)

    async def make(
        self, admin: Administrator, account: Account, lost: frozenset[Credential], now: Seconds
    ) -> HandedOver:
        """Make a code, or a link for an account where nobody can be asked.

        An account without a password counts as one that lost everything, as long as somebody can be told of it. An
        earlier code or link stops working; earlier codes that set a password do with the first reset.
        """
        account_id = account.account_id
        if account.password_hash is None:
            if not await self.contacts.settled(account_id, now):
                return HandedOver(link=await self.links.issue(account_id, admin.origin, by=admin.account_id))
            lost = BOTH
        if not lost:
            return HandedOver(code=await self.codes.issue(account_id, Channel.COUNTER))
        return HandedOver(recovery=await self.recovery.issue(account_id, lost, admin.origin, admin.account_id))
