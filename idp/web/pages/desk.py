"""Rendering and redirecting, the same way for every page."""

from dataclasses import replace

from idp.domain.clients.client import Client
from idp.domain.clients.client_uris import sector_hosts, where_it_leads
from idp.protocol.authorize.decision import release_of
from idp.protocol.authorize.request import AuthorizationRequest
from idp.web.edge.cookies import Cookies
from idp.web.edge.headers import SecurityHeaders
from idp.web.page_policy import page_policy
from idp.web.pages.answer import HTML, Answer
from idp.web.pages.visit import Visit
from idp.web.rendering import Renderer
from idp.web.views.common import ClientView, Locale, PageView
from idp.web.views.information import ErrorPage


class Desk:
    """Makes answers."""

    def __init__(self, renderer: Renderer, headers: SecurityHeaders, cookies: Cookies) -> None:
        self._renderer = renderer
        self._headers = headers
        self.cookies = cookies

    def page(
        self,
        visit: Visit,
        view: PageView,
        status: int = 200,
        *,
        redirect_uri: str | None = None,
        script: bool = False,
        frames: tuple[str, ...] = (),
    ) -> Answer:
        """A page under its own Content-Security-Policy, with `Retry-After` where its refusal says when to come back.

        `redirect_uri` is where its form may lead in the end, `frames` are the addresses that it loads as frames.
        """
        logo = view.client.logo_uri if view.client else None
        policy = page_policy(
            logo_uri=logo, redirect_uri=redirect_uri, form_post=script, frames=frames, script=bool(view.scripts)
        )
        retry = () if view.retry_after is None else ((b"retry-after", str(view.retry_after).encode()),)
        headers = (*self._headers.page_headers(policy), *retry, *visit.set_cookies)
        return Answer(status, headers, self._renderer.page(view), HTML)

    def file(self, visit: Visit, name: str, body: bytes, content_type: bytes) -> Answer:
        """A file for the person to keep; `name` is of visible ASCII without quotes."""
        disposition = (b"content-disposition", f'attachment; filename="{name}"'.encode("ascii"))
        return Answer(200, (*self._headers.protocol, disposition, *visit.set_cookies), body, content_type)

    def word(self, visit: Visit, word: str) -> Answer:
        """One word for a script of ours."""
        headers = (*self._headers.protocol, *visit.set_cookies)
        return Answer(200, headers, word.encode("ascii"), b"text/plain; charset=us-ascii")

    def redirect(self, visit: Visit, location: str, *cookies: tuple[bytes, bytes]) -> Answer:
        """303: whatever the method was, go on with a GET."""
        place = (b"location", location.encode("ascii"))
        return Answer(303, (*self._headers.protocol, place, *visit.set_cookies, *cookies))

    def error(
        self, visit: Visit, code: str, status: int, *, detail: str | None = None, client: ClientView | None = None
    ) -> Answer:
        """An error page; `detail` is one fixed sentence for developers."""
        visit.context.outcome = code
        view = ErrorPage(
            locale=visit.locale,
            languages=visit.languages if visit.scope["method"] == "GET" else (),
            client=client,
            code=code,
            request_id=visit.context.request_id,
            for_developers=detail,
        )
        return self.page(visit, view, status)


def client_view(request: AuthorizationRequest | None, locale: Locale) -> ClientView | None:
    """The service that asks, for the head of a page."""
    if request is None:
        return None
    release = release_of(request)
    itself = request.client.registration is not None
    return replace(
        named_client(request.client, locale, (request.target.redirect_uri,)),
        leads_to=where_it_leads(request.target.redirect_uri) if itself else None,
        public_service=request.client.skip_consent,
        receives=tuple(name for name in request.scopes if name in release.scopes) + tuple(sorted(release.claims)),
    )


def named_client(client: Client, locale: Locale, leads_to: tuple[str, ...] | None = None) -> ClientView:
    """The service by its name, logo and papers, whatever it asks for; `leads_to` is where its answers go, if known.

    Another's logo is nothing that a service can give itself: one that registered itself shows a logo of its own host.
    """
    itself = client.registration is not None
    hosts = sector_hosts(client.redirect_uris if leads_to is None else leads_to)
    foreign = itself and client.logo_uri is not None and not sector_hosts([client.logo_uri]) <= hosts
    return ClientView(
        name=client.name_in(locale),
        logo_uri=None if foreign else client.logo_uri,
        registered_itself=itself,
        policy_uri=client.policy_uris.get(locale) or client.policy_uris.get("") or _any(client.policy_uris),
        tos_uri=client.tos_uris.get(locale) or client.tos_uris.get("") or _any(client.tos_uris),
    )


def _any(texts: dict[str, str]) -> str | None:
    return next(iter(texts.values()), None)
