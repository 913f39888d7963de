"""Views of signing in on another device: its code, the question, and what came of it."""

from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import FormPage, PageView, SharedItem


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePage(FormPage):
    """Form `device`: field `user_code`; what was typed, or stood in the address, is kept.

    `complete_uri` is drawn as a QR picture, to go on with a telephone; None when there is no code yet.
    """

    template: ClassVar[str] = "device.html"

    user_code: str = ""
    complete_uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceConsentPage(FormPage):
    """Form `consent`: field `decision`, `allow` or `deny`. `client` is always given; `user_code` is to be compared."""

    template: ClassVar[str] = "device_consent.html"

    user_code: str
    shared: tuple[SharedItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceDonePage(PageView):
    """The person decided; the device goes on by itself, or does not."""

    template: ClassVar[str] = "device_done.html"

    allowed: bool
