"""What leaves as mail (RFC 5322): one plain-text message, its headers safe from injection."""

from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import Final

from idp.domain.accounts.email_address import delivery_address, is_beyond_ascii, parse_email_address
from idp.domain.ids import Seconds
from idp.domain.refused_value import RefusedIdentifier
from idp.ports.mail import Mail, MailError, RecipientRefusedError

_LONGEST_HEADER: Final = 320


def compose(mail: Mail, *, sender: str, message_id: str, now: Seconds) -> EmailMessage:
    """Return the message. Raises `MailError` when an address or the subject would break out of its header.

    `RecipientRefusedError` when it could go to no domain, or only to another one than the address says.

    `message_id` is the part before the at sign; the sender's domain follows it.
    """
    for value in (mail.recipient, mail.subject, sender):
        if not value or len(value) > _LONGEST_HEADER or not value.isprintable():
            raise MailError("a header of the message is empty, overlong or not printable")
    message = EmailMessage(policy=SMTPUTF8 if is_beyond_ascii(mail.recipient) else SMTP)
    try:
        origin = Address(addr_spec=sender)
        message["From"] = origin
        message["To"] = _recipient(mail.recipient)
        message["Subject"] = mail.subject
        message["Date"] = datetime.fromtimestamp(now, UTC)
        message["Message-ID"] = f"<{message_id}@{origin.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text, charset="utf-8")
    except RefusedIdentifier:
        raise RecipientRefusedError("the address names no domain that messages could go to") from None
    except (MessageError, ValueError, IndexError) as error:
        raise MailError("an address of the message is malformed") from error
    return message


def _recipient(address: str) -> Address:
    """The address in its header; the library reads only those within ASCII."""
    address = delivery_address(address)
    if not is_beyond_ascii(address):
        return Address(addr_spec=address)
    local_part, _, domain = parse_email_address(address).rpartition("@")
    return Address(username=local_part, domain=domain)
