"""A person changes where messages go: what is new is proved by a code, and what was there before can take it back.

Whatever was typed, the page goes on to the same step and the typed contact gets one message: that it signs in to
somebody else's account is told to its holder and to nobody else.
"""

from dataclasses import field, replace
from functools import partial
from typing import Final

from idp.domain.accounts.account import Account, AccountKind, Contact, ContactKind, mailbox
from idp.domain.accounts.contact_change import HOLD, ContactChange
from idp.domain.accounts.email_address import EmailAddress, comparable_email_address, parse_email_address
from idp.domain.accounts.phone_number import parse_phone_number
from idp.domain.accounts.security_alert import USUAL, AlertKind, Channel
from idp.domain.events import ContactChanged, ContactChangeRefused, ContactCodeSent
from idp.domain.ids import AccountId, Seconds
from idp.domain.values import dataclass
from idp.journeys.activation_codes import ActivationCodes
from idp.journeys.activation_codes import Channel as CodeChannel
from idp.journeys.bound_documents import BoundDocuments, DocumentGoneError, Held
from idp.journeys.contact_links import contact_alert
from idp.journeys.enrolled_factors import takes_two_factors
from idp.journeys.refusals import CodeNotSentError, RefusedError, UnreachableContactError, WrongCodeError
from idp.journeys.second_factor import digits_of
from idp.journeys.sessions import CurrentSession
from idp.journeys.throttling import SlowDownError, Throttling
from idp.journeys.visitor import Visitor
from idp.ports.accounts import Accounts, Authenticators
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock, Entropy
from idp.ports.mail import MailError
from idp.ports.messages import MessageError
from idp.ports.own_contacts import ContactTakenError, OwnContacts
from idp.ports.security_notices import ContactMessages

LIFETIME: Final = 30 * 60
"""Seconds from the first page to the last."""


class SameContactError(Exception):
    """This is where messages go already."""


class CounterOnlyError(Exception):
    """Nothing but a password would prove that it is the owner: an officer at a counter has to look."""


class OfficersElsewhereError(Exception):
    """An officer's contacts are those of the own account of the same person."""


@dataclass(frozen=True, slots=True)
class WantedContact:
    """How far one change came.

    `present` is where the first code goes, None when two factors speak for the owner. `is_free`: nobody else signs in
    with the wanted contact; where somebody does, no code is right. `valid_from` is the account's `sessions_valid_from`
    when it began: whatever ends all sessions moves it, and ends the change with them.
    """

    account_id: AccountId
    wanted: Contact = field(repr=False)
    former: Contact | None = field(repr=False)
    present: Contact | None = field(repr=False)
    is_free: bool
    present_proved: bool = False
    valid_from: Seconds | None = None

    @property
    def asked_of(self) -> Contact:
        """Where the code that is asked for now has gone."""
        return self.present if self.present and not self.present_proved else self.wanted


@dataclass(frozen=True, slots=True)
class OwnContactParts:
    """What changing contacts needs from outside."""

    accounts: Accounts
    authenticators: Authenticators
    contacts: OwnContacts
    documents: BoundDocuments[WantedContact]
    codes: ActivationCodes
    messages: ContactMessages
    throttling: Throttling
    audit: AuditTrail
    clock: Clock
    entropy: Entropy


class ChangingContacts:
    """The steps."""

    def __init__(self, parts: OwnContactParts) -> None:
        self._parts = parts

    async def listed(self, account_id: AccountId) -> tuple[tuple[Contact, ...], tuple[ContactChange, ...]]:
        """Contacts of an account, and the changes that can still be undone."""
        parts, now = self._parts, self._parts.clock.now()
        contacts = await parts.accounts.contacts(account_id)
        changes = await parts.contacts.of_account(account_id)
        return contacts, tuple(change for change in changes if change.may_be_undone(now))

    async def takes_two_factors(self, account_id: AccountId) -> bool:
        """Whether two factors can be asked of the owner before a change."""
        return await takes_two_factors(self._parts.authenticators, account_id, self._parts.clock.now())

    async def begin(
        self, current: CurrentSession, kind: ContactKind, typed: str, browser_token: str, visitor: Visitor
    ) -> str:
        """Send the first code; the identifier of the change under way.

        Raises `RefusedValue` for what is no contact, `SameContactError`, `CounterOnlyError`, `OfficersElsewhereError`,
        `UnreachableContactError`, `SlowDownError` or `CodeNotSentError`.
        """
        parts, account = self._parts, current.account
        if account.kind is not AccountKind.CITIZEN:
            raise OfficersElsewhereError
        wanted = parse_contact(kind, typed)
        contacts = await parts.accounts.contacts(account.account_id)
        former = next((contact for contact in contacts if contact.kind is kind), None)
        if former is not None and identifier_of(former) == identifier_of(wanted):
            raise SameContactError
        present = await self._asked_first(account)
        await self._check_reached(wanted)
        holder = await parts.accounts.find(identifier_of(wanted))
        stands = account.sessions_valid_from
        change = WantedContact(account.account_id, wanted, former, present, is_free=holder is None, valid_from=stands)
        held = await parts.documents.begin(parts.documents.new_identifier(), change, browser_token)
        await self._send(held, visitor)
        return held.document_id

    async def load(self, document_id: str, account: Account, browser_token: str) -> Held[WantedContact]:
        """Return a change under way.

        Raises `DocumentGoneError`, also for somebody else's and for one begun before all sessions were ended.
        """
        held = await self._parts.documents.load(document_id, browser_token)
        change = held.document
        # None is of a change that a node of the release before began.
        if change.account_id != account.account_id or change.valid_from not in {None, account.sessions_valid_from}:
            raise DocumentGoneError
        return held

    async def send_again(self, held: Held[WantedContact], visitor: Visitor) -> None:
        """Send another code. Raises `SlowDownError` or `CodeNotSentError`."""
        await self._send(held, visitor)

    async def submit_code(self, held: Held[WantedContact], typed: str, visitor: Visitor) -> bool:
        """Use a code up: True when the contact was changed, False when another code is asked for now.

        Raises `WrongCodeError`, `CodeExpiredError`, `SlowDownError`, `CodeNotSentError` or `DocumentGoneError`.
        """
        parts, change = self._parts, held.document
        throttles = parts.throttling.for_activation(change.account_id)
        try:
            await parts.throttling.take(throttles, parts.clock.now())
            await parts.codes.accept(_subject(held), digits_of(typed))
            if change.asked_of == change.wanted and not change.is_free:
                # Nobody was sent this code: it was guessed, and changes nothing.
                raise WrongCodeError
        except (RefusedError, SlowDownError) as refusal:
            await self._refused(change, type(refusal).__name__, visitor)
            raise
        await parts.throttling.give_back(throttles)
        if change.asked_of == change.wanted:
            await parts.documents.claim(held)
            await self._change(change, visitor)
            return True
        moved = await parts.documents.change(held, replace(change, present_proved=True))
        await self._send(moved, visitor)
        return False

    async def _asked_first(self, account: Account) -> Contact | None:
        """Where the first code goes; None for whoever proved two factors, whom the page asked for them."""
        if await self.takes_two_factors(account.account_id):
            return None
        settled = await self._parts.contacts.settled(account.account_id, self._parts.clock.now())
        present = mailbox(settled) or next(iter(settled), None)
        if present is None:
            raise CounterOnlyError
        return present

    async def _send(self, held: Held[WantedContact], visitor: Visitor) -> None:
        """The one message of this step. A code is made in any case, so that trying codes tells nothing."""
        parts, change, contact = self._parts, held.document, held.document.asked_of
        throttles = parts.throttling.for_messages(change.account_id)
        if contact == change.wanted:
            throttles += parts.throttling.for_contact_mails(identifier_of(contact))
        try:
            await parts.throttling.take(throttles, parts.clock.now())
        except SlowDownError:
            await self._refused(change, "throttled", visitor)
            raise
        code = await parts.codes.issue(_subject(held), CodeChannel.CONTACT)
        send = partial(parts.messages.contact_code, contact, code)
        if contact == change.wanted and not change.is_free:
            send = partial(parts.messages.contact_taken, contact)
        try:
            await send(visitor.locale)
        except (MailError, MessageError) as error:
            await self._refused(change, "not_sent", visitor)
            raise CodeNotSentError from error
        which = "wanted" if contact == change.wanted else "present"
        event = ContactCodeSent(
            origin=visitor.origin, account_id=change.account_id, kind=contact.kind.value, which=which
        )
        await parts.audit.record(event)

    async def _check_reached(self, wanted: Contact) -> None:
        """Find out before anything is sent whether the wanted contact can be written to."""
        try:
            if not await self._parts.messages.reaches(wanted):
                raise UnreachableContactError
        except MailError as error:
            raise CodeNotSentError from error

    async def _change(self, wanted: WantedContact, visitor: Visitor) -> None:
        parts, now = self._parts, self._parts.clock.now()
        change = ContactChange(
            change_id=parts.entropy.identifier(),
            account_id=wanted.account_id,
            kind=wanted.wanted.kind,
            changed_at=now,
            held_until=Seconds(now + HOLD),
            former=wanted.former,
        )
        channels: tuple[Channel, ...] = USUAL
        reference = None
        if wanted.former is not None:
            channels, reference = (*USUAL, Channel.FORMER), change.change_id
        alert = contact_alert(
            change.account_id, AlertKind.CONTACT_CHANGED, parts.clock, parts.entropy, channels, reference
        )
        event = ContactChanged(
            origin=visitor.origin, account_id=change.account_id, kind=change.kind, change_id=change.change_id
        )
        try:
            changed = await parts.contacts.change(change, wanted.wanted, alert, event)
        except ContactTakenError:
            changed = False
        if not changed:
            await self._refused(wanted, "changed_meanwhile", visitor)
            raise DocumentGoneError

    async def _refused(self, change: WantedContact, reason: str, visitor: Visitor) -> None:
        event = ContactChangeRefused(
            origin=visitor.origin, account_id=change.account_id, kind=change.wanted.kind, reason=reason
        )
        await self._parts.audit.record(event)


def parse_contact(kind: ContactKind, typed: str) -> Contact:
    """Return a contact as it is kept. Raises `RefusedValue`."""
    return Contact(kind, parse_email_address(typed) if kind is ContactKind.EMAIL else parse_phone_number(typed))


def identifier_of(contact: Contact) -> str:
    """Return the identifier that a contact signs in with."""
    if contact.kind is ContactKind.EMAIL:
        return comparable_email_address(EmailAddress(contact.address))
    return contact.address


def _subject(held: Held[WantedContact]) -> AccountId:
    """What the code belongs to: this change and this step of it."""
    step = "wanted" if held.document.asked_of == held.document.wanted else "present"
    return AccountId(f"contact {step} {held.document_id}")
