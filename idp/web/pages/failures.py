"""The error page for what no page of its own could answer: cheap, since it is shown most when there is most to do."""

from starlette.types import Scope

from idp.web.edge.body import list_header
from idp.web.edge.cookies import Cookies
from idp.web.edge.headers import Headers, SecurityHeaders
from idp.web.language import negotiate_locale
from idp.web.page_policy import page_policy
from idp.web.pages.answer import HTML
from idp.web.pages.visit import LOCALE
from idp.web.rendering import Renderer
from idp.web.views.common import LOCALES, Locale, language_links
from idp.web.views.information import FailurePage


class Failures:
    """Pages that say that something failed. Nothing is read of the visit but its language."""

    def __init__(self, renderer: Renderer, headers: SecurityHeaders, cookies: Cookies, default_locale: Locale) -> None:
        self._renderer = renderer
        self._headers: Headers = (*headers.page_headers(page_policy()), (b"content-type", HTML))
        self._cookies = cookies
        self._default_locale = default_locale
        self._languages = {locale: language_links(locale) for locale in LOCALES}

    def page(self, scope: Scope, code: str, request_id: str) -> tuple[Headers, bytes]:
        """Return headers and HTML for a failure with this code, in the language of the browser."""
        chosen = (self._cookies.read(scope).get(LOCALE),)
        accepted = list_header(scope, b"accept-language")
        locale = negotiate_locale(chosen, accept_language=accepted, default=self._default_locale)
        languages = self._languages[locale] if scope["method"] == "GET" else ()
        view = FailurePage(locale=locale, languages=languages, code=code, request_id=request_id)
        return self._headers, self._renderer.page(view)
