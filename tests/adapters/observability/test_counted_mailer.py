import pytest

from idp.adapters.observability.counted_mailer import CountedMailer
from idp.adapters.observability.metrics import Metrics
from idp.ports.mail import Mail, MailError, RecipientRefusedError


class Post:
    """Knows one address, and one that it cannot reach today."""

    def __init__(self) -> None:
        self.taken: list[Mail] = []

    async def reaches_beyond_ascii(self) -> bool:
        return False

    async def send(self, mail: Mail) -> None:
        if mail.recipient == "nobody@example.vn":
            raise RecipientRefusedError("no")
        if mail.recipient == "far@example.vn":
            raise MailError("no")
        self.taken.append(mail)


async def test_messages_are_counted_by_what_became_of_them() -> None:
    metrics, post = Metrics(), Post()
    mailer = CountedMailer(post, metrics)
    counts = metrics.numbers.counters["idp_mails_total"]
    assert counts == {("sent",): 0, ("refused",): 0, ("failed",): 0}
    mail = Mail(recipient="an@example.vn", subject="Mã", text="123456")
    await mailer.send(mail)
    with pytest.raises(RecipientRefusedError):
        await mailer.send(Mail(recipient="nobody@example.vn", subject="Mã", text="123456"))
    with pytest.raises(MailError):
        await mailer.send(Mail(recipient="far@example.vn", subject="Mã", text="123456"))
    assert counts == {("sent",): 1, ("refused",): 1, ("failed",): 1}
    assert post.taken == [mail]
    assert not await mailer.reaches_beyond_ascii()
    assert counts == {("sent",): 1, ("refused",): 1, ("failed",): 1}
