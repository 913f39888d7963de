"""Views without a journey: errors, the form_post answer, and the pages behind the footer."""

from enum import StrEnum
from typing import ClassVar

from idp.domain.values import dataclass
from idp.web.views.common import PageView


class Topic(StrEnum):
    """The pages behind the footer, each at `/<topic>`."""

    HELP = "help"
    PRIVACY = "privacy"
    TERMS = "terms"
    REPORT = "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationPage(PageView):
    """Help, privacy, terms or report; the words stand in `templates/pages/<topic>.html`."""

    template: ClassVar[str] = "information.html"

    topic: Topic
    register_href: str | None = None
    """Where people open an account themselves, where they can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage(PageView):
    """`data-error="<code>"` on `<main>`: an OAuth error code, or one of ours, worded in `idp.web.wording`.

    A code without words of its own gets those of `invalid_request`. `for_developers`
    is one English sentence for the people who run the service, never with anything of the request in it.
    """

    template: ClassVar[str] = "error.html"

    code: str
    request_id: str
    return_href: str | None = None
    for_developers: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailurePage(ErrorPage):
    """What is said instead of any page, so that there are few of them: whoever is turned away costs hardly anything."""

    @property
    def filled_in(self) -> tuple[str, ...]:
        return ("request_id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPostPage(PageView):
    """OAuth 2.0 Form Post Response Mode: `parameters` as hidden fields of a form posted to `redirect_uri`."""

    template: ClassVar[str] = "form_post.html"

    redirect_uri: str
    parameters: tuple[tuple[str, str], ...]
