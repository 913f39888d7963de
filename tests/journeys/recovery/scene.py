"""Everything that getting back in needs, on a stage."""

from dataclasses import dataclass, field

from idp.adapters.crypto.keystore import FileKeystore
from idp.adapters.crypto.secret_file import load_secret
from idp.domain.accounts.account import Account, Contact
from idp.domain.accounts.recovery import ACQUAINTANCE, TrustedPerson
from idp.domain.ids import Seconds
from idp.journeys.bound_documents import BoundDocuments
from idp.journeys.errands import Errands
from idp.journeys.known_person import KnownPeople
from idp.journeys.recovery.circle import Circle
from idp.journeys.recovery.counter import CounterCodes, RecoveryByCounter
from idp.journeys.recovery.helping import Helping
from idp.journeys.recovery.people import RecoveryByPeople
from idp.journeys.recovery.proving import Proving
from idp.journeys.recovery.recovering import LIFETIME, Recovering, RecoveryParts
from idp.journeys.recovery.refusing import Refusing
from idp.journeys.recovery.resetting import Resetting
from idp.journeys.recovery.tokens import RecoveryTokens
from idp.journeys.recovery.trusting import Trusting
from idp.ports.mail import MailError
from tests.journeys.stage import AN, Stage
from tests.ports.samples import event

HELPERS = ("001180000101", "001080000102", "001180000103")
"""People of level 2."""

NEW = "năm từ mà không ai đoán"


@dataclass
class Messages:
    """What people were sent."""

    codes: list[tuple[str, str]] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)
    is_full: bool = False

    async def recovery_code(self, contact: Contact | None, code: str, _locale: str) -> None:
        if contact is not None:
            self._put(self.codes, contact, code)

    async def help_asked(self, contact: Contact, owner: str, _request_id: str, _locale: str) -> None:
        self._put(self.told, contact, owner)

    async def trust_asked(self, contact: Contact, owner: str, _locale: str) -> None:
        self._put(self.told, contact, owner)

    def _put(self, box: list[tuple[str, str]], contact: Contact, text: str) -> None:
        if self.is_full:
            raise MailError
        box.append((contact.address, text))


class Scene:
    """The journeys."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        stores, clock, entropy, keys = stage.stores, stage.clock, stage.entropy, stage.keys
        self.messages, self.errands = Messages(), Errands()
        settings = stage.settings
        vault = FileKeystore(settings.keystore_path, load_secret(settings.secret_file, create=False), clock).vault()
        documents = BoundDocuments(
            "recovery", Recovering, LIFETIME, store=stores.short_lived, vault=vault, clock=clock, entropy=entropy
        )
        self.parts = RecoveryParts(
            documents=documents,
            recoveries=stores.recoveries,
            accounts=stores.accounts,
            authenticators=stores.authenticators,
            contacts=stores.own_contacts,
            attempts=stage.attempts,
            codes=stage.codes,
            messages=self.messages,
            errands=self.errands,
            throttling=stage.throttling,
            devices=stage.devices,
            passwords=stage.passwords,
            keys=keys,
            audit=stores.audit_trail,
            refusing=Refusing(stage.floods),
            clock=clock,
        )
        self.circle = Circle(
            stores.accounts, stores.trusted_people, stores.guardianships, stores.identity_records, clock
        )
        self.tokens = RecoveryTokens(keys, entropy)
        self.people = RecoveryByPeople(self.parts, self.circle, self.tokens, entropy)
        self.helping = Helping(self.people)
        self.proving, self.resetting = Proving(self.parts), Resetting(self.parts)
        self.counter = RecoveryByCounter(self.parts)
        self.counter_codes = CounterCodes(stores.recoveries, stores.authenticators, self.tokens, clock, entropy)
        known = KnownPeople(stores.identity_records, stores.short_lived, clock)
        self.trusting = Trusting(
            stores.trusted_people, known, self.circle, stores.accounts, self.messages, self.errands, keys, clock
        )

    async def trust(self, owner: Account, helper: Account, since: int = ACQUAINTANCE) -> None:
        """Let the owner have trusted the helper for so many seconds."""
        at = Seconds(self.stage.clock.now() - since)
        people = self.stage.stores.trusted_people
        await people.name(TrustedPerson(owner.account_id, helper.account_id, at), 5, event())
        await people.accept(owner.account_id, helper.account_id, at, event())

    async def owner(self) -> Account:
        """Who gets back in."""
        return await self.stage.account(AN)
