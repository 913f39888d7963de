"""Every page at its address: built once from the ports."""

from dataclasses import dataclass

from starlette.routing import Route
from starlette.types import ASGIApp, Message, Scope

from idp.journeys.activation_codes import ActivationCodes
from idp.journeys.attempt import Attempts
from idp.journeys.consent import ConsentStep
from idp.journeys.enrolment import EnrolmentSteps
from idp.journeys.floods import Floods
from idp.journeys.password import PasswordStep
from idp.journeys.second_factor import SecondFactorStep
from idp.journeys.sessions import Sessions
from idp.journeys.sign_in import SignIn
from idp.journeys.throttling import Throttling
from idp.journeys.visitor import KnownDevices
from idp.ports.accounts import Accounts, Authenticators
from idp.ports.audit import AuditTrail
from idp.ports.clients import Clients
from idp.ports.clock import Clock, Entropy
from idp.ports.grants import Consents, Grants
from idp.ports.keys import PasswordHasher, SubjectKeys, TokenSigner
from idp.ports.mail import Mailer
from idp.ports.short_lived import ShortLivedStore
from idp.ports.traces import Watch, unwatched
from idp.ports.vault import Vault
from idp.protocol.authorization_code import AuthorizationCodes
from idp.protocol.authorize.pipeline import AuthorizationRequestValidator
from idp.protocol.authorize.response import CodeIssuer
from idp.protocol.client_limit import ClientLimit
from idp.protocol.id_token import IdTokens
from idp.protocol.refusal_counter import RefusalCounter
from idp.protocol.rp_initiated_logout import RpInitiatedLogout
from idp.web.edge.cookies import Cookies
from idp.web.edge.exchange import ErrorPage
from idp.web.edge.headers import Headers, SecurityHeaders
from idp.web.notifications import MailedNotifications
from idp.web.pages.account import AccountDirectory, AccountPages
from idp.web.pages.authorize import AuthorizePages
from idp.web.pages.consent import ConsentPages
from idp.web.pages.desk import Desk
from idp.web.pages.endpoint import Handler, PageEndpoint
from idp.web.pages.enrolment import EnrolmentPages
from idp.web.pages.information import InformationPages
from idp.web.pages.journey import Journey
from idp.web.pages.sign_in import SignInPages
from idp.web.pages.sign_out import CONFIRM_PATH, EVERYWHERE_PATH, SIGN_OUT_PATH, SignOutPages, SignOutParts
from idp.web.pages.visit import Reception
from idp.web.rendering import Renderer
from idp.web.static_files import STATIC_PREFIX, StaticFiles
from idp.web.views.common import Locale

ISSUER_NAME = "Định danh quốc gia"
"""What an authenticator app shows beside the code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePorts:
    """What the pages need from outside."""

    issuer: str
    default_locale: Locale
    accounts: Accounts
    authenticators: Authenticators
    clients: Clients
    grants: Grants
    consents: Consents
    short_lived: ShortLivedStore
    audit: AuditTrail
    signer: TokenSigner
    keys: SubjectKeys
    vault: Vault
    hasher: PasswordHasher
    mailer: Mailer
    clock: Clock
    entropy: Entropy
    watch: Watch = unwatched


@dataclass(frozen=True, slots=True)
class Site:
    """The pages: `authorize` and `end_session` stand on the protocol's fast path, `routes` behind it."""

    authorize: ASGIApp
    end_session: ASGIApp
    routes: tuple[Route, ...]
    not_found: ASGIApp
    error_page: ErrorPage


class SiteBuilder:
    """Builds the site; each method one part of it."""

    def __init__(
        self,
        ports: SitePorts,
        codes: AuthorizationCodes,
        id_tokens: IdTokens,
        limit: ClientLimit,
        refusals: RefusalCounter,
        floods: Floods,
    ) -> None:
        self._ports = ports
        self._limit = limit
        self._floods = floods
        self._id_tokens = id_tokens
        self._codes = codes
        self._refusals = refusals
        static_files = StaticFiles()
        renderer = Renderer(static_files)
        cookies = Cookies(ports.issuer)
        self._desk = Desk(renderer, SecurityHeaders(ports.issuer), cookies)
        self._reception = Reception(cookies, ports.keys, ports.entropy, ports.default_locale)
        self._notices = MailedNotifications(renderer, ports.mailer, ports.clock, account_url=f"{ports.issuer}/account")
        self._information = InformationPages(self._desk, static_files)
        self._attempts = Attempts(ports.short_lived, ports.vault, ports.clock, ports.entropy)
        self._devices = KnownDevices(ports.keys, ports.entropy)
        self._throttling = Throttling(ports.short_lived, ports.keys)
        sessions = Sessions(ports.short_lived, ports.accounts, ports.grants, ports.clock, ports.entropy)
        self._sessions = ports.watch(sessions)
        self._consent = ports.watch(ConsentStep(self._attempts, ports.consents, ports.audit, ports.clock))
        sign_in = SignIn(
            attempts=self._attempts,
            accounts=ports.accounts,
            authenticators=ports.authenticators,
            sessions=self._sessions,
            audit=ports.audit,
            clock=ports.clock,
        )
        self._sign_in = ports.watch(sign_in)
        self._authorize = self._authorize_pages()
        self._journey = Journey(
            attempts=self._attempts,
            sessions=self._sessions,
            sign_in=self._sign_in,
            devices=self._devices,
            authorize=self._authorize,
            desk=self._desk,
        )

    @property
    def notices(self) -> MailedNotifications:
        """What tells people things by mail."""
        return self._notices

    def build(self) -> Site:
        """The whole site."""
        sign_out = self._sign_out_pages()
        return Site(
            authorize=self._page("authorize", get=self._authorize.start, post=self._authorize.start_by_form),
            end_session=self._page("logout", get=sign_out.request, post=sign_out.request_by_form),
            routes=(
                self._route("/authorize/{attempt_id}", get=self._authorize.resume),
                self._route(SIGN_OUT_PATH, get=sign_out.ask, post=sign_out.leave),
                self._route(EVERYWHERE_PATH, post=sign_out.leave_everywhere),
                self._route(CONFIRM_PATH, get=sign_out.ask, post=sign_out.decide),
                *self._journey_routes(),
                *self._account_routes(),
                *self._information_routes(),
            ),
            not_found=self._page("not found", get=self._information.not_found, post=self._information.not_found),
            error_page=self._error_page,
        )

    def _sign_out_pages(self) -> SignOutPages:
        ports = self._ports
        parts = SignOutParts(
            logout=ports.watch(RpInitiatedLogout(self._id_tokens, ports.clients, ports.keys)),
            sessions=self._sessions,
            grants=ports.grants,
            clients=ports.clients,
            refusals=self._refusals,
        )
        return SignOutPages(parts, self._desk)

    def _error_page(self, scope: Scope, code: str, _request_id: str) -> tuple[Headers, bytes]:
        """Headers and HTML for a failure that no handler met."""
        bare = {**scope, "query_string": b""}
        answer = self._desk.error(self._reception.receive(bare, _nothing), code, 500)
        return (*answer.headers, (b"content-type", answer.content_type)), answer.body

    def _page(self, name: str, **handlers: Handler) -> PageEndpoint:
        return PageEndpoint(self._reception, self._desk, self._refusals, name, **handlers)

    def _route(self, path: str, **handlers: Handler) -> Route:
        return Route(path, self._page(path, **handlers))

    def _authorize_pages(self) -> AuthorizePages:
        ports = self._ports
        issuer = CodeIssuer(self._codes, ports.audit, ports.clock, ports.entropy, ports.issuer)
        return AuthorizePages(
            validator=ports.watch(AuthorizationRequestValidator(ports.clients, self._id_tokens)),
            issuer=ports.watch(issuer),
            sign_in=self._sign_in,
            attempts=self._attempts,
            sessions=self._sessions,
            consents=ports.consents,
            keys=ports.keys,
            audit=ports.audit,
            limit=self._limit,
            refusals=self._refusals,
            clock=ports.clock,
            desk=self._desk,
            issuer_url=ports.issuer,
        )

    def _journey_routes(self) -> tuple[Route, ...]:
        ports = self._ports
        password = PasswordStep(
            attempts=self._attempts,
            accounts=ports.accounts,
            hasher=ports.hasher,
            throttling=self._throttling,
            devices=self._devices,
            audit=ports.audit,
            floods=self._floods,
            clock=ports.clock,
        )
        second_factor = SecondFactorStep(
            attempts=self._attempts,
            accounts=ports.accounts,
            authenticators=ports.authenticators,
            throttling=self._throttling,
            devices=self._devices,
            keys=ports.keys,
            notifications=self._notices,
            audit=ports.audit,
            clock=ports.clock,
        )
        pages = SignInPages(self._journey, ports.watch(password), ports.watch(second_factor))
        consent = ConsentPages(self._journey, self._authorize, self._consent, self._sessions, ports.accounts)
        start = "/sign-in/{attempt_id}"
        return (
            self._route(start, get=pages.show_sign_in, post=pages.submit_sign_in),
            self._route(f"{start}/code", get=pages.show_code, post=pages.submit_code),
            self._route(f"{start}/recovery-code", get=pages.show_recovery, post=pages.submit_recovery),
            self._route(f"{start}/methods", get=pages.show_methods, post=pages.choose_method),
            self._route(f"{start}/done", get=self._journey.done),
            self._route(f"{start}/consent", get=consent.show, post=consent.decide),
            *self._enrolment_routes(start),
        )

    def _enrolment_routes(self, start: str) -> tuple[Route, ...]:
        ports = self._ports
        steps = EnrolmentSteps(
            attempts=self._attempts,
            accounts=ports.accounts,
            authenticators=ports.authenticators,
            codes=ActivationCodes(ports.short_lived, ports.keys, ports.clock, ports.entropy),
            throttling=self._throttling,
            keys=ports.keys,
            notifications=self._notices,
            audit=ports.audit,
            clock=ports.clock,
            entropy=ports.entropy,
            issuer_name=ISSUER_NAME,
        )
        pages = EnrolmentPages(self._journey, ports.watch(steps))
        return (
            self._route(f"{start}/activate", get=pages.show_activate, post=pages.submit_activate),
            self._route(f"{start}/activate/resend", post=pages.resend),
            self._route(f"{start}/enrol", get=pages.show_enrol, post=pages.submit_enrol),
            self._route(f"{start}/recovery-codes", get=pages.show_codes, post=pages.submit_codes),
        )

    def _account_routes(self) -> tuple[Route, ...]:
        ports = self._ports
        directory = AccountDirectory(
            accounts=ports.accounts,
            authenticators=ports.authenticators,
            clients=ports.clients,
            consents=ports.consents,
        )
        pages = AccountPages(directory, self._sessions, self._sign_in, self._consent, self._desk)
        return (
            self._route("/account", get=pages.show),
            self._route("/account/second-factor", get=pages.enrol),
            self._route("/account/always-ask", post=pages.prefer),
            self._route("/account/services/withdraw", post=pages.withdraw),
        )

    def _information_routes(self) -> tuple[Route, ...]:
        pages = self._information
        return (
            self._route("/", get=pages.front_door),
            self._route("/help", get=pages.help),
            self._route("/privacy", get=pages.privacy),
            self._route("/report", get=pages.report),
            self._route(f"{STATIC_PREFIX}{{name}}", get=pages.static),
        )


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
