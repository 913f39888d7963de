"""Registering oneself: matched with the register, the contact proved by a code, then a password and an account.

Whatever was typed, the page goes on to the same step and the typed contact gets one message: who has no access to that
mailbox learns nothing, and who has it learns that the account can be opened, or that it cannot and nothing more.
"""

import asyncio
from dataclasses import field, replace
from functools import partial
from typing import Final

from idp.domain.accounts.account import Account, Contact, ContactKind
from idp.domain.accounts.email_address import comparable_email_address
from idp.domain.enrolment.self_registration import (
    LEVEL,
    Applicant,
    Obstacle,
    ObstacleError,
    check_against_register,
    is_old_enough,
    new_person,
)
from idp.domain.events import (
    AccountRegistered,
    RegistrationCodeRefused,
    RegistrationCodeSent,
    RegistrationRefused,
)
from idp.domain.ids import AccountId
from idp.domain.people.identity_record import POPULATION_REGISTER
from idp.domain.people.register_entry import RegisterEntry
from idp.domain.values import dataclass
from idp.journeys.activation_codes import ActivationCodes, Channel
from idp.journeys.bound_documents import BoundDocuments, DocumentGoneError, Held
from idp.journeys.floods import Floods
from idp.journeys.new_passwords import NewPasswords, birthday_words
from idp.journeys.refusals import CodeNotSentError, RefusedError, UnreachableContactError, WrongCodeError
from idp.journeys.second_factor import digits_of
from idp.journeys.throttling import SlowDownError, Throttles, Throttling
from idp.journeys.visitor import Visitor
from idp.ports.accounts import Accounts
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock
from idp.ports.identity_records import AlreadyKnownError, IdentityRecords
from idp.ports.mail import MailError
from idp.ports.population_registry import PopulationRegistry, RegistryUnavailableError
from idp.ports.registration_messages import RegistrationMessages

LIFETIME: Final = 30 * 60
"""Seconds from the first page to the last."""

PLACE: Final = "register"
"""Where floods of refused registrations are counted."""


class TooYoungError(Exception):
    """By the birthdate that was typed a guardian has to do it."""


class KnownMeanwhileError(Exception):
    """Number or contact got an account after the code had been sent."""


@dataclass(frozen=True, slots=True)
class Registration:
    """How far one registration came. `entry` is the register's; without one nothing can come of it.

    `attempt_id` is the sign-in that the person came from, if any, where he or she goes on in the end.
    """

    applicant: Applicant
    locale: str
    attempt_id: str = ""
    entry: RegisterEntry | None = field(default=None, repr=False)
    contact_proved: bool = False

    @property
    def contact(self) -> Contact:
        """Where the code goes."""
        return Contact(ContactKind.EMAIL, self.applicant.email)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationParts:
    """What registering needs from outside."""

    registry: PopulationRegistry
    documents: BoundDocuments[Registration]
    records: IdentityRecords
    accounts: Accounts
    codes: ActivationCodes
    messages: RegistrationMessages
    throttling: Throttling
    passwords: NewPasswords
    audit: AuditTrail
    floods: Floods
    clock: Clock


class SelfRegistration:
    """The steps."""

    def __init__(self, parts: RegistrationParts) -> None:
        self._parts = parts

    async def apply(self, applicant: Applicant, attempt_id: str, browser_token: str, visitor: Visitor) -> str:
        """Ask the register and send one message; the identifier of the registration, whatever came of it.

        Raises `TooYoungError`, `SlowDownError`, `UnreachableContactError`, `RegistryUnavailableError`, or
        `CodeNotSentError`.
        """
        parts = self._parts
        if not is_old_enough(applicant, parts.clock.now()):
            await self._refused("too_young", visitor)
            raise TooYoungError
        throttles = await self._take(applicant, visitor)
        await self._check_reached(Contact(ContactKind.EMAIL, applicant.email))
        try:
            entry, holder = await self._look_up(applicant, visitor)
        except RegistryUnavailableError:
            # Nobody learned anything: the try does not count.
            await parts.throttling.give_back(throttles)
            raise
        registration = Registration(applicant, visitor.locale, attempt_id, entry)
        held = await parts.documents.begin(parts.documents.new_identifier(), registration, browser_token)
        told = [self._send(held, visitor)]
        if holder is not None:
            told.append(self._tell_holder(holder, applicant))
        # Together, so that how long it takes does not tell whether there is an account.
        await asyncio.gather(*told)
        return held.document_id

    async def load(self, registration_id: str, browser_token: str) -> Held[Registration]:
        """Return a registration under way. Raises `DocumentGoneError`."""
        return await self._parts.documents.load(registration_id, browser_token)

    async def send_again(self, held: Held[Registration], visitor: Visitor) -> None:
        """Send another code to whoever gets one. Raises `SlowDownError` or `CodeNotSentError`."""
        parts = self._parts
        await parts.throttling.take(parts.throttling.for_registration_mails(_address(held)), parts.clock.now())
        await self._send(held, visitor)

    async def submit_code(self, held: Held[Registration], typed: str, visitor: Visitor) -> Held[Registration]:
        """Prove the contact. Raises `WrongCodeError`, `CodeExpiredError`, `SlowDownError` or `DocumentGoneError`."""
        parts, subject = self._parts, _subject(held)
        throttles = parts.throttling.for_activation(subject)
        try:
            await parts.throttling.take(throttles, parts.clock.now())
            await parts.codes.accept(subject, digits_of(typed))
            if held.document.entry is None:
                # Nobody was sent this code: it was guessed, and opens nothing.
                raise WrongCodeError
        except (RefusedError, SlowDownError) as refusal:
            reason = "throttled" if isinstance(refusal, SlowDownError) else type(refusal).__name__
            await parts.floods.record(PLACE, reason, RegistrationCodeRefused(origin=visitor.origin, reason=reason))
            raise
        await parts.throttling.give_back(throttles)
        return await parts.documents.change(held, replace(held.document, contact_proved=True))

    async def finish(self, held: Held[Registration], password: str, visitor: Visitor) -> AccountId:
        """Open the account with this password.

        Of any number of submissions one succeeds. Raises `RefusedPassword` or `BusyError` (nothing is used up then),
        `DocumentGoneError`, or `KnownMeanwhileError`.
        """
        parts, registration = self._parts, held.document
        if registration.entry is None or not registration.contact_proved:
            raise DocumentGoneError
        applicant = registration.applicant
        number, mailbox = applicant.personal_number, applicant.email.partition("@")[0]
        about = (number, applicant.email, mailbox, applicant.name, *birthday_words(applicant.birthdate))
        password_hash = await parts.passwords.hashed(password, about)
        await parts.documents.claim(held)
        person = new_person(applicant, registration.entry, password_hash, visitor.locale, parts.clock.now())
        event = partial(AccountRegistered, origin=visitor.origin, level=LEVEL, source=POPULATION_REGISTER)
        try:
            return await parts.records.create(person, lambda account_id: event(account_id=account_id))
        except AlreadyKnownError as known:
            await self._refused(Obstacle.KNOWN, visitor)
            raise KnownMeanwhileError from known

    async def _take(self, applicant: Applicant, visitor: Visitor) -> Throttles:
        parts = self._parts
        throttles = (
            *parts.throttling.for_self_registration(applicant.personal_number, visitor.origin.source),
            *parts.throttling.for_registration_mails(comparable_email_address(applicant.email)),
        )
        try:
            await parts.throttling.take(throttles, parts.clock.now())
        except SlowDownError:
            await self._refused("throttled", visitor)
            raise
        return throttles

    async def _look_up(self, applicant: Applicant, visitor: Visitor) -> tuple[RegisterEntry | None, Account | None]:
        """The entry of somebody who may have an account; and the account of whoever has one and was named rightly."""
        parts = self._parts
        try:
            found = await parts.registry.find(applicant.personal_number)
        except RegistryUnavailableError:
            await self._refused("register_unavailable", visitor)
            raise
        holder = await parts.accounts.find(applicant.personal_number)
        taken = await parts.accounts.find(comparable_email_address(applicant.email))
        try:
            entry = check_against_register(applicant, found, parts.clock.now())
        except ObstacleError as error:
            await self._refused(error.obstacle, visitor)
            return None, None
        if holder is not None:
            await self._refused(Obstacle.KNOWN, visitor, holder.account_id)
            return None, holder
        if taken is not None:
            await self._refused(Obstacle.CONTACT_TAKEN, visitor, taken.account_id)
            return None, None
        return entry, None

    async def _send(self, held: Held[Registration], visitor: Visitor) -> None:
        """The one message to the typed contact. A code is made in any case, so that trying codes tells nothing."""
        parts, registration = self._parts, held.document
        code = await parts.codes.issue(_subject(held), Channel.CONTACT)
        contact, locale = registration.contact, registration.locale
        try:
            if registration.entry is not None:
                await parts.messages.registration_code(contact, code, locale)
                await parts.audit.record(RegistrationCodeSent(origin=visitor.origin))
            elif await parts.accounts.find(_address(held)) is not None:
                await parts.messages.already_registered(contact, locale)
            else:
                await parts.messages.registration_refused(contact, locale)
        except MailError as error:
            raise CodeNotSentError from error

    async def _check_reached(self, contact: Contact) -> None:
        """Find out before anybody is looked up whether the typed address can be written to."""
        try:
            if not await self._parts.messages.reaches(contact):
                raise UnreachableContactError
        except MailError as error:
            raise CodeNotSentError from error

    async def _tell_holder(self, holder: Account, applicant: Applicant) -> None:
        """Tell the holder of the account; a message that does not leave changes nothing."""
        parts = self._parts
        wanted = comparable_email_address(applicant.email)
        try:
            await parts.throttling.take(parts.throttling.for_messages(holder.account_id), parts.clock.now())
        except SlowDownError:
            return
        for contact in await parts.accounts.contacts(holder.account_id):
            if contact.kind is ContactKind.EMAIL and contact.address.lower() != wanted:
                try:
                    await parts.messages.already_registered(contact, holder.locale or "")
                except MailError:
                    return

    async def _refused(self, reason: str, visitor: Visitor, account_id: AccountId | None = None) -> None:
        event = RegistrationRefused(origin=visitor.origin, reason=reason, account_id=account_id)
        await self._parts.floods.record(PLACE, reason, event)


def _subject(held: Held[Registration]) -> AccountId:
    """What the code belongs to: the registration stands where an account will."""
    return AccountId(f"registration {held.document_id}")


def _address(held: Held[Registration]) -> str:
    return comparable_email_address(held.document.applicant.email)
