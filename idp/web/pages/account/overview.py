"""`/account`: who am I here, how do I prove it, and which services know me."""

from urllib.parse import urlencode

from idp.domain.accounts.account import Authenticator, AuthenticatorKind, Profile
from idp.domain.enrolment.biometric_check import LEVEL
from idp.domain.events import SecondFactorPreferenceChanged
from idp.domain.grants.grant import Consent
from idp.domain.ids import ClientId
from idp.domain.levels.assurance import Level
from idp.domain.values import dataclass
from idp.journeys.consent import ConsentStep
from idp.journeys.sessions import CurrentSession, Sessions
from idp.journeys.sign_in import Demand, SignIn
from idp.ports.accounts import Accounts, Authenticators
from idp.ports.clients import Clients
from idp.ports.grants import Consents
from idp.web.moments import moment_of
from idp.web.pages.account.security import SecurityDesk
from idp.web.pages.answer import Answer
from idp.web.pages.desk import Desk
from idp.web.pages.sessions.sign_out import EVERYWHERE_PATH, SIGN_OUT_PATH
from idp.web.pages.signing_in.enrolment import masked
from idp.web.pages.signing_in.steps import way_to_sign_in
from idp.web.pages.visit import Visit
from idp.web.views.account import AccountNotice, AccountPage, ConnectedService, OpenSession, SecondFactorView

ACCOUNT = "/account"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDirectory:
    """The ports that the account pages read and write."""

    accounts: Accounts
    authenticators: Authenticators
    clients: Clients
    consents: Consents
    verify_href: str | None = None
    """Where a person reaches identity level 2 from afar; None where nobody does."""


class AccountPages:
    """Self-service of the person who is signed in; whoever is not is led to sign in and back."""

    def __init__(
        self, directory: AccountDirectory, sessions: Sessions, sign_in: SignIn, consent: ConsentStep, desk: Desk
    ) -> None:
        self._directory = directory
        self._sessions = sessions
        self._sign_in = sign_in
        self._consent = consent
        self._desk = desk
        self._security = SecurityDesk(sessions, sign_in, desk)

    async def show(self, visit: Visit) -> Answer:
        """GET `/account`."""
        current = await self._sessions.current(visit.session_token)
        if current is None:
            return await self._lead(visit, None, Level.ONE)
        profile = await self._directory.accounts.profile(current.account.account_id)
        if profile is None:
            return self._desk.error(visit, "server_error", 500)
        return self._desk.page(visit, await self._view(visit, current, profile))

    async def enrol(self, visit: Visit) -> Answer:
        """GET `/account/second-factor`: a sign-in to level 2, which leads whoever has no second factor to enrol one."""
        return await self._lead(visit, await self._sessions.current(visit.session_token), Level.TWO)

    async def prefer(self, visit: Visit) -> Answer:
        """POST `/account/always-ask`: only somebody who proved two factors may change when a second one is asked.

        What protects less takes a proof of just now.
        """
        fields = await visit.form()
        always = fields.get("always_ask") == "on"
        current = await self._sessions.current(visit.session_token)
        if not always and isinstance(led := await self._security.let_change(visit, ACCOUNT), Answer):
            return led
        if current is None or current.session.level < Level.TWO:
            return await self._lead(visit, current, Level.TWO)
        account_id = current.account.account_id
        event = SecondFactorPreferenceChanged(origin=visit.visitor.origin, account_id=account_id, always=always)
        await self._directory.accounts.prefer_second_factor(account_id, always=always, event=event)
        notice = AccountNotice.ALWAYS_ASK_ON if always else AccountNotice.ALWAYS_ASK_OFF
        return self._desk.redirect(visit, f"{ACCOUNT}?notice={notice}")

    async def withdraw(self, visit: Visit) -> Answer:
        """POST `/account/services/withdraw?service=…`."""
        await visit.form()
        current = await self._sessions.current(visit.session_token)
        if current is None:
            return await self._lead(visit, None, Level.ONE)
        client_id = ClientId(visit.query.get("service", ""))
        withdrawn = await self._consent.withdraw(current.account.account_id, client_id, visit.visitor.origin)
        suffix = f"?notice={AccountNotice.CONSENT_WITHDRAWN}" if withdrawn else ""
        return self._desk.redirect(visit, f"{ACCOUNT}{suffix}")

    async def _lead(self, visit: Visit, current: CurrentSession | None, level: Level) -> Answer:
        demand = Demand(level=level, return_to=ACCOUNT, reauthenticate=current is None)
        return self._desk.redirect(visit, await way_to_sign_in(self._sign_in, demand, visit.browser, current))

    async def _view(self, visit: Visit, current: CurrentSession, profile: Profile) -> AccountPage:
        account = current.account
        contacts = await self._directory.accounts.contacts(account.account_id)
        consents = await self._directory.consents.of_account(account.account_id)
        enrolled = await self._directory.authenticators.enrolled(account.account_id)
        return AccountPage(
            locale=visit.locale,
            languages=visit.languages,
            csrf_token=visit.csrf_token,
            name=str(profile.claims.get("name", "")),
            masked_personal_number=f"{profile.personal_number[:3]}••••••{profile.personal_number[-3:]}",
            identity_level=profile.identity_level,
            verify_href=self._directory.verify_href if profile.identity_level < LEVEL and not profile.officer else None,
            contacts=tuple(masked(one) for one in contacts),
            position=profile.officer.position if profile.officer else None,
            agency=profile.officer.agency_name if profile.officer else None,
            second_factor=_second_factor(enrolled, always_ask=account.always_ask_second_factor),
            services=await self._services(visit, consents),
            session=OpenSession(started=moment_of(current.session.created_at), last_used=moment_of(_used(current))),
            sign_out_action=SIGN_OUT_PATH,
            sign_out_everywhere_action=EVERYWHERE_PATH,
            notice=_notice(visit.query.get("notice")),
        )

    async def _services(self, visit: Visit, consents: tuple[Consent, ...]) -> tuple[ConnectedService, ...]:
        services = []
        for consent in consents:
            client = await self._directory.clients.get(consent.client_id)
            services.append(
                ConnectedService(
                    name=client.name_in(visit.locale) if client else consent.client_id,
                    since=moment_of(consent.given_at),
                    shared=tuple(sorted(consent.scopes | consent.claims)),
                    withdraw_action=f"{ACCOUNT}/services/withdraw?{urlencode({'service': consent.client_id})}",
                )
            )
        return tuple(services)


def _second_factor(enrolled: tuple[Authenticator, ...], *, always_ask: bool) -> SecondFactorView:
    totp = next((one for one in enrolled if one.kind is AuthenticatorKind.ONE_TIME_CODE), None)
    if totp is None:
        return SecondFactorView(enrolled=False, enrol_href=f"{ACCOUNT}/second-factor")
    return SecondFactorView(
        enrolled=True,
        enrolled_at=moment_of(totp.created_at),
        recovery_codes_left=sum(one.remaining for one in enrolled),
        always_ask=always_ask,
        always_ask_action=f"{ACCOUNT}/always-ask",
    )


def _notice(name: str | None) -> AccountNotice | None:
    return AccountNotice(name) if name in {notice.value for notice in AccountNotice} else None


def _used(current: CurrentSession) -> int:
    return max(proof.at for proof in current.session.proofs)
