"""A population register, a biometric verifier and a letter box that say what a test lets them."""

from dataclasses import dataclass, field, replace
from typing import TypeVar

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.secret_file import load_secret
from idp.domain.accounts.account import Contact
from idp.domain.enrolment.biometric_check import CheckOutcome, Verdict
from idp.domain.ids import Seconds
from idp.domain.people.identity_record import IdentityCard
from idp.domain.people.register_entry import LifeStatus, RegisterEntry
from idp.journeys.bound_documents import BoundDocuments
from idp.journeys.portrait_checks import PortraitChecks, portrait_digest
from idp.ports.biometric_verifier import StartedCheck, VerifierUnavailableError
from idp.ports.mail import MailError
from idp.ports.population_registry import RegistryUnavailableError
from tests.journeys.stage import Stage

T = TypeVar("T")

NUMBER = "001203000077"
BINH_NUMBER = "001199000002"


def entry(number: str = NUMBER, **changes: object) -> RegisterEntry:
    made = RegisterEntry(
        personal_number=number,
        name="Đỗ Minh Hải",
        birthdate="2003-04-30",
        gender="male",
        life_status=LifeStatus.ALIVE,
        card=IdentityCard(number),
        portrait="portrait-1",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # whatever fields a test names


@dataclass
class Register:
    """Knows these people; a silent one answers nothing."""

    people: dict[str, RegisterEntry] = field(default_factory=dict)
    is_silent: bool = False

    async def find(self, personal_number: str) -> RegisterEntry | None:
        if self.is_silent:
            raise RegistryUnavailableError
        return self.people.get(personal_number)


@dataclass
class Verifier:
    """Finds what it is told about every check."""

    found: CheckOutcome | None = None
    is_silent: bool = False
    origin: str = "https://verifier.vn"
    name: str = "verifier.vn"
    started: list[tuple[str, str]] = field(default_factory=list)

    async def start(self, portrait: str, return_to: str, locale: str) -> StartedCheck:
        if self.is_silent:
            raise VerifierUnavailableError
        self.started.append((portrait, return_to))
        return StartedCheck(f"check-{len(self.started)}", f"{self.origin}/{locale}")

    async def outcome(self, check_id: str) -> CheckOutcome | None:
        if self.is_silent:
            raise VerifierUnavailableError
        return self.found and replace(self.found, check_id=check_id)


def match(at: int) -> CheckOutcome:
    return CheckOutcome(
        check_id="",
        portrait_digest=portrait_digest("portrait-1"),
        verdict=Verdict.MATCH,
        score_class="high",
        live=True,
        chip_verified=True,
        verifier="verifier.vn",
        at=Seconds(at),
        evidence_digest="digest",
    )


@dataclass
class Letters:
    """What was told to whom; nothing goes to addresses that are `closed`."""

    sent: list[tuple[str, str, str]] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    unreached: set[str] = field(default_factory=set)

    async def reaches(self, contact: Contact) -> bool:
        return contact.address not in self.unreached

    async def registration_code(self, contact: Contact, code: str, locale: str) -> None:
        self._send(contact, "code", code)

    async def registration_refused(self, contact: Contact, locale: str) -> None:
        self._send(contact, "refused", "")

    async def already_registered(self, contact: Contact, locale: str) -> None:
        self._send(contact, "already", "")

    async def identity_verified(self, contact: Contact, locale: str) -> None:
        self._send(contact, "verified", "")

    def _send(self, contact: Contact, kind: str, text: str) -> None:
        if contact.address in self.closed:
            raise MailError
        self.sent.append((contact.address, kind, text))


def documents(stage: Stage, form: type[T]) -> BoundDocuments[T]:
    settings, secret = stage.settings, load_secret(stage.settings.secret_file, create=False)
    vault = FileKeystore(settings.keystore_path, secret, stage.clock).vault()
    store = stage.stores.short_lived
    return BoundDocuments("kind", form, 600, store=store, vault=vault, clock=stage.clock, entropy=stage.entropy)


def portrait_checks(stage: Stage, register: Register, verifier: Verifier) -> PortraitChecks:
    return PortraitChecks(
        issuer="https://id.vn",
        registry=register,
        verifier=verifier,
        records=stage.stores.identity_records,
        throttling=stage.throttling,
        audit=stage.stores.audit_trail,
        clock=stage.clock,
    )
