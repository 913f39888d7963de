"""Every journey on real stores, keys and a real hasher; a clock that stands still; a letter box in place of mail."""

from dataclasses import dataclass, field
from pathlib import Path

import pyotp

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.password_hasher import Argon2PasswordHasher
from idp.adapters.crypto.secret_file import load_secret
from idp.adapters.crypto.system import SystemEntropy
from idp.adapters.passwords.blocklist import ShippedBlocklist
from idp.adapters.sql.stores import open_stores
from idp.domain.accounts.account import Account, Contact
from idp.domain.events import Origin
from idp.domain.ids import AccountId, RequestId, Seconds
from idp.domain.levels.assurance import Level
from idp.journeys.abuse.challenges import Challenges
from idp.journeys.abuse.guard import PasswordGuard
from idp.journeys.abuse.meters import Meters
from idp.journeys.account_security.browser_trust import BrowserTrust
from idp.journeys.activation_codes import ActivationCodes
from idp.journeys.attempt import Attempts, Loaded
from idp.journeys.consent import ConsentStep
from idp.journeys.enrolment import EnrolmentSteps
from idp.journeys.floods import Floods
from idp.journeys.new_code_device import NewCodeDevice
from idp.journeys.new_passwords import NewPasswords
from idp.journeys.password import PasswordStep
from idp.journeys.risk.assessment import RiskAssessment
from idp.journeys.second_factor import SecondFactorStep
from idp.journeys.sessions import CurrentSession, Sessions
from idp.journeys.sign_in import Demand, SignIn
from idp.journeys.throttling import Throttling
from idp.journeys.visitor import KnownDevices, Visitor
from idp.ports.mail import MailError
from idp.settings import Settings
from tests.flows.provider import PASSWORD, TOTP_SECRET, SettableClock, settings_for

AN = "001099000001"
BINH = "binh@example.vn"
CUONG = "001085000003"
OFFICER = ("cuong@g10.example.vn", "another horse battery staple")
BROWSER = "a-browser"
ORIGIN = Origin(RequestId("request-1"), "source-1")
VISITOR = Visitor(ORIGIN, "vi")
USUAL_FAILURES = 4


@dataclass
class LetterBox:
    """What people were told; a full one takes nothing."""

    letters: list[tuple[str, str, str]] = field(default_factory=list)
    is_full: bool = False
    out_of_reach: str = ""
    is_silent: bool = False

    async def reaches(self, contact: Contact) -> bool:
        if self.is_silent:
            raise MailError
        return contact.address != self.out_of_reach

    async def activation_code(self, contact: Contact, code: str, locale: str) -> None:
        self._put(contact, code, locale)

    async def idle_account(self, contact: Contact, locks_at: Seconds, locale: str) -> None:
        self._put(contact, str(locks_at), locale)

    async def identity_ages(self, contact: Contact, ends_at: Seconds, locale: str) -> None:
        self._put(contact, str(ends_at), locale)

    async def account_closes(self, contact: Contact, closes_at: Seconds, locale: str) -> None:
        self._put(contact, str(closes_at), locale)

    async def ward_turned(self, contact: Contact, age: int, locale: str) -> None:
        self._put(contact, str(age), locale)

    async def approval_waits(self, contact: Contact, service: str, approval_id: str, locale: str) -> None:
        self._put(contact, f"{service} {approval_id}", locale)

    def _put(self, contact: Contact, text: str, locale: str) -> None:
        if self.is_full:
            raise MailError
        self.letters.append((contact.address, text, locale))


class Stage:
    """The journeys, put together as the composition root does it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        clock, entropy = SettableClock(), SystemEntropy()
        keystore = FileKeystore(settings.keystore_path, load_secret(settings.secret_file, create=False), clock)
        self.clock, self.entropy, self.keys = clock, entropy, keystore.subject_keys()
        self.vault = keystore.vault()
        stores = self.stores = open_stores(settings.database_url, self.vault, clock, entropy)
        self.hasher = Argon2PasswordHasher(settings.argon2)
        self.passwords = NewPasswords(self.hasher, ShippedBlocklist(), "Định danh quốc gia")
        self.letter_box = LetterBox()
        self.attempts = Attempts(stores.short_lived, self.vault, clock, entropy)
        self.floods = Floods(stores.audit_trail, clock)
        self.throttling = Throttling(stores.short_lived, self.keys)
        self.devices = KnownDevices(self.keys, entropy)
        self.codes = ActivationCodes(stores.short_lived, self.keys, clock, entropy)
        self.sessions = Sessions(stores.short_lived, stores.accounts, stores.grants, clock, entropy)
        self.consent = ConsentStep(self.attempts, stores.consents, stores.audit_trail, clock)
        self.sign_in = SignIn(
            self.attempts,
            stores.accounts,
            stores.authenticators,
            self.sessions,
            stores.session_records,
            clock,
            stores.assurance_policies,
        )
        self.meters = Meters(stores.short_lived, self.keys, USUAL_FAILURES)
        self.challenges = Challenges(stores.short_lived, self.keys, clock, entropy)
        self.guard = PasswordGuard(
            self.throttling, self.meters, self.challenges, stores.audit_trail, self.floods, clock
        )
        self.trust = BrowserTrust(stores.trusted_browsers, self.devices, self.keys, clock)
        self.risk = RiskAssessment(stores.sign_in_history, self.meters, self.devices, stores.audit_trail, clock)
        self.password = PasswordStep(
            accounts=stores.accounts,
            hasher=self.hasher,
            guard=self.guard,
            devices=self.devices,
            audit=stores.audit_trail,
            floods=self.floods,
            clock=clock,
            trust=self.trust,
            risk=self.risk,
        )
        self.second_factor = SecondFactorStep(
            authenticators=stores.authenticators,
            throttling=self.throttling,
            devices=self.devices,
            keys=self.keys,
            audit=stores.audit_trail,
            clock=clock,
        )
        self.code_device = NewCodeDevice(
            throttling=self.throttling,
            keys=self.keys,
            audit=stores.audit_trail,
            clock=clock,
            entropy=entropy,
            issuer_name="Issuer",
        )
        self.enrolment = EnrolmentSteps(
            attempts=self.attempts,
            contacts=stores.own_contacts,
            authenticators=stores.authenticators,
            recoveries=stores.recoveries,
            codes=self.codes,
            device=self.code_device,
            throttling=self.throttling,
            keys=self.keys,
            notifications=self.letter_box,
            audit=stores.audit_trail,
            clock=clock,
        )

    async def account(self, identifier: str = AN) -> Account:
        """The account that signs in with `identifier`."""
        account_id = await self.stores.records.account_of(identifier)
        assert account_id
        account = await self.stores.accounts.get(account_id)
        assert account
        return account

    async def account_id(self, identifier: str = AN) -> AccountId:
        return (await self.account(identifier)).account_id

    async def begin(self, level: Level = Level.TWO, current: CurrentSession | None = None, **demand: object) -> Loaded:
        """An attempt of `BROWSER`."""
        wanted = Demand(level=level, **demand)  # type: ignore[arg-type]
        attempt = await self.sign_in.begin(wanted, BROWSER, current)
        return await self.load(attempt.attempt_id)

    async def load(self, attempt_id: str) -> Loaded:
        """The attempt as it stands."""
        loaded = await self.attempts.load(attempt_id, BROWSER)
        assert loaded
        return loaded

    async def with_password(self, username: str = AN, password: str = PASSWORD, level: Level = Level.TWO) -> Loaded:
        """An attempt past the password, stored as it is where something is left to prove."""
        return await self.attempts.keep(
            await self.password.submit(await self.begin(level), username, password, VISITOR)
        )

    async def signed_in(self, username: str = AN, password: str = PASSWORD) -> CurrentSession:
        """A session that proved a password."""
        session = await self.sign_in.complete(await self.with_password(username, password, Level.ONE), None, VISITOR)
        assert session
        return session

    def one_time_code(self, secret: str = TOTP_SECRET) -> str:
        """The code of this moment."""
        return pyotp.TOTP(secret).at(self.clock.at)

    async def events(self, name: str = "") -> list[str]:
        """The payloads of the events whose name begins so, oldest first."""
        records = [record async for record in self.stores.audit_log.records()]
        return [str(record.payload) for record in records if record.name.startswith(name)]


def open_stage(folder: Path) -> Stage:
    """The stage in a folder that holds what `prepare` made."""
    return Stage(settings_for(folder, {}))
