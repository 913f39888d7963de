"""The background jobs that alert people, as a flow test runs them; and what was sent."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from functools import cache

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.mail.file_mailer import FileMailer
from idp.adapters.messages.file_messenger import FileMessenger
from idp.journeys.contact_links import ContactLinks
from idp.journeys.recovery.tokens import RecoveryTokens
from idp.journeys.risk.alert_delivery import AlertDelivery
from idp.journeys.risk.alerts import AlertReader
from idp.web.rendering import Renderer
from idp.web.security_notices import SentSecurityNotices
from idp.web.static_files import StaticFiles
from idp.web.written_words import WrittenWords
from tests.flows.provider import ISSUER, Provider


@dataclass(frozen=True)
class Letter:
    """A mail as it is read."""

    recipient: str
    subject: str
    text: str


@cache
def renderer() -> Renderer:
    """One for the whole run: compiling takes longer than a test."""
    return Renderer(StaticFiles())


def letters(provider: Provider) -> list[Letter]:
    """Every mail that left, oldest first."""
    parsed = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in sorted((provider.folder / "mail").glob("*.eml"))
    ]
    return [Letter(mail["To"], mail["Subject"], mail.get_content().replace("\r", "")) for mail in parsed]


async def alerted(provider: Provider) -> list[Letter]:
    """Read the audit trail and deliver what is due: the mails that left, oldest first."""
    before = len(letters(provider))
    stores, clock, entropy = provider.stores, provider.clock, SystemEntropy()
    secret = load_secret(provider.settings.secret_file, create=False)
    keystore = FileKeystore(provider.settings.keystore_path, secret, clock)
    mailer = FileMailer(provider.folder / "mail", "no-reply@example.vn", clock, entropy)
    messenger = FileMessenger(provider.folder / "messages", clock, entropy)
    words = WrittenWords(renderer(), mailer, messenger)
    keys = keystore.subject_keys()
    notices = SentSecurityNotices(words, ContactLinks(keys), RecoveryTokens(keys, entropy), issuer=ISSUER)
    await AlertReader(stores.audit_log, stores.security_alerts).read_on(lambda: True)
    delivery = AlertDelivery(stores.alert_messages, stores.accounts, notices, clock, default_locale="vi")
    while await delivery.deliver_due():
        continue
    return letters(provider)[before:]


def messages(provider: Provider) -> list[str]:
    """What went to telephones, oldest first."""
    return [path.read_text(encoding="utf-8") for path in sorted((provider.folder / "messages").glob("*.txt"))]


def link_in(letter: Letter) -> str:
    """The path of the link on a line of its own."""
    found = re.findall(rf"^{re.escape(ISSUER)}(/\S+)$", letter.text, re.MULTILINE)
    assert len(found) == 1, letter
    return str(found[0])
