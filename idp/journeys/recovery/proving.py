"""Getting back in at one go: who are you, a code to a verified contact, one more proof, another password.

Every answer is the same whether or not somebody has such an identifier, until a code from the owner's own mailbox was
typed; what costs time and happens for owners alone happens after the answer.
"""

from collections.abc import Sequence
from dataclasses import replace

from idp.domain.accounts.account import Authenticator, AuthenticatorKind, mailbox
from idp.domain.accounts.recovery import Credential, Evidence, Way
from idp.domain.accounts.sign_in_identifier import parse_sign_in_identifier
from idp.domain.events import RecoveryProved
from idp.domain.ids import AccountId
from idp.domain.refused_value import RefusedIdentifier
from idp.journeys.activation_codes import Channel
from idp.journeys.bound_documents import DocumentGoneError, Held
from idp.journeys.recovery.recovering import Recovering, RecoveryParts, may_recover
from idp.journeys.recovery.throttles import (
    Whence,
    for_beginning,
    for_codes,
    for_counter_contacts,
    for_journey,
    for_proofs,
    for_tries,
    whence,
)
from idp.journeys.recovery_codes import recovery_code_hash
from idp.journeys.refusals import CodeUsedError, RefusedError, WrongCodeError
from idp.journeys.second_factor import digits_of, matching_step
from idp.journeys.throttling import SlowDownError, Throttles
from idp.journeys.visitor import Visitor
from idp.ports.mail import MailError
from idp.ports.messages import MessageError


class Proving:
    """The steps."""

    def __init__(self, parts: RecoveryParts) -> None:
        self._parts = parts

    async def begin(
        self, identifier: str, lost: frozenset[Credential], browser_token: str, visitor: Visitor
    ) -> Held[Recovering]:
        """Begin for whoever signs in with `identifier`, or for nobody. Raises `SlowDownError`."""
        parts, canonical = self._parts, _canonical(identifier)
        account = await parts.accounts.find(canonical) if canonical else None
        come = whence(parts.devices, visitor, account.account_id if account else None)
        person = parts.keys.tag("throttle", account.account_id if account else canonical or identifier[:64])
        try:
            await parts.throttling.take(for_beginning(person, come), parts.clock.now())
        except SlowDownError:
            await parts.refusing.record(visitor, "throttled")
            raise
        account_id = account.account_id if account and may_recover(account) else None
        return await self._begin(Recovering(lost, parts.clock.now(), account_id, person=person), browser_token)

    async def begin_proved(self, recovering: Recovering, browser_token: str) -> Held[Recovering]:
        """Begin where everything was proved in another way."""
        return await self._begin(recovering, browser_token)

    async def load(self, document_id: str, browser_token: str) -> Held[Recovering]:
        """Return what is under way. Raises `DocumentGoneError`."""
        return await self._parts.documents.load(document_id, browser_token)

    async def send_code(self, held: Held[Recovering], visitor: Visitor) -> None:
        """Send a code to a verified contact, if there is one: the answer does not wait for it.

        Raises `SlowDownError`, and then makes no code: the one before it stays good. It is the same for whoever is
        named, since nobody has throttles too.
        """
        parts = self._parts
        await self._take(held, self._for_codes(held, visitor), visitor)
        code = await parts.codes.issue(_subject(held), Channel.CONTACT)
        parts.errands.send(self._send(held, code, visitor))

    async def submit_contact(self, held: Held[Recovering], typed: str, visitor: Visitor) -> Held[Recovering]:
        """Prove the contact. Raises `WrongCodeError`, `CodeExpiredError`, `SlowDownError` or `DocumentGoneError`."""
        parts, account_id = self._parts, held.document.account_id
        throttles = self._for_tries(held, visitor)
        await self._take(held, throttles, visitor)
        try:
            await parts.codes.accept(_subject(held), digits_of(typed))
            if account_id is None:
                # Nobody was sent this code: it was guessed, and opens nothing.
                raise WrongCodeError
        except RefusedError as refusal:
            await parts.refusing.record(visitor, type(refusal).__name__, account_id, Evidence.CONTACT_CODE)
            raise
        await parts.throttling.give_back(throttles)
        await parts.audit.record(
            RecoveryProved(origin=visitor.origin, account_id=account_id, evidence=Evidence.CONTACT_CODE.value)
        )
        return await parts.documents.change(held, replace(held.document, contact_proved=True))

    async def submit_proof(self, held: Held[Recovering], typed: str, visitor: Visitor) -> Held[Recovering]:
        """Prove one more thing: a code from the app, or a recovery code, which only the reset uses up.

        Raises `WrongCodeError`, `CodeUsedError`, `SlowDownError` or `DocumentGoneError`. Nobody comes here who did not
        prove the contact, and whoever did has other tries than the owner who signs in.
        """
        parts, account_id = self._parts, _known(held)
        enrolled = await parts.authenticators.enrolled(account_id)
        apps = [one for one in enrolled if one.kind is AuthenticatorKind.ONE_TIME_CODE]
        throttles = for_proofs(parts.throttling, account_id, whence(parts.devices, visitor, account_id), len(apps))
        try:
            await parts.throttling.take(throttles, parts.clock.now())
            proved = await self._proof(held, apps, typed, visitor)
        except (RefusedError, SlowDownError) as refusal:
            reason = "throttled" if isinstance(refusal, SlowDownError) else type(refusal).__name__
            await parts.refusing.record(visitor, reason, account_id, Evidence.ONE_TIME_CODE)
            raise
        await parts.throttling.give_back(throttles)
        return await parts.documents.change(held, proved)

    async def _begin(self, recovering: Recovering, browser_token: str) -> Held[Recovering]:
        documents = self._parts.documents
        return await documents.begin(documents.new_identifier(), recovering, browser_token)

    def _whose(self, held: Held[Recovering], visitor: Visitor) -> tuple[str, Whence]:
        parts, recovering = self._parts, held.document
        person = recovering.person or parts.keys.tag("throttle", recovering.account_id or held.document_id)
        return person, whence(parts.devices, visitor, recovering.account_id)

    def _for_codes(self, held: Held[Recovering], visitor: Visitor) -> Throttles:
        person, come = self._whose(held, visitor)
        request_id = held.document.request_id if held.document.counter_account else None
        return for_counter_contacts(request_id, come) if request_id else for_codes(person, come)

    def _for_tries(self, held: Held[Recovering], visitor: Visitor) -> Throttles:
        journey = self._parts.keys.tag("throttle", held.document_id)
        if held.document.counter_account:
            return (for_journey(journey),)
        person, come = self._whose(held, visitor)
        return for_tries(person, journey, come)

    async def _take(self, held: Held[Recovering], throttles: Throttles, visitor: Visitor) -> None:
        try:
            await self._parts.throttling.take(throttles, self._parts.clock.now())
        except SlowDownError:
            account_id = held.document.account_id
            await self._parts.refusing.record(visitor, "throttled", account_id, Evidence.CONTACT_CODE)
            raise

    async def _send(self, held: Held[Recovering], code: str, visitor: Visitor) -> None:
        """Send the code, or do for nobody all that comes before sending: the next answer waits no longer either."""
        parts, account_id = self._parts, held.document.account_id
        whose = account_id or _subject(held)
        settled = await parts.contacts.settled(whose, parts.clock.now())
        contact = mailbox(settled) or next(iter(settled), None)
        try:
            await parts.messages.recovery_code(contact, code, visitor.locale)
        except (MailError, MessageError):
            await parts.refusing.record(visitor, "not_sent", account_id, Evidence.CONTACT_CODE)

    async def _proof(
        self, held: Held[Recovering], apps: Sequence[Authenticator], typed: str, visitor: Visitor
    ) -> Recovering:
        parts, recovering, account_id = self._parts, held.document, _known(held)
        event = RecoveryProved(origin=visitor.origin, account_id=account_id, evidence=Evidence.ONE_TIME_CODE.value)
        refusal: RefusedError = WrongCodeError()
        for app in apps:
            step = matching_step(app.secret, digits_of(typed), parts.clock.now())
            if step is None:
                continue
            if await parts.authenticators.accept_time_step(app.authenticator_id, step, event):
                return replace(recovering, proved=Way.APP)
            refusal = CodeUsedError()
        hashed = recovery_code_hash(parts.keys, account_id, typed)
        if not await parts.recoveries.recovery_code_stands(account_id, hashed):
            raise refusal
        await parts.audit.record(replace(event, evidence=Evidence.RECOVERY_CODE.value))
        return replace(recovering, proved=Way.RECOVERY_CODE, recovery_code_hash=hashed)


def _known(held: Held[Recovering]) -> AccountId:
    if held.document.account_id is None or not held.document.contact_proved:
        raise DocumentGoneError
    return held.document.account_id


def _subject(held: Held[Recovering]) -> AccountId:
    """What the code belongs to: what is under way, whoever's it is."""
    return AccountId(f"recovery {held.document_id}")


def _canonical(identifier: str) -> str:
    try:
        return parse_sign_in_identifier(identifier).canonical
    except RefusedIdentifier:
        return ""
