"""Who may let whom back in: guardians of minors and wards, and people whom the owner has trusted for long enough."""

from idp.domain.accounts.account import Account, AccountKind
from idp.domain.accounts.recovery import people_needed
from idp.domain.ids import AccountId, PersonId, Seconds
from idp.domain.people.ageing import level_at
from idp.domain.representation.guardianship import GUARDIAN_LEVEL
from idp.journeys.recovery.recovering import may_recover
from idp.ports.accounts import Accounts
from idp.ports.authorities import Guardianships
from idp.ports.clock import Clock
from idp.ports.identity_records import IdentityRecords
from idp.ports.recoveries import TrustedPeople

_NOBODY = AccountId("nobody")


class Circle:
    """The people around an account."""

    def __init__(
        self,
        accounts: Accounts,
        people: TrustedPeople,
        guardianships: Guardianships,
        records: IdentityRecords,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._people = people
        self._guardianships = guardianships
        self._records = records
        self._clock = clock

    async def helpers(self, account_id: AccountId | None, now: Seconds) -> tuple[tuple[AccountId, ...], int | None]:
        """Who is asked and how many have to agree: the guardian alone where there is one. Nobody costs the same."""
        account = await self._accounts.get(account_id or _NOBODY)
        guardians = await self._guardians(account.person_id if account else PersonId(_NOBODY), now)
        trusted = await self._people.of_account(account_id or _NOBODY)
        if account is None or not may_recover(account):
            return (), None
        helpers = tuple(each.helper for each in trusted if each.counts_at(now, account.sessions_valid_from))
        return (guardians, 1) if guardians else (helpers, people_needed(len(helpers)))

    async def helped_by(self, helper: Account) -> list[AccountId]:
        """Whose requests may wait for this person's word."""
        found = [each.account_id for each in await self._people.trusting(helper.account_id)]
        for each in await self._guardianships.of_person(helper.person_id):
            if each.guardianship.guardian == helper.person_id and each.guardianship.ward is not None:
                ward = await self._accounts.find(each.details.personal_number)
                found += [ward.account_id] if ward else []
        return found

    async def may_help(self, helper: Account) -> bool:
        """Whether the person is proved well enough for the word to count."""
        if helper.kind is not AccountKind.CITIZEN:
            return False
        record = await self._records.of_account(helper.account_id)
        return record is not None and level_at(record, self._clock.now()) >= GUARDIAN_LEVEL

    async def name_of(self, account_id: AccountId) -> str:
        """What the person is called, for those who are asked."""
        profile = await self._accounts.profile(account_id)
        return str(profile.claims.get("name", "")) if profile else ""

    async def _guardians(self, person_id: PersonId, now: Seconds) -> tuple[AccountId, ...]:
        return tuple(
            each.guardian_account
            for each in await self._guardianships.of_person(person_id)
            if each.guardianship.ward == person_id
            and each.guardian_account is not None
            and each.guardianship.is_in_force(each.birthdate, now)
        )
