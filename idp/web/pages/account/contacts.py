"""`/account/contacts`: where messages go, and changing it."""

from typing import Final

from idp.domain.accounts.account import AccountKind, Contact, ContactKind
from idp.domain.levels.assurance import Level
from idp.domain.refused_value import RefusedValue
from idp.domain.values import dataclass
from idp.journeys.bound_documents import DocumentGoneError, Held
from idp.journeys.own_contacts import (
    ChangingContacts,
    CounterOnlyError,
    OfficersElsewhereError,
    SameContactError,
    WantedContact,
)
from idp.journeys.refusals import (
    CodeExpiredError,
    CodeNotSentError,
    RefusedError,
    UnreachableContactError,
    WrongCodeError,
)
from idp.journeys.sessions import CurrentSession
from idp.journeys.throttling import SlowDownError
from idp.web.moments import moment_of
from idp.web.pages.account.data import OwnDataDesk
from idp.web.pages.answer import Answer
from idp.web.pages.signing_in.enrolment import masked
from idp.web.pages.visit import Visit
from idp.web.views.common import ErrorView, Refusal
from idp.web.views.own_contacts import ContactCodePage, ContactRow, ContactsPage, NewContactPage

PATH: Final = "/account/contacts"
CODE: Final = f"{PATH}/code"

REFUSALS: Final = (RefusedValue, SameContactError, RefusedError, SlowDownError)
"""What a person reads on the page that was sent."""

_LONGEST_SHOWN: Final = 320


@dataclass(frozen=True, slots=True)
class Refused:
    """Why something was not done: the words and the status of the answer."""

    error: ErrorView
    status: int = 400


class ContactsPages:
    """The list, the form of a new contact, and its codes."""

    def __init__(self, contacts: ChangingContacts, desk: OwnDataDesk) -> None:
        self._contacts = contacts
        self._desk = desk

    async def show(self, visit: Visit) -> Answer:
        """GET the list."""
        current = await self._desk.let_in(visit)
        if isinstance(current, Answer):
            return current
        known, held = await self._contacts.listed(current.account.account_id)
        is_officer = current.account.kind is not AccountKind.CITIZEN
        rows = tuple(
            ContactRow(
                kind=kind.value,
                address=next((contact.address for contact in known if contact.kind is kind), None),
                change_href=None if is_officer else f"{PATH}/{kind.value}",
                held_until=next((moment_of(change.held_until) for change in held if change.kind is kind), None),
            )
            for kind in ContactKind
        )
        changed = visit.query.get("changed") == "yes"
        page = ContactsPage(**self._desk.common(visit), rows=rows, officer=is_officer, changed=changed)
        return self._desk.desk.page(visit, page)

    async def show_form(self, visit: Visit) -> Answer:
        """GET the form `contact`."""
        current = await self._desk.let_owner_in(visit)
        return current if isinstance(current, Answer) else await self._draw(visit, current, "", None)

    async def begin(self, visit: Visit) -> Answer:
        """POST the form `contact`: on to the code, whoever else may have the contact."""
        fields = await visit.form()
        current = await self._desk.let_owner_in(visit)
        if isinstance(current, Answer):
            return current
        typed, kind = fields.get("address", "").strip(), _kind(visit)
        try:
            change_id = await self._contacts.begin(current, kind, typed, visit.browser, visit.visitor)
        except OfficersElsewhereError:
            return self._desk.desk.redirect(visit, PATH)
        except CounterOnlyError:
            return await self._draw(visit, current, typed, None, counter_only=True)
        except REFUSALS as refusal:
            return await self._draw(visit, current, typed, _refused(refusal, kind))
        return self._desk.desk.redirect(visit, f"{CODE}/{change_id}")

    async def show_code(self, visit: Visit) -> Answer:
        """GET the form `contact-code`."""
        held = await self._held(visit)
        return held if isinstance(held, Answer) else self._draw_code(visit, held, None)

    async def submit_code(self, visit: Visit) -> Answer:
        """POST a code: the contact is changed, or the code of the new one is asked for next."""
        fields = await visit.form()
        held = await self._held(visit)
        if isinstance(held, Answer):
            return held
        try:
            changed = await self._contacts.submit_code(held, fields.get("code", ""), visit.visitor)
        except REFUSALS as refusal:
            return self._draw_code(visit, held, _refused(refusal, held.document.wanted.kind))
        except DocumentGoneError:
            return self._over(visit)
        place = f"{PATH}?changed=yes" if changed else f"{CODE}/{held.document_id}"
        return self._desk.desk.redirect(visit, place)

    async def resend(self, visit: Visit) -> Answer:
        """POST `…/resend`: another code to where the last one went."""
        await visit.form()
        held = await self._held(visit)
        if isinstance(held, Answer):
            return held
        try:
            await self._contacts.send_again(held, visit.visitor)
        except REFUSALS as refusal:
            return self._draw_code(visit, held, _refused(refusal, held.document.wanted.kind))
        return self._desk.desk.redirect(visit, f"{CODE}/{held.document_id}?sent=again")

    async def _held(self, visit: Visit) -> Held[WantedContact] | Answer:
        current = await self._desk.let_in(visit, back_to=PATH)
        if isinstance(current, Answer):
            return current
        try:
            return await self._contacts.load(visit.parameter("change"), current.account, visit.browser)
        except DocumentGoneError:
            return self._over(visit)

    def _over(self, visit: Visit) -> Answer:
        return self._desk.desk.error(visit, "contact_change_expired", 410)

    async def _draw(
        self,
        visit: Visit,
        current: CurrentSession,
        typed: str,
        refused: Refused | None,
        *,
        counter_only: bool = False,
    ) -> Answer:
        account_id, kind = current.account.account_id, _kind(visit)
        known, _ = await self._contacts.listed(account_id)
        page = NewContactPage(
            **self._desk.common(visit),
            kind=kind.value,
            present=next((masked(contact) for contact in known if contact.kind is kind), None),
            typed=typed[:_LONGEST_SHOWN],
            asks_present=not await self._contacts.takes_two_factors(account_id),
            counter_only=counter_only or not _may_be_asked(known, current),
            error=refused.error if refused else None,
        )
        status = 403 if counter_only else refused.status if refused else 200
        return self._desk.desk.page(visit, page, status)

    def _draw_code(self, visit: Visit, held: Held[WantedContact], refused: Refused | None) -> Answer:
        change, place = held.document, f"{CODE}/{held.document_id}"
        page = ContactCodePage(
            **self._desk.common(visit),
            form_action=place,
            resend_action=f"{place}/resend",
            sent_to=masked(change.asked_of),
            of_present=change.asked_of != change.wanted,
            resent=visit.query.get("sent") == "again",
            error=refused.error if refused else None,
        )
        return self._desk.desk.page(visit, page, refused.status if refused else 200)


def _refused(refusal: Exception, kind: ContactKind) -> Refused:
    """The words for a refusal, and the status."""
    if isinstance(refusal, SlowDownError):
        return Refused(ErrorView(Refusal.SLOW_DOWN, refusal.wait), 429)
    if isinstance(refusal, CodeNotSentError):
        return Refused(ErrorView(Refusal.CODE_NOT_SENT), 503)
    form = Refusal.EMAIL_FORM if kind is ContactKind.EMAIL else Refusal.PHONE_FORM
    rows = (
        (WrongCodeError, Refusal.WRONG_SENT_CODE),
        (CodeExpiredError, Refusal.CODE_EXPIRED),
        (SameContactError, Refusal.CONTACT_SAME),
        (UnreachableContactError, Refusal.EMAIL_UNREACHED),
        (RefusedValue, form),
    )
    return Refused(ErrorView(next(words for refused, words in rows if isinstance(refusal, refused))))


def _may_be_asked(known: tuple[Contact, ...], current: CurrentSession) -> bool:
    """Whether anything but a password can speak for the owner."""
    return bool(known) or current.session.level >= Level.TWO


def _kind(visit: Visit) -> ContactKind:
    return ContactKind(visit.path.rpartition("/")[2])
