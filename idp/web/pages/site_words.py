"""What the site says outside its pages, by mail and by message."""

from idp.domain.values import dataclass
from idp.journeys.contact_links import ContactLinks
from idp.journeys.recovery.tokens import RecoveryTokens
from idp.web.notifications import MailedNotifications
from idp.web.pages.site_parts import SitePorts
from idp.web.recovery_messages import SentRecoveryMessages
from idp.web.rendering import Renderer
from idp.web.security_notices import SentSecurityNotices
from idp.web.written_words import WrittenWords


@dataclass(frozen=True, slots=True)
class SiteWords:
    """`notices` answer and remind, `security` alerts, `recovery` is said while somebody gets back in."""

    notices: MailedNotifications
    security: SentSecurityNotices
    recovery: SentRecoveryMessages


def site_words(renderer: Renderer, ports: SitePorts) -> SiteWords:
    """Put them together."""
    account_url = f"{ports.issuer}/account"
    words = WrittenWords(renderer, ports.mailer, ports.messenger)
    tokens = RecoveryTokens(ports.keys, ports.entropy)
    return SiteWords(
        notices=MailedNotifications(renderer, ports.mailer, ports.messenger, ports.clock, account_url=account_url),
        security=SentSecurityNotices(words, ContactLinks(ports.keys), tokens, issuer=ports.issuer),
        recovery=SentRecoveryMessages(renderer, words, recovery_url=f"{account_url}/recovery"),
    )
