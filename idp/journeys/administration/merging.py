"""One person, one account: two records that are alike are compared at a counter, and merged once two people agree.

The surviving account stays the account that it is, so services go on to know the person by the same `sub`.
"""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from idp.domain.accounts.account import Account, AccountKind
from idp.domain.events import AccountsMerged
from idp.domain.ids import AccountId
from idp.domain.offices.administration import Action
from idp.domain.offices.change_request import ChangeRequest
from idp.domain.people.identity_record import IdentityRecord
from idp.domain.people.likeness import Likeness
from idp.domain.people.record_access import Purpose
from idp.domain.values import dataclass
from idp.journeys.administration.administrator import Administrator
from idp.journeys.administration.counter_cases import CaseSight, CounterCases
from idp.journeys.administration.errors import ChangedMeanwhileError, InvalidEntryError, NotFoundError
from idp.journeys.administration.four_eyes import FourEyes
from idp.journeys.administration.own_identity import OwnIdentity
from idp.ports.accounts import Accounts
from idp.ports.clock import Clock
from idp.ports.duplicates import AccountMerge, Duplicates
from idp.ports.identity_records import AlreadyKnownError, IdentityRecords, RecordChangedError

KIND = "people.merge"
_BETWEEN = "+"


@dataclass(frozen=True, slots=True)
class Half:
    """One of two accounts that are compared, with its record."""

    account: Account
    record: IdentityRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A case's person beside somebody who is like him or her."""

    sight: CaseSight
    other: Half
    likeness: Likeness


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedMerge:
    """Which account stays and which number is in force afterwards: the case's person's, or the other one's."""

    other_survives: bool
    other_number: bool


class AccountMerges:
    """Implements `ChangeKind`: the second account is locked for good and forwards to the first."""

    name = KIND
    asks = Action.PEOPLE_MERGE_ASK
    """Who compares them."""
    decides = Action.PEOPLE_MERGE_DECIDE
    """Who looks after identities everywhere."""

    def __init__(
        self, accounts: Accounts, records: IdentityRecords, duplicates: Duplicates, own: OwnIdentity, clock: Clock
    ) -> None:
        self._accounts = accounts
        self._records = records
        self._duplicates = duplicates
        self.own = own
        self._clock = clock

    async def half(self, account_id: AccountId) -> Half:
        """A citizen's account with its record. Raises `NotFoundError`."""
        account = await self._accounts.get(account_id)
        record = await self._records.of_account(account_id)
        if account is None or record is None or account.kind is not AccountKind.CITIZEN:
            raise NotFoundError
        return Half(account, record)

    async def version(self, subject: str) -> str:
        """How both records and accounts stand. Raises `NotFoundError`."""
        surviving, merged = await self._halves(subject)
        return _version(surviving, merged)

    async def shown(self, change: ChangeRequest) -> Mapping[str, str]:
        """Which account stays and which number signs in afterwards; both records stand in the comparison."""
        surviving, _, _ = change.subject.partition(_BETWEEN)
        other = str(change.payload["other"])
        stays, goes = ("other", "this") if surviving == other else ("this", "other")
        return {
            "comparison": f"{change.payload['case']}/merge/{other}",
            "account_stays": f"account_{stays}",
            "account_locked": f"account_{goes}",
            "number_in_force": f"account_{goes if change.payload['number'] == 'merged' else stays}",
        }

    async def apply(self, change: ChangeRequest, decider: Administrator) -> None:
        """Merge them.

        Raises `ChangedMeanwhileError` when either changed, `InvalidEntryError` when a lock holds the one that would go,
        `OwnIdentityError`.
        """
        surviving, merged = await self._halves(change.subject)
        known = await self._duplicates.merge_of(merged.account.account_id)
        if known is not None and known.change_id == change.change_id:
            return
        await self.own.refuse(decider.account_id, surviving.record.person_id, merged.record.person_id)
        if _version(surviving, merged) != change.version:
            raise ChangedMeanwhileError
        if await self._duplicates.has_officer(merged.record.person_id):
            raise ChangedMeanwhileError
        if await self._duplicates.is_held(merged.account.account_id):
            raise InvalidEntryError("surviving", "held")
        merge = AccountMerge(
            merged_account_id=merged.account.account_id,
            merged_person_id=merged.record.person_id,
            surviving_account_id=surviving.account.account_id,
            surviving_person_id=surviving.record.person_id,
            change_id=change.change_id,
            merged_at=self._clock.now(),
            decided_by=decider.account_id,
        )
        record = _united(surviving.record, merged.record, takes_over=change.payload["number"] == "merged")
        event = AccountsMerged(
            origin=decider.origin,
            account_id=merge.merged_account_id,
            surviving_account_id=merge.surviving_account_id,
            decided_by=decider.account_id,
            change_id=change.change_id,
        )
        given_up = tuple(sorted({*_numbers(surviving.record), *_numbers(merged.record)} - {record.personal_number}))
        try:
            told = await self._duplicates.merge(merge, record, given_up, event)
        except (RecordChangedError, AlreadyKnownError) as changed:
            raise ChangedMeanwhileError from changed
        if told is None:
            raise ChangedMeanwhileError

    async def _halves(self, subject: str) -> tuple[Half, Half]:
        surviving, _, merged = subject.partition(_BETWEEN)
        return await self.half(AccountId(surviving)), await self.half(AccountId(merged))


class Merging:
    """The officer's side: compare, and ask."""

    def __init__(self, cases: CounterCases, merges: AccountMerges, duplicates: Duplicates, four_eyes: FourEyes) -> None:
        self._cases = cases
        self._merges = merges
        self._duplicates = duplicates
        self._four_eyes = four_eyes

    async def compare(self, admin: Administrator, case_id: str, other: AccountId) -> Comparison:
        """Put the case's person beside a record that is like it, and no other. Raises `NotFoundError`."""
        admin.must(Action.PEOPLE_MERGE_ASK)
        sight = await self._cases.see(admin, case_id)
        likeness = next((each for each in sight.likenesses if each.account_id == other), None)
        if likeness is None:
            raise NotFoundError
        half = await self._merges.half(other)
        await self._cases.look(admin, sight.case, half.record.person_id, Purpose.DUPLICATE)
        return Comparison(sight=sight, other=half, likeness=likeness)

    async def ask(self, admin: Administrator, case_id: str, other: AccountId, wanted: WantedMerge) -> ChangeRequest:
        """Ask that the two become one.

        Raises `InvalidEntryError` when this one cannot survive, `NotFoundError`, `OwnIdentityError`.
        """
        compared = await self.compare(admin, case_id, other)
        this = Half(compared.sight.account, compared.sight.record)
        await self._merges.own.refuse(admin.account_id, this.record.person_id, compared.other.record.person_id)
        surviving, merged = (compared.other, this) if wanted.other_survives else (this, compared.other)
        if not surviving.account.is_active:
            raise InvalidEntryError("surviving", "locked")
        if await self._duplicates.has_officer(merged.record.person_id):
            raise InvalidEntryError("surviving", "officer")
        if await self._duplicates.is_held(merged.account.account_id):
            raise InvalidEntryError("surviving", "held")
        number = "surviving" if wanted.other_number is wanted.other_survives else "merged"
        subject = f"{surviving.account.account_id}{_BETWEEN}{merged.account.account_id}"
        payload = {"case": case_id, "other": other, "number": number}
        return await self._four_eyes.ask(admin, KIND, subject, payload)


def _united(surviving: IdentityRecord, merged: IdentityRecord, *, takes_over: bool) -> IdentityRecord:
    """The surviving record with every number that either had; what else the merged one holds stays where it is."""
    number = merged.personal_number if takes_over else surviving.personal_number
    former = dict.fromkeys((*_numbers(merged), *_numbers(surviving)))
    return replace(surviving, personal_number=number, former_numbers=tuple(each for each in former if each != number))


def _numbers(record: IdentityRecord) -> tuple[str, ...]:
    return (*record.former_numbers, record.personal_number)


def _version(surviving: Half, merged: Half) -> str:
    told = (
        *(half.account.account_id.encode() for half in (surviving, merged)),
        *(half.account.status.encode() for half in (surviving, merged)),
        *(sha256(half.record.seal).digest() for half in (surviving, merged)),
    )
    return sha256(b"\n".join(told)).hexdigest()
