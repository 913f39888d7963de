"""Views of proving oneself by one's face in a sign-in."""

from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import FormPage, PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class BiometricPage(FormPage):
    """Form `biometric`, without fields: sending it is the agreement. `verifier` is the service that it leads to."""

    template: ClassVar[str] = "biometric.html"

    verifier: str
    other_ways_href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognisedPage(PageView):
    """The face was recognised: the browser goes on to `onward` by itself; the link is for one that does not."""

    template: ClassVar[str] = "recognised.html"

    onward: str
