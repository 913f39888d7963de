"""The people room: somebody is found by a whole identifier or by words of the name, for a purpose, and learns of it."""

from typing import Final

from idp.domain.accounts.account import Account, Authenticator
from idp.domain.accounts.account_lock import AccountLock
from idp.domain.accounts.sign_in_identifier import IdentifierKind, SignInIdentifier, parse_sign_in_identifier
from idp.domain.audit.audit_chain import AuditRecord
from idp.domain.audit.audit_query import AuditQuery
from idp.domain.events import PeopleSearched
from idp.domain.ids import AccountId, PersonId
from idp.domain.offices.administration import Action
from idp.domain.people.identity_record import IdentityRecord
from idp.domain.people.likeness import card_key
from idp.domain.people.people_search import RefusedSearch, name_search
from idp.domain.people.record_access import Purpose, Seen
from idp.domain.refused_value import RefusedIdentifier
from idp.domain.values import dataclass
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import InvalidEntryError, NotFoundError
from idp.journeys.administration.look_up_budget import LookUpBudget
from idp.journeys.administration.people_tickets import PeopleTickets, Ticket
from idp.journeys.administration.record_looks import Occasion, RecordLooks, told_purpose
from idp.ports.account_locks import AccountLocks
from idp.ports.accounts import Accounts, Authenticators
from idp.ports.audit import AuditHistory, AuditTrail
from idp.ports.clock import Clock, Entropy
from idp.ports.duplicates import Duplicates
from idp.ports.identity_records import IdentityRecords
from idp.ports.people_search import PeopleSearch

PAGE: Final = 20
"""Rows of a page: fewer than in other lists, since each of them is somebody who is seen."""
EVENTS: Final = 20
_STRETCH: Final = 10_000
"""Records of the trail, of all its streams together, that are looked at for the latest events of an account."""
_CARD_LENGTHS: Final = range(6, 21)
_WHOLE_PERSON: Final = (Seen.RECORD, Seen.EVIDENCE, Seen.ACCOUNT, Seen.ACTIVITY)
_NUMBERS: Final = frozenset({IdentifierKind.PERSONAL_NUMBER, IdentifierKind.LEGACY_PERSONAL_NUMBER})
_CONTACTS: Final = frozenset({IdentifierKind.EMAIL, IdentifierKind.PHONE_NUMBER})


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleStores:
    """What the room reads."""

    records: IdentityRecords
    search: PeopleSearch
    accounts: Accounts
    authenticators: Authenticators
    locks: AccountLocks
    duplicates: Duplicates
    history: AuditHistory
    audit: AuditTrail


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleQuery:
    """As it was typed: a whole `identifier`, or words of a `name` and when the person was `born`."""

    purpose: str
    reference: str
    identifier: str = ""
    name: str = ""
    born: str = ""


@dataclass(frozen=True, slots=True)
class FoundTicket:
    """Where to go on: to one person's record, or (`is_list`) to a list of those whom a search found."""

    ticket: str
    is_list: bool


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """One row; `pick` stands for the person on this list."""

    record: IdentityRecord
    pick: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleList:
    """One page of a list; `after` goes on, None at its end. A page may be short, or empty, before that."""

    rows: tuple[ListedPerson, ...]
    after: str | None
    purpose: Purpose
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSight:
    """What is shown of one person. `account` is the citizen's; None when it was merged into another one."""

    record: IdentityRecord
    account: Account | None
    locks: tuple[AccountLock, ...]
    authenticators: tuple[Authenticator, ...]
    events: tuple[AuditRecord, ...]
    purpose: Purpose
    reference: str


class PeopleRoom:
    """What the room asks. Everything leaves its trace before it is shown."""

    def __init__(
        self,
        stores: PeopleStores,
        looks: RecordLooks,
        tickets: PeopleTickets,
        budget: LookUpBudget,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._stores = stores
        self._budget = budget
        self._looks = looks
        self._tickets = tickets
        self._clock = clock
        self._entropy = entropy

    async def find(self, admin: Administrator, query: PeopleQuery) -> FoundTicket:
        """Return the ticket to what was looked for.

        Raises `InvalidEntryError`, also when an identifier is nobody's, and `TooManyLookUpsError`.
        """
        admin.must(Action.PEOPLE_FIND)
        purpose, reference = told_purpose(query.purpose, query.reference)
        await self._budget.take(admin)
        occasion = Occasion(self._entropy.identifier(), purpose, reference, self._clock.now())
        if query.identifier.strip():
            person_id = await self._whose(query.identifier)
            await self._searched(admin, purpose, by="identifier", outcome="nobody" if person_id is None else "found")
            if person_id is None:
                raise InvalidEntryError("identifier", "nobody")
            return FoundTicket(await self._ticket_for(admin, occasion, person_id), is_list=False)
        try:
            search = name_search(query.name, query.born)
        except RefusedSearch as refused:
            raise InvalidEntryError(refused.field, refused.code) from None
        await self._searched(admin, purpose, by="name", outcome="listed")
        return FoundTicket(await self._tickets.give(admin, occasion, search), is_list=True)

    async def listed(self, admin: Administrator, name: str, after: str) -> PeopleList:
        """A page of a list; each person on it learns of that. Raises `NotFoundError` and `TooManyLookUpsError`."""
        admin.must(Action.PEOPLE_FIND)
        ticket = await self._tickets.take(admin, name)
        if after:
            await self._budget.take(admin)
        place = self._tickets.reveal(ticket, after) if after else ""
        found = await self._stores.search.find(ticket.looked_for, place, PAGE)
        people = [record.person_id for record in found.records]
        await self._looks.leave(admin, people, ticket.occasion, (Seen.LISTED,))
        return PeopleList(
            rows=tuple(ListedPerson(record, self._tickets.hide(ticket, record.person_id)) for record in found.records),
            after=None if found.after is None else self._tickets.hide(ticket, found.after),
            purpose=ticket.occasion.purpose,
            reference=ticket.occasion.reference,
        )

    async def pick(self, admin: Administrator, name: str, pick: str) -> str:
        """Return the ticket to the record of somebody on a list. Raises `NotFoundError` and `TooManyLookUpsError`."""
        admin.must(Action.PEOPLE_FIND)
        ticket = await self._tickets.take(admin, name)
        await self._budget.take(admin)
        _ = ticket.looked_for
        return await self._ticket_for(admin, ticket.occasion, self._tickets.reveal(ticket, pick))

    async def see(self, admin: Administrator, name: str) -> PersonSight:
        """One person. Raises `NotFoundError`."""
        admin.must(Action.PEOPLE_FIND)
        ticket = await self._tickets.take(admin, name)
        record = await self._stores.records.of_person(ticket.person)
        if record is None:
            raise NotFoundError
        account = await self._stores.accounts.find(record.personal_number)
        if account is None or account.person_id != record.person_id:
            return _sight(ticket, record)
        account_id = account.account_id
        return _sight(
            ticket,
            record,
            account,
            await self._stores.locks.of_account(account_id),
            await self._stores.authenticators.enrolled(account_id),
            await self._events_of(account_id),
        )

    async def _ticket_for(self, admin: Administrator, occasion: Occasion, person_id: PersonId) -> str:
        """The trace comes first: who has the ticket sees the record."""
        await self._looks.leave(admin, [person_id], occasion, _WHOLE_PERSON)
        return await self._tickets.give(admin, occasion, person_id)

    async def _whose(self, typed: str) -> PersonId | None:
        """Whose identifier it is: a number in force or given up, a card, a verified contact. Officers' names are none.

        Raises `InvalidEntryError`.
        """
        identifier = _parsed(typed)
        if identifier is not None and identifier.kind in _NUMBERS:
            record = await self._stores.records.of_number(identifier.canonical)
            if record is not None:
                return record.person_id
        elif identifier is not None and identifier.kind in _CONTACTS:
            account = await self._stores.accounts.find(identifier.canonical)
            profile = None if account is None else await self._stores.accounts.profile(account.account_id)
            return None if account is None or profile is None or profile.officer_id else account.person_id
        if len(card_key(typed)) in _CARD_LENGTHS:
            return await self._stores.duplicates.of_card(typed)
        if identifier is None:
            raise InvalidEntryError("identifier", "malformed")
        return None

    async def _events_of(self, account_id: AccountId) -> tuple[AuditRecord, ...]:
        """The latest events of an account, as far back as a bounded stretch of the trail goes."""
        query, found = AuditQuery(fields=(("account_id", account_id),)), list[AuditRecord]()
        heads = await self._stores.history.heads()
        for head in heads:
            records = await self._stores.history.newest(head.stream, head.sequence + 1, _STRETCH // len(heads))
            found += [record for record in records if query.accepts(record)][:EVENTS]
        return tuple(sorted(found, key=lambda record: record.at_milliseconds, reverse=True)[:EVENTS])

    async def _searched(self, admin: Administrator, purpose: Purpose, *, by: str, outcome: str) -> None:
        event = PeopleSearched(
            origin=admin.origin,
            account_id=admin.account_id,
            agency_code=admin.agency_code,
            purpose=purpose.value,
            by=by,
            outcome=outcome,
        )
        await self._stores.audit.record(event)


def _parsed(typed: str) -> SignInIdentifier | None:
    try:
        return parse_sign_in_identifier(typed)
    except RefusedIdentifier:
        return None


def _sight(
    ticket: Ticket,
    record: IdentityRecord,
    account: Account | None = None,
    locks: tuple[AccountLock, ...] = (),
    authenticators: tuple[Authenticator, ...] = (),
    events: tuple[AuditRecord, ...] = (),
) -> PersonSight:
    return PersonSight(
        record=record,
        account=account,
        locks=locks,
        authenticators=authenticators,
        events=events,
        purpose=ticket.occasion.purpose,
        reference=ticket.occasion.reference,
    )
