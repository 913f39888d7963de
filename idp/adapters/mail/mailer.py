"""The mailer that the `IDP_MAIL` setting asks for."""

from pathlib import Path

from idp.adapters.mail.file_mailer import FileMailer
from idp.adapters.mail.smtp_mailer import SmtpMailer, parse_mail_server, sender_in
from idp.ports.clock import Clock, Entropy
from idp.settings import Settings


def open_mailer(settings: Settings, clock: Clock, entropy: Entropy) -> FileMailer | SmtpMailer:
    """Return the mailer; the sender is the one in the setting, else `no-reply` at the issuer's host."""
    host = settings.issuer_host
    sender = f"no-reply@{'localhost' if ':' in host else host}"
    if settings.mail.startswith("file:"):
        return FileMailer(Path(settings.mail.removeprefix("file:")), sender, clock, entropy)
    return SmtpMailer(parse_mail_server(settings.mail), sender_in(settings.mail) or sender, clock, entropy)
