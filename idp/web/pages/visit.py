"""One request to a page: who is asking in which language, with which cookies."""

from dataclasses import field, replace
from hmac import compare_digest
from typing import cast

from starlette.types import Receive, Scope

from idp.domain.events import Origin
from idp.domain.values import dataclass
from idp.journeys.visitor import Visitor
from idp.ports.clock import Entropy
from idp.ports.keys import SubjectKeys
from idp.ports.places import Places
from idp.web.edge.body import Parameters, list_header, read_form, read_query
from idp.web.edge.browser_kind import browser_kind
from idp.web.edge.context import RequestContext, request_context
from idp.web.edge.cookies import Cookies
from idp.web.edge.form_factor import form_factor
from idp.web.edge.proxy import network_of
from idp.web.language import negotiate_locale
from idp.web.views.common import LOCALES, LanguageLink, Locale, language_links

BROWSER = "browser"
SESSION = "session"
DEVICE = "device"
LOCALE = "locale"


class ForgedFormError(Exception):
    """The form was not one that we gave to this browser (or the browser sends no cookies)."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request and what it brought. `set_cookies` are headers that go with whatever is answered."""

    scope: Scope
    receive: Receive
    context: RequestContext
    cookies: dict[str, str]
    query: Parameters
    locale: Locale
    visitor: Visitor
    browser: str
    set_cookies: tuple[tuple[bytes, bytes], ...]
    keys: SubjectKeys = field(repr=False)

    @property
    def csrf_token(self) -> str:
        """What every form for this browser carries."""
        return self.keys.tag("csrf", self.browser)

    @property
    def path(self) -> str:
        """The path asked for."""
        return cast("str", self.scope["path"])

    @property
    def attempt_id(self) -> str:
        """The sign-in attempt that the path names."""
        return cast("str", self.scope["path_params"]["attempt_id"])

    def parameter(self, name: str) -> str:
        """A part of the path by the name that the route gives it."""
        return cast("str", self.scope["path_params"][name])

    @property
    def session_token(self) -> str | None:
        """The session cookie, not yet believed."""
        return self.cookies.get(SESSION)

    @property
    def languages(self) -> tuple[LanguageLink, ...]:
        """Links to this page in each language; a page that answered a form is reached again by its address alone."""
        return language_links(self.locale, [*self.query.items()] if self.scope["method"] == "GET" else [])

    def speaking(self, ui_locales: str) -> "Visit":
        """The visit in the language that a service asked for, unless the person chose one."""
        chosen = (self.query.get("lang"), self.cookies.get(LOCALE))
        locale = negotiate_locale(chosen, ui_locales, default=self.locale)
        if locale == self.locale:
            return self
        return replace(self, locale=locale, visitor=replace(self.visitor, locale=locale))

    async def form(self) -> Parameters:
        """The submitted form. Raises `RefusedRequest`, or `ForgedFormError` without the right `csrf_token`."""
        fields = await read_form(self.scope, self.receive)
        if BROWSER not in self.cookies or not compare_digest(
            fields.get("csrf_token", "").encode(), self.csrf_token.encode()
        ):
            raise ForgedFormError
        return fields


class Reception:
    """Turns requests into visits."""

    def __init__(
        self, cookies: Cookies, keys: SubjectKeys, entropy: Entropy, places: Places, default_locale: Locale
    ) -> None:
        self._cookies = cookies
        self._keys = keys
        self._entropy = entropy
        self._places = places
        self._default_locale = default_locale

    def receive(self, scope: Scope, receive: Receive) -> Visit:
        """The visit. Raises `RefusedRequest` when the query cannot be read."""
        context = request_context(scope)
        cookies = self._cookies.read(scope)
        query = read_query(scope, repeatable={"resource"})
        locale = negotiate_locale(
            (query.get("lang"), cookies.get(LOCALE)),
            query.get("ui_locales"),
            list_header(scope, b"accept-language"),
            default=self._default_locale,
        )
        browser = cookies.get(BROWSER) or self._entropy.token(16)
        origin = Origin(context.request_id, self._keys.pseudonym(context.client_address))
        return Visit(
            scope=scope,
            receive=receive,
            context=context,
            cookies=cookies,
            query=query,
            locale=locale,
            visitor=Visitor(
                origin,
                locale,
                cookies.get(DEVICE),
                form_factor(scope),
                self._keys.pseudonym(network_of(context.client_address)),
                place=self._places.find(context.client_address),
                browser=browser_kind(scope),
            ),
            browser=browser,
            set_cookies=self._new_cookies(scope, cookies, query, browser),
            keys=self._keys,
        )

    def _new_cookies(
        self, scope: Scope, cookies: dict[str, str], query: Parameters, browser: str
    ) -> tuple[tuple[bytes, bytes], ...]:
        fresh = []
        # A form from another site brings no cookies of ours (`SameSite=Lax`); a new one would replace the one that the
        # sign-ins in other tabs are bound to. The GET that follows shows whether there is none.
        if BROWSER not in cookies and scope["method"] != "POST":
            fresh.append(self._cookies.set(BROWSER, browser))
        chosen = query.get("lang")
        if chosen in LOCALES and cookies.get(LOCALE) != chosen:
            fresh.append(self._cookies.set(LOCALE, chosen, max_age=365 * 24 * 3600))
        return tuple(fresh)
