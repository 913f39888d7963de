"""Views of officers' cards: signing in with one, and adding one."""

from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import FormPage


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatePage(FormPage):
    """Form `certificate`, without fields. `holder` is whom the certificate names that the browser shows, if any."""

    template: ClassVar[str] = "certificate.html"

    holder: str | None
    other_ways_href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCertificatePage(FormPage):
    """Form `add-certificate`: field `name`, what the person calls the card (what was typed is kept)."""

    template: ClassVar[str] = "add_certificate.html"

    holder: str | None
    name: str = ""
    back_href: str = "/account/security"
