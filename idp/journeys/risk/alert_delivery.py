"""Alerts delivered after the fact, by whichever process claims them; tried again until they arrive or are old."""

from collections.abc import Collection
from types import MappingProxyType
from typing import Final

from idp.domain.accounts.account import Account, Contact, ContactKind
from idp.domain.accounts.security_alert import AlertMessage, Channel
from idp.domain.events import AlertUndelivered, Origin
from idp.domain.ids import RequestId, Seconds
from idp.journeys.courier import Courier
from idp.ports.accounts import Accounts
from idp.ports.clock import Clock
from idp.ports.mail import MailError, RecipientRefusedError
from idp.ports.messages import MessageError
from idp.ports.security_alerts import AlertMessages
from idp.ports.security_notices import SecurityNotices

LEASE: Final = 300
"""Seconds for which one process has a message: longer than a mail server that is slow at every step takes for one."""

PATIENCE: Final = 3 * 24 * 3600
"""Seconds for which a message is tried; an alert that is older frightens more than it helps."""

FIRST_DELAY: Final = 10
"""Seconds until the second try; each further one waits twice as long, up to about ten minutes."""

_MOST_DOUBLINGS: Final = 6
_AT_ONCE: Final = 4
"""As many as a mailer has connections: what is claimed leaves at once, while its lease is fresh."""
_KINDS: Final = MappingProxyType({Channel.EMAIL: ContactKind.EMAIL, Channel.MESSAGE: ContactKind.PHONE})


class AlertDelivery:
    """Delivers what waits. Any number of processes may do so at once."""

    def __init__(
        self,
        messages: AlertMessages,
        accounts: Accounts,
        notices: SecurityNotices,
        clock: Clock,
        *,
        default_locale: str,
    ) -> None:
        self._messages = messages
        self._accounts = accounts
        self._notices = notices
        self._clock = clock
        self._default_locale = default_locale
        # One server takes them all: no message is in another's way.
        self._courier = Courier(
            self._claim, self._deliver, lambda message: message.message_id, clock, places=_AT_ONCE, lease=LEASE
        )

    async def deliver_due(self) -> int:
        """Try every message that is due, a few at once; return how many were tried (0: nothing to do now)."""
        return await self._courier.deliver_due()

    async def _claim(
        self, now: Seconds, lease_until: Seconds, limit: int, _busy: Collection[str]
    ) -> tuple[AlertMessage, ...]:
        return await self._messages.claim_due(now, lease_until, limit)

    async def _deliver(self, message: AlertMessage) -> None:
        account = await self._accounts.get(message.alert.account_id)
        contact = await self._contact(message) if account else None
        if account is None or contact is None:
            # Nobody has to have every kind of contact.
            await self._messages.finished(message.message_id)
            return
        try:
            await self._notices.alert(contact, message.alert, self._language(account))
        except RecipientRefusedError:
            await self._give_up(message)
        except (MailError, MessageError):
            again_at = Seconds(self._clock.now() + (FIRST_DELAY << min(message.attempts - 1, _MOST_DOUBLINGS)))
            if again_at >= message.created_at + PATIENCE:
                await self._give_up(message)
            else:
                await self._messages.retry(message.message_id, again_at)
        else:
            await self._messages.finished(message.message_id)

    async def _contact(self, message: AlertMessage) -> Contact | None:
        if message.channel is Channel.FORMER:
            return message.address
        kind = _KINDS[message.channel]
        contacts = await self._accounts.contacts(message.alert.account_id)
        return next((contact for contact in contacts if contact.kind is kind), None)

    async def _give_up(self, message: AlertMessage) -> None:
        event = AlertUndelivered(
            origin=Origin(RequestId(message.message_id), "outbox"),
            account_id=message.alert.account_id,
            alert=message.alert.kind.value,
            channel=message.channel.value,
            attempts=message.attempts,
        )
        await self._messages.given_up(message.message_id, event)

    def _language(self, account: Account) -> str:
        return account.locale or self._default_locale
