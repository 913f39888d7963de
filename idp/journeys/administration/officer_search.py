"""Finding an officer by a whole identifier or by words of the name, as far as the administrator reaches."""

from typing import Final

from idp.domain.accounts.sign_in_identifier import IdentifierKind, parse_sign_in_identifier
from idp.domain.events import PeopleSearched
from idp.domain.ids import AccountId
from idp.domain.offices.administration import Action
from idp.domain.offices.officer import OfficerAccount
from idp.domain.people.people_search import NameSearch, RefusedSearch, name_search
from idp.domain.people.record_access import Purpose, Seen
from idp.domain.refused_value import RefusedIdentifier
from idp.domain.values import dataclass
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.errors import InvalidEntryError
from idp.journeys.administration.look_up_budget import LookUpBudget
from idp.journeys.administration.people import PeopleQuery
from idp.journeys.administration.reach import AgencyReach
from idp.journeys.administration.record_looks import Occasion, RecordLooks, told_purpose
from idp.ports.audit import AuditTrail
from idp.ports.clock import Clock, Entropy
from idp.ports.identity_records import IdentityRecords
from idp.ports.officers import Officers
from idp.ports.people_search import PeopleSearch

MOST: Final = 20
"""Officers that one search shows; who has more is asked for more words."""
_STEPS: Final = 5
"""Steps of the search by name, each of which reads a bounded number of rows."""
_NUMBERS: Final = frozenset({IdentifierKind.PERSONAL_NUMBER, IdentifierKind.LEGACY_PERSONAL_NUMBER})


@dataclass(frozen=True, slots=True)
class FoundOfficers:
    """Those within reach; `more`: there may be others."""

    officers: tuple[OfficerAccount, ...]
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerSearchPorts:
    """What the search reads and writes."""

    officers: Officers
    records: IdentityRecords
    search: PeopleSearch
    audit: AuditTrail
    reach: AgencyReach
    looks: RecordLooks
    budget: LookUpBudget


class OfficerSearch:
    """What the room of officers asks. Everything leaves its trace before it is shown, as in the people room."""

    def __init__(self, ports: OfficerSearchPorts, clock: Clock, entropy: Entropy) -> None:
        self._at = ports
        self._clock = clock
        self._entropy = entropy

    async def find(self, admin: Administrator, query: PeopleQuery) -> FoundOfficers:
        """Return who was looked for. Raises `AdministrationError`, also when nobody within reach has an identifier."""
        admin.must(Action.OFFICERS_VIEW)
        purpose, reference = told_purpose(query.purpose, query.reference)
        by_identifier = bool(query.identifier.strip())
        search = None if by_identifier else _search(query)
        await self._at.budget.take(admin)
        if search is None:
            found = FoundOfficers(await self._identified(admin, query.identifier))
        else:
            found = await self._named(admin, search)
        outcome = "listed" if search else "found" if found.officers else "nobody"
        await self._searched(admin, purpose, by="identifier" if by_identifier else "name", outcome=outcome)
        if outcome == "nobody":
            raise InvalidEntryError("identifier", "nobody")
        occasion = Occasion(self._entropy.identifier(), purpose, reference, self._clock.now())
        await self._at.looks.leave(admin, [one.person_id for one in found.officers], occasion, (Seen.LISTED,))
        return found

    async def _identified(self, admin: Administrator, typed: str) -> tuple[OfficerAccount, ...]:
        account_id = await self._at.officers.of_identifier(typed.strip()) or await self._whose(typed)
        officer = None if account_id is None else await self._within(admin, account_id)
        return () if officer is None else (officer,)

    async def _whose(self, typed: str) -> AccountId | None:
        try:
            identifier = parse_sign_in_identifier(typed)
        except RefusedIdentifier:
            return None
        if identifier.kind not in _NUMBERS:
            return await self._at.officers.find(identifier.canonical)
        record = await self._at.records.of_number(identifier.canonical)
        return None if record is None else await self._at.officers.of_person(record.person_id)

    async def _named(self, admin: Administrator, search: NameSearch) -> FoundOfficers:
        officers, after = list[OfficerAccount](), ""
        for _ in range(_STEPS):
            page = await self._at.search.find(search, after, MOST, officers_only=True)
            for record in page.records:
                account_id = await self._at.officers.of_person(record.person_id)
                officer = None if account_id is None else await self._within(admin, account_id)
                officers += [] if officer is None else [officer]
            if page.after is None:
                return FoundOfficers(tuple(officers[:MOST]), len(officers) > MOST)
            if len(officers) >= MOST:
                break
            after = page.after
        return FoundOfficers(tuple(officers[:MOST]), more=True)

    async def _within(self, admin: Administrator, account_id: AccountId) -> OfficerAccount | None:
        officer = await self._at.officers.get(account_id)
        post = None if officer is None else officer.standing_post(self._clock.now())
        if post is None or not await self._at.reach.may(admin, Action.OFFICERS_VIEW, post.agency_code):
            return None
        return officer

    async def _searched(self, admin: Administrator, purpose: Purpose, *, by: str, outcome: str) -> None:
        event = PeopleSearched(
            origin=admin.origin,
            account_id=admin.account_id,
            agency_code=admin.agency_code,
            purpose=purpose.value,
            by=by,
            outcome=outcome,
        )
        await self._at.audit.record(event)


def _search(query: PeopleQuery) -> NameSearch:
    try:
        return name_search(query.name, query.born)
    except RefusedSearch as refused:
        raise InvalidEntryError(refused.field, refused.code) from None
