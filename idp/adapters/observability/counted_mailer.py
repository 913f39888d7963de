"""A mailer that counts what left and what did not."""

from idp.adapters.observability.families import MAILS
from idp.adapters.observability.metrics import Metrics
from idp.ports.mail import Mail, Mailer, MailError, RecipientRefusedError


class CountedMailer:
    """`Mailer` around another one."""

    def __init__(self, mailer: Mailer, metrics: Metrics) -> None:
        self._mailer = mailer
        self._metrics = metrics
        for outcome in ("sent", "refused", "failed"):
            metrics.count(MAILS.name, outcome, by=0)

    async def send(self, mail: Mail) -> None:
        try:
            await self._mailer.send(mail)
        except RecipientRefusedError:
            # Nobody has this address: the server works.
            self._metrics.count(MAILS.name, "refused")
            raise
        except MailError:
            self._metrics.count(MAILS.name, "failed")
            raise
        self._metrics.count(MAILS.name, "sent")

    async def reaches_beyond_ascii(self) -> bool:
        return await self._mailer.reaches_beyond_ascii()
