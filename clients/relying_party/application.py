"""Puts one relying party together: stores, provider, journeys, pages, and the routes all of them share."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
from fastapi import Depends, FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request

from clients.relying_party.authorization_client import AuthorizationClient
from clients.relying_party.clock import Clock
from clients.relying_party.cookies import Cookies
from clients.relying_party.database import Database
from clients.relying_party.http_edge import HttpEdge
from clients.relying_party.pages import Pages
from clients.relying_party.pending_store import SCHEMA as PENDING_SCHEMA
from clients.relying_party.pending_store import PendingStore
from clients.relying_party.provider import Provider
from clients.relying_party.refusal_pages import install_refusal_pages
from clients.relying_party.refusals import SessionEnded, SignInNeeded
from clients.relying_party.session_store import SCHEMA as SESSION_SCHEMA
from clients.relying_party.session_store import Session, SessionStore
from clients.relying_party.session_tokens import SessionTokens
from clients.relying_party.settings import LOOPBACK, ClientRegistration, RelyingPartySettings, SiteSettings
from clients.relying_party.sign_in import SignIn
from clients.relying_party.sign_out import SignOut

PURGE_EVERY = 300  # seconds
PAUSE_AFTER_FAILURE = 1  # second
logger = logging.getLogger("clients.background")
Background = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Everything a route of a relying party may need."""

    settings: RelyingPartySettings
    clock: Clock
    http: httpx.AsyncClient
    database: Database
    provider: Provider
    clients: Mapping[str, AuthorizationClient]
    sessions: SessionStore
    pending: PendingStore
    sign_in: SignIn
    sign_out: SignOut
    tokens: SessionTokens
    cookies: Cookies
    pages: Pages
    default_client: str


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one application from another."""

    name: str  # first part of its cookies' names
    package: Path  # templates, catalogue and style
    links: Mapping[str, str]  # addresses of peers that its pages link to


def assemble(
    identity: Identity,
    settings: RelyingPartySettings,
    registrations: Sequence[ClientRegistration],
    *,
    clock: Clock,
    transport: httpx.AsyncBaseTransport | None,
) -> RelyingParty:
    """Return the parts, joined; opens the database and nothing else."""
    # The machine's own list of authorities: an organisation's provider may have its certificate from one of its own.
    authorities = ssl.create_default_context()
    http = httpx.AsyncClient(
        transport=transport, verify=authorities, timeout=5, follow_redirects=False, trust_env=False
    )
    database = Database(settings.database)
    database.migrate("sessions", SESSION_SCHEMA)
    database.migrate("pending", PENDING_SCHEMA)
    sessions = SessionStore(database, lifetime=settings.session_lifetime, idle=settings.session_idle)
    pending, provider = PendingStore(database), Provider(settings.issuer, http, clock)
    callback = f"{settings.site.base_url}/callback"
    clients = {
        registration.client_id: AuthorizationClient(registration, provider, http, callback)
        for registration in registrations
    }
    cookies = Cookies(identity.name, settings.site)
    return RelyingParty(
        settings=settings,
        clock=clock,
        http=http,
        database=database,
        provider=provider,
        clients=clients,
        sessions=sessions,
        pending=pending,
        sign_in=SignIn(clients, provider, pending, sessions, clock),
        sign_out=SignOut(clients, provider, pending, sessions, clock, f"{settings.site.base_url}/signed-out"),
        tokens=SessionTokens(clients, provider, sessions, clock),
        cookies=cookies,
        pages=Pages.of(identity.package, cookies, identity.links),
        default_client=registrations[0].client_id,
    )


def build_application(identity: Identity, party: RelyingParty, background: Sequence[Background] = ()) -> FastAPI:
    """Return a FastAPI application with its refusal pages; the caller adds routes and puts it behind the edge."""

    async def purge() -> None:
        party.sessions.purge(now=party.clock.now())
        party.pending.purge(now=party.clock.now())
        await asyncio.sleep(PURGE_EVERY)

    application = FastAPI(title=identity.name, openapi_url=None, lifespan=_lifespan(party, [purge, *background]))
    application.state.party = party
    install_refusal_pages(application, party.pages)
    return application


def behind_edge(application: FastAPI, site: SiteSettings, form_targets: Sequence[str] = ()) -> HttpEdge:
    """Return the application as it is served: under its own name only, hardened, logged."""
    # Under any other name a page elsewhere could read this one by pointing its own name here (DNS rebinding).
    hosts = sorted({urlsplit(site.base_url).hostname or "", *LOOPBACK})
    application.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)
    origins = tuple(_origin(url) for url in form_targets)
    return HttpEdge(application, application=application.title, is_https=site.is_https, form_targets=origins)


def _lifespan(
    party: RelyingParty, background: Sequence[Background]
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_forever(work)) for work in background]
        yield
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await party.http.aclose()
        party.database.close()

    return lifespan


async def _forever(work: Background) -> None:
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - background work must survive whatever one round of it meets
            logger.warning('{"background": "failed", "error": "%s"}', type(error).__name__)
            await asyncio.sleep(PAUSE_AFTER_FAILURE)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def party_of(request: Request) -> RelyingParty:
    party: RelyingParty = request.app.state.party
    return party


async def visitor(request: Request) -> Session | None:
    """Return the session of this browser, as fresh as the provider knows it, or None."""
    party = party_of(request)
    cookie = party.cookies.read_session(request)
    session = party.sessions.find(cookie, now=party.clock.now()) if cookie else None
    if session is None:
        return None
    try:
        return await party.tokens.current(session)
    except SessionEnded:
        return None


async def signed_in(session: Annotated[Session | None, Depends(visitor)]) -> Session:
    """Return the session; raises SignInNeeded."""
    if session is None:
        raise SignInNeeded
    return session


Party = Annotated[RelyingParty, Depends(party_of)]
Visitor = Annotated[Session | None, Depends(visitor)]
SignedInVisitor = Annotated[Session, Depends(signed_in)]
