"""The composition root: settings in, one ASGI application out. Nothing else knows both the web and the adapters."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp

from idp.adapters.audit_checkpoints import CheckpointWriter, open_sink
from idp.adapters.available_methods import demanded_closeness
from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.foundation import Foundation, open_foundation
from idp.adapters.observability.counted_mailer import CountedMailer
from idp.adapters.observability.exposition import Exposition
from idp.adapters.observability.families import REQUESTS_SHED
from idp.adapters.observability.logs import open_log, places
from idp.adapters.observability.probes import readiness_checks
from idp.adapters.observability.request_lines import RequestLines
from idp.adapters.observability.requests import RequestObserver
from idp.adapters.passwords.blocklist import ShippedBlocklist
from idp.adapters.sql.url import is_postgresql
from idp.adapters.steady_clock import node_clock
from idp.assembly.abuse import attack_level
from idp.assembly.acting import acting_ports
from idp.assembly.administration import administration
from idp.assembly.authorization import authorization_parts
from idp.assembly.decoupled import approvals, decoupled_decisions
from idp.assembly.endpoints import machine_routes
from idp.assembly.own_data import own_data
from idp.assembly.passkeys import passkey_ceremonies
from idp.assembly.proofing import biometric_verifier, person_certificates, population_registry
from idp.assembly.protocol_parts import protocol_parts
from idp.assembly.scim import scim_routes
from idp.jobs import ProviderJobs
from idp.journeys.floods import Floods
from idp.ports.clock import Clock
from idp.protocol.clients.client_limit import ClientLimit
from idp.protocol.discovery import AUTHORIZATION_PATH, CHECK_SESSION_PATH, END_SESSION_PATH
from idp.protocol.refusal_counter import RefusalCounter
from idp.settings import Settings
from idp.web.api.answers import ApiProblems
from idp.web.api.gate import Gate
from idp.web.api.routes import api_routes
from idp.web.edge.body import ReadFirst
from idp.web.edge.cookies import Cookies
from idp.web.edge.deferred import Deferred
from idp.web.edge.draining import Draining
from idp.web.edge.exchange import Exchange
from idp.web.edge.headers import SecurityHeaders
from idp.web.edge.health import Readiness, probe_routes
from idp.web.edge.limits import PAGES, WORKER, RequestLimit
from idp.web.edge.metrics import MetricsEndpoint
from idp.web.edge.page_routes import PageRoutes
from idp.web.edge.proxy import TrustedProxies
from idp.web.edge.request_id import RequestIds
from idp.web.edge.router import Route, Router
from idp.web.edge.turns import Turns
from idp.web.pages.signing_in.newcomers import Newcomers
from idp.web.pages.site import Site, SiteBuilder
from idp.web.pages.site_parts import SitePorts
from idp.web.static_files import STATIC_PREFIX

PAGES_A_ROUND = 2
"""Pages that begin in one round of the event loop: a few milliseconds of work."""


def build_app(
    settings: Settings,
    *,
    numbers: Path | None = None,
    hashing_threads: int | None = None,
    clock: Clock | None = None,
    draining: Draining | None = None,
) -> ASGIApp:
    """The provider as an ASGI application; its lifespan runs the background jobs and closes the stores.

    `numbers` is the folder in which several workers put their metrics together, `hashing_threads` this one's share of
    the cores (all of them when None), `draining` what the server begins when it is told to stop. Raises
    `KeyMaterialError` when the keystore or the secret cannot be used. The schema must be in place
    (`adapters.sql.schema.prepare`).
    """
    foundation = open_foundation(
        settings,
        numbers=numbers,
        hashing_threads=hashing_threads,
        clock=clock or node_clock(settings.database_url),
        entropy=SystemEntropy(),
    )
    return compose(foundation, draining)


def compose(foundation: Foundation, draining: Draining | None = None) -> ASGIApp:
    """The application on what is open already. Its lifespan closes that; who leaves the lifespan out closes it."""
    return _Composition(foundation, draining or Draining()).application()


class _Composition:
    """Joins the parts; one method for each group of them."""

    def __init__(self, foundation: Foundation, draining: Draining) -> None:
        self._at = foundation
        self._draining = draining
        self._issuer = foundation.settings.issuer
        self._security = SecurityHeaders(self._issuer)
        self._proxies = TrustedProxies(str(network) for network in foundation.settings.trusted_proxies)
        self._log = open_log()
        self._metrics = foundation.metrics
        stores = foundation.stores
        self._floods = Floods(stores.audit_trail, foundation.clock)
        self._refusals = RefusalCounter(stores.audit_trail, self._floods)
        shed = partial(self._metrics.count, REQUESTS_SHED.name)
        most = foundation.settings.request_limit
        self._requests = RequestLimit(most, WORKER, shed)
        self._page_requests = RequestLimit(most // 2, PAGES, shed)
        self._turns = Turns(PAGES_A_ROUND)
        self._newcomers = Newcomers(foundation.hasher, Cookies(self._issuer), shed)
        limit = ClientLimit(foundation.settings.client_request_limit, shed)
        self._parts = protocol_parts(foundation, limit, self._refusals)
        has_server = is_postgresql(foundation.settings.database_url)
        checks = readiness_checks(stores, foundation.signer, foundation.clock, has_server=has_server)
        self._readiness = Readiness(checks, draining, dispensable=("state", "machine_clock"))
        sink = open_sink(foundation.settings.audit_checkpoints, foundation.gateways)
        self._checkpoints = CheckpointWriter(stores.audit_log, foundation.signer, sink, foundation.clock)
        self._administration = administration(self._parts)
        self._builder = self._site_builder()
        answers = self._parts.encrypted_answers
        jobs = ProviderJobs(
            foundation,
            answers,
            self._floods,
            self._administration.journey_counter,
            self._checkpoints,
            self._builder.notices,
            self._builder.security_notices,
            self._report,
        )
        self._jobs = jobs.background
        self._metrics.gauge("idp_requests_in_progress", lambda: self._requests.in_progress)
        self._metrics.shared_gauge("idp_ready", self._readiness.told)
        self._metrics.shared_gauge("idp_attack_level", attack_level(foundation))

    def application(self) -> ASGIApp:
        """The whole, from the outside in: exchange, fast router, pages."""
        site = self._builder.build()
        machines = machine_routes(self._parts, self._security, self._builder.notices)
        pages = PageRoutes(site.routes, ReadFirst(Deferred(lambda: self._apis(site))), site.not_found)
        in_turn = self._requests.around(self._within_limits(pages), always=STATIC_PREFIX)
        routes = (*machines, *self._routes(site))
        return Exchange(
            Router(routes, in_turn, self._security.protocol, self._requests.around),
            request_ids=RequestIds(self._at.entropy, self._proxies),
            proxies=self._proxies,
            headers=self._security,
            observer=RequestObserver(self._log, RequestLines(), self._metrics, self._at.traces),
            draining=self._draining,
            error_page=site.error_page,
            machine_paths={route.path for route in machines},
        )

    def _routes(self, site: Site) -> tuple[Route, ...]:
        """Everything that is answered without a framework in between."""
        authorize = self._newcomers.around(self._within_limits(site.authorize))
        end_session = self._within_limits(site.end_session)
        return (
            Route(AUTHORIZATION_PATH, "authorize", {"GET": authorize, "POST": authorize}),
            Route(END_SESSION_PATH, "logout", {"GET": end_session, "POST": end_session}),
            Route(CHECK_SESSION_PATH, "check session", {"GET": site.check_session}, always=True),
            *probe_routes(self._readiness, self._security.protocol),
            Route("/metrics", "metrics", {"GET": self._metrics_endpoint()}, always=True),
        )

    def _within_limits(self, page: ASGIApp) -> ASGIApp:
        """Pages have half of the room, and begin in turns."""
        in_turn = self._turns.around(page, always=STATIC_PREFIX)
        return self._page_requests.around(in_turn, always=STATIC_PREFIX)

    def _apis(self, site: Site) -> FastAPI:
        """The JSON APIs of administration and registers, and the page of what is not there; far from the hot path."""
        application = FastAPI(
            title="National identity provider",
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            lifespan=self._lifespan,
            # FastAPI's own tracing would believe any caller's parent and write messages of exceptions down.
            telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        )
        gate = Gate(
            self._issuer,
            self._administration.access,
            self._administration.administrators,
            self._at.stores.audit_trail,
            self._at.keys,
        )
        ApiProblems(self._issuer, self._security).install(application)
        application.include_router(api_routes(self._administration, gate))
        application.router.routes.extend(scim_routes(self._parts, self._security))
        application.router.default = site.not_found
        # What fails goes out to Exchange, which knows how to say so: Starlette would answer in plain text before.
        catching = application.build_middleware_stack()
        application.middleware_stack = catching.app if isinstance(catching, ServerErrorMiddleware) else catching
        return application

    def _metrics_endpoint(self) -> MetricsEndpoint:
        return MetricsEndpoint(Exposition(self._metrics, self._at.numbers), self._proxies, self._security.protocol)

    @asynccontextmanager
    async def _lifespan(self, _application: FastAPI) -> AsyncIterator[None]:
        self._jobs.start()
        try:
            yield
        finally:
            self._draining.begin()
            await self._last_run("errands", self._builder.errands.settle)
            await self._jobs.stop()
            await self._last_run("refusal counts", self._floods.finish)
            await self._last_run("journey counts", self._administration.journey_counter.flush)
            # The checkpoints outside see the chain's end.
            await self._last_run("audit checkpoint", self._checkpoints.write_checkpoint)
            await self._at.close()

    def _site_builder(self) -> SiteBuilder:
        parts = self._parts
        return SiteBuilder(
            self._site_ports(),
            authorization_parts(parts),
            parts.id_tokens,
            parts.limit,
            self._refusals,
            self._floods,
            self._administration,
        )

    def _site_ports(self) -> SitePorts:
        at, stores = self._at, self._at.stores
        return SitePorts(
            issuer=self._issuer,
            default_locale=at.settings.default_locale,
            accounts=stores.accounts,
            authenticators=stores.authenticators,
            passkeys=stores.passkeys,
            passkey_ceremonies=passkey_ceremonies(at),
            activation_links=stores.activation_links,
            own_data=own_data(at),
            clients=stores.clients,
            grants=stores.grants,
            consents=stores.consents,
            acting=acting_ports(stores),
            decisions=decoupled_decisions(at),
            approvals=approvals(at),
            short_lived=stores.short_lived,
            audit=stores.audit_trail,
            assurance_policies=stores.assurance_policies,
            methods=at.methods,
            phone_closeness=demanded_closeness(at.settings),
            signer=at.signer,
            keys=at.keys,
            vault=at.vault,
            hasher=at.traces.watch(at.hasher),
            password_blocklist=ShippedBlocklist(),
            mailer=CountedMailer(at.mailer, at.metrics),
            messenger=at.messenger,
            identity_records=stores.identity_records,
            account_locks=stores.account_locks,
            own_contacts=stores.own_contacts,
            recoveries=stores.recoveries,
            trusted_people=stores.trusted_people,
            session_records=stores.session_records,
            trusted_browsers=stores.trusted_browsers,
            security_history=stores.security_history,
            security_alerts=stores.security_alerts,
            sign_in_history=stores.sign_in_history,
            places=at.places,
            population_registry=population_registry(at),
            biometric_verifier=biometric_verifier(at),
            person_certificates=person_certificates(at),
            account_certificates=stores.account_certificates,
            usual_failures=at.settings.usual_failures,
            clock=at.clock,
            entropy=at.entropy,
            watch=at.traces.watch,
        )

    async def _last_run(self, job: str, run: Callable[[], Awaitable[object]]) -> None:
        try:
            await run()
        except Exception as failure:  # noqa: BLE001 -- stopping goes on whatever it is
            self._report(job, failure)

    def _report(self, job: str, failure: Exception) -> None:
        self._metrics.job_failed(job)
        self._log.error("job failed", job=job, failure=places(failure))
