"""Every page at its address: built once from the ports."""

from typing import Final

from starlette.routing import Route
from starlette.types import ASGIApp

from idp.domain.values import dataclass
from idp.journeys.abuse.meters import Meters
from idp.journeys.account_security.browser_trust import BrowserTrust
from idp.journeys.acting_for import PrincipalStep
from idp.journeys.attempt import Attempts
from idp.journeys.consent import ConsentStep
from idp.journeys.errands import Errands
from idp.journeys.floods import Floods
from idp.journeys.new_passwords import NewPasswords
from idp.journeys.risk.assessment import RiskAssessment
from idp.journeys.sessions import Sessions
from idp.journeys.sign_in import SignIn
from idp.journeys.throttling import Throttling
from idp.journeys.visitor import KnownDevices
from idp.protocol.clients.client_limit import ClientLimit
from idp.protocol.discovery import POLICY_PATH, TERMS_PATH
from idp.protocol.logout.frontchannel_logout import FrontChannelLogout
from idp.protocol.logout.rp_initiated_logout import RpInitiatedLogout
from idp.protocol.logout.session_management import SessionStates
from idp.protocol.refusal_counter import RefusalCounter
from idp.protocol.tokens.id_token import IdTokens
from idp.web.console.frame import Frame
from idp.web.console.parts import Administration, ConsoleParts
from idp.web.console.routes import console_routes
from idp.web.edge.cookies import Cookies
from idp.web.edge.exchange import ErrorPage
from idp.web.edge.headers import SecurityHeaders
from idp.web.notifications import MailedNotifications
from idp.web.pages.account.contact_routes import own_contact_routes
from idp.web.pages.account.data_routes import own_data_routes
from idp.web.pages.account.identity_verification_routes import identity_verification_routes
from idp.web.pages.account.lock import own_lock_routes
from idp.web.pages.account.password import own_password_routes
from idp.web.pages.account.routes import account_routes
from idp.web.pages.account.security_routes import account_security_routes
from idp.web.pages.acting.routes import mandate_routes
from idp.web.pages.desk import Desk
from idp.web.pages.endpoint import Handler, PageEndpoint
from idp.web.pages.failures import Failures
from idp.web.pages.information import InformationPages
from idp.web.pages.new_accounts.activation_routes import activation_routes
from idp.web.pages.new_accounts.registration_routes import registration_routes
from idp.web.pages.other_devices.approval_routes import approval_routes
from idp.web.pages.other_devices.device_routes import device_routes
from idp.web.pages.recovery.routes import recovery_routes
from idp.web.pages.sessions.browser_state import BrowserState
from idp.web.pages.sessions.check_session import check_session_page
from idp.web.pages.sessions.sign_out import CONFIRM_PATH, EVERYWHERE_PATH, SIGN_OUT_PATH, SignOutPages, SignOutParts
from idp.web.pages.signing_in.authorization_answers import AuthorizationAnswers
from idp.web.pages.signing_in.authorize import AuthorizationParts, AuthorizePages
from idp.web.pages.signing_in.journey import Journey
from idp.web.pages.signing_in.passkey_routes import passkey_routes
from idp.web.pages.signing_in.routes import sign_in_routes
from idp.web.pages.signing_in.strong_factor_routes import strong_factor_routes
from idp.web.pages.site_parts import ISSUER_NAME, SiteParts, SitePorts
from idp.web.pages.site_words import site_words
from idp.web.pages.visit import Reception
from idp.web.rendering import Renderer
from idp.web.security_notices import SentSecurityNotices
from idp.web.static_files import STATIC_PREFIX, StaticFiles


@dataclass(frozen=True, slots=True)
class Site:
    """The pages: all but `routes` stand on the protocol's fast path."""

    authorize: ASGIApp
    end_session: ASGIApp
    check_session: ASGIApp
    routes: tuple[Route, ...]
    not_found: ASGIApp
    error_page: ErrorPage


_METHODS: Final = ("get", "post", "put", "patch", "delete", "options")
"""What is not there is not there for any of them."""


class SiteBuilder:
    """Builds the site; each method one part of it."""

    def __init__(
        self,
        ports: SitePorts,
        authorization: AuthorizationParts,
        id_tokens: IdTokens,
        limit: ClientLimit,
        refusals: RefusalCounter,
        floods: Floods,
        administration: Administration,
    ) -> None:
        self._administration = administration
        self._ports = ports
        self._counter = administration.journey_counter
        self._limit = limit
        self._floods = floods
        self._id_tokens = id_tokens
        self._authorization = authorization
        self._refusals = refusals
        static_files = StaticFiles()
        renderer = Renderer(static_files)
        cookies = Cookies(ports.issuer)
        headers = SecurityHeaders(ports.issuer)
        self._desk = Desk(renderer, headers, cookies)
        self._failures = Failures(renderer, headers, cookies, ports.default_locale)
        self._browser_state = BrowserState(SessionStates(ports.keys, ports.entropy), cookies, ports.clock)
        self._check_session = check_session_page(static_files, cookies)
        self._reception = Reception(cookies, ports.keys, ports.entropy, ports.places, ports.default_locale)
        self._words = site_words(renderer, ports)
        self.errands = Errands()
        self._information = InformationPages(self._desk, static_files, ports.register_href)
        self._attempts = Attempts(ports.short_lived, ports.vault, ports.clock, ports.entropy)
        self._devices = KnownDevices(ports.keys, ports.entropy)
        self._throttling = Throttling(ports.short_lived, ports.keys)
        sessions = Sessions(ports.short_lived, ports.accounts, ports.grants, ports.clock, ports.entropy)
        self._sessions = ports.watch(sessions)
        self._consent = ports.watch(ConsentStep(self._attempts, ports.consents, ports.audit, ports.clock))
        self._principal = ports.watch(PrincipalStep(self._attempts, ports.acting.authorities, ports.audit, ports.clock))
        self._sign_in = ports.watch(self._signing_in())
        self._authorize = self._authorize_pages()
        self._meters = Meters(ports.short_lived, ports.keys, ports.usual_failures)
        self._risk = ports.watch(self._risk_assessment())
        self._journey = self._make_journey()

    @property
    def notices(self) -> MailedNotifications:
        """What tells people things by mail."""
        return self._words.notices

    @property
    def security_notices(self) -> SentSecurityNotices:
        """What alerts people."""
        return self._words.security

    def build(self) -> Site:
        """The whole site."""
        sign_out, parts = self._sign_out_pages(), self._parts()
        return Site(
            authorize=self._page("authorize", get=self._authorize.start, post=self._authorize.start_by_form),
            end_session=self._page("logout", get=sign_out.request, post=sign_out.request_by_form),
            check_session=self._check_session,
            routes=(
                self._route("/authorize/{attempt_id}", get=self._authorize.resume),
                self._route(SIGN_OUT_PATH, get=sign_out.ask, post=sign_out.leave),
                self._route(EVERYWHERE_PATH, post=sign_out.leave_everywhere),
                self._route(CONFIRM_PATH, get=sign_out.ask, post=sign_out.decide),
                *sign_in_routes(parts),
                *strong_factor_routes(parts),
                *passkey_routes(parts),
                *activation_routes(parts),
                *account_routes(parts),
                *account_security_routes(parts),
                *own_lock_routes(parts, self._browser_state),
                *own_password_routes(parts, self._browser_state),
                *own_data_routes(parts),
                *own_contact_routes(parts, self._words.security),
                *mandate_routes(parts),
                *approval_routes(parts),
                *device_routes(parts),
                *registration_routes(parts),
                *recovery_routes(parts),
                *identity_verification_routes(parts),
                *console_routes(self._console()),
                *self._information_routes(),
            ),
            not_found=self._page("not found", **dict.fromkeys(_METHODS, self._information.not_found)),
            error_page=self._failures.page,
        )

    def _parts(self) -> SiteParts:
        return SiteParts(
            ports=self._ports,
            desk=self._desk,
            notices=self._words.notices,
            recovery_messages=self._words.recovery,
            errands=self.errands,
            attempts=self._attempts,
            devices=self._devices,
            throttling=self._throttling,
            meters=self._meters,
            trust=BrowserTrust(self._ports.trusted_browsers, self._devices, self._ports.keys, self._ports.clock),
            risk=self._risk,
            sessions=self._sessions,
            sign_in=self._sign_in,
            consent=self._consent,
            principal=self._principal,
            authorize=self._authorize,
            journey=self._journey,
            passwords=NewPasswords(self._ports.hasher, self._ports.password_blocklist, ISSUER_NAME),
            refusals=self._refusals,
            floods=self._floods,
            route=self._route,
        )

    def _console(self) -> ConsoleParts:
        frame = Frame(
            administrators=self._administration.administrators,
            sessions=self._sessions,
            sign_in=self._sign_in,
            audit=self._ports.audit,
            desk=self._desk,
            make_route=self._route,
        )
        return ConsoleParts(administration=self._administration, frame=frame)

    def _signing_in(self) -> SignIn:
        ports = self._ports
        return SignIn(
            attempts=self._attempts,
            accounts=ports.accounts,
            authenticators=ports.authenticators,
            sessions=self._sessions,
            records=ports.session_records,
            clock=ports.clock,
            policies=ports.assurance_policies,
            available=ports.methods,
        )

    def _make_journey(self) -> Journey:
        return Journey(
            attempts=self._attempts,
            sessions=self._sessions,
            sign_in=self._sign_in,
            devices=self._devices,
            risk=self._risk,
            authorize=self._authorize,
            clients=self._ports.clients,
            browser_state=self._browser_state,
            counter=self._counter,
            desk=self._desk,
        )

    def _risk_assessment(self) -> RiskAssessment:
        ports = self._ports
        return RiskAssessment(ports.sign_in_history, self._meters, self._devices, ports.audit, ports.clock)

    def _sign_out_pages(self) -> SignOutPages:
        ports = self._ports
        parts = SignOutParts(
            logout=ports.watch(RpInitiatedLogout(self._id_tokens, ports.clients, ports.keys)),
            front_channel=FrontChannelLogout(ports.issuer, ports.clients, ports.grants, ports.keys),
            browser_state=self._browser_state,
            sessions=self._sessions,
            grants=ports.grants,
            clients=ports.clients,
            refusals=self._refusals,
        )
        return SignOutPages(parts, self._desk)

    def _page(self, name: str, **handlers: Handler) -> PageEndpoint:
        return PageEndpoint(self._reception, self._desk, self._refusals, name, **handlers)

    def _route(self, path: str, **handlers: Handler) -> Route:
        return Route(path, self._page(path, **handlers))

    def _authorize_pages(self) -> AuthorizePages:
        ports = self._ports
        answers = AuthorizationAnswers(
            self._authorization.responder, ports.audit, self._refusals, self._browser_state, self._desk
        )
        return AuthorizePages(
            authorization=self._authorization,
            sign_in=self._sign_in,
            attempts=self._attempts,
            sessions=self._sessions,
            consents=ports.consents,
            principal=self._principal,
            keys=ports.keys,
            limit=self._limit,
            clock=ports.clock,
            counter=self._counter,
            answers=answers,
            desk=self._desk,
        )

    def _information_routes(self) -> tuple[Route, ...]:
        pages = self._information
        return (
            self._route("/", get=pages.front_door),
            self._route("/help", get=pages.help),
            self._route(POLICY_PATH, get=pages.privacy),
            self._route(TERMS_PATH, get=pages.terms),
            self._route("/report", get=pages.report),
            self._route(f"{STATIC_PREFIX}{{name}}", get=pages.static),
        )
