"""Enrolling a first second factor: prove a verified contact, scan a picture, keep the recovery codes."""

from dataclasses import replace

from idp.domain.accounts.account import Contact, ContactKind
from idp.domain.events import (
    ActivationCodeAccepted,
    ActivationCodeRefused,
    ActivationCodeSent,
    AuthenticatorEnrolled,
)
from idp.domain.ids import AccountId, Seconds
from idp.domain.levels.assurance import Method, Proof
from idp.journeys.activation_codes import ActivationCodes, Channel
from idp.journeys.attempt import Attempt, Attempts, Loaded
from idp.journeys.new_code_device import NewCodeDevice, Proposal
from idp.journeys.recovery_codes import recovery_code_hash, recovery_codes
from idp.journeys.refusals import CodeNotSentError, RefusedError, WrongCodeError
from idp.journeys.second_factor import digits_of
from idp.journeys.throttling import SlowDownError, Throttling
from idp.journeys.visitor import Visitor
from idp.ports.accounts import Authenticators
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock
from idp.ports.keys import SubjectKeys
from idp.ports.mail import MailError
from idp.ports.messages import MessageError
from idp.ports.notifications import Notifications
from idp.ports.own_contacts import OwnContacts
from idp.ports.recoveries import Recoveries


class EnrolmentSteps:
    """The three steps, each a conditional change of the attempt."""

    def __init__(  # noqa: PLR0913 -- a composition point: each port by name
        self,
        *,
        attempts: Attempts,
        contacts: OwnContacts,
        authenticators: Authenticators,
        recoveries: Recoveries,
        codes: ActivationCodes,
        device: NewCodeDevice,
        throttling: Throttling,
        keys: SubjectKeys,
        notifications: Notifications,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._attempts = attempts
        self._device = device
        self._contacts = contacts
        self._authenticators = authenticators
        self._recoveries = recoveries
        self._codes = codes
        self._throttling = throttling
        self._keys = keys
        self._notifications = notifications
        self._audit = audit
        self._clock = clock

    async def contact(self, attempt: Attempt) -> Contact | None:
        """The verified contact that a code can be sent to, or None: then only a counter can help.

        It is a telephone where there is no e-mail address that messages reach, and never one that was changed just now
        (`OwnContacts.settled`). None, too, for two days after others let the person back in (`held_until`).
        """
        for contact in await self._settled(attempt):
            if await self._reaches(contact):
                return contact
        return None

    async def unreached(self, attempt: Attempt) -> Contact | None:
        """The contact that a code would go to if messages reached it, where none reach any other either."""
        settled = await self._settled(attempt)
        return None if any([await self._reaches(contact) for contact in settled]) else next(iter(settled), None)

    async def held_until(self, attempt: Attempt) -> Seconds | None:
        """Until when nobody enrols without standing at a counter; None when anybody may who holds a contact."""
        return await self._recoveries.held_until(attempt.known_account, self._clock.now())

    async def send_code(self, loaded: Loaded, visitor: Visitor) -> Loaded:
        """Send a code to the contact. Raises `SlowDownError`, or `CodeNotSentError` when the message did not leave."""
        attempt = loaded.attempt
        account_id = attempt.known_account
        contact = await self.contact(attempt)
        if contact is None:
            return loaded
        try:
            await self._throttling.take(self._throttling.for_messages(account_id), self._clock.now())
        except SlowDownError:
            await self._code_refused(account_id, "throttled", visitor)
            raise
        moved = await self._attempts.advance(
            loaded, replace(attempt, enrolment=replace(attempt.enrolment, code_sent=True))
        )
        code = await self._codes.issue(account_id, Channel.CONTACT)
        try:
            await self._notifications.activation_code(contact, code, visitor.locale)
        except (MailError, MessageError) as error:
            await self._code_refused(account_id, "not_sent", visitor)
            raise CodeNotSentError from error
        await self._audit.record(
            ActivationCodeSent(origin=visitor.origin, account_id=account_id, channel=Channel.CONTACT)
        )
        return moved

    async def submit_activation_code(self, loaded: Loaded, typed: str, visitor: Visitor) -> Loaded:
        """The attempt, activated. Raises `WrongCodeError`, `CodeExpiredError` or `SlowDownError`."""
        account_id = loaded.attempt.known_account
        throttles = self._throttling.for_activation(account_id)
        try:
            await self._throttling.take(throttles, self._clock.now())
            await self._codes.accept(account_id, digits_of(typed))
        except SlowDownError:
            await self._code_refused(account_id, "throttled", visitor)
            raise
        except RefusedError as refusal:
            await self._code_refused(account_id, type(refusal).__name__, visitor)
            raise
        await self._throttling.give_back(throttles)
        await self._audit.record(ActivationCodeAccepted(origin=visitor.origin, account_id=account_id))
        enrolment = replace(loaded.attempt.enrolment, activated=True)
        return await self._attempts.advance(loaded, replace(loaded.attempt, enrolment=enrolment))

    def proposal(self, attempt: Attempt) -> Proposal:
        """The secret of this attempt; the same each time the page is shown."""
        return self._device.proposal(attempt.attempt_id, attempt.known_account)

    def recovery_codes(self, attempt: Attempt) -> tuple[str, ...]:
        """The recovery codes of this attempt."""
        return recovery_codes(self._keys, attempt.attempt_id, attempt.known_account)

    async def submit_first_code(self, loaded: Loaded, typed: str, visitor: Visitor) -> Loaded:
        """Enrol, and count the code as a proof. Raises `WrongCodeError` or `SlowDownError`."""
        attempt = loaded.attempt
        account_id = attempt.known_account
        device = await self._device.take(self.proposal(attempt).secret, account_id, typed, visitor)
        event = AuthenticatorEnrolled(origin=visitor.origin, account_id=account_id, method=Method.ONE_TIME_CODE)
        hashes = tuple(recovery_code_hash(self._keys, account_id, code) for code in self.recovery_codes(attempt))
        if not await self._authenticators.enrol_totp(device, hashes, event):
            await self._device.refused(account_id, "enrolled_meanwhile", visitor)
            raise WrongCodeError
        await self._device.taken(account_id)
        enrolled = replace(attempt, enrolment=replace(attempt.enrolment, enrolled=True))
        return await self._attempts.advance(loaded, enrolled.proved(Proof(Method.ONE_TIME_CODE, device.created_at)))

    async def confirm_saved(self, loaded: Loaded) -> Loaded:
        """The person keeps the recovery codes."""
        enrolment = replace(loaded.attempt.enrolment, saved=True)
        return await self._attempts.advance(loaded, replace(loaded.attempt, enrolment=enrolment))

    async def _settled(self, attempt: Attempt) -> list[Contact]:
        """Whatever a code may be sent to, e-mail first."""
        if await self.held_until(attempt) is not None:
            return []
        settled = await self._contacts.settled(attempt.known_account, self._clock.now())
        return sorted(settled, key=lambda contact: contact.kind is not ContactKind.EMAIL)

    async def _reaches(self, contact: Contact) -> bool:
        try:
            return await self._notifications.reaches(contact)
        except MailError:
            # Nobody tells now: sending says more, or says it again.
            return True

    async def _code_refused(self, account_id: AccountId, reason: str, visitor: Visitor) -> None:
        await self._audit.record(ActivationCodeRefused(origin=visitor.origin, account_id=account_id, reason=reason))
